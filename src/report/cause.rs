//! What could not be judged, a row for each cause: for the forms that show no more than a row.

use super::human::undecided::{Cause, causes};
use super::{ConfigReport, words};
use crate::config::Span;
use crate::evidence::Missing;

/// One cause.
pub(super) struct Row {
    /// The first rule that it keeps from being judged.
    pub(super) rule: &'static str,
    /// Why, and how many other rules share it.
    pub(super) says: String,
    /// The setting that it hangs on; `None` if nothing could be read.
    pub(super) at: Option<Span>,
}

/// A row for each cause, the causes before what waits for them.
pub(super) fn rows(one: &ConfigReport) -> Vec<Row> {
    causes(one).into_iter().filter_map(|cause| row(one, &cause)).collect()
}

fn row(one: &ConfigReport, cause: &Cause<'_>) -> Option<Row> {
    let (rule, others) = cause.rules.split_first()?;
    let why = words::missing(&one.config, cause.reason);
    let says = match others.len() {
        0 => why,
        1 => format!("{why} (and 1 other rule)"),
        number => format!("{why} (and {number} other rules)"),
    };
    Some(Row { rule, says, at: place(one, cause.reason) })
}

/// The value that is not known or the name of the file that was not read, else the issuer, from which all questions to the provider begin.
fn place(one: &ConfigReport, reason: &Missing) -> Option<Span> {
    if let Missing::Placeholder(span) = reason {
        return Some(*span);
    }
    if let Missing::Unconfigured(why) | Missing::Elsewhere(why) = reason {
        let mut files = one.config.reading.texts.iter().filter(|(option, _)| option.ends_with("_file"));
        if let Some((_, file)) = files.find(|(_, file)| why.contains(&format!("`{}`", file.value))) {
            return Some(file.span);
        }
    }
    let settings = one.config.settings.as_ref()?;
    Some(settings.idp_provider_url.as_ref().map_or(settings.anchor, |issuer| issuer.span))
}
