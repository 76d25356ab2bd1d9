//! Every key that Pomerium knows: its name, its type and since when.
//!
//! Taken from the `mapstructure` tags of Pomerium's Go types (main of 2026-08-20, on the way from v0.33.1 to v0.34.0). The order is
//! that in which mapstructure decodes, because it is the order of the errors in Pomerium's message: a struct's own fields first,
//! those of embedded structs after them.

mod near;
mod nested;
mod retired;
mod route;
mod top;

pub use near::nearest_option;
pub(in crate::config) use near::{is_retired, is_telling, names_secret_of};
pub(in crate::config) use nested::{CLUSTER, SUB_POLICY};
pub(in crate::config) use retired::{
    IGNORED, RETIRED, WITHOUT_CLUSTER_FIELDS, cluster_fields, is_cluster_field, runtime_flags,
};
pub use retired::{Retired, retired_key, retired_of_policy};
pub(in crate::config) use route::ROUTE;
pub(in crate::config) use top::{DNS_FAMILIES, LOG_LEVELS, OPTIONS, SAME_SITE};

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use super::version::PomeriumVersion;

/// What a value must become.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) enum Type {
    /// A Go string type of this name.
    Text(&'static str),
    Flag,
    /// A signed number: Go's name and the number of bits.
    Int(&'static str, u32),
    /// An unsigned number: Go's name and the number of bits.
    Uint(&'static str, u32),
    Number,
    /// `time.Duration`: nanoseconds.
    Duration,
    /// Milliseconds, as OpenTelemetry's variables have them.
    OtelDuration,
    List(&'static Type),
    /// A mapping of text to something: the map's Go name and the type of its values.
    Map(&'static str, &'static Type),
    Object(&'static Object),
    /// `nullable.Value[T]`: like `T`, but an error names the field `Value`.
    Nullable(&'static Type),
    Enum(&'static Enumeration),
    /// `allowed_idp_claims`: kept as written once it is found to decode.
    Claims,
    /// `null.Bool`: decoded by way of JSON, hence strictly.
    JsonFlag,
    /// `null.String`.
    JsonText,
    /// `null.Uint32`.
    JsonUint,
    /// `null.Int32`.
    JsonInt,
    /// `jwt_claims_headers`: a mapping, a list, or words in one string.
    ClaimHeaders,
    /// A policy in Pomerium's policy language.
    Ppl,
    /// `{dns: pattern}`.
    SanMatcher,
    /// `to`: URLs with optional weights.
    Targets,
    /// A Go interface that no text can become.
    Interface(&'static str),
    /// Anything at all.
    Any,
    /// Taken as it is.
    Unchecked,
    /// A message of Envoy's, which protobuf's own decoder reads.
    Message(&'static Object),
}

/// A Go struct.
#[derive(Debug)]
pub(in crate::config) struct Object {
    pub(in crate::config) fields: &'static [Field],
    /// The places of the fields by their names, as they are and in lower case.
    places: OnceLock<HashMap<Cow<'static, str>, usize>>,
    /// The names of the fields as unknown ones are compared with them.
    spelt: OnceLock<Vec<near::Spelt>>,
    spelt_secrets: OnceLock<Vec<near::Spelt>>,
}

/// A key of an object.
#[derive(Debug)]
pub(in crate::config) struct Field {
    pub(in crate::config) name: &'static str,
    pub(in crate::config) kind: Type,
    /// Its value must never be printed.
    pub(in crate::config) secret: bool,
    /// It holds whatever people put into it, perhaps a secret: where the file is quoted, it is left out.
    pub(in crate::config) private: bool,
    /// The first release that knows it.
    pub(in crate::config) since: PomeriumVersion,
    /// What it does, in one sentence; empty where the name says it.
    pub(in crate::config) about: &'static str,
    /// What Pomerium takes if it is not set, as it would be written; lists with commas.
    default: Option<&'static str>,
    /// What it was before a release.
    earlier_default: Option<(PomeriumVersion, &'static str)>,
    /// The words that it may be, if it is a text that must be one of some.
    words: Option<&'static Words>,
}

/// The words that a text must be one of.
#[derive(Debug)]
pub(in crate::config) struct Words {
    all: &'static [&'static str],
    /// The first release that refuses what is none.
    since: PomeriumVersion,
    /// How many at the end of the list came with which release, if some did.
    added: Option<(usize, PomeriumVersion)>,
}

/// A protobuf enumeration; the first value is also the empty string's.
#[derive(Debug)]
pub(in crate::config) struct Enumeration {
    pub(in crate::config) name: &'static str,
    pub(in crate::config) values: &'static [&'static str],
    /// How many values at the end of the list came with which release, if some did.
    pub(in crate::config) added: Option<(usize, PomeriumVersion)>,
}

const TEXT: Type = Type::Text("string");
const TEXT_LIST: Type = Type::List(&TEXT);
const TEXT_MAP: Type = Type::Map("map[string]string", &TEXT);

/// Older than the oldest release worth telling apart.
const ALWAYS: PomeriumVersion = PomeriumVersion(0, 0, 0);

/// The release after the newest that is known in full: what stood on the main branch on 2026-08-20, and no more.
const UPCOMING: PomeriumVersion = PomeriumVersion(0, 34, 0);

const fn field(name: &'static str, kind: Type, since: PomeriumVersion) -> Field {
    Field {
        name,
        kind,
        secret: false,
        private: false,
        since,
        about: "",
        default: None,
        earlier_default: None,
        words: None,
    }
}

const fn enumeration(name: &'static str, values: &'static [&'static str]) -> Enumeration {
    Enumeration { name, values, added: None }
}

const fn secret(name: &'static str, kind: Type, since: PomeriumVersion) -> Field {
    Field { secret: true, ..field(name, kind, since) }
}

const fn private(name: &'static str, kind: Type, since: PomeriumVersion) -> Field {
    Field { private: true, ..field(name, kind, since) }
}

impl Field {
    const fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    const fn default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    const fn default_before(self, release: PomeriumVersion, default: &'static str) -> Self {
        Self { earlier_default: Some((release, default)), ..self }
    }

    const fn one_of(self, words: &'static Words) -> Self {
        Self { words: Some(words), ..self }
    }

    /// What a release takes if it is not set.
    pub(in crate::config) fn default_of(&self, release: PomeriumVersion) -> Option<&'static str> {
        let earlier = self.earlier_default.filter(|(since, _)| release < *since);
        earlier.map(|(_, default)| default).or(self.default)
    }

    /// The words that it must be one of for a release, if any.
    pub(in crate::config) fn words_of(&self, release: PomeriumVersion) -> &'static [&'static str] {
        self.words.and_then(|words| words.of(release)).unwrap_or_default()
    }
}

impl Words {
    /// The words that a release takes; `None` if it takes any.
    pub(in crate::config) fn of(&self, release: PomeriumVersion) -> Option<&'static [&'static str]> {
        (release >= self.since).then(|| without_later(self.all, self.added, release))
    }
}

/// The names that a release knows, of which some at the end came later.
fn without_later(
    names: &'static [&'static str],
    added: Option<(usize, PomeriumVersion)>,
    release: PomeriumVersion,
) -> &'static [&'static str] {
    let later = added.filter(|(_, since)| release < *since).map_or(0, |(count, _)| count);
    names.get(..names.len().saturating_sub(later)).unwrap_or_default()
}

impl Object {
    const fn of(fields: &'static [Field]) -> Self {
        Self { fields, places: OnceLock::new(), spelt: OnceLock::new(), spelt_secrets: OnceLock::new() }
    }

    /// The field a key stands for: exactly, or else without regard to letter case.
    pub(in crate::config) fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.get(self.place(key)?)
    }

    /// The place of that field among all. Each key of a file is looked up several times, among up to 150 names.
    pub(in crate::config) fn place(&self, key: &str) -> Option<usize> {
        let places = self.places.get_or_init(|| {
            let names = || self.fields.iter().map(|field| field.name).enumerate();
            let lower = names().map(|(place, name)| (Cow::Owned(name.to_ascii_lowercase()), place));
            lower.chain(names().map(|(place, name)| (Cow::Borrowed(name), place))).collect()
        });
        let in_lower = || places.get(key.to_ascii_lowercase().as_str());
        places
            .get(key)
            .or_else(|| if key.bytes().any(|byte| byte.is_ascii_uppercase()) { in_lower() } else { None })
            .copied()
    }

    /// The fields that a release knows. Those that Pomerium matches by accident, and those of its own use, are nobody's
    /// business.
    pub(in crate::config) fn fields_of(
        &self,
        version: PomeriumVersion,
    ) -> impl Iterator<Item = &'static Field> + use<> {
        let known = self.fields.iter().filter(move |field| field.since <= version);
        known.filter(|field| field.name.starts_with(|first: char| first.is_ascii_lowercase()))
    }
}

impl Type {
    /// The type below wrappers that change nothing about the value.
    pub(in crate::config) fn inner(&self) -> &Type {
        match self {
            Self::Nullable(inner) => inner.inner(),
            other => other,
        }
    }

    /// The object that a value is, or has in a list or under its names.
    pub(in crate::config) fn object(&self) -> Option<&'static Object> {
        match self.inner() {
            Self::Object(object) => Some(object),
            Self::List(element) | Self::Map(_, element) => element.object(),
            _ => None,
        }
    }
}

