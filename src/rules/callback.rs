//! Stage callback: does the app client know the callback URL?

use url::Url;

use super::cure::Wanted;
use super::place::written;
use super::{Finding, Judgement, Rule, Stage, cure, parameters};
use crate::config::{AuthenticateUrl, CALLBACK_PATH, ClientId, Cognito, Config, Login, cognito};
use crate::evidence::{CallbackSpelling, CallbackStanding, ClientCode, Evidence};
use crate::infra::Attribute;

/// Without a host of one's own to come back to, no callback URL is sent.
pub(super) const NO_CALLBACK: &[&str] = &[
    "authenticate-url-missing",
    "authenticate-url-hosted",
    "authenticate-url-malformed",
    "authenticate-url-not-https",
    "authenticate-url-query-sent",
];

const STAGE: Stage = Stage::Callback;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!("callback-not-registered", Error, callback_not_registered)
            .after(NO_CALLBACK)
            .after(&["callback-unregistrable"]),
        rule!("callback-unregistrable", Error, callback_unregistrable).after(NO_CALLBACK).of_request(),
        rule!("callback-differs-in-case", Warning, callback_differs_in_case).after(NO_CALLBACK),
    ]
}

/// `callback-not-registered`
pub(super) fn callback_not_registered(
    url: &AuthenticateUrl,
    id: &ClientId,
    config: &Config,
    login: &Login,
    standing: &CallbackStanding,
    code: &Evidence<ClientCode>,
) -> Judgement {
    let Some(settings) = &config.settings else {
        return Judgement::NotApplicable("the configuration could not be read");
    };
    if parameters::is_overridden(settings, "redirect_uri", &login.redirect_uri) {
        return Judgement::NotApplicable(parameters::OVERRIDDEN);
    }
    let (sent, client) = (login.redirect_uri.as_str(), id.0.value.as_str());
    let (near, knows) = match standing {
        CallbackStanding::Registered => return Judgement::pass(),
        CallbackStanding::NotRegistered { near: Some(near), .. }
        | CallbackStanding::NotListed { near: Some(near), .. } => {
            (Some(near), format!("knows {} instead", difference(sent, near)))
        }
        CallbackStanding::NotRegistered { near: None, tried } if tried.is_empty() => {
            (None, "does not know it".to_owned())
        }
        CallbackStanding::NotRegistered { .. } => (None, "knows neither it nor a near miss of it".to_owned()),
        CallbackStanding::NotListed { listed, .. } if listed.is_empty() => {
            (None, "lists no callback at all".to_owned())
        }
        CallbackStanding::NotListed { listed, .. } => {
            (None, format!("lists only {}", cure::list(listed.iter().map(String::as_str))))
        }
    };
    let mut finding = Finding::at(url.0.span, format!("Pomerium sends {sent}, and app client `{client}` {knows}"));
    if id.0.span != url.0.span {
        finding = finding.also(id.0.span, "the app client that must know the URL");
    }
    if let Some(near) = near {
        finding = finding.near(("sent", sent), ("registered", near));
        if let Some(origin) = origin_that_sends(near) {
            finding = finding
                .fix("either let Pomerium send what is registered:")
                .fix(format!("  {}", written(config, url.0.span, "authenticate_service_url", &origin)))
                .fix("or register what it sends, byte for byte:");
        } else {
            finding = finding.fix("register the URL byte for byte as Pomerium sends it; its path cannot be changed:");
        }
    } else {
        finding = finding.fix("add the URL to the app client, byte for byte:");
    }
    finding = finding
        .fix(format!("  {sent}"))
        .fix_lines(cure::client_setting(code, Attribute::Callbacks, &Wanted::Member(sent)))
        .fix_lines(cure::by_hand(code, settings, client, "Login pages → Edit → Allowed callback URLs"));
    if matches!(standing, CallbackStanding::NotRegistered { .. }) {
        finding = finding.fix("changed it just now? Cognito needs a minute or two: --wait 120 asks until it knows");
    }
    finding.into()
}

