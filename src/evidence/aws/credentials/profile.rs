//! The credentials of a profile.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use ring::digest;
use serde_json::{Map, Value};

use super::{EXPORT, Role, Source, container, keys_of_json, of_environment, secret_file, session};
use crate::evidence::aws::environment::{Environment, LONGEST, Profiles, Section, now, text, words};
use crate::evidence::aws::sign::{Keys, hex, timestamp};
use crate::secret::Secret;
use crate::shell::{self, Ran};

/// A longer chain of profiles is a circle.
const LONGEST_CHAIN: usize = 8;

/// A program that hands out credentials has the time of so many answers: somebody may have to touch a key.
const ANSWERS: u32 = 3;

/// Nobody needs longer for that.
const LONGEST_RUN: Duration = Duration::from_secs(60);

/// The settings by which a profile says whose credentials it has.
const TELLING: [&str; 8] = [
    "aws_access_key_id",
    "role_arn",
    "credential_process",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
    "credential_source",
    "login_session",
];

/// Whether a profile takes a role by the credentials of somebody else.
pub(super) fn takes_a_role(section: &Section) -> bool {
    text(section, "role_arn").is_some() && text(section, "web_identity_token_file").is_none()
}

/// Whether a profile says whose credentials it has.
pub(super) fn has_credentials(section: &Section) -> bool {
    TELLING.iter().any(|name| text(section, name).is_some())
}

/// Where the credentials of a profile come from.
pub(super) fn source(environment: &Environment, profiles: &Profiles, name: &str) -> Result<Source, String> {
    Search { environment, profiles }.profile(name, &mut Vec::new())
}

struct Search<'a> {
    environment: &'a Environment,
    profiles: &'a Profiles,
}

impl Search<'_> {
    fn profile(&self, name: &str, seen: &mut Vec<String>) -> Result<Source, String> {
        let section = self.profiles.profile(name).ok_or_else(|| format!("there is no profile `{name}`"))?;
        if seen.iter().any(|known| known == name) || seen.len() >= LONGEST_CHAIN {
            return Err(format!("the profile `{name}` is its own source_profile, by way of others"));
        }
        seen.push(name.to_owned());
        if let Some(arn) = text(section, "role_arn") {
            return self.role(name, section, arn, seen);
        }
        if let Some(keys) = keys(name, section)? {
            return Ok(Source::Keys(keys));
        }
        if text(section, "sso_session").or(text(section, "sso_start_url")).is_some() {
            return self.single_sign_on(name, section);
        }
        if let Some(command) = text(section, "credential_process") {
            return process(name, command, self.environment.patience).map(Source::Keys);
        }
        if text(section, "login_session").is_some() {
            return Err(unsupported(name, "signs in with `aws login`"));
        }
        Err(format!("the profile `{name}` has no credentials; if AWS's own tools find some for it, run {EXPORT} first"))
    }

    fn role(&self, name: &str, section: &Section, arn: &str, seen: &mut Vec<String>) -> Result<Source, String> {
        if text(section, "mfa_serial").is_some() {
            return Err(unsupported(name, "wants a second factor (mfa_serial)"));
        }
        let own = text(section, "role_session_name").map(str::to_owned);
        let role = Role { arn: arn.to_owned(), session: own.unwrap_or_else(|| session(self.environment)) };
        if let Some(token) = text(section, "web_identity_token_file") {
            return Ok(Source::WebIdentity { role, token: self.environment.at_home(token) });
        }
        let base =
            match (text(section, "source_profile"), text(section, "credential_source")) {
                // Its own keys are meant, not its role once more.
                (Some(source), _) if source == name => Source::Keys(
                    keys(name, section)?
                        .ok_or_else(|| format!("the profile `{name}` is its own source_profile, and has no keys"))?,
                ),
                (Some(source), _) => self.profile(source, seen)?,
                (None, Some("Environment")) => Source::Keys(of_environment(self.environment)?.ok_or_else(|| {
                    format!("the profile `{name}` takes its keys from the environment, which has none")
                })?),
                (None, Some("EcsContainer")) => container(self.environment)?
                    .ok_or_else(|| format!("the profile `{name}` takes its keys from a container, and this is none"))?,
                (None, Some(_)) => return Err(unsupported(name, "takes its keys from the metadata of an instance")),
                (None, None) => return Err(format!("the profile `{name}` names a role_arn, and no source_profile")),
            };
        let external_id = text(section, "external_id").map(str::to_owned);
        Ok(Source::Role { base: Box::new(base), role, external_id })
    }

    /// The token of a sign-in, from the cache of the AWS CLI: under the name of the session, or, in the old style, under the URL.
    fn single_sign_on(&self, name: &str, section: &Section) -> Result<Source, String> {
        let session = text(section, "sso_session");
        let settings = match session {
            Some(session) => self
                .profiles
                .session(session)
                .ok_or_else(|| format!("the profile `{name}` names the sso_session `{session}`, which is not there"))?,
            None => section,
        };
        let wanted = |section: &Section, key: &str| {
            text(section, key).map(str::to_owned).ok_or_else(|| format!("the profile `{name}` says no {key}"))
        };
        let region = wanted(settings, "sso_region")?;
        if !crate::config::cognito::is_region(&region) {
            return Err(format!("the sso_region of the profile `{name}` is no region"));
        }
        let cached_as = match session {
            Some(session) => session.to_owned(),
            None => wanted(settings, "sso_start_url")?,
        };
        let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, cached_as.as_bytes());
        let path = self
            .environment
            .folder()
            .unwrap_or_default()
            .join("sso/cache")
            .join(format!("{}.json", hex(digest.as_ref())));
        let token = token(&path).ok_or_else(|| {
            format!(
                "the sign-in of the profile `{name}` has expired or never was: run aws sso login --profile {}",
                crate::shell::quoted(name)
            )
        })?;
        Ok(Source::SingleSignOn {
            region,
            account: wanted(section, "sso_account_id")?,
            role: wanted(section, "sso_role_name")?,
            token,
        })
    }
}

