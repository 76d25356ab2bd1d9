//! A configuration file's text, in the format that its name says.

use std::collections::HashMap;

use crate::config::text::{ConfigText, Parsed, Problem, Variable, dotenv, json, toml, yaml};
use crate::go;

/// Reads the format that the file's name says, as viper does: by the ending, in exactly this letter case.
pub(super) fn parse<'e>(file: &ConfigText, environment: &'e [Variable]) -> Parsed {
    let ConfigText { text, place, .. } = file;
    match &file.problem {
        Some(Problem::TooLong) => return Parsed::too_long(place.span(0, 0)),
        Some(Problem::Grows(words)) => return Parsed::grows(words.clone(), place.span(0, 0)),
        _ => {}
    }
    let parsing = |words: String| format!("While parsing config: {words}");
    let mut parsed = match file.ending() {
        "yaml" | "yml" => match file.problem {
            Some(Problem::NotUtf8(words, at)) => Parsed::broken(format!("yaml: {words}"), place.span(at, at)),
            _ => yaml::read(text, place, yaml::Wanted::Mapping),
        },
        "json" => json::read(text, place),
        "toml" => toml::read(text, place),
        "env" | "dotenv" => {
            let variable = |variable: &'e Variable| (variable.name.as_str(), variable.value.as_str());
            let known: HashMap<&str, &str> = environment.iter().map(variable).collect();
            dotenv::read(text, place, &|name| known.get(name).copied())
        }
        "hcl" | "tfvars" | "properties" | "props" | "prop" | "ini" => {
            Parsed::of_no_format("decoder not found for this format", place.span(0, 0))
        }
        other => {
            return Parsed::of_no_format(format!("Unsupported Config Type {}", go::quote(other)), place.span(0, 0));
        }
    };
    if let (Some(error), false) = (&mut parsed.error, parsed.is_limit) {
        error.words = parsing(std::mem::take(&mut error.words));
    }
    parsed
}

/// Pomerium's words around every error of a configuration file (`config/options.go`).
pub(super) fn options_from_file(name: &str, words: &str) -> String {
    format!("config: options from config file {}: {words}", go::quote(name))
}
