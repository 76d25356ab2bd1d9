//! Judges a token by a configuration, and by the keys that the pool publishes.

use openidconnect::JsonWebKey as _;
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use serde_json::Value;

use super::{CheckState, TokenReading};
use crate::config::{Config, Settings};
use crate::evidence::{Outcome, World};
use crate::page::Strength;

impl TokenReading {
    /// Judges the token by a configuration and by the keys the pool publishes.
    pub fn verify(&mut self, config: &Config, world: &World, is_given: bool) {
        if self.signed.claims.is_empty() || self.is_assertion() {
            return;
        }
        self.verify_signature(world);
        if !is_given {
            return;
        }
        let Some(settings) = &config.settings else {
            return self.check("configuration", CheckState::Undecided, "it cannot be read");
        };
        self.verify_issuer(settings);
        self.verify_audience(config);
        self.verify_claims(config, settings);
    }

    fn verify_signature(&mut self, world: &World) {
        let known = world.exchanges.iter().filter(|exchange| exchange.id.0.starts_with("keys"));
        let mut body = known.filter_map(|exchange| match &exchange.outcome {
            Outcome::Answer(answer) if answer.status == 200 => Some(answer.body.as_str()),
            _ => None,
        });
        let Some(keys) = body.next_back().and_then(|body| serde_json::from_str::<CoreJsonWebKeySet>(body).ok()) else {
            let why = "the pool's keys could not be fetched; what the token says is read, but not proved";
            return self.check("signature", CheckState::Undecided, why);
        };
        if self.signed.algorithm != "RS256" {
            return self.fail("signature", "the algorithm is not RS256, the only one of Cognito");
        }
        let id = openidconnect::JsonWebKeyId::new(self.signed.key_id.clone());
        let Some(key) = keys.keys().iter().find(|key| key.key_id() == Some(&id)) else {
            self.fail(
                "signature",
                "no key of that id is published by the pool: another pool signed it, or somebody forged it",
            );
            return;
        };
        let algorithm = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;
        match key.verify_signature(&algorithm, self.signed.message.as_bytes(), &self.signed.signature) {
            Ok(()) => self.pass("signature", "made by a key that the pool publishes"),
            Err(_) => self.fail("signature", "not made by the key it names: the token was changed"),
        }
    }

    fn verify_issuer(&mut self, settings: &Settings) {
        let Some(configured) = settings.idp_provider_url.as_ref().map(|url| url.value.clone()) else { return };
        let issuer = self.issuer.clone().unwrap_or_default();
        // What was told without a configuration gives way to what it says.
        self.checks.retain(|check| check.name != "iss");
        self.names.retain(|named| !["issuer-switched", "issuer-region-contradicts-pool"].contains(&named.what.name()));
        if issuer == configured {
            return self.pass("iss", format!("{issuer}, as configured"));
        }
        self.fail("iss", format!("{issuer}, and idp_provider_url is {configured}"));
        let (name, strength, because) = difference(&issuer, &configured);
        self.name(name, strength, because);
    }

    fn verify_audience(&mut self, config: &Config) {
        let clients = config.clients();
        let own = self.client_id.clone().unwrap_or_default();
        if clients.iter().any(|client| client.id.value == own) {
            return self.pass("aud", format!("{own}, a client of this configuration"));
        }
        let configured: Vec<String> = clients.iter().map(|client| client.id.value.clone()).collect();
        self.fail("aud", format!("{own}, and the configuration has {}", configured.join(", ")));
        if !own.is_empty() && configured.iter().any(|id| !id.is_empty()) {
            self.name("token-of-another-client", Strength::Certain, "the token is for a client that is not configured");
        }
    }

    /// Which of the claims that policies and headers ask for are in the token.
    fn verify_claims(&mut self, config: &Config, settings: &Settings) {
        match self.text("token_use").as_deref() {
            Some("id") => {}
            // A program may send one in place of a login, and only where that is configured.
            Some("access") if !takes_access_tokens(config, settings) => return self.doubt_usage(),
            _ => return,
        }
        for claim in wanted(settings) {
            let name = format!("claim {claim}");
            match self.signed.claims.get(&claim) {
                Some(value) => {
                    let kind = match value {
                        Value::Array(list) => format!("a list of {}", list.len()),
                        Value::String(_) => "a text".to_owned(),
                        Value::Bool(_) => "true or false".to_owned(),
                        Value::Number(_) => "a number".to_owned(),
                        _ => "an object".to_owned(),
                    };
                    self.pass(&name, format!("there: {kind}"));
                }
                None if claim == "cognito:groups" => {
                    self.fail(&name, "not there: this user is in no group of the pool");
                }
                None => {
                    self.fail(&name, "not there: a policy or header of this configuration asks for it");
                    let rule = match claim.as_str() {
                        "email" => "scope-email-missing",
                        "groups" | "roles" => "claim-never-sent",
                        _ => "claim-needs-scope",
                    };
                    self.name(rule, Strength::Likely, format!("the token has no claim {claim}"));
                }
            }
        }
    }
}

/// Whether a program may send an access token in place of a login, somewhere.
fn takes_access_tokens(config: &Config, settings: &Settings) -> bool {
    let names_it = |text: &str| text.to_ascii_lowercase().ends_with("idp_access_token");
    let of_routes = config.reading.texts.iter().filter(|(path, _)| path.ends_with(".bearer_token_format"));
    settings.bearer_token_format.iter().chain(of_routes.map(|(_, text)| text)).any(|format| names_it(&format.value))
}

/// What it is that makes the issuer of a token another than the configured one, how surely, and by what.
fn difference(issuer: &str, configured: &str) -> (&'static str, Strength, &'static str) {
    /// The host of issuers of a pool that was switched to them.
    const NEW: &str = "//issuer-cognito-idp.";
    let pool = |issuer: &str| issuer.split('/').find(|part| part.contains('_')).map(str::to_owned);
    if issuer == configured.trim_end_matches('/') {
        ("issuer-has-trailing-slash", Strength::Certain, "iss differs by a slash")
    } else if configured.starts_with(&format!("{issuer}/.well-known")) {
        ("issuer-has-discovery-path", Strength::Certain, "iss is the configured URL without its discovery path")
    } else if pool(issuer) != pool(configured) {
        ("token-of-another-pool", Strength::Certain, "iss is the issuer of another pool")
    } else if issuer.contains(NEW) && !configured.contains(NEW) {
        ("issuer-switched", Strength::Certain, "iss is the pool's new issuer")
    } else if configured.contains(NEW) {
        ("issuer-not-switched", Strength::Likely, "iss is the pool's first issuer")
    } else if configured.contains("-fips.") {
        ("issuer-on-fips-host", Strength::Certain, "iss is on the plain host")
    } else {
        ("issuer-mismatch", Strength::Possible, "iss is another issuer")
    }
}

/// The claims that the policies and headers of a configuration ask for, each once.
fn wanted(settings: &Settings) -> Vec<String> {
    let criteria = settings.routes.iter().flat_map(|route| &*route.policies).flat_map(|policy| &policy.criteria);
    let of_policies = criteria.filter_map(|criterion| match criterion.name.as_str() {
        "claim" if !criterion.sub_path.is_empty() => Some(criterion.sub_path.clone()),
        "email" | "domain" => Some("email".to_owned()),
        _ => None,
    });
    let of_headers = settings.jwt_claims_headers.iter().map(|(_, claim)| claim.value.clone());
    let mut wanted: Vec<String> = Vec::new();
    for claim in of_policies.chain(of_headers) {
        if !wanted.contains(&claim) {
            wanted.push(claim);
        }
    }
    wanted
}
