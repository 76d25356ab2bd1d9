//! How much one configuration may ask.

use super::ask;

/// So many app clients of one configuration are asked about at a time.
pub(super) const BATCH: usize = 20;

/// So many app clients of one configuration are asked about at all.
pub(super) const CLIENTS: usize = 300;

/// So many questions one configuration may ask.
pub(in crate::evidence) const QUESTIONS: usize = most_of(CLIENTS);

const fn most_of(clients: usize) -> usize {
    ask::EACH * clients + ask::REPEATED
}

/// So many requests one configuration with so many app clients may send, without the one repetition of each.
pub fn most_questions(clients: usize) -> usize {
    most_of(clients.clamp(1, CLIENTS))
}

/// So many calls of the API of AWS besides, repetitions included, with those that bring the credentials.
pub fn most_calls(clients: usize) -> usize {
    /// A chain of roles is no longer than ten, each asked for twice at most.
    const CREDENTIALS: usize = 20;
    ask::CALLS * clients.clamp(1, CLIENTS) + CREDENTIALS
}
