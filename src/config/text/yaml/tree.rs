//! The nodes of a document, before aliases are followed.

mod excerpt;
mod plain;

use std::borrow::Cow;
use std::collections::HashMap;

use libyaml_safer::{Error, ErrorKind, Event, EventData, MappingStyle, Mark, Parser, ScalarStyle, SequenceStyle};

use super::super::parsed::{DEEPEST, MOST_NODES};
use super::scalar;
use crate::offset;
use excerpt::Stop;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Scalar,
    Sequence,
    /// Children are key, value, key, value, …
    Mapping,
    /// The node it stands for.
    Alias(NodeId),
}

/// A node, by its place in the tree that gave it out. Small: a large file has hundreds of thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NodeId(u32);

/// A node of the document.
#[derive(Debug, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a mark of its own in the text")]
pub(super) struct Raw<'t> {
    pub(super) kind: Kind,
    /// The tag in its short form, e.g. `!!str`; for a plain scalar what its text resolves to.
    pub(super) tag: Cow<'static, str>,
    /// The text of a scalar, the name of an alias, empty for the others; where a text says it as it is, it is not copied.
    pub(super) value: Cow<'t, str>,
    /// A merge key is `<<` without quotes.
    pub(super) plain: bool,
    /// Written as `|` or `>`.
    is_block: bool,
    /// It is a collection in brackets or braces, which ends with the other one.
    has_bracket: bool,
    /// Nothing follows it, not even a line end.
    reaches_end: bool,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Counted from 1, as Go's error messages do.
    pub(super) line: u32,
    pub(super) children: Vec<NodeId>,
}

/// The first document of a text.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Tree<'t> {
    nodes: Vec<Raw<'t>>,
    pub(super) root: Option<NodeId>,
    /// The byte range of the marker that begins a second document.
    pub(super) later_document: Option<(usize, usize)>,
}

/// Where and why a text is not YAML.
#[derive(Debug, PartialEq)]
pub(super) struct SyntaxProblem {
    pub(super) words: String,
    pub(super) start: usize,
    pub(super) end: usize,
    /// It is YAML, but more than we read.
    pub(super) limit: Option<Limit>,
}

/// What of a text is more than we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    Depth,
    Nodes,
}

/// A text without the byte order mark, which the grammar does not know.
fn body_of(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

impl<'t> Tree<'t> {
    pub(super) fn read(text: &'t str) -> Result<Self, SyntaxProblem> {
        Self::plain(text).or_else(|stop| {
            let problem = stop.filter(|stop| stop.is_late(text)).and_then(|stop| stop.problem(text));
            problem.map_or_else(|| Self::parse(text), Err)
        })
    }

    /// A text that is plain.
    fn plain(text: &'t str) -> Result<Self, Option<Stop>> {
        let body = body_of(text);
        plain::read(body, text.len() - body.len())
    }

    /// Any text, by the parser.
    fn parse(text: &str) -> Result<Self, SyntaxProblem> {
        let body = body_of(text);
        let builder = Builder::new(text.len() - body.len(), body.len());
        if body.ends_with(['\n', '\r']) { builder.read(body) } else { builder.read_unfinished(body) }
    }

    /// Whether both readers make the same of a text, if it is plain, or up to where it is wrong.
    pub(super) fn is_read_alike(text: &'t str) -> bool {
        match Self::plain(text) {
            Ok(plain) => Self::parse(text).is_ok_and(|parsed| parsed == plain),
            Err(stop) => {
                let problem = stop.and_then(|stop| stop.problem(text));
                problem.is_none_or(|problem| Self::parse(text).is_err_and(|parsed| parsed == problem))
            }
        }
    }

    /// A node of this tree.
    pub(super) fn get(&self, id: NodeId) -> &Raw<'t> {
        &self.nodes[id.0 as usize]
    }

    fn get_mut(&mut self, id: NodeId) -> &mut Raw<'t> {
        &mut self.nodes[id.0 as usize]
    }
}

/// Builds the tree without recursion, so that hostile nesting costs no stack.
struct Builder<'t> {
    tree: Tree<'t>,
    anchors: HashMap<String, NodeId>,
    open: Vec<NodeId>,
    /// How many bytes stand before the text that the parser sees.
    shift: usize,
    /// How long the text is, without what was added to it.
    length: usize,
}

impl<'t> Builder<'t> {
    fn new(shift: usize, length: usize) -> Self {
        Self { tree: Tree::default(), anchors: HashMap::new(), open: Vec::new(), shift, length }
    }

