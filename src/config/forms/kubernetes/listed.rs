//! Which objects of a namespace are all of them.

/// A kind of objects of which a cluster may show all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListedKind {
    /// `Secret`s.
    Secret,
    /// `ConfigMap`s.
    ConfigMap,
    /// What runs pods.
    Workload,
    /// `Pomerium` resources, which belong to no namespace.
    Resource,
    /// `PolicyFilter`s.
    Filter,
}

/// The kinds of which a cluster has shown every object of a namespace: what is not among them is not there. Files show none so.
#[derive(Clone, Copy, Debug, Default)]
pub struct Listed(u8);

impl Listed {
    /// Adds a kind.
    #[must_use]
    pub fn with(self, kind: ListedKind) -> Self {
        Self(self.0 | 1 << kind as u8)
    }

    pub(super) fn has_all(self, kind: ListedKind) -> bool {
        self.0 & 1 << kind as u8 != 0
    }
}
