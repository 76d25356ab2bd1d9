//! Variables in compose files (<https://docs.docker.com/reference/compose-file/interpolation/>).

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use crate::config::secrets::is_telling_name;
use crate::config::settings::Expanded;
use crate::config::text::{Place, Rewriter, Room, Span};
use crate::secret::Secret;

/// What the variables of a compose file stand for.
#[derive(Default)]
pub(super) struct Variables<'o> {
    known: HashMap<String, (String, Option<Span>)>,
    /// The names of those that this process brings along.
    process: BTreeSet<String>,
    /// Those among them that the last text mentioned.
    mentioned: RefCell<BTreeSet<String>>,
    /// Those that were mentioned at all, and where their values ended up.
    expanded: RefCell<Vec<Expanded>>,
    secrets: RefCell<Vec<(String, Secret)>>,
    /// Those of the surroundings, for what is not known here.
    outer: Option<&'o Variables<'o>>,
    room: Room,
}

/// Defaults inside defaults: nobody nests them deeper, and a hostile file would cost stack.
const DEEPEST: usize = 20;

impl<'o> Variables<'o> {
    /// None yet, inside of others.
    pub(super) fn inside(outer: &'o Variables<'o>) -> Self {
        Self { outer: Some(outer), ..Self::default() }
    }

    /// Sets a variable, with the place of its value if a file sets it.
    pub(super) fn set(&mut self, name: impl Into<String>, value: impl Into<String>, at: Option<Span>) {
        self.known.insert(name.into(), (value.into(), at));
    }

    /// Sets a variable of this process.
    pub(super) fn set_by_process(&mut self, name: &str, value: &str) {
        self.set(name, value, None);
        self.process.insert(name.to_owned());
    }

    /// Remembers that a file mentions a variable, if this process brings it along.
    pub(super) fn mention(&self, name: &str, value: &str) {
        if let Some(outer) = self.outer.filter(|_| !self.known.contains_key(name)) {
            return outer.mention(name, value);
        }
        if !self.process.contains(name) {
            return;
        }
        let root = self.root();
        root.mentioned.borrow_mut().insert(name.to_owned());
        let mut secrets = root.secrets.borrow_mut();
        if is_telling_name(name) && !secrets.iter().any(|(known, _)| known == name) {
            secrets.push((name.to_owned(), Secret::new(value)));
        }
    }

    /// Remembers where the values ended up that the last text mentioned.
    pub(super) fn ended_up(&self, at: Span) {
        let root = self.root();
        let mentioned = std::mem::take(&mut *root.mentioned.borrow_mut());
        root.expanded.borrow_mut().extend(mentioned.into_iter().map(|variable| Expanded { variable, at }));
    }

    fn root(&self) -> &Variables<'o> {
        self.outer.map_or(self, Variables::root)
    }

    /// All that ended up somewhere.
    pub(super) fn expanded(&self) -> Vec<Expanded> {
        self.expanded.borrow().clone()
    }

    /// The values that are secrets by the names of their variables.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        self.secrets.borrow().iter().map(|(_, secret)| secret.clone()).collect()
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let own = self.known.get(name).map(|(value, _)| value.as_str());
        own.or_else(|| self.outer?.get(name))
    }

    /// The room that is left for the values of variables, and for copies of them.
    pub(super) fn room(&self) -> &Room {
        self.outer.map_or(&self.room, Variables::room)
    }

    /// Where the value of a variable is written, if a text is a mention of that variable and nothing else.
    pub(super) fn place_of(&self, text: &str) -> Option<Span> {
        let reference = Reference::at(text, 0, text.len(), &braces(text))?;
        let (_, at) = self.known.get(reference.name).filter(|_| reference.end == text.len())?;
        *at
    }

    /// Replaces the variables in a text that stands at a place. One that nobody sets here stays as it is written: whoever
    /// starts the containers may set it.
    pub(super) fn interpolate(&self, text: &str, place: Place) -> (String, Place) {
        self.root().mentioned.borrow_mut().clear();
        if !text.contains('$') {
            return (text.to_owned(), place);
        }
        let mut out = Rewriter::new(text, place);
        Expander { variables: self, text, braces: braces(text), out: &mut out }.expand(0..text.len(), 0);
        out.finish()
    }
}

/// A text while its variables are replaced.
struct Expander<'e, 't> {
    variables: &'e Variables<'e>,
    text: &'t str,
    braces: Braces,
    out: &'e mut Rewriter<'t>,
}

impl Expander<'_, '_> {
    fn expand(&mut self, range: Range<usize>, depth: usize) {
        let text = self.text;
        let mut at = range.start;
        while let Some(dollar) = text.get(at..range.end).and_then(|rest| rest.find('$')).map(|found| at + found) {
            self.out.keep(at..dollar);
            if text[dollar + 1..range.end].starts_with('$') {
                self.out.replace(dollar..dollar + 2, "$");
                at = dollar + 2;
                continue;
            }
            let Some(reference) = Reference::at(text, dollar, range.end, &self.braces) else {
                self.out.keep(dollar..dollar + 1);
                at = dollar + 1;
                continue;
            };
            at = reference.end;
            self.substitute(dollar, &reference, depth);
        }
        self.out.keep(at..range.end);
    }

