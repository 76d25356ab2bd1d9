//! Which client of the code is which of Pomerium's.

use super::InfraError;
use crate::config::{Client, Config, Literals};
use crate::evidence::{NamedClient, World, pool_of_issuer};
use crate::infra::{Choice, Code, Wish, addresses, choose};

/// Which client of the code is which of each configuration's. They are asked together, as two ids are never those of one client,
/// whichever deployments have them.
///
/// # Errors
/// If an address that the user gave is in no file.
pub fn choices(
    configs: &[(&Config, &World)],
    codes: &[Code],
    named: &[NamedClient],
) -> Result<Vec<Vec<Choice>>, InfraError> {
    if codes.is_empty() {
        return Ok(vec![Vec::new(); configs.len()]);
    }
    let are_several = configs.len() > 1;
    let all: Vec<Wishes<'_>> =
        configs.iter().map(|(config, world)| Wishes::of(config, world, named, are_several)).collect();
    let wishes: Vec<Wish<'_>> = all.iter().enumerate().flat_map(|(deployment, own)| own.each(deployment)).collect();
    let choices = choose(codes, &wishes);
    let mut told = choices.iter().zip(&wishes);
    if let Some(address) = told.find(|(choice, _)| **choice == Choice::NoSuchAddress).and_then(|(_, wish)| wish.address)
    {
        let mut candidates: Vec<String> = codes.iter().flat_map(addresses).map(str::to_owned).collect();
        candidates.sort_unstable();
        candidates.dedup();
        return Err(InfraError::NoSuchAddress { address: address.to_owned(), candidates });
    }
    let mut choices = choices.into_iter();
    Ok(all.iter().map(|own| choices.by_ref().take(own.clients.len()).collect()).collect())
}

/// The clients of a configuration, and what is known of them.
struct Wishes<'n> {
    clients: Vec<Client>,
    literals: Literals,
    addresses: Vec<Option<&'n str>>,
    /// Whose they are.
    of: Vec<String>,
}

impl<'n> Wishes<'n> {
    fn of(config: &Config, world: &World, named: &'n [NamedClient], are_several: bool) -> Self {
        let clients = config.clients();
        let literals = Literals::about(config, &clients, world.subject(config));
        let addresses = NamedClient::addresses(named, config, &clients);
        let of = |client: &Client| {
            let own = client.route.as_deref().unwrap_or("the global app client");
            if are_several { format!("{own} in {}", config.path) } else { own.to_owned() }
        };
        Self { of: clients.iter().map(of).collect(), clients, literals, addresses }
    }

    fn each(&self, deployment: usize) -> impl Iterator<Item = Wish<'_>> {
        let issuer = self.literals.issuer.as_ref().ok();
        let login = self.literals.login.as_ref().ok();
        let clients = self.clients.iter().zip(&self.addresses).zip(&self.of).enumerate();
        clients.map(move |(index, ((client, address), of))| Wish {
            of,
            deployment,
            written: client.id.value.as_str(),
            client_id: id(&self.literals, index),
            address: *address,
            pool_id: issuer.and_then(|issuer| pool_of_issuer(&issuer.0.value)),
            callback: login.map(|login| login.redirect_uri.as_str()),
        })
    }
}

/// The id of a client, if it is known.
pub(super) fn id(literals: &Literals, index: usize) -> Option<&str> {
    Some(literals.clients.get(index)?.id.as_ref().ok()?.0.value.as_str())
}
