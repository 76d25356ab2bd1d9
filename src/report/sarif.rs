//! SARIF 2.1.0: the form in which code scanning takes findings.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use serde_json::{Map, Value, json};

use super::explain::help;
use super::place::{self, Place};
use super::pretty::pretty;
use super::{ConfigReport, Listed, PROGRAM, Report, View, markdown, text, words};
use crate::config::{Config, Span};
use crate::engine::Judged;
use crate::evidence::{Exchange, Missing, Outcome};
use crate::page::{Page, address};
use crate::rules::{RULES, Rule, Severity};
use crate::secret::Scrubber;

/// What file names are relative to: where the program was started, which is the root of the repository in CI.
const BASE: &str = "%SRCROOT%";
/// Longer texts from outside are cut.
const LONGEST: usize = 2000;

/// The report as a SARIF log of one run.
pub(super) fn render(report: &Report, _: &View) -> String {
    let results: Vec<Value> = report
        .reports
        .iter()
        .flat_map(|one| one.told().into_iter().map(|listed| result(report, one, &listed)).collect::<Vec<_>>())
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": PROGRAM,
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": RULES.iter().map(|known| rule(known, report.scrubber())).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {BASE: {"description": {"text": "The folder in which the program was started"}}},
            "invocations": [invocation(report)],
            "artifacts": artifacts(report),
            "results": results,
        }],
    });
    pretty(&log)
}

fn rule(rule: &Rule, scrubber: &Scrubber) -> Value {
    let page = Page::parse(rule.page).ok();
    let (text, markdown) = help(rule);
    // Whoever took the secret of an example as it is does not find it here.
    let clean = |words: &str| scrubber.scrub(words).into_owned();
    let problem = match rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "recommendation",
    };
    let mut described = json!({
        "id": rule.name,
        "shortDescription": {"text": rule.title()},
        "fullDescription": {"text": page.map_or(rule.title(), |page| page.opening)},
        "help": {"text": clean(&text), "markdown": clean(&markdown)},
        "defaultConfiguration": {"level": rule.severity.name()},
        "properties": {
            "tags": ["oidc", rule.stage.name()],
            "problem.severity": problem,
            "precision": "very-high",
        },
    });
    if let Some(page) = address(rule.name) {
        described["helpUri"] = page.into();
    }
    described
}

fn index(rule: &Rule) -> Option<usize> {
    RULES.iter().position(|known| known.name == rule.name)
}

fn result(report: &Report, one: &ConfigReport, listed: &Listed) -> Value {
    let (config, finding) = (&one.config, listed.finding);
    let mut fields = object(json!({
        "ruleId": listed.judged.rule.name,
        "level": listed.severity.name(),
        "message": message(listed),
        "locations": [location(config, finding.at)],
        "partialFingerprints": {"pomlint/finding/v1": listed.fingerprint},
    }));
    if let Some(index) = index(listed.judged.rule) {
        fields.insert("ruleIndex".to_owned(), index.into());
    }
    let also: Vec<Value> = finding
        .also
        .iter()
        .enumerate()
        .map(|(id, (span, says))| {
            let mut place = object(location(config, *span));
            place.insert("id".to_owned(), id.into());
            place.insert("message".to_owned(), json!({"text": plain(says)}));
            Value::Object(place)
        })
        .collect();
    if !also.is_empty() {
        fields.insert("relatedLocations".to_owned(), also.into());
    }
    if let Some(fix) = fix(config, listed) {
        fields.insert("fixes".to_owned(), json!([fix]));
    }
    // The last exchange is the one that decides; those before it show the way there.
    if let Some(exchange) = one.proof(listed.judged).last() {
        fields.insert("webRequest".to_owned(), web_request(exchange));
        fields.insert("webResponse".to_owned(), web_response(exchange));
    }
    if report.baseline.is_some() {
        fields.insert("baselineState".to_owned(), if listed.accepted { "unchanged" } else { "new" }.into());
    }
    if let Some(why) = listed.pardon() {
        // A comment of the configuration stands in its source; all else does not.
        let place = finding.ignored.as_ref().map(|ignored| ignored.place.as_str());
        let in_source = place.is_some_and(|place| {
            config
                .sources
                .iter()
                .any(|(_, source)| place.strip_prefix(&source.name).is_some_and(|rest| rest.starts_with(':')))
        });
        let kind = if in_source { "inSource" } else { "external" };
        let justification = plain(&why);
        let suppression = json!([{"kind": kind, "status": "accepted", "justification": justification}]);
        fields.insert("suppressions".to_owned(), suppression);
    }
    if let Some(client) = &listed.judged.client {
        fields.insert("properties".to_owned(), json!({"client": client}));
    }
    Value::Object(fields)
}

