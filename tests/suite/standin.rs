//! The stand-in itself: it answers as Amazon Cognito was documented or observed to, and its server is a real HTTPS server.

use std::collections::BTreeMap;

use crate::support::answer::{HttpAnswer, HttpRequest, answer, http_date};
use crate::support::pool::{CALLBACK, CLIENT_ID, CLIENT_SECRET, Domain, Pool};
use crate::support::transport::StandIn;
use pomlint::evidence::{Exchange, ExchangeId, Outcome, Question, Request, Step, Transport as _};
use pomlint::secret::Secret;

const DOMAIN: &str = "https://acme.auth.eu-west-1.amazoncognito.com";
const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";

fn pool(text: &str) -> Pool {
    Pool::from_yaml(text).unwrap()
}

fn get(description: &str, url: &str) -> HttpAnswer {
    answer(&pool(description), &HttpRequest::get(url))
}

/// The authorize request that Pomerium sends, with some parameters replaced (or, if `None`, left out).
fn authorize_query(changes: &[(&str, Option<&str>)]) -> String {
    let mut parameters = vec![
        ("client_id", Some(CLIENT_ID)),
        ("redirect_uri", Some(CALLBACK)),
        ("response_type", Some("code")),
        ("scope", Some("openid email profile")),
        ("state", Some("xyz|1")),
    ];
    for (name, value) in changes {
        match parameters.iter_mut().find(|(known, _)| known == name) {
            Some(parameter) => parameter.1 = *value,
            None => parameters.push((name, *value)),
        }
    }
    let given = parameters.into_iter().filter_map(|(name, value)| Some((name, value?)));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish()
}

/// One row of the decision table of the authorize endpoint.
struct Row {
    /// The case.
    case: &'static str,
    /// The pool.
    pool: &'static str,
    /// The request, as it differs from Pomerium's.
    request: &'static [(&'static str, Option<&'static str>)],
    /// The `Location` of the 302: `/…` is on the login domain, `callback…` the callback, `/login?=` the login page with the same parameters.
    location: &'static str,
}

