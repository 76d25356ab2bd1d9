//! What may leave the program.

use std::fmt;
use std::ops::Deref;

use serde::{Serialize, Serializer};

/// Text without secrets; or a value, of which the same holds for every text.
///
/// Only what cleans can make one: [`Scrubber::clean`](super::Scrubber::clean) and [`Scrubber::cleaned`](super::Scrubber::cleaned) for what a configuration or a provider says,
/// [`crate::secret::paste`] for what somebody pasted. Whatever takes a `Clean` cannot forget to clean.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clean<T = String>(T);

/// That it is clean is no matter of the contract.
#[cfg(test)]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Clean<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        generator.subschema_for::<T>()
    }
}

impl<T> Clean<T> {
    pub(super) fn new(value: T) -> Self {
        Self(value)
    }
}

impl Clean {
    /// At most so many characters of it, among them those from a place on, which is told in bytes: as many before them as there is
    /// room for, up to a third. An ellipsis stands for what is left out.
    #[must_use]
    pub fn excerpt(&self, at: usize, length: usize, most: usize) -> Self {
        let count = |text: Option<&str>| text.map_or(0, |text| text.chars().count());
        let (all, before) = (self.0.chars().count(), count(self.0.get(..at)));
        if all <= most {
            return Self(self.0.clone());
        }
        let is_at_the_beginning = before + count(self.0.get(at..at + length)) < most;
        let start = if is_at_the_beginning { 0 } else { before.saturating_sub(most / 3).min(all - most) };
        let (front, room) = if start > 0 { ("…", most.saturating_sub(2)) } else { ("", most.saturating_sub(1)) };
        let shown: String = self.0.chars().skip(start).take(room).collect();
        let back = if start + room < all { "…" } else { "" };
        Self(format!("{front}{shown}{back}"))
    }
}

impl<T> Deref for Clean<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<T: Serialize> Serialize for Clean<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
