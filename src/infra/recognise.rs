//! What a text is, told by its shape.

use std::path::Path;

use crate::config::{Node, Sources, Value, json_document, whole_yaml_document, with_last_keys};
use crate::go::json::{self, Json};
use crate::offset;
use crate::secret::without_colours;

use super::code::Code;
use super::places::Places;
use super::refusal::NotCode;
use super::{Kind, terraform};

/// How much of a text is looked at to tell what it is, in bytes.
const HEAD: usize = 64 * 1024;

/// Files that are not even opened, for what their names say.
pub(super) fn by_name(path: &str) -> Result<(), NotCode> {
    let name = Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or_default().to_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    match name.as_str() {
        "terragrunt.hcl" => Err(NotCode::Terragrunt),
        "cdk.json" => Err(NotCode::CdkSource),
        _ if name.starts_with("pulumi.") && ends(&[".yaml", ".yml"]) => Err(NotCode::Pulumi),
        _ if ends(&[".tfvars", ".tfvars.json"]) => Err(NotCode::TerraformVariables),
        _ if ends(&[".tf", ".tf.json", ".tofu", ".tofu.json", ".hcl"]) => Err(NotCode::TerraformSource),
        _ if ends(&[".ts", ".js", ".mjs", ".py", ".java", ".go", ".cs"]) => Err(NotCode::Program),
        _ => Ok(()),
    }
}

/// What somebody who names a folder may have meant.
pub(super) fn folder(path: &Path) -> NotCode {
    let entries = std::fs::read_dir(path).into_iter().flatten().filter_map(Result::ok).take(1000);
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    let with = |ending: &str| names.iter().find(|name| name.ends_with(ending)).cloned();
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    if let Some(template) = with(".template.json") {
        return NotCode::Folder(format!("name the template in it, such as {template}"));
    }
    if has("cdk.json") {
        return NotCode::CdkSource;
    }
    if has("Pulumi.yaml") {
        return NotCode::Pulumi;
    }
    if has("terragrunt.hcl") {
        return NotCode::Terragrunt;
    }
    if let Some(state) = with(".tfstate") {
        return NotCode::Folder(format!(
            "name the plan in it as `terraform show -json` prints it, or the state {state}"
        ));
    }
    if with(".tf").or(with(".tofu")).is_some() {
        return NotCode::TerraformSource;
    }
    NotCode::Folder("name the plan, state or template in it".to_owned())
}

pub(super) fn read(file: &str, text: String) -> Result<Kind, NotCode> {
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    let places = Places::of(text);
    let body = answer_only(places.text());
    match body.trim_start().as_bytes().first() {
        Some(b'{' | b'[') => match json(file, body, &places) {
            Ok(Some(code)) => Ok(Kind::Whole(Box::new(code))),
            Ok(None) => template(file, places, "JSON"),
            // A list or a mapping in YAML's short form begins like JSON.
            Err(error @ NotCode::Broken { .. }) if !is_json_name(file) => {
                template(file, places, "YAML").map_err(|_| error)
            }
            Err(error) => Err(error),
        },
        None => Err(NotCode::SomethingElse("empty")),
        Some(_) => foreign(body).map_or_else(|| template(file, places, "YAML"), Err),
    }
}

fn is_json_name(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
}

/// The wrapper of `setup-terraform` prints the command before what Terraform answers, which is one line, and more behind it.
fn answer_only(text: &str) -> &str {
    if !text.starts_with("[command]") {
        return text;
    }
    text.lines().find(|line| line.starts_with('{')).unwrap_or(text)
}

/// What is neither JSON nor YAML of ours, by how it begins.
fn foreign(text: &str) -> Option<NotCode> {
    let head = without_colours(offset::head(text, HEAD));
    let for_people = [
        "Terraform will perform the following actions",
        "OpenTofu will perform the following actions",
        "Terraform used the selected providers",
        "OpenTofu used the selected providers",
        "No changes. Your infrastructure matches the configuration",
    ];
    if for_people.iter().any(|words| head.contains(words)) {
        return Some(NotCode::PlanForPeople);
    }
    let blocks =
        ["resource \"", "variable \"", "provider \"", "module \"", "data \"", "output \"", "terraform {", "locals {"];
    if head
        .lines()
        .any(|line| blocks.iter().any(|block| line.starts_with(block)) && line.trim_end().ends_with(['{', '}']))
    {
        return Some(NotCode::TerraformSource);
    }
    let is_cdk = head.lines().any(|line| {
        let imports = line.starts_with("import ") || line.starts_with("from ") || line.starts_with("using ");
        imports && (line.contains("aws-cdk") || line.contains("aws_cdk") || line.contains("Amazon.CDK"))
    });
    is_cdk.then_some(NotCode::CdkSource)
}

