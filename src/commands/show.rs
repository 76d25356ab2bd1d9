//! `pomlint show`: what Pomerium will make of a configuration, without asking anyone.

use std::path::PathBuf;

use url::Url;

use super::input::{self, Read};
use super::judging::{reaching, runtime};
use super::{StartError, running, write};
use crate::cli::{Format, Reading, Show, Which};
use crate::config::{Config, Destination, Form, NotOpened, Sent, Shown};
use crate::evidence::{GatherOptions, Need, Network, Opened, SignInKind, Visit, World, plan, visit};
use crate::report::{self, Stream, escape};

pub(super) fn run(command: &Show) -> Result<u8, StartError> {
    let mut named = command.configs.clone();
    let (configs, index) = match running::urls(&mut named, command.deployed.as_slice())?.as_slice() {
        [] => the_one(&named, &command.which, &command.reading, |_| true)?,
        [url] if named.is_empty() => (vec![shown_by(url, command)?], 0),
        _ => {
            return Err(StartError::Option("show takes one address, or files; name them one after another".to_owned()));
        }
    };
    let Some(config) = configs.get(index) else { return Err(StartError::NoConfig) };
    let scrubber = report::scrubber(&configs);
    let text = match command.format {
        Format::Human => report::show(config, &input::plain_view(), &scrubber),
        Format::Json => report::show_json(config, &scrubber),
    };
    write(Stream::Report, &text)?;
    say_others(&configs, index, ("this is", "not shown"))?;
    Ok(0)
}

/// What a running Pomerium shows of its configuration.
///
/// # Errors
/// If it shows none: with the reason, as `check` tells it.
fn shown_by(url: &Url, command: &Show) -> Result<Config, StartError> {
    let network = Network::new(reaching(&command.reach)?).map_err(|error| StartError::Option(error.to_string()))?;
    let plan = plan([Need::SignIn]);
    let asked = Visit { url, beside: None, given: &command.reading.given, probe_sign_out: false };
    let runtime = runtime()?;
    let (config, world) = runtime.block_on(visit(&asked, &plan, &GatherOptions::default(), &network));
    runtime.shutdown_background();
    let config = of_hosted(&world, &config).unwrap_or(config);
    if config.settings.is_none() {
        let says = why_no_login(&config, &world);
        let why = format!("what runs at {url} shows no login: {says}\n  try   pomlint check {url}");
        return Err(StartError::Option(why));
    }
    Ok(config)
}

/// Pomerium's hosted service is not asked what it sends; that it runs the login is all that there is to show.
fn of_hosted(world: &World, config: &Config) -> Option<Config> {
    let Opened::Pomerium(found) = &world.running.pomerium.as_ref().ok()?.value.opened_by else { return None };
    let Form::Deployed(leads @ Destination::Elsewhere(_)) = config.form else { return None };
    let (at, callback) = (found.callback_at, found.callback.clone());
    let sent = Sent {
        at,
        parameters: vec![("redirect_uri".to_owned(), callback, at)],
        issuer: None,
        provider: None,
        same_site: None,
        sign_out: None,
        cookie_domain: None,
        peer: None,
    };
    let shown = Shown {
        url: config.path.clone(),
        version: config.version,
        sources: config.sources.clone(),
        leads,
        sent: Some(sent),
    };
    config.settings.is_none().then(|| shown.config())
}

