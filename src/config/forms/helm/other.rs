//! Charts that people write for themselves: recognised by Pomerium's variables, its options in camel case, or a configuration
//! file among the values.

use super::Reader;
use crate::config::forms::{Deployment, Layer};
use crate::config::releases::Dialect;
use crate::config::releases::options::OPTIONS;
use crate::config::settings::Replicas;
use crate::config::text::{ConfigText, Entry, Node, Value, Variable};

/// Values that only a Pomerium can use.
pub(super) fn is_other(values: &Node) -> bool {
    environment(values).is_some()
        || options_in(values).is_some()
        || config_file(values).is_some()
        || values.get(ZERO_TOKEN).is_some()
}

pub(super) fn read(reader: &Reader<'_>) -> Option<Deployment> {
    if !is_other(reader.values) {
        return None;
    }
    let mut variables: Vec<Variable> =
        environment(reader.values).map(|node| reader.variables(node)).unwrap_or_default();
    if let Some(entry) = reader.values.entries().iter().find(|entry| entry.key == ZERO_TOKEN)
        && let Some(variable) = reader.variable("POMERIUM_ZERO_TOKEN", entry.key_span, &entry.value)
    {
        variables.push(variable);
    }
    let mut options = options_in(reader.values).unwrap_or_default();
    for key in ["policy", "routes"] {
        let written = reader.values.entries().iter().find(|entry| entry.key == key);
        if let Some(entry) = written.filter(|entry| !entry.value.elements().is_empty()) {
            options.retain(|option| option.key != key);
            options.push(entry.clone());
        }
    }
    let file = config_file(reader.values).and_then(|entry| match &entry.value.value {
        Value::Text(text) => {
            let place = super::place_of(&entry.value, text, reader.sources);
            Some(ConfigText { name: entry.key.clone(), text: text.as_str().into(), place, problem: None })
        }
        _ => None,
    });
    let dialect =
        if options.iter().any(|option| option.key.starts_with("idp_")) { Dialect::Camel } else { Dialect::Own };
    let root = Node { value: Value::Map(options), span: reader.values.span };
    let mut deployment = reader.deployment(root, variables);
    deployment.reading.dialect = dialect;
    let mut counts =
        reader.values.entries().iter().filter(|entry| ["replicaCount", "replicas"].contains(&entry.key.as_str()));
    deployment.reading.replicas = counts.find_map(|entry| Replicas::of(&entry.key, &entry.value));
    if let Some(file) = file {
        deployment.layers.retain(|layer| matches!(layer, Layer::Environment(_)));
        deployment.layers.insert(0, Layer::File(file));
    }
    deployment.reading.incomplete.push("the templates of the chart".to_owned());
    let tag = reader.text(&["image", "tag"]).map(|tag| tag.strip_prefix('v').unwrap_or(tag));
    let is_pomerium = reader.text(&["image", "repository"]).is_some_and(|name| name.ends_with("/pomerium"));
    deployment.version = tag.filter(|tag| is_pomerium && tag.split('.').count() == 3).and_then(|tag| tag.parse().ok());
    Some(deployment)
}

/// The key of the chart for Pomerium Zero (`zero/helm/values.yaml` in pomerium/install).
const ZERO_TOKEN: &str = "pomeriumZeroToken";

/// How many levels of a chart's values are searched: `controllers.main.containers.main.env` is the deepest in use.
const DEEPEST: usize = 6;

/// The environment with two of Pomerium's own variables in it.
fn environment(values: &Node) -> Option<&Node> {
    find(values, DEEPEST, &|key, node| {
        let names: Vec<&str> = match &node.value {
            Value::Map(entries) => entries.iter().map(|entry| entry.key.as_str()).collect(),
            Value::List(elements) => elements
                .iter()
                .filter_map(|element| match &element.get("name")?.value {
                    Value::Text(name) => Some(name.as_str()),
                    _ => None,
                })
                .collect(),
            _ => return false,
        };
        let is_telling = |name: &&&str| name.starts_with("IDP_") || **name == "AUTHENTICATE_SERVICE_URL";
        key.to_ascii_lowercase().contains("env") && names.iter().filter(is_telling).count() > 1
    })
    .map(|entry| &entry.value)
}

/// A configuration file among the values.
fn config_file(values: &Node) -> Option<&Entry> {
    find(values, DEEPEST, &|key, node| match &node.value {
        Value::Text(text) => {
            let is_file = [".yaml", ".yml", ".json"].iter().any(|ending| key.ends_with(ending));
            is_file && crate::config::forms::telling::sets_an_option(text)
        }
        _ => false,
    })
}

fn find<'n>(node: &'n Node, depth: usize, is: &dyn Fn(&str, &Node) -> bool) -> Option<&'n Entry> {
    if depth == 0 {
        return None;
    }
    let entries = node.entries();
    let here = entries.iter().find(|entry| is(&entry.key, &entry.value));
    here.or_else(|| entries.iter().find_map(|entry| find(&entry.value, depth - 1, is)))
}

/// Options written in camel case, on the top level or below `config` or `pomerium`, if they cannot be anything else.
/// Those in the option's own spelling are a configuration file's.
fn options_in(values: &Node) -> Option<Vec<Entry>> {
    let places = std::iter::once(values).chain(["config", "pomerium"].iter().filter_map(|key| values.get(key)));
    places.map(camel_options).find(|options| {
        let is_telling = |option: &&Entry| option.key.starts_with("idp_") || option.key == "authenticate_service_url";
        options.iter().filter(is_telling).count() > 1
    })
}

fn is_camel(key: &str) -> bool {
    key.bytes().any(|byte| byte.is_ascii_uppercase()) && !key.contains('_')
}

/// Options whose value is empty are left to their defaults by every template that people write.
fn camel_options(node: &Node) -> Vec<Entry> {
    let option = |entry: &Entry| {
        let key = snake(&entry.key);
        let is_plain = ["routes", "policy"].contains(&entry.key.as_str());
        let is_known = (is_camel(&entry.key) || is_plain) && OPTIONS.field(&key).is_some_and(|field| field.name == key);
        is_known.then(|| Entry { key, ..entry.clone() })
    };
    node.entries().iter().filter_map(option).filter(|entry| entry.value.value != Value::Text(String::new())).collect()
}

/// `idpClientId` and `idpClientID` are `idp_client_id`.
pub(in crate::config) fn snake(camel: &str) -> String {
    let mut snake = String::with_capacity(camel.len() + 4);
    let mut after_capital = true;
    for character in camel.chars() {
        let is_capital = character.is_ascii_uppercase();
        if is_capital && !after_capital {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
        after_capital = is_capital || character == '_';
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::snake;

    #[test]
    fn camel_case_becomes_the_options_name() {
        for (camel, option) in [
            ("idpClientId", "idp_client_id"),
            ("idpClientID", "idp_client_id"),
            ("idpProviderURL", "idp_provider_url"),
            ("authenticateServiceUrl", "authenticate_service_url"),
            ("cookie_secret", "cookie_secret"),
        ] {
            assert_eq!(snake(camel), option);
        }
    }
}
