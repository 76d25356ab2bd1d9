//! Values of one file as they stand in another.

use super::{Answer, Hole, Part, Pattern, Value};

impl Part {
    fn exported_from(&self, file: &str) -> Self {
        match self {
            Self::Text(_) | Self::Hole(Hole { file: Some(_), .. }) => self.clone(),
            Self::Hole(Hole { refers_to: Some(address), .. }) => Self::Hole(Hole::id_of(address, file)),
            Self::Hole(hole) => {
                let of = hole.of.as_ref().map(|of| format!("{of} of {file}"));
                Self::Hole(Hole::of_expression(format!("{} of {file}", hole.name), of))
            }
        }
    }
}

impl Value<String> {
    /// Whether both are the same, each of a file of its own: what a hole is called says nothing there, unless it says of which file.
    pub(in crate::infra) fn same_elsewhere(&self, other: &Self) -> Answer {
        match (self.id_in_file(), other.id_in_file()) {
            (Some((file, address)), Some((other_file, other))) if file == other_file => (address == other).into(),
            _ => Answer::Maybe,
        }
    }

    /// The file and the address of the resource whose id it is, if it says so.
    pub fn id_in_file(&self) -> Option<(&str, &str)> {
        let Self::Pattern(pattern) = self else { return None };
        let hole = pattern.only_hole()?;
        Some((hole.file.as_deref()?, &hole.name))
    }

    /// Itself as it is taken to another file: what it refers to is there by this file's name alone.
    pub(in crate::infra) fn exported_from(&self, file: &str) -> Self {
        match self {
            Self::Pattern(Pattern(parts)) => {
                Self::Pattern(Pattern(parts.iter().map(|part| part.exported_from(file)).collect()))
            }
            Self::OneOf(values) => Self::OneOf(values.iter().map(|value| value.exported_from(file)).collect()),
            Self::Known(_) | Self::Unset | Self::Unknown(_) => self.clone(),
        }
    }
}
