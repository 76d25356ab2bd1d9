//! Texts that are kept beside the tests, to be compared and to be rewritten.
//!
//! ```text
//! POMLINT_BLESS=1 cargo test
//! ```
//!
//! rewrites each kept text that is not what the program says now. Read the difference before you commit it.

#![allow(dead_code, unreachable_pub, reason = "the unit tests, the suite and the benches take what they need")]
#![allow(clippy::expect_used, reason = "a test says what went wrong by failing")]

use std::fmt::Write as _;
use std::panic::Location;
use std::path::Path;
use std::sync::Mutex;

/// Rewrites what is kept.
const BLESS: &str = "POMLINT_BLESS";

/// Whether what is kept is to be rewritten.
pub fn is_blessed() -> bool {
    std::env::var_os(BLESS).is_some_and(|value| !value.is_empty() && value != "0")
}

/// Holds a text to the raw string (`r#"…"#`) that the test keeps of it.
///
/// # Panics
/// With the difference, and the command that rewrites the string.
#[track_caller]
pub fn holds(text: &str, kept: &str) {
    let place = Location::caller();
    if text == kept {
        return;
    }
    assert!(is_blessed(), "{place} keeps another screen:\n{}\n{}", difference(kept, text), rewrites());
    rewrite(Path::new(place.file()), &literal(kept), &literal(text));
}

fn literal(text: &str) -> String {
    assert!(!text.contains("\"#"), "`r#\"…\"#` cannot hold this text:\n{text}");
    format!("r#\"{text}\"#")
}

/// Replaces a text that is written once in a file of the project.
fn rewrite(file: &Path, old: &str, new: &str) {
    // Tests run side by side, and several may keep a screen in one file.
    static WRITING: Mutex<()> = Mutex::new(());
    let _alone = WRITING.lock().expect("no rewriting failed");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let source = std::fs::read_to_string(&path).expect("a source file");
    let times = source.matches(old).count();
    assert!(times == 1, "{} keeps this screen {times} times, not once; rewrite it by hand:\n{new}", file.display());
    std::fs::write(&path, source.replacen(old, new, 1)).expect("a file that can be written");
}

/// The command by which the test that runs rewrites what it keeps.
pub fn rewrites() -> String {
    let tests = if env!("CARGO_CRATE_NAME") == "suite" { "--test suite" } else { "--lib" };
    let name = std::thread::current().name().filter(|name| *name != "main").unwrap_or_default().to_owned();
    format!("if that is meant: {BLESS}=1 cargo test {tests} {name}").trim_end().to_owned()
}

/// The lines of both texts in order: `-` what was kept, `+` what is said now; of what is the same, the lines beside a difference.
pub fn difference(kept: &str, now: &str) -> String {
    const AROUND: usize = 2;
    let lines = merged(&kept.lines().collect::<Vec<_>>(), &now.lines().collect::<Vec<_>>());
    let mut shown = String::new();
    let mut skipped = false;
    for (index, (mark, line)) in lines.iter().enumerate() {
        let near = lines.iter().skip(index.saturating_sub(AROUND)).take(index.min(AROUND) + 1 + AROUND);
        if near.into_iter().all(|(mark, _)| *mark == ' ') {
            skipped = true;
            continue;
        }
        if std::mem::take(&mut skipped) {
            shown.push_str("  …\n");
        }
        let _ = writeln!(shown, "{mark} {line}");
    }
    if shown.is_empty() {
        shown.push_str("  only the end of the last line differs\n");
    }
    shown
}

/// The lines of two texts, each with a mark, by their longest common subsequence.
fn merged<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    let mut common = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for (i, before) in old.iter().enumerate().rev() {
        for (j, after) in new.iter().enumerate().rev() {
            common[i][j] =
                if before == after { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::with_capacity(old.len().max(new.len()));
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push((' ', old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && common[i + 1][j] >= common[i][j + 1] {
            lines.push(('-', old[i]));
            i += 1;
        } else {
            lines.push(('+', new[j]));
            j += 1;
        }
    }
    lines
}

#[test]
fn a_difference_shows_the_lines_that_differ_and_those_beside_them() {
    let kept = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";
    let now = "one\ntwo\nthree\nfour\n5\nsix\nseven\neight\n";
    assert_eq!(difference(kept, now), "  …\n  three\n  four\n- five\n+ 5\n  six\n  seven\n+ eight\n");
    assert_eq!(difference("a", "a\n"), "  only the end of the last line differs\n");
}
