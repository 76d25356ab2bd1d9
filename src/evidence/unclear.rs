//! What to say of an exchange that does not answer the question.

use super::{Answer, Exchange, Missing, Outcome, Step};

/// Characters of a foreign text that a message shows.
const SHOWN: usize = 160;

/// The answer, or why there is none.
pub(super) fn answer(exchange: &Exchange) -> Result<&Answer, Missing> {
    match &exchange.outcome {
        Outcome::Answer(answer) => Ok(answer),
        Outcome::Failure(failure) => {
            let (url, cause) = (exchange.request.url.clone(), failure.cause.clone());
            Err(match failure.step {
                Step::NotRecorded => Missing::NotRecorded { url },
                Step::Budget => Missing::Budget(format!("{url} was not asked: {cause}")),
                Step::Policy => Missing::Forbidden { url, why: cause, flag: failure.flag },
                step => Missing::Unreachable { url, step, cause },
            })
        }
    }
}

/// An answer that shows nothing: what was expected, and what came.
pub(super) fn inconclusive(exchange: &Exchange, expected: &str) -> Missing {
    match answer(exchange) {
        Err(missing) => missing,
        Ok(answer) => Missing::Inconclusive {
            url: exchange.request.url.clone(),
            status: answer.status,
            why: format!("expected {expected}; got {}", summary(answer)),
        },
    }
}

/// An answer in a few words: the status, and where it leads or how its body begins.
pub(super) fn summary(answer: &Answer) -> String {
    let status = status_line(answer.status);
    match answer.header("location") {
        Some(location) => format!("{status} to {}", excerpt(location)),
        None if answer.body.trim().is_empty() => format!("{status} with an empty body"),
        None => format!("{status}: {}", excerpt(answer.body.trim())),
    }
}

/// `404 Not Found`, as Go's `Response.Status`.
pub(super) fn status_line(status: u16) -> String {
    let reason = reqwest::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    reason.map_or_else(|| status.to_string(), |reason| format!("{status} {reason}"))
}

/// A foreign text made safe to show: one line, without control characters, shortened.
pub(super) fn excerpt(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(SHOWN)
        .map(|letter| match letter {
            letter if letter.is_whitespace() => ' ',
            // Controls could rewrite the terminal, and marks of direction the order of what is read.
            letter if letter.is_control() || is_invisible(letter) => char::REPLACEMENT_CHARACTER,
            letter => letter,
        })
        .collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A page for people, where a machine should have answered.
pub(super) fn is_html(answer: &Answer) -> bool {
    let declared = answer.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    declared || answer.body.trim_start_matches('\u{feff}').trim_start().starts_with('<')
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::evidence::{Failure, Flag, sample};

    #[test]
    fn what_stopped_before_the_network_is_told_apart() {
        let mut exchange = sample::failure("https://x/", Step::Policy, "only https is asked");
        assert!(matches!(answer(&exchange), Err(Missing::Forbidden { flag: None, .. })));
        exchange.outcome = Outcome::Failure(Failure::forbidden(Flag::SecretTo, "not to x".to_owned()));
        assert!(matches!(answer(&exchange), Err(Missing::Forbidden { flag: Some(Flag::SecretTo), .. })));
        let exchange = sample::failure("https://x/", Step::Budget, "used up");
        assert!(matches!(answer(&exchange), Err(Missing::Budget(words)) if words.contains("https://x/")));
    }

    #[test]
    fn a_foreign_text_cannot_write_on_the_terminal() {
        let shown = excerpt(&format!("\u{1b}[2J\r\nfine\u{202e}{}", "x".repeat(500)));
        assert!(!shown.chars().any(char::is_control) && !shown.contains('\u{202e}'), "{shown:?}");
        assert!(shown.chars().count() == SHOWN + 1 && shown.ends_with('…'));
    }
}
