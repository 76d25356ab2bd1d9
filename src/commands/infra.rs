//! `--infra`: plans, states and templates that are heard beside what is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{StartError, input, write};
use crate::cli;
use crate::config::cognito::region_of_pool;
use crate::config::{Client, Config};
use crate::disk::Bound;
use crate::evidence::{InfraError, NamedClient, World, choices, pool_of_issuer, witness, witness_of};
use crate::infra::{self, Choice, Code, LONGEST, Options, Parameters, addresses};
use crate::report::Stream;
use crate::spelling;

/// A file of parameters is no longer than this.
const LONGEST_PARAMETERS: usize = 1 << 20;

/// The code that the user gave.
pub(super) struct Infra {
    files: Vec<PathBuf>,
    parameters: Parameters,
    /// Addresses, each for a client or for the global one.
    clients: Vec<NamedClient>,
    /// Standard input, if it is one of the files.
    stdin: Vec<u8>,
}

/// What was heard.
pub(super) struct Heard {
    /// What is known with it, for each configuration.
    pub(super) worlds: Vec<World>,
    /// The files that are no infrastructure code, or could not be read; the rest is heard all the same.
    pub(super) refused: Vec<StartError>,
}

impl Infra {
    /// Reads what can be read before it is known whose configuration it is heard for.
    ///
    /// # Errors
    /// If a flag is not understood, or standard input or a file of parameters cannot be read.
    pub(super) fn open(given: &cli::Infra) -> Result<Self, StartError> {
        let mut parameters = Parameters::default();
        for written in &given.infra_parameter {
            let option = |why: String| StartError::Option(format!("--infra-parameter: {why}"));
            match written.strip_prefix('@') {
                None => parameters.add(written).map_err(option)?,
                Some(file) => {
                    let bytes = Bound::read_flagged(Path::new(file), LONGEST_PARAMETERS)
                        .map_err(|why| StartError::Unreadable { name: file.to_owned(), why: why.to_string() })?;
                    parameters
                        .add_file(&String::from_utf8_lossy(&bytes))
                        .map_err(|why| option(format!("{file}: {why}")))?;
                }
            }
        }
        let clients = given.infra_client.iter().map(|written| named(written)).collect();
        let stdin = if given.infra.iter().any(|file| file.as_os_str() == "-") {
            input::from_stdin(LONGEST)
                .map_err(|why| StartError::Unreadable { name: "-".to_owned(), why: why.to_string() })?
        } else {
            Vec::new()
        };
        Ok(Self { files: given.infra.clone(), parameters, clients, stdin })
    }

    /// What is known with what the code says.
    ///
    /// # Errors
    /// If the address of a client is in no file, or is for nobody.
    pub(super) fn witness(mut self, configs: &mut [Config], worlds: Vec<World>) -> Result<Heard, StartError> {
        let mut regions: BTreeSet<Option<String>> = configs.iter().map(region).collect();
        if self.files.is_empty() {
            regions.clear();
        }
        let (mut read, mut refused) = (BTreeMap::new(), Vec::new());
        let last = regions.last().cloned();
        for region in regions {
            // A plan is large: one copy is enough, which whoever reads last may have.
            let stdin =
                if Some(&region) == last.as_ref() { std::mem::take(&mut self.stdin) } else { self.stdin.clone() };
            let codes;
            (codes, refused) = self.codes(region.as_deref(), stdin);
            read.insert(region, codes);
        }
        if let Some(why) = self.unmeant(configs, &read, !refused.is_empty()) {
            return Err(StartError::Option(why));
        }
        let mut choices = match self.choices(configs, &worlds, &read) {
            Ok(choices) => choices,
            // The address may stand in the file that was not read.
            Err(error) => {
                return Err(refused.into_iter().next().unwrap_or_else(|| StartError::Option(error.to_string())));
            }
        };
        let misspelt = if refused.is_empty() { self.undeclared(&read) } else { Vec::new() };
        let mut heard = Vec::with_capacity(worlds.len());
        for (index, (config, mut world)) in configs.iter_mut().zip(worlds).enumerate() {
            // Without files of today, a recording may hold what was heard then.
            let recorded = (std::mem::take(&mut world.code), std::mem::take(&mut world.named));
            let world = match (read.get(&region(config)), choices.remove(&index)) {
                (Some(codes), Some(choices)) => Ok(witness_of(config, world, codes, &self.clients, &choices)),
                _ => witness(config, world, &recorded.0, &recorded.1),
            };
            let mut world = world.map_err(|error| StartError::Option(error.to_string()))?;
            world.unheard.extend(misspelt.iter().cloned());
            heard.push(world);
        }
        Ok(Heard { worlds: heard, refused })
    }

    /// Which client of the code is which of each configuration's, by the number of that. Those of one region are asked together.
    fn choices(
        &self,
        configs: &[Config],
        worlds: &[World],
        read: &BTreeMap<Option<String>, Vec<Code>>,
    ) -> Result<BTreeMap<usize, Vec<Choice>>, InfraError> {
        let mut found = BTreeMap::new();
        for (region_of_code, codes) in read {
            let asking = configs.iter().zip(worlds).enumerate();
            let asking = asking.filter(|(_, (config, _))| region(config) == *region_of_code);
            let (own, asking): (Vec<usize>, Vec<(&Config, &World)>) = asking.unzip();
            found.extend(own.into_iter().zip(choices(&asking, codes, &self.clients)?));
        }
        Ok(found)
    }

