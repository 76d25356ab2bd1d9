//! Hosts.

/// Whether this is a host where Cognito serves issuers: `cognito-idp.REGION.amazonaws.com`, its FIPS and
/// `issuer-cognito-idp` variants, and those of the European sovereign cloud (`.amazonaws.eu`).
///
/// Letter case does not matter; a trailing dot does. Takes a host, not a URL, and no port.
pub fn is_cognito_issuer_host(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    match *host.split('.').collect::<Vec<_>>() {
        ["cognito-idp" | "cognito-idp-fips" | "issuer-cognito-idp", region, "amazonaws", top] => is_region(region, top),
        _ => false,
    }
}

/// Whether this is a prefix domain of Cognito: `PREFIX.auth.REGION.amazoncognito.com`, `PREFIX.auth-fips.REGION.…`, or
/// `.amazoncognito.eu` in the European sovereign cloud.
///
/// Letter case does not matter; a trailing dot does. Takes a host, not a URL, and no port.
pub fn is_cognito_login_host(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    match *host.split('.').collect::<Vec<_>>() {
        [prefix, "auth" | "auth-fips", region, "amazoncognito", top] => is_label(prefix) && is_region(region, top),
        _ => false,
    }
}

/// Whether the text has the form of a region of the partition with this top-level domain: `eu-west-1`, `us-gov-west-1`;
/// `eusc-de-east-1` under `.eu`.
fn is_region(text: &str, top: &str) -> bool {
    let sovereign = text.starts_with("eusc-");
    let words: Vec<_> = text.split('-').collect();
    let [area, places @ .., number] = words.as_slice() else { return false };
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    (top == "com" && !sovereign || top == "eu" && sovereign)
        && area.len() >= 2
        && is_word(area)
        && !places.is_empty()
        && places.iter().all(is_word)
        && matches!(number.len(), 1 | 2)
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// A domain prefix as Cognito's API admits it (`DomainType`): 1 to 63 letters, digits and inner hyphens.
fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}
