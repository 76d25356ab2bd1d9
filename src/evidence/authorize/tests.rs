#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use url::Url;

use super::*;
use crate::evidence::{Outcome, Step, sample, told};

const DOMAIN: &str = "https://acme.auth.eu-west-1.amazoncognito.com";
const CALLBACK: &str = "https://authenticate.corp.example.com/oauth2/callback";

fn asked(redirect_uri: &str) -> String {
    let mut url = Url::parse(&format!("{DOMAIN}/oauth2/authorize?client_id=4qk&response_type=code")).unwrap();
    url.query_pairs_mut().append_pair("redirect_uri", redirect_uri);
    url.into()
}

fn reply(redirect_uri: &str, location: &str) -> Reply {
    classify(&redirect(&asked(redirect_uri), location))
}

/// A redirect; to [`LOGIN`] it carries the whole request along.
fn redirect(asked: &str, location: &str) -> Exchange {
    let query = asked.split_once('?').map_or("", |(_, query)| query);
    sample::redirect(asked, &location.replace(LOGIN, &format!("/login?{query}")))
}

fn refusal(error: &str, description: Option<&str>) -> Refusal {
    Refusal { error: error.to_owned(), description: description.map(str::to_owned) }
}

#[test]
fn where_the_redirect_leads_is_what_it_says() {
    let login = Reply::Login { url: asked(CALLBACK).replace("/oauth2/authorize", "/login"), message: None };
    assert_eq!(reply(CALLBACK, LOGIN), login);
    assert_eq!(reply(CALLBACK, &format!("https://ACME.auth.eu-west-1.amazoncognito.com:443{LOGIN}")), login);
    let mismatch = Reply::ErrorPage(refusal("redirect_mismatch", None));
    assert_eq!(reply(CALLBACK, &format!("{DOMAIN}/error?error=redirect_mismatch&client_id=4qk")), mismatch);
    let scope = refusal("invalid_request", Some("invalid_scope"));
    let location = format!("{CALLBACK}?error_description=invalid_scope&state=s&error=invalid_request");
    assert_eq!(reply(CALLBACK, &location), Reply::Callback(scope.clone()));
    let location =
        location.replace("https://authenticate.corp", "HTTPS://Authenticate.CORP").replace("/oauth2", ":443/oauth2");
    assert_eq!(reply(CALLBACK, &location), Reply::Callback(scope));
    let token = format!("{CALLBACK}#error_description=unauthorized_client&error=invalid_request");
    assert_eq!(reply(CALLBACK, &token), Reply::Callback(refusal("invalid_request", Some("unauthorized_client"))));
    let google = format!(
        "https://accounts.google.com/o/oauth2/v2/auth?client_id=1.apps&redirect_uri={DOMAIN}/oauth2/idpresponse"
    );
    assert_eq!(reply(CALLBACK, &google), Reply::External { host: "accounts.google.com".to_owned() });
    // `<saml2:Issuer>urn:amazon:cognito:sp:eu-west-1_9xK2mPq7R</saml2:Issuer>`, deflated.
    let saml = "https://idp.example.com/sso?SAMLRequest=sylOzM0xsvIsLi5NLbIrLcqzSsxNrMrPs0rOT8%2FLLMm3Ki6wSi3VLU8tLtE1jLes8DbKDSg0D7LRR9EHAA%3D%3D";
    assert_eq!(reply(CALLBACK, saml), Reply::External { host: "idp.example.com".to_owned() });
    assert!(matches!(reply(CALLBACK, "https://idp.example.com/sso?SAMLRequest=x"), Reply::Nothing(_)));
    let message = "/login?client_id=4qk&errorMessage=Login+option+is+not+available.+Please+try+another+one";
    assert!(matches!(reply(CALLBACK, message), Reply::Login { message: Some(words), .. } if is_not_enabled(&words)));
}

