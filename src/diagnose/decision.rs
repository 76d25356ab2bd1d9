//! What Pomerium's line `authorize check` says of a decision (`authorize/log.go`): whom a policy refused, and what that disproves.

use super::Named;
use super::line::Line;
use super::written::what;
use crate::page::Strength;

/// What a refusal is called of which no more is known.
pub(super) const DENIED: &str = "policy-denied";

/// The refusal that a line tells, if it names the cause: a rule that denies, or a policy whose claims Pomerium knew.
pub(super) fn denied(line: &Line) -> Option<Named> {
    let lower = line.lower.as_str();
    if !lower.contains("authorize check") {
        return None;
    }
    let policy = what(DENIED)?;
    if value(lower, "deny") == Some("true") {
        return Some(Named::because(policy, Strength::Likely, "\"deny\":true in `authorize check`"));
    }
    // Nobody is let in, and nobody is sent to log in: a refusal, whatever the criterion (`authorize/check_response.go`).
    let asks_to_log_in = is_unauthenticated(lower);
    let is_by_address = ["email-unauthorized", "domain-unauthorized"].iter().any(|reason| lower.contains(reason));
    if is_by_address && knows_the_address(lower) {
        return Some(Named::because(policy, Strength::Likely, "a policy refused the address that the line shows"));
    }
    let is_refused = value(lower, "allow") == Some("false") && !asks_to_log_in;
    let strength = match knows_the_address(lower) {
        true => Strength::Likely,
        // What is known of the criterion says more.
        false if lower.contains("-unauthorized") => return None,
        false => Strength::Possible,
    };
    is_refused.then(|| Named::because(policy, strength, "\"allow\":false in `authorize check`"))
}

/// Whom a decision sends to log in: the address and the session that the line shows (`config/log/authorize.go`).
pub(super) fn sent_to_log_in(line: &Line) -> Option<String> {
    let lower = line.lower.as_str();
    let asks = is_unauthenticated(lower) && lower.contains("authorize check");
    asks.then(|| ["ip", "session-id"].map(|name| value(lower, name).unwrap_or_default()).join(" "))
}

fn is_unauthenticated(lower: &str) -> bool {
    ["user-unauthenticated", "device-unauthenticated"].iter().any(|reason| lower.contains(reason))
}

/// Whether a line about a decision shows nobody who had logged in: then it proves nothing of a login.
pub(super) fn is_of_nobody(line: &Line) -> bool {
    let lower = line.lower.as_str();
    let is_known = |name: &str| value(lower, name).is_some_and(|value| !value.is_empty());
    let is_decision = || lower.contains("allow-why-") || lower.contains("authorize check");
    is_decision() && (lower.contains("unauthenticated") || !["user", "email", "session-id"].into_iter().any(is_known))
}

/// Whether the line itself disproves a name: who has an address in the log has one in the session.
pub(super) fn is_disproved(line: &Line, name: &str) -> bool {
    name == "scope-email-missing" && knows_the_address(&line.lower)
}

fn knows_the_address(lower: &str) -> bool {
    value(lower, "email").is_some_and(|email| email.contains('@'))
}

/// What stands under a name, in JSON or in the pairs of a console.
fn value<'a>(lower: &'a str, name: &str) -> Option<&'a str> {
    let of_json = lower.split_once(&format!("\"{name}\"")).and_then(|(_, rest)| rest.trim_start().strip_prefix(':'));
    let of_pairs = || lower.split_once(&format!(" {name}=")).map(|(_, rest)| rest);
    let rest = of_json.or_else(of_pairs)?.trim_start().trim_start_matches('"');
    rest.split(|char: char| char.is_whitespace() || "\",}".contains(char)).next()
}
