//! From the attributes of a resource to its settings. What is not named here is never read.

use crate::go::json::Json;

use super::object::{Object, present};
use super::values::{KEPT, Values};
use crate::infra::settings::{
    BrandingSettings, ClientSettings, DomainSettings, Field, Mapping, PoolSettings, ProviderMappings, is_custom,
};
use crate::infra::value::{Hole, Value};

/// Finds the resource that an expression refers to.
pub(super) type Resolve<'r, 'a> = &'r dyn Fn(Json<'a>) -> Option<Hole>;

pub(super) fn client<'a>(of: &Values<'a, '_>, before: Option<&Object<'a>>, resolve: Resolve<'_, 'a>) -> ClientSettings {
    let units = of.block("token_validity_units");
    let rotation = of.block("refresh_token_rotation");
    ClientSettings {
        id: own_id(of, "id"),
        name: of.text("name"),
        pool: of.reference("user_pool_id", resolve),
        oauth_enabled: of.flag("allowed_oauth_flows_user_pool_client"),
        flows: of.list("allowed_oauth_flows"),
        scopes: of.list("allowed_oauth_scopes"),
        callbacks: of.list("callback_urls"),
        sign_out_urls: of.list("logout_urls"),
        identity_providers: of.list("supported_identity_providers"),
        read_attributes: of.list_or_default("read_attributes", before),
        auth_flows: of.list_or_default("explicit_auth_flows", before),
        refresh_validity: of.number("refresh_token_validity"),
        refresh_unit: units.text("refresh_token"),
        access_validity: of.number("access_token_validity"),
        access_unit: units.text("access_token"),
        id_validity: of.number("id_token_validity"),
        id_unit: units.text("id_token"),
        rotation: is_enabled(rotation.text("feature")),
        rotation_grace: rotation.count("retry_grace_period_seconds"),
        token_revocation: of.flag("enable_token_revocation"),
        has_secret: has_secret(of),
    }
}

/// An id, which is never a default: before something is made, it has none.
fn own_id(of: &Values<'_, '_>, name: &str) -> Field<String> {
    let field = of.text(name);
    if field.value != Value::Unset || !of.is_unknown(name) {
        return field;
    }
    Field::new(Value::Unknown("only the apply will know it".to_owned()), field.at)
}

fn is_enabled(feature: Field<String>) -> Field<bool> {
    Field::new(feature.value.map(&|feature| Value::Known(feature == "ENABLED")), feature.at)
}

/// Whether there is a secret. Its value stands in clear beside; it is looked at only to see whether it is there.
fn has_secret(of: &Values<'_, '_>) -> Field<bool> {
    if of.is_taken_over {
        return Field::new(Value::Unknown(KEPT.to_owned()), None);
    }
    let generate = of.flag("generate_secret");
    if matches!(generate.value, Value::Known(_)) || of.is_unknown("client_secret") {
        return generate;
    }
    let at = |json: Json<'_>| Some(of.places.json(json));
    match of.attributes.get("client_secret").map(|secret| (secret, present(Some(secret)))) {
        Some((secret, Some(_))) => Field::new(Value::Known(secret.source() != "\"\""), at(secret)),
        Some((secret, None)) => Field::new(Value::Known(false), at(secret)),
        None => generate,
    }
}

pub(super) fn pool(of: &Values<'_, '_>) -> PoolSettings {
    PoolSettings {
        id: own_id(of, "id"),
        name: of.text("name"),
        domain: of.text("domain"),
        custom_domain: of.text("custom_domain"),
        tier: of.text("user_pool_tier"),
        issuer_type: of.block("issuer_configuration").text("type"),
    }
}

pub(super) fn domain<'a>(of: &Values<'a, '_>, resolve: Resolve<'_, 'a>) -> DomainSettings {
    let domain = of.reference("domain", resolve);
    DomainSettings {
        is_custom: is_custom(&domain, &of.text("certificate_arn")),
        domain,
        pool: of.reference("user_pool_id", resolve),
        managed_login_version: of.number("managed_login_version"),
        status: Field::default(),
    }
}

pub(super) fn provider<'a>(of: &Values<'a, '_>, resolve: Resolve<'_, 'a>) -> ProviderMappings {
    ProviderMappings {
        name: of.text("provider_name"),
        kind: of.text("provider_type"),
        pool: of.reference("user_pool_id", resolve),
        mapping: mapping(of),
    }
}

fn mapping(of: &Values<'_, '_>) -> Field<Vec<Mapping>> {
    let nested = of.object("attribute_mapping");
    match nested.blind {
        Some(why) => Field::new(Value::Unknown(why), None),
        None if nested.attributes.members().is_empty() && nested.unknown.members().is_empty() => Field::default(),
        None => {
            let unknown = nested.unknown.members().iter().filter(|(name, _)| nested.attributes.get(name).is_none());
            let names = nested.attributes.members().iter().chain(unknown).map(|(name, _)| name);
            let names = names.filter(|name| Mapping::is_attribute(name));
            let mapping = names.map(|name| Mapping { attribute: name.clone(), from: nested.text(name) }).collect();
            Field::new(Value::Known(mapping), of.attributes.get("attribute_mapping").map(|json| of.places.json(json)))
        }
    }
}

pub(super) fn branding<'a>(of: &Values<'a, '_>, resolve: Resolve<'_, 'a>) -> BrandingSettings {
    BrandingSettings { pool: of.reference("user_pool_id", resolve), client: of.reference("client_id", resolve) }
}
