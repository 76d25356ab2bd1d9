//! The criteria of Pomerium's policy language and their operators, with the releases that have them (`pkg/policy/criteria`, by tag).

use super::version::PomeriumVersion;

/// A criterion.
pub(crate) struct KnownCriterion {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it compares, for the schema.
    pub(super) about: &'static str,
    /// The first release that has it.
    pub(crate) since: PomeriumVersion,
    /// The first release of each minor line that has it no more.
    gone: &'static [PomeriumVersion],
}

/// What the first release with a policy language has (v0.15.0), and in a way those before it, which compile no `allowed_…` field.
const ALWAYS: PomeriumVersion = PomeriumVersion(0, 0, 0);

const fn always(name: &'static str, about: &'static str) -> KnownCriterion {
    since(name, (0, 0, 0), about)
}

const fn since(name: &'static str, (major, minor, patch): (u16, u16, u16), about: &'static str) -> KnownCriterion {
    KnownCriterion { name, about, since: PomeriumVersion(major, minor, patch), gone: &[] }
}

static CRITERIA: [KnownCriterion; 23] = [
    always("accept", "Everybody, without a login."),
    always("authenticated_user", "Everybody who can log in."),
    always("claim", "A claim of the user, named behind a slash: `claim/cognito:groups`."),
    since("client_certificate", (0, 23, 0), "The certificate of the browser."),
    always("cors_preflight", "The requests that a browser sends ahead of others."),
    since("device", (0, 16, 0), "The device that the user has registered."),
    always("domain", "The domain of the user's email address."),
    always("email", "The user's email address."),
    since(
        "groups",
        (0, 26, 0),
        "The groups of the user, which only Pomerium Enterprise and Zero know; for Cognito write `claim/cognito:groups`.",
    ),
    since("http_method", (0, 16, 0), "The method of the request."),
    since("http_path", (0, 16, 0), "The path of the request."),
    // The groups of a directory, which Pomerium kept itself once (`pkg/policy/criteria/groups.go` up to v0.19).
    KnownCriterion {
        gone: &[PomeriumVersion(0, 20, 0)],
        ..always("groups", "The groups of the user, for which Pomerium asks the provider by `idp_service_account`.")
    },
    always("invalid_client_certificate", "A certificate of the browser that is not good."),
    since("mcp_tool", (0, 30, 0), "The tool of an MCP server."),
    KnownCriterion {
        gone: &[PomeriumVersion(0, 20, 1), PomeriumVersion(0, 21, 4), PomeriumVersion(0, 22, 2)],
        ..always("pomerium_routes", "Pomerium's own pages.")
    },
    always("reject", "Nobody."),
    since("source_ip", (0, 31, 0), "The address that the request comes from."),
    since("ssh_ca", (0, 30, 0), "The authority of the SSH certificate."),
    since("ssh_publickey", (0, 30, 0), "The SSH key."),
    since("ssh_username", (0, 30, 0), "The name that SSH logs in with."),
    since("ssh_username_matches_claim", (0, 30, 0), "That name is what a claim says."),
    since("ssh_username_matches_email", (0, 30, 0), "That name is the beginning of the email address."),
    always("user", "The user's id, the claim `sub`."),
];

/// The operators for texts.
const OF_TEXT: [(&str, PomeriumVersion); 7] = [
    ("is", ALWAYS),
    ("not", PomeriumVersion(0, 29, 0)),
    ("in", PomeriumVersion(0, 30, 0)),
    ("not_in", PomeriumVersion(0, 31, 0)),
    ("contains", ALWAYS),
    ("starts_with", ALWAYS),
    ("ends_with", ALWAYS),
];

/// The operators for lists.
const OF_LIST: [(&str, PomeriumVersion); 3] =
    [("has", ALWAYS), ("is", PomeriumVersion(0, 28, 0)), ("exclude", PomeriumVersion(0, 29, 0))];

/// What a certificate of a browser is compared by.
const OF_CERTIFICATE: [(&str, PomeriumVersion); 5] = [
    ("fingerprint", PomeriumVersion(0, 23, 0)),
    ("spki_hash", PomeriumVersion(0, 23, 0)),
    ("san_email", PomeriumVersion(0, 26, 0)),
    ("san_dns", PomeriumVersion(0, 26, 0)),
    ("san_uri", PomeriumVersion(0, 26, 0)),
];

/// The first release that takes a text alone for `{is: …}` or `{has: …}`, and operators below the name of a claim.
pub(crate) const PLAIN_VALUES: PomeriumVersion = PomeriumVersion(0, 28, 0);

impl KnownCriterion {
    fn is_in(&self, version: PomeriumVersion) -> bool {
        let is_gone = |gone: &PomeriumVersion| version >= *gone && version.1 == gone.1;
        version >= self.since
            && !self.gone.iter().any(is_gone)
            && self.gone.last().is_none_or(|last| version.1 <= last.1)
    }
}

/// The criteria of a release.
pub(crate) fn criteria(version: PomeriumVersion) -> impl Iterator<Item = &'static KnownCriterion> {
    CRITERIA.iter().filter(move |criterion| criterion.is_in(version))
}

/// The criterion of this name, whichever release has it.
pub(crate) fn criterion_of_any_release(name: &str) -> Option<&'static KnownCriterion> {
    CRITERIA.iter().find(|criterion| criterion.name == name)
}

/// The operators of a release for texts.
pub(crate) fn text_operators(version: PomeriumVersion) -> impl Iterator<Item = &'static str> {
    of(&OF_TEXT, version)
}

/// The operators of a release for lists.
pub(crate) fn list_operators(version: PomeriumVersion) -> impl Iterator<Item = &'static str> {
    of(&OF_LIST, version)
}

/// What a release compares a certificate by.
pub(crate) fn certificate_conditions(version: PomeriumVersion) -> impl Iterator<Item = &'static str> {
    of(&OF_CERTIFICATE, version)
}

fn of(
    table: &'static [(&'static str, PomeriumVersion)],
    version: PomeriumVersion,
) -> impl Iterator<Item = &'static str> {
    table.iter().filter(move |(_, since)| version >= *since).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_criterion_leaves_each_line_of_releases_by_itself() {
        let has = |name: &str, version| criteria(version).any(|criterion| criterion.name == name);
        for (version, is_there) in [
            ((0, 20, 0), true),
            ((0, 20, 1), false),
            ((0, 21, 3), true),
            ((0, 21, 4), false),
            ((0, 22, 1), true),
            ((0, 22, 2), false),
            ((0, 33, 1), false),
        ] {
            let (major, minor, patch) = version;
            assert_eq!(has("pomerium_routes", PomeriumVersion(major, minor, patch)), is_there, "{version:?}");
        }
        for (version, is_there) in [((0, 15, 8), true), ((0, 19, 0), true), ((0, 20, 0), false), ((0, 21, 0), false)] {
            let (major, minor, patch) = version;
            assert_eq!(has("groups", PomeriumVersion(major, minor, patch)), is_there, "{version:?}");
        }
        assert!(!has("groups", PomeriumVersion(0, 25, 2)) && has("groups", PomeriumVersion(0, 26, 0)));
        assert!(has("domain", PomeriumVersion(0, 15, 8)) && !has("http_path", PomeriumVersion(0, 15, 8)));
    }
}
