//! Which client of the code is which of Pomerium's.

mod nameless;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use self::nameless::nameless;
use super::code::{Code, Fate, Language, Picture, Resource, Tense};
use super::links::same_pool;
use super::settings::ClientSettings;
use super::value::{Answer, Value};

/// What is known of the client that is looked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'w> {
    /// Whose client it is, in words fit for a report.
    pub of: &'w str,
    /// The number of the deployment that it is a client of.
    pub deployment: usize,
    /// The client id as the configuration has it, whatever that stands for: what is written alike is one client.
    pub written: &'w str,
    /// The client id that Pomerium sends; none if the configuration does not hold it yet.
    pub client_id: Option<&'w str>,
    /// The address that the user names.
    pub address: Option<&'w str>,
    /// The pool in the issuer, if it names one.
    pub pool_id: Option<&'w str>,
    /// The callback that Pomerium will send.
    pub callback: Option<&'w str>,
}

impl Wish<'_> {
    /// Whether two of one deployment are written differently, or two of any have ids that differ. What stands for an id may be that of
    /// another deployment.
    fn is_another(&self, other: &Self) -> bool {
        let is_known = self.deployment == other.deployment || self.client_id.is_some() && other.client_id.is_some();
        is_known && self.written != other.written
    }
}

/// Why it was taken for Pomerium's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// It has the id.
    Id,
    /// The user named it.
    Address,
    /// No other can be it.
    OnlyCandidate,
    /// No other can have the callback.
    OnlyMatch,
}

/// A client that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its address.
    pub address: String,
    /// Its name, as far as the code tells it.
    pub name: String,
    /// The number of the file that it stands in.
    pub file: usize,
    /// What speaks against it.
    pub lacks: Vec<Lack>,
}

/// What speaks against a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// It has another id: this one.
    OtherId(String),
    /// The apply deletes it.
    Deleted,
    /// The apply makes it, so it cannot have an id that is known before.
    NewId,
    /// It belongs to another pool: this one.
    OtherPool(String),
    /// It was named for another of Pomerium's clients, or has the id of that: of this one.
    Taken(String),
    /// Another of Pomerium's clients can be it just as well: this one.
    Wanted(String),
    /// Its callbacks do not have, and cannot have, the one that Pomerium sends.
    Callback,
}

/// The outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// This one. It may stand in several files, and at several addresses of one.
    Chosen {
        /// Why.
        by: By,
        /// The numbers of the files, and its addresses in each.
        at: Vec<(usize, String)>,
        /// The user named another one, but this one has the id.
        overruled: bool,
        /// Clients of other files that may be it as well: an id stands here, and none there.
        left_out: Vec<(usize, String)>,
    },
    /// No file has a client.
    NoClient,
    /// The address that the user named is in no file.
    NoSuchAddress,
    /// This one, which stands at so many addresses that they are not compared.
    Scattered(usize),
    /// None of them, or several of them.
    Undecided(Vec<Candidate>),
}

impl Candidate {
    fn of(client: &Resource<ClientSettings>, file: usize, lacks: Vec<Lack>) -> Self {
        let (name, address) = (client.settings.name.value.to_string(), client.address.clone());
        Self { address, name, file, lacks }
    }
}

impl Choice {
    /// Why one was chosen, if one was.
    pub fn by(&self) -> Option<By> {
        match self {
            Self::Chosen { by, .. } => Some(*by),
            _ => None,
        }
    }

    fn places(&self) -> impl Iterator<Item = Place<'_>> {
        let at = match self {
            Self::Chosen { at, .. } => at.as_slice(),
            _ => &[],
        };
        at.iter().map(|(file, address)| (*file, address.as_str()))
    }

    /// Its addresses in a file: one client may stand in it twice, as with a data source beside the resource.
    pub fn addresses_in(&self, file: usize) -> impl Iterator<Item = &str> {
        self.places().filter(move |(own, _)| *own == file).map(|(_, address)| address)
    }
}

