//! Settings, as a kept answer tells them. A field that is left out is one that nobody has set.

use serde_json::{Map, Value as Json};

use super::answer::Told;
use super::call::Operation;
use crate::evidence::redact::redact_in_place;
use crate::infra::Value;
use crate::infra::settings::{ClientSettings, Field, List, Mapping, PoolSettings, ProviderMappings};

type Object = Map<String, Json>;

fn field<T>(value: Option<T>) -> Field<T> {
    Field::new(value.map_or(Value::Unset, Value::Known), None)
}

fn word(object: &Object, name: &str) -> Option<String> {
    object.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn text(object: &Object, name: &str) -> Field<String> {
    field(word(object, name))
}

fn flag(object: &Object, name: &str) -> Field<bool> {
    field(object.get(name).and_then(Json::as_bool))
}

fn number(object: &Object, name: &str) -> Field<u64> {
    field(object.get(name).and_then(Json::as_u64))
}

fn texts(object: &Object, name: &str) -> Field<List> {
    field(object.get(name).and_then(Json::as_array).map(|list| {
        list.iter().filter_map(|member| member.as_str()).map(|member| field(Some(member.to_owned()))).collect()
    }))
}

/// The same of URLs: what was kept before passwords were cut, in an older recording, is not shown either.
fn addresses(object: &Object, name: &str) -> Field<List> {
    let mut list = texts(object, name);
    list.edit(&redact_in_place);
    list
}

/// Whether it is about the client with this id.
pub(super) fn is_of(told: &Told, id: &str) -> bool {
    told.object(Operation::DescribeUserPoolClient).and_then(|own| word(own, "ClientId")).as_deref() == Some(id)
}

/// The app client, but for whether it has a secret.
pub(super) fn client(told: &Told) -> ClientSettings {
    let nothing = Object::new();
    let own = told.object(Operation::DescribeUserPoolClient).unwrap_or(&nothing);
    let within = |name: &str| own.get(name).and_then(Json::as_object).unwrap_or(&nothing);
    let (units, rotation) = (within("TokenValidityUnits"), within("RefreshTokenRotation"));
    ClientSettings {
        id: text(own, "ClientId"),
        name: text(own, "ClientName"),
        pool: text(own, "UserPoolId"),
        oauth_enabled: flag(own, "AllowedOAuthFlowsUserPoolClient"),
        flows: texts(own, "AllowedOAuthFlows"),
        scopes: texts(own, "AllowedOAuthScopes"),
        callbacks: addresses(own, "CallbackURLs"),
        sign_out_urls: addresses(own, "LogoutURLs"),
        identity_providers: texts(own, "SupportedIdentityProviders"),
        read_attributes: texts(own, "ReadAttributes"),
        auth_flows: texts(own, "ExplicitAuthFlows"),
        refresh_validity: number(own, "RefreshTokenValidity"),
        refresh_unit: text(units, "RefreshToken"),
        access_validity: number(own, "AccessTokenValidity"),
        access_unit: text(units, "AccessToken"),
        id_validity: number(own, "IdTokenValidity"),
        id_unit: text(units, "IdToken"),
        rotation: field(word(rotation, "Feature").map(|feature| feature == "ENABLED")),
        rotation_grace: number(rotation, "RetryGracePeriodSeconds"),
        // A client that is older than the setting does not have it.
        token_revocation: field(Some(own.get("EnableTokenRevocation").and_then(Json::as_bool).unwrap_or(false))),
        ..ClientSettings::default()
    }
}

/// The user pool.
pub(super) fn pool(told: &Told) -> PoolSettings {
    let nothing = Object::new();
    let own = told.object(Operation::DescribeUserPool).unwrap_or(&nothing);
    let issuer = own.get("IssuerConfiguration").and_then(Json::as_object).unwrap_or(&nothing);
    PoolSettings {
        id: text(own, "Id"),
        domain: text(own, "Domain"),
        custom_domain: text(own, "CustomDomain"),
        tier: text(own, "UserPoolTier"),
        issuer_type: text(issuer, "Type"),
        ..PoolSettings::default()
    }
}

/// The state of the domain, and the version of its pages; nothing if there is no such domain.
pub(super) fn domain(told: &Told) -> Option<(String, Option<u64>)> {
    let own = told.object(Operation::DescribeUserPoolDomain)?;
    Some((word(own, "Status")?, own.get("ManagedLoginVersion").and_then(Json::as_u64)))
}

/// An identity provider of the pool.
pub(super) fn provider(name: &str, pool: &str, told: &Told) -> Option<ProviderMappings> {
    let own = told.object(Operation::DescribeIdentityProvider)?;
    let filled = own.get("AttributeMapping").and_then(Json::as_array).into_iter().flatten();
    let mapping = filled.filter_map(|attribute| {
        let attribute = attribute.as_str()?.to_owned();
        // What fills it is not kept.
        Some(Mapping { attribute, from: field(Some(String::new())) })
    });
    Some(ProviderMappings {
        name: field(Some(name.to_owned())),
        kind: text(own, "ProviderType"),
        pool: field(Some(pool.to_owned())),
        mapping: field(Some(mapping.collect())),
    })
}

/// The ids and names of the app clients of a page.
pub(super) fn clients(told: &Told) -> Vec<(String, String)> {
    let listed = told.list(Operation::ListUserPoolClients);
    listed.filter_map(|one| Some((word(one, "ClientId")?, word(one, "ClientName").unwrap_or_default()))).collect()
}
