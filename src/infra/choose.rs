//! Which client of the code is Pomerium's.

use super::code::{Code, Fate, Language, Picture, Resource, Tense};
use super::links::same_pool;
use super::settings::ClientSettings;
use super::value::{Answer, Value};

/// What is known of the client that is looked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'w> {
    /// The client id that Pomerium sends; none if the configuration does not hold it yet.
    pub client_id: Option<&'w str>,
    /// The address that the user names.
    pub address: Option<&'w str>,
    /// The pool in the issuer, if it names one.
    pub pool_id: Option<&'w str>,
    /// The callback that Pomerium will send.
    pub callback: Option<&'w str>,
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
    },
    /// No file has a client.
    NoClient,
    /// The address that the user named is in no file.
    NoSuchAddress,
    /// None of them, or several of them.
    Undecided(Vec<Candidate>),
}

impl Choice {
    /// Its addresses in a file: one client may stand in it twice, as with a data source beside the resource.
    pub fn addresses_in(&self, file: usize) -> impl Iterator<Item = &str> {
        let at = match self {
            Self::Chosen { at, .. } => at.as_slice(),
            _ => &[],
        };
        at.iter().filter(move |(own, _)| *own == file).map(|(_, address)| address.as_str())
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

/// Chooses: by id, by the address, as the only one that can be it, as the only one that can have the callback.
pub fn choose(codes: &[Code], wish: &Wish<'_>) -> Choice {
    let known = |id: &str| group(codes, &|_, client| client.has_or_had_id(id));
    if let Some(id) = wish.client_id {
        let at = known(id);
        if !at.is_empty() {
            let overruled = wish.address.is_some_and(|named| at.iter().all(|(_, address)| address != named));
            return Choice::Chosen { by: By::Id, at, overruled };
        }
    }
    if let Some(named) = wish.address {
        let at = group(codes, &|_, client| client.address == named);
        return if at.is_empty() { Choice::NoSuchAddress } else { chosen(By::Address, at) };
    }
    let clients = identities(codes);
    if clients.is_empty() {
        return Choice::NoClient;
    }
    let judged: Vec<(Identity, Vec<Lack>)> =
        clients.into_iter().map(|client| (client.clone(), lacks(codes, &client, wish))).collect();
    let can_be = |lacks: &[Lack]| !lacks.iter().any(|lack| *lack != Lack::Callback);
    let possible: Vec<&(Identity, Vec<Lack>)> = judged.iter().filter(|(_, lacks)| can_be(lacks)).collect();
    let matching: Vec<&Identity> =
        possible.iter().filter(|(_, lacks)| lacks.is_empty()).map(|(client, _)| client).collect();
    // What was not read may be another candidate: only one that has the callback is certain to be meant.
    let is_all = codes.iter().all(|code| code.is_complete);
    let is_sure = |identity: &Identity| is_all || wish.callback.is_some_and(|callback| has(codes, identity, callback));
    match (&possible[..], &matching[..]) {
        ([(only, _)], _) if is_sure(only) => chosen(By::OnlyCandidate, only.at.clone()),
        (_, [only]) if wish.callback.is_some() && is_sure(only) => chosen(By::OnlyMatch, only.at.clone()),
        _ => Choice::Undecided(
            judged.into_iter().filter_map(|(client, lacks)| candidate(codes, client, lacks)).collect(),
        ),
    }
}

fn chosen(by: By, at: Vec<(usize, String)>) -> Choice {
    Choice::Chosen { by, at, overruled: false }
}

fn candidate(codes: &[Code], client: Identity, lacks: Vec<Lack>) -> Option<Candidate> {
    let (file, address) = client.at.into_iter().next()?;
    let (_, found) = all_of(codes.get(file)?).find(|(_, client)| client.address == address)?;
    Some(Candidate { name: found.settings.name.value.to_string(), address, file, lacks })
}

/// Where clients stand for which something holds, each address of a file once.
fn group(codes: &[Code], is_it: &dyn Fn(&Code, &Resource<ClientSettings>) -> bool) -> Vec<(usize, String)> {
    let mut at: Vec<(usize, String)> = Vec::new();
    for (file, code) in codes.iter().enumerate() {
        for (_, client) in all_of(code).filter(|(_, client)| is_it(code, client)) {
            if !at.iter().any(|(own, address)| *own == file && *address == client.address) {
                at.push((file, client.address.clone()));
            }
        }
    }
    at
}

/// One client, in all the files that speak of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Identity {
    at: Vec<(usize, String)>,
    id: Option<String>,
    language: Language,
}

/// The clients: two are one if they have the same id, or, in Terraform, the same address.
fn identities(codes: &[Code]) -> Vec<Identity> {
    let mut found: Vec<Identity> = Vec::new();
    for (file, code) in codes.iter().enumerate() {
        for (_, client) in all_of(code) {
            let id = client.settings.id.value.known().cloned();
            let place = (file, client.address.clone());
            let is_same = |other: &Identity| {
                let same_id = id.is_some() && other.id == id;
                let contradicts = id.is_some() && other.id.is_some() && other.id != id;
                let here = other.at.contains(&place);
                let same_address = other.at.iter().any(|(_, address)| *address == client.address)
                    && other.language == code.language()
                    && code.language() == Language::Terraform;
                same_id || here || (same_address && !contradicts)
            };
            match found.iter_mut().find(|other| is_same(other)) {
                Some(other) => {
                    other.id = other.id.take().or(id);
                    if !other.at.contains(&place) {
                        other.at.push(place);
                    }
                }
                None => found.push(Identity { at: vec![place], id, language: code.language() }),
            }
        }
    }
    found
}

/// Whether the code says for certain, somewhere, that the client lists this callback.
fn has(codes: &[Code], identity: &Identity, callback: &str) -> bool {
    let own = identity.at.iter().filter_map(|(file, address)| Some((codes.get(*file)?, address)));
    own.flat_map(|(code, address)| all_of(code).filter(move |(_, client)| client.address == *address))
        .any(|(_, client)| client.settings.callbacks.contains(callback) == Answer::Yes)
}

/// What speaks against a client in every file and at every time.
fn lacks(codes: &[Code], identity: &Identity, wish: &Wish<'_>) -> Vec<Lack> {
    let clients: Vec<(&Picture, &Resource<ClientSettings>)> = identity
        .at
        .iter()
        .filter_map(|(file, address)| Some((codes.get(*file)?, address)))
        .flat_map(|(code, address)| all_of(code).filter(move |(_, client)| client.address == *address))
        .collect();
    let mut lacks = Vec::new();
    if clients.iter().all(|(_, client)| client.fate == Some(Fate::Delete)) {
        lacks.push(Lack::Deleted);
    }
    if wish.client_id.is_some() {
        let is_made = clients.iter().all(|(_, client)| client.fate == Some(Fate::Create));
        match &identity.id {
            Some(other) => lacks.push(Lack::OtherId(other.clone())),
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
