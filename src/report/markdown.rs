//! The report as GitHub- and GitLab-flavoured Markdown: a comment on a pull request, or a step summary.
//!
//! A comment is read with the rights and links of whoever posts it. Text from outside can therefore neither format, link,
//! mention, nor close anything: see [`prose`] and [`block`].

use std::collections::BTreeMap;

use super::place::Place;
use super::summary::counts;
use super::{ConfigReport, Listed, PROGRAM, Report, View, text, words};
use crate::engine::StageState;
use crate::evidence::{Exchange, Outcome};
use crate::rules::Severity;

/// GitHub takes comments of up to 65,536 characters.
const LONGEST_REPORT: usize = 60_000;
/// Longer texts from outside are cut.
const LONGEST: usize = 600;

/// The report as Markdown.
pub(super) fn render(report: &Report, _: &View) -> String {
    let about = words::about(report).into_iter();
    let mut blocks: Vec<(Rank, String)> = about.map(|line| (Rank::Answer, outside(&line) + "\n")).collect();
    for one in &report.reports {
        let rank = if one.fails_at().is_some() { Rank::Error } else { Rank::Answer };
        blocks.push((rank, answer(one)));
        let listed = one.told();
        let (ignored, mut live): (Vec<&Listed>, Vec<&Listed>) =
            listed.iter().partition(|listed| listed.finding.is_ignored());
        live.sort_by_key(|listed| Rank::of(listed));
        let (errors, rest) = live.split_at(live.partition_point(|listed| Rank::of(listed) == Rank::Error));
        blocks.extend(errors.iter().map(|listed| (Rank::Error, finding(one, listed))));
        blocks.extend(undecided(one).map(|block| (Rank::Undecided, block)));
        blocks.extend(rest.iter().map(|listed| (Rank::of(listed), finding(one, listed))));
        blocks.extend(ignored_block(one, &ignored).map(|block| (Rank::Ignored, block)));
    }
    let mut markdown = format!("## {PROGRAM}: {}\n", counts(&report.summary));
    let fitting = fitting(&blocks, LONGEST_REPORT - markdown.len());
    let left = blocks.len() - fitting.len();
    markdown.extend(fitting.into_iter().flat_map(|block| ["\n", block]));
    if left > 0 {
        let parts = text::count(left, "part");
        markdown.extend(["\n", &parts, " did not fit here: run `pomlint check` to read all.\n"]);
    }
    markdown
}

/// What must not be missing for lack of room, the most important first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Error,
    Answer,
    Undecided,
    Warning,
    Note,
    Ignored,
}

impl Rank {
    fn of(listed: &Listed) -> Self {
        match listed.severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Note => Self::Note,
        }
    }
}

/// The blocks for which there is room, in their order; the least important are left out.
fn fitting(blocks: &[(Rank, String)], mut room: usize) -> Vec<&str> {
    let mut order: Vec<usize> = (0..blocks.len()).collect();
    order.sort_by_key(|index| blocks.get(*index).map(|(rank, _)| *rank));
    let mut fitting = BTreeMap::new();
    for (index, (_, block)) in order.into_iter().filter_map(|index| Some((index, blocks.get(index)?))) {
        let Some(left) = room.checked_sub(block.len() + 1) else { break };
        room = left;
        fitting.insert(index, block.as_str());
    }
    fitting.into_values().collect()
}

/// Prose from outside.
fn outside(words: &str) -> String {
    prose(&text::cap(&text::escape(words), LONGEST))
}

/// Lines from outside.
fn outside_block(lines: &[String]) -> String {
    let clean: Vec<String> = lines.iter().map(|line| text::inert(text::cap(&text::escape(line), LONGEST))).collect();
    block(&clean)
}

/// Whether a login works, and the login path.
fn answer(one: &ConfigReport) -> String {
    let answer = match one.fails_at() {
        Some(stage) => format!("A login will fail at: **{}**.", stage.name()),
        None if one.is_of_another_pool() => words::ANOTHER_POOL.to_owned(),
        None if one.open().is_empty() && one.left_out_by.is_some() => {
            "Nothing found stops a login, but not every rule was judged.".to_owned()
        }
        None if one.open().is_empty() => "Nothing found stops a login.".to_owned(),
        None => "Nothing found stops a login, but not everything could be judged.".to_owned(),
    };
    let path: Vec<String> =
        one.path.iter().map(|(stage, state)| format!("{} {}", stage.name(), mark(*state))).collect();
    let repeated = words::repeated(one).map(|repeated| format!("\n{}\n", outside(&repeated))).unwrap_or_default();
    format!("### {}\n\n{answer}\n\n{}\n{repeated}", outside(&one.config.path), path.join(" · "))
}

