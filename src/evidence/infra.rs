//! Infrastructure code as a witness: what plans, states and templates say of the facts, now and after the apply.

mod choices;
mod client;
mod pages;
mod pool;
mod providers;
mod reading;
mod unchosen;

use std::fmt;

pub use self::choices::choices;
use self::unchosen::unchosen;
use super::redact::redact_in_place;
use super::testimony::{Aside, Disagreements, FilledByApply, NamedClient, Testimony};
use super::{AFTER_APPLY, ClientWorld, Evidence, ExchangeId, NOW, Seen, UNSEEN, World};
use crate::config::{Client, Config, Gap, Literals, Position, Source, Span};
use crate::infra::settings::Place;
use crate::infra::{Attribute, Choice, Code, Fate, Form, Picture, Tense};
use crate::spelling;

/// Why infrastructure code cannot be heard.
#[derive(Debug, PartialEq, Eq)]
pub enum InfraError {
    /// `--infra-client` names an address that is in no file.
    NoSuchAddress {
        /// The address.
        address: String,
        /// Those that there are.
        candidates: Vec<String>,
    },
}

impl fmt::Display for InfraError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::NoSuchAddress { address, candidates } = self;
        let there = spelling::there_are(candidates);
        write!(f, "--infra-client {address}: no app client has this address in the files of --infra; {there}")
    }
}

/// Adds what the code says to what is known, and where it says so to the sources of the configuration. `named` are the addresses
/// that the user gave.
///
/// # Errors
/// If an address that the user gave is in no file.
pub fn witness(config: &mut Config, world: World, codes: &[Code], named: &[NamedClient]) -> Result<World, InfraError> {
    let choices = choices(&[(config, &world)], codes, named)?.pop().unwrap_or_default();
    Ok(witness_of(config, world, codes, named, &choices))
}

/// The same where it is known which client of the code is which of Pomerium's.
pub fn witness_of(
    config: &mut Config,
    world: World,
    codes: &[Code],
    named: &[NamedClient],
    choices: &[Choice],
) -> World {
    if codes.is_empty() {
        return world;
    }
    let codes: Vec<Code> = codes.iter().cloned().map(without_passwords).collect();
    let clients = config.clients();
    let literals = Literals::about(config, &clients, world.subject(config));
    let mut hearing = Hearing { codes: &codes, literals: &literals, clients: &clients, testimonies: Vec::new() };
    let addresses = NamedClient::addresses(named, config, &clients);
    let told = clients.iter().zip(choices).zip(&addresses);
    // It may be heard for another of Pomerium's clients; or the user has said already whose it is.
    let is_heard = |(file, address): &&(usize, String)| {
        choices.iter().any(|choice| choice.addresses_in(*file).any(|heard| heard == address))
            || addresses.iter().flatten().any(|named| named == address)
    };
    let unheard =
        told.flat_map(|((client, choice), named)| unheard(client, choice, *named, &codes, &is_heard)).collect();
    let mut now = hearing.add(world, choices, Tense::Now);
    let has_future = codes.iter().any(|code| code.tenses().contains(&Tense::AfterApply));
    // Nothing is asked about what will be: the answers are those of today, and stay there.
    let exchanges = std::mem::take(&mut now.exchanges);
    let after = has_future.then(|| hearing.add(now.clone(), choices, Tense::AfterApply));
    let filled = after.as_ref().map(|_| hearing.filled(choices)).unwrap_or_default();
    let testimonies = placed(&hearing.testimonies, &codes, config);
    let after =
        after.map(|after| World { testimonies: testimonies.clone(), filled: filled.clone(), ..after }.with_pages(&now));
    // What nobody can fill in yet is no mistake today either.
    World {
        code: codes,
        named: named.to_vec(),
        unheard,
        testimonies,
        filled,
        after: after.map(Box::new),
        exchanges,
        ..now
    }
}

/// A callback may hold the password of whoever is to be called, or a parameter that is a secret: it is neither shown nor recorded.
fn without_passwords(mut code: Code) -> Code {
    for client in code.now.clients.iter_mut().chain(&mut code.after.clients) {
        client.settings.callbacks.edit(&redact_in_place);
        client.settings.sign_out_urls.edit(&redact_in_place);
    }
    code
}

