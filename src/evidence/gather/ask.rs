//! Puts questions within a budget and keeps every exchange.

use std::cell::{Cell, RefCell};

use crate::evidence::{Exchange, Failure, Outcome, Question, Step, Transport};

/// Questions for one app client; a healthy login takes six.
const EACH: usize = 15;

/// Puts questions and keeps the exchanges in the order asked.
pub(super) struct Asker<'a> {
    transport: &'a dyn Transport,
    budget: usize,
    asked: Cell<usize>,
    exchanges: RefCell<Vec<Option<Exchange>>>,
}

impl<'a> Asker<'a> {
    pub(super) fn new(transport: &'a dyn Transport, clients: usize) -> Self {
        Self { transport, budget: EACH * clients, asked: Cell::new(0), exchanges: RefCell::default() }
    }

    /// Asks, unless the budget is used up.
    pub(super) async fn ask(&self, question: Question) -> Exchange {
        let place = self.asked.get();
        if place >= self.budget {
            let cause = format!("the {} questions of this run are used up", self.budget);
            let outcome = Outcome::Failure(Failure { step: Step::Budget, cause });
            return Exchange { id: question.id, request: question.request, outcome, at: 0, ms: 0, attempts: 0 };
        }
        self.asked.set(place + 1);
        self.exchanges.borrow_mut().push(None);
        let exchange = self.transport.ask(&question).await;
        if let Some(slot) = self.exchanges.borrow_mut().get_mut(place) {
            *slot = Some(exchange.clone());
        }
        exchange
    }

    /// Every exchange, in the order asked.
    pub(super) fn into_exchanges(self) -> Vec<Exchange> {
        self.exchanges.into_inner().into_iter().flatten().collect()
    }
}
