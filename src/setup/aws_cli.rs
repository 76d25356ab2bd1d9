//! As commands for the AWS CLI.
//!
//! All that comes from the configuration stands in JSON, in quoted here-documents: no shell reads it. It is handed over as
//! `file://…`, as version 1 of the CLI fetches a URL that stands on its command line and takes the answer for the value.
//! An update is the whole client, as `UpdateUserPoolClient` resets whatever is left out (AWS API reference).

use super::quote::comment;
use super::{AppClient, BRANDING, NO_DOMAIN, Registration, SECRET_STAYS, client_name, json};
use crate::shell;

/// Lays what must be so over what is: lists that may serve others too are added to, and nothing is made shorter.
const MERGE: &str = r#"def session: SESSION;
def seconds: {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400};
def lifetime: (.RefreshTokenValidity // 30) * seconds[.TokenValidityUnits.RefreshToken // "days"];
def add($name): .[$name] = ((.[$name] // []) + ($wanted[0][$name] // []) | unique);
if lifetime < session then
  .RefreshTokenValidity = $wanted[0].RefreshTokenValidity | .TokenValidityUnits.RefreshToken = "days"
else . end
| .AllowedOAuthFlowsUserPoolClient = true
| .AllowedOAuthFlows = ["code"]
| .EnableTokenRevocation = true
| add("AllowedOAuthScopes") | add("CallbackURLs") | add("LogoutURLs")
| if has("ExplicitAuthFlows") and .RefreshTokenRotation.Feature != "ENABLED"
    and any(.ExplicitAuthFlows[]; startswith("ALLOW_"))
  then add("ExplicitAuthFlows") else . end
"#;

/// The provider that Pomerium asks for must be among the client's.
const ADD_PROVIDER: &str = "| add(\"SupportedIdentityProviders\")";
/// Any will do: to let users of the pool in beside others is for its owner.
const SOME_PROVIDER: &str =
    "| if (.SupportedIdentityProviders // []) == [] then add(\"SupportedIdentityProviders\") else . end";

/// What the CLI answers and does not take back, left out: the secret never touches the disk. What is left must be what
/// `UpdateUserPoolClient` takes (service model of 2016-04-18, botocore 1.44): anything else would be reset, or refused.
const KEEP: &str = r#"'.UserPoolClient | del(.ClientSecret, .ClientSecretArn, .ClientType, .CreationDate, .LastModifiedDate)
  | (keys - ["UserPoolId", "ClientId", "ClientName", "RefreshTokenValidity", "AccessTokenValidity", "IdTokenValidity",
      "TokenValidityUnits", "ReadAttributes", "WriteAttributes", "ExplicitAuthFlows", "SupportedIdentityProviders", "CallbackURLs",
      "LogoutURLs", "DefaultRedirectURI", "AllowedOAuthFlows", "AllowedOAuthScopes", "AllowedOAuthFlowsUserPoolClient",
      "AnalyticsConfiguration", "PreventUserExistenceErrors", "EnableTokenRevocation", "EnablePropagateAdditionalUserContextData",
      "AuthSessionValidity", "RefreshTokenRotation"]) as $new
  | if $new == [] then . else error("an update may reset what is newer than this script: \($new): nothing was changed") end'"#;

/// Where the API answers with a `ClientSecretArn` (API reference, `UserPoolClientType`).
const KEPT_ELSEWHERE: &str = "If the answer has a ClientSecretArn, Cognito keeps the secret in AWS Secrets Manager: Pomerium needs the \
                              clientSecretValue there, and the new one after each rotation (every 7 days, if nobody says otherwise).";

/// The files of a script have names that any folder may have already: a `pomerium.json` is often the configuration itself.
const OWN_FOLDER: &str = "folder=$(mktemp -d)\ncd \"$folder\"\necho \"the files are in $folder\" >&2\n";

/// What is to be told, as commands.
pub fn aws_cli(registration: &Registration) -> String {
    let mut text = comment(registration.heading());
    text +=
        &comment(["Read it, write it into a file, and run it with sh: it stops at the first failure. It needs jq."]);
    text += &comment(["It works in a new folder, which it names: no file of yours is written over."]);
    text += "set -eu\n";
    text += OWN_FOLDER;
    for (index, client) in registration.clients.iter().enumerate() {
        text += "\n";
        text += &comment([client.whose()]);
        text += &match &client.id {
            Some(id) => update(registration, client, id, index),
            None => create(registration, client, index),
        };
    }
    text + "\n" + &comment(domain(registration))
}

/// The region, of which the form is known to be harmless.
fn region(registration: &Registration) -> String {
    registration.pool.as_ref().map_or_else(String::new, |pool| format!(" --region {}", pool.region))
}

fn create(registration: &Registration, client: &AppClient, index: usize) -> String {
    let file = format!("{}.json", client_name(index));
    let mut text = String::new();
    if registration.pool.is_none() {
        let says = format!("Put the id of your pool in the place of {} first.", json::POOL_PLACEHOLDER);
        text += &comment([says]);
    }
    text += &file_of(&file, &json::properties(registration, index, &[("UserPoolId", json::pool(registration))]));
    let region = region(registration);
    text.extend([format!("aws cognito-idp create-user-pool-client{region} --cli-input-json file://{file}\n")]);
    text + &comment([registration.comes_back(client)])
}

fn update(registration: &Registration, client: &AppClient, id: &str, index: usize) -> String {
    let name = client_name(index);
    let region = region(registration);
    let which = [("UserPoolId", json::pool(registration)), ("ClientId", super::quote::json(id))];
    let mut text = comment([
        "It is read, completed and sent back whole: update-user-pool-client resets every property that is left out.",
        SECRET_STAYS,
    ]);
    if registration.pool.is_none() {
        let says = format!("Put the id of your pool in the place of {} first.", json::POOL_PLACEHOLDER);
        text += &comment([says]);
    }
    text += &comment(["1. What it is now."]);
    text += &file_of(&format!("{name}.which.json"), &json::object(which));
    // A pipe would hide that the first command failed.
    text.extend([format!(
        "now=$(aws cognito-idp describe-user-pool-client{region} --cli-input-json file://{name}.which.json --output json)\n\
         printf '%s' \"$now\" | jq {KEEP} > {name}.now.json\n"
    )]);
    text += &comment(["2. What it must have, laid over that."]);
    text += &file_of(&format!("{name}.wanted.json"), &json::properties(registration, index, &[]));
    let provider = if registration.is_provider_pinned { ADD_PROVIDER } else { SOME_PROVIDER };
    let merge = MERGE.replace("SESSION", &registration.session.as_secs().to_string());
    text += &file_of(&format!("{name}.jq"), &format!("{merge}{provider}"));
    text.extend([format!("jq --slurpfile wanted {name}.wanted.json -f {name}.jq {name}.now.json > {name}.json\n")]);
    text += &comment(["3. The whole of it. Compare the two files before you send it."]);
    // Its answer holds the secret.
    text.extend([format!(
        "aws cognito-idp update-user-pool-client{region} --cli-input-json file://{name}.json > /dev/null\n"
    )]);
    text + &comment([registration.comes_back(client), KEPT_ELSEWHERE.to_owned()])
}

/// A file by a here-document in which the shell reads nothing. No line of JSON that is printable ASCII is the word that ends it.
fn file_of(name: &str, text: &str) -> String {
    format!("cat > {name} <<'POMLINT'\n{text}\nPOMLINT\n")
}

fn domain(registration: &Registration) -> Vec<String> {
    let pool = registration.pool.as_ref().map_or(json::POOL_PLACEHOLDER, |pool| &pool.id);
    let which = format!("{} --user-pool-id {pool}", region(registration));
    let mut lines = vec![
        format!("{NO_DOMAIN} If it has none:"),
        format!(
            "aws cognito-idp create-user-pool-domain{which} --domain a-prefix-of-your-own --managed-login-version 2"
        ),
        BRANDING.to_owned(),
    ];
    lines.extend(registration.clients.iter().map(|client| {
        let id = shell::quoted(client.id.as_deref().unwrap_or("CLIENT"));
        format!("aws cognito-idp create-managed-login-branding{which} --client-id {id} --use-cognito-provided-values")
    }));
    lines
}