    fn substitute(&mut self, start: usize, reference: &Reference<'_>, depth: usize) {
        let whole = start..reference.end;
        let Reference { name, operator, operand, .. } = reference;
        let variables = self.variables;
        let set = variables.get(name).filter(|value| !(operator.starts_with(':') && value.is_empty()));
        match (set, operator.trim_start_matches(':')) {
            (Some(_), "+") | (None, "-") if depth < DEEPEST => self.expand(operand.clone(), depth + 1),
            (Some(value), "" | "-" | "?") => {
                variables.mention(name, value);
                self.out.replace(whole, variables.room().take(name, value).unwrap_or_default());
            }
            // What is left depends on who starts the containers.
            _ => self.out.keep(whole),
        }
    }
}

/// One mention of a variable.
struct Reference<'a> {
    name: &'a str,
    /// `:-`, `-`, `:?`, `?`, `:+`, `+`, or nothing.
    operator: &'a str,
    /// What stands behind the operator.
    operand: Range<usize>,
    /// Where the mention ends.
    end: usize,
}

impl<'a> Reference<'a> {
    /// Reads the mention whose dollar sign is here.
    fn at(text: &'a str, dollar: usize, limit: usize, closing: &Braces) -> Option<Self> {
        let bare = text.get(dollar..limit)?.strip_prefix('$')?;
        let braced = bare.starts_with('{');
        let begin = dollar + 1 + usize::from(braced);
        let rest = text.get(begin..limit)?;
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, after) = rest.split_at(length);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return None;
        }
        let behind = begin + length;
        if !braced {
            return Some(Self { name, operator: "", operand: behind..behind, end: behind });
        }
        let close = closing.get(&(dollar + 1)).copied().filter(|close| *close < limit)?;
        let operators = [":-", ":?", ":+", "-", "?", "+"];
        let operator = operators.into_iter().find(|operator| after.starts_with(operator)).unwrap_or("");
        if operator.is_empty() && close != behind {
            return None;
        }
        Some(Self { name, operator, operand: behind + operator.len()..close, end: close + 1 })
    }
}

/// Where the brace stands that closes the one of a `${`. They are looked for once for a whole text.
type Braces = HashMap<usize, usize>;

fn braces(text: &str) -> Braces {
    let mut closed = Braces::new();
    let mut open = Vec::new();
    let mut before = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' if before == b'$' => open.push(at),
            b'}' => closed.extend(open.pop().map(|start| (start, at))),
            // No mention goes over a line's end.
            b'\n' => open.clear(),
            _ => {}
        }
        before = byte;
    }
    closed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::text::{Source, SourceKind, Sources};

    #[test]
    fn variables_are_replaced_by_the_grammar_of_compose() {
        let mut variables = Variables::default();
        variables.set("SET", "value", None);
        variables.set("EMPTY", "", None);
        for (text, result) in [
            ("$SET/${SET}", "value/value"),
            ("${SET:-x}${SET-x}${SET:?x}", "valuevaluevalue"),
            ("${EMPTY:-x}|${EMPTY-x}", "x|"),
            ("${UNSET:-x}|${UNSET-y}", "x|y"),
            ("${UNSET:-${SET}}", "value"),
            ("${UNSET:-${OTHER:-deep}}", "deep"),
            ("${SET:+yes}|${EMPTY:+yes}", "yes|${EMPTY:+yes}"),
            ("$$SET $${x}", "$SET ${x}"),
            ("https://${UNSET}/$UNSET", "https://${UNSET}/$UNSET"),
            ("${UNSET:?set it}", "${UNSET:?set it}"),
            ("${AWS-REGION}", "REGION"),
            ("100$ ${ ${1} ${pomerium.id_token}", "100$ ${ ${1} ${pomerium.id_token}"),
        ] {
            let place = Place::Decoded(Span {
                source: Sources::default().add(Source::new("x", SourceKind::File, "")),
                start: 0,
                end: 0,
            });
            assert_eq!(variables.interpolate(text, place).0, result, "{text}");
        }
    }

    #[test]
    fn braces_are_matched_in_one_pass_and_not_over_a_line() {
        let of = |text: &str| {
            let mut braces: Vec<_> = braces(text).into_iter().collect();
            braces.sort_unstable();
            braces
        };
        assert_eq!(of("${A:-${B}}}"), [(1, 9), (6, 8)]);
        assert_eq!(of("${A {x} ${B\n}"), [(1, 6)]);
        assert!(of(&"${A:-".repeat(10_000)).is_empty());
    }

    #[test]
    fn what_grows_too_much_is_left_out_and_named() {
        let mut variables = Variables::default();
        variables.set("LONG", "x".repeat(1 << 20), None);
        let inner = Variables::inside(&variables);
        let place = Place::Decoded(Span {
            source: Sources::default().add(Source::new("x", SourceKind::File, "")),
            start: 0,
            end: 0,
        });
        let (text, _) = inner.interpolate(&"$LONG".repeat(100), place);
        assert!(text.len() < 5 << 20, "{}", text.len());
        assert!(variables.room().problem().is_some_and(|words| words.contains("LONG")));
    }

    #[test]
    fn what_is_not_replaced_keeps_its_place() {
        let mut sources = Sources::default();
        let text = "a: ${UNSET:-word} other";
        let source = sources.add(Source::new("x", SourceKind::File, text));
        let (expanded, place) = Variables::default().interpolate(text, Place::Verbatim(source, 0));
        for word in ["word", "other"] {
            let start = expanded.find(word).unwrap_or_default();
            assert_eq!(sources.slice(place.span(start, start + word.len())), word);
        }
    }
}
