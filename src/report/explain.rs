//! A rule's page on a terminal.

use serde_json::{Map, Value, json};

use super::ink::{Ink, paint};
use super::pretty::pretty;
use super::{PROGRAM, View, text};
use crate::diagnose::Cause;
use crate::rules::Rule;

/// The page of a rule: its name and standing, then its text with headings, wrapped prose and indented code.
pub fn explain(rule: &Rule, view: &View) -> String {
    explained(rule, front_matter(rule.page).1, view)
}

/// The page of a rule beside its finding, as text and as Markdown: without what is printed for the examples.
pub(super) fn help(rule: &Rule) -> (String, String) {
    let body = rule_help(rule);
    (explained(rule, &body, &View::default()), body)
}

/// The page of a rule as Markdown, without what is printed for its examples.
pub fn rule_help(rule: &Rule) -> String {
    without_screens(front_matter(rule.page).1)
}

fn without_screens(body: &str) -> String {
    let mut is_screen = false;
    let kept = body.split_inclusive('\n').filter(|line| {
        let was_screen = is_screen;
        is_screen = if was_screen { line.trim_end() != "```" } else { line.trim_end() == "```screen" };
        !was_screen && !is_screen
    });
    kept.collect()
}

fn explained(rule: &Rule, body: &str, view: &View) -> String {
    let needs: Vec<&str> = rule.needs.iter().map(|need| need.name()).collect();
    let standing = format!("{} · {} · needs: {}", rule.severity, rule.stage.name(), needs.join(", "));
    let gap = view.width.saturating_sub(text::width(rule.name) + text::width(&standing)).max(2);
    let mut lines = vec![format!("{}{:gap$}{standing}", paint(rule.name, Ink::Strong, view), "")];
    lines.push(String::new());
    lines.extend(page(body, view));
    lines.join("\n") + "\n"
}

/// The page of a rule for programs: the parts of its front matter as they stand, and the Markdown.
pub fn explain_json(rule: &Rule) -> String {
    let (front, body) = front_matter(rule.page);
    let needs: Vec<&str> = rule.needs.iter().map(|need| need.name()).collect();
    let value = json!({
        "rule": rule.name,
        "title": rule.title(),
        "severity": rule.severity.name(),
        "stage": rule.stage.name(),
        "needs": needs,
        "since": front_value(front, "since"),
        "symptoms": symptoms(rule),
        "sources": front_list(front, "sources"),
        "sections": sections(body),
        "markdown": body.trim_start(),
    });
    pretty(&value)
}

/// The page of a cause that no rule can judge.
pub fn explain_cause(cause: &Cause, view: &View) -> String {
    let standing = "cause · judged by nobody";
    let gap = view.width.saturating_sub(text::width(&cause.name) + text::width(standing)).max(2);
    let mut lines = vec![format!("{}{:gap$}{standing}", paint(&cause.name, Ink::Strong, view), "")];
    lines.push(String::new());
    lines.extend(page(&cause.page(), view));
    lines.join("\n") + "\n"
}

/// The page of a cause for programs, in the fields of a rule's.
pub fn explain_cause_json(cause: &Cause) -> String {
    let markdown = cause.page();
    let printed = cause.symptoms.iter().filter(|symptom| !symptom.is_said);
    let value = json!({
        "cause": cause.name,
        "title": cause.title,
        "means": cause.means,
        "cure": cause.cure,
        "symptoms": printed.map(|symptom| symptom.text.as_str()).collect::<Vec<_>>(),
        "sources": [cause.source],
        "sections": sections(&markdown),
        "markdown": markdown,
    });
    pretty(&value)
}

/// The texts of what programs print.
fn symptoms(rule: &Rule) -> Vec<String> {
    let front = crate::page::FrontMatter::parse(rule.page);
    front
        .map(|front| {
            front.symptoms.into_iter().filter(|symptom| !symptom.is_said).map(|symptom| symptom.text).collect()
        })
        .unwrap_or_default()
}

/// The front matter between `---` lines, and what follows it.
fn front_matter(page: &str) -> (&str, &str) {
    page.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")).unwrap_or(("", page))
}

fn front_value<'a>(front: &'a str, name: &str) -> Option<&'a str> {
    front.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(unquoted)
}

/// The `- "…"` lines below a name.
fn front_list<'a>(front: &'a str, name: &str) -> Vec<&'a str> {
    let below = front.lines().skip_while(|line| !line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':')));
    below.skip(1).map_while(|line| line.trim_start().strip_prefix("- ")).map(unquoted).collect()
}

