//! Variables in compose files (<https://docs.docker.com/reference/compose-file/interpolation/>).

use std::collections::HashMap;
use std::ops::Range;

use crate::config::place::{Place, Rewriter};
use crate::config::source::Span;

/// What the variables of a compose file stand for.
#[derive(Default)]
pub(super) struct Variables(HashMap<String, (String, Option<Span>)>);

/// Defaults inside defaults: nobody nests them deeper, and a hostile file would cost stack.
const DEEPEST: usize = 20;

impl Variables {
    /// Sets a variable, with the place of its value if a file sets it.
    pub(super) fn set(&mut self, name: impl Into<String>, value: impl Into<String>, at: Option<Span>) {
        self.0.insert(name.into(), (value.into(), at));
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|(value, _)| value.as_str())
    }

    /// Where the value of a variable is written, if a text is a mention of that variable and nothing else.
    pub(super) fn place_of(&self, text: &str) -> Option<Span> {
        let reference = Reference::at(text, 0, text.len()).filter(|reference| reference.end == text.len())?;
        self.0.get(reference.name).and_then(|(_, at)| *at)
    }

    /// Replaces the variables in a text that stands at a place. One that nobody sets here stays as it is written: whoever
    /// starts the containers may set it.
    pub(super) fn interpolate(&self, text: &str, place: Place) -> (String, Place) {
        if !text.contains('$') {
            return (text.to_owned(), place);
        }
        let mut out = Rewriter::new(text, place);
        self.expand(&mut out, text, 0..text.len(), 0);
        out.finish()
    }

    fn expand(&self, out: &mut Rewriter<'_>, text: &str, range: Range<usize>, depth: usize) {
        let mut at = range.start;
        while let Some(dollar) = text.get(at..range.end).and_then(|rest| rest.find('$')).map(|found| at + found) {
            out.keep(at..dollar);
            if text[dollar + 1..range.end].starts_with('$') {
                out.replace(dollar..dollar + 2, "$");
                at = dollar + 2;
                continue;
            }
            let Some(reference) = Reference::at(text, dollar, range.end) else {
                out.keep(dollar..dollar + 1);
                at = dollar + 1;
                continue;
            };
            self.substitute(out, text, dollar, &reference, depth);
            at = reference.end;
        }
        out.keep(at..range.end);
    }

    fn substitute(&self, out: &mut Rewriter<'_>, text: &str, start: usize, reference: &Reference<'_>, depth: usize) {
        let whole = start..reference.end;
        let Reference { operator, operand, .. } = reference;
        let set = self.get(reference.name).filter(|value| !(operator.starts_with(':') && value.is_empty()));
        match (set, operator.trim_start_matches(':')) {
            (Some(_), "+") | (None, "-") if depth < DEEPEST => self.expand(out, text, operand.clone(), depth + 1),
            (Some(value), "" | "-" | "?") => out.replace(whole, value),
            // What is left depends on who starts the containers.
            _ => out.keep(whole),
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
    fn at(text: &'a str, dollar: usize, limit: usize) -> Option<Self> {
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
        let close = behind + closing_brace(after)?;
        let operators = [":-", ":?", ":+", "-", "?", "+"];
        let operator = operators.into_iter().find(|operator| after.starts_with(operator)).unwrap_or("");
        if operator.is_empty() && close != behind {
            return None;
        }
        Some(Self { name, operator, operand: behind + operator.len()..close, end: close + 1 })
    }
}

/// The place of the brace that closes one already open.
fn closing_brace(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' if at > 0 && bytes.get(at - 1) == Some(&b'$') => open += 1,
            b'}' if open == 0 => return Some(at),
            b'}' => open -= 1,
            b'\n' => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Source, SourceKind, Sources};

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
