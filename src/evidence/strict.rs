//! The discovery document, as a strict OpenID Connect client reads it.

use openidconnect::core::CoreProviderMetadata;
use serde_json::Value;
use url::Url;

use super::StrictMetadata;
use super::unclear::excerpt;

/// What a member must be.
#[derive(Clone, Copy)]
enum Kind {
    Url,
    Texts,
}

/// What the client refuses to do without (OpenID Connect Discovery 1.0 §3).
const REQUIRED: [(&str, Kind); 6] = [
    ("issuer", Kind::Url),
    ("authorization_endpoint", Kind::Url),
    ("jwks_uri", Kind::Url),
    ("response_types_supported", Kind::Texts),
    ("subject_types_supported", Kind::Texts),
    ("id_token_signing_alg_values_supported", Kind::Texts),
];

/// What it reads if it is there.
const OPTIONAL: [(&str, Kind); 8] = [
    ("token_endpoint", Kind::Url),
    ("userinfo_endpoint", Kind::Url),
    ("registration_endpoint", Kind::Url),
    ("scopes_supported", Kind::Texts),
    ("response_modes_supported", Kind::Texts),
    ("grant_types_supported", Kind::Texts),
    ("token_endpoint_auth_methods_supported", Kind::Texts),
    ("claims_supported", Kind::Texts),
];

/// Each reason for which the client refuses the document. The client itself stops at the first, so the required members are
/// gone through here; whether it accepts is its own word.
pub(super) fn judge(body: &str) -> StrictMetadata {
    let Err(error) = serde_json::from_str::<CoreProviderMetadata>(body) else {
        return StrictMetadata { objections: Vec::new() };
    };
    let mut objections = Vec::new();
    if let Ok(Value::Object(document)) = serde_json::from_str(body) {
        for (name, kind) in REQUIRED {
            objections.extend(match document.get(name) {
                None => Some(format!("{name} is missing")),
                Some(value) => objection(name, kind, value),
            });
        }
        for (name, kind) in OPTIONAL {
            let value = document.get(name).filter(|value| !value.is_null());
            objections.extend(value.and_then(|value| objection(name, kind, value)));
        }
    }
    if objections.is_empty() {
        objections.push(excerpt(&error.to_string()));
    }
    StrictMetadata { objections }
}

fn objection(name: &str, kind: Kind, value: &Value) -> Option<String> {
    match (kind, value) {
        (Kind::Url, Value::String(text)) => {
            Url::parse(text).err().map(|error| format!("{name} is not a URL (`{}`: {error})", excerpt(text)))
        }
        (Kind::Url, _) => Some(format!("{name} is {}, not a URL", described(value))),
        (Kind::Texts, Value::Array(list)) => list
            .iter()
            .find(|element| !element.is_string())
            .map(|element| format!("{name} contains {}, not only strings", described(element))),
        (Kind::Texts, _) => Some(format!("{name} is {}, not a list of strings", described(value))),
    }
}

fn described(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "issuer": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R",
            "authorization_endpoint": "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize",
            "jwks_uri": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R/.well-known/jwks.json",
            "response_types_supported": ["code", "token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"]
        })
    }

    #[test]
    fn a_complete_document_is_accepted() {
        assert_eq!(judge(&document().to_string()).objections, Vec::<String>::new());
    }

    #[test]
    fn every_objection_is_named_and_not_only_the_first() {
        let mut broken = document();
        broken.as_object_mut().unwrap().remove("jwks_uri");
        broken["subject_types_supported"] = json!("public");
        broken["authorization_endpoint"] = json!("/oauth2/authorize");
        broken["token_endpoint"] = json!(7);
        broken["response_types_supported"] = json!(["code", null]);
        let objections = judge(&broken.to_string()).objections;
        for word in [
            "jwks_uri is missing",
            "subject_types_supported is a string",
            "authorization_endpoint is not a URL",
            "token_endpoint is a number",
            "response_types_supported contains null",
        ] {
            assert!(objections.iter().any(|objection| objection.contains(word)), "{word}: {objections:?}");
        }
        assert_eq!(objections.len(), 5);
    }

    #[test]
    fn an_objection_outside_the_list_is_the_clients_own() {
        let twice = document().to_string().replacen('{', "{\"issuer\":\"https://x\",", 1);
        let objections = judge(&twice).objections;
        assert!(objections[0].contains("duplicate field"), "{objections:?}");
        assert_eq!(judge("[]").objections.len(), 1);
    }
}
