//! Whether a configuration is about Cognito, and which app clients it names.

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};

use super::cognito::{is_in_login_zone, is_issuer_host, is_like_client_id, is_like_client_secret};
use super::forms::kept;
use super::issuer_host::{Alike, Others, host_of, is_emulator};
use super::{Client, ClientSecret, Config, Form, KeptSecret, Origin, Setting, Settings, Subject, WrittenAs};

/// Provider names under which Pomerium talks to an issuer of the user's choice, and so perhaps to Cognito.
const GENERIC: [&str; 2] = ["oidc", ""];

pub(super) fn subject(config: &Config) -> Subject {
    if let Form::NotPomerium(why) | Form::Unrecognised(why) = config.form {
        return Subject::Other(why);
    }
    let Some(settings) = &config.settings else {
        return Subject::Other("the configuration could not be read");
    };
    if settings.zero_token.is_some() {
        return Subject::Other("Pomerium Zero manages this deployment: the settings come from its console");
    }
    let text =
        |setting: &Option<Setting<String>>| setting.as_ref().map_or("", |setting| setting.value.as_str()).to_owned();
    let provider = text(&settings.idp_provider).to_ascii_lowercase();
    let issuer = text(&settings.idp_provider_url).to_ascii_lowercase();
    let named = provider.contains("cognito");
    let host = host_of(&issuer);
    let pointed = is_issuer_host(host) || is_in_login_zone(host) || Alike::of(host).is_some();
    let has_provider = !provider.is_empty() || !issuer.is_empty() || settings.idp_client_id.is_some();
    if named && is_emulator(host) {
        // It answers like Cognito, or not: only its own document tells.
        Subject::Perhaps
    } else if named || pointed {
        Subject::Cognito
    } else if !has_provider && !config.reading.incomplete.is_empty() {
        Subject::Other("the identity provider is set where it cannot be read from here")
    } else if !has_provider {
        Subject::Other("no identity provider is configured")
    } else if super::classify(&provider) != super::ValueKind::Literal
        || GENERIC.contains(&provider.as_str()) && super::classify(&issuer) != super::ValueKind::Literal
    {
        Subject::Other("the identity provider is not written in the configuration itself")
    } else if provider == "oidc" && !issuer.is_empty() && !Others::serve(&issuer) {
        Subject::Perhaps
    } else {
        Subject::Other("the identity provider is not Amazon Cognito")
    }
}

pub(super) fn kept_secrets(config: &Config) -> Vec<KeptSecret> {
    let mut found: Vec<KeptSecret> = Vec::new();
    let mut add = |name: &str, key: Option<(&str, &str)>| {
        let position = found.iter().position(|known| known.name == name).unwrap_or_else(|| {
            found.push(KeptSecret { name: name.to_owned(), ..KeptSecret::default() });
            found.len() - 1
        });
        let (Some(secret), Some((key, option))) = (found.get_mut(position), key) else { return };
        if !secret.keys.iter().any(|known| known == key) {
            secret.keys.push(key.to_owned());
            secret.options.push(option.rsplit('.').next().unwrap_or(option).to_owned());
        }
    };
    for (path, text) in &config.reading.texts {
        if let Some((name, key)) = kept(&text.value).filter(|(name, _)| !name.is_empty()) {
            add(name, Some((key, path)));
        }
    }
    for part in &config.reading.kept {
        if let Some(rest) = part.strip_prefix("the Secret ") {
            add(rest.split(' ').next().unwrap_or(rest), None);
        }
    }
    found
}

/// Whether the global client is one at all: it is set, or not every route brings one of its own, which takes its place
/// (`config/identity.go` `GetIdentityProviderForPolicy`).
fn needs_global_client(settings: &Settings) -> bool {
    settings.idp_client_id.as_ref().is_some_and(|id| !id.value.is_empty()) || !settings.has_only_own_clients()
}

pub(super) fn clients(config: &Config) -> Vec<Client> {
    let Some(settings) = &config.settings else { return Vec::new() };
    let unset =
        || Setting { value: String::new(), span: settings.anchor, origin: Origin::File, written_as: WrittenAs::Null };
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

/// The client id holds a client secret: the two have each other's length and alphabet, or they are the same.
pub fn id_is_secret(id: &str, secret: &str) -> bool {
    is_like_client_secret(id) && (id == secret || is_like_client_id(secret))
}

impl Client {
    /// An option of this client as `--given` names it: a route's own client by where the route is from.
    pub fn given_as(&self, option: &str) -> String {
        self.route.as_ref().map_or_else(|| option.to_owned(), |from| format!("{from}:{option}"))
    }

    /// Its id holds a client secret.
    pub fn id_is_secret(&self) -> bool {
        matches!(&self.secret, ClientSecret::Known(secret) if id_is_secret(&self.id.value, secret.value.expose()))
    }

    /// Its id is long enough for a client secret, whatever stands in the place of the secret: it is neither shown nor sent.
    /// What Pomerium reads as a number is none, however many digits it makes of it.
    pub fn id_may_be_secret(&self) -> bool {
        if self.id.written_as == WrittenAs::Number {
            return false;
        }
        is_like_client_secret(self.id.value.trim().trim_matches(['"', '\'']).trim())
    }
}
