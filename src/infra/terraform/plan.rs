//! Plans: what is (`before`, `prior_state`), what will be (`after`), and what the author wrote (`configuration`).

use std::collections::{HashMap, HashSet};

use crate::go::json::Json;

use super::address::Address;
use super::configuration::{By, Module, constant};
use super::instances::Instances;
use super::object::{Object, present};
use super::state::{add_shown, resources, values};
use super::values::{SENSITIVE, UNKNOWN, Values};
use super::{Frame, Kind, Member, add, is_of_cloud_control, is_taken_over, known_format, note_cloud_control};
use crate::infra::attribute::Attribute;
use crate::infra::code::{Code, Drift, Fate, Form};
use crate::infra::places::Places;
use crate::infra::refusal::NotCode;
use crate::infra::value::Hole;

/// What happens to one resource of Cognito.
struct Change<'a> {
    kind: Kind,
    address: String,
    parsed: Address,
    at: Json<'a>,
    fate: Fate,
    told: Object<'a>,
    /// It is what a replacement has left over, still to be deleted: another object at the same address.
    is_deposed: bool,
}

impl<'a> Change<'a> {
    /// Nothing, if it is not of Cognito.
    fn of(resource: &Object<'a>) -> Option<Self> {
        let name = resource.text("type")?;
        let kind = Kind::of(&name)?;
        let deposed = present(resource.get("deposed")).map(|key| key.text().unwrap_or_default());
        // Of the others, the successor has taken over the name.
        if deposed.is_some() && !matches!(kind, Kind::Client | Kind::Pool) {
            return None;
        }
        let change = resource.object("change");
        let own = resource.text("address")?;
        let parsed = Address::of(&own);
        // As Terraform writes it.
        let address = deposed.as_ref().map_or(own.clone(), |key| format!("{own} (deposed object {key})"));
        let fate = match fate(&change, resource.text("mode").as_deref() == Some("data")) {
            // AWS makes and keeps this client for a service of its own: the provider takes it over, and lets it go.
            Fate::Create | Fate::Replace if is_taken_over(&name) => Fate::TakeOver,
            Fate::Delete if is_taken_over(&name) => Fate::Forget,
            fate => fate,
        };
        let at = resource.get("address")?;
        Some(Self { kind, parsed, address, at, fate, told: change, is_deposed: deposed.is_some() })
    }

    fn before(&self) -> Option<Object<'a>> {
        present(self.told.get("before")).map(Object::of)
    }
}

fn fate(change: &Object<'_>, is_data: bool) -> Fate {
    let actions: Vec<String> = change.elements("actions").into_iter().filter_map(Json::text).collect();
    let has = |action: &str| actions.iter().any(|own| own == action);
    match () {
        () if is_data || has("read") => Fate::Read,
        () if has("delete") && has("create") => Fate::Replace,
        // Of a replacement, the old one may be forgotten instead of deleted: then it stays beside the new one.
        () if has("create") => Fate::Create,
        () if has("delete") => Fate::Delete,
        () if has("forget") => Fate::Forget,
        () if has("update") => Fate::Update,
        () => Fate::NoOp,
    }
}

/// The plan as `show -json` prints it.
pub(in crate::infra) fn plan<'a>(file: &str, member: Member<'_, 'a>, places: &Places) -> Result<Code, NotCode> {
    known_format(member, "run `show -json` of a Terraform 1.x or OpenTofu 1.x on the plan")?;
    let mut code = Code::new(file, Form::Plan);
    tell_what_it_lacks(&mut code, member);
    let configuration = Module::of_plan(member("configuration"));
    let outside = outside(member("resource_drift"));
    let of_clients = outside.iter().filter(|(change, _)| change.kind == Kind::Client);
    let mut drifts: HashMap<&str, Drift> =
        of_clients.map(|(change, drift)| (change.address.as_str(), drift.clone())).collect();
    let changes = changes(&mut code, member("resource_changes"));
    let lasting = changes.iter().filter(|change| !change.is_deposed);
    let mut instances = Instances::default();
    lasting.for_each(|change| instances.add(&change.address, &change.parsed));
    for change in &changes {
        let resolve = |expression: Json<'a>| hole(configuration.as_ref()?, change, expression, &instances);
        let written = configuration.as_ref().and_then(|module| module.expressions(&change.parsed)).cloned();
        let drift = drifts.remove(change.address.as_str()).map(|drift| overwritten(drift, change));
        read_change(&mut code, change, written, drift, places, &resolve);
    }
    // What is gone and nobody makes anew, and pools: a new one is another one.
    for (change, drift) in outside.iter().filter(|(_, drift)| drift.deleted.is_some()) {
        if change.kind == Kind::Pool || drifts.contains_key(change.address.as_str()) {
            read_change(&mut code, change, None, Some(drift.clone()), places, &|_| None);
        }
    }
    let known: HashSet<&str> = changes.iter().map(|change| change.address.as_str()).collect();
    for resource in resources(Object::of_any(member("prior_state")).get("values")) {
        let resource = Object::of(resource);
        let kind = resource.text("type").and_then(|kind| Kind::of(&kind));
        let is_new = resource.text("address").is_some_and(|address| !known.contains(address.as_str()));
        if let Some(kind) = kind.filter(|_| is_new) {
            // What the plan does not change stays: data sources, and what was not targeted.
            add_shown(&mut code.now, kind, &resource, places);
            add_shown(&mut code.after, kind, &resource, places);
        }
    }
    Ok(code)
}

