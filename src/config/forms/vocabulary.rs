//! The keys that a form has, and the one that a mistyped key is meant for.

use crate::spelling;

/// A section of a form: the keys that something reads, and what other programs call some of them.
pub(in crate::config) struct Section {
    /// The keys above it: `authenticate.idp`.
    pub(in crate::config) path: &'static str,
    pub(in crate::config) keys: &'static [&'static str],
    /// Names in lower case, without what divides their words, and the keys that they mean here.
    pub(in crate::config) meanings: &'static [(&'static str, &'static str)],
}

/// What other programs call the parts of an identity provider.
pub(in crate::config) const OF_PROVIDER: [(&str, &str); 14] = [
    ("issuer", "url"),
    ("issuerurl", "url"),
    ("oidcissuer", "url"),
    ("oidcissuerurl", "url"),
    ("providerurl", "url"),
    ("idpurl", "url"),
    ("idpproviderurl", "url"),
    ("discoveryurl", "url"),
    ("endpoint", "url"),
    ("uri", "url"),
    ("name", "provider"),
    ("type", "provider"),
    ("idpprovider", "provider"),
    ("scope", "scopes"),
];

impl Section {
    /// The key that an unknown one is meant for, if it is near enough.
    pub(in crate::config) fn nearest(&self, key: &str) -> Option<&'static str> {
        if self.keys.contains(&key) {
            return None;
        }
        let name = squeezed(key);
        let meant = self.meanings.iter().find(|(other, _)| *other == name).map(|(_, meant)| *meant);
        meant.or_else(|| nearest(self.keys.iter().copied(), key))
    }
}

/// The name that is nearest to another, letter case and hyphens aside.
pub(in crate::config) fn nearest<'k>(known: impl Iterator<Item = &'k str>, key: &str) -> Option<&'k str> {
    let name = squeezed(key);
    // What is as short as a slip is near everything, but for its own letters in another order.
    let is_telling = |known: &str| name.len() > 3 || sorted(known) == sorted(&name);
    let known = known.map(|known| (squeezed(known), known)).filter(|(known, _)| is_telling(known));
    let known: Vec<(String, &str)> = known.collect();
    let names = known.iter().map(|(squeezed, _)| squeezed.as_str());
    let near = spelling::nearest(&name, names, spelling::slips(name.len()))?;
    known.iter().find(|(squeezed, _)| squeezed == near).map(|(_, known)| *known)
}

fn sorted(name: &str) -> Vec<char> {
    let mut letters: Vec<char> = name.chars().collect();
    letters.sort_unstable();
    letters
}

/// A name without what people leave out or put in: letter case, hyphens and underscores.
pub(in crate::config) fn squeezed(name: &str) -> String {
    name.chars().filter(|letter| !matches!(letter, '_' | '-')).map(|letter| letter.to_ascii_lowercase()).collect()
}
