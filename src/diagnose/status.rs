//! The status of the answer that a line tells, in whichever form of a log.

/// The names that logs have for the status.
const STATUS: [&str; 17] = [
    "response-code",
    "response_code",
    "status",
    "status_code",
    "status-code",
    "statuscode",
    "elb_status_code",
    "downstreamstatus",
    "http.status_code",
    "response_status",
    "sc-status",
    "sc_status",
    "http_status",
    "httpstatus",
    "responsestatus",
    "responsecode",
    "edgeresponsestatus",
];

/// The status of the answer.
pub(super) fn status(lower: &str) -> Option<u16> {
    let has_status = lower.contains("status");
    let named = STATUS.iter().filter(|name| has_status || !name.contains("status")).find_map(|name| {
        lower.match_indices(name).find_map(|(at, _)| {
            let before = lower.get(..at)?.chars().next_back();
            let rest = lower.get(at + name.len()..)?;
            let value = rest.trim_start_matches(['"', '\'', ':', '=', ' ']);
            let is_name = before.is_none_or(|char| !char.is_ascii_alphanumeric()) && rest.len() > value.len();
            is_name.then(|| three_digits(value)).flatten()
        })
    });
    let after_protocol = || {
        lower.match_indices("http/").find_map(|(at, _)| {
            let rest = lower.get(at + 5..)?.trim_start_matches(|char: char| char.is_ascii_digit() || char == '.');
            three_digits(rest.trim_start_matches(['"', ' ', '\'']))
        })
    };
    // Load balancers write the status before the request; browsers behind it, in brackets.
    let alone = || {
        let words = lower.split_whitespace().map(|word| word.trim_matches(['(', ')', ',']));
        words.filter(|word| word.len() == 3).find_map(three_digits)
    };
    named.or_else(after_protocol).or_else(alone)
}

/// A status at the beginning of a text.
pub(super) fn three_digits(text: &str) -> Option<u16> {
    let digits = text.get(..3)?;
    // Tables of numbers write `500.0`.
    let rest = text.get(3..)?;
    let is_end = rest
        .strip_prefix(".0")
        .unwrap_or(rest)
        .chars()
        .next()
        .is_none_or(|char| !char.is_ascii_alphanumeric() && char != '.');
    digits.parse().ok().filter(|status| is_end && (100..600).contains(status))
}
