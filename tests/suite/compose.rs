//! Compose files are read as `docker compose` reads them, and every setting knows where it stands.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;

use pomlint::config::{
    ClientSecret, Config, DiskFiles, Files, Form, Given, GivenBy, Origin, PomeriumVersion, RawFile, Request, Setting,
    Subject,
};

fn load(paths: &[&str], by: GivenBy, environment: Option<Vec<(String, String)>>) -> (Vec<Config>, usize) {
    let paths: Vec<String> = paths.iter().map(|path| format!("fixtures/configs/{path}")).collect();
    let files: Vec<DiskFiles> = paths.iter().map(|path| DiskFiles::beside(Path::new(path))).collect();
    let given = paths
        .iter()
        .zip(&files)
        .map(|(path, files)| {
            let file = RawFile { name: path.clone(), bytes: std::fs::read(path).unwrap() };
            Given { file, files, by }
        })
        .collect();
    let request = Request { given, environment, ..Request::default() };
    let loaded = request.load();
    (loaded.configs, loaded.passed_over)
}

/// `file:line` and the text a setting stands in.
fn place<T>(config: &Config, setting: &Setting<T>) -> (String, String) {
    let source = config.sources.get(setting.span.source).unwrap();
    let file = source.name.rsplit('/').next().unwrap();
    let line = source.position(setting.span.start).line;
    (format!("{file}:{line}"), config.sources.slice(setting.span).to_owned())
}

#[test]
fn settings_spread_over_five_places_are_one_deployment() {
    let (configs, _) = load(&["compose-spread/compose.yaml"], GivenBy::User, None);
    let [config] = configs.as_slice() else { panic!("{} deployments", configs.len()) };
    assert_eq!(config.form, Form::Compose);
    assert_eq!(config.version, PomeriumVersion(0, 32, 0));
    assert_eq!(config.reading.refusal, None);
    let settings = config.settings.as_ref().unwrap();
    let text = |setting: &Option<Setting<String>>| {
        let setting = setting.as_ref().unwrap();
        let (at, written) = place(config, setting);
        (setting.value.clone(), at, written, setting.origin)
    };
    let expect = |value: &str, at: &str, written: &str| {
        (value.to_owned(), at.to_owned(), written.to_owned(), Origin::Environment)
    };
    assert_eq!(
        text(&settings.authenticate_service_url),
        expect("https://authenticate.corp.example.com", "compose.yaml:5", "https://authenticate.${DOMAIN}")
    );
    // What `environment` says beats `env_file`.
    assert_eq!(text(&settings.idp_provider), expect("cognito", "compose.yaml:6", "${PROVIDER:-cognito}"));
    // Compose takes the quotes off; the value stands in `.env` and nowhere else.
    let id = "4qk2v9s7m1n3b5c8d0f6g7h2u1";
    assert_eq!(text(&settings.idp_client_id), expect(id, ".env:2", id));
    let issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
    assert_eq!(text(&settings.idp_provider_url), expect(issuer, "idp.env:1", issuer));
    assert_eq!(place(config, settings.idp_scopes.as_ref().unwrap()).0, "config.yaml:1");
    let ClientSecret::Known(secret) = &settings.client_secret else { panic!("the secret is not read") };
    assert_eq!((secret.value.expose().len(), secret.origin), (51, Origin::SecretFile));
    // Nobody here knows what the caller's environment holds.
    assert_eq!(settings.signout_redirect_url.as_ref().unwrap().value, "${SIGNOUT_REDIRECT_URL}");
    assert_eq!(config.reading.incomplete, ["the file not-committed.env"]);
    let names: Vec<&str> = config.reading.variables.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"COOKIE_SECRET") && !names.contains(&"DOMAIN"), "{names:?}");
}

#[test]
fn the_environment_of_the_caller_beats_the_env_file() {
    let caller = vec![("DOMAIN".to_owned(), "other.example.com".to_owned())];
    let (configs, _) = load(&["compose-spread/compose.yaml"], GivenBy::User, Some(caller));
    let settings = configs[0].settings.as_ref().unwrap();
    assert_eq!(settings.authenticate_service_url.as_ref().unwrap().value, "https://authenticate.other.example.com");
}

