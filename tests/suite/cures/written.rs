//! The same options in every form of configuration, and the lines of a cure written into it.

use pomlint::config::{Dialect, PomeriumVersion, RawFile, option_names, route_field_names};
use serde_json::{Map, Value, json};

pub(super) type Options = Map<String, Value>;

/// How options are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    Yaml,
    Json,
    Toml,
    Environment,
    ComposeMap,
    ComposeList,
    Chart,
    OwnChart,
    Resource,
    ConfigMap,
    Secret,
    Container,
}

pub(super) const FORMS: [Form; 12] = [
    Form::Yaml,
    Form::Json,
    Form::Toml,
    Form::Environment,
    Form::ComposeMap,
    Form::ComposeList,
    Form::Chart,
    Form::OwnChart,
    Form::Resource,
    Form::ConfigMap,
    Form::Secret,
    Form::Container,
];

/// What a cure says to set: where, and to what.
pub(super) type Change = (Vec<String>, Value);

impl Form {
    /// The document that holds these options; nothing if this form cannot.
    pub(super) fn document(self, options: &Options, version: PomeriumVersion) -> Option<Value> {
        match self {
            Self::Yaml | Self::Json | Self::Toml | Self::ConfigMap | Self::Secret => {
                Some(Value::Object(options.clone()))
            }
            Self::Environment => Some(Value::Object(variables(options)?)),
            Self::ComposeMap => Some(compose(&Value::Object(variables(options)?), version)),
            Self::ComposeList => {
                let line = |(name, value): (String, Value)| json!(format!("{name}={}", text_of(&value)));
                Some(compose(&variables(options)?.into_iter().map(line).collect(), version))
            }
            Self::Container => {
                let variable = |(name, value): (String, Value)| json!({"name": name, "value": value});
                Some(container(&variables(options)?.into_iter().map(variable).collect(), version))
            }
            Self::Chart => chart(options, version),
            Self::OwnChart => {
                let camel = |(name, value): (&String, &Value)| Some((key(Dialect::Camel, name)?.1, value.clone()));
                let options: Option<Options> = options.iter().map(camel).collect();
                Some(json!({ "config": options? }))
            }
            Self::Resource => resource(options),
        }
    }

    pub(super) fn file(self, document: &Value) -> Option<RawFile> {
        let (name, text) = match self {
            Self::Json => ("pomerium.json", serde_json::to_string_pretty(document).ok()?),
            Self::Toml => ("pomerium.toml", toml_of(document)),
            Self::Environment => ("pomerium.env", lines_of(document)),
            Self::ConfigMap => ("pomerium.yaml", mounted("ConfigMap", "data", &yaml(document))),
            Self::Secret => ("pomerium.yaml", mounted("Secret", "stringData", &yaml(document))),
            Self::ComposeMap | Self::ComposeList => ("compose.yaml", yaml(document)),
            Self::Chart | Self::OwnChart => ("values.yaml", yaml(document)),
            Self::Yaml | Self::Resource | Self::Container => ("pomerium.yaml", yaml(document)),
        };
        Some(RawFile { name: name.to_owned(), bytes: text.into_bytes() })
    }

