//! A diagnosis for programs: `pomlint/diagnosis/v1`.

use serde_json::{Value, json};

use super::{Answer, Asked, ruled_out};
use crate::diagnose::{Named, Sighting, TokenReading, What};
use crate::page::FrontMatter;
use crate::report::pretty::pretty;
use crate::report::{self, PROGRAM, View};
use crate::secret::{Scrub, paste};

/// The JSON Schema of what [`diagnosis_json`] writes.
pub const DIAGNOSIS_SCHEMA: &str = include_str!("schema.json");

/// The diagnosis as a program reads it.
pub fn diagnosis_json(answer: &Answer<'_>) -> String {
    let diagnosis = answer.diagnosis;
    let report = answer
        .report
        .zip(report::format("json"))
        .and_then(|(report, format)| serde_json::from_str::<Value>(&(format.render)(report, &View::default())).ok());
    let clues = &diagnosis.clues;
    let counts = diagnosis.counts;
    let scrubber = answer.scrubber();
    // What was pasted may quote a secret of the configuration; the names of members and their constants are ours.
    let outside = |mut value: Value| {
        value.scrub(&scrubber);
        value
    };
    let clue = |clue: &Option<String>| outside(json!(clue.as_deref().map(paste::clean)));
    let value = json!({
        "schema": "pomlint/diagnosis/v1",
        "tool": {"name": PROGRAM, "version": env!("CARGO_PKG_VERSION")},
        "input": {
            "kind": diagnosis.kind.name(),
            "bytes": counts.bytes,
            "lines": counts.lines,
            "shortened": counts.shortened,
        },
        "answer": outside(answer.sentence().into()),
        "release": diagnosis.release.map(|release| release.to_string()),
        "names": diagnosis.names().iter().map(|named| standing(answer, named, &outside)).collect::<Vec<_>>(),
        "sightings": diagnosis.sightings.iter().map(|seen| sighting(seen, &outside)).collect::<Vec<_>>(),
        "token": diagnosis.token.as_ref().map(|read| token(read, &outside)),
        "clues": {
            "issuer": clue(&clues.issuer),
            "domain": clue(&clues.domain),
            "client_id": clue(&clues.client_id),
            "redirect_uri": clue(&clues.redirect_uri),
            "scope": clue(&clues.scope),
        },
        "unexplained": {
            "count": counts.unexplained,
            "lines": diagnosis.unexplained.iter().map(|line| json!({"line": line.line, "text": outside(line.text.as_str().into())})).collect::<Vec<_>>(),
        },
        "beyond": counts.beyond,
        "judged_by": match answer.asked {
            Asked::Configuration => "configuration",
            Asked::Clues => "clues",
            Asked::Offline | Asked::Nobody => "nothing",
        },
        "differences": outside(answer.differences().into()),
        "report": report,
        "exit": answer.exit(),
    });
    pretty(&value)
}

/// A name, with what became of it.
fn standing(answer: &Answer<'_>, named: &Named, outside: &dyn Fn(Value) -> Value) -> Value {
    let standing = answer.standing(named);
    let mut value = name(named);
    let more = match named.what {
        What::Rule(rule) => json!({
            "stage": rule.stage.name(),
            "severity": rule.severity.name(),
            "source": FrontMatter::parse(rule.page).ok().and_then(|front| front.sources.into_iter().next()),
        }),
        What::Cause(cause) => json!({"stage": null, "severity": null, "source": cause.source}),
    };
    if let (Value::Object(fields), Value::Object(more)) = (&mut value, more) {
        fields.extend(more);
        fields.insert("means".to_owned(), named.what.means().into());
        fields.insert("cure".to_owned(), named.what.cure().into());
        fields.insert("standing".to_owned(), standing.name().into());
        fields.insert("reason".to_owned(), outside(standing.reason().into()));
    }
    value
}

fn name(named: &Named) -> Value {
    json!({
        "kind": match named.what {
            What::Rule(_) => "rule",
            What::Cause(_) => "cause",
        },
        "name": named.what.name(),
        "title": named.what.title(),
        "strength": named.strength.name(),
        "symptom": named.symptom,
        "versions": named.versions,
    })
}

fn sighting(sighting: &Sighting, outside: &dyn Fn(Value) -> Value) -> Value {
    json!({
        "text": outside(sighting.text.as_str().into()),
        "first": sighting.first,
        "last": sighting.last,
        "count": sighting.count,
        "whose": sighting.place.map(|place| place.whose.as_str()),
        "by": sighting.place.map(|place| place.by.as_str()),
        "says": outside(json!(sighting.says)),
        "names": sighting.names.iter().map(name).collect::<Vec<_>>(),
        "past": sighting.past.iter().map(|stage| stage.name()).collect::<Vec<_>>(),
        "ruled_out": ruled_out(sighting),
    })
}

fn token(token: &TokenReading, outside: &dyn Fn(Value) -> Value) -> Value {
    let check = |check: &crate::diagnose::Check| json!({"name": check.name, "state": check.state.name(), "says": outside(check.says.as_str().into())});
    json!({
        "kind": token.kind,
        "issuer": outside(json!(token.issuer.as_deref().map(paste::clean))),
        "client_id": outside(json!(token.client_id.as_deref().map(paste::clean))),
        "checks": token.checks.iter().map(check).collect::<Vec<_>>(),
        "claims": outside(json!(token.claims)),
    })
}
