//! The report for programs: `pomlint/report/v1`, described by `schema.json`.
//!
//! The contract: fields are added, never removed or given another meaning; the value sets are closed.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use super::place::Place;
use super::pretty::pretty;
use super::{Applied, ConfigReport, LeftOut, Listed, Report, View, text, words};
use crate::config::{Config, Position, Span};
use crate::engine::{Judged, StageState};
use crate::evidence::{Aside, Exchange, Missing, Outcome, Testimony};
use crate::infra::Tense;
use crate::rules::{NearMiss, Verdict};

/// The JSON Schema of the report.
pub const SCHEMA: &str = include_str!("schema.json");

/// Longer headers and parts of bodies are cut.
const LONGEST: usize = 2000;

/// The report as one JSON object.
pub(super) fn render(report: &Report, _: &View) -> String {
    let value = json!({
        "schema": "pomlint/report/v1",
        "tool": {"name": super::PROGRAM, "version": env!("CARGO_PKG_VERSION")},
        "reports": report.reports.iter().map(one).collect::<Vec<_>>(),
        "settings": report.settings.as_ref().map(settings),
        "left_out": report.left_out.as_ref().map(left_out),
        "shard": report.elsewhere.as_ref().map(|here| json!({"part": here.shard, "elsewhere": here.count})),
        "summary": summary(report),
        "baseline": report.baseline.as_ref().map(|applied| json!({"accepted": applied.accepted, "stale": applied.stale})),
    });
    pretty(&value)
}

fn left_out(left_out: &LeftOut) -> Value {
    let rules: Vec<&str> = left_out.rules.iter().map(|rule| rule.name).collect();
    json!({"by": left_out.by, "rules": rules})
}

fn one(report: &ConfigReport) -> Value {
    let path: Vec<Value> =
        report.path.iter().map(|(stage, state)| json!({"stage": stage.name(), "state": state_name(*state)})).collect();
    let listed = report.listed();
    json!({
        "config": {
            "path": report.config.path,
            "form": report.config.form.name(),
            "pomerium": report.config.version.to_string(),
            "newer_than_known": report.config.version.is_newer_than_known(),
        },
        "verdicts": report.judged.iter().map(|judged| verdict(report, judged, &listed)).collect::<Vec<_>>(),
        "path": path,
        "proxies": report.world.proxies.iter().map(|(host, proxy)| (host.clone(), words::host(proxy).into())).collect::<Map<_, _>>(),
        "exchanges": report.world.exchanges.iter().map(exchange).collect::<Vec<_>>(),
        "testimonies": testimonies(report),
        "cures": report.cures.iter().map(|cure| json!({"command": cure.command, "rules": cure.rules})).collect::<Vec<_>>(),
    })
}

/// What infrastructure code says, each with its place and its time.
fn testimonies(report: &ConfigReport) -> Vec<Value> {
    let world = report.world.after.as_deref().unwrap_or(&report.world);
    let testimony = |said: &Testimony| {
        let mut fields = Map::new();
        fields.insert("id".to_owned(), said.id.0.as_str().into());
        fields.insert("address".to_owned(), said.address.as_str().into());
        fields.insert("setting".to_owned(), said.setting.map(|setting| said.language.name_of(setting)).into());
        fields.insert("when".to_owned(), if said.tense == Tense::AfterApply { "after-apply" } else { "now" }.into());
        fields.insert("aside".to_owned(), said.aside.map(Aside::name).into());
        insert_place(&mut fields, &report.config, said.at);
        Value::Object(fields)
    };
    world.testimonies.iter().map(testimony).collect()
}

fn verdict_name(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail(_) => "fail",
        Verdict::Undecided(_) => "undecided",
        Verdict::NotApplicable(_) => "not-applicable",
    }
}

/// A stage with nothing but warnings, or what is ignored, lets the login through.
fn state_name(state: StageState) -> &'static str {
    match state {
        StageState::Pass | StageState::Warn | StageState::Ignored => "pass",
        StageState::Fail => "fail",
        StageState::Undecided => "undecided",
        StageState::Follows => "follows",
    }
}

fn verdict(report: &ConfigReport, judged: &Judged, listed: &[Listed]) -> Value {
    let config = &report.config;
    let own = listed.iter().filter(|listed| std::ptr::eq(listed.judged, judged));
    let findings: Vec<Value> = own.map(|listed| finding(config, listed)).collect();
    let reason = match &judged.verdict {
        Verdict::NotApplicable(why) => Some(*why),
        _ => None,
    };
    json!({
        "rule": judged.rule.name,
        "stage": judged.rule.stage.name(),
        "severity": judged.severity().name(),
        "verdict": verdict_name(&judged.verdict),
        "client": judged.client,
        "findings": findings,
        "witnesses": judged.witnesses.iter().map(|id| id.0.as_str()).collect::<Vec<_>>(),
        "missing": judged.missing().iter().map(|reason| missing(config, reason)).collect::<Vec<_>>(),
        "follows": judged.follows,
        "reason": reason,
        "when": if judged.is_after_apply { "after-apply" } else { "now" },
        "now": judged.now.as_ref().map(verdict_name),
    })
}

