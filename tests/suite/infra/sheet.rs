//! Readings: what is given, in short, and what must come of it.
//!
//! A plan or a state is written as a list of resources, of which only what differs from a healthy one is told; [`plan`] and
//! [`state`] write the rest as Terraform does. Everything else is given as its text.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::support::healthy;

/// One reading.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reading {
    pub(super) name: String,
    /// Lines of the configuration that differ from the healthy one.
    #[serde(default)]
    pub(super) config: Map<String, Value>,
    /// The files of `--infra`, in the order of their names.
    pub(super) files: BTreeMap<String, File>,
    #[serde(default)]
    pub(super) args: Vec<String>,
    /// A rule, and `pass`, `fail` or `undecided`; with `!`, anything but that.
    #[serde(default)]
    pub(super) verdicts: BTreeMap<String, String>,
    pub(super) exit: i32,
    /// What the JSON report or the words for people hold.
    #[serde(default)]
    pub(super) says: Vec<String>,
    #[serde(default)]
    pub(super) never: Vec<String>,
}

/// A file, in one of these forms.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    /// As it stands.
    pub(super) text: Option<String>,
    pub(super) plan: Option<Plan>,
    /// `show -json` of a state.
    pub(super) state: Option<Vec<Resource>>,
    /// The raw state.
    pub(super) raw: Option<Vec<Resource>>,
}

/// A plan.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Plan {
    pub(super) changes: Vec<Resource>,
    /// `prior_state`.
    pub(super) prior: Vec<Resource>,
    /// Further members, such as `complete` and `resource_drift`; `null` leaves one out.
    pub(super) more: Map<String, Value>,
    /// The author's configuration is not told.
    pub(super) unwritten: bool,
}

/// A resource of a plan or a state.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resource {
    /// `client`, `pool`, `domain`, `provider`, or a type of Terraform.
    #[serde(rename = "is")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) index: Option<Value>,
    #[serde(default)]
    pub(super) module: Option<String>,
    #[serde(default)]
    pub(super) data: bool,
    /// What happens to it: `create` unless told.
    #[serde(default)]
    pub(super) does: Vec<String>,
    /// What differs from a healthy one, before and after.
    #[serde(default)]
    pub(super) has: Map<String, Value>,
    /// What differs besides, after the apply.
    #[serde(default)]
    pub(super) becomes: Map<String, Value>,
    /// Attributes that the author left out.
    #[serde(default)]
    pub(super) without: Vec<String>,
    /// `after_unknown`.
    #[serde(default)]
    pub(super) unknown: Map<String, Value>,
    /// What attributes refer to.
    #[serde(default)]
    pub(super) refers: BTreeMap<String, Vec<String>>,
    /// `after_sensitive` and `before_sensitive`.
    #[serde(default)]
    pub(super) sensitive: Map<String, Value>,
    /// `after_sensitive`, where it says more than the other.
    #[serde(default)]
    pub(super) marks: Map<String, Value>,
    /// The key of what a replacement has left over.
    #[serde(default)]
    pub(super) deposed: Option<String>,
    #[serde(default)]
    pub(super) tainted: bool,
    /// Constants that the author wrote otherwise than they are.
    #[serde(default)]
    pub(super) wrote: Map<String, Value>,
}

pub(super) const POOL: &str = "eu-west-1_9xK2mPq7R";
pub(super) const CLIENT: &str = "4qk2v9s7m1n3b5c8d0f6g7h2u1";
pub(super) const CALLBACK: &str = "https://authenticate.corp.example.com/oauth2/callback";
const SIGN_OUT: &str = "https://authenticate.corp.example.com/.pomerium/signed_out";

