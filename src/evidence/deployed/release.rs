//! Which releases of Pomerium answer like this.

use std::collections::BTreeSet;
use std::fmt;

use url::Url;

use super::cookies::RunningCookies;
use super::route::{RouteAnswer, RouteKind, Seal};
use super::{Document, WellKnown};
use crate::config::PomeriumVersion;
use crate::evidence::{Answer, Seen, told};
use crate::host;

/// The first minor release whose answers are known.
const OLDEST: u16 = 20;

/// The releases from one on, and before another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReleaseRange {
    /// The first.
    pub from: Option<PomeriumVersion>,
    /// The first that it cannot be.
    pub before: Option<PomeriumVersion>,
}

/// A minor release, of which the first has it.
fn minor(minor: u16) -> PomeriumVersion {
    PomeriumVersion(0, minor, 0)
}

/// Since then the session of the authenticate service has a cookie of its own name (`authenticate/state.go`).
const OWN_SESSION: PomeriumVersion = PomeriumVersion(0, 21, 1);

/// Since then each host names itself as the one that serves the signing keys (`internal/handlers/well_known_pomerium.go`).
const OWN_KEYS: PomeriumVersion = PomeriumVersion(0, 21, 3);

impl ReleaseRange {
    /// It has what came with this release.
    pub(super) fn has(&mut self, since: PomeriumVersion) {
        self.from = Some(self.from.map_or(since, |from| from.max(since)));
    }

    /// It lacks what came with this release.
    pub(super) fn lacks(&mut self, since: PomeriumVersion) {
        self.before = Some(self.before.map_or(since, |before| before.min(since)));
    }

    /// Several releases answer, or somebody in between changes the answers.
    pub fn is_contradictory(&self) -> bool {
        matches!((self.from, self.before), (Some(from), Some(before)) if from >= before)
    }

    /// Whether it may be this release.
    pub fn holds(&self, version: PomeriumVersion) -> bool {
        self.is_contradictory()
            || self.from.is_none_or(|from| from <= version) && self.before.is_none_or(|before| version < before)
    }

    /// The releases that it may be, of each minor one its first and its last.
    pub fn releases(self) -> impl Iterator<Item = PomeriumVersion> {
        let PomeriumVersion(_, newest, _) = PomeriumVersion::NEWEST;
        let ends = (OLDEST..=newest)
            .flat_map(|minor| [0, PomeriumVersion::LAST].map(|patch| PomeriumVersion(0, minor, patch)));
        let all: BTreeSet<PomeriumVersion> = ends.chain(self.from).chain([self.newest()]).collect();
        all.into_iter().filter(move |version| self.holds(*version))
    }

    /// The newest release that it may be, among those that are known.
    pub fn newest(&self) -> PomeriumVersion {
        self.before.filter(|_| !self.is_contradictory()).and_then(release_before).unwrap_or(PomeriumVersion::NEWEST)
    }
}

/// The last release before another one.
fn release_before(release: PomeriumVersion) -> Option<PomeriumVersion> {
    match release {
        PomeriumVersion(major, minor, patch @ 1..) => Some(PomeriumVersion(major, minor, patch - 1)),
        PomeriumVersion(major, minor @ 1.., 0) => Some(PomeriumVersion(major, minor - 1, PomeriumVersion::LAST)),
        PomeriumVersion(_, 0, 0) => None,
    }
}

impl fmt::Display for ReleaseRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = |release: PomeriumVersion| match release {
            PomeriumVersion(major, minor, 0) => format!("v{major}.{minor}"),
            release => release.to_string(),
        };
        match (self.from, self.before) {
            (Some(from), Some(before)) if from >= before => f.write_str("of more than one release"),
            (Some(from), Some(before)) => {
                let (last, is_part) = (self.newest(), before.1 == from.1);
                match (is_part, from.2) {
                    _ if last == from => write!(f, "{from}"),
                    (false, 0) if last.1 == from.1 => f.write_str(&first(from)),
                    (true, _) => write!(f, "{from} to {last}"),
                    (false, _) => write!(f, "{} to {last}", first(from)),
                }
            }
            (Some(from), None) => write!(f, "{} or later", first(from)),
            (None, Some(before)) => write!(f, "before {}", first(before)),
            (None, None) => f.write_str("of any release"),
        }
    }
}

/// What the document of a host says, of which `service` is the authenticate service.
fn of_document(range: &mut ReleaseRange, document: &Document, own: Option<&str>, service: Option<&str>) {
    if document.issuer.is_some() {
        range.has(minor(28));
    } else {
        range.lacks(minor(28));
    }
    // deployed.md has both as of v0.21.0 and v0.22; the tags say otherwise.
    let keys = host::of(&document.jwks_uri);
    if own != service {
        if keys.as_deref() == own {
            range.has(OWN_KEYS);
        } else if keys.as_deref() == service {
            range.lacks(OWN_KEYS);
        }
    }
}