/// `callback-differs-in-case`
fn callback_differs_in_case(
    id: &ClientId,
    url: &AuthenticateUrl,
    login: &Login,
    spelling: &CallbackSpelling,
    code: &Evidence<ClientCode>,
) -> Option<Finding> {
    let registered = spelling.other_case.as_ref()?;
    let sent = login.redirect_uri.as_str();
    let says = format!(
        "Pomerium sends {sent}, and app client `{}` lists it in other letter case: the first request passes, and the login form may refuse",
        id.0.value
    );
    Some(
        Finding::at(url.0.span, says)
            .near(("sent", sent), ("registered", registered))
            .fix("list the URL byte for byte as Pomerium sends it:")
            .fix_lines(cure::client_setting(code, Attribute::Callbacks, &Wanted::Member(sent))),
    )
}

/// The `authenticate_service_url` with which Pomerium would send this callback, if there is one and a login works with it.
fn origin_that_sends(callback: &str) -> Option<String> {
    let origin = callback.strip_suffix(CALLBACK_PATH)?;
    let works = |url: Url| url.scheme() == "https" || is_loopback(&url);
    Url::parse(origin).is_ok_and(works).then(|| origin.to_owned())
}

/// What sets the registered URL apart from the one sent.
fn difference(sent: &str, registered: &str) -> String {
    let (Some(sent), Some(registered)) = (Pieces::of(sent), Pieces::of(registered)) else {
        return "a similar URL".to_owned();
    };
    if !sent.path.eq_ignore_ascii_case(registered.path) {
        return "a similar URL".to_owned();
    }
    let mut apart = Vec::new();
    if sent.scheme != registered.scheme {
        apart.push("with another scheme".to_owned());
    }
    let is_same_host = sent.host.eq_ignore_ascii_case(registered.host);
    if !is_same_host {
        apart.push("on another host".to_owned());
    }
    if sent.path != registered.path || is_same_host && sent.host != registered.host {
        apart.push("in other letter case".to_owned());
    }
    match (sent.port, registered.port) {
        (own, other) if own == other => {}
        (own, "") => apart.push(format!("without the port `{own}`")),
        (_, other) => apart.push(format!("with the port `{other}`")),
    }
    if sent.slash != registered.slash {
        let with = match (apart.is_empty(), registered.slash.is_empty()) {
            (false, _) => "another slash at the end",
            (true, true) => "without the slash at the end",
            (true, false) => "with a slash at the end",
        };
        apart.push(with.to_owned());
    }
    format!("the same URL {}", apart.join(" and "))
}

/// A URL in the pieces that people get wrong.
struct Pieces<'u> {
    scheme: &'u str,
    host: &'u str,
    /// With its colon; empty if there is none.
    port: &'u str,
    /// Without a slash at its end.
    path: &'u str,
    slash: &'u str,
}

impl<'u> Pieces<'u> {
    fn of(url: &'u str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, whole) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let digits =
            |at: &usize| authority.get(at + 1..).is_some_and(|port| port.bytes().all(|it| it.is_ascii_digit()));
        let (host, port) = authority.split_at(authority.rfind(':').filter(digits).unwrap_or(authority.len()));
        let path = whole.trim_end_matches('/');
        let slash = whole.get(path.len()..)?;
        Some(Self { scheme, host, port, path, slash })
    }
}

/// `callback-unregistrable`
pub(super) fn callback_unregistrable(
    _: &Cognito,
    url: &AuthenticateUrl,
    login: &Login,
    config: &Config,
) -> Option<Finding> {
    let why = refusal(&login.redirect_uri)?;
    Some(
        Finding::at(
            url.0.span,
            format!("Cognito will not take `{}` as a callback URL: {why}", shorten(&login.redirect_uri)),
        )
        .fix("give Pomerium an address that Cognito takes, and register its callback:")
        .fix(written(config, url.0.span, "authenticate_service_url", &suggestion(&login.redirect_uri))),
    )
}