/// What answers of the API say of a client, read as code is. The exchange at this address is the witness.
pub(super) fn read_answer(
    code: &Code,
    literals: &Literals,
    clients: &[Client],
    index: usize,
    address: &str,
) -> Option<ClientWorld> {
    let mut hearing = Hearing { codes: std::slice::from_ref(code), literals, clients, testimonies: Vec::new() };
    hearing.client_in(index, Told { file: 0, code, address, tense: Tense::Now })
}

/// An app client in one file at one time.
#[derive(Clone, Copy)]
struct Told<'c> {
    file: usize,
    code: &'c Code,
    address: &'c str,
    tense: Tense,
}

/// What is heard of the code, and where it was said.
struct Hearing<'a> {
    codes: &'a [Code],
    literals: &'a Literals,
    clients: &'a [Client],
    testimonies: Vec<Said>,
}

/// A testimony before its file is one of the configuration's sources.
struct Said {
    id: ExchangeId,
    file: usize,
    address: String,
    setting: Option<Attribute>,
    tense: Tense,
    at: Place,
    aside: Option<Aside>,
}

impl<'a> Hearing<'a> {
    /// What is known with what the code says of one time. What will be outweighs what is; and of what is, whoever was asked
    /// outweighs what a state remembers.
    fn add(&mut self, world: World, choices: &[Choice], tense: Tense) -> World {
        let mut disagreements = world.disagreements;
        let mut clients = world.clients;
        for (index, (known, choice)) in clients.iter_mut().zip(choices).enumerate() {
            let Some(told) = self.client(index, choice, tense, &mut disagreements) else { continue };
            let own = std::mem::replace(known, ClientWorld::missing(&UNSEEN));
            *known = match tense {
                Tense::AfterApply => {
                    let before = self.client(index, choice, Tense::Now, &mut Disagreements::default());
                    let changes = self.changes(index, choice, told, before.as_ref());
                    changes.reaching(&own, choice, before.as_ref()).over(own)
                }
                Tense::Now => {
                    let (own, told) = own.doubting(told, &mut disagreements, index);
                    let own = own.sharpened_by(&told);
                    disagreements.add(Some(index), own.disagreements(&told));
                    own.or(told)
                }
            };
        }
        let pool = match (self.pool(choices.first(), tense, &mut disagreements), tense) {
            (None, _) => world.pool,
            (Some(told), Tense::AfterApply) => {
                let changes = match self.pool(choices.first(), Tense::Now, &mut Disagreements::default()) {
                    Some(now) => told.beyond(&now),
                    None => told,
                };
                changes.or(world.pool)
            }
            (Some(told), Tense::Now) => {
                let pool = world.pool.sharpened_by(&told);
                disagreements.add(None, pool.disagreements(&told));
                pool.or(told)
            }
        };
        World { pool, clients, disagreements, ..world }
    }

    /// What the apply changes about a client. One that it writes to has afterwards all that is planned, whatever was changed outside; one
    /// that it does not touch has what it has.
    fn changes(&self, index: usize, choice: &Choice, after: ClientWorld, before: Option<&ClientWorld>) -> ClientWorld {
        let mut places = self.codes.iter().enumerate();
        if places.any(|(file, code)| choice.addresses_in(file).any(|address| self.is_written(index, code, address))) {
            return after;
        }
        match before {
            Some(before) => after.beyond(before),
            None => after,
        }
    }

    /// What the code says of a client; nothing if it says nothing of this time.
    fn client(
        &mut self,
        index: usize,
        choice: &Choice,
        tense: Tense,
        disagreements: &mut Disagreements,
    ) -> Option<ClientWorld> {
        let codes = self.codes;
        let files = by_weight(codes, tense);
        if files.is_empty() {
            return None;
        }
        let Choice::Chosen { .. } = choice else {
            // A plan also says what is, but a client that it makes is not there yet.
            let speaks_of_it = tense == Tense::AfterApply || codes.iter().all(|code| code.form == Form::State);
            return speaks_of_it.then(|| ClientWorld::missing(&unchosen(choice, codes)));
        };
        let mut told: Option<ClientWorld> = None;
        let mut first = 0;
        for (file, own) in self.accounts(index, choice, tense, &files) {
            told = Some(match told {
                None => {
                    first = file;
                    own
                }
                Some(known) => {
                    // What one apply makes of a client at two addresses is one outcome.
                    if tense == Tense::Now || file != first {
                        disagreements.add(Some(index), known.disagreements(&own));
                    }
                    known.or(own)
                }
            });
        }
        told
    }

