//! The report for people: what is wrong, where, the proof, the cure; and, as the last lines, the answer.

pub(super) mod answer;
pub(super) mod cures;
mod excerpt;
pub(super) mod exchange;
mod ignored;
pub(super) mod kept;
mod near;
pub(super) mod path;
#[cfg(test)]
mod tests;
pub(super) mod undecided;
pub(super) mod verbose;

use url::Url;

use self::excerpt::Label;
use super::ink::{Ink, paint};
use super::{Applied, ConfigReport, Listed, PROGRAM, Report, Summary, Verbosity, View, text, words};
use crate::config::{Source, SourceKind};
use crate::engine::Judged;
use crate::page::address;
use crate::rules::{Finding, Severity};
use crate::secret::Scrubber;

/// Where text beside a label (`seen`, `near`, `fix`, `more`) begins.
const INDENT: usize = 8;
/// Longer texts from outside are cut.
const LONGEST: usize = 600;
/// More findings of one rule, and more places of one finding, are counted, not shown.
const MOST_ALIKE: usize = 20;
/// More exchanges beside one finding are counted, not shown.
const MOST_SEEN: usize = 2;

/// The report as a person reads it.
pub(super) fn render(report: &Report, view: &View) -> String {
    let scrubber = report.scrubber();
    let screen = Screen { view, scrubber };
    let several = report.reports.len() > 1;
    let settings = report.settings.as_ref();
    let mut blocks: Vec<Vec<String>> = Vec::new();
    for report in &report.reports {
        let mut own = findings(&screen, report);
        own.extend(ignored::block(&screen, report));
        own.extend(undecided::block(&screen, report));
        own.extend(kept::block(&screen, report));
        own.extend(cures::block(&screen, report));
        if screen.verbose() {
            own.extend(verbose::blocks(&screen, report));
        }
        if view.verbosity != Verbosity::Quiet {
            own.push(ending(&screen, report, settings.filter(|_| !several)));
        }
        if several && !own.is_empty() {
            let name = screen.outside(&report.config.path, 200);
            own.insert(0, vec![screen.paint(&format!("── {name} ──"), Ink::Strong)]);
        }
        blocks.extend(own);
    }
    if let Some(applied) = settings.filter(|_| screen.verbose()) {
        blocks.push(verbose::settings(&screen, applied));
    }
    if several && view.verbosity != Verbosity::Quiet {
        blocks.push(answer::of_all(&screen, report));
    }
    let mut about: Vec<String> = words::elsewhere(report).into_iter().chain(words::baseline(report)).collect();
    about.extend(words::settings(report).filter(|_| view.verbosity == Verbosity::Normal));
    if !about.is_empty() {
        let lines = about.iter().flat_map(|line| text::wrap(&screen.outside(line, LONGEST), screen.width()));
        blocks.push(lines.collect());
    }
    let blocks: Vec<String> =
        blocks.into_iter().map(|block| block.into_iter().map(|line| text::inert(line) + "\n").collect()).collect();
    blocks.join("\n")
}

/// The login path and the answer.
fn ending(screen: &Screen<'_>, report: &ConfigReport, settings: Option<&Applied>) -> Vec<String> {
    let mut lines = path::path(screen, report);
    lines.extend(words::newer(&report.config).iter().flat_map(|line| text::wrap(line, screen.width())));
    lines.extend(answer::of_one(screen, report, &Summary::of_one(report), settings));
    lines.extend(words::fails_now(report));
    lines
}

