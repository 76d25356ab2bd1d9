//! The pieces of an issuer, found in the text as written: what is wrong with it must be shown, not repaired by a parser.

use crate::config::cognito;
use crate::go;

/// An issuer taken apart. All pieces are slices of the text.
pub(super) struct Parts<'a> {
    /// Before `://`; empty if there is none.
    pub(super) scheme: &'a str,
    /// A user name and perhaps a password before the host, with the `@`; empty if there is none.
    pub(super) userinfo: &'a str,
    /// The host without port.
    pub(super) host: &'a str,
    /// Where the host begins.
    pub(super) host_start: usize,
    /// The port with its colon; empty if there is none.
    pub(super) port: &'a str,
    /// From the slash behind the host up to a query or fragment.
    pub(super) path: &'a str,
    /// Query and fragment, with `?` or `#`.
    pub(super) tail: &'a str,
}

impl<'a> Parts<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let (scheme, start) = match text.find("://") {
            Some(colon) => (text.get(..colon).unwrap_or_default(), colon + 3),
            None => ("", text.len() - text.trim_start_matches('/').len()),
        };
        let rest = text.get(start..).unwrap_or_default();
        let (authority, after) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (path, tail) = after.split_at(after.find(['?', '#']).unwrap_or(after.len()));
        let (userinfo, place) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
        let (host, port) = place.split_at(place.find(':').unwrap_or(place.len()));
        Self { scheme, userinfo, host, host_start: start + userinfo.len(), port, path, tail }
    }
}

/// A pool's id somewhere in a text, as in an ARN or a longer path.
pub(super) fn pool_id_in(text: &str) -> Option<&str> {
    text.split(['/', ':', '?', '#', ' ']).find(|piece| cognito::region_of_pool(piece).is_some())
}

/// Where something begins that belongs to a URL below the issuer rather than to the issuer itself.
pub(super) fn discovery_suffix(text: &str) -> Option<usize> {
    ["/.well-known", "/oauth2/"].iter().filter_map(|suffix| text.find(suffix)).min()
}

/// What follows a scheme with one slash or none: `https:/host/pool`.
pub(super) fn behind_one_slash(text: &str) -> Option<&str> {
    let scheme = text.get(..6)?.to_ascii_lowercase();
    let rest = text.get(6..).filter(|_| scheme == "https:")?;
    Some(rest.trim_start_matches('/'))
}

/// Why Go does not ask for the discovery document of this issuer (`net/http/transport.go`, `roundTrip`).
fn words_of_go(text: &str) -> String {
    match go::url::parse(&format!("{}/.well-known/openid-configuration", text.trim_end_matches('/'))) {
        // The words quote the whole URL.
        Err(words) => words.rsplit_once("\": ").map_or(words.clone(), |(_, problem)| problem.to_owned()),
        Ok(url) if ["http", "https"].contains(&url.scheme.as_str()) => "http: no Host in request URL".to_owned(),
        Ok(url) => format!("unsupported protocol scheme {}", go::quote(&url.scheme)),
    }
}

/// What a text without a scheme is instead of a URL.
pub(super) fn not_a_url(text: &str, parts: &Parts<'_>) -> String {
    let then = format!("`{}` at every login", words_of_go(text));
    if behind_one_slash(text).is_some() {
        format!("a slash is missing behind its scheme: {then}")
    } else if text.starts_with("arn:") {
        format!("this is an ARN, and the issuer is a URL: {then}")
    } else if cognito::region_of_pool(text).is_some() {
        format!("this is the user pool ID alone, and the issuer is the URL that ends with it: {then}")
    } else if cognito::is_issuer_host(parts.host) && parts.path.trim_matches('/').is_empty() {
        format!("it has neither a scheme nor a user pool ID: {then}")
    } else if parts.host.contains('.') || parts.host == "localhost" {
        format!("it has no scheme: {then}")
    } else {
        format!("this is no URL: {then}")
    }
}

/// What a path is instead of a pool's id.
pub(super) fn not_a_pool(id: &str, region: &str) -> String {
    let is_uuid = |text: &str| text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4;
    let identity_pool = id.split_once(':').is_some_and(|(region, rest)| cognito::is_region(region) && is_uuid(rest));
    if id.is_empty() {
        "the user pool ID is missing after the host".to_owned()
    } else if id.starts_with("arn:") {
        "this is an ARN: the issuer wants the user pool ID alone".to_owned()
    } else if identity_pool {
        "this is the ID of an identity pool, which is another product than a user pool".to_owned()
    } else if cognito::is_like_client_id(id) {
        "this looks like the ID of an app client: the issuer wants that of the user pool".to_owned()
    } else if pool_id_in(id).is_some() {
        "the issuer ends with the user pool ID: nothing stands before or after it".to_owned()
    } else {
        format!("`{id}` is not a user pool ID, which looks like {region}_9xK2mPq7R")
    }
}
