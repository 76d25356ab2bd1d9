//! Keys that Pomerium does not know, or no longer.

use super::known::{OPTIONS, ROUTE_FIELDS};
use crate::config::{Config, PomeriumVersion, Settings, Span, UnknownKey};
use crate::rules::place::written;
use crate::rules::pomerium::CALLBACK_PATH;
use crate::rules::{Finding, Judgement};

/// A key that some release of Pomerium dropped. From the struct tags of every release.
struct Removed {
    /// The path as Pomerium logs it.
    path: &'static str,
    /// The first release without it.
    in_version: PomeriumVersion,
    /// What to write instead.
    instead: &'static str,
}

const fn removed(path: &'static str, minor: u16, patch: u16, instead: &'static str) -> Removed {
    Removed { path, in_version: PomeriumVersion(0, minor, patch), instead }
}

const DIRECTORY: &str = "delete it: Pomerium reads groups from the `cognito:groups` claim of the ID token";
const TRACING: &str = "use `otel_traces_exporter: otlp` and `otel_exporter_otlp_endpoint`";
const STORAGE: &str = "use `databroker_storage_connection_string`";
const BY_DEFAULT: &str = "delete it: nothing replaces it";

const REMOVED: [Removed; 43] = [
    removed("administrators", 13, 0, BY_DEFAULT),
    removed("audit_key", 29, 0, BY_DEFAULT),
    removed("authenticate_callback_path", 31, 0, "delete it: the path is always `/oauth2/callback`"),
    removed("authenticate_internal_url", 4, 0, "use `authenticate_internal_service_url`"),
    removed("cache_service_url", 11, 0, "use `databroker_service_url`"),
    removed("cache_store", 10, 0, "use `databroker_storage_type`"),
    removed("cache_store_address", 10, 0, STORAGE),
    removed("cache_store_password", 10, 0, STORAGE),
    removed("cache_store_path", 10, 0, STORAGE),
    removed("client_ca", 26, 0, "use `ca` below `downstream_mtls`"),
    removed("client_ca_file", 26, 0, "use `ca_file` below `downstream_mtls`"),
    removed("client_crl", 23, 0, "use `crl` below `downstream_mtls`"),
    removed("client_crl_file", 23, 0, "use `crl_file` below `downstream_mtls`"),
    removed("cookie_refresh", 6, 0, BY_DEFAULT),
    removed("cookie_secure", 26, 0, "delete it: cookies are always Secure"),
    removed("databroker_storage_ca_file", 27, 2, "put `sslrootcert` into `databroker_storage_connection_string`"),
    removed("databroker_storage_cert_file", 27, 2, "put `sslcert` into `databroker_storage_connection_string`"),
    removed("databroker_storage_key_file", 27, 2, "put `sslkey` into `databroker_storage_connection_string`"),
    removed("databroker_storage_tls_skip_verify", 27, 2, "put `sslmode` into `databroker_storage_connection_string`"),
    removed("enable_user_impersonation", 13, 0, BY_DEFAULT),
    removed("forward_auth_url", 21, 0, "delete it: forward-auth is gone, Pomerium itself must be the proxy"),
    removed("grpc_client_dns_roundrobin", 27, 2, BY_DEFAULT),
    removed("grpc_server_max_connection_age", 15, 0, BY_DEFAULT),
    removed("grpc_server_max_connection_age_grace", 15, 0, BY_DEFAULT),
    removed("idp_qps", 20, 0, DIRECTORY),
    removed("idp_refresh_directory_interval", 20, 0, DIRECTORY),
    removed("idp_refresh_directory_timeout", 20, 0, DIRECTORY),
    removed("idp_service_account", 20, 0, DIRECTORY),
    removed("pomerium_debug", 32, 0, "use `log_level: debug`"),
    removed("refresh_cooldown", 15, 1, BY_DEFAULT),
    removed("require_proxy_protocol", 13, 5, "use `use_proxy_protocol`"),
    removed("signing_key_algorithm", 16, 0, "delete it: the key itself says its algorithm"),
    removed("timeout_read_header", 9, 0, "use `timeout_read`"),
    removed("tracing_datadog_address", 29, 0, TRACING),
    removed("tracing_debug", 9, 0, BY_DEFAULT),
    removed("tracing_jaeger_agent_endpoint", 29, 0, TRACING),
    removed("tracing_jaeger_collector_endpoint", 29, 0, TRACING),
    removed("tracing_provider", 29, 0, TRACING),
    removed("tracing_sample_rate", 29, 0, "use `otel_traces_sampler_arg`"),
    removed("tracing_zipkin_endpoint", 29, 0, TRACING),
    removed("routes._envoy_opts", 32, 0, BY_DEFAULT),
    removed("routes.allowed_groups", 20, 0, "write a `policy` with the criterion `claim/cognito:groups`"),
    removed(
        "routes.set_authorization_header",
        24,
        0,
        "use `set_request_headers` with `${pomerium.id_token}` or `${pomerium.access_token}`",
    ),
];

