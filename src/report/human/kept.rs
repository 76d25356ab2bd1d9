//! What only the cluster holds, and how to have it judged.

use std::collections::{BTreeMap, BTreeSet};

use super::Screen;
use crate::config::{Config, KeptSecret, ValueKind};
use crate::evidence::Missing;
use crate::report::{ConfigReport, PROGRAM, Verbosity, text};
use crate::shell;

/// So many keys of one `Secret` are named.
const MOST_KEYS: usize = 6;

/// The block; nothing if no rule waits for it.
pub(super) fn block(screen: &Screen<'_>, report: &ConfigReport) -> Option<Vec<String>> {
    let (list, tries) = told(screen, report).filter(|_| screen.view.verbosity != Verbosity::Quiet)?;
    let mut lines = super::labelled("kept", text::wrap(&list, screen.width().saturating_sub(super::INDENT)));
    lines.extend(super::labelled("try", tries));
    Some(lines)
}

/// What is kept, and what gives it.
pub(in crate::report) fn told(screen: &Screen<'_>, report: &ConfigReport) -> Option<(String, Vec<String>)> {
    let kept = report.config.kept_secrets();
    let waits = |reason: &Missing| matches!(reason, Missing::Elsewhere(_) | Missing::Unconfigured(_));
    let is_missed = report.judged.iter().any(|judged| judged.missing().iter().any(waits));
    if kept.is_empty() || !is_missed {
        return None;
    }
    let names: Vec<String> = kept.iter().map(|secret| screen.outside(&named(secret), 300)).collect();
    let list = match names.as_slice() {
        [one] => format!("{one} is in the cluster alone: what hangs on it was not judged"),
        [first @ .., last] => {
            format!("{} and {last} are in the cluster alone: what hangs on them was not judged", first.join(", "))
        }
        [] => return None,
    };
    // What a cluster has shown already would be asked of the same cluster, by the same user.
    let is_file = !report.config.reading.is_of_cluster;
    let mut tries: Vec<String> = is_file.then(|| command(&report.config, &kept)).flatten().into_iter().collect();
    // The id that stands for itself: of each client, under the name by which it can be given.
    let clients = report.config.clients();
    let ids = clients.iter().filter(|client| client.id.kind() != ValueKind::Literal);
    tries.extend(ids.map(|client| {
        let name = client.given_as("idp_client_id");
        format!("--given {}   gives the client id, which is no secret", shell::quoted(&format!("{name}=ID")))
    }));
    Some((list, tries.iter().map(|line| screen.outside(line, 600)).collect()))
}

/// `Secret pomerium/idp (client_id, client_secret)`.
fn named(secret: &KeptSecret) -> String {
    let keys: Vec<&str> = secret.keys.iter().map(String::as_str).take(MOST_KEYS).collect();
    let more = if secret.keys.len() > MOST_KEYS { ", …" } else { "" };
    let keys = if keys.is_empty() { String::new() } else { format!(" ({}{more})", keys.join(", ")) };
    format!("Secret {}{keys}", secret.name)
}

/// The command that judges with what the cluster holds, whoever may read it there.
fn command(config: &Config, kept: &[KeptSecret]) -> Option<String> {
    let mut spaces: BTreeMap<Option<&str>, BTreeSet<&str>> = BTreeMap::new();
    for secret in kept.iter().filter(|secret| is_plain(&secret.name)) {
        let (namespace, name) =
            secret.name.split_once('/').map_or((None, secret.name.as_str()), |(space, name)| (Some(space), name));
        spaces.entry(namespace).or_default().insert(name);
    }
    let get = |(namespace, names): (Option<&str>, BTreeSet<&str>)| {
        let names: Vec<&str> = names.into_iter().collect();
        let namespace = namespace.map_or_else(String::new, |namespace| format!(" --namespace {namespace}"));
        format!("kubectl get secret {}{namespace} -o yaml", names.join(" "))
    };
    let gets: Vec<String> = spaces.into_iter().map(get).collect();
    let get = match gets.as_slice() {
        [] => return None,
        [one] => one.clone(),
        several => format!("({})", several.join("; echo ---; ")),
    };
    Some(format!("{get} | {PROGRAM} check {} -", files(config)))
}

/// The file, or the folder if there are several.
fn files(config: &Config) -> String {
    let kinds = |name: &&str| *name != "-" && *name != "environment" && *name != "--given";
    let names: BTreeSet<&str> = config.sources.iter().map(|(_, source)| source.name.as_str()).filter(kinds).collect();
    let first = names.first().copied().unwrap_or("FILE");
    let path = match names.len() {
        1 => first,
        _ => first.rsplit_once('/').map_or(".", |(folder, _)| folder),
    };
    if is_plain(path) { path.to_owned() } else { "FILE".to_owned() }
}

/// A shell reads nothing but itself in it.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte))
        && !text.starts_with('-')
}
