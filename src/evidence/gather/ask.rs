//! Puts questions within a budget and keeps every exchange.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use crate::evidence::{Exchange, ExchangeId, Failure, Outcome, Question, Step, Transport};
use crate::secret::Scrubber;

/// Questions for one app client; a healthy login takes six.
pub(super) const EACH: usize = 15;

/// Puts questions and keeps the exchanges in the order asked.
pub(super) struct Asker<'a> {
    transport: &'a dyn Transport,
    budget: usize,
    secrets: Scrubber,
    asked: Cell<usize>,
    exchanges: RefCell<Vec<Option<Exchange>>>,
}

impl<'a> Asker<'a> {
    pub(super) fn new(transport: &'a dyn Transport, clients: usize, secrets: Scrubber) -> Self {
        Self { transport, budget: EACH * clients, secrets, asked: Cell::new(0), exchanges: RefCell::default() }
    }

    /// Asks, unless the budget is used up or a secret would get into the URL.
    pub(super) async fn ask(&self, mut question: Question) -> Exchange {
        if let Cow::Owned(clean) = self.secrets.scrub(&question.request.url) {
            question.request.url = clean;
            let cause = "a secret would stand in the URL".to_owned();
            let outcome = Outcome::Failure(Failure::new(Step::Policy, cause));
            return Exchange { id: question.id, request: question.request, outcome, at: 0, ms: 0, attempts: 0 };
        }
        let place = self.asked.get();
        if place >= self.budget {
            let cause = format!("the {} questions of this run are used up", self.budget);
            let outcome = Outcome::Failure(Failure::new(Step::Budget, cause));
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

    /// Every exchange, in the order of a login: what concerns the issuer, then each client. The order in which they were asked
    /// depends on which of several answers came first, and a replay shall tell the same story.
    pub(super) fn into_exchanges(self) -> Vec<Exchange> {
        let mut exchanges: Vec<Exchange> = self.exchanges.into_inner().into_iter().flatten().collect();
        exchanges.sort_by_key(|exchange| place(&exchange.id));
        exchanges
    }
}

/// Where an exchange stands in the report; those of one place stay in the order asked.
fn place(id: &ExchangeId) -> usize {
    const FIRST: [&str; 4] = ["discovery", "issuer-variant", "keys", "domain"];
    let issuer = FIRST.iter().position(|name| id.0.starts_with(name));
    // The exchanges of the second client end in `.2`.
    let client = || id.0.rsplit_once('.').and_then(|(_, number)| number.parse().ok()).unwrap_or(1);
    issuer.unwrap_or_else(|| FIRST.len() + client())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_comes_first_and_each_client_after_it() {
        let mut ids =
            ["authorize.2", "token.10", "login-page", "authorize", "keys", "discovery-redirect-1", "keys-named"]
                .map(|id| ExchangeId(id.to_owned()));
        ids.sort_by_key(place);
        let sorted =
            ["discovery-redirect-1", "keys", "keys-named", "login-page", "authorize", "authorize.2", "token.10"];
        assert_eq!(ids.map(|id| id.0), sorted);
    }
}
