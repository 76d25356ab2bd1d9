//! `--given NAME=VALUE`: what is not secret and stands where nobody here may look.

use crate::config::releases::PomeriumVersion;
use crate::config::releases::options::{OPTIONS, ROUTE, nearest_option};
use crate::config::settings::{Config, GivenOutcome};
use crate::config::text::{Entry, Node, Source, SourceId, SourceKind, Sources, Span, Value, ValueKind, classify, kept};

/// A value that the user gives, for an option or for that option of one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenValue {
    /// The `from` of a route, or `namespace/name` of a `Secret`; without one, the option of the whole configuration is meant.
    pub client: Option<String>,
    /// The option.
    pub option: String,
    /// Its value.
    pub value: String,
}

impl std::fmt::Display for GivenValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { client, option, value } = self;
        match client {
            Some(client) => write!(f, "{client}:{option}={value}"),
            None => write!(f, "{option}={value}"),
        }
    }
}

impl std::str::FromStr for GivenValue {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) =
            text.split_once('=').ok_or("write NAME=VALUE, such as idp_client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1")?;
        let (client, option) =
            name.rsplit_once(':').map_or((None, name), |(client, option)| (Some(client.to_owned()), option));
        let field = OPTIONS.fields.iter().find(|field| field.name == option);
        let Some(field) = field else {
            let near = nearest_option(&option.to_lowercase(), PomeriumVersion::NEWEST);
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(format!("Pomerium has no option `{option}`{near}"));
        };
        if field.secret || OPTIONS.names_secret(option) {
            let why =
                "a secret is not given: arguments are seen by others, and what needs it counts as declined without it";
            return Err(format!("`{option}` is a secret, and {why}"));
        }
        if value.is_empty() {
            return Err(format!("`{name}` is given no value"));
        }
        Ok(Self { client, option: option.to_owned(), value: value.to_owned() })
    }
}

impl GivenValue {
    /// The name as the user writes it.
    pub fn name(&self) -> String {
        self.client.as_ref().map_or_else(|| self.option.clone(), |client| format!("{client}:{}", self.option))
    }
}

/// The values with their places.
#[derive(Clone, Debug, Default)]
pub(in crate::config) struct Givens {
    values: Vec<(GivenValue, Span)>,
    pub(in crate::config) source: Option<SourceId>,
}

impl Givens {
    /// Writes the values down as a source of their own.
    pub(in crate::config) fn of(values: &[GivenValue], sources: &mut Sources) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        let lines: Vec<String> = values.iter().map(|given| format!("{}={}\n", given.name(), given.value)).collect();
        let source = sources.add(Source::new("--given", SourceKind::Given, lines.concat()));
        let mut start = 0;
        let placed = values.iter().zip(&lines).map(|(given, line)| {
            start += line.len();
            let end = start - 1;
            (given.clone(), Span { source, start: end - given.value.len(), end })
        });
        Self { values: placed.collect(), source: Some(source) }
    }

    /// Fills the values into settings, before Pomerium decodes them.
    pub(in crate::config) fn fill(&self, settings: &mut Node) -> Vec<GivenOutcome> {
        self.values.iter().map(|(given, at)| fill(settings, given, *at)).collect()
    }
}

fn fill(settings: &mut Node, given: &GivenValue, at: Span) -> GivenOutcome {
    let Value::Map(entries) = &mut settings.value else { return GivenOutcome::Unread };
    let Some(client) = &given.client else { return set(entries, given, at) };
    let mut outcomes = Vec::new();
    let is_of_secret = |entry: &Entry| entry.key == given.option && is_from(&entry.value, client);
    if entries.iter().any(is_of_secret) {
        outcomes.push(set(entries, given, at));
    }
    let is_routes = |entry: &&mut Entry| ["routes", "policy"].contains(&entry.key.as_str());
    for entry in entries.iter_mut().filter(is_routes) {
        let Value::List(routes) = &mut entry.value.value else { continue };
        for route in routes {
            let is_it = matches!(route.get("from").map(|from| &from.value), Some(Value::Text(from)) if from == client);
            let Value::Map(fields) = &mut route.value else { continue };
            if (is_it || fields.iter().any(is_of_secret)) && ROUTE.fields.iter().any(|field| field.name == given.option)
            {
                outcomes.push(set(fields, given, at));
            }
        }
    }
    let contradicted = outcomes.iter().find(|outcome| matches!(outcome, GivenOutcome::Contradicted(_)));
    contradicted.or(outcomes.first()).copied().unwrap_or(GivenOutcome::Unread)
}

