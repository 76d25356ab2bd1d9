//! What Cognito's names look like: hosts, regions, pools, app clients.
//!
//! Hosts and regions follow the endpoint rules of the AWS SDKs (`cognito-idp`; partitions `aws`, `aws-us-gov` and `aws-eusc`; there
//! are no user pools in `aws-cn`), the other names the API (`UserPoolIdType`, `DomainType`, `ClientIdType`, `ClientSecretType`).

mod bounds;

use crate::spelling;

pub use bounds::{CLIENT_ID, LONGEST_REFRESH, MOST_SCOPES, PROVIDER, SCOPE, URL};

/// The host of a pool's issuer begins with one of these.
const ISSUER_SERVICES: [&str; 3] = ["cognito-idp", "cognito-idp-fips", "issuer-cognito-idp"];

/// The name, among identity providers, of the pool itself: its own users, who have an e-mail address without any mapping.
pub const OWN_USERS: &str = "COGNITO";

/// The standard attributes behind the scope `profile` (5.4 of the core specification). Cognito sends `address` with it, too.
pub const PROFILE_ATTRIBUTES: [&str; 14] = [
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
];

/// The lengths of the ids that Cognito makes (observed: 25 to 26; the API allows 1 to 128).
pub const CLIENT_ID_LENGTHS: std::ops::RangeInclusive<usize> = 25..=26;

/// No secret that Cognito makes is as short as this (observed: 49 to 52).
const SHORTEST_SECRET: usize = 40;

/// Whether this is a host where Cognito serves issuers: `cognito-idp.REGION.amazonaws.com`, its FIPS and
/// `issuer-cognito-idp` variants, and those of the European sovereign cloud (`.amazonaws.eu`).
///
/// Letter case does not matter; a trailing dot does. Takes a host, not a URL, and no port.
pub fn is_issuer_host(host: &str) -> bool {
    region_of_issuer_host(host).is_some()
}

/// The region that a host of issuers names, as it is written.
pub fn region_of_issuer_host(host: &str) -> Option<&str> {
    let labels: Vec<&str> = host.split('.').collect();
    let [service, region, zone, top] = labels.as_slice() else { return None };
    let is_service = ISSUER_SERVICES.iter().any(|known| known.eq_ignore_ascii_case(service));
    (is_service && zone.eq_ignore_ascii_case("amazonaws") && is_region_under(region, top)).then_some(*region)
}

/// Whether this is a prefix domain of Cognito: `PREFIX.auth.REGION.amazoncognito.com`, `PREFIX.auth-fips.REGION.…`, or
/// `.amazoncognito.eu` in the European sovereign cloud.
///
/// Letter case does not matter; a trailing dot does. Takes a host, not a URL, and no port.
pub fn is_login_host(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    match *host.split('.').collect::<Vec<_>>() {
        [prefix, "auth" | "auth-fips", region, "amazoncognito", top] => {
            is_label(prefix) && is_region_under(region, top)
        }
        _ => false,
    }
}

/// Whether a host belongs to the zones of Cognito's prefix domains, be it well-formed or not.
pub fn is_in_login_zone(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    [".amazoncognito.com", ".amazoncognito.eu"].iter().any(|zone| host.ends_with(zone))
}

/// The region that a host in one of these zones names.
pub fn region_of_login_host(host: &str) -> Option<&str> {
    host.rsplit('.').nth(2).filter(|region| is_in_login_zone(host) && is_region(region))
}

/// The issuer of a pool.
pub fn issuer(region: &str, pool: &str) -> String {
    format!("https://cognito-idp.{}/{pool}", zone_of(region))
}

/// What follows the name of a service in its host: `eu-west-1.amazonaws.com`.
pub fn zone_of(region: &str) -> String {
    format!("{region}.amazonaws.{}", top_of(region))
}

/// The region a pool was made in, if the text is a pool's id: `[\w-]+_[0-9a-zA-Z]+` in the API, a region in practice.
pub fn region_of_pool(id: &str) -> Option<&str> {
    let (region, name) = id.split_once('_')?;
    (is_region(region) && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(region)
}

/// A pool's id anywhere in a text.
pub fn pool_in(text: &str) -> Option<&str> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    text.split(|letter| !is_part(letter)).find(|piece| region_of_pool(piece).is_some())
}

