//! What a text says, and where: the formats, their values with places, and the comments that are meant for us.

pub(in crate::config) mod absent;
pub(in crate::config) mod date;
pub(in crate::config) mod document;
pub(in crate::config) mod dotenv;
pub(in crate::config) mod files;
pub(in crate::config) mod ignores;
pub(in crate::config) mod json;
pub(in crate::config) mod node;
pub(in crate::config) mod parsed;
pub(in crate::config) mod path;
pub(in crate::config) mod place;
pub(in crate::config) mod placeholder;
pub(in crate::config) mod public_suffix;
pub(in crate::config) mod raw;
pub(in crate::config) mod refusal;
pub(in crate::config) mod room;
pub(in crate::config) mod script;
pub(in crate::config) mod source;
pub(in crate::config) mod toml;
pub(in crate::config) mod variable;
pub(in crate::config) mod yaml;

pub(in crate::config) use absent::{
    ENCRYPTED, IN_CLUSTER, IN_CONTAINER, Twins, add_twins, add_twins_of_kind, holder, kept, kept_text, twin, unknown,
    unknown_text,
};
pub use date::Date;
pub(crate) use document::{json_document, whole_yaml_document, with_last_keys, yaml_document};
pub use files::{CandidateTexts, DiskFiles, Files, NoFiles, replaced};
pub(in crate::config) use files::{NOT_FOUND, is_not_found, is_not_opened, is_stream, unread};
pub use ignores::Ignore;
pub(in crate::config) use ignores::of_source;
pub(in crate::config) use json::read_value;
pub use node::{Entry, Node, Value};
pub(in crate::config) use node::{all_differ, last_of_each};
pub(in crate::config) use parsed::{
    DEEPEST, MOST_ALIASED_TEXT, MOST_DEPLOYMENTS, MOST_SHARED_TEXT, Parsed, too_many_routes,
};
pub use parsed::{DuplicateKey, LONGEST_TEXT};
pub(in crate::config) use path::normalised;
pub(in crate::config) use place::{Place, Rewriter};
pub use placeholder::{ValueKind, classify, is_sample, is_secret_store};
pub use public_suffix::is_public_suffix;
pub use raw::RawFile;
pub(in crate::config) use raw::{ConfigText, Problem, add};
pub use refusal::{Refusal, RefusalKind};
pub(in crate::config) use room::Room;
pub use source::{Position, Source, SourceId, SourceKind, Sources, Span};
pub(in crate::config) use variable::{Variable, ZERO_TOKEN};
#[doc(hidden)]
pub use yaml::is_read_alike;
