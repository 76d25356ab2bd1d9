//! The keys of the chart `pomerium/pomerium`, and those that are probably meant for one
//! (`charts/pomerium/values.yaml` and the templates of pomerium/pomerium-helm, all versions). Below what is left to its users,
//! such as `extraOpts`, `annotations` and `resources`, nothing is looked at.

use crate::config::forms::vocabulary::{OF_PROVIDER, Section, squeezed};
use crate::config::settings::FormField;
use crate::config::text::{Entry, Node, Value};

const COMMON: &[(&str, &str)] = &[];

#[rustfmt::skip]
const SECTIONS: [Section; 8] = [
    Section {
        path: "",
        keys: &[
            "affinity", "annotations", "apiProxy", "authenticate", "authorize", "cache", "config", "databroker", "extraArgs",
            "extraEnv", "extraEnvFrom", "extraTLSSecrets", "extraVolumeMounts", "extraVolumes", "forwardAuth",
            "fullnameOverride", "image", "imagePullSecrets", "ingress", "ingressController", "metrics", "nameOverride",
            "nodeSelector", "operator", "podAnnotations", "podLabels", "priorityClassName", "proxy", "rbac", "redis",
            "replicaCount", "resources", "service", "serviceMonitor", "tolerations", "tracing", "global", "enabled",
        ],
        meanings: COMMON,
    },
    Section {
        path: "authenticate",
        keys: &[
            "autoscaling", "cacheServiceUrl", "databrokerServiceUrl", "deployment", "existingExternalTLSSecret",
            "existingTLSSecret", "fullnameOverride", "idp", "ingress", "name", "nameOverride", "pdb", "proxied",
            "replicaCount", "service", "serviceAccount", "tls", "redirectUrl",
        ],
        meanings: &[("identityprovider", "idp"), ("provider", "idp")],
    },
    Section {
        path: "authenticate.idp",
        keys: &["clientID", "clientSecret", "provider", "scopes", "serviceAccount", "serviceAccountYAML", "url"],
        meanings: &OF_PROVIDER,
    },
    Section {
        path: "config",
        keys: &[
            "administrators", "ca", "cookieSecret", "existingCASecret", "existingConfig", "existingLegacyTLSSecret",
            "existingPolicy", "existingSecret", "existingSharedSecret", "existingSigningKeySecret",
            "existingsigningKeySecret", "extraOpts", "extraSecretLabels", "extraSharedSecretLabels",
            "forceGenerateServiceSecrets", "forceGenerateSigningKey", "forceGenerateTLS", "generateSigningKey",
            "generateTLS", "generateTLSAnnotations", "insecure", "insecureProxy", "policy", "rootDomain", "routes",
            "sharedSecret", "signingKey",
        ],
        meanings: &[("extraoptions", "extraOpts"), ("domain", "rootDomain")],
    },
    Section {
        path: "proxy",
        keys: &[
            "authenticateServiceUrl", "authorizeInternalUrl", "autoscaling", "deployment", "existingCASecret",
            "existingSigningKeySecret", "existingTLSSecret", "fullnameOverride", "nameOverride", "pdb", "redirectServer",
            "replicaCount", "routes", "service", "serviceAccount", "signingKey", "tls", "name",
        ],
        meanings: COMMON,
    },
    Section {
        path: "databroker",
        keys: &[
            "deployment", "existingTLSSecret", "fullnameOverride", "nameOverride", "pdb", "replicaCount", "service",
            "serviceAccount", "storage", "tls", "name",
        ],
        meanings: COMMON,
    },
    Section {
        path: "databroker.storage",
        keys: &["clientTLS", "connectionString", "tlsSkipVerify", "type"],
        meanings: COMMON,
    },
    Section { path: "image", keys: &["pullPolicy", "repository", "tag"], meanings: COMMON },
];

/// The keys that the chart does not read and that are near one that it reads.
pub(super) fn unknown(values: &Node) -> Vec<FormField> {
    let below = |section: &Section| {
        let keys = section.path.split('.').filter(|key| !key.is_empty());
        let node = keys.into_iter().try_fold(values, |node, key| node.get(key))?;
        Some((section.path, node))
    };
    let mut found = Vec::new();
    for section in &SECTIONS {
        let Some((path, node)) = below(section) else { continue };
        for entry in node.entries() {
            if let Some(home) = home(section, entry).filter(|(path, key)| !is_set(values, path, key)) {
                let near = format!("{}.{}", home.0, home.1);
                found.push(FormField { key: entry.key.clone(), near, at: entry.key_span });
                continue;
            }
            if let Some(moved) = provider_below(values, section, entry) {
                found.push(moved);
                continue;
            }
            let Some(near) = section.nearest(&entry.key) else { continue };
            // Two names for one thing are somebody's own, beside the chart's.
            if node.get(near).is_some() {
                continue;
            }
            let near = if path.is_empty() { near.to_owned() } else { format!("{path}.{near}") };
            found.push(FormField { key: entry.key.clone(), near, at: entry.key_span });
        }
    }
    found
}

/// The options that mistyped keys were to set: that they are missing follows from that.
pub(super) fn mistyped(fields: &[FormField]) -> Vec<&'static str> {
    fields.iter().filter_map(FormField::option_of_login).collect()
}

/// The section that a key is meant for which is none where it stands: what few sections have, and this one has not.
fn home(section: &Section, entry: &Entry) -> Option<(&'static str, &'static str)> {
    /// The parts of a login and of its configuration; a `name` or a `service` may be anybody's.
    const MOVED: [&str; 9] =
        ["idp", "clientID", "clientSecret", "provider", "url", "scopes", "routes", "policy", "rootDomain"];
    let is_block = matches!(entry.value.value, Value::Map(_));
    if section.keys.contains(&entry.key.as_str()) || is_block != (entry.key == "idp") || is_elsewhere(section, entry) {
        return None;
    }
    let key = MOVED.into_iter().find(|key| *key == entry.key)?;
    SECTIONS.iter().find(|other| other.keys.contains(&key)).map(|other| (other.path, key))
}

/// A block that holds what stands in `authenticate` or in `authenticate.idp`, under a name that the chart does not read: what
/// is below a key tells more than its letters.
fn provider_below(values: &Node, section: &Section, entry: &Entry) -> Option<FormField> {
    let below = entry.value.entries();
    let field = |key: &Entry, near: &str| FormField { key: key.key.clone(), near: near.to_owned(), at: key.key_span };
    if section.keys.contains(&entry.key.as_str()) || is_set(values, "authenticate", "idp") {
        return None;
    }
    match section.path {
        "" => {
            let idp = below.iter().find(|below| below.key == "idp" && matches!(below.value.value, Value::Map(_)))?;
            Some(if values.get("authenticate").is_some() {
                field(idp, "authenticate.idp")
            } else {
                field(entry, "authenticate")
            })
        }
        "authenticate" => {
            let is_client = |below: &Entry| ["clientid", "clientsecret"].contains(&squeezed(&below.key).as_str());
            below.iter().any(is_client).then(|| field(entry, "authenticate.idp"))
        }
        _ => None,
    }
}

/// A `url` or `provider` beside the sections of the chart is somebody else's.
fn is_elsewhere(section: &Section, entry: &Entry) -> bool {
    section.path != "authenticate" && ["provider", "url", "scopes"].contains(&entry.key.as_str())
}

fn is_set(values: &Node, path: &str, key: &str) -> bool {
    path.split('.').chain([key]).try_fold(values, Node::get).is_some()
}
