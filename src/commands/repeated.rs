//! A command that reads what another one read, in the same way.

use std::path::{Path, PathBuf};

use crate::cli::{Reading, SettingsFile};
use crate::shell;

/// How a command reads: what was typed, completed by the settings file, and which one that is.
pub(super) type Way<'a> = (&'a Reading, &'a SettingsFile);

/// The command, for what was read in the same way; nothing if it cannot be written down: a cluster's answer is read once, nobody
/// types a control character, and what comes from standard input is no file that could be corrected.
pub(super) fn repeated(name: &str, paths: &[&Path], deployment: Option<&str>, way: Way<'_>) -> Option<String> {
    let (reading, settings) = way;
    let is_typed = |text: &str| !text.contains(char::is_control) && (text != "-" || name != "fix");
    let named = || {
        paths
            .iter()
            .copied()
            .chain(reading.env_file.iter().chain(&reading.read_outside).chain(&settings.settings).map(PathBuf::as_path))
    };
    let expanded = reading.expand_env.as_ref().map(|names| names.join(","));
    let mut texts = deployment.into_iter().chain(expanded.as_deref());
    let is_readable = named().all(|path| path.to_str().is_some_and(is_typed)) && texts.all(is_typed);
    if reading.objects.is_some() || !is_readable {
        return None;
    }
    let path = |path: &Path| {
        let name = path.display().to_string();
        // Quotes do not keep a name from being taken for a flag.
        if name.starts_with('-') && name != "-" { format!("./{name}") } else { name }
    };
    let deployment = deployment.map(|name| ("--deployment", name.to_owned()));
    let files = reading.env_file.iter().map(|file| ("--env-file", path(file)));
    let folders = reading.read_outside.iter().map(|folder| ("--read-outside", path(folder)));
    let given = reading.given.iter().map(|given| ("--given", given.to_string()));
    let version = reading.pomerium_version.iter().map(|version| ("--pomerium-version", version.to_string()));
    let named_settings = settings.settings.iter().map(|file| ("--settings", path(file)));
    let quoted = |name: String| if name == "-" { name } else { shell::quoted(&name).into_owned() };
    let named = paths.iter().map(|named| quoted(path(named)));
    let flags = deployment.into_iter().chain(files).chain(folders).chain(given).chain(version).chain(named_settings);
    let flags = flags.map(|(flag, value)| format!("{flag} {}", shell::quoted(&value)));
    let expanded = expanded.map(|variables| match variables.as_str() {
        "" => "--expand-env".to_owned(),
        listed => format!("--expand-env={}", shell::quoted(listed)),
    });
    // Without a file, the environment is what was read.
    let is_env = reading.env || paths.is_empty() && reading.env_file.is_empty();
    let all = ["pomlint", name].map(str::to_owned).into_iter().chain(named);
    let no_settings = settings.no_settings.then(|| "--no-settings".to_owned());
    let all = all.chain(is_env.then(|| "--env".to_owned())).chain(flags).chain(expanded).chain(no_settings);
    Some(all.collect::<Vec<_>>().join(" "))
}