#[test]
fn the_login_page_must_be_told_what_was_sent() {
    let request =
        "client_id=4qk&response_type=code&scope=openid+email&redirect_uri=https%3A%2F%2Fa.example%2Fcb&state=CUT";
    let said =
        |location: &str| match classify(&sample::redirect(&format!("{DOMAIN}/oauth2/authorize?{request}"), location)) {
            Reply::Login { .. } => "taken".to_owned(),
            Reply::Nothing(Missing::Inconclusive { why, .. }) => why,
            other => format!("{other:?}"),
        };
    let told = |from: &str, to: &str| said(&format!("/login?{}", request.replace(from, to)));
    for (from, to) in [("x", "x"), ("+", "%20"), ("&state=CUT", ""), ("&state", "&lang=de&state")] {
        assert_eq!(told(from, to), "taken", "{from} {to}");
    }
    for (from, to, why) in [
        ("+email", "", "`scope` as was sent (it is `openid`)"),
        ("&scope=openid+email", "", "`scope` as was sent (it is not there)"),
        ("&scope", "&scope=openid&scope", "`scope`"),
        ("=code", "=token", "`response_type`"),
        ("a.example", "A.example", "`redirect_uri`"),
        ("%2Fcb", "%2Fcb%2F", "`redirect_uri`"),
        ("state=CUT", "state=other", "`state`"),
        ("state=CUT", "state=CUT&error=invalid_request", "`error=invalid_request`"),
        ("state=CUT", "state=CUT&Error_Description=x", "`Error_Description=x`"),
        ("state=CUT", "state=CUT&errormessage=x", "`errormessage=x`"),
        ("state=CUT", "code=1", "`code=1`"),
        ("state=CUT", "state=CUT#error=invalid_request", "`error=invalid_request`"),
    ] {
        let said = told(from, to);
        assert!(said.contains(why), "{from} {to}: {said}");
    }
}

#[test]
fn two_places_are_none() {
    let of = |second: &str| {
        let mut exchange =
            sample::redirect(&format!("{DOMAIN}/oauth2/authorize?client_id=4qk"), "/login?client_id=4qk");
        let Outcome::Answer(answer) = &mut exchange.outcome else { unreachable!("it is an answer") };
        answer.headers.push(("location".to_owned(), second.to_owned()));
        classify(&exchange)
    };
    assert!(matches!(of("/login?client_id=4qk"), Reply::Login { .. }));
    assert!(matches!(of("https://portal.example.com/"), Reply::Nothing(_)));
}

#[test]
fn a_place_that_only_looks_like_the_callback_is_not_it() {
    for (callback, location) in [
        ("https://a.example/cb", "https://a.example/cbx?error=invalid_request"),
        ("https://a.example/cb", "https://a.example/cb/?error=invalid_request"),
        ("https://a.example/cb", "https://a.example/CB?error=invalid_request"),
        ("https://a.example/cb", "https://a.example:8443/cb?error=invalid_request"),
        ("https://a.example/cb", "http://a.example/cb?error=invalid_request"),
        ("https://a.example/cb", "https://a.example.evil.example/cb?error=invalid_request"),
        ("https://a.example/cb", "https://a.example@evil.example/cb?error=invalid_request"),
        ("https://a.example/cb?x=1", "https://a.example/cb?error=invalid_request"),
        ("https://a.example/cb", "https://a.example/cb?code=1&state=2"),
        ("https://a.example/cb", "https://a.example/cb?code=1&error=invalid_scope"),
    ] {
        assert!(matches!(reply(callback, location), Reply::Nothing(_)), "{callback} {location}");
    }
    let own = reply("https://a.example/cb?x=1", "https://a.example/cb?x=1&error=invalid_request");
    assert_eq!(own, Reply::Callback(refusal("invalid_request", None)));
    // The callback may share its host with the login domain.
    let shared = format!("{DOMAIN}/oauth2/callback");
    let location = format!("{shared}?error=invalid_request&error_description=invalid_scope");
    assert!(matches!(reply(&shared, &location), Reply::Callback(_)));
    assert!(matches!(reply(&shared, LOGIN), Reply::Login { .. }));
}

