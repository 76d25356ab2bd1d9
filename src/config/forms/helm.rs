//! Values of Helm charts: by themselves, below the key of a sub-chart, or in the release of a delivery tool.

mod keys;
mod official;
mod other;
mod release;

use std::collections::BTreeSet;

use super::{Deployment, Layer, Mount};
use crate::config::settings::Form;
use crate::config::text::{Node, Place, SourceId, Sources, Span, Twins, Value, Variable, add_twins, twin, unknown};
use release::Release;

pub(super) use other::snake;
pub(in crate::config) use release::{inflates, is_release, overlay, value_files};

/// Reads documents that hold values of a chart, or say where these are; whether a file is among those that were given, `is_here` says.
///
/// # Errors
/// What they are instead, in words fit for a report, if nothing in them configures a Pomerium.
pub(in crate::config) fn read(
    sources: &mut Sources,
    documents: &[&Node],
    is_here: &dyn Fn(&str) -> bool,
) -> Result<Vec<Deployment>, &'static str> {
    let mut origins = BTreeSet::new();
    for document in documents {
        collect_sources(document, &mut origins);
    }
    let twins = add_twins(sources, origins.into_iter());
    let releases: Vec<Release> = documents.iter().flat_map(|document| release::find(document, sources)).collect();
    let mut deployments = Vec::new();
    for release in &releases {
        let of_files = release.files.iter().map(|file| format!("the values in {file}"));
        let unread: Vec<String> = of_files.chain(release.unread.iter().cloned()).collect();
        let charts = charts(&release.values);
        if charts.is_empty() && release.is_elsewhere(is_here) {
            let values = &release.values;
            let reader = Reader { sources, twins: &twins, values, unread: unread.clone(), kept: release.kept.clone() };
            let deployment = official::deployment(&reader, release.chart_version.as_deref());
            deployments.push((release.title.clone(), deployment));
        }
        for values in charts {
            let reader = Reader { sources, twins: &twins, values, unread: unread.clone(), kept: release.kept.clone() };
            // A sub-chart has a version of its own, which the release does not tell.
            let version = release.chart_version.as_deref().filter(|_| std::ptr::eq(values, &raw const release.values));
            if let Some(deployment) = official::read(&reader, version).or_else(|| other::read(&reader)) {
                deployments.push((release.title.clone(), deployment));
            }
        }
    }
    if deployments.is_empty() {
        let is_annotated = |release: &Release| mentions(&release.values, "ingress.pomerium.io/");
        return Err(if releases.iter().any(is_annotated) {
            "it holds values of a chart whose Ingress is annotated for Pomerium, which is configured elsewhere"
        } else {
            "it holds values of a chart, and none of them configures a Pomerium"
        });
    }
    let several = deployments.len() > 1;
    let name = |(title, mut deployment): (Option<String>, Deployment)| {
        let file = deployment.sources.first().and_then(|source| sources.get(*source));
        let file = file.map_or("", |source| source.name.as_str());
        deployment.name = match title.filter(|_| several) {
            Some(title) => format!("{file}: {title}"),
            None => file.to_owned(),
        };
        deployment
    };
    Ok(deployments.into_iter().map(name).collect())
}

/// The texts that values come from: several, if some were laid over others.
fn collect_sources(node: &Node, found: &mut BTreeSet<SourceId>) {
    found.insert(node.span.source);
    node.elements().iter().for_each(|element| collect_sources(element, found));
    node.entries().iter().for_each(|entry| collect_sources(&entry.value, found));
}

/// Whether a document holds values that configure a Pomerium, or is the release of a delivery tool.
pub(in crate::config) fn is_values(document: &Node) -> bool {
    is_release(document) || !charts(document).is_empty()
}

/// Whether a text may hold values of Pomerium's own chart: an option of Pomerium's at their top level, which the chart does not
/// read, makes no configuration of them.
pub(in crate::config) fn may_be_values(text: &str) -> bool {
    official::KEYS.iter().any(|key| text.contains(key))
}

/// The values themselves, or those below a key: those of a sub-chart.
fn charts(values: &Node) -> Vec<&Node> {
    let below: Vec<&Node> = values.entries().iter().map(|entry| &entry.value).collect();
    if official::is_official(values) {
        return vec![values];
    }
    let official: Vec<&Node> = below.into_iter().filter(|values| official::is_official(values)).collect();
    if official.is_empty() && other::is_other(values) { vec![values] } else { official }
}

fn mentions(node: &Node, start: &str) -> bool {
    node.elements().iter().any(|element| mentions(element, start))
        || node.entries().iter().any(|entry| entry.key.starts_with(start) || mentions(&entry.value, start))
}

