//! The findings: what is wrong, where, the near miss, the cure, the proof, and the page of the rule.

use super::sheet::Sheet;
use super::{evidence, excerpt, near};
use crate::report::human::cures::about;
use crate::report::human::is_prose;
use crate::report::{ConfigReport, Listed, PROGRAM, explain, words};
use crate::rules::Severity;

/// More findings of one rule stand below each other in a line.
const MOST_ALIKE: usize = 20;

/// The findings, the worst first, then what the user ignores.
pub(super) fn write(sheet: &mut Sheet<'_>, one: &ConfigReport, listed: &[Listed<'_>], number: usize) {
    let mut live: Vec<(usize, &Listed<'_>)> =
        listed.iter().enumerate().filter(|(_, listed)| !listed.finding.is_ignored()).collect();
    live.sort_by_key(|(_, listed)| std::cmp::Reverse(listed.severity));
    if !live.is_empty() {
        sheet.heading(2, |sheet| sheet.put("Findings"));
    }
    for alike in live.chunk_by(|(_, a), (_, b)| a.judged.rule.name == b.judged.rule.name) {
        let (whole, rest) = alike.split_at(alike.len().min(MOST_ALIKE));
        let mut before: Option<&Listed<'_>> = None;
        for (index, listed) in whole {
            article(sheet, one, (number, *index), listed, before);
            before = Some(listed);
        }
        short(sheet, one, "more like this", rest.iter().map(|(_, listed)| *listed));
    }
    short(sheet, one, "ignored", listed.iter().filter(|listed| listed.finding.is_ignored()));
    cures(sheet, one);
}

/// A finding.
fn article(
    sheet: &mut Sheet<'_>,
    one: &ConfigReport,
    (number, index): (usize, usize),
    listed: &Listed<'_>,
    before: Option<&Listed<'_>>,
) {
    let (judged, finding) = (listed.judged, listed.finding);
    sheet.put("<article class=\"").put(listed.severity.name()).put("\" id=\"f").number(number).put("-").number(index);
    sheet.put("\">");
    sheet.heading(3, |sheet| {
        sheet.put("<span class=\"severity\">").put(listed.severity.name()).put("</span> ").prose(&listed.headline())
    });
    sheet.put("<p class=\"meta\"><code>").put(judged.rule.name).put("</code> · at ").put(judged.rule.stage.name());
    let stops = finding.stops_login && listed.severity == Severity::Error;
    sheet.put(if stops { " · a login fails here</p>" } else { "</p>" });
    excerpt::write(sheet, one, finding);
    if let Some(when) = words::when(one, judged) {
        sheet.put("<p>").prose(&when).put("</p>");
    }
    if let Some(near) = &finding.near {
        near::write(sheet, near);
    }
    fix(sheet, &finding.fix);
    // The same proof for several places is shown once.
    if before.is_none_or(|before| !std::ptr::eq(before.judged, judged)) {
        evidence::proof(sheet, &one.proof(judged));
    }
    page(sheet, listed);
    sheet.put("</article>\n");
}

/// The cure: a sentence, then what is read and what is copied.
fn fix(sheet: &mut Sheet<'_>, lines: &[String]) {
    let Some((sentence, lines)) = lines.split_first() else { return };
    sheet.heading(4, |sheet| sheet.put("Fix"));
    sheet.put("<p>").prose(sentence).put("</p>");
    for alike in lines.chunk_by(|a, b| is_prose(a) == is_prose(b)) {
        if alike.first().is_some_and(|line| is_prose(line)) {
            for line in alike {
                sheet.put("<p>").prose(line).put("</p>");
            }
        } else {
            sheet.block(&without_margin(alike));
        }
    }
}

/// Lines without the white space that all begin with: nobody wants to copy it.
fn without_margin(lines: &[String]) -> Vec<&str> {
    let margin = |line: &String| line.len() - line.trim_start_matches(' ').len();
    let least = lines.iter().filter(|line| !line.trim().is_empty()).map(margin).min().unwrap_or(0);
    lines.iter().map(|line| line.get(least..).unwrap_or_default()).collect()
}

/// The page of the rule, once on the whole sheet.
fn page(sheet: &mut Sheet<'_>, listed: &Listed<'_>) {
    let rule = listed.judged.rule;
    if sheet.explained.contains(&rule.name) {
        sheet.put("<p class=\"meta\">more: <a href=\"#rule-").put(rule.name).put("\">").code(rule.name).put("</a></p>");
        return;
    }
    sheet.explained.push(rule.name);
    sheet.put("<details class=\"page\" id=\"rule-").put(rule.name).put("\"><summary>All about <code>").put(rule.name);
    sheet.put("</code></summary><div>").markdown(&explain::rule_help(rule)).put("</div></details>");
    sheet.put("<p class=\"meta\">on a terminal: <code>").put(PROGRAM).put(" explain ").put(rule.name);
    sheet.put("</code></p>");
}

/// Findings of which a line is enough, folded.
fn short<'a, 'b: 'a>(
    sheet: &mut Sheet<'_>,
    one: &ConfigReport,
    title: &'static str,
    all: impl Iterator<Item = &'a Listed<'b>>,
) {
    let all: Vec<&Listed<'_>> = all.collect();
    if all.is_empty() {
        return;
    }
    sheet.put("<details><summary>").number(all.len()).put(" ").put(title).put("</summary><ul>");
    for listed in all {
        sheet.put("<li>").put(listed.severity.name()).put(" <code>").put(listed.judged.rule.name).put("</code> ");
        sheet.code(&words::place(&one.config, listed.finding.at)).put(" ").prose(&listed.headline()).put(": ");
        sheet.prose(&listed.finding.says).put("</li>");
    }
    sheet.put("</ul></details>\n");
}

/// The commands that cure some of it.
fn cures(sheet: &mut Sheet<'_>, one: &ConfigReport) {
    if one.cures.is_empty() {
        return;
    }
    sheet.heading(2, |sheet| sheet.put("Try"));
    for cure in &one.cures {
        sheet.block(&[&cure.command]).put("<p class=\"meta\">").put(about(&cure.command));
        sheet.put("</p>");
    }
}
