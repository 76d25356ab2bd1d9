//! What else stands on the line of a place. A whole file may be one line, and hold other programs' settings beside those of Pomerium:
//! of the mappings and lists around the place, only what is Pomerium's is shown, and what leads to it.

use std::ops::Range;

use super::hidden::is_word;
use crate::config::releases::options::{OPTIONS, ROUTE, bound_to};
use crate::spelling::lower;

/// Brackets that stand deeper are letters.
const DEEPEST: usize = 64;

/// They say what the rest is about.
const SUBJECTS: [&str; 5] = ["name", "value", "image", "kind", "apiVersion"];

/// The parts of a line that are not shown when a place on it is. A line with one mapping or list is no whole file.
pub fn beside(line: &str, place: &Range<usize>) -> Vec<Range<usize>> {
    let mut hidden = Vec::new();
    if memchr::memchr2(b'{', b'[', line.as_bytes()).is_none() {
        return hidden;
    }
    let tree = tree(line);
    if tree.items.iter().any(|item| !item.items.is_empty()) {
        tree.hide(line, place, &mut hidden);
        hidden.dedup_by(|next, hidden: &mut Range<usize>| {
            // Several in a row are one that is not shown.
            let between = line.get(hidden.end..next.start).unwrap_or("x");
            let is_one = between.trim_matches([' ', ',']).is_empty();
            if is_one {
                hidden.end = next.end;
            }
            is_one
        });
    }
    hidden
}

/// An element of a list or a mapping, or a whole line.
#[derive(Default)]
struct Item {
    start: usize,
    end: usize,
    /// The elements of the lists and mappings in it.
    items: Vec<Item>,
}

/// The brackets and commas of a line that stand in no quotation, whatever the format, and in nothing that somebody fills in.
fn signs(line: &str) -> Vec<(usize, char)> {
    let mut signs = Vec::new();
    let (mut quote, mut before) = (None, None);
    let mut shown_again = 0;
    // Where no such thing ends any more, none begins.
    let mut ends = [("{{", "}}", true), ("${", "}", true)];
    for (at, letter) in line.char_indices() {
        let last = before.replace(letter);
        if at < shown_again {
            continue;
        }
        match quote {
            Some(end) if letter == end && last != Some('\\') => quote = None,
            None if matches!(letter, '"' | '\'') && !last.is_some_and(char::is_alphanumeric) => quote = Some(letter),
            None if "{$".contains(letter)
                && let Some((begin, end, may_end)) =
                    ends.iter_mut().find(|(begin, _, may_end)| *may_end && line[at..].starts_with(*begin)) =>
            {
                match line[at..].find(*end) {
                    Some(length) => shown_again = at + length + end.len(),
                    None => *may_end = false,
                }
                if !*may_end && *begin == "{{" {
                    signs.push((at, letter));
                }
            }
            None if "{}[],".contains(letter) => signs.push((at, letter)),
            _ => {}
        }
    }
    signs
}

fn tree(line: &str) -> Item {
    // What is closed here and was opened on the lines above, or before the part of a long line that is looked at.
    let (mut depth, mut above) = (0_usize, 0_usize);
    for (_, sign) in signs(line) {
        match sign {
            '{' | '[' => depth += 1,
            '}' | ']' if depth == 0 => above += 1,
            '}' | ']' => depth -= 1,
            _ => {}
        }
    }
    let mut open: Vec<Item> = std::iter::repeat_with(Item::default).take(1 + above.min(DEEPEST)).collect();
    let close = |open: &mut Vec<Item>, end: usize| {
        if let Some(item) = open.pop()
            && let Some(outer) = open.last_mut()
        {
            outer.items.push(Item { end, ..item });
        }
    };
    let mut deeper = 0_usize;
    for (at, sign) in signs(line) {
        match sign {
            '{' | '[' if open.len() > 2 * DEEPEST => deeper += 1,
            '{' | '[' => open.push(Item { start: at + 1, ..Item::default() }),
            '}' | ']' if deeper > 0 => deeper -= 1,
            ',' if open.len() > 1 && deeper == 0 => {
                close(&mut open, at);
                open.push(Item { start: at + 1, ..Item::default() });
            }
            '}' | ']' if open.len() > 1 => close(&mut open, at),
            _ => {}
        }
    }
    while open.len() > 1 {
        close(&mut open, line.len());
    }
    Item { end: line.len(), ..open.pop().unwrap_or_default() }
}

