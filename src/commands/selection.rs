//! Which rules are judged.

use super::StartError;
use crate::cli::{FailOn, Selection, Undecided};
use crate::report::{self, LeftOut, Options, escape};
use crate::rules::{POOL_NOT_EXPECTED, RULES, Rule, Severity};

/// The rules that `--only`, `--skip` and the settings file, which switches those in `off` off, leave, in the order of the login
/// chain. With `--pool` the pool is always judged: neither `--only` nor a file may hide that it is another one.
pub(super) fn select(
    selection: &Selection,
    settings: Option<&str>,
    off: &[&str],
    has_pool: bool,
) -> Result<Vec<&'static Rule>, StartError> {
    for name in selection.only.iter().chain(&selection.skip) {
        find(name)?;
    }
    let wanted = |rule: &&Rule| {
        let named = |names: &[String]| names.iter().any(|name| name == rule.name);
        let is_kept = has_pool && rule.name == POOL_NOT_EXPECTED;
        let is_chosen = (selection.only.is_empty() || named(&selection.only)) && !off.contains(&rule.name);
        (is_kept || is_chosen) && !named(&selection.skip)
    };
    let rules: Vec<_> = RULES.iter().filter(wanted).collect();
    if rules.is_empty() { Err(StartError::NoRules { by: takers(selection, settings, off) }) } else { Ok(rules) }
}

/// What the flags leave out of the rules that would be judged without them; notes are no loss.
pub(super) fn left_out(selection: &Selection, judged: &[&'static Rule], off: &[&str]) -> Option<LeftOut> {
    let is_judged = |rule: &Rule| judged.iter().any(|judged| judged.name == rule.name);
    let may_find = |rule: &&Rule| rule.severity > Severity::Note && rule.name != POOL_NOT_EXPECTED;
    let rules: Vec<_> =
        RULES.iter().filter(may_find).filter(|rule| !is_judged(rule) && !off.contains(&rule.name)).collect();
    let flags = [("--only", &selection.only), ("--skip", &selection.skip)];
    let by = flags.into_iter().filter(|(_, names)| !names.is_empty()).map(|(flag, _)| flag).collect();
    (!rules.is_empty()).then_some(LeftOut { by, rules })
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

/// How the rules that were chosen are judged.
pub(super) fn options(selection: &Selection) -> Options {
    Options {
        fail_on: match selection.fail_on {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
        },
        undecided: match selection.undecided {
            None => report::Undecided::Default,
            Some(Undecided::Allow) => report::Undecided::Allow,
            Some(Undecided::Strict) => report::Undecided::Strict,
        },
        pedantic: selection.pedantic,
        named: !selection.only.is_empty(),
    }
}