/// One block for each finding, in the order of the login.
fn findings(screen: &Screen<'_>, report: &ConfigReport) -> Vec<Vec<String>> {
    let (all, folded) = shown(screen, report);
    let same = |a: Option<&Listed>, b: &Judged| {
        a.is_some_and(|a| a.judged.rule.name == b.rule.name && a.judged.client == b.client)
    };
    all.iter()
        .enumerate()
        .map(|(index, listed)| {
            let (judged, finding) = (listed.judged, listed.finding);
            let first = !same(index.checked_sub(1).and_then(|before| all.get(before)), judged);
            let next = all.get(index + 1);
            let mut lines = heading(screen, listed);
            lines.extend(excerpt::excerpt(screen, report, &labels(screen, finding)));
            if first {
                lines.extend(seen(screen, report, judged));
                let when = words::when(report, judged)
                    .map(|when| text::wrap(&screen.outside(&when, LONGEST), screen.width().saturating_sub(INDENT)));
                lines.extend(labelled("when", when.unwrap_or_default()));
            }
            if let Some(near) = &finding.near {
                lines.extend(labelled("near", near::near(screen, near)));
            }
            // The same cure for several places is told once, after the last of them; so is the page.
            if !next.is_some_and(|next| next.judged.rule.name == judged.rule.name && next.finding.fix == finding.fix) {
                lines.extend(cure(screen, labelled("fix", fix(screen, &finding.fix))));
            }
            if next.is_none_or(|next| next.judged.rule.name != judged.rule.name) {
                let more = folded.iter().find(|(name, _)| *name == judged.rule.name);
                let more = more.map(|(_, left)| format!("{left} findings like this one are not shown; -v shows all"));
                let page = screen.linked(address(judged.rule.name), format!("{PROGRAM} explain {}", judged.rule.name));
                lines.extend(labelled("more", more.into_iter().chain([page]).collect()));
            }
            lines
        })
        .collect()
}

/// The findings that are shown, and how many of which rule are not: a thousand of one kind say no more than twenty.
fn shown<'a>(screen: &Screen<'_>, report: &'a ConfigReport) -> (Vec<Listed<'a>>, Vec<(&'static str, usize)>) {
    let mut shown = Vec::new();
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    for listed in report.told().into_iter().filter(|listed| !listed.finding.is_ignored()) {
        let name = listed.judged.rule.name;
        match counts.last_mut() {
            Some((last, count)) if *last == name => *count += 1,
            _ => counts.push((name, 1)),
        }
        if screen.verbose() || counts.last().is_some_and(|(_, count)| *count <= MOST_ALIKE) {
            shown.push(listed);
        }
    }
    let left = |(name, count): (&'static str, usize)| (count > MOST_ALIKE).then(|| (name, count - MOST_ALIKE));
    let folded = if screen.verbose() { Vec::new() } else { counts.into_iter().filter_map(left).collect() };
    (shown, folded)
}

/// `error[RULE]: what is wrong`.
fn heading(screen: &Screen<'_>, listed: &Listed) -> Vec<String> {
    let (judged, severity) = (listed.judged, listed.severity);
    let ink = match severity {
        Severity::Error => Ink::Bad,
        Severity::Warning => Ink::Warn,
        Severity::Note => Ink::Link,
    };
    let name = format!("{severity}[{}]:", judged.rule.name);
    text::wrap(&format!("{name} {}", screen.outside(&listed.headline(), LONGEST)), screen.width())
        .into_iter()
        .enumerate()
        .map(|(index, line)| match line.strip_prefix(&name) {
            Some(rest) if index == 0 => format!("{}{}", screen.paint(&name, ink), screen.paint(rest, Ink::Strong)),
            _ => format!("    {}", screen.paint(&line, Ink::Strong)),
        })
        .collect()
}

fn labels(screen: &Screen<'_>, finding: &Finding) -> Vec<Label> {
    let label = |span, says: &str, primary| Label { span, says: screen.outside(says, LONGEST), primary };
    let mut labels = vec![label(finding.at, &finding.says, true)];
    let most = if screen.verbose() { usize::MAX } else { MOST_ALIKE };
    labels.extend(finding.also.iter().take(most).map(|(span, says)| label(*span, says, false)));
    let left = finding.also.len().saturating_sub(most);
    if let Some(last) = labels.last_mut().filter(|_| left > 0) {
        last.says = format!("{} (and {left} more places; -v shows all)", last.says);
    }
    labels
}

/// The exchanges that prove it.
fn seen(screen: &Screen<'_>, report: &ConfigReport, judged: &Judged) -> Vec<String> {
    let witnesses = report.proof(judged);
    let most = if screen.verbose() { usize::MAX } else { MOST_SEEN };
    let mut lines: Vec<String> = (0..witnesses.len().min(most))
        .filter_map(|index| Some((witnesses.get(index)?, witnesses.get(..index)?)))
        .flat_map(|(exchange, before)| exchange::seen(screen, exchange, before))
        .collect();
    let left = witnesses.len().saturating_sub(most);
    if left > 0 {
        lines.push(format!("… and {left} more (-v shows them)"));
    }
    labelled("seen", lines)
}

fn fix(screen: &Screen<'_>, lines: &[String]) -> Vec<String> {
    let Some((sentence, change)) = lines.split_first() else { return Vec::new() };
    let sentence = screen.outside(sentence, LONGEST);
    let mut fix =
        if is_code(&sentence) { vec![sentence] } else { text::wrap(&sentence, screen.width().saturating_sub(INDENT)) };
    fix.extend(change.iter().flat_map(|line| folded(screen, &screen.outside(line, LONGEST))));
    fix
}

/// A setting that would be another one, or none, with a line end in it: with a comment behind it, or in TOML.
pub(super) fn is_code(line: &str) -> bool {
    line.contains("   # ") || line.split_once(' ').is_some_and(|(_, rest)| rest.starts_with("= "))
}

/// What begins a line that says where to go or what to write, in words that may be folded.
const PROSE: [&str; 20] = [
    "Terraform: ",
    "Terraform, ",
    "console: ",
    "AWS CLI: ",
    "CloudFormation: ",
    "CloudFormation, ",
    "CloudTrail ",
    "in Kubernetes",
    "in split mode",
    "at Cloudflare",
    "as a rule ",
    "give the host ",
    "in a Kubernetes ",
    "the app client ",
    "changed ",
    "or ",
    "and ",
    "if ",
    "then ",
    "to ",
];

/// A line of a cure that is read, and not copied.
pub(super) fn is_prose(line: &str) -> bool {
    PROSE.iter().any(|begin| line.starts_with(begin))
}

/// A line of a cure: prose is folded to the width, and what is to be copied stays as it is.
fn folded(screen: &Screen<'_>, line: &str) -> Vec<String> {
    let width = screen.width().saturating_sub(INDENT + 2);
    if text::width(line) <= width || !is_prose(line) {
        return vec![format!("  {line}")];
    }
    let lines = text::wrap(line, width.saturating_sub(2)).into_iter().enumerate();
    lines.map(|(index, line)| format!("{}{line}", if index == 0 { "  " } else { "    " })).collect()
}

/// Lines beside one of the four labels.
fn labelled(label: &str, lines: Vec<String>) -> Vec<String> {
    let label = |index| if index == 0 { label } else { "" };
    lines
        .into_iter()
        .enumerate()
        .map(|(index, line)| format!("  {:<6}{line}", label(index)).trim_end().to_owned())
        .collect()
}

/// The label of the cure in colour: it is what most readers look for.
fn cure(screen: &Screen<'_>, mut lines: Vec<String>) -> Vec<String> {
    if let Some(first) = lines.first_mut() {
        *first = first.replacen("fix", &screen.paint("fix", Ink::Good), 1);
    }
    lines
}

/// How text gets onto this screen.
pub(super) struct Screen<'a> {
    pub(super) view: &'a View,
    pub(super) scrubber: &'a Scrubber,
}

