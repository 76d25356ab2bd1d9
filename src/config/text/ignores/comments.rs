//! Where the comments of a text are, and which lines one of them is about.

use std::cell::Cell;
use std::ops::Range;

use libyaml_safer::{EventData, Parser, ScalarStyle};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A format that has comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Yaml,
    Toml,
    /// A configuration file of `NAME=value` lines.
    Dotenv,
    /// An environment file for a container: `#` is a comment at the start of a line only.
    Environment,
}

/// What must be known of a text to tell a comment from a value.
#[derive(Debug)]
pub(super) struct Layout {
    format: Format,
    /// Byte ranges in which `#` is no comment, in order.
    values: Vec<Range<usize>>,
    /// Texts that are values: a configuration in a `ConfigMap`.
    pub(super) texts: Vec<(Range<usize>, Format)>,
}

impl Format {
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending {
            "yaml" | "yml" => Some(Self::Yaml),
            "toml" => Some(Self::Toml),
            "env" | "dotenv" => Some(Self::Dotenv),
            _ => None,
        }
    }

    pub(super) fn layout(self, text: &str) -> Layout {
        let mut layout = Layout { format: self, values: Vec::new(), texts: Vec::new() };
        match self {
            Self::Yaml => yaml(text, &mut layout),
            Self::Toml => toml(text, &mut layout),
            Self::Dotenv | Self::Environment => {}
        }
        layout
    }
}

/// Takes the scalars of every document, up to the first error.
fn yaml(text: &str, layout: &mut Layout) {
    let shift = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    // The parser panics on a block scalar whose last line has no end.
    let body = format!("{}\n", text.get(shift..).unwrap_or_default());
    let mut bytes = body.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut bytes);
    let offset = |index: u64| usize::try_from(index).unwrap_or(usize::MAX).saturating_add(shift).min(text.len());
    let mut before = String::new();
    while let Ok(event) = parser.parse() {
        let (start, end) = (offset(event.start_mark.index), offset(event.end_mark.index));
        match event.data {
            EventData::StreamEnd => return,
            EventData::Scalar { value, style: ScalarStyle::Literal | ScalarStyle::Folded, .. } => {
                // Behind `|` there may be a comment; the value begins on the next line.
                let header = text.get(start..end).and_then(|written| written.find('\n'));
                let range = header.map_or(end, |header| start + header + 1)..end;
                if let Some(format) = embedded(&before) {
                    layout.texts.push((range.clone(), format));
                }
                layout.values.push(range);
                before = value;
            }
            EventData::Scalar { value, .. } => {
                layout.values.push(start..end);
                before = value;
            }
            _ => {}
        }
    }
}

/// The format of a text under this key: a file of a `ConfigMap`, the `content` of a compose config.
fn embedded(key: &str) -> Option<Format> {
    if key == "content" { Some(Format::Yaml) } else { Format::of_name(key) }
}

fn toml(text: &str, layout: &mut Layout) {
    if let Ok(table) = DeTable::parse(text) {
        toml_table(table.get_ref(), &mut layout.values);
        layout.values.sort_unstable_by_key(|range| range.start);
    }
}

fn toml_table(table: &DeTable<'_>, values: &mut Vec<Range<usize>>) {
    for (key, value) in table {
        values.push(key.span());
        toml_value(value, values);
    }
}

fn toml_value(value: &Spanned<DeValue<'_>>, values: &mut Vec<Range<usize>>) {
    match value.get_ref() {
        DeValue::Table(table) => toml_table(table, values),
        DeValue::Array(elements) => elements.iter().for_each(|element| toml_value(element, values)),
        _ => values.push(value.span()),
    }
}

/// A comment, from `#` to the end of its line.
#[derive(Clone, Debug)]
pub(super) struct Comment {
    pub(super) range: Range<usize>,
    line: usize,
    /// Nothing stands before it.
    is_alone: bool,
}

/// A line of a text.
struct Line {
    /// Without the line end.
    range: Range<usize>,
    /// Columns of white space before the first character.
    indent: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    Comment,
    /// `---` and directives such as `%YAML 1.2`.
    Marker,
    /// `- element`
    Element,
    /// `[table]`
    Header,
    Other,
}

