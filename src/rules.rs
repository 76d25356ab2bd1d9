//! The judgements, one file per stage of the login chain.
//!
//! A rule is a plain function of its evidence. The types of its parameters are the questions it asks; if one has no answer the
//! function is not called and the verdict is *undecided*. A rule does no I/O and reads neither clock nor environment.
//!
//! A rule is one file and one page: its function stands in the file of its stage, under the line of `rules()` there that
//! declares it, and its page is `rules/NAME.md`.

#![allow(clippy::trivially_copy_pass_by_ref, reason = "a fact is passed by reference, however small it is")]

/// Declares a rule of the stage whose file this stands in: its name, how bad a finding is, its function. The page is found by
/// the name.
macro_rules! rule {
    ($name:literal, $severity:ident, $check:expr) => {
        $crate::rules::Rule::new(
            $name,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/rules/", $name, ".md")),
            STAGE,
            $crate::rules::Severity::$severity,
            $check,
        )
    };
}

mod asked;
mod callback;
mod check;
mod claims;
mod client;
mod cognito_claims;
mod config;
mod criterion;
mod cure;
mod deployed;
mod discovery;
mod domain;
mod finding;
mod flow;
mod ignores;
mod issuer;
mod keys;
mod login;
mod missing;
mod notation;
mod outcome;
mod parameters;
mod place;
mod policy;
mod pomerium;
mod rule;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod sample;
mod scopes;
mod secret;
mod session;
mod sign_out;
mod stage;
#[cfg(test)]
pub(crate) mod testing;
mod whole;

use crate::spelling;
use std::sync::LazyLock;

pub use callback::refusal as url_refusal;
pub use check::Check;
pub use claims::missing_scope;
pub use finding::{Edit, Finding, Ignored, Judgement, NearMiss, Severity, Verdict};
pub(crate) use pomerium::services::is_copied;
pub use rule::{NO_FILE, Rule};
pub use scopes::objection as scope_objection;
pub use session::USUAL_SESSION;
pub use stage::Stage;

/// Every rule, in the order of the login chain.
pub static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    [
        deployed::rules(),
        config::rules(),
        pomerium::rules(),
        issuer::rules(),
        discovery::rules(),
        keys::rules(),
        domain::rules(),
        client::rules(),
        callback::rules(),
        flow::rules(),
        scopes::rules(),
        secret::rules(),
        login::rules(),
        claims::rules(),
        policy::rules(),
        session::rules(),
        sign_out::rules(),
    ]
    .into_iter()
    .flatten()
    .collect()
});

/// The rule that whoever starts a check asks for with `--pool`: nobody else can switch it off.
pub const POOL_NOT_EXPECTED: &str = "pool-not-expected";

/// The rule of that name.
pub fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

/// The name of the rule that was probably meant.
pub fn nearest(name: &str) -> Option<&'static str> {
    nearest_of(name, RULES.iter().map(|rule| rule.name))
}

/// The name of these that was probably meant: one that differs in a few letters, or one of which a part was typed.
pub fn nearest_of<'a>(name: &str, names: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    /// Less is a part of too many names.
    const SHORTEST_PART: usize = 4;
    /// No name is longer.
    const LONGEST: usize = 80;
    if name.len() > LONGEST {
        return None;
    }
    let near = spelling::nearest(name, names.clone(), name.len().div_ceil(3));
    let part = || names.filter(|known| known.contains(name)).min_by_key(|known| known.len());
    near.or_else(|| part().filter(|_| name.len() >= SHORTEST_PART))
}

/// What decides a rule that is decided by the keys of the configuration, or by whether a value is there, and not by what it is.
const NO_VALUE: &[&str] = &[];

/// What a resource lacks that Kubernetes refuses follows from that.
const REJECTED: &[&str] = &["crd-field-rejected"];
