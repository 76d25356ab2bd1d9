//! From decoded options to [`Settings`].

use std::time::Duration;

use super::decode::{Content, Decoded};
use super::policy::{self, Allowed};
use crate::config::settings::{ClientSecret, Origin, Pages, Route, Setting, Settings, WrittenAs};
use crate::config::text::{Files, Node, SourceKind, Sources, Span};
use crate::secret::Secret;

/// Builds settings out of one set of options.
pub(in crate::config) struct Assembler<'a> {
    pub(in crate::config) options: &'a Decoded,
    pub(in crate::config) sources: &'a Sources,
    pub(in crate::config) files: &'a dyn Files,
}

impl Assembler<'_> {
    pub(in crate::config) fn settings(&self, zero_token: Option<Setting<Secret>>) -> Settings {
        Settings {
            services: self.text("services"),
            authenticate_service_url: self.text("authenticate_service_url"),
            authenticate_internal_service_url: self.text("authenticate_internal_service_url"),
            authenticate_callback_path: None,
            signout_redirect_url: self.text("signout_redirect_url"),
            idp_provider: self.text("idp_provider"),
            idp_provider_url: self.text("idp_provider_url"),
            idp_client_id: self.text("idp_client_id"),
            idp_client_secret: self.secret("idp_client_secret"),
            idp_client_secret_file: self.text("idp_client_secret_file"),
            client_secret: self.client_secret(),
            idp_scopes: self.texts("idp_scopes"),
            idp_request_params: self.pairs("idp_request_params"),
            idp_access_token_allowed_audiences: self.texts("idp_access_token_allowed_audiences"),
            bearer_token_format: self.bearer_token_format(),
            cookie_secret: self.secret_or_file("cookie_secret", "cookie_secret_file"),
            shared_secret: self.secret_or_file("shared_secret", "shared_secret_file"),
            signing_key: self.secret_or_file("signing_key", "signing_key_file"),
            cookie_domain: self.text("cookie_domain"),
            cookie_same_site: self.text("cookie_same_site"),
            cookie_expire: self.duration("cookie_expire"),
            jwt_claims_headers: self.pairs("jwt_claims_headers"),
            pass_identity_headers: self.options.get("pass_identity_headers").and_then(possibly_on),
            zero_token,
            routes: self.routes(),
            anchor: self.anchor(),
        }
    }

    fn origin(&self, span: Span) -> Origin {
        match self.sources.get(span.source).map(|source| source.kind) {
            Some(SourceKind::Environment) => Origin::Environment,
            Some(SourceKind::Secret) => Origin::Secret,
            Some(SourceKind::Given) => Origin::Given,
            _ => Origin::File,
        }
    }

    fn setting<T>(&self, decoded: &Decoded, value: T) -> Setting<T> {
        let origin = self.origin(decoded.span);
        Setting { value, span: decoded.span, origin, written_as: decoded.written_as }
    }

    fn text_of(&self, decoded: &Decoded) -> Option<Setting<String>> {
        decoded.text().map(|text| self.setting(decoded, text.to_owned()))
    }

    fn text(&self, key: &str) -> Option<Setting<String>> {
        self.text_of(self.options.get(key)?)
    }

    fn texts(&self, key: &str) -> Option<Setting<Vec<Setting<String>>>> {
        self.texts_of(self.options.get(key)?)
    }

    /// A list; a `null` among its elements is the empty text, as in Go.
    fn texts_of(&self, decoded: &Decoded) -> Option<Setting<Vec<Setting<String>>>> {
        let Content::List(elements) = &decoded.content else { return None };
        let element = |e: &Decoded| self.setting(e, e.text().unwrap_or_default().to_owned());
        Some(self.setting(decoded, elements.iter().map(element).collect()))
    }

    fn pairs(&self, key: &str) -> Vec<(Setting<String>, Setting<String>)> {
        let entries = self.options.get(key).map(Decoded::entries).unwrap_or_default();
        let pair = |(name, span, value): &(String, Span, Decoded)| {
            let text = self.setting(value, value.text().unwrap_or_default().to_owned());
            (Setting { value: name.clone(), span: *span, ..text.clone() }, text)
        };
        entries.iter().map(pair).collect()
    }

    fn secret(&self, key: &str) -> Option<Setting<Secret>> {
        self.text(key).map(|text| text.with(Secret::new(text.value.clone())))
    }

    fn duration(&self, key: &str) -> Option<Setting<Duration>> {
        let decoded = self.options.get(key)?;
        match decoded.content {
            // A negative time is none.
            Content::Integer(nanoseconds) => {
                let nanoseconds = u64::try_from(nanoseconds.max(0)).unwrap_or(u64::MAX);
                Some(self.setting(decoded, Duration::from_nanos(nanoseconds)))
            }
            _ => None,
        }
    }

    /// The text as written if it names a format; a number stands for the format in that place of the list.
    fn bearer_token_format(&self) -> Option<Setting<String>> {
        let decoded = self.options.get("bearer_token_format")?;
        let Content::Integer(number) = decoded.content else { return None };
        let name = match number {
            1 => "default",
            2 => "idp_access_token",
            3 => "idp_identity_token",
            4 => "jwt",
            _ => "",
        };
        Some(self.setting(decoded, name.to_owned()))
    }

    /// The content of a secret file; nothing is trimmed.
    fn secret_file(&self, path: &Setting<String>) -> Result<Setting<Secret>, String> {
        let content = self.files.read(&path.value)?;
        let text = String::from_utf8_lossy(&content).into_owned();
        Ok(Setting { origin: Origin::SecretFile, ..path.with(Secret::new(text)) })
    }

    fn client_secret(&self) -> ClientSecret {
        if let Some(path) = self.text("idp_client_secret_file").filter(|path| !path.value.is_empty()) {
            return match self.secret_file(&path) {
                Ok(secret) => ClientSecret::Known(secret),
                Err(why) => ClientSecret::Unreadable { path, why },
            };
        }
        match self.secret("idp_client_secret") {
            Some(secret) if !secret.value.expose().is_empty() => ClientSecret::Known(secret),
            _ => ClientSecret::Absent,
        }
    }

    fn secret_or_file(&self, key: &str, file_key: &str) -> Option<Setting<Secret>> {
        match self.text(file_key).filter(|path| !path.value.is_empty()) {
            Some(path) => self.secret_file(&path).ok(),
            None => self.secret(key),
        }
    }

    fn routes(&self) -> Vec<Route> {
        ["policy", "routes"]
            .iter()
            .filter_map(|key| self.options.get(key))
            .flat_map(Decoded::elements)
            .map(|route| self.route(route))
            .collect()
    }

    fn route(&self, route: &Decoded) -> Route {
        let text = |key| route.get(key).and_then(|value| self.text_of(value));
        let texts = |key| route.get(key).and_then(|value| self.texts_of(value));
        let switch = |key: &str| {
            let decoded = route.get(key)?;
            matches!(decoded.content, Content::Flag(true)).then_some(decoded.span)
        };
        let public = switch("allow_public_unauthenticated_access");
        let any_authenticated_user = switch("allow_any_authenticated_user");
        let users = self.with_sub_policies(route, "allowed_users");
        let domains = self.with_sub_policies(route, "allowed_domains");
        let allowed = Allowed {
            public,
            cors_preflight: switch("cors_allow_preflight"),
            any_authenticated_user,
            domains: domains.iter().collect(),
            claims: claims(route),
            users: users.iter().collect(),
        };
        let embedded = route.get("policy").and_then(|policy| match &policy.content {
            Content::Ppl(compiled) => Some(compiled.clone()),
            _ => None,
        });
        let policies = policy::combine(policy::from_allowed(&allowed, route.lower_cased), embedded);
        let id = text("idp_client_id");
        let secret = text("idp_client_secret");
        Route {
            at: route.span,
            from: text("from"),
            pages: pages(["regex", "path", "prefix"].map(|key| Some(text(key)?.value).filter(|text| !text.is_empty()))),
            idp_client_id: id.filter(|id| !id.value.is_empty()),
            idp_client_secret: secret
                .filter(|secret| !secret.value.is_empty())
                .map(|secret| secret.with(Secret::new(secret.value.clone()))),
            idp_access_token_allowed_audiences: texts("idp_access_token_allowed_audiences"),
            pass_identity_headers: route.get("pass_identity_headers").and_then(possibly_on),
            public: policy::lets_everybody_in(&policies),
            any_authenticated_user: any_authenticated_user.is_some(),
            allowed_users: users,
            policies,
        }
    }

    /// A list of the route, then the same list of each of its sub-policies.
    fn with_sub_policies(&self, route: &Decoded, key: &str) -> Vec<Setting<String>> {
        let sub_policies = route.get("sub_policies").map(Decoded::elements).unwrap_or_default();
        std::iter::once(route)
            .chain(sub_policies)
            .filter_map(|policy| self.texts_of(policy.get(key)?))
            .flat_map(|list| list.value)
            .collect()
    }

    /// The first setting of the identity provider, or the beginning.
    fn anchor(&self) -> Span {
        let first = self.options.entries().iter().filter(|(key, ..)| key.starts_with("idp_")).map(|(_, span, _)| *span);
        first.min().unwrap_or(Span { end: self.options.span.start, ..self.options.span })
    }
}

/// A switch, if it is set; what cannot be decoded may be on where somebody fills it in.
fn possibly_on(decoded: &Decoded) -> Option<bool> {
    match decoded.content {
        Content::Flag(on) => Some(on),
        _ if decoded.written_as == WrittenAs::Null => None,
        _ => Some(true),
    }
}

/// `allowed_idp_claims` of the route, then of each of its sub-policies.
fn claims(route: &Decoded) -> Vec<&Node> {
    let sub_policies = route.get("sub_policies").map(Decoded::elements).unwrap_or_default();
    let claims = std::iter::once(route).chain(sub_policies).filter_map(|policy| policy.get("allowed_idp_claims"));
    claims
        .filter_map(|claims| match &claims.content {
            Content::Raw(node) => Some(node),
            _ => None,
        })
        .collect()
}

/// Which pages a route is for, by its `regex`, `path` and `prefix`.
fn pages([regex, path, prefix]: [Option<String>; 3]) -> Pages {
    let is_found = regex.map(|_| Pages::Regex);
    is_found.or_else(|| path.map(Pages::Path)).or_else(|| prefix.map(Pages::Prefix)).unwrap_or_default()
}
