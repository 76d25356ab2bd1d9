//! Names that are none, and the options they are meant for.

use crate::spelling::{self, Words};

use super::retired::RETIRED;
use super::{Field, Object, PomeriumVersion, UPCOMING, object_of};

/// Words in the name of a key that Pomerium does not know, whose value nevertheless may be a secret: a typing error in
/// `idp_client_secret` is no reason to print it.
static TELLING: Words<16> = Words::new([
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
]);

/// Ends of such a name.
const TELLING_ENDS: [&str; 6] = ["pass", "pwd", "pw", "key", "connection_string", "connectionstring"];

/// No name that is meant for a secret is shorter.
const SHORTEST_SECRET: usize = 6;

/// No option has a longer name.
const LONGEST_NAME: usize = 80;

/// Whether a key that Pomerium does not know names a secret by its words, in lower case.
///
/// The claim `token_use` says which kind of token it stands in, also where a policy asks for it.
pub(in crate::config) fn is_telling(key: &str) -> bool {
    TELLING.is_any_in(key) && !key.ends_with("_file") && key.rsplit('/').next() != Some("token_use")
}

/// Whether a key in lower case names a secret, be it one that none of these objects knows.
pub(in crate::config) fn names_secret_of(objects: &[&Object], key: &str) -> bool {
    if let Some(field) = objects.iter().find_map(|object| object.field(key)) {
        return field.secret;
    }
    let is_near = |prefix: &'static str| {
        let sought = Sought::of(prefix, key).filter(|_| prefix.len() + key.len() >= SHORTEST_SECRET);
        sought.is_some_and(|sought| objects.iter().any(|object| sought.is_near_secret(object)))
    };
    is_telling(key)
        || TELLING_ENDS.iter().any(|end| key.ends_with(end))
        || (is_near("") || is_near("idp_")) && !is_retired(key)
}

impl Object {
    /// Whether a key in lower case names a secret, be it one that the object does not know.
    pub(in crate::config) fn names_secret(&self, key: &str) -> bool {
        names_secret_of(&[self], key)
    }

    /// Whether an unknown key is near enough to a field to be meant for it.
    pub(in crate::config) fn is_near(&self, key: &str) -> bool {
        self.nearest(key, PomeriumVersion::NEWEST).is_some()
    }

    /// The field whose name is nearest to an unknown one, if it is near enough to be meant.
    fn nearest(&self, name: &str, version: PomeriumVersion) -> Option<&'static Field> {
        Sought::of("", name)?.nearest(self.spelt(), version)
    }

    /// The names of the fields as they are compared, made once.
    fn spelt(&self) -> &[Spelt] {
        self.spelt.get_or_init(|| self.fields_of(UPCOMING).map(Spelt::of).collect())
    }

    /// Those of the secrets alone.
    fn spelt_secrets(&self) -> &[Spelt] {
        self.spelt_secrets
            .get_or_init(|| self.fields_of(UPCOMING).filter(|field| field.secret).map(Spelt::of).collect())
    }
}

/// A name that is none, as it is compared.
struct Sought<'n> {
    prefix: &'static str,
    name: &'n str,
    letters: Letters,
    length: usize,
    /// So many slips are forgiven.
    most: usize,
}

impl<'n> Sought<'n> {
    fn of(prefix: &'static str, name: &'n str) -> Option<Self> {
        let (mut letters, mut length, mut size) = (Letters::default(), 0, 0);
        for letter in squeezed(prefix).chain(squeezed(name)) {
            letters.add(letter);
            length += 1;
            size += letter.len_utf8();
        }
        (length <= LONGEST_NAME).then_some(Self { prefix, name, letters, length, most: spelling::slips(size) })
    }

    /// Two names that differ in many letters need not be compared: there may be thousands of unknown ones.
    fn may_be(&self, spelt: &Spelt) -> bool {
        spelt.name.len().abs_diff(self.length) <= self.most && spelt.letters.are_near(&self.letters, 2 * self.most)
    }

    /// Of most names no secret is near, and then it does not matter which field is nearest.
    fn is_near_secret(&self, object: &Object) -> bool {
        object.spelt_secrets().iter().any(|spelt| self.may_be(spelt))
            && self.nearest(object.spelt(), PomeriumVersion::NEWEST).is_some_and(|field| field.secret)
    }

    fn nearest(&self, spelt: &[Spelt], version: PomeriumVersion) -> Option<&'static Field> {
        let name: String = squeezed(self.prefix).chain(squeezed(self.name)).collect();
        let near = spelt.iter().filter(|spelt| spelt.field.since <= version && self.may_be(spelt));
        let near = near.map(|spelt| (spelt.field, spelling::distance(&spelt.name, &name)));
        near.min_by_key(|(_, distance)| *distance)
            .filter(|(_, distance)| *distance <= self.most)
            .map(|(field, _)| field)
    }
}

/// The name of a field as it is compared.
#[derive(Debug)]
pub(super) struct Spelt {
    field: &'static Field,
    name: String,
    letters: Letters,
}

impl Spelt {
    fn of(field: &'static Field) -> Self {
        let mut letters = Letters::default();
        squeezed(field.name).for_each(|letter| letters.add(letter));
        Self { field, name: squeezed(field.name).collect(), letters }
    }
}

/// How often each letter stands in a name; whatever else stands in it is one more letter.
#[derive(Debug, Default)]
struct Letters {
    counts: [u8; 27],
    /// A bit for each that stands in it at all.
    present: u32,
}

impl Letters {
    fn add(&mut self, letter: char) {
        let number = if letter.is_ascii_lowercase() { letter as usize - 'a' as usize } else { 26 };
        self.present |= 1 << number;
        if let Some(count) = self.counts.get_mut(number) {
            *count = count.saturating_add(1);
        }
    }

    /// Whether they differ by so many at most. A slip changes two of them at most.
    fn are_near(&self, other: &Self, most: usize) -> bool {
        // Of most names, it tells enough which letters are in them.
        let absent = (self.present ^ other.present).count_ones() as usize;
        let pairs = || self.counts.iter().zip(&other.counts);
        absent <= most && pairs().map(|(own, other)| usize::from(own.abs_diff(*other))).sum::<usize>() <= most
    }
}

/// The letters of a name: its case, and what divides its words, make no difference.
fn squeezed(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|character| !matches!(character, '_' | '-')).map(|letter| letter.to_ascii_lowercase())
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
