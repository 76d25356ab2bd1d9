//! The same text, pasted in many ways: what keeps the meaning keeps the first name and its certainty.

use pomlint::diagnose::{causes, read};
use pomlint::page::FrontMatter;
use pomlint::rules::RULES;

use crate::support::is_thorough;

const NOW: u64 = 1_790_000_000;

/// All transformations of all texts take minutes; 1 tries them all.
fn shares() -> usize {
    if is_thorough() { 3 } else { 12 }
}

/// Every text that a program prints, as it may be pasted, from all pages and causes.
pub(crate) fn printed() -> Vec<String> {
    let of_rules = RULES.iter().flat_map(|rule| FrontMatter::parse(rule.page).unwrap().symptoms);
    let of_causes = causes().iter().flat_map(|cause| cause.symptoms.clone());
    let all = of_rules.chain(of_causes).filter(|symptom| !symptom.is_said).map(|symptom| symptom.text);
    let pasted = all.map(|text| {
        let host = if text.contains("/oauth2/callback") {
            "authenticate.corp.example.com"
        } else {
            "acme.auth.eu-west-1.amazoncognito.com"
        };
        let is_address = text.starts_with(['/', '?']) && text.contains('=');
        match text.strip_prefix('?') {
            Some(query) if is_address => format!("https://{host}/oauth2/callback?{}", query.replace(' ', "+")),
            None if is_address => format!("https://{host}{}", text.replace(' ', "+")),
            _ => text,
        }
    });
    let mut pasted: Vec<String> = pasted.map(|text| text.replace('…', "x")).collect();
    pasted.sort();
    pasted.dedup();
    pasted
}

/// The first name, and how sure it is.
type First = Option<(&'static str, &'static str)>;

fn first(bytes: &[u8]) -> First {
    let named = read(&mut &*bytes, NOW, &mut |_| {}).unwrap().names().into_iter().next()?;
    Some((named.what.name(), named.strength.name()))
}

/// What programs print, as in the fixtures, and as it stands on the pages.
fn texts() -> Vec<String> {
    let fixtures = std::fs::read_to_string(crate::support::project("fixtures/symptoms.txt")).unwrap();
    let lines = fixtures.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'));
    let of_programs = lines.filter(|(name, _)| [" certain", " likely"].iter().any(|end| name.ends_with(end)));
    printed().into_iter().chain(of_programs.map(|(_, text)| text.replace('⏎', "\n"))).collect()
}

/// What is not kept yet, by the transformation and the beginning of the text: it is broken once, and nothing shows that it was.
const LIMITS: [(&str, &str); 12] = [
    // Within the last word of an address: what is left of it is an address, too, and the rest a word.
    (
        "wrapped",
        "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?client_id=4qk2&response_type=token&scope=openid",
    ),
    (
        "angles, wrapped",
        "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?client_id=4qk2&scope=openid+off",
    ),
    // Beneath a line that is not as wide as the window.
    ("words before it, wrapped", "https://acme.auth.eu-west-1.amazoncognito.com/login?"),
    ("words before it, wrapped", "https://acme.auth.eu-west-1.amazoncognito.com/error?id_token_hint=x"),
    ("words before it, wrapped", "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?redirect_uri=x:443/x"),
    ("words before it, wrapped", "expected \"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a\", got iss"),
    (
        "words before it, wrapped",
        "https://authenticate.corp.example.com/oauth2/callback?error=invalid_request&error_desc",
    ),
    (
        "words before it, wrapped",
        "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?client_id=4qk2&scope=openid++",
    ),
    // The word that is cut is the one that tells.
    ("cut by three dots", "https://login.auth.eu-west-2.amazoncognito.com/.well-known/openid-configuration"),
    // A name of a document is looked for whole.
    ("words before it, wrapped", "{\"issuer\":\"https://cognito-idp."),
    // Between the sign of an escape and what is escaped.
    ("an old compose, wrapped", "\u{1b}[90m3:04AM"),
    ("lower case, wrapped", "{\"log\":\"{\\\"level\\\":\\\"error\\\",\\\"error\\\":\\\"token exchange"),
];

/// Capitals alone are what is wrong with an address of this: in another letter case it is another text.
const OF_CASE: &str = "authenticate-url-uppercase";

