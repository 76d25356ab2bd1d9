//! The words for what did not happen, shared by all formats.

use url::Url;

use super::place::Place;
use super::{ConfigReport, Elsewhere, Entry, Report, Standing, standing, text};
use crate::config::{Config, PomeriumVersion, Span};
use crate::engine::Judged;
use crate::evidence::{Answer, ExchangeId, Missing, Need, ReleaseRange, Step, Testimony, visible_text};
use crate::rules::{Verdict, find};
use crate::secret::Clean;

/// `v0.31 or later`: which releases answer like what runs.
pub(super) fn releases(report: &ConfigReport) -> Option<String> {
    let range = report.world.running.release.as_ref().ok()?.value;
    (range != ReleaseRange::default()).then(|| range.to_string())
}

/// How far a request got, as a reason.
pub(super) fn step(step: Step) -> &'static str {
    match step {
        Step::NoSuchHost => "no such host",
        Step::Lookup => "its name could not be looked up",
        Step::Policy => "our address policy forbids the connection",
        Step::Connect => "no connection",
        Step::Tls => "the TLS handshake failed",
        Step::Certificate | Step::Authority => "its certificate is not accepted",
        Step::Timeout => "no answer in time",
        Step::Read => "the connection broke during the answer",
        Step::Budget => "not asked: the requests of this run were used up",
        Step::NotRecorded => "not asked: the recording does not hold it",
    }
}

/// When a verdict holds, and what holds until then; nothing if it is about today.
pub(super) fn when(report: &ConfigReport, judged: &Judged) -> Option<String> {
    let after = report.world.after.as_deref()?;
    let about =
        |id: &ExchangeId| -> Vec<&Testimony> { after.testimonies.iter().filter(|said| said.id == *id).collect() };
    let told = judged.witnesses.iter().map(about).find(|told| !told.is_empty())?;
    let said = told.first()?;
    // Settings that are left out all stand where their resource does.
    let setting = said.setting.filter(|_| told.len() == 1).map(|setting| said.language.name_of(setting));
    let setting = setting.map(|setting| format!("{setting} of ")).unwrap_or_default();
    let place = format!("{setting}{} in {}", said.address, said.file);
    let now = match &judged.now {
        _ if !judged.is_after_apply => return Some(format!("now: {place}")),
        Some(Verdict::Pass) if judged.is_error() => "; it works now, and the apply breaks it",
        Some(Verdict::Pass) => "; it is not so now",
        Some(Verdict::Fail(_)) if judged.is_error() => "; it fails now as well",
        Some(Verdict::Fail(_)) => "; it is so now as well",
        _ => "",
    };
    Some(format!("after apply: {place}{now}"))
}

/// What fails now and the apply cures, and whether a login works then.
pub(super) fn fails_now(report: &ConfigReport) -> Option<String> {
    let stage = report.fails_now()?.name();
    let next = report.judged.iter().find(|judged| judged.is_error()).map(|judged| judged.rule.stage.name());
    let then = next.map(|stage| format!(" Then it will fail at: {stage}.")).unwrap_or_default();
    Some(format!("A login fails now at: {stage}, until the apply.{then}"))
}

/// A flag that was not given, as it is told: whoever may ask the API of AWS needs no code for what stands there.
pub(super) fn flag<'f>(report: &ConfigReport, flag: &'f str) -> &'f str {
    let is_called = report.world.exchanges.iter().any(|exchange| exchange.id.is_call());
    if flag == "--infra" && !is_called { "--aws or --infra" } else { flag }
}

/// Why a fact is not known, in one sentence.
pub(crate) fn missing(config: &Config, reason: &Missing) -> String {
    match reason {
        Missing::Declined { flag: "--offline" } => "not asked: --offline".to_owned(),
        Missing::Declined { flag: "--infra" } => "not asked without --aws or --infra".to_owned(),
        Missing::Declined { flag } => format!("not asked without {flag}"),
        Missing::Unreachable { url, step: at, cause } => {
            format!("no answer from {}: {}: {cause}", host(url), step(*at))
        }
        Missing::Inconclusive { url, status, why } => {
            format!("the answer of {} says nothing about the question: {status}: {why}", host(url))
        }
        Missing::Refused { says, statement: None } => says.clone(),
        Missing::Refused { says, statement: Some(statement) } => format!("{says} {statement}"),
        Missing::Forbidden { url, why, .. } => format!("{} was not asked: {why}", host(url)),
        Missing::Follows(Need::File) => "the configuration could not be read".to_owned(),
        Missing::Follows(need) => format!("it could only be asked after `{}` is known", need.name()),
        Missing::Placeholder(span) => format!("the value at {} is a placeholder", place(config, *span)),
        Missing::Unconfigured(what)
        | Missing::Untold(what)
        | Missing::Budget(what)
        | Missing::Limit(what)
        | Missing::Elsewhere(what) => what.clone(),
        Missing::NotRecorded { url } => format!("the recording does not hold {url}"),
        Missing::NotApplicable(why) => (*why).to_owned(),
    }
}

/// What a value that is not written stands for: the name in `${NAME}`, which reading puts into its place.
pub(super) fn named(config: &Config, at: Span) -> Option<&str> {
    let (_, text) = config.reading.texts.iter().find(|(_, text)| text.span == at)?;
    text.value.strip_prefix("${")?.strip_suffix('}')
}

impl ConfigReport {
    /// The verdicts that lack evidence which was wanted, each with the reason in words.
    pub(crate) fn open(&self) -> Vec<(&Judged, String)> {
        let open = self.judged.iter().filter(|judged| standing(judged) == Some(Standing::Open));
        open.map(|judged| (judged, undecided(&self.config, judged))).collect()
    }
}

