//! Configurations in a `ConfigMap` or `Secret` with no pod among the documents that would use them.

use std::collections::HashSet;

use super::crowd;
use super::objects::{Store, StoreKind};
use super::telling::{is_config, is_environment};
use super::volumes::config_text;
use super::workload::{self, Workload};
use super::{Deployment, Found, Layer, Reader, environment, idle, schema};
use crate::config::forms::Mount;
use crate::config::settings::Form;
use crate::config::text::{ConfigText, Node, Value, Variable};

impl Reader<'_, '_> {
    /// `ConfigMap`s and `Secret`s that hold a configuration, with no pod among the documents that would use them.
    pub(super) fn orphans(&self) -> Vec<Found> {
        let workloads = self.objects.all.iter().flat_map(Workload::of);
        let used = workloads.flat_map(|workload| workload.stores(self.objects)).map(std::ptr::from_ref::<Store>);
        let used: HashSet<*const Store> = used.collect();
        // A pod cannot use what is in another namespace.
        let is_used = |store: &Store| used.contains(&std::ptr::from_ref(store));
        let of_resources = self.secrets_of_resources();
        let in_any_namespace: HashSet<&str> = of_resources.iter().map(|(_, name)| *name).collect();
        let is_of_resource = |store: &Store| {
            let name = store.name.as_str();
            let is_named = match store.namespace.as_deref() {
                Some(own) => of_resources.contains(&(own, name)),
                None => in_any_namespace.contains(name),
            };
            store.kind == StoreKind::Secret && is_named
        };
        // Of what the cluster makes, a template may hold a whole configuration.
        let is_written = |store: &Store| store.made_by.is_none() || Self::config_files(store).next().is_some();
        let is_here = |store: &&Store| is_written(store) && !is_used(store) && !is_of_resource(store);
        let mut orphans: Vec<&Store> = self.objects.stores.iter().filter(is_here).collect();
        if self.shows_workloads() && self.objects.all.iter().any(idle::runs_pomerium) {
            // What nothing names is left over, as kustomize leaves a ConfigMap whenever another takes its place.
            let named: Vec<_> = self.objects.all.iter().flat_map(workload::named_stores).collect();
            orphans.retain(|store| named.iter().any(|(kind, name)| (*kind, name) == (store.kind, &store.name)));
        }
        let files = orphans.iter().flat_map(|store| Self::config_files(store).map(|text| (*store, text)));
        let read = |(store, text)| Self::with_file(store, text);
        let mut found = crowd::read_each(files, |(store, _)| store.at, read);
        let variables: Vec<(&Store, Vec<Variable>)> = orphans
            .iter()
            .filter(|store| store.made_by.is_none() && is_environment(store))
            .map(|store| (*store, environment::variables_of(store, self.objects)))
            .collect();
        let Some((first, _)) = variables.first() else { return found };
        let layers = variables.iter().map(|(_, variables)| variables.clone()).map(Layer::Environment);
        // With one file, there is no doubt to what process the variables belong.
        if let [file] = found.as_mut_slice() {
            file.deployment.layers.extend(layers);
            file.deployment.reading.incomplete.clear();
        } else {
            let mut environment = Self::found_in(first);
            environment.deployment.layers.extend(layers);
            environment
                .deployment
                .reading
                .incomplete
                .push("the rest of the pod, which is not among the manifests".to_owned());
            found.push(environment);
        }
        found
    }

    /// The Secrets that `Pomerium` resources name: it is their controller that reads them, and no pod.
    fn secrets_of_resources(&self) -> HashSet<(&str, &str)> {
        fn collect<'n>(node: &'n Node, found: &mut HashSet<(&'n str, &'n str)>) {
            if let Value::Text(text) = &node.value {
                found.extend(text.split_once('/'));
            }
            node.elements().iter().for_each(|element| collect(element, found));
            node.entries().iter().for_each(|entry| collect(&entry.value, found));
        }
        let mut found = HashSet::new();
        let resources = self.objects.all.iter().filter(|object| schema::is_pomerium(object));
        resources.filter_map(|object| object.node.get("spec")).for_each(|spec| collect(spec, &mut found));
        found
    }

    fn found_in(store: &Store) -> Found {
        let at = store.at;
        let namespace = store.namespace.as_ref().map_or_else(String::new, |namespace| format!("{namespace}/"));
        let title = format!("{} {namespace}{}", store.kind.name(), store.name);
        let mut deployment = Deployment::new("", Form::Kubernetes);
        deployment.mounts = Some(vec![Mount::of_vault()]);
        deployment.reading.rejections = schema::of_stores(std::iter::once(store));
        Found { at, title, deployment }
    }

    /// The Pomerium configurations among the values of a store.
    fn config_files(store: &Store) -> impl Iterator<Item = ConfigText> {
        store.data.iter().map(|datum| config_text(&datum.key, datum)).filter(is_config)
    }

    fn with_file(store: &Store, text: ConfigText) -> Found {
        let mut found = Self::found_in(store);
        // Whoever keeps secrets out of a ConfigMap gives them to the pod, which is not here.
        if store.kind == StoreKind::ConfigMap {
            let what = "the environment of the pod, which is not among the manifests";
            found.deployment.reading.incomplete.push(what.to_owned());
        }
        found.deployment.layers.push(Layer::File(text));
        found
    }
}
