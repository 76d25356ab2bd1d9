//! The resources of a template that speak of a login.

use crate::config::{Entry, Node, Span, Value as Written};

use super::bounds::{Steps, too_many};
use super::evaluate::{Evaluator, may_be_added};
use super::function::{added_beside, call, is_loop, scalar};
use super::programs;
use super::scope::Scope;
use crate::infra::code::{Code, Resource};
use crate::infra::places::Places;
use crate::infra::settings::{
    BrandingSettings, ClientSettings, DomainSettings, Field, List, Mapping, Place, PoolSettings, ProviderMappings,
    is_custom,
};
use crate::infra::value::{Answer, Hole, Pattern, Value};

/// Reads the resources of one template into the picture of what will be.
pub(super) fn read(code: &mut Code, root: &Node, scope: &Scope<'_>, places: &Places) {
    let resources = root.get("Resources").map(Node::entries).unwrap_or_default();
    let steps = Steps::default();
    let evaluator = Evaluator::new(scope, places, &steps);
    for entry in resources {
        let at = places.span(entry.key_span);
        if is_loop(&entry.key) {
            if mentions(&entry.value, &|text| text.starts_with("AWS::Cognito::")) {
                code.lacks(format!("{} makes several resources of one, and is not read", entry.key), Some(at));
            }
            continue;
        }
        read_one(code, entry, at, &evaluator);
    }
    if call_at_top(root, "Transform") {
        code.lacks("Fn::Transform adds to this template what is not read here", None);
    }
    for (name, at) in macros(root) {
        code.lacks(format!("{name} adds to this template what is not read here"), Some(places.span(at)));
    }
    if let Some(modules) = root.get("Modules") {
        code.lacks("Modules adds to this template what is not read here", Some(places.span(modules.span)));
    }
    programs::heed(code, resources, places);
}

/// The macros that may add resources. Those of AWS that do not are left out.
fn macros(root: &Node) -> Vec<(String, Span)> {
    const HARMLESS: [&str; 5] = [
        "AWS::Serverless-2016-10-31",
        "AWS::LanguageExtensions",
        "AWS::CodeDeployBlueGreen",
        "AWS::SecretsManager-2020-07-23",
        "AWS::SecretsManager-2024-09-16",
    ];
    let Some(transform) = root.get("Transform") else { return Vec::new() };
    let each = std::iter::once(transform).chain(transform.elements());
    let named = each.filter_map(|one| Some((scalar(one.get("Name").unwrap_or(one))?, one.span)));
    named.filter(|(name, _)| !HARMLESS.contains(&name.as_str())).collect()
}

fn call_at_top(root: &Node, name: &str) -> bool {
    let resources = root.get("Resources").map(Node::entries).unwrap_or_default();
    root.entries().iter().chain(resources).any(|entry| entry.key.strip_prefix("Fn::") == Some(name))
}

fn read_one(code: &mut Code, entry: &Entry, at: Place, evaluator: &Evaluator<'_, '_>) {
    let Some(kind) = entry.value.get("Type").and_then(scalar) else {
        // What it is stands in another file; of functions beside the resources somebody else tells.
        if !entry.key.starts_with("Fn::") {
            code.lacks(format!("{} is not read: no type of a resource stands there", entry.key), Some(at));
        }
        return;
    };
    evaluator.steps.begin();
    let condition = entry.value.get("Condition").and_then(scalar);
    let doubt = match condition.as_ref().map(|name| evaluator.holds(name)) {
        Some(Answer::No) => return,
        Some(Answer::Maybe) => condition.map(|name| format!("the condition {name} decides whether it is there")),
        Some(Answer::Yes) | None => None,
    };
    if let Some(what) = programs::template_of_its_own(&kind) {
        code.lacks(format!("{} is {what}, and its template is not read", entry.key), Some(at));
    }
    let frame = Resource {
        address: entry.key.clone(),
        at,
        fate: None,
        doubt,
        drift: None,
        left_alone: Vec::new(),
        settings: Properties { of: entry.value.get("Properties"), added: added_beside(&entry.value), evaluator },
    };
    let after = &mut code.after;
    match kind.as_str() {
        "AWS::Cognito::UserPoolClient" => after.clients.push(settled(frame, client)),
        "AWS::Cognito::UserPool" => after.pools.push(settled(frame, pool)),
        "AWS::Cognito::UserPoolDomain" => after.domains.push(settled(frame, domain)),
        "AWS::Cognito::UserPoolIdentityProvider" => after.providers.push(settled(frame, provider)),
        "AWS::Cognito::ManagedLoginBranding" => after.brandings.push(settled(frame, branding)),
        _ => {}
    }
}

