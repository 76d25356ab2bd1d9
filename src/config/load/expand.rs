//! `$NAME` and `${NAME}` as `envsubst` replaces them in a file before it is deployed.

use std::collections::HashMap;

use super::super::node::{Node, Value};
use super::super::room::Room;
use super::super::source::Sources;

/// What the variables of a file stand for.
pub(super) struct Expansion<'a> {
    known: &'a HashMap<String, String>,
    room: Room,
}

impl<'a> Expansion<'a> {
    /// Variables, for one file.
    pub(super) fn of(known: &'a HashMap<String, String>) -> Self {
        Self { known, room: Room::default() }
    }

    /// What is wrong if the variables make too much text.
    pub(super) fn problem(&self) -> Option<String> {
        self.room.problem()
    }

    /// Replaces the variables in every text below a node.
    pub(super) fn values(&self, node: &mut Node, sources: &Sources) {
        let span = node.span;
        match &mut node.value {
            Value::Text(written) if written.contains('$') => {
                let expanded = self.text(written);
                let quoted = || sources.slice(span).starts_with(['"', '\'', '|', '>']);
                // Where nothing is left of an unquoted value, YAML would have read nothing.
                node.value = if expanded.is_empty() && !quoted() { Value::Null } else { Value::Text(expanded) };
            }
            Value::List(elements) => elements.iter_mut().for_each(|element| self.values(element, sources)),
            Value::Map(entries) => entries.iter_mut().for_each(|entry| self.values(&mut entry.value, sources)),
            _ => {}
        }
    }

    /// Replaces the variables of a text; one that is not set becomes nothing.
    pub(super) fn text(&self, written: &str) -> String {
        let mut expanded = String::with_capacity(written.len());
        let mut rest = written;
        while let Some(at) = rest.find('$') {
            expanded.push_str(&rest[..at]);
            rest = &rest[at..];
            let Some((name, length)) = variable(rest) else {
                expanded.push('$');
                rest = &rest[1..];
                continue;
            };
            let value = self.known.get(name).map_or("", String::as_str);
            expanded.push_str(self.room.take(name, value).unwrap_or_default());
            rest = &rest[length..];
        }
        expanded.push_str(rest);
        expanded
    }
}

/// The name of the variable at the beginning, and how long its mention is.
fn variable(text: &str) -> Option<(&str, usize)> {
    let bare = &text[1..];
    let braced = bare.strip_prefix('{');
    let name = braced.unwrap_or(bare);
    let length = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    let (name, after) = name.split_at(length);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return None;
    }
    match braced {
        Some(_) => after.starts_with('}').then_some((name, length + 3)),
        None => Some((name, length + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_as_envsubst_replaces_them() {
        let known = HashMap::from([("A".to_owned(), "one".to_owned()), ("B_2".to_owned(), "$A".to_owned())]);
        for (written, expanded) in [
            ("${A}/x", "one/x"),
            ("$A.$B_2", "one.$A"),
            ("${UNSET}", ""),
            ("${A:-x} $1 $$ ${", "${A:-x} $1 $$ ${"),
            ("${pomerium.id_token}", "${pomerium.id_token}"),
        ] {
            assert_eq!(Expansion::of(&known).text(written), expanded, "{written}");
        }
    }

    #[test]
    fn a_file_that_mentions_a_long_variable_often_stays_small() {
        let known = HashMap::from([("A".to_owned(), "x".repeat(1 << 20))]);
        let expansion = Expansion::of(&known);
        assert!(expansion.text(&"${A}".repeat(100)).len() < 5 << 20);
        assert!(expansion.problem().is_some_and(|words| words.contains("`A`")));
    }
}