/// A value without its comment and its quotes.
fn unquoted(value: &str) -> &str {
    let value = value.trim();
    match value.strip_prefix('"') {
        Some(rest) => rest.rfind('"').and_then(|end| rest.get(..end)).unwrap_or(rest),
        None => value.split_once(" #").map_or(value, |(value, _)| value.trim_end()),
    }
}

/// The text below each `##` heading.
fn sections(body: &str) -> Value {
    let mut sections = Map::new();
    let mut current: Option<(&str, Vec<&str>)> = None;
    let mut code = false;
    for line in body.lines() {
        code ^= line.trim_start().starts_with("```");
        // In code, `## ` begins a comment.
        if let Some(heading) = line.strip_prefix("## ").filter(|_| !code) {
            let done = current.replace((heading.trim(), Vec::new()));
            sections.extend(done.map(section));
        } else if let Some((_, words)) = &mut current {
            words.push(line);
        }
    }
    sections.extend(current.map(section));
    Value::Object(sections)
}

fn section((heading, words): (&str, Vec<&str>)) -> (String, Value) {
    (heading.to_owned(), words.join("\n").trim().into())
}

/// Markdown as far as rule pages use it: headings, paragraphs, lists, fenced code.
fn page(body: &str, view: &View) -> Vec<String> {
    let mut screen = Page { view, lines: Vec::new(), prose: String::new(), bullet: "" };
    // Before each line of the code block that is open.
    let mut margin = None;
    for line in body.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with("```") {
            screen.end_paragraph();
            if margin.is_none() {
                screen.blank();
                screen.lines.extend(fence_name(trimmed).map(|name| format!("    {}", paint(&name, Ink::Frame, view))));
            }
            margin = if margin.is_some() { None } else { Some(fence_margin(trimmed)) };
        } else if let Some(margin) = margin {
            screen.lines.push(format!("{margin}{line}").trim_end().to_owned());
        } else if let Some(heading) = trimmed.strip_prefix('#') {
            screen.end_paragraph();
            screen.blank();
            screen.lines.push(paint(&inline(heading.trim_start_matches('#').trim()), Ink::Strong, view));
        } else if trimmed.is_empty() {
            screen.end_paragraph();
        } else if let Some(item) = trimmed.strip_prefix("- ").or_else(|| trimmed.strip_prefix("* ")) {
            screen.end_paragraph();
            screen.bullet = "• ";
            screen.prose.push_str(item);
        } else {
            if !screen.prose.is_empty() {
                screen.prose.push(' ');
            } else if !screen.after_heading() {
                screen.blank();
            }
            screen.prose.push_str(trimmed);
        }
    }
    screen.end_paragraph();
    screen.lines
}

/// Links to other pages by the names of these: `[x](x.md)` is `x`, of which `explain` has the page.
fn without_links(prose: &str) -> String {
    let mut shown = String::new();
    let mut rest = prose;
    while let Some((before, link)) = rest.split_once('[') {
        shown.push_str(before);
        match link.split_once("](").and_then(|(name, link)| Some((name, link.split_once(')')?))) {
            Some((name, (page, after))) if page.strip_suffix(".md").is_some() && !name.contains(['[', ']']) => {
                shown.push_str(name);
                rest = after;
            }
            _ => {
                shown.push('[');
                rest = link;
            }
        }
    }
    shown + rest
}

/// What a fence says of its code, unless that is obvious.
fn fence_name(fence: &str) -> Option<String> {
    let name = fence.trim_start_matches('`').trim();
    match name {
        "" | "yaml" | "text" | "hcl" | "sh" | "console" | "json" => None,
        "pool" => Some("# the user pool:".to_owned()),
        "screen" => Some(format!("# {PROGRAM} check prints:")),
        _ => Some(format!("# {name}:")),
    }
}

/// What stands before the lines of a fence. A screen takes the whole width of a terminal, as it does where it is printed.
fn fence_margin(fence: &str) -> &'static str {
    if fence.trim_start_matches('`').trim() == "screen" { "" } else { "    " }
}

/// A page that is being written.
struct Page<'a> {
    view: &'a View,
    lines: Vec<String>,
    prose: String,
    bullet: &'static str,
}

