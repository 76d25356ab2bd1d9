//! `pomlint diagnose`: from what a person sees to the rules it names, judged at once where that is possible.

use std::io::{self, IsTerminal as _, Read};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use url::Url;

use super::judging::{Known, ask, judge_all, judge_each, network_options, today};
use super::{StartError, input, running, write};
use crate::cli::{self, Asking, Format};
use crate::config::{Config, Literals, NoFiles, PomeriumVersion, RawFile, Request};
use crate::diagnose::{Diagnosis, Progress, read, read_text};
use crate::disk::stream_named;
use crate::engine::Decisions;
use crate::evidence::{GatherOptions, Missing, Network, World, gather_login_domain, plan, unasked};
use crate::report::{self, Answer, Asked, Options, Report, Stream};
use crate::rules::{self, POOL_NOT_EXPECTED, Rule, Stage};

/// What a configuration made of clues is called in the report.
const CLUES: &str = "what was pasted";

/// Progress is told each time so much more was read, in bytes.
const STEP: u64 = 256 * 1024 * 1024;

pub(super) fn run(command: &cli::Diagnose) -> Result<u8, StartError> {
    let is_stdin = |path: &Path| path.as_os_str() == "-";
    if command.input.as_deref().is_none_or(|input| input == "-") && command.config.as_deref().is_some_and(is_stdin) {
        let why = "standard input cannot be both what you see and the configuration; name the configuration's file";
        return Err(StartError::Option(why.to_owned()));
    }
    if command.asking.record.is_some() {
        let why = "diagnose keeps no recording\n  try   pomlint check --record DIR CONFIG";
        return Err(StartError::Option(why.to_owned()));
    }
    let mut diagnosis = open(command.input.as_deref().unwrap_or("-"), command.config.is_none())?;
    let urls = running::urls(&mut Vec::new(), &command.asking.deployed)?;
    if !urls.is_empty() {
        diagnosis.heed_running();
    }
    let (report, asked) = match &command.config {
        None if !urls.is_empty() => (Some(by_running(&mut diagnosis, &urls, command)?), Asked::Configuration),
        Some(path) => (Some(by_configuration(&mut diagnosis, path, &urls, command)?), Asked::Configuration),
        None => by_clues(&mut diagnosis, &command.asking)?,
    };
    let answer = Answer { diagnosis: &diagnosis, report: report.as_ref(), asked };
    let view = input::view(command.amount);
    let text = match command.format {
        Format::Human => report::diagnosis(&answer, &view),
        Format::Json => report::diagnosis_json(&answer),
    };
    write(Stream::Report, &text)?;
    Ok(answer.exit())
}

/// Reads what was pasted: an argument, a file of that name, or standard input.
fn open(text: &str, is_alone: bool) -> Result<Diagnosis, StartError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let unreadable = |why: String| StartError::Unreadable { name: text.to_owned(), why };
    if text == "-" {
        let stdin = io::stdin();
        if stdin.is_terminal() {
            let hint = "Paste what you see, then press Ctrl-D on a line of its own.\n";
            write(Stream::Progress, hint)?;
        }
        return stream(&mut stdin.lock(), now)
            .map_err(|why| StartError::Unreadable { name: "standard input".to_owned(), why });
    }
    let path = Path::new(text);
    let is_short = text.len() < 4096 && !text.contains(['\n', '\0']);
    if is_short && path.is_dir() {
        return Err(unreadable("it is a folder; name the log in it, or check it: pomlint check FOLDER".to_owned()));
    }
    // Not only a file: a shell gives a pipe the name of one, `<(kubectl logs …)`.
    if is_short && path.exists() {
        let mut file = stream_named(path).map_err(|why| unreadable(why.to_string()))?;
        return stream(&mut file, now).map_err(unreadable);
    }
    if looks_like_a_file(text) {
        let why = if is_alone {
            "there is no such file"
        } else {
            "there is no such file; what you see comes first, then the configuration"
        };
        return Err(unreadable(why.to_owned()));
    }
    read_text(text, now).map_err(|error| unreadable(error.to_string()))
}