    /// What is wrong with the addresses that were given: one is for no client, or in no file, or two are for one client. An address may
    /// stand in a file that was not read.
    fn unmeant(
        &self,
        configs: &[Config],
        read: &BTreeMap<Option<String>, Vec<Code>>,
        is_partial: bool,
    ) -> Option<String> {
        let clients: Vec<(&Config, Vec<Client>)> = configs.iter().map(|config| (config, config.clients())).collect();
        let mut heard = vec![false; self.clients.len()];
        for (config, clients) in &clients {
            let mut first: BTreeMap<usize, &str> = BTreeMap::new();
            for (named, is_heard) in self.clients.iter().zip(&mut heard) {
                for client in named.meant(config, clients).into_iter().filter_map(|index| clients.get(index)) {
                    *is_heard = true;
                    if let Some(first) = first.insert(client.index, &named.address) {
                        return Some(format!(
                            "--infra-client {}: {} has one already, {first}; give one for each client",
                            named.address,
                            name(client)
                        ));
                    }
                }
            }
        }
        let clients: Vec<&Client> = clients.iter().flat_map(|(_, clients)| clients).collect();
        let is_for_nobody = |(named, is_heard): &(&NamedClient, bool)| named.client.is_some() && !is_heard;
        let unheard = self.clients.iter().zip(heard).find(is_for_nobody).filter(|_| !clients.is_empty());
        if let Some((NamedClient { client: Some(unknown), .. }, _)) = unheard {
            let known: BTreeSet<&str> = clients.iter().map(|client| name(client)).collect();
            let there = spelling::there_are(&known.into_iter().collect::<Vec<_>>());
            return Some(format!(
                "--infra-client {unknown}=…: no client of the configuration has this id or route; {there}"
            ));
        }
        let known: BTreeSet<&str> = read.values().flatten().flat_map(addresses).collect();
        let absent = self.clients.iter().find(|named| !known.contains(named.address.as_str()));
        let error = absent.filter(|_| !is_partial && !read.is_empty()).map(|named| InfraError::NoSuchAddress {
            address: named.address.clone(),
            candidates: known.iter().map(|address| (*address).to_owned()).collect(),
        })?;
        Some(error.to_string())
    }

    /// The parameters that were given and that no template declares: their values go nowhere.
    fn undeclared(&self, read: &BTreeMap<Option<String>, Vec<Code>>) -> Vec<String> {
        let codes = read.values().flatten();
        let declared: BTreeSet<&str> = codes.flat_map(|code| &code.parameters).map(String::as_str).collect();
        let given: BTreeSet<&str> = self.parameters.names().collect();
        let there = spelling::there_are(&declared.iter().copied().collect::<Vec<_>>());
        let said = |name| format!("--infra-parameter {name} is not heard: no template of --infra declares it; {there}");
        given.difference(&declared).map(said).collect()
    }

    /// What the files say, and those that say nothing.
    fn codes(&self, region: Option<&str>, mut stdin: Vec<u8>) -> (Vec<Code>, Vec<StartError>) {
        let options = Options { parameters: self.parameters.clone(), region: region.map(str::to_owned) };
        let (mut drafts, mut refused) = (Vec::new(), Vec::new());
        for file in &self.files {
            let name = file.display().to_string();
            let stdin = if name == "-" { Some(std::mem::take(&mut stdin)) } else { None };
            match stdin.map_or_else(|| infra::load(&name), |bytes| infra::draft("-", bytes)) {
                Ok(draft) => drafts.push(draft.settled(&options)),
                Err(why) => refused.push(StartError::NotCode { name, why: why.to_string() }),
            }
        }
        (infra::together(drafts, &options), refused)
    }
}

/// Says that code is not heard where there is no configuration that it is compared with.
pub(super) fn say_unheard(given: &cli::Infra, is_read: bool) -> Result<(), StartError> {
    if is_read || given.infra.is_empty() {
        return Ok(());
    }
    let note = "--infra is not heard: what it says is compared with a configuration, and none was given\n";
    write(Stream::Progress, note)
}

/// Tells what the files cannot tell, and which wish of the user was not heard, each once.
pub(super) fn notes(worlds: &[World]) -> Result<(), StartError> {
    let mut told = BTreeSet::new();
    for code in worlds.iter().flat_map(|world| &world.code) {
        for note in &code.notes {
            let at = note.at.map(|at| format!(":{}:{}", at.line, at.column)).unwrap_or_default();
            let line = format!("{}{at}: {}\n", code.file, note.words);
            if told.insert(line.clone()) {
                write(Stream::Progress, &line)?;
            }
        }
    }
    for words in worlds.iter().flat_map(|world| &world.unheard) {
        if told.insert(words.clone()) {
            write(Stream::Progress, &format!("{words}\n"))?;
        }
    }
    Ok(())
}

/// `CLIENT=ADDRESS` or `ADDRESS`. A URL or `namespace/name` stands before the first sign outside of its query; an address of
/// Terraform has a sign only within brackets.
fn named(written: &str) -> NamedClient {
    match written.split_once('=') {
        Some((client, address)) if !client.contains('[') => {
            NamedClient { client: Some(client.to_owned()), address: address.to_owned() }
        }
        _ => NamedClient { client: None, address: written.to_owned() },
    }
}

/// What `CLIENT` may be.
fn name(client: &Client) -> &str {
    client.route.as_ref().unwrap_or(&client.id.value)
}

/// The region of the pool in the issuer.
fn region(config: &Config) -> Option<String> {
    let issuer = config.settings.as_ref()?.idp_provider_url.as_ref()?;
    region_of_pool(pool_of_issuer(&issuer.value)?).map(str::to_owned)
}
