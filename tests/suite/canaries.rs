//! A canary in each secret-bearing option and field of a route, in each form of a configuration, broken in each way: no form of
//! the report, and no `show`, may hold one. The tables are multiplied here, not written out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pomlint::config::{Config, Given, GivenBy, NoFiles, PomeriumVersion, RawFile, Request};
use pomlint::engine::judge;
use pomlint::report::{FORMATS, Options, Report, Verbosity, View, scrubber, show, show_json};
use pomlint::rules::{RULES, Rule};
use proptest::prelude::*;

use crate::support::asked::unasked;
use crate::support::{healthy, is_due, is_thorough};

/// Options whose value is a secret or holds one; those that are gone, and some that never were.
const OPTIONS: [&str; 30] = [
    "idp_client_secret",
    "shared_secret",
    "cookie_secret",
    "signing_key",
    "certificate_key",
    "metrics_basic_auth",
    "metrics_certificate_key",
    "ssh_user_ca_key",
    "google_cloud_serverless_authentication_service_account",
    "autocert_eab_mac_key",
    "databroker_storage_connection_string",
    "otel_exporter_otlp_headers",
    "otel_exporter_otlp_traces_headers",
    "ssh_host_keys",
    "pomerium_zero_token",
    "idp_service_account",
    "cache_service_key",
    "idp_client_secrt",
    "IDP_Client_Secret",
    "idp-client-secret",
    "idpClientSecret",
    "client_secret",
    "google_service_account",
    "redis_password",
    "api_key",
    "access_token",
    "private_key",
    "db_credentials",
    "signing_keys",
    "cookie_secrets",
];

/// Fields of a route whose value is a secret.
const FIELDS: [&str; 7] = [
    "idp_client_secret",
    "tls_client_key",
    "kubernetes_service_account_token",
    "idp_client_secrt",
    "tls_client_keys",
    "api_token",
    "kubernetes_service_acount_token",
];

/// A secret that no two places share.
fn canary(number: usize) -> String {
    format!("zq7CANARY{number:02}s3cr3tvalue0123")
}

/// The name under which each canary stands, whichever it is.
const MARK: &str = "canary";

/// What a value is wrapped in.
const WRAPPED: [fn(&str) -> String; 10] = [
    |c| c.to_owned(),
    |c| format!("\"{c}\""),
    |c| format!("[{c}]"),
    |c| format!("{{a: {c}}}"),
    |c| format!("{{{c}: a}}"),
    |c| format!("|\n      {c}\n"),
    |c| format!(">-\n      {c}\n"),
    |c| format!("\"${{X:-{c}}}\""),
    |c| format!("'{{{{ default \"{c}\" .Values.x }}}}'"),
    |c| format!("!!str {c}"),
];

/// What is wrong besides: with the text before the secrets, or behind them.
const BROKEN: [(&str, &str); 8] = [
    ("", ""),
    ("x: [\n", ""),
    ("", "\nx: \"a\n"),
    ("", "\n}\n: x"),
    ("idp_scopes: {a: b}\nautocert: maybe\ncookie_expire: long\n", ""),
    ("idp_provider: cognito\nidp_provider: cognito\n", ""),
    ("no_such_option: 1\n", "\n\tx: y"),
    ("{{ if .x }}\n", "\n{{ end }}\n"),
];

fn config(name: &str, text: &str) -> Vec<Config> {
    let file = RawFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let given = vec![Given { file, files: &NoFiles, by: GivenBy::User }];
    let version = Some(PomeriumVersion::NEWEST);
    Request { given, version, ..Request::default() }.load().configs
}

/// What is rendered: everything, or the two that show most of a file and of its errors.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Forms {
    All,
    Few,
}