/// Each text under its share of the transformations has the first name that it has untouched, as surely. The shares go round: each
/// transformation meets texts of every kind.
fn hold(ways: impl Fn(usize, &str) -> Vec<(String, Vec<u8>)>) {
    let mut wrong = Vec::new();
    let texts = texts();
    assert!(texts.len() > 600, "only {} texts", texts.len());
    for (number, text) in texts.iter().enumerate() {
        let expected = first(text.as_bytes());
        let is_of_case = expected.is_some_and(|(name, _)| name == OF_CASE);
        let share = ways(number, text).into_iter().enumerate().filter(|(way, _)| (way + number) % shares() == 0);
        for (name, bytes) in share.map(|(_, way)| way).filter(|(name, _)| !(is_of_case && name.contains("case"))) {
            let found = first(&bytes);
            let is_limit = LIMITS.iter().any(|(way, begin)| name.starts_with(way) && text.starts_with(begin));
            if found != expected && !is_limit {
                wrong.push(format!("{name}: {text}: {found:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

fn as_bytes(ways: Vec<(&str, String)>) -> Vec<(String, Vec<u8>)> {
    ways.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect()
}

/// A word in capitals here and there.
fn mixed(text: &str) -> String {
    let words = text.split(' ').enumerate();
    let case = |(index, word): (usize, &str)| if index % 2 == 0 { word.to_uppercase() } else { word.to_lowercase() };
    words.map(case).collect::<Vec<_>>().join(" ")
}

/// The text as it is written elsewhere.
fn written(text: &str) -> Vec<(&'static str, String)> {
    let entities = text
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
        .replace('<', "&lt;")
        .replace('>', "&#x3e;");
    let mut ways = vec![
        ("upper case", text.to_uppercase()),
        ("lower case", text.to_lowercase()),
        ("mixed case", mixed(text)),
        ("entities", entities),
        ("blanks that do not break", text.replace(' ', "\u{a0}")),
        ("narrow blanks that do not break", text.replace(' ', "\u{202f}")),
        ("two blanks", text.replace(' ', "  ")),
        ("a tab", text.replace(' ', "\t")),
        ("signs that cannot be seen", text.replace(' ', " \u{200b}")),
        ("a word processor's signs", text.replace('\'', "’").replacen('"', "“", 1).replacen('"', "”", 1)),
        ("as mails have it", text.replace('=', "=3D")),
        ("marks of direction", format!("\u{202a}{}\u{202c}", text.replace(' ', " \u{200f}"))),
        ("bold", format!("\u{1b}[1m{text}\u{1b}[0m")),
        ("quoted", format!("> {text}")),
        ("quoted twice", format!("> > {text}")),
        ("in a fence", format!("```\n{text}\n```")),
        ("in ticks", format!("`{text}`")),
        ("a page's source", format!("<pre>{text}</pre>")),
        ("with carriage returns", format!("{text}\r\n")),
        ("a line behind it", format!("{text}\nthanks")),
        ("words before it", format!("hello, we see this since today:\n\n{text}")),
    ];
    if text.starts_with("https://") && !text.contains(' ') {
        ways.push(("Markdown", format!("we see [{text}]({text})")));
        ways.push(("angles", format!("<{text}>")));
        ways.push(("cut", format!("{text}&state=abcdef…")));
        ways.push(("cut by three dots", format!("{text}&state=abcdef...")));
        ways.push(("an access", format!("\"GET {} HTTP/1.1\"", text.replace(' ', "%20"))));
    }
    ways
}

#[test]
fn how_a_text_is_written_does_not_change_its_name() {
    hold(|_, text| as_bytes(written(text)));
}

/// The text as programs forward it.
fn forwarded(text: &str) -> Vec<(&'static str, String)> {
    // Who forwards lines forwards each by itself.
    if text.contains('\n') {
        return Vec::new();
    }
    let json = serde_json::to_string(text).unwrap();
    vec![
        ("kubectl", format!("[pod/pomerium-7d9c6b5f4-x2vkp/pomerium] {text}")),
        ("kubectl with times", format!("2026-11-29T02:11:09.118273645Z {text}")),
        ("stern", format!("pomerium-7d9c6b5f4-x2vkp pomerium {text}")),
        ("compose", format!("pomerium-1  | {text}")),
        ("an old compose", format!("pomerium_1  | {text}")),
        ("Docker's file", format!(r#"{{"log":{json},"stream":"stderr","time":"2026-11-29T02:11:09.1Z"}}"#)),
        ("journald", format!("Nov 29 02:11:09 host pomerium[61]: {text}")),
        (
            "journald as JSON",
            format!(r#"{{"_PID":"61","PRIORITY":"6","MESSAGE":{json},"SYSLOG_IDENTIFIER":"pomerium"}}"#),
        ),
        ("syslog", format!("<14>1 2026-11-29T02:11:09Z host pomerium 61 - - {text}")),
        ("containerd", format!("2026-11-29T02:11:09.118273645Z stderr F {text}")),
        ("Loki", format!(r#"{{"stream":{{"app":"pomerium"}},"values":[["1764382269118273645",{json}]]}}"#)),
        ("Loki's lines", format!("2026-11-29T02:11:09Z {{app=\"pomerium\"}} {text}")),
        ("Datadog", format!(r#"{{"id": "Ag", "content": {{"service": "pomerium", "message": {json}}}}}"#)),
        ("CloudWatch", format!(r#"{{"timestamp":1764382269118,"ingestionTime":1764382269200,"message":{json}}}"#)),
        ("CloudWatch's tail", format!("2026-11-29T02:11:09.118000+00:00 pomerium/pomerium/0a1b2c {text}")),
        ("Splunk", format!(r#"{{"preview": false, "result": {{"source": "/var/log/x.log", "_raw": {json}}}}}"#)),
        (
            "Elastic",
            format!(r#"{{"_index":"logs","_source":{{"kubernetes":{{"pod":"pomerium-0"}},"message":{json}}}}}"#),
        ),
        ("Google Cloud", format!(r#"{{"insertId":"x","textPayload":{json},"resource":{{"type":"k8s_container"}}}}"#)),
    ]
}

#[test]
fn who_forwards_a_text_does_not_change_its_name() {
    hold(|_, text| as_bytes(forwarded(text)));
}

/// The text in lines of this width.
fn wrapped(text: &str, column: usize, joint: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(column).map(|line| line.iter().collect::<String>()).collect::<Vec<_>>().join(joint)
}

/// How windows, mails, shells and boxes break lines.
const JOINTS: [&str; 7] = ["\n", "\r\n", "\n> ", "\n    ", "\\\n", "↩\n", "\n│ "];

#[test]
fn where_a_text_is_broken_does_not_change_its_name() {
    /// Each text at these columns, and at others that go round with its number.
    const ALWAYS: [usize; 3] = [7, 33, 80];
    hold(|number, text| {
        let columns = ALWAYS.into_iter().chain((0..12).map(|step| 5 + (number * 5 + step * 11) % 120));
        let ways = columns.map(|column| {
            let joint = JOINTS[(column + number) % JOINTS.len()];
            (format!("wrapped at {column} by {joint:?}"), wrapped(text, column, joint).into_bytes())
        });
        ways.collect()
    });
}

/// What was forwarded and then copied out of a window, a mail or a page.
#[test]
fn two_ways_at_once_do_not_change_a_name() {
    hold(|number, text| {
        let (forwarded, written) = (forwarded(text), written(text));
        let pick =
            |ways: &[(&'static str, String)], step: usize| ways.get((number + step * 7) % ways.len().max(1)).cloned();
        let steps = 0..4;
        let ways = steps.flat_map(|step| {
            let column = 40 + (number * 7 + step * 31) % 100;
            let joint = JOINTS[(number + step) % JOINTS.len()];
            let broken = |(name, text): (&str, String)| {
                (format!("{name}, wrapped at {column} by {joint:?}"), wrapped(&text, column, joint))
            };
            let sent = pick(&forwarded, step);
            let quoted = sent.clone().map(|(name, text)| (format!("{name}, quoted"), format!("> {text}")));
            [sent.map(broken), pick(&written, step).map(broken), quoted].into_iter().flatten()
        });
        ways.map(|(name, text)| (name, text.into_bytes())).collect()
    });
}

#[test]
fn in_which_bytes_a_text_is_written_does_not_change_its_name() {
    hold(|_, text| {
        let utf16 = |big: bool, mark: &str| {
            let unit = move |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
            format!("{mark}{text}").encode_utf16().flat_map(unit).collect::<Vec<u8>>()
        };
        vec![
            ("UTF-16, big end first".to_owned(), utf16(true, "\u{feff}")),
            ("UTF-16".to_owned(), utf16(false, "\u{feff}")),
            ("UTF-16 without a mark".to_owned(), utf16(false, "")),
            ("UTF-8 with a mark".to_owned(), format!("\u{feff}{text}").into_bytes()),
        ]
    });
}

#[test]
fn a_record_broken_in_its_time_or_escaped_in_its_quotes_keeps_its_name() {
    let record = r#"{"level":"error","error":"identity: provider is not defined","request-id":"5c1f0a52-77aa-4d21-93b0-0e8b6f2d9c11","time":"2026-11-29T02:11:09Z","message":"httputil: error"}"#;
    for column in 20..record.len() {
        for indent in ["", "    "] {
            let lines: Vec<&str> =
                record.as_bytes().chunks(column).map(|line| std::str::from_utf8(line).unwrap()).collect();
            let wrapped = lines.join(&format!("\n{indent}"));
            assert_eq!(first(wrapped.as_bytes()), Some(("provider-missing", "certain")), "{wrapped}");
        }
    }
    let record = r#"{"level":"error","error":"error verifying token: oidc: expected audience \"\" got [\"3v7gk2m9q1c8d5h0n4r6t2b1s7\"]","message":"httputil: error"}"#;
    for quote in ["&quot;", "&#34;", "&#x22;"] {
        assert_eq!(
            first(record.replace('"', quote).as_bytes()),
            Some(("token-of-another-client", "certain")),
            "{quote}"
        );
    }
}

/// What collectors give out for a day is one line, or one a record, much longer than what is looked at as a whole.
#[test]
fn what_collectors_packed_is_opened_however_long_it_is() {
    let record = |number: usize| {
        match number {
        300 => r#"{"level":"error","error":"identity: provider is not defined","time":"2026-11-29T02:15:00Z","message":"httputil: error"}"#.to_owned(),
        450 => "panic: runtime error: invalid memory address".to_owned(),
        _ => format!(
            r#"{{"level":"info","service":"envoy","authority":"app.corp.example.com","path":"/x?n={number}","response-code":200,"time":"2026-11-29T02:{:02}:{:02}Z","message":"http-request"}}"#,
            number / 60,
            number % 60
        ),
    }
    };
    let records: Vec<String> = (0..500).map(record).collect();
    let each = |open: &str, pack: &dyn Fn(&str) -> String, joint: &str, close: &str| {
        let packed: Vec<String> = records.iter().map(|record| pack(&serde_json::to_string(record).unwrap())).collect();
        format!("{open}{}{close}", packed.join(joint))
    };
    let cloudwatch =
        |text: &str| format!(r#"{{"timestamp":1764382269118,"message":{text},"ingestionTime":1764382269200}}"#);
    let loki = |text: &str| format!(r#"["1764382269118273645",{text}]"#);
    let datadog = |text: &str| format!(r#"{{"id":"Ag","attributes":{{"service":"pomerium","message":{text}}}}}"#);
    let splunk = |text: &str| format!(r#"{{"preview":false,"result":{{"source":"/var/log/x.log","_raw":{text}}}}}"#);
    for (packed, line) in [
        (each(r#"{"events":["#, &cloudwatch, ",", r#"],"nextForwardToken":"f/1"}"#), 1),
        (each(r#"{"status":"success","data":{"result":[{"stream":{"app":"p"},"values":["#, &loki, ",", "]}]}}"), 1),
        (each(r#"{"data":["#, &datadog, ",", r#"],"meta":{"page":{"after":"x"}}}"#), 1),
        (each("", &splunk, "\n", "\n"), 301),
        (each("[\n", &cloudwatch, ",\n", "\n]\n"), 302),
    ] {
        let diagnosis = read(&mut packed.as_bytes(), NOW, &mut |_| {}).unwrap();
        let names: Vec<&str> = diagnosis.names().iter().map(|named| named.what.name()).collect();
        assert_eq!(names.first(), Some(&"provider-missing"), "{}", &packed[..200]);
        let seen = diagnosis.sightings.iter().find(|seen| !seen.names.is_empty()).map(|seen| seen.first);
        assert_eq!((seen, diagnosis.counts.lines), (Some(line), packed.lines().count() as u64), "{}", &packed[..200]);
        // What stands where the records stand is no less of the log.
        assert!(diagnosis.stray.is_some() && !diagnosis.is_proved_fine());
        let cut = &packed[..packed.len() * 9 / 10];
        assert_eq!(first(cut.as_bytes()).map(|(name, _)| name), Some("provider-missing"));
    }
}
