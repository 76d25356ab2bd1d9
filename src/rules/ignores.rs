//! The comments that ignore findings: they are configuration too, and as easily wrong.

use super::{Finding, Judgement, find, nearest};
use crate::config::{Config, Ignore};

const NONE: &str = "no comment here ignores a finding";

/// `ignore-malformed`
pub(super) fn ignore_malformed(config: &Config) -> Judgement {
    each(config, |ignore| {
        let fault = ignore.fault.as_ref()?;
        Some(vec![Finding::at(ignore.at, "this ignores nothing").fix(fault.clone())])
    })
}

/// `ignore-without-reason`
pub(super) fn ignore_without_reason(config: &Config) -> Judgement {
    each(config, |ignore| {
        (ignore.fault.is_none() && ignore.reason.is_none()).then(|| {
            let finding = Finding::at(ignore.at, "without a reason this ignores nothing");
            vec![finding.fix("add `reason: …`: who reads it later must be able to judge whether it still holds")]
        })
    })
}

/// `ignore-unknown-rule`
pub(super) fn ignore_unknown_rule(config: &Config) -> Judgement {
    each(config, |ignore| {
        let unknown = ignore.rules.iter().filter(|(name, _)| find(name).is_none());
        let finding = |(name, at): &(String, _)| {
            match nearest(name) {
                Some(near) => Finding::at(*at, format!("there is no rule `{name}`"))
                    .fix(format!("write `{near}`, if that is meant")),
                // It is near none, and may be anything.
                None => Finding::at(*at, "there is no rule of this name").fix("take a name from `pomlint rules`"),
            }
        };
        Some(unknown.map(finding).collect())
    })
}

/// `ignore-expired`
pub(super) fn ignore_expired(config: &Config) -> Judgement {
    each(config, |_| None)
}

/// `ignore-unused`
pub(super) fn ignore_unused(config: &Config) -> Judgement {
    each(config, |_| None)
}

fn each(config: &Config, find: impl Fn(&Ignore) -> Option<Vec<Finding>>) -> Judgement {
    if config.ignores.is_empty() {
        return Judgement::NotApplicable(NONE);
    }
    config.ignores.iter().filter_map(find).flatten().collect::<Vec<_>>().into()
}