/// Judges without asking, and shows what comes of it. Names the forms in which a mark is seen.
fn leaks(what: &str, configs: Vec<Config>, forms: Forms, marks: &[&str]) -> Vec<String> {
    let rules: Vec<&'static Rule> = RULES.iter().collect();
    let known = scrubber(&configs);
    let mut texts: Vec<(&str, String)> = Vec::new();
    for config in &configs {
        texts.push(("show json", show_json(config, &known)));
        texts.extend((forms == Forms::All).then(|| ("show", show(config, &View::default(), &known))));
    }
    let cases: Vec<_> = configs
        .into_iter()
        .map(|config| {
            let world = unasked(&config);
            let judged = judge(&config, &world, &rules);
            (config, world, judged)
        })
        .collect();
    let report = Report::new(cases, &Options { pedantic: true, ..Options::default() });
    let verbose = View { verbosity: Verbosity::Verbose, ..View::default() };
    for format in FORMATS.iter().filter(|format| forms == Forms::All || format.name == "human") {
        texts.push((format.name, (format.render)(&report, &verbose)));
    }
    let is_leak = |text: &str| {
        let joined: String = text.split('\n').map(str::trim).collect();
        let texts = [text.to_lowercase(), joined.to_lowercase()];
        marks.iter().find(|mark| texts.iter().any(|text| text.contains(&mark.to_lowercase()))).copied()
    };
    texts.iter().filter_map(|(form, text)| Some(format!("{what}: {form}: {}", is_leak(text)?))).collect()
}

/// A configuration with a canary under every name, each wrapped.
fn yaml(wrap: fn(&str) -> String) -> String {
    let mut text = String::from("idp_provider: cognito\nidp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1\n");
    for (number, name) in OPTIONS.iter().enumerate() {
        text += &format!("{name}: {}\n", wrap(&canary(number)));
    }
    text += "routes:\n  - from: https://a.corp.example.com\n    to: http://b\n";
    for (number, name) in FIELDS.iter().enumerate() {
        text += &format!("    {name}: {}\n", wrap(&canary(40 + number)));
    }
    let inner = canary(60);
    text + &format!(
        "    set_request_headers: {{Authorization: Bearer {inner}, X-Api-Key: {inner}}}\n    mcp: {{server: {{upstream_oauth2: \
         {{client_secret: {inner}}}}}}}\n  - from: https://c.corp.example.com\n    to: ['svc:{inner}@b:80', 'https://u:{inner}@b:port']\n"
    )
}

