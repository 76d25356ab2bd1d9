//! What code says of a value before anybody has run it, and what may be asked of it.

mod elsewhere;

use std::fmt;

use serde::{Deserialize, Serialize};

/// A value that is known, or as much of it as the code tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value<T> {
    /// This one.
    Known(T),
    /// A text of which parts are known. It can refute a text, and confirms none.
    Pattern(Pattern),
    /// One of these: a condition decides that only the deploy knows.
    OneOf(Vec<Value<T>>),
    /// The author left it out, or its state is empty: the API's default holds.
    #[default]
    Unset,
    /// Nothing is known; why, in words fit for a report.
    Unknown(String),
}

/// The answer to a question about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes, whatever fills its holes.
    Yes,
    /// No, whatever fills its holes.
    No,
    /// That depends on what nobody here knows.
    Maybe,
}

impl Answer {
    /// Whether any of the answers is yes.
    pub fn any(answers: impl IntoIterator<Item = Self>) -> Self {
        let mut any = Self::No;
        for answer in answers {
            match answer {
                Self::Yes => return Self::Yes,
                Self::Maybe => any = Self::Maybe,
                Self::No => {}
            }
        }
        any
    }

    /// Whether all of the answers are yes.
    pub fn all(answers: impl IntoIterator<Item = Self>) -> Self {
        Self::any(answers.into_iter().map(Self::not)).not()
    }

    /// What holds whichever of the cases comes true.
    pub fn whichever(answers: impl IntoIterator<Item = Self>) -> Self {
        let mut answers = answers.into_iter();
        let Some(first) = answers.next() else { return Self::Maybe };
        if answers.all(|answer| answer == first) { first } else { Self::Maybe }
    }

    /// The opposite.
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "there are three answers, not two")]
    pub fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
        }
    }
}

impl From<bool> for Answer {
    fn from(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }
}

/// A text that is made of known parts and of holes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern(Vec<Part>);

/// A part of a [`Pattern`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Exactly this.
    Text(String),
    /// Any text, none and slashes included.
    Hole(Hole),
}

/// What only the deploy fills in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hole {
    /// As the code names it: a parameter, an attribute of a resource.
    pub name: String,
    /// What it is of, in words that nothing else of one code has: a parameter, an attribute of one resource, an expression. Without
    /// them nobody can say whether two holes are filled with the same, and they count as different.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The address of the resource that it refers to, if that stands in the same code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refers_to: Option<String>,
    /// The file of the resource whose id it is, under the address that is its name: it is the same in all files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The default of the parameter: a hint, which the deploy may overrule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Hole {
    /// What has this one name in all of the code.
    pub fn named(name: impl Into<String>) -> Self {
        let name = name.into();
        Self { of: Some(name.clone()), name, ..Self::default() }
    }

    /// The id of a resource, which has it in all files.
    pub fn id_of(address: &str, file: &str) -> Self {
        let of = Some(format!("the id of {address} in {file}"));
        Self { name: address.to_owned(), of, file: Some(file.to_owned()), ..Self::default() }
    }

    /// What this expression comes to; none, if the code has no words for it that always come to the same.
    pub fn of_expression(name: impl Into<String>, expression: Option<String>) -> Self {
        Self { name: name.into(), of: expression, ..Self::default() }
    }
}

impl Pattern {
    /// A text without holes.
    pub fn text(text: impl Into<String>) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    /// A text of which nothing but the name is known.
    pub fn hole(hole: Hole) -> Self {
        Self(vec![Part::Hole(hole)])
    }

    /// Adds another one at the end.
    pub fn push(&mut self, other: &Self) {
        for part in &other.0 {
            match (self.0.last_mut(), part) {
                (_, Part::Text(text)) if text.is_empty() => {}
                (Some(Part::Text(last)), Part::Text(text)) => last.push_str(text),
                _ => self.0.push(part.clone()),
            }
        }
    }

    /// Its parts.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// What it is of, in words that nothing else of one code has; none, if a hole has none.
    pub fn identity(&self) -> Option<String> {
        self.0
            .iter()
            .map(|part| match part {
                Part::Text(text) => Some(format!("{text:?}")),
                Part::Hole(hole) => hole.of.as_ref().map(|of| format!("{{{of}}}")),
            })
            .collect()
    }