/// The properties of a resource.
struct Properties<'n, 'e> {
    of: Option<&'n Node>,
    /// What adds to the resource.
    added: Option<&'n str>,
    evaluator: &'e Evaluator<'n, 'e>,
}

fn settled<'n, 'e, S>(frame: Resource<Properties<'n, 'e>>, read: fn(&Properties<'n, 'e>, &str) -> S) -> Resource<S> {
    let settings = read(&frame.settings, &frame.address);
    let Resource { address, at, fate, doubt, drift, left_alone, .. } = frame;
    Resource { address, at, fate, doubt, drift, left_alone, settings }
}

impl<'n> Properties<'n, '_> {
    fn field<T>(&self, mut path: &[&str], read: &dyn Fn(&Evaluator<'n, '_>, &'n Node) -> Value<T>) -> Field<T> {
        self.evaluator.steps.begin();
        let value = self.of.map_or(Value::Unset, |properties| self.evaluator.below(properties, path, read));
        let value = if self.evaluator.steps.are_too_many() { too_many() } else { value };
        let Some(properties) = self.of.filter(|_| !matches!(value, Value::Unset)) else {
            return self.added.map_or_else(Field::default, |what| Field::new(may_be_added(what), None));
        };
        // Behind a function, the function is the place.
        let mut node = properties;
        while let Some((inner, rest)) = path.split_first().and_then(|(name, rest)| Some((node.get(name)?, rest))) {
            (node, path) = (inner, rest);
        }
        Field::new(value, Some(self.evaluator.places.span(node.span)))
    }

    fn text(&self, path: &[&str]) -> Field<String> {
        self.field(path, &|evaluator, node| evaluator.text(node))
    }

    fn flag(&self, path: &[&str]) -> Field<bool> {
        self.field(path, &|evaluator, node| evaluator.flag(node))
    }

    fn number(&self, path: &[&str]) -> Field<u64> {
        self.field(path, &|evaluator, node| evaluator.number(node))
    }

    fn list(&self, path: &[&str]) -> Field<List> {
        self.field(path, &|evaluator, node| evaluator.list(node).value)
    }

    /// A list of which an empty one is not surely the same as none.
    fn list_or_default(&self, path: &[&str]) -> Field<List> {
        let field = self.list(path);
        match &field.value {
            Value::Known(list) if list.is_empty() => {
                let why = "an empty list is written, and what Cognito makes of one is not documented".to_owned();
                Field::new(Value::Unknown(why), field.at)
            }
            _ => field,
        }
    }
}