#[test]
fn no_form_tells_a_secret_however_it_is_written_and_whatever_is_broken() {
    let mut wrong = Vec::new();
    for (number, wrap) in WRAPPED.into_iter().enumerate() {
        for (place, (before, behind)) in BROKEN.iter().enumerate() {
            let forms = if number % BROKEN.len() == place {
                Forms::All
            } else if is_due(number + place, 2) {
                Forms::Few
            } else {
                continue;
            };
            let text = format!("{before}{}{behind}", yaml(wrap));
            wrong.extend(leaks(&format!("yaml {number} broken {place}"), config("c.yaml", &text), forms, &[MARK]));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Every other form of a configuration, with a canary under every name.
fn forms() -> Vec<(&'static str, String)> {
    let pairs = |line: fn(&str, &str) -> String| -> String {
        OPTIONS.iter().enumerate().map(|(number, name)| line(name, &canary(number))).collect()
    };
    let variable = |name: &str| name.to_uppercase().replace('-', "_");
    let variables = |line: &dyn Fn(&str, &str) -> String| -> String {
        OPTIONS.iter().enumerate().map(|(number, name)| line(&variable(name), &canary(number))).collect()
    };
    let json = pairs(|name, canary| format!(", \"{name}\": \"{canary}\""));
    let config = yaml(|canary| canary.to_owned());
    let inside: String = config.lines().map(|line| format!("    {line}\n")).collect();
    let pod = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: pomerium}\nspec:\n  template:\n    spec:\n      containers:\n      \
               - name: pomerium\n        image: pomerium/pomerium:v0.33.1\n        env:\n";
    let service = "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n    environment:\n";
    let store = |kind: &str, data: &str| format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: pomerium}}\n{data}");
    vec![
        ("c.json", format!("{{\"idp_provider\": \"cognito\"{json}}}")),
        ("c.toml", format!("idp_provider = \"cognito\"\n{}", pairs(|name, canary| format!("{name} = \"{canary}\"\n")))),
        ("c.env", format!("IDP_PROVIDER=cognito\n{}", variables(&|name, canary| format!("{name}={canary}\n")))),
        ("compose.yaml", format!("{service}{}", variables(&|name, canary| format!("      {name}: {canary}\n")))),
        ("compose.yml", format!("{service}{}", variables(&|name, canary| format!("      - {name}={canary}\n")))),
        (
            "pod.yaml",
            format!(
                "{pod}{}",
                variables(&|name, canary| format!("        - name: {name}\n          value: {canary}\n"))
            ),
        ),
        ("secret.yaml", store("Secret", &format!("stringData:\n  config.yaml: |\n{inside}"))),
        ("data.yaml", store("Secret", &format!("data:\n  config.yaml: {}\n", STANDARD.encode(&config)))),
        ("map.yaml", store("ConfigMap", &format!("data:\n  config.yaml: |\n{inside}"))),
        (
            "keys.yaml",
            store(
                "Secret",
                &format!(
                    "stringData:\n  IDP_PROVIDER: cognito\n{}",
                    variables(&|name, canary| format!("  {name}: {canary}\n"))
                ),
            ),
        ),
        (
            "crd.yaml",
            format!(
                "apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata: {{name: global}}\nspec:\n  authenticate: {{url: \
                 https://a.example.com}}\n  identityProvider:\n    provider: cognito\n    clientSecret: {0}\n    serviceAccount: {0}\n    \
                 requestParams: {{client_secret: {0}}}\n  cookie: {{secret: {0}}}\n  storage: {{postgres: {{connectionString: {0}}}}}\n",
                canary(61)
            ),
        ),
        (
            "values.yaml",
            format!(
                "authenticate:\n  idp:\n    provider: cognito\n    clientID: 4qk2v9s7m1n3b5c8d0f6g7h2u1\n    clientSecret: {0}\n    \
                 serviceAccount: {0}\nconfig:\n  sharedSecret: {0}\n  cookieSecret: {0}\n  rootDomain: example.com\n  signingKey: {0}\n  \
                 routes: []\nredis: {{auth: {{password: {0}}}}}\n",
                canary(62)
            ),
        ),
    ]
}

/// What is wrong with a text besides: its beginning, its end, a line in its middle.
const SPOILT: [fn(&str) -> String; 5] = [
    |text| text.to_owned(),
    |text| format!("]{text}"),
    |text| format!("{text}\n\"x"),
    |text| text.get(..text.len() - 9).unwrap_or_default().to_owned(),
    |text| text.replacen('\n', "\n  ?: [\n", 2),
];

