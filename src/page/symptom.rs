//! What a user may have seen, and how surely it names its cause.

use std::fmt;

use serde::Deserialize;

/// How surely a symptom names its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Other causes are as usual.
    Possible,
    /// It is the first thing to look at.
    Likely,
    /// Nothing else causes it.
    Certain,
}

impl Strength {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }

    /// The next weaker one.
    #[must_use]
    pub fn weaker(self) -> Self {
        match self {
            Self::Certain => Self::Likely,
            Self::Likely | Self::Possible => Self::Possible,
        }
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A symptom: see [the language](super#symptoms).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Symptom {
    /// What is seen.
    pub text: String,
    /// It is what people say, in words of their own, and not what a program prints.
    pub is_said: bool,
    /// How surely it names its cause.
    pub strength: Strength,
    /// It says little: where anything else is named, it is no witness.
    pub is_vague: bool,
    /// With one of these beside it, the text has another cause.
    pub unless: Vec<String>,
    /// The releases of Pomerium that print it, in words.
    pub versions: Option<String>,
}

/// A symptom as it is written.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Plain(String),
    Graded(Graded),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Graded {
    certain: Option<String>,
    likely: Option<String>,
    possible: Option<String>,
    said: Option<String>,
    #[serde(default)]
    vague: bool,
    #[serde(default)]
    unless: Vec<String>,
    versions: Option<String>,
}

impl TryFrom<Written> for Symptom {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Graded { certain, likely, possible, said, vague, unless, versions } = match written {
            Written::Plain(text) => return Ok(Self::of(text)),
            Written::Graded(graded) => graded,
        };
        let is_said = said.is_some();
        // What people say in their own words is never more than a hint.
        let (strength, text) = match (certain, likely, possible, said) {
            (Some(text), None, None, None) => (Strength::Certain, text),
            (None, Some(text), None, None) => (Strength::Likely, text),
            (None, None, Some(text), None) | (None, None, None, Some(text)) => (Strength::Possible, text),
            _ => return Err("a symptom has exactly one of `certain`, `likely`, `possible` and `said`"),
        };
        Ok(Self { text, is_said, strength, is_vague: vague, unless, versions })
    }
}

impl Symptom {
    /// A text that a program prints, and that is the likely sign of its cause.
    pub fn of(text: String) -> Self {
        let strength = Strength::Likely;
        Self { text, is_said: false, strength, is_vague: false, unless: Vec::new(), versions: None }
    }
}
