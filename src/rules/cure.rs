//! How a cure on Cognito's side is written down: as a path through the console, and as Terraform.

use crate::config::Settings;

/// The pool id: the path of the issuer.
pub(super) fn pool(issuer: &str) -> &str {
    issuer.trim_end_matches('/').rsplit('/').next().filter(|id| id.contains('_')).unwrap_or("your user pool")
}

/// The way to a page of the pool in the AWS console.
pub(super) fn pool_console(issuer: &str, page: &str) -> String {
    format!("console: User pools → {} → {page}", pool(issuer))
}

/// The way to a page of the app client in the AWS console.
pub(super) fn client_console(settings: &Settings, client: &str, page: &str) -> String {
    let issuer = settings.idp_provider_url.as_ref().map_or("", |issuer| issuer.value.as_str());
    pool_console(issuer, &format!("App clients → {client} → {page}"))
}

/// What the Terraform resource of the app client is to have: words, and below them a line to copy.
pub(super) fn client_terraform(line: &str) -> [String; 2] {
    ["Terraform, in aws_cognito_user_pool_client:".to_owned(), copied(line)]
}

/// A line to copy: it stands alone, a step further in, and is never folded.
pub(super) fn copied(line: &str) -> String {
    format!("  {line}")
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

/// The same for a list that is to have one member more.
pub(super) fn client_terraform_member(attribute: &str, member: &str) -> [String; 2] {
    [
        "Terraform, in aws_cognito_user_pool_client, beside what it lists already:".to_owned(),
        copied(&format!("{attribute} = [{member:?}]")),
    ]
}
