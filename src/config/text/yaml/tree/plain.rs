//! Plain YAML, as most files are written: mappings and lists in block style, and scalars of one line. It is read line by line, at a
//! fraction of what the parser takes. Of whatever else a text holds nothing is said here, not even that it is wrong: the parser
//! reads the whole of it anew. Both make the same trees, which a fuzz target and a test hold (`fuzz/run 600 yaml`).

use super::excerpt::{At, Stop};
use super::{Builder, DEEPEST, Kind, MOST_NODES, Raw, Tree, plain_tag};

/// A key may be as long as this and have its colon behind it (`scanner.c`, `yaml_parser_stale_simple_keys`, has 1,024).
const LONGEST_KEY: usize = 1000;

/// A collection that is not yet at its end.
struct Open {
    /// Where its keys, or the marks of its items, stand in their lines.
    column: usize,
    is_list: bool,
    /// The lines on which it begins, and the last of its entries.
    lines: [u32; 2],
    /// Behind a key or a mark: where its value stands if there is none.
    waiting: Option<At>,
}

/// The tree of a text, with what stands before it; or where it is no longer plain, or longer than is read. Of some texts that is not
/// said.
pub(super) fn read(body: &str, shift: usize) -> Result<Tree<'_>, Option<Stop>> {
    // Other characters may end lines, or be none at all for the parser.
    if !body.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~')) {
        return Err(None);
    }
    let mut reader =
        Reader { builder: Builder::new(shift, body.len()), open: Vec::new(), last: None, replaced: Vec::new() };
    let mut at = At { offset: 0, line: 1 };
    for line in body.split('\n') {
        let last = reader.last;
        if reader.line(line, at).is_none() {
            return Err(last.map(|last| reader.stop(last)));
        }
        at = At { offset: at.offset + line.len() + 1, line: at.line + 1 };
    }
    while reader.open.last().is_some() {
        reader.close().ok_or(None)?;
    }
    if reader.builder.tree.root.is_some() { Ok(reader.builder.tree) } else { Err(None) }
}

struct Reader<'t> {
    builder: Builder<'t>,
    open: Vec<Open>,
    /// The last line that has been read and is no comment.
    last: Option<At>,
    /// The lines of what was open before this line, where it changes them.
    replaced: Vec<[u32; 2]>,
}

impl<'t> Reader<'t> {
    fn line(&mut self, line: &'t str, start: At) -> Option<()> {
        let text = line.trim_start_matches(' ');
        if text.is_empty() || text.starts_with('#') {
            return Some(());
        }
        let is_first = self.last.replace(start).is_none();
        self.replaced.clear();
        let column = line.len() - text.len();
        if column == 0 && (text.starts_with("---") || text.starts_with("...")) {
            return (is_first && text == "---").then_some(());
        }
        let at = At { offset: start.offset + column, ..start };
        self.settle(column, is_item(text))?;
        self.node(text, at, column)
    }

    /// Closes what ends before a line at this column.
    fn settle(&mut self, column: usize, is_item: bool) -> Option<()> {
        // A list may stand at the column of the key that it is the value of.
        while self
            .open
            .last()
            .is_some_and(|open| open.column > column || open.column == column && open.is_list && !is_item)
        {
            self.close()?;
        }
        match self.open.last_mut() {
            // A second root.
            None => self.builder.tree.root.is_none().then_some(()),
            Some(open) if open.column < column || open.is_list != is_item => open.waiting.is_some().then_some(()),
            Some(open) => {
                let waiting = open.waiting.take();
                waiting.map_or(Some(()), |at| self.null(at))
            }
        }
    }

