//! An ID or access token: what it says, whether the pool signed it, and whether this configuration would take it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::JsonWebKey as _;
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use serde_json::{Map, Value};

use super::clues::Clues;
use super::{Named, What, rank};
use crate::config::{Config, Settings};
use crate::evidence::{Outcome, World, is_cognito_issuer_host};
use crate::page::Strength;
use crate::rules;
use crate::secret::{Clean, paste};

/// Longer tokens are nobody's: browsers keep no longer cookies.
const LONGEST: usize = 16 * 1024;
/// What stands around a token that was copied out of an answer or a header is not longer, in bytes.
const LONGEST_FRAME: usize = 600;
/// The header and payload of a token are not shorter together, in bytes.
const SHORTEST: usize = 40;
/// A clock that differs by less is as good as right, in seconds (`check` warns at 60).
const CLOCK: u64 = 60;

/// What a token says, and what became of it.
#[derive(Debug)]
pub struct TokenReading {
    /// `ID token`, `access token`, ….
    pub kind: String,
    /// Who made it.
    pub issuer: Option<String>,
    /// The app client it was made for.
    pub client_id: Option<String>,
    /// What was looked at, in the order of Pomerium's own checks.
    pub checks: Vec<Check>,
    /// The names of its claims.
    pub claims: Vec<String>,
    /// What it names.
    pub names: Vec<Named>,
    signed: Signed,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What: `signature`, `iss`, `claim email`, ….
    pub name: String,
    /// What became of it.
    pub state: CheckState,
    /// In words.
    pub says: Clean,
}

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// It could not be looked at.
    Undecided,
}

impl CheckState {
    /// The name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Undecided => "undecided",
        }
    }
}

/// What verifying a signature takes. Never shown.
#[derive(Default)]
struct Signed {
    algorithm: String,
    key_id: String,
    message: String,
    signature: Vec<u8>,
    claims: Map<String, Value>,
}

impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("‹token›")
    }
}

/// A token, and what it reveals.
pub(super) struct Read {
    pub(super) token: TokenReading,
    pub(super) clues: Clues,
}

/// Reads a text if it is a token, wrapped or not, an answer or header with one, or what a token says, decoded.
pub(super) fn find(text: &str, now: u64) -> Option<Read> {
    let whole: String = text.split_whitespace().collect();
    let whole = whole.strip_prefix("Bearer").unwrap_or(&whole);
    read(whole, now).or_else(|| framed(text, now)).or_else(|| decoded(text, now))
}

/// The token of an answer of a token endpoint, or of a header: the ID token, if there are several.
fn framed(text: &str, now: u64) -> Option<Read> {
    let is_part = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
    let words = || {
        let words = text.split(|char: char| !is_part(char));
        words.filter(|word| word.starts_with("eyJ") && word.matches('.').count() == 2 && word.len() >= SHORTEST)
    };
    let frame = text.len().saturating_sub(words().map(str::len).sum());
    let lower = text.to_lowercase();
    if frame > LONGEST_FRAME || ["://", "error", "\"level\"", "http/"].iter().any(|sign| lower.contains(sign)) {
        return None;
    }
    let mut tokens: Vec<Read> = words().filter_map(|word| read(word, now)).collect();
    let best = tokens.iter().position(|found| found.token.kind == "ID token").unwrap_or(0);
    (best < tokens.len()).then(|| tokens.swap_remove(best))
}

/// What a token says, if somebody has decoded it already.
fn decoded(text: &str, now: u64) -> Option<Read> {
    let claims: Map<String, Value> = serde_json::from_str(text.trim()).ok()?;
    let is_token =
        claims.contains_key("iss") && ["aud", "client_id", "token_use"].iter().any(|name| claims.contains_key(*name));
    is_token.then(|| {
        let mut reading = TokenReading::empty();
        reading.signed.claims = claims;
        reading.described(now)
    })
}

