//! What comes of a criterion that says the same of everybody: it depends on the operator and the action above it
//! (`pkg/policy/generator/conditionals.go`; in `authorize/check_response.go`, who is not logged in is sent to log in first, and a
//! `deny` goes before an `allow`).

use serde_json::{Map, Value as Json};

use super::Finding;
use super::criterion::Placed;
use crate::config::Joined;

/// What a criterion says of whoever logs in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is false for everybody.
    Never,
    /// It is true for everybody.
    Always,
    /// One of its operators is always true, and the others decide.
    Others,
}

impl Finding {
    /// Of an answer that keeps nobody out who is meant to come in, no login fails.
    #[must_use]
    pub(super) fn comes_of(self, placed: Placed<'_>, answer: Answer) -> Self {
        if placed.keeps_out(answer) { self } else { self.stops_no_login() }
    }
}

impl Placed<'_> {
    /// What comes of an answer.
    pub(super) fn then(self, answer: Answer) -> &'static str {
        let allows = self.policy.action != "deny";
        match (allows, self.criterion.joined, answer) {
            (true, Joined::Or | Joined::And, Answer::Never) => "so this never matches",
            (true, Joined::Not, Answer::Never) => "so below `not` this keeps nobody out",
            (true, Joined::Nor, Answer::Never) => "so below `nor` this lets in everybody who logs in",
            (true, Joined::Not, Answer::Always) => "so below `not` this lets nobody in",
            (true, Joined::Nor, Answer::Always) => "so below `nor` this lets nobody in",
            (false, Joined::Or | Joined::And, Answer::Never) | (false, Joined::Not | Joined::Nor, Answer::Always) => {
                "so this never denies anybody"
            }
            (false, Joined::Not, Answer::Never) => "so below `not` this spares nobody",
            (false, Joined::Nor, Answer::Never) => "so below `nor` this denies everybody",
            (false, Joined::Or, Answer::Always) => "so this denies everybody",
            (true, Joined::Or, Answer::Always) if self.excludes() => "so this excludes nobody",
            _ => "so this is always true",
        }
    }

    /// What comes of a criterion that is always false.
    pub(super) fn never(self) -> &'static str {
        self.then(Answer::Never)
    }

    /// What a criterion says of a claim that is never there. `exclude` asks for just that.
    pub(super) fn never_there(self) -> Answer {
        if self.excludes() { Answer::Always } else { Answer::Never }
    }

    /// What a criterion says that compares something with what it never is.
    pub(super) fn compared(self, operator: &str) -> Answer {
        match &self.criterion.data {
            _ if !matches!(operator, "not" | "not_in" | "exclude") => Answer::Never,
            Json::Object(operators) if operators.len() > 1 => Answer::Others,
            _ => Answer::Always,
        }
    }

    /// Whether it is no more than what the page says: below `allow`, and straight.
    pub(super) fn admits(self) -> bool {
        self.policy.action != "deny" && matches!(self.criterion.joined, Joined::Or | Joined::And)
    }

    fn keeps_out(self, answer: Answer) -> bool {
        let inverts = matches!(self.criterion.joined, Joined::Not | Joined::Nor);
        match answer {
            Answer::Others => false,
            Answer::Always | Answer::Never => {
                let holds = (answer == Answer::Always) != inverts;
                holds == (self.policy.action == "deny")
            }
        }
    }

    fn excludes(self) -> bool {
        let only = |operators: &Map<String, Json>| operators.keys().all(|operator| operator == "exclude");
        matches!(&self.criterion.data, Json::Object(operators) if !operators.is_empty() && only(operators))
    }
}
