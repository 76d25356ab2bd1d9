//! The report for programs: `pomlint/report/v1`, described by `schema.json`.
//!
//! The contract: fields are added, never removed or given another meaning; the value sets are closed. It stands in `document.rs`.

mod document;
#[cfg(test)]
mod tests;

use super::place;
use super::pretty::{line, pretty};
use super::{Applied, ConfigReport, Elsewhere, LeftOut, Listed, Report, View, text, words};
use crate::config::{self, Config, Span};
use crate::engine::{Judged, StageState};
use crate::evidence::{self, Aside, Step};
use crate::infra;
use crate::rules;

#[cfg(test)]
pub(super) use document::Line;
use document::exchange::{Exchange, Failure, Reached, Request, Texts};
use document::verdict::{
    Also, Details, Edit, Finding, Fix, Ignored, Labelled, Lack, Missing, Near, Outcome, Place, Position, Verdict,
};
use document::{
    Baseline, Changed, Configuration, Cure, LINE, LastLine, NAME, ReportLine, Settings, Shard, State, Summary, Tense,
    Testimony,
};
pub(super) use document::{Document, Tool};

/// The JSON Schema of the report.
pub const SCHEMA: &str = include_str!("schema.json");

/// The JSON Schema of a line of `--format jsonl`.
pub const LINE_SCHEMA: &str = include_str!("line.schema.json");

/// Longer headers and parts of bodies are cut.
const LONGEST: usize = 2000;

/// The report as one JSON object.
pub(super) fn render(report: &Report, _: &View) -> String {
    pretty(&document(report))
}

/// A line for each deployment.
pub(super) fn lines(report: &Report) -> String {
    report.reports.iter().map(|one_report| line(&ReportLine { schema: LINE, report: one(one_report) })).collect()
}

/// The last line: without it, the run was interrupted.
pub(super) fn last_line(counts: super::Summary, elsewhere: Option<&Elsewhere>) -> String {
    line(&LastLine { schema: LINE, summary: summary(counts), shard: elsewhere.map(shard) })
}

/// The report as its contract has it.
pub(super) fn document(report: &Report) -> Document<'_> {
    Document {
        schema: NAME,
        tool: Tool::THIS,
        reports: report.reports.iter().map(one).collect(),
        settings: report.settings.as_ref().map(settings),
        left_out: report.left_out.as_ref().map(left_out),
        shard: report.elsewhere.as_ref().map(shard),
        summary: summary(report.summary),
        baseline: report
            .baseline
            .as_ref()
            .map(|applied| Baseline { accepted: applied.accepted, stale: &applied.stale }),
    }
}

fn shard(here: &Elsewhere) -> Shard<'_> {
    Shard { part: &here.shard, elsewhere: here.count }
}

fn left_out(left_out: &LeftOut) -> document::LeftOut<'_> {
    document::LeftOut { by: &left_out.by, rules: left_out.rules.iter().map(|rule| rule.name).collect() }
}

fn one(report: &ConfigReport) -> document::Report<'_> {
    let config = &report.config;
    let listed = report.listed();
    let path = report.path.iter();
    let proxies = report.world.proxies.iter();
    document::Report {
        config: Configuration {
            path: &config.path,
            form: config.form.name(),
            pomerium: config.version.to_string(),
            releases: words::releases(report),
            newer_than_known: config.version.is_newer_than_known(),
        },
        verdicts: verdicts(report, &listed),
        path: path.map(|(stage, state)| document::Step { stage: stage.name(), state: State::of(*state) }).collect(),
        proxies: proxies.map(|(host, proxy)| (host.as_str(), words::host(proxy))).collect(),
        exchanges: report.world.exchanges.iter().map(exchange).collect(),
        testimonies: testimonies(report),
        cures: report.cures.iter().map(|cure| Cure { command: &cure.command, rules: &cure.rules }).collect(),
    }
}

/// What infrastructure code says, each with its place and its time.
fn testimonies<'a>(report: &'a ConfigReport) -> Vec<Testimony<'a>> {
    let world = report.world.after.as_deref().unwrap_or(&report.world);
    let testimony = |said: &'a evidence::Testimony| {
        let evidence::Testimony { id, address, setting, language, tense, at, aside, file: _ } = said;
        Testimony {
            id: &id.0,
            address,
            setting: setting.map(|setting| language.name_of(setting)),
            when: Tense::of(*tense == infra::Tense::AfterApply),
            aside: aside.map(Aside::name),
            place: Place::of(&report.config, *at),
        }
    };
    world.testimonies.iter().map(testimony).collect()
}