    /// The parser panics on a block scalar whose last line has no end, so it gets one, and the scalar loses it again: in Go
    /// too, such a scalar ends without a line end, whatever its header says.
    fn read_unfinished(self, body: &str) -> Result<Tree<'t>, SyntaxProblem> {
        let finished = format!("{body}\n");
        let mut tree = self.read(&finished)?;
        let last_line = body.rsplit(['\n', '\r']).next().unwrap_or(body);
        let surplus = if last_line.trim().is_empty() { "\n\n" } else { "\n" };
        for node in &mut tree.nodes {
            if node.is_block && node.reaches_end && node.value.ends_with(surplus) {
                node.value.to_mut().pop();
            }
        }
        Ok(tree)
    }

    fn read(mut self, body: &str) -> Result<Tree<'t>, SyntaxProblem> {
        let mut bytes = body.as_bytes();
        let mut parser = Parser::new();
        parser.set_input_string(&mut bytes);
        loop {
            let event = parser.parse().map_err(|error| self.syntax_problem(&error, body))?;
            match event.data {
                EventData::StreamEnd => return Ok(self.tree),
                EventData::DocumentEnd { .. } => break,
                _ => self.take(event, body)?,
            }
        }
        // What follows the first document is never decoded: Pomerium does not see it, not even an error in it.
        if let Ok(Event { data: EventData::DocumentStart { .. }, start_mark, end_mark, .. }) = parser.parse() {
            self.tree.later_document = Some((self.offset(start_mark.index, body), self.offset(end_mark.index, body)));
        }
        Ok(self.tree)
    }

    fn offset(&self, index: u64, body: &str) -> usize {
        offset::floor(body, usize::try_from(index).unwrap_or(usize::MAX).min(self.length)) + self.shift
    }

    fn take(&mut self, event: Event, body: &str) -> Result<(), SyntaxProblem> {
        let start = self.offset(event.start_mark.index, body);
        let end = self.offset(event.end_mark.index, body);
        let line = u32::try_from(event.start_mark.line).map_or(u32::MAX, |line| line.saturating_add(1));
        if self.tree.nodes.len() > MOST_NODES {
            return Err(SyntaxProblem { words: String::new(), start, end, limit: Some(Limit::Nodes) });
        }
        let reaches_end = usize::try_from(event.end_mark.index).is_ok_and(|index| index > self.length);
        let is_block =
            matches!(&event.data, EventData::Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, .. });
        let raw = |kind, tag, value, plain| {
            let children = Vec::new();
            Raw { kind, tag, value, plain, is_block, has_bracket: false, reaches_end, start, end, line, children }
        };
        match event.data {
            EventData::Scalar { anchor, tag, value, style, .. } => {
                let plain = style == ScalarStyle::Plain;
                let tag = match tag.as_deref() {
                    Some(tag) if tag != "!" => Cow::Owned(scalar::short_tag(tag)),
                    _ if plain => plain_tag(&value).into(),
                    _ => "!!str".into(),
                };
                let mut raw = raw(Kind::Scalar, tag, value.into(), plain);
                if !plain {
                    // A block scalar's end mark lies behind the line ends that follow it.
                    let written = body.get(start - self.shift..end - self.shift).unwrap_or_default();
                    raw.end = start + written.trim_end_matches(['\n', '\r', ' ']).len();
                }
                self.add(raw, anchor);
            }
            EventData::Alias { anchor } => {
                let Some(target) = self.anchors.get(&anchor).copied() else {
                    return Err(SyntaxProblem {
                        words: format!("unknown anchor '{anchor}' referenced"),
                        start,
                        end,
                        limit: None,
                    });
                };
                self.add(raw(Kind::Alias(target), Cow::default(), anchor.into(), false), None);
            }
            EventData::SequenceStart { anchor, tag, style, .. } => {
                let raw = raw(Kind::Sequence, collection_tag(tag.as_deref(), "!!seq"), Cow::default(), false);
                self.open(Raw { has_bracket: style == SequenceStyle::Flow, ..raw }, anchor)?;
            }
            EventData::MappingStart { anchor, tag, style, .. } => {
                let raw = raw(Kind::Mapping, collection_tag(tag.as_deref(), "!!map"), Cow::default(), false);
                self.open(Raw { has_bracket: style == MappingStyle::Flow, ..raw }, anchor)?;
            }
            EventData::SequenceEnd | EventData::MappingEnd => self.close(end),
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, raw: Raw<'t>, anchor: Option<String>) -> NodeId {
        let id = NodeId(u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX));
        self.tree.nodes.push(raw);
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, id);
        }
        match self.open.last() {
            Some(&parent) => self.tree.get_mut(parent).children.push(id),
            None => self.tree.root = Some(id),
        }
        id
    }

    fn open(&mut self, raw: Raw<'t>, anchor: Option<String>) -> Result<(), SyntaxProblem> {
        if self.open.len() >= DEEPEST {
            let (start, end) = (raw.start, raw.end);
            return Err(SyntaxProblem { words: String::new(), start, end, limit: Some(Limit::Depth) });
        }
        let id = self.add(raw, anchor);
        self.open.push(id);
        Ok(())
    }

    fn close(&mut self, end: usize) {
        let Some(id) = self.open.pop() else { return };
        let last_child = self.tree.get(id).children.last().map(|&child| self.tree.get(child).end);
        let node = self.tree.get_mut(id);
        // A block collection's own end mark lies where the next thing begins; a flow collection ends at its bracket.
        node.end = if node.has_bracket { end } else { last_child.unwrap_or(end) };
    }

    /// Go's words: the line is that of the context if there is one (`decode.go`, `parser.fail`).
    fn syntax_problem(&self, error: &Error, body: &str) -> SyntaxProblem {
        let in_scanner = u64::from(error.kind() == ErrorKind::Scanner);
        // The line end that was added makes no line.
        let added = |mark: Mark| u64::from(usize::try_from(mark.index).is_ok_and(|index| index > self.length));
        let line_of = |mark: Option<Mark>| mark.map(|mark| mark.line - added(mark)).filter(|line| *line != 0);
        let line = line_of(error.context_mark()).or(line_of(error.problem_mark())).map(|line| line + in_scanner);
        let words = match line {
            Some(line) => format!("line {line}: {}", error.problem()),
            None => error.problem().to_owned(),
        };
        let at = error.problem_mark().or(error.context_mark()).map_or(0, |mark| mark.index);
        let start = self.offset(at, body);
        let length = body.get(start - self.shift..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        SyntaxProblem { words, start, end: (start + length).min(self.length + self.shift), limit: None }
    }
}

/// The tag of a scalar without quotes.
fn plain_tag(value: &str) -> &'static str {
    if value == "<<" { "!!merge" } else { scalar::tag_of(value) }
}

fn collection_tag(tag: Option<&str>, default: &'static str) -> Cow<'static, str> {
    match tag {
        Some(tag) if tag != "!" => Cow::Owned(scalar::short_tag(tag)),
        _ => default.into(),
    }
}
