//! What is known of a question, and who shows it.

use super::{ExchangeId, Missing};

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
