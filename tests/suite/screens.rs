//! What `pomlint diagnose` prints, character by character. What `check` prints is held by the rule pages.

use crate::support::held::holds;
use crate::support::{Pomlint, Ran, project};

const MISMATCH: &str =
    "https://acme.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1";

/// A run that asks nobody.
fn offline(pasted: &str) -> Ran {
    Pomlint::new(["diagnose", "--offline", "-"]).stdin(pasted).run()
}

#[test]
fn an_address_in_the_address_bar() {
    holds(
        &offline(MISMATCH).stdout,
        r#"  seen      https://acme.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1
  whose     This page is Cognito's: it knows the app client and refused the
            callback URL, before it showed a login form.
  certain   callback-not-registered: Cognito does not know this callback URL
  more      pomlint explain callback-not-registered
  possible  authenticate-url-explicit-port, authenticate-url-query-sent
  past      domain, client: worked, or this would not have been seen

To have these judged live, name the configuration: pomlint diagnose … CONFIG
This is callback-not-registered.
"#,
    );
}

#[test]
fn an_address_beside_the_configuration_and_a_recorded_pool() {
    let [config, world] = ["fixtures/configs/demo.yaml", "fixtures/worlds/demo"];
    let run = Pomlint::new(["diagnose", MISMATCH, config, "--replay", world]).in_folder(&project("."));
    holds(
        &run.run().stdout,
        r#"  seen      https://acme.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1
  whose     This page is Cognito's: it knows the app client and refused the
            callback URL, before it showed a login form.
  certain   callback-not-registered: Cognito does not know this callback URL
            ✗ confirmed just now, by the configuration
  possible  authenticate-url-explicit-port, authenticate-url-query-sent
  past      domain, client: worked, or this would not have been seen

error[callback-not-registered]: Cognito does not know this callback URL
  --> fixtures/configs/demo.yaml:2:27
   |
 2 | authenticate_service_url: https://authenticate.corp.example.com
   |                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |   Pomerium sends https://authenticate.corp.example.com/oauth2/callback,
   |   and app client `4qk2v9s7m1n3b5c8d0f6g7h2u1` knows the same URL with a
   |   slash at the end instead
  ...
 6 | idp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1
   |                --------------------------
   |                the app client that must know the URL
   |
  seen  GET https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?…
        302 → /error?error=redirect_mismatch&client_id=4qk…2u1  (12 ms)
        GET https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?…
        302 → /error?error=redirect_mismatch&client_id=4qk…2u1  (12 ms)
        … and 4 more (-v shows them)
  near  sent        https://authenticate.corp.example.com/oauth2/callback
        registered  https://authenticate.corp.example.com/oauth2/callback/
                                            a slash only in `registered` ^
  fix   register the URL byte for byte as Pomerium sends it; its path cannot be
        changed:
            https://authenticate.corp.example.com/oauth2/callback
          Terraform: callback_urls = ["https://authenticate.corp.example.com/oauth2/callback"]   # in aws_cognito_user_pool_client, beside what it lists already
          console: User pools → eu-west-1_9xK2mPq7R → App clients → 4qk2v9s7m1n3b5c8d0f6g7h2u1 → Login pages → Edit → Allowed callback URLs
          AWS CLI: send the whole client, as update-user-pool-client resets every property that is left out
          changed it just now? Cognito needs a minute or two
  more  pomlint explain callback-not-registered

Confirmed: callback-not-registered.
"#,
    );
}

#[test]
fn a_log_of_several_troubles() {
    let log = r#"{"level":"error","error":"Internal Server Error: error redeeming authenticate code: identity/oidc: token exchange failed: oauth2: \"invalid_client\"","request-id":"1","message":"httputil: error"}
{"level":"info","message":"http-request","response-code":200}
{"level":"error","error":"Internal Server Error: error redeeming authenticate code: identity/oidc: token exchange failed: oauth2: \"invalid_client\"","request-id":"2","message":"httputil: error"}
{"level":"warn","key":"idp_service_acount","message":"config: unknown config option"}
"#;
    holds(
        &offline(log).stdout,
        r#"line 1 (2 times, last on line 3)
  seen      {"level":"error","error":"Internal Server Error: error redeeming
            authenticate code: identity/oidc: token exchange failed: oauth2:
            "invalid_client"","request-id":"1","message":"httputil: error"}
  whose     This line is Pomerium's: the user logged in, and Cognito refused to
            exchange the code for tokens.
  likely    client-secret-has-whitespace: The client secret has white space or
            quotes around it
  more      pomlint explain client-secret-has-whitespace
  likely    client-secret-rejected: Cognito refuses the client secret
  more      pomlint explain client-secret-rejected
  possible  client-secret-missing: No client secret is set
  possible  client-secret-malformed: This cannot be a client secret of Cognito
  possible  client-secret-not-expected: A client secret is set, but the app
            client has none
  possible  route-client-half-set
  past      domain, client, callback, flow, scopes, login: worked, or this would
            not have been seen

line 4
  seen      {"level":"warn","key":"idp_service_acount","message":"config:
            unknown config option"}
  likely    unknown-key: Pomerium ignores this option
  more      pomlint explain unknown-key
  likely    removed-key-ignored: This option is gone, and Pomerium ignores it
  more      pomlint explain removed-key-ignored

4 lines read · 2 symptoms
To have these judged live, name the configuration: pomlint diagnose … CONFIG
Most likely: client-secret-has-whitespace or client-secret-rejected or
unknown-key or removed-key-ignored.
"#,
    );
}

#[test]
fn a_log_without_trouble() {
    let line = "{\"level\":\"info\",\"message\":\"http-request\",\"response-code\":200}\n";
    holds(
        &offline(&line.repeat(2)).stdout,
        r#"2 lines read · 0 symptoms
No known symptom, and no line that complains.
"#,
    );
}

#[test]
fn what_people_say() {
    holds(
        &offline("after the login it just says redirect mismatch").stdout,
        r#"  seen      after the login it just says redirect mismatch
  possible  callback-not-registered: Cognito does not know this callback URL

To have these judged live, name the configuration: pomlint diagnose … CONFIG
Possibly: callback-not-registered.
"#,
    );
}

#[test]
fn what_nobody_knows() {
    holds(
        &offline("the coffee machine is out of order").stdout,
        r#"This matches no known symptom. To judge a configuration as a whole: pomlint
check CONFIG
"#,
    );
}