impl Enumeration {
    /// The number of a value that a release knows: by its whole name, its name without what all names begin with, or its last
    /// words.
    pub(in crate::config) fn find(&self, text: &str, release: PomeriumVersion) -> Option<i128> {
        let values = self.values_of(release);
        let prefix = common_prefix(values);
        let suffix = format!("_{}", text.to_uppercase());
        let place = |is: &dyn Fn(&str) -> bool| values.iter().position(|value| is(value));
        let found = place(&|value| value.eq_ignore_ascii_case(text))
            .or_else(|| place(&|value| value[prefix..].eq_ignore_ascii_case(text)))
            .or_else(|| place(&|value| value.to_uppercase().ends_with(&suffix)))
            .or_else(|| text.is_empty().then_some(0))?;
        i128::try_from(found).ok()
    }

    /// Whether a value has this very name, or has it in lower case behind what all names begin with; no name is the first one's.
    pub(in crate::config) fn is_called(&self, name: &str) -> bool {
        let prefix = common_prefix(self.values);
        name.is_empty()
            || self.values.iter().any(|value| *value == name || value[prefix..].to_ascii_lowercase() == name)
    }

    /// The values that a release knows.
    fn values_of(&self, release: PomeriumVersion) -> &'static [&'static str] {
        without_later(self.values, self.added, release)
    }

    /// The values as people write them: without what all names begin with, in lower case. Those that mean "nothing said" are left
    /// out.
    pub(in crate::config) fn words(&self, release: PomeriumVersion) -> Vec<String> {
        let values = self.values_of(release);
        let prefix = common_prefix(values);
        let is_said = |value: &&&str| !value.ends_with("UNKNOWN") && !value.ends_with("UNSPECIFIED");
        let word = |value: &&str| {
            let own = &value[prefix..];
            // A name of Go's begins in lower case where people write it: `hostOnly` (`config/custom.go`).
            match own.find(|letter: char| letter.is_ascii_lowercase()) {
                Some(_) => own[..1].to_ascii_lowercase() + &own[1..],
                None => own.to_ascii_lowercase(),
            }
        };
        values.iter().filter(is_said).map(word).collect()
    }
}