/// What the readers of charts have in common.
struct Reader<'a> {
    sources: &'a Sources,
    twins: &'a Twins,
    values: &'a Node,
    /// Where further values come from.
    unread: Vec<String>,
    /// The same for secret values that cannot be had here.
    kept: Vec<String>,
}

impl Reader<'_> {
    fn at(&self, path: &[&str]) -> Option<&Node> {
        self.values.at(path)
    }

    /// A text that is not empty.
    fn text(&self, path: &[&str]) -> Option<&str> {
        match &self.at(path)?.value {
            Value::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The place of what a scalar says, without its quotes.
    fn inside(&self, node: &Node) -> Span {
        let Value::Text(text) = &node.value else { return node.span };
        place_of(node, text, self.sources).span(0, text.len())
    }

    fn unknown(&self, span: Span, what: &str) -> Node {
        unknown(twin(self.twins, span), what)
    }

    /// A variable with the value of a node, as a template's `quote` prints it.
    fn variable(&self, name: &str, name_span: Span, node: &Node) -> Option<Variable> {
        let value = match &node.value {
            Value::Null | Value::List(_) | Value::Map(_) => return None,
            _ => printed(node)?,
        };
        let [name_span, span] = [name_span, self.inside(node)].map(|span| twin(self.twins, span));
        Some(Variable { name: name.to_owned(), value, name_span, span })
    }

    /// The variables in a mapping `NAME: value` or a list of `{name, value}`.
    fn variables(&self, node: &Node) -> Vec<Variable> {
        let mapped = node.entries().iter().filter_map(|entry| match &entry.value.value {
            Value::Map(_) => {
                let value = entry.value.get("value");
                Some(value.map_or_else(
                    || self.unseen_from(&entry.key, entry.key_span, &entry.value),
                    |value| {
                        self.variable(&entry.key, entry.key_span, value)
                            .unwrap_or_else(|| self.unseen(&entry.key, entry.key_span))
                    },
                ))
            }
            Value::Null => Some(self.unseen(&entry.key, entry.key_span)),
            _ => self.variable(&entry.key, entry.key_span, &entry.value),
        });
        let listed = node.elements().iter().filter_map(|element| {
            let name = element.get("name")?;
            let Value::Text(text) = &name.value else { return None };
            let value = element.get("value").and_then(|value| self.variable(text, name.span, value));
            Some(value.unwrap_or_else(|| self.unseen_from(text, name.span, element)))
        });
        mapped.chain(listed).collect()
    }

    /// A variable whose value comes from somewhere else: from a `Secret`, if its `valueFrom` says so.
    fn unseen_from(&self, name: &str, span: Span, node: &Node) -> Variable {
        let reference = node.get("valueFrom").and_then(|from| from.get("secretKeyRef"));
        let text = |key: &str| match reference.and_then(|reference| reference.get(key)).map(|node| &node.value) {
            Some(Value::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let plain = self.unseen(name, span);
        match (text("name"), text("key")) {
            (Some(secret), Some(key)) => Variable { value: crate::config::text::kept_text(secret, key), ..plain },
            _ => plain,
        }
    }

    /// A variable whose value comes from somewhere else.
    fn unseen(&self, name: &str, span: Span) -> Variable {
        let span = twin(self.twins, span);
        Variable { name: name.to_owned(), value: crate::config::text::unknown_text(name), name_span: span, span }
    }

    fn deployment(&self, root: Node, variables: Vec<Variable>) -> Deployment {
        let mut deployment = Deployment::new("", Form::Helm);
        deployment.sources = vec![self.values.span.source];
        deployment.sources.extend(variables.first().map(|variable| variable.span.source));
        deployment.layers.push(Layer::Tree { root, keeps_case: false });
        deployment.layers.push(Layer::Environment(variables));
        deployment.mounts = Some(vec![Mount::of_vault()]);
        for part in &self.unread {
            deployment.reading.lacks(part);
        }
        for part in &self.kept {
            deployment.reading.keeps(part);
        }
        deployment
    }
}

/// The place of a scalar's text.
fn place_of(node: &Node, text: &str, sources: &Sources) -> Place {
    Place::Verbatim(node.span.source, node.span.start).inside_scalar(sources.slice(node.span), text)
}

/// A scalar as a Go template prints it.
fn printed(node: &Node) -> Option<String> {
    Some(match &node.value {
        Value::List(elements) => {
            let elements: Option<Vec<String>> = elements.iter().map(printed).collect();
            format!("[{}]", elements?.join(" "))
        }
        Value::Map(_) => return None,
        value => value.scalar(),
    })
}
