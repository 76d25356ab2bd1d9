//! States: `show -json` of one, and the raw `terraform.tfstate`, which `state pull` prints too.

use crate::go::json::Json;

use super::object::{Object, present};
use super::values::Values;
use super::{Frame, Kind, Member, add, is_of_cloud_control, known_format, note_cloud_control};
use crate::infra::code::{Code, Form, Picture};
use crate::infra::places::Places;
use crate::infra::refusal::NotCode;
use crate::infra::settings::Place;

/// How many modules are looked into.
const MOST_MODULES: usize = 100_000;

/// The state as `show -json` prints it.
pub(in crate::infra) fn shown_state(file: &str, member: Member<'_, '_>, places: &Places) -> Result<Code, NotCode> {
    known_format(member, "give the raw state, `terraform state pull > state.json`")?;
    let mut code = Code::new(file, Form::State);
    for resource in resources(member("values")) {
        let resource = Object::of(resource);
        let (Some(kind), Some(address)) = (resource.text("type"), resource.text("address")) else { continue };
        if is_of_cloud_control(&kind) {
            note_cloud_control(&mut code, &kind, &address);
        }
        let Some(kind) = Kind::of(&kind) else { continue };
        if let Some(at) = resource.get("address").filter(|_| resource.is_true("tainted") && !is_deposed(&resource)) {
            note_tainted(&mut code, &address, places.json(at));
        }
        add_shown(&mut code.now, kind, &resource, places);
    }
    Ok(code)
}

/// All resources of `values`, those of its modules too.
pub(super) fn resources(values: Option<Json<'_>>) -> Vec<Json<'_>> {
    let mut modules: Vec<Json<'_>> = Object::of_any(values).get("root_module").into_iter().collect();
    let mut found = Vec::new();
    let mut number = 0;
    while let Some(module) = modules.get(number).copied().filter(|_| number < MOST_MODULES) {
        let module = Object::of(module);
        found.extend(module.elements("resources"));
        modules.extend(module.elements("child_modules"));
        number += 1;
    }
    found
}

/// An object that another has replaced and that is still to be deleted. It has the address of its successor.
fn is_deposed(resource: &Object<'_>) -> bool {
    ["deposed_key", "deposed"].iter().any(|name| present(resource.get(name)).is_some())
}

fn note_tainted(code: &mut Code, address: &str, at: Place) {
    code.note(format!("{address} is tainted: the next apply replaces it"), Some(at));
}

/// Adds a resource of a shown state.
pub(super) fn add_shown(picture: &mut Picture, kind: Kind, resource: &Object<'_>, places: &Places) {
    if is_deposed(resource) {
        return;
    }
    let (Some(address), Some(at)) = (resource.text("address"), resource.get("address")) else { return };
    let values = values(resource.object("values"), vec![resource.object("sensitive_values")], Vec::new(), places);
    add(picture, kind, frame(address, at, places), &values, None, &|_| None);
}

fn frame(address: String, at: Json<'_>, places: &Places) -> Frame {
    let at = places.json(at);
    Frame { address, at, fate: None, doubt: None, drift: None, left_alone: Vec::new(), settings: () }
}

/// The attributes of what is there.
pub(super) fn values<'a, 'p>(
    values: Object<'a>,
    sensitive: Vec<Object<'a>>,
    sensitive_names: Vec<String>,
    places: &'p Places,
) -> Values<'a, 'p> {
    let unknown = Object::default();
    Values {
        places,
        attributes: values,
        unknown,
        sensitive,
        sensitive_names,
        written: None,
        is_made: false,
        is_taken_over: false,
        blind: None,
    }
}

/// The raw state.
pub(in crate::infra) fn raw_state<'a>(
    file: &str,
    version: Json<'a>,
    member: Member<'_, 'a>,
    places: &Places,
) -> Result<Code, NotCode> {
    if version.source() != "4" {
        let instead = "run `terraform show -json > state.json` with the Terraform that wrote it and give state.json";
        return Err(NotCode::version("version", version.source(), "4", instead));
    }
    let mut code = Code::new(file, Form::State);
    for resource in member("resources").map(Json::elements).unwrap_or_default() {
        let resource = Object::of(resource);
        let Some(kind) = resource.text("type") else { continue };
        if is_of_cloud_control(&kind) {
            note_cloud_control(&mut code, &kind, &raw_address(&resource, None));
        }
        let Some(kind) = Kind::of(&kind) else { continue };
        for instance in resource.elements("instances") {
            add_instance(&mut code, kind, &resource, &Object::of(instance), places);
        }
    }
    Ok(code)
}

fn add_instance<'a>(code: &mut Code, kind: Kind, resource: &Object<'a>, instance: &Object<'a>, places: &Places) {
    if is_deposed(instance) {
        return;
    }
    let address = raw_address(resource, present(instance.get("index_key")));
    let Some(at) = resource.get("name") else { return };
    if instance.text("status").as_deref() == Some("tainted") {
        note_tainted(code, &address, places.json(at));
    }
    let sensitive = instance.elements("sensitive_attributes").into_iter().filter_map(|path| {
        let first = path.elements().into_iter().next()?;
        Object::of(first).text("value")
    });
    let values = values(instance.object("attributes"), Vec::new(), sensitive.collect(), places);
    add(&mut code.now, kind, frame(address, at, places), &values, None, &|_| None);
}

fn raw_address(resource: &Object<'_>, index: Option<Json<'_>>) -> String {
    let text = |name: &str| resource.text(name).unwrap_or_default();
    let module = resource.text("module").map(|module| format!("{module}.")).unwrap_or_default();
    let data = if text("mode") == "data" { "data." } else { "" };
    let index = index.map(|index| format!("[{}]", index.source())).unwrap_or_default();
    format!("{module}{data}{}.{}{index}", text("type"), text("name"))
}
