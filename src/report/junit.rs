//! `JUnit` XML: a test suite for each configuration, a test case for each rule (and app client).
//!
//! A test case fails, or has an error, exactly if it makes the exit code 1, or 3.

use super::place::Place;
use super::{ConfigReport, Listed, Report, View, text, words};
use crate::engine::Judged;
use crate::rules::{Rule, Verdict, find};

/// The report as `JUnit` XML.
pub(super) fn render(report: &Report, _: &View) -> String {
    let suites: Vec<Suite> = report.reports.iter().map(|one| Suite::of(report, one)).collect();
    let sum = |of: fn(&Suite) -> usize| suites.iter().map(of).sum();
    let all = Counts {
        tests: sum(|suite| suite.counts.tests),
        failures: sum(|suite| suite.counts.failures),
        errors: sum(|suite| suite.counts.errors),
        skipped: sum(|suite| suite.counts.skipped),
    };
    let suites: String = suites.into_iter().map(|suite| suite.xml).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"pomlint\" {} time=\"{}\">\n{suites}</testsuites>\n",
        all.attributes(),
        time(report.summary.took_ms)
    )
}

#[derive(Clone, Copy, Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn attributes(self) -> String {
        let Self { tests, failures, errors, skipped } = self;
        format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"")
    }
}

struct Suite {
    counts: Counts,
    xml: String,
}

impl Suite {
    fn of(report: &Report, one: &ConfigReport) -> Self {
        let mut counts = Counts::default();
        let mut cases = String::new();
        let listed = one.listed();
        for judged in one.judged.iter() {
            counts.tests += 1;
            let own: Vec<&Listed> = listed.iter().filter(|listed| std::ptr::eq(listed.judged, judged)).collect();
            cases += &case(report, one, judged, &own, &mut counts);
        }
        for (rule, why) in excused(report, one) {
            counts.tests += 1;
            counts.skipped += 1;
            cases.extend([&head(rule, ""), " time=\"0\">\n      ", &skipped(&why), "\n    </testcase>\n"]);
        }
        let name = xml(&one.config.path);
        let xml = format!(
            "  <testsuite name=\"{name}\" {} time=\"{}\">\n{cases}  </testsuite>\n",
            counts.attributes(),
            time(one.world.took_ms)
        );
        Self { counts, xml }
    }
}

/// The rules that the settings switch off, and those whose findings they make too small to be listed.
fn excused(report: &Report, one: &ConfigReport) -> Vec<(&'static Rule, String)> {
    let Some(applied) = &report.settings else { return Vec::new() };
    let off = applied.off.iter().filter_map(|name| find(name));
    let off = off.map(|rule| (rule, format!("switched off in {}", applied.file)));
    let is_listed = |rule: &Rule| one.judged.iter().any(|judged| judged.rule.name == rule.name);
    let less = applied.severities.iter().filter(|(rule, severity)| *severity < rule.severity && !is_listed(rule));
    let less = less.map(|(rule, severity)| (*rule, format!("made a {severity} in {}", applied.file)));
    off.chain(less).collect()
}

fn skipped(why: &str) -> String {
    format!("<skipped message=\"{}\"/>", xml(why))
}

fn head(rule: &Rule, client: &str) -> String {
    format!("    <testcase name=\"{}{}\" classname=\"pomlint.{}\"", rule.name, xml(client), rule.stage.name())
}

fn case(report: &Report, one: &ConfigReport, judged: &Judged, own: &[&Listed], counts: &mut Counts) -> String {
    let client = one.client(judged).map(|client| format!(" (client {client})")).unwrap_or_default();
    let place = own.first().map(|listed| place(one, listed)).unwrap_or_default();
    let head = format!("{}{place} time=\"0\"", head(judged.rule, &client));
    let inner = match &judged.verdict {
        Verdict::Pass => return format!("{head}/>\n"),
        Verdict::Fail(_) => {
            let lines: Vec<String> =
                own.iter().flat_map(|listed| details(one, listed)).map(|line| xml(&line)).collect();
            let message = own.first().map(|listed| xml(listed.title())).unwrap_or_default();
            if own.iter().any(|listed| report.counts(listed)) {
                counts.failures += 1;
                format!("<failure message=\"{message}\" type=\"{}\">{}</failure>", judged.severity(), lines.join("\n"))
            } else {
                format!("<system-out>{}</system-out>", lines.join("\n"))
            }
        }
        Verdict::Undecided(_) if report.wants(one, judged) => {
            counts.errors += 1;
            format!("<error message=\"{}\" type=\"undecided\"/>", xml(&words::undecided(&one.config, judged)))
        }
        Verdict::Undecided(_) => {
            counts.skipped += 1;
            skipped(&words::undecided(&one.config, judged))
        }
        Verdict::NotApplicable(why) => {
            counts.skipped += 1;
            skipped(&format!("not applicable: {why}"))
        }
    };
    format!("{head}>\n      {inner}\n    </testcase>\n")
}

fn place(one: &ConfigReport, listed: &Listed) -> String {
    let (file, line) = Place::of(&one.config, listed.finding.at).file_and_line(&one.config);
    format!(" file=\"{}\" line=\"{line}\"", xml(&file))
}

fn details(one: &ConfigReport, listed: &Listed) -> Vec<String> {
    let place = words::place(&one.config, listed.finding.at);
    let mut lines = vec![format!("{place}: {}: {}: {}", listed.severity, listed.headline(), listed.finding.says)];
    lines.extend(listed.finding.fix.iter().map(|line| format!("  {line}")));
    lines
}

/// Seconds, as `xs:decimal`.
fn time(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

/// Text of one line for an element or an attribute, with nothing in it that XML 1.0 does not allow.
fn xml(words: &str) -> String {
    let mut clean = String::with_capacity(words.len());
    for character in text::inert(text::escape(words)).chars() {
        match character {
            '&' => clean.push_str("&amp;"),
            '<' => clean.push_str("&lt;"),
            '>' => clean.push_str("&gt;"),
            '"' => clean.push_str("&quot;"),
            '\'' => clean.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => clean.extend(character.escape_unicode()),
            _ => clean.push(character),
        }
    }
    clean
}
