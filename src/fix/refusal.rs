//! What is never changed by a program, and why.

use std::ops::Range;

use super::anchors;
use super::places::Places;

/// Something that was found and is left to people.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Refused {
    /// The rule that found it.
    pub rule: &'static str,
    /// `config.yaml:3:19`.
    pub place: String,
    /// Why it is left.
    pub why: Refusal,
}

/// Why something is not changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// A rule whose cure is a decision.
    #[error("what to write is for you to decide: see the cure that `pomlint check` shows")]
    ByHand,
    /// No single text takes the place of another.
    #[error("no single text can take the place of what stands there: see the cure that `pomlint check` shows")]
    NoEdit,
    /// The edit would write or change a secret.
    #[error("it is a secret, or holds one, and none is written by a program")]
    Secret,
    /// `${VAR}`.
    #[error("the value is filled in from elsewhere: change it where it is set")]
    Reference,
    /// `*name`.
    #[error("it is an alias: what it stands for is written at its anchor, and others may use it")]
    Alias,
    /// `&name`.
    #[error("it belongs to an anchor: an alias or a merge key may use it elsewhere")]
    Anchor,
    /// `{{ … }}`.
    #[error("the file is a template: what Pomerium reads is what comes out of it")]
    Template,
    /// Base64, or text with escapes.
    #[error("it is encoded: change what it was made from")]
    Encoded,
    /// A Secret of Kubernetes.
    #[error("it stands in a Secret of Kubernetes, which is left to whoever keeps it")]
    KubernetesSecret,
    /// `--given`.
    #[error("it was given to this check, and stands in no file here")]
    Given,
    /// A variable of this process.
    #[error("it stands in the environment, and in no file")]
    Environment,
    /// A file that another one names.
    #[error("it stands in {0}, which was not named: name that file to have it changed")]
    OtherFile(String),
    /// Not UTF-8.
    #[error("the file is not UTF-8, and would not be the same after it was written")]
    NotText,
    /// Somebody wrote to it.
    #[error("the file has changed since it was read: run this again")]
    Changed,
    /// Two edits at one place, three times over.
    #[error("another change was made at the same place: run this again")]
    Overlaps,
    /// It is no cure.
    #[error("with this change the finding stays")]
    Stays,
    /// It does harm.
    #[error("with this change {0} would be found")]
    Brings(&'static str),
    /// The file was another one to Pomerium.
    #[error("with this change the file would not be read as before")]
    Unread,
    /// The operating system, or the writer.
    #[error("the file cannot be written: {0}")]
    Unwritable(String),
}

/// What of a text is left alone: learnt once, however many findings stand in it.
pub(super) struct Ground {
    is_template: bool,
    kubernetes_secrets: Places,
    anchored: Places,
}

impl Ground {
    pub(super) fn of(text: &str) -> Self {
        Self {
            is_template: is_template(text),
            kubernetes_secrets: kubernetes_secrets(text).into_iter().collect(),
            anchored: anchors::anchored(text).into_iter().collect(),
        }
    }

    /// Why what stands at a place of the text is left alone, whatever is to be written there.
    pub(super) fn refuses(&self, text: &str, at: &Range<usize>) -> Option<Refusal> {
        let begins = at.start..at.start;
        if self.is_template {
            Some(Refusal::Template)
        } else if self.kubernetes_secrets.touch(&begins) {
            Some(Refusal::KubernetesSecret)
        } else if text.get(at.clone()).is_some_and(|written| written.starts_with('*')) && is_value(text, at.start) {
            Some(Refusal::Alias)
        } else {
            self.anchored.touch(&begins).then_some(Refusal::Anchor)
        }
    }
}

/// Why there is no edit of what is written.
pub(super) fn of_missing(written: &str) -> Refusal {
    if written.contains(['$', '%']) || written.contains("{{") {
        Refusal::Reference
    } else if written.contains('\\') || is_base64(written) {
        Refusal::Encoded
    } else {
        Refusal::NoEdit
    }
}

/// Helm, Jinja and Go have these marks; no YAML, JSON or TOML has them outside of a text.
fn is_template(text: &str) -> bool {
    let code = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    code.into_iter().any(|line| line.contains("{{") || line.contains("{%"))
}

