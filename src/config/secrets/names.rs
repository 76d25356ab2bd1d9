//! What tells a secret by its name or by its looks alone.

use crate::config::cognito::{is_like_client_id, is_like_client_secret};
use crate::config::releases::options::{OPTIONS, ROUTE, names_secret_of};
use crate::config::releases::{PomeriumVersion, State, annotations};
use crate::secret::paste;

/// Ends of names that speak of a secret and say where it is, or what it is for.
const ABOUT: [&str; 13] = [
    "ref",
    "refs",
    "from",
    "file",
    "name",
    "names",
    "selector",
    "generator",
    "store",
    "mount",
    "mounts",
    "class",
    "id",
];

/// Parameters of a login are secrets where one is made, and none in what asks for it.
const PARAMETERS: [&str; 3] = ["state", "code", "nonce"];

/// Whether the name of a variable speaks of something that must not be shown.
pub(in crate::config) fn is_telling_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let speaks = ["secret", "token", "passw", "passphrase", "credential", "cookie"];
    let is_key = |word: &str| word.ends_with("key") || word.ends_with("keys") || ["pwd", "pass", "pw"].contains(&word);
    speaks.iter().any(|word| name.contains(word)) || name.split('_').any(is_key)
}

/// The very name of an option that holds a secret.
pub(super) fn is_secret_option(name: &str) -> bool {
    OPTIONS.field(&name.to_lowercase().replace('-', "_")).is_some_and(|field| field.secret)
}

/// An option that holds no secret, under its own name or under that which the `Secret` of an identity provider has for it.
pub(super) fn is_known(name: &str) -> bool {
    let key = name.to_lowercase().replace('-', "_");
    key == "client_id" || OPTIONS.field(&key).is_some_and(|field| !field.secret && !field.private)
}

/// Whether a name speaks of a secret, in any style of writing, and whether or not anything has it.
pub(super) fn tells(name: &str) -> bool {
    let key = name.to_lowercase().replace('-', "_");
    // In a ConfigMap or a Secret, a name may be that of a file.
    let key = [".txt", ".text", ".b64", ".base64"].iter().find_map(|ending| key.strip_suffix(ending)).unwrap_or(&key);
    // Users with their passwords: labels of Traefik, `….basicauth.users`.
    if ["basicauth.users", "digestauth.users"].iter().any(|end| key.ends_with(end)) {
        return true;
    }
    let key = key.rsplit('.').next().unwrap_or_default();
    // People put it before the names of variables, which Pomerium does not read then.
    let key = key.strip_prefix("pomerium_").unwrap_or(key);
    if let Some(field) = OPTIONS.field(key).or_else(|| ROUTE.field(key)) {
        return field.secret || field.private;
    }
    let is_annotation = || !matches!(annotations::state(key, PomeriumVersion::NEWEST), State::Unknown);
    let is_about = || {
        let squeezed = squeezed(name);
        ABOUT.iter().any(|end| squeezed.ends_with(end)) || PARAMETERS.contains(&key)
    };
    !is_annotation() && !is_about() && (names_secret_of(&[&OPTIONS, &ROUTE], key) || paste::tells(key))
}

/// Written as no word of a sentence is: `clientSecret`.
pub(super) fn has_hump(name: &str) -> bool {
    name.as_bytes().windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
}

/// What those who log in send under a name that speaks of a secret, and everybody may know: an id of settings is a digest of them
/// (`config/identity.go`), and a nonce is none before there is a token.
const OPEN: [&str; 2] = ["pomerium_idp_id", "nonce"];

/// Whether the parameter of an address or a form is a secret by its name: it is neither put into an address, nor shown, nor kept.
pub fn is_secret_parameter(name: &str) -> bool {
    let key = name.to_ascii_lowercase();
    !OPEN.contains(&key.as_str()) && (names_secret_of(&[&OPTIONS, &ROUTE], &key) || paste::tells(name))
}

/// A name without what its styles of writing differ in.
pub(super) fn squeezed(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// The client id holds a client secret: the two have each other's length and alphabet, or they are the same.
pub fn id_is_secret(id: &str, secret: &str) -> bool {
    is_like_client_secret(id) && (id == secret || is_like_client_id(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_is_a_secret_is_told_from_what_a_login_needs() {
        for name in [
            "access_token",
            "api_token",
            "apiToken",
            "id_token_hint",
            "login_token",
            "xsrf_token",
            "XSRF-TOKEN",
            "api_key",
            "X-Api-Key",
            "key",
            "secret",
            "secret_id",
            "credentials",
            "passwd",
            "passphrase",
            "authorization",
            "client_assertion",
            "session",
            "session_id",
            "jsessionid",
            "PHPSESSID",
            "csrf",
            "_csrf",
            "code",
            "code_verifier",
            "state",
            "RelayState",
            "SAMLRequest",
            "SAMLart",
            "signature",
            "sig",
            "X-Amz-Signature",
            "jwt",
            "ticket",
            "sid",
            "hmac",
            "otp",
            "verification_code",
            "pomerium_signature",
            "pomerium_session_encrypted",
        ] {
            assert!(is_secret_parameter(name), "{name}");
        }
        for name in [
            "client_id",
            "redirect_uri",
            "response_type",
            "response_mode",
            "scope",
            "nonce",
            "prompt",
            "lang",
            "ui_locales",
            "login_hint",
            "domain_hint",
            "max_age",
            "acr_values",
            "audience",
            "resource",
            "identity_provider",
            "idp_identifier",
            "claims",
            "display",
            "code_challenge",
            "code_challenge_method",
            "error",
            "error_description",
            "logout_uri",
            "post_logout_redirect_uri",
            "request",
            "pomerium_idp_id",
            "pomerium_issued",
            "pomerium_expiry",
            "pomerium_redirect_uri",
            "access_type",
            "hd",
            "connection",
        ] {
            assert!(!is_secret_parameter(name), "{name}");
        }
    }

    #[test]
    fn a_name_that_speaks_of_a_secret_is_known() {
        for name in [
            "AWS_SECRET_ACCESS_KEY",
            "GITHUB_TOKEN",
            "APIKEY",
            "DB_PASSWORD",
            "PGPASSWD",
            "MYSQL_PWD",
            "credentials",
            "Deploy_Key",
        ] {
            assert!(is_telling_name(name), "{name}");
        }
        for name in ["IDP_CLIENT_ID", "KEYCLOAK_URL", "REGION", "HOME", "COMPASS"] {
            assert!(!is_telling_name(name), "{name}");
        }
    }
}
