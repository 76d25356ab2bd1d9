//! An option that is missing, and the key or variable that may be meant for it.

use super::Finding;
use super::config::{misspelt_key, misspelt_variable, nameless_value};
use crate::config::{Config, SourceKind, Span};

/// Where the option is set to nothing, if it is: the name of its variable, its place, and where its text would stand.
pub(super) fn empty_variable<'c>(config: &'c Config, option: &str) -> Option<&'c (String, Span, Span)> {
    config.reading.empty_variables.iter().rfind(|(name, ..)| name.eq_ignore_ascii_case(option))
}

/// The place at which a missing option is to be written: that of its own variable, if that is empty, or else this one.
pub(super) fn place_of_missing(config: &Config, option: &str, at: Span) -> Span {
    empty_variable(config, option).map_or(at, |(_, name, _)| *name)
}

/// A finding about a variable that holds nothing, and where that nothing comes from.
pub(super) fn about_empty(variable: &(String, Span, Span), effect: &str) -> Finding {
    let (name, at, text) = variable;
    let finding = Finding::at(*at, format!("`{name}` is empty: {effect}"));
    if text.source == at.source { finding } else { finding.also(*text, "nothing stands here") }
}

/// Says that an option is missing and what follows from it.
pub(super) fn missing_option(config: &Config, option: &str, at: Span, effect: &str) -> Finding {
    if let Some(empty) = empty_variable(config, option) {
        return about_empty(empty, effect);
    }
    // Of what a cluster shows, all of the pod's environment was read, if it has one.
    let knows_environment =
        config.reading.is_of_cluster || config.sources.iter().any(|(_, source)| source.kind == SourceKind::Environment);
    let own = config.reading.dialect.path(option);
    let says = if let Some(own) = own {
        // Neither a resource nor a chart has another place for it.
        format!("`{own}` is not set: {effect}")
    } else if knows_environment {
        format!("`{option}` is set neither in the file nor in the environment: {effect}")
    } else {
        // Somebody may still set it there, so the cure for a false alarm is told along with it.
        let name = option.to_ascii_uppercase();
        format!("`{option}` is not set here: {effect} (if the environment sets {name}, check with --env or --env-file)")
    };
    with_meant(config, option, Finding::at(at, says))
}

/// Points at the keys and variables that may be meant for an option.
pub(super) fn with_meant(config: &Config, option: &str, finding: Finding) -> Finding {
    let key = misspelt_key(config, option).map(|key| (format!("`{}`", key.path), key.at));
    let variable = misspelt_variable(config, option).map(|(name, at)| (format!("`{name}`"), at));
    let nameless = nameless_value(config, option).map(|at| ("what has no name".to_owned(), at));
    let meant = key.into_iter().chain(variable).chain(nameless);
    let path = config.reading.dialect.path(option);
    let fields = config.reading.form_fields.iter().filter(|field| path.as_ref() == Some(&field.near));
    let meant = meant.chain(fields.map(|field| (format!("`{}`", field.key), field.at)));
    meant.fold(finding, |finding, (name, at)| finding.also(at, format!("{name} is not read: is this meant?")))
}
