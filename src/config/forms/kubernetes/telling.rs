//! What in a text or a store can be Pomerium's alone.

use super::objects::Store;
use crate::config::forms::ConfigText;
use crate::config::options::{self, OPTIONS};

/// A text whose name is that of a configuration file and that sets an option of Pomerium's; or an empty `config.yaml`, for which
/// Pomerium has its defaults.
pub(super) fn is_config(text: &ConfigText) -> bool {
    let is_file = [".yaml", ".yml", ".json", ".toml", ".env"].iter().any(|ending| text.name.ends_with(ending));
    is_file && sets_an_option(&text.text)
}

/// Whether a line of the text sets an option of which others have no equal.
pub(in crate::config::forms) fn sets_an_option(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start().trim_start_matches("export ").trim_start_matches(['"', '{']);
        let word = line.split([':', '=', '"', ' ']).next().unwrap_or_default().to_ascii_lowercase();
        is_telling_option(&word)
    })
}

/// An option of Pomerium's that no other program has.
pub(in crate::config::forms) fn is_telling_option(name: &str) -> bool {
    const COMMON: [&str; 12] = [
        "address",
        "services",
        "headers",
        "policy",
        "routes",
        "log_level",
        "debug",
        "certificates",
        "certificate",
        "dns",
        "databroker",
        "ssh_address",
    ];
    !COMMON.contains(&name) && OPTIONS.field(name).is_some_and(|field| field.name == name)
}

/// Two names of Pomerium's variables, one of them about the login.
pub(super) fn is_environment(store: &Store) -> bool {
    let known: std::collections::HashSet<String> = options::bindings().map(|(_, name)| name).collect();
    let names = || store.data.iter().map(|datum| datum.key.as_str());
    let is_login =
        |name: &str| name.starts_with("IDP_") || name == "AUTHENTICATE_SERVICE_URL" || name == "COOKIE_SECRET";
    names().any(is_login) && names().filter(|name| known.contains(*name)).count() > 1
}
