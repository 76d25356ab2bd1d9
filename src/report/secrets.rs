//! What a configuration or a provider says, without secrets.
//!
//! Each value is cleaned before a format puts it in, never the finished text: whoever chooses a secret must not be able to cut a
//! part out of a format, such as `::error`. Names of files stay as they are: the user typed them, and CI systems look them up.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::SCHEMA;
use crate::config::{ClientSecret, Config, Ignore, Origin, Setting, Span, is_configuration};
use crate::engine::Judged;
use crate::evidence::{Answer, Exchange, Missing, Outcome, World};
use crate::offset;
use crate::rules::{Finding, RULES, Verdict, find, nearest};
use crate::secret::{Scrub, Scrubber, Secret};

impl Scrub for Judged {
    fn scrub(&mut self, scrubber: &Scrubber) {
        self.client.scrub(scrubber);
        self.witnesses.iter_mut().for_each(|id| id.0.scrub(scrubber));
        match &mut self.verdict {
            Verdict::Fail(findings) => findings.iter_mut().for_each(|found| finding(found, scrubber)),
            Verdict::Undecided(reasons) => reasons.iter_mut().for_each(|reason| missing(reason, scrubber)),
            Verdict::Pass | Verdict::NotApplicable(_) => {}
        }
        // Only what it is called is shown.
        if let Some(Verdict::Fail(findings)) = &mut self.now {
            for found in findings {
                finding(found, scrubber);
            }
        }
    }
}

/// What formats show of it: what was asked and answered, and through whom.
impl Scrub for World {
    fn scrub(&mut self, scrubber: &Scrubber) {
        self.exchanges.iter_mut().for_each(|asked| exchange(asked, scrubber));
        let proxies = std::mem::take(&mut self.proxies).into_iter();
        self.proxies = proxies.map(|(host, proxy)| (cleaned(host, scrubber), cleaned(proxy, scrubber))).collect();
        for said in &mut self.testimonies {
            said.address.scrub(scrubber);
            said.id.0.scrub(scrubber);
        }
        if let Some(after) = &mut self.after {
            after.scrub(scrubber);
        }
    }
}

/// Removes the secrets of a JSON value that comes from outside, names and all.
impl Scrub for Value {
    fn scrub(&mut self, scrubber: &Scrubber) {
        match self {
            Self::String(words) => words.scrub(scrubber),
            Self::Array(values) => values.scrub(scrubber),
            Self::Object(fields) => fields.scrub(scrubber),
            _ => {}
        }
    }
}

impl Scrub for Map<String, Value> {
    fn scrub(&mut self, scrubber: &Scrubber) {
        let own = std::mem::take(self).into_iter();
        let clean = own.map(|(name, mut value)| {
            value.scrub(scrubber);
            (cleaned(name, scrubber), value)
        });
        *self = clean.collect();
    }
}

fn cleaned(mut words: String, scrubber: &Scrubber) -> String {
    words.scrub(scrubber);
    words
}

fn text(words: &mut String, scrubber: &Scrubber) {
    words.scrub(scrubber);
}

fn finding(finding: &mut Finding, scrubber: &Scrubber) {
    let Finding { at: _, says, title, also, near, fix, edit, severity: _, stops_login: _, is_of_unset: _, ignored } =
        finding;
    let texts = std::iter::once(says).chain(title).chain(fix).chain(also.iter_mut().map(|(_, says)| says));
    let near = near.iter_mut().flat_map(|near| [&mut near.left, &mut near.right]);
    let reason = ignored.iter_mut().map(|ignored| &mut ignored.reason);
    texts.chain(near).chain(reason).for_each(|words| text(words, scrubber));
    // Whoever made it would write the description of a secret into the file.
    edit.take_if(|edit| matches!(scrubber.scrub(&edit.text), Cow::Owned(_)));
}

fn missing(reason: &mut Missing, scrubber: &Scrubber) {
    let texts = match reason {
        Missing::Unreachable { url, cause, .. } => [Some(url), Some(cause)],
        Missing::Inconclusive { url, why, .. } | Missing::Forbidden { url, why, .. } => [Some(url), Some(why)],
        Missing::Unconfigured(what)
        | Missing::Untold(what)
        | Missing::Budget(what)
        | Missing::Limit(what)
        | Missing::Elsewhere(what) => [Some(what), None],
        Missing::Refused { says, statement } => [Some(says), statement.as_mut()],
        Missing::NotRecorded { url } => [Some(url), None],
        Missing::Declined { .. } | Missing::Follows(_) | Missing::Placeholder(_) | Missing::NotApplicable(_) => return,
    };
    texts.into_iter().flatten().for_each(|words| text(words, scrubber));
}

fn exchange(exchange: &mut Exchange, scrubber: &Scrubber) {
    text(&mut exchange.id.0, scrubber);
    text(&mut exchange.request.url, scrubber);
    let form = exchange.request.form.iter_mut().flat_map(|(name, value)| [name, value]);
    form.for_each(|words| text(words, scrubber));
    match &mut exchange.outcome {
        Outcome::Failure(failure) => {
            text(&mut failure.cause, scrubber);
            failure.at.iter_mut().for_each(|at| text(at, scrubber));
        }
        Outcome::Answer(answer) => {
            answer.headers.iter_mut().for_each(|(_, value)| text(value, scrubber));
            body(answer, scrubber);
        }
    }
}

