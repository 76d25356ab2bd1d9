//! Releases of Pomerium.

/// A Pomerium release, e.g. `v0.33.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PomeriumVersion(pub u16, pub u16, pub u16);

impl PomeriumVersion {
    /// The newest release that is known in full. The tables are those of v0.33.1; v0.33.3 and v0.33.4 brought new dependencies
    /// and nothing that is configured (their release notes, and branch 0-33-0 of pomerium/pomerium).
    pub const NEWEST: Self = Self(0, 33, 4);

    /// In the place of a patch release: whichever of a minor release is the last.
    pub const LAST: u16 = u16::MAX;

    /// Whether it came after all that is known in full: what it does not seem to know, it may have learnt.
    pub fn is_newer_than_known(self) -> bool {
        self > Self::NEWEST
    }
}

impl std::fmt::Display for PomeriumVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.2 {
            Self::LAST => write!(f, "v{}.{}", self.0, self.1),
            patch => write!(f, "v{}.{}.{patch}", self.0, self.1),
        }
    }
}

impl std::str::FromStr for PomeriumVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers: Vec<u16> = text
            .strip_prefix('v')
            .unwrap_or(text)
            .split('.')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| format!("`{text}` is not a Pomerium version such as v0.33.1"))?;
        match numbers[..] {
            [major, minor] => Ok(Self(major, minor, 0)),
            [major, minor, patch] => Ok(Self(major, minor, patch)),
            _ => Err(format!("`{text}` is not a Pomerium version such as v0.33.1")),
        }
    }
}
