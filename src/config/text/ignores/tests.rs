//! Which comments are read, and what they cover.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::super::source::Sources;
use super::*;
use crate::work::grows_with_its_input;

/// Reads a text under a name; shows each comment as `rules until | covered lines | reason or fault`.
fn read_as(name: &str, text: &str) -> Vec<String> {
    let kind = if name.starts_with("environment") { SourceKind::Environment } else { SourceKind::File };
    let mut sources = Sources::default();
    sources.add(Source::new(name, kind, text));
    let (id, source) = sources.iter().next().unwrap();
    of_source(id, source).iter().map(|ignore| shown(ignore, &sources)).collect()
}

fn shown(ignore: &Ignore, sources: &Sources) -> String {
    let source = sources.get(ignore.covers.source).unwrap();
    let line = |offset| source.position(offset).line;
    let rules: Vec<&str> = ignore
        .rules
        .iter()
        .map(|(name, span)| {
            assert_eq!(sources.slice(*span), name);
            name.as_str()
        })
        .collect();
    let until = ignore.until.map(|(date, span)| {
        assert_eq!(sources.slice(span), date.to_string());
        format!(" until {date}")
    });
    assert!(sources.slice(ignore.at).starts_with('#'));
    let why = ignore.fault.clone().map(|fault| format!("! {fault}"));
    let why = why.or(ignore.reason.clone()).unwrap_or_else(|| "no reason".to_owned());
    let (first, last) = (line(ignore.covers.start), line(ignore.covers.end.max(ignore.covers.start + 1) - 1));
    format!("{}{} | {first}-{last} | {why}", rules.join("+"), until.unwrap_or_default())
}

fn yaml(text: &str) -> Vec<String> {
    read_as("config.yaml", text)
}

#[test]
fn a_comment_behind_a_setting_covers_its_line() {
    let text = "a: 1\nb: 2 # pomlint: ignore[x, y-z] until 2027-01-31 reason: staging # has no client\nc: 3\n";
    assert_eq!(yaml(text), ["x+y-z until 2027-01-31 | 2-2 | staging # has no client"]);
    assert_eq!(yaml("routes: #pomlint:ignore[x]reason:why\n  - a: 1\r\n"), ["x | 1-1 | why"]);
}

#[test]
fn a_comment_of_its_own_covers_the_next_line_and_its_block() {
    let text = "\
a: 1
# pomlint: ignore[x] reason: all routes
# another comment
routes:
- from: b

  # inside
  to: c
- from: d
last: 1
";
    assert_eq!(yaml(text), ["x | 2-9 | all routes"]);
    let text = "routes:\n  # pomlint: ignore[x] reason: one\n  - from: b\n    to: c\n  - from: d\n";
    assert_eq!(yaml(text), ["x | 2-4 | one"]);
    let text = "routes:\n  - from: b\n    # pomlint: ignore[x] reason: one\n    to: c\n    d: e\n";
    assert_eq!(yaml(text), ["x | 3-4 | one"]);
}

#[test]
fn a_comment_with_nothing_directly_below_covers_nothing_else() {
    assert_eq!(yaml("# pomlint: ignore[x] reason: r\n\na: 1\n"), ["x | 1-1 | r"]);
    assert_eq!(yaml("a: 1\n# pomlint: ignore[x] reason: r"), ["x | 2-2 | r"]);
}

#[test]
fn a_file_is_ignored_from_its_top_only() {
    let top = "# about\n---\n\n# pomlint: ignore-file[x] reason: r\na: 1\nb: 2\n";
    assert_eq!(yaml(top), ["x | 1-6 | r"]);
    for late in ["a: 1\n# pomlint: ignore-file[x] reason: r\n", "a: 1 # pomlint: ignore-file[x] reason: r\n"] {
        assert!(yaml(late)[0].contains("comments at the top"), "{:?}", yaml(late));
    }
}

#[test]
fn values_are_no_comments() {
    for text in [
        "a: 'x # pomlint: ignore[x] reason: r'\n",
        "a: \"x\n  # pomlint: ignore[x] reason: r\"\n",
        "a: |\n  # pomlint: ignore[x] reason: r\nb: 1\n",
        "a: >-\n  text\n\n  # pomlint: ignore[x] reason: r",
        "a: x#pomlint: ignore[x] reason: r\n",
        "{\"a\": \"# pomlint: ignore[x] reason: r\"}\n",
    ] {
        assert_eq!(yaml(text), Vec::<String>::new(), "{text}");
    }
    assert_eq!(yaml("a: | # pomlint: ignore[x] reason: r\n  text # pomlint: ignore[y] reason: r\n"), ["x | 1-1 | r"]);
    assert_eq!(yaml("a: |\n  text\n# pomlint: ignore[x] reason: r\nb: 1\n"), ["x | 3-4 | r"]);
    assert_eq!(yaml("a: it's # pomlint: ignore[x] reason: r\n"), ["x | 1-1 | r"]);
}