fn unsupported(name: &str, what: &str) -> String {
    let name = crate::shell::quoted(name);
    format!(
        "the profile `{name}` {what}, which is left to AWS's own tools: run eval \"$(aws configure export-credentials --profile {name} --format env)\" first"
    )
}

fn keys(name: &str, section: &Section) -> Result<Option<Keys>, String> {
    let secret = |key: &str| text(section, key).map(Secret::new);
    match (secret("aws_access_key_id"), secret("aws_secret_access_key")) {
        (Some(id), Some(secret_key)) => Ok(Some(Keys {
            id,
            secret: secret_key,
            token: secret("aws_security_token").or(secret("aws_session_token")),
        })),
        (None, None) => Ok(None),
        _ => Err(format!("the profile `{name}` has only one of aws_access_key_id and aws_secret_access_key")),
    }
}

/// The token that a file of the cache holds, if it is still good.
fn token(path: &Path) -> Option<Secret> {
    let file = secret_file(path).ok()?;
    let held: Map<String, Value> = serde_json::from_str(file.expose()).ok()?;
    let is_good = !is_over(held.get("expiresAt")?.as_str()?);
    is_good.then(|| held.get("accessToken")?.as_str().map(Secret::new)).flatten()
}

/// Whether a time has come. Both are UTC, and digits sort as times do.
fn is_over(time: &str) -> bool {
    let digits = |time: &str| time.chars().filter(char::is_ascii_digit).take(14).collect::<String>();
    digits(time) <= digits(&timestamp(now()))
}

/// Why what a program printed is not used, as AWS's own tools do not use it (AWS SDKs and Tools Reference Guide, "Process credential
/// provider").
fn refused(said: &[u8]) -> Option<&'static str> {
    let held: Map<String, Value> = serde_json::from_slice(said).ok()?;
    if held.get("Version").is_some_and(|version| version.as_u64() != Some(1)) {
        return Some("printed credentials of another Version than 1");
    }
    let expires = held.get("Expiration")?.as_str()?;
    let is_utc = expires.ends_with('Z') || expires.ends_with("+00:00");
    (is_utc && is_over(expires)).then_some("printed credentials that have expired")
}

/// What the program of a profile prints.
fn process(name: &str, command: &str, patience: Duration) -> Result<Keys, String> {
    let fail = |why: &str| format!("the credential_process of the profile `{name}` {why}");
    let words = words(command).ok_or_else(|| fail("has a quotation mark without its other half"))?;
    let (program, arguments) = words.split_first().ok_or_else(|| fail("is empty"))?;
    let ran = shell::run(Command::new(program).args(arguments), LONGEST_RUN.min(patience * ANSWERS), LONGEST);
    let Ran { is_well, said, .. } = ran.map_err(|error| fail(&format!("does not end well: {error}")))?;
    if !is_well {
        return Err(fail("ended with an error; run it by hand to see which"));
    }
    if let Some(why) = refused(&said) {
        return Err(fail(why));
    }
    keys_of_json(&said, ["AccessKeyId", "SecretAccessKey", "SessionToken"])
        .ok_or_else(|| fail("printed no credentials"))
}
