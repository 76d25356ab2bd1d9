//! What one answer of the authorize endpoint says.

use url::{Host, Url};

use crate::evidence::told::{SAML_CALLBACK, USER_POOL};
use crate::evidence::unclear::{self, excerpt};
use crate::evidence::{Answer, Exchange, Missing};

/// What an answer of the authorize endpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::evidence) enum Reply {
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
pub(in crate::evidence) struct Refusal {
    pub(in crate::evidence) error: String,
    pub(in crate::evidence) description: Option<String>,
}

impl Refusal {
    fn read(parameters: &[(String, String)]) -> Option<Self> {
        let value = |name: &str| value_of(parameters, name).map(|value| excerpt(&value));
        // Two errors are none that Cognito gives.
        let is_one = parameters.iter().filter(|(key, _)| key == "error").count() == 1;
        let error = value("error").filter(|error| is_one && !error.is_empty())?;
        Some(Self { error, description: value("error_description") })
    }

    /// Nothing is wrong with the request, but without a session no login is to be shown: `prompt=none` was asked for (`OpenID`
    /// Connect Core 1.0 §3.1.2.6).
    pub(super) fn refuses_login(&self) -> bool {
        ["login_required", "interaction_required"].into_iter().any(|code| self.mentions(code))
    }

    /// `error` or `error_description` is, or contains, this code.
    pub(in crate::evidence) fn mentions(&self, code: &str) -> bool {
        let words = [Some(&self.error), self.description.as_ref()];
        words.into_iter().flatten().any(|words| words.to_ascii_lowercase().contains(code))
    }
}

impl Reply {
    /// Cognito finds no fault with the request: with its client, callback, flow and scopes. That a login is shown is another
    /// question.
    pub(in crate::evidence) fn is_taken(&self) -> bool {
        match self {
            Self::Login { message, .. } => message.is_none(),
            Self::External { .. } => true,
            Self::Callback(refusal) => refusal.refuses_login(),
            _ => false,
        }
    }

    /// It shows that the callback of the request is registered.
    pub(in crate::evidence) fn knows_callback(&self) -> bool {
        self.is_taken() || matches!(self, Self::Callback(_))
    }

    pub(super) fn is_error_page(&self, code: &str) -> bool {
        matches!(self, Self::ErrorPage(refusal) if refusal.error == code)
    }

    pub(super) fn is_callback_error(&self, code: &str) -> bool {
        matches!(self, Self::Callback(refusal) if refusal.mentions(code))
    }
}

/// Reads one answer of the authorize endpoint.
pub(in crate::evidence) fn classify(exchange: &Exchange) -> Reply {
    let answer = match unclear::answer(exchange) {
        Ok(answer) => answer,
        Err(missing) => return Reply::Nothing(missing),
    };
    let nothing = |expected: &str| Reply::Nothing(unclear::inconclusive(exchange, expected));
    let expected = "a redirect to Cognito's login page, its error page or the callback";
    // Of two places, one browser goes to the one and another to the other.
    let location = answer.location().filter(|place| answer.headers_of("location").all(|other| other == *place));
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
        let refusal = Refusal::read(&parameters).filter(|_| value_of(&parameters, "code").is_none());
        return refusal.map_or_else(|| nothing("an error at the callback, as nobody has logged in"), Reply::Callback);
    }
    let parameters = pairs(&target);
    if target.origin() == asked.origin() && target.username().is_empty() && target.password().is_none() {
        let is_about_us = match value_of(&parameters, "client_id") {
            Some(client) => value_of(&sent, "client_id") == Some(client),
            None => answer.is_from_cognito(),
        };
        return match target.path() {
            "/login" if is_about_us => login(exchange, target, &sent, &parameters),
            "/error" if is_about_us => {
                Refusal::read(&parameters).map_or_else(|| nothing("an `error` on the error page"), Reply::ErrorPage)
            }
            _ => nothing(expected),
        };
    }
    // As on the way to the login page, a complaint is one wherever it stands.
    let all: Vec<_> = parameters.into_iter().chain(fragment(&target)).collect();
    if let Some(complaint) = complaint(&all) {
        return nothing(&format!("{expected}, and no {complaint}"));
    }
    external_provider(&asked, &target, answer).map_or_else(
        || nothing("a redirect to Cognito's own pages, to the callback, or to a provider that answers to the pool's own /oauth2/idpresponse"),
        |host| Reply::External { host: host.to_owned() },
    )
}

