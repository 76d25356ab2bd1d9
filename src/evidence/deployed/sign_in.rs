//! The login page of the authenticate service: what Pomerium sends to its identity provider.

use url::Url;

use super::OWN_PAGE;
use super::cookies::RunningCookies;
use super::door;
use super::own::{self, error_id};
use super::places::Page;
use super::who::Stranger;
use crate::config::cognito::{is_issuer_host, is_login_host};
use crate::config::{Span, is_hosted};
use crate::evidence::unclear::{self, status_line};
use crate::evidence::{Answer, Evidence, Exchange, Missing, Seen, redact, told};
use crate::secret::paste::is_cut;

/// What the authenticate service does with a visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInAnswer {
    /// The address that was asked.
    pub url: String,
    /// The place of the answer's status.
    pub at: Span,
    /// What it does.
    pub kind: SignInKind,
}

/// What the authenticate service does with a visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInKind {
    /// It sends them to the identity provider.
    Login(RunningRequest),
    /// It cannot: 500.
    Fails {
        /// What its log calls this request.
        request_id: Option<String>,
    },
    /// It is not there: somebody else answers.
    NotRouted(Stranger),
    /// Envoy answers that nothing is behind it; says what came.
    Down(String),
}

/// The authorize request of a running Pomerium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningRequest {
    /// Where it goes, without its parameters.
    pub endpoint: String,
    /// The place of that.
    pub at: Span,
    /// The host of that.
    pub host: String,
    /// Whose login it is.
    pub provider: RunningProvider,
    /// It goes to a host of Cognito's at another port than that of https, or with a user name.
    pub is_odd: bool,
    /// Its parameters but for those that Pomerium makes anew for each: `state`, and those of PKCE.
    pub parameters: Vec<RunningParameter>,
}

/// A parameter of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningParameter {
    /// Its name.
    pub name: String,
    /// Its value as it is kept: of a secret, that there is one.
    pub shown: String,
    /// The place of that.
    pub at: Span,
}

impl RunningParameter {
    /// What is really sent, to be compared and sent again; nothing if some of it was cut.
    pub fn value(&self) -> Option<&str> {
        (!is_cut(&self.shown)).then_some(self.shown.as_str())
    }
}

impl RunningRequest {
    /// A parameter of this name.
    pub fn parameter(&self, wanted: &str) -> Option<&RunningParameter> {
        self.parameters.iter().find(|parameter| parameter.name == wanted)
    }

    /// Whether it may go to Cognito.
    fn is_cognitos(&self) -> bool {
        !matches!(self.provider, RunningProvider::Hosted | RunningProvider::Other)
    }
}

/// Whose login a request goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunningProvider {
    /// A prefix domain of Cognito.
    Cognito,
    /// The host of the issuer itself: the pool has no domain. The issuer.
    CognitoWithoutDomain(String),
    /// Any host, with the path of Cognito: perhaps a custom domain.
    Perhaps,
    /// Pomerium's hosted service.
    Hosted,
    /// Somebody else.
    Other,
}

/// The parameters of PKCE, which are others in each request.
const CHALLENGE: [&str; 2] = ["code_challenge", "code_challenge_method"];

/// What Pomerium makes anew for each request; whatever else stands in the place of it, a parameter of the configuration has put there.
struct Made {
    state: bool,
    challenge: bool,
}

impl Made {
    /// A `state` has Pomerium's shape (`authenticate/handlers.go`). Since v0.33 it keeps the verifier of a challenge in a cookie of its
    /// own (`authenticate/pkce.go`), beside that against forged requests, which shows that nobody took the cookies away.
    fn by(answer: &Answer, page: &Page) -> Self {
        let cookies = RunningCookies::of(answer, page);
        let challenge = cookies.has_verifier() || cookies.guard().is_none();
        Self { state: answer.read.contains_key(told::STATE_TIME), challenge }
    }

    fn holds(&self, parameter: &str) -> bool {
        match parameter {
            "state" => self.state,
            name => self.challenge && CHALLENGE.contains(&name),
        }
    }
}