#[test]
fn a_mounted_file_is_not_judged_twice() {
    let (configs, passed_over) = load(
        &[
            "compose-other/compose.yaml",
            "compose-spread/.env",
            "compose-spread/compose.yaml",
            "compose-spread/config.yaml",
        ],
        GivenBy::Folder,
        None,
    );
    let paths: Vec<&str> = configs.iter().map(|config| config.path.as_str()).collect();
    assert_eq!(paths, ["fixtures/configs/compose-spread/compose.yaml"]);
    assert_eq!(passed_over, 1);
}

#[test]
fn services_of_one_file_are_peers_and_a_configuration_inside_has_its_place() {
    let (configs, _) = load(&["compose-services/compose.yaml"], GivenBy::User, None);
    let names: Vec<&str> = configs.iter().map(|config| config.path.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["compose.yaml: service authenticate", "compose.yaml: service proxy"]);
    assert!(configs.iter().all(|config| config.peers.len() == 1));
    let config = &configs[0];
    let settings = config.settings.as_ref().unwrap();
    let provider = settings.idp_provider.as_ref().unwrap();
    assert_eq!(place(config, provider), ("compose.yaml:19".to_owned(), "cognito".to_owned()));
    let url = settings.authenticate_service_url.as_ref().unwrap();
    assert_eq!(url.value, "https://authenticate.corp.example.com");
    assert_eq!(place(config, url).0, "compose.yaml:18");
    assert_eq!(settings.cookie_secret.as_ref().unwrap().value.expose(), "costs 5$");
    let list_entry = configs[1].settings.as_ref().unwrap().idp_provider.as_ref().unwrap();
    assert_eq!(place(&configs[1], list_entry), ("compose.yaml:13".to_owned(), "oidc".to_owned()));
}

#[test]
fn another_programs_file_is_told_apart() {
    let (configs, _) = load(&["compose-other/compose.yaml"], GivenBy::User, None);
    assert!(matches!(configs[0].form, Form::NotPomerium(why) if why.contains("no service runs Pomerium")));
    assert!(matches!(configs[0].subject(), Subject::Other(why) if why.contains("no service runs Pomerium")));
}

/// Files in memory, each of which counts how often it is read.
struct Counted(HashMap<&'static str, String>, RefCell<HashMap<String, usize>>);

impl Files for Counted {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let text = self.0.get(path).ok_or("no such file or directory")?;
        *self.1.borrow_mut().entry(path.to_owned()).or_default() += 1;
        Ok(text.clone().into_bytes())
    }
}