    /// The document that a text holds.
    pub(super) fn read(self, text: &str) -> Option<Value> {
        match self {
            Self::Json => serde_json::from_str(&without_last_commas(text)).ok(),
            Self::Toml => toml::from_str(&without_last_commas(text)).ok(),
            Self::Environment => {
                let line = |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), json!(value)));
                text.lines().map(line).collect::<Option<Options>>().map(Value::Object)
            }
            Self::ConfigMap | Self::Secret => {
                let inside = text.split_once("config.yaml: |\n")?.1.split("---\n").next()?;
                let lines = inside.lines().map(|line| line.strip_prefix("    ").unwrap_or(line));
                serde_yaml::from_str(&lines.collect::<Vec<_>>().join("\n")).ok()
            }
            Self::Resource => {
                let parts = text.split("---\n").map(|part| serde_yaml::from_str(part).ok());
                parts.collect::<Option<Vec<Value>>>().map(Value::Array)
            }
            _ => serde_yaml::from_str(text).ok(),
        }
    }

    /// What a line of a cure says to set, if it is one in the words of this form.
    pub(super) fn change(self, line: &str, route: usize, version: PomeriumVersion) -> Option<Change> {
        let line = line.trim();
        if ["<", "…", "‹", "THE ", "\"value\""].iter().any(|open| line.contains(open)) {
            return None;
        }
        let (path, value) = match self {
            Self::Yaml | Self::ConfigMap | Self::Secret => {
                option(only(serde_yaml::from_str(line).ok()?)?, route, version)?
            }
            Self::Json => option(only(serde_json::from_str(&format!("{{{line}}}")).ok()?)?, route, version)?,
            Self::Toml => option(only(toml::from_str(line).ok()?)?, route, version)?,
            Self::Environment | Self::ComposeList => {
                let (name, value) = line.split_once('=').filter(|(name, _)| is_variable(name))?;
                (vec![name.to_owned()], json!(value))
            }
            Self::ComposeMap => {
                let (name, value) = only(serde_yaml::from_str(line).ok()?).filter(|(name, _)| is_variable(name))?;
                (vec![name], json!(text_of(&value)))
            }
            Self::Container => {
                let listed: Value = serde_yaml::from_str(line).ok()?;
                (vec![listed[0]["name"].as_str()?.to_owned()], listed[0]["value"].clone())
            }
            Self::OwnChart => {
                let (name, value) = only(serde_yaml::from_str(line).ok()?)?;
                // The template of a client has keys in camel case, too.
                let is_option = option_names(PomeriumVersion::NEWEST)
                    .any(|option| key(Dialect::Camel, option).is_some_and(|(_, camel)| camel == name));
                if !is_option {
                    return None;
                }
                (vec!["config".to_owned(), name], value)
            }
            Self::Chart | Self::Resource => {
                let (setting, place) = line.split_once("   # ").unwrap_or((line, ""));
                let (name, value) = only(serde_yaml::from_str(setting).ok()?)?;
                let mut path = self.place(place, &name, route)?;
                path.push(name);
                (path, value)
            }
        };
        let outer: &[&str] = match self {
            Self::ComposeMap | Self::ComposeList => &["services", "pomerium", "environment"],
            Self::Container => &["spec", "template", "spec", "containers", "0", "env"],
            _ => &[],
        };
        Some((outer.iter().map(|step| (*step).to_owned()).chain(path).collect(), value))
    }

    /// Where a key is that stands below another.
    fn place(self, words: &str, name: &str, route: usize) -> Option<Vec<String>> {
        let route_fields = || route_field_names(PomeriumVersion::NEWEST).any(|field| field == name);
        let route = |before: usize| (before + route).to_string();
        let path: Vec<String> = match (self, words.strip_prefix("below ")) {
            (Self::Chart, Some(below)) => below.split('.').map(str::to_owned).collect(),
            (Self::Chart, None) if route_fields() => vec!["config".into(), "routes".into(), route(0)],
            (_, Some("spec")) => vec!["0".into(), "spec".into()],
            (_, Some(below)) => vec!["0".into(), "spec".into(), below.to_owned()],
            (_, None) if name.starts_with("ingress.pomerium.io/") => {
                vec![route(3), "metadata".into(), "annotations".into()]
            }
            (_, None) if words.contains("identityProvider.secret") => vec!["1".into(), "stringData".into()],
            (_, None) if words.contains("spec.secrets") => vec!["2".into(), "data".into()],
            _ => return None,
        };
        Some(path)
    }

    /// It is a line in the words of a configuration file in YAML, and this form has others.
    pub(super) fn is_foreign(self, line: &str) -> bool {
        let has_others = !matches!(self, Self::Yaml | Self::ConfigMap | Self::Secret);
        let is_prose = |line: &str| line.contains(' ') && !line.trim_end_matches(':').contains([':', '=', '{']);
        let words = || line.split(|letter: char| !(letter.is_ascii_alphanumeric() || "_-./<>".contains(letter)));
        let is_option =
            |word: &str| word.contains('_') && option_names(PomeriumVersion::NEWEST).any(|option| option == word);
        // A chart has a place for options under their own names.
        let has_own_names = !has_others || matches!(self, Self::Json | Self::Toml | Self::Chart | Self::OwnChart);
        if !has_own_names && is_prose(line) && !line.contains(" in the Secret ") && words().any(is_option) {
            return true;
        }
        let Some((name, _)) = line.trim().split_once(": ").filter(|_| has_others && !line.contains("   # ")) else {
            return false;
        };
        // Everywhere else routes are written in YAML, in a variable too.
        let has_other_fields = matches!(self, Self::Json | Self::Toml | Self::Resource);
        let is_field = route_field_names(PomeriumVersion::NEWEST).any(|field| field == name);
        if is_field { has_other_fields } else { option_names(PomeriumVersion::NEWEST).any(|option| option == name) }
    }
}

