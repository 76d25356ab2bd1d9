//! What the fields of the `Pomerium` resource take, and what the API server says of anything else.

use crate::config::cognito;
use crate::config::forms::vocabulary::nearest;
use crate::config::provider::points_to_cognito;
use crate::config::releases::PomeriumVersion;
use crate::config::releases::resource::{self, JOINED, Kind};
use crate::config::settings::Rejection;
use crate::config::text::{Node, Value, ValueKind, classify};
use crate::go;

/// How releases before [`JOINED`] log in through a user pool.
pub(super) const OIDC: &str =
    "provider: oidc with scopes: [openid, email, profile], as its default scopes are refused by Cognito";

/// The fields whose values the API server refuses.
pub(super) fn wrong(spec: &Node, version: PomeriumVersion) -> Vec<Rejection> {
    let mut check = Check { version, found: Vec::new() };
    check.fields(spec, "");
    check.found
}

/// Whether a value is of no type that the field takes, so that it is nothing to Pomerium either.
pub(super) fn is_of_wrong_type(path: &str, value: &Node, version: PomeriumVersion) -> bool {
    // What these come to all the same, the rules on them judge.
    let is_judged = matches!(resource::kind(path), None | Some(Kind::Flag | Kind::Https | Kind::Provider));
    let is_flag = |text| go::parse_bool(text).is_some();
    if is_judged && (!matches!(resource::kind(path), Some(Kind::Flag)) || value.text().is_none_or(is_flag)) {
        return false;
    }
    let mut check = Check { version, found: Vec::new() };
    check.value(value, path);
    !check.found.is_empty()
}

struct Check {
    version: PomeriumVersion,
    found: Vec<Rejection>,
}

impl Check {
    fn fields(&mut self, node: &Node, parent: &str) {
        for entry in node.entries() {
            let path = if parent.is_empty() { entry.key.clone() } else { format!("{parent}.{}", entry.key) };
            if matches!(resource::state(&path, self.version), resource::State::Known) {
                self.value(&entry.value, &path);
            }
        }
    }

    fn value(&mut self, node: &Node, path: &str) {
        // Whatever fills in a text, or takes its place, may write a value of any type.
        let is_open = node.text().is_some_and(|text| classify(text) != ValueKind::Literal);
        if node.value == Value::Null || is_open {
            return;
        }
        let name = path.rsplit('.').next().unwrap_or(path);
        match resource::kind(path) {
            None | Some(Kind::Unknown) => {}
            Some(Kind::Flag) => self.flag(node, path, name),
            Some(Kind::Whole) => self.whole(node, path, name),
            Some(Kind::Text) => self.text(node, path),
            Some(Kind::OneOf(words)) => self.one_of(node, path, words, |text| {
                let meant = match nearest(words.iter().copied(), text) {
                    // With `strict`, browsers bring no cookie back from Cognito, and no login ends.
                    Some("strict") if path == "cookie.sameSite" => Some("lax"),
                    meant => meant,
                };
                vec![
                    meant
                        .map_or_else(|| format!("write one of {}", words.join(", ")), |word| format!("{name}: {word}")),
                ]
            }),
            Some(Kind::Provider) => self.one_of(node, path, resource::provider_names(self.version), |_| Vec::new()),
            Some(Kind::Https) => self.https(node, path, name),
            Some(Kind::Texts) => self.texts(node, path, name),
            Some(Kind::TextMap) => self.mapping(node, path, Self::text),
            Some(Kind::FlagMap) => self.mapping(node, path, |check, value, path| {
                check.flag(value, path, path.rsplit('.').next().unwrap_or(path));
            }),
            Some(Kind::Object) if matches!(node.value, Value::Map(_)) => self.with_provider(node, path),
            Some(Kind::Object) => {
                let fields: Vec<&str> = resource::children(path, self.version).collect();
                self.wrong_type(node, path, "object", &format!("it has fields of its own: {}", fields.join(", ")));
            }
        }
    }

    /// The fields of an object; the name of a provider is corrected by what stands beside it.
    fn with_provider(&mut self, node: &Node, path: &str) {
        let known = self.found.len();
        self.fields(node, path);
        let name =
            node.get("provider").filter(|_| path == "identityProvider").and_then(|name| Some((name, name.text()?)));
        let Some((name, text)) = name else { return };
        let is_of_pool = node.get("url").and_then(Node::text).is_some_and(points_to_cognito);
        for rejection in self.found.iter_mut().skip(known).filter(|rejection| rejection.at == name.span) {
            rejection.fix = provider_cure(text, is_of_pool, self.version);
        }
    }

