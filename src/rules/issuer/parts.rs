//! The pieces of an issuer, found in the text as written: what is wrong with it must be shown, not repaired by a parser.

/// An issuer taken apart. All pieces are slices of the text.
pub(super) struct Parts<'a> {
    /// Before `://`; empty if there is none.
    pub(super) scheme: &'a str,
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
        let (scheme, host_start) = match text.find("://") {
            Some(colon) => (text.get(..colon).unwrap_or_default(), colon + 3),
            None => ("", text.len() - text.trim_start_matches('/').len()),
        };
        let rest = text.get(host_start..).unwrap_or_default();
        let (authority, after) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (path, tail) = after.split_at(after.find(['?', '#']).unwrap_or(after.len()));
        let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
        Self { scheme, host, host_start, port, path, tail }
    }
}

/// The hosts of Cognito's issuers, up to the region, and what follows it, in every partition.
const ISSUER_HOSTS: [&str; 3] = ["cognito-idp.", "cognito-idp-fips.", "issuer-cognito-idp."];
const ISSUER_SUFFIXES: [&str; 3] = [".amazonaws.com", ".amazonaws.eu", ".amazonaws.com.cn"];

/// Whether user pools have issuers on this host.
pub(super) fn is_issuer_host(host: &str) -> bool {
    region_of_host(host).is_some()
}

/// The region that a host of issuers names.
pub(super) fn region_of_host(host: &str) -> Option<&str> {
    let after = ISSUER_HOSTS.iter().find_map(|prefix| host.strip_prefix(prefix))?;
    let region = ISSUER_SUFFIXES.iter().find_map(|suffix| after.strip_suffix(suffix))?;
    is_region(region).then_some(region)
}

/// Whether a pool's login pages, but not its discovery document, are served on this host.
pub(super) fn is_login_domain(host: &str) -> bool {
    host.to_ascii_lowercase().ends_with(".amazoncognito.com")
}

/// `eu-west-1`, `us-gov-west-1`, `eusc-de-east-1`
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    words.len() >= 2
        && words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The region a pool was made in, if the text is a pool's id: `[\w-]+_[0-9a-zA-Z]+` in the API, a region in practice.
pub(super) fn region_of_pool(id: &str) -> Option<&str> {
    let (region, name) = id.split_once('_')?;
    (is_region(region) && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(region)
}

/// A pool's id somewhere in a text, as in an ARN or a longer path.
pub(super) fn pool_id_in(text: &str) -> Option<&str> {
    text.split(['/', ':', '?', '#', ' ']).find(|piece| region_of_pool(piece).is_some())
}

/// Where something begins that belongs to a URL below the issuer rather than to the issuer itself.
pub(super) fn discovery_suffix(text: &str) -> Option<usize> {
    ["/.well-known", "/oauth2/"].iter().filter_map(|suffix| text.find(suffix)).min()
}

/// What a path is instead of a pool's id.
pub(super) fn not_a_pool(id: &str, region: &str) -> String {
    let is_client_id =
        id.len() >= 20 && id.len() <= 30 && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let is_uuid = |text: &str| text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4;
    let identity_pool = id.split_once(':').is_some_and(|(region, rest)| is_region(region) && is_uuid(rest));
    if id.is_empty() {
        "the user pool ID is missing after the host".to_owned()
    } else if id.starts_with("arn:") {
        "this is an ARN: the issuer wants the user pool ID alone".to_owned()
    } else if identity_pool {
        "this is the ID of an identity pool, which is another product than a user pool".to_owned()
    } else if is_client_id {
        "this looks like the ID of an app client: the issuer wants that of the user pool".to_owned()
    } else if pool_id_in(id).is_some() {
        "the issuer ends with the user pool ID: nothing stands before or after it".to_owned()
    } else {
        format!("`{id}` is not a user pool ID, which looks like {region}_9xK2mPq7R")
    }
}
