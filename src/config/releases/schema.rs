//! Pomerium's configuration as a JSON Schema (draft-07), for editors and for whoever checks a file without this program.
//!
//! It says what people should write, and not all that Pomerium's weak decoder takes: no number for a text, no `null` for a flag.
//! There is no `anyOf` around objects: a keyword applies to its own type alone, and so an error names the very key. A schema cannot
//! say that keys are the same in any letter case: here they are in lower case.

use serde_json::{Map, Value, json};

use super::about::{self, IGNORES, REFUSED, REFUSED_IN_ROUTES, SET_RESPONSE_HEADERS};
use super::criteria;
use super::options::{self, Field, OPTIONS, Object, RETIRED, ROUTE, Retired, Type, cluster_fields, runtime_flags};
use super::providers::providers;
use super::version::PomeriumVersion;

/// Go's durations (`time.ParseDuration`).
const DURATION: &str = r"^[-+]?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$";

/// The schema of a release, with a line end.
pub fn schema(version: PomeriumVersion) -> String {
    let mut options = object(&OPTIONS, "", version);
    let properties = &mut options["properties"];
    let text = json!(["string", "number", "boolean", "null"]);
    properties["set_response_headers"] = json!({
        "description": SET_RESPONSE_HEADERS,
        "type": ["object", "null"],
        "additionalProperties": {"type": text},
    });
    properties["pomerium_zero_token"] = json!({
        "description": "The token of Pomerium Zero: with it, Pomerium takes its configuration from there and not from this file.\n\ntext · environment `POMERIUM_ZERO_TOKEN` · a secret",
        "type": "string",
    });
    // What viper takes for a path: `downstream_mtls.enforcement`.
    for field in OPTIONS.fields_of(version) {
        for below in field.kind.inner().object().into_iter().flat_map(|object| object.fields_of(version)) {
            let path = format!("{}.{}", field.name, below.name);
            properties[path] = json!({"doNotSuggest": true});
        }
    }
    // Below a mapping of any keys, any path may be one: `jwt_claims_headers.X-Email`.
    let is_free = |field: &&Field| {
        matches!(field.kind.inner(), Type::Map(..) | Type::Claims | Type::ClaimHeaders) || field.name == "runtime_flags"
    };
    let free: Vec<_> = OPTIONS.fields_of(version).filter(is_free).map(|field| field.name).collect();
    options["patternProperties"] = json!({format!(r"^(set_response_headers|{})\.", free.join("|")): {}});
    let mut route = object(&ROUTE, "routes.", version);
    for name in cluster_fields(version) {
        let known = &mut route["properties"][name];
        *known = if known.is_null() {
            json!({"description": "Envoy's own, which this release hands on to it."})
        } else {
            json!({"description": known["description"]})
        };
    }
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": format!("Pomerium {version}"),
        "description": "What Pomerium's configuration file may hold, with every key in lower case. Pomerium only logs a key that it does not know; whether a login will work, `pomlint check` says.",
    });
    for (name, value) in take(options) {
        schema[name] = value;
    }
    schema["definitions"] =
        json!({"route": route, "rule": rule(), "criteria": criterion_list(version), "text": {"type": "string"}});
    format!("{schema:#}\n")
}

fn take(value: Value) -> Map<String, Value> {
    if let Value::Object(members) = value { members } else { Map::new() }
}

/// The object whose fields stand behind this prefix.
fn object(object: &'static Object, prefix: &str, version: PomeriumVersion) -> Value {
    let mut properties = Map::new();
    for field in object.fields_of(version) {
        properties.insert(field.name.to_owned(), property(field, prefix, version));
    }
    let retired = RETIRED.iter().filter_map(|retired| Some((own_name(retired, prefix)?, retired)));
    for (name, retired) in retired.filter(|(_, retired)| version >= retired.first) {
        let property = if version >= retired.removed_in {
            let is_of_routes = retired.path.starts_with("routes.");
            let gone = about::gone(
                retired,
                match retired.stops_start() {
                    true if is_of_routes => REFUSED_IN_ROUTES,
                    true => REFUSED,
                    false => IGNORES,
                },
            );
            let mut property =
                json!({"description": gone, "deprecated": true, "deprecationMessage": gone, "doNotSuggest": true});
            if retired.stops_start() && !is_of_routes {
                property["not"] = json!({});
            }
            property
        } else {
            json!({"description": format!("Of releases before {} alone.", retired.removed_in)})
        };
        properties.insert(name.to_owned(), property);
    }
    json!({"type": ["object", "null"], "properties": properties, "additionalProperties": false})
}

