use proptest::prelude::*;

use super::refusal::{Ground, of_missing};
use super::*;

fn patched(text: &str, rounds: &[&[(&str, &str)]]) -> (String, Patch) {
    let mut patch = Patch::default();
    for edits in rounds {
        let now = patch.apply(text);
        let edits: Vec<_> = edits
            .iter()
            .map(|(old, new)| {
                let start = now.find(old).unwrap_or_else(|| panic!("{old} in {now}"));
                (start..start + old.len(), *new)
            })
            .collect();
        patch = patch.with(text, edits.iter().map(|(at, new)| (at, *new))).0;
    }
    (patch.apply(text), patch)
}

#[test]
fn edits_of_edits_are_edits_of_the_original() {
    let (text, patch) = patched("a: Host:443/x\nb: 2\n", &[&[(":443", "")], &[("Host", "host"), ("2", "three")]]);
    assert_eq!(text, "a: host/x\nb: three\n");
    assert_eq!(patch.edits().len(), 2);
    let (text, _) = patched("abcdef", &[&[("cd", "12345")], &[("b12", "x")], &[("x34", "y")], &[("5e", "")]]);
    assert_eq!(text, "ayf");
    let (text, patch) = patched("abc", &[&[("b", "x")], &[("x", "b")]]);
    assert_eq!((text.as_str(), patch.is_empty()), ("abc", true));
}

#[test]
fn of_two_edits_that_touch_the_first_wins() {
    let (patch, taken) = Patch::default().with("abcdef", [(&(1..3), "x"), (&(2..4), "y"), (&(5..6), "z")]);
    assert_eq!(taken, [true, false, true]);
    assert_eq!(patch.apply("abcdef"), "axdez");
}

proptest! {
    /// Whatever is edited over what, the text is what it would be if each edit were made of the text before it.
    #[test]
    fn a_patch_is_its_edits_one_after_another(edits in prop::collection::vec((0usize..40, 0usize..6, "[xyz\n]{0,5}"), 0..6)) {
        let original = "0123456789\nabcdefghij\nklmnopqrst\n";
        let (mut text, mut patch) = (original.to_owned(), Patch::default());
        for (start, length, new) in edits {
            let start = start.min(text.len());
            let at = start..(start + length).min(text.len());
            text.replace_range(at.clone(), &new);
            patch = patch.with(original, [(&at, new.as_str())]).0;
            prop_assert_eq!(&patch.apply(original), &text);
        }
    }
}

fn difference(text: &str, rounds: &[&[(&str, &str)]]) -> String {
    let (_, patch) = patched(text, rounds);
    let shown = |_: usize, line: &str| line.to_owned();
    unified("c.yaml", text, &patch, &Shown { old: &shown, new: &shown }).0
}

#[test]
fn a_difference_is_what_diff_writes() {
    let text = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12";
    let expected = "--- a/c.yaml\n+++ b/c.yaml\n@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n 4\n@@ -9,4 +9,5 @@\n 9\n 10\n 11\n-12\n\\ No newline at end of file\n+12\n+13\n\\ No newline at end of file\n";
    assert_eq!(difference(text, &[&[("1", "one"), ("12", "12\n13")]]), expected);
    let expected = "--- a/c.yaml\n+++ b/c.yaml\n@@ -1,3 +1,3 @@\n a\r\n-b\r\n-c\r\n+B\r\n+C\r\n";
    assert_eq!(difference("a\r\nb\r\nc\r\n", &[&[("b", "B"), ("c", "C")]]), expected);
}

#[test]
fn what_is_left_alone_has_its_reason() {
    for (text, at, expected) in [
        ("a: &x https://x/\nb: *x\n", "https", Some(Refusal::Anchor)),
        ("base: &x\n  a: https://x/\nb:\n  <<: *x\n", "https", Some(Refusal::Anchor)),
        ("base: &x {a: 1}\nb: https://x/\n", "https", None),
        ("b: *x\n", "*x", Some(Refusal::Alias)),
        ("b: '*x'\n", "*x", None),
        ("a: {{ .Values.x }}\nb: https://x/\n", "https", Some(Refusal::Template)),
        ("# {{ no template }}\nb: https://x/\n", "https", None),
        ("kind: ConfigMap\n---\nkind: Secret\nstringData: {b: https://x/}\n", "https", Some(Refusal::KubernetesSecret)),
        ("kind: Secret\n---\nkind: ConfigMap\ndata: {b: https://x/}\n", "https", None),
        ("data:\n  c: |\n    a: &x https://x/\n    b: *x\n", "https", Some(Refusal::Anchor)),
        ("a: 'R&D x'\nb: https://x/\n", "https", None),
    ] {
        let start = text.find(at).unwrap();
        assert_eq!(Ground::of(text).refuses(text, &(start..start + at.len())), expected, "{text}");
    }
    for (written, why) in [
        ("${ISSUER}", Refusal::Reference),
        ("\"https:\\/\\/x\"", Refusal::Encoded),
        ("aHR0cHM6Ly94LmV4YW1wbGUv", Refusal::Encoded),
        ("https://x/", Refusal::NoEdit),
    ] {
        assert_eq!(of_missing(written), why);
    }
}

#[test]
fn every_safe_rule_is_a_rule() {
    for name in SAFE {
        assert!(crate::rules::find(name).is_some(), "{name}");
    }
}
