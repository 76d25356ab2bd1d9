//! What was not judged, why, and the command that asks.

use std::collections::BTreeSet;

use super::sheet::Sheet;
use crate::engine::Judged;
use crate::evidence::Missing;
use crate::report::human::{kept, undecided};
use crate::report::place::main_file;
use crate::report::{ConfigReport, PROGRAM, Standing, standing, words};
use crate::shell;

/// What was wanted and could not be had, what was declined, and what waits for a cure.
pub(super) fn write(sheet: &mut Sheet<'_>, one: &ConfigReport) {
    let is = |wanted: Standing| one.judged.iter().filter(move |judged| standing(judged) == Some(wanted));
    let left = [Standing::Open, Standing::Declined, Standing::Follows].map(|standing| is(standing).count());
    if left.iter().sum::<usize>() == 0 {
        return;
    }
    sheet.heading(2, |sheet| sheet.put("Not judged"));
    causes(sheet, one);
    reasons(sheet, one, is(Standing::Declined).chain(is(Standing::Follows)));
    if let Some((list, tries)) = kept::told(sheet.screen, one) {
        sheet.put("<p>").prose(&list).put(":</p>");
        for line in &tries {
            sheet.block(&[line]);
        }
    }
    if let Some(command) = ask(one) {
        sheet.put("<p>Ask for more:</p>").block(&[&command]);
    }
}

/// What was wanted and could not be had, by its causes, and what can be tried.
fn causes(sheet: &mut Sheet<'_>, one: &ConfigReport) {
    let causes = undecided::causes(one);
    if causes.is_empty() {
        return;
    }
    sheet.put("<div class=\"undecided\"><p><b>Undecided.</b> ").put(undecided::meaning(one)).put("</p>");
    for cause in &causes {
        let (title, details) = cause.told(sheet.screen, one);
        sheet.heading(3, |sheet| sheet.prose(&title));
        sheet.list("details", &details).put("<p class=\"meta\">needed by ").names(&cause.rules).put("</p>");
    }
    let hints = undecided::distinct_hints(sheet.screen, one.config.form, &causes);
    if !hints.is_empty() {
        sheet.put("<p>Try:</p><dl class=\"pairs\">");
        for (words, why) in hints {
            sheet.put("<dt>").code(&words).put("</dt><dd>").put(why).put("</dd>");
        }
        sheet.put("</dl>");
    }
    sheet.put("</div>");
}

/// Reasons, each with its rules.
fn reasons<'a>(sheet: &mut Sheet<'_>, one: &ConfigReport, judged: impl Iterator<Item = &'a Judged>) {
    let mut reasons: Vec<(String, Vec<&'static str>)> = Vec::new();
    for judged in judged {
        let (why, name) = (words::undecided(&one.config, judged), judged.rule.name);
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, rules)) if rules.contains(&name) => {}
            Some((_, rules)) => rules.push(name),
            None => reasons.push((why, vec![name])),
        }
    }
    if reasons.is_empty() {
        return;
    }
    sheet.put("<dl class=\"reasons\">");
    for (why, rules) in reasons {
        sheet.put("<dt>").prose(&why).put("</dt><dd>").names(&rules).put("</dd>");
    }
    sheet.put("</dl>");
}

/// The command that asks what was declined.
fn ask(one: &ConfigReport) -> Option<String> {
    let mut flags: BTreeSet<&str> = BTreeSet::new();
    for judged in one.judged.iter().filter(|judged| judged.is_declined()) {
        flags.extend(judged.missing().iter().filter_map(|reason| match reason {
            Missing::Declined { flag } => Some(*flag),
            _ => None,
        }));
    }
    if flags.is_empty() {
        return None;
    }
    let is_address = one.config.path.starts_with("https://");
    let path = if is_address { Some(one.config.path.clone()) } else { main_file(&one.config) };
    let path = path.map_or_else(|| "CONFIG".to_owned(), |path| shell::quoted(&path).into_owned());
    let asks: Vec<&str> = flags
        .into_iter()
        .filter_map(|flag| match flag {
            // Without them, more is asked.
            "--offline" | "--only" => None,
            "--infra" => Some("--infra PLAN"),
            "--deployed" => Some("--deployed URL"),
            flag => Some(flag),
        })
        .collect();
    Some([PROGRAM, "check", &path].into_iter().chain(asks).collect::<Vec<_>>().join(" "))
}
