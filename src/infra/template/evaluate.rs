//! What a property of a template comes to.

use crate::config::{Node, Value as Written};

use super::function::{Call, attribute, call, scalar};
use super::scope::{Named, Scope, hole};
use crate::infra::places::Places;
use crate::infra::settings::{Field, List};
use crate::infra::value::{Answer, Hole, Pattern, Value};

/// How many values a text may have that conditions and mappings decide; beyond, it is a hole.
const MOST_ALTERNATIVES: usize = 16;

/// How deep functions stand in each other.
const DEEPEST: usize = 64;

/// Evaluates values in one template.
pub(super) struct Evaluator<'n, 's> {
    pub(super) scope: &'s Scope<'n>,
    pub(super) places: &'s Places,
    depth: usize,
}

impl<'n, 's> Evaluator<'n, 's> {
    pub(super) fn new(scope: &'s Scope<'n>, places: &'s Places) -> Self {
        Self { scope, places, depth: 0 }
    }

    fn deeper(&self) -> Self {
        Self { scope: self.scope, places: self.places, depth: self.depth + 1 }
    }

    /// A property further down, one level for each name. What chooses between mappings is followed on the way.
    pub(super) fn below<T>(
        &self,
        node: &'n Node,
        path: &[&str],
        read: &dyn Fn(&Self, &'n Node) -> Value<T>,
    ) -> Value<T> {
        let Some((name, rest)) = path.split_first() else { return read(self, node) };
        self.chosen(node, &|inner, node| match (node.get(name), call(node)) {
            (Some(node), _) => inner.below(node, rest, read),
            (None, Some(call)) => Value::Unknown(format!(
                "it stands in what the function {} makes, and only the deploy knows that",
                call.name
            )),
            // What it adds stands in a file of its own.
            (None, None) if node.get("Fn::Transform").is_some() => {
                Value::Unknown("Fn::Transform may add it, and only the deploy knows what it adds".to_owned())
            }
            (None, None) => Value::Unset,
        })
    }

    /// Follows what chooses between whole values, and hands on each that can be chosen.
    fn chosen<T>(&self, node: &'n Node, read: &dyn Fn(&Self, &'n Node) -> Value<T>) -> Value<T> {
        if self.depth > DEEPEST {
            return Value::Unknown("its functions are nested deeper than is followed".to_owned());
        }
        let inner = self.deeper();
        let Some(call) = call(node) else { return read(&inner, node) };
        let follow = |node: &'n Node| inner.chosen(node, read);
        match (call.name, call.argument.elements()) {
            ("Ref", _) if scalar(call.argument).as_deref() == Some("AWS::NoValue") => Value::Unset,
            ("If", [condition, then, otherwise]) => {
                match scalar(condition).map_or(Answer::Maybe, |name| self.holds(&name)) {
                    Answer::Yes => follow(then),
                    Answer::No => follow(otherwise),
                    Answer::Maybe => Value::OneOf(vec![follow(then), follow(otherwise)]),
                }
            }
            ("FindInMap", [map, first, second, rest @ ..]) => {
                let default = rest.iter().find_map(|options| options.get("DefaultValue"));
                inner.found(map, first, second, default, &follow)
            }
            ("Select", [index, list]) if call_is_none(list) => match inner.index(index) {
                Some(index) => list.elements().get(index).map_or_else(
                    || Value::Unknown("Select picks a member that the list does not have".to_owned()),
                    follow,
                ),
                None => Value::OneOf(list.elements().iter().map(follow).collect()),
            },
            _ => read(&inner, node),
        }
    }

