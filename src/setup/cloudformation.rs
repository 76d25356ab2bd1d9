//! As a template of `CloudFormation`.

use super::quote::{comment, yaml};
use super::{AppClient, BRANDING, LISTS_REPLACED, NO_DOMAIN, Property, Registration};

/// What is to be told, as a template.
pub fn cloudformation(registration: &Registration) -> String {
    let mut text = comment(registration.heading());
    if let Some(command) = registration.judged("template.yaml", logical_id) {
        text += &comment(["Judged before the deployment, in a file template.yaml:".to_owned(), format!("  {command}")]);
    }
    text += "AWSTemplateFormatVersion: \"2010-09-09\"\n";
    if registration.pool.is_none() {
        text += "Parameters:\n  UserPoolId:\n    Type: String\n    Description: The pool that the issuer will name\n";
    }
    text += "Resources:\n";
    for (index, client) in registration.clients.iter().enumerate() {
        text += &indented(&comment(about(registration, client)), 2);
        text += &resource(registration, index);
    }
    text += &indented(&comment(domain(registration)), 2);
    text += "Outputs:\n";
    for (index, _) in registration.clients.iter().enumerate() {
        let (name, suffix) = (logical_id(index), suffix(index));
        text.extend([format!("  IdpClientId{suffix}:\n    Value: !Ref {name}\n")]);
    }
    if registration.pool.is_none() {
        let issuer = "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${UserPoolId}";
        text.extend([format!("  IdpProviderUrl:\n    Value: !Sub {issuer}\n")]);
    }
    text
}

/// An import takes a resource as it is: each has a `DeletionPolicy` (AWS `CloudFormation` User Guide, "Bringing existing resources into
/// `CloudFormation` management"), and outputs come later (its refusal, as people report it: "As part of the import operation, you cannot
/// modify or add \[Outputs\]"). Another `GenerateSecret` is a replacement (Template Reference, `AWS::Cognito::UserPoolClient`).
const EXISTING: [&str; 4] = [
    "If this client exists, a stack of this template makes another one, with another id and another secret. To keep it:",
    "- if a stack has it, write these properties into its template, but for ClientName, and for GenerateSecret, of which another value \
     replaces the client;",
    "- if none has, import it first: write what the client has now into the properties, add `DeletionPolicy: Retain` beside Type, leave out \
     Outputs, and run aws cloudformation create-change-set --change-set-type IMPORT. An import changes nothing: update the stack with \
     these properties then.",
    LISTS_REPLACED,
];

fn about(registration: &Registration, client: &AppClient) -> Vec<String> {
    let mut lines = vec![client.whose(), registration.comes_back(client)];
    if client.id.is_some() {
        lines.extend(EXISTING.map(str::to_owned));
    }
    lines.push(
        "CloudFormation does not give out the secret: the console shows it, and describe-user-pool-client.".to_owned(),
    );
    lines
}

fn suffix(index: usize) -> String {
    if index == 0 { String::new() } else { (index + 1).to_string() }
}

fn logical_id(index: usize) -> String {
    format!("PomeriumClient{}", suffix(index))
}

fn pool(registration: &Registration) -> String {
    registration.pool.as_ref().map_or_else(|| "!Ref UserPoolId".to_owned(), |pool| yaml(&pool.id))
}

fn resource(registration: &Registration, index: usize) -> String {
    let mut lines = vec![
        format!("  {}:", logical_id(index)),
        "    Type: AWS::Cognito::UserPoolClient".to_owned(),
        "    Properties:".to_owned(),
        format!("      UserPoolId: {}", pool(registration)),
    ];
    for (name, value) in registration.properties(index) {
        match value {
            Property::Text(text) => lines.push(format!("      {name}: {}", yaml(&text))),
            Property::Number(number) => lines.push(format!("      {name}: {number}")),
            Property::On => lines.push(format!("      {name}: true")),
            Property::Unit(member, unit) => {
                lines.extend([format!("      {name}:"), format!("        {member}: {}", yaml(unit))]);
            }
            Property::List(members) => {
                let none = if members.is_empty() { " []" } else { "" };
                lines.push(format!("      {name}:{none}"));
                lines.extend(members.into_iter().map(|member| format!("        - {}", yaml(member))));
            }
        }
    }
    lines.join("\n") + "\n"
}

fn domain(registration: &Registration) -> Vec<String> {
    let pool = pool(registration);
    let mut lines = vec![
        format!("{NO_DOMAIN} If it has none:"),
        "PomeriumDomain:".to_owned(),
        "  Type: AWS::Cognito::UserPoolDomain".to_owned(),
        "  Properties:".to_owned(),
        format!("    UserPoolId: {pool}"),
        "    Domain: a-prefix-of-your-own".to_owned(),
        "    ManagedLoginVersion: 2".to_owned(),
        BRANDING.to_owned(),
    ];
    for index in 0..registration.clients.len() {
        lines.extend([
            format!("PomeriumStyle{}:", suffix(index)),
            "  Type: AWS::Cognito::ManagedLoginBranding".to_owned(),
            "  Properties:".to_owned(),
            format!("    UserPoolId: {pool}"),
            format!("    ClientId: !Ref {}", logical_id(index)),
            "    UseCognitoProvidedValues: true".to_owned(),
        ]);
    }
    lines
}

fn indented(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{:by$}{line}\n", "")).collect::<Vec<_>>().concat()
}
