//! `JUnit` XML: a test suite for each configuration, a test case for each rule (and app client).
//!
//! A test case fails, or has an error, exactly if it makes the exit code 1, or 3.

use super::place::Place;
use super::{ConfigReport, Listed, Report, View, text, words};
use crate::engine::Judged;
use crate::rules::Verdict;
use crate::secret::Scrubber;

/// The report as `JUnit` XML.
pub(super) fn render(report: &Report, _: &View) -> String {
    let scrubber = report.scrubber();
    let suites: Vec<Suite> = report.reports.iter().map(|one| Suite::of(report, one, scrubber)).collect();
    let sum = |of: fn(&Suite) -> usize| suites.iter().map(of).sum();
    let all = Counts {
        tests: sum(|suite| suite.counts.tests),
        failures: sum(|suite| suite.counts.failures),
        errors: sum(|suite| suite.counts.errors),
        skipped: sum(|suite| suite.counts.skipped),
    };
    let suites: String = suites.into_iter().map(|suite| suite.xml).collect();
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"pomlint\" {} time=\"{}\">\n{suites}</testsuites>\n",
        all.attributes(),
        time(report.summary.took_ms)
    );
    scrubber.scrub(&xml).into_owned()
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
    fn of(report: &Report, one: &ConfigReport, scrubber: &Scrubber) -> Self {
        let mut counts = Counts::default();
        let mut cases = String::new();
        let listed = one.listed();
        for judged in &one.judged {
            counts.tests += 1;
            let own: Vec<&Listed> = listed.iter().filter(|listed| std::ptr::eq(listed.judged, judged)).collect();
            cases += &case(report, one, judged, &own, scrubber, &mut counts);
        }
        let name = xml(&scrubber.scrub(&one.config.path));
        let xml = format!(
            "  <testsuite name=\"{name}\" {} time=\"{}\">\n{cases}  </testsuite>\n",
            counts.attributes(),
            time(one.world.took_ms)
        );
        Self { counts, xml }
    }
}

fn case(
    report: &Report,
    one: &ConfigReport,
    judged: &Judged,
    own: &[&Listed],
    scrubber: &Scrubber,
    counts: &mut Counts,
) -> String {
    let outside = |words: &str| xml(&scrubber.scrub(words));
    let client = one.client(judged).map(|client| format!(" (client {})", outside(client))).unwrap_or_default();
    let head = format!(
        "    <testcase name=\"{}{client}\" classname=\"pomlint.{}\"{} time=\"0\"",
        judged.rule.name,
        judged.rule.stage.name(),
        own.first().map(|listed| place(one, listed, scrubber)).unwrap_or_default(),
    );
    let inner = match &judged.verdict {
        Verdict::Pass => return format!("{head}/>\n"),
        Verdict::Fail(_) => {
            let lines: Vec<String> =
                own.iter().flat_map(|listed| details(one, listed)).map(|line| outside(&line)).collect();
            let message = own.first().map(|listed| outside(listed.title())).unwrap_or_default();
            if own.iter().any(|listed| report.counts(listed)) {
                counts.failures += 1;
                format!("<failure message=\"{message}\" type=\"{}\">{}</failure>", judged.severity(), lines.join("\n"))
            } else {
                format!("<system-out>{}</system-out>", lines.join("\n"))
            }
        }
        Verdict::Undecided(_) if report.wants(judged) => {
            counts.errors += 1;
            format!("<error message=\"{}\" type=\"undecided\"/>", outside(&words::undecided(&one.config, judged)))
        }
        Verdict::Undecided(_) => {
            counts.skipped += 1;
            format!("<skipped message=\"{}\"/>", outside(&words::undecided(&one.config, judged)))
        }
        Verdict::NotApplicable(why) => {
            counts.skipped += 1;
            format!("<skipped message=\"not applicable: {}\"/>", outside(why))
        }
    };
    format!("{head}>\n      {inner}\n    </testcase>\n")
}

fn place(one: &ConfigReport, listed: &Listed, scrubber: &Scrubber) -> String {
    let (file, line) = Place::of(&one.config, listed.finding.at).file_and_line(&one.config);
    format!(" file=\"{}\" line=\"{line}\"", xml(&scrubber.scrub(&file)))
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
    for character in text::escape(words).chars() {
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
