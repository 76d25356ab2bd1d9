//! How much a template may make of few letters: functions that stand in each other double what they are given.

use std::cell::Cell;

use crate::infra::value::{Part, Pattern, Value};

/// The longest text that is put together, in bytes. No setting of an app client is as long: a callback has 1024 characters at most
/// (API reference of Cognito, `UserPoolClientType`).
pub(super) const LONGEST: usize = 4096;

/// A hole in a text counts as so many bytes of it.
const HOLE: usize = 16;

/// So many values are followed for one property, or for one condition of a resource: fifty for each of a hundred callbacks, which is
/// the most that Cognito takes.
const MOST: usize = 5_000;

/// So many are followed in one template.
const MOST_OF_ALL: usize = 500_000;

/// The values that were followed: for one property, and in all.
#[derive(Default)]
pub(super) struct Steps {
    taken: Cell<usize>,
    all: Cell<usize>,
}

impl Steps {
    /// Another property begins.
    pub(super) fn begin(&self) {
        self.taken.set(0);
    }

    /// Whether one more value is followed.
    pub(super) fn take(&self) -> bool {
        self.taken.set(self.taken.get().saturating_add(1));
        self.all.set(self.all.get().saturating_add(1));
        !self.are_too_many()
    }

    /// Whether some value of this property was not followed, so that nothing is to be made of the others.
    pub(super) fn are_too_many(&self) -> bool {
        self.taken.get() > MOST || self.all.get() > MOST_OF_ALL
    }
}

/// Whether a text is longer than is put together.
pub(super) fn is_too_long(text: &Pattern) -> bool {
    let size = |part: &Part| match part {
        Part::Text(text) => text.len(),
        Part::Hole(_) => HOLE,
    };
    text.parts().iter().map(size).sum::<usize>() > LONGEST
}

/// What a text comes to that is too long.
pub(super) fn too_long<T>() -> Value<T> {
    Value::Unknown(format!("it is put together to more than {LONGEST} characters, and is not followed"))
}

/// What a value comes to for which too many are to be followed.
pub(super) fn too_many<T>() -> Value<T> {
    Value::Unknown("its functions make more values than are followed".to_owned())
}
