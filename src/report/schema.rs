//! The JSON Schemas of what is written, made from the types; the committed ones are no others.
#![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]

use std::path::Path;

use schemars::generate::SchemaSettings;
use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::{Baseline, diagnosis, json as report, show};
use crate::evidence::Aside;
use crate::held::{difference, is_blessed, rewrites};
use crate::rules::{Severity, Stage};

/// How the name of a rule or a cause looks.
pub(super) const RULE: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";

pub(super) fn stage(_: &mut SchemaGenerator) -> Schema {
    one_of(Stage::ALL.map(Stage::name))
}

pub(super) fn severity(_: &mut SchemaGenerator) -> Schema {
    one_of([Severity::Error, Severity::Warning, Severity::Note].map(Severity::name))
}

pub(super) fn stage_or_none(_: &mut SchemaGenerator) -> Schema {
    one_of(Stage::ALL.map(|stage| Some(stage.name())).into_iter().chain([None]))
}

pub(super) fn severity_or_none(_: &mut SchemaGenerator) -> Schema {
    let all = [Severity::Error, Severity::Warning, Severity::Note];
    one_of(all.map(|severity| Some(severity.name())).into_iter().chain([None]))
}

pub(super) fn aside(_: &mut SchemaGenerator) -> Schema {
    one_of(
        [Aside::LeftAlone, Aside::Overwritten, Aside::ChangedOutside]
            .map(|aside| Some(aside.name()))
            .into_iter()
            .chain([None]),
    )
}

fn one_of(values: impl IntoIterator<Item = impl Into<Value>>) -> Schema {
    let values: Vec<Value> = values.into_iter().map(Into::into).collect();
    schemars::json_schema!({"enum": values})
}

/// What the members of a verdict have to do with each other.
pub(super) fn of_a_verdict() -> Value {
    json!([
        {
            "if": {"properties": {"verdict": {"const": "fail"}}},
            "then": {"properties": {"findings": {"minItems": 1}}},
            "else": {"properties": {"findings": {"maxItems": 0}}}
        },
        {
            "if": {"properties": {"verdict": {"const": "undecided"}, "follows": {"type": "null"}}},
            "then": {"properties": {"missing": {"minItems": 1}}}
        },
        {
            "if": {"properties": {"verdict": {"enum": ["pass", "fail", "not-applicable"]}}},
            "then": {"properties": {"missing": {"maxItems": 0}, "follows": {"type": "null"}}}
        },
        {
            "if": {"properties": {"verdict": {"const": "not-applicable"}}},
            "then": {"properties": {"reason": {"type": "string"}}},
            "else": {"properties": {"reason": {"type": "null"}}}
        }
    ])
}

/// What is told for which kind.
pub(super) fn of_what_is_missing() -> Value {
    let told = |kinds: &[&str], members: &[&str]| json!({"if": {"properties": {"kind": {"enum": kinds}}}, "then": {"required": members}});
    json!([
        told(&["declined", "forbidden"], &["flag"]),
        told(&["unreachable", "inconclusive", "forbidden", "policy", "not-recorded"], &["url"]),
        told(&["placeholder"], &["file", "start", "end"])
    ])
}

/// There is a status, or else it failed.
pub(super) fn of_an_exchange() -> Value {
    json!([{
        "if": {"properties": {"status": {"type": "null"}}},
        "then": {"properties": {"failure": {"type": "object"}}},
        "else": {"properties": {"failure": {"type": "null"}}}
    }])
}

/// The schema of what is written, as it is committed.
fn schema_of<T: JsonSchema>() -> String {
    let settings = SchemaSettings::draft2020_12().for_serialize().with_transform(without_formats_of_rust);
    let schema = settings.into_generator().into_root_schema_for::<T>();
    serde_json::to_string_pretty(&schema).unwrap() + "\n"
}

/// How many bits a number has here is nobody's business.
fn without_formats_of_rust(schema: &mut Schema) {
    let is_of_rust = |format: &Value| format.as_str().is_some_and(|format| format.starts_with("uint"));
    if schema.get("format").is_some_and(is_of_rust) {
        schema.remove("format");
        schema
            .remove("maximum")
            .filter(|most| [255, 65_535].iter().all(|own| most != own))
            .map(|most| schema.insert("maximum".to_owned(), most));
    }
    transform_subschemas(&mut without_formats_of_rust, schema);
}

#[test]
fn the_committed_schemas_are_those_of_the_types() {
    for (file, schema) in [
        ("src/report/schema.json", schema_of::<report::Document<'static>>()),
        ("src/report/line.schema.json", schema_of::<report::Line<'static>>()),
        ("src/report/diagnosis/schema.json", schema_of::<diagnosis::Document<'static>>()),
        ("src/report/show/schema.json", schema_of::<show::Document>()),
        ("src/report/baseline.schema.json", schema_of::<Baseline>()),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let committed = std::fs::read_to_string(&path).unwrap();
        if committed != schema {
            assert!(
                is_blessed(),
                "{file} is not what the types say:\n{}\n{}",
                difference(&committed, &schema),
                rewrites()
            );
            std::fs::write(&path, &schema).unwrap();
        }
    }
}
