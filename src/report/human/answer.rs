//! The last lines: will a login work?

use super::undecided::distinct;
use super::{Ink, Screen};
use crate::config::{ANOTHER_PROVIDER, Form, Subject};
use crate::engine::Judged;
use crate::evidence::Missing;
use crate::report::{Applied, ConfigReport, Listed, Report, Summary, severity, text, words};
use crate::rules::{Severity, Stage, Verdict, find};

/// The answer for one configuration, and its counts.
pub(super) fn of_one(
    screen: &Screen<'_>,
    report: &ConfigReport,
    summary: &Summary,
    settings: Option<&Applied>,
) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut lines = Vec::new();
    let more = pieces_of(screen, report, summary, settings);
    match sentence(report, summary) {
        (Some(stopping), _) => {
            lines.push(screen.paint(&stopping, Ink::Bad));
            pieces.push(found(summary, true));
            pieces.extend((summary.undecided > 0).then(|| format!("{} undecided", summary.undecided)));
        }
        (None, sentence) if Fine::of(report, summary) == Fine::Works => pieces.push(screen.paint(&sentence, Ink::Good)),
        (None, sentence) => pieces.push(sentence),
    }
    pieces.extend(more);
    lines.extend(joined(screen, &pieces));
    lines
}

/// What stands beside the answer and the counts of what was found.
pub(in crate::report) fn pieces_of(
    screen: &Screen<'_>,
    report: &ConfigReport,
    summary: &Summary,
    settings: Option<&Applied>,
) -> Vec<String> {
    let mut pieces: Vec<String> = accepted(summary).into_iter().collect();
    pieces.extend(release(report));
    pieces.extend(given(screen, report));
    pieces.extend(words::repeated(report).map(|repeated| screen.outside(&repeated, 300)));
    pieces.extend(waiting(report));
    pieces.extend(declined(report));
    pieces.extend(ignored(summary));
    pieces.extend(hidden(summary));
    pieces.extend(off(screen, settings));
    pieces.extend(strict(report, summary));
    pieces.extend(asked(summary));
    pieces.extend(proxies(screen, report));
    pieces
}

/// The answer as a sentence, and in what colour it is told.
pub(in crate::report) fn verdict(report: &ConfigReport, summary: &Summary) -> (String, Ink) {
    match sentence(report, summary) {
        (Some(stopping), _) => (stopping, Ink::Bad),
        (None, sentence) if Fine::of(report, summary) == Fine::Works => (sentence, Ink::Good),
        (None, sentence) => (sentence, Ink::Warn),
    }
}

/// The answer for all configurations.
pub(super) fn of_all(screen: &Screen<'_>, report: &Report) -> Vec<String> {
    let (heading, ink) = verdict_of_all(report);
    let mut pieces = vec![found(&report.summary, true)];
    pieces.extend(accepted(&report.summary));
    pieces.extend(ignored(&report.summary));
    pieces.extend(hidden(&report.summary));
    pieces.extend(off(screen, report.settings.as_ref()));
    pieces.extend(asked(&report.summary));
    let mut lines = vec![screen.paint(&heading, ink)];
    lines.extend(joined(screen, &pieces));
    lines
}

/// How many of the configurations work, and in what colour that is told.
pub(in crate::report) fn verdict_of_all(report: &Report) -> (String, Ink) {
    let number = |is: &dyn Fn(&ConfigReport) -> bool| report.reports.iter().filter(|report| is(report)).count();
    let failing = number(&|report| report.fails_at().is_some());
    let state = |report: &ConfigReport| Fine::of(report, &Summary::of_one(report));
    let works = number(&|report| report.fails_at().is_none() && state(report) == Fine::Works);
    let passed_over = number(&|report| report.fails_at().is_none() && state(report) == Fine::Ignored);
    let other = report.reports.len() - failing - works - passed_over;
    let mut parts = Vec::new();
    for (number, words) in [
        (failing, "will fail"),
        (works, "should work"),
        (passed_over, "with an ignored error"),
        (other, "not fully judged"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {words}"));
        }
    }
    let heading = format!("{}: {}", text::count(report.reports.len(), "configuration"), parts.join(", "));
    (heading, if failing > 0 { Ink::Bad } else { Ink::Strong })
}

/// How far the absence of errors carries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fine {
    /// Every rule was judged.
    Works,
    /// Evidence was wanted and is missing.
    Undecided,
    /// Errors are ignored.
    Ignored,
    /// The settings file switched errors off, or made failing ones less.
    Excused(Stage),
    /// The user did not want everything asked or judged.
    Partly,
    /// This is no login through Cognito.
    Elsewhere(&'static str),
}

impl Fine {
    fn of(report: &ConfigReport, summary: &Summary) -> Self {
        match report.world.subject(&report.config) {
            _ if summary.undecided > 0 => Self::Undecided,
            Subject::Other(why) => Self::Elsewhere(why),
            Subject::Generic => Self::Elsewhere(ANOTHER_PROVIDER),
            _ if ignored_error(report).is_some() => Self::Ignored,
            Subject::Cognito | Subject::Perhaps => match report.excused {
                Some(stage) => Self::Excused(stage),
                None if summary.declined > 0 || report.left_out_by.is_some() => Self::Partly,
                None => Self::Works,
            },
        }
    }
}

