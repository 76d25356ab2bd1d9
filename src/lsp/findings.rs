//! What was found, as the protocol has it.

use std::collections::HashSet;
use std::ops::Range;

use serde_json::{Value, json};

use super::params::Client;
use super::position::Lines;
use crate::config::{Config, Span};
use crate::page::address;
use crate::report::{Listed, Report, escape, first_cure};
use crate::rules::Severity;

/// A finding in a document.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) rule: &'static str,
    /// Its bytes.
    pub(super) at: Range<usize>,
    /// What is shown of it.
    pub(super) diagnostic: Value,
    /// What replaces which bytes.
    pub(super) edit: Option<(Range<usize>, String)>,
    /// The first sentence of its cure.
    pub(super) cure: String,
}

/// Every finding that counts, in the order of the document.
pub(super) fn of(report: &Report, uri: &str, name: &str, text: &str, lines: &Lines, client: Client) -> Vec<Found> {
    let place = Document { uri, name, text, lines, client };
    let mut found: Vec<Found> = Vec::new();
    let mut known = HashSet::new();
    for one in &report.reports {
        for listed in one.told().iter().filter(|listed| listed.pardon().is_none()) {
            let finding = place.found(&one.config, listed);
            // Several configurations may stand in one document, and share what is wrong.
            if known.insert(finding.diagnostic.to_string()) {
                found.push(finding);
            }
        }
    }
    found.sort_by_key(|found| (found.at.start, found.at.end));
    found
}

/// Why a document was not judged, where it begins: one without a word would look clean.
pub(super) fn not_judged(why: &str, text: &str, lines: &Lines, client: Client) -> Found {
    let diagnostic = json!({
        "range": lines.range(text, 0..0, client.encoding),
        "severity": severity(Severity::Error),
        "code": "settings",
        "source": "pomlint",
        "message": format!("not judged: {}", escape(why)),
    });
    Found { rule: "settings", at: 0..0, diagnostic, edit: None, cure: String::new() }
}

struct Document<'d> {
    uri: &'d str,
    name: &'d str,
    text: &'d str,
    lines: &'d Lines,
    client: Client,
}

impl Document<'_> {
    /// The bytes of a span, if it lies in this document; a value that is decoded lies at the whole of what it stands in.
    fn bytes(&self, config: &Config, span: Span) -> Option<Range<usize>> {
        let source = config.sources.get(span.source)?;
        (source.name == self.name && *source.text == *self.text).then(|| span.range())
    }

    fn found(&self, config: &Config, listed: &Listed<'_>) -> Found {
        let finding = listed.finding;
        let rule = listed.judged.rule.name;
        let at = self.bytes(config, finding.at).unwrap_or(0..0);
        let edit = listed.edit.and_then(|edit| Some((self.bytes(config, edit.at)?, edit.text.clone())));
        let cure = escape(&first_cure(&finding.fix));
        let mut message = format!("{}: {}", escape(&listed.headline()), escape(&finding.says));
        if !cure.is_empty() {
            message = format!("{message}\nfix: {cure}");
        }
        let mut diagnostic = json!({
            "range": self.lines.range(self.text, at.clone(), self.client.encoding),
            "severity": severity(listed.severity),
            "code": rule,
            "source": "pomlint",
            "message": message,
        });
        if let Some(page) = address(rule) {
            diagnostic["codeDescription"] = json!({"href": page});
        }
        let also: Vec<Value> =
            finding.also.iter().filter_map(|(span, says)| self.related(config, *span, says)).collect();
        if !also.is_empty() {
            diagnostic["relatedInformation"] = also.into();
        }
        let tag = match rule {
            "ignore-unused" => Some(1),
            "removed-key-ignored" | "removed-key-stops-start" => Some(2),
            _ => None,
        };
        if let Some(tag) = tag {
            diagnostic["tags"] = json!([tag]);
        }
        Found { rule, at, diagnostic, edit, cure: if cure.is_empty() { format!("Cure {rule}") } else { cure } }
    }

    /// Another place of this document that matters.
    fn related(&self, config: &Config, span: Span, says: &str) -> Option<Value> {
        let range = self.lines.range(self.text, self.bytes(config, span)?, self.client.encoding);
        Some(json!({"location": {"uri": self.uri, "range": range}, "message": escape(says)}))
    }
}

fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Error => 1,
        Severity::Warning => 2,
        Severity::Note => 3,
    }
}
