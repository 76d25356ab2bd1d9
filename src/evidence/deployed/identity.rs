//! Whether a configuration is the one that runs, byte for byte: its id tells, the client secret included, and nobody is told any.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::route::{RouteAnswer, RouteKind};
use super::sign_in::{RunningParameter, RunningRequest};
use crate::config::{
    CALLBACK_PATH, ClientSecret, Config, Login, Origin, Overridden, ProviderSettings, REQUEST_PARAMETERS, ReachedRoute,
    Setting, Span, ValueKind, classify,
};
use crate::evidence::{Evidence, ExchangeId, Missing, Seen};
use crate::secret::Secret;

/// How the settings of the identity provider that run differ from those of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningIdentity {
    /// The id, and where it stands.
    pub id: String,
    /// Where it stands.
    pub at: Span,
    /// Where the configuration has the secret of the client.
    pub secret_at: Span,
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
    /// In one other setting.
    Setting {
        /// Its name.
        option: &'static str,
        /// What runs, in words that follow its name.
        how: &'static str,
    },
    /// In the order of the scopes, and in nothing else.
    Order,
    /// In what the request of a login shows, and in nothing else.
    Shown,
    /// In something that cannot be told.
    Somehow,
}

/// The settings of the client that a URL logs in with, and how the running ones differ from them.
pub(in crate::evidence) fn read(
    url: &Url,
    config: &Config,
    route: &Evidence<RouteAnswer>,
    request: Option<&RunningRequest>,
) -> Evidence<RunningIdentity> {
    let (id, at) = match route.as_ref().map_err(Clone::clone)?.value.kind {
        RouteKind::SignIn(ref link) => link.provider_id.clone().ok_or_else(sealed)?,
        _ => return Err(Missing::NotApplicable("this URL leads to no login")),
    };
    let (settings, secret_at) = provider_settings(url, config)?;
    let as_seen = || {
        let seen = as_seen(&settings, config, request?)?;
        if seen.make(&id) { Some(what_shows(&settings, &seen, config)) } else { difference(&seen, config, &id) }
    };
    let differs = if settings.make(&id) {
        Differs::Not
    } else {
        difference(&settings, config, &id).or_else(as_seen).unwrap_or(Differs::Somehow)
    };
    if let (Differs::Somehow, Some(option)) = (differs, unset(&settings)) {
        return Err(not_here(option));
    }
    Ok(Seen { value: RunningIdentity { id, at, secret_at, differs }, witnesses: vec![ExchangeId("route".to_owned())] })
}

fn sealed() -> Missing {
    Missing::Elsewhere("this release seals the address of its login, and with it the id of its settings".to_owned())
}

/// The settings of the client of a route, as far as all of them are here, and the place of its secret.
fn provider_settings(url: &Url, config: &Config) -> Result<(ProviderSettings, Span), Missing> {
    let settings = config.settings.as_ref().ok_or(Missing::NotApplicable("the configuration could not be read"))?;
    if settings.idp_access_token_allowed_audiences.is_some() {
        return Err(Missing::Elsewhere(
            "the id of settings with allowed audiences differs between releases".to_owned(),
        ));
    }
    let route = match settings.route_of(url) {
        ReachedRoute::Unclear => return Err(Missing::Elsewhere(UNCLEAR.to_owned())),
        reached => reached.route(),
    };
    let own_id = route.and_then(|route| route.idp_client_id.as_ref());
    let own_secret = route.and_then(|route| route.idp_client_secret.as_ref());
    let (secret, secret_at) = match (own_secret, &settings.client_secret) {
        (Some(own), _) | (None, ClientSecret::Known(own)) => (literal_secret(own)?, own.span),
        (None, ClientSecret::Absent) if config.reading.incomplete.is_empty() => (Secret::new(""), settings.anchor),
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
    let sent = ProviderSettings {
        client_id: text(own_id.or(settings.idp_client_id.as_ref()), "idp_client_id")?,
        client_secret: secret,
        provider: text(settings.idp_provider.as_ref(), "idp_provider")?,
        scopes: scopes.collect(),
        url: text(settings.idp_provider_url.as_ref(), "idp_provider_url")?,
        parameters: parameters.collect(),
        authenticate_url: text(settings.authenticate_service_url.as_ref(), "authenticate_service_url")?,
    };
    Ok((sent, secret_at))
}

/// What a configuration need not hold, as the environment of the one that runs may: if nothing is in its place there either, the id
/// says so, and if it says something else, that is no difference.
fn unset(settings: &ProviderSettings) -> Option<&'static str> {
    let texts = [
        ("idp_client_secret", settings.client_secret.expose()),
        ("idp_client_id", &settings.client_id),
        ("idp_provider", &settings.provider),
        ("idp_provider_url", &settings.url),
        ("authenticate_service_url", &settings.authenticate_url),
    ];
    texts.into_iter().find(|(_, text)| text.is_empty()).map(|(option, _)| option)
}

