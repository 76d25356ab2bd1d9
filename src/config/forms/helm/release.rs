//! Where delivery tools keep the values of a chart: Flux's `HelmRelease`, Argo CD's `Application`, helmfile, and kustomizations.

use crate::config::text::{Entry, Node, Sources, Value, yaml};

/// The values that a release gives to a chart.
pub(super) struct Release {
    /// What to call it if there are several.
    pub(super) title: Option<String>,
    pub(super) values: Node,
    /// The version of the chart, if it is pinned.
    pub(super) chart_version: Option<String>,
    /// The chart is `pomerium`.
    pub(super) is_of_pomerium: bool,
    /// The files that hold further values, lowest first.
    pub(super) files: Vec<String>,
    /// Where further values come from, in words fit for a report.
    pub(super) unread: Vec<String>,
    /// The same for values that are secret, and that only the cluster, or a key, opens.
    pub(super) kept: Vec<String>,
}

impl Release {
    /// One of which only the values are known.
    fn of(values: Node, title: Option<String>) -> Self {
        Self {
            title,
            values,
            chart_version: None,
            is_of_pomerium: false,
            files: Vec::new(),
            unread: Vec::new(),
            kept: Vec::new(),
        }
    }

    /// It configures a Pomerium by values of which none is written here, and not all are in files that are judged by themselves.
    pub(super) fn is_elsewhere(&self, is_here: &dyn Fn(&str) -> bool) -> bool {
        let is_open = !self.unread.is_empty() || !self.kept.is_empty();
        self.is_of_pomerium && (is_open || self.files.iter().any(|file| !is_here(file)))
    }
}

/// The files whose values a document lays over one another, lowest first: for each release that takes some.
pub(in crate::config) fn value_files(document: &Node) -> Vec<Vec<String>> {
    let elements = |key: &str| document.list(key).iter();
    let releases: Vec<Vec<String>> = match document.text_at(&["kind"]) {
        Some("Application") => argo_sources(document, &["spec"]).into_iter().map(argo_files).collect(),
        Some("ApplicationSet") => {
            argo_sources(document, &["spec", "template", "spec"]).into_iter().map(argo_files).collect()
        }
        None if is_release(document) => elements("releases").map(helmfile_files).collect(),
        _ => elements("helmCharts").map(kustomized_files).collect(),
    };
    releases.into_iter().filter(|files| !files.is_empty()).collect()
}

/// The texts among the elements of a list.
fn texts(node: Option<&Node>) -> Vec<String> {
    let elements = node.map(Node::elements).unwrap_or_default();
    elements.iter().filter_map(|element| owned(element, &[])).collect()
}

fn argo_sources<'n>(document: &'n Node, spec: &[&str]) -> Vec<&'n Node> {
    let Some(spec) = document.at(spec) else { return Vec::new() };
    let several = spec.list("sources");
    spec.get("source").into_iter().chain(several).collect()
}

fn argo_files(source: &Node) -> Vec<String> {
    texts(source.at(&["helm", "valueFiles"]))
}

fn helmfile_files(release: &Node) -> Vec<String> {
    texts(release.get("values"))
}

fn kustomized_files(chart: &Node) -> Vec<String> {
    owned(chart, &["valuesFile"]).into_iter().chain(texts(chart.get("additionalValuesFiles"))).collect()
}

/// Whether the name of a chart, or its address, is that of Pomerium's own.
fn is_pomerium(chart: Option<&str>) -> bool {
    chart.is_some_and(|chart| chart.rsplit('/').next() == Some("pomerium"))
}

/// Whether a document is a release of a delivery tool.
pub(in crate::config) fn is_release(document: &Node) -> bool {
    let kind = document.text_at(&["kind"]);
    let is_tool = |word: &str| document.text_at(&["apiVersion"]).is_some_and(|version| version.contains(word));
    matches!(kind, Some("HelmRelease" | "HelmChart")) && (is_tool("helm."))
        || matches!(kind, Some("Application" | "ApplicationSet")) && is_tool("argoproj.io")
        || kind.is_none() && document.get("releases").is_some_and(|releases| !releases.elements().is_empty())
}

/// The charts that a kustomization inflates with values of its own
/// (<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/helmcharts/>).
fn inflated(document: &Node) -> impl Iterator<Item = &Node> {
    let charts = document.list("helmCharts");
    charts.iter().filter(|chart| chart.get("valuesInline").is_some_and(|values| !values.entries().is_empty()))
}

/// Whether a document is a kustomization that inflates a chart with values of its own.
pub(in crate::config) fn inflates(document: &Node) -> bool {
    inflated(document).next().is_some()
}

/// The releases in a document; values by themselves are one.
pub(super) fn find(document: &Node, sources: &Sources) -> Vec<Release> {
    if inflates(document) {
        return inflated(document).map(kustomized).collect();
    }
    if !is_release(document) {
        return vec![Release::of(document.clone(), None)];
    }
    match document.text_at(&["kind"]) {
        Some("HelmRelease") => flux(document).into_iter().collect(),
        Some("HelmChart") => helm_controller(document, sources).into_iter().collect(),
        Some("Application") => argo(document, &["spec"], sources),
        Some("ApplicationSet") => argo(document, &["spec", "template", "spec"], sources),
        _ => helmfile(document),
    }
}

fn owned(node: &Node, path: &[&str]) -> Option<String> {
    node.text_at(path).map(str::to_owned)
}

fn title(document: &Node) -> Option<String> {
    let kind = document.text_at(&["kind"])?;
    Some(format!("{kind} {}", document.text_at(&["metadata", "name"]).unwrap_or_default()))
}

