//! Options that stand one level too deep or too high.

use crate::config::{Config, Dialect, Settings, Span, UnknownKey, option_names, retired_key, route_field_names};
use crate::rules::Finding;
use crate::rules::place::{extension, is_environment};

/// Where an option belongs that stands in the wrong place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Home {
    Top,
    Route,
}

/// `option-misplaced`
pub(in crate::rules) fn option_misplaced(config: &Config, _: &Settings) -> Vec<Finding> {
    let keys = config.reading.unknown_keys.iter();
    let mut findings: Vec<Finding> = keys.filter_map(|key| Some(misplaced(config, key, home(config, key)?))).collect();
    findings.sort_by_key(|finding| (finding.at.source, finding.at.start));
    findings
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
            let is_gone = retired_key(&format!("routes.{name}")).is_some();
            (is_option(name) && !is_gone).then_some(Home::Top)
        }
        Some(_) => None,
        None => (is_field(&key.path) && retired_key(&key.path).is_none()).then_some(Home::Route),
    }
}

fn misplaced(config: &Config, key: &UnknownKey, home: Home) -> Finding {
    let name = key.path.rsplit('.').next().unwrap_or(&key.path);
    let says = match home {
        Home::Top => format!("`{name}` is an option of the whole Pomerium: inside a route it is ignored"),
        Home::Route => format!("`{name}` is an option of a route: at the top level it is ignored"),
    };
    let list = key.path.split_once('.').map_or("routes", |(list, _)| list);
    Finding::at(key.at, says).fix(cure(config, key.at, home, list, name))
}

/// Where to move it, in the words of the file's form: only YAML tells levels by their indentation, and in TOML what follows a
/// `[[routes]]` belongs to it.
fn cure(config: &Config, at: Span, home: Home, list: &str, name: &str) -> String {
    match (home, extension(config, at)) {
        (Home::Top, _) if is_environment(config, at) => {
            format!("take it out of the routes, and set {} beside them", name.to_ascii_uppercase())
        }
        // The chart and the resource have places of their own for it, and read no other.
        (Home::Top, _) if config.reading.dialect != Dialect::Own => match config.reading.dialect.path(name) {
            Some(path) => format!("take it out of the route, and set {path}"),
            None => "take it out of the route: the `Pomerium` resource has no such option".to_owned(),
        },
        (Home::Top, "toml") => format!("move it above the first `[[{list}]]`"),
        (Home::Top, "json") => format!("move it into the outermost object, beside `{list}`"),
        (Home::Top, _) => {
            format!("move it out of the route, to the top level: beside `{list}`, {name} is indented as that is")
        }
        (Home::Route, _) if is_environment(config, at) => format!(
            "no variable sets it: write {name} in the list of routes, in each that it is meant for, beside `from` and `to`"
        ),
        (Home::Route, "toml") => {
            format!("move it below each `[[{list}]]` that it is meant for, beside `from` and `to`")
        }
        (Home::Route, "json") => {
            format!("move it into the object of each route that it is meant for, in `{list}`, beside `from` and `to`")
        }
        (Home::Route, _) => format!(
            "move it into each route that it is meant for, below `{list}`, beside `from` and `to`: {name} is indented as they are"
        ),
    }
}
