//! One question, sent once.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE};
use url::Url;

use super::Route;
use super::origins::Origin;
use crate::evidence::redact::redacted;
use crate::evidence::wire::basic;
use crate::evidence::{Answer, Failure, Question, Step, failure, unclear};
use crate::go::url::query_encode;

/// More of a body is not read, in bytes, counted after decompression.
pub(super) const BODY_LIMIT: usize = 256 * 1024;
/// Before a request is repeated.
pub(super) const PAUSE: Duration = Duration::from_millis(250);
/// The longest pause that a server's `Retry-After` can make us take.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

pub(super) async fn send(question: &Question, url: &Url, origin: &Origin, route: &Route) -> Result<Answer, Failure> {
    let method = if question.request.method == "POST" { Method::POST } else { Method::GET };
    let mut request = route.request(method.clone(), url.clone(), origin)?;
    if let Some(accept) = question.accept {
        request = request.header(ACCEPT, accept).header(ACCEPT_ENCODING, "identity");
    }
    if let Some((id, secret)) = &question.basic {
        request = request.header(AUTHORIZATION, basic(id, secret));
    }
    if method == Method::POST {
        request = request
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(query_encode(&question.request.form));
    }
    let response = request.send().await;
    let response = response.map_err(|error| failure::classify(&error, &origin.host, route.proxy.as_deref()))?;
    read(response, &origin.host).await
}

/// Reads an answer as far as it is kept, already redacted but for our own `state`.
async fn read(mut response: reqwest::Response, host: &str) -> Result<Answer, Failure> {
    let status = response.status().as_u16();
    let headers = response.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let headers: Vec<(String, String)> = headers.collect();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure::classify_body(&error, host))? {
        body.extend_from_slice(&chunk);
        if body.len() > BODY_LIMIT {
            break;
        }
    }
    let truncated = body.len() > BODY_LIMIT;
    body.truncate(BODY_LIMIT);
    Ok(Answer { truncated, ..redacted(status, &headers, &String::from_utf8_lossy(&body)) })
}

/// Whether an attempt is to be repeated, and after which pause: if no connection came about, and, for questions that
/// carry nothing, if the server closed it without an answer, is overloaded or broken, or if a firewall refused.
pub(super) fn pause_before_repeating(method: &str, attempt: &Result<Answer, Failure>) -> Option<Duration> {
    match attempt {
        Err(Failure { step: Step::Connect, .. }) => Some(PAUSE),
        // Until the handshake is over nothing was asked.
        Err(failure) if failure.hung_up && (method == "GET" || failure.step == Step::Tls) => Some(PAUSE),
        Ok(answer) if method == "GET" && unclear::is_passing(answer) => {
            let wished = answer.header("retry-after").and_then(|value| value.parse().ok()).map(Duration::from_secs);
            Some(wished.unwrap_or(PAUSE).clamp(PAUSE, LONGEST_PAUSE))
        }
        _ => None,
    }
}

/// What counts of two attempts: whoever was not asked again, or did not answer in time then, has said nothing more.
pub(super) fn last_word<T>(first: Result<T, Failure>, second: Result<T, Failure>) -> Result<T, Failure> {
    match second {
        Err(Failure { step: Step::Budget | Step::Timeout, .. }) => first,
        second => second,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_repeated() {
        let answer = |status, headers| {
            Ok(Answer { status, headers, body: String::new(), truncated: false, ..Answer::default() })
        };
        let wait = |seconds: &str| vec![("retry-after".to_owned(), seconds.to_owned())];
        let failure = |step| Err(Failure::new(step, ""));
        assert_eq!(pause_before_repeating("GET", &answer(503, vec![])), Some(PAUSE));
        assert_eq!(pause_before_repeating("GET", &answer(429, wait("1"))), Some(Duration::from_secs(1)));
        assert_eq!(pause_before_repeating("GET", &answer(429, wait("3600"))), Some(LONGEST_PAUSE));
        assert_eq!(pause_before_repeating("GET", &answer(429, wait("0"))), Some(PAUSE));
        assert_eq!(pause_before_repeating("GET", &answer(403, vec![])), Some(PAUSE));
        assert_eq!(pause_before_repeating("GET", &answer(403, vec![("x-amzn-requestid".into(), "1".into())])), None);
        assert_eq!(pause_before_repeating("GET", &answer(400, vec![])), None);
        assert_eq!(pause_before_repeating("POST", &answer(503, vec![])), None);
        assert_eq!(pause_before_repeating("POST", &failure(Step::Connect)), Some(PAUSE));
        for step in [Step::Timeout, Step::Certificate, Step::Authority, Step::Policy, Step::Read, Step::NoSuchHost] {
            assert_eq!(pause_before_repeating("GET", &failure(step)), None);
        }
        let closed = |step| Err(Failure { hung_up: true, ..Failure::new(step, "") });
        assert_eq!(pause_before_repeating("GET", &closed(Step::Read)), Some(PAUSE));
        assert_eq!(pause_before_repeating("POST", &closed(Step::Tls)), Some(PAUSE));
        assert_eq!(pause_before_repeating("POST", &closed(Step::Read)), None);
    }
}
