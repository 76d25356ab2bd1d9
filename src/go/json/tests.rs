#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

use super::{fold, parse};

#[test]
fn refusals_use_the_words_of_go() {
    let deep = "[".repeat(10_001);
    for (text, words) in [
        ("", "unexpected end of JSON input"),
        ("{\"a\":", "unexpected end of JSON input"),
        ("\u{feff}{}", "invalid character 'ï' looking for beginning of value"),
        ("{} x", "invalid character 'x' after top-level value"),
        ("{}{}", "invalid character '{' after top-level value"),
        ("/* */ {}", "invalid character '/' looking for beginning of value"),
        ("[1,]", "invalid character ']' looking for beginning of value"),
        ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string"),
        ("{a:1}", "invalid character 'a' looking for beginning of object key string"),
        ("{\"a\" 1}", "invalid character '1' after object key"),
        ("{\"a\":1 2}", "invalid character '2' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ("[1}", "invalid character '}' after array element"),
        ("\"a\nb\"", "invalid character '\\n' in string literal"),
        ("\"\\x\"", "invalid character 'x' in string escape code"),
        ("\"\\u12g4\"", "invalid character 'g' in \\u hexadecimal character escape"),
        ("-a", "invalid character 'a' in numeric literal"),
        ("1.x", "invalid character 'x' after decimal point in numeric literal"),
        ("1e+", "unexpected end of JSON input"),
        ("01", "invalid character '1' after top-level value"),
        ("nul!", "invalid character '!' in literal null (expecting 'l')"),
        ("<html>", "invalid character '<' looking for beginning of value"),
        (deep.as_str(), "invalid character '[' exceeded max depth"),
    ] {
        assert_eq!(parse(text).unwrap_err(), words, "{text:.40}");
    }
}

#[test]
fn members_keep_their_order_and_their_duplicates() {
    let text = " {\"a\" : [1, {\"x\":\"],\"} ] ,\"b\":null,\"a\":\"\\ud83d\\ude00\\ud800\\n\\/\\u00e9\"} \n";
    let members = parse(text).unwrap().members();
    let keys: Vec<_> = members.iter().map(|(key, value)| (key.as_str(), value.kind())).collect();
    assert_eq!(keys, [("a", "array"), ("b", "null"), ("a", "string")]);
    let elements: Vec<_> = members[0].1.elements().iter().map(|element| element.source()).collect();
    assert_eq!(elements, ["1", "{\"x\":\"],\"}"]);
    assert_eq!(members[2].1.text().unwrap(), "😀\u{fffd}\n/é");
    assert!(parse("[]").unwrap().elements().is_empty());
    assert!(parse("{ }").unwrap().members().is_empty());
    assert_eq!(parse("[[],{},\"\"]").unwrap().elements().len(), 3);
}

#[test]
fn the_deepest_nesting_go_takes_is_read_without_recursion() {
    let text = format!("{{\"deep\":{}1{}}}", "[".repeat(9_999), "]".repeat(9_999));
    assert_eq!(parse(&text).unwrap().members()[0].1.kind(), "array");
}

#[test]
fn keys_fold_as_in_go() {
    assert_eq!(fold("ISSUER"), fold("i\u{17f}\u{17f}uer"));
    assert_eq!(fold("jw\u{212a}s_uri"), "jwks_uri");
    assert_ne!(fold("jwks-uri"), "jwks_uri");
}

proptest! {
    #[test]
    fn whatever_serde_accepts_is_accepted_and_divided_alike(text in "[\\[\\]{}:,\"\\\\ua0-9eE+.tfn \\-]{0,24}") {
        if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
            let json = parse(&text).unwrap();
            if let Some(list) = value.as_array() {
                prop_assert_eq!(list.len(), json.elements().len());
            }
            if let Some(string) = value.as_str() {
                prop_assert_eq!(string, json.text().unwrap());
            }
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,40}|[\\[\\]{}:,\"\\\\u0]{0,30}") {
        if let Ok(json) = parse(&text) {
            for (_, value) in json.members() {
                let _ = (value.kind(), value.text(), value.elements());
            }
            for value in json.elements() {
                let _ = (value.kind(), value.text(), value.members());
            }
        }
    }
}