fn client(of: &Properties<'_, '_>, logical_id: &str) -> ClientSettings {
    let rotation = of.text(&["RefreshTokenRotation", "Feature"]);
    ClientSettings {
        id: unknown_id(logical_id),
        name: of.text(&["ClientName"]),
        pool: of.text(&["UserPoolId"]),
        oauth_enabled: of.flag(&["AllowedOAuthFlowsUserPoolClient"]),
        flows: of.list(&["AllowedOAuthFlows"]),
        scopes: of.list(&["AllowedOAuthScopes"]),
        callbacks: of.list(&["CallbackURLs"]),
        sign_out_urls: of.list(&["LogoutURLs"]),
        identity_providers: of.list(&["SupportedIdentityProviders"]),
        read_attributes: of.list_or_default(&["ReadAttributes"]),
        auth_flows: of.list_or_default(&["ExplicitAuthFlows"]),
        refresh_validity: of.number(&["RefreshTokenValidity"]),
        refresh_unit: of.text(&["TokenValidityUnits", "RefreshToken"]),
        access_validity: of.number(&["AccessTokenValidity"]),
        access_unit: of.text(&["TokenValidityUnits", "AccessToken"]),
        id_validity: of.number(&["IdTokenValidity"]),
        id_unit: of.text(&["TokenValidityUnits", "IdToken"]),
        rotation: Field::new(rotation.value.map(&|feature| Value::Known(feature == "ENABLED")), rotation.at),
        rotation_grace: of.number(&["RefreshTokenRotation", "RetryGracePeriodSeconds"]),
        token_revocation: of.flag(&["EnableTokenRevocation"]),
        has_secret: of.flag(&["GenerateSecret"]),
    }
}

fn unknown_id(logical_id: &str) -> Field<String> {
    Field::new(Value::Unknown(format!("a template does not say which id {logical_id} has")), None)
}

fn pool(of: &Properties<'_, '_>, logical_id: &str) -> PoolSettings {
    PoolSettings {
        // Nobody knows it; other stacks may import it.
        id: Field::new(Value::Pattern(Pattern::hole(Hole::id_of(logical_id, of.evaluator.scope.file))), None),
        name: of.text(&["UserPoolName"]),
        domain: Field::default(),
        custom_domain: Field::default(),
        tier: of.text(&["UserPoolTier"]),
        issuer_type: of.text(&["IssuerConfiguration", "Type"]),
    }
}

fn domain(of: &Properties<'_, '_>, _: &str) -> DomainSettings {
    let domain = of.text(&["Domain"]);
    let certificate = of.text(&["CustomDomainConfig", "CertificateArn"]);
    DomainSettings {
        is_custom: is_custom(&domain, &certificate),
        domain,
        pool: of.text(&["UserPoolId"]),
        managed_login_version: of.number(&["ManagedLoginVersion"]),
        status: Field::default(),
    }
}

fn provider(of: &Properties<'_, '_>, _: &str) -> ProviderMappings {
    ProviderMappings {
        name: of.text(&["ProviderName"]),
        kind: of.text(&["ProviderType"]),
        pool: of.text(&["UserPoolId"]),
        mapping: mapping(of),
    }
}

fn mapping(of: &Properties<'_, '_>) -> Field<Vec<Mapping>> {
    of.field(&["AttributeMapping"], &|evaluator, node| match (&node.value, call(node)) {
        (Written::Map(entries), None) => {
            if let Some(what) = added_beside(node) {
                return may_be_added(what);
            }
            let attributes = entries.iter().filter(|entry| Mapping::is_attribute(&entry.key));
            let fields = attributes.map(|entry| Mapping {
                attribute: entry.key.clone(),
                from: Field::new(evaluator.text(&entry.value), Some(evaluator.places.span(entry.value.span))),
            });
            Value::Known(fields.collect())
        }
        _ => Value::Unknown("it is what a function makes, and that is not followed".to_owned()),
    })
}

fn branding(of: &Properties<'_, '_>, _: &str) -> BrandingSettings {
    BrandingSettings { pool: of.text(&["UserPoolId"]), client: of.text(&["ClientId"]) }
}

fn mentions(node: &Node, wanted: &dyn Fn(&str) -> bool) -> bool {
    scalar(node).is_some_and(|text| wanted(&text))
        || node.elements().iter().any(|inner| mentions(inner, wanted))
        || node.entries().iter().any(|entry| mentions(&entry.value, wanted))
}