#[test]
fn no_form_of_a_configuration_tells_a_secret() {
    let mut wrong = Vec::new();
    for (name, text) in forms() {
        for (number, spoil) in SPOILT.into_iter().enumerate() {
            let forms = if number == 0 { Forms::All } else { Forms::Few };
            wrong.extend(leaks(
                &format!("{name} spoilt {number}"),
                config(name, &spoil(&text)),
                forms,
                &[MARK, "Q0FOQVJZ"],
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_placeholder_is_no_secret() {
    for placeholder in ["REPLACE_ME", "<your-client-id>", "${CLIENT}", "YOUR_CLIENT_ID", "CHANGE_ME"] {
        let line = healthy().lines().find(|line| line.starts_with("idp_client_secret:")).unwrap().to_owned();
        let text = healthy()
            .replace("4qk2v9s7m1n3b5c8d0f6g7h2u1", &format!("\"{placeholder}\""))
            .replace(&line, &format!("idp_client_secret: \"{placeholder}\""));
        let seen =
            leaks(placeholder, config("c.yaml", &text), Forms::Few, &[&format!("idp_client_id: \"{placeholder}\"")]);
        assert!(seen.iter().any(|form| form.contains("human")), "{placeholder}: {seen:?}");
    }
}

/// A word that nothing tells to be a secret: no shape, and no option that holds one.
const WORD: &str = "hunterzwo-und-drei";

/// Places in which it may stand all the same, each on a line of which something is said.
const NAMELESS: [&str; 26] = [
    "auth: {}\n",
    "webhook: {}\n",
    "dsn: {}\n",
    "notify: {slack: {}, mail: [{}]}\n",
    "alerts:\n  - name: x\n    headers: [{key: X-Key, value: {}}]\n",
    "{{ if eq .x \"{}\" }}\nidp_provider: cognito\n{{ end }}\n",
    "idp_provider: {{ if eq .x `{}` }}a{{ end }}\n",
    "{% if x == '{}' %}\n",
    "<<: {}\n",
    "x: {<<: {}}\n",
    "--- !{}\na: b\n",
    "idp_provider: !{} cognito\n",
    "# pomlint: ignore[{}] reason: ours\n",
    "# pomlint: ignore[{}\n",
    "# pomlint: ignored {} {}\n",
    "idp_scopes: openid # pomlint: ignore[scope-openid-missing] until {} reason: x\n",
    "slack: https://hooks.slack.com/services/T01/B02/{}\n",
    "signout_redirect_url: https://hooks.slack.com/services/T01/B02/{} x\n",
    "routes: [{from: 'https://a.example.com', to: 'http://b', rewrite_response_headers: [{header: X, value: {}, x: y}]}]\n",
    "routes: [{from: 'https://a.example.com', to: 'http://b', set_response_headers: {X-Key: {}}, x: y}]\n",
    "routes: [{from: 'https://a.example.com', to: 'http://b', set_request_headers: {X-Key: {}}, x: y}]\n",
    "routes: [{from: 'https://a.example.com', to: 'http://b', upstream: {}}]\n",
    "routes: [{from: 'https://a.example.com', to: 'http://b', custom: {a: {}}, tiemout: 1s}]\n",
    "set_response_headers: {X-Key: {}}\nx: [\n",
    "cookie_expire: {pin: {}}\n",
    "pomerium: {idp_provider: cognito, note: {}}\n",
];

#[test]
fn what_nobody_knows_is_not_shown() {
    let mut wrong = Vec::new();
    for (number, place) in NAMELESS.iter().enumerate() {
        for (column, before) in
            ["", "idp_provider: cognito\nidp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1\n"].into_iter().enumerate()
        {
            if !is_due(number + column, 2) {
                continue;
            }
            let text = format!("{before}{}", place.replace("{}", WORD));
            wrong.extend(leaks(&format!("{text:?}"), config("c.yaml", &text), Forms::All, &[WORD, "hunterzwo"]));
        }
    }
    let variables = format!("IDP_PROVIDER=cognito\nNOTIFY={WORD}\nIDP_SCOPES=openid\nPOMERIUM_HOOK={WORD}\n");
    wrong.extend(leaks("variables", config("c.env", &variables), Forms::All, &[WORD]));
    let service = format!(
        "services: {{p: {{image: pomerium/pomerium, environment: {{IDP_PROVIDER: cognito, NOTIFY: {WORD}, IDP_SCOPE: openid}}}}}}\n"
    );
    wrong.extend(leaks("compose", config("compose.yaml", &service), Forms::All, &[WORD]));
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_value_of_a_slip_of_the_pen_is_shown() {
    let seen = leaks(
        "slip",
        config("c.yaml", "idp_provider: cognito\nidp_provder_url: https://a.example.com\n"),
        Forms::Few,
        &["https://a.example.com"],
    );
    assert!(seen.iter().any(|form| form.contains("human")), "{seen:?}");
}

/// Names of secrets that nothing has in the place where they stand: misspelt, in another style, somebody else's.
const FOREIGN: [&str; 12] = [
    "client_secret",
    "clientsecret",
    "shared-secret",
    "cookieSecret",
    "COOKIE_SECRET",
    "idp_client_secert",
    "tls_client_key",
    "kubernetes_service_account_token",
    "db_password",
    "apiToken",
    "PASSPHRASE",
    "Authorization",
];

const INGRESS: &str = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: a\n";
const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: pomerium}\nspec:\n  template:\n    spec:\n      \
                          containers:\n      - name: pomerium\n        image: pomerium/pomerium:v0.33.1\n        env:\n        \
                          - {name: IDP_PROVIDER, value: cognito}\n";
const SERVICE: &str = "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n";
const SECRET: &str = "apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata: {name: global}\nspec: {secrets: pomerium/b}\n---\n\
                      apiVersion: v1\nkind: Secret\nmetadata: {name: b, namespace: pomerium}\n";

/// Each form with a name, `%N`, and a value, `%V`, in a place in which they say nothing: a file, its beginning, the place.
const MISPLACED: [(&str, &str, &str); 31] = [
    ("i.yaml", INGRESS, "  annotations:\n    ingress.pomerium.io/%N: %V\n"),
    ("i.yaml", INGRESS, "  annotations: {ingress.pomerium.io/%N: %V}\n"),
    ("i.yaml", INGRESS, "  annotations:\n    ingress.pomerium.io/set-request-headers: \"%N: Bearer %V\"\n"),
    ("i.yaml", INGRESS, "  annotations:\n    ingress.pomerium.io/setRequestHeaders: \"Api: %V\"\n"),
    ("i.yaml", INGRESS, "  annotations:\n    ingress.pomerium.io/set_request_heders: \"%N: %V\"\n"),
    ("i.yaml", INGRESS, "  annotations:\n    ingress.pomerium.io/set_request_headers: \"{%N: Bearer %V\"\n"),
    (
        "i.yaml",
        INGRESS,
        "  annotations:\n    ingress.pomerium.io/set_request_headers: |\n      Authorization Bearer x\n      Api: %V\n",
    ),
    ("d.yaml", DEPLOYMENT, "        - nmae: %N\n          value: %V\n"),
    ("d.yaml", DEPLOYMENT, "        - vaule: %V\n          name: %N\n"),
    ("d.yaml", DEPLOYMENT, "        - {nmae: %N, value: %V}\n"),
    ("d.yaml", DEPLOYMENT, "        - {name: %N, valueFrom: %V}\n"),
    ("d.yaml", DEPLOYMENT, "        - name: %N\n          value: {a: %V}\n"),
    ("d.yaml", DEPLOYMENT, "        - %N: %V\n"),
    ("d.yaml", DEPLOYMENT, "        - %N=%V\n"),
    ("d.yaml", DEPLOYMENT, "        - \"%N: %V\"\n"),
    ("compose.yaml", SERVICE, "    environment: [IDP_PROVIDER=cognito, \"%N: %V\"]\n"),
    ("compose.yaml", SERVICE, "    environment:\n    - IDP_PROVIDER=cognito\n    - \"%N: %V\"\n"),
    ("compose.yaml", SERVICE, "    environment:\n    - IDP_PROVIDER=cognito\n    - %N %V\n"),
    ("compose.yaml", SERVICE, "    environment:\n    - IDP_PROVIDER=cognito\n    - %N:%V\n"),
    ("compose.yaml", SERVICE, "    environment: {IDP_PROVIDER: cognito}\n    enviroment: {%N: %V}\n"),
    ("compose.yaml", SERVICE, "    environment: {IDP_PROVIDER: cognito}\n    enviroment: [%N=%V]\n"),
    ("compose.yaml", SERVICE, "    environment: {IDP_PROVIDER: cognito}\n    %N: %V\n"),
    (
        "values.yaml",
        "authenticate:\n  idp:\n    provider: cognito\n",
        "    %N: %V\nconfig:\n  rootDomain: corp.io\n  %N: %V\n",
    ),
    ("values.yaml", "", "authenticate: {idp: {provider: cognito, %N: %V}}\nconfig: {rootDomain: corp.io, %N: %V}\n"),
    (
        "p.yaml",
        "apiVersion: gateway.pomerium.io/v1alpha1\nkind: PolicyFilter\nmetadata: {name: a}\n",
        "spec: {ppl: \"allow: {and: [accept: 1]}\", %N: %V}\n",
    ),
    ("s.yaml", SECRET, "data: {client_id: eA==, %N: %V, x: \"%V!!\"}\n"),
    ("s.yaml", SECRET, "data:\n  %N: %V\n  x: \"%V!!\"\n"),
    ("s.yaml", SECRET, "stringData:\n  %N: %V\n  note: [%V]\n"),
    (
        "m.yaml",
        "",
        "apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata: {name: global}\nspec:\n  %N: %V\n  cookie: {%N: %V}\n",
    ),
    (
        "c.yaml",
        "idp_provider: cognito\n",
        "%N: %V\nroutes: [{from: 'https://a.example.com', to: 'http://b', %N: %V}]\n",
    ),
    ("c.env", "IDP_PROVIDER=cognito\n", "%N: %V\nexport %N = %V\n%N %V\n"),
];

#[test]
fn no_form_tells_what_stands_under_a_name_that_speaks_of_a_secret() {
    let mut wrong = Vec::new();
    let wraps: [fn(&str) -> String; 3] = [str::to_owned, |value| format!("'{value}'"), |value| format!("{value} zwo")];
    for (place, (file, before, text)) in MISPLACED.iter().enumerate() {
        for (index, name) in FOREIGN.iter().enumerate() {
            if !is_due(place + index, 4) {
                continue;
            }
            let wrap = wraps[index % wraps.len()];
            // In quotes there are no others.
            let value = if text.contains('"') { WORD.to_owned() } else { wrap(WORD) };
            // As the name of a variable.
            let is_variable = file.strip_suffix(".env").is_some()
                || text.contains("IDP_PROVIDER")
                || text.contains("alue")
                || text.contains("nmae");
            let name = if is_variable { name.to_uppercase().replace('-', "_") } else { (*name).to_owned() };
            let text = format!("{before}{}", text.replace("%N", &name).replace("%V", &value));
            let forms = if index == place % FOREIGN.len() { Forms::All } else { Forms::Few };
            wrong.extend(leaks(&format!("{text:?}"), config(file, &text), forms, &[WORD]));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// Options and fields whose value somebody quotes: a file of which `%V` is a value.
const QUOTED: [(&str, &str); 14] = [
    ("c.yaml", "idp_provider: \"%V\"\n"),
    ("c.yaml", "idp_provider: cognito\nauthenticate_service_url: \"%V\"\n"),
    ("c.yaml", "idp_provider: cognito\nidp_provider_url: \"%V\"\n"),
    ("c.yaml", "idp_provider: cognito\nidp_client_id: \"%V\"\n"),
    ("c.yaml", "idp_provider: cognito\nidp_scopes: [openid, \"%V\"]\n"),
    ("c.yaml", "idp_provider: cognito\nlog_level: \"%V\"\nservices: \"%V\"\ncookie_same_site: \"%V\"\n"),
    ("c.yaml", "idp_provider: cognito\njwt_claims_headers: \"%V\"\ncookie_expire: \"%V\"\n"),
    ("c.yaml", "idp_provider: cognito\nroutes: [{from: \"%V\", to: \"%V\"}]\n"),
    (
        "c.yaml",
        "idp_provider: cognito\nroutes: [{from: 'https://a.example.com', to: 'http://b', allowed_users: [\"%V\"], policy: [{allow: {and: [{email: {is: \"%V\"}}]}}]}]\n",
    ),
    ("c.json", "{\"idp_provider\": \"%V\", \"idp_client_id\": \"%V\"}"),
    ("c.toml", "idp_provider = \"%V\"\nidp_client_id = \"%V\"\n"),
    ("c.env", "IDP_PROVIDER=cognito\nAUTHENTICATE_SERVICE_URL=\"%V\"\n"),
    ("c.env", "IDP_PROVIDER=\"%V\"\n"),
    (
        "compose.yaml",
        "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n    environment: {IDP_PROVIDER: \"%V\"}\n",
    ),
];

/// A value that holds a secret, `%S`, under a name of its own.
const HOLDING: [&str; 7] = [
    "cognito client_secret: %S",
    "client_secret: %S",
    "client_secret:%S",
    "https://authenticate.corp.example.com COOKIE_SECRET=%S",
    "x --client-secret %S",
    "a password %S",
    "4qk2v9s7m1n3b5c8d0f6g7h2u1 idp_client_secret %S",
];

/// Places of a secret, `%S`, in which an option's name stands beside it, or nothing tells that it is more than an address.
const BESIDE: [(&str, &str); 13] = [
    ("c.yaml", "idp_provider: cognito\n%S: cookie_secret\n"),
    ("c.json", "{\"idp_provider\": \"cognito\", \"%S\": \"cookie_secret\"}"),
    ("c.toml", "idp_provider = \"cognito\"\n\"%S\" = \"cookie_secret\"\n"),
    ("c.yaml", "idp_provider: cognito\nidp_request_params: [client_secret, %S]\n"),
    ("c.yaml", "idp_provider: cognito\n\"user:%S@h\": 1\n"),
    ("c.yaml", "idp_provider: cognito\n\"cookie_secret: %S\": 1\n"),
    ("c.yaml", "idp_provider: cognito\nlegacy_thing: pa55@%S\n"),
    ("c.yaml", "idp_provider: cognito\nlegacy_thing: pa55://%S\n"),
    ("c.yaml", "idp_provider: cognito\nhttps_proxy: user:%S@proxy:3128\n"),
    ("c.yaml", "idp_provider: cognito\nroutes: [{from: 'https://a.example.com', to: 'user:%S@app:8080'}]\n"),
    (
        "c.yaml",
        "idp_provider: cognito\nroutes: [{from: 'https://a.example.com', to: 'http://b', policy: [{rego: ['password := \"%S\"']}]}]\n",
    ),
    (
        "c.yaml",
        "idp_provider: cognito\nroutes: [{from: 'https://a.example.com', to: 'http://b', policy: [{allow: {and: [{rego: 'password := \"%S\"'}]}}]}]\n",
    ),
    (
        "c.yaml",
        "idp_provider: cognito\nroutes: [{from: 'https://a.example.com', to: 'http://b', policy: [{allow: {and: [{http_header: {name: Authorization, value: 'Bearer %S'}}]}}]}]\n",
    ),
];

#[test]
fn no_form_tells_what_stands_where_a_name_belongs_or_beside_one() {
    let mut wrong = Vec::new();
    for (file, text) in BESIDE {
        for secret in ["correcthorsebattery", "zq7CANARYs3cr3tvalue0123", "Tr0ub4dor"] {
            let text = text.replace("%S", secret);
            wrong.extend(leaks(&format!("{text:?}"), config(file, &text), Forms::All, &[secret]));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_form_tells_what_a_value_holds_under_a_name_of_its_own() {
    let mut wrong = Vec::new();
    let secrets = ["correcthorsebattery", "zq7CANARYs3cr3tvalue0123", "Tr0ub4dor"];
    for (place, (file, text)) in QUOTED.iter().enumerate() {
        for (index, holding) in HOLDING.iter().enumerate() {
            if !is_due(place + index, 4) {
                continue;
            }
            let secret = secrets[(place + index) % secrets.len()];
            let text = text.replace("%V", &holding.replace("%S", secret));
            wrong.extend(leaks(&format!("{text:?}"), config(file, &text), Forms::All, &[secret]));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// A secret that is more than a password holds one, and somebody writes that one elsewhere, too.
#[test]
fn no_form_tells_the_password_that_a_secret_or_a_key_holds() {
    let mut wrong = Vec::new();
    let basic = "Basic YWJjOmh1bnRlcnp3b2RyZWk=";
    let header = |value: &str| {
        format!(
            "routes: [{{from: 'https://a.example.com', to: 'http://b', set_request_headers: {{Authorization: \"{value}\"}}}}]\n"
        )
    };
    for place in [
        header("Bearer %V"),
        header("Token %V"),
        header(basic),
        "databroker_storage_connection_string: postgres://u:%V@db/x\n".to_owned(),
        "idp_request_params: {\"cookie_secret=%V\": x}\n".to_owned(),
        "idp_request_params: {\"X-Api-Key: %V\": \"\"}\n".to_owned(),
        "idp_request_params: {a: \"https%3A%2F%2Fu%3A%V%40h%2F\"}\n".to_owned(),
    ] {
        let comment = if place.contains("params") { "" } else { " # was %V" };
        let text = format!("idp_provider: cognit{comment}\n{place}").replace("%V", "hunterzwodrei");
        wrong.extend(leaks(&text, config("c.yaml", &text), Forms::All, &["hunterzwodrei"]));
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// What nothing but a secret looks like; of each, a part that must not come out.
const SHAPED: [(&str, &str); 6] = [
    (
        "-----BEGIN PRIVATE KEY-----\n    MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n    -----END PRIVATE KEY-----",
        "BADANBgkqhkiG9w0",
    ),
    ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj", "BADANBgkqhkiG9w0"),
    ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "16C7e42F292c6912"),
    ("AKIAIOSFODNN7EXAMPLE", "IOSFODNN7EXAMPLE"),
    ("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "eyJzdWIiOiIxIn0"),
    ("YfMewEsqbBTqWTNcEtczBrxHnoSaXtcRowrcG/UPNcd=", "sqbBTqWTNcEtczBr"),
];

#[test]
fn no_form_tells_what_only_a_secret_is_shaped_like() {
    let mut wrong = Vec::new();
    let places = [
        "certificate: |\n    %V\n",
        "downstream_mtls: {}\ntls_custom_ca: |\n    %V\nidp_provider: >-\n    %V\n",
        "idp_scopes: |\n    %V\nautocert_eab_key_id: |\n    %V\nidp_client_id: |\n    %V\n",
    ];
    for place in places {
        for (shape, mark) in SHAPED {
            let text = format!("idp_provider_url: nonsense\n{}", place.replace("%V", shape));
            wrong.extend(leaks(&format!("{text:?}"), config("c.yaml", &text), Forms::All, &[mark]));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn of_a_file_of_one_line_only_what_is_pomeriums_is_shown() {
    let mut wrong = Vec::new();
    for place in [
        "healthcheck: {test: [CMD, curl, -u, \"admin:%V\"]}",
        "command: redis-server --requirepass %V",
        "labels: {auth: %V}",
        "build: {args: [NPM=%V]}",
        "x-vault: %V",
    ] {
        for service in ["", "}, other: {image: x"] {
            let text = format!(
                "services: {{pomerium: {{image: \"pomerium/pomerium:v0.33.1\", environment: {{IDP_PROVIDER: cognit}}{service}, {}}}}}\n",
                place.replace("%V", WORD)
            );
            wrong.extend(leaks(&text, config("compose.yaml", &text), Forms::All, &[WORD]));
            assert!(!leaks(&text, config("compose.yaml", &text), Forms::Few, &["IDP_PROVIDER: cognit"]).is_empty());
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// Bytes that stand around a secret.
const AROUND: [&str; 24] = [
    "\n", " ", ":", ": ", "\"", "'", "[", "]", "{", "}", ",", "- ", "#", "&a ", "*a", "|\n  ", ">\n  ", "!!", "\\",
    "x", "é", "\t", "? ", "%",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: if is_thorough() { 96 } else { 32 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_output_holds_a_canary_whatever_the_bytes_around_it(
        before in prop::collection::vec(prop::sample::select(AROUND.to_vec()), 0..8),
        between in prop::collection::vec(prop::sample::select(vec![" ", "\"", "'", "\t", "[", "{", "- ", "&b "]), 0..3),
        behind in prop::collection::vec(prop::sample::select(AROUND.to_vec()), 0..8),
        name in prop::sample::select(OPTIONS.to_vec()),
        ending in prop::sample::select(vec!["yaml", "json", "toml", "env"]),
    ) {
        let (before, between, behind) = (before.concat(), between.concat(), behind.concat());
        let text = format!("idp_provider: cognito\n{before}\n{name}: {between}{}{behind}\nidp_scopes: [openid", canary(1));
        let seen = leaks("", config(&format!("c.{ending}"), &text), Forms::Few, &[&canary(1)]);
        prop_assert!(seen.is_empty(), "{text}\n{seen:?}");
    }
}
