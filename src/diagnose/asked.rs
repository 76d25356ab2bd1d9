//! What the address of a login says of the configuration that made it: what Pomerium asks Cognito for.

use super::line::{Address, Line};
use super::written::what;
use super::{Named, What};
use crate::config::cognito;
use crate::evidence::is_cognito_login_host;
use crate::page::Strength;
use crate::rules;

/// The path of every callback of Pomerium.
const CALLBACK: &str = "/oauth2/callback";

/// So long a client ID is, and a client secret at least.
const ID: usize = 26;
const SECRET: usize = 40;

/// What the addresses name at which a login is asked of Cognito.
pub(super) fn named(line: &Line) -> Vec<Named> {
    let is_login = |address: &&Address| {
        let is_cognito = address.host.as_deref().is_some_and(is_cognito_login_host);
        let path = address.path.as_deref().unwrap_or_default().to_ascii_lowercase();
        let path = path.as_str();
        let is_back =
            address.parameter("redirect_uri").is_some_and(|callback| callback.to_ascii_lowercase().contains(CALLBACK));
        // An endpoint that a document names asks for nothing.
        !address.parameters.is_empty()
            && (is_cognito && path == "/login" && address.parameter("response_type").is_some()
                || is_cognito && path == "/oauth2/authorize"
                // A login domain of the customer's own.
                || ["/login", "/oauth2/authorize"].contains(&path) && is_back && !address.is_of_another_provider())
    };
    let mut names = Vec::new();
    if let Some(address) = addresses(line).iter().find(is_login) {
        let mut name = |rule: &str, strength: Strength, because: &'static str| {
            names.extend(named_rule(rule, strength, because));
        };
        scopes(address, &mut name);
        callback(address, &mut name);
        client(address, &mut name);
        if address.parameter("response_type").is_some_and(|wanted| wanted != "code") {
            name("request-parameter-overrides-protocol", Strength::Likely, "response_type is not code");
        }
        if address.parameter("prompt") == Some("none") {
            name("silent-login-without-session", Strength::Possible, "prompt=none");
        }
    }
    names
}

/// What the address of the callback alone says: nothing that Cognito sends along is there, so nobody came from it. (Pomerium answers
/// “identity provider returned empty code”: authenticate/handlers.go.)
pub(super) fn by_hand(line: &Line) -> Option<Named> {
    let [address] = line.addresses() else { return None };
    let is_bare = address.host.is_some()
        && address.path.as_deref() == Some(CALLBACK)
        && address.parameters.iter().all(|(name, _)| name == "state")
        && !line.plain.trim().contains(char::is_whitespace);
    let named = |cause| Named::because(cause, Strength::Possible, "the callback without a code");
    what("callback-opened-by-hand").filter(|_| is_bare).map(named)
}

/// What the client that Cognito's error page names says of the configuration: it is the one that Pomerium sent.
pub(super) fn refused(line: &Line) -> Vec<Named> {
    let is_error = |address: &&Address| {
        let is_cognito = address.host.as_deref().is_some_and(is_cognito_login_host);
        is_cognito && address.path.as_deref() == Some("/error") && address.parameter("client_id").is_some()
    };
    let mut names = Vec::new();
    if let Some(address) = addresses(line).iter().find(is_error) {
        client(address, &mut |rule, strength, because| names.extend(named_rule(rule, strength, because)));
    }
    names
}

fn named_rule(rule: &str, strength: Strength, because: &'static str) -> Option<Named> {
    rules::find(rule).map(|rule| Named::because(What::Rule(rule), strength, because))
}

/// What a discovery document names by what it lacks, and what is asked where none can be.
pub(super) fn discovered(line: &Line) -> Option<Named> {
    const DOCUMENT: &str = "/.well-known/openid-configuration";
    let is_at_a_login_domain = |address: &Address| {
        address.path.as_deref() == Some(DOCUMENT) && address.host.as_deref().is_some_and(is_cognito_login_host)
    };
    // Without an `authorization_endpoint`, Pomerium redirects to the parameters alone: a page of its own.
    let is_relative = |address: &Address| {
        address.path.as_deref().is_some_and(|path| path.starts_with("/.pomerium"))
            && ["client_id", "response_type"].iter().all(|name| address.parameter(name).is_some())
    };
    let has = |name: &str| line.lower.contains(name);
    if has(DOCUMENT) && line.low().iter().any(is_at_a_login_domain) {
        return named_rule("issuer-is-login-domain", Strength::Likely, "a login domain has no discovery document");
    }
    if has("/.pomerium") && has("response_type=") && line.low().iter().any(is_relative) {
        return named_rule(
            "discovery-incomplete",
            Strength::Likely,
            "the authorize request on a page of Pomerium's own",
        );
    }
    if !has("\"token_endpoint\"") {
        return None;
    }
    // Whatever stands around it.
    let document =
        line.lower.split_once('{').and_then(|(_, rest)| rest.rsplit_once('}')).map_or("", |(inside, _)| inside);
    let has = |name: &str| document.contains(name);
    if !["\"token_endpoint\"", "\"jwks_uri\"", "\"issuer\""].into_iter().all(has) {
        None
    } else if !has("\"authorization_endpoint\"") {
        named_rule("discovery-incomplete", Strength::Likely, "a discovery document without authorization_endpoint")
    } else if !has("\"userinfo_endpoint\"") {
        named_rule("userinfo-endpoint-missing", Strength::Likely, "a discovery document without userinfo_endpoint")
    } else {
        None
    }
}