/// A name such as `pomerium.log`, rather than something seen.
fn looks_like_a_file(text: &str) -> bool {
    let endings = ["log", "txt", "har", "gz", "json", "yaml", "yml"];
    let is_name = !text.contains("://") && !text.contains(['?', '=', '&', '"']) && !text.contains(char::is_whitespace);
    is_name && text.rsplit_once('.').is_some_and(|(name, ending)| !name.is_empty() && endings.contains(&ending))
}

fn stream(input: &mut dyn Read, now: u64) -> Result<Diagnosis, String> {
    let is_watched = io::stderr().is_terminal();
    let mut told = 0;
    let mut progress = |progress: Progress| {
        if is_watched && progress.bytes / STEP > told {
            told = progress.bytes / STEP;
            let text = format!("read {} MiB, {} lines …\n", progress.bytes / 1024 / 1024, progress.lines);
            // Progress that cannot be shown is no failure.
            let _ = write(Stream::Progress, &text);
        }
    };
    read(input, now, &mut progress).map_err(|error| error.to_string())
}

/// The rules of what comes after all that was seen to work, if nothing is named: what worked proves nothing of it.
fn rules_that_come_later(diagnosis: &Diagnosis) -> Vec<&'static Rule> {
    let is_named = !diagnosis.names().is_empty() || diagnosis.token.is_some();
    let places = diagnosis.sightings.iter().filter_map(|sighting| sighting.place);
    let healthy = places.rev().find(|place| place.healthy && !place.past.is_empty() && !is_named);
    let Some(place) = healthy else { return Vec::new() };
    let comes_later = |rule: &&Rule| !place.past.contains(&rule.stage) && rule.severity == rules::Severity::Error;
    rules::RULES.iter().filter(comes_later).collect()
}

const OPTIONS: Options =
    Options { fail_on: rules::Severity::Error, undecided: report::Undecided::Default, pedantic: true, named: false };

/// The rules about what runs.
fn rules_of_what_runs() -> impl Iterator<Item = &'static Rule> {
    rules::RULES.iter().filter(|rule| rule.stage == Stage::Deployed)
}