/// Why Cognito refuses to store this URL, as a callback or to sign out to (`UserPoolClientType`, and the messages of `CreateUserPoolClient`).
pub fn refusal(callback: &str) -> Option<String> {
    let url = Url::parse(callback).ok()?;
    let why = if let Some(why) = cognito::URL.objection(callback) {
        format!("it {why}")
    } else if callback.contains('#') {
        "it has a fragment (`#…`)".to_owned()
    } else if url.scheme() == "http" && !is_loopback(&url) {
        "plain `http` is for `localhost`, `127.0.0.1` and `[::1]` only".to_owned()
    } else {
        return None;
    };
    Some(why)
}

fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(cognito::takes_plain_http)
}

fn suggestion(callback: &str) -> String {
    let url = Url::parse(callback).ok();
    // No name of a host is longer (RFC 1035).
    let host = url.as_ref().and_then(|url| url.host_str()).filter(|host| host.len() <= 253);
    let host = host.unwrap_or("authenticate.<your domain>");
    let port = url.as_ref().and_then(Url::port).map_or_else(String::new, |port| format!(":{port}"));
    format!("https://{host}{port}")
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= 120 { text.to_owned() } else { text.chars().take(117).chain("…".chars()).collect() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn what_cognito_refuses_to_store_is_known() {
        for (url, why) in [
            ("http://auth.example.com/x", Some("plain `http` is for `localhost`, `127.0.0.1` and `[::1]` only")),
            ("https://auth.example.com/x#y", Some("it has a fragment (`#…`)")),
            ("http://localhost/x", None),
        ] {
            assert_eq!(refusal(url).as_deref(), why, "{url}");
        }
    }

    #[test]
    fn the_difference_is_put_into_words() {
        let sent = "https://auth.example.com/oauth2/callback";
        let cases = [
            ("https://auth.example.com/oauth2/callback/", "the same URL with a slash at the end"),
            ("http://auth.example.com/oauth2/callback", "the same URL with another scheme"),
            ("https://Auth.example.com/oauth2/callback", "the same URL in other letter case"),
            ("https://auth.example.com/OAuth2/callback", "the same URL in other letter case"),
            ("https://auth.example.com:443/oauth2/callback", "the same URL with the port `:443`"),
            ("https://login.example.com/oauth2/callback", "the same URL on another host"),
            (
                "http://auth.example.com/oauth2/callback/",
                "the same URL with another scheme and another slash at the end",
            ),
            (
                "https://auth.example.com:8443/oauth2/callback/",
                "the same URL with the port `:8443` and another slash at the end",
            ),
            ("https://auth.example.com/cb", "a similar URL"),
        ];
        for (registered, words) in cases {
            assert_eq!(difference(sent, registered), words, "{registered}");
        }
        let without = difference("https://auth.example.com/callback/", "https://auth.example.com/callback");
        assert_eq!(without, "the same URL without the slash at the end");
    }

    #[test]
    fn only_a_change_that_pomerium_can_make_is_proposed_to_it() {
        assert_eq!(
            origin_that_sends("https://Auth.example.com/oauth2/callback").as_deref(),
            Some("https://Auth.example.com")
        );
        assert_eq!(origin_that_sends("https://auth.example.com/oauth2/callback/"), None);
        assert_eq!(origin_that_sends("https://auth.example.com/callback"), None);
        assert_eq!(origin_that_sends("http://auth.example.com/oauth2/callback"), None);
        assert!(origin_that_sends("http://localhost:8000/oauth2/callback").is_some());
    }

    #[test]
    fn cognito_takes_http_for_loopback_alone() {
        for good in [
            "https://auth.example.com/oauth2/callback",
            "http://localhost:8000/oauth2/callback",
            "http://127.0.0.1/oauth2/callback",
            "http://[::1]:9/oauth2/callback",
        ] {
            assert_eq!(refusal(good), None, "{good}");
        }
        for bad in [
            "http://auth.example.com/oauth2/callback",
            "http://192.168.1.2/oauth2/callback",
            "http://127.0.0.2/oauth2/callback",
            "https://auth.example.com/oauth2/callback#x",
        ] {
            assert!(refusal(bad).is_some(), "{bad}");
        }
        let long = format!("https://auth.example.com/oauth2/callback?{}", "x".repeat(1024));
        assert_eq!(refusal(&long).as_deref(), Some("it has more than 1024 characters"));
    }
}
