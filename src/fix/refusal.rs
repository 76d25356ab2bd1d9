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
            kubernetes_secrets: kubernetes_secrets(text).collect(),
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

/// The documents that are a Secret of Kubernetes.
fn kubernetes_secrets(text: &str) -> impl Iterator<Item = Range<usize>> {
    let begins = text.match_indices("---").map(|(at, _)| at).filter(|at| *at == 0 || text[..*at].ends_with('\n'));
    let mut begins: Vec<usize> = begins.collect();
    begins.extend([0, text.len()]);
    begins.sort_unstable();
    let documents: Vec<_> = begins.windows(2).map(|ends| ends[0]..ends[1]).collect();
    documents.into_iter().filter(|document| is_kubernetes_secret(&text[document.clone()]))
}

fn is_kubernetes_secret(document: &str) -> bool {
    document.lines().map(str::trim_end).any(|line| {
        let line = line.trim_start_matches(['{', ' ']);
        // Most lines of most files need no second look.
        line.contains("kind") && {
            let line = line.replace(['"', '\'', ','], "");
            line == "kind: Secret" || line.starts_with("kind: Secret #")
        }
    })
}

fn is_base64(written: &str) -> bool {
    let written = written.trim().trim_matches(['"', '\'']);
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    written.len() >= 16 && written.len().is_multiple_of(4) && written.bytes().all(is_digit)
}