fn finding(one: &ConfigReport, listed: &Listed) -> String {
    let place = Place::of(&one.config, listed.finding.at);
    let heading = format!(
        "#### {} {}: {}\n\n<code>{}:{}:{}</code> · `{}`\n\n{}\n",
        symbol(listed.severity),
        listed.severity,
        outside(&listed.headline()),
        outside(place.name),
        place.start.line,
        place.start.column,
        listed.judged.rule.name,
        outside(&listed.finding.says),
    );
    let mut parts = vec![heading];
    if let Some((sentence, change)) = listed.finding.fix.split_first() {
        parts.push(format!("**Fix**: {}\n", outside(sentence)));
        if !change.is_empty() {
            parts.push(outside_block(change));
        }
    }
    let evidence = evidence(one, listed);
    if !evidence.is_empty() {
        parts.push(format!("<details><summary>Evidence</summary>\n\n{}\n</details>\n", outside_block(&evidence)));
    }
    parts.join("\n")
}

/// What the user ignores, a line each.
fn ignored_block(one: &ConfigReport, ignored: &[&Listed]) -> Option<String> {
    let line = |listed: &&Listed| {
        let place = words::place(&one.config, listed.finding.at);
        format!(
            "- {} `{}` <code>{}</code>: {}",
            listed.severity,
            listed.judged.rule.name,
            outside(&place),
            outside(&listed.headline())
        )
    };
    let lines: Vec<String> = ignored.iter().map(line).collect();
    (!lines.is_empty()).then(|| format!("#### Ignored\n\n{}\n", lines.join("\n")))
}

/// What could not be judged, by reason.
fn undecided(one: &ConfigReport) -> Option<String> {
    let mut causes: Vec<(String, Vec<&str>)> = Vec::new();
    for (judged, why) in one.open() {
        match causes.iter_mut().find(|(known, _)| *known == why) {
            Some((_, rules)) => rules.push(judged.rule.name),
            None => causes.push((why, vec![judged.rule.name])),
        }
    }
    let line = |(why, rules): &(String, Vec<&str>)| format!("- {} (needed by `{}`)", outside(why), rules.join("`, `"));
    let lines: Vec<String> = causes.iter().map(line).collect();
    (!lines.is_empty()).then(|| format!("#### ❔ undecided: this is not a pass\n\n{}\n", lines.join("\n")))
}

/// The near miss and the exchanges.
fn evidence(one: &ConfigReport, listed: &Listed) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(near) = &listed.finding.near {
        let width = near.left_label.len().max(near.right_label.len());
        lines.push(format!("{:width$}  {}", near.left_label, near.left));
        lines.push(format!("{:width$}  {}", near.right_label, near.right));
    }
    for exchange in one.proof(listed.judged) {
        lines.push(format!("{} {}", exchange.request.method, exchange.request.url));
        lines.push(format!("  {}", outcome(exchange)));
    }
    lines
}

fn outcome(exchange: &Exchange) -> String {
    match &exchange.outcome {
        Outcome::Failure(failure) => format!("no answer: {}: {}", words::step(failure.step), failure.cause),
        Outcome::Answer(answer) => {
            let says = answer.header("location").map(|location| format!(" → {location}"));
            let says = says.or_else(|| words::telling(answer).map(|part| format!("  {part}")));
            format!("{}{}", answer.status, says.unwrap_or_default())
        }
    }
}

fn symbol(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "❌",
        Severity::Warning => "⚠️",
        Severity::Note => "ℹ️",
    }
}

fn mark(state: StageState) -> &'static str {
    match state {
        StageState::Pass => "✓",
        StageState::Fail => "✗",
        StageState::Warn => "!",
        StageState::Ignored => "~",
        StageState::Undecided => "?",
        StageState::Follows => "–",
    }
}

/// A line of text that Markdown shows as it is. What stands between backticks is shown as code.
///
/// Mentions and references (`@user`, `#1`) are looked for after rendering, where entities do not hide them: a character
/// that takes no room does.
pub(super) fn prose(line: &str) -> String {
    let pieces: Vec<&str> = line.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return plain(line);
    }
    let shown = pieces.iter().enumerate().map(|(index, piece)| match index % 2 {
        0 => plain(piece),
        _ => format!("<code>{}</code>", plain(piece)),
    });
    shown.collect()
}

fn plain(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut before = ' ';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '&' => clean.push_str("&amp;"),
            '<' => clean.push_str("&lt;"),
            '>' => clean.push_str("&gt;"),
            // Else `https://…` and `www.…` become links, and `:name:` a picture.
            ':' if characters.peek().is_some_and(|next| !next.is_whitespace()) => clean.push_str("&#58;"),
            '.' if before == 'w' || before == 'W' => clean.push_str("&#46;"),
            '@' | '#' => {
                clean.push(character);
                clean.push_str("&#8203;");
            }
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '~' | '|' | '!' | '$' | '%' | '+' | '='
            | '^' => {
                clean.push('\\');
                clean.push(character);
            }
            _ => clean.push(character),
        }
        before = character;
    }
    clean
}

/// Lines as a code block that nothing in them can end.
pub(super) fn block(lines: &[String]) -> String {
    let longest = lines.iter().flat_map(|line| line.split(|character| character != '`')).map(str::len).max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", lines.join("\n"))
}