/// The fields that a route must not have, or Pomerium does not start.
fn refused(version: PomeriumVersion) -> Value {
    let refused = RETIRED.iter().filter(|retired| retired.stops_start() && version >= retired.removed_in);
    let names = refused.filter_map(|retired| own_name(retired, "routes."));
    let properties: Map<_, _> = names.map(|name| (name.to_owned(), json!({"not": {}, "doNotSuggest": true}))).collect();
    json!({"properties": properties})
}

/// The name of a dropped key in the object behind a prefix.
fn own_name(retired: &Retired, prefix: &str) -> Option<&'static str> {
    let name = retired.path.strip_prefix(prefix)?;
    (prefix == "routes." || prefix.is_empty()).then_some(name).filter(|name| !name.contains('.'))
}

fn property(field: &'static Field, prefix: &str, version: PomeriumVersion) -> Value {
    let environment = options::variable_of(&format!("{prefix}{}", field.name));
    let mut property = Map::new();
    property.insert("description".to_owned(), about::told(field, environment, version).into());
    property.extend(take(shape(&field.kind, &format!("{prefix}{}.", field.name), version)));
    match field.name {
        "idp_provider" => {
            property.insert("enum".to_owned(), providers(version).collect());
        }
        "databroker_storage_type" => {
            property.insert("enum".to_owned(), storage_types(version).collect());
        }
        "runtime_flags" => {
            let flags = runtime_flags(version).map(|flag| (flag.to_owned(), json!({"type": "boolean"})));
            property.insert("properties".to_owned(), Value::Object(flags.collect()));
        }
        // Pomerium starts with none (`config.Options.Validate`).
        "policy_file" => property.extend(take(json!({"not": {}, "deprecated": true, "doNotSuggest": true}))),
        _ => {
            let words = field.words_of(version);
            if !words.is_empty() {
                property.insert("enum".to_owned(), words.iter().copied().collect());
            }
        }
    }
    if let Some(default) = field.default_of(version) {
        property.insert("default".to_owned(), default_of(field, default));
    }
    Value::Object(property)
}

/// Where a release can keep sessions (`Validate` in `config/options.go`, later `config/options_databroker.go`, by tag).
pub(in crate::config) fn storage_types(version: PomeriumVersion) -> impl Iterator<Item = &'static str> {
    let redis = (version < PomeriumVersion(0, 24, 0)).then_some("redis");
    let file = (version >= PomeriumVersion(0, 31, 0)).then_some("file");
    ["memory", "postgres"].into_iter().chain(file).chain(redis)
}

/// A default in the type of its field.
fn default_of(field: &Field, default: &str) -> Value {
    match field.kind.inner() {
        Type::Flag => (default == "true").into(),
        Type::Uint(..) => default.parse::<u64>().map_or(Value::Null, Value::from),
        Type::List(_) => default.split(',').collect(),
        _ => default.into(),
    }
}