/// Reads a text if it is a token and nothing else.
fn read(text: &str, now: u64) -> Option<Read> {
    let text = text.strip_prefix("Bearer ").unwrap_or(text).trim();
    let parts: Vec<&str> = text.split('.').collect();
    let is_part = |part: &&str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte));
    if !text.starts_with("eyJ") || text.len() > LONGEST || !(2..=5).contains(&parts.len()) || !parts.iter().all(is_part)
    {
        return None;
    }
    let mut reading = TokenReading::empty();
    if parts.len() == 5 {
        "encrypted token".clone_into(&mut reading.kind);
        reading.fail("form", "it is encrypted, as Cognito's refresh tokens are: only Cognito can read it");
        return Some(Read { token: reading, clues: Clues::default() });
    }
    let decoded = match *parts {
        [header, payload, signature] => object(header).zip(object(payload)).zip(decode(signature)),
        _ => None,
    };
    let Some(((header, claims), signature)) = decoded else {
        reading.fail("form", "it cannot be decoded: it was not copied whole, or is no token of OpenID Connect");
        return Some(Read { token: reading, clues: Clues::default() });
    };
    let word = |object: &Map<String, Value>, name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    reading.signed = Signed {
        algorithm: word(&header, "alg").unwrap_or_default(),
        key_id: word(&header, "kid").unwrap_or_default(),
        message: text.rsplit_once('.').map_or_else(String::new, |(message, _)| message.to_owned()),
        signature,
        claims,
    };
    Some(reading.described(now))
}

fn decode(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&decode(part)?).ok()
}

impl TokenReading {
    fn empty() -> Self {
        Self {
            kind: "token".to_owned(),
            issuer: None,
            client_id: None,
            checks: Vec::new(),
            claims: Vec::new(),
            names: Vec::new(),
            signed: Signed::default(),
        }
    }

    fn described(mut self, now: u64) -> Read {
        self.describe(now);
        let clues = Clues::of_token(self.issuer.as_deref(), self.client_id.as_deref());
        Read { token: self, clues }
    }

    /// Whether it does not do: a failed check that is more than its age, or than how it was copied.
    pub fn is_refused(&self) -> bool {
        self.checks
            .iter()
            .any(|check| check.state == CheckState::Fail && !["exp", "form"].contains(&check.name.as_str()))
    }

    /// Whether everything about it was looked at and holds.
    pub fn is_proved(&self) -> bool {
        let is_verified = self.checks.iter().any(|check| check.name == "signature");
        is_verified && self.checks.iter().all(|check| check.state == CheckState::Pass)
    }

    /// What is wrong with it, in words: the first check that fails, the issuer's before all others.
    pub fn first_failure(&self) -> Option<String> {
        self.first(CheckState::Fail)
    }

    /// What makes it no token to be judged, in words: the first check of what it says itself that is open.
    pub fn first_doubt(&self) -> Option<String> {
        self.first(CheckState::Undecided)
    }

    fn first(&self, state: CheckState) -> Option<String> {
        let is_open =
            |check: &&Check| check.state == state && !["signature", "configuration"].contains(&check.name.as_str());
        let is_so = |check: &&Check| match state {
            CheckState::Undecided => is_open(check),
            _ => check.state == state,
        };
        let of_issuer = self.checks.iter().find(|check| check.name == "iss" && is_so(check));
        let check = of_issuer.or_else(|| self.checks.iter().find(is_so))?;
        let name = match check.name.as_str() {
            "iss" => "issuer",
            name => name,
        };
        Some(if let Some(rest) = check.says.strip_prefix("it ") {
            format!("this {} {rest}", self.kind)
        } else if check.says.starts_with("not ") {
            format!("its {name} is {}", *check.says)
        } else {
            format!("its {name} is not right: {}", *check.says)
        })
    }

    fn check(&mut self, name: &str, state: CheckState, says: impl Into<String>) {
        // A token may say anything, where its issuer and its client belong.
        let says = paste::clean(&says.into());
        self.checks.push(Check { name: name.to_owned(), state, says });
    }

