//! Several witnesses of one fact: whom to believe, where they disagree, and when it holds.

use std::mem::discriminant;

use super::{Case, Evidence, ExchangeId, Fact, Missing, Need};
use crate::config::Span;
use crate::infra::{Attribute, Language, Tense};

/// What infrastructure code says in one place. Facts name it among their witnesses by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Testimony {
    /// The file with line and column: `plan.json:12:7`.
    pub id: ExchangeId,
    /// The file, as the user named it.
    pub file: String,
    /// The address of the resource.
    pub address: String,
    /// The setting of the app client, if it is one.
    pub setting: Option<Attribute>,
    /// Whose language it is.
    pub language: Language,
    /// When it holds.
    pub tense: Tense,
    /// The place.
    pub at: Span,
}

/// Where two witnesses of one time say different things of one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The client it is about, as a number of [`Config::clients`](crate::config::Config::clients); none for the pool.
    pub client: Option<usize>,
    /// The fact.
    pub what: &'static str,
    /// Who is believed.
    pub believed: Vec<ExchangeId>,
    /// Who says otherwise.
    pub other: Vec<ExchangeId>,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disagreements(pub Vec<Disagreement>);

impl Disagreements {
    pub(super) fn add(&mut self, client: Option<usize>, found: Vec<(&'static str, Vec<ExchangeId>, Vec<ExchangeId>)>) {
        let found = found.into_iter().map(|(what, believed, other)| Disagreement { client, what, believed, other });
        self.0.extend(found.filter(|found| !self.0.contains(found)).collect::<Vec<_>>());
    }
}

impl Fact for Disagreements {
    const NEED: Need = Need::Settings;

    fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
        let is_called = case.world.exchanges.iter().any(|exchange| exchange.id.is_call());
        if case.world.testimonies.is_empty() && !is_called {
            return Err(Missing::Declined { flag: "--infra" });
        }
        Ok((&case.world.disagreements, &[]))
    }
}

/// The settings that only an apply can fill in, each with the address of the app client whose id it is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilledByApply(pub Vec<(Span, String)>);

impl Fact for FilledByApply {
    const NEED: Need = Need::File;

    fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
        Ok((&case.world.filled, &[]))
    }
}

/// What either of two witnesses knows; the first is believed where both do.
pub(super) fn either<T>(first: Evidence<T>, second: Evidence<T>) -> Evidence<T> {
    match (first, second) {
        // That a question makes no sense is an answer.
        (first @ (Ok(_) | Err(Missing::NotApplicable(_))), _) => first,
        (_, second @ Ok(_)) => second,
        (Err(first), Err(second)) if first.is_unwanted() => Err(second),
        (first, _) => first,
    }
}

/// The name of a fact and those who say different things of it, if they do. What is read in settings is compared whole; of what
/// is asked from outside, the kind of the answer counts, as the questions differ.
pub(super) fn differ<T: PartialEq>(
    need: Need,
    name: &'static str,
    first: &Evidence<T>,
    second: &Evidence<T>,
) -> Option<(&'static str, Vec<ExchangeId>, Vec<ExchangeId>)> {
    let (Ok(first), Ok(second)) = (first, second) else { return None };
    let is_same = if need == Need::Settings {
        first.value == second.value
    } else {
        discriminant(&first.value) == discriminant(&second.value)
    };
    (!is_same).then(|| (name, first.witnesses.clone(), second.witnesses.clone()))
}