fn tell_what_it_lacks(code: &mut Code, member: Member<'_, '_>) {
    let is = |name: &str, word: &str| member(name).is_some_and(|json| json.source() == word);
    if is("errored", "true") {
        code.lacks("planning met an error, so the plan is a part of one and cannot be applied", None);
    } else if is("complete", "false") {
        code.lacks("the plan is not a whole one (`-target`, or something put off until after the apply)", None);
    }
    if member("resource_changes").is_some() {
        return;
    }
    // Terraform leaves out what is empty, and `plan -refresh-only` plans no change.
    if member("prior_state").is_some() {
        code.note("the plan changes nothing: it only refreshes the state", None);
    } else {
        code.lacks("the file has no resource_changes, of which a plan is read", None);
    }
}

fn changes<'a>(code: &mut Code, list: Option<Json<'a>>) -> Vec<Change<'a>> {
    let mut changes = Vec::new();
    for resource in list.map(Json::elements).unwrap_or_default() {
        let resource = Object::of(resource);
        if let Some(kind) = resource.text("type").filter(|kind| is_of_cloud_control(kind)) {
            note_cloud_control(code, &kind, &resource.text("address").unwrap_or_default());
        }
        changes.extend(Change::of(&resource));
    }
    changes
}

/// What was done outside to clients and pools.
fn outside(list: Option<Json<'_>>) -> Vec<(Change<'_>, Drift)> {
    let list = list.map(Json::elements).unwrap_or_default();
    let drifts = list.into_iter().filter_map(|resource| {
        let change = Change::of(&Object::of(resource))?;
        if !matches!(change.kind, Kind::Client | Kind::Pool) {
            return None;
        }
        let is_deleted = change.fate == Fate::Delete;
        let deleted = change.told.object("before").text("id").filter(|_| is_deleted);
        let changed = if is_deleted || change.kind == Kind::Pool { Vec::new() } else { changed(&change) };
        // What has changed may be nothing that decides a login.
        let drift = Drift { deleted, changed, overwritten: Vec::new() };
        (drift.deleted.is_some() || !drift.changed.is_empty()).then_some((change, drift))
    });
    drifts.collect()
}

/// The settings that are one thing before a change and another after it.
fn changed(change: &Change<'_>) -> Vec<Attribute> {
    let (before, after) = (change.told.object("before"), change.told.object("after"));
    let is_changed = |attribute: &Attribute| {
        let [before, after] = [&before, &after].map(|object| present(object.get(attribute.terraform())));
        before.map(members) != after.map(members)
    };
    Attribute::all().filter(is_changed).collect()
}

/// With what the apply does about it.
fn overwritten(drift: Drift, change: &Change<'_>) -> Drift {
    let again = if change.fate == Fate::Update { changed(change) } else { Vec::new() };
    let overwritten = again.into_iter().filter(|attribute| drift.changed.contains(attribute)).collect();
    Drift { overwritten, ..drift }
}

