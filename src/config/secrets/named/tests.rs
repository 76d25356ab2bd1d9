use super::*;

fn shown(text: &str) -> String {
    let mut shown = String::new();
    let mut done = 0;
    for place in places(text) {
        shown += text.get(done..place.start).unwrap_or_default();
        shown.push('…');
        done = place.end;
    }
    shown + text.get(done..).unwrap_or_default()
}

#[test]
fn what_stands_under_a_telling_name_is_left_out() {
    for (text, expected) in [
        ("a: {client_secret: hunter, b: c}", "a: {client_secret: …, b: c}"),
        ("- \"SHARED_SECRET: hunter zwo\"", "- \"SHARED_SECRET: …\""),
        ("- SHARED_SECRET hunter zwo", "- SHARED_SECRET …"),
        ("x: [A=b, COOKIE_SECRET=hunter, c]", "x: [A=b, COOKIE_SECRET=…, c]"),
        (
            "- nmae: COOKIE_SECRET\n  vaule: hunter\n  foo: |\n    hunter\nb: c",
            "- nmae: COOKIE_SECRET\n  vaule: …\n  foo: |\n    …\nb: c",
        ),
        ("- vaule: hunter\n  nmae: COOKIE_SECRET\n- vaule: open", "- vaule: …\n  nmae: COOKIE_SECRET\n- vaule: open"),
        (
            "set_request_headers: |\n  Authorization hunter\n  Api: hunter\nb: c",
            "set_request_headers: |\n  …\n  …\nb: c",
        ),
        ("a/set-request-headers: \"{Api: hunter\"", "a/set-request-headers: \"…\""),
        ("passwords:\n- hunter\n- a: hunter\nb: c", "passwords:\n- …\n- a: …\nb: c"),
        ("client_secret: \"hunter\n  zwo\" x\nb: c", "client_secret: \"…\n  …\" x\nb: c"),
        ("kind: Secret\ndata: {a: hunter}", "kind: Secret\ndata: …"),
        (
            "kind: Secret\ndata:\n  a: hunter\n  f: |\n    b: open\n    token: hunter\n  c: hunter",
            "kind: Secret\ndata:\n  a: …\n  f: |\n    b: open\n    token: …\n  c: …",
        ),
        ("dsn: postgres://u:hunter@db", "dsn: postgres://…@db"),
        ("[idp_client_secret, hunter]: y", "[idp_client_secret, …"),
        ("IDP_CLIENT_SECRET+=hunter", "IDP_CLIENT_SECRET+=…"),
        ("x IDP_CLIENT_SECRET/hunter zwo", "x IDP_CLIENT_SECRET/…"),
        ("{\"idp_client_secret\" \"hunter\"}", "{\"idp_client_secret\" \"…\"}"),
        ("idp_client_secret\n: hunter\nb: c", "idp_client_secret\n: …\nb: c"),
        ("a: {key: idp_client_secret, name: open}", "a: {key: idp_client_secret, name: open}"),
        ("tls_client_key: 'hunter''zwo' # x", "tls_client_key: '…' # x"),
        ("tls_client_key: 'hunter '' zwo' # x", "tls_client_key: '…' # x"),
        ("{COOKIE_SECRET: 'hunter'', zwo', b: 'c'}", "{COOKIE_SECRET: '…', b: 'c'}"),
        ("cookie_secret: '''hunter'' zwo'\nb: ''", "cookie_secret: '…'\nb: ''"),
        ("cookie_secret: 'hunter ''\n  zwo'\nb: c", "cookie_secret: '…\n  …'\nb: c"),
        ("cookie_secret: \"hunter\" \"zwo\"\nb: c", "cookie_secret: \"…\"\nb: c"),
        ("- nmae: COOKIE_SECRET\n  value: 'hunter' \"zwo\n- b: c", "- nmae: COOKIE_SECRET\n  value: '…\n- b: c"),
        (
            "- nmae: COOKIE_SECRET\n  value:\n  - hunter\n  - zwozwo\n- nmae: b\n  value:\n  - open-one",
            "- nmae: COOKIE_SECRET\n  value:\n  - …\n  - …\n- nmae: b\n  value:\n  - open-one",
        ),
        ("{COOKIE_SECRET: 'hunter''zwo', b: 'c'}", "{COOKIE_SECRET: '…', b: 'c'}"),
        ("cookie_secret: 'hunter\n  it''s zwo'\nb: c", "cookie_secret: '…\n  …'\nb: c"),
        ("cookie_secret: \"hunter\"zwo\nb: c", "cookie_secret: \"…\nb: c"),
        ("- name: COOKIE_SECRET\n  vaule: [hunter]zwo\n- b: c", "- name: COOKIE_SECRET\n  vaule: …\n- b: c"),
        ("{cookieSecret: hunter,zwo, b: c}", "{cookieSecret: …, b: c}"),
        ("- nmae: COOKIE_SECRET\n  value:\n    hunter\n- b: c", "- nmae: COOKIE_SECRET\n  value:\n    …\n- b: c"),
        (
            "- nmae: COOKIE_SECRET\n  value: {\"type\": \"x\", \"y\": \"hunter\"}\nb: c",
            "- nmae: COOKIE_SECRET\n  value: …\nb: c",
        ),
        (
            "{\n  \"name\": \"COOKIE_SECRET\",\n  \"value\": \"hunter\"\n},\n{\n  \"name\": \"A\",\n  \"value\": \"open-one\"\n}",
            "{\n  \"name\": \"COOKIE_SECRET\",\n  \"value\": \"…\"\n},\n{\n  \"name\": \"A\",\n  \"value\": \"open-one\"\n}",
        ),
        ("- nmae: cookieSecret\n  value: hunter", "- nmae: cookieSecret\n  value: …"),
        ("cookie: {secret: z9wc62v/nrnsyr0}", "cookie: {secret: …}"),
        ("- {name: auth.password, value: hunter}", "- {name: auth.password, value: …}"),
        (
            "labels: {traefik.http.middlewares.a.basicauth.users: \"u:hunter\"}",
            "labels: {traefik.http.middlewares.a.basicauth.users: \"…\"}",
        ),
        ("- traefik.http.middlewares.a.basicauth.users=u:hunter", "- traefik.http.middlewares.a.basicauth.users=…"),
        ("command: tunnel --token hunter2zwo", "command: tunnel --token …"),
        // The program stands on a line above.
        ("entrypoint: redis-cli\ncommand: -a hunterzwo ping: x", "entrypoint: redis-cli\ncommand: -a … ping: x"),
    ] {
        assert_eq!(shown(text), expected);
    }
}

