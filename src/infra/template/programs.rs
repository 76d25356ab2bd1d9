//! Resources that hand on what they are given to what is not read here: programs of the author's own, stacks and modules.

use std::collections::{HashMap, HashSet};

use super::bounds::Steps;
use super::evaluate::Evaluator;
use super::exports::Exports;
use super::function::{attribute, call, scalar};
use super::scope::Scope;
use super::{Draft, Options};
use crate::config::{Entry, Node};
use crate::infra::attribute::Attribute;
use crate::infra::code::Code;
use crate::infra::places::Places;
use crate::infra::settings::{ClientSettings, Field};
use crate::infra::value::Value;

/// Resources that stand for a template, and what they are.
pub(super) fn template_of_its_own(kind: &str) -> Option<&'static str> {
    match kind {
        "AWS::CloudFormation::Stack" | "AWS::Serverless::Application" => Some("a stack of its own"),
        // Rain puts the template of the module into this place before the deploy.
        "Rain::Module" => Some("a module"),
        _ => kind.ends_with("::MODULE").then_some("a module"),
    }
}

/// Heeds what may be changed or made by what the template hands its resources to.
pub(super) fn heed(code: &mut Code, resources: &[Entry], places: &Places) {
    let mut clients: HashMap<String, Vec<usize>> = HashMap::new();
    for (number, client) in code.after.clients.iter().enumerate() {
        clients.entry(client.address.clone()).or_default().push(number);
    }
    for (entry, kind, properties) in handing_on(resources) {
        let given = Given::of(properties);
        let own: Vec<usize> = given.names.iter().filter_map(|name| clients.get(name)).flatten().copied().collect();
        for number in &own {
            let Some(client) = code.after.clients.get_mut(*number) else { continue };
            Change { why: may_change(&entry.key), given: &given }.heed(&mut client.settings);
        }
        if own.is_empty() && is_program(&kind) && (kind.to_lowercase().contains(CLIENT) || given.speaks_of(CLIENT)) {
            let words = format!("{} is a program, and may make an app client that is not read here", entry.key);
            code.lacks(words, Some(places.span(entry.key_span)));
        }
    }
}

/// What a template hands its resources of what another one exports.
pub(in crate::infra) struct HandedOn {
    /// The file and the address of each.
    imported: HashSet<(String, String)>,
    why: String,
    given: Given,
}

impl HandedOn {
    /// What one of the templates hands on.
    pub(in crate::infra) fn by(draft: &Draft, options: &Options, exports: &Exports) -> Vec<Self> {
        let mut handed_on = Vec::new();
        for part in draft.parts() {
            let scope = Scope::new(draft, part, options, exports);
            let steps = Steps::default();
            let evaluator = Evaluator::new(&scope, &draft.places, &steps);
            for (entry, _, properties) in handing_on(part.get("Resources").map(Node::entries).unwrap_or_default()) {
                let mut imports = Vec::new();
                collect_imports(properties, &mut imports);
                let of_another = |node: &Node| {
                    steps.begin();
                    let value = evaluator.text(node);
                    value.id_in_file().map(|(file, address)| (file.to_owned(), address.to_owned()))
                };
                let imported: HashSet<(String, String)> = imports.into_iter().filter_map(of_another).collect();
                if !imported.is_empty() {
                    let why = may_change(&format!("{} of {}", entry.key, draft.file));
                    handed_on.push(Self { imported, why, given: Given::of(properties) });
                }
            }
        }
        handed_on
    }

    /// Heeds that whoever is given a client of other code may change it.
    pub(in crate::infra) fn heed(all: &[Self], codes: &mut [Code]) {
        let mut clients: HashMap<(String, String), Vec<(usize, usize)>> = HashMap::new();
        for (file, code) in codes.iter().enumerate().filter(|_| !all.is_empty()) {
            for (number, client) in code.after.clients.iter().enumerate() {
                clients.entry((code.file.clone(), client.address.clone())).or_default().push((file, number));
            }
        }
        for one in all {
            for (file, number) in one.imported.iter().filter_map(|at| clients.get(at)).flatten() {
                let client = codes.get_mut(*file).and_then(|code| code.after.clients.get_mut(*number));
                let Some(client) = client else { continue };
                Change { why: one.why.clone(), given: &one.given }.heed(&mut client.settings);
            }
        }
    }
}

/// The resources that hand on what they are given, each with what it is and with that.
fn handing_on(resources: &[Entry]) -> impl Iterator<Item = (&Entry, String, &Node)> {
    resources.iter().filter_map(|entry| {
        let kind = entry.value.get("Type").and_then(scalar).unwrap_or_default();
        let properties = entry.value.get("Properties").filter(|_| is_handed_on(&kind))?;
        Some((entry, kind, properties))
    })
}

fn may_change(who: &str) -> String {
    format!("{who} is given the client and may change it after it is made")
}

