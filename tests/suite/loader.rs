//! What the recorded cases do not show: places, secrets, environments, split deployments, releases, hostile files.

use pomlint::config::{
    ClientSecret, Config, DiskFiles, Files, Given, GivenBy, LONGEST_TEXT, NoFiles, Origin, PomeriumVersion, RawFile,
    Request, SourceKind, WrittenAs,
};

use crate::support::work::grows_with_its_input;

fn raw(name: &str, text: impl Into<Vec<u8>>) -> RawFile {
    RawFile { name: name.to_owned(), bytes: text.into() }
}

fn request(name: &str, text: &str) -> Request<'static> {
    Request::of_config(raw(name, text), &NoFiles)
}

/// The first configuration.
fn load(request: Request<'_>) -> Config {
    request.load().configs.swap_remove(0)
}

fn yaml(text: &str) -> Config {
    load(request("config.yaml", text))
}

fn secrets(config: &Config) -> Vec<&str> {
    config.secrets.iter().map(|(secret, _)| secret.expose()).collect()
}

#[test]
fn a_setting_knows_its_place_and_how_it_was_written() {
    let config = yaml("idp_client_id: 1e3\nidp_scopes: [openid, 'email']\n");
    let settings = config.settings.as_ref().unwrap();
    let id = settings.idp_client_id.as_ref().unwrap();
    assert_eq!((id.value.as_str(), id.written_as, id.origin), ("1000", WrittenAs::Number, Origin::File));
    assert_eq!(config.sources.slice(id.span), "1e3");
    let scopes = &settings.idp_scopes.as_ref().unwrap().value;
    assert_eq!(config.sources.slice(scopes[1].span), "'email'");
    assert_eq!(config.sources.slice(settings.anchor), "idp_client_id");
}

#[test]
fn an_environment_file_is_read_without_unquoting() {
    let mut request = request("config.yaml", "idp_client_id: file\nservices: all\n");
    let env = "IDP_CLIENT_ID=\"quoted\"\nUNRELATED=x\nDOWNSTREAM_MTLS_ENFORCEMENT=nonsense\n";
    request.env_files.push(RawFile { name: "pomerium.env".to_owned(), bytes: env.as_bytes().to_vec() });
    let config = load(request);
    let id = config.settings.as_ref().unwrap().idp_client_id.clone().unwrap();
    assert_eq!((id.value.as_str(), id.origin), ("\"quoted\"", Origin::Environment));
    assert_eq!(config.sources.slice(id.span), "\"quoted\"");
    let words = &config.reading.type_errors[0].words;
    assert_eq!(words, "'downstream_mtls.enforcement.Value' unsupported enum value nonsense for MtlsEnforcementMode");
}

#[test]
fn claims_for_headers_are_read_out_of_json() {
    let config = yaml("jwt_claims_headers: 2024-01-2\n");
    assert!(config.reading.type_errors.is_empty());
    let headers = config.settings.unwrap().jwt_claims_headers;
    let headers: Vec<_> = headers.iter().map(|(header, claim)| (header.value.as_str(), claim.value.as_str())).collect();
    assert_eq!(headers, [("x-pomerium-claim-2024-01-02t00:00:00z", "2024-01-02T00:00:00Z")]);
    let config = yaml("jwt_claims_headers: [2024-01-02]\n");
    assert_eq!(config.settings.unwrap().jwt_claims_headers[0].1.value, "2024-01-02T00:00:00Z");
    let config = yaml("jwt_claims_headers: {X-Day: 2024-01-02}\n");
    assert_eq!(config.settings.unwrap().jwt_claims_headers[0].1.value, "2024-01-02T00:00:00Z");
    for (written, got) in
        [("1.0e15", "1000000000000000"), ("1.0e+21", "1e+21"), ("0.00001", "0.00001"), ("true", "true")]
    {
        let config = yaml(&format!("jwt_claims_headers: {written}\n"));
        let words = "'jwt_claims_headers' JWTClaimHeaders must be an object or an array of values, got: ";
        assert_eq!(config.reading.type_errors[0].words, format!("{words}{got}"));
    }
}

#[test]
fn of_the_process_environment_only_pomeriums_names_are_kept() {
    let environment = [("HOME", "/root"), ("IDP_PROVIDER", "cognito"), ("POMERIUM_ZERO_TOKEN", "zero")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let request = Request { environment: Some(environment), ..Request::default() };
    let config = load(request);
    let (_, source) = config.sources.iter().next().unwrap();
    assert_eq!(
        (source.kind, &*source.text),
        (SourceKind::Environment, "IDP_PROVIDER=cognito\nPOMERIUM_ZERO_TOKEN=zero\n")
    );
    assert!(config.settings.unwrap().zero_token.is_some());
}

#[test]
fn every_secret_is_known_wherever_it_stands() {
    let route = "- from: https://a.example.com\n  to: http://a\n  idp_client_secret: in-route-variable\n";
    let mut request = request(
        "config.yaml",
        "idp_client_secret: in-file\nidp_client_secrets: misspelt\ncookie_secret: 12345678\n\
         cookie_secret: second\nroutes:\n  - from: https://b.example.com\n    to: http://b\n    \
         set_request_headers: {Authorization: in-header}\n    mcp: {server: {upstream_oauth2: {client_secret: in-mcp}}}\n",
    );
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, route);
    request.environment = Some(vec![
        ("IDP_CLIENT_SECRET".to_owned(), "in-environment".to_owned()),
        ("POLICY".to_owned(), encoded.clone()),
    ]);
    let config = load(request);
    let known = secrets(&config);
    for secret in [
        "in-file",
        "misspelt",
        "12345678",
        "second",
        "in-header",
        "in-mcp",
        "in-environment",
        "in-route-variable",
        &encoded,
    ] {
        assert!(known.contains(&secret), "{secret} is not among {known:?}");
    }
    for (_, span) in &config.secrets {
        assert!(config.sources.get(span.source).unwrap().text.get(span.range()).is_some());
    }
}