fn literal_secret(secret: &Setting<Secret>) -> Result<Secret, Missing> {
    let is_here = classify(secret.value.expose()) == ValueKind::Literal && secret.origin != Origin::Running;
    is_here.then(|| secret.value.clone()).ok_or_else(|| not_here("idp_client_secret"))
}

fn not_here(option: &str) -> Missing {
    Missing::Elsewhere(format!("the configuration does not hold its {option}, which is part of what is compared"))
}

/// Why nothing is compared.
const UNCLEAR: &str = "a route of this host has a regular expression or an address that is not written out: which one is meant is not known";

/// The settings with one change: the option, and what runs then.
type Other = (ProviderSettings, &'static str, &'static str);

/// The settings with whatever the request of a login shows of them: what differs besides is one change of these. Nothing if some of
/// it does not show.
fn as_seen(settings: &ProviderSettings, config: &Config, request: &RunningRequest) -> Option<ProviderSettings> {
    let sent = |name: &str| request.parameter(name).and_then(RunningParameter::value);
    let (own, login) = (config.settings.as_ref()?, Login::of(config.settings.as_ref()?, config.version));
    let is_replaced = |name: &str| settings.parameters.contains_key(name);
    let mut seen = settings.clone();
    if !is_replaced("client_id") {
        sent("client_id")?.clone_into(&mut seen.client_id);
    }
    let scope = sent("scope").filter(|scope| *scope != login.scope && !is_replaced("scope"));
    if let Some(scope) = scope {
        seen.scopes = scope.split(' ').map(str::to_owned).collect();
    }
    let callback =
        sent("redirect_uri").filter(|callback| *callback != login.redirect_uri && !is_replaced("redirect_uri"));
    if let Some(url) = callback.and_then(|callback| callback.strip_suffix(CALLBACK_PATH)) {
        url.clone_into(&mut seen.authenticate_url);
    }
    seen.parameters.retain(|name, _| REQUEST_PARAMETERS.contains(&name.as_str()));
    for parameter in
        request.parameters.iter().filter(|parameter| !REQUEST_PARAMETERS.contains(&parameter.name.as_str()))
    {
        // What is not kept is as it is configured, if it is at all.
        let configured = own.idp_request_params.iter().find(|(name, _)| name.value == parameter.name);
        let value = parameter.value().or_else(|| configured.map(|(_, value)| value.value.as_str()))?;
        seen.parameters.insert(parameter.name.clone(), value.to_owned());
    }
    Some(seen)
}

/// How settings differ whose difference the request of a login shows.
fn what_shows(settings: &ProviderSettings, seen: &ProviderSettings, config: &Config) -> Differs {
    let sent = config.settings.as_ref().map(|own| Login::of(own, config.version).scopes).unwrap_or_default();
    let is_order = BTreeSet::from_iter(&sent) == BTreeSet::from_iter(&seen.scopes);
    let rest = |of: &ProviderSettings| (of.client_id.clone(), of.authenticate_url.clone(), of.parameters.clone());
    if is_order && rest(settings) == rest(seen) { Differs::Order } else { Differs::Shown }
}

/// Which single change makes the settings that run.
fn difference(settings: &ProviderSettings, config: &Config, id: &str) -> Option<Differs> {
    let is_it = |changed: &ProviderSettings| changed.make(id);
    if let Some((_, option)) = beaten(settings, config).into_iter().find(|(changed, _)| is_it(changed)) {
        return Some(match option {
            "idp_client_secret" => {
                Differs::Secret { how: "it is the one in the file, which the environment beats here", is_broken: false }
            }
            option => Differs::Setting { option, how: "is the one in the file, which the environment beats here" },
        });
    }
    if let Some((_, how, is_broken)) = other_secrets(settings).into_iter().find(|(changed, ..)| is_it(changed)) {
        return Some(Differs::Secret { how, is_broken });
    }
    let (_, option, how) = others(settings).into_iter().find(|(changed, ..)| is_it(changed))?;
    Some(Differs::Setting { option, how })
}

/// Puts a text in the place of one of the settings that are sent.
type Put = fn(&mut ProviderSettings, String);

/// The settings that the environment beats a file in, each with where it stands among those that are sent.
const BEATABLE: [(&str, Put); 5] = [
    ("idp_client_secret", |sent, text| sent.client_secret = Secret::new(text)),
    ("idp_client_id", |sent, text| sent.client_id = text),
    ("idp_provider", |sent, text| sent.provider = text),
    ("idp_provider_url", |sent, text| sent.url = text),
    ("authenticate_service_url", |sent, text| sent.authenticate_url = text),
];

