//! What is wrong with a text that is plain up to near its end: the parser says that, of an excerpt.
//!
//! The parser takes many times as long as the reader of plain texts, and most of a text that does not parse is plain. Behind its plain
//! lines the parser stands as it stands behind those few that opened what is still open there. So all others are made blank, and what
//! it says of the rest is said of the same lines. A fuzz target and a test compare that with what it says of the whole text.

use super::{MOST_NODES, SyntaxProblem, Tree, body_of};

/// A place in the text.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) offset: usize,
    /// Counted from 1.
    pub(super) line: u32,
}

/// Where a text is no longer plain.
pub(super) struct Stop {
    /// The lines on which all begins that is open there, and those of the last entries; in order.
    pub(super) lines: Vec<u32>,
    /// The last line that is plain and no comment: whether it has ended there, only the next one tells.
    pub(super) last: At,
    /// How many nodes were read.
    pub(super) nodes: usize,
}

impl Stop {
    /// Whether so little of a text is left that it may be read twice.
    pub(super) fn is_late(&self, text: &str) -> bool {
        text.len().saturating_sub(self.last.offset) < text.len() / 8
    }

    /// What is wrong with the rest of the text, if anything is, and no limit of ours comes before it.
    pub(super) fn problem(&self, text: &str) -> Option<SyntaxProblem> {
        let body = body_of(text);
        let rest = body.get(self.last.offset..)?;
        if self.nodes + rest.len() > MOST_NODES {
            return None;
        }
        let excerpt = self.head(body) + rest;
        let added = text.len() - excerpt.len();
        let problem = Tree::parse(&excerpt).err()?;
        let is_of_rest = problem.start >= excerpt.len() - rest.len();
        let (start, end) = (problem.start + added, problem.end + added);
        is_of_rest.then_some(SyntaxProblem { start, end, ..problem })
    }

    /// The lines before the rest: those that count, and as many in all.
    fn head(&self, body: &str) -> String {
        let mut lines = self.lines.iter().copied().peekable();
        let mut head = String::new();
        for (line, number) in body.split_inclusive('\n').zip(1..self.last.line) {
            head.push_str(if lines.next_if_eq(&number).is_some() { line } else { "\n" });
        }
        head
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_the_rest_is_said_as_of_the_whole() {
        for (text, lines) in [
            ("a: b\nc:\n  - d: e\n    f: g\n  - d: [h\n", vec![1, 2, 3]),
            ("a: b\n\nc: d\ne: f: g\n", vec![1]),
            ("a:\n  b:\n    c: 1\n d: e\n", vec![1, 2]),
            ("a:\n  b: 1\n  c: 2\n  d: 3\n e\n", vec![1, 2]),
            ("---\na: b\nc: d\n# x\n  e: f\n", vec![2]),
            ("- a\n- b\n- - c\n  - d\n  - \"e\n", vec![1, 3]),
            ("a: b\nc: d\ne: *f\n", vec![1]),
            ("\u{feff}a: b\nc: d\ne: {", vec![1]),
        ] {
            let stop = Tree::plain(text).unwrap_err().unwrap();
            assert_eq!(stop.lines, lines, "{text:?}");
            assert_eq!(stop.problem(text), Some(Tree::parse(text).unwrap_err()), "{text:?}");
        }
    }

    #[test]
    fn what_is_right_or_too_much_is_left_to_the_parser() {
        let stop = |text: &str| Tree::plain(text).unwrap_err().unwrap();
        for text in ["a: b\nc: [d]\n", "a: b\nc: |\n  d\n"] {
            assert_eq!(stop(text).problem(text), None, "{text:?}");
        }
        let text = "a: b\nc: [\n";
        let full = Stop { nodes: MOST_NODES, ..stop(text) };
        assert_eq!(full.problem(text), None);
        let long = "a: b\n".repeat(99) + "c: [\n";
        assert!(!stop(text).is_late(text) && stop(&long).is_late(&long));
    }
}
