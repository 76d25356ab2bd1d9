//! The questions put to the login domain, as Pomerium and a browser would put them.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;

use url::Url;

use super::{DiscoveryDocument, ExchangeId, Question, Request};
use crate::config::{Change, Login, PomeriumVersion};
use crate::go;
use crate::secret::Secret;

/// At most so many scopes are asked for singly, and so many similar callbacks tried at once.
pub(super) const FOLLOW_UPS: usize = 4;

/// At most so many similar callbacks are tried.
const SIMILAR: usize = 9;

/// What people call the host of the login.
const LABELS: [&str; 4] = ["authenticate", "auth", "login", "sso"];

/// The challenge of RFC 7636, appendix B: nobody will redeem a code for it.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Parameters that Go's `url.Values.Encode` sorts by name.
pub(super) type Parameters = BTreeMap<String, String>;

/// A text that nobody can have registered or guessed. It is the same throughout a run, so that a question that many
/// configurations ask is the same question.
pub(super) fn unpredictable() -> &'static str {
    // Each `RandomState` is seeded by the system.
    static TEXT: LazyLock<String> =
        LazyLock::new(|| format!("pomlint-{:016x}", RandomState::new().build_hasher().finish()));
    &TEXT
}

/// What Pomerium sends to the authorize endpoint; the transport fills in the empty `state`.
pub(super) fn authorize_parameters(
    login: &Login,
    client_id: &str,
    document: &DiscoveryDocument,
    version: PomeriumVersion,
) -> Parameters {
    let mut parameters: Parameters = login.authorize_parameters(client_id).into_iter().collect();
    if !login.request_parameters.iter().any(|(name, _)| name == "state") {
        parameters.insert("state".to_owned(), String::new());
    }
    // It replaces what `idp_request_params` says of it (`authenticate/pkce.go`).
    if version.has(Change::CodeChallenge) && document.code_challenge_methods.iter().any(|method| method == "S256") {
        parameters.retain(|name, _| !name.to_ascii_lowercase().starts_with("code_challenge"));
        parameters.insert("code_challenge".to_owned(), CHALLENGE.to_owned());
        parameters.insert("code_challenge_method".to_owned(), "S256".to_owned());
    }
    parameters
}

/// The authorize request, as `oauth2.Config.AuthCodeURL` builds it.
pub(super) fn authorize(id: &str, endpoint: &str, parameters: &Parameters) -> Question {
    let separator = if endpoint.contains('?') { '&' } else { '?' };
    Question::get(id, format!("{endpoint}{separator}{}", encode(parameters)))
}

/// The same request with one parameter replaced.
pub(super) fn with(parameters: &Parameters, name: &str, value: &str) -> Parameters {
    let mut parameters = parameters.clone();
    parameters.insert(name.to_owned(), value.to_owned());
    parameters
}

/// Cognito's sign-out, as Pomerium's Cognito provider builds it: on the host of the authorize endpoint.
pub(super) fn sign_out(id: &str, endpoint: &str, client_id: &str, logout_uri: &str) -> Option<Question> {
    let place = go::url::parse_and_validate(endpoint).ok()?.resolve_path("/logout");
    let parameters = [("client_id", client_id), ("logout_uri", logout_uri)];
    Some(Question::get(id, format!("{place}?{}", go::url::query_encode(&parameters))))
}

/// The token request with a code that does not exist.
pub(super) fn token(
    id: &str,
    document: &DiscoveryDocument,
    client_id: &str,
    redirect_uri: &str,
    secret: Option<Secret>,
) -> Question {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", "00000000-0000-4000-8000-000000000000"),
        ("redirect_uri", redirect_uri),
        ("client_id", client_id),
    ];
    let request = Request {
        method: "POST".to_owned(),
        url: document.token_endpoint.clone(),
        form: form.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
    };
    let basic = secret.map(|secret| (client_id.to_owned(), secret));
    Question { basic, ..Question::new(ExchangeId(id.to_owned()), request) }
}

fn encode(parameters: &Parameters) -> String {
    let pairs: Vec<_> = parameters.iter().collect();
    go::url::query_encode(&pairs)
}

/// The scopes to ask for singly, the likeliest culprits first, and the `scope` that asks for each: always with `openid`, without
/// which Cognito may refuse the others.
pub(super) fn single_scopes(scope: &str) -> Vec<(String, String)> {
    let mut words: Vec<&str> = scope.split_ascii_whitespace().collect();
    words.sort_unstable();
    words.dedup();
    // What every pool knows is refused less often; `openid` alone tells whether the others could be taken at all.
    let rank = |word: &str| match word {
        "openid" => 0,
        "email" | "phone" => 2,
        "profile" => 1,
        _ => -1,
    };
    words.retain(|word| *word != "openid");
    words.sort_by_key(|word| rank(word));
    words.truncate(FOLLOW_UPS - 1);
    words.push("openid");
    let ask = |word: &str| if word == "openid" { word.to_owned() } else { format!("openid {word}") };
    words.into_iter().map(|word| (word.to_owned(), ask(word))).collect()
}