#[test]
fn a_password_in_a_url_is_a_secret_and_the_digits_of_a_number_are_none() {
    let config = yaml(
        "authenticate_service_url: 'https://ann:hunter22@a.example.com'\nidp_provider_url: https://a.example.com/x@y\n\
         idp_client_id: 12e45\n",
    );
    assert_eq!(secrets(&config), ["hunter22", "ann:hunter22"]);
    assert_eq!(config.sources.slice(config.secrets[0].1), "hunter22");
}

#[test]
fn secret_files_are_found_beside_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret.txt"), "s3cret\n").unwrap();
    let files = DiskFiles::beside(&folder.path().join("config.yaml"));
    let config = load(Request::of_config(raw("config.yaml", "idp_client_secret_file: secret.txt\n"), &files));
    let ClientSecret::Known(secret) = config.settings.as_ref().unwrap().client_secret.clone() else {
        panic!("the secret can be read");
    };
    assert_eq!((secret.value.expose(), secret.origin), ("s3cret\n", Origin::SecretFile));
    assert_eq!(config.sources.slice(secret.span), "secret.txt");
    assert!(secrets(&config).contains(&"s3cret\n"));
    assert!(files.read("/dev/zero").unwrap_err().starts_with("not opened: it lies outside of "));
    assert_eq!(files.read(".").unwrap_err(), "is a directory");
    std::fs::write(folder.path().join("large"), vec![b'x'; LONGEST_TEXT + 1]).unwrap();
    assert_eq!(files.read("large").map(|content| content.len()), Err("larger than 4 MiB".to_owned()));
}

#[test]
fn a_file_that_only_pomerium_can_read_is_named() {
    let config = yaml("certificate_file: /pomerium/a.pem\ncertificate_key_file: /pomerium/a.key\n");
    assert_eq!(config.reading.unreadable[0].path, "/pomerium/a.pem");
    let config = yaml("idp_client_secret_file: /run/secret\n");
    assert_eq!(config.reading.refusal, None);
    let ClientSecret::Unreadable { path, why } = config.settings.unwrap().client_secret else { panic!("unreadable") };
    assert_eq!((path.value.as_str(), why.as_str()), ("/run/secret", "no such file or directory"));
}

#[test]
fn a_refused_file_still_has_its_settings() {
    for text in [
        "idp_provider: cognito\ninsecure_server: yes\n",
        "idp_provider: cognito\nservices: nonsense\n",
        "idp_provider: oidc\nidp_provider: cognito\n",
        "idp_provider: cognito\nidp_qps: 1\n",
        "idp_provider: cognito\nidp_client_id: {{ .Values.id }}\n",
    ] {
        let config = yaml(text);
        assert!(config.reading.refusal.is_some(), "{text}");
        assert_eq!(config.settings.unwrap().idp_provider.unwrap().value, "cognito", "{text}");
    }
}

#[test]
fn keys_that_differ_in_case_only_are_listed() {
    let config = yaml("IDP_Provider: a\nidp_provider: b\nroutes:\n  - allowed_idp_claims: {Team: [x], team: [y]}\n");
    let keys: Vec<&str> = config.reading.keys_differing_in_case.iter().map(|key| key.key.as_str()).collect();
    assert_eq!(keys, ["idp_provider", "team"]);
}

#[test]
fn a_template_is_told_from_a_broken_file() {
    let template = yaml("{% if x %}\na: b\n{% endif %}\n").reading.syntax_error.unwrap();
    assert!(template.template);
    let broken = yaml("a: b\n c\nd: [\n").reading.syntax_error.unwrap();
    assert!(!broken.template);
}

#[test]
fn an_older_release_knows_other_keys() {
    let text = "authenticate_callback_path: /x\nssh_address: ''\nclient_ca: x\n";
    let at = |version| {
        let config = load(Request { version: Some(version), ..request("config.yaml", text) });
        let paths = |keys: &[pomlint::config::UnknownKey]| keys.iter().map(|key| key.path.clone()).collect::<Vec<_>>();
        (paths(&config.reading.unknown_keys), paths(&config.reading.removed_keys))
    };
    let strings = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(at(PomeriumVersion(0, 25, 0)), (strings(&["ssh_address"]), strings(&[])));
    assert_eq!(at(PomeriumVersion(0, 30, 0)), (strings(&[]), strings(&["client_ca"])));
    assert_eq!(at(PomeriumVersion::NEWEST), (strings(&["authenticate_callback_path"]), strings(&["client_ca"])));
}

