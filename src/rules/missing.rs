//! An option that is missing, and the key or variable that may be meant for it.

use super::Finding;
use super::config::{misspelt_key, misspelt_variable};
use crate::config::{Config, SourceKind, Span};

/// Says that an option is missing and what follows from it.
pub(super) fn missing_option(config: &Config, option: &str, at: Span, effect: &str) -> Finding {
    let knows_environment = config.sources.iter().any(|(_, source)| source.kind == SourceKind::Environment);
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
    let key = misspelt_key(config, option).map(|key| (key.path.as_str(), key.at));
    let variable = misspelt_variable(config, option);
    let meant = key.into_iter().chain(variable);
    let path = config.reading.dialect.path(option);
    let fields = config.reading.form_fields.iter().filter(|field| path.as_ref() == Some(&field.near));
    let meant = meant.chain(fields.map(|field| (field.key.as_str(), field.at)));
    meant.fold(finding, |finding, (name, at)| finding.also(at, format!("`{name}` is not read: is this meant?")))
}
