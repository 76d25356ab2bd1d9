//! Options that stand one level too deep or too high.

use crate::config::{Config, Settings, SourceKind, UnknownKey, option_names, removed_in, route_field_names};
use crate::rules::Finding;

/// Where an option belongs that stands in the wrong place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Home {
    Top,
    Route,
}

/// `option-misplaced`
pub(in crate::rules) fn option_misplaced(config: &Config, _: &Settings) -> Vec<Finding> {
    let keys = config.reading.unknown_keys.iter();
    keys.filter_map(|key| Some(misplaced(config, key, home(config, key)?))).collect()
}

/// Whether an unknown key is an option in the wrong place: then it is not told as unknown.
pub(super) fn is_misplaced(config: &Config, key: &UnknownKey) -> bool {
    home(config, key).is_some()
}

fn home(config: &Config, key: &UnknownKey) -> Option<Home> {
    let is_option = |name: &str| option_names(config.version).any(|option| option == name);
    let is_field = |name: &str| route_field_names(config.version).any(|field| field == name);
    match key.path.split_once('.') {
        // What a route had once is told as gone.
        Some(("routes" | "policy", name)) => {
            let is_gone = removed_in(&format!("routes.{name}")).is_some();
            (is_option(name) && !is_gone).then_some(Home::Top)
        }
        Some(_) => None,
        None => (is_field(&key.path) && removed_in(&key.path).is_none()).then_some(Home::Route),
    }
}

fn misplaced(config: &Config, key: &UnknownKey, home: Home) -> Finding {
    let name = key.path.rsplit('.').next().unwrap_or(&key.path);
    match home {
        Home::Top => {
            let says = format!("`{name}` is an option of the whole Pomerium: inside a route it is ignored");
            let variable = name.to_ascii_uppercase();
            let finding = Finding::at(key.at, says);
            if config.sources.get(key.at.source).is_some_and(|source| source.kind == SourceKind::Environment) {
                finding.fix(format!("take it out of the routes, and set {variable} beside them"))
            } else {
                finding.fix(format!("move it out of the route, to the top level of the file: beside `routes`, {name} begins at the left margin"))
            }
        }
        Home::Route => {
            let says = format!("`{name}` is an option of a route: at the top level it is ignored");
            Finding::at(key.at, says)
                .fix(format!("move it into each route that it is meant for, below `routes`, beside `from` and `to`: {name} is indented as they are"))
        }
    }
}
