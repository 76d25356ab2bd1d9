//! No secret leaves the program: not on a stream, not in a recording, in no spelling, wherever in the configuration it stands.

use std::path::Path;

use crate::support::pool::Pool;
use crate::support::server::Server;
use crate::support::{Pomlint, Ran, healthy, is_due};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// As Cognito makes them, but for the word.
const SECRET: &str = "1hqcanary7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u";

/// What no text may contain of a secret, in any letter case of an escape.
fn spellings(secret: &str) -> Vec<String> {
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let json = serde_json::to_string(secret).unwrap();
    let mut all = vec![secret.to_owned(), form.replace('+', "%20"), form, json[1..json.len() - 1].to_owned()];
    for id in ["", "4qk2v9s7m1n3b5c8d0f6g7h2u1:", "x", "xx"] {
        for engine in [STANDARD, URL_SAFE] {
            // Without the characters that a neighbour shares.
            let encoded = engine.encode(format!("{id}{secret}"));
            let from = (id.len() * 8).div_ceil(6);
            let to = (id.len() + secret.len()) * 8 / 6;
            all.push(encoded[from..to].to_owned());
        }
    }
    all.extend(secret.split(char::is_whitespace).filter(|part| part.len() >= 8).map(str::to_owned));
    all
}

/// Where the text gives a secret away.
fn leaks(what: &str, text: &str, secrets: &[&str]) -> Vec<String> {
    // A terminal breaks lines: what stands on two of them is read as one.
    let joined: String = text.split('\n').map(str::trim_start).collect();
    let lower = [text.to_lowercase(), joined.to_lowercase()];
    let spelt = secrets.iter().flat_map(|secret| spellings(secret));
    spelt
        .filter(|spelling| lower.iter().any(|text| text.contains(&spelling.to_lowercase())))
        .map(|spelling| format!("{what}: {spelling}"))
        .collect()
}

fn both(ran: &Ran) -> String {
    assert!((0..=3).contains(&ran.code), "{ran:?}");
    assert!(!ran.stderr.contains("has a bug"), "{ran:?}");
    format!("{}\n{}", ran.stdout, ran.stderr)
}

/// Every way in which a configuration is shown without asking anybody.
const WAYS: [&[&str]; 5] = [
    &["check", "--offline", "--pedantic", "-v"],
    &["check", "--offline", "--pedantic", "--format", "json"],
    &["show"],
    &["show", "--format", "json"],
    &["check", "--offline", "-q", "--pomerium-version", "v0.20.0"],
];

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

/// Shows a configuration in every way, and says where a secret survives.
fn survivors(folder: &Path, name: &str, more: &[&str], secrets: &[&str]) -> Vec<String> {
    WAYS.iter().flat_map(|way| survivors_in(way, folder, name, more, secrets)).collect()
}

fn survivors_in(way: &[&str], folder: &Path, name: &str, more: &[&str], secrets: &[&str]) -> Vec<String> {
    let ran = Pomlint::new(way.iter().copied()).args(more.iter().copied()).args([name]).in_folder(folder).run();
    leaks(&format!("{} {}", way.join(" "), name), &both(&ran), secrets)
}

/// The healthy configuration with its line of the client secret replaced.
fn with_secret_line(lines: &str) -> String {
    let base = healthy();
    let line = base.lines().find(|line| line.starts_with("idp_client_secret:")).unwrap();
    base.replace(line, lines)
}