/// Why a running Pomerium shows no login, in a few words.
fn why_no_login(config: &Config, world: &World) -> String {
    let running = &world.running;
    let certificate = running.certificates.as_ref().ok().and_then(|seen| seen.value.0.first());
    if let Some(refused) = certificate {
        return refused.why.clone();
    }
    match (
        running.pomerium.as_ref().map(|seen| &seen.value.opened_by),
        running.sign_in.as_ref().map(|seen| &seen.value.kind),
    ) {
        (Err(why), _) | (Ok(Opened::Pomerium(_)), Err(why)) => report::reason(config, why),
        (Ok(Opened::Stranger(stranger)), _) | (_, Ok(SignInKind::NotRouted(stranger))) => stranger.says.clone(),
        (Ok(Opened::Loop(found)), _) => format!("every visitor is sent to where they are: {}", found.to),
        (Ok(Opened::Down(came)), _) | (_, Ok(SignInKind::Down(came))) => format!("nobody can log in now ({came})"),
        (_, Ok(SignInKind::Fails { .. })) => "Pomerium cannot get to its identity provider, and answers 500".to_owned(),
        (_, Ok(SignInKind::Login(_))) => "where it leads is not known to be Cognito's".to_owned(),
    }
}

/// All that was read, and which of it is meant: the one of that name, or the first that is a Pomerium's, before them the first of these
/// that is `wanted`.
///
/// # Errors
/// If nothing is.
pub(super) fn the_one(
    paths: &[PathBuf],
    which: &Which,
    reading: &Reading,
    is_wanted: impl Fn(&Config) -> bool,
) -> Result<(Vec<Config>, usize), StartError> {
    let mut reading = reading.clone();
    // Without a file, the environment is what there is to show.
    reading.env |= paths.is_empty() && reading.env_file.is_empty();
    let Read { configs, unreadable, .. } = input::read(paths, &reading)?;
    let index = if let Some(name) = &which.deployment {
        named(&configs, name)?
    } else {
        let first = |is_it: &dyn Fn(&Config) -> bool| {
            configs.iter().position(|config| not_pomerium(config).is_none() && is_it(config))
        };
        first(&is_wanted).or_else(|| first(&|_| true)).unwrap_or(0)
    };
    let Some(config) = configs.get(index) else {
        return Err(unreadable.into_iter().next().unwrap_or(StartError::NoConfig));
    };
    if let Some(NotOpened { why, .. }) = &config.reading.not_opened {
        return Err(StartError::Unreadable { name: config.path.clone(), why: why.clone() });
    }
    if let Some(why) = not_pomerium(config) {
        return Err(StartError::NotPomerium { name: config.path.clone(), why });
    }
    Ok((configs, index))
}

/// Whether its users log in through it. A process without the authenticate service sends them to the one that has it.
pub(super) fn serves_logins(config: &Config) -> bool {
    config.settings.as_ref().is_none_or(|settings| settings.runs("authenticate"))
}

/// The one deployment of that name.
///
/// # Errors
/// If there is none, or more than one.
fn named(configs: &[Config], name: &str) -> Result<usize, StartError> {
    let all = configs.iter().enumerate();
    let found: Vec<usize> = all.filter(|(_, config)| config.path == name).map(|(index, _)| index).collect();
    match found.as_slice() {
        [index] => Ok(*index),
        [] => {
            let known: Vec<String> = configs.iter().map(|config| format!("`{}`", config.path)).collect();
            let why = format!("there is no deployment `{name}` here; there are: {}", known.join(", "));
            Err(StartError::Option(why))
        }
        _ => Err(StartError::Option(format!("there are several deployments `{name}` here; name fewer files"))),
    }
}

/// Says which one of several it is, and how another one is chosen.
pub(super) fn say_others(configs: &[Config], index: usize, words: (&str, &str)) -> Result<(), StartError> {
    let name = |config: &Config| escape(&config.path);
    let others: Vec<String> =
        configs.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, config)| name(config)).collect();
    let Some(config) = configs.get(index).filter(|_| !others.is_empty()) else { return Ok(()) };
    let says = format!(
        "{} {}; {}: {}; choose one with --deployment NAME\n",
        words.0,
        name(config),
        words.1,
        others.join(", ")
    );
    write(Stream::Progress, &says)
}

fn not_pomerium(config: &Config) -> Option<&'static str> {
    match config.form {
        Form::NotPomerium(why) | Form::Unrecognised(why) => Some(why),
        _ => None,
    }
}