/// What a value must look like.
fn shape(kind: &'static Type, prefix: &str, version: PomeriumVersion) -> Value {
    match kind {
        Type::Nullable(inner) => shape(inner, prefix, version),
        Type::Text(_) | Type::JsonText | Type::Interface(_) => json!({"type": "string"}),
        Type::Flag | Type::JsonFlag => json!({"type": "boolean"}),
        Type::Int(..) | Type::JsonInt => json!({"type": "integer"}),
        Type::Uint(..) | Type::JsonUint => json!({"type": "integer", "minimum": 0}),
        Type::Number => json!({"type": "number"}),
        // As a number it counts nanoseconds, which nobody means but for none.
        Type::Duration => json!({"type": ["string", "integer"], "pattern": DURATION, "minimum": 0, "maximum": 0}),
        Type::OtelDuration => json!({"type": ["integer", "string"], "pattern": "^-?[0-9]+$"}),
        // In capitals, too, as Pomerium's own pages write some (`decodeEnumHookFunc` in `config/custom.go`).
        Type::Enum(enumeration) => {
            let words = enumeration.words(version);
            let in_capitals = words.iter().map(|word| word.to_ascii_uppercase());
            json!({"type": "string", "enum": words.iter().cloned().chain(in_capitals).collect::<Vec<_>>()})
        }
        // One text by itself is a list of what stands between its commas.
        Type::List(Type::Text(_)) => {
            json!({"type": ["array", "string", "null"], "items": {"type": "string"}})
        }
        Type::List(Type::Object(inner)) if std::ptr::eq(*inner, &raw const ROUTE) => {
            let route = json!({"$ref": "#/definitions/route"});
            // Under its old name, `policy`, nothing of the list stops Pomerium.
            let item = if prefix == "routes." { json!({"allOf": [route, refused(version)]}) } else { route };
            json!({"type": ["array", "null"], "items": item})
        }
        Type::List(inner) => json!({"type": ["array", "null"], "items": shape(inner, prefix, version)}),
        Type::Map(_, Type::Text(_)) => {
            json!({"type": ["object", "null"], "additionalProperties": {"type": ["string", "number"]}})
        }
        Type::Map(_, inner) => {
            json!({"type": ["object", "null"], "additionalProperties": shape(inner, prefix, version)})
        }
        Type::Object(inner) => object(inner, prefix, version),
        Type::Claims => json!({"type": ["object", "null"]}),
        Type::ClaimHeaders => {
            let text = json!({"type": "string"});
            json!({"type": ["object", "array", "string", "null"], "additionalProperties": text, "items": text})
        }
        Type::Ppl => {
            let rule = rule();
            json!({
                "type": ["array", "object", "null"],
                "items": {"$ref": "#/definitions/rule"},
                "properties": rule["properties"],
                "additionalProperties": false,
            })
        }
        Type::SanMatcher => {
            let kinds = ["dns", "email", "ip_address", "uri", "user_principal_name"];
            let properties: Map<_, _> =
                kinds.map(|kind| (kind.to_owned(), json!({"type": "string"}))).into_iter().collect();
            json!({
                "type": "object", "properties": properties, "additionalProperties": false,
                "minProperties": 1, "maxProperties": 1,
            })
        }
        Type::Targets => json!({"type": ["string", "array"], "items": {"type": "string"}}),
        Type::Any | Type::Unchecked | Type::Message(_) => json!({}),
    }
}

/// A rule of a policy.
fn rule() -> Value {
    let action = |about: &str| {
        let criteria = json!({"$ref": "#/definitions/criteria"});
        json!({
            "description": about,
            "type": "object",
            "properties": {"and": criteria, "or": criteria, "not": criteria, "nor": criteria, "action": {}},
            "additionalProperties": false,
        })
    };
    json!({
        "type": "object",
        "properties": {"allow": action("Whom to let in."), "deny": action("Whom to keep out, whoever else lets them in.")},
        "additionalProperties": false,
    })
}

/// A list of criteria.
fn criterion_list(version: PomeriumVersion) -> Value {
    let known = || criteria::criteria(version);
    let properties: Map<_, _> =
        known().map(|criterion| (criterion.name.to_owned(), json!({"description": criterion.about}))).collect();
    let names: Vec<&str> = known().map(|criterion| criterion.name).collect();
    json!({
        "type": "array",
        "items": {
            "type": "object",
            "properties": properties,
            "patternProperties": {format!("^({})/", names.join("|")): {}},
            "additionalProperties": false,
            "minProperties": 1,
            "maxProperties": 1,
        },
    })
}
