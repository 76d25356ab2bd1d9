//! Keys that Pomerium does not know, or no longer.

use super::environment::names;
use super::misplaced::is_misplaced;
use super::slips::{Text, is_no_field, sorted_texts};
use crate::config::{
    CALLBACK_PATH, Config, Dialect, Form, PomeriumVersion, Retired, Route, Settings, Span, UnknownKey, chart_writes,
    known_since, nearest_option, option_names, retired_key,
};
use crate::rules::claims::is_told_of_groups;
use crate::rules::place::{inside_quotes, is_environment, moved, replace, reworded};
use crate::rules::{Edit, Finding, Judgement};

/// What the option of newer releases takes, in the values of the chart.
const OTEL: &str = "{ otel_traces_exporter: otlp, otel_exporter_otlp_endpoint: … }";

/// A key that never was an option, or means something else than people think.
const NEVER_KNOWN: [(&str, &str); 14] = [
    ("certificates.privkey", "write `key`"),
    ("service", "write `services`"),
    ("policies", "write `routes`"),
    ("idp_name", "write `idp_provider`"),
    ("idp_url", "write `idp_provider_url`"),
    ("idp_issuer", "write `idp_provider_url`"),
    ("idp_client_id_file", "write `idp_client_id`: only the secret has a `_file` form"),
    ("jwt_groups_filter", "delete it: only Pomerium Zero and Enterprise know it"),
    ("self_signed_cert", "write `certificate_file` and `certificate_key_file`"),
    ("routes.allow", "write it below `policy`, as in `policy: [{ allow: { or: [ … ] } }]`"),
    ("routes.lb_policy", "write `load_balancing_policy`"),
    ("routes.allow_websocket_upgrade", "write `allow_websockets: true`"),
    ("routes.authorized_users", "write `allowed_users`"),
    ("routes.request_headers", "write `set_request_headers`"),
];

/// Pomerium reads `policy` and `routes` as one list: the path as it is known here. Only for what is said of a key: a removed one that stops
/// it below `routes` is merely unknown below `policy` (`config/options_check.go`).
fn canonical(path: &str) -> String {
    path.strip_prefix("policy.").map_or_else(|| path.to_owned(), |field| format!("routes.{field}"))
}

/// What is known of a key that once was an option.
fn retired(path: &str) -> Option<&'static Retired> {
    retired_key(&canonical(path))
}

/// `unknown-key`
pub(in crate::rules) fn unknown_key(config: &Config, settings: &Settings) -> Vec<Finding> {
    let unknown = config.reading.unknown_keys.iter().filter(|key| retired(&key.path).is_none());
    // What is no field of a route stops Pomerium in the place of one: `config-refused` says so.
    let texts = sorted_texts(config);
    let is_told =
        |key: &UnknownKey| is_no_field(&texts, key) && settings.routes.iter().any(|route| is_taken_for(route, key));
    let unknown = unknown.filter(|key| !is_misplaced(config, key) && !is_told(key));
    let keys = unknown.map(|key| nested(config, key, &texts).unwrap_or_else(|| plain(config, key)));
    keys.chain(config.reading.unknown_runtime_flags.iter().map(unknown_flag)).collect()
}

fn is_taken_for(route: &Route, key: &UnknownKey) -> bool {
    route.from.is_none() && route.at.covers(key.at)
}

fn unknown_flag(flag: &UnknownKey) -> Finding {
    Finding::at(
        flag.at,
        format!("`{}` is no runtime flag: Pomerium logs `unknown runtime flag` and ignores it", flag.path),
    )
    .fix("delete it, or correct its name")
}

