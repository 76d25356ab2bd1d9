//! Whose credentials are used, told by the environment and the profiles as AWS's own tools tell it.
//!
//! What only those tools can do (a new sign-in, a second factor, the metadata of an instance) is left to them: the error says what to
//! run. Nothing here speaks with anybody; [`fetch`](super::fetch) does.

mod profile;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value};
use url::Url;

use super::endpoints::{self, Service, is_of_container};
use super::environment::{Environment, Profiles};
use super::sign::Keys;
use crate::secret::Secret;
use crate::spelling;

/// What has the tools of AWS hand out credentials, whatever kind of sign-in is behind them.
pub(super) const EXPORT: &str = "eval \"$(aws configure export-credentials --format env)\"";

/// Where credentials come from.
#[derive(Clone)]
pub(super) enum Source {
    /// From a place that holds them.
    Keys(Keys),
    /// From STS, for the credentials of another source.
    Role { base: Box<Source>, role: Role, external_id: Option<String> },
    /// From STS, for a token that somebody else has signed.
    WebIdentity { role: Role, token: PathBuf },
    /// From IAM Identity Center, for a sign-in that is still good.
    SingleSignOn { region: String, account: String, role: String, token: Secret },
    /// From the container that this process runs in.
    Container { url: Url, authorization: Option<Secret> },
}

/// A role that is assumed.
#[derive(Clone)]
pub(super) struct Role {
    pub(super) arn: String,
    pub(super) session: String,
}

/// Whom to ask for user pools, and as whom.
pub(in crate::evidence) struct Access {
    pub(super) source: Source,
    /// The region that the user works in, for STS.
    pub(super) region: Option<String>,
    pub(super) user_pools: Option<Url>,
    pub(super) tokens: Option<Url>,
    pub(super) single_sign_on: Option<Url>,
}

impl Access {
    /// Finds out what this process and its user have. `patience` is how long an answer is waited for.
    ///
    /// # Errors
    /// What is missing, and what to run.
    pub(in crate::evidence) fn of_process(patience: Duration) -> Result<Self, String> {
        Self::find(&Environment::of_process(patience))
    }

    pub(super) fn find(environment: &Environment) -> Result<Self, String> {
        let profiles = Profiles::read(environment)?;
        let chosen = environment.get("AWS_PROFILE").or_else(|| environment.get("AWS_DEFAULT_PROFILE"));
        let name = chosen.as_deref().unwrap_or("default");
        let named = |service| endpoints::named(service, environment, &profiles, name);
        let region = ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|name| environment.get(name));
        let of_profile = || profiles.profile(name)?.get("region").map(|region| region.to_string());
        Ok(Self {
            source: source(environment, &profiles, name, chosen.is_some())?,
            region: region.or_else(of_profile).filter(|region| crate::config::cognito::is_region(region)),
            user_pools: named(Service::UserPools)?,
            tokens: named(Service::Tokens)?,
            single_sign_on: named(Service::SingleSignOn)?,
        })
    }
}

fn source(environment: &Environment, profiles: &Profiles, name: &str, is_chosen: bool) -> Result<Source, String> {
    if let Some(keys) = of_environment(environment)? {
        return Ok(Source::Keys(keys));
    }
    if is_chosen && profiles.profile(name).is_none() {
        let known = spelling::there_are(&profiles.names());
        return Err(format!("there is no profile `{name}`, which AWS_PROFILE names; {known}"));
    }
    // The order is that of `create_credential_resolver` in botocore/credentials.py.
    let of_profile = || profile::source(environment, profiles, name);
    if profiles.profile(name).is_some_and(profile::takes_a_role) {
        return of_profile();
    }
    if let Some(source) = web_identity(environment)? {
        return Ok(source);
    }
    if profiles.profile(name).is_some_and(profile::has_credentials) {
        return of_profile();
    }
    if let Some(source) = container(environment)? {
        return Ok(source);
    }
    if is_chosen {
        return of_profile();
    }
    Err(format!(
        "there are no AWS credentials: set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; on an instance of EC2, or with \
         another kind of sign-in, run {EXPORT} first"
    ))
}

/// The names of a session's token, in botocore's order.
const TOKENS: [&str; 2] = ["AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"];

/// `AWS_ACCESS_KEY_ID` and what belongs to it.
fn of_environment(environment: &Environment) -> Result<Option<Keys>, String> {
    match (environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")) {
        (Some(id), Some(secret)) => {
            let token = TOKENS.iter().find_map(|name| environment.get(name)).map(Secret::new);
            Ok(Some(Keys { id: Secret::new(id), secret: Secret::new(secret), token }))
        }
        (None, None) => Ok(None),
        (Some(_), None) => Err("AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not".to_owned()),
        (None, Some(_)) => Err("AWS_SECRET_ACCESS_KEY is set, and AWS_ACCESS_KEY_ID is not".to_owned()),
    }
}

fn web_identity(environment: &Environment) -> Result<Option<Source>, String> {
    let Some(token) = environment.get("AWS_WEB_IDENTITY_TOKEN_FILE") else { return Ok(None) };
    // Nor does botocore go on to another source without it (`AssumeRoleWithWebIdentityProvider`).
    let arn = environment.get("AWS_ROLE_ARN").ok_or(
        "AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN, which names the role that its token is for, is not",
    )?;
    let role = Role { arn, session: session(environment) };
    Ok(Some(Source::WebIdentity { role, token: environment.at_home(&token) }))
}

/// Under which name `CloudTrail` shows what is asked.
fn session(environment: &Environment) -> String {
    environment.get("AWS_ROLE_SESSION_NAME").unwrap_or_else(|| env!("CARGO_PKG_NAME").to_owned())
}

/// The credentials of a container, if the environment names a place where AWS serves them.
fn container(environment: &Environment) -> Result<Option<Source>, String> {
    let relative = environment.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    let url = match (relative, environment.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
        (Some(path), _) => format!("http://169.254.170.2/{}", path.trim_start_matches('/')),
        (None, Some(url)) => url,
        (None, None) => return Ok(None),
    };
    let url = Url::parse(&url).ok().filter(is_of_container).ok_or(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI names no place where AWS serves credentials of a container (169.254.170.2, \
         169.254.170.23, fd00:ec2::23, or loopback), and is not asked",
    )?;
    let file = environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    let authorization = match file {
        Some(file) => Some(secret_file(&environment.at_home(&file))?),
        None => environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN").map(Secret::new),
    };
    Ok(Some(Source::Container { url, authorization }))
}

/// A secret that is all of a file.
pub(super) fn secret_file(path: &std::path::Path) -> Result<Secret, String> {
    let bytes = crate::disk::read_named(path, super::environment::LONGEST);
    let bytes = zeroize::Zeroizing::new(bytes.map_err(|why| format!("{}: {why}", path.display()))?);
    let text = std::str::from_utf8(&bytes).map_err(|_| format!("{}: it is not UTF-8 text", path.display()))?;
    Ok(Secret::new(text.trim()))
}

/// The credentials of a JSON text, under these names.
pub(super) fn keys_of_json(text: &[u8], names: [&str; 3]) -> Option<Keys> {
    keys_of(&serde_json::from_slice(text).ok()?, names)
}

pub(super) fn keys_of(held: &Map<String, Value>, [id, secret, token]: [&str; 3]) -> Option<Keys> {
    let get = |name: &str| held.get(name)?.as_str().filter(|value| !value.is_empty()).map(Secret::new);
    Some(Keys { id: get(id)?, secret: get(secret)?, token: get(token) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
