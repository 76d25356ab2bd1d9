//! What people say in words of their own, and what that may be about: see `words.yaml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::pattern::Pattern;
use super::written::what;
use super::{Named, Place, What};
use crate::page::Strength;

pub(super) const TEXT: &str = include_str!("words.yaml");

/// The name of the topic of redirects that never end.
const LOOP: &str = "@loop";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    words: BTreeMap<String, String>,
    topics: Vec<WrittenTopic>,
    programs: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTopic {
    said: Vec<String>,
    #[serde(default)]
    alone: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
    names: Vec<WrittenName>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenName {
    Alone(String),
    /// With why it leads to what is said.
    Why(BTreeMap<String, String>),
}

impl WrittenName {
    fn each(self) -> Vec<(String, Option<String>)> {
        match self {
            Self::Alone(name) => vec![(name, None)],
            Self::Why(names) => names.into_iter().map(|(name, why)| (name, Some(why))).collect(),
        }
    }
}

/// The topics, and the programs that write logs beside Pomerium.
pub(super) struct Words {
    topics: Vec<Topic>,
    /// The names of programs, each with whose its lines are.
    pub(super) programs: Vec<(String, Place)>,
}

struct Topic {
    said: Vec<(String, Pattern)>,
    /// Said without any other word, as the answer to what is not known suggests it.
    alone: Vec<String>,
    unless: Vec<String>,
    /// What to look at, and why that leads to what is said.
    names: Vec<(What, Option<String>)>,
}

impl Words {
    pub(super) fn load() -> Result<Self, String> {
        let Written { words, topics, programs } =
            serde_yaml::from_str(TEXT).map_err(|error| format!("words.yaml: {error}"))?;
        let whole = |text: &str| {
            words.iter().fold(text.to_owned(), |text, (name, ways)| text.replace(&format!("@{name}"), ways))
        };
        let topic = |topic: WrittenTopic| {
            let name = |(name, why): (String, Option<String>)| {
                let what = what(&name).ok_or(format!("words.yaml: {name} is no rule and no cause"))?;
                Ok::<_, String>((what, why))
            };
            let names = topic.names.into_iter().flat_map(WrittenName::each).map(name).collect::<Result<_, _>>()?;
            let said = topic.said.into_iter().map(|text| {
                let pattern = Pattern::said(&whole(&text));
                (text, pattern)
            });
            Ok(Topic { said: said.collect(), alone: topic.alone, unless: topic.unless, names })
        };
        let program = |name: String| {
            let place = Place {
                id: None,
                by: format!("the log of {name}"),
                whose: format!("This line is of {name}, which is another program than Pomerium."),
                past: Vec::new(),
                stages: None,
                silences: Vec::new(),
                healthy: false,
                next: Some(format!("look at {name} itself; of Pomerium, paste the lines of the same time")),
                is_strangers: true,
                is_foreign: false,
            };
            (name, place)
        };
        Ok(Self {
            topics: topics.into_iter().map(topic).collect::<Result<_, String>>()?,
            programs: programs.into_iter().map(program).collect(),
        })
    }

    /// What a text, which is as [`super::plain::spoken`] makes it, may be about.
    pub(super) fn told(&'static self, text: &str) -> Vec<Named> {
        let mut told: Vec<Named> = Vec::new();
        for topic in &self.topics {
            if topic.unless.iter().any(|word| text.contains(word.as_str())) {
                continue;
            }
            let alone = topic.alone.iter().find(|alone| text.trim_matches([' ', '.', '!', '"']) == **alone);
            let said = || topic.said.iter().find(|(_, pattern)| pattern.is_said(text)).map(|(said, _)| said);
            let Some(said) = alone.or_else(said) else { continue };
            for named in topic.named(said) {
                if !told.iter().any(|other| other.what == named.what) {
                    told.push(named);
                }
            }
        }
        told
    }

    /// What redirects that never end may come from.
    pub(super) fn of_loops(&'static self) -> Vec<Named> {
        let is_loop = |topic: &&Topic| topic.said.iter().any(|(said, _)| said == LOOP);
        self.topics
            .iter()
            .find(is_loop)
            .map(|topic| topic.named("the same redirect again and again"))
            .unwrap_or_default()
    }
}

impl Topic {
    fn named(&'static self, said: &str) -> Vec<Named> {
        let named = |(what, why): &'static (What, Option<String>)| Named {
            why: why.as_deref(),
            ..Named::because(*what, Strength::Possible, said.to_owned())
        };
        self.names.iter().map(named).collect()
    }
}