#[test]
fn what_others_answer_says_nothing() {
    for location in [
        "/login",
        "/login?client_id=other",
        "/error",
        "/error?client_id=4qk",
        "/",
        "login.html",
        "http://accounts.google.com/?client_id=1",
        "https://portal.example/login?from=acme",
        "https://portal.example/?client_id=1",
        "https://portal.example/?client_id=1&redirect_uri=https://portal.example/back",
        "https://portal.example/?redirect_uri=https://portal.example/oauth2/idpresponse",
        "https://portal.example/?redirect_uri=http://acme.auth.eu-west-1.amazoncognito.com/oauth2/idpresponse",
        "https://idp.example/?redirect_uri=https://acme.auth.eu-west-1.amazoncognito.com/oauth2/idpresponse&error=x",
        "https://idp.example/?SAMLRequest=x&errorMessage=y",
        "/login?client_id=4qk",
        "https://portal.example/?SAMLRequest=",
        "https://other.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch&client_id=4qk",
        "https://192.0.2.1/?client_id=4qk",
        "https://portal/?client_id=4qk",
        "",
        "::",
    ] {
        assert!(
            matches!(reply(CALLBACK, location), Reply::Nothing(Missing::Inconclusive { status: 302, .. })),
            "{location}"
        );
    }
    for status in [200, 300, 304, 403, 429, 503] {
        let exchange = sample::answer(&asked(CALLBACK), status, &[("location", "/login?client_id=4qk")], "");
        assert!(matches!(classify(&exchange), Reply::Nothing(Missing::Inconclusive { .. })), "{status}");
    }
    let silent = sample::failure(&asked(CALLBACK), Step::Timeout, "late");
    assert!(matches!(classify(&silent), Reply::Nothing(Missing::Unreachable { .. })));
}

const GOOGLE: &str = "https://accounts.google.com/?client_id=1&redirect_uri=https://acme.auth.eu-west-1.amazoncognito.com/oauth2/idpresponse";
const LOGIN: &str = "/login?…";
const MISMATCH: &str = "/error?error=redirect_mismatch&client_id=4qk";
const INVALID: &str = "/error?error=invalid_request&client_id=4qk";
const SCOPE: &str =
    "https://authenticate.corp.example.com/oauth2/callback?error_description=invalid_scope&error=invalid_request";
const FLOW: &str =
    "https://authenticate.corp.example.com/oauth2/callback?error_description=unauthorized_client&error=invalid_request";

fn judge(main: &str, control: &str, followed: &Followed, provider: Option<&str>) -> ClientWorld {
    let main = redirect(&asked(CALLBACK), main);
    let control = redirect(&asked("https://x.invalid/oauth2/callback"), control);
    Probe::read(&main, &control).judge(followed, provider)
}

#[test]
fn a_redirect_of_another_pool_proves_nothing() {
    // `<saml2:Issuer>urn:amazon:cognito:sp:eu-west-1_9xK2mPq7R</saml2:Issuer>`, deflated.
    let saml = "https://idp.example.com/sso?SAMLRequest=sylOzM0xsvIsLi5NLbIrLcqzSsxNrMrPs0rOT8%2FLLMm3Ki6wSi3VLU8tLtE1jLes8DbKDSg0D7LRR9EHAA%3D%3D";
    let main = redirect(&asked(CALLBACK), saml);
    let control = redirect(&asked("https://x.invalid/oauth2/callback"), MISMATCH);
    let standing = |pool| short(&Probe::read(&main, &control).of_pool(pool).judge(&Followed::default(), None));
    assert_eq!(standing(None), standing(Some("eu-west-1_9xK2mPq7R")));
    assert_ne!(standing(None), standing(Some("eu-west-1_7aB1cD2eF")));
    // What is to be answered elsewhere belongs to another domain.
    let told = |callback: &str| {
        let mut main = main.clone();
        if let Outcome::Answer(answer) = &mut main.outcome {
            answer.read.insert(told::SAML_CALLBACK.to_owned(), callback.to_owned());
        }
        matches!(classify(&main), Reply::External { .. })
    };
    assert!(told(&format!("{DOMAIN}/saml2/idpresponse")));
    assert!(!told("https://other.auth.eu-west-1.amazoncognito.com/saml2/idpresponse"));
}

