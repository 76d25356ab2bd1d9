//! The app clients that a configuration names.

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};

use super::config::Config;
use super::{Client, ClientSecret, Origin, Setting, Settings, WrittenAs};
use crate::config::text::Span;

impl Config {
    /// The app clients: the global one first, then each other one that a route names, without repetition.
    pub fn clients(&self) -> Vec<Client> {
        let Some(settings) = &self.settings else { return Vec::new() };
        let unset = || Setting {
            value: String::new(),
            span: settings.anchor,
            origin: Origin::File,
            written_as: WrittenAs::Null,
        };
        let global = Client {
            index: 0,
            id: settings.idp_client_id.clone().unwrap_or_else(unset),
            secret: settings.client_secret.clone(),
            route: None,
        };
        let mut known: HashSet<(String, SecretKey)> =
            HashSet::from([(global.id.value.clone(), SecretKey::of(&global.secret))]);
        let mut clients = if needs_global_client(settings) { vec![global.clone()] } else { Vec::new() };
        for route in &settings.routes {
            if route.idp_client_id.is_none() && route.idp_client_secret.is_none() {
                continue;
            }
            // Pomerium fills the missing half from the global client (config/identity.go GetIdentityProviderForPolicy).
            let id = route.idp_client_id.clone().unwrap_or_else(|| global.id.clone());
            let secret =
                route.idp_client_secret.clone().map_or_else(|| settings.client_secret.clone(), ClientSecret::Known);
            if known.insert((id.value.clone(), SecretKey::of(&secret))) {
                let route = route.from.as_ref().map(|from| from.value.clone());
                clients.push(Client { index: clients.len(), id, secret, route });
            }
        }
        clients
    }
}

impl Config {
    /// Where a client id (or else a secret) came from that stands at this place and is a route's. There may be as many routes as
    /// findings about them: they are looked through once.
    pub fn origin_of_route(&self, at: Span, is_id: bool) -> Option<Origin> {
        let of_routes = self.reading.of_routes.get_or_init(|| {
            let routes = self.settings.iter().flat_map(|settings| &settings.routes);
            let own = routes.flat_map(|route| {
                let id = route.idp_client_id.iter().map(|id| ((id.span, true), id.origin));
                id.chain(route.idp_client_secret.iter().map(|secret| ((secret.span, false), secret.origin)))
            });
            own.collect()
        });
        of_routes.get(&(at, is_id)).copied()
    }

    /// The client through which the users of a route log in, among those of [`Config::clients`].
    pub fn client_of<'c>(&self, route: &super::Route, clients: &'c [Client]) -> Option<&'c Client> {
        let settings = self.settings.as_ref()?;
        let id = route.idp_client_id.as_ref().or(settings.idp_client_id.as_ref()).map_or("", |id| id.value.as_str());
        let own = route.idp_client_secret.clone().map(ClientSecret::Known);
        let secret = SecretKey::of(own.as_ref().unwrap_or(&settings.client_secret));
        clients.iter().find(|client| client.id.value == id && SecretKey::of(&client.secret) == secret)
    }
}

/// Whether the global client is one at all: it is set, or not every route brings one of its own, which takes its place
/// (`config/identity.go` `GetIdentityProviderForPolicy`).
fn needs_global_client(settings: &Settings) -> bool {
    settings.idp_client_id.as_ref().is_some_and(|id| !id.value.is_empty()) || !settings.has_only_own_clients()
}

/// What makes two client secrets the same, without a further copy of either.
#[derive(PartialEq, Eq, Hash)]
enum SecretKey {
    Absent,
    Known([u8; 32]),
    Unreadable(String),
}

impl SecretKey {
    fn of(secret: &ClientSecret) -> Self {
        match secret {
            ClientSecret::Absent => Self::Absent,
            ClientSecret::Known(setting) => Self::Known(Sha256::digest(setting.value.expose()).into()),
            ClientSecret::Unreadable { path, .. } => Self::Unreadable(path.value.clone()),
        }
    }
}
