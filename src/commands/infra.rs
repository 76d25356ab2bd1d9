//! `--infra`: plans, states and templates that are heard beside what is asked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{StartError, input, write};
use crate::cli;
use crate::config::Config;
use crate::config::cognito::region_of_pool;
use crate::disk;
use crate::evidence::{NamedClient, World, pool_of_issuer, witness};
use crate::infra::{self, Code, LONGEST, NotCode, Options, Parameters};
use crate::report::Stream;

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
    /// What was read, for each region in which it was read.
    read: BTreeMap<Option<String>, Vec<Code>>,
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
                    let bytes = disk::read_named(Path::new(file), LONGEST_PARAMETERS)
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
        Ok(Self { files: given.infra.clone(), parameters, clients, stdin, read: BTreeMap::new() })
    }

    /// What is known with what the code says.
    ///
    /// # Errors
    /// If a file is no infrastructure code, or the address of a client is in none of them.
    pub(super) fn witness(&mut self, configs: &mut [Config], worlds: Vec<World>) -> Result<Vec<World>, StartError> {
        for region in configs.iter().map(region) {
            if !self.files.is_empty() && !self.read.contains_key(&region) {
                let codes = self.codes(region.as_deref())?;
                self.read.insert(region, codes);
            }
        }
        let mut heard = Vec::with_capacity(worlds.len());
        for (config, mut world) in configs.iter_mut().zip(worlds) {
            // Without files of today, a recording may hold what was heard then.
            let recorded = (std::mem::take(&mut world.code), std::mem::take(&mut world.named));
            let (codes, named) = match self.read.get(&region(config)) {
                Some(codes) => (codes, &self.clients),
                None => (&recorded.0, &recorded.1),
            };
            let told = witness(config, world, codes, named);
            heard.push(told.map_err(|error| StartError::Option(error.to_string()))?);
        }
        Ok(heard)
    }

    /// Tells what the files cannot tell, each once.
    pub(super) fn notes(&self) -> Result<(), StartError> {
        for code in self.read.values().next().into_iter().flatten() {
            for note in &code.notes {
                let at = note.at.map(|at| format!(":{}:{}", at.line, at.column)).unwrap_or_default();
                write(Stream::Progress, &format!("{}{at}: {}\n", code.file, note.words))?;
            }
        }
        Ok(())
    }

    fn codes(&self, region: Option<&str>) -> Result<Vec<Code>, StartError> {
        let options = Options { parameters: self.parameters.clone(), region: region.map(str::to_owned) };
        let read = |file: &PathBuf| {
            let name = file.display().to_string();
            let code =
                if name == "-" { infra::read("-", self.stdin.clone(), &options) } else { infra::load(&name, &options) };
            code.map_err(|why| refused(&name, &why))
        };
        self.files.iter().map(read).collect()
    }
}

fn refused(name: &str, why: &NotCode) -> StartError {
    StartError::NotCode { name: name.to_owned(), why: why.to_string() }
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

/// The region of the pool in the issuer.
fn region(config: &Config) -> Option<String> {
    let issuer = config.settings.as_ref()?.idp_provider_url.as_ref()?;
    region_of_pool(pool_of_issuer(&issuer.value)?).map(str::to_owned)
}
