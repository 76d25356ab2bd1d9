//! How a cure on Cognito's side is written down: as a path through the console, and as Terraform.

use crate::config::Settings;
use crate::evidence::{ClientCode, Evidence};
use crate::infra::{Attribute, Language};

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

/// What the resource of the app client is to have, in the language of the code that makes it; in Terraform if nobody gave any.
pub(super) fn client_setting(code: &Evidence<ClientCode>, setting: Attribute, value: &Wanted<'_>) -> Vec<String> {
    let code = code.as_ref().map(|code| &code.value);
    let written = code.map_or(Language::Terraform, |code| code.language);
    let place =
        code.map_or("aws_cognito_user_pool_client".to_owned(), |code| format!("{} ({})", code.address, code.file));
    let beside = if matches!(value, Wanted::Member(_)) { ", beside what it lists already" } else { "" };
    let line = match written {
        Language::Terraform => value.terraform(setting.terraform()),
        Language::CloudFormation => value.cloudformation(setting.aws()),
    };
    let place = format!("{}, in {place}{beside}:", language(written));
    std::iter::once(place).chain(line.lines().map(copied)).collect()
}

fn language(language: Language) -> &'static str {
    match language {
        Language::Terraform => "Terraform",
        Language::CloudFormation => "CloudFormation",
    }
}

/// What a setting of the app client is to be.
pub(super) enum Wanted<'w> {
    /// On.
    On,
    /// This list.
    List(&'w [&'w str]),
    /// A list with this member too.
    Member(&'w str),
    /// A number.
    Number(u64),
    /// Refresh tokens that are good once, and for so many seconds more.
    Rotation { grace: u64 },
}

impl Wanted<'_> {
    fn terraform(&self, name: &str) -> String {
        match self {
            Self::Rotation { grace } => {
                format!("{name} {{\n  feature = \"ENABLED\"\n  retry_grace_period_seconds = {grace}\n}}")
            }
            _ => format!("{name} = {}", self.plain()),
        }
    }

    /// In YAML, of which JSON is a part: both kinds of template take it.
    fn cloudformation(&self, name: &str) -> String {
        match self {
            Self::Rotation { grace } => format!("{name}: {{Feature: ENABLED, RetryGracePeriodSeconds: {grace}}}"),
            _ => format!("{name}: {}", self.plain()),
        }
    }

    /// Lists, flags and numbers are the same text in both languages.
    fn plain(&self) -> String {
        match self {
            Self::On => "true".to_owned(),
            Self::List(members) => terraform_list(members.iter().copied()),
            Self::Member(member) => terraform_list([*member]),
            Self::Number(number) => number.to_string(),
            Self::Rotation { .. } => String::new(),
        }
    }
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