impl Resource {
    fn kind(&self) -> &str {
        match self.kind.as_str() {
            "client" => "aws_cognito_user_pool_client",
            "pool" => "aws_cognito_user_pool",
            "domain" => "aws_cognito_user_pool_domain",
            "provider" => "aws_cognito_identity_provider",
            other => other,
        }
    }

    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("pomerium")
    }

    fn local(&self) -> String {
        format!("{}{}.{}", if self.data { "data." } else { "" }, self.kind(), self.name())
    }

    fn address(&self) -> String {
        let module = self.module.as_ref().map(|module| format!("module.{module}.")).unwrap_or_default();
        let index = self.index.as_ref().map(|index| format!("[{index}]")).unwrap_or_default();
        format!("{module}{}{index}", self.local())
    }

    /// The attributes of a healthy one, as the author writes them.
    fn written(&self) -> Map<String, Value> {
        let all = match self.kind() {
            "aws_cognito_user_pool_client" | "aws_cognito_managed_user_pool_client" => json!({
                "name": self.name(), "user_pool_id": POOL, "generate_secret": true,
                "allowed_oauth_flows_user_pool_client": true, "allowed_oauth_flows": ["code"],
                "allowed_oauth_scopes": ["email", "openid", "profile"], "callback_urls": [CALLBACK], "logout_urls": [SIGN_OUT],
                "supported_identity_providers": ["COGNITO"], "explicit_auth_flows": ["ALLOW_REFRESH_TOKEN_AUTH"],
                "enable_token_revocation": true, "refresh_token_validity": 30, "token_validity_units": [],
                "refresh_token_rotation": [],
            }),
            "aws_cognito_user_pool" => json!({"name": self.name()}),
            "aws_cognito_user_pool_domain" => json!({"domain": "acme", "user_pool_id": POOL}),
            "aws_cognito_identity_provider" => json!({
                "provider_name": self.name(), "provider_type": "OIDC", "user_pool_id": POOL,
                "attribute_mapping": {"email": "email", "username": "sub"},
            }),
            _ => json!({}),
        };
        let mut all = all.as_object().unwrap().clone();
        for (name, value) in &self.has {
            all.insert(name.clone(), value.clone());
        }
        all.retain(|name, value| !value.is_null() && !self.without.contains(name));
        all
    }

    /// What AWS gives it.
    fn given(&self) -> Map<String, Value> {
        let given = match self.kind() {
            "aws_cognito_user_pool_client" | "aws_cognito_managed_user_pool_client" => {
                json!({"id": CLIENT, "client_secret": "canary-of-a-client-secret", "read_attributes": []})
            }
            "aws_cognito_user_pool" => json!({"id": POOL}),
            _ => json!({}),
        };
        given.as_object().unwrap().clone()
    }

    fn attributes(&self) -> Map<String, Value> {
        let mut all = self.given();
        all.extend(self.written());
        all
    }

    fn change(&self) -> Value {
        let does = |action: &str| self.does.iter().any(|own| own == action);
        let actions = if self.does.is_empty() { vec!["create".to_owned()] } else { self.does.clone() };
        let is_made = actions.iter().any(|action| action == "create");
        let before = (!is_made || does("delete") || does("forget")).then(|| self.attributes());
        let mut unknown = self.unknown.clone();
        let mut after = if is_made { self.written() } else { self.attributes() };
        if is_made {
            let given = self.given().into_iter().filter(|(name, _)| !self.has.contains_key(name));
            unknown.extend(given.map(|(name, _)| (name, true.into())));
            unknown.extend(self.without.iter().map(|name| (name.clone(), true.into())));
        }
        for (name, value) in &self.becomes {
            after.insert(name.clone(), value.clone());
        }
        after.retain(|name, value| !value.is_null() && unknown.get(name) != Some(&Value::Bool(true)));
        let is_gone = !is_made && (does("delete") || does("forget"));
        json!({
            "actions": actions, "before": before, "after": (!is_gone).then_some(after), "after_unknown": unknown,
            "before_sensitive": self.sensitive, "after_sensitive": if self.marks.is_empty() { &self.sensitive } else { &self.marks },
        })
    }

    fn identity(&self) -> Map<String, Value> {
        let mode = if self.data { "data" } else { "managed" };
        let own = json!({"address": self.address(), "mode": mode, "type": self.kind(), "name": self.name()});
        let mut own = own.as_object().unwrap().clone();
        own.extend(self.index.clone().map(|index| ("index".to_owned(), index)));
        own
    }

    fn expressions(&self) -> Map<String, Value> {
        let mut written = self.written();
        written.extend(self.becomes.clone());
        written.extend(self.wrote.clone());
        let mut all: Map<String, Value> = written
            .into_iter()
            .filter(|(name, value)| !value.is_null() || self.wrote.contains_key(name))
            .map(|(name, value)| (name, json!({"constant_value": value})))
            .collect();
        for (name, references) in &self.refers {
            all.insert(name.clone(), json!({"references": references}));
        }
        all
    }
}

/// The configuration: one module deep is enough here.
fn configuration(resources: &[Resource]) -> Value {
    let told = |resource: &Resource| {
        json!({
            "address": resource.local(), "mode": if resource.data { "data" } else { "managed" }, "type": resource.kind(),
            "name": resource.name(), "expressions": resource.expressions(),
        })
    };
    let resources: Vec<&Resource> = resources.iter().filter(|resource| resource.deposed.is_none()).collect();
    let told = |resource: &&Resource| told(resource);
    let root: Vec<Value> = resources.iter().filter(|resource| resource.module.is_none()).map(told).collect();
    let mut calls: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for resource in &resources {
        if let Some(module) = &resource.module {
            let name = module.split('[').next().unwrap().to_owned();
            calls.entry(name).or_default().push(told(resource));
        }
    }
    let calls: Map<String, Value> =
        calls.into_iter().map(|(name, resources)| (name, json!({"module": {"resources": resources}}))).collect();
    json!({"root_module": {"resources": root, "module_calls": calls}})
}

