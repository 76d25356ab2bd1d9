//! One mistake is one finding: what several deployments of a run share is told with the first of them, which names the others.
//!
//! The services of a split deployment read one file, and overlays share a base. Each deployment still fails by it: its verdicts, its
//! login path and its own counts are its own; what is told once is the finding.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::place::Place;
use super::repeat::{Concern, Repeat};
use super::summary::digest;
use super::{ConfigReport, Listed};

/// What was told so far. By digests: of thousands of deployments, all findings would be more than is worth keeping.
#[derive(Default)]
pub(super) struct Told {
    first: HashMap<u64, First>,
}

/// The deployment that tells something, and where.
struct First {
    deployment: Arc<str>,
    /// Which of its findings.
    number: usize,
    at: String,
}

impl Told {
    /// Marks the findings of one more deployment that were told before. What another one has of them, whoever tells them learns by
    /// `learn`: the deployment and the number of its finding.
    pub(super) fn mark(&mut self, report: &mut ConfigReport, mut learn: impl FnMut(&str, usize, Concern)) {
        let own: Arc<str> = report.config.path.as_str().into();
        let mut repeats = Vec::new();
        for (number, listed) in report.listed().iter().enumerate() {
            let at = Place::of(&report.config, listed.finding.at);
            let at = format!("{}:{}:{}", at.name, at.start.line, at.start.column);
            let mut repeat = Repeat::default();
            for key in keys(report, listed) {
                match self.first.entry(key) {
                    Entry::Vacant(new) if repeat.told_with.is_none() => {
                        new.insert(First { deployment: own.clone(), number, at: at.clone() });
                    }
                    Entry::Occupied(known) if repeat.told_with.is_none() && known.get().deployment != own => {
                        let First { deployment, number, at: there } = known.get();
                        let at = (*there != at).then(|| at.clone());
                        learn(deployment, *number, Concern { deployment: own.clone(), at });
                        repeat.told_with = Some(deployment.clone());
                    }
                    _ => {}
                }
            }
            repeats.push(repeat);
        }
        report.repeats = repeats;
    }

    /// Marks all findings of a run.
    pub(super) fn mark_all(reports: &mut [ConfigReport]) {
        if reports.len() < 2 {
            return;
        }
        let mut told = Self::default();
        let mut learnt: HashMap<(Arc<str>, usize), Vec<Concern>> = HashMap::new();
        for report in reports.iter_mut() {
            told.mark(report, |deployment, number, concern| {
                learnt.entry((deployment.into(), number)).or_default().push(concern);
            });
        }
        for report in reports {
            let own: Arc<str> = report.config.path.as_str().into();
            for (number, repeat) in report.repeats.iter_mut().enumerate() {
                if let Some(concerns) = learnt.remove(&(own.clone(), number)) {
                    repeat.concerns = concerns;
                }
            }
        }
    }
}

/// What makes it the same: what is said, at the same place of the same text; or, of the services of one deployment, of the same words
/// in another place, which were copied.
fn keys(report: &ConfigReport, listed: &Listed<'_>) -> Vec<u64> {
    let (config, finding) = (&report.config, listed.finding);
    let at = Place::of(config, finding.at);
    let near = finding.near.as_ref().map(|near| (&near.left, &near.right));
    let says = (listed.judged.rule.name, &listed.judged.client, listed.title(), &finding.says, near, &finding.fix);
    let weight = (listed.severity, listed.pardon());
    let place = (at.name, finding.at.start, finding.at.end);
    let group = config.peers.iter().map(|peer| peer.path.as_str()).chain([config.path.as_str()]).min();
    let words = config.sources.slice(finding.at);
    let is_copied = !config.peers.is_empty() && !words.is_empty();
    let copied = is_copied.then(|| digest(&(&says, &weight, group, words)));
    std::iter::once(digest(&(&says, &weight, place))).chain(copied).collect()
}
