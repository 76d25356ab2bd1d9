//! What makes a finding the same finding in the next run.
//!
//! A fingerprint holds while lines come and go around the finding and while the line is indented otherwise. It is made of the
//! rule, the configuration, the file, the app client, the text of the line, and the number of such a finding among its equals;
//! never of a line number, and never of a secret.

use std::collections::HashMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::place::{Place, from_here};
use super::text;
use crate::config::{Config, Span};
use crate::engine::Judged;
use crate::secret::Scrubber;

/// A longer line (JSON in one line) changes with every edit of the file: then the text of the finding itself counts.
const LONGEST_LINE: usize = 300;

/// So many bytes of what a line says have so many characters to show, however many blanks are between them.
const BEGINNING: usize = 64 * LONGEST_LINE;

/// The fingerprints of a report's findings, in their order.
pub(super) fn fingerprints(config: &Config, judged: &[Judged], scrubber: &Scrubber) -> Vec<String> {
    let mut equals: HashMap<[String; 5], usize> = HashMap::new();
    let all = judged.iter().flat_map(|judged| judged.findings().iter().map(move |finding| (judged, finding)));
    let findings = all.map(|(judged, finding)| {
        let name = Place::of(config, finding.at).name;
        let parts = [
            judged.rule.name.to_owned(),
            from_here(&config.path),
            from_here(name),
            judged.client.clone().unwrap_or_default(),
            line(config, finding.at, scrubber),
        ];
        let number = equals.entry(parts.clone()).or_default();
        *number += 1;
        digest(&parts, *number)
    });
    findings.collect()
}

/// The text that a finding is about. An empty place (something is missing) names no text.
fn line(config: &Config, span: Span, scrubber: &Scrubber) -> String {
    let Some(source) = config.sources.get(span.source).filter(|_| span.start < span.end) else { return String::new() };
    let line = source.line(source.position(span.start).line).unwrap_or_default();
    let words = if line.len() > LONGEST_LINE { config.sources.slice(span) } else { line };
    let clean = scrubber.scrub_beginning(words, BEGINNING);
    text::cap(&clean.split_whitespace().collect::<Vec<_>>().join(" "), LONGEST_LINE)
}

/// A hash of these parts and a number, in hexadecimal digits.
pub(super) fn digest(parts: &[String], number: usize) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // No text holds this byte: where one part ends and the next begins cannot be mistaken.
        hash.update(part.as_bytes());
        hash.update([0xff]);
    }
    hash.update(number.to_string());
    hash.finalize().iter().take(16).fold(String::with_capacity(32), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