/// Whether a value stands in a `Secret` of the cluster of this name, with its namespace as far as that is known.
fn is_from(node: &Node, client: &str) -> bool {
    let Value::Text(text) = &node.value else { return false };
    let bare = client.rsplit('/').next().unwrap_or(client);
    kept(text).is_some_and(|(secret, _)| secret == client || secret == bare)
}

fn set(entries: &mut Vec<Entry>, given: &GivenValue, at: Span) -> GivenOutcome {
    let value = || Node { value: Value::Text(given.value.clone()), span: at };
    let Some(entry) = entries.iter_mut().find(|entry| entry.key == given.option) else {
        entries.push(Entry { key: given.option.clone(), key_span: at, value: value() });
        return GivenOutcome::Taken;
    };
    if is_open(&entry.value) {
        entry.value = value();
    } else if written(&entry.value) != given.value {
        return GivenOutcome::Contradicted(entry.value.span);
    }
    GivenOutcome::Taken
}

/// Whether a value, or a part of it, stands elsewhere.
fn is_open(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Text(text) => text.is_empty() || classify(text) != ValueKind::Literal,
        Value::List(elements) => elements.iter().any(is_open),
        _ => false,
    }
}

/// A value as it would be given; a list with commas.
fn written(node: &Node) -> String {
    match &node.value {
        Value::List(elements) => elements.iter().map(written).collect::<Vec<_>>().join(","),
        _ => node.printed(),
    }
}

/// Why a value cannot be given to these configurations: another one is written, or nothing reads it.
pub fn refused_given(values: &[GivenValue], configs: &[Config]) -> Option<String> {
    values.iter().enumerate().find_map(|(index, given)| {
        let mut outcomes =
            configs.iter().filter_map(|config| Some((config, *config.reading.given.get(index)?))).peekable();
        outcomes.peek()?;
        let mut is_taken = false;
        for (config, outcome) in outcomes {
            match outcome {
                GivenOutcome::Taken => is_taken = true,
                GivenOutcome::Unread => {}
                GivenOutcome::Contradicted(at) => {
                    let source = config.sources.get(at.source)?;
                    let place = format!("{}:{}", source.name, source.position(at.start).line);
                    return Some(format!(
                        "--given {}: another value is written at {place}; give only what stands elsewhere",
                        given.name()
                    ));
                }
            }
        }
        let client = given.client.as_deref().unwrap_or(&given.option);
        (!is_taken).then(|| {
            format!(
                "--given {}: nothing here reads it: no route is from `{client}`, and no Secret of that name is read",
                given.name()
            )
        })
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_client_may_be_an_address_or_a_secret() {
        for (text, client, option, value) in [
            ("idp_client_id=a=b", None, "idp_client_id", "a=b"),
            ("https://a.example.com:8443:idp_client_id=x", Some("https://a.example.com:8443"), "idp_client_id", "x"),
            ("pomerium/idp:idp_client_id=x", Some("pomerium/idp"), "idp_client_id", "x"),
        ] {
            let given: GivenValue = text.parse().unwrap();
            assert_eq!((given.client.as_deref(), given.option.as_str(), given.value.as_str()), (client, option, value));
        }
        for (text, says) in [
            ("idp_client_id", "NAME=VALUE"),
            ("idp_clientid=x", "did you mean `idp_client_id`?"),
            ("IDP_CLIENT_ID=x", "did you mean `idp_client_id`?"),
            ("idp_client_secret=x", "is a secret"),
            ("a/b:cookie_secret=x", "is a secret"),
            ("idp_client_id=", "no value"),
        ] {
            let why = text.parse::<GivenValue>().unwrap_err();
            assert!(why.contains(says), "{text}: {why}");
        }
    }
}