    fn pass(&mut self, name: &str, says: impl Into<String>) {
        self.check(name, CheckState::Pass, says);
    }

    fn fail(&mut self, name: &str, says: impl Into<String>) {
        self.check(name, CheckState::Fail, says);
    }

    fn name(&mut self, rule: &str, strength: Strength, because: &str) {
        if let Some(rule) = rules::find(rule) {
            self.names.push(Named::because(What::Rule(rule), strength, because));
            self.names = rank::ranked([(self.names.as_slice(), 1)]);
        }
    }

    fn text(&self, claim: &str) -> Option<String> {
        self.signed.claims.get(claim).and_then(Value::as_str).map(str::to_owned)
    }

    /// What the token says by itself.
    fn describe(&mut self, now: u64) {
        let usage = self.text("token_use");
        let kind = match usage.as_deref() {
            Some("id") => "ID token",
            Some("access") => "access token",
            _ => "token",
        };
        kind.clone_into(&mut self.kind);
        self.claims = self.signed.claims.keys().cloned().collect();
        self.issuer = self.text("iss");
        let audience = match self.signed.claims.get("aud") {
            Some(Value::Array(list)) => list.first().and_then(Value::as_str).map(str::to_owned),
            _ => self.text("aud"),
        };
        self.client_id = self.text("client_id").or(audience);
        match usage.as_deref() {
            Some("id") => self.pass("token_use", "id: what Pomerium verifies, and takes claims from"),
            Some("access") => {
                self.pass(
                    "token_use",
                    "access: Pomerium takes claims from the ID token and userInfo, not from this one",
                );
            }
            Some(other) => {
                let says = format!("{other}: the tokens of a user pool that can be read say id or access");
                self.check("token_use", CheckState::Undecided, says);
            }
            None => {
                self.check("token_use", CheckState::Undecided, "not there: this is no token of a Cognito user pool");
            }
        }
        self.describe_issuer();
        self.describe_claims(usage.as_deref());
        let time = |name: &str| self.signed.claims.get(name).and_then(Value::as_u64);
        let (expires, issued) = (time("exp"), time("iat"));
        match expires {
            Some(at) if at <= now => {
                self.fail("exp", format!("it expired {} ago; Pomerium gives no grace", span(now - at)));
            }
            Some(at) => self.pass("exp", format!("good for another {}", span(at - now))),
            None => self.fail("exp", "it says no time of expiry"),
        }
        if let Some(at) = issued.filter(|at| *at > now + CLOCK) {
            let ahead = span(at - now);
            self.fail("iat", format!("it was made {ahead} from now, by the clock of this machine"));
            self.name("clock-skew", Strength::Likely, "iat is in the future");
        }
    }

    fn describe_issuer(&mut self) {
        let issuer = self.issuer.clone().unwrap_or_default();
        if issuer.is_empty() {
            return self.check("iss", CheckState::Undecided, "not there: nobody can tell who made this token");
        }
        let host = issuer.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default().to_owned();
        if host.starts_with("issuer-cognito-idp.") {
            let says = "the new issuer of a pool that was switched: idp_provider_url must be this very URL";
            self.check("iss", CheckState::Undecided, format!("{issuer}: {says}"));
            self.name("issuer-switched", Strength::Possible, "iss is a pool's new issuer");
        } else if !is_cognito_issuer_host(&host) {
            self.check("iss", CheckState::Undecided, format!("{issuer}: no issuer of Cognito"));
        } else if let Some(why) = why_not_cognitos(&issuer, &host) {
            self.fail("iss", format!("{issuer}: {why}"));
        }
    }