fn read_change<'a>(
    code: &mut Code,
    change: &Change<'a>,
    written: Option<Object<'a>>,
    drift: Option<Drift>,
    places: &Places,
    resolve: &dyn Fn(Json<'a>) -> Option<Hole>,
) {
    let before = change.before();
    let left_alone = left_alone(change, written.as_ref());
    let frame = Frame {
        address: change.address.clone(),
        at: places.json(change.at),
        fate: Some(change.fate),
        doubt: None,
        drift,
        left_alone,
        settings: (),
    };
    // Who marks a value hides what it was too: a side that does not mark it has it in clear.
    let [before_sensitive, after_sensitive] =
        ["before_sensitive", "after_sensitive"].map(|name| change.told.object(name));
    // A flag in place of an object stands for all of it.
    let is_whole = |name: &str| change.told.is_true(name);
    let is_hidden = is_whole("before_sensitive") || is_whole("after_sensitive");
    let hidden = is_hidden.then(|| SENSITIVE.to_owned());
    let was = |object: Object<'a>| Values {
        blind: hidden.clone(),
        ..values(object, vec![before_sensitive.clone(), after_sensitive.clone()], Vec::new(), places)
    };
    if let Some(before) = before.clone() {
        // Of what is forgotten and made anew, the old one stays.
        let fate = if keeps_old(&change.told) { Fate::Forget } else { change.fate };
        let frame = Frame { fate: Some(fate), ..frame.clone() };
        add(&mut code.now, change.kind, frame, &was(before), None, &|_| None);
    }
    let kept = before.clone().filter(|_| keeps_old(&change.told));
    let of_kept = Frame { fate: Some(Fate::Forget), ..frame.clone() };
    match change.fate {
        Fate::Delete => {}
        // It stays as it is; only the state does not know it any more.
        Fate::Forget => {
            if let Some(before) = before {
                add(&mut code.after, change.kind, frame, &was(before), None, &|_| None);
            }
        }
        fate => {
            let will = Values {
                places,
                attributes: change.told.object("after"),
                unknown: change.told.object("after_unknown"),
                sensitive: vec![after_sensitive.clone(), before_sensitive.clone()],
                sensitive_names: Vec::new(),
                written,
                is_made: matches!(fate, Fate::Create | Fate::Replace),
                is_taken_over: fate == Fate::TakeOver,
                blind: hidden.clone().or_else(|| is_whole("after_unknown").then(|| UNKNOWN.to_owned())),
            };
            let before = before.filter(|_| !will.is_made);
            add(&mut code.after, change.kind, frame, &will, before.as_ref(), resolve);
        }
    }
    // Behind the new one, to which the address belongs.
    if let Some(kept) = kept {
        add(&mut code.after, change.kind, of_kept, &was(kept), None, &|_| None);
    }
}

fn keeps_old(change: &Object<'_>) -> bool {
    let actions = change.elements("actions");
    ["forget", "create"].iter().all(|wanted| actions.iter().any(|action| action.text().as_deref() == Some(*wanted)))
}

/// The settings that the author wrote otherwise than they will be. Plans do not tell `ignore_changes`; this is what it does.
fn left_alone(change: &Change<'_>, written: Option<&Object<'_>>) -> Vec<Attribute> {
    let Some(written) = written.filter(|_| matches!(change.fate, Fate::NoOp | Fate::Update)) else { return Vec::new() };
    if change.kind != Kind::Client {
        return Vec::new();
    }
    let after = change.told.object("after");
    let differs = |attribute: &Attribute| {
        let name = attribute.terraform();
        let constant = written.get(name).and_then(constant);
        let after = present(after.get(name));
        constant.zip(after).is_some_and(|(constant, after)| members(constant) != members(after))
    };
    Attribute::all().filter(differs).collect()
}

/// The members of a list, in an order of their own; of anything else, itself.
fn members(json: Json<'_>) -> Vec<String> {
    if json.kind() != "array" {
        return vec![json.text().unwrap_or_else(|| json.source().to_owned())];
    }
    let text = |member: Json<'_>| member.text().unwrap_or_else(|| member.source().to_owned());
    let mut members: Vec<String> = json.elements().into_iter().map(text).collect();
    members.sort();
    members.dedup();
    members
}

/// What an attribute will be filled from, and which resource that is. Only of an attribute of one instance is it known which.
fn hole(
    configuration: &Module<'_>,
    change: &Change<'_>,
    expression: Json<'_>,
    instances: &Instances<'_>,
) -> Option<Hole> {
    let target = configuration.target(&change.parsed, expression)?;
    let found = instances.only(&target.address, &target.by).map(str::to_owned);
    // Each instance has its own value of it.
    let name = if target.by == By::Nothing { target.name } else { format!("{} of {}", target.name, change.address) };
    let of = found.as_ref().map(|address| format!("{name} ({address})"));
    Some(Hole { refers_to: found, ..Hole::of_expression(name, of) })
}