/// Which releases answer like this.
pub(in crate::evidence) fn read(
    url: &Url,
    found: &WellKnown,
    route: Option<&RouteAnswer>,
    sign_in: Option<&Answer>,
    cookies: Option<&Seen<RunningCookies>>,
) -> ReleaseRange {
    let mut range = ReleaseRange::default();
    if let Some(document) = &found.document {
        of_document(&mut range, document, url.host_str(), host::of(&found.callback).as_deref());
    }
    if let Some(session) = cookies.and_then(|cookies| cookies.value.session()) {
        if session.name.ends_with("_authenticate") { range.has(OWN_SESSION) } else { range.lacks(OWN_SESSION) }
    }
    if cookies.is_some_and(|cookies| cookies.value.has_verifier()) {
        range.has(minor(33));
    }
    if let Some(RouteAnswer { kind: RouteKind::SignIn(link), .. }) = route {
        match link.seal {
            Some(Seal::Named) => {
                range.has(minor(21));
                range.lacks(minor(23));
            }
            Some(Seal::Short) => {
                range.has(minor(23));
                range.lacks(minor(25));
            }
            // v0.20 signs the address of the login, those after it seal it, and since v0.25 it is signed again.
            None if link.provider_id.is_some() && range.before.is_some_and(|before| before <= OWN_KEYS) => {
                range.lacks(minor(21));
            }
            None if link.provider_id.is_some() && range.from.is_some() => range.has(minor(25)),
            None => {}
        }
        // Letters that base58 leaves out.
        if link.provider_id.as_ref().is_some_and(|(id, _)| id.contains(['0', 'O', 'I', 'l'])) {
            range.has(minor(27));
        }
    }
    match sign_in.and_then(|answer| answer.read.get(told::STATE_TOKEN)).map(String::as_str) {
        Some("88") => range.lacks(minor(31)),
        Some("44") => range.has(minor(31)),
        _ => {}
    }
    range
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::{Source, SourceKind, Sources, Span};
    use crate::evidence::deployed::SignInLink;

    #[test]
    fn an_address_that_is_not_sealed_is_of_the_first_releases_or_of_late_ones() {
        let source = Sources::default().add(Source::new("x", SourceKind::Answer, ""));
        let at = Span { source, start: 0, end: 0 };
        let url = url::Url::parse("https://app.corp.example.com/").unwrap();
        let read = |keys: &str, seal: Option<Seal>| {
            let (callback, issuer) = ("https://authenticate.corp.example.com/oauth2/callback".to_owned(), None);
            let document = Document { issuer, jwks_uri: format!("https://{keys}/jwks.json") };
            let found = WellKnown { callback, callback_at: at, document: Some(document) };
            let provider_id = seal.is_none().then(|| ("8E1x".to_owned(), at));
            let link = SignInLink { url: String::new(), provider_id, issued: None, seal };
            let route = RouteAnswer { url: url.to_string(), at, kind: RouteKind::SignIn(link) };
            read(&url, &found, Some(&route), None, None).to_string()
        };
        assert_eq!(read("app.corp.example.com", None), "v0.25 to v0.27");
        assert_eq!(read("app.corp.example.com", Some(Seal::Named)), "v0.21.3 to v0.22");
        assert_eq!(read("authenticate.corp.example.com", Some(Seal::Named)), "v0.21.0 to v0.21.2");
        assert_eq!(read("authenticate.corp.example.com", None), "before v0.21");
    }

    #[test]
    fn what_is_there_and_what_is_not_narrow_the_release() {
        let range = |has: &[u16], lacks: &[u16]| {
            let mut range = ReleaseRange::default();
            for since in has {
                range.has(minor(*since));
            }
            for since in lacks {
                range.lacks(minor(*since));
            }
            range
        };
        for (has, lacks, words) in [
            (&[][..], &[][..], "of any release"),
            (&[28, 31], &[], "v0.31 or later"),
            (&[], &[28, 21], "before v0.21"),
            (&[23, 22], &[25, 28], "v0.23 to v0.24"),
            (&[30], &[31], "v0.30"),
            (&[31], &[28], "of more than one release"),
        ] {
            assert_eq!(range(has, lacks).to_string(), words);
        }
        let old = range(&[23], &[25]);
        assert!(old.holds(PomeriumVersion(0, 24, 1)) && !old.holds(PomeriumVersion(0, 25, 0)));
        assert!(old.newest() >= PomeriumVersion(0, 24, 2) && old.newest() < PomeriumVersion(0, 25, 0));
        assert!(range(&[31], &[28]).holds(PomeriumVersion::NEWEST));
        let ends: Vec<String> = old.releases().map(|version| version.to_string()).collect();
        assert_eq!(ends, ["v0.23.0", "v0.23", "v0.24.0", "v0.24"]);
    }

    #[test]
    fn a_range_may_begin_and_end_within_a_minor_release() {
        let range = |from: (u16, u16), before: (u16, u16)| ReleaseRange {
            from: Some(PomeriumVersion(0, from.0, from.1)),
            before: Some(PomeriumVersion(0, before.0, before.1)),
        };
        for (from, before, words, newest) in [
            ((21, 0), (21, 1), "v0.21.0", "v0.21.0"),
            ((21, 1), (21, 3), "v0.21.1 to v0.21.2", "v0.21.2"),
            ((21, 3), (23, 0), "v0.21.3 to v0.22", "v0.22"),
        ] {
            let range = range(from, before);
            assert_eq!((range.to_string(), range.newest().to_string()), (words.to_owned(), newest.to_owned()));
            let ends: Vec<PomeriumVersion> = range.releases().collect();
            assert!(ends.contains(&range.newest()) && ends.iter().all(|release| range.holds(*release)), "{words}");
        }
    }
}
