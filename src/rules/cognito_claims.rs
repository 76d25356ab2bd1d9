//! The claims that Pomerium learns from Cognito: those of the ID token, and over them those of the userInfo endpoint.
//!
//! Access tokens are never read (`pkg/identity/oidc/oidc.go`). Besides what stands here, a pre token generation trigger of the
//! pool may add claims to the ID token, which nobody can see from outside; so a claim that is missing here is *unknown*.

use crate::config::cognito::PROFILE_ATTRIBUTES;
use crate::spelling;

/// How a claim comes to Pomerium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// Whatever the scopes, for every user to whom it applies.
    Always,
    /// With this scope, or with `openid` as the only one; for every user who has the attribute.
    With(&'static str),
    /// Not at all: what the name is instead, and the claim that was meant, if there is one.
    Never {
        /// A half-sentence that follows the name.
        why: &'static str,
        /// Cognito's claim.
        instead: Option<&'static str>,
    },
    /// Cognito has no such claim of its own.
    Unknown,
}

/// In the ID token whatever the scopes; `username` is in the userInfo answer (AWS: "Understanding the identity (ID) token").
const ALWAYS: [&str; 18] = [
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "jti",
    "origin_jti",
    "event_id",
    "auth_time",
    "token_use",
    "nonce",
    "at_hash",
    "acr",
    "amr",
    "cognito:username",
    "cognito:groups",
    "identities",
    "username",
];

/// For users whose groups have an IAM role.
const WITH_ROLES: [&str; 2] = ["cognito:roles", "cognito:preferred_role"];

const EMAIL: [&str; 2] = ["email", "email_verified"];
const PHONE: [&str; 2] = ["phone_number", "phone_number_verified"];

/// What comes with `profile` beside the attributes that the core specification puts behind it; custom attributes (`custom:…`) do too.
const WITH_PROFILE: &str = "address";

const OF_ACCESS_TOKEN: &str = "is a claim of Cognito's access tokens, and Pomerium reads the ID token";
const OF_KEYCLOAK: &str = "is a claim of Keycloak's, and Cognito sends nothing of the kind";

const NEVER: [(&str, &str, Option<&str>); 8] = [
    ("groups", "is not what Cognito calls its groups: the claim is `cognito:groups`", Some("cognito:groups")),
    ("roles", "is no claim of Cognito's, which sends groups as `cognito:groups`", Some("cognito:groups")),
    ("realm_access", OF_KEYCLOAK, Some("cognito:groups")),
    ("resource_access", OF_KEYCLOAK, Some("cognito:groups")),
    ("scope", OF_ACCESS_TOKEN, None),
    (
        "client_id",
        "is a claim of Cognito's access tokens; in the ID token, which Pomerium reads, it is `aud`",
        Some("aud"),
    ),
    ("device_key", OF_ACCESS_TOKEN, None),
    ("version", OF_ACCESS_TOKEN, None),
];

/// How the claim of this name comes to Pomerium. Names are compared letter by letter, as Pomerium does.
pub(super) fn look_up(name: &str) -> Claim {
    // Pomerium flattens a claim that is a mapping: `address.country`, `realm_access.roles`.
    let root = name.split(['.', '/']).next().unwrap_or(name);
    if ALWAYS.contains(&name) || WITH_ROLES.contains(&name) {
        Claim::Always
    } else if EMAIL.contains(&name) {
        Claim::With("email")
    } else if PHONE.contains(&name) {
        Claim::With("phone")
    } else if PROFILE_ATTRIBUTES.contains(&root)
        || root == WITH_PROFILE
        || name.starts_with("custom:")
        || name.starts_with("dev:")
    {
        Claim::With("profile")
    } else if let Some((_, why, instead)) = NEVER.iter().find(|(never, ..)| *never == root) {
        Claim::Never { why, instead: *instead }
    } else {
        Claim::Unknown
    }
}

/// Whether Cognito sends the claim as a text, or as a list of texts: an attribute of any type is one in its tokens.
pub(super) fn is_text(name: &str) -> bool {
    const OTHERS: [&str; 8] = [
        "exp",
        "iat",
        "auth_time",
        "updated_at",
        "identities",
        "email_verified",
        // Of Cognito's two answers, one has it as text.
        "phone_number_verified",
        "address",
    ];
    let root = name.split(['.', '/']).next().unwrap_or(name);
    !OTHERS.contains(&root) && matches!(look_up(name), Claim::Always | Claim::With(_))
}

/// Whether claims of this name are written in small letters by everybody, so that lower-casing them does no harm.
pub(super) fn is_lower_case_by_nature(lower_cased: &str) -> bool {
    !lower_cased.starts_with("custom:")
        && !lower_cased.starts_with("dev:")
        && (!matches!(look_up(lower_cased), Claim::Unknown) || lower_cased.starts_with("cognito:"))
}

/// Cognito's claim that a name comes closest to, if it is a slip of the pen away.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let all =
        ALWAYS.into_iter().chain(WITH_ROLES).chain(EMAIL).chain(PHONE).chain(PROFILE_ATTRIBUTES).chain([WITH_PROFILE]);
    spelling::nearest(&name.to_lowercase(), all.filter(|known| known.len() > 4), 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_claim_comes_from_somewhere_or_from_nowhere() {
        for (name, claim) in [
            ("sub", Claim::Always),
            ("cognito:groups", Claim::Always),
            ("email_verified", Claim::With("email")),
            ("phone_number", Claim::With("phone")),
            ("custom:Team", Claim::With("profile")),
            ("address.country", Claim::With("profile")),
            ("department", Claim::Unknown),
            ("Email", Claim::Unknown),
        ] {
            assert_eq!(look_up(name), claim, "{name}");
        }
        for name in ["groups", "realm_access.roles", "realm_access/roles", "scope"] {
            assert!(matches!(look_up(name), Claim::Never { .. }), "{name}");
        }
    }

    #[test]
    fn only_custom_attributes_and_strangers_lose_by_lower_casing() {
        assert!(is_lower_case_by_nature("cognito:groups"));
        assert!(is_lower_case_by_nature("email"));
        assert!(!is_lower_case_by_nature("custom:team"));
        assert!(!is_lower_case_by_nature("https://example.com/groupids"));
    }

    #[test]
    fn a_slip_of_the_pen_is_recognised() {
        assert_eq!(nearest("cognito:group"), Some("cognito:groups"));
        assert_eq!(nearest("Email"), Some("email"));
        assert_eq!(nearest("givenname"), Some("given_name"));
        assert_eq!(nearest("department"), None);
        assert_eq!(nearest("oid"), None);
    }
}
