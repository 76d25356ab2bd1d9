//! Which rules are judged.

use super::StartError;
use crate::cli::Selection;
use crate::report::escape;
use crate::rules::{RULES, Rule};

/// The rules that `--only`, `--skip` and the settings file, which switches those in `off` off, leave, in the order of the login
/// chain.
pub(super) fn select(
    selection: &Selection,
    settings: Option<&str>,
    off: &[&str],
) -> Result<Vec<&'static Rule>, StartError> {
    for name in selection.only.iter().chain(&selection.skip) {
        find(name)?;
    }
    let wanted = |rule: &&Rule| {
        let named = |names: &[String]| names.iter().any(|name| name == rule.name);
        (selection.only.is_empty() || named(&selection.only)) && !named(&selection.skip) && !off.contains(&rule.name)
    };
    let rules: Vec<_> = RULES.iter().filter(wanted).collect();
    if rules.is_empty() { Err(StartError::NoRules { by: takers(selection, settings, off) }) } else { Ok(rules) }
}

/// Who leaves no rule over.
fn takers(selection: &Selection, settings: Option<&str>, off: &[&str]) -> String {
    let settings = settings.filter(|_| !off.is_empty()).map(|name| format!("the settings in {}", escape(name)));
    let flags = [("--only", &selection.only), ("--skip", &selection.skip)];
    let flags = flags.into_iter().filter(|(_, rules)| !rules.is_empty()).map(|(flag, _)| flag.to_owned());
    flags.chain(settings).collect::<Vec<_>>().join(" and ")
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
