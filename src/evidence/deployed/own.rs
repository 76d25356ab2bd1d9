//! What Pomerium and its Envoy say of themselves.

use serde_json::Value;
use url::Url;

use super::SIGN_IN;
use crate::config::CALLBACK_PATH;
use crate::evidence::{Answer, told};

/// Envoy's word for how long whoever is behind it took to answer.
pub(super) const UPSTREAM_TIME: &str = "x-envoy-upstream-service-time";

/// Pomerium's Envoy says that nobody behind it answers.
pub(super) fn has_reset(answer: &Answer) -> bool {
    answer.status >= 500 && envoys_words(answer).is_some_and(|text| is_of_upstream(told::word(&text)))
}

/// What Envoy's router says of whoever is behind it, after all that decides whether one may pass: the words of its
/// `source/common/http/codes` and `source/common/router/router.cc`.
pub(super) fn is_of_upstream(word: &str) -> bool {
    const OTHERS: [&str; 4] =
        ["no_healthy_upstream", "cluster_not_found", "response_timeout", "dns_resolution_failure"];
    word.starts_with("upstream_") || OTHERS.contains(&word)
}

/// Pomerium's Envoy answers itself.
pub(super) fn is_envoys(answer: &Answer) -> bool {
    envoys_words(answer).is_some()
}

/// What Pomerium's Envoy says in its own words: three members and no more (`config/envoyconfig/local_reply.go`).
fn envoys_words(answer: &Answer) -> Option<String> {
    let Ok(Value::Object(document)) = serde_json::from_str(&answer.body) else { return None };
    let is_whole = document.len() == 3 && document.contains_key("requestId") && document.contains_key("status");
    document.get("statusText").filter(|_| is_whole)?.as_str().map(str::to_owned)
}

/// Envoy cannot ask whether a visitor may pass: an empty 503, as Pomerium sets it (`config/envoyconfig/filters.go`). Where it says how
/// long somebody behind it took, that one has answered.
pub(super) fn is_cut_off(answer: &Answer) -> bool {
    let is_envoy = answer.header("server").is_some_and(|server| server == "envoy");
    let is_its_own = answer.header("x-request-id").is_some() && answer.header(UPSTREAM_TIME).is_none();
    answer.status == 503 && is_envoy && answer.body.trim().is_empty() && is_its_own
}

/// Pomerium's document is not as long, in bytes.
const LONGEST: usize = 16 * 1024;

/// The callback that Pomerium's document names, if it is one.
pub(in crate::evidence) fn callback(answer: &Answer) -> Option<String> {
    document(answer).map(|(callback, _)| callback)
}

pub(super) fn document(answer: &Answer) -> Option<(String, Value)> {
    if answer.status != 200 || answer.body.len() > LONGEST {
        return None;
    }
    let document: Value = serde_json::from_str(&answer.body).ok()?;
    let text = |name: &str| document.get(name)?.as_str().map(str::to_owned);
    let callback = text("authentication_callback_endpoint")?;
    let url = Url::parse(&callback).ok()?;
    let is_whole = text("frontchannel_logout_uri").is_some() && text("jwks_uri").is_some();
    (is_whole && url.has_host() && url.path().ends_with(CALLBACK_PATH)).then_some((callback, document))
}

/// What Pomerium words its errors with for programs: `{"Status":500,"RequestID":"…"}` (`internal/httputil/errors.go`).
pub(super) fn error_id(answer: &Answer) -> Option<String> {
    let document: Value = serde_json::from_str(&answer.body).ok()?;
    document.get("Status")?.as_u64()?;
    document.get("RequestID")?.as_str().filter(|id| !id.is_empty()).map(str::to_owned)
}

/// Whether Pomerium or its Envoy says this.
pub(in crate::evidence) fn is_of_pomerium(answer: &Answer) -> bool {
    let is_link = |url: Url| url.path() == SIGN_IN;
    let body = answer.body.trim();
    callback(answer).is_some() || error_id(answer).is_some() || is_envoys(answer) || Url::parse(body).is_ok_and(is_link)
}
