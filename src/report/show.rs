//! What Pomerium will make of a configuration, without asking anyone.

use serde_json::{Map, Value, json};

use super::{View, text};
use crate::config::{Config, Hosting, Login, Setting, compiled_policy};
use crate::secret::{Scrub, Scrubber};

/// The `show` object as JSON; the scrubber knows the secrets of all configurations that were read.
pub fn show_json(config: &Config, scrubber: &Scrubber) -> String {
    super::pretty::pretty(&Value::Object(object(config, scrubber)))
}

/// The `show` object for people: one line for each thing Pomerium will use or complain about.
pub fn show(config: &Config, view: &View, scrubber: &Scrubber) -> String {
    let clean = |words: &str| text::escape(words);
    let fields = object(config, scrubber);
    let label = fields.keys().map(String::len).max().unwrap_or(0) + 2;
    let mut lines = Vec::new();
    for (name, value) in &fields {
        let values = match (name.as_str(), value) {
            ("routes", Value::Array(routes)) => routes.iter().flat_map(|route| route_lines(route, &clean)).collect(),
            (_, Value::Object(parameters)) => {
                parameters.iter().map(|(name, value)| clean(&format!("{name} = {}", plain(value)))).collect()
            }
            (_, Value::Array(values)) => values.iter().map(|value| clean(&plain(value))).collect(),
            ("load", value) => text::wrap(&clean(&plain(value)), view.width.saturating_sub(label).max(20)),
            (_, value) => vec![clean(&plain(value))],
        };
        let none = vec!["–".to_owned()];
        let values = if values.iter().all(String::is_empty) { none } else { values };
        for (index, value) in values.iter().enumerate() {
            lines.push(format!("{:<label$}{value}", if index == 0 { name } else { "" }));
        }
    }
    lines.into_iter().map(|line| text::inert(line) + "\n").collect()
}

/// A route and each policy it compiles to.
fn route_lines(route: &Value, clean: &impl Fn(&str) -> String) -> Vec<String> {
    let from = route.get("from").map(plain).unwrap_or_default();
    let mut lines = vec![clean(if from.is_empty() { "(no from)" } else { &from })];
    let policy = route.get("ppl").filter(|policy| !policy.is_null());
    lines.extend(policy.map(|policy| format!("  {}", clean(&policy.to_string()))));
    lines
}

/// A value without the quotes of JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

/// The members, in their order. Their names are a contract; secrets are removed from what they hold.
fn object(config: &Config, scrubber: &Scrubber) -> Map<String, Value> {
    let reading = &config.reading;
    let as_file = reading.refused_as_file.as_deref();
    let refusal = as_file.or(reading.refusal.as_ref().map(|refusal| refusal.words.as_str()));
    let load = refusal.or(reading.syntax_error.as_ref().map(|error| error.words.as_str())).unwrap_or("ok");
    let mut fields = Map::new();
    fields.insert("load".to_owned(), load.into());
    if let Some(settings) = &config.settings {
        let login = Login::of(settings, config.version);
        let text = |setting: &Option<Setting<String>>| setting.as_ref().map_or("", |setting| &setting.value).to_owned();
        let client_id = text(&settings.idp_client_id);
        let parameters: Map<String, Value> =
            login.authorize_parameters(&client_id).into_iter().map(|(name, value)| (name, value.into())).collect();
        let routes = settings
            .routes
            .iter()
            .map(|route| json!({"from": route.from.as_ref().map(|from| &from.value), "ppl": compiled_policy(&route.policies)}));
        let own = json!({
            "redirect_uri": login.redirect_uri,
            "hosted": login.hosting == Hosting::Hosted,
            "idp_provider": text(&settings.idp_provider),
            "idp_provider_url": text(&settings.idp_provider_url),
            "idp_client_id": client_id,
            "scope": login.scope,
            "authorize_parameters": parameters,
            "sign_out": login.sign_out_uri,
            "routes": routes.collect::<Vec<_>>(),
        });
        if let Value::Object(own) = own {
            fields.extend(own);
        }
    }
    let unknown =
        reading.unknown_keys.iter().filter(|_| reading.logs_unknown_keys()).map(|key| Value::from(key.path.as_str()));
    fields.insert("unknown_keys".to_owned(), unknown.collect());
    let errors = reading.start_errors.iter().map(|error| Value::from(error.words.as_str()));
    fields.insert("start_errors".to_owned(), errors.collect());
    let given = config.given_names();
    if !given.is_empty() {
        fields.insert("given".to_owned(), given.into());
    }
    fields.values_mut().for_each(|value| value.scrub(scrubber));
    fields
}
