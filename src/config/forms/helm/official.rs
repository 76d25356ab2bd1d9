//! The chart `pomerium/pomerium`, deprecated since the ingress controller has manifests of its own, and much in use
//! (`charts/pomerium/templates/_helpers.tpl` of pomerium/pomerium-helm).

use super::{Reader, keys, printed};
use crate::config::forms::Deployment;
use crate::config::releases::{Dialect, PomeriumVersion, chart};
use crate::config::settings::{FormField, Replicas};
use crate::config::text::{
    DuplicateKey, Entry, Node, Place, Refusal, RefusalKind, Span, Value, Variable, kept_text, yaml,
};

/// How a text begins a key without which it holds no values of the chart.
pub(super) const KEYS: [&str; 3] = ["idp:", "\"idp\"", "rootDomain"];

/// `authenticate.idp`, or `config.rootDomain` with something else of the chart's.
pub(super) fn is_official(values: &Node) -> bool {
    let has = |path: &[&str]| values.at(path).is_some();
    let idp = has(&["authenticate", "idp"]);
    let config = ["sharedSecret", "cookieSecret", "policy", "routes", "extraOpts", "generateTLS", "existingSecret"];
    let sections = ["ingressController", "forwardAuth", "databroker", "proxy", "operator"];
    idp || has(&["config", "rootDomain"])
        && (config.iter().any(|key| has(&["config", key])) || sections.iter().any(|key| has(&[key])))
}

/// The deployment that the chart makes of these values.
pub(super) fn read(reader: &Reader<'_>, chart_version: Option<&str>) -> Option<Deployment> {
    is_official(reader.values).then(|| deployment(reader, chart_version))
}

/// The same of values that stand, all or in part, where they cannot be read.
pub(super) fn deployment(reader: &Reader<'_>, chart_version: Option<&str>) -> Deployment {
    let version = chart_version.and_then(|version| version.parse().ok());
    let mut chart = Chart { reader, options: Vec::new(), broken: Vec::new(), duplicates: Vec::new() };
    let existing_secret = reader.text(&["config", "existingSecret"]);
    if existing_secret.is_none() {
        chart.config_file(version);
    }
    let Chart { options, broken, duplicates, .. } = chart;
    let root = Node { value: Value::Map(options), span: reader.values.span };
    let mut deployment = reader.deployment(root, environment(reader));
    deployment.reading.dialect = Dialect::Chart;
    deployment.reading.form_fields = keys::unknown(reader.values);
    deployment.reading.form_fields.extend(unread_policy(reader, version));
    deployment.reading.duplicate_keys = duplicates;
    if is_part(reader) {
        deployment.reading.incomplete.push("the values that these are laid over".to_owned());
    }
    deployment.reading.replicas = replicas(reader);
    if let Some(name) = existing_secret {
        deployment.reading.lacks(format!("the Secret {name}, which holds the configuration"));
    }
    for from in reader.at(&["extraEnvFrom"]).map(Node::elements).unwrap_or_default() {
        match from.get("secretRef").and_then(|reference| reference.get("name")).map(|name| &name.value) {
            Some(Value::Text(name)) => deployment.reading.keeps(format!("the Secret {name} of extraEnvFrom")),
            _ => deployment.reading.lacks("the environment in extraEnvFrom"),
        }
    }
    deployment.reading.start_errors = broken;
    let tag = reader.text(&["image", "tag"]).map(|tag| tag.strip_prefix('v').unwrap_or(tag));
    deployment.version = match (tag, chart_version) {
        (Some(tag), _) => Some(tag).filter(|tag| tag.split('.').count() == 3).and_then(|tag| tag.parse().ok()),
        (None, Some(chart_version)) => chart::release_of(chart_version),
        (None, None) => Some(chart::NEWEST),
    };
    deployment
}

/// Values without which there is no login, and which no chart has by itself: whoever has none of them lays these over others.
fn is_part(reader: &Reader<'_>) -> bool {
    let needed: [&[&str]; 3] =
        [&["authenticate", "idp", "provider"], &["config", "rootDomain"], &["proxy", "authenticateServiceUrl"]];
    needed.iter().all(|path| reader.text(path).is_none())
}

/// Whether the chart has its routes in `config.policy`, which is none of its keys since they are in `config.routes`. Values alone do not
/// tell of which chart they are: then it may.
fn reads_policy(chart_version: Option<PomeriumVersion>) -> bool {
    chart_version.is_none_or(|version| version < chart::ROUTES)
}

