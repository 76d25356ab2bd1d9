//! Plans and states of Terraform and `OpenTofu`, as `show -json` prints them, and the raw state.
//!
//! The format is described in "JSON Output Format" of Terraform's documentation: a reader ignores members that it does not know,
//! and refuses a major version that it does not know. Plans have tens of megabytes, so of a text only slices are taken, and only
//! resources of Cognito are looked into.

mod address;
mod configuration;
mod instances;
mod object;
mod plan;
mod settings;
mod state;
mod values;

use crate::go::json::Json;

pub(super) use plan::plan;
pub(super) use state::{raw_state, shown_state};
pub use values::KEPT;

use super::code::{Code, Picture, Resource};
use super::refusal::NotCode;
use object::Object;
use settings::Resolve;
use values::Values;

/// The member of a text's outermost object that has this name.
type Member<'m, 'a> = &'m dyn Fn(&str) -> Option<Json<'a>>;

/// The kinds of resources that are looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Client,
    Pool,
    Domain,
    Provider,
    Branding,
}

impl Kind {
    fn of(kind: &str) -> Option<Self> {
        match kind {
            "aws_cognito_user_pool_client" | "aws_cognito_managed_user_pool_client" => Some(Self::Client),
            "aws_cognito_user_pool" => Some(Self::Pool),
            "aws_cognito_user_pool_domain" => Some(Self::Domain),
            "aws_cognito_identity_provider" => Some(Self::Provider),
            "aws_cognito_managed_login_branding" => Some(Self::Branding),
            _ => None,
        }
    }
}

/// A client that AWS makes for a service of its own: the provider finds it by its name, and leaves it where it is
/// (terraform-provider-aws, `internal/service/cognitoidp/managed_user_pool_client.go`, `Create` and `Delete`).
fn is_taken_over(kind: &str) -> bool {
    kind == "aws_cognito_managed_user_pool_client"
}

/// A resource of another provider that speaks of the same things, and is not read.
fn is_of_cloud_control(kind: &str) -> bool {
    kind.starts_with("awscc_cognito_user_pool") || kind == "awscc_cognito_managed_login_branding"
}

/// What is known of a resource beside its settings.
type Frame = Resource<()>;

impl Frame {
    fn with<S>(self, settings: S) -> Resource<S> {
        let Self { address, at, fate, doubt, drift, left_alone, settings: () } = self;
        Resource { address, at, fate, doubt, drift, left_alone, settings }
    }
}

/// Adds a resource to a picture. A data source of clients of one pool has no settings and is left out by its kind.
fn add<'a>(
    picture: &mut Picture,
    kind: Kind,
    frame: Frame,
    values: &Values<'a, '_>,
    before: Option<&Object<'a>>,
    resolve: Resolve<'_, 'a>,
) {
    match kind {
        Kind::Client => picture.clients.push(frame.with(settings::client(values, before, resolve))),
        Kind::Pool => picture.pools.push(frame.with(settings::pool(values))),
        Kind::Domain => picture.domains.push(frame.with(settings::domain(values, resolve))),
        Kind::Provider => picture.providers.push(frame.with(settings::provider(values, resolve))),
        Kind::Branding => picture.brandings.push(frame.with(settings::branding(values, resolve))),
    }
}

/// Refuses a form whose members may mean something else.
fn known_format(member: Member<'_, '_>, instead: &'static str) -> Result<(), NotCode> {
    let version = member("format_version");
    let version = version.map(|version| version.text().unwrap_or_else(|| version.source().to_owned()));
    let version = version.unwrap_or_default();
    match version.split('.').next() {
        // 0.1 and 0.2 came before the promise that 1 makes, with the same members.
        Some("0" | "1") => Ok(()),
        _ => Err(NotCode::version("format_version", &version, "1", instead)),
    }
}

fn note_cloud_control(code: &mut Code, kind: &str, address: &str) {
    code.lacks(format!("{address} is not read: {kind} is of the provider awscc, and only those of `aws` are"), None);
}