impl Screen<'_> {
    fn width(&self) -> usize {
        self.view.width.max(40)
    }

    fn verbose(&self) -> bool {
        self.view.verbosity == Verbosity::Verbose
    }

    /// Text from outside: without secrets, unable to act on the terminal, and not too long.
    pub(super) fn outside(&self, words: &str, most: usize) -> String {
        text::cap(&text::escape(&self.scrubber.scrub(words)), most)
    }

    /// The words as a link to a file of this machine.
    fn link(&self, source: &Source, words: String) -> String {
        let is_file = source.kind != SourceKind::Environment && source.name != "-";
        let url = file_url(&source.name).filter(|_| is_file);
        self.linked(url.map(String::from), words)
    }

    /// The words as a link (OSC 8), where the terminal understands that.
    fn linked(&self, url: Option<String>, words: String) -> String {
        match url.filter(|_| self.view.links) {
            Some(url) => format!("\x1b]8;;{url}\x1b\\{words}\x1b]8;;\x1b\\"),
            None => words,
        }
    }

    fn paint(&self, words: &str, ink: Ink) -> String {
        paint(words, ink, self.view)
    }
}

/// Where a file of this machine is, as a URL.
#[cfg(not(target_arch = "wasm32"))]
fn file_url(name: &str) -> Option<Url> {
    std::path::absolute(name).ok().and_then(|path| Url::from_file_path(path).ok())
}

/// In a browser there are no files.
#[cfg(target_arch = "wasm32")]
fn file_url(_: &str) -> Option<Url> {
    None
}
