//! What Pomerium will make of a configuration, without asking anyone.

mod document;

use serde_json::{Map, Value};

use super::pretty::pretty;
use super::{View, text};
use crate::config::{Config, Hosting, Login, Route, Setting, Settings, compiled_policy};
use crate::secret::Scrubber;

pub(super) use document::Document;
use document::Used;

/// The JSON Schema of the `show` object.
pub const SCHEMA: &str = include_str!("show/schema.json");

/// The `show` object as JSON; the scrubber knows the secrets of all configurations that were read.
pub fn show_json(config: &Config, scrubber: &Scrubber) -> String {
    pretty(&document(config, scrubber))
}

/// The `show` object for people: one line for each thing Pomerium will use or complain about.
pub fn show(config: &Config, view: &View, scrubber: &Scrubber) -> String {
    let clean = |words: &str| text::escape(words);
    let fields = match serde_json::to_value(document(config, scrubber)) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
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

/// The members; secrets are removed from what they hold.
fn document(config: &Config, scrubber: &Scrubber) -> Document {
    let reading = &config.reading;
    let as_file = reading.refused_as_file.as_deref();
    let refusal = as_file.or(reading.refusal.as_ref().map(|refusal| refusal.words.as_str()));
    let load = refusal.or(reading.syntax_error.as_ref().map(|error| error.words.as_str())).unwrap_or("ok");
    let unknown = reading.unknown_keys.iter().filter(|_| reading.logs_unknown_keys());
    Document {
        load: scrubber.clean(load),
        used: config.settings.as_ref().map(|settings| used(settings, config, scrubber)),
        unknown_keys: unknown.map(|key| scrubber.clean(&key.path)).collect(),
        start_errors: reading.start_errors.iter().map(|error| scrubber.clean(&error.words)).collect(),
        given: config.given_names().into_iter().map(|name| scrubber.clean(name)).collect(),
    }
}

fn used(settings: &Settings, config: &Config, scrubber: &Scrubber) -> Used {
    let mut login = Login::of(settings, config.version);
    let text = |setting: &Option<Setting<String>>| setting.as_ref().map_or("", |setting| &setting.value).to_owned();
    let client_id = text(&settings.idp_client_id);
    let mut parameters = login.authorize_parameters(&client_id);
    // Of what runs nothing is shown that nobody has seen; Pomerium's hosted service is asked nothing.
    if config.form.is_running() && settings.idp_client_id.is_none() {
        parameters.clear();
        login.scope.clear();
    }
    let parameters = parameters.into_iter();
    let route = |route: &Route| document::Route {
        from: route.from.as_ref().map(|from| scrubber.clean(&from.value)),
        ppl: scrubber.cleaned(compiled_policy(&route.policies)),
    };
    Used {
        redirect_uri: scrubber.clean(&login.redirect_uri),
        hosted: login.hosting == Hosting::Hosted,
        idp_provider: scrubber.clean(&text(&settings.idp_provider)),
        idp_provider_url: scrubber.clean(&text(&settings.idp_provider_url)),
        idp_client_id: scrubber.clean(&client_id),
        scope: scrubber.clean(&login.scope),
        authorize_parameters: scrubber.cleaned(parameters.map(|(name, value)| (name, value.into())).collect()),
        sign_out: login.sign_out_uri.as_deref().map(|url| scrubber.clean(url)),
        routes: settings.routes.iter().map(route).collect(),
    }
}