/// The addresses of all clients of a file.
pub fn addresses(code: &Code) -> Vec<&str> {
    let mut addresses: Vec<&str> = all_of(code).map(|(_, client)| client.address.as_str()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

fn all_of(code: &Code) -> impl Iterator<Item = (&Picture, &Resource<ClientSettings>)> {
    [Tense::AfterApply, Tense::Now].into_iter().flat_map(|tense| {
        let picture = code.picture(tense);
        picture.clients.iter().map(move |client| (picture, client))
    })
}

/// Chooses for each wish: by id or by the address, then of what is left the only one that can be it, or the only one that can have
/// the callback. Two ids are never those of one client.
pub fn choose(codes: &[Code], wishes: &[Wish<'_>]) -> Vec<Choice> {
    let certain: Vec<Option<Choice>> =
        wishes.iter().map(|wish| by_id(codes, wish).or_else(|| by_address(codes, wish))).collect();
    let clients = if certain.iter().all(Option::is_some) { Vec::new() } else { identities(codes) };
    let mut taken: HashMap<Place<'_>, Vec<&Wish<'_>>> = HashMap::new();
    for (wish, choice) in wishes.iter().zip(&certain) {
        for place in choice.iter().flat_map(Choice::places) {
            taken.entry(place).or_default().push(wish);
        }
    }
    let search = Search { codes, clients: &clients, taken: &taken };
    let chosen = certain.iter().zip(wishes).map(|(choice, wish)| choice.clone().unwrap_or_else(|| search.only(wish)));
    contested(codes, wishes, &chosen.collect::<Vec<_>>())
}

/// One client stands at no more addresses, in all files. A pipeline that reads a state and a plan has two.
const MOST_PLACES: usize = 100;

/// A file and an address in it.
type Place<'p> = (usize, &'p str);

fn by_id(codes: &[Code], wish: &Wish<'_>) -> Option<Choice> {
    let id = wish.client_id?;
    let mut at = group(codes, &|_, client| client.has_or_had_id(id));
    if at.is_empty() {
        return None;
    }
    let others = nameless(codes, wish, &at);
    // What the user names stands beside it: he says that it is the same.
    let (named, left_out): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|(_, address)| wish.address == Some(address.as_str()));
    at.extend(named);
    let overruled = wish.address.is_some_and(|named| at.iter().all(|(_, address)| address != named));
    Some(Choice::Chosen { by: By::Id, at, overruled, left_out })
}

fn by_address(codes: &[Code], wish: &Wish<'_>) -> Option<Choice> {
    let named = wish.address?;
    let at = group(codes, &|_, client| client.address == named);
    Some(if at.is_empty() { Choice::NoSuchAddress } else { chosen(By::Address, at) })
}

/// Where there is no certainty.
struct Search<'s> {
    codes: &'s [Code],
    clients: &'s [Identity<'s>],
    /// The places that are somebody's for certain.
    taken: &'s HashMap<Place<'s>, Vec<&'s Wish<'s>>>,
}