/// An asterisk begins an alias only where a value begins, and no quote stands before it.
fn is_value(text: &str, at: usize) -> bool {
    text.get(..at).is_some_and(|before| before.trim_end_matches(' ').ends_with([':', '-', ',', '[', '{']))
}

/// The objects that are a Secret of Kubernetes: documents, and items of a list (`kind: List`).
fn kubernetes_secrets(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        start += line.len();
        (start - line.len(), line)
    });
    let lines: Vec<(usize, &str)> = lines.collect();
    let mut found = Vec::new();
    for document in lines.split(|(_, line)| line.starts_with("---")) {
        for (at, (start, line)) in document.iter().enumerate() {
            // A second `kind` in an object makes no further one: a text may have any number of them.
            let is_found = || found.last().is_some_and(|last: &Range<usize>| last.contains(start));
            if let Some(kind) = kind_secret(line).filter(|_| !is_found()) {
                found.push(object(document, at, kind));
            }
        }
    }
    found
}

/// How a line says that an object is a Secret.
#[derive(Clone, Copy)]
enum Kind {
    /// Below and above it stand its other fields, indented so far.
    Field(usize),
    /// The whole object is on this line.
    Inline,
}

fn kind_secret(line: &str) -> Option<Kind> {
    // Most lines of most files need no second look.
    if !line.contains("kind") || !line.contains("Secret") {
        return None;
    }
    let field = line.trim_start_matches([' ', '-', '{']);
    let said = field.replace(['"', '\''], "");
    let value = |behind: &str| {
        let value = behind.trim_start().strip_prefix(':')?.trim_start().strip_prefix("Secret")?.trim_start();
        Some(value.to_owned()).filter(|end| end.is_empty() || end.starts_with([',', '}', '#']))
    };
    match said.strip_prefix("kind").and_then(value) {
        Some(end) if !end.contains('}') => Some(Kind::Field(line.len() - field.len())),
        Some(_) => Some(Kind::Inline),
        None => {
            let mut others = said.match_indices("kind").filter(|(at, _)| said[..*at].ends_with([' ', ',', '{']));
            others.any(|(at, kind)| value(&said[at + kind.len()..]).is_some()).then_some(Kind::Inline)
        }
    }
}

/// The lines of the object that one of its fields stands in: those that are indented as far as that, up to where it begins.
fn object(document: &[(usize, &str)], at: usize, kind: Kind) -> Range<usize> {
    let end_of = |index: usize| document.get(index).map_or(0, |(start, line)| start + line.len());
    let Kind::Field(column) = kind else { return document[at].0..end_of(at) };
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let is_within = |(_, line): &&(usize, &str)| line.trim().is_empty() || indent(line) >= column;
    let above = document[..at].iter().rev().take_while(is_within).count();
    let below = document[at + 1..].iter().take_while(is_within).count();
    let mut first = at - above;
    // The first field of an item stands behind its dash; so may this one.
    let begins = |index: usize| {
        document.get(index).is_some_and(|(_, line)| {
            let field = line.trim_start_matches([' ', '-']);
            line.trim_start().starts_with('-') && line.len() - field.len() == column
        })
    };
    if begins(at) {
        first = at;
    } else if first > 0 && begins(first - 1) {
        first -= 1;
    }
    document[first].0..end_of(at + below)
}

fn is_base64(written: &str) -> bool {
    let written = written.trim().trim_matches(['"', '\'']);
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    written.len() >= 16 && written.len().is_multiple_of(4) && written.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_looked_for_once_however_often_it_says_its_kind() {
        let secrets =
            |text: &str| kubernetes_secrets(text).into_iter().map(|at| text[at].to_owned()).collect::<Vec<_>>();
        assert_eq!(secrets("a: b\nkind: Secret\nkind: Secret\n---\nkind: X\n"), ["a: b\nkind: Secret\nkind: Secret\n"]);
        let list = "items:\n- a: b\n  kind: Secret\n- kind: X\n- kind: Secret\n  c: d\n";
        assert_eq!(secrets(list), ["- a: b\n  kind: Secret\n", "- kind: Secret\n  c: d\n"]);
        for unit in ["kind: Secret\n", "- kind: Secret\n", "- {kind: Secret}\n", "  a: b\n  kind: Secret\n"] {
            let make = |size| unit.repeat(size / unit.len());
            crate::work::grows_with_its_input(unit, 256 * 1024, make, |text| drop(kubernetes_secrets(text)));
        }
    }
}
