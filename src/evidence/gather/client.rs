//! What is asked about one app client.

use futures_util::future::{OptionFuture, join, join_all};

use super::asking::Asking;
use super::repeat::Repeated;
use super::{Gathering, UNASKED, ask};
use crate::config::cognito::region_of_pool;
use crate::config::{Change, Client, ClientLiterals, ClientSecret, Config, Gap};
use crate::evidence::NO_SIGN_OUT;
use crate::evidence::authorize::{Followed, Next, Probe, classify};
use crate::evidence::questions::{self, Parameters, unpredictable};
use crate::evidence::{
    ClientStanding, ClientWorld, DiscoveryDocument, Evidence, Exchange, LoginPage, Missing, Need, Question,
    SecretPresence, SecretStanding, Seen, SignOutStanding, login_page, secret_probe, sign_out,
};
use crate::secret::Secret;

/// What is known of one client, and the answers of the authorize endpoint.
pub(super) struct ClientAnswers {
    pub(super) world: ClientWorld,
    pub(super) authorize: Vec<Exchange>,
}

impl Gathering<'_> {
    /// Asks all that is to be asked about one client.
    pub(super) async fn client(&self, index: usize, client: &Client, document: &DiscoveryDocument) -> ClientAnswers {
        let nothing = |why: &Missing| ClientAnswers { world: ClientWorld::missing(why), authorize: Vec::new() };
        if !self.wants(Need::Authorize) {
            return nothing(&UNASKED);
        }
        match self.asking(index, client, document) {
            Ok(asking) => asking.run().await,
            Err(why) => nothing(&why),
        }
    }
}

