//! Secrets as the rules judge them.

use super::gap::{Gap, not_shown};
use crate::config::releases::Dialect;
use crate::config::releases::options::OPTIONS;
use crate::config::settings::{ClientSecret, Config, Form, Origin, Setting};
use crate::config::text::{ValueKind, classify, holder, is_not_opened};
use crate::secret::Secret;

/// A secret of Pomerium's own as a literal; `None` if it is not set.
pub(super) fn own_secret(
    config: &Config,
    file_option: &str,
    secret: Option<&Setting<Secret>>,
) -> Option<Result<Setting<Secret>, Gap>> {
    if let Some(setting) = secret {
        return (!setting.value.expose().is_empty()).then(|| literal_secret(setting, config));
    }
    let mut texts = config.reading.texts.iter();
    let (_, path) = texts.find(|(option, path)| **option == *file_option && !path.value.is_empty())?;
    let file = config.reading.unreadable.iter().find(|file| file.path == path.value);
    Some(Err(match file {
        Some(file) if is_not_opened(&file.why) || holder(&file.why).is_some() => {
            unreadable(file_option, &path.value, &file.why)
        }
        _ => Gap::Unreadable(format!("{file_option} `{}` cannot be read here", path.value)),
    }))
}

/// A client secret as a literal; `None` if there is none.
pub(super) fn client_secret(secret: &ClientSecret, config: &Config) -> Option<Result<Setting<Secret>, Gap>> {
    match secret {
        ClientSecret::Absent => None,
        ClientSecret::Unreadable { path, .. } if path.origin == Origin::Running => {
            Some(Err(Gap::Kept(not_shown("idp_client_secret"))))
        }
        // Whoever gives its name knows that it lies where Pomerium runs.
        ClientSecret::Unreadable { path, .. } if path.origin == Origin::Given => {
            let why = format!("the file {} lies where Pomerium runs, and is not here to be read", path.value);
            Some(Err(Gap::Kept(why)))
        }
        ClientSecret::Unreadable { path, why } => Some(Err(unreadable("idp_client_secret_file", &path.value, why))),
        ClientSecret::Known(setting) => Some(literal_secret(setting, config)),
    }
}

fn literal_secret(setting: &Setting<Secret>, config: &Config) -> Result<Setting<Secret>, Gap> {
    if classify(setting.value.expose()) == ValueKind::Literal {
        return Ok(setting.clone());
    }
    // Of a file, nobody fills in anything but what writes it: what it holds here, Pomerium takes (`placeholder-left`).
    if is_left_in_file(setting, config.form) {
        return Err(Gap::Unreadable("the file of the secret holds a placeholder, and not the secret".to_owned()));
    }
    Err(gap_of_secret(config, &setting.with(setting.value.expose())))
}

/// Why a text of the settings is no literal; a secret, by the option that it is the value of, need not be here.
pub fn gap_of(config: &Config, option: &str, text: &Setting<String>) -> Gap {
    let is_secret = || option.rsplit('.').next().and_then(|name| OPTIONS.field(name)).is_some_and(|field| field.secret);
    if text.kind() == ValueKind::Reference && is_secret() {
        gap_of_secret(config, &text.with(text.value.as_str()))
    } else {
        Gap::of(&text.value, text.span)
    }
}

fn gap_of_secret(config: &Config, text: &Setting<&str>) -> Gap {
    match Gap::of(text.value, text.span) {
        // Whoever has references filled in need not hold the secrets where it is only checked.
        Gap::Placeholder(_) if classify(text.value) == ValueKind::Reference && is_filled_in(config, text) => {
            Gap::Kept("the secret is a reference, which is filled in where it is deployed".to_owned())
        }
        gap => gap,
    }
}

/// Whether the file of a secret holds something that was to be filled in. What a cluster mounts, a tool may write before.
pub fn is_left_in_file(setting: &Setting<Secret>, form: Form) -> bool {
    use crate::config::text::{is_secret_store, kept};
    let text = setting.value.expose();
    let is_open = classify(text) != ValueKind::Literal && kept(text).is_none() && !is_secret_store(text);
    is_open && setting.origin == Origin::SecretFile && !matches!(form, Form::Kubernetes | Form::Helm)
}

/// Whether something fills in a reference before Pomerium sees it: the user says so, or the form of the configuration has it so.
/// Compose fills in what its own files write as one, and what a manifest or a chart is made with whatever stands there.
fn is_filled_in(config: &Config, setting: &Setting<&str>) -> bool {
    let (at, text, origin) = (setting.span, setting.value, setting.origin);
    let written = config.sources.slice(at);
    // A doubled dollar sign stands for one; of `$(NAME)`, Kubernetes leaves what it does not know.
    let is_literal = || {
        ["$$", "\\$"].iter().any(|sign| written.contains(sign))
            || text.contains("$(")
            || config.reading.unexpanded.contains(&at.source)
    };
    let is_of_form = match config.form {
        Form::Compose => origin != Origin::SecretFile && text.contains('$'),
        // Nobody need fill in Pomerium's own file in a manifest, and Pomerium takes what it holds.
        Form::Kubernetes if is_own_file(config, origin) => false,
        // Neither a field of the pod nor the encoded value of a `Secret` is written as one.
        Form::Kubernetes | Form::Helm => written.contains(text.trim()),
        _ => false,
    };
    is_of_form && !is_literal() || config.reading.unset_variables.contains(&at)
}

/// Whether a value stands in Pomerium's own file, in whatever a manifest mounts.
pub fn is_own_file(config: &Config, origin: Origin) -> bool {
    origin == Origin::File && config.form == Form::Kubernetes && config.reading.dialect == Dialect::Own
}

/// A file that cannot be read here: one that only the cluster or the container has, one that lies where nobody may be led, or another.
fn unreadable(option: &str, path: &str, why: &str) -> Gap {
    match holder(why) {
        Some((holder, why)) => Gap::Kept(format!("only the {holder} holds {option} `{path}`: {why}")),
        None if is_not_opened(why) => Gap::NotOpened(format!("{option} `{path}` cannot be read here: {why}")),
        None => Gap::Unreadable(format!("{option} `{path}` cannot be read here: {why}")),
    }
}
