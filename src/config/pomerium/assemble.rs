//! From decoded options to [`Settings`].

use std::time::Duration;

use super::decode::{Content, Decoded, Member};
use super::policy::{self, Allowed};
use crate::config::settings::{ClientSecret, Options, Origin, Pages, Route, Setting, Settings, WrittenAs};
use crate::config::text::{Files, Node, Sources, Span};
use crate::secret::Secret;

/// Builds settings out of one set of options.
pub(in crate::config) struct Assembler<'a> {
    pub(in crate::config) options: &'a Decoded,
    pub(in crate::config) sources: &'a Sources,
    pub(in crate::config) files: &'a dyn Files,
}

impl Assembler<'_> {
    pub(in crate::config) fn settings(&self, zero_token: Option<Setting<Secret>>) -> Settings {
        let written = self.written(self.options);
        Settings {
            client_secret: written.client_secret(),
            zero_token,
            routes: self.routes(),
            ..Settings::read(&written, self.anchor())
        }
    }

    fn written<'a>(&'a self, options: &'a Decoded) -> Written<'a> {
        Written { assembler: self, options }
    }

    fn setting<T>(&self, decoded: &Decoded, value: T) -> Setting<T> {
        let origin = Origin::of(self.sources, decoded.span);
        Setting { value, span: decoded.span, origin, written_as: decoded.written_as }
    }

    fn text_of(&self, decoded: &Decoded) -> Option<Setting<String>> {
        decoded.text().map(|text| self.setting(decoded, text.to_owned()))
    }

    /// A list; a `null` among its elements is the empty text, as in Go.
    fn texts_of(&self, decoded: &Decoded) -> Option<Setting<Vec<Setting<String>>>> {
        let Content::List(elements) = &decoded.content else { return None };
        let element = |e: &Decoded| self.setting(e, e.text().unwrap_or_default().to_owned());
        Some(self.setting(decoded, elements.iter().map(element).collect()))
    }

    /// The content of a secret file; nothing is trimmed.
    fn secret_file(&self, path: &Setting<String>) -> Result<Setting<Secret>, String> {
        let content = self.files.read(&path.value)?;
        let text = String::from_utf8_lossy(&content).into_owned();
        Ok(Setting { origin: Origin::SecretFile, ..path.with(Secret::new(text)) })
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
        let written = self.written(route);
        let text = |key| Some(written.filled_text(key)?.value);
        let switch = |key: &str| {
            let decoded = route.get(key)?;
            matches!(decoded.content, Content::Flag(true)).then_some(decoded.span)
        };
        let any_authenticated_user = switch("allow_any_authenticated_user");
        let users = self.with_sub_policies(route, "allowed_users");
        let domains = self.with_sub_policies(route, "allowed_domains");
        let allowed = Allowed {
            public: switch("allow_public_unauthenticated_access"),
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
        Route {
            pages: pages(["regex", "path", "prefix"].map(text)),
            public: policy::lets_everybody_in(&policies),
            any_authenticated_user: any_authenticated_user.is_some(),
            allowed_users: users,
            policies,
            ..Route::read(&written, route.span)
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

/// The options of one mapping: all, or those of a route.
struct Written<'a> {
    assembler: &'a Assembler<'a>,
    options: &'a Decoded,
}

impl Options for Written<'_> {
    fn text(&self, key: &str) -> Option<Setting<String>> {
        self.assembler.text_of(self.options.get(key)?)
    }

    fn texts(&self, key: &str) -> Option<Setting<Vec<Setting<String>>>> {
        self.assembler.texts_of(self.options.get(key)?)
    }

    fn pairs(&self, key: &str) -> Vec<(Setting<String>, Setting<String>)> {
        let entries = self.options.get(key).map(Decoded::entries).unwrap_or_default();
        let pair = |(name, span, value): &Member| {
            let text = self.assembler.setting(value, value.text().unwrap_or_default().to_owned());
            (Setting { value: name.to_string(), span: *span, ..text.clone() }, text)
        };
        entries.iter().map(pair).collect()
    }

    fn duration(&self, key: &str) -> Option<Setting<Duration>> {
        let decoded = self.options.get(key)?;
        let Content::Integer(nanoseconds) = decoded.content else { return None };
        // A negative time is none.
        let nanoseconds = u64::try_from(nanoseconds.max(0)).unwrap_or(u64::MAX);
        Some(self.assembler.setting(decoded, Duration::from_nanos(nanoseconds)))
    }

    fn flag(&self, key: &str) -> Option<Setting<bool>> {
        let decoded = self.options.get(key)?;
        let is_on = match decoded.content {
            Content::Flag(on) => on,
            _ if decoded.written_as == WrittenAs::Null => return None,
            _ => true,
        };
        Some(self.assembler.setting(decoded, is_on))
    }

    /// A number stands for the format in that place of the list.
    fn bearer_token_format(&self, key: &str) -> Option<Setting<String>> {
        let decoded = self.options.get(key)?;
        let Content::Integer(number) = decoded.content else { return None };
        let name = match number {
            1 => "default",
            2 => "idp_access_token",
            3 => "idp_identity_token",
            4 => "jwt",
            _ => "",
        };
        Some(self.assembler.setting(decoded, name.to_owned()))
    }

    fn secret_or_file(&self, key: &str) -> Option<Setting<Secret>> {
        match self.filled_text(&format!("{key}_file")) {
            Some(path) => self.assembler.secret_file(&path).ok(),
            None => self.secret(key),
        }
    }
}

impl Written<'_> {
    fn client_secret(&self) -> ClientSecret {
        if let Some(path) = self.filled_text("idp_client_secret_file") {
            return match self.assembler.secret_file(&path) {
                Ok(secret) => ClientSecret::Known(secret),
                Err(why) => ClientSecret::Unreadable { path, why },
            };
        }
        self.filled_secret("idp_client_secret").map_or(ClientSecret::Absent, ClientSecret::Known)
    }
}

/// `allowed_idp_claims` of the route, then of each of its sub-policies.
fn claims(route: &Decoded) -> Vec<&Node> {
    let sub_policies = route.get("sub_policies").map(Decoded::elements).unwrap_or_default();
    let claims = std::iter::once(route).chain(sub_policies).filter_map(|policy| policy.get("allowed_idp_claims"));
    claims
        .filter_map(|claims| match &claims.content {
            Content::Raw(node) => Some(&**node),
            _ => None,
        })
        .collect()
}

/// Which pages a route is for, by its `regex`, `path` and `prefix`.
fn pages([regex, path, prefix]: [Option<String>; 3]) -> Pages {
    let is_found = regex.map(|_| Pages::Regex);
    is_found.or_else(|| path.map(Pages::Path)).or_else(|| prefix.map(Pages::Prefix)).unwrap_or_default()
}