/// What the login page must be told as it was sent, for anything to be proven by it.
const CARRIED: [&str; 4] = ["client_id", "redirect_uri", "response_type", "scope"];

/// The redirect to the login page: with a message, or with the very request.
fn login(exchange: &Exchange, target: Url, sent: &[(String, String)], carried: &[(String, String)]) -> Reply {
    // A complaint is one wherever it stands; but what a browser keeps to itself, no page was told.
    let all: Vec<_> = carried.iter().cloned().chain(fragment(&target)).collect();
    if let Some(message) = value_of(&all, "errorMessage").filter(|message| !message.is_empty()) {
        return Reply::Login { message: Some(excerpt(&message)), url: target.into() };
    }
    if let Some(complaint) = complaint(&all) {
        return Reply::Nothing(unclear::inconclusive(exchange, &format!("a login page without {complaint}")));
    }
    let values = |parameters: &[(String, String)], name: &str| -> Vec<String> {
        parameters.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    };
    // A `state` need not come back here; but another one than was sent belongs to another request.
    let state = values(carried, "state");
    let changed = CARRIED.into_iter().find(|name| values(sent, name) != values(carried, name));
    match changed.or((!state.is_empty() && state != values(sent, "state")).then_some("state")) {
        None => Reply::Login { message: None, url: target.into() },
        Some(name) => {
            let got = match values(carried, name).as_slice() {
                [] => "it is not there".to_owned(),
                values => format!("it is `{}`", excerpt(&values.join("`, `"))),
            };
            let expected = format!("the login page to be told the same `{name}` as was sent ({got})");
            Reply::Nothing(unclear::inconclusive(exchange, &expected))
        }
    }
}

/// A parameter that no request to log in has: an error, however it is spelt, or the code of a login that nobody made.
fn complaint(parameters: &[(String, String)]) -> Option<String> {
    let complains = |name: &str| name == "code" || name.to_ascii_lowercase().starts_with("error");
    let (name, value) = parameters.iter().find(|(name, _)| complains(name))?;
    Some(format!("`{}={}`", excerpt(name), excerpt(value)))
}

/// The host of the identity provider to which Cognito itself sends a browser on. An `OpenID` Connect provider is to answer to
/// `/oauth2/idpresponse` of the very domain that was asked, a SAML provider is sent a request of which a user pool is the issuer, and
/// which is to be answered to `/saml2/idpresponse` of that domain; a portal in between knows neither.
pub(in crate::evidence) fn external_provider<'a>(asked: &Url, target: &'a Url, answer: &Answer) -> Option<&'a str> {
    let own = asked.join("/oauth2/idpresponse").ok()?;
    let sent = pairs(target);
    let values =
        |wanted: &str| sent.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value).collect::<Vec<_>>();
    let is_oidc = values("redirect_uri") == [own.as_str()];
    let saml = asked.join("/saml2/idpresponse").ok()?;
    let is_ours = answer.read.get(SAML_CALLBACK).is_none_or(|callback| callback == saml.as_str());
    let is_saml = values("SAMLRequest").len() == 1 && answer.read.contains_key(USER_POOL) && is_ours;
    match target.host() {
        Some(Host::Domain(host)) if target.scheme() == "https" && host.contains('.') && (is_oidc || is_saml) => {
            Some(host)
        }
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
    Some(added.iter().cloned().chain(fragment(target)).collect())
}

/// The parameters behind the `#`.
fn fragment(target: &Url) -> Vec<(String, String)> {
    let pairs = url::form_urlencoded::parse(target.fragment().unwrap_or_default().as_bytes());
    pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}