impl Search<'_> {
    fn only(&self, wish: &Wish<'_>) -> Choice {
        if self.clients.is_empty() {
            return Choice::NoClient;
        }
        let judged: Vec<(&Identity<'_>, Vec<Lack>)> =
            self.clients.iter().map(|client| (client, self.lacks(client, wish))).collect();
        let can_be = |lacks: &[Lack]| !lacks.iter().any(|lack| *lack != Lack::Callback);
        let possible: Vec<&(&Identity<'_>, Vec<Lack>)> = judged.iter().filter(|(_, lacks)| can_be(lacks)).collect();
        let matching: Vec<&Identity<'_>> =
            possible.iter().filter(|(_, lacks)| lacks.is_empty()).map(|(client, _)| *client).collect();
        // What was not read may be another candidate: only one that has the callback is certain to be meant.
        let is_all = self.codes.iter().all(|code| code.is_complete);
        let is_sure = |client: &Identity<'_>| is_all || wish.callback.is_some_and(|callback| client.has(callback));
        match (&possible[..], &matching[..]) {
            ([(only, _)], _) if is_sure(only) => chosen(By::OnlyCandidate, only.places()),
            (_, [only]) if wish.callback.is_some() && is_sure(only) => chosen(By::OnlyMatch, only.places()),
            _ => Choice::Undecided(judged.into_iter().filter_map(|(client, lacks)| client.candidate(lacks)).collect()),
        }
    }

    /// What speaks against a client in every file and at every time.
    fn lacks(&self, client: &Identity<'_>, wish: &Wish<'_>) -> Vec<Lack> {
        let mut lacks = client.lacks(wish);
        let owners = client.at.iter().filter_map(|place| self.taken.get(place)).flatten();
        let other = owners.into_iter().find(|owner| owner.is_another(wish));
        lacks.extend(other.map(|owner| Lack::Taken(owner.of.to_owned())));
        lacks
    }
}

/// The choices, but for those of which several can be right and only one is: two ids are two clients. What stands for an id may come
/// to the same as another that does, if the user says so.
fn contested(codes: &[Code], wishes: &[Wish<'_>], choices: &[Choice]) -> Vec<Choice> {
    let mut wanted: HashMap<Place<'_>, Vec<usize>> = HashMap::new();
    for (index, choice) in choices.iter().enumerate() {
        for place in choice.places() {
            wanted.entry(place).or_default().push(index);
        }
    }
    let rival = |index: usize, choice: &Choice| -> Option<&Wish<'_>> {
        let (own, by) = (wishes.get(index)?, choice.by()?);
        let is_rival = |other: &Wish<'_>, other_by: Option<By>| {
            let are_ids = own.client_id.is_some() && other.client_id.is_some();
            other.is_another(own)
                && match by {
                    By::Id => false,
                    // What the user names without a client is for each deployment.
                    By::Address => other_by == Some(By::Address) && are_ids && other.deployment == own.deployment,
                    By::OnlyCandidate | By::OnlyMatch => true,
                }
        };
        let others = choice.places().filter_map(|place| wanted.get(&place)).flatten();
        let mut others = others.filter_map(|other| Some((wishes.get(*other)?, choices.get(*other)?.by())));
        others.find(|(other, other_by)| is_rival(other, *other_by)).map(|(other, _)| other)
    };
    let settled = |(index, choice): (usize, &Choice)| {
        let count = choice.places().count();
        if count > MOST_PLACES {
            return Choice::Scattered(count);
        }
        let Some(rival) = rival(index, choice) else { return choice.clone() };
        let candidate = |(file, address): Place<'_>| {
            let (_, client) = all_of(codes.get(file)?).find(|(_, client)| client.address == address)?;
            Some(Candidate::of(client, file, vec![Lack::Wanted(rival.of.to_owned())]))
        };
        Choice::Undecided(choice.places().filter_map(candidate).collect())
    };
    choices.iter().enumerate().map(settled).collect()
}

fn chosen(by: By, at: Vec<(usize, String)>) -> Choice {
    Choice::Chosen { by, at, overruled: false, left_out: Vec::new() }
}

/// Where clients stand for which something holds, each address of a file once.
fn group(codes: &[Code], is_it: &dyn Fn(&Code, &Resource<ClientSettings>) -> bool) -> Vec<(usize, String)> {
    let mut known: HashSet<Place<'_>> = HashSet::new();
    let mut at = Vec::new();
    for (file, code) in codes.iter().enumerate() {
        for (_, client) in all_of(code).filter(|(_, client)| is_it(code, client)) {
            if known.insert((file, &client.address)) {
                at.push((file, client.address.clone()));
            }
        }
    }
    at
}

/// One client, in all the files that speak of it.
struct Identity<'c> {
    at: Vec<Place<'c>>,
    id: Option<&'c str>,
    /// All that is said of it, each with the picture that it stands in.
    said: Vec<(&'c Picture, &'c Resource<ClientSettings>)>,
}