/// Why a rule is undecided, in one line.
pub(super) fn undecided(config: &Config, judged: &Judged) -> String {
    if let Some(cause) = judged.follows {
        return format!("waits for the cure of {cause}");
    }
    let mut reasons: Vec<String> = Vec::new();
    for reason in judged.missing().iter().map(|reason| missing(config, reason)) {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    if reasons.is_empty() { "its evidence is missing".to_owned() } else { reasons.join("; ") }
}

/// In the place of an answer, where the provider is not the one that was to be asked.
pub(super) const ANOTHER_POOL: &str = "Not asked: --pool names another user pool.";

/// Of a release that is newer than what is known in full.
pub(super) fn newer(config: &Config) -> Option<String> {
    let (version, newest) = (config.version, PomeriumVersion::NEWEST);
    version.is_newer_than_known().then(|| {
        format!("Pomerium {version} is newer than {newest}, the newest release known in full: what it has learnt since may be told as unknown")
    })
}

/// What is said of the run as a whole.
pub(super) fn about(report: &Report) -> Vec<String> {
    elsewhere(report).into_iter().chain(baseline(report)).chain(settings(report)).collect()
}

/// What is for other machines to judge.
pub(super) fn elsewhere(report: &Report) -> Option<String> {
    let Elsewhere { shard, count } = report.elsewhere.as_ref()?;
    Some(format!("Part {shard} of the deployments was judged; {count} in other parts."))
}

/// What became of the baseline: how much it accepts, and each entry that can go.
pub(super) fn baseline(report: &Report) -> Vec<String> {
    let Some(applied) = &report.baseline else { return Vec::new() };
    let mut lines = vec![format!("baseline: {} accepted", text::count(applied.accepted, "finding"))];
    lines.extend(applied.stale.iter().map(stale));
    lines
}

/// An entry of the baseline that can go, and why.
pub(super) fn stale(entry: &Clean<Entry>) -> String {
    let why = if find(&entry.rule).is_some() { "is cured" } else { "was found by a rule that is no more" };
    format!("stale: {} in {} {why} ({}): its entry can go", entry.rule, entry.config, entry.fingerprint)
}

/// What the settings file excuses: the rules that it switches off, and those whose findings it makes less than they are.
pub(super) fn settings(report: &Report) -> Option<String> {
    let applied = report.settings.as_ref()?;
    let mut parts = Vec::new();
    if !applied.off.is_empty() {
        parts.push(format!("switches off {}", applied.off.join(", ")));
    }
    let less = applied.severities.iter().filter(|(rule, severity)| *severity < rule.severity);
    parts.extend(
        less.map(|(rule, severity)| format!("makes {} a {severity} (instead of {})", rule.name, rule.severity)),
    );
    (!parts.is_empty()).then(|| format!("settings: {} {}", applied.file, parts.join("; ")))
}

/// `pomerium.yaml:3:27`.
pub(super) fn place(config: &Config, span: Span) -> String {
    let place = Place::of(config, span);
    format!("{}:{}:{}", place.name, place.start.line, place.start.column)
}

/// The host of a URL and the port to connect to.
pub(super) fn host_and_port(url: &str) -> (String, u16) {
    let parsed = Url::parse(url).ok();
    let own = parsed.as_ref().and_then(|url| Some((url.host_str()?.to_owned(), url.port_or_known_default()?)));
    own.unwrap_or_else(|| (host(url).to_owned(), 443))
}

/// The host of a URL, with its port if one is written.
pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// `2 findings are told with compose.yaml: service proxy`: they stand in another report.
pub(super) fn repeated(report: &ConfigReport) -> Option<String> {
    let with: Vec<&str> = report.repeats.iter().filter_map(|repeat| repeat.told_with.as_deref()).collect();
    let mut names = with.clone();
    names.sort_unstable();
    names.dedup();
    let are = if with.len() == 1 { "is" } else { "are" };
    (!names.is_empty()).then(|| format!("{} {are} told with {}", text::count(with.len(), "finding"), names.join(", ")))
}

/// The headers that tell something about the question.
pub(super) const TELLING_HEADERS: [&str; 9] = [
    "location",
    "content-type",
    "date",
    "age",
    "retry-after",
    "server",
    "via",
    "x-amz-cognito-request-id",
    "x-amzn-waf-action",
];

/// The part of a body that tells something: the error of a JSON answer, the words of an error page.
pub(super) fn telling(answer: &Answer) -> Option<String> {
    match serde_json::from_str::<serde_json::Value>(&answer.body) {
        Ok(serde_json::Value::Object(object)) => {
            if let Some(keys) = object.get("keys").and_then(serde_json::Value::as_array) {
                return Some(text::count(keys.len(), "key"));
            }
            let parts: Vec<String> = ["error", "error_description", "message", "issuer"]
                .iter()
                .filter_map(|name| {
                    object.get(*name).and_then(|value| value.as_str()).map(|value| format!("{name}: {value}"))
                })
                .collect();
            Some(parts.join(", ")).filter(|parts| !parts.is_empty())
        }
        Ok(_) => None,
        Err(_) if answer.status >= 400 => Some(visible_text(&answer.body)).filter(|words| !words.is_empty()),
        Err(_) => title(&answer.body),
    }
}

/// The title of a page.
fn title(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("<title>")?;
    let (title, _) = rest.split_once("</title>")?;
    Some(visible_text(title)).filter(|title| !title.is_empty())
}

/// The first step of a cure in one line, for places that have no room for more: with the value or command that it leads up to.
pub(crate) fn first_cure(fix: &[String]) -> String {
    match fix {
        [first, next, ..] if first.ends_with(':') => format!("{first} {}", next.trim()),
        [first, ..] => first.clone(),
        [] => String::new(),
    }
}
