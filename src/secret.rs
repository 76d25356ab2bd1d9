//! Secrets, and the writer's scrubber that keeps them out of every output.

mod clean;
pub mod paste;
pub(crate) mod percent;
mod scrubber;
pub(crate) mod shapes;
mod spellings;

use std::sync::Arc;

pub use clean::Clean;
pub(crate) use paste::without_colours;
pub use scrubber::{Found, Scrub, Scrubber};
use zeroize::Zeroizing;

/// A value that must never be printed.
///
/// There is no `Debug`, `Display` or `Serialize`; memory is zeroed on drop. What may be shown of it is [`Secret::describe`].
/// A clone is the same piece of memory.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Takes a value into custody.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Arc::new(Zeroizing::new(value.into())))
    }

    /// The value itself, for the request that needs it and for rules that judge its form.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Length and telling traits, e.g. `‹secret, 53 chars, ends with newline›`: they are the diagnosis.
    pub fn describe(&self) -> String {
        let mut words = vec!["secret".to_owned(), format!("{} chars", self.0.chars().count())];
        let text = self.expose();
        let quoted = |quote: char| text.len() > 1 && text.starts_with(quote) && text.ends_with(quote);
        let traits = [
            ("ends with newline", text.ends_with('\n')),
            ("ends with space", text.ends_with([' ', '\t'])),
            ("begins with white space", text.starts_with(char::is_whitespace)),
            ("in quotes", quoted('"') || quoted('\'')),
            ("not ASCII", !text.is_ascii()),
        ];
        words.extend(traits.iter().filter(|(_, has)| *has).map(|(name, _)| (*name).to_owned()));
        format!("‹{}›", words.join(", "))
    }
}
