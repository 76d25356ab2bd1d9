//! What there is to say of a key of Pomerium's configuration, for whoever writes one.

use super::options::{self, Field, IGNORED, OPTIONS, Object, Type};
use super::providers::providers;
use super::version::PomeriumVersion;

/// What a key is for, what it may be, since when, and what it is called in an environment, as two paragraphs of Markdown. The path is
/// as Pomerium logs it, without the places in lists: `idp_scopes`, `routes.allowed_users`. `None` if no release knows it.
pub fn about(path: &str, version: PomeriumVersion) -> Option<String> {
    let of_policy = path.strip_prefix("policy.");
    let path = of_policy.map_or_else(|| path.to_owned(), |field| format!("routes.{field}"));
    if let Some(retired) = options::retired_key(&path).filter(|retired| version >= retired.removed_in) {
        let is_refused = retired.stops_start() && of_policy.is_none();
        return Some(gone(retired, if is_refused { REFUSED } else { IGNORES }));
    }
    if IGNORED.contains(&path.as_str()) {
        return Some(SET_RESPONSE_HEADERS.to_owned());
    }
    let field = find(&OPTIONS, &path)?;
    Some(told(field, options::variable_of(&path), version))
}

/// `set_response_headers` of the top level is read outside of the table of options (`config/options.go` `parseHeaders`).
pub(super) const SET_RESPONSE_HEADERS: &str = "Headers that every answer gets; `disable: true` leaves out Pomerium's own.\n\nmapping of texts · environment `HEADERS`";

/// The field at a path.
fn find(object: &'static Object, path: &str) -> Option<&'static Field> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let field = object.field(name)?;
    match rest {
        None => Some(field),
        Some(rest) => find(inside(&field.kind)?, rest),
    }
}

/// The object that a value holds.
fn inside(kind: &'static Type) -> Option<&'static Object> {
    match kind {
        Type::Object(object) => Some(object),
        Type::List(inner) | Type::Nullable(inner) => inside(inner),
        _ => None,
    }
}

/// What Pomerium does with a key that is gone. It looks for those that stop it under `routes` alone, and not under the old name of that
/// list (`config/options_check.go`).
pub(super) const REFUSED: &str = "Pomerium refuses to start with it";
pub(super) const IGNORES: &str = "Pomerium ignores it";
pub(super) const REFUSED_IN_ROUTES: &str =
    "Pomerium refuses to start with it under `routes`, and ignores it under `policy`";

/// What is said of a key that is gone.
pub(super) fn gone(retired: &options::Retired, effect: &str) -> String {
    format!("Gone since {}: {effect}. {}.", retired.removed_in, capital(&retired.cure()))
}

/// What is said of a field.
pub(super) fn told(field: &Field, environment: Option<String>, version: PomeriumVersion) -> String {
    let default = field.default_of(version).map(|default| format!("default `{default}`"));
    let since = (field.since > PomeriumVersion(0, 0, 0)).then(|| format!("since {}", field.since));
    let environment = environment.map(|name| format!("environment `{name}`"));
    let kind = if field.name == "idp_provider" {
        one_of(providers(version))
    } else if field.words_of(version).is_empty() {
        kind(&field.kind, version)
    } else {
        one_of(field.words_of(version).iter().copied())
    };
    let secret = field.secret.then(|| "a secret".to_owned());
    let facts: Vec<String> = [Some(kind), default, since, environment, secret].into_iter().flatten().collect();
    let facts = facts.join(" · ");
    if field.about.is_empty() { facts } else { format!("{}\n\n{facts}", field.about) }
}

/// What a value must be, in words.
fn kind(kind: &Type, version: PomeriumVersion) -> String {
    match kind {
        Type::Text(_) | Type::JsonText | Type::Interface(_) => "text".to_owned(),
        Type::Flag | Type::JsonFlag => "true or false".to_owned(),
        Type::Int(..) | Type::Uint(..) | Type::JsonInt | Type::JsonUint => "whole number".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Duration => "duration such as `30s` or `14h`".to_owned(),
        Type::OtelDuration => "milliseconds".to_owned(),
        Type::List(inner) => match inner {
            Type::Text(_) => "list of texts".to_owned(),
            _ => "list".to_owned(),
        },
        Type::Map(_, inner) => match inner {
            Type::Text(_) => "mapping of texts".to_owned(),
            Type::Flag => "mapping to true or false".to_owned(),
            _ => "mapping".to_owned(),
        },
        Type::Enum(enumeration) => one_of(enumeration.words(version).iter().map(String::as_str)),
        Type::Nullable(inner) => self::kind(inner, version),
        Type::Object(_) | Type::Claims | Type::SanMatcher => "mapping".to_owned(),
        Type::ClaimHeaders => "mapping of a header to a claim, or list of claims".to_owned(),
        Type::Ppl => "policy, such as `- allow: {or: [{domain: {is: example.com}}]}`".to_owned(),
        Type::Targets => "URL or list of URLs".to_owned(),
        Type::Any | Type::Unchecked | Type::Message(_) => "as Envoy has it".to_owned(),
    }
}

fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    format!("one of {}", words.join(", "))
}

/// A sentence that begins with a capital letter.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::releases::options::{RETIRED, ROUTE};

    #[test]
    fn each_option_field_and_dropped_key_has_its_sentence() {
        let newest = PomeriumVersion(0, 34, 0);
        let options = OPTIONS.fields_of(newest).map(|field| (field.name.to_owned(), field));
        let fields = ROUTE.fields_of(newest).map(|field| (format!("routes.{}", field.name), field));
        for (path, field) in options.chain(fields) {
            let said = about(&path, newest).unwrap();
            assert!(field.about.ends_with('.') && said.starts_with(field.about), "{path}: {said}");
            assert_eq!(about(&path.replace("routes.", "policy."), newest), Some(said), "{path}");
        }
        for retired in RETIRED {
            let said = about(retired.path, retired.removed_in).unwrap();
            assert!(said.starts_with("Gone since v") && said.ends_with('.'), "{said}");
        }
        assert_eq!(about("routes.nonsense", newest), None);
        // The old name of the list is not looked through for what stops Pomerium.
        let of = |path| about(path, newest).unwrap();
        assert!(of("routes.allowed_groups").contains(REFUSED) && of("policy.allowed_groups").contains(IGNORES));
    }

    #[test]
    fn what_is_said_has_all_that_is_known() {
        let about = |path| about(path, PomeriumVersion::NEWEST).unwrap();
        assert_eq!(
            about("cookie_expire"),
            "How long a session lasts before a new login is needed.\n\n\
             duration such as `30s` or `14h` · default `14h` · since v0.0.5 · environment `COOKIE_EXPIRE`"
        );
        assert!(about("idp_client_secret").ends_with("environment `IDP_CLIENT_SECRET` · a secret"));
        assert!(about("idp_provider").contains("`cognito`"));
        let enforcement = about("downstream_mtls.enforcement");
        assert!(
            enforcement.contains("one of `policy`, `policy_with_default_deny`, `reject_connection`"),
            "{enforcement}"
        );
        assert!(enforcement.contains("environment `DOWNSTREAM_MTLS_ENFORCEMENT`"), "{enforcement}");
    }
}