/// The stage of the first error that is ignored.
fn ignored_error(report: &ConfigReport) -> Option<Stage> {
    let is_error = |judged: &Judged, finding| severity(judged.rule, finding) == Severity::Error;
    report.ignored().find(|(judged, finding, _)| is_error(judged, finding)).map(|(judged, ..)| judged.rule.stage)
}

/// What stops a login, if anything does; else what can be said for it.
fn sentence(report: &ConfigReport, summary: &Summary) -> (Option<String>, String) {
    match report.fails_at() {
        Some(Stage::SignOut) => return (Some("A login may work, but sign-out will fail.".to_owned()), String::new()),
        Some(stage) if report.is_broken_by_apply() => {
            let says = format!("A login will fail at: {}. It works now: the apply breaks it.", stage.name());
            return (Some(says), String::new());
        }
        Some(stage) => return (Some(format!("A login will fail at: {}.", stage.name())), String::new()),
        None if report.is_of_another_pool() => return (Some(words::ANOTHER_POOL.to_owned()), String::new()),
        None => {}
    }
    let decided =
        distinct(report.judged.iter().filter(|judged| matches!(judged.verdict, Verdict::Pass | Verdict::Fail(_))));
    let rules = text::count(decided.len(), "rule");
    let found = Some(found(summary, false)).filter(|found| !found.is_empty());
    let nothing = match &found {
        None => "Nothing wrong".to_owned(),
        Some(found) if summary.errors > 0 => format!("Nothing that stops a login, but {found}"),
        Some(found) => format!("No error, {found}"),
    };
    let good = match Fine::of(report, summary) {
        Fine::Elsewhere(why) if decided.is_empty() => format!("No login through Cognito to judge: {why}"),
        _ if decided.is_empty() => "Nothing was judged".to_owned(),
        Fine::Works => match found {
            Some(found) => format!("A login should work, with {found}: {rules}, all decided"),
            None => format!("A login should work: {rules}, all decided"),
        },
        Fine::Undecided => format!("{nothing} in the {rules} that could be judged"),
        Fine::Ignored => {
            let stage = ignored_error(report).map_or("", Stage::name);
            format!("{nothing} in the {rules} that were judged, but for what is ignored at: {stage}")
        }
        Fine::Excused(stage) => {
            format!("{nothing} in the {rules} that were judged, but for what the settings excuse at: {}", stage.name())
        }
        Fine::Partly => {
            let by = report.left_out_by.as_ref().filter(|by| !by.is_empty());
            let by = by.map(|by| format!(" ({})", by.join(", "))).unwrap_or_default();
            let were = if decided.len() == 1 { "was" } else { "were" };
            format!("{nothing} in the {rules} that {were} judged{by}")
        }
        Fine::Elsewhere(why) => format!("No login through Cognito to judge: {why}. {nothing} in {rules}"),
    };
    (None, good)
}

/// `1 error, 2 warnings, 31 passed`.
fn found(summary: &Summary, passed: bool) -> String {
    let mut parts: Vec<String> = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.notes, "note")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| text::count(number, noun))
        .collect();
    if passed {
        parts.push(format!("{} passed", summary.passed));
    }
    parts.join(", ")
}

/// `4 wait for callback`: consequences, folded under their cause.
fn waiting(report: &ConfigReport) -> Vec<String> {
    let mut rules: Vec<(&str, usize)> = Vec::new();
    for rule in report.judged.iter().filter_map(|judged| judged.follows) {
        add(&mut rules, rule, 1);
    }
    let mut causes: Vec<(&str, usize)> = Vec::new();
    for (cause, number) in rules {
        let stage = report.judged.iter().find(|judged| judged.rule.name == cause).map(|judged| judged.rule.stage);
        let name = stage.or_else(|| find(cause).map(|rule| rule.stage)).map_or(cause, Stage::name);
        add(&mut causes, name, number);
    }
    causes
        .into_iter()
        .map(|(name, number)| format!("{number} wait{} for {name}", if number == 1 { "s" } else { "" }))
        .collect()
}

/// Adds to the number under a name.
fn add<'n>(numbers: &mut Vec<(&'n str, usize)>, name: &'n str, number: usize) {
    match numbers.iter_mut().find(|(known, _)| *known == name) {
        Some((_, sum)) => *sum += number,
        None => numbers.push((name, number)),
    }
}

