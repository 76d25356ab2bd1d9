//! The databroker: where several replicas keep what they know of sessions, and one that refreshes none.

use crate::config::{Config, Dialect, Form, Replicas, Setting, Settings};
use crate::evidence::SessionStorage;
use crate::rules::place::written;
use crate::rules::{Finding, Judgement, Severity};

/// Options that make one databroker of several, or name another one (`config/options.go`).
const JOINING: [&str; 6] = [
    "databroker_cluster_nodes",
    "databroker_cluster_node_id",
    "databroker_cluster_leader_id",
    "databroker_raft_bind_address",
    "databroker_service_url",
    "databroker_service_urls",
];

/// `databroker-not-shared`
pub(in crate::rules) fn databroker_not_shared(config: &Config, settings: &Settings, _: &SessionStorage) -> Judgement {
    if ![Form::Compose, Form::Kubernetes, Form::Helm].contains(&config.form) {
        return Judgement::NotApplicable("nothing here says how many of this Pomerium run");
    }
    let Some(Replicas { says, at, .. }) = &config.reading.replicas else { return Judgement::pass() };
    let services = settings.services.as_ref().map_or("all", |services| services.value.as_str());
    let runs = |name: &str| services.split(',').any(|service| service.trim().eq_ignore_ascii_case(name));
    if !runs("all") && !runs("databroker") && !runs("cache") {
        return Judgement::pass();
    }
    let storage = text(config, "databroker_storage_type").or_else(|| text(config, "databroker.storage_type"));
    let is_joined = JOINING.iter().any(|option| text(config, option).is_some_and(|text| !text.value.is_empty()));
    let keeps = match storage {
        _ if is_joined => return Judgement::pass(),
        // The chart makes one databroker where it is in memory.
        None if config.reading.dialect == Dialect::Chart => "a file",
        None => "memory",
        Some(storage) if ["", "memory"].contains(&storage.value.as_str()) => "memory",
        Some(storage) if storage.value == "file" => "a file",
        Some(_) => return Judgement::pass(),
    };
    let finding = Finding::at(
        *at,
        format!(
            "`{says}`: each replica keeps sessions in {keeps} of its own, so a login is unknown to the next replica that is asked"
        ),
    );
    let anchor = storage.map_or(settings.anchor, |storage| storage.span);
    let finding = finding.fix("run one replica, or give all of them one database:");
    if config.reading.dialect == Dialect::Resource {
        let line = "storage: { postgres: { secret: pomerium/db } }   # below spec; the Secret has the key `connection`";
        return finding.fix(line).into();
    }
    finding
        .fix(written(config, anchor, "databroker_storage_type", "postgres"))
        .fix(written(config, anchor, "databroker_storage_connection_string", "postgres://…"))
        .into()
}

fn text<'a>(config: &'a Config, option: &str) -> Option<&'a Setting<String>> {
    config.reading.texts.iter().find(|(path, _)| **path == *option).map(|(_, text)| text)
}

/// Nothing but a databroker, which sends nobody anywhere.
pub(super) fn is_databroker(settings: &Settings) -> bool {
    ["databroker", "cache"].iter().any(|name| settings.runs(name))
        && !["authenticate", "authorize", "proxy"].iter().any(|name| settings.runs(name))
}

/// With the hosted service it refreshes no session (`databroker/databroker.go`).
pub(super) const NOT_REFRESHED: &str =
    "this databroker takes it that Pomerium's hosted service runs the login, and refreshes no session";

/// What a databroker does without the URL of an authenticate service of one's own.
pub(super) fn refreshes_nothing(finding: Finding) -> Judgement {
    finding
        .title("The databroker refreshes no session")
        .severity(Severity::Warning)
        .fix("write here what the authenticate service and the proxy have")
        .into()
}
