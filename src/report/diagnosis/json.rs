//! A diagnosis for programs: `pomlint/diagnosis/v1`, described by `schema.json`. The contract stands in `document.rs`.

mod document;

use super::{Answer, Asked, ruled_out};
use crate::diagnose::{self, What};
use crate::page::FrontMatter;
use crate::report::json::{self, Tool};
use crate::report::pretty::pretty;
use crate::secret::Scrubber;

pub(in crate::report) use document::Document;
use document::{Check, Clues, Input, JudgedBy, Kind, Line, Name, Named, Sighting, Token, Unexplained};

/// The JSON Schema of what [`diagnosis_json`] writes.
pub const DIAGNOSIS_SCHEMA: &str = include_str!("schema.json");

/// The diagnosis as a program reads it.
pub fn diagnosis_json(answer: &Answer<'_>) -> String {
    let diagnosis = answer.diagnosis;
    let counts = diagnosis.counts;
    // What was pasted may quote a secret of the configuration; the names of members and their constants are ours.
    let scrubber = answer.scrubber();
    let unexplained = diagnosis.unexplained.iter();
    pretty(&Document {
        schema: document::NAME,
        tool: Tool::THIS,
        input: Input {
            kind: diagnosis.kind.name(),
            bytes: counts.bytes,
            lines: counts.lines,
            shortened: counts.shortened,
        },
        answer: scrubber.clean(&answer.sentence()),
        release: diagnosis.release.map(|release| release.to_string()),
        names: diagnosis.names().iter().map(|named| named_by(answer, named, &scrubber)).collect(),
        sightings: diagnosis.sightings.iter().map(|seen| sighting(seen, &scrubber)).collect(),
        token: diagnosis.token.as_ref().map(|read| token(read, &scrubber)),
        clues: clues(&diagnosis.clues, &scrubber),
        unexplained: Unexplained {
            count: counts.unexplained,
            lines: unexplained.map(|line| Line { line: line.line, text: scrubber.clean(&line.text) }).collect(),
        },
        beyond: counts.beyond,
        judged_by: match answer.asked {
            Asked::Configuration => JudgedBy::Configuration,
            Asked::Clues => JudgedBy::Clues,
            Asked::Offline | Asked::Nobody => JudgedBy::Nothing,
        },
        differences: answer.differences().iter().map(|words| scrubber.clean(words)).collect(),
        report: answer.report.map(json::document),
        exit: answer.exit(),
    })
}

/// A name, with what became of it.
fn named_by(answer: &Answer<'_>, named: &diagnose::Named, scrubber: &Scrubber) -> Named {
    let standing = answer.standing(named);
    let (rule, source) = match named.what {
        What::Rule(rule) => {
            (Some(rule), FrontMatter::parse(rule.page).ok().and_then(|front| front.sources.into_iter().next()))
        }
        What::Cause(cause) => (None, Some(cause.source.clone())),
    };
    Named {
        name: name(named),
        stage: rule.map(|rule| rule.stage.name()),
        severity: rule.map(|rule| rule.severity.name()),
        source,
        means: named.what.means(),
        cure: named.what.cure(),
        standing: standing.name(),
        reason: standing.reason().map(|why| scrubber.clean(why)),
    }
}

fn name(named: &diagnose::Named) -> Name {
    Name {
        kind: match named.what {
            What::Rule(_) => Kind::Rule,
            What::Cause(_) => Kind::Cause,
        },
        name: named.what.name(),
        title: named.what.title(),
        strength: named.strength.name(),
        symptom: named.symptom.clone(),
        versions: named.versions,
    }
}

fn sighting(seen: &diagnose::Sighting, scrubber: &Scrubber) -> Sighting {
    Sighting {
        text: scrubber.clean(&seen.text),
        first: seen.first,
        last: seen.last,
        count: seen.count,
        whose: seen.place.map(|place| place.whose.as_str()),
        by: seen.place.map(|place| place.by.as_str()),
        says: seen.says.as_deref().map(|words| scrubber.clean(words)),
        names: seen.names.iter().map(name).collect(),
        past: seen.past.iter().map(|stage| stage.name()).collect(),
        ruled_out: ruled_out(seen),
    }
}

fn token(read: &diagnose::TokenReading, scrubber: &Scrubber) -> Token {
    let claim = |claim: &Option<String>| claim.as_deref().map(|text| scrubber.clean(&diagnose::clean(text)));
    let check = |check: &diagnose::Check| Check {
        name: check.name.clone(),
        state: check.state.name(),
        says: scrubber.clean(&check.says),
    };
    Token {
        kind: read.kind.clone(),
        issuer: claim(&read.issuer),
        client_id: claim(&read.client_id),
        checks: read.checks.iter().map(check).collect(),
        claims: read.claims.iter().map(|name| scrubber.clean(name)).collect(),
    }
}

fn clues(clues: &diagnose::Clues, scrubber: &Scrubber) -> Clues {
    let clue = |clue: &Option<String>| clue.as_deref().map(|text| scrubber.clean(&diagnose::clean(text)));
    Clues {
        issuer: clue(&clues.issuer),
        domain: clue(&clues.domain),
        client_id: clue(&clues.client_id),
        redirect_uri: clue(&clues.redirect_uri),
        scope: clue(&clues.scope),
    }
}
