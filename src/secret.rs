//! Secrets, and the writer's scrubber that keeps them out of every output.

mod scrubber;
mod spellings;

pub use scrubber::Scrubber;
use zeroize::Zeroizing;

/// A value that must never be printed.
///
/// There is no `Debug`, `Display` or `Serialize`; memory is zeroed on drop. What may be shown of it is [`Secret::describe`].
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a value into custody.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// The value itself, for the request that needs it and for rules that judge its form.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Length and telling traits, e.g. `‹secret, 53 chars, ends with newline›`: they are the diagnosis.
    pub fn describe(&self) -> String {
        let mut words = vec!["secret".to_owned(), format!("{} chars", self.0.chars().count())];
        let traits: [(&str, fn(&str) -> bool); 5] = [
            ("ends with newline", |text| text.ends_with('\n')),
            ("ends with space", |text| text.ends_with([' ', '\t'])),
            ("begins with white space", |text| text.starts_with(char::is_whitespace)),
            ("in quotes", |text| {
                text.len() > 1 && ['"', '\''].iter().any(|quote| text.starts_with(*quote) && text.ends_with(*quote))
            }),
            ("not ASCII", |text| !text.is_ascii()),
        ];
        words.extend(traits.iter().filter(|(_, is)| is(&self.0)).map(|(name, _)| (*name).to_owned()));
        format!("‹{}›", words.join(", "))
    }
}