/// What `terraform show -json PLAN` prints.
pub(super) fn plan(plan: &Plan) -> Value {
    let changes: Vec<Value> = plan
        .changes
        .iter()
        .map(|resource| {
            let mut told = resource.identity();
            told.extend(resource.deposed.clone().map(|key| ("deposed".to_owned(), key.into())));
            told.insert("change".to_owned(), resource.change());
            Value::Object(told)
        })
        .collect();
    let mut all = json!({"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes});
    let members = all.as_object_mut().unwrap();
    if !plan.unwritten {
        members.insert("configuration".to_owned(), configuration(&plan.changes));
    }
    if !plan.prior.is_empty() {
        members.insert("prior_state".to_owned(), state(&plan.prior));
    }
    members.extend(plan.more.clone());
    members.retain(|_, member| !member.is_null());
    all
}

/// What `terraform show -json` prints of a state.
pub(super) fn state(resources: &[Resource]) -> Value {
    let told = |resource: &Resource| {
        let mut told = resource.identity();
        told.extend(resource.deposed.clone().map(|key| ("deposed_key".to_owned(), key.into())));
        told.extend(resource.tainted.then(|| ("tainted".to_owned(), true.into())));
        told.insert("values".to_owned(), Value::Object(resource.attributes()));
        told.insert("sensitive_values".to_owned(), Value::Object(resource.sensitive.clone()));
        Value::Object(told)
    };
    let (inner, root): (Vec<_>, Vec<_>) = resources.iter().partition(|resource| resource.module.is_some());
    let of = |resources: &[&Resource]| -> Vec<Value> { resources.iter().map(|resource| told(resource)).collect() };
    let module = json!({"address": "module.inner", "resources": of(&inner)});
    json!({"format_version": "1.0", "values": {"root_module": {"resources": of(&root), "child_modules": [module]}}})
}

/// `terraform.tfstate`.
pub(super) fn raw(resources: &[Resource]) -> Value {
    let told = |resource: &Resource| {
        let sensitive: Vec<Value> =
            resource.sensitive.keys().map(|name| json!([{"type": "get_attr", "value": name}])).collect();
        let mut instance = json!({
            "schema_version": 0, "attributes": resource.attributes(), "sensitive_attributes": sensitive,
        });
        if let Some(index) = &resource.index {
            instance["index_key"] = index.clone();
        }
        if let Some(key) = &resource.deposed {
            instance["deposed"] = key.as_str().into();
        }
        if resource.tainted {
            instance["status"] = "tainted".into();
        }
        let mut told = resource.identity();
        told.remove("address");
        told.remove("index");
        told.extend(resource.module.as_ref().map(|module| ("module".to_owned(), format!("module.{module}").into())));
        told.insert("instances".to_owned(), json!([instance]));
        Value::Object(told)
    };
    let resources: Vec<Value> = resources.iter().map(told).collect();
    json!({"version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "0000", "resources": resources})
}

impl File {
    pub(super) fn text(&self) -> String {
        let json = match (&self.text, &self.plan, &self.state, &self.raw) {
            (Some(text), ..) => return text.clone(),
            (_, Some(short), ..) => plan(short),
            (_, _, Some(resources), _) => state(resources),
            (.., Some(resources)) => raw(resources),
            _ => panic!("a file without a form"),
        };
        serde_json::to_string_pretty(&json).unwrap()
    }
}

impl Reading {
    /// The configuration: the healthy one, but for some lines.
    pub(super) fn configuration(&self) -> String {
        let mut text = healthy();
        for (key, value) in &self.config {
            let line = format!("{key}: {value}");
            let old: Vec<&str> = text.lines().filter(|line| line.starts_with(&format!("{key}:"))).collect();
            text = match old.first() {
                Some(old) if value.is_null() => text.replace(old, ""),
                Some(old) => text.replace(old, &line),
                None => format!("{line}\n{text}"),
            };
        }
        text
    }

    /// Writes the files into a folder, and gives the arguments of the check.
    pub(super) fn lay_out(&self, folder: &Path) -> Vec<String> {
        std::fs::write(folder.join("config.yaml"), self.configuration()).unwrap();
        let mut args = vec!["check".to_owned()];
        for (name, file) in &self.files {
            std::fs::write(folder.join(name), file.text()).unwrap();
            args.extend(["--infra".to_owned(), name.clone()]);
        }
        args.extend(self.args.iter().cloned());
        args.push("config.yaml".to_owned());
        args
    }
}
