//! Whether a configuration is about Cognito, and which app clients it names.

use super::gap::SERVES_NO_LOGIN;
use super::issuer_host::{Others, host_of, is_emulator, points_to_cognito};
use crate::config::cognito::is_like_client_secret;
use crate::config::secrets::id_is_secret;
use crate::config::settings::{Client, ClientSecret, Config, Destination, Form, Setting, Settings, WrittenAs};

/// Provider names under which Pomerium talks to an issuer of the user's choice, and so perhaps to Cognito.
const GENERIC: [&str; 2] = ["oidc", ""];

/// The configuration is about Amazon Cognito: by its provider, or by the host of its issuer.
#[derive(Clone, Copy, Debug)]
pub struct Cognito;

/// What the configuration is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A login through Amazon Cognito, rightly configured or not.
    Cognito,
    /// A login through an issuer behind which Cognito may stand or somebody else; its discovery document tells.
    Perhaps,
    /// A login through an issuer of somebody else, as its discovery document has shown.
    Generic,
    /// Something else; says what, in words fit for a report.
    Other(&'static str),
}

impl Config {
    /// Whether this is about a login through Cognito, as far as the configuration itself tells.
    pub fn subject(&self) -> Subject {
        if let Form::NotPomerium(why) | Form::Unrecognised(why) = self.form {
            return Subject::Other(why);
        }
        match self.form {
            Form::Deployed(Destination::Cognito) => return Subject::Cognito,
            Form::Deployed(Destination::Unknown) => return Subject::Perhaps,
            Form::Deployed(Destination::Elsewhere(why)) => return Subject::Other(why),
            _ => {}
        }
        let Some(settings) = &self.settings else {
            return Subject::Other("the configuration could not be read");
        };
        subject_of(settings, !self.reading.incomplete.is_empty())
    }
}

/// What settings are about; where a part of them was not read, it may name the provider.
pub(super) fn subject_of(settings: &Settings, is_incomplete: bool) -> Subject {
    if settings.zero_token.is_some() {
        return Subject::Other("Pomerium Zero manages this deployment: the settings come from its console");
    }
    let text =
        |setting: &Option<Setting<String>>| setting.as_ref().map_or("", |setting| setting.value.as_str()).to_owned();
    let provider = text(&settings.idp_provider).to_ascii_lowercase();
    let issuer = text(&settings.idp_provider_url).to_ascii_lowercase();
    let named = provider.contains("cognito");
    let host = host_of(&issuer);
    let pointed = points_to_cognito(&issuer);
    let has_provider = !provider.is_empty() || !issuer.is_empty() || settings.idp_client_id.is_some();
    if named && issuer.contains("://") && is_emulator(host) {
        // It answers like Cognito, or not: only its own document tells.
        Subject::Perhaps
    } else if named || pointed {
        Subject::Cognito
    } else if !has_provider && is_incomplete {
        Subject::Other("the identity provider is set where it cannot be read from here")
    } else if !has_provider && !settings.runs("authenticate") {
        Subject::Other(SERVES_NO_LOGIN)
    } else if !has_provider {
        Subject::Other("no identity provider is configured")
    } else if crate::config::text::classify(&provider) != crate::config::text::ValueKind::Literal
        || GENERIC.contains(&provider.as_str())
            && crate::config::text::classify(&issuer) != crate::config::text::ValueKind::Literal
    {
        Subject::Other("the identity provider is not written in the configuration itself")
    } else if provider == "oidc" && !issuer.is_empty() && (!issuer.contains("://") || !Others::serve(&issuer)) {
        Subject::Perhaps
    } else {
        Subject::Other("the identity provider is not Amazon Cognito")
    }
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