    /// What each address says of a client, with the number of its file: first whoever takes the client away, which no other address
    /// undoes. Where the apply writes at one address of a file, the others there say only what was.
    fn accounts(
        &mut self,
        index: usize,
        choice: &Choice,
        tense: Tense,
        files: &[(usize, &Code)],
    ) -> Vec<(usize, ClientWorld)> {
        let mut accounts = Vec::new();
        for &(file, code) in files {
            let is_rewritten =
                tense == Tense::AfterApply && choice.addresses_in(file).any(|own| self.is_written(index, code, own));
            for address in choice.addresses_in(file) {
                let Some(own) = self.client_in(index, Told { file, code, address, tense }) else { continue };
                let is_gone = own.is_gone() && self.id(index).is_some();
                if is_gone || !is_rewritten || self.is_written(index, code, address) {
                    accounts.push((is_gone, file, own));
                }
            }
        }
        accounts.sort_by_key(|(is_gone, ..)| !is_gone);
        accounts.into_iter().map(|(_, file, own)| (file, own)).collect()
    }

    /// Whether the apply writes the settings of a client at this address.
    fn is_written(&self, index: usize, code: &Code, address: &str) -> bool {
        code.after.client(address, self.id(index)).and_then(|client| client.fate).is_some_and(Fate::writes)
    }

    /// The ids that only the apply will know.
    fn filled(&self, choices: &[Choice]) -> FilledByApply {
        let gaps = self.literals.clients.iter().zip(self.clients).zip(choices);
        let filled = gaps.filter_map(|((literals, client), choice)| {
            let at = match choice {
                Choice::Chosen { at, .. } => at.clone(),
                // Whichever it is, if all that can be it are still to be made.
                Choice::Undecided(candidates) => {
                    candidates.iter().map(|candidate| (candidate.file, candidate.address.clone())).collect()
                }
                Choice::NoClient | Choice::NoSuchAddress | Choice::Scattered(_) => return None,
            };
            // An id that is known already is no matter of the apply: it is to be written.
            if at.iter().any(|(file, address)| self.has_known_id(*file, address)) {
                return None;
            }
            let is_open = literals.id.as_ref().is_err_and(|gap| !matches!(gap, Gap::Unread | Gap::Beside(_)));
            let addresses: Vec<&str> = at.iter().map(|(_, address)| address.as_str()).collect();
            let first = addresses.first()?;
            let name =
                if matches!(choice, Choice::Chosen { .. }) { (*first).to_owned() } else { addresses.join(" or ") };
            is_open.then_some((client.id.span, name))
        });
        FilledByApply(filled.collect())
    }

    /// Whether the id that the client will have is known before the apply.
    fn has_known_id(&self, file: usize, address: &str) -> bool {
        let Some(code) = self.codes.get(file).filter(|code| code.tenses().contains(&Tense::AfterApply)) else {
            return false;
        };
        let at = |picture: &'a Picture| picture.clients.iter().find(|client| client.address == address);
        at(&code.after).or(at(&code.now)).is_some_and(|client| client.settings.id.value.known().is_some())
    }