impl Asking<'_> {
    async fn run(&self) -> ClientAnswers {
        let (authorize, (tokens, sign_out)) = join(self.authorize(), join(self.tokens(), self.sign_out())).await;
        let (mut main, mut control) = authorize;
        let first = Probe::read(&main, &control);
        let ((mut followed, mut page), secret) = join(self.follow_up(&first), self.secret(tokens)).await;
        let repeated = self.repeat(&main, &first).await;
        if let Repeated::Taken { again, .. } = &repeated {
            if !first.is_proven() {
                control = self.control_again(control).await;
            }
            main = again.clone();
            (followed, page) = self.follow_up(&Probe::read(&main, &control)).await;
        }
        let issuer = self.gathering.literals.pool.as_ref().ok().map(|pool| pool.0.value.as_str());
        // What runs may not show its issuer.
        let pool = issuer.and_then(|issuer| issuer.rsplit('/').next()).filter(|pool| region_of_pool(pool).is_some());
        let probe = Probe::read(&main, &control).of_pool(pool);
        let mut world = probe.judge(&followed, self.parameters.get("identity_provider").map(String::as_str));
        let mut login_page = self.login_page(&probe, page);
        match &repeated {
            Repeated::Contradicted(why) => {
                world = ClientWorld { standing: world.standing, ..ClientWorld::missing(why) };
                login_page = Err(Missing::Follows(Need::Authorize));
            }
            Repeated::Refused(ids) | Repeated::Taken { ids, .. } => world.witness(ids),
            Repeated::Not => {}
        }
        if let Err(gap) = &self.gathering.literals.scopes {
            world.scopes = Err(gap.into());
        }
        let secret = after(&world.standing, secret, |secret| {
            matches!(secret, SecretStanding::Rejected { .. } | SecretStanding::Required)
        });
        let sign_out = after(&world.standing, sign_out, |standing| *standing != SignOutStanding::Registered);
        let has_secret = presence(&secret);
        let world = ClientWorld { login_page, secret, has_secret, sign_out, ..world };
        ClientAnswers { world, authorize: vec![main, control] }
    }

    async fn ask_authorize(&self, name: &str, parameters: &Parameters) -> Exchange {
        self.gathering.asker.ask(self.authorize_question(name, parameters)).await
    }

    /// The request as Pomerium sends it, and its control.
    async fn authorize(&self) -> (Exchange, Exchange) {
        let control = self.control();
        join(self.ask_authorize("authorize", &self.parameters), self.ask_authorize("authorize-control", &control)).await
    }

    /// As many similar callbacks may be tried as leave room for all other questions about this client.
    fn similar_callbacks(&self) -> Vec<String> {
        let options = self.gathering.options;
        let secret = if self.gathering.wants(Need::Token) && options.probe_secret { 3 } else { 0 };
        let sign_out = if self.gathering.wants(Need::SignOut) && options.probe_sign_out { 2 } else { 0 };
        // The issuer's three, the request with its control, and its repetition.
        let left = ask::EACH - 6 - secret - sign_out;
        let settings = self.gathering.config.settings.as_ref();
        let path = settings.and_then(|settings| settings.authenticate_callback_path.as_ref());
        let path = path.map(|path| path.value.as_str());
        questions::near_callbacks(self.parameter("redirect_uri"), path, left)
    }

    /// What names the culprit, or the login page.
    async fn follow_up(&self, probe: &Probe<'_>) -> (Followed, Option<Exchange>) {
        let mut followed = Followed::default();
        let is_told = self.gathering.answers.is_some_and(|answers| answers.tells_of(self.index));
        match probe.next() {
            // What the client lists was read.
            Next::Scopes | Next::Callbacks if is_told => {}
            Next::Scopes => {
                let scopes = questions::single_scopes(self.parameter("scope"));
                let asked = scopes.into_iter().enumerate().map(|(place, (word, scope))| async move {
                    let parameters = questions::with(&self.parameters, "scope", &scope);
                    let is_plain =
                        word.len() <= 32 && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                    let name = if is_plain { word.clone() } else { (place + 1).to_string() };
                    (word, self.ask_authorize(&format!("scope-{name}"), &parameters).await)
                });
                followed.scopes = join_all(asked).await;
            }
            Next::Callbacks => {
                let callbacks: Vec<(usize, String)> = (1..).zip(self.similar_callbacks()).collect();
                for batch in callbacks.chunks(questions::FOLLOW_UPS) {
                    let asked = batch.iter().map(|(number, callback)| async move {
                        let parameters = questions::with(&self.parameters, "redirect_uri", callback);
                        let name = format!("callback-near-{number}");
                        (callback.clone(), self.ask_authorize(&name, &parameters).await)
                    });
                    followed.callbacks.extend(join_all(asked).await);
                    if followed.callbacks.iter().any(|(_, exchange)| classify(exchange).knows_callback()) {
                        break;
                    }
                }
            }
            Next::LoginPage(url) if self.gathering.wants(Need::LoginPage) => {
                let page = self.gathering.asker.ask(Question::get(&self.id("login-page"), url)).await;
                return (followed, Some(page));
            }
            Next::Nothing | Next::LoginPage(_) => {}
        }
        (followed, None)
    }

    fn login_page(&self, probe: &Probe<'_>, page: Option<Exchange>) -> Evidence<LoginPage> {
        match page {
            _ if !self.gathering.wants(Need::LoginPage) => Err(UNASKED),
            Some(page) => login_page::judge(&page),
            None => probe.page().ok_or(Missing::Follows(Need::Authorize)),
        }
    }

    /// The second wave of the secret probe: with the secret and with a wrong one, or without any.
    async fn tokens(&self) -> Result<(Exchange, Option<Exchange>), Missing> {
        if !self.gathering.wants(Need::Token) {
            return Err(UNASKED);
        }
        if !self.gathering.options.probe_secret {
            return Err(Missing::Declined { flag: "--probe-secret" });
        }
        let Some(secret) = configured_secret(
            self.client,
            self.gathering.literals.clients.get(self.index),
            ": --probe-secret needs the client secret itself",
        )?
        else {
            return Ok((self.ask_token("token-public", self.parameter("client_id"), None).await, None));
        };
        let wrong = Secret::new(unpredictable());
        let id = self.parameter("client_id");
        let (own, wrong) =
            join(self.ask_token("token", id, Some(secret)), self.ask_token("token-control", id, Some(wrong))).await;
        Ok((own, Some(wrong)))
    }

    /// The third wave: without a secret if it was refused, for an unknown client if none was needed.
    async fn secret(&self, tokens: Result<(Exchange, Option<Exchange>), Missing>) -> Evidence<SecretStanding> {
        match tokens? {
            (own, Some(wrong)) => {
                let is_open = secret_probe::is_refused(&own) && secret_probe::is_refused(&wrong);
                let without = is_open.then(|| self.ask_token("token-public", self.parameter("client_id"), None));
                let without = OptionFuture::from(without).await;
                secret_probe::judge_configured(&own, &wrong, without.as_ref())
            }
            (without, None) => {
                let stranger = unpredictable().replace('-', "");
                let unknown = secret_probe::is_accepted(&without)
                    .then(|| self.ask_token("token-unknown-client", &stranger, None));
                let unknown = OptionFuture::from(unknown).await;
                secret_probe::judge_absent(&without, unknown.as_ref())
            }
        }
    }

    async fn ask_token(&self, name: &str, client_id: &str, secret: Option<Secret>) -> Exchange {
        let redirect_uri = self.parameter("redirect_uri");
        let question = questions::token(&self.id(name), self.document, client_id, redirect_uri, secret);
        self.gathering.asker.ask(question).await
    }

    async fn sign_out(&self) -> Evidence<SignOutStanding> {
        if !self.gathering.wants(Need::SignOut) {
            return Err(UNASKED);
        }
        let Some(uri) = &self.login.sign_out_uri else {
            return Err(self.no_sign_out());
        };
        if !self.gathering.options.probe_sign_out {
            return Err(Missing::Declined { flag: "--probe-sign-out" });
        }
        let question = |name: &str, uri: &str| {
            let endpoint = &self.document.authorization_endpoint;
            questions::sign_out(&self.id(name), endpoint, self.parameter("client_id"), uri)
                .ok_or(Missing::Follows(Need::Domain))
        };
        let own = question("sign-out", uri)?;
        let control = question("sign-out-control", &format!("https://{}.invalid/", unpredictable()))?;
        let (own, control) = join(self.gathering.asker.ask(own), self.gathering.asker.ask(control)).await;
        sign_out::judge(&own, &control)
    }

    /// Why there is no address that signs users out. Of what runs, its own sign-out shows the provider, and whether there is one.
    fn no_sign_out(&self) -> Missing {
        let Config { form, settings, version, .. } = self.gathering.config;
        // The newest release that it may be has none, whatever the provider is.
        let sends_none = !version.has(Change::SignOutAtProvider);
        let is_shown = settings.as_ref().is_some_and(|settings| settings.idp_provider.is_some());
        match self.gathering.options.probe_sign_out {
            _ if is_shown || sends_none || !form.is_running() => NO_SIGN_OUT,
            false => Missing::Declined { flag: "--probe-sign-out" },
            true => Missing::Elsewhere("the sign-out of what runs does not show its idp_provider".to_owned()),
        }
    }
}

