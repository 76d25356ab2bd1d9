//! The authorize endpoint: which client, callback, flow and scopes Cognito takes.
//!
//! Cognito answers with a redirect and where it leads is the evidence: to its own login page if it takes the request, to its own
//! error page if client or callback are wrong, to the callback if flow or scopes are. The login page proves only what the redirect
//! carries back: AWS documents that it has the same parameters, and that a scope may be left out of them. AWS warns that error texts
//! are not fixed, so `error` and `error_description` are both looked at, and what is not understood shows nothing. A *control*, the same request
//! with a callback that nobody can have registered, must be refused for it: a captive portal or a firewall would let it pass.

mod reply;
#[cfg(test)]
mod tests;

use super::told::USER_POOL;
pub(super) use reply::{Refusal, Reply, classify, external_provider};

use super::unclear::{self, summary};
use super::{
    CallbackStanding, ClientStanding, ClientWorld, Evidence, Exchange, ExchangeId, FlowStanding,
    IdentityProviderStanding, LoginPage, Missing, Need, ScopeStanding, Seen,
};
use crate::config::cognito::OWN_USERS;

/// The two questions every client is asked, and what came back.
pub(super) struct Probe<'a> {
    main: &'a Exchange,
    control: &'a Exchange,
    reply: Reply,
    control_reply: Reply,
}

/// Whether an answer of the authorize endpoint shows that the callback of the request is registered.
pub fn knows_callback(exchange: &Exchange) -> bool {
    classify(exchange).knows_callback()
}

/// What is worth asking next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing.
    Nothing,
    /// Each scope by itself.
    Scopes,
    /// Similar callbacks.
    Callbacks,
    /// The login page at this URL.
    LoginPage(String),
}

/// Further questions that name the culprit.
#[derive(Default)]
pub(super) struct Followed {
    /// Each scope asked for by itself (together with `openid`), and the answer.
    pub(super) scopes: Vec<(String, Exchange)>,
    /// Each similar callback, and the answer.
    pub(super) callbacks: Vec<(String, Exchange)>,
}

impl ClientWorld {
    /// These exchanges show it too.
    pub(super) fn witness(&mut self, ids: &[ExchangeId]) {
        fn add<T>(evidence: &mut Evidence<T>, ids: &[ExchangeId]) {
            if let Ok(seen) = evidence {
                seen.witnesses.extend_from_slice(ids);
            }
        }
        add(&mut self.callback, ids);
        add(&mut self.flow, ids);
        add(&mut self.scopes, ids);
    }
}

impl<'a> Probe<'a> {
    /// Reads the request as Pomerium sends it and its control.
    pub(super) fn read(main: &'a Exchange, control: &'a Exchange) -> Self {
        Self { reply: classify(main), control_reply: classify(control), main, control }
    }

    /// The same, asked of a pool: a redirect that belongs to another one proves nothing of it.
    pub(super) fn of_pool(self, pool: Option<&str>) -> Self {
        let named = unclear::answer(self.main).ok().and_then(|answer| answer.read.get(USER_POOL));
        match (&self.reply, named, pool) {
            (Reply::External { .. }, Some(named), Some(pool)) if named != pool => {
                let expected = format!("a request of the pool {pool}, not of {named}");
                Self { reply: Reply::Nothing(unclear::inconclusive(self.main, &expected)), ..self }
            }
            _ => self,
        }
    }

    /// The control was refused for its callback: who answers is Cognito, and it takes the client.
    pub(super) fn is_proven(&self) -> bool {
        self.control_reply.is_error_page("redirect_mismatch")
    }

    /// Cognito refuses the client itself, whatever the callback.
    fn is_client_refused(&self) -> bool {
        [&self.reply, &self.control_reply].into_iter().all(|reply| reply.is_error_page("invalid_request"))
    }

