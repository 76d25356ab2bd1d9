//! What people paste, and what `pomlint diagnose` makes of it.

use std::io::Write as _;

use crate::support::pool::Pool;
use crate::support::server::Server;
use crate::support::{Pomlint, Ran, is_thorough};
use flate2::Compression;
use flate2::write::GzEncoder;
use pomlint::diagnose::{Diagnosis, Kind, read, read_text};
use pomlint::evidence::redact;
use pomlint::page::FrontMatter;
use pomlint::report::DIAGNOSIS_SCHEMA;
use pomlint::rules::RULES;
use serde_json::{Value, json};

/// A time at which nothing happened.
const NOW: u64 = 1_790_000_000;

const DOMAIN: &str = "https://acme.auth.eu-west-1.amazoncognito.com";
const CLIENT: &str = "4qk2v9s7m1n3b5c8d0f6g7h2u1";
const MISMATCH: &str =
    "https://acme.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1";

fn names(diagnosis: &Diagnosis) -> Vec<(&'static str, &'static str)> {
    diagnosis.names().iter().map(|named| (named.what.name(), named.strength.name())).collect()
}

fn diagnose(bytes: &[u8]) -> Diagnosis {
    read(&mut &*bytes, NOW, &mut |_| {}).unwrap()
}

/// A run without any network.
fn offline(input: &str) -> Pomlint {
    Pomlint::new(["diagnose", "--offline"]).args([input])
}

fn json_of(ran: &Ran) -> Value {
    let value: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    let schema: Value = serde_json::from_str(DIAGNOSIS_SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(value["exit"], ran.code);
    value
}

fn symptoms() -> Vec<(usize, String, String, String)> {
    let text = std::fs::read_to_string(crate::support::project("fixtures/symptoms.txt")).unwrap();
    let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|(index, line)| {
            let (name, pasted) = line.split_once('\t').unwrap_or_else(|| panic!("line {} has no tab", index + 1));
            let (name, strength) = name.split_once(' ').unwrap();
            (index + 1, name.to_owned(), strength.to_owned(), pasted.replace('⏎', "\n"))
        })
        .collect()
}

