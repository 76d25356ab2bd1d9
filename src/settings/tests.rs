//! What a settings file may say, and what is said about one that does not.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::Value as Json;

use super::*;

const WHOLE: &str = r#"
[rules]
secret-in-plain-text = "off"
callback-not-registered = "warning"
scope-profile-missing = "error"
issuer-mismatch = "note"

[[ignore]]
rule = "callback-not-registered"
path = "staging/**"
until = 2027-01-31
reason = "staging has no client yet"

[[ignore]]
rule = "unknown-key"
path = "*.yaml"
until = "2027-02-01"
reason = "ours"

[check]
fail-on = "warning"
undecided = "strict"
pedantic = true
offline = false
format = "json"
timeout = 2.5
pomerium-version = "v0.30.2"
env-file = ["a.env", "b.env"]
ca = "corp.pem"
"#;

#[test]
fn everything_that_may_be_said_is_understood() {
    let settings = read(WHOLE).unwrap();
    let rules = [
        ("callback-not-registered", Some(Severity::Warning)),
        ("issuer-mismatch", Some(Severity::Note)),
        ("scope-profile-missing", Some(Severity::Error)),
        ("secret-in-plain-text", None),
    ];
    assert_eq!(settings.rules, BTreeMap::from(rules));
    let [first, second] = &settings.ignores[..] else { unreachable!("two ignores") };
    assert_eq!(first.rule.0, "callback-not-registered");
    assert_eq!(&WHOLE[first.rule.1.clone()], "\"callback-not-registered\"");
    assert!(first.path.matches("staging/eu/config.yaml") && !first.path.matches("config.yaml"));
    assert_eq!(first.until.clone().unwrap().0, "2027-01-31".parse().unwrap());
    assert_eq!(second.until.clone().unwrap().0, "2027-02-01".parse().unwrap());
    assert_eq!(first.reason, "staging has no client yet");
    let check = settings.check;
    assert_eq!(check.fail_on, Some(FailOn::Warning));
    assert_eq!(check.undecided, Some(Undecided::Strict));
    assert_eq!((check.pedantic, check.offline), (Some(true), Some(false)));
    assert_eq!(check.format.map(|format| format.name), Some("json"));
    assert_eq!(check.timeout, Some(Duration::from_millis(2500)));
    assert_eq!(check.pomerium_version, Some(PomeriumVersion(0, 30, 2)));
    assert_eq!(check.env_file, Some(vec!["a.env".into(), "b.env".into()]));
    assert_eq!(check.ca, Some("corp.pem".into()));
    assert!(read("").unwrap().rules.is_empty());
}