/// Whether the text has the form of a region: `eu-west-1`, `us-gov-west-1`, `eusc-de-east-1`.
pub fn is_region(text: &str) -> bool {
    let words: Vec<_> = text.split('-').collect();
    let [area, places @ .., number] = words.as_slice() else { return false };
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    area.len() >= 2
        && is_word(area)
        && !places.is_empty()
        && places.iter().all(is_word)
        && matches!(number.len(), 1 | 2)
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The regions of the partitions in which there are user pools (AWS General Reference, 2026-08). New ones come every year: that one
/// is not here is a hint, no more.
const REGIONS: [&str; 37] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// Whether AWS was known to have this region when the list was made.
pub fn is_known_region(region: &str) -> bool {
    REGIONS.contains(&region.to_ascii_lowercase().as_str())
}

/// The known region that comes closest to this text, if it is near: a number that is written rightly counts for more than a word.
pub fn nearest_region(region: &str) -> Option<&'static str> {
    let region = region.to_ascii_lowercase();
    let number = |text: &str| text.rsplit('-').next().map(str::to_owned);
    let distance = |known: &&str| {
        let slips = spelling::distance(known, &region);
        (slips, number(known) != number(&region))
    };
    REGIONS.into_iter().min_by_key(distance).filter(|known| spelling::distance(known, &region) <= 2)
}

/// The top-level domain of a region's partition.
fn top_of(region: &str) -> &'static str {
    if region.starts_with("eusc-") { "eu" } else { "com" }
}

fn is_region_under(text: &str, top: &str) -> bool {
    let region = text.to_ascii_lowercase();
    is_region(&region) && top.eq_ignore_ascii_case(top_of(&region))
}

/// A domain prefix as Cognito's API admits it: 1 to 63 letters, digits and inner hyphens.
fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Whether the text is made of what Cognito makes ids and secrets of: digits and lower-case letters.
pub fn is_generated(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
}

/// Whether this is like the ids of app clients that Cognito makes.
pub fn is_like_client_id(text: &str) -> bool {
    CLIENT_ID_LENGTHS.contains(&text.len()) && is_generated(text)
}

/// Whether this is like the secrets that Cognito makes.
pub fn is_like_client_secret(text: &str) -> bool {
    text.len() >= SHORTEST_SECRET && is_generated(text)
}

/// Whether the text keeps to the pattern of the API for ids and secrets of app clients, `[\w+]+`.
pub fn keeps_to_pattern(text: &str) -> bool {
    text.chars().all(bounds::is_of_id)
}