/// A key that never was an option, or means something else than people think.
const NEVER_KNOWN: [(&str, &str); 13] = [
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

/// Pomerium reads `policy` and `routes` as one list: the path as it is known here.
fn canonical(path: &str) -> String {
    path.strip_prefix("policy.").map_or_else(|| path.to_owned(), |field| format!("routes.{field}"))
}

fn removal(path: &str) -> Option<&'static Removed> {
    let path = canonical(path);
    REMOVED.iter().find(|removed| removed.path == path)
}

/// `unknown-key`
pub(in crate::rules) fn unknown_key(config: &Config, _: &Settings) -> Vec<Finding> {
    let unknown = config.reading.unknown_keys.iter().filter(|key| removal(&key.path).is_none());
    let mut texts: Vec<Text<'_>> = config.reading.texts.iter().map(|(path, text)| (path.as_str(), text.span)).collect();
    texts.sort_unstable();
    unknown.map(|key| nested(config, key, &texts).unwrap_or_else(|| plain(config, key))).collect()
}

fn plain(config: &Config, key: &UnknownKey) -> Finding {
    let finding = Finding::at(
        key.at,
        format!(
            "`{}` is no option of Pomerium {}: it logs `unknown config option` and goes on without it",
            key.path, config.version
        ),
    );
    match cure(&key.path) {
        Some(cure) => finding.fix(cure),
        None => finding.fix("delete it, or correct its name"),
    }
}

fn cure(path: &str) -> Option<String> {
    let canonical = canonical(path);
    let known = NEVER_KNOWN.iter().find(|(name, _)| *name == canonical).map(|(_, cure)| (*cure).to_owned());
    known.or_else(|| nearest(path).map(|near| format!("did you mean `{near}`?")))
}

/// The path of a text and its place.
type Text<'a> = (&'a str, Span);

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
    .fix("write these options at the top level of the file:");
    for (option, at) in moves {
        // Secrets are named only.
        let line = if is_secret(option) {
            format!("{option}: …")
        } else {
            written(config, at, option, config.sources.slice(at))
        };
        finding = finding.fix(line);
    }
    Some(finding)
}

fn option_of_login(section: &str, child: &str) -> Option<&'static str> {
    let spelling = child.to_ascii_lowercase().replace('-', "_");
    let joined = format!("{section}_{spelling}");
    OPTIONS.into_iter().filter(|option| is_of_login(option)).find(|option| *option == spelling || *option == joined)
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
    keys.map(|key| removed_finding(key, "Pomerium refuses to start with it")).collect()
}

/// `removed-key-ignored`
pub(in crate::rules) fn removed_key_ignored(config: &Config, settings: &Settings) -> Judgement {
    let keys = config.reading.unknown_keys.iter().filter(|key| removal(&key.path).is_some());
    let moved_callback = settings.authenticate_callback_path.as_ref().is_some_and(|path| path.value != CALLBACK_PATH);
    keys.filter(|key| key.path != "authenticate_callback_path" || !moved_callback)
        .map(|key| removed_finding(key, "Pomerium logs `unknown config option` and ignores it"))
        .collect::<Vec<_>>()
        .into()
}

fn removed_finding(key: &UnknownKey, effect: &str) -> Finding {
    let Some(removed) = removal(&key.path) else {
        return Finding::at(key.at, format!("`{}` is gone: {effect}", key.path)).fix("delete it");
    };
    Finding::at(key.at, format!("`{}` is gone since {}: {effect}", key.path, removed.in_version)).fix(removed.instead)
}

/// An unknown key that may be meant for an option that is missing.
pub(super) fn misspelt<'a>(config: &'a Config, option: &str) -> Option<&'a UnknownKey> {
    config.reading.unknown_keys.iter().find(|key| {
        nearest(&key.path) == Some(option) || cure(&key.path).is_some_and(|cure| cure.contains(&format!("`{option}`")))
    })
}

/// The option whose name is nearest to an unknown one, if it is near enough to be meant.
pub(super) fn nearest(path: &str) -> Option<&'static str> {
    let (section, name) = path.rsplit_once('.').unwrap_or(("", path));
    let options: &[&str] = match section {
        "" => &OPTIONS,
        "routes" | "policy" => &ROUTE_FIELDS,
        _ => return None,
    };
    let name = name.to_ascii_lowercase().replace('-', "_");
    let bare = squeezed(&name);
    // A fifth of the name, and one slip in short ones: beyond that the suggestion is noise.
    let most = (name.chars().count() / 5).clamp(1, 4);
    let distance = |option: &&'static str| {
        // A plural or a missing underscore is nearer than a changed word.
        if squeezed(option) == bare {
            0
        } else if option.len().abs_diff(name.chars().count()) > most {
            usize::MAX
        } else {
            strsim::osa_distance(option, &name)
        }
    };
    let (near, distance) =
        options.iter().map(|option| (*option, distance(option))).min_by_key(|(_, distance)| *distance)?;
    (distance <= most).then_some(near)
}

/// Whether this is the name of a top-level option.
pub(super) fn is_option(name: &str) -> bool {
    option(name).is_some()
}

/// The top-level option of this name.
pub(super) fn option(name: &str) -> Option<&'static str> {
    OPTIONS.into_iter().find(|option| *option == name)
}

fn squeezed(name: &str) -> String {
    name.chars().filter(|character| *character != '_').collect()
}

#[cfg(test)]
mod tests;