#[test]
fn a_configuration_in_a_manifest_has_comments_of_its_own() {
    let text = "\
data:
  config.yaml: |
    # pomlint: ignore-file[x] reason: whole
    a: 1
    b: 2 # pomlint: ignore[y] reason: one
  other: |
    # pomlint: ignore[z] reason: never
";
    assert_eq!(yaml(text), ["x | 3-5 | whole", "y | 5-5 | one"]);
    assert_eq!(
        yaml("configs:\n  p:\n    content: |\n      # pomlint: ignore[x] reason: r\n      a: 1"),
        ["x | 4-5 | r"]
    );
}

#[test]
fn toml_and_dotenv_have_comments_too() {
    let text = "\
a = '# pomlint: ignore[x] reason: r' # pomlint: ignore[a] reason: one
# pomlint: ignore[b] reason: list
scopes = [
  \"openid\",
]
# pomlint: ignore[c] reason: table
[[routes]]
from = 'x'
[[routes]]
";
    assert_eq!(read_as("c.toml", text), ["a | 1-1 | one", "b | 2-4 | list", "c | 6-8 | table"]);
    let text = "# pomlint: ignore[a] reason: r\nA=1\nB=2 # pomlint: ignore[b] reason: r\nC=\"# pomlint: ignore[c] reason: r\"\n";
    assert_eq!(read_as("c.env", text), ["a | 1-2 | r", "b | 3-3 | r"]);
    let quoted = "A=it's # pomlint: ignore[a] reason: r\nB=x# y # pomlint: ignore[b] reason: r\n";
    assert_eq!(read_as("d.env", quoted), Vec::<String>::new());
    // For a container, what follows the value is part of it.
    assert_eq!(read_as("environment.env", text), ["a | 1-2 | r"]);
    assert_eq!(read_as("environment", text), Vec::<String>::new());
    assert_eq!(read_as("c.json", "{} # pomlint: ignore[a] reason: r"), Vec::<String>::new());
}

#[test]
fn what_cannot_be_read_says_so_and_what_lacks_a_reason_has_none() {
    for (text, part) in [
        ("ignore", "write `#"),
        ("ignore callback", "write `#"),
        ("disable[x]", "write `#"),
        ("ignore[x", "write `#"),
        ("ignore[ , ] reason: r", "name the rules"),
        ("ignore[x] until tomorrow reason: r", "until 2027-01-31"),
        ("ignore[x] until 2027-02-30 reason: r", "no day"),
        ("ignore[x] because: r", "write `#"),
    ] {
        let read = yaml(&format!("a: 1 # pomlint: {text}\n"));
        assert!(read[0].contains("| ! ") && read[0].contains(part), "{text}: {read:?}");
    }
    assert_eq!(yaml("a: 1 # pomlint: ignore[x]\n"), ["x | 1-1 | no reason"]);
    assert_eq!(
        yaml("a: 1 # pomlint: ignore[x] until 2027-01-31 reason:  \n"),
        ["x until 2027-01-31 | 1-1 | no reason"]
    );
    assert_eq!(yaml("a: 1 # pomlints: ignore[x]\n"), Vec::<String>::new());
}

#[test]
fn comments_above_one_line_share_its_block() {
    let text = "# pomlint: ignore[x] reason: r\n# pomlint: ignore[y] reason: r\na:\n  b: 1\n# pomlint: ignore[z] reason: r\nc: 1\n";
    assert_eq!(yaml(text), ["x | 1-4 | r", "y | 2-4 | r", "z | 5-6 | r"]);
}

#[test]
fn a_hostile_text_costs_little() {
    const COMMENT: &str = "# pomlint: ignore[x] reason: r\n";
    type Hostile = (&'static str, &'static str, usize, fn(usize) -> String);
    let hostile: [Hostile; 5] = [
        ("comments", "c.yaml", 20_000, |size| COMMENT.repeat(size) + &"a: 1\n".repeat(size)),
        ("items", "c.yaml", 20_000, |size| format!("a:\n{}{COMMENT}", format!("  {COMMENT}  - x\n").repeat(size))),
        ("quoted", "c.env", 1 << 18, |size| format!("{COMMENT}A={}'{}", "x".repeat(size), " #".repeat(size))),
        ("quoted", "c.yaml", 1 << 18, |size| format!("{COMMENT}a: '{}'", " #".repeat(size))),
        ("quoted", "c.toml", 1 << 18, |size| format!("{COMMENT}a = '{}'", " #".repeat(size))),
    ];
    for (what, name, size, text) in hostile {
        grows_with_its_input(&format!("{what} in {name}"), size, text, |text| drop(read_as(name, text)));
    }
}

#[test]
fn a_thousand_are_enough() {
    let read = yaml(&"a: 1 # pomlint: ignore[x] reason: r\n".repeat(MOST + 5));
    assert_eq!(read.len(), MOST + 1);
    assert!(read[MOST].contains("limit") && !read[MOST - 1].contains("limit"));
}