#[test]
fn what_tells_where_a_secret_is_stays() {
    for text in [
        "secret: pomerium/idp",
        "secrets: pomerium/bootstrap\nsecretName: pomerium-tls",
        "valueFrom: {secretKeyRef: {name: idp, key: client_secret}}",
        "- name: COOKIE_SECRET\n  valueFrom: {secretKeyRef: {name: bootstrap, key: cookie}}",
        "a: {key: clientSecret, provider: cognito}",
        "secret: team42/k8s-idp",
        "- name: COOKIE_SECRET\n  valueFrom:\n    secretKeyRef:\n      name: bootstrap\n      key: cookie",
        "- secretKey: client_secret\n  remoteRef: {key: pomerium, property: secret}",
        "secrets:\n  idp:\n    file: ./idp.txt",
        "idp_client_secret: ${SECRET}\ncookie_secret: REPLACE_ME\nshared_secret: {{ .Values.x }}",
        "cookie_expire: 14h0m0s\ncookie_name: _corp\nidp_client_secret_file: /run/secrets/idp",
        "kind: Secret\ndata:\n  client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1",
        "a/tls_client_secret: corp-tls\na/pass_identity_headers: 'true'",
    ] {
        assert_eq!(shown(text), text);
    }
}

#[test]
fn a_hostile_text_is_looked_through_once() {
    for text in [
        "secret=",
        "a: \"",
        "a: ",
        "{a: ",
        "x_secret: {{ ",
        "- n: COOKIE_SECRET ",
        "token: |\n ",
        "''",
        "x_secret: '' ",
        "\"a\" ",
        "- name:\n- ",
    ] {
        let text = text.repeat(40_000);
        assert!(places(&text).iter().map(ExactSizeIterator::len).sum::<usize>() <= text.len());
    }
}

#[test]
fn a_text_of_many_documents_is_looked_through_once() {
    for unit in ["---\n", "kind: x\n---\n", "kind: Secret\n---\n"] {
        let make = |size| unit.repeat(size / unit.len());
        crate::work::grows_with_its_input(unit, 256 * 1024, make, |text| drop(places(text)));
    }
}