fn load_text(compose: &str, others: &[(&'static str, String)]) -> (Vec<Config>, HashMap<String, usize>) {
    let files = Counted(others.iter().cloned().collect(), RefCell::default());
    let file = RawFile { name: "compose.yaml".to_owned(), bytes: compose.as_bytes().to_vec() };
    let given = vec![Given { file, files: &files, by: GivenBy::User }];
    let request = Request { given, ..Request::default() };
    let configs = request.load().configs;
    (configs, files.1.into_inner())
}

#[test]
fn a_file_that_many_services_mention_is_read_once() {
    let service = |number| {
        format!(
            "  p{number}:\n    extends: {{file: base.yaml, service: base}}\n    env_file: [p.env, ./p.env, p.env]\n    \
             volumes: ['./p.yaml:/pomerium/config.yaml']\n"
        )
    };
    let compose = format!("services:\n{}", (0..40).map(service).collect::<String>());
    let base = "services:\n  base:\n    image: pomerium/pomerium:v0.32.0\n    environment: [IDP_PROVIDER=cognito]\n";
    let others =
        [("base.yaml", base.to_owned()), ("p.env", "A=b\n".to_owned()), ("p.yaml", "idp_client_id: x\n".to_owned())];
    let (configs, read) = load_text(&compose, &others);
    assert_eq!(configs.len(), 40);
    for config in &configs {
        let settings = config.settings.as_ref().unwrap();
        assert_eq!(settings.idp_provider.as_ref().unwrap().value, "cognito");
        assert_eq!(settings.idp_client_id.as_ref().unwrap().value, "x");
        assert_eq!(config.sources.iter().filter(|(_, source)| source.name == "p.env").count(), 1);
    }
    assert_eq!(read, HashMap::from(["base.yaml", "p.env", "p.yaml"].map(|name| (name.to_owned(), 1))));
}

#[test]
fn what_grows_by_what_it_repeats_is_one_clear_finding() {
    let doubling = format!("A=xxxx\n{}", "A=$A$A\n".repeat(26));
    let image = "image: pomerium/pomerium:v0.32.0";
    let variables: String = (0..50).map(|number| format!("      V{number}: {}\n", "x".repeat(4000))).collect();
    let services: String = (0..200).map(|number| format!("  p{number}: {{extends: base}}\n")).collect();
    let inherited = format!("services:\n  base:\n    {image}\n    environment:\n{variables}{services}");
    for (compose, env, named) in [
        (format!("services:\n  p:\n    {image}\n    environment: {{IDP_CLIENT_ID: $A}}\n"), doubling.as_str(), "`A`"),
        (format!("services:\n  p:\n    {image}\n    env_file: p.env\n"), "", "`A`"),
        (inherited, "", "`V"),
    ] {
        let (configs, _) = load_text(&compose, &[(".env", env.to_owned()), ("p.env", doubling.clone())]);
        let error = configs.last().unwrap().reading.syntax_error.as_ref().unwrap();
        assert!(error.words.contains(named) && error.words.contains("4 MiB"), "{}", error.words);
        assert!(configs.len() < 30, "{} services", configs.len());
    }
}

#[test]
fn of_too_many_services_so_many_are_judged_and_the_next_is_told() {
    let service =
        |number: usize| format!("  p{number}: {{image: pomerium/pomerium, environment: [IDP_PROVIDER=cognito]}}\n");
    let services = |count: usize| format!("services:\n{}", (0..count).map(service).collect::<String>());
    assert!(load_text(&services(100), &[]).0.iter().all(|config| config.reading.syntax_error.is_none()));
    let (configs, _) = load_text(&services(1_000), &[]);
    assert_eq!(configs.len(), 101);
    let error = configs.last().unwrap().reading.syntax_error.as_ref().unwrap();
    assert!(error.words.contains("more than 100 in one file"), "{}", error.words);
}

/// What starts a service, and whether its configuration is read and whether that is all of it.
#[test]
fn a_script_that_starts_it_may_set_more_than_its_file() {
    for (command, is_read, is_whole) in [
        ("", true, true),
        ("command: -config /pomerium/config.yaml", true, true),
        ("entrypoint: /entry.sh", true, false),
        ("entrypoint: [/bin/sh, -c, 'exec pomerium -config /pomerium/config.yaml']", true, true),
        ("entrypoint: [/bin/sh, -c, '. /run/env; exec pomerium -config /pomerium/config.yaml']", true, false),
        ("command: sh -c \"pomerium -config /pomerium/config.yaml\"", true, true),
        ("entrypoint: [tini, --, pomerium]", false, true),
    ] {
        let compose = format!(
            "services:\n  p:\n    image: pomerium/pomerium:v0.33.1\n    {command}\n    volumes: ['./p.yaml:/pomerium/config.yaml']\n"
        );
        let (configs, _) = load_text(&compose, &[("p.yaml", "idp_client_id: x\n".to_owned())]);
        let [config] = configs.as_slice() else { panic!("{command}: {} deployments", configs.len()) };
        let settings = config.settings.as_ref().unwrap();
        assert_eq!(settings.idp_client_id.is_some(), is_read, "{command}");
        assert_eq!(config.reading.unread.is_empty(), is_whole, "{command}: {:?}", config.reading.unread);
    }
}
