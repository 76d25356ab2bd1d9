//! What every format reader hands to the loader.

use super::node::{Entry, Node};
use super::refusal::{Refusal, RefusalKind};
use super::source::Span;

/// Longest text that is read: a thousand times the largest real configuration, and short enough to hold in memory many times.
pub const LONGEST_TEXT: usize = 4 << 20;

/// How many bytes of text the aliases of YAML may unfold into, or the copies of one annotation. Go shares the texts, we copy them.
pub(in crate::config) const MOST_ALIASED_TEXT: usize = 64 << 20;

/// How many bytes of configuration files are judged once more, as they are given to several processes: each of those costs as much as
/// a file of its own.
pub(in crate::config) const MOST_SHARED_TEXT: usize = LONGEST_TEXT;

/// How many bytes the values of variables may put into one file: with them it is as long as any that is read.
pub(in crate::config) const MOST_EXPANDED_TEXT: usize = LONGEST_TEXT;

/// Deepest nesting that is read. Pomerium's own limit is 10,000; real configurations stay below 20.
pub(in crate::config) const DEEPEST: usize = 500;

/// Most values that are read, those that aliases repeat included: three times those of the largest configuration that we know,
/// and few enough to hold in memory.
pub(in crate::config) const MOST_NODES: usize = 400_000;

/// Most routes that are judged: three times as many as anybody is known to have.
const MOST_ROUTES: usize = 30_000;

/// Most routes with an app client of their own that are judged: no user pool holds more, even if its quota was raised
/// (<https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html>).
const MOST_CLIENTS: usize = 10_000;

/// Most deployments of one text that are judged: nobody is known to have ten in one.
pub(in crate::config) const MOST_DEPLOYMENTS: usize = 100;

/// What there is too much of, and where the routes stand that it is in.
pub(in crate::config) fn too_many_routes(root: &Node) -> Option<(String, Span)> {
    let is_routes = |entry: &&Entry| ["routes", "policy"].iter().any(|key| entry.key.eq_ignore_ascii_case(key));
    let has_client =
        |route: &&Node| route.entries().iter().any(|entry| entry.key.eq_ignore_ascii_case("idp_client_id"));
    let (mut routes, mut clients) = (0, 0);
    root.entries().iter().filter(is_routes).find_map(|entry| {
        let elements = entry.value.elements();
        routes += elements.len();
        clients += elements.iter().filter(has_client).count();
        let limits = [(routes, MOST_ROUTES, "routes"), (clients, MOST_CLIENTS, "app clients of routes")];
        let (_, most, what) = limits.into_iter().find(|(count, most, _)| count > most)?;
        Some((format!("there are more than {most} {what}, and no more are judged"), entry.key_span))
    })
}

/// A text after its format has been read.
#[derive(Debug, Default)]
pub(in crate::config) struct Parsed {
    /// The top-level mapping, as far as it could be read.
    pub(in crate::config) root: Option<Node>,
    /// The reader's own error, in the words of the Go library that Pomerium uses for this format.
    pub(in crate::config) error: Option<Refusal>,
    /// Whether the error is one of grammar: nothing behind it could be read.
    pub(in crate::config) is_syntax: bool,
    /// Whether the error is a limit of ours, which Pomerium does not have.
    pub(in crate::config) is_limit: bool,
    /// Keys standing twice in one mapping.
    pub(in crate::config) duplicate_keys: Vec<DuplicateKey>,
    /// Where a second document begins.
    pub(in crate::config) later_document: Option<Span>,
    /// Why a value that is written is not in the tree, of whatever else is wrong with the text.
    pub(in crate::config) lost: Option<Refusal>,
}

impl Parsed {
    /// A text of which nothing could be read.
    pub(in crate::config) fn broken(words: impl Into<String>, at: Span) -> Self {
        Self::refused(RefusalKind::Text, words, at)
    }

    /// A text whose format, by the ending of its name, Pomerium does not read.
    pub(in crate::config) fn of_no_format(words: impl Into<String>, at: Span) -> Self {
        Self::refused(RefusalKind::Format, words, at)
    }

    fn refused(kind: RefusalKind, words: impl Into<String>, at: Span) -> Self {
        let error = Some(Refusal { kind, words: words.into(), at: Some(at) });
        Self { error, is_syntax: true, ..Self::default() }
    }

    /// A text that is nested deeper than we go.
    pub(in crate::config) fn too_deep(at: Span) -> Self {
        let words = format!("the text is nested deeper than {DEEPEST} levels, and no deeper is read");
        Self { is_limit: true, ..Self::broken(words, at) }
    }

    /// A text with more values than are read.
    pub(in crate::config) fn too_many(at: Span) -> Self {
        let words = format!("the text has more than {MOST_NODES} values, and no more are read");
        Self { is_limit: true, ..Self::broken(words, at) }
    }

    /// A text that grows too long by what it repeats, in the words of its [`Room`](super::room::Room).
    pub(in crate::config) fn grows(words: String, at: Span) -> Self {
        Self { is_limit: true, ..Self::broken(words, at) }
    }

    /// A text that is longer than we read.
    pub(in crate::config) fn too_long(at: Span) -> Self {
        let words = format!("the text is longer than {} MiB, and no longer one is read", LONGEST_TEXT >> 20);
        Self { is_limit: true, ..Self::broken(words, at) }
    }
}

/// One key standing twice in a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateKey {
    /// The key as written at the second place.
    pub key: String,
    /// The first place.
    pub first: Span,
    /// The second place.
    pub second: Span,
}