/// `is_let_in` says that Pomerium answers on another page of this host.
pub(in crate::evidence) fn read(exchange: &Exchange, page: &Page, is_let_in: bool) -> Evidence<SignInAnswer> {
    let answer = unclear::answer(exchange)?;
    if answer.location().is_some_and(redact::is_shortened) {
        return Err(unclear::inconclusive(exchange, "an address of a login of which the end can be kept"));
    }
    let kind = match request(exchange, answer, page) {
        Some(_) if !is_pomeriums(answer) => SignInKind::NotRouted(Stranger::of(answer)),
        Some(request) if request.is_odd => {
            let expected =
                "a login page of Cognito's at the port of https and without a user name, as nothing else is asked";
            return Err(unclear::inconclusive(exchange, expected));
        }
        Some(request) if request.is_cognitos() && !has_parameter(exchange, answer, "state") => {
            return Err(unclear::inconclusive(
                exchange,
                "a request for a login with a `state`, as Pomerium sends one with each",
            ));
        }
        Some(request) => SignInKind::Login(request),
        None => other(exchange, answer, is_let_in)?,
    };
    let value = SignInAnswer { url: exchange.request.url.clone(), at: page.status(), kind };
    Ok(Seen { value, witnesses: vec![exchange.id.clone()] })
}

/// Pomerium marks its answers, and its `state` has a shape of its own, where a balancer takes the mark away (`authenticate/handlers.go`):
/// whoever else stands on this host may send visitors to a login, too.
fn is_pomeriums(answer: &Answer) -> bool {
    answer.header(OWN_PAGE).is_some() || answer.read.contains_key(told::STATE_TIME)
}

const EXPECTED: &str = "a redirect to the identity provider";

fn other(exchange: &Exchange, answer: &Answer, is_let_in: bool) -> Result<SignInKind, Missing> {
    let is_own = answer.header(OWN_PAGE).is_some();
    let request_id = || request_id(answer).or_else(|| answer.header("x-request-id")).map(str::to_owned);
    if !is_own {
        Stranger::is_to_judge(exchange, answer, EXPECTED, is_let_in)?;
    }
    Ok(match answer.status {
        500 if is_own || error_id(answer).is_some() => {
            SignInKind::Fails { request_id: error_id(answer).or_else(request_id) }
        }
        404 if is_own => SignInKind::NotRouted(Stranger {
            says: "the proxy of this Pomerium answers itself: it knows no such page".to_owned(),
            cure: "run the authenticate service for this host: `services` must name it, and authenticate_service_url must be this host in its configuration",
        }),
        _ if own::is_cut_off(answer) || own::has_reset(answer) => SignInKind::Down(status_line(answer.status)),
        500..=599 if !Stranger::is_known(answer) => return Err(unclear::inconclusive(exchange, EXPECTED)),
        _ if is_own => return Err(unclear::inconclusive(exchange, EXPECTED)),
        _ => match door::redirect_loop(&exchange.request.url, answer) {
            Some(found) => SignInKind::NotRouted(Stranger {
                says: format!("every visitor is sent back to where they are: to {}", found.to),
                cure: "see who redirects: a balancer that ends TLS and sends visitors of https to https",
            }),
            None => SignInKind::NotRouted(Stranger::of(answer)),
        },
    })
}

fn request_id(answer: &Answer) -> Option<&str> {
    answer.header("x-request-id").filter(|id| !id.is_empty())
}

/// Where it redirects to.
fn target(exchange: &Exchange, answer: &Answer) -> Option<Url> {
    Url::parse(&exchange.request.url).ok()?.join(answer.location()?).ok()
}

fn has_parameter(exchange: &Exchange, answer: &Answer, wanted: &str) -> bool {
    target(exchange, answer).is_some_and(|url| url.query_pairs().any(|(name, _)| name == wanted))
}

