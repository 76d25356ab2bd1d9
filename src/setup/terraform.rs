//! As Terraform.

use super::quote::{comment, hcl};
use super::{AppClient, BRANDING, LISTS_REPLACED, NO_DOMAIN, Property, Registration};

/// The resource of an app client.
const CLIENT: &str = "aws_cognito_user_pool_client";

/// The provider's names for the API's, where they are not the same words in another case.
const NAMES: [(&str, &str); 3] = [
    ("ClientName", "name"),
    ("AllowedOAuthFlowsUserPoolClient", "allowed_oauth_flows_user_pool_client"),
    ("AllowedOAuthFlows", "allowed_oauth_flows"),
];

/// What is to be told, as resources of the provider `aws`.
pub fn terraform(registration: &Registration) -> String {
    let mut text = comment(registration.heading());
    if let Some(command) = registration.judged("plan.json", |index| format!("{CLIENT}.{}", label(index))) {
        text += &comment([
            "Judged before the apply:",
            "  terraform plan -out=plan && terraform show -json plan > plan.json",
        ]);
        text += &comment([format!("  {command}")]);
    }
    if registration.pool.is_none() {
        text += "\ndata \"aws_partition\" \"current\" {}\n";
        text += "\nvariable \"user_pool_id\" {\n  type        = string\n  description = \"The pool that the issuer will name\"\n}\n";
    }
    for (index, client) in registration.clients.iter().enumerate() {
        text += "\n";
        text += &comment([client.whose(), registration.comes_back(client)]);
        text += &existing(registration, client, index);
        text += &resource(registration, index);
        text += &outputs(index);
    }
    if registration.pool.is_none() {
        let issuer = "\"https://cognito-idp.${split(\"_\", var.user_pool_id)[0]}.${data.aws_partition.current.dns_suffix}/${var.user_pool_id}\"";
        text.extend([format!("\noutput \"idp_provider_url\" {{\n  value = {issuer}\n}}\n")]);
    }
    text + "\n" + &comment(domain(registration))
}

fn label(index: usize) -> String {
    if index == 0 { "pomerium".to_owned() } else { format!("pomerium_{}", index + 1) }
}

fn pool(registration: &Registration) -> String {
    registration.pool.as_ref().map_or_else(|| "var.user_pool_id".to_owned(), |pool| hcl(&pool.id))
}

/// How a client that exists is taken over. What Terraform would do to it otherwise was measured with version 6 of the provider.
fn existing(registration: &Registration, client: &AppClient, index: usize) -> String {
    let Some(id) = &client.id else { return String::new() };
    let path = match &registration.pool {
        Some(pool) => hcl(&format!("{}/{id}", pool.id)),
        None => hcl(&format!("/{id}")).replacen('"', "\"${var.user_pool_id}", 1),
    };
    comment([
        "If this client exists, let Terraform take it over: else it makes another one, with another id and another secret.",
        "import {",
        &format!("  to = {CLIENT}.{}", label(index)),
        &format!("  id = {path}"),
        "}",
        &format!("{LISTS_REPLACED} `terraform plan` marks with a minus what it would take away."),
    ])
}

/// The API does not say that a secret was generated, so that Terraform would take the attribute for a change and make another client;
/// and the name is for its owner to choose.
const LEFT_ALONE: &str = "\n  lifecycle {\n    ignore_changes = [name, generate_secret]\n  }\n";

fn resource(registration: &Registration, index: usize) -> String {
    let mut attributes = vec![("user_pool_id".to_owned(), pool(registration))];
    let mut blocks = String::new();
    for (name, value) in registration.properties(index) {
        let value = match value {
            Property::Text(text) => hcl(&text),
            Property::List(members) => {
                format!("[{}]", members.into_iter().map(hcl).collect::<Vec<_>>().join(", "))
            }
            Property::Number(number) => number.to_string(),
            Property::On => "true".to_owned(),
            Property::Unit(token, unit) => {
                let (name, token) = (snake(name), snake(token));
                blocks.extend([format!("\n  {name} {{\n    {token} = {}\n  }}\n", hcl(unit))]);
                continue;
            }
        };
        attributes.push((snake(name), value));
    }
    if registration.clients.get(index).is_some_and(|client| client.id.is_some()) {
        blocks += LEFT_ALONE;
    }
    // As `terraform fmt` has it.
    let width = attributes.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines = attributes.iter().map(|(name, value)| format!("  {name:<width$} = {value}\n"));
    let lines = lines.collect::<Vec<_>>().concat();
    format!("resource \"{CLIENT}\" \"{}\" {{\n{lines}{blocks}}}\n", label(index))
}

/// `CallbackURLs` is `callback_urls`.
fn snake(name: &str) -> String {
    if let Some((_, own)) = NAMES.iter().find(|(api, _)| *api == name) {
        return (*own).to_owned();
    }
    let name = name.replace("OAuth", "Oauth").replace("URLs", "Urls");
    let mut snake = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

fn outputs(index: usize) -> String {
    let (label, suffix) = (label(index), if index == 0 { String::new() } else { format!("_{}", index + 1) });
    format!(
        "\noutput \"idp_client_id{suffix}\" {{\n  value = {CLIENT}.{label}.id\n}}\n\
         \noutput \"idp_client_secret{suffix}\" {{\n  value     = {CLIENT}.{label}.client_secret\n  sensitive = true\n}}\n"
    )
}

fn domain(registration: &Registration) -> Vec<String> {
    let pool = pool(registration);
    let mut lines = vec![
        format!("{NO_DOMAIN} If it has none:"),
        "resource \"aws_cognito_user_pool_domain\" \"pomerium\" {".to_owned(),
        format!("  user_pool_id          = {pool}"),
        "  domain                = \"a-prefix-of-your-own\"".to_owned(),
        "  managed_login_version = 2".to_owned(),
        "}".to_owned(),
        String::new(),
        format!("{BRANDING} With version 6 or newer of the provider:"),
    ];
    for index in 0..registration.clients.len() {
        let label = label(index);
        lines.extend([
            format!("resource \"aws_cognito_managed_login_branding\" \"{label}\" {{"),
            format!("  user_pool_id                = {pool}"),
            format!("  client_id                   = {CLIENT}.{label}.id"),
            "  use_cognito_provided_values = true".to_owned(),
            "}".to_owned(),
        ]);
    }
    lines
}