    /// What is worth asking next.
    pub(super) fn next(&self) -> Next {
        match &self.reply {
            _ if !self.is_proven() => Next::Nothing,
            Reply::Login { url, message: None } => Next::LoginPage(url.clone()),
            Reply::Callback(refusal) if refusal.mentions("invalid_scope") => Next::Scopes,
            reply if reply.is_error_page("redirect_mismatch") => Next::Callbacks,
            _ => Next::Nothing,
        }
    }

    /// What users get to see, where the answer itself tells: Cognito leads elsewhere than to a page of its own.
    pub(super) fn page(&self) -> Option<Seen<LoginPage>> {
        let page = match &self.reply {
            _ if !self.is_proven() => return None,
            Reply::External { host } => LoginPage::External { host: host.clone() },
            Reply::Callback(refusal) if refusal.refuses_login() => LoginPage::Refused { error: refusal.error.clone() },
            _ => return None,
        };
        Some(self.seen(page))
    }

    /// What is known of the client. `provider` is the identity provider that the request names.
    pub(super) fn judge(&self, followed: &Followed, provider: Option<&str>) -> ClientWorld {
        if self.is_client_refused() {
            ClientWorld {
                standing: Ok(self.seen(ClientStanding::NotUsable { error: "invalid_request".to_owned() })),
                ..ClientWorld::missing(&Missing::Follows(Need::Authorize))
            }
        } else if self.is_proven() {
            self.judge_proven(followed, provider)
        } else {
            ClientWorld::missing(&self.unproven())
        }
    }

    /// Cognito is known to answer and to take the client.
    fn judge_proven(&self, followed: &Followed, provider: Option<&str>) -> ClientWorld {
        let follows = || Missing::Follows(Need::Authorize);
        let unclear = self.unclear();
        let mut standings = ClientWorld {
            standing: Ok(Seen { value: ClientStanding::Usable, witnesses: vec![self.control.id.clone()] }),
            ..ClientWorld::missing(&unclear)
        };
        if self.reply.knows_callback() {
            standings.standing = Ok(self.seen(ClientStanding::Usable));
            standings.callback = Ok(self.seen(CallbackStanding::Registered));
        }
        if self.reply.is_taken() {
            standings.flow = Ok(self.seen(FlowStanding::Allowed));
            standings.scopes = Ok(self.seen(ScopeStanding::Allowed));
            standings.identity_provider = self.provider(provider);
            return standings;
        }
        match &self.reply {
            // Scopes are checked before any provider is involved.
            Reply::Login { message: Some(message), .. } if is_not_enabled(message) => {
                standings.standing = Ok(self.seen(ClientStanding::Usable));
                standings.callback = Ok(self.seen(CallbackStanding::Registered));
                standings.flow = Ok(self.seen(FlowStanding::Allowed));
                standings.scopes = Ok(self.seen(ScopeStanding::Allowed));
                standings.identity_provider =
                    Ok(self.seen(IdentityProviderStanding::NotEnabled { message: message.clone() }));
            }
            reply if reply.is_error_page("redirect_mismatch") => {
                standings.callback = Ok(self.near_misses(followed));
                standings.flow = Err(follows());
                standings.scopes = Err(follows());
                standings.identity_provider = Err(follows());
            }
            Reply::ErrorPage(refusal) | Reply::Callback(refusal) if refusal.mentions("invalid_scope") => {
                standings.scopes = Ok(self.culprits(followed));
                standings.flow = flow_of_singles(followed).unwrap_or_else(|| Err(follows()));
                standings.identity_provider = Err(follows());
            }
            Reply::ErrorPage(refusal) | Reply::Callback(refusal) if refusal.mentions("unauthorized_client") => {
                standings.flow = Ok(self.seen(refused(refusal)));
                standings.scopes = Err(follows());
                standings.identity_provider = Err(follows());
            }
            _ => {}
        }
        standings
    }

    fn provider(&self, named: Option<&str>) -> Evidence<IdentityProviderStanding> {
        match (&self.reply, named) {
            (Reply::External { .. }, _) | (Reply::Login { .. }, Some(OWN_USERS)) => {
                Ok(self.seen(IdentityProviderStanding::Enabled))
            }
            _ => Err(unclear::inconclusive(self.main, "a redirect to the identity provider that the request names")),
        }
    }

