//! `pomlint explain` and `pomlint rules`: the catalogue of rules and causes, and one page of it.

use super::{StartError, input, write};
use crate::cli::{Explain, Format, PageFormat, Rules};
use crate::diagnose::{Cause, causes};
use crate::report::{self, Stream};
use crate::rules::{self, RULES, Rule};

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
        return list(&Rules { format });
    };
    if let Some(cause) = causes().iter().find(|cause| cause.name == *name) {
        return explain_cause(cause, command.format);
    }
    let rule = find(name)?;
    let text = match command.format {
        PageFormat::Human => report::explain(rule, &input::plain_view()),
        PageFormat::Json => report::explain_json(rule),
        PageFormat::Markdown => rule.page.to_owned(),
    };
    write(Stream::Report, &text)?;
    Ok(0)
}

/// The rule of that name.
fn find(name: &str) -> Result<&'static Rule, StartError> {
    let names = RULES.iter().map(|rule| rule.name).chain(causes().iter().map(|cause| cause.name.as_str()));
    rules::find(name).ok_or_else(|| StartError::UnknownRule {
        name: name.to_owned(),
        near: rules::nearest_of(name, names).map(str::to_owned),
    })
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

pub(super) fn list(command: &Rules) -> Result<u8, StartError> {
    let rules: Vec<&Rule> = RULES.iter().collect();
    let text = match command.format {
        Format::Human => {
            let view = input::plain_view();
            report::catalogue(&rules, &view) + &report::catalogue_of_causes(causes(), &view)
        }
        Format::Json => report::catalogue_json(&rules, causes()),
    };
    write(Stream::Report, &text)?;
    Ok(0)
}
