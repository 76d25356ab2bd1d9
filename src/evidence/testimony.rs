//! Several witnesses of one fact: whom to believe, where they disagree, and when it holds.

use std::collections::BTreeSet;
use std::mem::discriminant;

use serde::{Deserialize, Serialize};

use super::{Evidence, ExchangeId, Missing, Need, UNASKED, UNSEEN};
use crate::config::{Client, Config, Span};
use crate::infra::settings::ClientSettings;
use crate::infra::{Attribute, Drift, Language, Resource, Tense};

/// What infrastructure code says in one place. Facts name it among their witnesses by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Testimony {
    /// The file with line and column: `plan.json:12:7`.
    pub id: ExchangeId,
    /// The file, as the user named it.
    pub file: String,
    /// The address of the resource.
    pub address: String,
    /// The setting of the app client, if it is one.
    pub setting: Option<Attribute>,
    /// Whose language it is.
    pub language: Language,
    /// When it holds.
    pub tense: Tense,
    /// The place.
    pub at: Span,
    /// How the setting came to differ from what its author wrote.
    pub aside: Option<Aside>,
}

/// How a setting came to differ from what its author wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aside {
    /// The author wrote something else, and the apply leaves what is there: `ignore_changes`.
    LeftAlone,
    /// It was changed outside since the last apply, and the next one changes it again.
    Overwritten,
    /// It was changed outside since the last apply, and stays so.
    ChangedOutside,
}

impl Aside {
    /// Of a setting of an app client, at a time.
    pub(super) fn of(client: &Resource<ClientSettings>, setting: Attribute, tense: Tense) -> Option<Self> {
        let is_in = |list: fn(&Drift) -> &Vec<Attribute>| {
            client.drift.as_ref().is_some_and(|drift| list(drift).contains(&setting))
        };
        match tense {
            _ if client.left_alone.contains(&setting) => Some(Self::LeftAlone),
            Tense::AfterApply if is_in(|drift| &drift.overwritten) => Some(Self::Overwritten),
            _ if is_in(|drift| &drift.changed) => Some(Self::ChangedOutside),
            _ => None,
        }
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::LeftAlone => "left-alone",
            Self::Overwritten => "overwritten",
            Self::ChangedOutside => "changed-outside",
        }
    }
}

/// Where two witnesses of one time say different things of one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The client it is about, as a number of [`Config::clients`](crate::config::Config::clients); none for the pool.
    pub client: Option<usize>,
    /// The fact.
    pub what: &'static str,
    /// Who is believed.
    pub believed: Vec<ExchangeId>,
    /// Who says otherwise.
    pub other: Vec<ExchangeId>,
}

/// The fact of which nobody is believed where two differ.
pub const OAUTH: &str = "oauth";

/// Two settings of the pool of which one rules the other out: its tier, and which pages its domain serves.
pub const PAGES_OF_TIER: &str = "pages_of_tier";

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disagreements(pub Vec<Disagreement>);

impl Disagreements {
    pub(super) fn add(&mut self, client: Option<usize>, found: Vec<(&'static str, Vec<ExchangeId>, Vec<ExchangeId>)>) {
        let found = found.into_iter().map(|(what, believed, other)| Disagreement { client, what, believed, other });
        self.0.extend(found.filter(|found| !self.0.contains(found)).collect::<Vec<_>>());
    }
}

/// The settings that only an apply can fill in, each with the address of the app client whose id it is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilledByApply(pub Vec<(Span, String)>);

/// The app client of the code that somebody named for one of Pomerium's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedClient {
    /// The `from` of a route, or the client id; none means the global client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The address in the code.
    pub address: String,
}

impl NamedClient {
    /// The clients of a configuration that it is for, by their numbers: those with this id, or through which the users of this route
    /// log in.
    pub fn meant(&self, config: &Config, clients: &[Client]) -> Vec<usize> {
        let Some(name) = &self.client else { return clients.first().map(|first| first.index).into_iter().collect() };
        let by_id = clients.iter().filter(|client| client.id.value == *name).map(|client| client.index);
        let routes = config.settings.iter().flat_map(|settings| &settings.routes);
        let url = |text: &str| text.trim_end_matches('/').to_owned();
        let named = routes.filter(|route| route.from.as_ref().is_some_and(|from| url(&from.value) == url(name)));
        let by_route = named.filter_map(|route| config.client_of(route, clients)).map(|client| client.index);
        let meant: BTreeSet<usize> = by_id.chain(by_route).collect();
        meant.into_iter().collect()
    }

    /// For each client of a configuration the address that was named for it.
    pub(super) fn addresses<'n>(named: &'n [Self], config: &Config, clients: &[Client]) -> Vec<Option<&'n str>> {
        let mut addresses = vec![None; clients.len()];
        for named in named {
            for index in named.meant(config, clients) {
                if let Some(address) = addresses.get_mut(index) {
                    *address = Some(named.address.as_str());
                }
            }
        }
        addresses
    }
}

/// What either of two witnesses knows; the first is believed where both do.
pub(super) fn either<T>(first: Evidence<T>, second: Evidence<T>) -> Evidence<T> {
    match (first, second) {
        // That a question makes no sense is an answer.
        (first @ (Ok(_) | Err(Missing::NotApplicable(_))), _) => first,
        (_, second @ Ok(_)) => second,
        // That code which was given says nothing of it is the lesser reason.
        (Err(first), Err(second)) if second.is_of_settings() => Err(first),
        // Whoever was asked and does not know says more than that nobody was asked.
        (Err(first), Err(second)) if first.is_unwanted() && !is_unasked(&second) => Err(second),
        // Who refuses says what would make him tell.
        (Err(_), Err(second @ Missing::Refused { .. })) => Err(second),
        // A flag that would have it asked is worth more than that this part of the questions was put by somebody else.
        (Err(first), Err(second)) if is_unasked(&first) && second != UNASKED => Err(second),
        (first, _) => first,
    }
}

fn is_unasked(missing: &Missing) -> bool {
    matches!(missing, Missing::Declined { .. })
}

/// What will be, if the code says something of it, though only that nobody knows it yet; else what is.
pub(super) fn overlaid<T>(after: Evidence<T>, now: Evidence<T>) -> Evidence<T> {
    match after {
        Err(Missing::Untold(_)) => after,
        after => either(after, now),
    }
}

/// What one witness says will be, unless it says that it is so already.
pub(super) fn changed<T: PartialEq>(after: Evidence<T>, before: &Evidence<T>) -> Evidence<T> {
    let is_same = match (&after, before) {
        (Ok(after), Ok(before)) => after.value == before.value,
        (Err(after), Err(before)) => after == before,
        _ => false,
    };
    if is_same { Err(UNSEEN) } else { after }
}

/// The name of a fact and those who say different things of it, if they do. What is read in settings is compared whole; of what
/// is asked from outside, the kind of the answer counts, as the questions differ.
pub(super) fn differ<T: PartialEq>(
    need: Need,
    name: &'static str,
    first: &Evidence<T>,
    second: &Evidence<T>,
) -> Option<(&'static str, Vec<ExchangeId>, Vec<ExchangeId>)> {
    let (Ok(first), Ok(second)) = (first, second) else { return None };
    // Which file makes a client is no testimony.
    if first.witnesses.is_empty() || second.witnesses.is_empty() {
        return None;
    }
    let is_same = if need == Need::Settings {
        first.value == second.value
    } else {
        discriminant(&first.value) == discriminant(&second.value)
    };
    (!is_same).then(|| (name, first.witnesses.clone(), second.witnesses.clone()))
}
