//! Excerpts and near misses, character by character; and what must never reach a terminal.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::format_collect, clippy::needless_raw_string_hashes, reason = "one form for all screens")]

use super::super::samples::*;
use super::*;
use crate::config::{Source, SourceKind, Span};
use crate::evidence::ExchangeId;
use crate::held::holds;
use crate::rules::{Stage, Verdict};

#[test]
fn the_secret_on_the_line_is_masked_and_the_carets_stay_right() {
    let text = format!("a: {SECRET}, b: wrong\n");
    let config = config(&text);
    let finding = place(&config, "wrong").also(span(&config, &SECRET[5..9]), "part of it");
    holds(
        &excerpt(&single(config, finding)),
        r#"  --> pomerium.yaml:1:60
   |
 1 | a: ‹secret, 51 chars›, b: wrong
   |    ------------------ part of it
   |                           ^^^^^ is wrong
   |
"#,
    );
}

#[test]
fn lines_that_end_in_crlf() {
    let config = config("a: 1\r\nb: wrong\r\nc: 3\r\n");
    let finding = place(&config, "wrong\r\n");
    holds(
        &excerpt(&single(config, finding)),
        r#"  --> pomerium.yaml:2:4
   |
 2 | b: wrong
   |    ^^^^^ is wrong
   |
"#,
    );
}

#[test]
fn a_place_at_the_end_of_the_file() {
    let config = config("a: 1\nb:");
    let end = Span { source: first_source(&config), start: 7, end: 7 };
    holds(
        &excerpt(&single(config, Finding::at(end, "a value is missing"))),
        r#"  --> pomerium.yaml:2:3
   |
 2 | b:
   |   ^ a value is missing
   |
"#,
    );
    let empty = self::config("");
    let start = Span { source: first_source(&empty), start: 0, end: 0 };
    holds(
        &excerpt(&single(empty, Finding::at(start, "nothing here"))),
        r#"  --> pomerium.yaml:1:1
   |
 1 |
   | ^ nothing here
   |
"#,
    );
}

#[test]
fn a_very_long_line_is_cut_around_the_place() {
    let config = config(&format!("{{{}\"bad\": 1{}}}", "\"name\": 1, ".repeat(100), ", \"name\": 1".repeat(100)));
    let finding = place(&config, "\"bad\"");
    holds(
        &excerpt(&single(config, finding)),
        r#"  --> pomerium.yaml:1:1102
   |
 1 | …ame": 1, "name": 1, "bad": 1, "name": 1, "name": 1, "name": 1, "name": 1, "name": 1, "name": 1, "name": 1, "name": 1, "name": 1, "name": 1, "name": 1, "name": 1…
   |                      ^^^^^ is wrong
   |
"#,
    );
}

#[test]
fn wide_characters_and_tabs() {
    let config = config("名前:\t\"東京 wrong\" # \u{1b}(2J\u{202e}x\n");
    let finding = place(&config, "wrong");
    holds(
        &excerpt(&single(config, finding)),
        r#"  --> pomerium.yaml:1:9
   |
 1 | 名前:    "東京 wrong" # \u{1b}(2J\u{202e}x
   |                ^^^^^ is wrong
   |
"#,
    );
}

#[test]
fn a_place_of_several_lines() {
    let config = config(FILE);
    let block = "from: https://app.corp.example.com\n    to: http://app.internal:8080\n    policy:\n";
    let all = Finding::at(span(&config, block), "this route");
    let short = excerpt(&single(config, all));
    let config = self::config(FILE);
    let whole = Finding::at(span(&config, FILE), "all of it");
    holds(
        &(short + &excerpt(&single(config, whole))),
        r#"   --> pomerium.yaml:9:5
    |
  9 >   - from: https://app.corp.example.com
 10 >     to: http://app.internal:8080
 11 >     policy:
    |     ^^^^^^^ this route
    |
   --> pomerium.yaml:1:1
    |
  1 > # sign-in
  2 > authenticate_service_url: https://auth.corp.example.com
  3 >
   ...
 14 >             - claim/groups: admins
    |             ^^^^^^^^^^^^^^^^^^^^^^ all of it
    |
"#,
    );
}

