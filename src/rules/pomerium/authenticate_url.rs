//! `authenticate_service_url`: the origin of the redirect URI, byte for byte.

use std::ops::Range;

use url::Host;

use super::databroker::{NOT_REFRESHED, is_databroker, refreshes_nothing};
use super::{NO_PROVIDER, identity_setting};
use crate::config::cognito::takes_plain_http;
use crate::config::{
    AuthenticateUrl, CALLBACK_PATH, Change, Client, Cognito, Config, Form, Hosting, Login, OwnAuthenticateUrl, Setting,
    Settings, is_hosted,
};
use crate::evidence::{CallbackStanding, Evidence};
use crate::go;
use crate::go::url::GoUrl;
use crate::rules::missing::{missing_option, place_of_missing};
use crate::rules::place::{CURLY_QUOTES, piece, who, without_curly_quotes, written};
use crate::rules::{Finding, Judgement, Severity};

const KEY: &str = "authenticate_service_url";

/// `authenticate-url-missing`
pub(in crate::rules) fn authenticate_url_missing(config: &Config, settings: &Settings) -> Judgement {
    if settings.authenticate_service_url.as_ref().is_some_and(|url| !url.value.is_empty()) {
        return Judgement::pass();
    }
    let Some((name, at)) = identity_setting(settings) else { return Judgement::NotApplicable(NO_PROVIDER) };
    let effect = if config.version.has(Change::HostedByDefault) {
        format!("users log in at Pomerium's hosted service, and `{name}` with every other `idp_*` is ignored")
    } else {
        format!("Pomerium {} has no address to which users could come back", config.version)
    };
    let at = settings.authenticate_service_url.as_ref().map_or(at, |url| url.span);
    let at = place_of_missing(config, KEY, at);
    if is_databroker(settings) {
        return refreshes_nothing(missing_option(config, KEY, at, NOT_REFRESHED));
    }
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
    let url = &url.0;
    if login.hosting == Hosting::Own {
        let is_theirs = go::url::parse_and_validate(&url.value).is_ok_and(|url| is_hosted(&url.hostname()));
        let internal = settings.authenticate_internal_service_url.as_ref();
        return internal.filter(|_| is_theirs).map(|internal| sent_astray(config, url, internal)).into();
    }
    let Some((name, at)) = identity_setting(settings) else { return Judgement::NotApplicable(NO_PROVIDER) };
    if is_databroker(settings) {
        return refreshes_nothing(Finding::at(url.span, NOT_REFRESHED).also(at, "ignored"));
    }
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

/// Which flow it is, Pomerium tells by the internal address (`UseStatelessAuthenticateFlow` in `config/options.go`); browsers are sent to the
/// other one all the same.
fn sent_astray(config: &Config, url: &Setting<String>, internal: &Setting<String>) -> Finding {
    let says = "this is Pomerium's hosted service, and this Pomerium runs the login itself: users are sent there, and nobody comes back";
    Finding::at(url.span, says)
        .also(internal.span, "so the login is run here")
        .fix("name a host of your own that leads to this Pomerium:")
        .fix(written(config, url.span, KEY, "https://authenticate.<your domain>"))
}

/// `authenticate-url-malformed`
pub(in crate::rules) fn authenticate_url_malformed(config: &Config, url: &AuthenticateUrl) -> Judgement {
    let setting = &url.0;
    let words = match go::url::parse_and_validate(&setting.value) {
        // `https://https://host`: the second scheme is a host with an empty port.
        Ok(go) if go.host.ends_with(':') && go.path.starts_with("//") => {
            return two_schemes(config, setting, &go).into();
        }
        Ok(_) => return Judgement::pass(),
        Err(words) => words,
    };
    let mut finding = Finding::at(
        setting.span,
        format!("Pomerium refuses to start: `config: bad authenticate-url {} : {words}`", setting.value),
    );
    let sentence = if setting.value.contains(CURLY_QUOTES) {
        "write straight quotes, or none: curly ones are part of the value"
    } else {
        "write scheme and host:"
    };
    finding = match repaired(&setting.value) {
        Some(url) => finding.fix(sentence).correct(config, setting, KEY, &url),
        None => finding.fix("write scheme and host, e.g. https://authenticate.corp.example.com"),
    };
    finding.into()
}

fn two_schemes(config: &Config, setting: &Setting<String>, go: &GoUrl) -> Finding {
    let host = go.path.trim_start_matches('/');
    let finding = Finding::at(
        setting.span,
        format!("a second scheme stands in {}: Pomerium takes `{}` for the host", setting.value, go.host),
    )
    .title("authenticate_service_url has two schemes");
    if config.form == Form::Helm {
        return finding
            .fix(format!("write the domain alone; the chart puts `https://authenticate.` before it: {host}"));
    }
    finding.fix("write one scheme:").correct(config, setting, KEY, &format!("https://{host}"))
}

/// The URL that is most likely meant, if only the scheme or the trimming is missing.
fn repaired(text: &str) -> Option<String> {
    let bare = without_curly_quotes(text.trim()).trim_start_matches('/');
    let candidate = if bare.contains("://") { bare.to_owned() } else { format!("https://{bare}") };
    let url = go::url::parse_and_validate(&candidate).ok()?;
    let https = url.port() == "443";
    // `host:443` was meant to say https.
    Some(if https { candidate.replacen(":443", "", 1) } else { candidate })
}

/// `authenticate-url-not-https`
pub(in crate::rules) fn authenticate_url_not_https(
    config: &Config,
    own: &OwnAuthenticateUrl,
    _: &Cognito,
) -> Judgement {
    if own.url.scheme == "https" || own.url.scheme == "http" && takes_plain_http(&own.url.hostname()) {
        return Judgement::pass();
    }
    let setting = &own.setting;
    let end = setting.value.find(':').unwrap_or(setting.value.len());
    // `:80` is the port of http.
    let http = without_port(&setting.value, if own.url.scheme == "http" { ":80" } else { "" });
    let https = replaced(&http, 0..end, "https");
    Finding::at(
        piece(config, setting, 0..end),
        format!("over {} browsers withhold Pomerium's Secure cookies, and Cognito registers only https callbacks outside loopback", own.url.scheme),
    )
    .fix("serve the authenticate service over https:")
    .correct(config, setting, KEY, &https)
    .into()
}

/// `authenticate-url-path-dropped`
pub(in crate::rules) fn authenticate_url_path_dropped(
    config: &Config,
    own: &OwnAuthenticateUrl,
    login: &Login,
) -> Judgement {
    if own.url.path.is_empty() || own.url.path == "/" {
        return Judgement::pass();
    }
    let setting = &own.setting;
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
    own: &OwnAuthenticateUrl,
    login: &Login,
    _: &Cognito,
    client: &Client,
    standing: &Evidence<CallbackStanding>,
) -> Option<Finding> {
    if !matches!((own.url.scheme.as_str(), own.url.port()), ("https", "443") | ("http", "80")) {
        return None;
    }
    // The place is the same for every client, so that it is said once as long as nothing is known of them.
    match standing {
        Ok(seen) if seen.value == CallbackStanding::Registered => return None,
        Err(_) if client.index > 0 => return None,
        _ => {}
    }
    let setting = &own.setting;
    let port = format!(":{}", own.url.port());
    let (end, _) = path_range(&setting.value);
    let start = end.saturating_sub(port.len());
    let finding = Finding::at(
        piece(config, setting, start..end),
        format!(
            "the port is sent as written, {}, and matches no callback URL registered without it",
            login.redirect_uri
        ),
    )
    .fix("leave out the port that the scheme implies, here and in Cognito's callback URLs:")
    .correct(config, setting, KEY, &cut(&setting.value, start, end));
    // The page's title is about the port of https.
    Some(if port == ":80" {
        finding.title("Pomerium sends :80 in the callback URL, and Cognito compares it")
    } else {
        finding
    })
}

/// `authenticate-url-uppercase`
pub(in crate::rules) fn authenticate_url_uppercase(
    config: &Config,
    own: &OwnAuthenticateUrl,
    login: &Login,
    _: &Cognito,
) -> Judgement {
    let setting = &own.setting;
    let range = host_range(&setting.value);
    let host = setting.value.get(range.clone()).unwrap_or_default();
    // Letters outside ASCII have a rule of their own, and so the capitals of their escapes.
    if !host.chars().any(char::is_uppercase) || !own.url.hostname().is_ascii() {
        return Judgement::pass();
    }
    let lower = replaced(&setting.value, range.clone(), &host.to_lowercase());
    Finding::at(
        piece(config, setting, range),
        format!("the capitals are sent as written, {}: Cognito's first page may accept them and the login form still refuse", login.redirect_uri),
    )
    .fix("write the host in lower case here and in Cognito's callback URLs:")
    .correct(config, setting, KEY, &lower)
    .into()
}

/// `authenticate-url-not-ascii`
pub(in crate::rules) fn authenticate_url_not_ascii(
    config: &Config,
    own: &OwnAuthenticateUrl,
    login: &Login,
    _: &Cognito,
) -> Judgement {
    if own.url.hostname().is_ascii() {
        return Judgement::pass();
    }
    let setting = &own.setting;
    let range = host_range(&setting.value);
    let finding = Finding::at(
        piece(config, setting, range.clone()),
        format!(
            "Pomerium sends these letters percent-encoded, {}, and browsers know the host by another name",
            login.redirect_uri
        ),
    );
    match Host::parse(&own.url.hostname()) {
        Ok(ascii) => {
            let port = own.url.port();
            let host = if port.is_empty() { ascii.to_string() } else { format!("{ascii}:{port}") };
            finding.fix("write the host as browsers and certificates do, here and in Cognito's callback URLs:").correct(
                config,
                setting,
                KEY,
                &replaced(&setting.value, range, &host),
            )
        }
        Err(_) => finding.fix("write the host as browsers and certificates do: in ASCII, each such label as `xn--…`"),
    }
    .into()
}

/// `authenticate-url-query-sent`
pub(in crate::rules) fn authenticate_url_query_sent(
    config: &Config,
    own: &OwnAuthenticateUrl,
    login: &Login,
    _: &Cognito,
) -> Judgement {
    let setting = &own.setting;
    if own.url.userinfo.is_some() {
        return user_sent(config, setting).into();
    }
    if own.url.query.is_none() && own.url.fragment.is_none() {
        return Judgement::pass();
    }
    let (_, start) = path_range(&setting.value);
    let kind =
        if own.url.fragment.is_some() { "the fragment, which Cognito refuses to register," } else { "the query" };
    Finding::at(
        piece(config, setting, start..setting.value.len()),
        format!("{kind} becomes part of the redirect URI: {}", login.redirect_uri),
    )
    .fix("end the URL after the host:")
    .correct(config, setting, KEY, &cut(&setting.value, start, setting.value.len()))
    .into()
}

/// The redirect URI is not shown: there may be a password in it.
fn user_sent(config: &Config, setting: &Setting<String>) -> Finding {
    let host = host_range(&setting.value).start;
    let start = authority_start(&setting.value);
    Finding::at(
        piece(config, setting, start..host),
        "what stands before the host becomes part of the redirect URI, for every user to see",
    )
    .title("A user name or password becomes part of the callback URL")
    .fix("begin with the host:")
    .correct(config, setting, KEY, &cut(&setting.value, start, host))
}

/// `callback-path-ignored`
pub(in crate::rules) fn callback_path_ignored(config: &Config, settings: &Settings) -> Judgement {
    let Some(path) = settings.authenticate_callback_path.as_ref().filter(|path| !path.value.is_empty()) else {
        return Judgement::pass();
    };
    if path.value == CALLBACK_PATH {
        return Judgement::pass();
    }
    let finding = if config.version.has(Change::FixedCallbackPath) {
        Finding::at(
            path.span,
            format!("Pomerium {} ignores this option and sends `{CALLBACK_PATH}` all the same", config.version),
        )
    } else {
        Finding::at(
            path.span,
            format!(
                "{} sends `{}` to the provider, but answers only on `{CALLBACK_PATH}`: 404 after the login",
                who(config),
                path.value
            ),
        )
        .severity(Severity::Error)
    };
    finding.fix(format!("delete authenticate_callback_path, and register <{KEY}>{CALLBACK_PATH} in Cognito")).into()
}

/// Where the authority of a URL begins. Pomerium has parsed it, so a scheme and `//` come first.
fn authority_start(url: &str) -> usize {
    url.find("//").map_or(0, |slashes| slashes + 2)
}

/// Where the path of a URL begins and ends.
fn path_range(url: &str) -> (usize, usize) {
    let authority = authority_start(url);
    let rest = url.get(authority..).unwrap_or_default();
    let end = authority + rest.find(['?', '#']).unwrap_or(rest.len());
    let start = authority + rest.find(['/', '?', '#']).unwrap_or(rest.len());
    (start, end)
}

/// Where the host of a URL stands, with its port.
fn host_range(url: &str) -> Range<usize> {
    let start = authority_start(url);
    let (end, _) = path_range(url);
    let user = url.get(start..end).and_then(|authority| authority.rfind('@')).map_or(0, |at| at + 1);
    start + user..end
}

/// A URL without this port.
fn without_port(url: &str, port: &str) -> String {
    let (end, _) = path_range(url);
    let start = end.saturating_sub(port.len());
    if url.get(start..end) == Some(port) { cut(url, start, end) } else { url.to_owned() }
}

fn cut(text: &str, start: usize, end: usize) -> String {
    replaced(text, start..end, "")
}

fn replaced(text: &str, range: Range<usize>, by: &str) -> String {
    format!("{}{by}{}", text.get(..range.start).unwrap_or_default(), text.get(range.end..).unwrap_or_default())
}

#[cfg(test)]
mod tests;
