//! The embedded knowledge as it is written: places, and causes that no rule can judge.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{Cause, Place, What};
use crate::rules::Stage;

/// The embedded knowledge: see its own comments.
pub(super) const TEXT: &str = include_str!("knowledge.yaml");

/// The embedded knowledge, read once.
pub(super) static WRITTEN: LazyLock<Result<Written, String>> =
    LazyLock::new(|| serde_yaml::from_str(TEXT).map_err(|error| format!("knowledge.yaml: {error}")));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    pub(super) places: Vec<WrittenPlace>,
    pub(super) causes: Vec<Cause>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenPlace {
    id: Option<String>,
    pub(super) seen: Vec<String>,
    by: String,
    whose: String,
    past: Vec<String>,
    stages: Option<Vec<String>>,
    #[serde(default)]
    silences: Vec<String>,
    #[serde(default)]
    healthy: bool,
    next: Option<String>,
    #[serde(default)]
    strangers: bool,
    #[serde(default)]
    foreign: bool,
}

impl WrittenPlace {
    pub(super) fn place(&self) -> Result<Place, String> {
        let stage = |name: &String| {
            Stage::ALL.into_iter().find(|stage| stage.name() == name).ok_or(format!("there is no stage {name}"))
        };
        let stages = |names: &Vec<String>| names.iter().map(stage).collect::<Result<Vec<_>, _>>();
        Ok(Place {
            id: self.id.clone(),
            by: self.by.clone(),
            whose: self.whose.clone(),
            past: stages(&self.past)?,
            stages: self.stages.as_ref().map(stages).transpose()?,
            silences: self.silences.clone(),
            healthy: self.healthy,
            next: self.next.clone(),
            is_strangers: self.strangers,
            is_foreign: self.foreign,
        })
    }
}

/// The causes that no rule can judge.
pub fn causes() -> &'static [Cause] {
    WRITTEN.as_ref().map_or(&[], |written| &written.causes)
}

/// The rule or cause of that name.
pub(super) fn what(name: &str) -> Option<What> {
    let cause = || causes().iter().find(|cause| cause.name == name).map(What::Cause);
    crate::rules::find(name).map(What::Rule).or_else(cause)
}
