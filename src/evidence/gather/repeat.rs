//! A refusal that may be over in a minute is asked about again: what is changed in Cognito takes a while to be known everywhere.

use std::time::{Duration, Instant};

use super::asking::Asking;
use crate::evidence::authorize::{Probe, Reply, classify};
use crate::evidence::unclear;
use crate::evidence::{Exchange, ExchangeId, Missing, Outcome, Step};

/// Between two questions while a change is waited for.
const PAUSE: Duration = Duration::from_secs(10);

/// What came of asking again.
pub(super) enum Repeated {
    /// It was not asked again.
    Not,
    /// It is refused as before, as these exchanges show.
    Refused(Vec<ExchangeId>),
    /// It is refused and taken by turns; says so.
    Contradicted(Missing),
    /// It is taken now, twice in a row.
    Taken {
        /// The last answer.
        again: Exchange,
        /// All of them.
        ids: Vec<ExchangeId>,
    },
}

impl Asking<'_> {
    /// Asks again what was refused first: once, or as long as `--wait` allows, or as often as is recorded.
    pub(super) async fn repeat(&self, main: &Exchange, probe: &Probe<'_>) -> Repeated {
        let patience = self.gathering.asker.patience();
        let waits = patience.is_none_or(|patience| !patience.is_zero());
        if !may_pass(main, probe, waits) {
            return Repeated::Not;
        }
        let begun = Instant::now();
        let (mut ids, mut good, mut in_a_row) = (Vec::new(), None, 0);
        while let Some(again) = self.ask_again(ids.len() + 1).await {
            ids.push(again.id.clone());
            let is_taken = is_taken(&again, main);
            in_a_row = if is_taken { in_a_row + 1 } else { 0 };
            if in_a_row == 2 {
                return Repeated::Taken { again, ids };
            }
            good = good.or_else(|| is_taken.then_some(again));
            let Some(patience) = patience else { continue };
            let left = patience.saturating_sub(begun.elapsed());
            if left.is_zero() {
                break;
            }
            tokio::time::sleep(left.min(PAUSE)).await;
        }
        match good {
            Some(good) => Repeated::Contradicted(contradiction(main, &good)),
            None if ids.is_empty() => Repeated::Not,
            None => Repeated::Refused(ids),
        }
    }

    async fn ask_again(&self, number: usize) -> Option<Exchange> {
        let question = self.authorize_question(&ExchangeId::again("authorize", number), &self.parameters);
        self.gathering.asker.ask_again(question).await
    }

    /// The control once more, if the first one met a name that was not there yet.
    pub(super) async fn control_again(&self, first: Exchange) -> Exchange {
        let question = self.authorize_question(&ExchangeId::again("authorize-control", 1), &self.control());
        self.gathering.asker.ask_again(question).await.unwrap_or(first)
    }
}

/// A callback that was registered just now is refused for a minute; with patience, so are a flow, a scope and a new name.
fn may_pass(main: &Exchange, probe: &Probe<'_>, waits: bool) -> bool {
    let reply = classify(main);
    let is_told = |code: &str| match &reply {
        Reply::ErrorPage(refusal) | Reply::Callback(refusal) => refusal.mentions(code),
        _ => false,
    };
    let is_refused =
        is_told("redirect_mismatch") || waits && (is_told("unauthorized_client") || is_told("invalid_scope"));
    probe.is_proven() && is_refused || waits && has_no_address(main)
}

fn has_no_address(exchange: &Exchange) -> bool {
    matches!(&exchange.outcome, Outcome::Failure(failure) if failure.step == Step::NoSuchHost)
}

/// What was refused is not refused any more.
fn is_taken(again: &Exchange, main: &Exchange) -> bool {
    let reply = classify(again);
    if has_no_address(main) {
        return !matches!(reply, Reply::Nothing(_));
    }
    match classify(main) {
        Reply::ErrorPage(_) => reply.knows_callback(),
        _ => reply.is_taken(),
    }
}

fn contradiction(refused: &Exchange, taken: &Exchange) -> Missing {
    let said = |exchange: &Exchange| match unclear::answer(exchange) {
        Ok(answer) => unclear::summary(answer),
        Err(_) => "no address".to_owned(),
    };
    Missing::Inconclusive {
        url: taken.request.url.clone(),
        status: unclear::answer(taken).map_or(0, |answer| answer.status),
        why: format!(
            "two answers to one question contradict each other, as they do while a change in Cognito is on its way (ask \
             again in a minute or two, or let --wait 120 do so): first {}; then {}",
            said(refused),
            said(taken)
        ),
    }
}
