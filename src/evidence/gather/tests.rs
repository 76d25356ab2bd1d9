#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::cell::RefCell;

use super::*;
use crate::config::{ClientSecret, Form, Origin, Setting, Settings, Source, SourceKind, Sources, Span, WrittenAs};
use crate::evidence::{
    Asking, CallbackStanding, ClientStanding, FlowStanding, LoginPage, Question, ScopeStanding, SecretStanding,
    SignOutStanding, Step, sample,
};
use crate::secret::Secret;

const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
const DOMAIN: &str = "https://acme.auth.eu-west-1.amazoncognito.com";
const CALLBACK: &str = "https://authenticate.corp.example.com/oauth2/callback";
const SIGNED_OUT: &str = "https://authenticate.corp.example.com/.pomerium/signed_out";
const CLIENT: &str = "4qk2v9s7m1n3b5c8d0f6g7h2u1";
const SECRET: &str = "1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u";

fn setting<T>(value: T) -> Setting<T> {
    let source = Sources::default().add(Source::new("config.yaml", SourceKind::File, ""));
    Setting { value, span: Span { source, start: 0, end: 0 }, origin: Origin::File, written_as: WrittenAs::Text }
}

fn config(change: impl FnOnce(&mut Settings)) -> Config {
    let text = |value: &str| Some(setting(value.to_owned()));
    let mut settings = Settings {
        authenticate_service_url: text("https://authenticate.corp.example.com"),
        idp_provider: text("cognito"),
        idp_provider_url: text(ISSUER),
        idp_client_id: text(CLIENT),
        client_secret: ClientSecret::Known(setting(Secret::new(SECRET))),
        ..Settings::unset(setting(()).span)
    };
    change(&mut settings);
    Config { settings: Some(settings), ..Config::unread("config.yaml", Form::ConfigFile, Sources::default()) }
}

/// A pool that answers as Cognito does, but for what a test changes.
#[derive(Clone)]
struct Pool {
    domain: bool,
    callback: &'static str,
    scopes: &'static [&'static str],
    clients: &'static [&'static str],
    secret: Option<&'static str>,
    endpoint: &'static str,
}

const POOL: Pool = Pool {
    domain: true,
    callback: CALLBACK,
    scopes: &["openid", "email", "profile"],
    clients: &[CLIENT],
    secret: Some(SECRET),
    endpoint: DOMAIN,
};

