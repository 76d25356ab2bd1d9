//! Exchanges written by hand, for tests.

use super::{Answer, Exchange, ExchangeId, Failure, Outcome, Request, Step, told};

/// 2026-11-23 17:00:00 UTC.
pub(super) const AT: u64 = 1_795_453_200;

pub(super) fn exchange(url: &str, outcome: Outcome) -> Exchange {
    let request = Request::get(url);
    Exchange { id: ExchangeId("sample".to_owned()), request, outcome, at: AT, ms: 1, attempts: 1 }
}

pub(super) fn failure(url: &str, step: Step, cause: &str) -> Exchange {
    exchange(url, Outcome::Failure(Failure::new(step, cause)))
}

pub(super) fn answer(url: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    exchange(
        url,
        Outcome::Answer(Answer { status, headers, body: body.to_owned(), truncated: false, ..Answer::default() }),
    )
}

/// With what its address tells, as it is read when an answer comes.
pub(super) fn redirect(url: &str, location: &str) -> Exchange {
    let headers = vec![("location".to_owned(), location.to_owned())];
    let answer = Answer { status: 302, headers, read: told::of_location(location), ..Answer::default() };
    exchange(url, Outcome::Answer(answer))
}
