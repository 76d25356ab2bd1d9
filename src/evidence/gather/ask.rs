//! Puts questions within a budget and keeps every exchange.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::unsent::Unsent;
use crate::evidence::{Exchange, ExchangeId, Failure, Outcome, Question, Step, Transport};

/// Questions for one app client; a healthy login takes six.
pub(super) const EACH: usize = 15;

/// Calls of the API of AWS for one app client.
pub(super) const CALLS: usize = 9;

/// Questions put again while a change is waited for, in all.
pub(super) const REPEATED: usize = 60;

/// Puts questions and keeps the exchanges in the order asked.
pub(super) struct Asker<'a> {
    transport: &'a dyn Transport,
    clients: usize,
    unsent: Unsent,
    left: Cell<usize>,
    calls_left: Rc<Cell<usize>>,
    repeats_left: Cell<usize>,
    exchanges: RefCell<Vec<Option<Exchange>>>,
}

impl<'a> Asker<'a> {
    pub(super) fn new(transport: &'a dyn Transport, clients: usize, unsent: Unsent) -> Self {
        let (left, calls_left) = (Cell::new(EACH * clients), Rc::new(Cell::new(CALLS * clients)));
        let repeats_left = Cell::new(REPEATED);
        Self { transport, clients, unsent, left, calls_left, repeats_left, exchanges: RefCell::default() }
    }

    /// How long a refusal is asked about again.
    pub(super) fn patience(&self) -> Option<Duration> {
        self.transport.patience()
    }

    /// Asks once more what was asked already; nothing comes of it if no request is left for that, or none was recorded.
    pub(super) async fn ask_again(&self, question: Question) -> Option<Exchange> {
        let waits = self.patience() != Some(Duration::ZERO);
        let left = if waits { &self.repeats_left } else { &self.left };
        left.set(left.get().checked_sub(1)?);
        let exchange = self.transport.ask(&question).await;
        if matches!(&exchange.outcome, Outcome::Failure(failure) if failure.step == Step::NotRecorded) {
            return None;
        }
        self.exchanges.borrow_mut().push(Some(exchange.clone()));
        Some(exchange)
    }

    /// Asks, unless the budget is used up or a secret would get into the URL.
    pub(super) async fn ask(&self, mut question: Question) -> Exchange {
        if let Some(clean) = self.unsent.without(&question.request.url) {
            question.request.url = clean;
            let cause = "a secret would stand in the URL".to_owned();
            let outcome = Outcome::Failure(Failure::new(Step::Policy, cause));
            return Exchange { id: question.id, request: question.request, outcome, at: 0, ms: 0, attempts: 0 };
        }
        self.put(question, &self.left, EACH).await
    }

    /// Calls the API of AWS, unless the budget for that is used up.
    pub(super) async fn ask_call(&self, question: Question) -> Exchange {
        self.put(question, &self.calls_left, CALLS).await
    }

    /// How many calls of that API may still be sent. What is repeated takes of it too.
    pub(super) fn calls_left(&self) -> Rc<Cell<usize>> {
        Rc::clone(&self.calls_left)
    }

    async fn put(&self, question: Question, left: &Cell<usize>, each: usize) -> Exchange {
        let Some(rest) = left.get().checked_sub(1) else {
            let cause = format!("the {} questions of this run are used up", each * self.clients);
            let outcome = Outcome::Failure(Failure::new(Step::Budget, cause));
            return Exchange { id: question.id, request: question.request, outcome, at: 0, ms: 0, attempts: 0 };
        };
        left.set(rest);
        let place = self.exchanges.borrow().len();
        self.exchanges.borrow_mut().push(None);
        let exchange = self.transport.ask(&question).await;
        if let Some(slot) = self.exchanges.borrow_mut().get_mut(place) {
            *slot = Some(exchange.clone());
        }
        exchange
    }

    /// Every exchange, in the order of a login: what concerns the issuer, then each client, question by question. The order in which
    /// they were asked depends on which of several answers came first, and a replay shall tell the same story.
    pub(super) fn into_exchanges(self) -> Vec<Exchange> {
        let mut exchanges: Vec<Exchange> = self.exchanges.into_inner().into_iter().flatten().collect();
        exchanges.sort_by_key(|exchange| place(&exchange.id));
        exchanges
    }
}

/// Where an exchange stands in the report: the client, or 0 for what concerns the issuer, and the question. Those of one place stay in
/// the order asked.
fn place(id: &ExchangeId) -> (usize, usize) {
    const ISSUER: [&str; 7] =
        ["discovery", "issuer-variant", "keys", "domain", "aws-pool", "aws-domain", "aws-provider"];
    // Of two names that begin alike, the longer one first.
    const CLIENT: [(&str, usize); 8] = [
        ("authorize-control-again", 7),
        ("authorize-again", 6),
        ("authorize", 0),
        ("scope", 1),
        ("callback-near", 2),
        ("login-page", 3),
        ("token", 4),
        ("sign-out", 5),
    ];
    if let Some(place) = ISSUER.iter().position(|name| id.0.starts_with(name)) {
        return (0, place);
    }
    // The exchanges of the second client end in `.2`.
    let client = id.0.rsplit_once('.').and_then(|(_, number)| number.parse().ok()).unwrap_or(1);
    let question = CLIENT.iter().find(|(name, _)| id.0.starts_with(name)).map_or(CLIENT.len(), |(_, place)| *place);
    (client, question)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_comes_first_and_each_client_after_it() {
        let mut ids = ["authorize.2", "token.10", "login-page", "authorize", "keys", "discovery-redirect-1"]
            .map(|id| ExchangeId(id.to_owned()));
        ids.sort_by_key(place);
        let sorted = ["discovery-redirect-1", "keys", "authorize", "login-page", "authorize.2", "token.10"];
        assert_eq!(ids.map(|id| id.0), sorted);
    }
}
