//! What a plan of fifty megabytes costs, of which a few kilobytes are read: half its size and all of it.
//!
//! ```text
//! cargo bench -- infra
//! ```

use std::fmt::Write as _;
use std::process::Command;

use crate::measure::{configuration, median, milliseconds, of_size, once, runs};

const RUNS: usize = 3;

/// A plan of at least so many bytes, the resources of Cognito at its end.
fn plan(bytes: usize) -> String {
    let mut text =
        "{\"format_version\": \"1.2\", \"terraform_version\": \"1.11.4\", \"resource_changes\": [\n".to_owned();
    let mut number = 0;
    while text.len() < bytes {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{{\"address\": \"aws_instance.n[{number}]\", \"mode\": \"managed\", \"type\": \"aws_instance\", \"name\": \"n\", \"index\": {number}, \
             \"change\": {{\"actions\": [\"no-op\"], \"before\": {{\"tags\": {{\"Name\": \"n{number}\"}}, \"user_data\": \"{0}\"}}, \
             \"after\": {{\"tags\": {{\"Name\": \"n{number}\"}}, \"user_data\": \"{0}\"}}, \"after_unknown\": {{}}}}}},",
            "x".repeat(400)
        );
        number += 1;
    }
    let client = "{\"id\": \"4qk2v9s7m1n3b5c8d0f6g7h2u1\", \"user_pool_id\": \"eu-west-1_9xK2mPq7R\", \"generate_secret\": true, \
        \"allowed_oauth_flows_user_pool_client\": true, \"allowed_oauth_flows\": [\"code\"], \"allowed_oauth_scopes\": [\"email\", \"openid\", \
        \"profile\"], \"supported_identity_providers\": [\"COGNITO\"], \"callback_urls\": \
        [\"https://authenticate.corp.example.com/oauth2/callback\"], \"enable_token_revocation\": true}";
    let _ = write!(
        text,
        "{{\"address\": \"aws_cognito_user_pool_client.c\", \"mode\": \"managed\", \"type\": \"aws_cognito_user_pool_client\", \"name\": \"c\", \
         \"change\": {{\"actions\": [\"no-op\"], \"before\": {client}, \"after\": {client}, \"after_unknown\": {{}}}}}}]}}"
    );
    text
}

/// Measures, and prints what came of it.
pub(crate) fn run() {
    println!("infra: a plan of 25 and of 50 MB, medians of {RUNS} runs (the larger: less than 1 s)");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = folder.path().join("config.yaml");
    std::fs::write(&config, configuration(0)).expect("a file to write");
    let measured = [of_size(25_000_000), of_size(50_000_000)].map(|bytes| {
        let file = folder.path().join("plan.json");
        std::fs::write(&file, plan(bytes)).expect("a file to write");
        let run = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_pomlint"));
            command.args(["check", "--offline", "--infra"]).arg(&file).arg(&config);
            once(&mut command, 0)
        };
        median((0..runs(RUNS)).map(|_| run()).collect())
    });
    let [half, full] = measured;
    let ratio = full.as_secs_f64() / half.as_secs_f64();
    println!("  {}  {}  ratio {ratio:.1}  (linear: at most 2)", milliseconds(half), milliseconds(full));
}
