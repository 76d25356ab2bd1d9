//! What may leave the program.

use std::fmt;
use std::ops::Deref;

use serde::{Serialize, Serializer};

use super::Scrubber;

/// Text without secrets; or a value, of which the same holds for every text.
///
/// Only what cleans can make one: [`Scrubber::clean`] and [`Scrubber::cleaned`] for what a configuration or a provider says,
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

/// A value whose texts can be cleaned.
pub trait Scrub {
    /// Removes what the scrubber knows from every text.
    fn scrub(&mut self, scrubber: &Scrubber);
}

impl Scrub for String {
    fn scrub(&mut self, scrubber: &Scrubber) {
        if let std::borrow::Cow::Owned(clean) = scrubber.scrub(self) {
            *self = clean;
        }
    }
}

impl<T: Scrub> Scrub for Vec<T> {
    fn scrub(&mut self, scrubber: &Scrubber) {
        for value in self.iter_mut() {
            value.scrub(scrubber);
        }
    }
}

impl<T: Scrub> Scrub for Option<T> {
    fn scrub(&mut self, scrubber: &Scrubber) {
        for value in self.iter_mut() {
            value.scrub(scrubber);
        }
    }
}

impl<T> Clean<T> {
    pub(super) fn new(value: T) -> Self {
        Self(value)
    }
}

impl Clean {
    /// So many bytes of it, or a few less to end with a character, and an ellipsis.
    #[must_use]
    pub fn shortened(&self, most: usize) -> Self {
        let end = (0..=most.min(self.0.len())).rev().find(|at| self.0.is_char_boundary(*at)).unwrap_or(0);
        Self(format!("{}…", self.0.get(..end).unwrap_or_default()))
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