/// The findings are listed in the order of the verdicts.
fn verdicts<'a>(report: &'a ConfigReport, mut listed: &[Listed<'a>]) -> Vec<Verdict<'a>> {
    let verdict = |judged: &'a Judged| {
        let (own, rest) = listed.split_at(judged.findings().len());
        listed = rest;
        verdict(report, judged, own)
    };
    report.judged.iter().map(verdict).collect()
}

fn verdict<'a>(report: &'a ConfigReport, judged: &'a Judged, own: &[Listed<'a>]) -> Verdict<'a> {
    let config = &report.config;
    Verdict {
        rule: judged.rule.name,
        stage: judged.rule.stage.name(),
        severity: judged.severity().name(),
        verdict: Outcome::of(&judged.verdict),
        client: judged.client.as_deref(),
        findings: own.iter().map(|listed| finding(config, listed)).collect(),
        witnesses: judged.witnesses.iter().map(|id| id.0.as_str()).collect(),
        missing: judged.missing().iter().map(|reason| Missing::of(config, reason)).collect(),
        follows: judged.follows,
        reason: match &judged.verdict {
            rules::Verdict::NotApplicable(why) => Some(why),
            _ => None,
        },
        when: Tense::of(judged.is_after_apply),
        now: judged.now.as_ref().map(Outcome::of),
    }
}

fn finding<'a>(config: &'a Config, listed: &Listed<'a>) -> Finding<'a> {
    let finding = listed.finding;
    let also = finding.also.iter();
    Finding {
        message: &finding.says,
        title: listed.title(),
        severity: listed.severity.name(),
        fingerprint: listed.fingerprint,
        accepted: listed.accepted,
        told_with: listed.told_with,
        place: Place::of(config, finding.at),
        also: also.map(|(span, says)| Also { message: says, place: Place::of(config, *span) }).collect(),
        near: finding.near.as_ref().map(|near| Near {
            left: Labelled { label: near.left_label, text: &near.left },
            right: Labelled { label: near.right_label, text: &near.right },
        }),
        fix: finding.fix.split_first().map(|(description, lines)| Fix {
            description,
            lines,
            edit: listed.edit.map(|edit| Edit { place: Place::of(config, edit.at), text: &edit.text }),
        }),
        ignored: finding.ignored.as_ref().map(|ignored| Ignored {
            reason: &ignored.reason,
            until: ignored.until.map(|until| until.to_string()),
            place: &ignored.place,
        }),
    }
}

impl State {
    /// A stage with nothing but warnings, or what is ignored, lets the login through.
    fn of(state: StageState) -> Self {
        match state {
            StageState::Pass | StageState::Warn | StageState::Ignored => Self::Pass,
            StageState::Fail => Self::Fail,
            StageState::Undecided => Self::Undecided,
            StageState::Follows => Self::Follows,
        }
    }
}

impl Tense {
    fn of(is_after_apply: bool) -> Self {
        if is_after_apply { Self::AfterApply } else { Self::Now }
    }
}

impl Outcome {
    fn of(verdict: &rules::Verdict) -> Self {
        match verdict {
            rules::Verdict::Pass => Self::Pass,
            rules::Verdict::Fail(_) => Self::Fail,
            rules::Verdict::Undecided(_) => Self::Undecided,
            rules::Verdict::NotApplicable(_) => Self::NotApplicable,
        }
    }
}

impl<'a> Place<'a> {
    fn of(config: &'a Config, span: Span) -> Self {
        let place::Place { name: file, start, end, .. } = place::Place::of(config, span);
        Self { file, start: start.into(), end: end.into() }
    }
}

impl From<config::Position> for Position {
    fn from(config::Position { line, column }: config::Position) -> Self {
        Self { line, column }
    }
}

impl<'a> Missing<'a> {
    fn of(config: &'a Config, reason: &'a evidence::Missing) -> Self {
        let (kind, details) = Details::of(config, reason);
        Self { kind, text: words::missing(config, reason), details }
    }
}