#[test]
fn an_error_behind_the_hash_is_one_on_the_way_to_an_external_provider_too() {
    let own: String = url::form_urlencoded::byte_serialize(format!("{DOMAIN}/oauth2/idpresponse").as_bytes()).collect();
    let leads = |more: &str| {
        let target = format!("https://accounts.google.com/o/oauth2/v2/auth?redirect_uri={own}&state=x{more}");
        matches!(classify(&redirect(&asked(CALLBACK), &target)), Reply::External { .. })
    };
    assert!(leads("") && leads("#top"));
    for more in ["#error=access_denied", "#errorMessage=x", "#code=1", "&error=access_denied"] {
        assert!(!leads(more), "{more}");
    }
}

/// Short names of what is known: client, callback, flow, scopes.
fn short(standings: &ClientWorld) -> String {
    fn word<T>(evidence: &Evidence<T>, yes: impl Fn(&T) -> bool) -> &'static str {
        match evidence {
            Ok(seen) if yes(&seen.value) => "yes",
            Ok(_) => "no",
            Err(Missing::Follows(Need::Authorize)) => "follows",
            Err(_) => "?",
        }
    }
    [
        word(&standings.standing, |value| *value == ClientStanding::Usable),
        word(&standings.callback, |value| *value == CallbackStanding::Registered),
        word(&standings.flow, |value| *value == FlowStanding::Allowed),
        word(&standings.scopes, |value| *value == ScopeStanding::Allowed),
    ]
    .join(" ")
}

#[test]
fn what_is_wrong_first_hides_what_comes_after() {
    for (main, control, known) in [
        (LOGIN, MISMATCH, "yes yes yes yes"),
        (GOOGLE, MISMATCH, "yes yes yes yes"),
        (MISMATCH, MISMATCH, "yes no follows follows"),
        (INVALID, INVALID, "no follows follows follows"),
        (SCOPE, MISMATCH, "yes yes follows no"),
        (FLOW, MISMATCH, "yes yes no follows"),
        ("/error?error=invalid_scope&client_id=4qk", MISMATCH, "yes ? follows no"),
        (INVALID, MISMATCH, "yes ? ? ?"),
        ("https://authenticate.corp.example.com/oauth2/callback?error=server_error", MISMATCH, "yes yes ? ?"),
        ("https://authenticate.corp.example.com/oauth2/callback?error=login_required", MISMATCH, "yes yes yes yes"),
        ("/login?client_id=4qk&errorMessage=Surprise", MISMATCH, "yes ? ? ?"),
        ("/elsewhere", MISMATCH, "yes ? ? ?"),
        // The control was not refused as Cognito refuses it.
        (LOGIN, LOGIN, "? ? ? ?"),
        (LOGIN, INVALID, "? ? ? ?"),
        (GOOGLE, GOOGLE, "? ? ? ?"),
        (MISMATCH, LOGIN, "? ? ? ?"),
        (MISMATCH, INVALID, "? ? ? ?"),
        (LOGIN, "/elsewhere", "? ? ? ?"),
    ] {
        assert_eq!(short(&judge(main, control, &Followed::default(), None)), known, "{main} {control}");
    }
}

#[test]
fn a_login_that_is_refused_at_the_callback_proves_all_but_the_login() {
    let page = |error: &str, control: &str| {
        let main = redirect(&asked(CALLBACK), &format!("{CALLBACK}?error={error}"));
        let control = redirect(&asked("https://x.invalid/oauth2/callback"), control);
        let probe = Probe::read(&main, &control);
        (short(&probe.judge(&Followed::default(), None)), probe.page().map(|seen| seen.value))
    };
    for error in ["login_required", "interaction_required"] {
        let refused = Some(LoginPage::Refused { error: error.to_owned() });
        assert_eq!(page(error, MISMATCH), ("yes yes yes yes".to_owned(), refused));
        assert_eq!(page(error, LOGIN), ("? ? ? ?".to_owned(), None));
    }
    assert_eq!(page("access_denied", MISMATCH), ("yes yes ? ?".to_owned(), None));
}