/// The rules that what runs is judged by: those that are named, and whatever would stop its logins. What was seen is called over only
/// where nothing else is wrong.
fn heard_with(named: &[&'static Rule]) -> Vec<&'static Rule> {
    let is_heard =
        |rule: &&Rule| rule.severity == rules::Severity::Error || named.iter().any(|named| named.name == rule.name);
    rules::RULES.iter().filter(is_heard).collect()
}

/// Asks a running Pomerium what it sends, and judges it by that.
fn by_running(diagnosis: &mut Diagnosis, urls: &[Url], command: &cli::Diagnose) -> Result<Report, StartError> {
    let mut rules: Vec<&'static Rule> = rules_of_what_runs().collect();
    rules.extend(diagnosis.rules_to_judge(|rule| rule.stage != Stage::Deployed));
    rules.extend(rules_that_come_later(diagnosis).into_iter().filter(|rule| rule.stage != Stage::Deployed));
    let heard = heard_with(&rules);
    let Known { running, .. } = ask(&[], urls, &heard, &command.asking, &command.reading.given)?;
    let (configs, worlds) = running.into_iter().unzip();
    Ok(judge_all(configs, worlds, &heard, &Decisions::on(today()), OPTIONS))
}

fn by_configuration(
    diagnosis: &mut Diagnosis,
    path: &Path,
    urls: &[Url],
    command: &cli::Diagnose,
) -> Result<Report, StartError> {
    let input::Read { mut configs, unreadable, .. } = input::read(&[path.to_path_buf()], &command.reading)?;
    if configs.is_empty() {
        return Err(unreadable.into_iter().next().unwrap_or(StartError::NoConfig));
    }
    for config in &mut configs {
        // What somebody accepted still explains what was seen.
        config.ignores.clear();
    }
    let version = configs.first().map(|config| config.version).filter(|version| *version < PomeriumVersion::NEWEST);
    diagnosis.heed_release(version);
    let mut rules = diagnosis.rules_to_judge(|_| true);
    rules.extend(rules_that_come_later(diagnosis));
    let pool = || rules::find(POOL_NOT_EXPECTED).filter(|_| !command.asking.pool.is_empty());
    rules.extend(pool());
    if !urls.is_empty() {
        rules.retain(|rule| rule.stage != Stage::Deployed);
        rules.extend(rules_of_what_runs());
    }
    let heard = if urls.is_empty() { rules.clone() } else { heard_with(&rules) };
    let Known { worlds, running } = ask(&configs, urls, &heard, &command.asking, &command.reading.given)?;
    if let (Some(token), Some(config), Some(world)) = (&mut diagnosis.token, configs.first(), worlds.first()) {
        token.verify(config, world, true);
        // What the token itself names is judged on what is known already.
        rules = diagnosis.rules_to_judge(|_| true);
        rules.extend(pool());
    }
    // A file is asked for what was seen alone.
    rules.retain(|rule| urls.is_empty() || rule.stage != Stage::Deployed);
    let by = |config: &Config| if config.form.is_running() { heard.as_slice() } else { rules.as_slice() };
    let known = configs.into_iter().zip(worlds).chain(running);
    Ok(judge_each(known, &by, &Decisions::on(today()), OPTIONS))
}

/// Asks the pool that the input itself reveals.
fn by_clues(diagnosis: &mut Diagnosis, asking: &Asking) -> Result<(Option<Report>, Asked), StartError> {
    diagnosis.clues.trust(&asking.reach.allow_host);
    let clues = diagnosis.clues.clone();
    let mut rules = diagnosis.rules_to_judge(|rule| clues.can_judge(rule));
    if rules.is_empty() {
        return Ok((None, Asked::Nobody));
    }
    rules.extend(rules::find(POOL_NOT_EXPECTED).filter(|_| !asking.pool.is_empty() && clues.issuer.is_some()));
    if asking.offline {
        return Ok((None, Asked::Offline));
    }
    let file = RawFile { name: CLUES.to_owned() + ".yaml", bytes: clues.configuration().into_bytes() };
    let mut configs = Request::of_config(file, &NoFiles).load().configs;
    for config in &mut configs {
        CLUES.clone_into(&mut config.path);
    }
    let worlds = match (&clues.issuer, &clues.domain) {
        (None, Some(domain)) if asking.replay.is_none() => vec![ask_domain(&configs, &rules, domain, asking)?],
        _ => ask(&configs, &[], &rules, asking, &[])?.worlds,
    };
    if let (Some(token), Some(config), Some(world)) = (&mut diagnosis.token, configs.first(), worlds.first()) {
        token.verify(config, world, false);
    }
    Ok((Some(judge_all(configs, worlds, &rules, &Decisions::on(today()), OPTIONS)), Asked::Clues))
}

fn ask_domain(configs: &[Config], rules: &[&'static Rule], host: &str, asking: &Asking) -> Result<World, StartError> {
    let network =
        Network::new(network_options(asking, configs, 0)?).map_err(|error| StartError::Option(error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let plan = plan(rules.iter().flat_map(|rule| rule.needs.iter().copied()));
    let config = configs.first().ok_or(StartError::NoConfig)?;
    let clients = config.clients();
    if !asking.pool.is_empty() {
        let why = "nobody is asked: a login domain alone does not tell whether it is that of a pool of --pool";
        return Ok(unasked(&clients, &Missing::Unconfigured(why.to_owned())));
    }
    let literals = Literals::of(config, &clients);
    let world = runtime.block_on(gather_login_domain(
        config,
        &clients,
        &literals,
        &plan,
        host,
        &GatherOptions::default(),
        &network,
    ));
    runtime.shutdown_background();
    Ok(world)
}