/// An option, or a field of the route.
fn option((name, value): (String, Value), route: usize, version: PomeriumVersion) -> Option<Change> {
    if option_names(version).any(|option| option == name) {
        return Some((vec![name], value));
    }
    let is_field = route_field_names(version).any(|field| field == name);
    is_field.then(|| (vec!["routes".to_owned(), route.to_string(), name], value))
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit())
}

/// The only key of a mapping, and its value.
fn only(value: Value) -> Option<(String, Value)> {
    let Value::Object(map) = value else { return None };
    let mut entries = map.into_iter();
    entries.next().filter(|_| entries.next().is_none())
}

/// Writes a change into a document. Variables may be a list.
pub(super) fn set(document: &mut Value, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        *document = value;
        return;
    };
    match (document, first.parse::<usize>()) {
        (Value::Array(items), Ok(index)) if index < items.len() => set(&mut items[index], rest, value),
        (Value::Array(items), _) => {
            let is_text = !items.first().is_some_and(Value::is_object);
            let start = format!("{first}=");
            items.retain(|item| !item.as_str().is_some_and(|text| text.starts_with(&start)) && item["name"] != **first);
            let text = text_of(&value);
            items.push(if is_text { json!(format!("{start}{text}")) } else { json!({"name": first, "value": text}) });
        }
        (other, _) => {
            if !other.is_object() {
                *other = json!({});
            }
            set(&mut other[first.as_str()], rest, value);
        }
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            items.iter().map(text_of).collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    }
}

/// Options as variables, routes as what `ROUTES` takes them for; nothing if a text is not itself in a line.
fn variables(options: &Options) -> Option<Options> {
    use base64::Engine;
    let variable = |(name, value): (&String, &Value)| {
        let text = match (name.as_str(), value) {
            (_, Value::Null) => return None,
            ("routes" | "policy", value) => base64::engine::general_purpose::STANDARD.encode(value.to_string()),
            (_, value) => text_of(value),
        };
        let is_itself = !text.contains(['\n', '\r', '$', '#', '\\', '\'']) && text.trim() == text;
        is_itself.then(|| (name.to_ascii_uppercase(), json!(text)))
    };
    options.iter().map(variable).collect()
}

fn lines_of(variables: &Value) -> String {
    let variables = variables.as_object().into_iter().flatten();
    variables.map(|(name, value)| format!("{name}={}\n", text_of(value))).collect()
}

fn compose(environment: &Value, version: PomeriumVersion) -> Value {
    json!({"services": {"pomerium": {"image": format!("pomerium/pomerium:{version}"), "environment": environment}}})
}

fn container(env: &Value, version: PomeriumVersion) -> Value {
    let container = json!({"name": "pomerium", "image": format!("pomerium/pomerium:{version}"), "env": env});
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "pomerium", "namespace": "pomerium"},
        "spec": {"template": {"spec": {"containers": [container]}}}})
}

/// The name of an option, and what it stands in.
fn key(dialect: Dialect, option: &str) -> Option<(&'static str, String)> {
    dialect.name(option).map(|name| (name.inside, name.key))
}

fn chart(options: &Options, version: PomeriumVersion) -> Option<Value> {
    let mut values = json!({"authenticate": {"idp": {}}, "config": {"rootDomain": "corp.example.com"},
        "image": {"tag": version.to_string()}});
    for (option, value) in options {
        let (inside, key) = match option.as_str() {
            "routes" | "policy" => ("below config", option.clone()),
            option => key(Dialect::Chart, option)?,
        };
        let path = inside.strip_prefix("below ")?.split('.').map(str::to_owned).chain([key]);
        set(&mut values, &path.collect::<Vec<_>>(), value.clone());
    }
    Some(values)
}

