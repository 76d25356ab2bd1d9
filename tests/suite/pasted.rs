//! A secret under every kind of name, in every notation in which people paste: `diagnose` shows none, in no form of its answer.

use pomlint::diagnose::read_text;
use pomlint::report::{Answer, Asked, Verbosity, View, diagnosis, diagnosis_json};
use pomlint::secret::paste;

const NOW: u64 = 1_790_000_000;

/// What nobody tells by its shape: a word, a passphrase with signs, one in brackets, one with quotes.
const CANARIES: [&str; 5] =
    ["hunterzwo", "correct-horse-battery", "pa!ss,wo;rd#horse", "hunter(zwo)x", "ho'unter\"zwo"];

/// What is left of one if some of it is cut.
const PIECES: [&str; 7] = ["unterzwo", "correct", "horse", "battery", "hunter", "zwo", "unter"];

const NAMES: [[&str; 2]; 9] = [
    ["client", "secret"],
    ["db", "password"],
    ["access", "token"],
    ["api", "key"],
    ["auth", "code"],
    ["csrf", "state"],
    ["login", "cookie"],
    ["user", "session"],
    ["request", "signature"],
];

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

/// The name in every style; the last ones have a blank in them.
fn styles([first, last]: [&str; 2]) -> Vec<String> {
    vec![
        format!("{first}_{last}"),
        format!("{first}-{last}"),
        format!("{first}{}", capital(last)),
        format!("{}{}", capital(first), capital(last)),
        format!("{first}_{last}").to_uppercase(),
        format!("{first}{last}"),
        last.to_owned(),
        format!("{first} {last}"),
        format!("{} {}", capital(first), capital(last)),
    ]
}

fn doubly(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

fn singly(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "\\'")
}

type Shape = fn(&str, &str) -> String;

/// Notations in which a name may have a blank in it.
const LOOSE: [Shape; 38] = [
    |n, c| format!("{n} = {c}"),
    |n, c| format!("{n}: {c}"),
    |n, c| format!("{n} : '{}'", singly(c)),
    |n, c| format!("**{n}:** {c}"),
    |n, c| format!("`{n}`: `{c}`"),
    |n, c| format!("{n} (required): {c}"),
    |n, c| format!("{n} -> {c}"),
    |n, c| format!("{n} - {c}"),
    |n, c| format!("{n}: |\n  first\n  {c}\n  last\nx: y"),
    |n, c| format!("{n}:\n  {c}"),
    |n, c| format!("{n}:\n- {c}\n- {c}"),
    |n, c| format!("{n}     {c}"),
    |n, c| format!("| {n} | {c} |"),
    |n, c| format!("\n| id | {n} |\n|---|---|\n| a | {c} |"),
    |n, c| format!("\nID   {n}\na1   {c}"),
    |n, c| format!("\nid\t{n}\n1\t{c}"),
    |n, c| format!("\nid;{n}\n1;{}", c.replace(';', "")),
    |n, c| format!("\nid,{n},x\n1,{},y", c.replace(',', "")),
    |n, c| format!("{{\"{n}\":\"{}\"}}", doubly(c)),
    |n, c| format!("{{\"{n}\":\"{}\"", doubly(c)),
    |n, c| doubly(&format!("\"{n}\" : \"{}\"", doubly(c))),
    |n, c| format!("{{\"a\":{{\"b\":[{{\"{n}\":[\"{}\"]}}]}}}}", doubly(c)),
    |n, c| format!("{{\"name\":\"{n}\",\"value\":\"{}\"}}", doubly(c)),
    |n, c| format!("[{{\"Key\":\"{n}\",\"Value\":\"{}\"}}]", doubly(c)),
    |n, c| format!("- name: {n}\n  value: {c}"),
    |n, c| format!("{{b'{n}': b'{}', u'x': u'y'}}", singly(c)),
    |n, c| format!("[('{n}', '{}'), (b'{n}', b'{}')]", singly(c), singly(c)),
    |n, c| format!("{{\"{n}\"=>\"{}\"}}", doubly(c)),
    |n, c| format!("settings[\"{n}\"] = \"{}\"", doubly(c)),
    |n, c| format!("<input name=\"{n}\" value=\"{}\">", c.replace('"', "")),
    |n, c| format!("<add key=\"{n}\" data=\"{}\"/>", c.replace('"', "")),
    |n, c| format!("<property name=\"{n}\">{c}</property>"),
    |n, c| format!("<setting name='{n}'><value>{c}</value></setting>"),
    |n, c| format!("variable \"{n}\" {{ default = \"{}\" }}", doubly(c)),
    |n, c| format!("the {n} is {c}"),
    |n, c| format!("The {n} was set to {c}, and it fails."),
    |n, c| format!("{n} is: {c}"),
    |n, c| format!("{n}：{c}"),
];

