//! Names that are none, and the options they are meant for.

use crate::spelling;
use std::sync::OnceLock;

use super::retired::RETIRED;
use super::route::ROUTE;
use super::top::OPTIONS;
use super::{Field, Object, PomeriumVersion, UPCOMING, object_of};

/// Words in the name of a key that Pomerium does not know, whose value nevertheless may be a secret: a typing error in
/// `idp_client_secret` is no reason to print it.
const TELLING: [&str; 16] = [
    "secret",
    "password",
    "passwd",
    "passphrase",
    "token",
    "credential",
    "private",
    "service_account",
    "serviceaccount",
    "api_key",
    "api-key",
    "apikey",
    "access_key",
    "authorization",
    "set-cookie",
    "assertion",
];

/// Ends of such a name.
const TELLING_ENDS: [&str; 6] = ["pass", "pwd", "pw", "key", "connection_string", "connectionstring"];

/// No name that is meant for a secret is shorter.
const SHORTEST_SECRET: usize = 6;

/// No option has a longer name.
const LONGEST_NAME: usize = 80;

/// Whether a key that Pomerium does not know names a secret by its words, in lower case.
pub(in crate::config) fn is_telling(key: &str) -> bool {
    TELLING.iter().any(|word| key.contains(word)) && !key.ends_with("_file")
}

impl Object {
    /// Whether a key in lower case names a secret, be it one that the object does not know.
    pub(in crate::config) fn names_secret(&self, key: &str) -> bool {
        if let Some(field) = self.field(key) {
            return field.secret;
        }
        is_telling(key)
            || TELLING_ENDS.iter().any(|end| key.ends_with(end))
            || !is_retired(key) && (self.is_near_secret(key) || self.is_near_secret(&format!("idp_{key}")))
    }

    fn is_near_secret(&self, key: &str) -> bool {
        key.len() >= SHORTEST_SECRET && self.nearest(key, PomeriumVersion::NEWEST).is_some_and(|field| field.secret)
    }

    /// Whether an unknown key is near enough to a field to be meant for it.
    pub(in crate::config) fn is_near(&self, key: &str) -> bool {
        self.nearest(key, PomeriumVersion::NEWEST).is_some()
    }

    /// The field whose name is nearest to an unknown one, if it is near enough to be meant.
    fn nearest(&self, name: &str, version: PomeriumVersion) -> Option<&'static Field> {
        let name = squeezed(name);
        let length = name.chars().count();
        if length > LONGEST_NAME {
            return None;
        }
        let most = spelling::slips(&name);
        let letters = Letters::of(&name);
        let own;
        let spelt = if let Some(kept) = self.kept() {
            kept
        } else {
            own = self.spelt();
            &own
        };
        let known = spelt.iter().filter(|spelt| spelt.field.since <= version);
        // Two names that differ in many letters need not be compared: there may be thousands of unknown ones.
        let near = known
            .filter(|spelt| spelt.name.len().abs_diff(length) <= most && spelt.letters.differ(&letters) <= 2 * most);
        let near = near.map(|spelt| (spelt.field, spelling::distance(&spelt.name, &name)));
        near.min_by_key(|(_, distance)| *distance).filter(|(_, distance)| *distance <= most).map(|(field, _)| field)
    }

    fn spelt(&self) -> Vec<Spelt> {
        self.fields_of(UPCOMING).map(Spelt::of).collect()
    }

    /// The names of the fields as they are compared, made once for the objects that have many, and of which many are asked.
    fn kept(&self) -> Option<&'static [Spelt]> {
        static OPTIONS_SPELT: OnceLock<Vec<Spelt>> = OnceLock::new();
        static ROUTE_SPELT: OnceLock<Vec<Spelt>> = OnceLock::new();
        if std::ptr::eq(self, &raw const OPTIONS) {
            Some(OPTIONS_SPELT.get_or_init(|| OPTIONS.spelt()))
        } else if std::ptr::eq(self, &raw const ROUTE) {
            Some(ROUTE_SPELT.get_or_init(|| ROUTE.spelt()))
        } else {
            None
        }
    }
}

/// The name of a field as it is compared.
struct Spelt {
    field: &'static Field,
    name: String,
    letters: Letters,
}

impl Spelt {
    fn of(field: &'static Field) -> Self {
        let name = squeezed(field.name);
        Self { field, letters: Letters::of(&name), name }
    }
}

/// How often each letter stands in a name; whatever else stands in it is one more letter.
struct Letters([u8; 27]);

impl Letters {
    fn of(name: &str) -> Self {
        let mut counts = [0_u8; 27];
        for byte in name.bytes() {
            let letter = if byte.is_ascii_lowercase() { usize::from(byte - b'a') } else { 26 };
            if let Some(count) = counts.get_mut(letter) {
                *count = count.saturating_add(1);
            }
        }
        Self(counts)
    }

    /// A slip changes two of them at most.
    fn differ(&self, other: &Self) -> usize {
        self.0.iter().zip(&other.0).map(|(own, other)| usize::from(own.abs_diff(*other))).sum()
    }
}

/// The letters of a name: its case, and what divides its words, make no difference.
fn squeezed(name: &str) -> String {
    name.chars().filter(|character| !matches!(character, '_' | '-')).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Such a key is known, if only to tell that it is gone: it is meant for no other.
pub(in crate::config) fn is_retired(key: &str) -> bool {
    RETIRED.iter().any(|retired| retired.path.strip_prefix("routes.").unwrap_or(retired.path) == key)
}

/// The option, or field of a route, whose name is nearest to the end of an unknown path such as `routes.form`.
pub fn nearest_option(path: &str, version: PomeriumVersion) -> Option<&'static str> {
    let (section, name) = path.rsplit_once('.').unwrap_or(("", path));
    object_of(section)?.nearest(name, version).map(|field| field.name)
}

#[cfg(test)]
mod tests {
    use super::super::route::ROUTE;
    use super::super::top::OPTIONS;

    #[test]
    fn a_misspelt_secret_is_one() {
        for key in [
            "idp_client_secrt",
            "idp_client_secert",
            "idp_client_sceret",
            "idpclientsecrt",
            "idp-client-secrt",
            "cookie_scret",
            "shared_sercet",
            "signing_ky",
            "idp_client_key",
            "idp_client_pass",
            "client_secrt",
            "metrics_basic_aut",
        ] {
            assert!(OPTIONS.names_secret(key), "{key}");
        }
        assert!(ROUTE.names_secret("idp_client_secrt") && ROUTE.names_secret("set_request_header"));
        for key in ["idp_client_id", "idp_clientid", "cookie_secure", "idp_client_secret_file", "keycloak", "x"] {
            assert!(!OPTIONS.names_secret(key), "{key}");
        }
    }
}
