//! What Pomerium learns of a user: the claims of the ID token, and over them those of the userinfo answer.
//!
//! Mappings are flattened with dots and every value becomes a list (`pkg/identity/claims.go`). Access tokens are never read.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Who told a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teller {
    /// The ID token.
    IdToken,
    /// The userinfo answer.
    UserInfo,
    /// Both, and the same.
    Both,
    /// Both; what the userinfo answer says counts.
    UserInfoOverIdToken,
}

/// A claim, as Pomerium keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Its values.
    pub values: Vec<Value>,
    /// Who told it.
    pub teller: Teller,
}

/// The claims of one user, by name.
#[derive(Clone, Debug, Default)]
pub struct Claims(BTreeMap<String, Claim>);

impl Claims {
    /// Puts together what both tell.
    pub fn of(id_token: &Map<String, Value>, user_info: &Map<String, Value>) -> Self {
        let mut claims: BTreeMap<String, Claim> = flattened(id_token)
            .into_iter()
            .map(|(name, values)| (name, Claim { values, teller: Teller::IdToken }))
            .collect();
        for (name, values) in flattened(&repaired(user_info)) {
            let teller = match claims.get(&name) {
                None => Teller::UserInfo,
                Some(known) if known.values == values => Teller::Both,
                Some(_) => Teller::UserInfoOverIdToken,
            };
            claims.insert(name, Claim { values, teller });
        }
        Self(claims)
    }

    /// The values of a claim of this very name; none if it is not there.
    pub fn values(&self, name: &str) -> &[Value] {
        self.0.get(name).map_or(&[], |claim| &claim.values)
    }

    /// Whether there is a claim of this very name.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Claim)> {
        self.0.iter().map(|(name, claim)| (name.as_str(), claim))
    }

    /// What Pomerium takes for the domain of the address: what stands between its first `@` and the next.
    pub fn domain(&self) -> Option<&str> {
        self.email().split('@').nth(1)
    }

    /// The e-mail address that policies compare, which is empty if there is none.
    pub fn email(&self) -> &str {
        self.text("email").unwrap_or_default()
    }

    /// The id that policies compare with `user`: an `oid` comes before the `sub` (`pkg/identity/identity.go`).
    pub fn user_id(&self) -> &str {
        self.text("oid").filter(|id| !id.is_empty()).or_else(|| self.text("sub")).unwrap_or_default()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.values(name).first().and_then(Value::as_str)
    }
}

/// What Pomerium corrects in a userinfo answer: Cognito writes `email_verified` as a text, and others call the address `mail`
/// (`pkg/identity/oidc/userinfo.go`).
fn repaired(user_info: &Map<String, Value>) -> Map<String, Value> {
    let mut repaired = user_info.clone();
    if let Some(Value::String(text)) = repaired.get("email_verified") {
        let is_so = text == "true";
        repaired.insert("email_verified".to_owned(), Value::Bool(is_so));
    }
    if let Some(mail) = repaired.get("mail").filter(|_| !repaired.contains_key("email")).cloned() {
        repaired.insert("email".to_owned(), mail);
    }
    repaired
}

fn flattened(claims: &Map<String, Value>) -> Vec<(String, Vec<Value>)> {
    let mut flat = Vec::new();
    for (name, value) in claims {
        match value {
            Value::Object(inner) => {
                flat.extend(flattened(inner).into_iter().map(|(below, values)| (format!("{name}.{below}"), values)));
            }
            Value::Array(values) => flat.push((name.clone(), values.clone())),
            value => flat.push((name.clone(), vec![value.clone()])),
        }
    }
    flat
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn the_userinfo_answer_stands_over_the_id_token() {
        let id_token = map(json!({"sub": "1", "email": "old@a.example", "cognito:groups": ["a", "b"], "n": 1}));
        let user_info = map(json!({"sub": "1", "email": "new@a.example", "email_verified": "true"}));
        let claims = Claims::of(&id_token, &user_info);
        assert_eq!((claims.email(), claims.user_id()), ("new@a.example", "1"));
        assert_eq!(claims.values("email_verified"), [json!(true)]);
        assert_eq!(claims.values("cognito:groups"), [json!("a"), json!("b")]);
        let tellers: Vec<_> = claims.iter().map(|(name, claim)| (name, claim.teller)).collect();
        assert_eq!(
            tellers,
            [
                ("cognito:groups", Teller::IdToken),
                ("email", Teller::UserInfoOverIdToken),
                ("email_verified", Teller::UserInfo),
                ("n", Teller::IdToken),
                ("sub", Teller::Both),
            ]
        );
    }

    #[test]
    fn mappings_are_flattened_and_nothing_is_something() {
        let claims = Claims::of(&map(json!({"a": {"b": {"c": 1}}, "none": null, "oid": "o", "sub": "s"})), &Map::new());
        assert_eq!(claims.values("a.b.c"), [json!(1)]);
        assert_eq!(claims.values("none"), [Value::Null]);
        assert_eq!((claims.email(), claims.user_id()), ("", "o"));
        assert!(!claims.has("a") && claims.values("nowhere").is_empty());
    }
}