#[rustfmt::skip]
const DECISIONS: &[Row] = &[
    Row { case: "all fine", pool: "", request: &[], location: "/login?=" },
    Row { case: "all fine, managed login", pool: "managed_login: true", request: &[], location: "/login?=" },
    Row { case: "all fine, managed login without branding", pool: "{managed_login: true, client: {branding: false}}", request: &[], location: "/login?=" },
    Row { case: "no scope: all scopes of the client", pool: "", request: &[("scope", None)], location: "/login?=" },
    Row { case: "client_id absent", pool: "", request: &[("client_id", None)], location: "/error?error=Required+parameters+missing" },
    Row { case: "client_id empty", pool: "", request: &[("client_id", Some(""))], location: "/error?error=Required+parameters+missing" },
    Row { case: "redirect_uri missing", pool: "", request: &[("redirect_uri", None)], location: "/error?error=Required+parameters+missing" },
    Row { case: "client_id unknown", pool: "", request: &[("client_id", Some("5x y"))], location: "/error?error=invalid_request&client_id=5x+y" },
    Row { case: "client_id unknown and callback not registered", pool: "", request: &[("client_id", Some("5x")), ("redirect_uri", Some("https://a.invalid/"))], location: "/error?error=invalid_request&client_id=5x" },
    Row { case: "OAuth not enabled", pool: "client: {oauth: false}", request: &[], location: "/error?error=invalid_request&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1" },
    Row { case: "no identity provider enabled", pool: "client: {identity_providers: []}", request: &[], location: "/error?error=invalid_request&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1" },
    Row { case: "callback not registered", pool: "", request: &[("redirect_uri", Some("https://a.invalid/"))], location: "/error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1" },
    Row { case: "callback with a slash too many", pool: "", request: &[("redirect_uri", Some("https://authenticate.corp.example.com/oauth2/callback/"))], location: "/error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1" },
    Row { case: "callback by http", pool: "", request: &[("redirect_uri", Some("http://authenticate.corp.example.com/oauth2/callback"))], location: "/error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1" },
    Row { case: "callback not registered wins over odd PKCE", pool: "", request: &[("redirect_uri", Some("https://a.invalid/")), ("code_challenge", Some("x"))], location: "/error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1" },
    Row { case: "callback not registered wins over scope", pool: "", request: &[("redirect_uri", Some("https://a.invalid/")), ("scope", Some("groups"))], location: "/error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1" },
    Row { case: "response_type missing", pool: "", request: &[("response_type", None)], location: "callback?state=xyz%7C1&error=invalid_request" },
    Row { case: "response_type=token id_token", pool: "", request: &[("response_type", Some("token id_token"))], location: "/error?error=invalid_request&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1" },
    Row { case: "code grant off", pool: "client: {flows: [implicit]}", request: &[], location: "callback?error_description=unauthorized_client&state=xyz%7C1&error=invalid_request" },
    Row { case: "implicit grant off", pool: "", request: &[("response_type", Some("token"))], location: "callback#error_description=unauthorized_client&state=xyz%7C1&error=invalid_request" },
    Row { case: "implicit grant on", pool: "client: {flows: [code, implicit]}", request: &[("response_type", Some("token"))], location: "/login?=" },
    Row { case: "a scope not allowed", pool: "client: {scopes: [openid, email]}", request: &[], location: "callback?error_description=invalid_scope&state=xyz%7C1&error=invalid_request" },
    Row { case: "a scope not allowed, without state", pool: "", request: &[("scope", Some("openid groups")), ("state", None)], location: "callback?error_description=invalid_scope&error=invalid_request" },
    Row { case: "offline_access", pool: "", request: &[("scope", Some("openid offline_access"))], location: "callback?error_description=invalid_scope&state=xyz%7C1&error=invalid_request" },
    Row { case: "comma-separated list", pool: "", request: &[("scope", Some("openid,email"))], location: "callback?error_description=invalid_scope&state=xyz%7C1&error=invalid_request" },
    Row { case: "scope is checked before any provider", pool: "client: {identity_providers: [Google]}", request: &[("scope", Some("groups"))], location: "callback?error_description=invalid_scope&state=xyz%7C1&error=invalid_request" },
    Row { case: "code_challenge without method", pool: "", request: &[("code_challenge", Some("x"))], location: "callback?state=xyz%7C1&error=invalid_request" },
    Row { case: "code_challenge_method plain", pool: "", request: &[("code_challenge", Some("x")), ("code_challenge_method", Some("plain"))], location: "callback?state=xyz%7C1&error=invalid_request" },
    Row { case: "short code_challenge with S256", pool: "", request: &[("code_challenge", Some("x")), ("code_challenge_method", Some("S256"))], location: "/login?=" },
    Row { case: "prompt=none without a session, managed login", pool: "managed_login: true", request: &[("prompt", Some("none"))], location: "callback?state=xyz%7C1&error=login_required" },
    Row { case: "identity_provider enabled", pool: "client: {identity_providers: [COGNITO, Google]}", request: &[("identity_provider", Some("Google"))], location: "https://accounts.google.com/" },
    Row { case: "identity_provider COGNITO", pool: "client: {identity_providers: [COGNITO, Google]}", request: &[("identity_provider", Some("COGNITO"))], location: "/login?=" },
    Row { case: "identity_provider in the wrong case", pool: "client: {identity_providers: [COGNITO, Google]}", request: &[("identity_provider", Some("google"))], location: "/login?=&errorMessage=Login+option+is+not+available.+Please+try+another+one" },
    Row { case: "exactly one external provider", pool: "client: {identity_providers: [SignInWithApple]}", request: &[], location: "https://appleid.apple.com/" },
];

