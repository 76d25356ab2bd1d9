//! The authorize endpoint: which client, callback, flow and scopes Cognito takes.
//!
//! Cognito answers with a redirect and where it leads is the evidence: to its own login page if it takes the request, to its own
//! error page if client or callback are wrong, to the callback if flow or scopes are. AWS warns that error texts are not fixed,
//! so `error` and `error_description` are both looked at, and what is not understood shows nothing. A *control*, the same request
//! with a callback that nobody can have registered, must be refused for it: a captive portal or a firewall would let it pass.

#[cfg(test)]
mod tests;

use url::{Host, Url};

use super::unclear::{self, excerpt, summary};
use super::{
    CallbackStanding, ClientStanding, Evidence, Exchange, ExchangeId, FlowStanding, IdentityProviderStanding,
    LoginPage, Missing, Need, ScopeStanding, Seen,
};

/// What an answer of the authorize endpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// The request is taken: Cognito leads to its login page.
    Login {
        /// The page.
        url: String,
        /// The `errorMessage` it is to show.
        message: Option<String>,
    },
    /// The request is taken: Cognito leads straight to an external identity provider.
    External {
        /// Its host.
        host: String,
    },
    /// Cognito leads to its own error page.
    ErrorPage(Refusal),
    /// Cognito leads back to the callback with an error, so it knows the callback.
    Callback(Refusal),
    /// Nothing that is understood.
    Nothing(Missing),
}

/// The error parameters of a redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) error: String,
    pub(super) description: Option<String>,
}

impl Refusal {
    fn read(parameters: &[(String, String)]) -> Option<Self> {
        let value = |name: &str| value_of(parameters, name).map(|value| excerpt(&value));
        let error = value("error").filter(|error| !error.is_empty())?;
        Some(Self { error, description: value("error_description") })
    }

    /// Nothing is wrong with the request, but without a session no login is to be shown: `prompt=none` was asked for (`OpenID`
    /// Connect Core 1.0 §3.1.2.6).
    fn refuses_login(&self) -> bool {
        ["login_required", "interaction_required"].into_iter().any(|code| self.mentions(code))
    }

    /// `error` or `error_description` is, or contains, this code.
    fn mentions(&self, code: &str) -> bool {
        let words = [Some(&self.error), self.description.as_ref()];
        words.into_iter().flatten().any(|words| words.to_ascii_lowercase().contains(code))
    }
}

impl Reply {
    /// Cognito finds no fault with the request: with its client, callback, flow and scopes. That a login is shown is another
    /// question.
    pub(super) fn is_taken(&self) -> bool {
        match self {
            Self::Login { message, .. } => message.is_none(),
            Self::External { .. } => true,
            Self::Callback(refusal) => refusal.refuses_login(),
            _ => false,
        }
    }

    /// It shows that the callback of the request is registered.
    pub(super) fn knows_callback(&self) -> bool {
        self.is_taken() || matches!(self, Self::Callback(_))
    }

    fn is_error_page(&self, code: &str) -> bool {
        matches!(self, Self::ErrorPage(refusal) if refusal.error.eq_ignore_ascii_case(code))
    }

    fn is_callback_error(&self, code: &str) -> bool {
        matches!(self, Self::Callback(refusal) if refusal.mentions(code))
    }
}

/// Reads one answer of the authorize endpoint.
pub(super) fn classify(exchange: &Exchange) -> Reply {
    let answer = match unclear::answer(exchange) {
        Ok(answer) => answer,
        Err(missing) => return Reply::Nothing(missing),
    };
    let nothing = |expected: &str| Reply::Nothing(unclear::inconclusive(exchange, expected));
    let expected = "a redirect to Cognito's login page, its error page or the callback";
    let location = answer.header("location").filter(|_| matches!(answer.status, 301 | 302 | 303 | 307 | 308));
    let Some((asked, target)) = location.and_then(|location| {
        let asked = Url::parse(&exchange.request.url).ok()?;
        let target = asked.join(location).ok()?;
        Some((asked, target))
    }) else {
        return nothing(expected);
    };
    let sent = pairs(&asked);
    // The callback first: it may share its host with the login domain.
    if let Some(parameters) = callback_parameters(&target, &value_of(&sent, "redirect_uri").unwrap_or_default()) {
        return Refusal::read(&parameters)
            .map_or_else(|| nothing("an error at the callback, as nobody has logged in"), Reply::Callback);
    }
    if target.origin() == asked.origin() {
        let parameters = pairs(&target);
        let is_about_us = match value_of(&parameters, "client_id") {
            Some(client) => value_of(&sent, "client_id") == Some(client),
            None => answer.is_from_cognito(),
        };
        return match target.path() {
            "/login" if is_about_us => Reply::Login {
                message: value_of(&parameters, "errorMessage").map(|message| excerpt(&message)),
                url: target.into(),
            },
            "/error" if is_about_us => {
                Refusal::read(&parameters).map_or_else(|| nothing("an `error` on the error page"), Reply::ErrorPage)
            }
            _ => nothing(expected),
        };
    }
    external_provider(&target).map_or_else(|| nothing(expected), |host| Reply::External { host: host.to_owned() })
}