#[test]
fn everything_people_paste_names_what_it_must() {
    let mut wrong = Vec::new();
    for (line, name, strength, pasted) in symptoms() {
        let found = names(&read_text(&pasted, NOW).unwrap());
        let is_right = match name.as_str() {
            "nothing" => found.is_empty(),
            _ if strength == "said" => found.contains(&(&name, "possible")),
            _ => found.contains(&(&name, &strength)),
        };
        if !is_right {
            wrong.push(format!("fixtures/symptoms.txt:{line}: {name} {strength}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn what_is_certain_names_nothing_else_for_certain() {
    for (line, name, strength, pasted) in symptoms() {
        if strength != "certain" {
            continue;
        }
        let certain: Vec<_> = names(&read_text(&pasted, NOW).unwrap())
            .into_iter()
            .filter(|(_, strength)| *strength == "certain")
            .collect();
        assert_eq!(certain, [(name.as_str(), "certain")], "line {line}");
    }
}

#[test]
fn every_symptom_of_a_page_finds_its_rule() {
    for rule in RULES.iter() {
        for symptom in FrontMatter::parse(rule.page).unwrap().symptoms {
            let is_address = symptom.text.starts_with(['/', '?']) && symptom.text.contains('=');
            let pasted = symptom.text.replace('…', "x");
            let pasted = match (symptom.is_said, is_address) {
                (true, _) => pasted.split('&').map(|part| part.split('|').next().unwrap()).collect(),
                (_, true) => pasted.replace(' ', "+"),
                (_, false) => pasted,
            };
            let found = names(&read_text(&pasted, NOW).unwrap());
            assert!(found.iter().any(|(name, _)| *name == rule.name), "{}: `{}`: {found:?}", rule.name, symptom.text);
        }
    }
}

#[test]
fn half_of_a_text_is_never_surer_than_the_whole() {
    let step = if is_thorough() { 7 } else { 31 };
    for (line, _, _, pasted) in symptoms() {
        let whole = names(&read_text(&pasted, NOW).unwrap());
        let ends = pasted.char_indices().map(|(at, _)| at).skip(line % step).step_by(step);
        for (start, end) in ends.flat_map(|at| [(0, at), (at, pasted.len())]) {
            let half = &pasted[start..end];
            for (name, strength) in names(&read_text(half, NOW).unwrap()) {
                let is_weaker = strength != "certain" || whole.contains(&(name, "certain"));
                assert!(is_weaker, "line {line}: `{half}` is {strength} {name}, and the whole is {whole:?}");
            }
        }
    }
}

#[test]
fn the_whole_file_as_one_stream_is_the_sum_of_its_lines() {
    let mut all = symptoms();
    all.retain(|(_, _, strength, pasted)| strength != "said" && !pasted.contains('\n'));
    let text: String = all.iter().flat_map(|(_, _, _, pasted)| [pasted, "\n"]).collect();
    let found = diagnose(text.as_bytes());
    assert_eq!(found.counts.lines, all.len() as u64);
    for (line, name, _, _) in all.iter().filter(|(_, name, _, _)| name != "nothing") {
        assert!(names(&found).iter().any(|(found, _)| found == name), "line {line}: {name}");
    }
    let number = all.iter().position(|(_, _, _, pasted)| pasted.contains("pkce verifier")).unwrap() as u64 + 1;
    assert!(found.sightings.iter().any(|sighting| sighting.first == number && sighting.text.contains("pkce verifier")));
}

#[test]
fn repeated_symptoms_are_told_once_with_their_places() {
    let line = |id: usize| {
        format!(
            r#"{{"level":"error","request-id":"{id}","error":"oauth2: \"invalid_grant\"","message":"httputil: error"}}"#
        )
    };
    let mut text = String::new();
    for id in 0..50_000 {
        text += r#"{"level":"info","message":"http-request","response-code":200}"#;
        text.push('\n');
        if id % 5 == 0 {
            text += &line(id);
            text.push('\n');
        }
    }
    text += r#"{"level":"error","message":"the dog ate it 1"}
{"level":"error","message":"the dog ate it 2"}"#;
    let found = diagnose(text.as_bytes());
    assert_eq!((found.counts.lines, found.counts.unexplained), (60_002, 2));
    assert_eq!(found.unexplained.len(), 1);
    let [sighting] = &found.sightings[..] else { panic!("{:?}", found.sightings) };
    assert_eq!((sighting.first, sighting.last, sighting.count), (2, 59_996, 10_000));
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    let unpacked = diagnose(&packed.finish().unwrap());
    assert_eq!((unpacked.counts, names(&unpacked)), (found.counts, names(&found)));
}

#[test]
fn a_page_that_was_wrapped_is_still_recognised() {
    let page = "Bad Request\nThe request expired. This may be\n   because a login attempt took too long, or because the server’s clock is out of\nsync.\n";
    let found = diagnose(page.as_bytes());
    assert_eq!(names(&found)[0], ("request-expired", "likely"));
    assert_eq!((found.sightings[0].first, found.sightings[0].last), (1, 4));
}

#[test]
fn hostile_input_is_bounded() {
    // A line of 40 MiB with a symptom at its beginning, one after it.
    let mut long = b"invalid CSRF token ".to_vec();
    long.resize(40 << 20, b'a');
    long.extend(b" redirect_mismatch\nredirect_mismatch\n");
    let found = diagnose(&long);
    assert_eq!((found.counts.lines, found.counts.shortened), (2, 1));
    assert!(found.sightings.iter().any(|sighting| sighting.first == 2));
    assert!(found.sightings.iter().all(|sighting| sighting.text.chars().count() <= 301));
    for bytes in [
        &b""[..],
        &[0; 4096],
        &[0xff; 4096],
        b"\n\n\n",
        b"eyJ",
        b"eyJ.eyJ.eyJ",
        b"\x1f\x8a",
        b"{\"log\":{",
        b"https://[::1",
        b"\xff\xfee\0r",
        b"\xfe\xff\xd8\0",
    ] {
        let _ = read(&mut &*bytes, NOW, &mut |_| {});
    }
    assert!(read(&mut &b"\x1f\x8b\x08broken"[..], NOW, &mut |_| {}).is_err());
    assert!(read(&mut &b"{\"log\":{\"entries\":["[..], NOW, &mut |_| {}).unwrap_err().to_string().contains("HAR"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(if is_thorough() { 128 } else { 24 }))]
    #[test]
    fn nothing_makes_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..2000), text in "(\\PC|[\\\\\"?&#=%/…]|error|https://|eyJ|\u{1b}\\[){0,60}") {
        let _ = read(&mut &*bytes, NOW, &mut |_| {});
        let _ = read_text(&text, NOW);
    }
}

#[test]
fn exit_codes_say_what_came_of_it() {
    let healthy = crate::support::project("fixtures/configs/healthy.yaml").display().to_string();
    let code = |input: &str, args: &[&str]| offline(input).args(args.iter().copied()).run().code;
    assert_eq!(code(MISMATCH, &[]), 1);
    assert_eq!(code("the dog ate it", &[]), 3);
    // What worked proves nothing of what comes after it.
    let callback = "https://authenticate.corp.example.com/oauth2/callback";
    assert_eq!(code(&format!("{DOMAIN}/login?client_id={CLIENT}&redirect_uri={callback}"), &[]), 3);
    assert_eq!(code(&format!("{callback}?code=x&state=y"), &[]), 3);
    assert_eq!(code(r#"{"level":"info","message":"http-request"}"#, &[]), 0);
    assert_eq!(code(r#"{"level":"error","message":"the dog ate it"}"#, &[]), 3);
    assert_eq!(code("pomerium.log", &[]), 2);
    assert_eq!(code("-", &["-"]), 2);
    // Certain of what runs, and no file disproves that.
    assert_eq!(code("identity/oidc: missing provider url", &[&healthy]), 3);
    assert_eq!(code("invalid character \" \" in host name", &[&healthy]), 3);
    assert_eq!(code("identity/oidc: missing provider url", &["no-such-config.yaml"]), 2);
}

#[test]
fn an_address_alone_may_be_that_of_a_pomerium() {
    for (pasted, shown) in [
        ("https://app.corp.example.com", Some("https://app.corp.example.com")),
        ("<https://app.corp.example.com:8443/page?x=1#y>\n", Some("https://app.corp.example.com:8443")),
        ("  https://app.corp.example.com:443/  ", Some("https://app.corp.example.com")),
        ("app.corp.example.com", None),
        ("http://app.corp.example.com", None),
        ("see https://app.corp.example.com", None),
        ("https://app.corp.example.com\nhttps://b.corp.example.com", None),
        ("https://acme.auth.eu-west-1.amazoncognito.com/x", None),
        ("https://acme.auth.eu-west-1.amazoncognito.com.evil.example/x", None),
        ("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R", None),
        ("https://eu-west-1.console.aws.amazon.com/cognito/home", None),
        ("https://github.com/pomerium/pomerium/issues/1", None),
        ("https://accounts.google.com/x", None),
        ("https://www.google.com/search", None),
        ("https://dev-1.okta.com", None),
    ] {
        let ran = offline(pasted).args(["--format", "human"]).run();
        let said = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        let wanted = shown.map(|origin| format!("ask what runs there: pomlint check --deployed {origin}"));
        let is_told = said.contains("ask what runs there");
        assert!(wanted.as_ref().is_none_or(|wanted| said.ends_with(wanted.as_str())), "{pasted}: {said}");
        assert_eq!((is_told, ran.code), (shown.is_some(), 3), "{pasted}: {said}");
    }
}

#[test]
fn a_named_rule_is_judged_live() {
    let pool =
        Pool::from_yaml("client: {callback_urls: [https://authenticate.corp.example.com/oauth2/callback/]}").unwrap();
    let server = Server::of(pool);
    let config = crate::support::project("fixtures/configs/healthy.yaml").display().to_string();
    let ran = Pomlint::new(["diagnose", MISMATCH, &config]).args(server.args()).run();
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stdout.contains("error[callback-not-registered]"), "{ran:?}");
    assert!(ran.stdout.starts_with("Confirmed just now by the configuration: Cognito does not know"), "{ran:?}");
    let ran = Pomlint::new(["diagnose", MISMATCH, &config, "--format", "json"]).args(server.args()).run();
    let value = json_of(&ran);
    assert_eq!(value["names"][0]["standing"], "confirmed");
    assert!(value["report"]["reports"][0]["verdicts"][0]["verdict"].is_string());

    let server = Server::of(Pool::default());
    // Another client's trouble says nothing about this configuration.
    let other = MISMATCH.replace(CLIENT, "another0client0of0this0pool");
    let ran = Pomlint::new(["diagnose", &other, &config]).args(server.args()).run();
    assert!(ran.code == 3 && ran.stdout.starts_with("Undecided: what was pasted is not about"), "{ran:?}");
    let ran = Pomlint::new(["diagnose", MISMATCH, &config]).args(server.args()).run();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.starts_with("No longer so: Cognito does not know this callback URL"), "{ran:?}");
}

#[test]
fn a_log_without_trouble_is_called_that() {
    let line = r#"{"level":"info","message":"http-request","path":"/x/y"}"#;
    let ran = Pomlint::new(["diagnose", "--offline", "-"]).stdin(format!("{line}\n{line}\n")).run();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.stdout, "No known symptom, and no line that complains.\n");
}

#[test]
fn without_a_configuration_the_input_itself_says_whom_to_ask() {
    let server = Server::of(Pool::default());
    let code = |client: &str| {
        let input = format!("{DOMAIN}/error?error=invalid_request&client_id={client}");
        Pomlint::new(["diagnose", &input, "--format", "json"]).args(server.args()).run()
    };
    let known = json_of(&code(CLIENT));
    assert_eq!(
        (&known["names"][0]["standing"], &known["judged_by"]),
        (&json!("ruled-out"), &json!("clues")),
        "{known}"
    );
    let unknown = json_of(&code("nobody0knows0this0client0"));
    assert_eq!(unknown["names"][0]["standing"], "confirmed", "{unknown}");
    // The callback was not pasted, so nothing is said about it.
    let ran = Pomlint::new(["diagnose", MISMATCH, "--format", "json"]).args(server.args()).run();
    assert_eq!(json_of(&ran)["names"][0]["standing"], "not-checked");
    // A host that is none of Cognito's is never asked.
    let before = server.requests();
    let elsewhere = "https://evil.example/error?error=invalid_request&client_id=x";
    let _ = Pomlint::new(["diagnose", elsewhere]).args(server.args()).run();
    assert_eq!(server.requests(), before);
}

#[test]
fn a_login_domain_of_ones_own_is_asked_by_leave() {
    let server = Server::of(Pool::from_yaml("domain: login.corp.example.com").unwrap());
    let diagnose = |client: &str, args: &[&str]| {
        let input = format!("https://login.corp.example.com/error?error=invalid_request&client_id={client}");
        Pomlint::new(["diagnose", &input]).args(args.iter().copied()).args(server.args()).run()
    };
    let ran = diagnose(CLIENT, &[]);
    assert!(server.requests().is_empty() && ran.code == 1, "{ran:?}");
    assert!(ran.stdout.contains("--allow-host login.corp.example.com"), "{ran:?}");
    let standing = |client: &str| {
        let ran = diagnose(client, &["--allow-host", "login.corp.example.com", "--format", "json"]);
        let names = json_of(&ran)["names"].as_array().unwrap().clone();
        let client = names.iter().find(|named| named["name"] == "client-not-usable").unwrap();
        client["standing"].as_str().unwrap().to_owned()
    };
    assert_eq!(standing(CLIENT), "ruled-out");
    assert_eq!(standing("nobody0knows0this0client0"), "confirmed");
}

#[test]
fn a_har_file_tells_the_story_of_a_login() {
    let callback = "https://authenticate.corp.example.com/oauth2/callback";
    let authorize = format!(
        "{DOMAIN}/oauth2/authorize?client_id={CLIENT}&redirect_uri={callback}&response_type=code&scope=openid+phone&state=hunter2canary"
    );
    let entry = |url: &str, status: u16, location: &str, body: &str| {
        json!({"startedDateTime": "x", "request": {"method": "GET", "url": url, "headers": [{"name": "Cookie", "value": "canary"}]},
            "response": {"status": status, "headers": [{"name": "Location", "value": location}], "content": {"text": body}, "redirectURL": location}})
    };
    let refused = format!("{callback}?error_description=invalid_scope&state=hunter2canary&error=invalid_request");
    let har = json!({"log": {"version": "1.2", "creator": {"name": "x"}, "pages": [], "entries": [
        entry("https://app.corp.example.com/", 302, &authorize, ""),
        entry(&authorize, 302, &refused, ""),
        entry(&refused, 400, "", "<html>Bad Request"),
    ], "comment": "after"}});
    let found = diagnose(har.to_string().as_bytes());
    assert_eq!((found.kind, found.counts.lines), (Kind::Har, 3));
    assert_eq!(names(&found), [("scope-not-allowed", "likely"), ("scope-unsupported", "likely")]);
    assert_eq!(found.clues.redirect_uri.as_deref(), Some(callback));
    assert_eq!((found.clues.client_id.as_deref(), found.clues.scope.as_deref()), (Some(CLIENT), Some("openid phone")));
    // All that is needed to ask was recorded.
    let server = Server::of(Pool::default());
    let ran = Pomlint::new(["diagnose", "--format", "json"]).args(server.args()).stdin(har.to_string()).run();
    assert!(!ran.stdout.contains("canary"), "{ran:?}");
    let value = json_of(&ran);
    assert_eq!(value["names"][0]["standing"], "confirmed", "{value}");
}

#[test]
fn nothing_secret_is_shown_again() {
    let canary = "c4n4ryc4n4ryc4n4ryc4n4ry";
    let pasted = [
        format!("code={canary}&state={canary}&error=invalid_scope"),
        format!("https://a.example/oauth2/callback?error=invalid_scope&code={canary}&state={canary}"),
        format!(
            r#"{{"level":"error","error":"invalid CSRF token","query":"code={canary}","headers":"Cookie: _pomerium={canary}; x={canary}"}}"#
        ),
        format!(r#"{{"level":"error","error":"invalid CSRF token","authorization":"Bearer {canary}"}}"#),
        format!(r#"{{"level":"error","error":"invalid CSRF token","authorization":"Basic {canary}=="}}"#),
        format!("invalid CSRF token idp_client_secret: {canary} COOKIE_SECRET={canary} client_secret=\"{canary}\""),
        format!("invalid CSRF token https://user:{canary}@a.example/"),
        format!("invalid CSRF token id_token={canary} \\u0026refresh_token={canary}"),
        format!("ERR something odd code={canary}"),
        format!("https://a.example/oauth2/callback?code={canary}&state={canary}"),
    ];
    for text in pasted {
        for args in [&["--format", "human", "-v"][..], &["--format", "json"]] {
            for text in [text.clone(), format!("{text}\n{text}\n")] {
                let ran = Pomlint::new(["diagnose", "--offline"]).args(args.iter().copied()).stdin(text.clone()).run();
                assert!(!ran.stdout.contains(canary) && !ran.stderr.contains(canary), "{text}: {ran:?}");
            }
        }
    }
    assert_eq!(redact("state=x"), "state=x", "the strict form is another one");
}

#[test]
fn text_from_outside_cannot_act() {
    let pasted = "invalid CSRF token \u{1b}]0;title\u{7}\u{202e} ::error::x\n::error file=x::invalid CSRF token\n";
    let ran = Pomlint::new(["diagnose", "--offline", "-v"]).stdin(pasted).run();
    assert!(ran.stdout.chars().all(|char| char == '\n' || !char.is_control() && char != '\u{202e}'), "{ran:?}");
    assert!(ran.stdout.lines().all(|line| !line.trim_start().starts_with("::")), "{ran:?}");
}

mod tokens {
    use crate::support::signing::SigningKey;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";

    struct Key {
        private: SigningKey,
        pool: Pool,
    }

    impl Key {
        fn new(private: SigningKey) -> Self {
            let mut pool = Pool::default();
            pool.jwks.body = Some(json!({"keys": [private.published("test")]}).to_string());
            Self { private, pool }
        }

        fn sign(&self, claims: &Value) -> String {
            self.private.sign(&json!({"alg": "RS256", "kid": "test"}), claims)
        }
    }

    fn claims(more: &Value) -> Value {
        let now = crate::support::server::now();
        let mut claims = json!({"iss": ISSUER, "aud": CLIENT, "sub": "1", "token_use": "id", "iat": now - 60, "exp": now + 3540,
            "email": "canary@example.com", "email_verified": true});
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        claims
    }

    fn states(value: &Value) -> Vec<(&str, &str)> {
        let checks = value["token"]["checks"].as_array().unwrap();
        checks.iter().map(|check| (check["name"].as_str().unwrap(), check["state"].as_str().unwrap())).collect()
    }

    #[test]
    fn a_token_is_verified_against_the_pools_keys() {
        let key = Key::new(SigningKey::own());
        let server = Server::of(key.pool.clone());
        let config = crate::support::project("fixtures/configs/healthy.yaml").display().to_string();
        let run = |token: &str, args: &[&str]| {
            let ran = Pomlint::new(["diagnose", "-", "--format", "json"]).args(args.iter().copied()).stdin(token).run();
            assert!(!ran.stdout.contains("canary@") && !ran.stdout.contains(&token[..40]), "{ran:?}");
            json_of(&ran)
        };
        let network = server.args();
        let network: Vec<&str> = network.iter().map(String::as_str).collect();
        let with_config = [&[config.as_str()], &network[..]].concat();

        let good = key.sign(&claims(&json!({})));
        let value = run(&good, &with_config);
        assert!(
            states(&value).contains(&("signature", "pass")) && states(&value).contains(&("iss", "pass")),
            "{value}"
        );
        assert!(states(&value).iter().all(|(_, state)| *state == "pass"), "{value}");
        assert_eq!(value["exit"], 0);
        let value = run(&good, &network);
        assert!(states(&value).contains(&("signature", "pass")), "{value}");

        // One letter of the claims was changed.
        let (head, rest) = good.split_once('.').unwrap();
        let (payload, signature) = rest.split_once('.').unwrap();
        let changed = URL_SAFE_NO_PAD.encode(claims(&json!({"email": "canary@example.net"})).to_string());
        assert_ne!(payload, changed);
        let value = run(&format!("{head}.{changed}.{signature}"), &with_config);
        assert!(states(&value).contains(&("signature", "fail")), "{value}");

        let other = Key::new(SigningKey::other()).sign(&claims(&json!({})));
        assert!(states(&run(&other, &with_config)).contains(&("signature", "fail")));

        let bad =
            json!({"iss": ISSUER.replace("//cognito", "//issuer-cognito"), "aud": "another", "exp": 1_700_000_000});
        let value = run(&key.sign(&claims(&bad)), &with_config);
        for name in ["exp", "iss", "aud"] {
            assert!(states(&value).contains(&(name, "fail")), "{name}: {value}");
        }
        assert_eq!((&value["names"][0]["name"], &value["exit"]), (&json!("issuer-switched"), &json!(1)));
    }

    #[test]
    fn a_token_that_is_not_of_this_configuration_says_which_it_is_of() {
        let dir = tempfile::tempdir().unwrap();
        let healthy = std::fs::read_to_string(crate::support::project("fixtures/configs/healthy.yaml")).unwrap();
        let new = ISSUER.replace("//cognito", "//issuer-cognito");
        let config = |issuer: &str| {
            let path = dir.path().join("pomerium.yaml");
            std::fs::write(&path, healthy.replace(ISSUER, issuer)).unwrap();
            path.display().to_string()
        };
        let judge = |issuer: &str, more: &Value| {
            let token = claims(more).to_string();
            json_of(&offline(&token).args([config(issuer).as_str(), "--format", "json"]).run())
        };
        for (issuer, more, name) in [
            (ISSUER, json!({"iss": ISSUER.replace("9xK2", "7aB1")}), "token-of-another-pool"),
            (ISSUER, json!({"iss": ISSUER.replace("eu-west-1", "us-east-1")}), "token-of-another-pool"),
            (ISSUER, json!({"iss": new.replace("9xK2", "7aB1")}), "token-of-another-pool"),
            (ISSUER, json!({"iss": "https://idp.example.com"}), "token-of-another-pool"),
            (ISSUER, json!({"aud": "1h57kf5cpq17m0eml12EXAMPLE"}), "token-of-another-client"),
            (
                ISSUER,
                json!({"token_use": "access", "scope": "openid", "aud": null, "client_id": "other"}),
                "token-of-another-client",
            ),
            (ISSUER, json!({"iss": new}), "issuer-switched"),
            (new.as_str(), json!({}), "issuer-not-switched"),
            (format!("{ISSUER}/").as_str(), json!({}), "issuer-has-trailing-slash"),
            (format!("{ISSUER}/.well-known/openid-configuration").as_str(), json!({}), "issuer-has-discovery-path"),
            (ISSUER, json!({"email": ""}), "scope-email-missing"),
        ] {
            let value = judge(issuer, &more);
            assert_eq!((&value["names"][0]["name"], &value["exit"]), (&json!(name), &json!(1)), "{more}: {value}");
        }
        // An access token of this very client proves nothing of a login, unless programs may send it.
        let access = json!({"token_use": "access", "scope": "openid", "client_id": CLIENT});
        let value = judge(ISSUER, &access);
        assert!(states(&value).contains(&("token_use", "undecided")) && value["exit"] == 3, "{value}");
        let takes = format!("{ISSUER}\nbearer_token_format: idp_access_token");
        assert!(states(&judge(&takes, &access)).contains(&("token_use", "pass")));
    }

    #[test]
    fn without_a_network_a_token_is_only_decoded() {
        let token = format!(
            "eyJhbGciOiJSUzI1NiIsImtpZCI6InRlc3QifQ.{}.AAAA",
            URL_SAFE_NO_PAD.encode(claims(&json!({})).to_string())
        );
        let ran = offline(&token).run();
        assert!(ran.stdout.contains("decoded only, and not proved") && !ran.stdout.contains("canary"), "{ran:?}");
        for half in [&token[..60], "eyJhbGciOiJSUzI1NiJ9.e30", "eyJh.eyJh.a.b.c"] {
            let value = json_of(&offline(half).args(["--format", "json"]).run());
            assert_eq!((&value["input"]["kind"], &value["exit"]), (&json!("token"), &json!(3)), "{half}");
        }
    }
}

#[test]
fn a_long_log_is_answered_as_its_lines_one_after_the_other() {
    /// Lines without a hit: with them, the log is many blocks long.
    const CALM: usize = 3_000;
    let calm = r#"{"level":"info","service":"envoy","authority":"a.example","path":"/","size":1834,"response-code":200,"message":"http-request"}"#;
    let redirect = |number: usize| {
        format!(
            r#"{{"level":"info","authority":"a.example","path":"/x?{number}","response-code":302,"time":"2026-01-01T00:00:0{}Z"}}"#,
            number / 3
        )
    };
    let mut text = String::new();
    let mut lines = 0;
    let mut expected: Vec<(&str, u64, u64, u64)> = Vec::new();
    let mut add = |line: &str, times: usize| {
        text.extend(std::iter::repeat_n(line.to_owned() + "\n", times));
        lines += times as u64;
        lines
    };
    let csrf = r#"{"level":"error","error":"Bad Request: invalid CSRF token","message":"httputil: error"}"#;
    let first = add(csrf, 1);
    for number in 0..12 {
        add(calm, CALM);
        add(&redirect(number), 1);
    }
    let secret = r#"{"level":"error","error":"token exchange failed: oauth2: \"invalid_client\"","message":"x"}"#;
    let refused = add(secret, 1);
    let odd = add(r#"{"level":"error","message":"nobody has seen this"}"#, 1);
    add(calm, CALM);
    let last = add(csrf, 1);
    expected.push(("Bad Request: invalid CSRF token", first, last, 2));
    expected.push(("/x?", 1 + u64::try_from(CALM).unwrap() + 1, refused - 1, 12));
    expected.push(("invalid_client", refused, refused, 1));
    assert!(text.len() > 8 * 256 * 1024, "{}", text.len());

    let found = diagnose(text.as_bytes());
    let seen = |part: &str| found.sightings.iter().find(|sighting| sighting.text.contains(part)).unwrap();
    for (part, first, last, count) in expected {
        let sighting = seen(part);
        assert_eq!((sighting.first, sighting.last, sighting.count), (first, last, count), "{part}");
    }
    let order: Vec<u64> = found.sightings.iter().map(|sighting| sighting.first).collect();
    assert_eq!(order.len(), 3, "{order:?}");
    assert_eq!((found.counts.lines, found.counts.bytes), (last, text.len() as u64));
    assert_eq!(found.unexplained.iter().map(|line| line.line).collect::<Vec<_>>(), [odd]);
}