#[test]
fn several_files() {
    let mut config = config("idp_provider: cognito\n");
    let other = config.sources.add(Source::new("pomerium.env", SourceKind::Environment, "A=1\nIDP_PROVIDER=oidc\n"));
    let finding = place(&config, "cognito").also(Span { source: other, start: 17, end: 21 }, "this beats it");
    holds(
        &excerpt(&single(config, finding)),
        r#"  --> pomerium.yaml:1:15
   |
 1 | idp_provider: cognito
   |               ^^^^^^^ is wrong
   |
  ::: pomerium.env:2:14
   |
 2 | IDP_PROVIDER=oidc
   |              ---- this beats it
   |
"#,
    );
}

#[test]
fn a_secret_in_base64_on_the_line() {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD.encode(SECRET);
    let mut config = config(&format!("data: {{{}secret: {base64}}}\n", " ".repeat(120)));
    config.secrets =
        vec![(crate::secret::Secret::new(SECRET), Span { source: first_source(&config), start: 0, end: 0 })];
    let finding = place(&config, "data");
    let shown = excerpt(&single(config, finding));
    assert!(!shown.contains(&base64[..12]), "{shown}");
}

#[test]
fn carets_are_exact_beside_a_secret_in_any_spelling() {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD.encode(SECRET);
    let mut config = config(&format!("data: {{a: {base64}, b: here}}\n"));
    config.secrets =
        vec![(crate::secret::Secret::new(SECRET), Span { source: first_source(&config), start: 0, end: 0 })];
    let finding = place(&config, "here");
    let shown = excerpt(&single(config, finding));
    let lines: Vec<&str> = shown.lines().collect();
    let line = lines.iter().position(|line| line.contains("here")).unwrap();
    let before = |line: &str, mark: &str| line.split_once(mark).unwrap().0.chars().count();
    assert_eq!(before(lines[line + 1], "^^^^"), before(lines[line], "here"), "{shown}");
    assert!(!lines[line + 1].contains("^^^^^") && !shown.contains(&base64[..12]), "{shown}");
}

