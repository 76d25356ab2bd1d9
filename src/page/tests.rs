#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

const PAGE: &str = r#"---
since: 0.1.0
symptoms:
  - "/error?error=redirect_mismatch"
sources: []
---
# Cognito does not know this callback URL

What happens.

### A detail
And why.

## You may have seen
- a page

## Fix
```yaml
# not run
a: b
```

## Example
Some words.
```yaml without=idp_client_id,routes
authenticate_service_url: https://login.corp.example.com   # fail
```
```pool
client:
  oauth: false
```
```environment
IDP_SCOPES=openid
```

```yaml whole name=other.conf
a: 1
```
```text file=secret.txt newline
abc
```
```text file=bare.txt
abc
```
```json infra=plan.json
{
  "a": 1 # fail
}
```
```screen
error[a-rule]: what is printed
```

## Counter-example
```yaml also=other-rule
authenticate_service_url: https://authenticate.corp.example.com
```
```yaml peer
services: proxy
```

## How we know
Documented.
"#;

#[test]
fn a_page_is_read() {
    let page = Page::parse(PAGE).unwrap();
    assert_eq!(page.title, "Cognito does not know this callback URL");
    let symptoms: Vec<_> =
        page.front.symptoms.iter().map(|symptom| (symptom.text.as_str(), symptom.strength)).collect();
    assert_eq!(symptoms, [("/error?error=redirect_mismatch", Strength::Likely)]);
    assert_eq!(page.opening, "What happens.\n\n### A detail\nAnd why.");
    let headings: Vec<_> = page.sections.iter().map(|section| (section.heading, section.line)).collect();
    assert_eq!(
        headings,
        [("You may have seen", 14), ("Fix", 17), ("Example", 23), ("Counter-example", 54), ("How we know", 62)]
    );
    assert_eq!(page.section("Fix"), Some("```yaml\n# not run\na: b\n```"));
    assert_eq!(page.section("How we know"), Some("Documented."));
}

#[test]
fn examples_have_their_surroundings() {
    let page = Page::parse(PAGE).unwrap();
    let [first, second, third] = page.examples.as_slice() else { panic!("{:?}", page.examples) };
    assert_eq!((first.expects, first.config.line), (Expectation::Fires, 26));
    assert_eq!(first.config.text, "authenticate_service_url: https://login.corp.example.com\n");
    assert_eq!(first.config.fail_lines, [1]);
    assert_eq!(first.config.extent, Extent::Overlay { without: vec!["idp_client_id", "routes"] });
    assert_eq!(first.pool, Some("client:\n  oauth: false\n"));
    assert_eq!(first.environment, Some("IDP_SCOPES=openid\n"));

    assert_eq!((second.expects, &second.config.extent), (Expectation::Fires, &Extent::Whole));
    assert_eq!((second.config.name.as_str(), second.pool), ("other.conf", None));
    let texts: Vec<_> = second.files.iter().map(|file| (file.name, file.text.as_str())).collect();
    assert_eq!(texts, [("secret.txt", "abc\n"), ("bare.txt", "abc")]);

    let [plan] = second.infra.as_slice() else { panic!("{:?}", second.infra) };
    assert_eq!((plan.name.as_str(), plan.text.as_str()), ("plan.json", "{\n  \"a\": 1\n}\n"));
    assert_eq!((plan.fail_lines.as_slice(), plan.line), (&[2][..], 46));

    let screen = second.screen.as_ref().unwrap();
    assert_eq!((screen.text, &screen.lines), ("error[a-rule]: what is printed\n", &(50..=52)));
    assert_eq!((first.screen.is_none(), first.end, second.end), (true, 34, 49));

    let peers: Vec<_> = third.peers.iter().map(|peer| (peer.name.as_str(), peer.text.as_str(), peer.line)).collect();
    assert_eq!(peers, [("peer.yaml", "services: proxy\n", 59)]);
    assert_eq!((third.expects, third.also.as_slice()), (Expectation::Silent, &["other-rule"][..]));
}