/// Whether the client has a secret, as the answers about the configured one tell.
fn presence(secret: &Evidence<SecretStanding>) -> Evidence<SecretPresence> {
    secret.clone().map(|seen| {
        let value = match seen.value {
            SecretStanding::Accepted { .. } | SecretStanding::Rejected { .. } | SecretStanding::Required => {
                SecretPresence::Present
            }
            SecretStanding::NotExpected | SecretStanding::Public => SecretPresence::Absent,
        };
        Seen { value, witnesses: seen.witnesses }
    })
}

/// A complaint counts only about a client that Cognito takes: of any other, every complaint is a consequence.
fn after<T>(
    standing: &Evidence<ClientStanding>,
    evidence: Evidence<T>,
    is_complaint: impl Fn(&T) -> bool,
) -> Evidence<T> {
    let is_usable = matches!(standing, Ok(Seen { value: ClientStanding::Usable, .. }));
    match evidence {
        Ok(seen) if !is_usable && is_complaint(&seen.value) => Err(Missing::Follows(Need::Authorize)),
        evidence => evidence,
    }
}

/// The secret that Pomerium sends, if any; where it is kept, with what could help.
pub(super) fn configured_secret(
    client: &Client,
    literals: Option<&ClientLiterals>,
    help: &str,
) -> Result<Option<Secret>, Missing> {
    match (&client.secret, literals.map(|literals| &literals.secret)) {
        (ClientSecret::Absent, _) => Ok(None),
        (_, Some(Ok(secret))) => Ok(Some(secret.0.value.clone()).filter(|secret| !secret.expose().is_empty())),
        (_, Some(Err(Gap::Kept(why)))) => Err(Missing::Unconfigured(format!("{why}{help}"))),
        (_, Some(Err(gap))) => Err(gap.into()),
        (_, None) => Err(Missing::Follows(Need::File)),
    }
}
