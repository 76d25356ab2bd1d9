//! Which objects of a namespace are all of them.

use super::objects::StoreKind;

/// The kinds of which a cluster has shown every object of a namespace: what is not among them is not there. Files show none so.
#[derive(Clone, Copy, Debug, Default)]
pub struct Listed {
    /// `Secret`s.
    pub secrets: bool,
    /// `ConfigMap`s.
    pub config_maps: bool,
    /// What runs pods.
    pub workloads: bool,
}

impl Listed {
    pub(super) fn has_all(self, kind: StoreKind) -> bool {
        match kind {
            StoreKind::Secret => self.secrets,
            StoreKind::ConfigMap => self.config_maps,
        }
    }
}