impl Pool {
    fn answer(&self, question: &Question) -> Exchange {
        let url = Url::parse(&question.request.url).unwrap();
        let asked = question.request.url.as_str();
        let value = |name: &str| {
            let form = question.request.form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
            form.or_else(|| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()))
                .unwrap_or_default()
        };
        let (client, redirect_uri) = (value("client_id"), value("redirect_uri"));
        let is_known = self.clients.contains(&client.as_str());
        match url.path().rsplit('/').next().unwrap() {
            _ if url.host_str().unwrap().starts_with("issuer-") => {
                sample::answer(asked, 403, &[], r#"{"message":"Forbidden"}"#)
            }
            "openid-configuration" => sample::answer(asked, 200, &[], &self.document()),
            "jwks.json" => {
                let modulus = "w".repeat(342);
                let key = format!(r#"{{"kty":"RSA","alg":"RS256","use":"sig","kid":"k","e":"AQAB","n":"{modulus}"}}"#);
                sample::answer(asked, 200, &[], &format!(r#"{{"keys":[{key}]}}"#))
            }
            "authorize" if !is_known => {
                sample::redirect(asked, &format!("/error?error=invalid_request&client_id={client}"))
            }
            "authorize" if redirect_uri != self.callback => {
                sample::redirect(asked, &format!("/error?error=redirect_mismatch&client_id={client}"))
            }
            "authorize" if !value("scope").split(' ').all(|scope| self.scopes.contains(&scope)) => {
                let location = format!("{redirect_uri}?error_description=invalid_scope&error=invalid_request");
                sample::redirect(asked, &location)
            }
            "authorize" => sample::redirect(asked, &format!("/login?{}", url.query().unwrap())),
            "login" => sample::answer(asked, 200, &[("x-amz-cognito-request-id", "1")], "<form>"),
            "logout" if value("logout_uri") == SIGNED_OUT => sample::redirect(asked, SIGNED_OUT),
            "logout" => sample::redirect(asked, "/login?client_id=x"),
            "token" => {
                let given = question.basic.as_ref().map(|(_, secret)| secret.expose().to_owned());
                let is_right = is_known && given.as_deref() == self.secret;
                let error = if is_right { "invalid_grant" } else { "invalid_client" };
                sample::answer(asked, 400, &[], &format!(r#"{{"error":"{error}"}}"#))
            }
            other => panic!("{other} was asked"),
        }
    }

    fn document(&self) -> String {
        let base = if self.domain { format!("{}/oauth2", self.endpoint) } else { ISSUER.to_owned() };
        format!(
            r#"{{"issuer":"{ISSUER}","authorization_endpoint":"{base}/authorize","token_endpoint":"{base}/token",
            "userinfo_endpoint":"{base}/userInfo","jwks_uri":"{ISSUER}/.well-known/jwks.json",
            "response_types_supported":["code"],"subject_types_supported":["public"],
            "id_token_signing_alg_values_supported":["RS256"]}}"#
        )
    }
}

/// Answers from a closure, and remembers what was asked.
struct Script<F> {
    answer: F,
    trusted: RefCell<Vec<String>>,
}

impl<F: Fn(&Question) -> Exchange> Transport for Script<F> {
    fn ask<'a>(&'a self, question: &'a Question) -> Asking<'a> {
        Box::pin(async move {
            let answer = (self.answer)(question);
            Exchange { id: question.id.clone(), request: question.request.clone(), ..answer }
        })
    }

    fn trust_login_domain(&self, host: &str) {
        self.trusted.borrow_mut().push(host.to_owned());
    }
}

const ALL: [Need; 8] = [
    Need::Discovery,
    Need::IssuerVariant,
    Need::Keys,
    Need::Domain,
    Need::Authorize,
    Need::LoginPage,
    Need::Token,
    Need::SignOut,
];

fn run(
    config: &Config,
    needs: &[Need],
    options: GatherOptions<'_>,
    answer: impl Fn(&Question) -> Exchange,
) -> (World, Vec<String>) {
    let clients = config.clients();
    let literals = Literals::of(config, &clients);
    let script = Script { answer, trusted: RefCell::default() };
    let plan = plan(needs.iter().copied());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let world = runtime.block_on(gather(config, &clients, &literals, &plan, &options, &script));
    (world, script.trusted.into_inner())
}

const PROBES: GatherOptions<'_> = GatherOptions {
    offline: false,
    probe_secret: true,
    probe_sign_out: true,
    pools: &[],
    aws: false,
    is_replay: false,
};

fn of_pool(pool: &Pool, options: GatherOptions<'_>) -> World {
    run(&config(|_| {}), &ALL, options, |question| pool.answer(question)).0
}

fn ids(world: &World) -> Vec<&str> {
    world.exchanges.iter().map(|exchange| exchange.id.0.as_str()).collect()
}

#[test]
fn a_healthy_login_takes_six_questions() {
    let world = of_pool(&POOL, GatherOptions::default());
    let asked = ["discovery", "issuer-variant", "keys", "authorize", "authorize-control", "login-page"];
    assert_eq!(ids(&world), asked);
    assert_eq!(world.pool.discovery.unwrap().value.refusal, None);
    assert_eq!(world.pool.issuer_variant.unwrap().value, IssuerVariant::Original { is_set: false });
    assert_eq!(world.pool.keys.unwrap().value.usable.len(), 1);
    assert!(world.pool.strict.unwrap().value.objections.is_empty());
    assert!(
        world.domain.name.is_ok() && world.domain.certificate.is_ok() && !world.domain.access.unwrap().value.blocked
    );
    let client = &world.clients[0];
    assert_eq!(client.standing.as_ref().unwrap().value, ClientStanding::Usable);
    assert_eq!(client.callback.as_ref().unwrap().value, CallbackStanding::Registered);
    assert_eq!(client.flow.as_ref().unwrap().value, FlowStanding::Allowed);
    assert_eq!(client.scopes.as_ref().unwrap().value, ScopeStanding::Allowed);
    assert_eq!(client.login_page.as_ref().unwrap().value, LoginPage::Served);
    assert_eq!(client.identity_provider, Err(UNNAMED));
    assert_eq!(client.secret, Err(Missing::Declined { flag: "--probe-secret" }));
    assert_eq!(client.sign_out, Err(Missing::Declined { flag: "--probe-sign-out" }));
    let authorize = &world.exchanges[3].request.url;
    let expected = format!(
        "{DOMAIN}/oauth2/authorize?client_id={CLIENT}&redirect_uri=https%3A%2F%2Fauthenticate.corp.example.com%2Foauth2%2Fcallback&response_type=code&scope=openid+email+profile&state="
    );
    assert_eq!(*authorize, expected);
}

#[test]
fn probes_are_put_only_where_asked_for() {
    let world = of_pool(&POOL, PROBES);
    assert_eq!(world.exchanges.len(), 10);
    assert_eq!(world.clients[0].secret.as_ref().unwrap().value, SecretStanding::Accepted { is_one_of_two: false });
    assert_eq!(world.clients[0].sign_out.as_ref().unwrap().value, SignOutStanding::Registered);
    for (secret, standing) in
        [(None, SecretStanding::NotExpected), (Some("other"), SecretStanding::Rejected { is_answer: true })]
    {
        let world = of_pool(&Pool { secret, ..POOL }, PROBES);
        assert_eq!(world.clients[0].secret.as_ref().unwrap().value, standing);
    }
    for (secret, standing) in [(None, SecretStanding::Public), (Some(SECRET), SecretStanding::Required)] {
        let pool = Pool { secret, ..POOL };
        let config = config(|settings| settings.client_secret = ClientSecret::Absent);
        let (world, _) = run(&config, &ALL, PROBES, |question| pool.answer(question));
        assert_eq!(world.clients[0].secret.as_ref().unwrap().value, standing);
        assert!(world.exchanges.iter().all(|exchange| exchange.id.0 != "token"));
    }
}

#[test]
fn what_fails_is_followed_up() {
    let world = of_pool(&Pool { scopes: &["openid", "email"], ..POOL }, PROBES);
    let scopes = &world.clients[0].scopes.as_ref().unwrap().value;
    assert_eq!(*scopes, ScopeStanding::Refused { culprits: vec!["profile".to_owned()] });
    assert_eq!(world.clients[0].flow.as_ref().unwrap().value, FlowStanding::Allowed);
    assert_eq!(world.clients[0].login_page, Err(Missing::Follows(Need::Authorize)));
    assert!(ids(&world).contains(&"scope-profile") && world.exchanges.len() <= 15);
    let world = of_pool(&Pool { callback: "https://authenticate.corp.example.com/oauth2/callback/", ..POOL }, PROBES);
    let near = Some(format!("{CALLBACK}/"));
    let callback = &world.clients[0].callback.as_ref().unwrap().value;
    assert!(matches!(callback, CallbackStanding::NotRegistered { near: found, .. } if *found == near));
    assert!(world.exchanges.len() <= 15, "{:?}", ids(&world));
    let world = of_pool(&Pool { clients: &[], ..POOL }, PROBES);
    assert!(matches!(world.clients[0].standing.as_ref().unwrap().value, ClientStanding::NotUsable { .. }));
    for missing in [&world.clients[0].secret.as_ref().err(), &world.clients[0].callback.as_ref().err()] {
        assert_eq!(*missing, Some(&Missing::Follows(Need::Authorize)));
    }
}

#[test]
fn a_pool_without_a_domain_is_asked_nothing_more() {
    let world = of_pool(&Pool { domain: false, ..POOL }, PROBES);
    assert_eq!(ids(&world), ["discovery", "issuer-variant", "keys"]);
    assert_eq!(world.pool.document.unwrap().value.login_domain, None);
    assert_eq!(world.domain.name.unwrap_err(), Missing::Follows(Need::Discovery));
    assert_eq!(world.clients[0].standing, Err(Missing::Follows(Need::Domain)));
    assert_eq!(world.clients[0].identity_provider, Err(UNNAMED));
}

#[test]
fn only_a_genuine_document_makes_a_login_domain_trusted() {
    let custom = Pool { endpoint: "https://login.corp.example.com", ..POOL };
    let (_, trusted) = run(&config(|_| {}), &ALL, PROBES, |question| custom.answer(question));
    assert_eq!(trusted, ["login.corp.example.com"]);
    let elsewhere =
        config(|settings| settings.idp_provider_url = Some(setting("https://idp.example.com/p".to_owned())));
    let (_, trusted) = run(&elsewhere, &ALL, PROBES, |question| custom.answer(question));
    assert!(trusted.is_empty());
}

#[test]
fn nothing_is_asked_that_need_not_or_must_not_be() {
    let asked = |needs: &[Need], options, change: fn(&mut Settings)| {
        let (world, _) = run(&config(change), needs, options, |question| POOL.answer(question));
        (ids(&world).into_iter().map(str::to_owned).collect::<Vec<_>>(), world)
    };
    let (ids, world) = asked(&ALL, GatherOptions { offline: true, ..PROBES }, |_| {});
    assert!(ids.is_empty() && world.clients[0].scopes == Err(Missing::Declined { flag: "--offline" }));
    let (ids, world) = asked(&ALL, PROBES, |settings| settings.idp_provider_url = None);
    assert!(ids.is_empty() && matches!(world.pool.discovery, Err(Missing::Unconfigured(_))));
    let (ids, world) =
        asked(&ALL, PROBES, |settings| settings.idp_provider_url = Some(setting("${ISSUER}".to_owned())));
    assert!(
        ids.is_empty() && matches!(world.pool.discovery, Err(Missing::Placeholder(_))),
        "{:?}",
        world.pool.discovery
    );
    let (ids, world) = asked(&ALL, PROBES, |settings| settings.idp_provider = Some(setting("google".to_owned())));
    // An issuer of Cognito's is asked whatever the provider is called: what the name means is for the rules to say.
    assert!(ids.contains(&"discovery".to_owned()) && world.pool.discovery.is_ok());
    assert!(asked(&[Need::File], PROBES, |_| {}).0.is_empty());
    assert_eq!(asked(&[Need::Discovery], PROBES, |_| {}).0, ["discovery"]);
    assert_eq!(asked(&[Need::Domain], PROBES, |_| {}).0, ["discovery", "domain"]);
    assert_eq!(asked(&[Need::IssuerVariant], PROBES, |_| {}).0, ["issuer-variant"]);
    assert_eq!(asked(&[Need::Authorize], PROBES, |_| {}).0, ["discovery", "authorize", "authorize-control"]);
    let (ids, world) = asked(&ALL, PROBES, |settings| settings.idp_client_id = None);
    assert!(ids.contains(&"domain".to_owned()) && matches!(world.clients[0].standing, Err(Missing::Unconfigured(_))));
    let (_, world) = asked(&ALL, PROBES, |settings| settings.authenticate_service_url = None);
    assert!(matches!(world.clients[0].callback, Err(Missing::NotApplicable(_))));
    let (_, world) = asked(&ALL, PROBES, |settings| {
        settings.idp_scopes = Some(setting(vec![setting("${SCOPES}".to_owned())]));
    });
    assert!(matches!(world.clients[0].scopes, Err(Missing::Placeholder(_))));
    assert_eq!(world.clients[0].callback.as_ref().unwrap().value, CallbackStanding::Registered);
}

#[test]
fn a_silent_network_leaves_everything_open() {
    for step in [Step::NoSuchHost, Step::Connect, Step::Timeout, Step::Policy, Step::NotRecorded] {
        let cause = "x is not known; --allow-host x allows it";
        let (world, _) =
            run(&config(|_| {}), &ALL, PROBES, |question| sample::failure(&question.request.url, step, cause));
        assert!(
            world.pool.discovery.is_err()
                && world.pool.document.is_err()
                && world.pool.keys.is_err()
                && world.pool.issuer_variant.is_err()
        );
        assert_eq!(world.clients[0].callback, Err(Missing::Follows(Need::Discovery)));
    }
    let (world, _) = run(&config(|_| {}), &ALL, PROBES, |question| match question.id.0.as_str() {
        "discovery" => POOL.answer(question),
        _ => sample::failure(&question.request.url, Step::NoSuchHost, "no such host"),
    });
    assert_eq!(world.domain.name.unwrap().value.absent.as_deref(), Some("no such host"));
    assert!(matches!(world.clients[0].callback, Err(Missing::Unreachable { .. })));
}

#[test]
fn an_answerer_that_takes_everything_proves_nothing() {
    let (world, _) = run(&config(|_| {}), &ALL, PROBES, |question| match question.id.0.as_str() {
        "discovery" => POOL.answer(question),
        _ if question.request.method == "POST" => {
            sample::answer(&question.request.url, 400, &[], r#"{"error":"invalid_grant"}"#)
        }
        _ => {
            let query = Url::parse(&question.request.url).unwrap().query().unwrap_or_default().to_owned();
            sample::redirect(&question.request.url, &format!("/login?{query}"))
        }
    });
    let client = &world.clients[0];
    assert!(client.standing.is_err() && client.callback.is_err() && client.flow.is_err() && client.scopes.is_err());
    assert!(
        client.secret.is_err()
            && client.login_page.is_err()
            && !matches!(&client.sign_out, Ok(seen) if seen.value == SignOutStanding::Registered)
    );
}

#[test]
fn a_redirected_document_is_followed_within_the_budget() {
    let (world, trusted) = run(&config(|_| {}), &ALL, PROBES, |question| match question.id.0.as_str() {
        "discovery" | "discovery-redirect-1" => {
            sample::redirect(&question.request.url, &format!("{}/moved/openid-configuration", question.request.url))
        }
        _ => POOL.answer(question),
    });
    assert!(ids(&world).contains(&"discovery-redirect-2"));
    assert_eq!(world.pool.discovery.unwrap().value.refusal, None);
    assert!(trusted.is_empty() && world.exchanges.len() <= 15);
}

/// All facts, without the exchanges.
fn facts(world: &World) -> String {
    let per_pool =
        (&world.pool.discovery, &world.pool.document, &world.pool.strict, &world.pool.issuer_variant, &world.pool.keys);
    format!(
        "{per_pool:?} {:?} {:?} {:?} {:?}",
        world.domain.name, world.domain.certificate, world.domain.access, world.clients
    )
}

#[test]
fn a_recording_gives_the_facts_that_were_recorded() {
    for pool in [
        POOL,
        Pool { scopes: &["openid"], secret: None, ..POOL },
        Pool { callback: "https://authenticate.corp.example.com/", ..POOL },
        Pool { clients: &[], ..POOL },
        Pool { domain: false, ..POOL },
    ] {
        let recorded = of_pool(&pool, PROBES);
        let folder = tempfile::tempdir().unwrap();
        crate::evidence::record(
            &recorded,
            std::path::Path::new("config.yaml"),
            folder.path(),
            &crate::secret::Scrubber::new(),
        )
        .unwrap();
        let replay = crate::evidence::Replay::open(folder.path()).unwrap();
        let config = config(|_| {});
        let clients = config.clients();
        let literals = Literals::of(&config, &clients);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let replayed = runtime.block_on(gather(&config, &clients, &literals, &plan(ALL), &PROBES, &replay));
        assert_eq!(facts(&replayed), facts(&recorded));
        assert_eq!(replayed.exchanges.len(), recorded.exchanges.len());
    }
}

#[test]
fn the_secret_travels_beside_the_request_only() {
    let world = of_pool(&POOL, PROBES);
    let exchanges = serde_json::to_string(&world.exchanges).unwrap();
    assert!(exchanges.contains("token-control") && !exchanges.contains(SECRET));
}

/// A route with an app client of its own.
fn route_of(client: &str) -> crate::config::Route {
    crate::config::Route {
        idp_client_id: Some(setting(client.to_owned())),
        any_authenticated_user: true,
        ..crate::config::Route::unset(setting(()).span)
    }
}

#[test]
fn each_client_is_asked_about_by_itself() {
    let two = config(|settings| {
        settings.routes = vec![route_of("2nd")];
    });
    let (world, _) = run(&two, &ALL, GatherOptions::default(), |question| POOL.answer(question));
    assert!(ids(&world).contains(&"authorize.2") && world.exchanges.len() == 8, "{:?}", ids(&world));
    assert_eq!(world.clients[0].standing.as_ref().unwrap().value, ClientStanding::Usable);
    assert!(matches!(world.clients[1].standing.as_ref().unwrap().value, ClientStanding::NotUsable { .. }));
}

#[test]
fn many_clients_are_asked_about_in_batches() {
    let many = config(|settings| {
        settings.routes = (1..CLIENTS + 10).map(|number| route_of(&format!("client{number}"))).collect();
    });
    let (world, _) = run(&many, &ALL, GatherOptions::default(), |question| POOL.answer(question));
    assert!(world.clients[..CLIENTS].iter().all(|client| client.standing.is_ok()));
    assert!(world.clients[CLIENTS..].iter().all(|client| matches!(client.standing, Err(Missing::Limit(_)))));
}

#[test]
fn the_budget_ends_a_run_and_says_so() {
    // Each document redirects, the keys are elsewhere, and nothing is registered.
    let (world, _) = run(&config(|_| {}), &ALL, PROBES, |question| match question.id.0.as_str() {
        id if id == "discovery" || id.starts_with("discovery-redirect-") && id < "discovery-redirect-3" => {
            sample::redirect(&question.request.url, &format!("{}/openid-configuration", question.request.url))
        }
        _ if question.request.url.ends_with("openid-configuration") && !question.request.url.contains("issuer-") => {
            let document = POOL.document().replace("/.well-known/jwks.json", "/elsewhere/jwks.json");
            sample::answer(&question.request.url, 200, &[], &document)
        }
        _ => Pool { callback: "https://none.example/", secret: Some("other"), ..POOL }.answer(question),
    });
    assert_eq!(world.exchanges.len(), 15, "{:?}", ids(&world));
    let secret = world.clients[0].secret.as_ref();
    assert!(
        matches!(secret, Err(Missing::Budget(words)) if words.contains("15 questions")) || secret.is_ok(),
        "{secret:?}"
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn no_answers_make_a_login_look_right(
        answers in proptest::collection::vec((100u16..600, "\\PC{0,20}|/(login|error)\\?client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1(&error=[a-z_]{0,8})?", "\\PC{0,30}|\\{\"error\":\"[a-z_]{0,10}\"\\}|<[a-z]{0,5}>"), 1..9),
    ) {
        let count = RefCell::new(0_usize);
        let (world, _) = run(&config(|_| {}), &ALL, PROBES, |question| {
            if question.id.0 == "discovery" {
                return POOL.answer(question);
            }
            *count.borrow_mut() += 1;
            let (status, location, body) = &answers[*count.borrow() % answers.len()];
            sample::answer(&question.request.url, *status, &[("location", location)], body)
        });
        let client = &world.clients[0];
        proptest::prop_assert!(client.standing.is_err() && client.callback.is_err() && client.flow.is_err() && client.scopes.is_err());
        proptest::prop_assert!(client.login_page.is_err() && client.secret.is_err());
        proptest::prop_assert!(!matches!(&client.sign_out, Ok(seen) if seen.value == SignOutStanding::Registered));
        proptest::prop_assert!(!matches!(&world.pool.keys, Ok(seen) if !seen.value.usable.is_empty()));
    }
}