/// `1 not judged (client-secret-rejected: add --probe-secret)`: the user's choice, in one piece; and what nobody can see from here.
fn declined(report: &ConfigReport) -> Vec<String> {
    let declined: Vec<&Judged> = report.judged.iter().filter(|judged| judged.is_declined()).collect();
    let is_elsewhere = |judged: &&Judged| judged.missing().iter().all(|reason| matches!(reason, Missing::Elsewhere(_)));
    let (elsewhere, declined): (Vec<&Judged>, Vec<&Judged>) = declined.into_iter().partition(is_elsewhere);
    let mut flags: Vec<&str> = Vec::new();
    for reason in declined.iter().flat_map(|judged| judged.missing()) {
        match reason {
            Missing::Declined { flag } if !flags.contains(flag) => flags.push(flag),
            _ => {}
        }
    }
    let rules = distinct(declined.into_iter());
    let chosen = match (rules.as_slice(), flags.as_slice()) {
        ([], _) => None,
        (_, flags) if flags.contains(&"--offline") => Some(format!("{} not judged (--offline)", rules.len())),
        ([rule], flags) => Some(format!("1 not judged ({rule}: add {})", added(report, flags))),
        (rules, flags) => Some(format!("{} not judged (add {})", rules.len(), added(report, flags))),
    };
    let is_file = |reason: &&Missing| matches!(reason, Missing::Elsewhere(what) if what.starts_with("the file "));
    let files = elsewhere.iter().flat_map(|judged| judged.missing()).filter(is_file).count();
    let unseen = (files > 0).then(|| format!("{} not here to be read (-v)", text::count(files, "file")));
    let is_kept = |judged: &Judged| judged.missing().iter().any(|reason| !is_file(&reason));
    let kept = distinct(elsewhere.into_iter().filter(|judged| is_kept(judged)));
    let is_in_cluster = [Form::Kubernetes, Form::Helm].contains(&report.config.form);
    let place = match report.config.form {
        _ if is_in_cluster => "in the cluster alone",
        Form::Deployed(_) => "not shown by what runs: -v",
        _ => "filled in elsewhere",
    };
    let kept = (!kept.is_empty()).then(|| format!("{} not judged ({place})", kept.len()));
    chosen.into_iter().chain(unseen).chain(kept).collect()
}

/// The flags that would let more be judged.
fn added(report: &ConfigReport, flags: &[&str]) -> String {
    flags.iter().map(|flag| words::flag(report, flag)).collect::<Vec<_>>().join(", ")
}

/// `Pomerium v0.31 or later`: which release it is that runs.
fn release(report: &ConfigReport) -> Option<String> {
    words::releases(report).map(|range| format!("Pomerium {range}"))
}

/// `idp_client_id given`: what no file says, but the user.
fn given(screen: &Screen<'_>, report: &ConfigReport) -> Option<String> {
    let names = report.config.given_names();
    (!names.is_empty()).then(|| format!("{} given", screen.outside(&names.join(", "), 300)))
}

/// Of the findings that were counted.
fn accepted(summary: &Summary) -> Option<String> {
    (summary.accepted > 0).then(|| format!("{} of them accepted", summary.accepted))
}

fn ignored(summary: &Summary) -> Option<String> {
    (summary.ignored > 0).then(|| format!("{} ignored", summary.ignored))
}

/// `2 rules off (pomlint.toml)`.
fn off(screen: &Screen<'_>, settings: Option<&Applied>) -> Option<String> {
    let settings = settings.filter(|settings| !settings.off.is_empty())?;
    Some(format!("{} off ({})", text::count(settings.off.len(), "rule"), screen.outside(&settings.file, 200)))
}

fn hidden(summary: &Summary) -> Option<String> {
    (summary.hidden > 0).then(|| format!("{} hidden (--pedantic)", text::count(summary.hidden, "note")))
}

/// `exit 3 (--undecided strict)`: why the exit code is not that of a pass, where no evidence was wanted that is missing.
fn strict(report: &ConfigReport, summary: &Summary) -> Option<String> {
    let counts = |listed: &Listed| listed.pardon().is_none() && listed.severity >= report.options.fail_on;
    let is_strict = report.options.undecided == crate::report::Undecided::Strict;
    let is_why = is_strict && summary.undecided == 0 && summary.declined > 0;
    (is_why && !report.listed().iter().any(counts))
        .then(|| "what was not judged makes exit code 3 (--undecided strict)".to_owned())
}

/// `7 requests to 2 hosts in 0.24 s`. Of a recording as well: a replay prints what the recording did.
fn asked(summary: &Summary) -> Option<String> {
    (summary.requests > 0).then(|| {
        let (requests, hosts) = (text::count(summary.requests, "request"), text::count(summary.hosts, "host"));
        format!("{requests} to {hosts} in {}", text::seconds(summary.took_ms))
    })
}

/// `through the proxy proxy.corp.example.com:3128`, for each there was.
fn proxies(screen: &Screen<'_>, report: &ConfigReport) -> Vec<String> {
    let names: std::collections::BTreeSet<&str> = report.world.proxies.values().map(|url| words::host(url)).collect();
    names.into_iter().map(|name| format!("through the proxy {}", screen.outside(name, 253))).collect()
}

/// The pieces on as few lines as possible; a piece is broken only if it is longer than a line.
fn joined(screen: &Screen<'_>, pieces: &[String]) -> Vec<String> {
    let lines = text::fill(pieces.iter().map(String::as_str), " · ", screen.width());
    lines.iter().flat_map(|line| text::wrap(line, screen.width())).collect()
}