fn request(exchange: &Exchange, answer: &Answer, page: &Page) -> Option<RunningRequest> {
    let location = answer.location()?;
    let url = target(exchange, answer)?;
    let has = |wanted: &str| url.query_pairs().any(|(name, _)| name == wanted);
    let is_request = has("client_id") && has("response_type") || has("request");
    let host = url.host_str().filter(|_| url.scheme() == "https" && is_request)?.to_owned();
    let made = Made::by(answer, page);
    let endpoint = location.split(['?', '#']).next().unwrap_or_default().to_owned();
    let is_odd = url.port().is_some() || !url.username().is_empty() || url.password().is_some();
    let provider = match provider(&url, &host, has("request")) {
        // No login domain of Cognito's is like this.
        RunningProvider::Perhaps if is_odd => RunningProvider::Other,
        provider => provider,
    };
    Some(RunningRequest {
        at: page.place(&endpoint),
        is_odd: is_odd && !matches!(provider, RunningProvider::Other | RunningProvider::Hosted),
        provider,
        parameters: url
            .query_pairs()
            .filter(|(name, _)| !made.holds(name))
            .map(|(name, value)| {
                let at = page.parameter(&name, &value);
                RunningParameter { name: name.into_owned(), shown: value.into_owned(), at }
            })
            .collect(),
        endpoint,
        host,
    })
}