fn flux(document: &Node) -> Option<Release> {
    let spec = document.get("spec")?;
    let from = spec.list("valuesFrom");
    let named = |source: &Node| {
        let name = ["name"].iter().chain(&["secretKeyRef", "configMapKeyRef"]).find_map(|key| match *key {
            "name" => source.text_at(&["name"]),
            key => source.text_at(&[key, "name"]),
        });
        let name = name.unwrap_or("valuesFrom");
        let is_secret = source.text_at(&["kind"]) == Some("Secret") || source.get("secretKeyRef").is_some();
        if is_secret {
            (true, format!("the Secret {name} with values"))
        } else {
            (false, format!("the values in {name}"))
        }
    };
    let (kept, unread): (Vec<_>, Vec<_>) = from.iter().map(named).partition(|(is_secret, _)| *is_secret);
    let words = |parts: Vec<(bool, String)>| parts.into_iter().map(|(_, words)| words).collect();
    let values = spec.get("values").filter(|values| !values.entries().is_empty());
    let empty = || Node { value: Value::Map(Vec::new()), span: spec.span };
    Some(Release {
        chart_version: owned(spec, &["chart", "spec", "version"]).or_else(|| owned(spec, &["chart", "version"])),
        is_of_pomerium: is_pomerium(spec.text_at(&["chart", "spec", "chart"])),
        unread: words(unread),
        kept: words(kept),
        ..Release::of(values.map_or_else(empty, Node::clone), title(document))
    })
}

/// k3s: `spec.valuesContent` is a text.
fn helm_controller(document: &Node, sources: &Sources) -> Option<Release> {
    let spec = document.get("spec")?;
    Some(Release {
        chart_version: owned(spec, &["version"]),
        ..Release::of(embedded(spec.get("valuesContent")?, sources)?, title(document))
    })
}

fn argo(document: &Node, spec: &[&str], sources: &Sources) -> Vec<Release> {
    let release = |source: &Node| {
        let helm = source.get("helm")?;
        let mut values = match (helm.get("valuesObject"), helm.get("values")) {
            (Some(object), _) => object.clone(),
            (None, Some(text)) => embedded(text, sources)?,
            (None, None) => Node { value: Value::Map(Vec::new()), span: helm.span },
        };
        for parameter in helm.list("parameters") {
            if let (Some(name), Some(value)) = (parameter.text_at(&["name"]), parameter.get("value")) {
                let path: Vec<&str> = name.split('.').collect();
                set(&mut values, &path, value);
            }
        }
        Some(Release {
            chart_version: owned(source, &["targetRevision"]),
            is_of_pomerium: is_pomerium(source.text_at(&["chart"])),
            files: argo_files(source),
            ..Release::of(values, title(document))
        })
    };
    argo_sources(document, spec).into_iter().filter_map(release).collect()
}

fn kustomized(chart: &Node) -> Release {
    let title = owned(chart, &["releaseName"]).map(|name| format!("release {name}"));
    Release {
        chart_version: owned(chart, &["version"]),
        files: kustomized_files(chart),
        ..Release::of(chart.get("valuesInline").unwrap_or(chart).clone(), title)
    }
}

fn helmfile(document: &Node) -> Vec<Release> {
    let releases = document.list("releases");
    let release = |release: &Node| {
        let mut values = Node { value: Value::Map(Vec::new()), span: release.span };
        let parts = release.list("values");
        parts.iter().filter(|part| !part.entries().is_empty()).for_each(|part| overlay(&mut values, part));
        // helm-secrets decrypts these.
        let secrets = release.list("secrets").iter();
        let kept =
            secrets.filter_map(|file| file.text().map(|file| format!("the encrypted values in {file}"))).collect();
        let title = release.text_at(&["name"]).map(|name| format!("release {name}"));
        Release {
            chart_version: owned(release, &["version"]),
            is_of_pomerium: is_pomerium(release.text_at(&["chart"])),
            files: helmfile_files(release),
            kept,
            ..Release::of(values, title)
        }
    };
    releases.iter().map(release).collect()
}

/// Values in a text of their own.
fn embedded(node: &Node, sources: &Sources) -> Option<Node> {
    let Value::Text(text) = &node.value else { return None };
    yaml::read_value(text, &super::place_of(node, text, sources)).ok().filter(|values| !values.entries().is_empty())
}

/// Sets one value, making the mappings on the way.
fn set(node: &mut Node, path: &[&str], value: &Node) {
    let Some((key, rest)) = path.split_first() else {
        *node = value.clone();
        return;
    };
    if !matches!(node.value, Value::Map(_)) {
        node.value = Value::Map(Vec::new());
    }
    let Value::Map(entries) = &mut node.value else { return };
    let position = entries.iter().position(|entry| entry.key == *key).unwrap_or_else(|| {
        let empty = Node { value: Value::Map(Vec::new()), span: value.span };
        entries.push(Entry { key: (*key).to_owned(), key_span: value.span, value: empty });
        entries.len() - 1
    });
    if let Some(entry) = entries.get_mut(position) {
        set(&mut entry.value, rest, value);
    }
}

/// Lays values over others: mappings are joined, anything else is replaced.
pub(in crate::config) fn overlay(below: &mut Node, above: &Node) {
    let (Value::Map(entries), Value::Map(others)) = (&mut below.value, &above.value) else {
        *below = above.clone();
        return;
    };
    for other in others {
        match entries.iter_mut().find(|entry| entry.key == other.key) {
            Some(entry) => {
                overlay(&mut entry.value, &other.value);
                entry.key_span = other.key_span;
            }
            None => entries.push(other.clone()),
        }
    }
}