    fn found<T>(
        &self,
        map: &'n Node,
        first: &'n Node,
        second: &'n Node,
        default: Option<&'n Node>,
        follow: &dyn Fn(&'n Node) -> Value<T>,
    ) -> Value<T> {
        let key = |node: &'n Node| self.text(node).known().cloned();
        let (Some(map), first, second) = (key(map), key(first), key(second)) else {
            return Value::Unknown("FindInMap looks into a mapping that is not known by name".to_owned());
        };
        let are_known = first.is_some() && second.is_some();
        let mut found = self.scope.found_in_map(&map, first.as_deref(), second.as_deref());
        if found.is_empty() || !are_known {
            found.extend(default);
        }
        match &found[..] {
            [] => Value::Unknown(format!("nothing is found in the mapping {map} under these keys")),
            [one] => follow(one),
            several if several.len() > MOST_ALTERNATIVES => {
                Value::Unknown(format!("a key into the mapping {map} is not known"))
            }
            several => Value::OneOf(several.iter().map(|node| follow(node)).collect()),
        }
    }

    fn index(&self, node: &'n Node) -> Option<usize> {
        self.text(node).known()?.parse().ok()
    }

    /// A property that is a text.
    pub(super) fn text(&self, node: &'n Node) -> Value<String> {
        self.chosen(node, &|inner, node| inner.plain_text(node))
    }

    fn plain_text(&self, node: &'n Node) -> Value<String> {
        if let Some(text) = scalar(node) {
            return self.written(&text);
        }
        match call(node) {
            Some(call) => self.called(&call),
            None if node.value == Written::Null => Value::Unset,
            None => Value::Unknown("it is no text".to_owned()),
        }
    }

    fn called(&self, call: &Call<'n>) -> Value<String> {
        let list = call.argument.elements();
        match (call.name, list) {
            ("Ref", _) => scalar(call.argument).map_or_else(|| unknown(call.name), |name| self.reference(&name)),
            ("GetAtt", _) => {
                attribute(call.argument).map_or_else(|| unknown(call.name), |(id, name)| self.attribute(&id, &name))
            }
            ("Sub", [template, variables]) => match scalar(template) {
                Some(template) => self.substituted(&template, Some(variables)),
                None => unknown(call.name),
            },
            ("Sub", _) => {
                scalar(call.argument).map_or_else(|| unknown(call.name), |text| self.substituted(&text, None))
            }
            ("Join", [separator, parts]) => self.joined(separator, parts),
            ("Select", [index, from]) => self.selected(index, from),
            ("ImportValue", _) => match self.text(call.argument) {
                Value::Known(name) => hole(&format!("the export {name}")),
                _ => hole("an export"),
            },
            ("Base64" | "Transform" | "ToJsonString" | "Cidr" | "GetAZs" | "Length" | "Split", _) => unknown(call.name),
            _ => Value::Unknown(format!("the function {} is not known here", call.name)),
        }
    }

    /// A text as it stands: what is filled in before, or by a dynamic reference at the deploy, is a hole.
    fn written(&self, text: &str) -> Value<String> {
        filled(text, &|rest| {
            let dynamic = rest.strip_prefix("{{resolve:").and_then(|inner| inner.find("}}")).map(|end| end + 12);
            dynamic.or_else(|| variable_of_framework(rest, self.scope.is_serverless))
        })
    }

    /// What `Ref` gives.
    fn reference(&self, name: &str) -> Value<String> {
        let Some(resource) = self.scope.resource(name) else {
            return match self.scope.named(name) {
                Named::Text(value) => value,
                Named::List(_) => Value::Unknown(format!("{name} is a list, and a text is wanted")),
                Named::Nothing => Value::Unset,
            };
        };
        // `Ref` of an identity provider is its name, of a domain the domain; of the others an id that the deploy makes.
        let property = match resource.get("Type").and_then(scalar).as_deref() {
            Some("AWS::Cognito::UserPoolIdentityProvider") => Some("ProviderName"),
            Some("AWS::Cognito::UserPoolDomain") => Some("Domain"),
            _ => None,
        };
        let own = property.and_then(|property| resource.get("Properties")?.get(property));
        match own.map(|node| self.deeper().text(node)) {
            Some(Value::Known(text)) => Value::Known(text),
            _ => referring(name, name),
        }
    }

    fn attribute(&self, resource: &str, name: &str) -> Value<String> {
        let kind = self.scope.resource(resource).and_then(|resource| resource.get("Type")).and_then(scalar);
        match (kind.as_deref(), name) {
            // The same as `Ref` gives.
            (Some("AWS::Cognito::UserPool"), "UserPoolId") | (Some("AWS::Cognito::UserPoolClient"), "ClientId") => {
                referring(resource, resource)
            }
            _ => hole(&format!("{resource}.{name}")),
        }
    }

    fn substituted(&self, template: &str, variables: Option<&'n Node>) -> Value<String> {
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("${") {
            parts.push(self.written(before));
            let Some((name, behind)) = after.split_once('}') else {
                parts.push(Value::Known(format!("${{{after}")));
                return concatenated(parts);
            };
            rest = behind;
            let name = name.trim();
            parts.push(match variables.and_then(|variables| variables.get(name)) {
                _ if name.starts_with('!') => Value::Known(format!("${{{}}}", name.trim_start_matches('!'))),
                Some(variable) => self.text(variable),
                None => match name.split_once('.') {
                    Some((resource, attribute)) => self.attribute(resource, attribute),
                    None => self.reference(name),
                },
            });
        }
        parts.push(self.written(rest));
        concatenated(parts)
    }

    fn joined(&self, separator: &'n Node, parts: &'n Node) -> Value<String> {
        let separator = scalar(separator).unwrap_or_default();
        let Value::Known(members) = self.list(parts).value else { return hole("a joined list") };
        let mut joined = Vec::new();
        for member in members.into_iter().filter(|member| member.value != Value::Unset) {
            if !joined.is_empty() {
                joined.push(Value::Known(separator.clone()));
            }
            joined.push(member.value);
        }
        concatenated(joined)
    }

    fn selected(&self, index: &'n Node, from: &'n Node) -> Value<String> {
        let (index, list) = (self.index(index), self.list(from).value);
        let found = list.known().zip(index).and_then(|(list, index)| list.get(index));
        found.map_or_else(|| hole("a selected value"), |member| member.value.clone())
    }

    /// A property that is a list of texts.
    pub(super) fn list(&self, node: &'n Node) -> Field<List> {
        let value = self.chosen(node, &|inner, node| inner.plain_list(node));
        Field::new(value, Some(self.places.span(node.span)))
    }

    fn plain_list(&self, node: &'n Node) -> Value<List> {
        let at = Some(self.places.span(node.span));
        let known = |texts: Vec<String>| {
            Value::Known(texts.into_iter().map(|text| Field::new(Value::Known(text), at)).collect())
        };
        if let Written::List(members) = &node.value {
            let members =
                members.iter().map(|member| Field::new(self.text(member), Some(self.places.span(member.span))));
            return Value::Known(members.collect());
        }
        let Some(call) = call(node) else {
            return match node.value {
                Written::Null => Value::Unset,
                _ => Value::Unknown("it is no list".to_owned()),
            };
        };
        match (call.name, call.argument.elements()) {
            ("Ref", _) => match scalar(call.argument).map(|name| (self.scope.named(&name), name)) {
                Some((Named::List(list), _)) => list.map(&known),
                Some((_, name)) => Value::Unknown(format!("{name} is no list of values")),
                None => Value::Unknown("Ref is given no name".to_owned()),
            },
            ("Split", [separator, text]) => match (scalar(separator), self.text(text)) {
                (Some(separator), Value::Known(text)) if !separator.is_empty() => {
                    known(text.split(separator.as_str()).map(str::to_owned).collect())
                }
                (_, text) => Value::Unknown(format!("it is split from {text}, which only the deploy knows")),
            },
            _ => Value::Unknown(format!("it is what the function {} gives, and only the deploy knows that", call.name)),
        }
    }

    /// A property that is true or false, as YAML 1.1 and people write it.
    pub(super) fn flag(&self, node: &'n Node) -> Value<bool> {
        self.text(node).map(&|text: String| match text.to_lowercase().as_str() {
            "true" | "yes" | "on" => Value::Known(true),
            "false" | "no" | "off" => Value::Known(false),
            _ => Value::Unknown("it is neither true nor false".to_owned()),
        })
    }

    /// A property that is a number.
    pub(super) fn number(&self, node: &'n Node) -> Value<u64> {
        self.text(node).map(&|text: String| {
            text.trim().parse().map_or_else(|_| Value::Unknown("it is no number".to_owned()), Value::Known)
        })
    }
}

fn call_is_none(list: &Node) -> bool {
    matches!(list.value, Written::List(_))
}

fn unknown(function: &str) -> Value<String> {
    hole(&format!("what {function} gives"))
}

fn referring(name: &str, to: &str) -> Value<String> {
    let hole = Hole { name: name.to_owned(), refers_to: Some(to.to_owned()), hint: None };
    Value::Pattern(Pattern::hole(hole))
}

/// The length of a variable of the Serverless framework with which a text begins: `${self:custom.host}`.
fn variable_of_framework(rest: &str, is_certain: bool) -> Option<usize> {
    const SOURCES: [&str; 9] = ["self:", "opt:", "env:", "sls:", "param:", "file(", "ssm:", "cf:", "cf."];
    let inner = rest.strip_prefix("${")?;
    if !is_certain && !SOURCES.iter().any(|source| inner.starts_with(source)) {
        return None;
    }
    let mut depth = 0_usize;
    for (at, letter) in rest.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(at + 1),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// A text in which `hole_at` tells the length of the hole with which a rest begins.
fn filled(text: &str, hole_at: &dyn Fn(&str) -> Option<usize>) -> Value<String> {
    let mut pattern = Pattern::default();
    let (mut begin, mut at) = (0, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let next = rest.char_indices().find(|(_, letter)| matches!(letter, '$' | '{')).map(|(next, _)| at + next);
        let Some(next) = next else { break };
        let found = text.get(next..).and_then(hole_at);
        match found {
            Some(length) => {
                pattern.push(&Pattern::text(text.get(begin..next).unwrap_or_default()));
                let name = text.get(next..next + length).unwrap_or_default();
                let inner = name.strip_prefix("${").and_then(|name| name.strip_suffix('}'));
                let inner = inner.or_else(|| name.strip_prefix("{{")?.strip_suffix("}}"));
                let name = inner.unwrap_or(name);
                pattern.push(&Pattern::hole(Hole { name: name.to_owned(), ..Hole::default() }));
                (begin, at) = (next + length, next + length);
            }
            None => at = next + 1,
        }
    }
    pattern.push(&Pattern::text(text.get(begin..).unwrap_or_default()));
    pattern.into_value()
}

/// Values one behind the other: each way in which they can be chosen.
fn concatenated(parts: Vec<Value<String>>) -> Value<String> {
    let mut all = vec![Pattern::default()];
    for part in parts {
        let ways = ways(&part);
        let joined: Vec<Pattern> = if all.len() * ways.len() <= MOST_ALTERNATIVES {
            all.iter().flat_map(|before| ways.iter().map(|way| followed(before, way))).collect()
        } else {
            let hole = Pattern::hole(Hole { name: part.to_string(), ..Hole::default() });
            all.iter().map(|before| followed(before, &hole)).collect()
        };
        all = joined;
    }
    let mut values: Vec<Value<String>> = all.into_iter().map(Pattern::into_value).collect();
    match values.len() {
        1 => values.pop().unwrap_or_default(),
        _ => Value::OneOf(values),
    }
}

fn followed(before: &Pattern, by: &Pattern) -> Pattern {
    let mut both = before.clone();
    both.push(by);
    both
}

fn ways(value: &Value<String>) -> Vec<Pattern> {
    match value {
        Value::Known(text) => vec![Pattern::text(text.clone())],
        Value::Pattern(pattern) => vec![pattern.clone()],
        Value::OneOf(values) => values.iter().flat_map(ways).collect(),
        Value::Unset => vec![Pattern::hole(Hole { name: "nothing".to_owned(), ..Hole::default() })],
        Value::Unknown(why) => vec![Pattern::hole(Hole { name: why.clone(), ..Hole::default() })],
    }
}