    /// What must be in a token of a Cognito user pool for Pomerium to use it.
    fn describe_claims(&mut self, usage: Option<&str>) {
        let is_there = |name: &str| self.signed.claims.contains_key(name);
        match usage {
            Some("id") => {
                let (has_email, has_audience) = (is_there("email"), is_there("aud"));
                if !has_email {
                    self.check(
                        "email",
                        CheckState::Undecided,
                        "no e-mail address: policies for users and domains never match",
                    );
                    self.name("scope-email-missing", Strength::Likely, "the ID token has no claim email");
                }
                if !has_audience {
                    self.fail("aud", "not there: Pomerium accepts no ID token without its client");
                }
            }
            Some("access") => {
                let scope = self.text("scope").unwrap_or_default();
                if !scope.split_whitespace().any(|scope| scope == "openid") {
                    self.check("scope", CheckState::Undecided, "no openid: userInfo refuses this token");
                    self.name("scope-openid-missing", Strength::Likely, "the access token has no scope openid");
                }
            }
            _ => {}
        }
        if usage.is_some() && !["", "RS256"].contains(&self.signed.algorithm.as_str()) {
            self.check("alg", CheckState::Undecided, "not RS256, the only algorithm of Cognito");
            self.name("signing-algorithm-unsupported", Strength::Likely, "the token is not signed with RS256");
        }
    }

    /// Judges the token by a configuration and by the keys the pool publishes.
    pub fn verify(&mut self, config: &Config, world: &World, is_given: bool) {
        if self.signed.claims.is_empty() {
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
        self.verify_claims(settings);
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
            self.fail("signature", "the pool publishes no key of that id: another pool made the token, or a forger");
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
        self.names.retain(|named| named.what.name() != "issuer-switched");
        if issuer == configured {
            return self.pass("iss", format!("{issuer}, as configured"));
        }
        self.fail("iss", format!("{issuer}, and idp_provider_url is {configured}"));
        let is_switched =
            issuer.contains("//issuer-cognito-idp.") && issuer.rsplit('/').next() == configured.rsplit('/').next();
        if is_switched {
            self.name("issuer-switched", Strength::Certain, "iss is the pool's new issuer");
        } else if issuer.trim_end_matches('/') == configured.trim_end_matches('/') {
            self.name("issuer-has-trailing-slash", Strength::Certain, "iss differs by a slash");
        } else {
            self.name("issuer-mismatch", Strength::Possible, "iss is another issuer");
        }
    }

    fn verify_audience(&mut self, config: &Config) {
        let clients = config.clients();
        let own = self.client_id.clone().unwrap_or_default();
        if clients.iter().any(|client| client.id.value == own) {
            return self.pass("aud", format!("{own}, a client of this configuration"));
        }
        let configured: Vec<String> = clients.iter().map(|client| client.id.value.clone()).collect();
        self.fail("aud", format!("{own}, and the configuration has {}", configured.join(", ")));
    }

    /// Which of the claims that policies and headers ask for are in the token.
    fn verify_claims(&mut self, settings: &Settings) {
        if self.text("token_use").as_deref() != Some("id") {
            return;
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
                    self.name(rule, Strength::Likely, &format!("the token has no claim {claim}"));
                }
            }
        }
    }
}

/// Why Cognito cannot have written an issuer on one of its hosts.
fn why_not_cognitos(issuer: &str, host: &str) -> Option<&'static str> {
    let path = issuer.split_once(host).map_or("", |(_, path)| path);
    let region = path.trim_start_matches('/').split('_').next().unwrap_or_default();
    if !issuer.starts_with("https://") {
        Some("the issuers of Cognito begin with https://")
    } else if path.ends_with('/') {
        Some("the issuers of Cognito end without a slash")
    } else if !host.split('.').any(|part| part == region) {
        Some("the region of the host is not that of the pool")
    } else {
        None
    }
}

/// The claims that the policies and headers of a configuration ask for, each once.
fn wanted(settings: &Settings) -> Vec<String> {
    let criteria = settings.routes.iter().flat_map(|route| &route.policies).flat_map(|policy| &policy.criteria);
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

/// A length of time in words.
fn span(seconds: u64) -> String {
    let (number, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7200 => (seconds / 60, "minute"),
        7200..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86400, "day"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}