/// What is said, and the text it is said about.
fn problem(text: &str) -> (String, &str) {
    let problem = read(text).expect_err(text);
    (problem.says, text.get(problem.at).unwrap())
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_the_nearest_name() {
    for (text, says, at) in [
        ("[rule]\n", "no table `rule`; did you mean `rules`?", "rule"),
        ("[quite-other]\n", "known are rules, given, ignore, check", "quite-other"),
        (
            "[rules]\ncallback-not-registerd = 'off'\n",
            "did you mean `callback-not-registered`?",
            "callback-not-registerd",
        ),
        ("[rules]\nunknown-key = 'warn'\n", "known are off, note, warning, error", "'warn'"),
        ("[rules]\nunknown-key = 'eror'\n", "did you mean `error`?", "'eror'"),
        ("[rules]\nunknown-key = false\n", "a text in quotes", "false"),
        ("rules = 1\n", "must be a table", "1"),
        ("[check]\nfail_on = 'error'\n", "did you mean `fail-on`?", "fail_on"),
        ("[check]\nfail-on = 'warnings'\n", "did you mean `warning`?", "'warnings'"),
        ("[check]\npedantic = 'yes'\n", "`true` or `false`", "'yes'"),
        ("[check]\ntimeout = 0\n", "from 0.1 to 600", "0"),
        ("[check]\ntimeout = '5'\n", "from 0.1 to 600", "'5'"),
        ("[check]\npomerium-version = 'new'\n", "not a Pomerium version", "'new'"),
        ("[check]\nskip = ['unknown-key']\n", "under `[rules]`", "skip"),
        ("[check]\nreplay = 'x'\n", "--replay on the command line", "replay"),
        ("[ignore]\nrule = 'x'\n", "two brackets", "[ignore]"),
        ("[[ignore]]\nrule = 'unknown-kee'\n", "did you mean `unknown-key`?", "'unknown-kee'"),
        ("[[ignore]]\nrule = 'unknown-key'\npaths = '*'\n", "did you mean `path`?", "paths"),
        ("[[ignore]]\nuntil = 2027-02-30\n", "not TOML", ""),
        ("[[ignore]]\nuntil = 'soon'\n", "is no day", "'soon'"),
        ("[[ignore]]\nuntil = 2027-01-31T10:00:00Z\n", "is no day", "2027-01-31T10:00:00Z"),
    ] {
        let (said, place) = problem(text);
        assert!(said.contains(says), "{text}: {said}");
        assert!(at.is_empty() || place == at, "{text}: {place}");
    }
}

#[test]
fn an_ignore_lacks_neither_rule_nor_path_nor_reason() {
    for (text, lacks) in [
        ("path = '*'\nreason = 'r'", "lacks `rule`"),
        ("rule = 'unknown-key'\nreason = 'r'", "lacks `path`"),
        ("rule = 'unknown-key'\npath = '*'", "lacks `reason`"),
        ("rule = 'unknown-key'\npath = '*'\nreason = ' '", "lacks `reason`"),
    ] {
        let (said, _) = problem(&format!("[[ignore]]\n{text}\n"));
        assert!(said.contains(lacks), "{said}");
    }
}

#[test]
fn a_file_never_widens_what_may_be_sent() {
    for flag in WIDENING {
        let text = format!("[check]\n{flag} = 'x'\n");
        let (said, place) = problem(&text);
        assert!(said.contains("a file in a pull request must not widen what the tool may send"), "{said}");
        assert!(said.contains(&format!("--{flag} on the command line")) && place == flag, "{said}");
    }
}

/// A settings file as the schema sees it.
fn json(text: &str) -> Json {
    fn value(value: &DeValue<'_>) -> Json {
        match value {
            DeValue::String(text) => Json::from(text.as_ref()),
            DeValue::Boolean(flag) => Json::from(*flag),
            DeValue::Array(elements) => elements.iter().map(value_of).collect(),
            DeValue::Table(table) => {
                table.iter().map(|(key, value)| (key.get_ref().to_string(), value_of(value))).collect()
            }
            DeValue::Integer(number) => Json::from(number.as_str().parse::<i64>().unwrap()),
            DeValue::Float(number) => Json::from(number.as_str().parse::<f64>().unwrap()),
            DeValue::Datetime(date) => Json::from(date.to_string()),
        }
    }
    fn value_of(spanned: &Value<'_>) -> Json {
        value(spanned.get_ref())
    }
    let document = DeTable::parse(text).unwrap();
    value(&DeValue::Table(document.into_inner()))
}

#[test]
fn the_schema_and_the_reader_agree() {
    let schema: Json = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&json(WHOLE)).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    for wrong in [
        "[rule]\n",
        "[rules]\nunknown-key = 'warn'\n",
        "[check]\nfail_on = 'error'\n",
        "[check]\nallow-host = 'x'\n",
        "[check]\npedantic = 'yes'\n",
        "[check]\ntimeout = 0\n",
        "[check]\npomerium-version = 'new'\n",
        "[ignore]\nrule = 'x'\n",
        "[[ignore]]\nrule = 'unknown-key'\npath = '*'\nreason = ' '\n",
        "[[ignore]]\nrule = 'unknown-key'\npath = '*'\nreason = 'r'\nuntil = 'soon'\n",
    ] {
        assert!(read(wrong).is_err() && !validator.is_valid(&json(wrong)), "{wrong}");
    }
    let keys = |at: &str| -> Vec<String> { schema.pointer(at).unwrap().as_object().unwrap().keys().cloned().collect() };
    assert_eq!(keys("/properties"), TABLES);
    assert_eq!(keys("/properties/ignore/items/properties"), IGNORE);
    assert_eq!(keys("/properties/check/properties"), CHECK);
    assert_eq!(choices(&schema, "fail-on"), names::<FailOn>());
    assert_eq!(choices(&schema, "undecided"), names::<Undecided>());
    assert_eq!(
        choices(&schema, "format"),
        names::<report::Format>(),
        "a new format needs a word in settings.schema.json"
    );
}

fn choices(schema: &Json, key: &str) -> Vec<String> {
    let choices = schema.pointer(&format!("/properties/check/properties/{key}/enum")).unwrap().as_array().unwrap();
    choices.iter().map(|choice| choice.as_str().unwrap().to_owned()).collect()
}

fn names<T: clap::ValueEnum>() -> Vec<String> {
    T::value_variants().iter().map(|choice| choice.to_possible_value().unwrap().get_name().to_owned()).collect()
}
