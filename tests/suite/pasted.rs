//! A secret under every kind of name, in every notation in which people paste: `diagnose` shows none, in no form of its answer.

use pomlint::diagnose::{clean, read_text};
use pomlint::report::{Answer, Asked, Verbosity, View, diagnosis, diagnosis_json};

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

/// Names of what people choose themselves.
const CHOSEN: [&str; 5] = ["client_secret", "password", "dbPassword", "CLIENT_SECRET", "clientsecret"];

/// Notations of which the value must be somebody's choice to be told from other words: pages, tables of terminals, calls, prose.
const SAID: [Shape; 27] = [
    |n, c| format!("│ {n} │ {c} │"),
    |n, c| format!("┃ {n} ┃ {c} ┃"),
    |n, c| format!("\n│ id │ {n} │\n│────│────│\n│ a │ {c} │"),
    |n, c| format!("{n} = (sensitive value) -> \"{c}\""),
    |n, c| format!("{n} = null -> \"{c}\""),
    |n, c| format!("~ {n} = \"x\" ---> \"{c}\""),
    |n, c| format!("x {n},{c}"),
    |n, c| format!("x {n};{c}"),
    |n, c| format!("<b>{n}:</b> {c}"),
    |n, c| format!("<span>{n}: </span><code>{c}</code>"),
    |n, c| format!("The `{n}` is `{c}`"),
    |n, c| format!("the **{n}** **{c}**"),
    |n, c| format!("~~{n}~~ {c}"),
    |n, c| format!("{n} ------> {c}"),
    |n, c| format!("{n}....... {c}"),
    |n, c| format!("{n}﹦{c}"),
    |n, c| format!("{n} ≔ {c}"),
    |n, c| format!("{n}:\u{2028}{c}"),
    |n, c| format!("{n} 1 {c}"),
    |n, c| format!("Das {n} ist {c}"),
    |n, c| format!("das {n} lautet \"{c}\""),
    |n, c| format!("le {n} est {c}"),
    |n, c| format!("el {n} es {c}"),
    |n, c| format!("{n} changed from x to {c}"),
    |n, c| format!("using {n} x1 instead of {c}"),
    |n, c| format!("x.Set{}(\"{c}\")", n.replace('_', "")),
    |n, c| format!("{}{}({c})", n[..1].to_uppercase(), &n[1..]),
];

/// What has a name of its own in each language, or none at all.
const ALONE: [fn(&str) -> String; 27] = [
    |c| format!("Das Passwort ist {c}"),
    |c| format!("le mot de passe est {c}"),
    |c| format!("mot de passe : {c}"),
    |c| format!("la contraseña es {c}"),
    |c| format!("Contraseña: {c}"),
    |c| format!("Clientgeheimnis: {c}"),
    |c| format!("Geheimer Clientschlüssel: {c}"),
    |c| format!("Clé secrète : {c}"),
    |c| format!("Secreto de cliente: {c}"),
    |c| format!("Kennwort={c}"),
    |c| format!("our pw: {c}"),
    |c| format!("login anna:{c}"),
    |c| format!("credentials anna:{c}"),
    |c| format!("sshpass -p {c} ssh host"),
    |c| format!("sshpass -p{c} ssh host"),
    |c| format!("mysql -uroot -p{c} db"),
    |c| format!("http -a user:{c} POST x"),
    |c| format!("redis-cli -a {c} ping"),
    |c| format!("kubectl create secret generic idp --from-literal=foo={c}"),
    |c| format!("kubectl create secret generic idp --from-literal foo={c}"),
    |c| format!("helm upgrade x --set-file x={c},secret={c}"),
    |c| format!("new OAuth2Client(\"id\", \"{c}\")"),
    |c| format!("requests.get(url, auth=HTTPBasicAuth('id', '{c}'))"),
    |c| format!("Authorization: Digest username=\"a\", response=\"{c}\", nonce=\"x\""),
    |c| format!("postgres://pomerium:p@ss{c}@db:5432/pom"),
    |c| format!("postgres://u:({c})@db/x"),
    |c| format!("dial pomerium:p@ss@{c}@db:5432"),
];

/// What people choose, and no sign of a notation is in it.
const WORDS: [&str; 3] = ["hunterzwo", "correct-horse-battery", "hunter2zwo"];

#[test]
fn what_people_choose_is_shown_in_no_notation() {
    let mut wrong = Vec::new();
    let named = SAID.iter().flat_map(|shape| CHOSEN.iter().flat_map(move |name| WORDS.map(|word| shape(name, word))));
    let alone = ALONE.iter().flat_map(|shape| WORDS.map(shape));
    for pasted in named.chain(alone) {
        for text in [format!("error invalid_client {pasted}"), format!("{pasted}\ninvalid_client")] {
            let shown = clean(&text);
            if let Some(piece) = leak(&shown) {
                wrong.push(format!("{piece}: {text:?}\n    {:?}", shown.to_string()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// Notations of logs, shells, languages, chats and tables, and sentences, one a line; `\n` is the end of a line.
const ODD: &str = include_str!("pasted/notations.txt");

#[test]
fn what_nobody_knows_is_shown_in_no_odd_notation() {
    let mut wrong = Vec::new();
    for (index, notation) in ODD.lines().enumerate() {
        let notation = notation.replace("\\n", "\n").replace("\\r", "\r");
        for turn in [0, 1] {
            let (name, value) = (CHOSEN[(index + turn) % CHOSEN.len()], WORDS[(index + turn) % WORDS.len()]);
            let pasted = notation.replace("NAME", name).replace("VALUE", value);
            for text in [format!("error invalid_client {pasted}"), format!("{pasted}\ninvalid_client")] {
                let shown = clean(&text);
                if let Some(piece) = leak(&shown) {
                    wrong.push(format!("{piece}: {text:?}\n    {:?}", shown.to_string()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_key_is_told_by_its_shape_alone() {
    for key in [
        "YfMewEsqbBTqWTNcEtczBrxHnoSaXtcRowrcG/4UPNc=",
        "YfMewEsqbBTqWTNcEtczBrxHnoSaXtcRowrcG/UPNcd=",
        "/fMewEsqbBTqWTNc+tczBrxHnoSaXtcRowrcGaUPNcd=",
    ] {
        let shown = clean(&format!("invalid_client shared {key}"));
        assert_eq!(shown.to_string(), "invalid_client shared CUT");
    }
}

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
        let shown = clean(&format!("error invalid_client {pasted}"));
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
        assert_eq!(clean(text).to_string(), text);
    }
}