/// How many bytes at the beginning of all these names are the same.
fn common_prefix(names: &[&str]) -> usize {
    let first = names.first().copied().unwrap_or_default();
    names.iter().fold(first.len(), |length, name| {
        first.bytes().zip(name.bytes()).take(length).take_while(|(a, b)| a == b).count()
    })
}

/// The names of the options that a release knows.
pub fn option_names(version: PomeriumVersion) -> impl Iterator<Item = &'static str> {
    OPTIONS.fields_of(version).map(|field| field.name)
}

/// The first release that knows an option, or a field of a route such as `routes.name`; `None` if none does.
pub fn known_since(path: &str) -> Option<PomeriumVersion> {
    let (section, name) = path.rsplit_once('.').unwrap_or(("", path));
    let object = object_of(section)?;
    object.fields_of(UPCOMING).find(|field| field.name == name).map(|field| field.since)
}

/// The object whose fields stand in a section of the configuration.
fn object_of(section: &str) -> Option<&'static Object> {
    match section {
        "" => Some(&OPTIONS),
        "routes" | "policy" => Some(&ROUTE),
        _ => None,
    }
}

/// The names of a route's fields that a release knows.
pub fn route_field_names(version: PomeriumVersion) -> impl Iterator<Item = &'static str> {
    ROUTE.fields_of(version).map(|field| field.name)
}

/// The first release that takes a word for the value of an enumeration; `None` if none does.
pub fn value_known_since(enumeration: &str, word: &str) -> Option<PomeriumVersion> {
    let enumeration = nested::GROWN.iter().find(|known| known.name == enumeration)?;
    enumeration.added.map(|(_, since)| since).filter(|_| enumeration.find(word, UPCOMING).is_some())
}

/// The options of one section have names of two words in the environment, too.
const SECTION: &str = "downstream_mtls";

/// The path of the option that an environment variable sets, if Pomerium binds it (`config/options.go` `bindEnvs`).
pub(in crate::config) fn bound_to(variable: &str) -> Option<String> {
    if variable == "HEADERS" {
        return Some("headersenv".to_owned());
    }
    if variable.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let name = variable.to_ascii_lowercase();
    let nested = name.strip_prefix(SECTION).and_then(|rest| rest.strip_prefix('_'));
    let path = nested.map_or(name.clone(), |field| format!("{SECTION}.{field}"));
    is_bound(&path).then_some(path)
}

/// The environment variable that sets the option of this path, if one does.
pub fn variable_of(path: &str) -> Option<String> {
    match path {
        "headersenv" => Some("HEADERS".to_owned()),
        _ => is_bound(path).then(|| path.replace('.', "_").to_ascii_uppercase()),
    }
}

/// Whether an environment variable sets the option of this path.
pub(in crate::config) fn is_bound(path: &str) -> bool {
    let is_field = |object: &Object, name: &str| object.field(name).is_some_and(|field| field.name == name);
    match path.split_once('.') {
        Some((section, name)) => section == SECTION && is_field(&nested::DOWNSTREAM_MTLS, name),
        None => {
            path == "headersenv"
                || path != SECTION && is_field(&OPTIONS, path) && !path.bytes().any(|byte| byte.is_ascii_uppercase())
        }
    }
}

/// Whether this is what stands before the last dot of the path of an option that an environment variable sets.
pub(in crate::config) fn is_section(path: &str) -> bool {
    path == SECTION
}
