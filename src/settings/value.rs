//! Values of a settings file, each with the sentence for a wrong one.

use std::time::Duration;

use clap::ValueEnum;
use toml::de::DeValue;

use super::{Problem, Value, unknown};
use crate::cli;
use crate::config::Date;

pub(super) fn text<'a>(value: &'a Value<'_>) -> Result<&'a str, Problem> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text),
        _ => Err(Problem::new("this must be a text in quotes", value.span())),
    }
}

pub(super) fn flag(value: &Value<'_>) -> Result<bool, Problem> {
    match value.get_ref() {
        DeValue::Boolean(flag) => Ok(*flag),
        _ => Err(Problem::new("this must be `true` or `false`, without quotes", value.span())),
    }
}

/// One text, or a list of them.
pub(super) fn list<'a>(value: &'a Value<'_>) -> Result<Vec<&'a str>, Problem> {
    match value.get_ref() {
        DeValue::Array(elements) => elements.iter().map(text).collect(),
        _ => text(value).map(|text| vec![text]),
    }
}

/// One of the words that the flag of the command line takes.
pub(super) fn choice<T: ValueEnum>(value: &Value<'_>) -> Result<T, Problem> {
    let text = text(value)?;
    T::from_str(text, false).map_err(|_| {
        let known: Vec<_> = T::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
        let known: Vec<&str> = known.iter().map(clap::builder::PossibleValue::get_name).collect();
        unknown("choice", text, value.span(), &known)
    })
}

pub(super) fn seconds(value: &Value<'_>) -> Result<Duration, Problem> {
    let number = match value.get_ref() {
        DeValue::Integer(number) => number.as_str(),
        DeValue::Float(number) => number.as_str(),
        _ => "",
    };
    cli::seconds(number).map_err(|why| Problem::new(why, value.span()))
}

/// A day, with or without quotes.
pub(super) fn date(value: &Value<'_>) -> Result<Date, Problem> {
    let written = match value.get_ref() {
        DeValue::Datetime(date) => date.to_string(),
        _ => text(value)?.to_owned(),
    };
    written.parse().map_err(|why: String| Problem::new(why, value.span()))
}