#[test]
fn authorize_follows_the_decision_table() {
    let mut wrong = Vec::new();
    for row in DECISIONS {
        let query = authorize_query(row.request);
        let answer = get(row.pool, &format!("{DOMAIN}/oauth2/authorize?{query}"));
        let expected = row.location.replacen("/login?=", &format!("/login?{query}"), 1);
        let expected = match expected.strip_prefix("callback") {
            Some(rest) => format!("{CALLBACK}{rest}"),
            None if expected.starts_with('/') => format!("{DOMAIN}{expected}"),
            None => expected,
        };
        let location = answer.header("location").unwrap_or_default();
        // An external provider's own parameters are of no interest.
        let fits = if expected.ends_with('/') { location.starts_with(&expected) } else { location == expected };
        if answer.status != 302 || !fits {
            wrong.push(format!("{}: {} {location}, expected {expected}", row.case, answer.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_answer_of_the_login_domain_shows_that_it_is_cognito() {
    for path in ["/oauth2/authorize", "/login", "/logout", "/error?error=x", "/nowhere", "/oauth2/token"] {
        let answer = get("", &format!("{DOMAIN}{path}"));
        assert_eq!(answer.header("x-amz-cognito-request-id").unwrap().len(), 36, "{path}");
        assert!(answer.header("set-cookie").unwrap().starts_with("XSRF-TOKEN="), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(answer.header("cache-control").unwrap().contains("no-store"), "{path}");
    }
    let blocked = get("waf: true", &format!("{DOMAIN}/login"));
    assert_eq!((blocked.status, blocked.header("x-amz-cognito-request-id")), (403, None));
    assert_eq!(get("waf: true", &format!("{ISSUER}/.well-known/openid-configuration")).status, 200);
}

#[test]
fn pages_of_the_login_domain() {
    let page = |description: &str, path: &str| {
        let answer = get(description, &format!("{DOMAIN}{path}"));
        (answer.status, answer.body)
    };
    let login = format!("/login?{}", authorize_query(&[]));
    let (status, body) = page("", &login);
    assert!(status == 200 && body.contains("type=\"password\""), "{body}");
    let (status, body) = page("managed_login: true", &login);
    assert!(status == 200 && !body.contains("password"), "{body}");
    let (status, body) = page("{managed_login: true, client: {branding: false}}", &login);
    assert!(status == 403 && body.contains("Login pages unavailable. Please contact an administrator."), "{body}");
    let (status, body) = page("", &format!("{login}&errorMessage=Login+option+is+not+available."));
    assert!(status == 401 && body.contains("Login option is not available."), "{body}");
    let (status, body) = page("", "/error?error=redirect_mismatch&client_id=x");
    assert!(status == 400 && body.contains("An error was encountered with the requested page."), "{body}");
    assert!(body.contains("redirect_mismatch"), "{body}");
    assert_eq!(page("login: {status: 500, body: oops}", &login), (500, "oops".to_owned()));
    assert_eq!(page("", "/.well-known/openid-configuration").0, 400);
    assert_eq!(page("", "/nowhere").0, 404);
    assert_eq!(page("", "/oauth2/token").0, 405);
    assert_eq!(page("", "/oauth2/userinfo").0, 405);
}

#[test]
fn sign_out_knows_registered_urls_only() {
    let to = |description: &str, url: &str| {
        let url = format!("{DOMAIN}/logout?client_id={CLIENT_ID}&logout_uri={url}");
        get(description, &url).header("location").unwrap().to_owned()
    };
    let registered = "https://authenticate.corp.example.com/.pomerium/signed_out";
    assert_eq!(to("", registered), registered);
    assert_eq!(to("", "https://a.invalid/"), format!("{DOMAIN}/error?error=Required+parameters+missing"));
    let refused = to("managed_login: true", "https://a.invalid/");
    assert!(refused.starts_with(&format!("{DOMAIN}/login?client_id=")), "{refused}");
    assert_eq!(get("managed_login: true", &refused).status, 400);
}

#[test]
fn the_client_is_authenticated_before_the_grant() {
    use base64::Engine as _;
    let basic = |secret: &str| {
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT_ID}:{secret}"));
        Some(format!("Basic {pair}"))
    };
    let form = [("grant_type", "authorization_code"), ("code", "0000"), ("redirect_uri", CALLBACK)];
    let with = |more: &[(&'static str, &'static str)]| [&form[..], more].concat();
    let id = ("client_id", CLIENT_ID);
    let none = "client: {secret: none}";
    let broken = basic(CLIENT_SECRET).map(|header| format!("{}\n{}", &header[..40], &header[40..]));
    #[rustfmt::skip]
    let cases = [
        ("right, Basic", "", basic(CLIENT_SECRET), form.to_vec(), 400, "invalid_grant"),
        ("right, form", "", None, with(&[id, ("client_secret", CLIENT_SECRET)]), 400, "invalid_grant"),
        ("wrong, Basic", "", basic("wrong"), form.to_vec(), 400, "invalid_client"),
        ("wrong, form", "", None, with(&[id, ("client_secret", "wrong")]), 400, "invalid_client"),
        ("missing", "", None, with(&[id]), 400, "invalid_client"),
        ("unknown client", "", None, with(&[("client_id", "other")]), 400, "invalid_client"),
        ("no client at all", "", None, form.to_vec(), 400, "invalid_client"),
        ("Basic broken by a line end", "", broken, form.to_vec(), 400, "invalid_client"),
        ("public client", none, None, with(&[id]), 400, "invalid_grant"),
        ("public client, secret sent", none, basic(CLIENT_SECRET), form.to_vec(), 400, "invalid_client"),
        ("public client, empty secret sent", none, None, with(&[id, ("client_secret", "")]), 400, "invalid_client"),
        ("code grant off", "client: {flows: [implicit]}", basic(CLIENT_SECRET), form.to_vec(), 400, "unauthorized_client"),
        ("OAuth off", "client: {oauth: false}", basic(CLIENT_SECRET), form.to_vec(), 400, "invalid_grant"),
        ("no code", "", basic(CLIENT_SECRET), vec![form[0], form[2]], 400, "invalid_request"),
        ("other grant", "", basic(CLIENT_SECRET), vec![("grant_type", "password")], 400, "unsupported_grant_type"),
        ("client credentials not allowed", "", basic(CLIENT_SECRET), vec![("grant_type", "client_credentials")], 400, "unauthorized_client"),
    ];
    for (case, description, authorization, form, status, error) in cases {
        let mut request = HttpRequest::post(&format!("{DOMAIN}/oauth2/token"), &form);
        request.headers.extend(authorization.map(|value| ("authorization".to_owned(), value)));
        let answer = answer(&pool(description), &request);
        assert_eq!((answer.status, answer.body), (status, format!("{{\"error\":\"{error}\"}}")), "{case}");
    }
}

#[test]
fn revoke_tells_a_wrong_secret_from_a_wrong_token() {
    let revoke = |form: &[(&str, &str)]| {
        let answer = answer(&Pool::default(), &HttpRequest::post(&format!("{DOMAIN}/oauth2/revoke"), form));
        (answer.status, answer.body)
    };
    let (id, right) = (("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET));
    assert_eq!(revoke(&[("token", "x"), id, right]), (200, String::new()));
    assert_eq!(revoke(&[id, right]).0, 400);
    assert_eq!(revoke(&[("token", "x"), id]), (401, r#"{"error":"invalid_client"}"#.to_owned()));
}

/// The document that a pool of the default name serves, as an object.
fn document(description: &str, issuer: &str) -> BTreeMap<String, serde_json::Value> {
    let answer = get(description, &format!("{issuer}/.well-known/openid-configuration"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

#[test]
fn discovery_documents_have_the_recorded_shapes() {
    let keys = |description: &str| document(description, ISSUER).into_keys().collect::<Vec<_>>().join(" ");
    let y2019 = "authorization_endpoint id_token_signing_alg_values_supported issuer jwks_uri response_types_supported \
                 scopes_supported subject_types_supported token_endpoint token_endpoint_auth_methods_supported userinfo_endpoint";
    let modern = "authorization_endpoint end_session_endpoint id_token_signing_alg_values_supported issuer jwks_uri \
                  response_types_supported revocation_endpoint scopes_supported subject_types_supported token_endpoint \
                  token_endpoint_auth_methods_supported userinfo_endpoint";
    let y2017 = "authorization_endpoint id_token_signing_alg_values_supported issuer jwks_uri response_types_supported \
                 subject_types_supported";
    assert_eq!(keys(""), modern);
    assert_eq!(keys("domain: none"), modern);
    assert_eq!(keys("generation: '2019'"), y2019);
    assert_eq!(keys("{domain: none, generation: '2019'}"), y2019);
    assert_eq!(keys("generation: '2017'"), y2019);
    assert_eq!(keys("{domain: none, generation: '2017'}"), y2017);

    let endpoint =
        |description: &str| document(description, ISSUER)["authorization_endpoint"].as_str().unwrap().to_owned();
    assert_eq!(endpoint(""), format!("{DOMAIN}/oauth2/authorize"));
    assert_eq!(endpoint("domain: auth.acme.example"), "https://auth.acme.example/oauth2/authorize");
    assert_eq!(endpoint("domain: none"), format!("{ISSUER}/authorize"));
    assert_eq!(endpoint("{domain: none, generation: '2017'}"), ISSUER);
    let lost = get("domain: none", &format!("{ISSUER}/authorize?client_id=x"));
    assert!(lost.status == 400 && lost.body.contains(r#""code":"BadRequest""#), "{}", lost.body);
}

#[test]
fn discovery_can_be_changed() {
    let changed = "discovery: {status: 203, headers: {Content-Type: null, X-Cache: HIT}, set: {issuer: other, a: [1]}, remove: [jwks_uri]}";
    let answer = get(changed, &format!("{ISSUER}/.well-known/openid-configuration"));
    assert_eq!((answer.status, answer.header("content-type"), answer.header("x-cache")), (203, None, Some("HIT")));
    let document: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&document["issuer"], &document["a"]), (&"other".into(), &serde_json::json!([1])));
    assert!(document.get("jwks_uri").is_none());
    let replaced = get("discovery: {body: '<html>'}", &format!("{ISSUER}/.well-known/openid-configuration"));
    assert_eq!(replaced.body, "<html>");
}

#[test]
fn a_switched_pool_advertises_its_old_issuer_on_the_old_host() {
    let updated = ISSUER.replace("https://", "https://issuer-");
    assert_eq!(get("", &format!("{updated}/.well-known/openid-configuration")).status, 403);
    assert_eq!(get("", &format!("{updated}/.well-known/jwks.json")).status, 403);
    assert_eq!(document("issuer: updated", ISSUER)["issuer"], ISSUER);
    assert_eq!(document("issuer: updated", &updated)["issuer"], updated.as_str());
    assert_eq!(get("issuer: updated", &format!("{updated}/.well-known/jwks.json")).status, 200);
}

#[test]
fn a_pool_that_is_not_there() {
    let well_known = |issuer: &str| format!("{issuer}/.well-known/openid-configuration");
    let absent = r#"{"message":"User pool eu-west-1_9xK2mPq7R does not exist."}"#;
    let deleted = get("exists: false", &well_known(ISSUER));
    assert_eq!((deleted.status, deleted.body.as_str()), (400, absent));
    let elsewhere = get("", &well_known(&ISSUER.replacen("eu-west-1", "us-east-1", 1)));
    assert_eq!((elsewhere.status, elsewhere.body.as_str()), (400, absent));
    let malformed = get("", &well_known("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1:9xK2mPq7R"));
    assert!(malformed.status == 400 && !malformed.body.contains("does not exist"), "{}", malformed.body);
}

#[test]
fn keys_are_real() {
    use base64::Engine as _;
    let answer = get("", &format!("{ISSUER}/.well-known/jwks.json"));
    let set: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        let modulus = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap();
        assert!(modulus.len() == 256 && modulus[0] >= 0x80 && modulus[255] % 2 == 1);
        assert_eq!((&key["alg"], &key["use"], &key["kty"]), (&"RS256".into(), &"sig".into(), &"RSA".into()));
        assert_eq!(key["kid"].as_str().unwrap().len(), 44);
    }
    assert_eq!(get("jwks: {status: 503}", &format!("{ISSUER}/.well-known/jwks.json")).status, 503);
}

#[test]
fn names_that_exist() {
    let healthy = Pool::default();
    for host in [
        "acme.auth.eu-west-1.amazoncognito.com",
        "cognito-idp.eu-west-1.amazonaws.com",
        "cognito-idp.us-east-2.amazonaws.com",
        "issuer-cognito-idp.eu-west-1.amazonaws.com",
        "cognito-idp-fips.us-east-1.amazonaws.com",
        "cognito-idp.eusc-de-east-1.amazonaws.eu",
    ] {
        assert!(healthy.resolves(host), "{host}");
    }
    for host in [
        "other.auth.eu-west-1.amazoncognito.com",
        "cognito-idp.eu-west-9.amazonaws.com",
        "cognito-idp-fips.eu-west-1.amazonaws.com",
        "cognito-idp.eu-west-1.amazonaws.eu",
        "authenticate.corp.example.com",
    ] {
        assert!(!healthy.resolves(host), "{host}");
    }
    assert!(!pool("domain_resolves: false").resolves("acme.auth.eu-west-1.amazoncognito.com"));
    assert!(!pool("exists: false").resolves("acme.auth.eu-west-1.amazoncognito.com"));
}

#[test]
fn a_description_is_laid_over_the_default() {
    let partial = pool("client: {scopes: [openid], secret: none}\nclients: [{id: second}]\ndomain: login.acme.example");
    assert_eq!((partial.client.id.as_str(), partial.client.secret.as_deref()), (CLIENT_ID, None));
    assert_eq!(partial.client.callback_urls, [CALLBACK]);
    assert_eq!(partial.app_client("second").unwrap().secret.as_deref(), Some(CLIENT_SECRET));
    assert_eq!(partial.domain, Domain::Custom("login.acme.example".into()));
    assert!(Pool::from_yaml("# nothing\n").is_ok());
    let error = Pool::from_yaml("domian: acme").unwrap_err();
    assert!(error.contains("domian"), "{error}");
    assert!(Pool::from_yaml("client: {scope: []}").is_err());
}

#[test]
fn dates_are_spelled_as_http_wants() {
    assert_eq!(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    assert_eq!(http_date(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(http_date(951_782_400), "Tue, 29 Feb 2000 00:00:00 GMT");
    assert_eq!(http_date(1_798_761_599), "Thu, 31 Dec 2026 23:59:59 GMT");
    let mut request = HttpRequest::get(&format!("{DOMAIN}/login"));
    request.at = 784_111_777;
    let ahead = answer(&pool("clock_ahead: 90"), &request);
    assert_eq!(ahead.header("date"), Some("Sun, 06 Nov 1994 08:51:07 GMT"));
}

fn ask(pool: &str, method: &str, url: &str, basic: Option<(&str, &str)>) -> (StandIn, Exchange) {
    let stand_in = StandIn::new(Pool::from_yaml(pool).unwrap());
    let request = Request { method: method.into(), url: url.into(), form: vec![("token".into(), "x".into())] };
    let basic = basic.map(|(id, secret)| (id.to_owned(), Secret::new(secret)));
    let question = Question { basic, ..Question::new(ExchangeId("probe".into()), request) };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let exchange = runtime.block_on(stand_in.ask(&question));
    (stand_in, exchange)
}

#[test]
fn as_a_transport_it_sends_a_state_and_shows_none() {
    let query = authorize_query(&[("scope", Some("groups")), ("state", Some(""))]);
    let url = format!("{DOMAIN}/oauth2/authorize?{query}");
    let (stand_in, exchange) = ask("", "GET", &url, None);
    let sent = stand_in.asked().pop().unwrap().parameter("state").unwrap();
    assert!(sent.len() > 8);
    let Outcome::Answer(answer) = &exchange.outcome else { panic!("{exchange:?}") };
    assert!(answer.header("location").unwrap().contains("invalid_scope&state=CUT&error="), "{answer:?}");
    assert!(exchange.request.url.ends_with("&state=CUT"), "{exchange:?}");
    assert_eq!(answer.header("set-cookie"), Some("XSRF-TOKEN=CUT"));
    assert!(!format!("{exchange:?}").contains(&sent), "{exchange:?}");
}

#[test]
fn as_a_transport_it_sends_credentials() {
    let revoke = format!("{DOMAIN}/oauth2/revoke");
    let status = |secret| match ask("", "POST", &revoke, Some((CLIENT_ID, secret))).1.outcome {
        Outcome::Answer(answer) => answer.status,
        Outcome::Failure(failure) => panic!("{failure:?}"),
    };
    assert_eq!((status(CLIENT_SECRET), status("wrong")), (200, 401));
}

#[test]
fn as_a_transport_it_fails_as_the_network_does() {
    let step = |pool: &str, url: &str| match ask(pool, "GET", url, None).1.outcome {
        Outcome::Failure(failure) => Some(failure.step),
        Outcome::Answer(_) => None,
    };
    let login = format!("{DOMAIN}/login");
    assert_eq!(step("", &login), None);
    assert_eq!(step("domain_resolves: false", &login), Some(Step::NoSuchHost));
    assert_eq!(step("", "https://other.auth.eu-west-1.amazoncognito.com/login"), Some(Step::NoSuchHost));
    assert_eq!(step("domain_certificate: expired", &login), Some(Step::Certificate));
    assert_eq!(step("domain_certificate: wrong-name", &login), Some(Step::Certificate));
    assert_eq!(step("", &login.replace("https", "http")), Some(Step::Policy));
}
