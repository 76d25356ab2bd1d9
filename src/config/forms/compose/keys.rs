//! The keys that a service of a compose file has (`schema/compose-spec.json` of compose-spec/compose-spec), and those that are
//! probably meant for one: compose refuses them.

use crate::config::forms::vocabulary::Section;
use crate::config::settings::FormField;
use crate::config::text::Node;

#[rustfmt::skip]
const SERVICE: Section = Section {
    path: "",
    keys: &[
        "annotations", "attach", "blkio_config", "build", "cap_add", "cap_drop", "cgroup", "cgroup_parent", "command",
        "configs", "container_name", "cpu_count", "cpu_percent", "cpu_period", "cpu_quota", "cpu_rt_period",
        "cpu_rt_runtime", "cpu_shares", "cpus", "cpuset", "credential_spec", "depends_on", "deploy", "develop",
        "device_cgroup_rules", "devices", "dns", "dns_opt", "dns_search", "domainname", "entrypoint", "env_file",
        "environment", "expose", "extends", "external_links", "extra_hosts", "gpus", "group_add", "healthcheck", "hostname",
        "image", "init", "ipc", "isolation", "label_file", "labels", "links", "log_driver", "log_opt", "logging",
        "mac_address", "mem_limit", "mem_reservation", "mem_swappiness", "memswap_limit", "models", "net", "network_mode",
        "networks", "oom_kill_disable", "oom_score_adj", "pid", "pids_limit", "platform", "ports", "post_start",
        "pre_start", "pre_stop", "privileged", "profiles", "provider", "pull_policy", "pull_refresh_after", "read_only",
        "restart", "runtime", "scale", "secrets", "security_opt", "shm_size", "stdin_open", "stop_grace_period",
        "stop_signal", "storage_opt", "sysctls", "tmpfs", "tty", "ulimits", "use_api_socket", "user", "userns_mode", "uts",
        "volume_driver", "volumes", "volumes_from", "working_dir",
    ],
    meanings: &[("env", "environment"), ("envs", "environment"), ("cmd", "command"), ("args", "command")],
};

/// What stands under a key that is probably meant for one that the service lacks: it tells what the service was to run.
pub(super) fn meant<'n>(service: &'n Node, key: &str) -> Option<&'n Node> {
    let meant = unknown(service).into_iter().find(|field| field.near == key)?;
    service.get(&meant.key)
}

/// The keys of a service that compose does not have and that are near one that it has. `x-…` is left to its users.
pub(super) fn unknown(service: &Node) -> Vec<FormField> {
    let entries = service.entries().iter().filter(|entry| !entry.key.starts_with("x-") && entry.key != "<<");
    let field = |entry: &crate::config::text::Entry| {
        let near = SERVICE.nearest(&entry.key)?;
        Some(FormField { key: entry.key.clone(), near: near.to_owned(), at: entry.key_span })
    };
    entries.filter_map(field).collect()
}
