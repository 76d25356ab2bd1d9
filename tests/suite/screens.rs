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
        r#"Certain, by Cognito's error page: Cognito does not know this callback URL
(callback-not-registered).
  do        Cognito: add `<authenticate_service_url>/oauth2/callback`, byte for
            byte, to the Allowed callback URLs of the app client.
  seen      https://acme.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1
  works     domain, client
  else      authenticate-url-explicit-port and authenticate-url-query-sent
  next      pomlint diagnose … CONFIG judges it live
"#,
    );
}

#[test]
fn an_address_beside_the_configuration_and_a_recorded_pool() {
    let [config, world] = ["fixtures/configs/demo.yaml", "fixtures/worlds/demo"];
    let run = Pomlint::new(["diagnose", MISMATCH, config, "--replay", world]).in_folder(&project("."));
    holds(
        &run.run().stdout,
        r#"Confirmed just now by the configuration: Cognito does not know this callback URL
(callback-not-registered).
  do        Cognito: add `<authenticate_service_url>/oauth2/callback`, byte for
            byte, to the Allowed callback URLs of the app client.
  seen      https://acme.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1
  works     domain, client
  not       ✓ ruled out just now: authenticate-url-explicit-port and
            authenticate-url-query-sent
  next      pomlint explain callback-not-registered

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
        control, to be refused: a callback that nobody can have registered
        the same request with redirect_uri=https%3A%2F%2Fpomlint-08afc00a24f6b21c.invalid%2Foauth2%2Fcallback
        302 → /error?error=redirect_mismatch&client_id=4qk…2u1  (12 ms)
        … and 2 more (-v shows them)
  near  sent        https://authenticate.corp.example.com/oauth2/callback
        registered  https://authenticate.corp.example.com/oauth2/callback/
                                            a slash only in `registered` ^
  fix   register the URL byte for byte as Pomerium sends it; its path cannot be
        changed:
            https://authenticate.corp.example.com/oauth2/callback
          Terraform, in aws_cognito_user_pool_client, beside what it lists
            already:
            callback_urls = ["https://authenticate.corp.example.com/oauth2/callback"]
          console: User pools → eu-west-1_9xK2mPq7R → App clients →
            4qk2v9s7m1n3b5c8d0f6g7h2u1 → Login pages → Edit → Allowed callback
            URLs
          AWS CLI: send the whole client, as update-user-pool-client resets
            every property that is left out
          changed it just now? Cognito needs a minute or two: --wait 120 asks
            until it knows
  more  pomlint explain callback-not-registered
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
        r#"Likely, by Pomerium's log: Cognito refuses the client secret
(client-secret-rejected).
  do        Pomerium: set the secret of this very client:
            idp_client_secret_file: /run/secrets/idp_client_secret
  seen      line 1 (2 times, last on line 3): …r redeeming authenticate code:
            identity/oidc: token exchange failed: oauth2: "invalid_client"",
            "request-id":"1", "message":"httputil: error…
  works     domain, client, callback, flow, scopes, login
  else      unknown-key, client-secret-missing, client-secret-has-whitespace and
            3 more
  also      line 4: likely unknown-key
  next      pomlint diagnose … CONFIG judges it live
"#,
    );
}

#[test]
fn a_log_without_trouble() {
    let line = "{\"level\":\"info\",\"message\":\"http-request\",\"response-code\":200}\n";
    holds(
        &offline(&line.repeat(2)).stdout,
        r#"No known symptom, and no line that complains.
"#,
    );
}

#[test]
fn what_people_say() {
    holds(
        &offline("after the login it just says redirect mismatch").stdout,
        r#"Possible, by what was pasted: Cognito does not know this callback URL
(callback-not-registered).
  do        Cognito: add `<authenticate_service_url>/oauth2/callback`, byte for
            byte, to the Allowed callback URLs of the app client.
  seen      after the login it just says redirect mismatch
  else      authenticate-url-explicit-port and authenticate-url-not-https
  next      pomlint diagnose … CONFIG judges it live
"#,
    );
}

#[test]
fn what_nobody_knows() {
    holds(
        &offline("the coffee machine is out of order").stdout,
        r#"Undecided: this matches no known symptom.
  before    Pomerium does not start · no page, or no safe one · endless
            redirects
  at Cognito
            an error, or nothing, in place of the login form: paste the address
  back      400, 404 or 500: paste Pomerium's log line “httputil: error”
  after     403 · logged out again · groups or e-mail missing · sign-out fails
  do        say what happens in a sentence, or run pomlint check CONFIG
"#,
    );
}
