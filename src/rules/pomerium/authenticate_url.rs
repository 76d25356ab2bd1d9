//! `authenticate_service_url`: the origin of the redirect URI, byte for byte.

use super::{CALLBACK_PATH, NO_PROVIDER, identity_setting};
use crate::config::go_url::{self, GoUrl};
use crate::config::{AuthenticateUrl, Cognito, Config, Hosting, Login, PomeriumVersion, Settings};
use crate::rules::config::missing_option;
use crate::rules::place::{piece, written};
use crate::rules::{Finding, Judgement, Severity};

const KEY: &str = "authenticate_service_url";
const UNPARSED: &str = "Pomerium cannot parse authenticate_service_url";

/// `authenticate-url-missing`
pub(in crate::rules) fn authenticate_url_missing(config: &Config, settings: &Settings) -> Judgement {
    if settings.authenticate_service_url.as_ref().is_some_and(|url| !url.value.is_empty()) {
        return Judgement::pass();
    }
    let Some((name, at)) = identity_setting(settings) else { return Judgement::NotApplicable(NO_PROVIDER) };
    let effect = if config.version >= PomeriumVersion(0, 22, 0) {
        format!("users log in at Pomerium's hosted service, and `{name}` with every other `idp_*` is ignored")
    } else {
        format!("Pomerium {} has no address to which users could come back", config.version)
    };
    let at = settings.authenticate_service_url.as_ref().map_or(at, |url| url.span);
    missing_option(config, KEY, at, &effect)
        .fix("name the host on which browsers reach Pomerium's authenticate service:")
        .fix(written(config, at, KEY, "https://authenticate.<your domain>"))
        .into()
}

/// `authenticate-url-hosted`
pub(in crate::rules) fn authenticate_url_hosted(
    config: &Config,
    settings: &Settings,
    url: &AuthenticateUrl,
    login: &Login,
) -> Judgement {
    if login.hosting == Hosting::Own {
        return Judgement::pass();
    }
    let Some((name, at)) = identity_setting(settings) else { return Judgement::NotApplicable(NO_PROVIDER) };
    let url = &url.0;
    Finding::at(
        url.span,
        format!(
            "this is Pomerium's hosted service: it logs users in itself and ignores `{name}` and every other `idp_*`"
        ),
    )
    .also(at, "ignored")
    .fix("name a host of your own that leads to this Pomerium:")
    .fix(written(config, url.span, KEY, "https://authenticate.<your domain>"))
    .into()
}

/// `authenticate-url-malformed`
pub(in crate::rules) fn authenticate_url_malformed(config: &Config, url: &AuthenticateUrl) -> Judgement {
    let setting = &url.0;
    let Err(words) = go_url::parse_and_validate(&setting.value) else { return Judgement::pass() };
    let mut finding = Finding::at(
        setting.span,
        format!("Pomerium refuses to start: `config: bad authenticate-url {} : {words}`", setting.value),
    );
    finding = match repaired(&setting.value) {
        Some(url) => finding.fix("write scheme and host:").correct(config, setting, KEY, &url),
        None => finding.fix("write scheme and host, e.g. https://authenticate.corp.example.com"),
    };
    finding.into()
}

/// The URL that is most likely meant, if only the scheme or the trimming is missing.
fn repaired(text: &str) -> Option<String> {
    let bare = text.trim().trim_start_matches('/');
    let candidate = if bare.contains("://") { bare.to_owned() } else { format!("https://{bare}") };
    let url = go_url::parse_and_validate(&candidate).ok()?;
    let https = url.port() == "443";
    // `host:443` was meant to say https.
    Some(if https { candidate.replacen(":443", "", 1) } else { candidate })
}

fn parsed(url: &AuthenticateUrl, login: &Login) -> Result<GoUrl, Judgement> {
    if login.hosting == Hosting::Hosted {
        return Err(Judgement::NotApplicable("Pomerium's hosted service runs the login"));
    }
    go_url::parse_and_validate(&url.0.value).map_err(|_| Judgement::NotApplicable(UNPARSED))
}

/// `authenticate-url-not-https`
pub(in crate::rules) fn authenticate_url_not_https(
    config: &Config,
    url: &AuthenticateUrl,
    login: &Login,
    _: &Cognito,
) -> Judgement {
    let go = match parsed(url, login) {
        Ok(go) => go,
        Err(judgement) => return judgement,
    };
    if go.scheme == "https" || go.scheme == "http" && is_loopback_origin(&go.hostname()) {
        return Judgement::pass();
    }
    let setting = &url.0;
    let end = setting.value.find(':').unwrap_or(setting.value.len());
    let https = format!("https{}", setting.value.get(end..).unwrap_or_default());
    Finding::at(
        piece(config, setting, 0..end),
        format!("over {} browsers withhold Pomerium's Secure cookies, and Cognito registers only https callbacks outside loopback", go.scheme),
    )
    .fix("serve the authenticate service over https:")
    .correct(config, setting, KEY, &https)
    .into()
}

/// The three hosts for which Cognito registers plain http (app client's callback URLs), and which browsers trust with Secure cookies.
fn is_loopback_origin(host: &str) -> bool {
    ["localhost", "127.0.0.1", "::1"].contains(&host)
}

/// `authenticate-url-path-dropped`
pub(in crate::rules) fn authenticate_url_path_dropped(
    config: &Config,
    url: &AuthenticateUrl,
    login: &Login,
) -> Judgement {
    let go = match parsed(url, login) {
        Ok(go) => go,
        Err(judgement) => return judgement,
    };
    if go.path.is_empty() || go.path == "/" {
        return Judgement::pass();
    }
    let setting = &url.0;
    let (start, end) = path_range(&setting.value);
    let corrected = cut(&setting.value, start, end);
    Finding::at(
        piece(config, setting, start..end),
        format!("Pomerium replaces this path by `{CALLBACK_PATH}`: the redirect URI is {}", login.redirect_uri),
    )
    .fix("leave the path out, and register exactly the redirect URI that is sent:")
    .correct(config, setting, KEY, &corrected)
    .into()
}

