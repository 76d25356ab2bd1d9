//! What is never changed by a program, and why.

use std::ops::Range;

use super::anchors;

/// Something that was found and is left to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The rule that found it.
    pub rule: &'static str,
    /// `config.yaml:3:19`.
    pub place: String,
    /// Why it is left.
    pub why: Refusal,
}

/// Why something is not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
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
    /// A variable.
    #[error("it stands in the environment, and not in a file that was named")]
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

/// Why what stands at a place of a text is left alone, whatever is to be written there.
pub(super) fn of_place(text: &str, at: Range<usize>) -> Result<(), Refusal> {
    if is_template(text) {
        return Err(Refusal::Template);
    }
    if is_in_kubernetes_secret(text, at.start) {
        return Err(Refusal::KubernetesSecret);
    }
    if text.get(at.clone()).is_some_and(|written| written.starts_with('*')) && is_value(text, at.start) {
        return Err(Refusal::Alias);
    }
    let is_touched =
        |anchored: &Range<usize>| anchored.start <= at.start && at.start < anchored.end.max(anchored.start + 1);
    if anchors::anchored(text).iter().any(is_touched) { Err(Refusal::Anchor) } else { Ok(()) }
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

/// Whether the document around a place is a Secret of Kubernetes.
fn is_in_kubernetes_secret(text: &str, at: usize) -> bool {
    let begins = |line: &str| line.starts_with("---");
    let (mut start, mut here) = (0, false);
    let mut document = String::new();
    for line in text.split_inclusive('\n') {
        if begins(line) {
            if here {
                break;
            }
            document.clear();
        }
        document.push_str(line);
        start += line.len();
        here |= at < start;
    }
    document.lines().map(str::trim_end).any(|line| {
        let line = line.trim_start_matches(['{', ' ']).replace(['"', '\'', ','], "");
        line == "kind: Secret" || line.starts_with("kind: Secret #")
    })
}

fn is_base64(written: &str) -> bool {
    let written = written.trim().trim_matches(['"', '\'']);
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    written.len() >= 16 && written.len().is_multiple_of(4) && written.bytes().all(is_digit)
}
