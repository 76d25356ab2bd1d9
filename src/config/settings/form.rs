//! The form of a configuration, and what it says besides the settings.

use super::Setting;
use crate::config::text::{Node, Span, Value, ValueKind, classify};

/// Where a running Pomerium sends its users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To Amazon Cognito.
    Cognito,
    /// Nobody knows yet.
    Unknown,
    /// Elsewhere; says where, in words fit for a report.
    Elsewhere(&'static str),
}

/// In which shape the configuration was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A Pomerium configuration file.
    ConfigFile,
    /// The environment alone.
    Environment,
    /// Services of a compose file.
    Compose,
    /// Manifests of Kubernetes.
    Kubernetes,
    /// Values of a Helm chart.
    Helm,
    /// A list of routes by itself.
    Policy,
    /// A running Pomerium, by what it sends; where that leads.
    Deployed(Destination),
    /// Nothing of Pomerium's; what it is instead, in words fit for a report.
    NotPomerium(&'static str),
    /// Nothing that could be told, perhaps for a reason; why, in words fit for a report.
    Unrecognised(&'static str),
}

impl Form {
    /// Whether somebody expands references in it before Pomerium sees them: Compose, a delivery tool, Helm.
    pub fn is_expanded(self) -> bool {
        matches!(self, Self::Compose | Self::Kubernetes | Self::Helm)
    }

    /// Whether it is what runs, and no file.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Deployed(_))
    }

    /// The name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::ConfigFile => "config",
            Self::Environment => "environment",
            Self::Compose => "compose",
            Self::Kubernetes => "kubernetes",
            Self::Helm => "helm",
            Self::Policy => "policy",
            Self::Deployed(_) => "deployed",
            Self::NotPomerium(_) | Self::Unrecognised(_) => "other",
        }
    }
}

/// A `Secret` that only the cluster holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptSecret {
    /// Its name, with its namespace as far as that is known.
    pub name: String,
    /// The keys that are read; none if nobody wrote them down.
    pub keys: Vec<String>,
    /// The options that they become.
    pub options: Vec<String>,
}

/// A key that a form has not, and the one that is probably meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormField {
    /// The key as it is written.
    pub key: String,
    /// The key that is read, with the keys above it: `authenticate.idp.url`.
    pub near: String,
    /// The place of the key.
    pub at: Span,
}

impl FormField {
    /// The option without which nobody logs in that the right key sets in Pomerium's own chart (`pomerium.config` in
    /// `charts/pomerium/templates/_helpers.tpl` of pomerium/pomerium-helm).
    pub fn option_of_login(&self) -> Option<&'static str> {
        match self.near.as_str() {
            "authenticate.idp.url" => Some("idp_provider_url"),
            "authenticate.idp.clientID" => Some("idp_client_id"),
            "authenticate.idp.clientSecret" => Some("idp_client_secret"),
            _ => None,
        }
    }
}

/// What says that several replicas run, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replicas {
    /// In words fit for a report: `replicas: 2`.
    pub says: String,
    /// The place.
    pub at: Span,
    /// How many is filled in by somebody: it may be one.
    pub is_unknown: bool,
}

impl Replicas {
    pub(in crate::config) fn several(says: impl Into<String>, at: Span) -> Self {
        Self { says: says.into(), at, is_unknown: false }
    }

    /// As many as stand at a key, if that is not one.
    pub(in crate::config) fn of(key: &str, node: &Node) -> Option<Self> {
        let of = |value: &dyn std::fmt::Display| Self::several(format!("{key}: {value}"), node.span);
        let several = |number: i128| (number > 1).then(|| of(&number));
        match &node.value {
            Value::Integer(number) => several(*number),
            Value::Text(text) if classify(text) != ValueKind::Literal => Some(Self { is_unknown: true, ..of(text) }),
            // A chart, and compose, write the number without the quotes.
            Value::Text(text) => several(text.trim().parse().ok()?),
            _ => None,
        }
    }
}

/// A value that somebody fills in before Pomerium decodes it: nothing can be told of what it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenValue {
    /// The dotted path of its key.
    pub path: String,
    /// What stands in its place.
    pub text: Setting<String>,
    /// It becomes a list or a mapping, whatever is in that then.
    pub holds_several: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::text::{Source, SourceKind, Sources};

    #[test]
    fn a_number_in_quotes_is_a_number_of_replicas() {
        let source = Sources::default().add(Source::new("values.yaml", SourceKind::File, ""));
        let of = |value| {
            let (start, end) = (0, 0);
            let found = Replicas::of("replicaCount", &Node { value, span: Span { source, start, end } });
            found.map(|replicas| (replicas.says, replicas.is_unknown))
        };
        let text = |text: &str| of(Value::Text(text.to_owned()));
        assert_eq!(text("3"), Some(("replicaCount: 3".to_owned(), false)));
        assert_eq!(of(Value::Integer(3)), text("3"));
        assert_eq!(text("${N}"), Some(("replicaCount: ${N}".to_owned(), true)));
        assert_eq!((text("1"), of(Value::Integer(1)), text("many")), (None, None, None));
    }
}