    /// The holes.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.0.iter().filter_map(|part| match part {
            Part::Hole(hole) => Some(hole),
            Part::Text(_) => None,
        })
    }

    /// The hole, if it is nothing else.
    pub fn only_hole(&self) -> Option<&Hole> {
        match &self.0[..] {
            [Part::Hole(hole)] => Some(hole),
            _ => None,
        }
    }

    /// Itself as a value: without holes it is known.
    pub fn into_value(self) -> Value<String> {
        match &self.0[..] {
            [] => Value::Known(String::new()),
            [Part::Text(text)] => Value::Known(text.clone()),
            _ => Value::Pattern(self),
        }
    }

    /// Itself with its known beginning written as `written` writes a text.
    fn beginning_as(&self, written: &dyn Fn(&str) -> String) -> Self {
        let mut parts = self.0.clone();
        if let Some(Part::Text(first)) = parts.first_mut() {
            *first = written(first);
        }
        Self(parts)
    }

    /// Whether it can be this text. A hole takes any text.
    pub fn equals(&self, text: &str) -> Answer {
        let mut parts = &self.0[..];
        let mut rest = text;
        if let [Part::Text(first), others @ ..] = parts {
            match rest.strip_prefix(first.as_str()) {
                Some(after) => (rest, parts) = (after, others),
                None => return Answer::No,
            }
        }
        if parts.is_empty() {
            return rest.is_empty().into();
        }
        if let [others @ .., Part::Text(last)] = parts {
            match rest.strip_suffix(last.as_str()) {
                Some(before) => (rest, parts) = (before, others),
                None => return Answer::No,
            }
        }
        // Between holes, the first occurrence leaves the most for what follows.
        for part in parts {
            let Part::Text(text) = part else { continue };
            match rest.split_once(text.as_str()) {
                Some((_, after)) => rest = after,
                None => return Answer::No,
            }
        }
        Answer::Maybe
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Hole(hole) => write!(f, "${{{}}}", hole.name),
        })
    }
}

impl<T> Value<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }

    /// Asks something of the value; `unset` is the answer where nothing is set.
    pub fn asked(&self, unset: Answer, question: &dyn Fn(&T) -> Answer) -> Answer {
        match self {
            Self::Known(value) => question(value),
            Self::OneOf(values) => Answer::whichever(values.iter().map(|value| value.asked(unset, question))),
            Self::Unset => unset,
            Self::Pattern(_) | Self::Unknown(_) => Answer::Maybe,
        }
    }

    /// Whether nothing is set.
    pub fn is_unset(&self) -> Answer {
        match self {
            Self::OneOf(values) => Answer::whichever(values.iter().map(Self::is_unset)),
            Self::Unknown(_) => Answer::Maybe,
            other => matches!(other, Self::Unset).into(),
        }
    }

    /// The value made into another, wherever it is known.
    pub fn map<U>(self, make: &dyn Fn(T) -> Value<U>) -> Value<U> {
        match self {
            Self::Known(value) => make(value),
            Self::OneOf(values) => Value::OneOf(values.into_iter().map(|value| value.map(make)).collect()),
            Self::Unset => Value::Unset,
            Self::Pattern(pattern) => Value::Unknown(format!("it is {pattern}, which only the deploy knows")),
            Self::Unknown(why) => Value::Unknown(why),
        }
    }

    /// Why it is not known, each reason once.
    pub fn reasons(&self) -> Vec<String> {
        let mut reasons = match self {
            Self::Known(_) | Self::Unset => Vec::new(),
            Self::Unknown(why) => vec![why.clone()],
            Self::Pattern(pattern) => pattern.holes().map(|hole| format!("{} is not known", hole.name)).collect(),
            Self::OneOf(values) => {
                let own = format!("it is one of {}, and only the deploy decides which", values.len());
                std::iter::once(own).chain(values.iter().flat_map(Self::reasons)).collect()
            }
        };
        let mut known = std::collections::HashSet::new();
        reasons.retain(|reason| known.insert(reason.clone()));
        reasons
    }
}