    /// What stands at a place: items, keys, and behind them a scalar or nothing.
    fn node(&mut self, text: &'t str, mut at: At, mut column: usize) -> Option<()> {
        let mut rest = text;
        // Inside the line, a scalar may stand behind the mark of an item.
        let mut is_inside = false;
        while is_item(rest) {
            self.expect(true, column, at)?;
            let behind = &rest[1..];
            let value = behind.trim_start_matches(' ');
            let mark = At { offset: at.offset + 1, ..at };
            if value.is_empty() || value.starts_with('#') {
                return self.wait(mark);
            }
            let skipped = rest.len() - value.len();
            at.offset += skipped;
            column += skipped;
            rest = value;
            is_inside = true;
        }
        let Some(colon) = colon(rest) else {
            return if is_inside { self.scalar(rest, at) } else { None };
        };
        let key = rest[..colon].trim_end_matches(' ');
        if !is_plain(key) || key.len() > LONGEST_KEY {
            return None;
        }
        self.expect(false, column, at)?;
        self.add(key, true, at, key.len())?;
        let value = rest[colon + 1..].trim_start_matches(' ');
        if value.is_empty() || value.starts_with('#') {
            return self.wait(At { offset: at.offset + colon + 1, ..at });
        }
        self.scalar(value, At { offset: at.offset + rest.len() - value.len(), ..at })
    }

    /// A collection of this kind is open at this column, or is opened.
    fn expect(&mut self, is_list: bool, column: usize, at: At) -> Option<()> {
        if let Some(open) = self.open.last_mut() {
            if open.column == column && open.is_list == is_list {
                self.replaced.push(open.lines);
                open.lines[1] = at.line;
                return Some(());
            }
            open.waiting = None;
        }
        let kind = if is_list { Kind::Sequence } else { Kind::Mapping };
        let tag = if is_list { "!!seq" } else { "!!map" };
        if self.open.len() >= DEEPEST {
            return None;
        }
        let raw = self.raw(kind, tag, "", at, 0);
        self.builder.open(raw, None).ok()?;
        self.open.push(Open { column, is_list, lines: [at.line; 2], waiting: None });
        Some(())
    }

    fn close(&mut self) -> Option<()> {
        let open = self.open.pop()?;
        self.replaced.push(open.lines);
        if let Some(at) = open.waiting {
            self.null(at)?;
        }
        self.builder.close(0);
        Some(())
    }

    /// Where the reader stands before a line that it cannot read, which is behind this one.
    fn stop(&self, last: At) -> Stop {
        let lines = self.open.iter().map(|open| &open.lines).chain(&self.replaced).flatten();
        let mut lines: Vec<u32> = lines.copied().filter(|line| *line < last.line).collect();
        lines.sort_unstable();
        lines.dedup();
        Stop { lines, last, nodes: self.builder.tree.nodes.len() }
    }

    fn wait(&mut self, at: At) -> Option<()> {
        self.open.last_mut()?.waiting = Some(at);
        Some(())
    }

    fn null(&mut self, at: At) -> Option<()> {
        self.add("", true, at, 0)
    }

    fn scalar(&mut self, text: &'t str, at: At) -> Option<()> {
        let quote = text.as_bytes().first().copied().filter(|byte| matches!(byte, b'"' | b'\''));
        if let Some(quote) = quote {
            let inner = &text[1..];
            let length = inner.find(char::from(quote))?;
            let (value, behind) = (&inner[..length], &inner[length + 1..]);
            let is_plain = !value.contains('\\') || quote == b'\'';
            let blank = behind.trim_start_matches(' ');
            let is_end = blank.is_empty() || blank.starts_with('#') && blank.len() < behind.len();
            return if is_plain && is_end { self.add(value, false, at, length + 2) } else { None };
        }
        let is_comment = |at: &usize| at.checked_sub(1).is_some_and(|before| text.as_bytes()[before] == b' ');
        let comment = memchr::memchr_iter(b'#', text.as_bytes()).find(is_comment);
        let value = comment.map_or(text, |at| &text[..at]).trim_end_matches(' ');
        if is_plain(value) && colon(value).is_none() { self.add(value, true, at, value.len()) } else { None }
    }

    fn add(&mut self, value: &'t str, plain: bool, at: At, length: usize) -> Option<()> {
        if self.builder.tree.nodes.len() >= MOST_NODES {
            return None;
        }
        let tag = if plain { plain_tag(value) } else { "!!str" };
        let raw = Raw { plain, ..self.raw(Kind::Scalar, tag, value, at, length) };
        self.builder.add(raw, None);
        Some(())
    }

