//! What anchors of YAML name: whoever changes it changes every alias and merge key, too.

use std::ops::Range;

use libyaml_safer::{EventData, Parser, ScalarStyle};

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The places that anchors name, in all documents of a text. In what is no YAML there are none.
pub(super) fn anchored(text: &str) -> Vec<Range<usize>> {
    if !text.split([' ', '\n', '[', '{', ',', ':']).any(is_anchor) {
        return Vec::new();
    }
    let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let shift = text.len() - body.len();
    // The parser panics on a block scalar whose last line has no end.
    let finished = format!("{body}\n");
    let mut bytes = finished.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut bytes);
    let (mut found, mut open) = (Vec::new(), Vec::new());
    while let Ok(event) = parser.parse() {
        let offset = |index: u64| usize::try_from(index).unwrap_or(usize::MAX).saturating_add(shift);
        let (start, end) = (offset(event.start_mark.index), offset(event.end_mark.index));
        match event.data {
            EventData::StreamEnd => break,
            EventData::Scalar { anchor, value, style, .. } => {
                // A configuration in a block scalar has anchors of its own.
                let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                if anchor.is_some() || is_block && value.split([' ', '\n', '[', '{', ',', ':']).any(is_anchor) {
                    found.push(start..end);
                }
            }
            EventData::SequenceStart { anchor, .. } | EventData::MappingStart { anchor, .. } => {
                open.push(anchor.map(|_| start));
            }
            EventData::SequenceEnd | EventData::MappingEnd => {
                found.extend(open.pop().flatten().map(|start| start..end));
            }
            _ => {}
        }
    }
    // What was not read to its end may go on.
    found.extend(open.into_iter().flatten().map(|start| start..text.len()));
    found
}

fn is_anchor(word: &str) -> bool {
    word.strip_prefix('&').is_some_and(|name| name.starts_with(|first: char| first.is_alphanumeric() || first == '_'))
}