/// Where the environment beats the file: what the file says.
fn beaten(settings: &ProviderSettings, config: &Config) -> Vec<(ProviderSettings, &'static str)> {
    let changed = |beaten: &Overridden| {
        let (option, put) = BEATABLE.iter().find(|(option, _)| *option == beaten.option)?;
        // The place of a value is with its quotes.
        let text = config.sources.slice(beaten.file).trim_matches(['"', '\'']).to_owned();
        let mut sent = settings.clone();
        put(&mut sent, text);
        Some((sent, *option))
    };
    config.reading.overridden.iter().filter_map(changed).collect()
}

/// Other secrets that are easily made of this one: each with what it is, and whether Cognito refuses it then.
fn other_secrets(settings: &ProviderSettings) -> Vec<(ProviderSettings, &'static str, bool)> {
    let mut secrets = Vec::new();
    let own = settings.client_secret.expose();
    let mut secret = |value: String, how, is_broken| {
        if value != own {
            secrets.push((ProviderSettings { client_secret: Secret::new(value), ..settings.clone() }, how, is_broken));
        }
    };
    for (end, how) in [
        ("\n", "it ends with a newline"),
        ("\r\n", "it ends with a newline of Windows"),
        ("\n\n", "it ends with two newlines"),
        (" ", "it ends with a blank"),
        ("\t", "it ends with a tabulator"),
    ] {
        secret(format!("{own}{end}"), how, true);
    }
    secret(format!(" {own}"), "it begins with a blank", true);
    secret(format!("\"{own}\""), "it stands in quotes", true);
    secret(format!("'{own}'"), "it stands in quotes", true);
    secret(own.trim().to_owned(), "it has no white space around it, and this one has", false);
    secret(String::new(), "it is empty", false);
    if let Some(decoded) = STANDARD.decode(own.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
        secret(decoded, "it is what this one says in base64", false);
    }
    secret(STANDARD.encode(own), "it is this one in base64", true);
    secret(STANDARD.encode(format!("{own}\n")), "it is this one and a newline in base64", true);
    secrets
}

/// Other settings that are easily written in the place of these.
fn others(settings: &ProviderSettings) -> Vec<Other> {
    let own = || settings.clone();
    let mut others: Vec<Other> = Vec::new();
    for (provider, how) in [("cognito", "is `cognito`"), ("oidc", "is `oidc`")] {
        others.push((ProviderSettings { provider: provider.to_owned(), ..own() }, "idp_provider", how));
    }
    let bare = settings.url.trim_end_matches('/').to_owned();
    for (url, how) in [(format!("{bare}/"), "ends with a slash"), (bare, "does not end with a slash")] {
        others.push((ProviderSettings { url, ..own() }, "idp_provider_url", how));
    }
    let bare = settings.authenticate_url.trim_end_matches('/');
    let port = bare.strip_suffix(":443").map_or_else(|| format!("{bare}:443"), str::to_owned);
    for (authenticate_url, how) in [
        (format!("{bare}/"), "ends with a slash"),
        (bare.to_owned(), "does not end with a slash"),
        (port, "has the port 443 where it is not said here, or the reverse"),
    ] {
        others.push((ProviderSettings { authenticate_url, ..own() }, "authenticate_service_url", how));
    }
    others.push((ProviderSettings { scopes: Vec::new(), ..own() }, "idp_scopes", "is not set"));
    for scopes in [["openid", "email", "profile"], ["openid", "profile", "email"]] {
        let scopes = scopes.map(str::to_owned).to_vec();
        others.push((ProviderSettings { scopes, ..own() }, "idp_scopes", "names the default scopes"));
    }
    let parameters = std::collections::BTreeMap::new();
    others.push((ProviderSettings { parameters, ..own() }, "idp_request_params", "is not set"));
    others
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_end_of_a_secret_can_be_is_tried() {
        let own = "1hq0f3l8a7s6d5f4g3h2";
        let settings = ProviderSettings {
            client_id: "4qk".to_owned(),
            client_secret: Secret::new(own),
            provider: "cognito".to_owned(),
            scopes: Vec::new(),
            url: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R".to_owned(),
            parameters: std::collections::BTreeMap::new(),
            authenticate_url: "https://authenticate.corp.example.com".to_owned(),
        };
        let tried = other_secrets(&settings);
        for (running, is_broken) in [
            (format!("{own}\n"), true),
            (format!("{own}\r\n"), true),
            (format!("{own}\n\n"), true),
            (format!("{own} "), true),
            (format!("{own}\t"), true),
            (format!(" {own}"), true),
            (STANDARD.encode(format!("{own}\n")), true),
            (String::new(), false),
        ] {
            let found = tried.iter().find(|(changed, ..)| changed.client_secret.expose() == running);
            assert_eq!(found.map(|(.., is_broken)| *is_broken), Some(is_broken), "{running:?}");
        }
    }
}