#[test]
fn near_misses() {
    let shown = |left: &str, right: &str| {
        let config = config(FILE);
        let finding = place(&config, "cognito").near(("sent", left), ("known", right));
        let screen = screen(&single(config, finding));
        screen
            .lines()
            .skip_while(|line| !line.contains("  near"))
            .take(3)
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    let all = [
        shown("https://a.example/callback", "https://A.example/callback"),
        shown("http://a.example", "https://a.example"),
        shown("https://a.example", "https://\u{430}.example"),
        shown("value", "value\n"),
        shown(&"x".repeat(90), &("x".repeat(89) + "y")),
        shown("same", "same"),
    ];
    holds(
        &all.concat(),
        r#"  near  sent   https://a.example/callback
        known  https://A.example/callback
                       ^ upper and lower case
  near  sent   http://a.example
        known  https://a.example
                   ^ `s` only in `known`
  near  sent   https://a.example
        known  https://а.example
                       ^ `known` holds U+0430
  near  sent   value
        known  value\n
                    ^^ a newline only in `known`
  near  sent   xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
        known  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxy
        they differ at character 90: `x` against `y`
  near  sent   same
        known  same
  more  pomlint explain a-rule
"#,
    );
}

#[test]
fn nothing_from_outside_acts() {
    let config = config("a: wrong\n");
    let hostile = "\u{1b}[31m\r\nerror[x]: \u{202e}::warning::";
    let finding = place(&config, "wrong")
        .title(hostile)
        .fix(hostile)
        .near(("a", hostile), ("b", "b"))
        .fix("::add-mask::x")
        .fix("x ##vso[task.complete result=Succeeded;]x");
    let mut verdict = judged(rule("a-rule", Stage::Client, Severity::Error, "t"), Verdict::Fail(vec![finding]));
    verdict.witnesses = vec![ExchangeId("x".to_owned())];
    let exchange = answered("x", LOGIN, 400, &[], &format!("<html><body>{hostile}"));
    let report = report(config, world(vec![exchange]), vec![verdict]);
    let text = with(&report, Verbosity::Verbose);
    assert!(!text.contains(['\u{1b}', '\r', '\u{202e}']), "{text}");
    assert!(!text.contains("\nerror[x]"), "{text}");
    let commands = |line: &str| line.trim_start().starts_with("::") || line.contains("##vso[");
    assert!(!text.lines().any(commands), "a CI runner would obey: {text}");
}

#[test]
fn colour_adds_nothing_but_colour() {
    colored::control::set_override(true);
    let report = callback_failure();
    let painted = render(&report, &View { colour: true, ..View::default() });
    colored::control::unset_override();
    let mut plain = String::new();
    let mut rest = painted.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    assert_ne!(painted, plain);
    assert_eq!(plain, screen(&report));
}

#[test]
fn places_are_links_where_the_terminal_understands_them() {
    let report = callback_failure();
    let linked = render(&report, &View { links: true, ..View::default() });
    let (opening, closing) = ("\u{1b}]8;;", "\u{1b}\\");
    let (_, link) = linked.split_once(opening).unwrap();
    let (url, words) = link.split_once(closing).unwrap();
    assert!(url.starts_with("file:///") && url.ends_with("/pomerium.yaml"), "{url}");
    let place = words.split_once(opening).unwrap().0;
    assert!(place.starts_with("pomerium.yaml:"), "{place}");
    let plain = linked.replace(&format!("{opening}{url}{closing}"), "").replace(&format!("{opening}{closing}"), "");
    assert_eq!(plain, screen(&report));
}

#[test]
fn one_rule_at_several_places_is_explained_once() {
    let config = config(FILE);
    let at = |text| Finding::at(span(&config, text), "unknown").fix("remove it");
    let mut verdicts = passing();
    set(&mut verdicts, "unknown-key", Verdict::Fail(vec![at("routes"), at("policy")]));
    let text = screen(&report(config, world(Vec::new()), verdicts));
    assert_eq!(text.matches("pomlint explain unknown-key").count(), 1, "{text}");
    assert_eq!(text.matches("remove it").count(), 1, "{text}");
    assert!(text.contains("2 errors, 12 passed"), "{text}");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Whatever a file holds and wherever a place lies in it: no panic, nothing that acts, and the caret line below the text.
    #[test]
    fn any_text_can_be_shown(text in "(?s)[a\u{4e16}\u{301}\t\r\n\u{1b}\u{202e}: -]{0,400}", from in 0..400_usize, length in 0..400_usize) {
        let boundary = |at: usize| crate::offset::floor(&text, at);
        let config = config(&text);
        let place = Span { source: first_source(&config), start: boundary(from), end: boundary(from + length) };
        let shown = screen(&single(config, Finding::at(place, "here")));
        let acts = shown.contains(['\u{1b}', '\u{202e}', '\r', '\t']);
        proptest::prop_assert!(!acts, "{shown:?}");
        proptest::prop_assert!(shown.lines().any(|line| line.contains('^')) && shown.contains("here"), "{shown}");
    }
}

#[test]
fn carets_end_where_the_terminal_does() {
    let config = config(FILE);
    let finding = place(&config, "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R");
    let shown = excerpt(&single(config, finding));
    assert!(shown.lines().filter(|line| line.contains('^')).all(|line| text::width(line) == 80), "{shown}");
}

#[test]
fn the_name_of_a_secret_file_is_no_secret() {
    let mut config = config("idp_client_secret_file: /run/secrets/cognito\n");
    let name = span(&config, "/run/secrets/cognito");
    config.secrets = vec![(crate::secret::Secret::new(SECRET), name)];
    let settings = config.settings.as_mut().unwrap();
    settings.client_secret = crate::config::ClientSecret::Known(crate::config::Setting {
        value: crate::secret::Secret::new(SECRET),
        span: name,
        origin: crate::config::Origin::SecretFile,
        written_as: crate::config::WrittenAs::Text,
    });
    let shown = excerpt(&single(config, Finding::at(name, "ends with a newline")));
    assert!(shown.contains("1 | idp_client_secret_file: /run/secrets/cognito\n"), "{shown}");
}

#[test]
fn quiet_shows_the_findings_and_nothing_else() {
    let report = callback_failure();
    let (quiet, normal) = (with(&report, Verbosity::Quiet), screen(&report));
    assert!(
        normal.starts_with(&quiet) && quiet.ends_with("more  pomlint explain groups-criterion-never-matches\n"),
        "{quiet}"
    );
}

#[test]
fn every_hint_is_taken_by_the_command_line() {
    use clap::Parser;

    use crate::cli::{Cli, Command};
    use crate::evidence::{ConnectTo, Flag, Missing, Step};

    const URL: &str = "https://login.example:8443/oauth2/authorize";
    let unreachable = |step| Missing::Unreachable { url: URL.to_owned(), step, cause: "x".to_owned() };
    let forbidden = |flag| Missing::Forbidden { url: URL.to_owned(), why: "x".to_owned(), flag };
    let hints = |reason: Missing| -> Vec<String> {
        let mut verdicts = passing();
        set(&mut verdicts, "no-signing-keys", Verdict::Undecided(vec![reason]));
        let screen = screen(&report(config(FILE), world(Vec::new()), verdicts));
        let lines = screen
            .lines()
            .skip_while(|line| !line.trim_start().starts_with("try "))
            .take_while(|line| !line.is_empty());
        let words = lines.map(|line| line.trim_start().trim_start_matches("try ").trim_start());
        let hints = words.filter(|words| words.starts_with("--") || words.starts_with(PROGRAM));
        hints.map(|words| words.split("  ").next().unwrap_or_default().to_owned()).collect()
    };
    let parse = |hint: &str| {
        let mut words = vec![PROGRAM.to_owned(), "check".to_owned()];
        let filled = hint.replace("ADDR", "192.0.2.1").replace("RULE", "no-signing-keys");
        words.extend(filled.trim_start_matches("pomlint check").split_whitespace().map(str::to_owned));
        match Cli::try_parse_from(&words).unwrap().command {
            Command::Check(check) => check.asking,
            other => unreachable!("{other:?}"),
        }
    };
    for (reason, expected) in [
        (unreachable(Step::Lookup), "--connect-to login.example:8443:ADDR:8443"),
        (unreachable(Step::Timeout), "pomlint check --replay DIR"),
        (unreachable(Step::Certificate), "--ca FILE"),
        // No authority helps where the handshake fails otherwise.
        (unreachable(Step::Tls), "pomlint check --replay DIR"),
        (forbidden(Some(Flag::ConnectTo)), "--connect-to login.example:8443:ADDR:8443"),
        (forbidden(Some(Flag::AllowHost)), "--allow-host login.example"),
        (forbidden(Some(Flag::SecretTo)), "--secret-to login.example"),
        (Missing::Budget("used up".to_owned()), "--only RULE"),
        (Missing::NotRecorded { url: URL.to_owned() }, "pomlint check --record DIR"),
    ] {
        let hints = hints(reason);
        assert!(hints.iter().any(|hint| hint == expected), "{expected}: {hints:?}");
        for hint in hints {
            for elsewhere in parse(&hint).reach.connect_to {
                let elsewhere: ConnectTo = elsewhere.parse().unwrap();
                assert_eq!(elsewhere, "login.example:8443:192.0.2.1:8443".parse().unwrap());
            }
        }
    }
    assert!(hints(forbidden(None)).is_empty());
}

#[test]
fn a_setting_that_a_line_end_would_break_stays_on_one_line() {
    for line in ["url: https://a.example   # below identityProvider", "idp_provider_url = \"https://a.example\""] {
        assert!(is_code(line), "{line}");
    }
    for line in ["idp_provider_url: https://a.example", "write # in quotes", "set a = b there"] {
        assert!(!is_code(line), "{line}");
    }
}