impl Page<'_> {
    fn end_paragraph(&mut self) {
        let bullet = std::mem::take(&mut self.bullet);
        let prose = without_links(&std::mem::take(&mut self.prose));
        let indent = 2 + bullet.chars().count();
        let first = format!("  {bullet}");
        for (index, line) in text::wrap(&inline(&prose), self.view.width.saturating_sub(indent)).iter().enumerate() {
            let margin = if index == 0 { first.clone() } else { " ".repeat(indent) };
            self.lines.push(format!("{margin}{line}"));
        }
    }

    fn blank(&mut self) {
        if self.lines.last().is_some_and(|line| !line.is_empty()) {
            self.lines.push(String::new());
        }
    }

    fn after_heading(&self) -> bool {
        self.lines.last().is_none_or(|line| !line.starts_with(' '))
    }
}

/// Emphasis goes; code keeps its marks, as they tell where it begins and ends; a link becomes its words and its address.
fn inline(words: &str) -> String {
    let mut shown = String::with_capacity(words.len());
    let mut in_code = false;
    let mut rest = words;
    while let Some(character) = rest.chars().next() {
        let after = rest.get(character.len_utf8()..).unwrap_or_default();
        if character == '`' {
            in_code = !in_code;
        } else if !in_code && rest.starts_with("**") {
            rest = rest.get(2..).unwrap_or_default();
            continue;
        } else if let Some((label, address, after)) = (!in_code).then(|| link(rest)).flatten() {
            shown.push_str(label);
            if label != address {
                shown.push_str(" <");
                shown.push_str(address);
                shown.push('>');
            }
            rest = after;
            continue;
        }
        shown.push(character);
        rest = after;
    }
    shown
}

/// `[label](address)` at the beginning of a text, and what follows it.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let (label, rest) = text.strip_prefix('[')?.split_once("](")?;
    let (address, after) = rest.split_once(')')?;
    (!label.contains('[')).then_some((label, address, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "---\nsince: 0.1.0   # first\nsymptoms:\n  - \"/error?error=redirect_mismatch\"\n  - plain\nsources:\n  - \"https://docs.example/a\"\n---\n# Cognito does not know this callback URL\n\nPomerium sends the browser to Cognito with a `redirect_uri`, and Cognito **compares** it byte for byte\nwith the [callback URLs](https://docs.example/b).\n\n## You may have seen\n- the page `/error`\n- a long line that has to be broken because it is much longer than the terminal is wide\n\n## Example\n```yaml\na: 1\n  b: 2\n```\n```pool\nclient: {}\n```\n```screen\nerror[a]: b\n  --> c\n```\n";

    #[test]
    fn a_page_reads_well_on_a_terminal() {
        let (front, body) = front_matter(PAGE);
        let view = View { width: 60, ..View::default() };
        let expected = "\
Cognito does not know this callback URL
  Pomerium sends the browser to Cognito with a
  `redirect_uri`, and Cognito compares it byte for byte with
  the callback URLs <https://docs.example/b>.

You may have seen
  • the page `/error`
  • a long line that has to be broken because it is much
    longer than the terminal is wide

Example

    a: 1
      b: 2

    # the user pool:
    client: {}

    # pomlint check prints:
error[a]: b
  --> c";
        assert_eq!(page(body, &view).join("\n"), expected);
        let bare = without_screens(body);
        assert!(bare.ends_with("```pool\nclient: {}\n```\n") && body.starts_with(&bare), "{bare}");
        assert_eq!(front_value(front, "since"), Some("0.1.0"));
        assert_eq!(front_list(front, "symptoms"), ["/error?error=redirect_mismatch", "plain"]);
        assert_eq!(front_list(front, "sources"), ["https://docs.example/a"]);
        let commented = sections("# a\n## One\n```yaml\n## no heading\n```\n## Two\nb\n");
        assert_eq!(
            (commented["One"].as_str(), commented["Two"].as_str()),
            (Some("```yaml\n## no heading\n```"), Some("b"))
        );
        assert_eq!(
            sections(body)["Example"],
            "```yaml\na: 1\n  b: 2\n```\n```pool\nclient: {}\n```\n```screen\nerror[a]: b\n  --> c\n```"
        );
    }

    #[test]
    fn a_link_to_a_page_is_shown_as_its_name() {
        let shown = super::without_links;
        assert_eq!(
            shown("a [b](b.md), [c](https://c.example) and [d][e] or `x[0]`"),
            "a b, [c](https://c.example) and [d][e] or `x[0]`"
        );
    }
}
