//! What can be an option of Pomerium's alone.

use crate::config::releases::options::OPTIONS;

/// Whether a line of the text sets an option of which others have no equal.
pub(in crate::config) fn sets_an_option(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start().trim_start_matches("export ").trim_start_matches(['"', '{']);
        let word = line.split([':', '=', '"', ' ']).next().unwrap_or_default().to_ascii_lowercase();
        is_telling_option(&word)
    })
}

/// An option of Pomerium's that no other program has.
pub(in crate::config) fn is_telling_option(name: &str) -> bool {
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