/// The clients: two are one if they have the same id, or, in Terraform, the same address.
fn identities(codes: &[Code]) -> Vec<Identity<'_>> {
    let mut found: Vec<Identity<'_>> = Vec::new();
    let (mut by_id, mut by_place) = (HashMap::<&str, usize>::new(), HashMap::<Place<'_>, usize>::new());
    // In Terraform.
    let mut by_address: HashMap<&str, Vec<usize>> = HashMap::new();
    for (file, code) in codes.iter().enumerate() {
        for (picture, client) in all_of(code) {
            let id = client.settings.id.value.known().map(String::as_str);
            let place = (file, client.address.as_str());
            let is_terraform = code.language() == Language::Terraform;
            let same_id = id.and_then(|id| by_id.get(id)).copied();
            let contradicts = |other: usize| {
                let other = found.get(other).and_then(|other: &Identity<'_>| other.id);
                id.is_some() && other.is_some() && other != id
            };
            let alike = by_address.get(place.1).filter(|_| is_terraform).into_iter().flatten().copied();
            let same_address = alike.filter(|other| !contradicts(*other)).min();
            let known = [same_id, by_place.get(&place).copied(), same_address].into_iter().flatten().min();
            let number = known.unwrap_or_else(|| {
                found.push(Identity { at: Vec::new(), id, said: Vec::new() });
                found.len() - 1
            });
            let Some(own) = found.get_mut(number) else { continue };
            own.id = own.id.or(id);
            own.said.push((picture, client));
            if let Some(id) = own.id {
                by_id.entry(id).or_insert(number);
            }
            if let Entry::Vacant(vacant) = by_place.entry(place) {
                vacant.insert(number);
                own.at.push(place);
                if is_terraform {
                    by_address.entry(place.1).or_default().push(number);
                }
            }
        }
    }
    found
}

impl Identity<'_> {
    fn places(&self) -> Vec<(usize, String)> {
        self.at.iter().map(|(file, address)| (*file, (*address).to_owned())).collect()
    }

    fn candidate(&self, lacks: Vec<Lack>) -> Option<Candidate> {
        let ((file, _), (_, client)) = (self.at.first()?, self.said.first()?);
        Some(Candidate::of(client, *file, lacks))
    }

    /// Whether the code says for certain, somewhere, that the client lists this callback.
    fn has(&self, callback: &str) -> bool {
        self.said.iter().any(|(_, client)| client.settings.callbacks.contains(callback) == Answer::Yes)
    }

    /// What its own settings say against it in every file and at every time.
    fn lacks(&self, wish: &Wish<'_>) -> Vec<Lack> {
        let clients = &self.said;
        let mut lacks = Vec::new();
        if clients.iter().all(|(_, client)| client.fate == Some(Fate::Delete)) {
            lacks.push(Lack::Deleted);
        }
        if wish.client_id.is_some() {
            let is_made = clients.iter().all(|(_, client)| client.fate == Some(Fate::Create));
            match self.id {
                Some(other) => lacks.push(Lack::OtherId(other.to_owned())),
                None if is_made => lacks.push(Lack::NewId),
                None => {}
            }
        }
        if let Some(pool) = wish.pool_id {
            let wanted = Value::Known(pool.to_owned());
            let nowhere = Picture::default();
            let belongs = |picture: &Picture, client: &Resource<ClientSettings>| {
                same_pool((picture, &client.settings.pool.value), (&nowhere, &wanted)) != Answer::No
            };
            if !clients.iter().any(|(picture, client)| belongs(picture, client)) {
                let other = clients.first().map(|(_, client)| client.settings.pool.value.to_string());
                lacks.push(Lack::OtherPool(other.unwrap_or_default()));
            }
        }
        if let Some(callback) = wish.callback
            && !clients.iter().any(|(_, client)| client.settings.callbacks.contains(callback) != Answer::No)
        {
            lacks.push(Lack::Callback);
        }
        lacks
    }
}
