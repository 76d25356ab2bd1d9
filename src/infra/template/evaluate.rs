//! What a property of a template comes to.

use crate::config::{Node, Value as Written};

use super::bounds::{LONGEST, Steps, is_too_long, too_long, too_many};
use super::dynamic::resolved;
use super::framework::filled_before;
use super::function::{Call, added_beside, attribute, call, scalar, spelled};
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
    pub(super) steps: &'s Steps,
    depth: usize,
}

impl<'n, 's> Evaluator<'n, 's> {
    pub(super) fn new(scope: &'s Scope<'n>, places: &'s Places, steps: &'s Steps) -> Self {
        Self { scope, places, steps, depth: 0 }
    }

    fn deeper(&self) -> Self {
        Self { depth: self.depth + 1, ..*self }
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
            (None, None) => added_beside(node).map_or(Value::Unset, may_be_added),
        })
    }

    /// Follows what chooses between whole values, and hands on each that can be chosen.
    fn chosen<T>(&self, node: &'n Node, read: &dyn Fn(&Self, &'n Node) -> Value<T>) -> Value<T> {
        if self.depth > DEEPEST {
            return Value::Unknown("its functions are nested deeper than is followed".to_owned());
        }
        if !self.steps.take() {
            return too_many();
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
            ("Join", [separator, parts]) => {
                self.joined(separator, parts).unwrap_or_else(|| made("a joined list", call))
            }
            ("Select", [index, from]) => self.selected(index, from).unwrap_or_else(|| made("a selected value", call)),
            ("ImportValue", _) => match self.text(call.argument) {
                Value::Known(name) => {
                    let exported = self.scope.imported(&name).cloned();
                    exported.unwrap_or_else(|| hole(&format!("the export {name}")))
                }
                name => {
                    let of = name.identity().map(|name| format!("the export {name}"));
                    Value::Pattern(Pattern::hole(Hole::of_expression("an export", of)))
                }
            },
            ("Base64" | "Transform" | "ToJsonString" | "Cidr" | "GetAZs" | "Length" | "Split", _) => {
                made(&format!("what {} gives", call.name), call)
            }
            _ => Value::Unknown(format!("the function {} is not known here", call.name)),
        }
    }

    /// A text as it stands: what is filled in before, or by a dynamic reference at the deploy, is a hole.
    fn written(&self, text: &str) -> Value<String> {
        if text.len() > LONGEST && ["${", "{{"].iter().any(|opening| text.contains(opening)) {
            return too_long();
        }
        resolved(filled_before(text, self.scope.is_serverless))
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
                return joined_by("", parts);
            };
            rest = behind;
            let name = name.trim();
            parts.push(match variables.and_then(|variables| variables.get(name)) {
                _ if name.starts_with('!') => Value::Known(format!("${{{}}}", name.trim_start_matches('!'))),
                // Left out, it is no text at all.
                Some(variable) => match self.text(variable) {
                    Value::Unset => Value::Unknown("nothing".to_owned()),
                    value => value,
                },
                None => match name.split_once('.') {
                    Some((resource, attribute)) => self.attribute(resource, attribute),
                    None => self.reference(name),
                },
            });
        }
        parts.push(self.written(rest));
        joined_by("", parts)
    }

    fn joined(&self, separator: &'n Node, parts: &'n Node) -> Option<Value<String>> {
        match (scalar(separator), self.list(parts).value) {
            (Some(separator), Value::Known(members)) => {
                Some(joined_by(&separator, members.into_iter().map(|member| member.value).collect()))
            }
            _ => None,
        }
    }

    fn selected(&self, index: &'n Node, from: &'n Node) -> Option<Value<String>> {
        let (index, list) = (self.index(index)?, self.list(from).value);
        Some(list.known()?.get(index)?.value.clone())
    }

    /// A property that is a list of texts.
    pub(super) fn list(&self, node: &'n Node) -> Field<List> {
        let value = self.chosen(node, &|inner, node| inner.plain_list(node));
        Field::new(value, Some(self.places.span(node.span)))
    }

    fn plain_list(&self, node: &'n Node) -> Value<List> {
        let at = Some(self.places.span(node.span));
        let known = |texts: Vec<String>| {
            Value::Known(texts.into_iter().map(|text| Field::new(resolved(Value::Known(text)), at)).collect())
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

/// What may stand in what this adds.
pub(super) fn may_be_added<T>(what: &str) -> Value<T> {
    Value::Unknown(format!("{what} may add it, and only the deploy knows what it adds"))
}

fn call_is_none(list: &Node) -> bool {
    matches!(list.value, Written::List(_))
}

/// What a function gives that is written in a way that is not followed.
fn unknown(function: &str) -> Value<String> {
    Value::Unknown(format!("what the function {function} gives is not followed"))
}

/// What an expression comes to, of which nobody knows more: the same only as the same expression.
fn made(name: &str, call: &Call<'_>) -> Value<String> {
    let of = if call.name == "Transform" { None } else { spelled(call.argument) };
    let of = of.map(|argument| format!("{}({argument})", call.name));
    Value::Pattern(Pattern::hole(Hole::of_expression(name, of)))
}

fn referring(name: &str, to: &str) -> Value<String> {
    Value::Pattern(Pattern::hole(Hole { refers_to: Some(to.to_owned()), ..Hole::named(name) }))
}

/// Values one behind the other, a separator between any two: each way in which they can be chosen. One that is left out has none.
fn joined_by(separator: &str, parts: Vec<Value<String>>) -> Value<String> {
    let separator = Pattern::text(separator);
    let mut all: Vec<Option<Pattern>> = vec![None];
    for part in parts {
        let ways = ways(&part);
        match &ways[..] {
            [way] => all.iter_mut().for_each(|before| follow(before, &separator, way.as_ref())),
            _ if all.len() * ways.len() <= MOST_ALTERNATIVES => {
                let with = |before: &Option<Pattern>, way: &Option<Pattern>| {
                    let mut both = before.clone();
                    follow(&mut both, &separator, way.as_ref());
                    both
                };
                all = all.iter().flat_map(|before| ways.iter().map(|way| with(before, way))).collect();
            }
            _ => {
                let is_few = ways.len() <= MOST_ALTERNATIVES;
                let name = if is_few { part.to_string() } else { format!("one of {} values", ways.len()) };
                let hole = Pattern::hole(Hole::of_expression(name, None));
                // It takes in the separator, which is not there if the value is left out.
                for before in &mut all {
                    before.get_or_insert_default().push(&hole);
                }
            }
        }
        if all.iter().flatten().any(is_too_long) {
            return too_long();
        }
    }
    let mut values: Vec<Value<String>> =
        all.into_iter().map(|way| resolved(way.unwrap_or_default().into_value())).collect();
    match values.len() {
        1 => values.pop().unwrap_or_default(),
        _ => Value::OneOf(values),
    }
}

/// Adds what follows, behind a separator if anything stands before it.
fn follow(before: &mut Option<Pattern>, separator: &Pattern, by: Option<&Pattern>) {
    match (before, by) {
        (_, None) => {}
        (Some(before), Some(by)) => {
            before.push(separator);
            before.push(by);
        }
        (before, Some(by)) => before.insert(Pattern::default()).push(by),
    }
}

/// The texts that a value can be, and nothing where it may be left out.
fn ways(value: &Value<String>) -> Vec<Option<Pattern>> {
    match value {
        Value::Known(text) => vec![Some(Pattern::text(text.clone()))],
        Value::Pattern(pattern) => vec![Some(pattern.clone())],
        Value::OneOf(values) => values.iter().flat_map(ways).collect(),
        Value::Unset => vec![None],
        Value::Unknown(why) => vec![Some(Pattern::hole(Hole::of_expression(why, None)))],
    }
}