impl<'a> Details<'a> {
    fn of(config: &'a Config, reason: &'a evidence::Missing) -> (Lack, Self) {
        use evidence::Missing;
        let none = Self::default();
        match reason {
            Missing::Declined { flag } => (Lack::Declined, Self { flag: Some(flag), ..none }),
            Missing::Unreachable { url, step, cause } => {
                (Lack::Unreachable, Self { url: Some(url), step: Some(Reached::of(*step)), cause: Some(cause), ..none })
            }
            Missing::Inconclusive { url, status, .. } => {
                (Lack::Inconclusive, Self { url: Some(url), status: Some(*status), ..none })
            }
            Missing::Forbidden { url, flag: None, .. } => (Lack::Policy, Self { url: Some(url), ..none }),
            Missing::Forbidden { url, flag: Some(flag), .. } => {
                (Lack::Forbidden, Self { url: Some(url), flag: Some(flag.name()), ..none })
            }
            Missing::Follows(need) => (Lack::Follows, Self { need: Some(need.name()), ..none }),
            Missing::Placeholder(span) => (Lack::Placeholder, Self { place: Some(Place::of(config, *span)), ..none }),
            Missing::NotRecorded { url } => (Lack::NotRecorded, Self { url: Some(url), ..none }),
            Missing::Refused { statement, .. } => {
                (Lack::Refused, Self { statement: Some(statement.as_deref()), ..none })
            }
            Missing::Unconfigured(_) => (Lack::Unconfigured, none),
            Missing::Untold(_) => (Lack::Untold, none),
            Missing::Budget(_) | Missing::Limit(_) => (Lack::Budget, none),
            Missing::Elsewhere(_) => (Lack::Elsewhere, none),
            Missing::NotApplicable(_) => (Lack::NotApplicable, none),
        }
    }
}

impl Reached {
    fn of(step: Step) -> Self {
        match step {
            Step::NoSuchHost => Self::NoSuchHost,
            Step::Lookup => Self::Lookup,
            Step::Policy => Self::Policy,
            Step::Connect => Self::Connect,
            Step::Tls => Self::Tls,
            Step::Certificate | Step::Authority => Self::Certificate,
            Step::Timeout => Self::Timeout,
            Step::Read => Self::Read,
            Step::Budget => Self::Budget,
            Step::NotRecorded => Self::NotRecorded,
        }
    }
}

fn exchange(exchange: &evidence::Exchange) -> Exchange<'_> {
    let evidence::Request { method, url, form } = &exchange.request;
    let (status, failure, shown) = match &exchange.outcome {
        evidence::Outcome::Answer(answer) => (Some(answer.status), None, shown(answer)),
        evidence::Outcome::Failure(failure) => {
            let failure = Failure { step: Reached::of(failure.step), cause: text::cap(&failure.cause, LONGEST) };
            (None, Some(failure), Texts::new())
        }
    };
    Exchange {
        id: &exchange.id.0,
        request: Request {
            method,
            url,
            form: form.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect(),
        },
        status,
        failure,
        shown,
        ms: exchange.ms,
        attempts: exchange.attempts,
    }
}

/// What of an answer tells something.
fn shown(answer: &evidence::Answer) -> Texts {
    let headers = words::TELLING_HEADERS.into_iter();
    let headers = headers.filter_map(|name| Some((name, text::cap(answer.header(name)?, LONGEST))));
    let body = words::telling(answer).map(|part| ("body", text::cap(&part, LONGEST)));
    headers.chain(body).map(|(name, part)| (name.to_owned(), part.into())).collect()
}

fn settings(applied: &Applied) -> Settings<'_> {
    let severities = applied.severities.iter().map(|(rule, severity)| Changed {
        rule: rule.name,
        severity: severity.name(),
        instead_of: rule.severity.name(),
    });
    Settings { file: &applied.file, off: &applied.off, severities: severities.collect() }
}

fn summary(summary: super::Summary) -> Summary {
    Summary {
        errors: summary.errors,
        warnings: summary.warnings,
        notes: summary.notes,
        ignored: summary.ignored,
        accepted: summary.accepted,
        passed: summary.passed,
        undecided: summary.undecided,
        declined: summary.declined,
        follows: summary.follows,
        not_applicable: summary.not_applicable,
        hidden_notes: summary.hidden,
        requests: summary.requests,
        exit: summary.exit,
    }
}