fn plain(config: &Config, key: &UnknownKey) -> Finding {
    let (path, version) = (&key.path, config.version);
    if let Some(since) = known_since(path).filter(|since| *since > version) {
        let says = format!(
            "`{path}` came with Pomerium {since}, and this is {version}: it logs `unknown config option` and goes on without it"
        );
        let finding = Finding::at(key.at, says).fix(format!("run Pomerium {since} or newer, or delete it"));
        return if version == PomeriumVersion::NEWEST {
            finding.fix(format!("if {since} runs already, say so: --pomerium-version {since}"))
        } else {
            finding
        };
    }
    let says = if version.is_newer_than_known() {
        format!(
            "`{path}` is no option that is known here: unless {version}, which is newer than all that is, has it, Pomerium logs `unknown config option` and goes on without it"
        )
    } else {
        format!("`{path}` is no option of Pomerium {version}: it logs `unknown config option` and goes on without it")
    };
    let finding = Finding::at(key.at, says);
    match cure(&key.path, config.version) {
        Some(cure) => {
            let edit = rename(config, key).filter(|edit| !stands_in_chart(config, &edit.text));
            finding.edit(edit).fix(told(config, key, &cure))
        }
        None => finding.fix("delete it, or correct its name"),
    }
}

/// The edit that gives a misspelt option of the top level its right name, unless that name stands in the text already.
fn rename(config: &Config, key: &UnknownKey) -> Option<Edit> {
    if key.path.contains('.') || NEVER_KNOWN.iter().any(|(name, _)| *name == key.path) {
        return None;
    }
    give(config, key, nearest_option(&key.path, config.version)?)
}

/// The edit that gives a key another name: that of a variable in capitals, as only then all who read the file take it.
fn give(config: &Config, key: &UnknownKey, option: &str) -> Option<Edit> {
    let name = if is_environment(config, key.at) { option.to_ascii_uppercase() } else { option.to_owned() };
    if config.sources.get(key.at.source)?.has_name(&name) || stands_in_chart(config, option) {
        return None;
    }
    // Pomerium logs the name in lower case.
    let written = config.sources.slice(inside_quotes(config, key.at));
    if written.to_lowercase() == key.path { replace(config, key.at, written, &name) } else { None }
}

fn cure(path: &str, version: PomeriumVersion) -> Option<String> {
    let canonical = canonical(path);
    let known = NEVER_KNOWN.iter().find(|(name, _)| *name == canonical).map(|(_, cure)| (*cure).to_owned());
    known.or_else(|| nearest_option(path, version).map(|near| format!("did you mean `{near}`?")))
}