/// The host of the identity provider to which Cognito itself sends a browser on. An `OpenID` Connect provider is to answer to
/// `/oauth2/idpresponse`, a SAML provider is sent a `SAMLRequest`; a portal in between knows neither.
pub(super) fn external_provider(target: &Url) -> Option<&str> {
    let is_cognitos = |answer_to: &str| {
        Url::parse(answer_to).is_ok_and(|url| url.scheme() == "https" && url.path() == "/oauth2/idpresponse")
    };
    let is_request = target.query_pairs().any(|(name, value)| match &*name {
        "redirect_uri" => is_cognitos(&value),
        "SAMLRequest" => !value.is_empty(),
        _ => false,
    });
    match target.host() {
        Some(Host::Domain(host)) if target.scheme() == "https" && host.contains('.') && is_request => Some(host),
        _ => None,
    }
}

fn value_of(parameters: &[(String, String)], name: &str) -> Option<String> {
    parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}

fn pairs(url: &Url) -> Vec<(String, String)> {
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// What was added to the callback, in the query or the fragment; `None` if the target is another place. Hosts and ports are
/// compared as browsers compare them, paths byte by byte, so that `/cb` is not taken for `/cbx`.
fn callback_parameters(target: &Url, redirect_uri: &str) -> Option<Vec<(String, String)>> {
    let callback = Url::parse(redirect_uri).ok()?;
    let place = |url: &Url| {
        let (scheme, host) = (url.scheme().to_owned(), url.host_str().map(str::to_owned));
        (scheme, host, url.port_or_known_default(), url.path().to_owned(), url.username().to_owned())
    };
    if place(target) != place(&callback) {
        return None;
    }
    let own = pairs(&callback);
    let all = pairs(target);
    let added = all.strip_prefix(own.as_slice())?;
    let fragment = url::form_urlencoded::parse(target.fragment().unwrap_or_default().as_bytes());
    let fragment = fragment.map(|(name, value)| (name.into_owned(), value.into_owned()));
    Some(added.iter().cloned().chain(fragment).collect())
}

/// The two questions every client is asked, and what came back.
pub(super) struct Probe<'a> {
    main: &'a Exchange,
    control: &'a Exchange,
    reply: Reply,
    control_reply: Reply,
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

/// What is known of the client.
pub(super) struct Standings {
    pub(super) standing: Evidence<ClientStanding>,
    pub(super) callback: Evidence<CallbackStanding>,
    pub(super) flow: Evidence<FlowStanding>,
    pub(super) scopes: Evidence<ScopeStanding>,
    pub(super) identity_provider: Evidence<IdentityProviderStanding>,
}

impl Standings {
    /// The same reason for all.
    pub(super) fn missing(why: &Missing) -> Self {
        Self {
            standing: Err(why.clone()),
            callback: Err(why.clone()),
            flow: Err(why.clone()),
            scopes: Err(why.clone()),
            identity_provider: Err(why.clone()),
        }
    }
}

impl<'a> Probe<'a> {
    /// Reads the request as Pomerium sends it and its control.
    pub(super) fn read(main: &'a Exchange, control: &'a Exchange) -> Self {
        Self { reply: classify(main), control_reply: classify(control), main, control }
    }

    /// The control was refused for its callback: who answers is Cognito, and it takes the client.
    fn is_proven(&self) -> bool {
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
    pub(super) fn judge(&self, followed: &Followed, provider: Option<&str>) -> Standings {
        if self.is_client_refused() {
            Standings {
                standing: Ok(self.seen(ClientStanding::NotUsable { error: "invalid_request".to_owned() })),
                ..Standings::missing(&Missing::Follows(Need::Authorize))
            }
        } else if self.is_proven() {
            self.judge_proven(followed, provider)
        } else {
            Standings::missing(&self.unproven())
        }
    }

    /// Cognito is known to answer and to take the client.
    fn judge_proven(&self, followed: &Followed, provider: Option<&str>) -> Standings {
        let follows = || Missing::Follows(Need::Authorize);
        let unclear = self.unclear();
        let mut standings = Standings {
            standing: Ok(Seen { value: ClientStanding::Usable, witnesses: vec![self.control.id.clone()] }),
            ..Standings::missing(&unclear)
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
            (Reply::External { .. }, _) | (Reply::Login { .. }, Some("COGNITO")) => {
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
