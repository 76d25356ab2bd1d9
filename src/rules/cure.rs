//! How a cure on Cognito's side is written down: as a path through the console, and as Terraform.

use std::path::Path;

use serde_json::Value as Json;

use super::notation::yaml;
use crate::config::Settings;
use crate::evidence::{ClientCode, Evidence};
use crate::infra::{Attribute, Language};
use crate::shell;

/// The pool id: the path of the issuer.
pub(super) fn pool(issuer: &str) -> &str {
    issuer.trim_end_matches('/').rsplit('/').next().filter(|id| id.contains('_')).unwrap_or("your user pool")
}

/// The issuer as it is configured; empty where none is.
pub(super) fn issuer(settings: &Settings) -> &str {
    settings.idp_provider_url.as_ref().map_or("", |issuer| issuer.value.as_str())
}

/// A command of the AWS CLI about an app client.
pub(super) fn aws_command(operation: &str, pool: &str, client: &str) -> String {
    format!("aws cognito-idp {operation} --user-pool-id {} --client-id {}", shell::quoted(pool), shell::quoted(client))
}

/// The way to a page of the pool in the AWS console.
pub(super) fn pool_console(issuer: &str, page: &str) -> String {
    format!("console: User pools → {} → {page}", pool(issuer))
}

/// The way to a page of the app client in the AWS console.
pub(super) fn client_console(settings: &Settings, client: &str, page: &str) -> String {
    let client = if client.is_empty() { "the app client" } else { client };
    pool_console(issuer(settings), &format!("App clients → {client} → {page}"))
}

/// What the resource of the app client is to have, in the language of the code that makes it; in Terraform if nobody gave any.
pub(super) fn client_setting(code: &Evidence<ClientCode>, setting: Attribute, value: &Wanted<'_>) -> [String; 2] {
    let is_member = matches!(value, Wanted::Member(_) | Wanted::Members(_));
    let beside = if is_member { ", beside what it lists already" } else { "" };
    let name = language(code).name_of(setting);
    // Lists and flags are the same text in both languages.
    let line = match language(code) {
        Language::Terraform => format!("{name} = {}", value.terraform()),
        Language::CloudFormation if is_json(code) => format!("\"{name}\": {}", value.terraform()),
        Language::CloudFormation => format!("{name}: {}", value.terraform()),
    };
    [format!("{}{beside}:", client_resource(code)), copied(&line)]
}

/// What the resource of the app client is to have where that takes several lines.
pub(super) fn client_lines(
    code: &Evidence<ClientCode>,
    terraform: &[&str],
    cloudformation: &[(&str, Json)],
) -> Vec<String> {
    let lines: Vec<String> = match language(code) {
        Language::Terraform => terraform.iter().map(|line| copied(line)).collect(),
        Language::CloudFormation => {
            cloudformation.iter().map(|(name, value)| copied(&property(code, name, value))).collect()
        }
    };
    [format!("{}:", client_resource(code))].into_iter().chain(lines).collect()
}

/// A property of a template, in the notation of the template.
pub(super) fn property(code: &Evidence<ClientCode>, name: &str, value: &Json) -> String {
    property_in(code.as_ref().ok().map(|code| &code.value), name, value)
}

/// The same for what this code makes.
pub(super) fn property_in(code: Option<&ClientCode>, name: &str, value: &Json) -> String {
    if code.is_some_and(is_of_json) { format!("\"{name}\": {value}") } else { format!("{name}: {}", yaml(value)) }
}

/// Whether the template is JSON, as those of the CDK are.
fn is_json(code: &Evidence<ClientCode>) -> bool {
    code.as_ref().is_ok_and(|code| is_of_json(&code.value))
}

fn is_of_json(code: &ClientCode) -> bool {
    Path::new(&code.file).extension().is_some_and(|end| end == "json")
}

/// The language of the code that makes the app client; Terraform if nobody gave any.
pub(super) fn language(code: &Evidence<ClientCode>) -> Language {
    code.as_ref().map_or(Language::Terraform, |code| code.value.language)
}

/// Where the app client is made.
pub(super) fn client_resource(code: &Evidence<ClientCode>) -> String {
    let Ok(code) = code else { return "Terraform, in aws_cognito_user_pool_client".to_owned() };
    made_in(&code.value)
}

/// Where code makes something.
pub(super) fn made_in(ClientCode { file, address, language }: &ClientCode) -> String {
    let language = match language {
        Language::Terraform => "Terraform",
        Language::CloudFormation => "CloudFormation",
    };
    format!("{language}, in {address} ({file})")
}

/// What a setting of the app client is to be.
pub(super) enum Wanted<'w> {
    /// On.
    On,
    /// This list.
    List(&'w [&'w str]),
    /// A list with this member too.
    Member(&'w str),
    /// A list with these members too.
    Members(&'w [&'w str]),
}

impl Wanted<'_> {
    fn terraform(&self) -> String {
        match self {
            Self::On => "true".to_owned(),
            Self::List(members) | Self::Members(members) => terraform_list(members.iter().copied()),
            Self::Member(member) => terraform_list([*member]),
        }
    }
}

/// A line to copy: it stands alone, a step further in, and is never folded.
pub(super) fn copied(line: &str) -> String {
    format!("  {line}")
}

/// What somebody does by hand on a page of the app client: nothing where code makes it, which would undo that.
pub(super) fn by_hand(code: &Evidence<ClientCode>, settings: &Settings, client: &str, page: &str) -> Vec<String> {
    match code {
        Ok(_) => Vec::new(),
        Err(_) => vec![client_console(settings, client, page), UPDATE_REPLACES.to_owned()],
    }
}

/// `UpdateUserPoolClient` resets whatever is left out (AWS API reference).
pub(super) const UPDATE_REPLACES: &str =
    "AWS CLI: send the whole client, as update-user-pool-client resets every property that is left out";

/// Names as a list: `` `a`, `b` and `c` ``.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Names as a Terraform list of strings.
pub(super) fn terraform_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("{name:?}")).collect();
    format!("[{}]", names.join(", "))
}