/// Callbacks that differ from this one in a way people get wrong, the most telling first, and at most so many. `configured` is the
/// path that the configuration names in vain.
pub(super) fn near_callbacks(redirect_uri: &str, configured: Option<&str>, most: usize) -> Vec<String> {
    let Some((scheme, rest)) = redirect_uri.split_once("://") else { return Vec::new() };
    let place = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = place.split_at(place.find('/').unwrap_or(place.len()));
    let port = if scheme == "http" { ":80" } else { ":443" };
    let other_scheme = if scheme == "http" { "https" } else { "http" };
    let bare = authority.strip_suffix(port).unwrap_or(authority);
    // A port that is written may not be registered, and the other way round; none stands in an address in brackets.
    let digits = authority.rsplit_once(':').map_or("", |(_, digits)| digits);
    let has_port = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let portless = if has_port { authority.trim_end_matches(digits).trim_end_matches(':') } else { authority };
    let other_port = if has_port { portless.to_owned() } else { format!("{authority}{port}") };
    let slash = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
    let configured = configured.filter(|path| path.starts_with('/')).unwrap_or(path);
    let mut near = vec![
        // What only an odd URL has comes first.
        format!("{scheme}://{}{path}", bare.to_ascii_lowercase()),
        format!("{scheme}://{authority}{path}"),
        format!("{scheme}://{authority}{configured}"),
        format!("{scheme}://{authority}{slash}"),
        format!("{other_scheme}://{bare}{path}"),
        format!("{scheme}://{other_port}{path}"),
        format!("{scheme}://{authority}"),
        format!("{scheme}://{authority}/"),
        // Two at once.
        format!("{scheme}://{other_port}{slash}"),
        format!("{other_scheme}://{bare}{slash}"),
    ];
    let (label, zone) = authority.split_once('.').unwrap_or((authority, ""));
    if zone.contains('.') && zone.parse::<std::net::Ipv4Addr>().is_err() && label.parse::<u8>().is_err() {
        near.extend(LABELS.map(|label| format!("{scheme}://{label}.{zone}{path}")));
    }
    let mut known = vec![redirect_uri.to_owned()];
    near.retain(|callback| {
        let is_new = !known.contains(callback);
        known.push(callback.clone());
        is_new && Url::parse(callback).is_ok()
    });
    near.truncate(most.min(SIMILAR));
    near
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_the_telling_ones() {
        let host = "https://authenticate.corp.example.com";
        for (callback, near) in [
            (
                format!("{host}/oauth2/callback"),
                [
                    format!("{host}/oauth2/callback/"),
                    "http://authenticate.corp.example.com/oauth2/callback".to_owned(),
                    format!("{host}:443/oauth2/callback"),
                    host.to_owned(),
                ],
            ),
            (
                "https://Login.Example.com:443/oauth2/callback?x=1".to_owned(),
                [
                    "https://login.example.com/oauth2/callback".to_owned(),
                    "https://Login.Example.com:443/oauth2/callback".to_owned(),
                    "https://Login.Example.com:443/oauth2/callback/".to_owned(),
                    "http://Login.Example.com/oauth2/callback".to_owned(),
                ],
            ),
        ] {
            assert_eq!(near_callbacks(&callback, None, FOLLOW_UPS), near);
        }
        assert!(near_callbacks("", None, 4).is_empty() && near_callbacks("nonsense", None, 4).is_empty());
        let more = near_callbacks(&format!("{host}/oauth2/callback"), Some("/cb"), 20);
        let also = [
            format!("{host}/cb"),
            format!("{host}:443/oauth2/callback"),
            "http://authenticate.corp.example.com/oauth2/callback/".to_owned(),
            "https://auth.corp.example.com/oauth2/callback".to_owned(),
        ];
        assert!(more.len() == SIMILAR && also.iter().all(|callback| more.contains(callback)), "{more:?}");
        for (sent, registered) in [
            ("https://a.example.com:8443/oauth2/callback", "https://a.example.com/oauth2/callback"),
            ("https://a.example.com:443/oauth2/callback", "https://a.example.com/oauth2/callback/"),
            ("https://a.example.com/oauth2/callback", "https://a.example.com:443/oauth2/callback/"),
            ("https://a.example.com:443/oauth2/callback", "http://a.example.com/oauth2/callback/"),
            ("https://[::1]:8443/oauth2/callback", "https://[::1]/oauth2/callback"),
            ("https://[::1]/oauth2/callback", "https://[::1]:443/oauth2/callback"),
        ] {
            assert!(near_callbacks(sent, None, 20).contains(&registered.to_owned()), "{sent}");
        }
        let address = near_callbacks("https://192.0.2.7/oauth2/callback", None, 20);
        assert!(address.iter().all(|callback| callback.contains("//192.0.2.7")), "{address:?}");
    }

    #[test]
    fn scopes_are_asked_singly_with_openid() {
        let asked = |scope| single_scopes(scope).into_iter().map(|(_, scope)| scope).collect::<Vec<_>>();
        assert_eq!(asked("openid email profile"), ["openid profile", "openid email", "openid"]);
        assert_eq!(asked("email a b c d"), ["openid a", "openid b", "openid c", "openid"]);
        assert_eq!(asked("openid"), ["openid"]);
    }
}