/// The lines of a text with their comments.
pub(super) struct Lines<'a> {
    layout: &'a Layout,
    all: Vec<Line>,
    comments: Vec<Comment>,
    length: usize,
    /// The line that a comment was last found to be about, and where its block ends: many comments may stand above one line.
    last: Cell<(usize, usize)>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &str, layout: &'a Layout) -> Self {
        let mut found =
            Self { layout, all: Vec::new(), comments: Vec::new(), length: text.len(), last: Cell::default() };
        let mut values = layout.values.iter().peekable();
        let mut start = 0;
        for (number, written) in text.split_inclusive('\n').enumerate() {
            let content = written.trim_end_matches(['\n', '\r']);
            let body = content.trim_start_matches([' ', '\t', '\u{feff}']);
            let first = start + content.len() - body.len();
            let end = start + content.len();
            while values.next_if(|value| value.end <= start).is_some() {}
            let mut comment = None;
            // In a line of `NAME=value`, the first `#` outside quotes ends the value.
            let most = if layout.format == Format::Dotenv { 1 } else { usize::MAX };
            for at in content.match_indices('#').map(|(at, _)| start + at).take(most) {
                while values.next_if(|value| value.end <= at).is_some() {}
                let in_value = values.peek().is_some_and(|value| value.start <= at);
                let before = text.get(first..at).unwrap_or_default();
                if !in_value && layout.format.may_comment(before) {
                    let range = at..start + content.trim_end().len();
                    comment = Some(Comment { range, line: number, is_alone: before.is_empty() });
                    break;
                }
            }
            let in_value = values.peek().is_some_and(|value| value.start < first);
            let kind = match &comment {
                _ if body.is_empty() => Kind::Blank,
                Some(comment) if comment.is_alone => Kind::Comment,
                _ if in_value => Kind::Other,
                _ => layout.format.kind(body),
            };
            found.all.push(Line { range: start..end, indent: first - start, kind });
            found.comments.extend(comment);
            start += written.len();
        }
        found
    }

    pub(super) fn comments(&self) -> impl Iterator<Item = Comment> {
        self.comments.iter().cloned()
    }

    /// The whole text, if the comment is among those at the top.
    pub(super) fn whole(&self, comment: &Comment) -> Option<Range<usize>> {
        let at_top = |line: &Line| matches!(line.kind, Kind::Blank | Kind::Comment | Kind::Marker);
        (comment.is_alone && self.all.iter().take(comment.line).all(at_top)).then_some(0..self.length)
    }

    /// The line of the comment; if it stands alone, also the line below and the block that this opens.
    pub(super) fn below(&self, comment: &Comment) -> Range<usize> {
        let own = self.all.get(comment.line).map_or(0..0, |line| line.range.clone());
        if !comment.is_alone {
            return own;
        }
        let is_comment = |line: &&Line| line.kind == Kind::Comment;
        let number = comment.line + self.all.iter().skip(comment.line).take_while(is_comment).count();
        let first = self.all.get(number).filter(|line| line.kind != Kind::Blank);
        first.map_or(own.clone(), |first| own.start..self.end_of_block(number, first))
    }

    fn end_of_block(&self, number: usize, first: &Line) -> usize {
        let (known, end) = self.last.get();
        if known == number {
            return end;
        }
        let block = self.all.iter().skip(number + 1).take_while(|line| self.belongs(first, line));
        let last = block.filter(|line| !matches!(line.kind, Kind::Blank | Kind::Comment)).last();
        let end = last.unwrap_or(first).range.end;
        self.last.set((number, end));
        end
    }

    /// Whether a line is part of the block that an earlier one opens.
    fn belongs(&self, first: &Line, line: &Line) -> bool {
        match (self.layout.format, line.kind) {
            (Format::Dotenv | Format::Environment, _) | (Format::Toml, Kind::Header) => false,
            (_, Kind::Blank | Kind::Comment) => true,
            (Format::Toml, _) => first.kind == Kind::Header || line.indent > first.indent,
            // A list may stand as far left as its key.
            (Format::Yaml, Kind::Element) if first.kind == Kind::Other => line.indent >= first.indent,
            (Format::Yaml, _) => line.indent > first.indent,
        }
    }
}

impl Format {
    /// Whether `#` begins a comment behind this part of a line, if it stands in no value.
    fn may_comment(self, before: &str) -> bool {
        let quotes = |quote: char| before.matches(quote).count();
        match self {
            Self::Yaml => before.is_empty() || before.ends_with([' ', '\t']),
            Self::Toml => true,
            // The values of these lines are known to their reader only: a `#` that may be quoted is no comment.
            Self::Dotenv => quotes('"').is_multiple_of(2) && quotes('\'').is_multiple_of(2),
            Self::Environment => before.is_empty(),
        }
    }

    fn kind(self, body: &str) -> Kind {
        match self {
            Self::Yaml if body.starts_with("---") || body.starts_with('%') => Kind::Marker,
            Self::Yaml if body == "-" || body.starts_with("- ") => Kind::Element,
            Self::Toml if body.starts_with('[') => Kind::Header,
            _ => Kind::Other,
        }
    }
}
