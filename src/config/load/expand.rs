//! `$NAME` and `${NAME}` as `envsubst` replaces them in a file before it is deployed.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use crate::config::secrets::is_telling_name;
use crate::config::settings::Expanded;
use crate::config::text::{Node, Room, Sources, Span, Value, unknown_text};
use crate::secret::Secret;

/// What the variables of a file stand for.
pub(super) struct Expansion<'a> {
    known: &'a HashMap<String, String>,
    room: Room,
    /// What was replaced so far.
    found: RefCell<Vec<Expanded>>,
    /// Where variables are mentioned that are not set.
    unset: RefCell<Vec<Span>>,
}

impl<'a> Expansion<'a> {
    /// Variables, for one file.
    pub(super) fn of(known: &'a HashMap<String, String>) -> Self {
        Self { known, room: Room::default(), found: RefCell::default(), unset: RefCell::default() }
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
                let expanded = self.text(written, span);
                let quoted = || sources.slice(span).starts_with(['"', '\'', '|', '>']);
                // Where nothing is left of an unquoted value, YAML would have read nothing.
                node.value = if expanded.is_empty() && !quoted() { Value::Null } else { Value::Text(expanded) };
            }
            Value::List(elements) => elements.iter_mut().for_each(|element| self.values(element, sources)),
            Value::Map(entries) => entries.iter_mut().for_each(|entry| self.values(&mut entry.value, sources)),
            _ => {}
        }
    }

    /// Where variables are mentioned that are not set.
    pub(super) fn unset(&self) -> Vec<Span> {
        self.unset.borrow().clone()
    }

    /// What was replaced, and the values that are secrets by the names of their variables.
    pub(super) fn into_found(self) -> (Vec<Expanded>, Vec<(Secret, Span)>) {
        let found = self.found.into_inner();
        let secret = |Expanded { variable, at }: &Expanded| {
            let value = self.known.get(variable).filter(|_| is_telling_name(variable))?;
            Some((Secret::new(value.as_str()), *at))
        };
        let secrets = found.iter().filter_map(secret).collect();
        (found, secrets)
    }

    /// Replaces the variables of a text that stands at a place. One that is not set is left: `envsubst` makes nothing of it, but
    /// whoever deploys will have set it.
    pub(super) fn text(&self, written: &str, at: Span) -> String {
        let mut expanded = String::with_capacity(written.len());
        let mut rest = written;
        let mut replaced = BTreeSet::new();
        while let Some(dollar) = rest.find('$') {
            expanded.push_str(&rest[..dollar]);
            rest = &rest[dollar..];
            let Some((name, length)) = variable(rest) else {
                expanded.push('$');
                rest = &rest[1..];
                continue;
            };
            rest = &rest[length..];
            let Some(value) = self.known.get(name) else {
                expanded.push_str(&unknown_text(name));
                self.unset.borrow_mut().push(at);
                continue;
            };
            let fits = self.room.take(name, value).unwrap_or_default();
            if !fits.is_empty() {
                replaced.insert(name);
            }
            expanded.push_str(fits);
        }
        expanded.push_str(rest);
        let replaced = replaced.into_iter().map(|name| Expanded { variable: name.to_owned(), at });
        self.found.borrow_mut().extend(replaced);
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
    use crate::config::text::SourceId;

    const AT: Span = Span { source: SourceId::FIRST, start: 0, end: 1 };

    #[test]
    fn variables_are_replaced_as_envsubst_replaces_them() {
        let known = HashMap::from([("A".to_owned(), "one".to_owned()), ("B_2".to_owned(), "$A".to_owned())]);
        for (written, expanded) in [
            ("${A}/x", "one/x"),
            ("$A.$B_2", "one.$A"),
            ("${UNSET}", "${UNSET}"),
            ("x$UNSET/$A", "x${UNSET}/one"),
            ("${A:-x} $1 $$ ${", "${A:-x} $1 $$ ${"),
            ("${pomerium.id_token}", "${pomerium.id_token}"),
        ] {
            assert_eq!(Expansion::of(&known).text(written, AT), expanded, "{written}");
        }
    }

    #[test]
    fn a_file_that_mentions_a_long_variable_often_stays_small() {
        let known = HashMap::from([("A".to_owned(), "x".repeat(1 << 20))]);
        let expansion = Expansion::of(&known);
        assert!(expansion.text(&"${A}".repeat(100), AT).len() < 5 << 20);
        assert!(expansion.problem().is_some_and(|words| words.contains("`A`")));
    }
}