    fn near_misses(&self, followed: &Followed) -> Seen<CallbackStanding> {
        let mut witnesses = self.witnesses();
        let mut tried = Vec::new();
        let mut near = None;
        for (callback, exchange) in &followed.callbacks {
            let reply = classify(exchange);
            if reply.knows_callback() && near.is_none() {
                near = Some(callback.clone());
            } else if reply.is_error_page("redirect_mismatch") {
                tried.push(callback.clone());
            } else {
                continue;
            }
            witnesses.push(exchange.id.clone());
        }
        Seen { value: CallbackStanding::NotRegistered { near, tried }, witnesses }
    }

    fn culprits(&self, followed: &Followed) -> Seen<ScopeStanding> {
        let mut witnesses = self.witnesses();
        let mut culprits = Vec::new();
        for (scope, exchange) in &followed.scopes {
            witnesses.push(exchange.id.clone());
            if classify(exchange).is_callback_error("invalid_scope") {
                culprits.push(scope.clone());
            }
        }
        // Every other scope was asked for together with `openid`, and so could not but be refused.
        if culprits.iter().any(|scope| scope == "openid") {
            culprits.retain(|scope| scope == "openid");
        }
        Seen { value: ScopeStanding::Refused { culprits }, witnesses }
    }

    fn unproven(&self) -> Missing {
        match (&self.reply, &self.control_reply) {
            // Cognito itself says why, even if the control could not be asked.
            (Reply::Login { message: Some(_), .. }, Reply::Nothing(_)) => self.unclear(),
            (Reply::Nothing(why), _) | (_, Reply::Nothing(why)) => why.clone(),
            (_, reply) if reply.knows_callback() || matches!(reply, Reply::Login { .. }) => {
                self.doubt("something between here and Cognito answers every question the same way")
            }
            _ => self.doubt("the two answers contradict each other"),
        }
    }

    /// The control did not do as Cognito does.
    fn doubt(&self, why: &str) -> Missing {
        match unclear::answer(self.control) {
            Err(missing) => missing,
            Ok(answer) => Missing::Inconclusive {
                url: self.control.request.url.clone(),
                status: answer.status,
                why: format!(
                    "{why}: a callback that nobody can have registered should give redirect_mismatch, not {}",
                    summary(answer)
                ),
            },
        }
    }

    fn unclear(&self) -> Missing {
        match &self.reply {
            Reply::Nothing(why) => why.clone(),
            Reply::Login { message: Some(message), .. } => {
                let expected = format!("the login page, without the message “{message}”");
                unclear::inconclusive(self.main, &expected)
            }
            _ => unclear::inconclusive(self.main, "one of the redirects that Cognito is known to give"),
        }
    }

    fn witnesses(&self) -> Vec<ExchangeId> {
        vec![self.main.id.clone(), self.control.id.clone()]
    }

    fn seen<T>(&self, value: T) -> Seen<T> {
        Seen { value, witnesses: self.witnesses() }
    }
}

/// Cognito's `Login option is not available. Please try another one`.
fn is_not_enabled(message: &str) -> bool {
    message.to_ascii_lowercase().contains("login option is not available")
}

fn refused(refusal: &Refusal) -> FlowStanding {
    FlowStanding::Refused { error: refusal.error.clone(), description: refusal.description.clone() }
}

/// Which of flow and scopes Cognito checks first is not known: a single scope that is taken, or refused for the flow, tells.
fn flow_of_singles(followed: &Followed) -> Option<Evidence<FlowStanding>> {
    followed.scopes.iter().find_map(|(_, exchange)| {
        let value = match classify(exchange) {
            reply if reply.is_taken() => FlowStanding::Allowed,
            Reply::Callback(refusal) if refusal.mentions("unauthorized_client") => refused(&refusal),
            _ => return None,
        };
        Some(Ok(Seen { value, witnesses: vec![exchange.id.clone()] }))
    })
}