/// Whether Cognito registers callback URLs with plain http for this host: for these three alone (`CreateUserPoolClient`).
/// Browsers trust them with Secure cookies, too.
pub fn takes_plain_http(host: &str) -> bool {
    ["localhost", "127.0.0.1", "::1", "[::1]"].contains(&host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_cognito_are_known() {
        for host in [
            "cognito-idp.eu-west-1.amazonaws.com",
            "COGNITO-IDP.EU-WEST-1.AMAZONAWS.COM",
            "cognito-idp.ap-southeast-7.amazonaws.com",
            "cognito-idp-fips.us-gov-west-1.amazonaws.com",
            "issuer-cognito-idp.eu-west-1.amazonaws.com",
            "cognito-idp.eusc-de-east-1.amazonaws.eu",
        ] {
            assert!(is_issuer_host(host), "{host}");
            assert!(!is_login_host(host), "{host}");
        }
        for host in [
            "acme.auth.eu-west-1.amazoncognito.com",
            "Acme-1.auth.eu-west-1.amazoncognito.com",
            "acme.auth-fips.us-gov-west-1.amazoncognito.com",
            "acme.auth.eusc-de-east-1.amazoncognito.eu",
        ] {
            assert!(is_login_host(host), "{host}");
            assert!(!is_issuer_host(host), "{host}");
        }
    }

    #[test]
    fn hosts_that_look_like_those_of_cognito_are_not() {
        for host in [
            "",
            ".",
            "amazonaws.com",
            "cognito-idp.amazonaws.com",
            "cognito-idp.eu-west-1.amazonaws.com.",
            "cognito-idp.eu-west-1.amazonaws.com.evil.example",
            "cognito-idp.eu-west-1.amazonaws.co",
            "cognito-idp.eu-west-1.amazon.com",
            "cognito-identity.eu-west-1.amazonaws.com",
            "cognito-idp.eu-west-1.evil-amazonaws.com",
            "evil-cognito-idp.eu-west-1.amazonaws.com",
            "evil.cognito-idp.eu-west-1.amazonaws.com",
            "cognito-idp.eu-west-1.evil.amazonaws.com",
            "cognito-idp.eu-west-1.elb.amazonaws.com",
            "cognito-idp.eu-west-1.amazonaws.eu",
            "cognito-idp.eusc-de-east-1.amazonaws.com",
            "cognito-idp.cn-north-1.amazonaws.com.cn",
            "cognito-idp.eu-west.amazonaws.com",
            "cognito-idp.1.amazonaws.com",
            "cognito-idp.eu--1.amazonaws.com",
            "cognito-idp.eu-west-1.amazonaws.com:443",
            "s3.eu-west-1.amazonaws.com",
            "acme.auth.eu-west-1.evil-amazoncognito.com",
            "acme.auth.eu-west-1.amazoncognito.com.",
            "acme.auth.eu-west-1.amazoncognito.com.evil.example",
            "evil.acme.auth.eu-west-1.amazoncognito.com",
            ".auth.eu-west-1.amazoncognito.com",
            "-acme.auth.eu-west-1.amazoncognito.com",
            "acme_.auth.eu-west-1.amazoncognito.com",
            "acme.auth.amazoncognito.com",
            "acme.evil.eu-west-1.amazoncognito.com",
        ] {
            assert!(!is_issuer_host(host) && !is_login_host(host), "{host}");
        }
    }

    #[test]
    fn an_issuer_is_on_a_host_of_issuers_in_every_partition() {
        for (region, host) in [
            ("eu-west-1", "cognito-idp.eu-west-1.amazonaws.com"),
            ("us-gov-west-1", "cognito-idp.us-gov-west-1.amazonaws.com"),
            ("eusc-de-east-1", "cognito-idp.eusc-de-east-1.amazonaws.eu"),
        ] {
            assert_eq!(issuer(region, "p"), format!("https://{host}/p"));
            assert_eq!(region_of_issuer_host(host), Some(region));
        }
    }

    #[test]
    fn the_region_of_a_login_host_is_read_off_it() {
        assert_eq!(region_of_login_host("acme.auth.eu-west-1.amazoncognito.com"), Some("eu-west-1"));
        assert_eq!(region_of_login_host("acme.auth.eusc-de-east-1.amazoncognito.eu"), Some("eusc-de-east-1"));
        assert_eq!(region_of_login_host("acme.amazoncognito.com"), None);
        assert_eq!(region_of_login_host("acme.auth.eu-west-1.example.com"), None);
    }

    #[test]
    fn a_pool_id_is_a_region_and_a_name() {
        for (id, region) in [
            ("eu-west-1_9xK2mPq7R", Some("eu-west-1")),
            ("us-gov-west-1_abc", Some("us-gov-west-1")),
            ("eu-west_9xK2mPq7R", None),
            ("eu-west-1-9xK2mPq7R", None),
            ("eu-west-1_", None),
            ("eu-west-1_9x/K2", None),
            ("EU-WEST-1_9xK2mPq7R", None),
        ] {
            assert_eq!(region_of_pool(id), region, "{id}");
        }
    }

    #[test]
    fn the_region_that_is_meant_is_found() {
        for (text, meant) in [
            ("eu-wset-1", Some("eu-west-1")),
            ("eu-west1-1", Some("eu-west-1")),
            ("us-esat-2", Some("us-east-2")),
            ("ap-southest-1", Some("ap-southeast-1")),
            ("mars-north-1", None),
        ] {
            assert!(!is_known_region(text), "{text}");
            assert_eq!(nearest_region(text), meant, "{text}");
        }
        assert!(is_known_region("eu-west-1") && is_known_region("EU-WEST-1"));
    }

    #[test]
    fn a_region_is_known_by_its_form() {
        for good in ["eu-west-1", "us-gov-west-1", "eusc-de-east-1", "ap-southeast-7"] {
            assert!(is_region(good), "{good}");
        }
        for bad in ["", "eu-west", "eu", "eu-1", "EU-WEST-1", "eu-west-x", "eu-west-123", "region"] {
            assert!(!is_region(bad), "{bad}");
        }
    }
}
