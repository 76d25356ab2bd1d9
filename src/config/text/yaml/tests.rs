#![allow(clippy::unwrap_used, clippy::panic, clippy::format_push_string)]

use super::super::node::Value;
use super::super::parsed::{MOST_NODES, Parsed};
use super::super::place::Place;
use super::super::source::{Source, SourceId, SourceKind, Sources};
use super::{Wanted, read};

fn source(text: &str) -> SourceId {
    Sources::default().add(Source::new("c.yaml", SourceKind::File, text))
}

fn parse(text: &str) -> Parsed {
    read(text, &Place::Verbatim(source(text), 0), Wanted::Mapping)
}

/// The value of the key `a`.
fn value(text: &str) -> Value {
    let parsed = parse(text);
    assert_eq!(parsed.error, None, "{text}");
    parsed.root.unwrap().get("a").unwrap().value.clone()
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn words(text: &str) -> String {
    parse(text).error.unwrap().words
}

#[test]
fn plain_scalars_are_what_go_makes_of_them() {
    for (written, expected) in [
        ("1_000", Value::Integer(1000)),
        ("0x1F", Value::Integer(31)),
        ("0123456", Value::Integer(0o123_456)),
        ("0o17", Value::Integer(15)),
        ("-0b11", Value::Integer(-3)),
        ("18446744073709551615", Value::Integer(u64::MAX.into())),
        ("18446744073709551616", Value::Float(18_446_744_073_709_551_616.0)),
        ("089", Value::Float(89.0)),
        ("1e3", Value::Float(1000.0)),
        ("12e45678", text("12e45678")),
        ("190:20:30", text("190:20:30")),
        ("yes", text("yes")),
        ("TRUE", Value::Flag(true)),
        ("tRUE", text("tRUE")),
        ("~", Value::Null),
        ("2024-1-2", Value::Timestamp("2024-1-2".to_owned())),
        ("2023-02-29", text("2023-02-29")),
        ("2001-12-14t21:59:43.10-05:00", Value::Timestamp("2001-12-14t21:59:43.10-05:00".to_owned())),
        ("!!str 123", text("123")),
        ("!!float 3", Value::Float(3.0)),
        ("!!binary NHFr", text("4qk")),
        ("!vault x", text("x")),
        ("'1'", text("1")),
    ] {
        assert_eq!(value(&format!("a: {written}\n")), expected, "{written}");
    }
}

#[test]
fn a_tag_that_does_not_fit_is_fatal() {
    assert_eq!(words("a: !!int x\n"), "yaml: cannot decode !!str `x` as a !!int");
    assert_eq!(words("a: !!binary '*'\n"), "yaml: !!binary value contains invalid base64 data");
}

#[test]
fn block_scalars_may_end_with_the_file() {
    for (written, expected) in [
        ("a: |\n  x\n", "x\n"),
        ("a: |\n  x", "x"),
        ("a: |+\n  x", "x"),
        ("a: |-\n  x", "x"),
        ("a: |+\n  x\n\n", "x\n\n"),
        ("a: |\n  x\n  ", "x\n"),
        ("a: |\n  x\n# c", "x\n"),
        ("a: |\n  x\nb: y", "x\n"),
        ("a: |", ""),
        ("a: >\n  x\n  y", "x y"),
    ] {
        assert_eq!(value(written), text(expected), "{written:?}");
    }
}

#[test]
fn repeated_keys_are_listed_as_go_lists_them() {
    let parsed = parse("a: 1\nb: 2\na: 3\nc: {d: 1, d: 2}\na: 4\n");
    assert_eq!(
        parsed.error.unwrap().words,
        "yaml: unmarshal errors:\n  line 3: mapping key \"a\" already defined at line 1\n  \
         line 5: mapping key \"a\" already defined at line 1\n  line 5: mapping key \"a\" already defined at line 3"
    );
    assert_eq!(parsed.duplicate_keys.len(), 3);
    // What Go would not decode any more is still there for the other rules.
    assert!(parsed.root.unwrap().get("c").is_some());
}

#[test]
fn aliases_and_merge_keys_are_followed() {
    let text = "base: &base {x: 1, y: 1}\nmore: &more {y: 2, z: 2}\na:\n  <<: [*base, *more]\n  x: 0\n";
    let Value::Map(entries) = value(text) else { panic!("a mapping") };
    let entries: Vec<(&str, &Value)> = entries.iter().map(|entry| (entry.key.as_str(), &entry.value.value)).collect();
    assert_eq!(entries, [("x", &Value::Integer(0)), ("y", &Value::Integer(1)), ("z", &Value::Integer(2))]);
    assert_eq!(words("a: &a [*a]\n"), "yaml: anchor 'a' value contains itself");
    assert_eq!(words("a: *b\n"), "yaml: unknown anchor 'b' referenced");
    assert_eq!(words("a: {<<: 1}\n"), "yaml: map merge requires map or sequence of maps as the value");
}

#[test]
fn unfolding_aliases_is_bounded() {
    let mut text = String::from("a: &x0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let previous = level - 1;
        text += &format!("b{level}: &x{level} [{}]\n", vec![format!("*x{previous}"); 9].join(", "));
    }
    assert_eq!(words(&text), "yaml: document contains excessive aliasing");
}

#[test]
fn the_top_level_is_a_mapping() {
    assert_eq!(
        words("- a\n"),
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into map[string]interface {}"
    );
    assert_eq!(
        words("some longer words\n"),
        "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `some lo...` into map[string]interface {}"
    );
    assert_eq!(words("{{ x }}: 1\n"), "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into string");
    for nothing in ["", "# nothing\n", "---\n", "~\n", "\u{feff}"] {
        assert_eq!(parse(nothing).root.unwrap().entries(), [], "{nothing:?}");
    }
}

#[test]
fn a_template_without_quotes_is_a_map_for_a_key() {
    let parsed = parse("a: {{ .Values.id }}\n");
    assert_eq!(
        parsed.error.unwrap().words,
        "yaml: invalid map key: map[string]interface {}{\".Values.id\":interface {}(nil)}"
    );
    assert_eq!(parsed.root.unwrap().get("a").unwrap().value, text("{{ .Values.id }}"));
}

#[test]
fn only_the_first_document_is_read() {
    let text = "a: 1\n---\nb: [\n";
    let parsed = parse(text);
    assert_eq!(parsed.error, None);
    assert_eq!(parsed.later_document.map(|span| &text[span.range()]), Some("---"));
    assert_eq!(parse("a: 1\n...\n").later_document, None);
}

#[test]
fn places_are_those_of_the_text() {
    let text = "\u{feff}ä: 'ö'\nlist:\n  - x\n  - {k: v}\nblock: |\n  line\n\nlast: y";
    let parsed = parse(text);
    let root = parsed.root.unwrap();
    let slice = |key: &str| &text[root.get(key).unwrap().span.range()];
    assert_eq!(slice("ä"), "'ö'");
    assert_eq!(slice("list"), "- x\n  - {k: v}");
    assert_eq!(slice("block"), "|\n  line");
    assert_eq!(slice("last"), "y");
    assert_eq!(&text[root.entries()[0].key_span.range()], "ä");
}

#[test]
fn errors_of_grammar_have_gos_line() {
    assert_eq!(words("a: 1\nb\nc: 2\n"), "yaml: line 2: could not find expected ':'");
    assert_eq!(words("a: %s\n"), "yaml: found character that cannot start any token");
    assert_eq!(words("x: 1\na: %s\n"), "yaml: line 2: found character that cannot start any token");
}

#[test]
fn more_values_than_are_read_are_our_limit_and_aliases_count() {
    for text in ["- x\n".repeat(MOST_NODES + 1), format!("a: &a {{x: 1, y: 2}}\nb: [{}]", "*a,".repeat(MOST_NODES / 3))]
    {
        let parsed = parse(&text);
        assert!(parsed.is_limit && parsed.error.unwrap().words.contains("more than 400000 values"));
    }
    assert!(!parse(&"- x\n".repeat(10_000)).is_limit);
}

#[test]
fn what_is_nested_too_deep_is_our_limit_and_not_pomeriums() {
    for text in ["[".repeat(1 << 20), "- ".repeat(1 << 20), "{a: ".repeat(1 << 18), "? ".repeat(1 << 20)] {
        assert!(parse(&text).is_limit);
    }
}
