//! Names that are none, and the options they are meant for.

use super::{Field, Object, PomeriumVersion, RETIRED, object_of};

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

/// No option has more of them: a name whose length differs by more need not be compared.
const MOST_UNDERSCORES: usize = 8;

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

    /// Most names are far from every secret, which are few: the others are looked at for the rest alone.
    fn is_near_secret(&self, key: &str) -> bool {
        let nearest = |may: fn(&Field) -> bool| self.nearest(key, PomeriumVersion::NEWEST, may);
        key.len() >= SHORTEST_SECRET
            && nearest(|field| field.secret).is_some()
            && nearest(|_| true).is_some_and(|field| field.secret)
    }

    /// The field of these whose name is nearest to an unknown one, if it is near enough to be meant.
    fn nearest(&self, name: &str, version: PomeriumVersion, may: fn(&Field) -> bool) -> Option<&'static Field> {
        let name = squeezed(name);
        let length = name.chars().count();
        // A fifth of the name, and one slip in short ones: beyond that the suggestion is noise.
        let most = (length / 5).clamp(1, 4);
        let distance = |field: &'static Field| {
            if field.name.len().abs_diff(length) > most + MOST_UNDERSCORES {
                return usize::MAX;
            }
            let field = squeezed(field.name);
            if field.len().abs_diff(length) > most { usize::MAX } else { strsim::osa_distance(&field, &name) }
        };
        let fields = self.fields_of(version).filter(|field| may(field));
        let near = fields.map(|field| (field, distance(field))).min_by_key(|(_, distance)| *distance);
        near.filter(|(_, distance)| *distance <= most).map(|(field, _)| field)
    }
}

/// The letters of a name: its case, and what divides its words, make no difference.
fn squeezed(name: &str) -> String {
    name.chars().filter(|character| !matches!(character, '_' | '-')).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Such a key is known, if only to tell that it is gone: it is meant for no other.
fn is_retired(key: &str) -> bool {
    RETIRED.iter().any(|retired| retired.path.strip_prefix("routes.").unwrap_or(retired.path) == key)
}

/// The option, or field of a route, whose name is nearest to the end of an unknown path such as `routes.form`.
pub fn nearest_option(path: &str, version: PomeriumVersion) -> Option<&'static str> {
    let (section, name) = path.rsplit_once('.').unwrap_or(("", path));
    object_of(section)?.nearest(name, version, |_| true).map(|field| field.name)
}

#[cfg(test)]
mod tests {
    use super::super::{OPTIONS, ROUTE};

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