#[test]
#[allow(clippy::too_many_lines, reason = "it is one table")]
fn in_every_place_of_a_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let s = SECRET;
    let policy = STANDARD.encode(format!("- from: https://a.example.com\n  to: http://b\n  idp_client_secret: {s}\n"));
    let encoded_url = STANDARD.encode(format!("[{{from: https://a.example.com, to: 'http://u:{s}@b:port'}}]"));
    let configs = [
        ("plain.yaml", with_secret_line(&format!("idp_client_secret: {s}"))),
        ("swapped.yaml", healthy().replace("4qk2v9s7m1n3b5c8d0f6g7h2u1", s)),
        ("unknown.yaml", with_secret_line(&format!("idp_client_secrets: {s}"))),
        (
            "typo.yaml",
            with_secret_line(&format!("idp_clent_secret: {s}\nclient_secret: {s}\nidp:\n  client_secret: {s}")),
        ),
        ("colon.yaml", with_secret_line(&format!("idp_client_secret: {s}: x"))),
        ("quote.yaml", with_secret_line(&format!("idp_client_secret: \"{s}"))),
        ("tab.yaml", with_secret_line(&format!("idp_client_secret:\t\t'{s}\n\tx"))),
        ("escape.yaml", with_secret_line(&format!("idp_client_secret: \"{s}\\q\""))),
        ("bracket.yaml", with_secret_line(&format!("idp_client_secret: [{s}"))),
        ("duplicate.yaml", with_secret_line(&format!("idp_client_secret: {s}\nidp_client_secret: {s}"))),
        ("case.yaml", with_secret_line(&format!("idp_client_secret: {s}\nIDP_CLIENT_SECRET: {s}"))),
        ("placeholder.yaml", with_secret_line(&format!("idp_client_secret: ${{PREFIX}}{s}"))),
        ("quoted.yaml", with_secret_line(&format!("idp_client_secret: \" {s}\\n\""))),
        ("escaped.yaml", with_secret_line(&format!("idp_client_secret: \"\\x31{}\"", &s[1..]))),
        ("block.yaml", with_secret_line(&format!("idp_client_secret: |\n  {s}\n"))),
        ("folded.yaml", with_secret_line(&format!("idp_client_secret: >-\n  {}\n  {}\n", &s[..25], &s[25..]))),
        ("list.yaml", with_secret_line(&format!("idp_client_secret: [{s}]"))),
        ("map.yaml", with_secret_line(&format!("idp_client_secret: {{value: {s}}}"))),
        ("anchor.yaml", with_secret_line(&format!("x: &secret {s}\nidp_client_secret: *secret"))),
        (
            "elsewhere.yaml",
            with_secret_line(&format!("idp_client_secret: {s}\ncookie_domain: {s}\nidp_scopes: [{s}]\nlog_level: {s}")),
        ),
        ("in-url.yaml", with_secret_line(&format!("idp_client_secret: {s}\nsignout_redirect_url: https://x/?a={s}"))),
        ("own.yaml", with_secret_line(&format!("shared_secret: {s}\ncookie_secret: {s}\nsigning_key: {s}"))),
        ("wrong-type.yaml", with_secret_line(&format!("idp_client_secret: {s}\nautocert: {s}\ncookie_expire: {s}"))),
        ("section.yaml", with_secret_line(&format!("identity_provider:\n  idp_client_secret: {s}\n  idp_scopes: {s}"))),
        (
            "route.yaml",
            format!(
                "{}  - from: https://b.corp.example.com\n    to: http://b\n    idp_client_id: {s}\n    idp_client_secret: {s}\n    \
                 kubernetes_service_account_token: {s}\n    set_request_headers: {{Authorization: Bearer {s}}}\n    tls_client_key: {s}\n",
                healthy()
            ),
        ),
        ("broken.json", format!("{{\"idp_provider\": \"cognito\", \"idp_client_secret\": \"{s}\" \"x\": 1}}")),
        ("twice.json", format!("{{\"idp_client_secret\": \"{s}\", \"idp_client_secret\": \"{s}\"}}")),
        ("odd.json", format!("{{\"idp_client_secret\": [[\"{s}\"]], \"cookie_expire\": \"{s}\"}}")),
        ("broken.toml", format!("idp_provider = \"cognito\"\nidp_client_secret = {s}\n")),
        ("twice.toml", format!("idp_client_secret = \"{s}\"\nidp_client_secret = \"{s}\"\n")),
        ("broken.env", format!("IDP_PROVIDER=cognito\nIDP_CLIENT_SECRET \"{s}\n")),
        (
            "plain.env",
            format!("IDP_PROVIDER=cognito\nIDP_CLIENT_SECRET={s}\nIDP_CLIENT_SECRETS={s}\nPOLICY={policy}\n"),
        ),
        ("unknown.ini", format!("idp_client_secret = {s}\n")),
        ("none", format!("idp_client_secret: {s}\n")),
        ("large.yaml", format!("idp_client_secret: {s}\n# {}", "x".repeat(5 << 20))),
        ("template.yaml", with_secret_line(&format!("{{{{ if .x }}}}\nidp_client_secret: {s}\n{{{{ end }}}}"))),
        ("alias.yaml", with_secret_line(&format!("idp_client_secret: *{s}"))),
        ("alias-deep.yaml", with_secret_line(&format!("idp_client_secrt:\n  - [*{s}]"))),
        ("as-path.yaml", with_secret_line(&format!("idp_client_secret_file: {s}\nsigning_key_file: {s}"))),
        ("as-path.env", format!("IDP_PROVIDER=cognito\nIDP_CLIENT_SECRET_FILE={s}\n")),
        (
            "clear-policy.env",
            format!("IDP_PROVIDER=cognito\nPOLICY=[{{\"from\":\"x\",\"idp_client_secret\":\"{s}\"}}]\n"),
        ),
        ("comment.yaml", with_secret_line(&format!("idp_client_secret: a1b2c3d4e5f6 # old: {s}"))),
        (
            "comment-above.yaml",
            format!(
                "{}  - from: https://b.corp.example.com\n    # idp_client_secret: {s}\n    to: [x, 1]\n    frm: 1\n",
                healthy()
            ),
        ),
        ("as-key.yaml", with_secret_line(&format!("idp_client_secret: {s}\n{}: 1", upper(s)))),
        ("as-key-only.yaml", with_secret_line(&format!("{s}: 1"))),
        ("as-map.yaml", with_secret_line(&format!("idp_client_secret: {{{s}: a}}\nshared_secret: {{{s}}}"))),
        (
            "encoded-file.yaml",
            format!(
                "apiVersion: v1\nkind: Secret\nmetadata: {{name: p}}\ndata:\n  config.yaml: {}\n",
                STANDARD.encode(with_secret_line(&format!("idp_client_secret: *{s}")))
            ),
        ),
        ("list-of-files.yaml", with_secret_line(&format!("certificates: [{{cert: c.pem, key: {s}}}]"))),
        ("query.yaml", format!("{}signout_redirect_url: https://x/?client_secret={s}#x\n", healthy())),
        ("next-line.yaml", with_secret_line(&format!("idp_client_secret: a\n  {s}\n x"))),
        ("next-line.env", format!("IDP_PROVIDER=cognito\nIDP_CLIENT_SECRET=abc\"def\n{s}\n")),
        ("no-colon.json", format!("{{\"idp_client_secret\" \"{s}\"}}")),
        ("parameters.env", format!("IDP_PROVIDER=cognito\nIDP_REQUEST_PARAMS={{\"client_secret\":\"{s}\"}}\n")),
        ("encoded.env", format!("IDP_PROVIDER=cognito\nPOLICY={encoded_url}\n")),
        (
            "resource.yaml",
            format!(
                "apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata: {{name: global}}\nspec:\n  secrets: {s}\n  \
                 authenticate: {{url: https://a.example.com}}\n  identityProvider:\n    provider: cognito\n    secret: {s}\n    \
                 clientSecret: {s}\n"
            ),
        ),
        (
            "name-and-value.yaml",
            format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: pomerium}}\nspec:\n  template:\n    spec:\n      \
                 containers:\n      - name: pomerium\n        image: pomerium/pomerium:v0.33.1\n        env:\n        - name: \
                 IDP_CLIENT_SECRET\n          value: *{s}\n"
            ),
        ),
        (
            "urls.yaml",
            format!(
                "authenticate_service_url: https://u:{s}@auth.corp.example.com\nidp_provider: cognito\n\
             idp_provider_url: https://u:{s}@cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12Cd34E\n\
             idp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1\ntracing_zipkin_endpoint: https://u:{s}@zipkin\n\
             databroker_storage_type: postgres\ndatabroker_storage_connection_string: postgres://u:{s}@db/x?y=z\n\
             databroker_storage_conection_string: postgres://u:{s}@db/x\n\
             routes:\n  - from: https://u:{s}@a.corp.example.com\n    to: 'http://u:{s}@b:port'\n"
            ),
        ),
    ];
    let mut wrong = Vec::new();
    for (row, (name, text)) in configs.into_iter().enumerate() {
        write(folder.path(), name, &text);
        let secrets = if name == "folded.yaml" { vec![&s[..25], &s[25..]] } else { vec![s] };
        let ways = WAYS.iter().enumerate().filter(|(column, _)| *column == 0 || is_due(row + column, WAYS.len() - 1));
        wrong.extend(ways.flat_map(|(_, way)| survivors_in(way, folder.path(), name, &[], &secrets)));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// As somebody may write a name: Pomerium makes the letters small.
fn upper(secret: &str) -> String {
    secret.to_uppercase()
}

/// Names that are none, each nearer to a secret than to anything else.
const MISSPELT: [&str; 12] = [
    "idp_client_secrt",
    "idp_client_secert",
    "idp_client_sceret",
    "idp_client_scret",
    "idpclientsecrt",
    "idp-client-secrt",
    "idp_client_key",
    "idp_client_pass",
    "idp_klient_sekret",
    "cookie_scret",
    "shared_sercet",
    "signing_ky",
];

#[test]
fn under_a_misspelt_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for (number, key) in MISSPELT.into_iter().enumerate() {
        let s = SECRET;
        let variable = key.to_uppercase().replace('-', "_");
        let service = "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n    environment:\n";
        let forms = [
            ("top.yaml", with_secret_line(&format!("{key}: {s}"))),
            ("section.yaml", with_secret_line(&format!("idp:\n  {key}: {s}"))),
            (
                "route.yaml",
                format!("{}  - from: https://b.corp.example.com\n    to: http://b\n    {key}: {s}\n", healthy()),
            ),
            ("broken.yaml", with_secret_line(&format!("{key}: {s}: x"))),
            ("c.toml", format!("idp_provider = \"cognito\"\n{key} = \"{s}\"\n")),
            ("c.json", format!("{{\"idp_provider\": \"cognito\", \"{key}\": \"{s}\"}}")),
            ("c.env", format!("IDP_PROVIDER=cognito\n{variable}={s}\n")),
            ("compose.yaml", format!("{service}      IDP_PROVIDER: cognito\n      {variable}: {s}\n")),
            ("compose-list.yaml", format!("{service}      - IDP_PROVIDER=cognito\n      - {variable}={s}\n")),
            (
                "secret.yaml",
                format!(
                    "apiVersion: v1\nkind: Secret\nmetadata: {{name: pomerium}}\nstringData:\n  IDP_PROVIDER: cognito\n  \
                 IDP_CLIENT_ID: a\n  {variable}: {s}\n"
                ),
            ),
        ];
        for (row, (name, text)) in forms.into_iter().enumerate() {
            let name = format!("{number}-{name}");
            write(folder.path(), &name, &text);
            for (_, way) in WAYS[..2].iter().enumerate().filter(|(column, _)| is_due(number + row + column, 2)) {
                let ran = Pomlint::new(way.iter().copied()).args([name.as_str()]).in_folder(folder.path()).run();
                wrong.extend(leaks(&format!("{key}: {name}"), &both(&ran), &[s]));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn in_the_environment_and_in_files_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let policy = STANDARD.encode(format!("[{{from: https://a.example.com, to: http://b, idp_client_secret: {SECRET}"));
    write(folder.path(), "secret.txt", &format!("{SECRET}\n"));
    write(
        folder.path(),
        "file.yaml",
        &with_secret_line("idp_client_secret_file: secret.txt\nshared_secret_file: secret.txt"),
    );
    let mut wrong = survivors(folder.path(), "file.yaml", &[], &[SECRET]);
    for (number, variables) in [
        format!("IDP_CLIENT_SECRET={SECRET}\nSHARED_SECRET=\"{SECRET}\"\n"),
        format!(
            "IDP_CLIENT_SECRET ={SECRET}\nexport IDP_CLIENT_SECRET={SECRET}\nPOMERIUM_IDP_CLIENT_SECRET={SECRET}\n"
        ),
        format!("IDP_CLIENT_ID={SECRET}\nIDP_SCOPES={SECRET}\nIDP_CLIENT_SECRET={SECRET}"),
        format!("POLICY={policy}\nROUTES={policy}\n"),
        format!("POMERIUM_ZERO_TOKEN={SECRET}\n"),
        format!("IDP_CLIENT_SECRT={SECRET}\nIDP_CLIENT_SECRET_FILE={SECRET}\n"),
        format!("IDP_PROVIDER_URL=https://u:{SECRET}@example.com\n"),
        format!("POLICY=[{{\"from\": \"x\", \"idp_client_secret\": \"{SECRET}\"}}]\n"),
        format!("IDP_CLIENT_SECRET: {SECRET}\nidp_client_secret={SECRET}\n"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("{number}.env");
        write(folder.path(), &name, &variables);
        wrong.extend(survivors(folder.path(), "file.yaml", &["--env-file", &name], &[SECRET, &policy]));
    }
    for way in WAYS {
        let ran = Pomlint::new(way.iter().copied())
            .args(["--env"])
            .env("IDP_CLIENT_SECRET", SECRET)
            .env("IDP_CLIENT_ID", SECRET)
            .env("IDP_PROVIDER", "cognito")
            .env("POLICY", &policy)
            .run();
        wrong.extend(leaks(&way.join(" "), &both(&ran), &[SECRET, &policy]));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn of_any_length_and_with_any_characters() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for (number, secret) in [
        "k7#Q".to_owned(),
        "correct horse battery staple".to_owned(),
        r#"q".*\d+["{}]%2F\u0041&<x>'"#.to_owned(),
        "https://user:pa55word@host/?code=1#x".to_owned(),
        "päßwört-世界-ünd-mehr".to_owned(),
        "%%%+++===//\\\\".to_owned(),
        format!("{}Z9", "long-canary.".repeat(2000)),
        "1234567890123456789012345678".to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        let yaml = serde_json::to_string(&secret).unwrap();
        let name = format!("{number}.yaml");
        write(
            folder.path(),
            &name,
            &with_secret_line(&format!(
                "idp_client_secret: {yaml}\nautocert: {yaml}\nidp_client_secrets: {yaml}\nx: {yaml}"
            )),
        );
        wrong.extend(survivors(folder.path(), &name, &[], &[&secret]));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Everything in a recording.
fn recorded(folder: &Path) -> String {
    let entries =
        std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    entries.collect::<Vec<_>>().join("\n")
}

#[test]
fn live_and_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    let pool = Pool::from_yaml(&format!("client: {{secret: {SECRET}}}")).unwrap();
    let server = Server::of(pool);
    for (name, text, sends) in [
        ("right.yaml", with_secret_line(&format!("idp_client_secret: {SECRET}")), true),
        ("newline.yaml", with_secret_line(&format!("idp_client_secret: \"{SECRET}\\n\"")), true),
        ("scope.yaml", with_secret_line(&format!("idp_client_secret: {SECRET}\nidp_scopes: [openid, {SECRET}]")), true),
        ("id.yaml", with_secret_line("").replace("4qk2v9s7m1n3b5c8d0f6g7h2u1", SECRET), false),
        ("swapped.yaml", healthy().replace("4qk2v9s7m1n3b5c8d0f6g7h2u1", SECRET), false),
    ] {
        write(folder.path(), name, &text);
        let before = server.received().len();
        for (number, format) in [&["-v"][..], &["--format", "json"]].iter().enumerate() {
            let record = folder.path().join(format!("{name}.{number}"));
            let ran = Pomlint::new(["check", "--probe-secret", "--probe-sign-out", "--pedantic", name])
                .args(server.args())
                .args(["--record", record.to_str().unwrap()])
                .args(format.iter().copied())
                .in_folder(folder.path())
                .run();
            wrong.extend(leaks(name, &both(&ran), &[SECRET]));
            wrong.extend(leaks(&format!("recording of {name}"), &recorded(&record), &[SECRET]));
        }
        let sent: Vec<String> = server.received()[before..]
            .iter()
            .map(|received| format!("{:?}", received.request))
            .filter(|request| !leaks(name, request, &[SECRET]).is_empty())
            .collect();
        assert_eq!(!sent.is_empty(), sends, "{name}: {sent:#?}");
        if !sends {
            continue;
        }
        assert!(sent.iter().all(|request| request.contains("/oauth2/token")), "{sent:#?}");
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A quote in the wrong place makes one value of two lines, and what stands behind the second name would be sent with the first.
#[test]
fn what_a_slip_puts_into_a_value_is_neither_sent_nor_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    let server = Server::of(Pool::default());
    let id = "4qk2v9s7m1n3b5c8d0f6g7h2u1";
    let line = format!("idp_client_id: {id}\n");
    let url = "https://authenticate.corp.example.com";
    let pool = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
    for (number, (secret, from, to)) in [
        ("zq7c", &line, format!("idp_client_id: \"{id}\nidp_client_secret: zq7c\"\n")),
        ("zq7canary", &line, format!("idp_client_id: \"{id}\nidp_client_secret: zq7canary\"\n")),
        (SECRET, &line, format!("idp_client_id: \"{id}\nidp_client_secret: {SECRET}\"\n")),
        ("zq7canary", &line, format!("idp_client_id: \"{id} zq7canary\"\n")),
        ("zq7c", &line, format!("{line}idp_scopes: \"openid\n  cookie_secret: zq7c\"\n")),
        ("zq7canary", &line, format!("{line}idp_scopes: [openid, \"--client-secret zq7canary\"]\n")),
        ("zq7c", &line, format!("{line}idp_request_params: {{login_hint: \"client_secret: zq7c\"}}\n")),
        ("zq7c", &line, format!("{line}idp_request_params: {{client_secret: zq7c}}\n")),
        ("zq7c", &url.to_owned(), format!("{url}/?password=zq7c")),
        ("zq7canary", &pool.to_owned(), format!("\"{pool} client_secret: zq7canary\"")),
        ("hunterzwodrei", &url.to_owned(), "https://pom:hunterzwodrei@authenticate.corp.example.com".to_owned()),
        ("hunterzwodrei", &line, format!("{line}idp_request_params: {{foo: \"DB_PASSWORD hunterzwodrei\"}}\n")),
        ("hunterzwodrei", &line, format!("{line}idp_request_params: {{foo: \"my token is hunterzwodrei\"}}\n")),
        ("hunterzwodrei", &line, format!("{line}idp_request_params: {{session: hunterzwodrei}}\n")),
        ("hunterzwodrei", &line, format!("{line}idp_scopes: [openid, \"password hunterzwodrei\"]\n")),
        ("hunterzwodrei", &line, format!("{line}idp_request_params: {{foo: \"https%3A%2F%2Fu%3Ahunterzwodrei%40h%2F\"}}\n")),
        (
            "hunterzwodrei",
            &line,
            format!(
                "{line}databroker_storage_connection_string: postgres://u:hunterzwodrei@db/x\nidp_request_params: {{foo: hunterzwodrei}}\n"
            ),
        ),
        ("hunterzwodrei", &line, format!("{line}idp_request_params: {{\"cookie_secret=hunterzwodrei\": x}}\n")),
    ]
    .into_iter()
    .enumerate()
    {
        let text = healthy().replacen(from.as_str(), &to, 1);
        assert_ne!(text, healthy(), "{to}");
        let (name, record) = (format!("{number}.yaml"), folder.path().join(number.to_string()));
        write(folder.path(), &name, &text);
        let before = server.received().len();
        let ran = Pomlint::new(["check", "--probe-secret", "--probe-sign-out", "--pedantic", "-v", &name])
            .args(server.args())
            .args(["--record", record.to_str().unwrap()])
            .in_folder(folder.path())
            .run();
        // What has no name may be shown, and a short one is in many a text by chance; but neither is in a request.
        if secret.len() > 4 && (to.contains("ecret") || secret.starts_with("hunter")) {
            wrong.extend(leaks(&to, &both(&ran), &[secret]));
            wrong.extend(leaks(&format!("recording of {to}"), &recorded(&record), &[secret]));
        }
        let sent = server.received();
        let sent = sent[before..].iter().map(|received| format!("{:?}", received.request));
        wrong
            .extend(sent.filter(|request| request.contains(secret)).map(|request| format!("sent for {to}: {request}")));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_provider_that_says_it_back_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "c.yaml", &with_secret_line(&format!("idp_client_secret: {SECRET}")));
    let basic = STANDARD.encode(format!("4qk2v9s7m1n3b5c8d0f6g7h2u1:{SECRET}"));
    for body in [SECRET.to_owned(), format!("<title>{basic}</title>"), format!("{{\"error\": \"{SECRET} {basic}\"}}")] {
        let pool = format!(
            "login: {{status: 500, body: {body:?}}}\ndiscovery: {{status: 404, body: {body:?}, headers: {{location: {body:?}}}}}\n"
        );
        let server = Server::of(Pool::from_yaml(&pool).unwrap());
        for format in [&["-v"][..], &["--format", "json"]] {
            let record = folder.path().join("record");
            let ran = Pomlint::new(["check", "c.yaml", "--record", record.to_str().unwrap()])
                .args(server.args())
                .args(format.iter().copied())
                .in_folder(folder.path())
                .run();
            let wrong = leaks(&body, &both(&ran), &[SECRET]);
            assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
            let wrong = leaks(&body, &recorded(&record), &[SECRET]);
            assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
        }
    }
}

#[test]
fn what_is_expanded_from_a_variable_that_speaks_of_a_secret_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        healthy().replace("idp_provider: cognito", "idp_provider: cognito\nidp_scopes: [openid, \"${NAME_OF_IT}\"]");
    let mut wrong = Vec::new();
    for name in ["AWS_SECRET_ACCESS_KEY", "GH_TOKEN", "DB_PASSWORD", "npm_credentials", "SIGNING_KEY"] {
        write(folder.path(), "c.yaml", &text.replace("NAME_OF_IT", name));
        for way in WAYS {
            let ran = Pomlint::new(way.iter().copied())
                .args(["--expand-env", "c.yaml"])
                .env(name, SECRET)
                .in_folder(folder.path())
                .run();
            wrong.extend(leaks(&format!("{name} {}", way.join(" ")), &both(&ran), &[SECRET]));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_cure_that_is_a_line_of_a_configuration_in_a_secret_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let config = "authenticate_service_url: https://authenticate.corp.example.com\nidp:\n  idp_provider: cognito\n  \
                  idp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1\nidp_client_secret: zq7CANARYs3cr3tvalue0123\nroutes:\n  \
                  - from: https://a.corp.example.com\n    to: http://hunter:hunterzwo@a\n    \
                  set_request_headers: { Authorization: Bearer hunterdrei99 }\n";
    let indented: String = config.lines().map(|line| format!("    {line}\n")).collect();
    let manifest =
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{ name: p }}\nstringData:\n  config.yaml: |\n{indented}");
    write(folder.path(), "secret.yaml", &manifest);
    let ran = Pomlint::new(["check", "--offline", "-v", "secret.yaml"]).in_folder(folder.path()).run();
    let shown = both(&ran);
    assert!(shown.contains("say which provider it is:\n          idp_provider: cognito\n"), "{shown}");
    for left in ["CANARY", "hunterzwo", "hunterdrei"] {
        assert!(!shown.contains(left), "{shown}");
    }
}