#[test]
fn an_answerer_that_takes_everything_is_named() {
    let why = judge(LOGIN, LOGIN, &Followed::default(), None).callback.unwrap_err();
    assert!(matches!(why, Missing::Inconclusive { why, .. } if why.contains("every question the same way")));
}

#[test]
fn single_scopes_name_the_culprit_and_tell_of_the_flow() {
    let single = |word: &str, location: &str| (word.to_owned(), redirect(&asked(CALLBACK), location));
    for (singles, culprits, flow) in [
        (vec![single("profile", LOGIN), single("groups", SCOPE), single("openid", LOGIN)], vec!["groups"], "yes"),
        (vec![single("profile", SCOPE), single("openid", SCOPE)], vec!["openid"], "follows"),
        (vec![single("profile", FLOW), single("openid", FLOW)], vec![], "no"),
        (vec![single("profile", "/odd")], vec![], "follows"),
    ] {
        let standings = judge(SCOPE, MISMATCH, &Followed { scopes: singles, callbacks: vec![] }, None);
        assert_eq!(short(&standings), format!("yes yes {flow} no"));
        let culprits = culprits.into_iter().map(str::to_owned).collect();
        assert_eq!(standings.scopes.unwrap().value, ScopeStanding::Refused { culprits });
    }
}

#[test]
fn a_similar_callback_that_is_taken_is_named() {
    let near = format!("{CALLBACK}/");
    let other = "http://authenticate.corp.example.com/oauth2/callback".to_owned();
    let callbacks = vec![
        (other.clone(), sample::redirect(&asked(&other), MISMATCH)),
        (near.clone(), redirect(&asked(&near), LOGIN)),
        ("https://x/".to_owned(), sample::failure(&asked("https://x/"), Step::Timeout, "late")),
    ];
    let standings = judge(MISMATCH, MISMATCH, &Followed { scopes: vec![], callbacks }, None);
    let expected = CallbackStanding::NotRegistered { near: Some(near), tried: vec![other] };
    assert_eq!(standings.callback.unwrap().value, expected);
}

#[test]
fn an_identity_provider_is_judged_only_if_one_is_named() {
    let provider =
        |main: &str, named: Option<&str>| judge(main, MISMATCH, &Followed::default(), named).identity_provider;
    let refused = "/login?client_id=4qk&errorMessage=Login+option+is+not+available.+Please+try+another+one";
    assert_eq!(provider(GOOGLE, Some("Google")).unwrap().value, IdentityProviderStanding::Enabled);
    assert_eq!(provider(LOGIN, Some("COGNITO")).unwrap().value, IdentityProviderStanding::Enabled);
    assert!(matches!(provider(refused, Some("google")).unwrap().value, IdentityProviderStanding::NotEnabled { .. }));
    assert!(matches!(provider(LOGIN, Some("Google")), Err(Missing::Inconclusive { .. })));
    assert!(provider(LOGIN, None).is_err());
}

proptest! {
    #[test]
    fn no_answer_passes_without_a_control_that_is_refused(
        status in 100u16..600,
        location in "\\PC{0,30}|(https://(acme.auth.eu-west-1.amazoncognito.com|authenticate.corp.example.com|x.invalid))?/(login|error|oauth2/callback)\\?(client_id=4qk)?&?(error=[a-z_]{0,9})?",
        genuine in any::<bool>(),
    ) {
        let headers = [("location", location.as_str()), ("x-amz-cognito-request-id", "1")];
        let headers = if genuine { &headers[..] } else { &headers[..1] };
        let main = sample::answer(&asked(CALLBACK), status, headers, &location);
        let control = sample::answer(&asked("https://x.invalid/oauth2/callback"), status, headers, &location);
        let known = short(&Probe::read(&main, &control).judge(&Followed::default(), Some("Google")));
        prop_assert!(!known.contains("yes") || known.starts_with("yes no"), "{}", known);
    }
}