/// Collects the imports in a value.
fn collect_imports<'n>(node: &'n Node, into: &mut Vec<&'n Node>) {
    if call(node).is_some_and(|call| call.name == "ImportValue") {
        return into.push(node);
    }
    let inner = node.elements().iter().chain(node.entries().iter().map(|entry| &entry.value));
    inner.for_each(|inner| collect_imports(inner, into));
}

/// How whoever makes an app client calls it, in small letters.
const CLIENT: &str = "userpoolclient";

/// Which resources hand on what they are given.
fn is_handed_on(kind: &str) -> bool {
    is_program(kind) || template_of_its_own(kind).is_some()
}

/// A program of the author's own.
fn is_program(kind: &str) -> bool {
    // By this one the CDK reads the secret of a client.
    const HARMLESS: &str = "Custom::DescribeCognitoUserPoolClient";
    (kind.starts_with("Custom::") && kind != HARMLESS) || kind == "AWS::CloudFormation::CustomResource"
}

/// What a resource is given.
#[derive(Default)]
struct Given {
    /// The resources that functions name.
    names: HashSet<String>,
    /// The words of its keys and texts, in small letters.
    words: HashSet<String>,
}

impl Given {
    fn of(node: &Node) -> Self {
        let mut given = Self::default();
        given.collect(node);
        given
    }

    fn collect(&mut self, node: &Node) {
        if let Some(text) = scalar(node) {
            self.read(&text);
        }
        if let Some(call) = call(node) {
            self.name(call.name, call.argument);
        }
        node.elements().iter().for_each(|inner| self.collect(inner));
        for entry in node.entries() {
            self.read(&entry.key);
            self.collect(&entry.value);
        }
    }

    fn read(&mut self, text: &str) {
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        self.words.extend(words.map(str::to_ascii_lowercase));
    }

    /// The resource that a function names.
    fn name(&mut self, function: &str, argument: &Node) {
        match function {
            "Ref" => self.names.extend(scalar(argument)),
            "GetAtt" => self.names.extend(attribute(argument).map(|(resource, _)| resource)),
            "Sub" => {
                let text = scalar(argument.elements().first().unwrap_or(argument)).unwrap_or_default();
                let holes = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
                let names = holes.map(|(hole, _)| hole.split('.').next().unwrap_or_default().trim().to_owned());
                self.names.extend(names);
            }
            _ => {}
        }
    }

    fn speaks_of(&self, part: &str) -> bool {
        self.words.iter().any(|word| word.contains(part))
    }
}

/// What somebody does to a client once it is made.
struct Change<'g> {
    why: String,
    given: &'g Given,
}

impl Change<'_> {
    /// Its addresses are what such programs are written for. Of the rest he may set what the template leaves out, or what he is given
    /// by its name; and a call that updates a client sets all of it.
    fn heed(&self, client: &mut ClientSettings) {
        let ClientSettings {
            id: _,
            name: _,
            pool: _,
            // No update gives a client a secret, or takes it away.
            has_secret: _,
            oauth_enabled,
            flows,
            scopes,
            callbacks,
            sign_out_urls,
            identity_providers,
            read_attributes,
            auth_flows,
            refresh_validity,
            refresh_unit,
            access_validity,
            access_unit,
            id_validity,
            id_unit,
            rotation,
            rotation_grace,
            token_revocation,
        } = client;
        for list in [callbacks, sign_out_urls] {
            list.value = Value::Unknown(self.why.clone());
        }
        self.open(oauth_enabled, Attribute::OauthEnabled.aws());
        self.open(flows, Attribute::Flows.aws());
        self.open(scopes, Attribute::Scopes.aws());
        self.open(identity_providers, Attribute::IdentityProviders.aws());
        self.open(read_attributes, Attribute::ReadAttributes.aws());
        self.open(auth_flows, Attribute::AuthFlows.aws());
        self.open(refresh_validity, Attribute::RefreshValidity.aws());
        self.open(refresh_unit, "TokenValidityUnits");
        self.open(access_validity, "AccessTokenValidity");
        self.open(access_unit, "TokenValidityUnits");
        self.open(id_validity, "IdTokenValidity");
        self.open(id_unit, "TokenValidityUnits");
        self.open(rotation, Attribute::Rotation.aws());
        self.open(rotation_grace, Attribute::Rotation.aws());
        self.open(token_revocation, Attribute::TokenRevocation.aws());
    }

    fn open<T>(&self, field: &mut Field<T>, name: &str) {
        const UPDATES_ALL: &str = "updateuserpoolclient";
        let is_named = self.given.words.contains(&name.to_ascii_lowercase());
        if is_named || matches!(field.value, Value::Unset) || self.given.words.contains(UPDATES_ALL) {
            field.value = Value::Unknown(self.why.clone());
        }
    }
}