#[test]
fn a_page_that_is_wrong_says_where() {
    let cases: &[(&str, &str, usize, &str)] = &[
        ("---\nsince", "since", 1, "begins with"),
        ("since: 0.1.0", "since: 0.1.0\nauthor: me", 3, "author"),
        ("since: 0.1.0", "since: é\r\r\rauthor: me", 2, "author"),
        ("since: 0.1.0\n", "", 2, "since"),
        ("# Cognito does", "Cognito does", 7, "title"),
        ("## Fix", "# Fix", 17, "heading"),
        ("```pool", "```pole", 28, "pole"),
        ("```pool", "```pool x=y", 28, "takes no `x`"),
        ("```environment\nIDP_SCOPES=openid", "```pool", 32, "second `pool`"),
        ("```yaml without=idp_client_id,routes", "```pool", 25, "must stand before it"),
        ("```yaml whole name=other.conf", "```json name=other.conf", 36, "whole"),
        ("```text file=secret.txt newline", "```text", 39, "names its file"),
        ("```json infra=plan.json", "```json infra", 45, "names its file"),
        ("```json infra=plan.json", "```toml infra=plan.json", 45, "JSON or YAML"),
        ("```screen", "```screen x", 50, "takes no `x`"),
        ("```text file=bare.txt", "```screen", 45, "last block"),
        ("also=other-rule", "without=a whole", 55, "no base"),
        ("```\n\n## How", "\n## How", 58, "not ended"),
    ];
    for (from, to, line, why) in cases {
        assert!(PAGE.contains(from), "{from}");
        let page: &'static str = PAGE.replacen(from, to, 1).leak();
        let error = Page::parse(page).expect_err(to);
        assert!(error.line == *line && error.why.contains(why), "{to}: {error}");
    }
    assert_eq!(Page::parse("").unwrap_err().line, 1);
}

const BASE: &str =
    "# Head.\nurl: a\n\nprovider: b   # why\nclient: c\n\nroutes:\n  - from: x\n\n    # inside\n    to: y\n- from: z\n";

fn composed(overlay: &str) -> (String, Vec<usize>) {
    let page = format!("## Example\n```yaml {overlay}```\n");
    let front = "---\nsince: 0.1.0\nsymptoms: []\nsources: []\n---\n# Title\n";
    let page = Page::parse(format!("{front}{page}").leak()).unwrap();
    let composed = compose(&page.examples[0].config, BASE).unwrap();
    (composed.text, composed.fail_lines)
}

#[test]
fn a_key_replaces_the_block_of_that_key() {
    let (text, fail) = composed("\nroutes: []  # fail\n");
    assert_eq!(text, "# Head.\nurl: a\n\nprovider: b   # why\nclient: c\n\nroutes: []\n");
    assert_eq!(fail, [7]);
    let (text, fail) = composed("\n# Said.\n\"url\":\n  long # fail\n");
    assert!(text.starts_with("# Head.\n# Said.\n\"url\":\n  long\n\nprovider: b"), "{text}");
    assert_eq!(fail, [4]);
}

#[test]
fn other_keys_are_added_at_the_end() {
    let (text, fail) = composed("\nURL: other   # fail\nnew:\n  - 1\n# last\n");
    assert!(text.starts_with(BASE) && text.ends_with("- from: z\nURL: other\nnew:\n  - 1\n# last\n"), "{text}");
    assert_eq!(fail, [13]);
}

#[test]
fn keys_can_be_taken_away_and_written_twice() {
    let (text, _) = composed("without=client,routes\n");
    assert_eq!(text, "# Head.\nurl: a\n\nprovider: b   # why\n\n");
    let (text, fail) = composed("\nclient: 1\nprovider: x\nclient: 2 # fail\n");
    assert!(text.starts_with("# Head.\nurl: a\n\nprovider: x\nclient: 1\nclient: 2\n\nroutes:"), "{text}");
    assert_eq!(fail, [6]);
}

#[test]
fn a_key_that_is_not_there_cannot_be_taken_away() {
    let page = PAGE.replacen("without=idp_client_id,routes", "without=nothing", 1);
    let page = Page::parse(page.leak()).unwrap();
    let error = compose(&page.examples[0].config, BASE).unwrap_err();
    assert!(error.line == 25 && error.why.contains("`nothing`"), "{error}");
}

#[test]
fn a_rule_has_an_address_once_the_guide_has() {
    assert_eq!(address_at("", "clock-skew"), None);
    for site in ["https://pomlint.example/guide", "https://pomlint.example/guide/"] {
        let page = address_at(site, "clock-skew");
        assert_eq!(page.as_deref(), Some("https://pomlint.example/guide/rules/clock-skew.html"));
    }
}