fn provider(url: &Url, host: &str, is_signed: bool) -> RunningProvider {
    if is_hosted(host) {
        return RunningProvider::Hosted;
    }
    if is_login_host(host) {
        return RunningProvider::Cognito;
    }
    if is_issuer_host(host) {
        let pool = url.path().trim_start_matches('/').split('/').next().unwrap_or_default();
        return RunningProvider::CognitoWithoutDomain(format!("https://{host}/{pool}"));
    }
    match url.path() {
        "/oauth2/authorize" if !is_signed => RunningProvider::Perhaps,
        _ => RunningProvider::Other,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::Sources;
    use crate::evidence::{Outcome, sample};

    const URL: &str = "https://authenticate.corp.example.com/.pomerium/sign_in";

    fn kind(status: u16, headers: &[(&str, &str)], body: &str) -> Option<SignInKind> {
        let exchange = sample::answer(URL, status, headers, body);
        read(&exchange, &Page::write(&mut Sources::default(), &exchange), false).ok().map(|seen| seen.value.kind)
    }

    fn to(location: &str) -> Option<RunningProvider> {
        match kind(302, &[("location", location), ("x-pomerium-intercepted-response", "true")], "")? {
            SignInKind::Login(request) => Some(request.provider),
            _ => None,
        }
    }

    #[test]
    fn whose_login_it_is_shows_in_its_address() {
        let query = "?client_id=x&redirect_uri=y&response_type=code&scope=openid&state=CUT";
        for (address, provider) in [
            ("https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize", RunningProvider::Cognito),
            ("https://login.acme.example/oauth2/authorize", RunningProvider::Perhaps),
            ("https://login.acme.example:8443/oauth2/authorize", RunningProvider::Other),
            ("https://accounts.google.com/o/oauth2/v2/auth", RunningProvider::Other),
            (
                "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R/authorize",
                RunningProvider::CognitoWithoutDomain(
                    "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R".to_owned(),
                ),
            ),
            ("https://authenticate.pomerium.app/oauth2/authorize", RunningProvider::Hosted),
        ] {
            assert_eq!(to(&format!("{address}{query}")), Some(provider), "{address}");
        }
        assert_eq!(to("https://authenticate.pomerium.app/x?request=a"), Some(RunningProvider::Hosted));
        assert_eq!(to("https://www.example.com/"), None);
        for odd in ["acme.auth.eu-west-1.amazoncognito.com:8443", "u:p@acme.auth.eu-west-1.amazoncognito.com"] {
            assert_eq!(to(&format!("https://{odd}/oauth2/authorize{query}")), None, "{odd}");
        }
    }

    #[test]
    fn the_login_of_somebody_else_is_not_pomeriums() {
        let query = "client_id=gate&redirect_uri=https%3A%2F%2Fauthenticate.corp.example.com%2Foauth2%2Fcallback&response_type=code&state=1";
        for (address, cookie, who) in [
            ("https://sso.example.com/openid-connect/auth", "gate=CUT; Path=/", "somebody sends"),
            ("https://accounts.google.com/o/oauth2/auth", "_oauth2_proxy_csrf=CUT; Path=/", "oauth2-proxy sends"),
            (
                "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize",
                "AWSALBAuthNonce=CUT; Path=/",
                "balancer of AWS",
            ),
            ("https://accounts.google.com/o/oauth2/v2/auth", "GCP_IAP_XSRF_NONCE_x=CUT", "Identity-Aware Proxy"),
        ] {
            let location = format!("{address}?{query}");
            let headers = [("location", location.as_str()), ("set-cookie", cookie)];
            let found = kind(302, &headers, "");
            let is_named = matches!(&found, Some(SignInKind::NotRouted(found)) if found.says.contains(who));
            assert!(is_named, "{found:?}");
        }
        // A balancer may take the mark away; the `state` is Pomerium's own.
        let state = "dHR0dHR0dHR0dHR0fDE3OTU0NTMyMDB8fHNlYWxlZA==";
        let own = sample::redirect(
            URL,
            &format!("https://accounts.google.com/o/oauth2/v2/auth?client_id=x&response_type=code&state={state}"),
        );
        let read = read(&own, &Page::write(&mut Sources::default(), &own), false).unwrap();
        assert!(matches!(read.value.kind, SignInKind::Login(_)));
    }

    #[test]
    fn what_pomerium_makes_anew_is_no_parameter_and_what_replaces_it_is() {
        let own = "dHR0dHR0dHR0dHR0fDE3OTU0NTMyMDB8fHNlYWxlZA==";
        let parameters = |more: &str, cookies: &[&str]| {
            let location = format!(
                "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?client_id=x&response_type=code{more}"
            );
            let mut exchange = sample::redirect(URL, &location);
            let Outcome::Answer(answer) = &mut exchange.outcome else { return None };
            answer.headers.push((OWN_PAGE.to_owned(), "true".to_owned()));
            answer.headers.extend(cookies.iter().map(|cookie| ("set-cookie".to_owned(), (*cookie).to_owned())));
            let read = read(&exchange, &Page::write(&mut Sources::default(), &exchange), false).ok()?;
            let SignInKind::Login(request) = read.value.kind else { return None };
            Some(request.parameters.into_iter().skip(2).map(|sent| sent.name).collect::<Vec<_>>())
        };
        let (session, guard) = ("_pomerium_authenticate=; Path=/", "_pomerium_csrf=x; Path=/");
        let verifier = "_pomerium_pkce_123=x; Path=/oauth2/callback";
        let challenge = format!("&state={own}&code_challenge=abc&code_challenge_method=S256");
        let none: Option<Vec<String>> = Some(Vec::new());
        assert_eq!(parameters(&format!("&state={own}"), &[guard]), none);
        assert_eq!(parameters("&state=fixed", &[guard]), Some(vec!["state".to_owned()]));
        assert_eq!(parameters(&challenge, &[session, guard, verifier]), none);
        assert_eq!(parameters(&challenge, &[session, guard]), Some(CHALLENGE.map(str::to_owned).to_vec()));
        // Whoever takes cookies away may have taken that one, too.
        assert_eq!(parameters(&challenge, &[]), none);
        assert_eq!(parameters("", &[guard]), None);
    }

    #[test]
    fn what_is_no_login_says_why() {
        let own = [("x-pomerium-intercepted-response", "true"), ("x-request-id", "e1")];
        let fails = |id: &str| Some(SignInKind::Fails { request_id: Some(id.to_owned()) });
        assert_eq!(kind(500, &own, r#"{"Status":500,"RequestID":"d0"}"#), fails("d0"));
        assert_eq!(kind(500, &own, "<html>"), fails("e1"));
        assert_eq!(kind(500, &[], r#"{"Status":500,"RequestID":"d0"}"#), fails("d0"));
        assert_eq!(kind(500, &[], "oops"), None);
        assert_eq!(kind(429, &[], ""), None);
        assert_eq!(kind(503, &[("server", "nginx"), ("retry-after", "30")], ""), None);
        assert!(matches!(kind(404, &own, ""), Some(SignInKind::NotRouted(found)) if found.says.contains("proxy")));
        assert!(matches!(kind(404, &[], "default backend - 404"), Some(SignInKind::NotRouted(_))));
        assert!(
            matches!(kind(301, &[("location", URL)], ""), Some(SignInKind::NotRouted(found)) if found.says.contains("sent back"))
        );
        assert!(matches!(kind(503, &[("server", "envoy"), ("x-request-id", "1")], ""), Some(SignInKind::Down(_))));
        let reset =
            r#"{"requestId":"x","status":"503","statusText":"upstream_reset_before_response_started{overflow}"}"#;
        assert!(matches!(kind(503, &[("server", "envoy")], reset), Some(SignInKind::Down(_))));
    }
}
