//! Which of several names is the first: what names its cause silences what does not; ties follow counts and the login.

use std::cmp::Reverse;

use super::knowledge::{Hit, Knowledge, Points};
use super::{Named, Place, What};
use crate::page::Strength;
use crate::rules::{Severity, Stage};

/// What the hits of one sighting name, where it is seen.
pub(super) fn named(knowledge: &'static Knowledge, hits: &[Hit], place: Option<&Place>) -> Vec<Named> {
    let all: Vec<Named> = hits
        .iter()
        .filter_map(|hit| {
            let known = knowledge.known(hit.number)?;
            let Points::At(what) = known.names else { return None };
            let symptom = &known.symptom;
            let named = Named {
                versions: symptom.versions.as_deref(),
                weight: symptom.strength,
                is_vague: symptom.is_vague,
                ..Named::because(what, hit.strength, symptom.text.as_str())
            };
            Some(named)
        })
        .filter(|named| place.is_none_or(|place| place.allows(named.what)))
        .collect();
    // What says little is silenced by what names something else.
    let is_silenced = |named: &Named| all.iter().any(|other| !other.is_vague && other.what != named.what);
    let names: Vec<Named> = all.iter().filter(|named| !(named.is_vague && is_silenced(named))).cloned().collect();
    // What nothing else causes leaves only what is told by the very same text, or by more of it.
    let certain: Vec<&str> =
        names.iter().filter(|named| named.strength == Strength::Certain).map(|named| &*named.symptom).collect();
    let is_narrower =
        |text: &str| certain.iter().any(|certain| text.contains(certain.split('…').next().unwrap_or_default()));
    let is_left =
        |named: &&Named| certain.is_empty() || named.strength == Strength::Certain || is_narrower(&named.symptom);
    let left: Vec<Named> = names.iter().filter(is_left).cloned().collect();
    ranked([(left.as_slice(), 1)])
}

impl Place {
    fn allows(&self, what: What) -> bool {
        let is_of_its_stages = match what {
            // What is healthy proves what came before it.
            What::Rule(rule) if self.healthy && self.past.contains(&rule.stage) => false,
            What::Rule(rule) => self.stages.as_ref().is_none_or(|stages| stages.contains(&rule.stage)),
            What::Cause(_) => true,
        };
        is_of_its_stages && !self.silences.iter().any(|name| name == what.name())
    }
}

/// Each name once with its surest symptom: the surest first, then what was seen most, then in the order of a login; what is certain
/// in the order of a login alone.
pub(super) fn ranked<'a>(seen: impl IntoIterator<Item = (&'a [Named], u64)>) -> Vec<Named> {
    let mut all: Vec<(Named, u64)> = Vec::new();
    for (names, count) in seen {
        for named in names {
            match all.iter_mut().find(|(other, _)| other.what == named.what) {
                Some((other, times)) => {
                    *times += count;
                    if (other.strength, other.weight) < (named.strength, named.weight) {
                        *other = named.clone();
                    }
                }
                None => all.push((named.clone(), count)),
            }
        }
    }
    all.sort_by_key(|(named, times)| {
        let stage = match named.what {
            // Topics are in an order of their own.
            _ if named.weight == Strength::Possible => None,
            What::Rule(rule) => Some((false, Some(rule.stage))),
            What::Cause(_) => Some((true, None)),
        };
        // What is certain is the cause of all that comes later in a login, however often that is seen.
        let is_certain = named.strength == Strength::Certain;
        let often = Reverse(if is_certain { 0 } else { *times });
        // What Pomerium remarks on a file at each start ends no login.
        let is_remark = named.weight != Strength::Possible
            && matches!(named.what, What::Rule(rule) if rule.stage == Stage::Config && rule.severity < Severity::Error);
        // Of two hosts that a text may mean, that of the login is told before any of Pomerium's.
        let is_any_host = named.is_vague && matches!(named.what, What::Rule(rule) if rule.stage == Stage::Deployed);
        (Reverse((named.strength, named.weight)), is_remark, often, is_any_host, stage, Reverse(*times))
    });
    all.into_iter().map(|(named, _)| named).collect()
}
