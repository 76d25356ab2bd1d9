//! What tells a secret by its name or by its looks alone.

use crate::config::cognito::{is_like_client_id, is_like_client_secret};

/// Whether the name of a variable speaks of something that must not be shown.
pub(in crate::config) fn is_telling_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let speaks = ["secret", "token", "passw", "passphrase", "credential", "cookie"];
    let is_key = |word: &str| word.ends_with("key") || word.ends_with("keys") || ["pwd", "pass", "pw"].contains(&word);
    speaks.iter().any(|word| name.contains(word)) || name.split('_').any(is_key)
}

/// The client id holds a client secret: the two have each other's length and alphabet, or they are the same.
pub fn id_is_secret(id: &str, secret: &str) -> bool {
    is_like_client_secret(id) && (id == secret || is_like_client_id(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

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