/// Routes that no chart of today reads; an empty list lacks nothing.
fn unread_policy(reader: &Reader<'_>, chart_version: Option<PomeriumVersion>) -> Option<FormField> {
    let entries = reader.at(&["config"]).map(Node::entries).unwrap_or_default();
    let is_policy = |entry: &&Entry| entry.key == "policy" && !entry.value.elements().is_empty();
    let policy = entries.iter().find(is_policy).filter(|_| !reads_policy(chart_version))?;
    Some(FormField { key: "policy".to_owned(), near: "config.routes".to_owned(), at: policy.key_span })
}

/// Writes the configuration file that the chart's template writes.
struct Chart<'a> {
    reader: &'a Reader<'a>,
    options: Vec<Entry>,
    /// Values that make the file something that is not YAML.
    broken: Vec<Refusal>,
    /// Options that it writes, and that are written into it once more.
    duplicates: Vec<DuplicateKey>,
}

impl Chart<'_> {
    fn config_file(&mut self, chart_version: Option<PomeriumVersion>) {
        self.authenticate_url();
        for (key, option) in [("provider", "idp_provider"), ("scopes", "idp_scopes"), ("url", "idp_provider_url")] {
            self.unquoted(&["authenticate", "idp", key], option);
        }
        if self.reader.text(&["authenticate", "idp", "provider"]).is_none()
            && let Some(idp) = self.reader.at(&["authenticate", "idp"])
        {
            // The chart says `google`, but its values are often spread over several files.
            let value = self.reader.unknown(Span { end: idp.span.start, ..idp.span }, "authenticate.idp.provider");
            self.set("idp_provider", idp.span, value);
        }
        let extra = self.reader.at(&["config", "extraOpts"]).map(Node::entries).unwrap_or_default();
        self.options.extend_from_slice(extra);
        if chart_version.is_none_or(|version| version >= chart::KEYS_ONCE) {
            self.repeated(extra);
        }
        self.extras();
        for (key, option) in [("clientID", "idp_client_id"), ("clientSecret", "idp_client_secret")] {
            self.unquoted(&["authenticate", "idp", key], option);
        }
        if chart_version.is_some_and(|version| version < chart::NO_SERVICE_ACCOUNT) {
            self.unquoted(&["authenticate", "idp", "serviceAccount"], "idp_service_account");
        }
        if reads_policy(chart_version) {
            self.routes("policy");
        }
        self.routes("routes");
    }

    /// The options in `extraOpts` that the template writes too, whatever the values say.
    fn repeated(&mut self, extra: &[Entry]) {
        let is_on = |path: &[&str]| self.reader.at(path).is_some_and(|node| node.value == Value::Flag(true));
        let is_insecure = is_on(&["config", "insecure"]);
        let has_routes = self.reader.at(&["config", "routes"]).is_some_and(|node| node.value != Value::Null);
        let is_written = |key: &str| match key {
            "certificate_authority_file" | "certificates" => !is_insecure,
            "insecure_server" | "grpc_insecure" => is_insecure,
            "routes" => has_routes,
            _ => chart::writes(key),
        };
        for Entry { key, key_span, .. } in extra.iter().filter(|entry| is_written(&entry.key)) {
            let words = format!(
                "failed to read config: While parsing config: yaml: unmarshal errors:\n  mapping key {} already defined",
                crate::go::quote(key)
            );
            self.broken.push(Refusal { kind: RefusalKind::DuplicateKey, words, at: Some(*key_span) });
            self.duplicates.push(DuplicateKey { key: key.clone(), first: *key_span, second: *key_span });
        }
    }

    /// The options that the template writes only where somebody asks for them. Newer releases know none of them any more. What
    /// `tracing.debug` makes is told only if it is on: off, it changes nothing; and the addresses of Jaeger come and go with the
    /// provider.
    fn extras(&mut self) {
        let is_on = |path: &[&str]| {
            self.reader.at(path).is_some_and(|node| match &node.value {
                Value::Null | Value::Flag(false) | Value::Integer(0) => false,
                Value::Text(text) => !text.is_empty(),
                _ => true,
            })
        };
        let mut written = Vec::new();
        let mut write = |option, path: &[&'static str]| written.extend(is_on(path).then(|| (option, path.to_vec())));
        write("administrators", &["config", "administrators"]);
        if is_on(&["tracing", "enabled"]) {
            write("tracing_debug", &["tracing", "debug"]);
            write("tracing_provider", &["tracing", "provider"]);
        }
        write("forward_auth_url", &["forwardAuth", "enabled"]);
        for (option, path) in written {
            if let Some(node) = self.reader.at(&path).cloned() {
                let text = printed(&node).unwrap_or_default();
                self.set(option, node.span, Node { value: Value::Text(text), span: node.span });
            }
        }
    }

    fn set(&mut self, option: &str, key_span: Span, value: Node) {
        self.options.push(Entry { key: option.to_owned(), key_span, value });
    }

    /// `proxy.authenticateServiceUrl`, else the host `authenticate` of the root domain.
    fn authenticate_url(&mut self) {
        if self.reader.text(&["proxy", "authenticateServiceUrl"]).is_some() {
            self.unquoted(&["proxy", "authenticateServiceUrl"], "authenticate_service_url");
        } else if let Some(domain) = self.reader.text(&["config", "rootDomain"])
            && let Some(node) = self.reader.at(&["config", "rootDomain"])
        {
            let host = self.reader.text(&["authenticate", "name"]).unwrap_or("authenticate");
            let value = Value::Text(format!("https://{host}.{domain}"));
            let span = self.reader.inside(node);
            self.set("authenticate_service_url", node.span, Node { value, span });
        } else {
            let at = Span { end: self.reader.values.span.start, ..self.reader.values.span };
            let value = self.reader.unknown(at, "config.rootDomain");
            self.set("authenticate_service_url", at, value);
        }
    }

    /// The template writes `option: value` without quotes, so that YAML reads the value once more: `1e3` becomes a number, and
    /// what follows ` #` is gone.
    fn unquoted(&mut self, path: &[&str], option: &str) {
        let Some(node) = self.reader.at(path) else { return };
        let Some(text) = printed(node) else { return };
        let span = self.reader.inside(node);
        // Templates in values are rendered by whoever calls Helm, before it sees them.
        let value = if text.contains("{{") {
            Node { value: Value::Text(text), span }
        } else {
            match yaml::read_value(&text, &Place::Decoded(span)) {
                Ok(value) => Node { span, ..value },
                Err(error) => {
                    let words = format!(
                        "the chart writes `{option}` without quotes, and what comes out is not YAML: {}",
                        error.words
                    );
                    self.broken.push(Refusal { kind: RefusalKind::Other, words, at: Some(span) });
                    Node { value: Value::Text(text), span }
                }
            }
        };
        self.set(option, node.span, value);
    }

    /// A list, or a text with one in it.
    fn routes(&mut self, option: &str) {
        let Some(node) = self.reader.at(&["config", option]) else { return };
        let routes = match &node.value {
            Value::List(_) => node.clone(),
            Value::Text(text) => {
                let place = super::place_of(node, text, self.reader.sources);
                match yaml::read_value(text, &place) {
                    Ok(routes) => routes,
                    Err(_) => return,
                }
            }
            _ => return,
        };
        self.set(option, node.span, routes);
    }
}

