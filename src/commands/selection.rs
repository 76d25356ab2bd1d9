//! Which rules are judged.

use super::StartError;
use crate::cli::Selection;
use crate::rules::{RULES, Rule};

/// The rules that `--only`, `--skip` and the settings file leave, in the order of the login chain.
pub(super) fn select(selection: &Selection, off: &[&str]) -> Result<Vec<&'static Rule>, StartError> {
    for name in selection.only.iter().chain(&selection.skip) {
        find(name)?;
    }
    let wanted = |rule: &&Rule| {
        let named = |names: &[String]| names.iter().any(|name| name == rule.name);
        (selection.only.is_empty() || named(&selection.only)) && !named(&selection.skip) && !off.contains(&rule.name)
    };
    let rules: Vec<_> = RULES.iter().filter(wanted).collect();
    if rules.is_empty() { Err(StartError::NoRules) } else { Ok(rules) }
}

/// The rule of that name.
///
/// # Errors
/// If there is none; with the nearest name.
pub(super) fn find(name: &str) -> Result<&'static Rule, StartError> {
    crate::rules::find(name).ok_or_else(|| StartError::UnknownRule {
        name: name.to_owned(),
        near: crate::rules::nearest(name).map(str::to_owned),
    })
}