/// The cure as a change that a program can make, if it is one of a file.
fn fix(config: &Config, listed: &Listed) -> Option<Value> {
    let edit = listed.edit?;
    let description: Vec<String> = listed.finding.fix.iter().map(|line| plain(line)).collect();
    let place = Place::of(config, edit.at);
    Some(json!({
        "description": {"text": description.join("\n")},
        "artifactChanges": [{
            "artifactLocation": artifact(&place.file()?),
            "replacements": [{"deletedRegion": region(&place), "insertedContent": {"text": edit.text}}],
        }],
    }))
}

/// What is wrong and how it is cured, as text and as Markdown.
fn message(listed: &Listed) -> Value {
    let finding = listed.finding;
    let line = |words: &str| text::cap(&text::escape(words), LONGEST);
    let (headline, says) = (line(&listed.headline()), line(&finding.says));
    let mut text = vec![format!("{}: {}", unlinked(&headline), unlinked(&says))];
    let mut rich = vec![format!("**{}**\n\n{}\n", markdown::prose(&headline), markdown::prose(&says))];
    if let Some((sentence, change)) = finding.fix.split_first() {
        text.push(format!("Fix: {}", plain(sentence)));
        rich.push(format!("**Fix**: {}\n", markdown::prose(&line(sentence))));
        if !change.is_empty() {
            let change: Vec<String> = change.iter().map(|change| line(change)).collect();
            text.extend(change.iter().map(|line| format!("  {}", unlinked(line))));
            rich.push(markdown::block(&change));
        }
    }
    json!({"text": text.join("\n"), "markdown": rich.join("\n")})
}

fn plain(words: &str) -> String {
    unlinked(&text::cap(&text::escape(words), LONGEST))
}

/// Even plain messages may hold links, `[text](target)` (§3.11.6): text from outside may not.
fn unlinked(text: &str) -> String {
    text.replace("](", "] (")
}

fn location(config: &Config, span: Span) -> Value {
    let place = Place::of(config, span);
    let Some(file) = place.file() else {
        // The environment and standard input are no files; the configuration, if it is one, is the nearest.
        let logical = json!([{"name": place.name, "kind": "resource"}]);
        return match place::main_file(config) {
            None => json!({"logicalLocations": logical}),
            Some(file) => {
                json!({"physicalLocation": {"artifactLocation": artifact(&file)}, "logicalLocations": logical})
            }
        };
    };
    json!({"physicalLocation": {
        "artifactLocation": artifact(&file),
        "region": region(&place),
    }})
}

fn region(place: &Place) -> Value {
    json!({
        "startLine": place.start.line,
        "startColumn": place.start.column,
        "endLine": place.end.line,
        "endColumn": place.end.column,
    })
}

/// A file, relative to where the program was started unless it was named from the root.
fn artifact(file: &str) -> Value {
    let drive = file.as_bytes().get(1) == Some(&b':') && std::path::MAIN_SEPARATOR == '\\';
    match file.strip_prefix('/') {
        Some(rest) => json!({"uri": format!("file:///{}", escape_path(rest))}),
        None if drive => json!({"uri": format!("file:///{}", escape_path(file))}),
        None => json!({"uri": escape_path(file), "uriBaseId": BASE}),
    }
}

