//! What of a finding other deployments of the run share, and how that is told.

use std::sync::Arc;

/// What is known of a finding that other deployments have, too.
#[derive(Clone, Debug, Default)]
pub(super) struct Repeat {
    /// The deployment with which it is told, if it is not this one.
    pub(super) told_with: Option<Arc<str>>,
    /// The others that it concerns, and where, if not at the same place.
    pub(super) concerns: Vec<Concern>,
}

/// A further deployment of a finding.
#[derive(Clone, Debug)]
pub(super) struct Concern {
    pub(super) deployment: Arc<str>,
    pub(super) at: Option<String>,
}

/// So many are named.
const MOST_NAMED: usize = 4;

impl Repeat {
    /// `, also in service authorize, service databroker`: names that share the file of the first are told without it.
    pub(super) fn says(&self, own: &str) -> Option<String> {
        let file = own.split_once(": ").map(|(file, _)| format!("{file}: "));
        let name = |concern: &Concern| {
            let name = file.as_deref().and_then(|file| concern.deployment.strip_prefix(file));
            let at = concern.at.as_ref().map(|at| format!(" at {at}")).unwrap_or_default();
            format!("{}{at}", name.unwrap_or(&concern.deployment))
        };
        let names: Vec<String> = self.concerns.iter().take(MOST_NAMED).map(name).collect();
        let left = self.concerns.len().saturating_sub(MOST_NAMED);
        let more = if left > 0 { format!(" and {left} more") } else { String::new() };
        (!names.is_empty()).then(|| format!("also in {}{more}", names.join(", ")))
    }
}
