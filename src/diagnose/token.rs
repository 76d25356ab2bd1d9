//! An ID or access token: what it says, whether the pool signed it, and whether this configuration would take it.

mod read;
mod verify;

use std::borrow::Cow;

use serde_json::{Map, Value};

pub(in crate::diagnose) use read::{find, inside};

use super::clues::Clues;
use super::vocabulary::clean;
use super::written::what;
use super::{Named, rank};
use crate::evidence::is_cognito_issuer_host;
use crate::page::Strength;
use crate::secret::Clean;

/// A clock that differs by less is as good as right, in seconds (`check` warns at 60).
const CLOCK: u64 = 60;

/// So much of a token's nbf may lie ahead for Pomerium, in seconds (go-oidc, `oidc/verify.go`).
const LEEWAY: u64 = 300;

/// What Pomerium verifies, and takes claims from.
const ID_TOKEN: &str = "ID token";
/// What nobody but Cognito can read.
const ENCRYPTED: &str = "encrypted token";

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
        let says = clean(&says.into());
        self.checks.push(Check { name: name.to_owned(), state, says });
    }

    fn pass(&mut self, name: &str, says: impl Into<String>) {
        self.check(name, CheckState::Pass, says);
    }

    fn fail(&mut self, name: &str, says: impl Into<String>) {
        self.check(name, CheckState::Fail, says);
    }

    fn name(&mut self, name: &str, strength: Strength, because: impl Into<Cow<'static, str>>) {
        if let Some(what) = what(name) {
            self.names.push(Named::because(what, strength, because));
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
            Some("id") => ID_TOKEN,
            _ if self.is_assertion() => "assertion",
            Some("access") => "access token",
            _ => "token",
        };
        kind.clone_into(&mut self.kind);
        self.claims = self.signed.claims.keys().cloned().collect();
        if self.is_assertion() {
            let says = "it was made by Pomerium for the application behind it, and says nothing of Cognito: paste the ID token";
            return self.check("token_use", CheckState::Undecided, says);
        }
        self.issuer = self.text("iss");
        self.client_id = self.text("client_id").or_else(|| self.audience());
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
        let (expires, issued, begins) = (time("exp"), time("iat"), time("nbf"));
        match expires {
            Some(at) if at <= now => {
                self.fail("exp", format!("it expired {} ago; Pomerium gives no grace", span(now - at)));
            }
            Some(at) => self.pass("exp", format!("good for another {}", span(at - now))),
            None => self.fail("exp", "it says no time of expiry"),
        }
        if let Some(at) = begins.filter(|at| *at > now + LEEWAY) {
            let ahead = span(at - now);
            self.fail("nbf", format!("it is not valid before {ahead} from now, by the clock of this machine"));
            self.name("clock-skew", Strength::Likely, "nbf is in the future");
        }
        if let Some(at) = issued.filter(|at| *at > now + CLOCK) {
            let ahead = span(at - now);
            self.fail("iat", format!("it was made {ahead} from now, by the clock of this machine"));
            self.name("clock-skew", Strength::Likely, "iat is in the future");
        }
    }

    /// Notes that this is not the token that tells of a login.
    fn doubt_usage(&mut self) {
        self.checks.retain(|check| check.name != "token_use");
        let says = "it says nothing of a login: Pomerium takes claims from the ID token, so paste that one";
        self.check("token_use", CheckState::Undecided, says);
    }

    /// Notes that others of its kind were pasted along with it.
    fn stand_beside(&mut self, others: usize) {
        let says =
            format!("it was judged alone, and fares no better than the {others} beside it: paste those one by one");
        self.check("others", CheckState::Undecided, says);
    }

    /// Whether nobody but Cognito can read it.
    fn is_encrypted(&self) -> bool {
        self.kind == ENCRYPTED
    }

    /// Whether it is what Pomerium gives to the application behind it: made by the host that it is for
    /// (`authorize/evaluator/headers_evaluator.go`).
    fn is_assertion(&self) -> bool {
        let host = |text: &str| text.trim_start_matches("https://").trim_end_matches('/').to_owned();
        let issuer = self.text("iss").map(|issuer| host(&issuer)).filter(|issuer| issuer.contains('.'));
        !self.signed.claims.contains_key("token_use")
            && issuer.is_some()
            && issuer == self.audience().map(|aud| host(&aud))
    }

    fn audience(&self) -> Option<String> {
        match self.signed.claims.get("aud") {
            Some(Value::Array(list)) => list.first().and_then(Value::as_str).map(str::to_owned),
            _ => self.text("aud"),
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
        } else if !names_one_region(&issuer, &host) {
            let says = "it names two regions, that of its host and that of the pool: a replica of the pool has both";
            self.check("iss", CheckState::Undecided, says);
            self.name("issuer-region-contradicts-pool", Strength::Possible, "iss names two regions");
        }
    }

    /// What must be in a token of a Cognito user pool for Pomerium to use it.
    fn describe_claims(&mut self, usage: Option<&str>) {
        let is_there = |name: &str| self.signed.claims.contains_key(name);
        match usage {
            Some("id") => {
                let has_email = self.text("email").is_none_or(|email| !email.is_empty()) && is_there("email");
                let has_audience = is_there("aud");
                if !has_email {
                    self.check(
                        "email",
                        CheckState::Undecided,
                        "no e-mail address: policies for users and domains never match",
                    );
                    let because = "the ID token has no claim email";
                    self.name("scope-email-missing", Strength::Likely, because);
                    for rule in ["email-not-readable", "email-not-mapped"] {
                        self.name(rule, Strength::Possible, because);
                    }
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
}

/// Why Cognito cannot have written an issuer on one of its hosts.
fn why_not_cognitos(issuer: &str, host: &str) -> Option<&'static str> {
    let path = issuer.split_once(host).map_or("", |(_, path)| path);
    if !issuer.starts_with("https://") {
        Some("the issuers of Cognito begin with https://")
    } else if path.ends_with('/') {
        Some("the issuers of Cognito end without a slash")
    } else if path.matches('/').count() != 1 {
        Some("the issuers of Cognito end with the pool")
    } else {
        None
    }
}

/// Whether the region of an issuer's host is that in which its pool was made.
fn names_one_region(issuer: &str, host: &str) -> bool {
    let path = issuer.split_once(host).map_or("", |(_, path)| path);
    let region = path.trim_start_matches('/').split('_').next().unwrap_or_default();
    host.split('.').any(|part| part == region)
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