/// The path as part of a URI (RFC 3986 §3.3).
fn escape_path(path: &str) -> String {
    let escape = |byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    path.bytes().map(escape).collect::<Vec<_>>().concat()
}

/// Every file that was read.
fn artifacts(report: &Report) -> Vec<Value> {
    let mut files: Vec<String> = Vec::new();
    for one in &report.reports {
        for (source, _) in one.config.sources.iter() {
            let start = Span { source, start: 0, end: 0 };
            files.extend(Place::of(&one.config, start).file().filter(|file| !files.contains(file)));
        }
    }
    files.iter().map(|file| json!({"location": artifact(file)})).collect()
}

/// How the run went: what could not be judged makes it incomplete.
fn invocation(report: &Report) -> Value {
    let undecided: Vec<Value> = report
        .reports
        .iter()
        .flat_map(|one| one.open().into_iter().map(|(judged, why)| notification(one, judged, &why)).collect::<Vec<_>>())
        .collect();
    let meaning = match report.summary.exit {
        0 => "nothing found that counts, everything wanted was judged",
        1 => "a finding",
        2 => "something that was named could not be read or written",
        _ => "undecided: evidence is missing",
    };
    json!({
        "executionSuccessful": undecided.is_empty() && report.summary.exit != 2,
        "exitCode": report.summary.exit,
        "exitCodeDescription": meaning,
        "toolExecutionNotifications": undecided,
        "toolConfigurationNotifications": configuration(report),
    })
}

/// What the settings file excuses, and entries of the baseline that can go.
fn configuration(report: &Report) -> Vec<Value> {
    let settings = words::settings(report).zip(report.settings.as_ref()).map(|(says, applied)| {
        let file = artifact(&place::portable(&applied.file));
        let location = json!({"physicalLocation": {"artifactLocation": file}});
        json!({"level": "warning", "message": {"text": plain(&says)}, "locations": [location]})
    });
    let stale = report.baseline.iter().flat_map(|applied| &applied.stale);
    let stale = stale.map(|entry| json!({"level": "note", "message": {"text": plain(&words::stale(entry))}}));
    settings.into_iter().chain(stale).collect()
}

fn notification(one: &ConfigReport, judged: &Judged, why: &str) -> Value {
    let mut about = Map::new();
    about.insert("id".to_owned(), judged.rule.name.into());
    if let Some(index) = index(judged.rule) {
        about.insert("index".to_owned(), index.into());
    }
    let places: Vec<Value> = judged
        .missing()
        .iter()
        .filter_map(|reason| match reason {
            Missing::Placeholder(span) => Some(location(&one.config, *span)),
            _ => None,
        })
        .collect();
    json!({
        "level": "error",
        "message": {"text": format!("{} could not be judged: {}", judged.rule.name, plain(why))},
        "associatedRule": about,
        "locations": places,
    })
}

fn web_request(exchange: &Exchange) -> Value {
    let request = &exchange.request;
    let mut fields = object(json!({"protocol": "HTTPS", "method": request.method, "target": request.url}));
    if !request.form.is_empty() {
        let parameters: Map<String, Value> =
            request.form.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        fields.insert("parameters".to_owned(), parameters.into());
    }
    Value::Object(fields)
}

fn web_response(exchange: &Exchange) -> Value {
    let short = |part: &str| text::cap(part, LONGEST);
    match &exchange.outcome {
        Outcome::Failure(failure) => {
            let why = format!("{}: {}", words::step(failure.step), short(&failure.cause));
            json!({"noResponseReceived": true, "reasonPhrase": why})
        }
        Outcome::Answer(answer) => {
            let headers: Map<String, Value> = words::TELLING_HEADERS
                .into_iter()
                .filter_map(|name| answer.header(name).map(|value| (name.to_owned(), short(value).into())))
                .collect();
            let mut fields = object(json!({"statusCode": answer.status, "headers": headers}));
            if let Some(part) = words::telling(answer) {
                fields.insert("body".to_owned(), json!({"text": short(&part)}));
            }
            Value::Object(fields)
        }
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