/// `authenticate-url-explicit-port`
pub(in crate::rules) fn authenticate_url_explicit_port(
    config: &Config,
    url: &AuthenticateUrl,
    login: &Login,
    _: &Cognito,
) -> Judgement {
    let go = match parsed(url, login) {
        Ok(go) => go,
        Err(judgement) => return judgement,
    };
    if !matches!((go.scheme.as_str(), go.port()), ("https", "443") | ("http", "80")) {
        return Judgement::pass();
    }
    let setting = &url.0;
    let port = format!(":{}", go.port());
    let (end, _) = path_range(&setting.value);
    let start = end.saturating_sub(port.len());
    Finding::at(
        piece(config, setting, start..end),
        format!(
            "the port is sent as written, {}, and matches no callback URL registered without it",
            login.redirect_uri
        ),
    )
    .fix("leave out the port that the scheme implies:")
    .correct(config, setting, KEY, &cut(&setting.value, start, end))
    .into()
}

/// `authenticate-url-uppercase`
pub(in crate::rules) fn authenticate_url_uppercase(
    config: &Config,
    url: &AuthenticateUrl,
    login: &Login,
    _: &Cognito,
) -> Judgement {
    let go = match parsed(url, login) {
        Ok(go) => go,
        Err(judgement) => return judgement,
    };
    if !go.host.chars().any(char::is_uppercase) {
        return Judgement::pass();
    }
    let setting = &url.0;
    let lower = go.host.to_lowercase();
    let start = setting.value.find(&go.host).unwrap_or(0);
    Finding::at(
        piece(config, setting, start..start + go.host.len()),
        format!("the capitals are sent as written, {}: Cognito's first page may accept them and the login form still refuse", login.redirect_uri),
    )
    .fix("write the host in lower case here and in Cognito's callback URLs:")
    .correct(config, setting, KEY, &setting.value.replacen(&go.host, &lower, 1))
    .into()
}

/// `authenticate-url-query-sent`
pub(in crate::rules) fn authenticate_url_query_sent(
    config: &Config,
    url: &AuthenticateUrl,
    login: &Login,
    _: &Cognito,
) -> Judgement {
    let go = match parsed(url, login) {
        Ok(go) => go,
        Err(judgement) => return judgement,
    };
    if go.query.is_none() && go.fragment.is_none() {
        return Judgement::pass();
    }
    let setting = &url.0;
    let (_, start) = path_range(&setting.value);
    let kind = if go.fragment.is_some() { "the fragment, which Cognito refuses to register," } else { "the query" };
    Finding::at(
        piece(config, setting, start..setting.value.len()),
        format!("{kind} becomes part of the redirect URI: {}", login.redirect_uri),
    )
    .fix("end the URL after the host:")
    .correct(config, setting, KEY, &cut(&setting.value, start, setting.value.len()))
    .into()
}

/// `callback-path-ignored`
pub(in crate::rules) fn callback_path_ignored(config: &Config, settings: &Settings) -> Judgement {
    let Some(path) = settings.authenticate_callback_path.as_ref().filter(|path| !path.value.is_empty()) else {
        return Judgement::pass();
    };
    if path.value == CALLBACK_PATH {
        return Judgement::pass();
    }
    let finding = if config.version >= PomeriumVersion(0, 31, 0) {
        Finding::at(
            path.span,
            format!("Pomerium {} ignores this option and sends `{CALLBACK_PATH}` all the same", config.version),
        )
    } else {
        Finding::at(
            path.span,
            format!(
                "Pomerium {} sends `{}` to the provider, but answers only on `{CALLBACK_PATH}`: 404 after the login",
                config.version, path.value
            ),
        )
        .severity(Severity::Error)
    };
    finding.fix(format!("delete the option, and register <{KEY}>{CALLBACK_PATH} in Cognito")).into()
}

/// Where the path of a URL begins and ends. Pomerium has parsed it, so a scheme and `//` come first.
fn path_range(url: &str) -> (usize, usize) {
    let authority = url.find("//").map_or(0, |slashes| slashes + 2);
    let rest = url.get(authority..).unwrap_or_default();
    let end = authority + rest.find(['?', '#']).unwrap_or(rest.len());
    let start = authority + rest.find(['/', '?', '#']).unwrap_or(rest.len());
    (start, end)
}

fn cut(text: &str, start: usize, end: usize) -> String {
    format!("{}{}", text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_found_between_authority_and_query() {
        let path = |url: &str| {
            let (start, end) = path_range(url);
            url.get(start..end).map(str::to_owned)
        };
        assert_eq!(path("https://a.example/b/c?d=/e#/f").as_deref(), Some("/b/c"));
        assert_eq!(path("https://a.example?d").as_deref(), Some(""));
        assert_eq!(path("https://a.example:443").as_deref(), Some(""));
    }

    #[test]
    fn a_missing_scheme_is_added() {
        assert_eq!(repaired("login.corp.example.com").as_deref(), Some("https://login.corp.example.com"));
        assert_eq!(repaired("login.corp.example.com:443").as_deref(), Some("https://login.corp.example.com"));
        assert_eq!(repaired(" https://login.corp.example.com ").as_deref(), Some("https://login.corp.example.com"));
        assert_eq!(repaired("see the wiki"), None);
    }
}