/// Several databrokers that keep what they know in files. With memory the chart makes one, whatever is asked for, and its other
/// services keep nothing (`pomerium.databroker.replicaCount` in `_helpers.tpl`).
fn replicas(reader: &Reader<'_>) -> Option<Replicas> {
    reader.text(&["databroker", "storage", "type"]).filter(|storage| *storage == "file")?;
    let own = reader.at(&["databroker", "replicaCount"]).map(|count| ("databroker.replicaCount", count));
    let (key, count) = own.or_else(|| Some(("replicaCount", reader.at(&["replicaCount"])?)))?;
    Replicas::of(key, count)
}

/// What the chart puts into the containers' environment.
fn environment(reader: &Reader<'_>) -> Vec<Variable> {
    let mut variables = Vec::new();
    for (key, name) in [("sharedSecret", "SHARED_SECRET"), ("cookieSecret", "COOKIE_SECRET")] {
        let written = reader.at(&["config", key]).filter(|node| printed(node).is_some_and(|text| !text.is_empty()));
        let variable = written.and_then(|node| reader.variable(name, node.span, node));
        // If there is none, the chart makes one up and keeps it, or takes it from a Secret of the cluster.
        let beginning = Span { end: reader.values.span.start, ..reader.values.span };
        let shared = reader.text(&["config", "existingSharedSecret"]).unwrap_or("of the chart");
        let kept = || Variable { value: kept_text(shared, name), ..reader.unseen(name, beginning) };
        variables.push(variable.unwrap_or_else(kept));
    }
    for path in [&["extraEnv"][..], &["authenticate", "deployment", "extraEnv"]] {
        if let Some(node) = reader.at(path) {
            variables.extend(reader.variables(node));
        }
    }
    variables
}