/// Notations of programs.
const STRICT: [Shape; 30] = [
    |n, c| format!("{n}={c}"),
    |n, c| format!("export {n}=\"{}\"", doubly(c)),
    |n, c| format!("level=error msg=\"x\" {n}=\"{}\"", doubly(c)),
    |n, c| format!("map[{n}:{c} x:y]"),
    |n, c| format!("map[{n}:[{c}] x:[y]]"),
    |n, c| format!("{{Id:5 {n}:{c} Other:x}}"),
    |n, c| format!("&{{{n}:{c} Other:x}}"),
    |n, c| format!("main.Config{{Id:\"x\", {n}:\"{}\"}}", doubly(c)),
    |n, c| format!("url.Values{{\"{n}\":[]string{{\"{}\"}}}}", doubly(c)),
    |n, c| format!("Config {{ {n}: Some(\"{}\") }}", doubly(c)),
    |n, c| format!("Config({n}={c}, id=x)"),
    |n, c| format!("f(id='x', {n}='{}')", singly(c)),
    |n, c| format!("<{n}>{c}</{n}>"),
    |n, c| format!("<client id=\"x\" {n}=\"{}\" />", c.replace('"', "")),
    |n, c| format!("<div data-{n}='{}'>", c.replace('\'', "")),
    |n, c| format!("curl -b '{n}={}' https://a.example", c.replace('\'', "")),
    |n, c| format!("curl -d '{n}={}&x=y' https://a.example", c.replace('\'', "")),
    |n, c| format!("curl -H 'X-{n}: {}' https://a.example", c.replace('\'', "")),
    |n, c| format!("helm upgrade --set=a.{n}={c},b=c x"),
    |n, c| format!("  {n}   = \"{}\" -> \"{}\"", doubly(c), doubly(c)),
    |n, c| format!("[{{\"header\":\"X-{n}\",\"value\":\"{}\"}}]", doubly(c)),
    |n, c| format!("[[\"x-{n}\", \"{}\"]]", doubly(c)),
    |n, c| format!("https://a.example/?pomerium_{n}={}&x=1", c.replace('#', "")),
    |n, c| format!("https://a.example/cb?{n}={}&x=1", c.replace('#', "")),
    |n, c| format!("x --{n} '{}' --y", singly(c)),
    |n, c| format!("x --{n}={c} --y"),
    |n, c| format!("ENV {n} {c}"),
    |n, c| format!("INSERT INTO c (id, {n}) VALUES ('a', '{}')", c.replace('\'', "''")),
    |n, c| format!("UPDATE c SET {n} = '{}' WHERE id=1", c.replace('\'', "''")),
    |n, c| format!("{n} = \"abc\" + \"{}\"", doubly(c)),
];

/// Every paste, under a name that is told of it.
fn pastes() -> Vec<String> {
    let mut all = Vec::new();
    for base in NAMES {
        for name in styles(base) {
            let strict = STRICT.iter().filter(|_| !name.contains(' '));
            for shape in LOOSE.iter().chain(strict) {
                all.extend(CANARIES.map(|canary| shape(&name, canary)));
            }
        }
    }
    all
}

fn leak(text: &str) -> Option<&'static str> {
    PIECES.into_iter().find(|piece| text.contains(piece))
}

#[test]
fn no_notation_of_a_secret_is_shown_again() {
    let mut wrong = Vec::new();
    for pasted in pastes() {
        let shown = paste::clean(&format!("error invalid_client {pasted}"));
        if let Some(piece) = leak(&shown) {
            wrong.push(format!("{piece}: {pasted:?}\n    {:?}", shown.to_string()));
        }
        assert!(shown.starts_with("error"), "{pasted:?}: {shown}");
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), pastes().len(), wrong[..wrong.len().min(20)].join("\n"));
}

#[test]
fn no_form_of_the_answer_shows_one() {
    // One of each notation: what is shown of it is cleaned alike.
    let names = ["client_secret", "accessToken", "API-KEY", "state"];
    let mut shown = 0;
    for (index, shape) in LOOSE.iter().chain(&STRICT).enumerate() {
        let pasted = shape(names[index % names.len()], CANARIES[index % CANARIES.len()]);
        for text in
            [format!("error: oauth2: \"invalid_client\" {pasted}"), format!("{pasted} ERR something odd\n{pasted}\n")]
        {
            let read = read_text(&text, NOW).unwrap();
            let answer = Answer { diagnosis: &read, report: None, asked: Asked::Offline };
            let verbose = View { verbosity: Verbosity::Verbose, ..View::default() };
            for said in [diagnosis(&answer, &View::default()), diagnosis(&answer, &verbose), diagnosis_json(&answer)] {
                assert_eq!(leak(&said), None, "{pasted:?}\n{said}");
                shown += usize::from(said.contains("CUT"));
            }
        }
    }
    assert!(shown > 100, "what is cut has to be shown: {shown}");
}

#[test]
fn what_is_said_in_prose_is_left() {
    for text in [
        "the client secret is wrong",
        "the secret was rotated yesterday, and the code is expired",
        "invalid_client: the client secret does not match",
        "IDP_CLIENT_SECRET is not set in the environment",
        "failed getting id_token: identity/oidc: missing id_token",
        "error verifying access token: oidc: expected audience",
        "email in id_token (someone@example.com) isn't verified",
        "POST /oauth2/token -> 400 {\"error\":\"invalid_client\"}",
        "token exchange failed: oauth2: \"invalid_client\"",
        "the session cookie is missing; no refresh token returned",
    ] {
        assert_eq!(paste::clean(text).to_string(), text);
    }
}
