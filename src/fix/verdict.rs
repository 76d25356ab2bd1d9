//! Whether a configuration is better for its edits.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Refusal};
use crate::config::Config;
use crate::engine::Judged;
use crate::rules::{Finding, Severity, Verdict};

/// How much each rule finds in each configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All that counts, notes as well.
    all: BTreeMap<(String, &'static str), usize>,
    /// What is more than a note.
    loud: BTreeMap<(String, &'static str), usize>,
    /// The rules that were judged. What another finding hid before is nothing new.
    judged: BTreeSet<(String, &'static str)>,
    /// The configurations, and whether their settings were read.
    read: BTreeMap<(String, &'static str, bool), usize>,
}

impl Tally {
    /// Counts.
    pub fn of<'a>(cases: impl IntoIterator<Item = (&'a Config, &'a [Judged])>) -> Self {
        let mut tally = Self::default();
        for (config, judged) in cases {
            *tally.read.entry((config.path.clone(), config.form.name(), config.settings.is_some())).or_default() += 1;
            for judged in judged {
                let key = || (config.path.clone(), judged.rule.name);
                if matches!(judged.verdict, Verdict::Pass | Verdict::Fail(_)) {
                    tally.judged.insert(key());
                }
                let counted = || judged.findings().iter().filter(|finding| !finding.is_ignored());
                let is_loud = |finding: &&Finding| finding.severity.unwrap_or(judged.rule.severity) > Severity::Note;
                *tally.all.entry(key()).or_default() += counted().count();
                *tally.loud.entry(key()).or_default() += counted().filter(is_loud).count();
            }
        }
        tally
    }
}

/// Whether every finding is gone for which a change was made, and no other has come.
///
/// # Errors
/// If not; says which.
pub fn verdict<'c>(
    before: &Tally,
    after: &Tally,
    changes: impl IntoIterator<Item = &'c Change>,
) -> Result<(), Refusal> {
    if before.read != after.read {
        return Err(Refusal::Unread);
    }
    let count = |tally: &BTreeMap<(String, &'static str), usize>, key| tally.get(key).copied().unwrap_or(0);
    for (key, found) in &after.loud {
        if *found > count(&before.loud, key) {
            return Err(Refusal::Brings(key.1));
        }
    }
    for (key, found) in after.all.iter().filter(|(key, _)| before.judged.contains(*key)) {
        if *found > count(&before.all, key) {
            return Err(Refusal::Brings(key.1));
        }
    }
    let mut cured: BTreeMap<(String, &'static str), usize> = BTreeMap::new();
    for change in changes {
        for config in &change.configs {
            *cured.entry((config.clone(), change.rule)).or_default() += 1;
        }
    }
    for (key, cured) in &cured {
        if count(&after.all, key) + cured > count(&before.all, key) {
            return Err(Refusal::Stays);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rule that found so much, as notes, and whether it was judged before.
    fn tally(found: usize, is_judged: bool) -> Tally {
        let key = || ("config.yaml".to_owned(), "a-rule");
        Tally {
            all: BTreeMap::from([(key(), found)]),
            judged: is_judged.then(key).into_iter().collect(),
            ..Tally::default()
        }
    }

    #[test]
    fn a_note_that_comes_with_a_change_is_harm_and_one_that_was_hidden_is_none() {
        assert_eq!(verdict(&tally(0, true), &tally(1, true), []), Err(Refusal::Brings("a-rule")));
        assert_eq!(verdict(&tally(1, true), &tally(2, true), []), Err(Refusal::Brings("a-rule")));
        assert_eq!(verdict(&tally(1, true), &tally(1, true), []), Ok(()));
        assert_eq!(verdict(&tally(0, false), &tally(1, true), []), Ok(()));
    }
}
