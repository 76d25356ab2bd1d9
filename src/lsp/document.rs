//! An open document.

use std::ops::Range;

use serde_json::{Value, json};

use super::findings::{self, Found};
use super::params::Client;
use super::position::Lines;
use super::{Desk, WRITE_REASON};
use crate::config::{Config, Ignore};
use crate::report::Report;
use crate::rules::{RULES, Rule};

/// So many comments are offered at once.
const MOST_IGNORES: usize = 20;

/// An open document, and what was found in it.
pub(super) struct Document {
    pub(super) name: String,
    /// Which of all texts that were ever open; a client counts versions anew for a document that it opens again.
    pub(super) edition: u64,
    pub(super) version: i64,
    pub(super) text: String,
    pub(super) lines: Lines,
    /// What the text alone tells, once it was judged.
    pub(super) report: Option<Report>,
    /// What is shown: that, or what the provider's answers tell as well.
    pub(super) found: Vec<Found>,
}

impl Document {
    pub(super) fn new(name: String, edition: u64, version: i64, text: String) -> Self {
        let lines = Lines::of(&text);
        Self { name, edition, version, text, lines, report: None, found: Vec::new() }
    }

    /// Takes a later text; one that is no later than what is known is dropped.
    pub(super) fn change(&mut self, edition: u64, version: Option<i64>, text: String) -> bool {
        let version = version.unwrap_or(self.version + 1);
        if version <= self.version {
            return false;
        }
        *self = Self::new(std::mem::take(&mut self.name), edition, version, text);
        true
    }

    /// Judges it, unless it was.
    ///
    /// # Errors
    /// If the settings file cannot be read: with the reason, which then is what is found in the document.
    pub(super) fn judge(&mut self, uri: &str, desk: &dyn Desk, client: Client) -> Result<(), String> {
        if self.report.is_none() {
            let report = desk.offline(&self.name, &self.text).inspect_err(|why| {
                self.found = vec![findings::not_judged(why, &self.text, &self.lines, client)];
            })?;
            self.found = findings::of(&report, uri, &self.name, &self.text, &self.lines, client);
            self.report = Some(report);
        }
        Ok(())
    }

    pub(super) fn diagnostics(&self) -> Vec<&Value> {
        self.found.iter().map(|found| &found.diagnostic).collect()
    }

    /// What can be done about what was found on the lines between two bytes, or would be changed there: some editors ask at the very
    /// cursor, wherever it stands on a line that they show as wrong. What lies under the cursor comes first.
    pub(super) fn actions(&self, uri: &str, within: &Range<usize>, desk: &dyn Desk, client: Client) -> Vec<Value> {
        let is_hit = |at: &Range<usize>| at.start <= within.end && within.start <= at.end;
        let line = |offset: usize| self.lines.start_of(offset);
        let is_near = |at: &Range<usize>| line(at.start) <= line(within.end) && line(within.start) <= line(at.end);
        let touched =
            |found: &&Found| is_near(&found.at) || found.edit.as_ref().is_some_and(|(bytes, _)| is_near(bytes));
        let mut found: Vec<&Found> = self.found.iter().filter(touched).collect();
        found.sort_by_key(|found| !is_hit(&found.at));
        let cures = found.iter().filter_map(|found| {
            let (bytes, text) = found.edit.as_ref()?;
            let range = self.lines.exact(&self.text, bytes, client.encoding);
            let others = found_edits(&self.found, found.rule);
            Some(json!({
                "title": found.cure,
                "kind": "quickfix",
                "diagnostics": [found.diagnostic],
                "isPreferred": others == 1,
                "edit": self.edit(uri, &json!({"range": range, "newText": text}), client),
            }))
        });
        // Each is tried on the whole text, and nobody reads a longer list.
        let ignores = found.iter().take(MOST_IGNORES).filter_map(|found| self.ignore(uri, found, desk, client));
        cures.chain(ignores).collect()
    }

    /// The comment that ignores a finding, if there can be one: it is tried first.
    fn ignore(&self, uri: &str, found: &Found, desk: &dyn Desk, client: Client) -> Option<Value> {
        let start = self.lines.start_of(found.at.start);
        let line = self.text.get(start..)?;
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t', '\u{feff}']).len()];
        let indent = indent.trim_start_matches('\u{feff}');
        let end = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let start = if start == 0 && self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { start };
        let comment = format!("{indent}# pomlint: ignore[{}] reason: ", found.rule);
        let mut tried = self.text.clone();
        tried.insert_str(start, &format!("{comment}tried{end}"));
        let moved = found.at.start + tried.len() - self.text.len();
        let covers = |ignore: &Ignore| {
            ignore.fault.is_none()
                && ignore.rules.iter().any(|(name, _)| name == found.rule)
                && ignore.covers.range().contains(&moved)
        };
        let read = desk.read(&self.name, &tried).ok()?;
        let is_covered = read.iter().flat_map(|config| &config.ignores).any(covers);
        // Where lines are joined (a folded text), the comment would take with it what stands behind it.
        let values = |configs: &mut dyn Iterator<Item = &Config>| {
            configs.map(|config| config.reading.texts.len()).sum::<usize>()
        };
        let known = self.report.as_ref()?.reports.iter();
        if !is_covered || values(&mut read.iter()) != values(&mut known.map(|one| &one.config)) {
            return None;
        }
        let range = self.lines.exact(&self.text, &(start..start), client.encoding);
        let mut behind = range.start;
        // The comment is ASCII, which counts the same in every encoding.
        behind.character += comment.len();
        let mut action = json!({
            "title": format!("Ignore {} here: write the reason behind it", found.rule),
            "kind": "quickfix",
            "diagnostics": [found.diagnostic],
            "edit": self.edit(uri, &json!({"range": range, "newText": comment + end}), client),
        });
        if client.shows_documents {
            let title = "Write the reason";
            action["command"] = json!({"title": title, "command": WRITE_REASON, "arguments": [uri, behind]});
        }
        Some(action)
    }

    /// The names of rules, where one is being written into the comment that ignores it.
    pub(super) fn completions(&self, offset: usize, client: Client) -> Vec<Value> {
        let before = self.text.get(self.lines.start_of(offset)..offset).unwrap_or_default();
        let comment = before.rsplit_once('#').map_or("", |(_, comment)| comment.trim_start());
        let names = comment.strip_prefix("pomlint:").map(str::trim_start).and_then(|rest| rest.strip_prefix("ignore["));
        let Some(names) = names.filter(|names| !names.contains(']')) else { return Vec::new() };
        let begun = names.rsplit(',').next().unwrap_or_default().trim_start();
        let range = self.lines.exact(&self.text, &(offset - begun.len()..offset), client.encoding);
        let item = |rule: &Rule| {
            json!({
                "label": rule.name,
                "detail": rule.title(),
                "textEdit": {"range": range, "newText": rule.name},
            })
        };
        RULES.iter().map(item).collect()
    }

    fn edit(&self, uri: &str, edit: &Value, client: Client) -> Value {
        if client.versions_edits {
            json!({"documentChanges": [{"textDocument": {"uri": uri, "version": self.version}, "edits": [edit]}]})
        } else {
            json!({"changes": {uri: [edit]}})
        }
    }
}

/// How many edits there are for a rule.
fn found_edits(found: &[Found], rule: &str) -> usize {
    found.iter().filter(|found| found.rule == rule && found.edit.is_some()).count()
}