impl Value<bool> {
    /// Whether it is on; `unset` is what holds where nothing is set.
    pub fn is_on(&self, unset: Answer) -> Answer {
        self.asked(unset, &|on| (*on).into())
    }
}

impl Value<String> {
    /// Whether it is this text.
    pub fn equals(&self, text: &str) -> Answer {
        match self {
            Self::Known(own) => (own == text).into(),
            Self::Pattern(pattern) => pattern.equals(text),
            Self::OneOf(values) => Answer::whichever(values.iter().map(|value| value.equals(text))),
            Self::Unset => Answer::No,
            Self::Unknown(_) => Answer::Maybe,
        }
    }

    /// Whether it is this text once it is written as `written` writes a text. Of a text with holes, its known
    /// beginning is written so.
    pub fn equals_as(&self, text: &str, written: &dyn Fn(&str) -> String) -> Answer {
        match self {
            Self::Known(own) => (written(own) == text).into(),
            Self::Pattern(pattern) => pattern.beginning_as(written).equals(text),
            Self::OneOf(values) => Answer::whichever(values.iter().map(|value| value.equals_as(text, written))),
            Self::Unset => Answer::No,
            Self::Unknown(_) => Answer::Maybe,
        }
    }

    /// Whether both are the same. A hole that says what it is of is the same in all places of one code, as a parameter has one value.
    pub fn same(&self, other: &Self) -> Answer {
        match (self, other) {
            (Self::Known(text), value) | (value, Self::Known(text)) => value.equals(text),
            (Self::Pattern(one), Self::Pattern(other)) if one == other && one.identity().is_some() => Answer::Yes,
            (Self::Unset, Self::Unset) => Answer::Yes,
            (Self::OneOf(values), other) | (other, Self::OneOf(values)) => {
                Answer::whichever(values.iter().map(|value| value.same(other)))
            }
            (Self::Unset, _) | (_, Self::Unset) => Answer::No,
            _ => Answer::Maybe,
        }
    }

    /// What it is of, in words that nothing else of one code has.
    pub fn identity(&self) -> Option<String> {
        match self {
            Self::Known(text) => Some(format!("{text:?}")),
            Self::Pattern(pattern) => pattern.identity(),
            Self::OneOf(_) | Self::Unset | Self::Unknown(_) => None,
        }
    }

    /// Whether there is any text.
    pub fn is_there(&self) -> Value<bool> {
        match self {
            Self::Known(_) | Self::Pattern(_) => Value::Known(true),
            Self::OneOf(values) => Value::OneOf(values.iter().map(Self::is_there).collect()),
            Self::Unset => Value::Known(false),
            Self::Unknown(why) => Value::Unknown(why.clone()),
        }
    }

    /// The address of the resource that it is an attribute of, if that stands in the same code.
    pub fn refers_to(&self) -> Option<&str> {
        match self {
            Self::Pattern(pattern) => pattern.only_hole()?.refers_to.as_deref(),
            _ => None,
        }
    }
}

impl Value<String> {
    /// Rewrites each text that is known of it.
    pub fn edit(&mut self, edit: &impl Fn(&mut String)) {
        match self {
            Self::Known(text) => edit(text),
            Self::OneOf(values) => values.iter_mut().for_each(|value| value.edit(edit)),
            Self::Pattern(Pattern(parts)) => parts.iter_mut().for_each(|part| match part {
                Part::Text(text) => edit(text),
                Part::Hole(hole) => hole.hint.iter_mut().for_each(edit),
            }),
            Self::Unset | Self::Unknown(_) => {}
        }
    }
}

impl fmt::Display for Value<String> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(text) => f.write_str(text),
            Self::Pattern(pattern) => pattern.fmt(f),
            Self::OneOf(values) => values.iter().enumerate().try_for_each(|(number, value)| {
                let before = if number == 0 { "" } else { " or " };
                write!(f, "{before}{value}")
            }),
            Self::Unset => f.write_str("nothing"),
            Self::Unknown(_) => f.write_str("unknown"),
        }
    }
}

#[cfg(test)]
mod tests;