    fn raw(&self, kind: Kind, tag: &'static str, value: &'t str, at: At, length: usize) -> Raw<'t> {
        let start = at.offset + self.builder.shift;
        Raw {
            kind,
            tag: tag.into(),
            value: value.into(),
            plain: false,
            is_block: false,
            has_bracket: false,
            reaches_end: false,
            start,
            end: start + length,
            line: at.line,
            children: Vec::new(),
        }
    }
}

/// Whether an item of a list begins here.
fn is_item(text: &str) -> bool {
    text == "-" || text.starts_with("- ")
}

/// Where the colon behind a key stands.
fn colon(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut colons = memchr::memchr2_iter(b':', b'#', bytes);
    // Behind a blank, a comment begins.
    let is_end = |at: usize| match bytes[at] {
        b':' => bytes.get(at + 1).is_none_or(|next| *next == b' '),
        _ => at > 0 && bytes[at - 1] == b' ',
    };
    colons.find(|at| is_end(*at)).filter(|at| bytes[*at] == b':')
}

/// A scalar without quotes, on one line. Some could begin with one of these and a letter; they are left to the parser.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with([
            '-', '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`',
        ])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pieces of lines: each is something for one of the two readers.
    const PIECES: [&str; 36] = [
        "a",
        "b: c",
        "a:",
        "a: ",
        "- ",
        "-",
        "- a",
        "- a: b",
        "- - c",
        ": ",
        ":",
        " #",
        "#",
        "# x",
        "\n",
        "\n",
        "\n  ",
        "\n    ",
        "\n- ",
        "\n  - ",
        " ",
        "  ",
        "'x'",
        "\"y\"",
        "'",
        "\"",
        "<<",
        "<<: ",
        "1",
        "~",
        "null",
        "---",
        "...",
        "https://a:80/x#y",
        "a b",
        "|",
    ];

    fn is_read(text: &str) -> bool {
        assert!(Tree::is_read_alike(text), "{text:?}");
        read(text, 0).is_ok()
    }

    #[test]
    fn what_is_plain_is_read_here_and_as_the_parser_reads_it() {
        for text in [
            "a: b",
            "---\n# x\na: b # c\n\nc:\n  d: 'e f'\n  g: \"h\"   # i\n",
            "a:\n- b\n- c: 1\n  d:\n  - e\n-\n- - f\n  -   g\nh:\n",
            "  a: b\n  c:  \n    d: e#f:g\n",
            "a b : c d\n<<:\n1: ~\n",
            "- a\n-\n  - b: c\n    d: e\n\n  -\n",
        ] {
            assert!(is_read(text), "{text:?}");
        }
    }

    #[test]
    fn anything_else_is_left_to_the_parser() {
        for text in [
            "",
            "# x\n",
            "a",
            "a: b: c\n",
            "a: b\n  c\n",
            "a:\n  b\n",
            "a: |\n  b\n",
            "a: [b]\n",
            "a: &b c\n",
            "a: *b\n",
            "a: !b c\n",
            "? a\n",
            "a: 'b''c'\n",
            "a: \"b\\n\"\n",
            "a: \"b\n",
            "a:\tb\n",
            "a: b\r\n",
            "a: ä\n",
            "a: b\n---\nc: d\n",
            "%YAML 1.1\n---\na: b\n",
            "a: b\n c: d\n",
            "  a: b\nc: d\n",
            "a:\n  - b\n c\n",
            "- a\nb: c\n",
            "a: -1\n",
            "\"a\": b\n",
            "a: b:\n",
            "a:\n  b: c\n d: e\n",
        ] {
            assert!(!is_read(text), "{text:?}");
        }
        let deep: Vec<String> = (0..=DEEPEST).map(|depth| " ".repeat(depth) + "a:\n").collect();
        assert!(!is_read(&deep.concat()) && !is_read(&format!("{}: b\n", "a".repeat(1024))));
    }

    proptest! {
        #[test]
        fn both_readers_make_the_same_of_any_text(pieces in prop::collection::vec(0..PIECES.len(), 0..24)) {
            let text: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
            is_read(&text);
        }
    }
}