fn finding(config: &Config, listed: &Listed) -> Value {
    let mut fields = Map::new();
    let finding = listed.finding;
    fields.insert("message".to_owned(), finding.says.as_str().into());
    fields.insert("title".to_owned(), listed.title().into());
    fields.insert("severity".to_owned(), listed.severity.name().into());
    fields.insert("fingerprint".to_owned(), listed.fingerprint.into());
    fields.insert("accepted".to_owned(), listed.accepted.into());
    insert_place(&mut fields, config, finding.at);
    let also = finding.also.iter().map(|(span, says)| {
        let mut place = Map::new();
        place.insert("message".to_owned(), says.as_str().into());
        insert_place(&mut place, config, *span);
        Value::Object(place)
    });
    fields.insert("also".to_owned(), also.collect());
    fields.insert("near".to_owned(), finding.near.as_ref().map_or(Value::Null, near));
    let edit = finding.edit.as_ref().map(|edit| {
        let mut fields = Map::new();
        insert_place(&mut fields, config, edit.at);
        fields.insert("text".to_owned(), edit.text.as_str().into());
        fields
    });
    let fix = finding.fix.split_first();
    let fix = fix.map(|(sentence, lines)| json!({"description": sentence, "lines": lines, "edit": edit}));
    fields.insert("fix".to_owned(), fix.into());
    let ignored = finding.ignored.as_ref().map_or(Value::Null, |ignored| {
        let until = ignored.until.map(|until| until.to_string());
        json!({"reason": ignored.reason, "until": until, "where": ignored.place})
    });
    fields.insert("ignored".to_owned(), ignored);
    Value::Object(fields)
}

fn insert_place(fields: &mut Map<String, Value>, config: &Config, span: Span) {
    let place = Place::of(config, span);
    let position = |position: Position| json!({"line": position.line, "column": position.column});
    fields.insert("file".to_owned(), place.name.into());
    fields.insert("start".to_owned(), position(place.start));
    fields.insert("end".to_owned(), position(place.end));
}

fn near(near: &NearMiss) -> Value {
    json!({
        "left": {"label": near.left_label, "text": near.left},
        "right": {"label": near.right_label, "text": near.right},
    })
}

fn missing(config: &Config, reason: &Missing) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("kind", words::kind(reason).into());
    put("text", words::missing(config, reason).into());
    match reason {
        Missing::Declined { flag } => put("flag", (*flag).into()),
        Missing::Unreachable { url, step, cause } => {
            put("url", url.as_str().into());
            put("step", words::step_name(*step).into());
            put("cause", cause.as_str().into());
        }
        Missing::Inconclusive { url, status, .. } => {
            put("url", url.as_str().into());
            put("status", (*status).into());
        }
        Missing::Forbidden { url, flag, .. } => {
            put("url", url.as_str().into());
            if let Some(flag) = flag {
                put("flag", flag.name().into());
            }
        }
        Missing::Follows(need) => put("need", need.name().into()),
        Missing::Placeholder(span) => insert_place(&mut fields, config, *span),
        Missing::NotRecorded { url } => put("url", url.as_str().into()),
        Missing::Refused { statement, .. } => put("statement", statement.as_deref().into()),
        Missing::Unconfigured(_)
        | Missing::Untold(_)
        | Missing::Budget(_)
        | Missing::Elsewhere(_)
        | Missing::NotApplicable(_) => {}
    }
    Value::Object(fields)
}

fn exchange(exchange: &Exchange) -> Value {
    let short = |part: &str| Value::from(text::cap(part, LONGEST));
    let mut request = json!({"method": exchange.request.method, "url": exchange.request.url});
    if !exchange.request.form.is_empty() {
        let form: Map<String, Value> =
            exchange.request.form.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        request["form"] = form.into();
    }
    let (status, failure, shown) = match &exchange.outcome {
        Outcome::Answer(answer) => {
            let mut shown: Map<String, Value> = words::TELLING_HEADERS
                .into_iter()
                .filter_map(|name| answer.header(name).map(|value| (name.to_owned(), short(value))))
                .collect();
            if let Some(part) = words::telling(answer) {
                shown.insert("body".to_owned(), short(&part));
            }
            (Value::from(answer.status), Value::Null, shown)
        }
        Outcome::Failure(failure) => {
            (Value::Null, json!({"step": words::step_name(failure.step), "cause": short(&failure.cause)}), Map::new())
        }
    };
    json!({
        "id": exchange.id.0,
        "request": request,
        "status": status,
        "failure": failure,
        "shown": shown,
        "ms": exchange.ms,
        "attempts": exchange.attempts,
    })
}

fn settings(applied: &Applied) -> Value {
    let severities = applied.severities.iter().map(
        |(rule, severity)| json!({"rule": rule.name, "severity": severity.name(), "instead_of": rule.severity.name()}),
    );
    json!({"file": applied.file, "off": applied.off, "severities": severities.collect::<Vec<_>>()})
}

fn summary(report: &Report) -> Value {
    let summary = report.summary;
    json!({
        "errors": summary.errors,
        "warnings": summary.warnings,
        "notes": summary.notes,
        "ignored": summary.ignored,
        "accepted": summary.accepted,
        "passed": summary.passed,
        "undecided": summary.undecided,
        "declined": summary.declined,
        "follows": summary.follows,
        "not_applicable": summary.not_applicable,
        "hidden_notes": summary.hidden,
        "requests": summary.requests,
        "exit": summary.exit,
    })
}