impl Item {
    /// Notes what is not shown of an item that is shown.
    fn hide(&self, line: &str, place: &Range<usize>, hidden: &mut Vec<Range<usize>>) {
        if self.is_own(line) {
            return;
        }
        for item in &self.items {
            if item.start <= place.start && place.end <= item.end {
                item.hide(line, place, hidden);
            } else if !item.is_own(line) {
                let text = line.get(item.start..item.end).unwrap_or_default();
                let start = item.end - text.trim_start().len();
                let end = item.start + text.trim_end().len();
                hidden.extend((start < end).then_some(start..end));
            }
        }
    }

    /// Whether it is a setting of Pomerium's, or says what the others are about.
    fn is_own(&self, line: &str) -> bool {
        let text = line.get(self.start..self.end).unwrap_or_default().trim_start_matches([' ', '-', '"', '\'']);
        let length = text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(byte)).count();
        let (name, behind) = text.split_at(length);
        if !behind.trim_start_matches(['"', '\'', ' ']).starts_with([':', '=']) {
            return false;
        }
        let is_single = self.items.is_empty();
        if is_single && (SUBJECTS.contains(&name) || bound_to(name).is_some()) {
            return true;
        }
        let key = lower(name);
        [&OPTIONS, &ROUTE]
            .iter()
            .filter_map(|object| object.field(&key))
            .any(|field| is_single || !is_word(&field.kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str, place: &str) -> String {
        let start = line.find(place).unwrap_or_default();
        let mut shown = String::new();
        let mut done = 0;
        for hidden in beside(line, &(start..start + place.len())) {
            shown += line.get(done..hidden.start).unwrap_or_default();
            shown.push('…');
            done = hidden.end;
        }
        shown + line.get(done..).unwrap_or_default()
    }

    #[test]
    fn what_is_somebody_elses_is_left_out() {
        for (line, place, expected) in [
            (
                "services: {p: {image: \"a:v1\", environment: {IDP_PROVIDER: cognit, X: y}, command: [-p, x]}, db: {x: y}}",
                "cognit",
                "services: {p: {image: \"a:v1\", environment: {IDP_PROVIDER: cognit, …}, …}, …}",
            ),
            (
                "services: {p: {image: a, command: x -p y}}",
                "p: {image: a, command: x -p y}",
                "services: {p: {image: a, …}}",
            ),
            ("services: {p: {image: a, command: x -p y}}", "services", "services: {…}"),
            (
                "{\"env\":[{\"name\":\"IDP_PROVIDER\",\"value\":\"cognit\"},{\"name\":\"X\",\"value\":\"}\"}],\"args\":[\"x\"]}",
                "\"cognit\"",
                "{\"env\":[{\"name\":\"IDP_PROVIDER\",\"value\":\"cognit\"},…],…}",
            ),
            (
                "x: y}, environment: {IDP_PROVIDER: cognit}, command: x}",
                "cognit",
                "…, environment: {IDP_PROVIDER: cognit}, …}",
            ),
            ("routes: [{from: a, to: b, x: [c, d]}]", "from: a", "routes: [{from: a, to: b, x: [c, d]}]"),
            ("idp_scopes: [openid, email]", "openid", "idp_scopes: [openid, email]"),
            ("- {name: IDP_PROVIDER, value: cognit}", "cognit", "- {name: IDP_PROVIDER, value: cognit}"),
            ("a: b, c", "b", "a: b, c"),
        ] {
            assert_eq!(shown(line, place), expected);
        }
    }

    #[test]
    fn a_long_line_is_read_once() {
        for unit in ["{", "}", "{a: b}, ", "[\"", "a, "] {
            let make = |size| unit.repeat(size / unit.len());
            crate::work::grows_with_its_input(unit, 256 * 1024, make, |text| drop(beside(text, &(9..10))));
        }
    }
}
