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

/// What is not kept yet, by the transformation and the beginning of the text: the case of letters is what one rule is about, and of
/// the others a part is lost, or nothing shows how they were broken.
const LIMITS: [(&str, &str); 23] = [
    // Two certificates may be meant: both are named as possible, in one order or the other.
    ("", "NET::ERR_CERT"),
    ("", "SEC_ERROR"),
    ("", "SSL_ERROR"),
    // What is encoded as a whole is read where it stands alone.
    ("", "https%3"),
    ("a word processor's signs", "\u{1b}[90m3:04AM"),
    (
        "mixed case",
        "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?client_id=4qk2&redirect_uri=https://authenticate.Corp",
    ),
    ("wrapped", "https://acme.auth.eu-west-1.amazoncognito.com/login?errorMessage=Login+option+is+not+available"),
    ("wrapped", "https://acme.auth.eu-west-1.amazoncognito.com/error?error=redirect_mis\nmatch"),
    ("wrapped", "Die Website ist nicht erreichbar"),
    ("words before it", "identity: unknown provider: ${"),
    (
        "lower case",
        "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?client_id=4qk2&redirect_uri=https://authenticate.Corp",
    ),
    ("upper case", "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?client_id=4qk2&response_type=token"),
    // Capitals alone are what is wrong with it.
    (
        "upper case",
        "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?client_id=4qk2&redirect_uri=https://authenticate.Corp",
    ),
    // Broken within a word, and each line with a mark before it.
    (
        "wrapped",
        "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?client_id=4qk2&redirect_uri=https://authenticate.Corp",
    ),
    ("wrapped", "https://acme.auth.eu-west-1.amazoncognito.com/login?client_id=4qk2&errorMessage=Login+option+is+not"),
    ("wrapped", "config: bad signout-redirect-url x : y"),
    ("UTF-16 without a mark", "\u{1b}[90m3:04AM"),
    ("wrapped", "Was not able to resolve the root domain"),
    (
        "wrapped",
        "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/callback?error_description=Already+found+an+entry",
    ),
    ("wrapped", "{\"level\":\"info\",\"path\":\"/oauth2/callback?error_description=invalid_scope"),
    ("wrapped", "> The page says: Invalid identity"),
    ("wrapped", "The certificate is only valid for the following names: *.cloudfront.net"),
    ("wrapped", "https://authenticate.corp.example.com/oauth2/callback?code=abc\n404 Not Found"),
];

/// Each text under its share of the transformations has the first name that it has untouched, as surely. The shares go round: each
/// transformation meets texts of every kind.
fn hold(ways: impl Fn(usize, &str) -> Vec<(String, Vec<u8>)>) {
    let mut wrong = Vec::new();
    let texts = texts();
    assert!(texts.len() > 600, "only {} texts", texts.len());
    for (number, text) in texts.iter().enumerate() {
        let expected = first(text.as_bytes());
        let share = ways(number, text).into_iter().enumerate().filter(|(way, _)| (way + number) % shares() == 0);
        for (name, bytes) in share.map(|(_, way)| way) {
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

#[test]
fn how_a_text_is_written_does_not_change_its_name() {
    hold(|_, text| {
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
        as_bytes(ways)
    });
}

#[test]
fn who_forwards_a_text_does_not_change_its_name() {
    hold(|_, text| {
        // Who forwards lines forwards each by itself.
        if text.contains('\n') {
            return Vec::new();
        }
        let json = serde_json::to_string(text).unwrap();
        as_bytes(vec![
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
            (
                "Google Cloud",
                format!(r#"{{"insertId":"x","textPayload":{json},"resource":{{"type":"k8s_container"}}}}"#),
            ),
        ])
    });
}

#[test]
fn where_a_text_is_broken_does_not_change_its_name() {
    /// Each text at these columns, and at others that go round with its number.
    const ALWAYS: [usize; 3] = [7, 33, 80];
    hold(|number, text| {
        let wrapped = |column: usize, joint: &str| {
            let characters: Vec<char> = text.chars().collect();
            characters.chunks(column).map(|line| line.iter().collect::<String>()).collect::<Vec<_>>().join(joint)
        };
        let columns = ALWAYS.into_iter().chain((0..12).map(|step| 5 + (number * 5 + step * 11) % 120));
        let ways = columns.flat_map(|column| {
            let joint = ["\n", "\r\n", "\n> ", "\n    ", "\\\n", "↩\n", "\n│ "][(column + number) % 7];
            [(format!("wrapped at {column} by {joint:?}"), wrapped(column, joint).into_bytes())]
        });
        ways.collect()
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
