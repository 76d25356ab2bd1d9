//! Whether a configuration is the one that runs, byte for byte: its id tells, the client secret included, and nobody is told any.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::route::{RouteAnswer, RouteKind};
use crate::config::{ClientSecret, Config, Origin, ProviderSettings, Setting, Span, ValueKind, classify};
use crate::evidence::{Evidence, ExchangeId, Missing, Seen};
use crate::secret::Secret;

/// How the settings of the identity provider that run differ from those of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningIdentity {
    /// The id, and where it stands.
    pub id: String,
    /// Where it stands.
    pub at: Span,
    /// How they differ.
    pub differs: Differs,
}

/// How they differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Differs {
    /// Not at all.
    Not,
    /// In the client secret alone; what runs.
    Secret {
        /// What the running one is, beside that of the configuration.
        how: &'static str,
        /// With it Cognito refuses every login.
        is_broken: bool,
    },
    /// In one other setting; what runs.
    Setting(&'static str),
    /// In something that cannot be told.
    Somehow,
}

/// The settings of the client that a URL logs in with, and how the running ones differ from them.
pub(super) fn read(url: &Url, config: &Config, route: &Evidence<RouteAnswer>) -> Evidence<RunningIdentity> {
    let (id, at) = match route.as_ref().map_err(Clone::clone)?.value.kind {
        RouteKind::SignIn(ref link) => link.provider_id.clone().ok_or_else(sealed)?,
        _ => return Err(Missing::NotApplicable("this URL leads to no login")),
    };
    let settings = provider_settings(url, config)?;
    let differs = if settings.make(&id) { Differs::Not } else { difference(&settings, &id) };
    Ok(Seen { value: RunningIdentity { id, at, differs }, witnesses: vec![ExchangeId("route".to_owned())] })
}

fn sealed() -> Missing {
    Missing::Elsewhere("this release seals the address of its login, and with it the id of its settings".to_owned())
}

/// The settings of the client of a route, as far as all of them are here.
fn provider_settings(url: &Url, config: &Config) -> Result<ProviderSettings, Missing> {
    let settings = config.settings.as_ref().ok_or(Missing::NotApplicable("the configuration could not be read"))?;
    if settings.idp_access_token_allowed_audiences.is_some() {
        return Err(Missing::Elsewhere(
            "the id of settings with allowed audiences differs between releases".to_owned(),
        ));
    }
    let is_here = |from: &Setting<String>| Url::parse(&from.value).is_ok_and(|from| from.host() == url.host());
    let route = settings.routes.iter().find(|route| route.from.as_ref().is_some_and(is_here));
    let own_id = route.and_then(|route| route.idp_client_id.as_ref());
    let own_secret = route.and_then(|route| route.idp_client_secret.as_ref());
    let secret = match (own_secret, &settings.client_secret) {
        (Some(own), _) | (None, ClientSecret::Known(own)) => literal_secret(own)?,
        (None, ClientSecret::Absent) if config.reading.incomplete.is_empty() => Secret::new(""),
        _ => return Err(not_here("idp_client_secret")),
    };
    let text = |setting: Option<&Setting<String>>, option: &str| match setting {
        None if !config.reading.incomplete.is_empty() => Err(not_here(option)),
        None => Ok(String::new()),
        Some(setting) if setting.kind() == ValueKind::Literal || setting.value.is_empty() => Ok(setting.value.clone()),
        Some(_) => Err(not_here(option)),
    };
    let scopes = settings.idp_scopes.iter().flat_map(|scopes| &scopes.value).map(|scope| scope.value.clone());
    let parameters = settings.idp_request_params.iter().map(|(name, value)| (name.value.clone(), value.value.clone()));
    Ok(ProviderSettings {
        client_id: text(own_id.or(settings.idp_client_id.as_ref()), "idp_client_id")?,
        client_secret: secret,
        provider: text(settings.idp_provider.as_ref(), "idp_provider")?,
        scopes: scopes.collect(),
        url: text(settings.idp_provider_url.as_ref(), "idp_provider_url")?,
        parameters: parameters.collect(),
        authenticate_url: text(settings.authenticate_service_url.as_ref(), "authenticate_service_url")?,
    })
}

fn literal_secret(secret: &Setting<Secret>) -> Result<Secret, Missing> {
    let is_here = classify(secret.value.expose()) == ValueKind::Literal && secret.origin != Origin::Running;
    is_here.then(|| secret.value.clone()).ok_or_else(|| not_here("idp_client_secret"))
}

fn not_here(option: &str) -> Missing {
    Missing::Elsewhere(format!("the configuration does not hold its {option}, which is part of what is compared"))
}

/// What a single change makes of the settings, each with what runs then.
fn difference(settings: &ProviderSettings, id: &str) -> Differs {
    let (mut secrets, mut others) = (Vec::new(), Vec::new());
    let own = settings.client_secret.expose();
    let mut secret = |value: String, how, is_broken| {
        if value != own {
            secrets.push((ProviderSettings { client_secret: Secret::new(value), ..settings.clone() }, how, is_broken));
        }
    };
    secret(format!("{own}\n"), "it ends with a newline", true);
    secret(format!("\"{own}\""), "it stands in quotes", true);
    secret(format!("'{own}'"), "it stands in quotes", true);
    secret(own.trim().to_owned(), "it has no white space around it, and this one has", false);
    secret(String::new(), "it is empty", false);
    if let Some(decoded) = STANDARD.decode(own.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
        secret(decoded, "it is what this one says in base64", false);
    }
    secret(STANDARD.encode(own), "it is this one in base64", true);
    for (provider, how) in [("cognito", "idp_provider is `cognito`"), ("oidc", "idp_provider is `oidc`")] {
        others.push((ProviderSettings { provider: provider.to_owned(), ..settings.clone() }, how));
    }
    let bare = settings.url.trim_end_matches('/').to_owned();
    others
        .push((ProviderSettings { url: format!("{bare}/"), ..settings.clone() }, "idp_provider_url ends with a slash"));
    others.push((ProviderSettings { url: bare, ..settings.clone() }, "idp_provider_url does not end with a slash"));
    let own = settings.authenticate_url.trim_end_matches('/');
    let port = own.strip_suffix(":443").map_or_else(|| format!("{own}:443"), str::to_owned);
    for (authenticate_url, how) in [
        (format!("{own}/"), "authenticate_service_url ends with a slash"),
        (own.to_owned(), "authenticate_service_url does not end with a slash"),
        (port, "authenticate_service_url has the port 443 where it is not said here, or the reverse"),
    ] {
        others.push((ProviderSettings { authenticate_url, ..settings.clone() }, how));
    }
    others.push((ProviderSettings { scopes: Vec::new(), ..settings.clone() }, "idp_scopes is not set"));
    for scopes in [["openid", "email", "profile"], ["openid", "profile", "email"]] {
        let scopes = scopes.map(str::to_owned).to_vec();
        others.push((ProviderSettings { scopes, ..settings.clone() }, "idp_scopes names the default scopes"));
    }
    let parameters = std::collections::BTreeMap::new();
    others.push((ProviderSettings { parameters, ..settings.clone() }, "idp_request_params is not set"));
    let secret = secrets.iter().find(|(settings, ..)| settings.make(id));
    let other = others.iter().find(|(settings, _)| settings.make(id));
    match (secret, other) {
        (Some((_, how, is_broken)), _) => Differs::Secret { how, is_broken: *is_broken },
        (None, Some((_, how))) => Differs::Setting(how),
        (None, None) => Differs::Somehow,
    }
}
