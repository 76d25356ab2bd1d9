//! Questions with an answer, and what is known of them.

use super::{ExchangeId, Missing, Need, World};
use crate::config::{Client, Config, Literals};

/// A fact and the exchanges that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen<T> {
    /// What was learnt.
    pub value: T,
    /// The exchanges that show it, the telling one first.
    pub witnesses: Vec<ExchangeId>,
}

/// What is known of a fact.
pub type Evidence<T> = Result<Seen<T>, Missing>;

/// One configuration, one of its clients, and all that is known about the provider: what a rule judges.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// What is known.
    pub world: &'a World,
    /// Its literal settings.
    pub literals: &'a Literals,
    /// All clients of the configuration.
    pub clients: &'a [Client],
    /// The one that rules keyed to a client judge now.
    pub client: usize,
}

impl Case<'_> {
    /// Why there is no client to judge: what keeps the configuration from naming one.
    pub(super) fn no_client(&self) -> Missing {
        self.literals.cognito.as_ref().err().map_or(Missing::Follows(Need::File), |gap| self.lacks(gap))
    }
}

/// A question with an answer. A rule asks it by naming the type in its signature.
pub trait Fact: Sized {
    /// The evidence it takes.
    const NEED: Need;
    /// The answer differs from client to client.
    const PER_CLIENT: bool = false;
    /// Whether it is known is an answer as well: a rule judges without it.
    const OPTIONAL: bool = false;
    /// It is every option at once, those with a reference for a value among them.
    const HOLDS_REFERENCES: bool = false;
    /// The answer for this case, and its witnesses.
    ///
    /// # Errors
    /// The reason why it is not known.
    fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing>;
    /// The parts of the answer that cannot be seen from here, although they are known to exist. What is wrong with the rest is
    /// wrong all the same; that nothing is says little.
    fn unseen(_: &Case<'_>) -> Vec<Missing> {
        Vec::new()
    }
}
