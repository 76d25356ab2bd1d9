//! Dynamic references: `{{resolve:ssm:/path}}`. `CloudFormation` fills them in last, when a text has come together from its parts.

use crate::infra::value::{Hole, Part, Pattern, Value};

const OPENING: &str = "{{resolve:";
const CLOSING: &str = "}}";

/// A text in which each dynamic reference is a hole, also one that is made of several parts.
pub(super) fn resolved(value: Value<String>) -> Value<String> {
    match value {
        Value::Known(text) => without_references(&Pattern::text(text)).into_value(),
        Value::Pattern(pattern) => without_references(&pattern).into_value(),
        Value::OneOf(values) => Value::OneOf(values.into_iter().map(resolved).collect()),
        Value::Unset | Value::Unknown(_) => value,
    }
}

fn without_references(pattern: &Pattern) -> Pattern {
    let mut read = Pattern::default();
    // What stands in a reference that is not closed yet.
    let mut open: Option<Pattern> = None;
    let mut parts = pattern.parts().iter().peekable();
    while let Some(part) = parts.next() {
        let mut rest = match part {
            Part::Text(text) => text.as_str(),
            Part::Hole(hole) => {
                open.as_mut().unwrap_or(&mut read).push(&Pattern::hole(hole.clone()));
                continue;
            }
        };
        loop {
            let Some(mut inner) = open.take() else {
                let Some((before, after)) = opened(rest, matches!(parts.peek(), Some(Part::Hole(_)))) else {
                    read.push(&Pattern::text(rest));
                    break;
                };
                read.push(&Pattern::text(before));
                open = Some(Pattern::default());
                rest = after;
                continue;
            };
            let Some((before, after)) = rest.split_once(CLOSING) else {
                inner.push(&Pattern::text(rest));
                open = Some(inner);
                break;
            };
            inner.push(&Pattern::text(before));
            read.push(&reference(&inner));
            rest = after;
        }
    }
    match open {
        // Whatever fills the hole may close it.
        Some(inner) if inner.holes().next().is_some() => read.push(&reference(&inner)),
        Some(inner) => {
            read.push(&Pattern::text(OPENING));
            read.push(&inner);
        }
        None => {}
    }
    read
}

/// What stands before and behind the beginning of a reference. Before a hole, a part of that beginning is enough.
fn opened(text: &str, is_before_hole: bool) -> Option<(&str, &str)> {
    let whole = text.split_once(OPENING);
    let mut beginnings = (2..OPENING.len()).rev().filter_map(|length| OPENING.get(..length));
    whole.or_else(|| {
        beginnings.find_map(|part| text.strip_suffix(part)).filter(|_| is_before_hole).map(|before| (before, ""))
    })
}

fn reference(inner: &Pattern) -> Pattern {
    Pattern::hole(Hole::of_expression(
        format!("resolve:{inner}"),
        inner.identity().map(|inner| format!("resolve:{inner}")),
    ))
}