    /// A fact that is read in a place of the code.
    #[allow(clippy::unnecessary_wraps, reason = "it is evidence like any other")]
    fn seen<T>(&mut self, value: T, told: Told<'_>, setting: Option<Attribute>, at: Place) -> Evidence<T> {
        let Told { file, code, address, tense } = told;
        if code.form == Form::Api {
            // The exchange is its own witness.
            return Ok(Seen { value, witnesses: vec![ExchangeId(address.to_owned())] });
        }
        let when = match tense {
            Tense::Now => NOW,
            Tense::AfterApply => AFTER_APPLY,
        };
        let id = ExchangeId(format!("{}:{}:{}{when}", code.file, at.line, at.column));
        if !self.testimonies.iter().any(|said| said.id == id && said.setting == setting) {
            let client = code.picture(tense).clients.iter().find(|client| client.address == address);
            let aside = client.zip(setting).and_then(|(client, setting)| Aside::of(client, setting, tense));
            let address = address.to_owned();
            self.testimonies.push(Said { id: id.clone(), file, address, setting, tense, at, aside });
        }
        Ok(Seen { value, witnesses: vec![id] })
    }
}

/// Which clients are not taken for Pomerium's because another one has the id that Pomerium sends: that which the user named, and those
/// of files that tell no ids.
fn unheard(
    client: &Client,
    choice: &Choice,
    named: Option<&str>,
    codes: &[Code],
    is_heard: &dyn Fn(&&(usize, String)) -> bool,
) -> Vec<String> {
    let Choice::Chosen { overruled, left_out, at, .. } = choice else { return Vec::new() };
    let Some((file, taken)) = at.first() else { return Vec::new() };
    let id = &client.id.value;
    let overruled = named.filter(|_| *overruled).map(|named| {
        format!("--infra-client {named} is not heard: {taken} has the client id {id} that Pomerium sends")
    });
    let of_file = |file: &usize| codes.get(*file).map_or("", |code| code.file.as_str());
    let left_out: Vec<&(usize, String)> = left_out.iter().filter(|left| !is_heard(left)).collect();
    let mut files: Vec<usize> = left_out.iter().map(|(file, _)| *file).collect();
    files.dedup();
    let unheard = files.into_iter().map(|left| {
        let mut addresses: Vec<&str> =
            left_out.iter().filter(|(own, _)| *own == left).map(|(_, address)| address.as_str()).collect();
        let first = addresses.first().copied().unwrap_or_default().to_owned();
        let more = addresses.len().saturating_sub(MOST_LEFT_OUT);
        addresses.truncate(MOST_LEFT_OUT);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let verb = if addresses.len() == 1 { "is" } else { "are" };
        format!(
            "{}: of its app clients, {}{more} {verb} not heard: {taken} in {} has the client id {id} that Pomerium sends, and a template tells no ids; if it is that client, --infra-client {first} says so",
            of_file(&left),
            addresses.join(", "),
            of_file(file),
        )
    });
    overruled.into_iter().chain(unheard).collect()
}

/// So many clients of a file are named.
const MOST_LEFT_OUT: usize = 3;

/// The files that say something of a time, with their numbers: a plan, which has asked AWS, before a state, and that before a template.
fn by_weight(codes: &[Code], tense: Tense) -> Vec<(usize, &Code)> {
    let mut files: Vec<(usize, &Code)> =
        codes.iter().enumerate().filter(|(_, code)| code.tenses().contains(&tense)).collect();
    files.sort_by_key(|(_, code)| match code.form {
        Form::Api => 0,
        Form::Plan => 1,
        Form::State => 2,
        Form::Template => 3,
    });
    files
}

/// The testimonies, each with its place in a source of the configuration.
fn placed(said: &[Said], codes: &[Code], config: &mut Config) -> Vec<Testimony> {
    let position = |line, column| Position { line, column };
    let mut testimonies = Vec::with_capacity(said.len());
    for (file, code) in codes.iter().enumerate() {
        let own: Vec<&Said> = said.iter().filter(|said| said.file == file).collect();
        if own.is_empty() {
            continue;
        }
        let places: Vec<_> = own
            .iter()
            .map(|said| (position(said.at.line, said.at.column), position(said.at.end_line, said.at.end_column)))
            .collect();
        let source = config.sources.add(Source::of_places(code.file.as_str(), places));
        testimonies.extend(own.into_iter().enumerate().map(|(number, said)| Testimony {
            id: said.id.clone(),
            file: code.file.clone(),
            address: said.address.clone(),
            setting: said.setting,
            language: code.language(),
            tense: said.tense,
            at: Span::of_place(source, number),
            aside: said.aside,
        }));
    }
    testimonies
}
