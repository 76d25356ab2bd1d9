//! Which rules are worth judging after something was seen.

use super::{Diagnosis, What};
use crate::rules::{RULES, Rule, find};

impl Diagnosis {
    /// The named rules for which `may` holds, and those whose finding would explain theirs.
    pub fn rules_to_judge(&self, may: impl Fn(&Rule) -> bool) -> Vec<&'static Rule> {
        let mut wanted: Vec<&'static Rule> = self
            .names()
            .into_iter()
            .filter_map(|named| match named.what {
                What::Rule(rule) => Some(rule),
                What::Cause(_) => None,
            })
            .collect();
        if self.token.is_some() {
            // The keys a token is verified with are the evidence of this rule.
            wanted.extend(find("no-signing-keys"));
        }
        let mut next = 0;
        while let Some(rule) = wanted.get(next) {
            next += 1;
            for cause in rule.follows.iter().filter_map(|name| find(name)) {
                if !wanted.iter().any(|known| known.name == cause.name) {
                    wanted.push(cause);
                }
            }
        }
        RULES.iter().filter(|rule| wanted.iter().any(|known| known.name == rule.name) && may(rule)).collect()
    }
}
