//! Files of Kubernetes and Helm on their way to deployments.
//!
//! All manifests that were named together are one set, whatever files they stand in; the values of each chart stand alone.

use std::collections::HashSet;

use super::layers::{self, Layer};
use super::reader::{Reader, Recognised};
use crate::config::forms::kubernetes::{KUSTOMIZATION, Kustomized};
use crate::config::forms::{Deployment, Layer as Settings, helm, kubernetes};
use crate::config::settings::Form;
use crate::config::text::{ConfigText, Files, Node, Place, SourceId, Value, json, yaml};

impl<'a> Reader<'a> {
    /// Reads all manifests as one set. Releases of delivery tools are manifests too, but what they hold are values of a chart.
    pub(in crate::config) fn manifests(&mut self, files: &[Recognised<'a>], mut kustomized: Kustomized) {
        let mut manifests = Vec::new();
        let mut reason = "it holds nothing that could be read";
        for file in files {
            let (documents, is_broken) = self.documents(file);
            let (mut releases, rest): (Vec<Node>, Vec<Node>) = documents.into_iter().partition(helm::is_release);
            releases.extend(rest.iter().filter(|document| helm::inflates(document)).cloned());
            manifests.extend(rest);
            if is_broken {
                continue;
            }
            let is_here = |file: &str| self.request.has(file);
            match helm::read(&mut self.sources, &releases.iter().collect::<Vec<_>>(), &is_here) {
                Ok(deployments) => self.push_all(deployments, file.files),
                Err(why) if !releases.is_empty() => reason = why,
                Err(_) => {}
            }
        }
        let absent = kustomized.patch(&mut manifests, &self.sources);
        let manifests: Vec<&Node> = manifests.iter().collect();
        if !manifests.is_empty() {
            match kubernetes::read(
                &mut self.sources,
                &manifests,
                self.request.version,
                &kustomized,
                self.request.listed,
            ) {
                Ok(deployments) => {
                    let files = files.first().map_or(&crate::config::text::NoFiles as &dyn Files, |file| file.files);
                    self.push_all(deployments, files);
                }
                Err(why) => reason = why,
            }
        }
        // What is patched is a Pomerium that is not here.
        let absent: HashSet<SourceId> = absent.iter().filter(|patch| patch.is_ours).map(|patch| patch.at).collect();
        for file in files.iter().filter(|file| absent.contains(&file.source)) {
            let mut deployment = Deployment::new(&file.name, Form::Unrecognised(KUSTOMIZATION));
            deployment.sources.push(file.source);
            self.deployments.push((deployment, file.files));
        }
        // By their names: what a Secret holds is read from a second self of its file.
        let of_deployments = self.deployments.iter().flat_map(|(deployment, _)| &deployment.sources);
        let used: HashSet<String> =
            of_deployments.filter_map(|source| Some(self.sources.get(*source)?.name.clone())).collect();
        for file in files.iter().filter(|file| !used.contains(&file.name)) {
            self.unused(file, reason);
        }
    }

    /// Reads the values of a chart, with others laid over them.
    pub(in crate::config) fn helm(&mut self, file: &Recognised<'a>, above: &[Layer]) {
        let (mut documents, _) = self.documents(file);
        if let Some(values) = documents.first_mut() {
            for layer in above {
                helm::overlay(values, &layer.root);
            }
        }
        let is_here = |file: &str| self.request.has(file);
        match helm::read(&mut self.sources, &documents.iter().collect::<Vec<_>>(), &is_here) {
            Ok(mut deployments) => {
                for deployment in &mut deployments {
                    deployment.name = layers::name(&deployment.name, above);
                    deployment.sources.extend(above.iter().map(|layer| layer.source));
                }
                self.push_all(deployments, file.files);
            }
            Err(why) => self.other(file, Form::NotPomerium(why)),
        }
    }

    fn push_all(&mut self, deployments: Vec<Deployment>, files: &'a dyn Files) {
        for mut deployment in deployments {
            self.add_environment(&mut deployment);
            self.deployments.push((deployment, files));
        }
    }

    /// A file of which nothing was used. If others of the set were, it is one of theirs that has no part in a login.
    fn unused(&mut self, file: &Recognised<'a>, reason: &'static str) {
        let is_set = self.deployments.iter().any(|(deployment, _)| deployment.form == Form::Kubernetes);
        if !is_set || file.found {
            self.other(file, Form::NotPomerium(reason));
        }
    }

    /// The documents of a file that are mappings. One that is not YAML becomes a deployment of its own, so that somebody says so;
    /// unless it was only found, and has nothing to do with Pomerium.
    fn documents(&mut self, file: &Recognised<'a>) -> (Vec<Node>, bool) {
        let text = &file.text.text;
        let parsed = if std::path::Path::new(&file.name).extension().is_some_and(|ending| ending == "json") {
            vec![json::read(text, &Place::Verbatim(file.source, 0))]
        } else {
            yaml::documents(text, file.source)
        };
        let mut documents = Vec::new();
        let mut broken = None;
        for parsed in parsed {
            match (parsed.root, parsed.error) {
                (_, Some(error)) if parsed.is_syntax => broken = broken.or(error.at),
                (Some(root), _) if matches!(root.value, Value::Map(_)) => documents.push(root),
                _ => {}
            }
        }
        if let Some(at) = broken
            && (!file.found || text.contains("omerium"))
        {
            let start = document_start(text, at.start);
            self.deployments.push((broken_document(file, start), file.files));
        }
        (documents, broken.is_some())
    }
}

/// A document that cannot be read, as a file that the loader finds broken.
fn broken_document(file: &Recognised<'_>, start: usize) -> Deployment {
    let mut deployment = Deployment::new(&file.name, Form::Kubernetes);
    deployment.sources.push(file.source);
    deployment.layers.push(Settings::File(part(file, file.source, start)));
    deployment
}

fn part(file: &Recognised<'_>, source: SourceId, start: usize) -> ConfigText {
    let text = file.text.text.get(start..).unwrap_or_default().into();
    ConfigText { name: "manifest.yaml".to_owned(), text, place: Place::Verbatim(source, start), problem: None }
}

/// Where the document around a place begins.
fn document_start(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    before.rfind("\n---").map_or(0, |marker| marker + 1)
}