    fn flag(&mut self, node: &Node, path: &str, name: &str) {
        if !matches!(node.value, Value::Flag(_)) {
            let cure = match node.text().and_then(go::parse_bool) {
                Some(flag) => format!("write it without quotes: {name}: {flag}"),
                None => format!("{name}: true, or {name}: false"),
            };
            self.wrong_type(node, path, "boolean", &cure);
        }
    }

    fn whole(&mut self, node: &Node, path: &str, name: &str) {
        let is_whole = match node.value {
            Value::Integer(_) => true,
            Value::Float(number) => number.fract() == 0.0,
            _ => false,
        };
        if !is_whole {
            let cure = match node.text().and_then(|text| text.parse::<i64>().ok()) {
                Some(number) => format!("write it without quotes: {name}: {number}"),
                None => "write a whole number".to_owned(),
            };
            self.wrong_type(node, path, "integer", &cure);
        }
    }

    fn text(&mut self, node: &Node, path: &str) {
        if node.text().is_none() {
            self.wrong_type(node, path, "string", "write one text, in quotes if it looks like something else");
        }
    }

    fn texts(&mut self, node: &Node, path: &str, name: &str) {
        let Value::List(elements) = &node.value else {
            let words = node.text().unwrap_or_default().split([' ', ',', '[', ']', '"', '\'']);
            let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
            let cure = format!("write them as a list: {name}: [{}]", words.join(", "));
            return self.wrong_type(node, path, "array", &cure);
        };
        for (index, element) in elements.iter().enumerate() {
            self.text(element, &format!("{path}[{index}]"));
        }
    }

    fn mapping(&mut self, node: &Node, path: &str, check: impl Fn(&mut Self, &Node, &str)) {
        let Value::Map(entries) = &node.value else {
            return self.wrong_type(node, path, "object", "write names with their values below it: NAME: VALUE");
        };
        for entry in entries.iter().filter(|entry| entry.value.value != Value::Null) {
            check(self, &entry.value, &format!("{path}.{}", entry.key));
        }
    }

    fn one_of(&mut self, node: &Node, path: &str, known: &[&str], cure: impl FnOnce(&str) -> Vec<String>) {
        let Some(text) = node.text() else { return self.text(node, path) };
        if known.contains(&text) {
            return;
        }
        let list: Vec<String> = known.iter().map(|name| go::quote(name)).collect();
        let words =
            format!("spec.{path}: Unsupported value: {}: supported values: {}", go::quote(text), list.join(", "));
        // A newer release may have learnt the value.
        let rejection = Rejection::by_server(node.span, words).doubted_if(self.version.is_newer_than_known());
        self.found.push(cure(text).into_iter().fold(rejection, Rejection::fix));
    }

    fn https(&mut self, node: &Node, path: &str, name: &str) {
        let Some(text) = node.text() else { return self.text(node, path) };
        if !text.starts_with("https://") {
            let words = format!(
                "spec.{path}: Invalid value: {}: spec.{path} in body should match '^https://'",
                go::quote(text)
            );
            let bare = text.trim().rsplit("://").next().unwrap_or(text);
            // Of an issuer, people write the pool's id alone, or its ARN.
            let pool = cognito::pool_in(bare).filter(|pool| *pool == bare || bare.starts_with("arn:"));
            let issuer = pool.and_then(|pool| Some(cognito::issuer(cognito::region_of_pool(pool)?, pool)));
            // No host means another one in capitals, and to the rules on it they are a fault.
            let (host, path) = bare.split_at(bare.find('/').unwrap_or(bare.len()));
            let url = issuer.unwrap_or_else(|| format!("https://{}{path}", host.to_ascii_lowercase()));
            self.found.push(Rejection::by_server(node.span, words).fix(format!("{name}: {url}")));
        }
    }

    fn wrong_type(&mut self, node: &Node, path: &str, wanted: &str, cure: &str) {
        let found = node.value.json_type();
        let words = format!(
            "spec.{path}: Invalid value: \"{found}\": spec.{path} in body must be of type {wanted}: \"{found}\""
        );
        self.found.push(Rejection::by_server(node.span, words).fix(cure));
    }
}

fn provider_cure(text: &str, is_of_pool: bool, version: PomeriumVersion) -> Vec<String> {
    let is_cognito = is_of_pool || text.to_ascii_lowercase().contains("cognito");
    if is_cognito && version < JOINED {
        return vec![format!("ingress controller {JOINED} or newer knows cognito"), format!("or {OIDC}")];
    }
    let known = resource::provider_names(version);
    vec![match nearest(known.iter().copied(), text) {
        _ if is_cognito => "provider: cognito".to_owned(),
        Some(name) => format!("provider: {name}"),
        None => format!("write one of {}", known.join(", ")),
    }]
}