fn resource(options: &Options) -> Option<Value> {
    let head = |kind: &str, name: &str| {
        json!({"apiVersion": if kind == "Pomerium" { "ingress.pomerium.io/v1" } else { "v1" },
        "kind": kind, "metadata": {"name": name, "namespace": "pomerium"}})
    };
    let mut documents = vec![head("Pomerium", "global"), head("Secret", "idp"), head("Secret", "bootstrap")];
    documents[0]["spec"] = json!({"secrets": "pomerium/bootstrap", "identityProvider": {"secret": "pomerium/idp"}});
    let mut all = Value::Array(documents);
    for (option, value) in options.iter().filter(|(option, _)| *option != "routes") {
        let (inside, key) = key(Dialect::Resource, option).filter(|_| option != "idp_client_secret_file")?;
        let mut path = Form::Resource.place(inside, &key, 0)?;
        let value = if path[0] == "0" { value.clone() } else { json!(text_of(value)) };
        path.push(key);
        set(&mut all, &path, value);
    }
    let routes = options.get("routes").and_then(Value::as_array).cloned().unwrap_or_default();
    for route in &routes {
        let mut ingress = json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
            "metadata": {"name": "app", "namespace": "pomerium", "annotations": {}}});
        let host = route["from"].as_str()?.strip_prefix("https://")?;
        let backend = json!({"service": {"name": "app", "port": {"number": 80}}});
        ingress["spec"] = json!({"ingressClassName": "pomerium",
            "rules": [{"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]});
        for (field, value) in route.as_object()?.iter().filter(|(field, _)| !["from", "to"].contains(&field.as_str())) {
            if field.starts_with("idp_") {
                return None;
            }
            let text = if value.is_object() || value.is_array() { value.to_string() } else { text_of(value) };
            ingress["metadata"]["annotations"][format!("ingress.pomerium.io/{field}")] = json!(text);
        }
        all.as_array_mut()?.push(ingress);
    }
    Some(all)
}

fn mounted(kind: &str, field: &str, text: &str) -> String {
    let lines: String = text.lines().map(|line| format!("    {line}\n")).collect();
    let volume = if kind == "Secret" { "secret: { secretName: c }" } else { "configMap: { name: c }" };
    format!(
        "apiVersion: v1\nkind: {kind}\nmetadata: {{ name: c, namespace: pomerium }}\n{field}:\n  config.yaml: |\n{lines}---\n\
         apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: pomerium, namespace: pomerium }}\nspec:\n  template:\n    \
         spec:\n      containers:\n        - name: pomerium\n          image: pomerium/pomerium\n          \
         args: [-config=/pomerium/config.yaml]\n          volumeMounts: [{{ name: c, mountPath: /pomerium }}]\n      \
         volumes: [{{ name: c, {volume} }}]\n"
    )
}

fn yaml(document: &Value) -> String {
    let one = |document: &Value| serde_yaml::to_string(document).unwrap();
    match document {
        Value::Array(all) => all.iter().map(one).collect::<Vec<_>>().join("---\n"),
        only => one(only),
    }
}

/// A key a line; what is below one stands on its line.
fn toml_of(document: &Value) -> String {
    fn inline(value: &Value) -> String {
        match value {
            Value::Object(map) => {
                let entries = map.iter().map(|(name, value)| format!("{} = {}", json!(name), inline(value)));
                format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
            }
            Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
            other => other.to_string(),
        }
    }
    let lines = document.as_object().into_iter().flatten();
    lines.filter(|(_, value)| !value.is_null()).map(|(name, value)| format!("{name} = {}\n", inline(value))).collect()
}

/// Of a list that a line was taken out of.
fn without_last_commas(text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for at in 1..lines.len() {
        if lines[at].trim_start().starts_with(['}', ']']) && lines[at - 1].ends_with(',') {
            lines[at - 1].pop();
        }
    }
    lines.join("\n")
}