/// The region of an issuer's host that no name server knows, if AWS has none of that name, and one that is nearly the same.
pub(super) fn misspelt(line: &Line) -> Option<Named> {
    const UNKNOWN: [&str; 4] = ["no such host", "could not resolve host", "enotfound", "nxdomain"];
    if !line.lower.contains("cognito-idp") || !UNKNOWN.iter().any(|words| line.lower.contains(words)) {
        return None;
    }
    let hosts = line.lower.split(|char: char| !char.is_ascii_alphanumeric() && !"-.".contains(char));
    let mut regions = hosts.filter_map(|host| cognito::region_of_issuer_host(host.trim_matches('.')));
    let region = regions.find(|region| !cognito::is_known_region(region))?;
    cognito::nearest_region(region)?;
    named_rule("issuer-region-contradicts-pool", Strength::Likely, "AWS has no region of that name")
}

/// The addresses in a line, if one of Cognito's may be among them.
fn addresses(line: &Line) -> &[Address] {
    if line.may_be_cognitos() || line.lower.contains("/oauth2/authorize") { line.addresses() } else { &[] }
}

fn scopes(address: &Address, name: &mut dyn FnMut(&str, Strength, &'static str)) {
    let Some(scope) = address.parameter("scope") else { return };
    let mut scopes = scope.split_whitespace();
    if scopes.clone().any(|scope| ["offline_access", "groups", "roles"].contains(&scope)) {
        name("scope-unsupported", Strength::Likely, "scope has one that Cognito does not know");
    }
    // On the wire only a blank separates scopes.
    if scope.contains([',', ';']) {
        name("scope-unsupported", Strength::Likely, "scope has a comma, which makes one scope of several");
    } else if scope.contains("  ") {
        name("scopes-badly-written", Strength::Likely, "scope has an empty one between two blanks");
    } else if !scopes.any(|scope| scope.eq_ignore_ascii_case("openid")) {
        name("scope-openid-missing", Strength::Likely, "scope has no openid");
    }
}

fn callback(address: &Address, name: &mut dyn FnMut(&str, Strength, &'static str)) {
    let Some(callback) = address.parameter("redirect_uri") else { return };
    let Some((scheme, rest)) = callback.split_once("://") else { return };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if !path.starts_with(CALLBACK) {
        return;
    }
    // Who writes all of an address in capitals did not copy it.
    if scheme != "HTTPS" && authority.bytes().any(|byte| byte.is_ascii_uppercase()) {
        name("authenticate-url-uppercase", Strength::Likely, "redirect_uri has a capital letter in its host");
    }
    if scheme == "https" && authority.ends_with(":443") {
        name("authenticate-url-explicit-port", Strength::Possible, "redirect_uri names the port 443");
    }
    if path.contains('?') {
        name("authenticate-url-query-sent", Strength::Likely, "redirect_uri has a query");
    }
    if !authority.is_ascii() {
        name("authenticate-url-not-ascii", Strength::Likely, "redirect_uri has a letter that is not ASCII in its host");
    }
}

fn client(address: &Address, name: &mut dyn FnMut(&str, Strength, &'static str)) {
    let id = address
        .parameters
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("client_id"))
        .map(|(_, value)| value.as_str());
    match id {
        None | Some("") => name("client-id-missing", Strength::Likely, "client_id is empty"),
        Some(id) if id.len() >= SECRET && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            name("client-id-and-secret-swapped", Strength::Likely, "client_id is as long as a secret");
        }
        // YAML read an ID of digits as a number. Decoded once too often, its `+` is a blank.
        Some(id) if id.contains('.') && id.replace(' ', "+").parse::<f64>().is_ok() => {
            name("client-id-read-as-number", Strength::Likely, "client_id is a number");
        }
        Some(id) if id.contains(['@', ' ', '"', '$', '{', '<']) || id.len() > ID && id.trim() != id => {
            name("client-id-malformed", Strength::Likely, "client_id has a sign that no client ID has");
        }
        Some(_) => {}
    }
}