/// Options of a login written below a key of their own, as other programs want it. The texts are sorted by their paths.
fn nested(config: &Config, key: &UnknownKey, texts: &[Text<'_>]) -> Option<Finding> {
    let prefix = format!("{}.", key.path);
    let below = texts.get(texts.partition_point(|(path, _)| *path < prefix.as_str())..)?;
    let children = below.iter().map_while(|(path, span)| Some((path.strip_prefix(&prefix)?, *span)));
    let mut moves: Vec<(&'static str, Span)> =
        children.filter_map(|(child, span)| Some((option_of_login(&key.path, child)?, span))).collect();
    moves.sort_by_key(|(_, span)| *span);
    let (first, _) = moves.first()?;
    let mut finding = Finding::at(
        key.at,
        format!("Pomerium knows no section `{}`: it ignores the whole block, `{first}` included", key.path),
    )
    .title("Login settings stand in a section that Pomerium ignores")
    .fix("move these options to the top level of the file:");
    for (option, at) in moves {
        // Secrets are named only.
        let line = if is_secret(option) { format!("{option}: …") } else { moved(config, at, option) };
        finding = finding.fix(line);
    }
    Some(finding)
}

fn option_of_login(section: &str, child: &str) -> Option<&'static str> {
    let spelling = child.to_ascii_lowercase().replace('-', "_");
    let joined = format!("{section}_{spelling}");
    option_names(PomeriumVersion::NEWEST)
        .filter(|option| is_of_login(option))
        .find(|option| *option == spelling || *option == joined)
}

fn is_of_login(option: &str) -> bool {
    ["idp_", "cookie_", "authenticate_", "shared_secret"].iter().any(|prefix| option.starts_with(prefix))
}

fn is_secret(option: &str) -> bool {
    option.ends_with("secret")
}

/// `removed-key-stops-start`
pub(in crate::rules) fn removed_key_stops_start(config: &Config, _: &Settings) -> Vec<Finding> {
    let keys = config.reading.removed_keys.iter();
    keys.map(|key| removed_finding(config, key, "Pomerium refuses to start with it").edit(renamed(config, key)))
        .collect()
}

/// `removed-key-ignored`
pub(in crate::rules) fn removed_key_ignored(config: &Config, settings: &Settings) -> Judgement {
    let keys = config.reading.unknown_keys.iter().filter(|key| retired(&key.path).is_some());
    let keys = keys.filter(|key| !is_told_of_groups(config, key));
    let moved_callback = settings.authenticate_callback_path.as_ref().is_some_and(|path| path.value != CALLBACK_PATH);
    let in_file = keys.filter(|key| key.path != "authenticate_callback_path" || !moved_callback).map(|key| {
        removed_finding(config, key, "Pomerium logs `unknown config option` and ignores it").edit(renamed(config, key))
    });
    in_file.chain(removed_variables(config)).collect::<Vec<_>>().into()
}

/// The chart writes an option itself, so that it would stand twice.
fn stands_in_chart(config: &Config, option: &str) -> bool {
    config.form == Form::Helm && chart_writes(option)
}

/// Variables for options that are gone. Nothing binds them any more, so that Pomerium does not even log them.
fn removed_variables(config: &Config) -> impl Iterator<Item = Finding> {
    names(config).filter_map(|(name, at)| {
        let option = name.to_ascii_lowercase();
        retired_key(&option).filter(|retired| config.version >= retired.removed_in)?;
        let key = UnknownKey { path: option, at };
        let mut finding = removed_finding(config, &key, "Pomerium reads no variable of this name, and does not say so");
        finding.says = finding.says.replacen(&key.path, name, 1);
        Some(finding)
    })
}

/// The edit that gives a key its new name, unless that name stands in the text already.
fn renamed(config: &Config, key: &UnknownKey) -> Option<Edit> {
    give(config, key, retired_key(&key.path)?.new_name()?)
}

/// The values of which the chart makes an option that is gone, and what keeps it from that.
const BY_CHART: [(&str, &str); 4] = [
    ("administrators", "take `config.administrators` out of the values: the chart makes this of it"),
    ("forward_auth_url", "set `forwardAuth.enabled` to false: the chart makes this of it"),
    ("tracing_debug", "set `tracing.debug` to false: the chart makes this of it"),
    ("tracing_provider", "set `tracing.enabled` to false: the chart makes this of it"),
];

/// What to write instead, or what to change in the values if the chart wrote it.
fn instead(config: &Config, key: &UnknownKey, retired: &Retired) -> Vec<String> {
    let is_written = || config.sources.slice(inside_quotes(config, key.at)).eq_ignore_ascii_case(&key.path);
    let by_chart =
        BY_CHART.iter().find(|(option, _)| *option == retired.path && config.reading.dialect == Dialect::Chart);
    match by_chart.filter(|_| !is_written()) {
        None => vec![retired.cure().into_owned()],
        Some((option, switch)) if option.starts_with("tracing") => {
            let newer = "and, to trace with a newer release, write in `config.extraOpts`:";
            [*switch, newer, OTEL].map(str::to_owned).to_vec()
        }
        Some((_, switch)) => vec![(*switch).to_owned()],
    }
}

fn removed_finding(config: &Config, key: &UnknownKey, effect: &str) -> Finding {
    let retired = retired(&key.path);
    let since = retired.map_or_else(String::new, |retired| format!(" since {}", retired.removed_in));
    let finding = Finding::at(key.at, format!("`{}` is gone{since}: {effect}", key.path));
    let cures = retired.map(|retired| instead(config, key, retired)).unwrap_or_default();
    cures.into_iter().fold(finding, |finding, cure| finding.fix(told(config, key, &cure)))
}

/// A sentence about the option that stands at a place. What it says of a field of a route is in words that are no variables, also
/// where a variable holds the routes.
fn told(config: &Config, key: &UnknownKey, sentence: &str) -> String {
    if key.path.contains('.') { sentence.to_owned() } else { reworded(config, key.at, sentence) }
}

/// An unknown key that may be meant for an option that is missing.
pub(in crate::rules) fn misspelt<'a>(config: &'a Config, option: &str) -> Option<&'a UnknownKey> {
    config.reading.unknown_keys.iter().find(|key| {
        nearest_option(&key.path, config.version) == Some(option)
            || cure(&key.path, config.version).is_some_and(|cure| cure.contains(&format!("`{option}`")))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::format_collect)]
mod tests;
