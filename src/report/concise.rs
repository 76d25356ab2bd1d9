//! One line a finding, as compilers write them: editors and `grep` know what to do with it.

use super::place::{self, Place};
use super::summary::counts;
use super::{Report, Verbosity, View, cause, text, words};

/// Longer texts from outside are cut.
const LONGEST: usize = 600;

/// `path:line:column: severity[rule] message`, and the counts.
pub(super) fn render(report: &Report, view: &View) -> String {
    let clean = |words: &str| text::cap(&text::escape(words), LONGEST);
    let mut lines = Vec::new();
    for one in &report.reports {
        for listed in one.told() {
            let place = Place::of(&one.config, listed.finding.at);
            let word = if listed.finding.is_ignored() { "ignored" } else { listed.severity.name() };
            lines.push(format!(
                "{}:{}:{}: {word}[{}] {}: {}",
                clean(place.name),
                place.start.line,
                place.start.column,
                listed.judged.rule.name,
                clean(&listed.headline()),
                clean(&listed.finding.says),
            ));
        }
        for row in cause::rows(one) {
            let place = match row.at.map(|at| Place::of(&one.config, at)) {
                Some(place) => format!("{}:{}:{}", clean(place.name), place.start.line, place.start.column),
                None => {
                    format!("{}:1:1", clean(&place::main_file(&one.config).unwrap_or_else(|| one.config.path.clone())))
                }
            };
            lines.push(format!("{place}: undecided[{}] {}", row.rule, clean(&row.says)));
        }
    }
    if view.verbosity != Verbosity::Quiet {
        let newer = report.reports.iter().find_map(|one| words::newer(&one.config));
        lines.extend(newer.map(|line| clean(&line)));
        lines.push(counts(&report.summary));
        lines.extend(words::about(report).iter().map(|line| clean(line)));
    }
    lines.into_iter().map(|line| text::inert(line) + "\n").collect()
}
