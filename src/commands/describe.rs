//! `pomlint explain` and `pomlint rules`: the catalogue, and one page of it.

use super::{StartError, input, selection, write};
use crate::cli::{Explain, Format, PageFormat, Rules};
use crate::diagnose::{Cause, causes};
use crate::report::{self, Stream};
use crate::rules::{RULES, Rule};

pub(super) fn explain(command: &Explain) -> Result<u8, StartError> {
    let Some(name) = &command.rule else {
        let format = match command.format {
            PageFormat::Human => Format::Human,
            PageFormat::Json => Format::Json,
            PageFormat::Markdown => {
                let why = "only the page of a rule is Markdown: name the rule\n  try   pomlint explain RULE --format markdown";
                return Err(StartError::Option(why.to_owned()));
            }
        };
        return rules(&Rules { format });
    };
    if let Some(cause) = causes().iter().find(|cause| cause.name == *name) {
        return explain_cause(cause, command.format);
    }
    let rule = selection::find(name)?;
    let text = match command.format {
        PageFormat::Human => report::explain(rule, &input::plain_view()),
        PageFormat::Json => report::explain_json(rule),
        PageFormat::Markdown => rule.page.to_owned(),
    };
    write(Stream::Report, &text)?;
    Ok(0)
}

/// The page of a cause that no rule can judge.
fn explain_cause(cause: &Cause, format: PageFormat) -> Result<u8, StartError> {
    let text = match format {
        PageFormat::Human => report::explain_cause(cause, &input::plain_view()),
        PageFormat::Json => report::explain_cause_json(cause),
        PageFormat::Markdown => cause.page(),
    };
    write(Stream::Report, &text)?;
    Ok(0)
}

pub(super) fn rules(command: &Rules) -> Result<u8, StartError> {
    let rules: Vec<&Rule> = RULES.iter().collect();
    let text = match command.format {
        Format::Human => report::catalogue(&rules, &input::plain_view()),
        Format::Json => report::catalogue_json(&rules),
    };
    write(Stream::Report, &text)?;
    Ok(0)
}
