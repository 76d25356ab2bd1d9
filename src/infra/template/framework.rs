//! Variables of the Serverless framework: `${self:custom.host}`, which it fills in before `CloudFormation` sees the text.

use crate::infra::value::{Hole, Pattern, Value};

/// A text in which each such variable is a hole. In a file of the framework, all of `${…}` is one.
pub(super) fn filled_before(text: &str, is_certain: bool) -> Value<String> {
    let mut pattern = Pattern::default();
    let (mut begin, mut at) = (0, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let next = rest.char_indices().find(|(_, letter)| *letter == '$').map(|(next, _)| at + next);
        let Some(next) = next else { break };
        let found = text.get(next..).and_then(|rest| variable(rest, is_certain));
        match found {
            Some(length) => {
                pattern.push(&Pattern::text(text.get(begin..next).unwrap_or_default()));
                let name = text.get(next..next + length).unwrap_or_default();
                let name = name.strip_prefix("${").and_then(|name| name.strip_suffix('}')).unwrap_or(name);
                pattern.push(&Pattern::hole(Hole::named(name)));
                (begin, at) = (next + length, next + length);
            }
            None => at = next + 1,
        }
    }
    pattern.push(&Pattern::text(text.get(begin..).unwrap_or_default()));
    pattern.into_value()
}

/// The length of the variable with which a text begins.
fn variable(rest: &str, is_certain: bool) -> Option<usize> {
    const SOURCES: [&str; 9] = ["self:", "opt:", "env:", "sls:", "param:", "file(", "ssm:", "cf:", "cf."];
    let inner = rest.strip_prefix("${")?;
    if !is_certain && !SOURCES.iter().any(|source| inner.starts_with(source)) {
        return None;
    }
    let mut depth = 0_usize;
    for (at, letter) in rest.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(at + 1),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}