#[test]
fn the_parts_of_a_split_deployment_know_each_other() {
    let parts =
        [("proxy.yaml", "services: proxy\n"), ("authenticate.yaml", "services: authenticate\nidp_client_id: x\n")];
    let load = |parts: [(&str, &str); 2]| {
        let given = parts.map(|(name, text)| Given { file: raw(name, text), files: &NoFiles, by: GivenBy::Command });
        Request { given: given.into(), ..Request::default() }.load().configs
    };
    let configs = load(parts);
    assert_eq!(configs[0].peers[0].path, "authenticate.yaml");
    let id = configs[0].peers[0].settings.idp_client_id.clone().unwrap();
    assert_eq!(configs[0].sources.slice(id.span), "x");
    let whole = ["a.yaml", "b.yaml"].map(|name| (name, "services: all\n"));
    assert!(load(whole).iter().all(|config| config.peers.is_empty()));
}

#[test]
fn bytes_that_are_no_text_are_refused_with_a_place() {
    let request = Request::of_config(raw("config.yaml", *b"a: b\nc: \xff\n"), &NoFiles);
    let error = load(request).reading.syntax_error.unwrap();
    assert_eq!((error.words.as_str(), error.at.start), ("While parsing config: yaml: invalid leading UTF-8 octet", 8));
}

#[test]
fn hostile_files_cost_little() {
    let hostile: [(&str, &str, usize, fn(usize) -> String); 9] = [
        ("routes", "c.yaml", 2_000, |size| {
            format!("routes:\n{}", "  - {from: 'https://a.example.com', to: 'http://a'}\n".repeat(size))
        }),
        ("brackets", "c.yaml", 1 << 18, |size| "[".repeat(size)),
        ("the same key", "c.yaml", 20_000, |size| "a: 1\n".repeat(size)),
        ("a key of many parts", "c.yaml", 400, |size| format!("{}: 1\n", "a.".repeat(size))),
        ("aliases", "c.yaml", 20_000, |size| format!("a: &a {}\nb: [{}]\n", "x".repeat(10 * size), "*a,".repeat(size))),
        ("objects", "c.json", 1 << 14, |size| "{\"a\":".repeat(size)),
        ("a name of many parts", "c.toml", 1 << 14, |size| format!("{}a = 1", "a.".repeat(size))),
        ("quotes", "c.env", 1 << 16, |size| "A=\"#".to_owned() + &"\"#".repeat(size)),
        ("one word", "c.yaml", 2 << 20, |size| "x".repeat(size)),
    ];
    for (what, name, size, text) in hostile {
        grows_with_its_input(what, size, text, |text| drop(load(request(name, text))));
    }
}

#[test]
fn an_integer_that_go_cannot_hold_is_refused() {
    let text = "idp_provider = \"cognito\"\nidp_client_id = 12345678901234567890123456\n[downstream_mtls]\nca = 0x8000000000000000\n";
    let error = load(request("config.toml", text)).reading.syntax_error.unwrap();
    let parsing = "strconv.ParseInt: parsing \"12345678901234567890123456\": value out of range";
    assert_eq!(error.words, format!("While parsing config: toml: couldn't parse decimal number: {parsing}"));
    assert_eq!(&text[error.at.range()], "12345678901234567890123456");
    let largest = load(request("config.toml", "idp_client_id = 9223372036854775807\n"));
    assert_eq!(largest.settings.unwrap().idp_client_id.unwrap().value, "9223372036854775807");
}

#[test]
fn limits_of_ours_are_no_refusal_of_pomeriums() {
    for text in ["x".repeat(8 << 20), "[".repeat(1 << 20)] {
        let reading = yaml(&text).reading;
        assert_eq!(reading.refusal, None);
        assert!(reading.syntax_error.is_some());
    }
}

#[test]
fn a_place_in_encoded_routes_is_the_place_of_its_digits() {
    // - from: https://env.example.com
    //   to: http://env
    let encoded = "LSBmcm9tOiBodHRwczovL2Vudi5leGFtcGxlLmNvbQogIHRvOiBodHRwOi8vZW52Cg==";
    let variables = RawFile { name: "pomerium.env".to_owned(), bytes: format!("ROUTES={encoded}\n").into_bytes() };
    let request = Request { env_files: vec![variables], ..Request::default() };
    let config = load(request);
    let from = config.settings.as_ref().unwrap().routes[0].from.clone().unwrap();
    assert_eq!(from.value, "https://env.example.com");
    // Four digits are three bytes, so that a place begins and ends with a group of them.
    assert_eq!(config.sources.slice(from.span), "OiBodHRwczovL2Vudi5leGFtcGxlLmNvbQog");
}