/// Formats quote strings of a JSON body as they are decoded: there, no escape may hide a secret.
fn body(answer: &mut Answer, scrubber: &Scrubber) {
    match serde_json::from_str::<Value>(&answer.body) {
        Ok(mut value) => {
            value.scrub(scrubber);
            answer.body = value.to_string();
        }
        Err(_) => text(&mut answer.body, scrubber),
    }
}

/// Learns every secret of these configurations.
pub fn scrubber<'a>(configs: impl IntoIterator<Item = &'a Config>) -> Scrubber {
    let mut scrubber = Scrubber::new();
    let secrets = configs.into_iter().flat_map(|config| &config.secrets);
    let is_one = |secret: &str| !is_our_own_word(secret) && !is_configuration(secret);
    for (secret, _) in secrets.filter(|(secret, _)| is_one(secret.expose())) {
        scrubber.learn(secret);
    }
    scrubber
}

/// A "secret" such as `secret` or `client` is a word of every report: cutting it would garble what is said, and hide nothing.
fn is_our_own_word(secret: &str) -> bool {
    let word = secret.trim();
    word.len() <= 12
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        && (OWN_NAMES.iter().any(|name| name.contains(word)) || RULES.iter().any(|rule| rule.name.contains(word)))
}

/// The names of the members of a report, and the values that are closed. What their descriptions say is no word of a report.
static OWN_NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut names = Vec::new();
    if let Ok(schema) = serde_json::from_str(SCHEMA) {
        collect_names(&schema, &mut names);
    }
    names
});

fn collect_names(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            for (keyword, value) in members {
                match (keyword.as_str(), value) {
                    ("properties", Value::Object(properties)) => names.extend(properties.keys().cloned()),
                    ("enum", Value::Array(values)) => {
                        names.extend(values.iter().filter_map(|value| value.as_str().map(str::to_owned)));
                    }
                    ("const", Value::String(value)) => names.push(value.clone()),
                    _ => {}
                }
                collect_names(value, names);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect_names(value, names)),
        _ => {}
    }
}

/// Where in its texts a configuration is not shown, and what is shown instead; made once, for every finding of a report.
pub(super) struct Masks {
    /// In order, without overlap.
    places: Vec<(Span, String)>,
}

impl Masks {
    pub(super) fn of(config: &Config) -> Self {
        let secrets = secret_places(config).into_iter().map(|(secret, span)| (span, secret.describe()));
        let hidden =
            config.hidden.iter().copied().chain(config.ignores.iter().flat_map(|ignore| unknown_words(config, ignore)));
        let label = |span: Span| format!("‹not shown, {} chars›", config.sources.slice(span).chars().count());
        let mut all: Vec<_> = secrets.chain(hidden.map(|span| (span, label(span)))).collect();
        all.retain(|(span, _)| span.start < span.end);
        all.sort_by_key(|(span, _)| (span.source, span.start, Reverse(span.end)));
        let mut places: Vec<(Span, String)> = Vec::with_capacity(all.len());
        for (span, label) in all {
            match places.last_mut() {
                Some((last, _)) if last.source == span.source && span.start < last.end => {
                    last.end = last.end.max(span.end);
                }
                _ => places.push((span, label)),
            }
        }
        Self { places }
    }

    /// Those that lie on a part of a text.
    pub(super) fn within(&self, part: Span) -> impl Iterator<Item = &(Span, String)> {
        let first = self.places.partition_point(|(span, _)| (span.source, span.end) <= (part.source, part.start));
        let rest = self.places.get(first..).unwrap_or_default().iter();
        rest.take_while(move |(span, _)| (span.source, span.start) < (part.source, part.end))
    }
}

/// The words of a comment for us that are none of ours: somebody may have put anything there.
fn unknown_words(config: &Config, ignore: &Ignore) -> Vec<Span> {
    /// Shorter ones are no secrets.
    const SHORTEST: usize = 4;
    let is_ours = |word: &str| {
        word.len() < SHORTEST
            || ["pomlint", "ignore", "ignore-file", "reason", "until", "disable", "next", "month", "week", "year"]
                .contains(&word)
            || find(word).is_some()
            || nearest(word).is_some()
            || word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
    };
    if ignore.fault.is_none() {
        return ignore.rules.iter().filter(|(name, _)| !is_ours(name)).map(|(_, at)| *at).collect();
    }
    let text = config.sources.slice(ignore.at);
    let words = text.split(|character: char| !(character.is_alphanumeric() || "-_.".contains(character)));
    let place = |word: &str| {
        let start = ignore.at.start + offset::of(word, text);
        Span { start, end: start + word.len(), ..ignore.at }
    };
    words.filter(|word| !is_ours(word)).map(place).collect()
}

/// The places in the text where secrets stand.
///
/// A secret that was read from a file of its own has the place of the file's *name*, which is none.
fn secret_places(config: &Config) -> Vec<(&Secret, Span)> {
    let mut names = Vec::new();
    if let Some(settings) = &config.settings {
        let client = match &settings.client_secret {
            ClientSecret::Known(setting) => Some(setting),
            _ => None,
        };
        let others = [&settings.cookie_secret, &settings.shared_secret, &settings.signing_key];
        let from_file = |setting: &&Setting<Secret>| setting.origin == Origin::SecretFile;
        names.extend(
            client.into_iter().chain(others.into_iter().flatten()).filter(from_file).map(|setting| setting.span),
        );
    }
    config.secrets.iter().filter(|(_, span)| !names.contains(span)).map(|(secret, span)| (secret, *span)).collect()
}