/// A plan or a state; nothing, where it is to be read as a template.
fn json(file: &str, body: &str, places: &Places) -> Result<Option<Code>, NotCode> {
    if body.lines().next().is_some_and(|line| line.contains("\"@level\"") && line.contains("\"@message\"")) {
        return Err(NotCode::PlanLog);
    }
    let root = json::parse(body).map_err(|words| broken_json(words, body, places))?;
    let members = root.members();
    let get = |name: &str| members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| *value);
    let has = |name: &str| get(name).is_some();
    if has("encrypted_data") {
        return Err(NotCode::Encrypted);
    }
    if has("format_version") && (has("resource_changes") || has("planned_values")) {
        return terraform::plan(file, &get, places).map(Some);
    }
    // Of no resource at all, the version is all that `show` prints.
    let is_bare =
        members.iter().all(|(key, _)| ["format_version", "terraform_version", "checks"].contains(&key.as_str()));
    if has("format_version") && (has("values") || is_bare) {
        return terraform::shown_state(file, &get, places).map(Some);
    }
    if has("format_version") {
        return Err(other_output(&has));
    }
    if let Some(version) = get("version")
        && (has("terraform_version") || has("lineage") || has("serial"))
    {
        return terraform::raw_state(file, version, &get, places).map(Some);
    }
    if has("Resources") || has("resources") {
        return Ok(None);
    }
    Err(other_json(root, &has))
}

/// What Terraform prints in JSON beside plans and states.
fn other_output(has: &dyn Fn(&str) -> bool) -> NotCode {
    let of = |command| NotCode::OtherOutput(command);
    match () {
        () if has("configuration") || has("root_module") => NotCode::Configuration,
        () if has("diagnostics") || has("valid") => of("validate -json"),
        () if has("provider_schemas") => of("providers schema -json"),
        () if has("function_signatures") => of("metadata functions -json"),
        () if has("modules") => of("modules -json"),
        () => NotCode::Unknown,
    }
}

fn other_json(root: Json<'_>, has: &dyn Fn(&str) -> bool) -> NotCode {
    match () {
        () if has("deployment") && has("version") => NotCode::Pulumi,
        () if has("resource") || has("terraform") || has("provider") || has("module") => NotCode::TerraformSource,
        () if has("TemplateBody") => NotCode::SomethingElse(
            "the answer of `get-template`, whose text is wanted alone (`--query TemplateBody --output text`)",
        ),
        () if has("artifacts") || has("tree") => NotCode::CdkManifest,
        () if has("app") => NotCode::CdkSource,
        () if has("apiVersion") && has("kind") => NotCode::SomethingElse("a resource of Kubernetes"),
        () if has("UserPoolClient") || has("UserPool") => {
            NotCode::SomethingElse("an answer of Cognito's API, which --aws asks for")
        }
        () if root.kind() == "array"
            && root.elements().iter().any(|pair| pair.source().contains("\"ParameterKey\"")) =>
        {
            NotCode::SomethingElse("a list of parameters, which --infra-parameter @FILE takes")
        }
        () => NotCode::Unknown,
    }
}

fn broken_json(words: String, body: &str, places: &Places) -> NotCode {
    let at = json::scan(body, &mut |_| {}).map_or_else(|broken| broken.at, |()| 0);
    let base = body.as_ptr().addr().saturating_sub(places.text().as_ptr().addr());
    let place = places.between(base + at, base + at);
    NotCode::Broken { language: "JSON", words, place: format!(" (line {}, column {})", place.line, place.column) }
}

fn template(file: &str, places: Places, language: &'static str) -> Result<Kind, NotCode> {
    let id = Sources::default().add(places.source.clone());
    let read = if language == "JSON" { json_document } else { whole_yaml_document };
    let root = read(&places.source, id).map_err(|(words, at)| {
        let place = at.map(|at| places.span(at)).map(|at| format!(" (line {}, column {})", at.line, at.column));
        NotCode::Broken { language, words, place: place.unwrap_or_default() }
    })?;
    // As CloudFormation reads, the last of two values under one key counts.
    let mut uncounted = Vec::new();
    let root = with_last_keys(root, &mut uncounted);
    let draft = super::template::Draft::of(file, root, places, uncounted).map_err(|root| other_node(&root))?;
    Ok(Kind::Template(Box::new(draft)))
}

fn other_node(root: &Node) -> NotCode {
    let has = |key: &str| root.get(key).is_some();
    match () {
        () if has("apiVersion") && has("kind") => NotCode::SomethingElse("a resource of Kubernetes"),
        () if has("services") => NotCode::SomethingElse("a compose file"),
        () if has("runtime") && has("name") => NotCode::Pulumi,
        () if super::template::is_serverless_of_files(root) => NotCode::ServerlessFiles,
        () if has("routes") || has("authenticate_service_url") || has("idp_provider") => {
            NotCode::SomethingElse("a configuration of Pomerium")
        }
        () if matches!(root.value, Value::Null) => NotCode::SomethingElse("empty"),
        () => NotCode::Unknown,
    }
}
