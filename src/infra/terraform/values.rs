//! The attributes of one resource: what a plan or a state says of each, and what it leaves to the apply.

use crate::go::json::Json;

use super::configuration::references;
use super::object::{Object, is_true, present};
use crate::infra::places::Places;
use crate::infra::settings::{Field, List, Place};
use crate::infra::value::{Hole, Pattern, Value};

/// Why it is not known what a client has that the apply takes over.
pub const KEPT: &str = "the author left it out, and what the app client has stays";

/// What was sensitive to the author is not read.
pub(super) const SENSITIVE: &str = "it is marked as sensitive, and what is sensitive is not read";

/// What a plan leaves open.
pub(super) const UNKNOWN: &str = "only the apply will know it";

/// The attributes of a resource at one time.
pub(super) struct Values<'a, 'p> {
    pub(super) places: &'p Places,
    pub(super) attributes: Object<'a>,
    /// `after_unknown`.
    pub(super) unknown: Object<'a>,
    /// Objects of flags, `after_sensitive` and its like: first those of this side, whose lists have the same order.
    pub(super) sensitive: Vec<Object<'a>>,
    /// The same in a raw state: the names of attributes.
    pub(super) sensitive_names: Vec<String>,
    /// The author's expressions, where the plan has them.
    pub(super) written: Option<Object<'a>>,
    /// The apply makes it: what the author left out is the API's default.
    pub(super) is_made: bool,
    /// The apply takes over what is there: what the author left out stays as it is.
    pub(super) is_taken_over: bool,
    /// Why nothing is known of any.
    pub(super) blind: Option<String>,
}

/// What is said of one attribute.
enum Said<'a> {
    Value(Json<'a>),
    Unset,
    Unknown(String),
}

impl<'a> Values<'a, '_> {
    fn said(&self, name: &str) -> Said<'a> {
        if let Some(why) = &self.blind {
            return Said::Unknown(why.clone());
        }
        let of_others = self.sensitive.iter().skip(1);
        if self.sensitive.iter().any(|flags| flags.is_true(name))
            || of_others.flat_map(|flags| flags.elements(name)).any(is_true)
            || self.sensitive_names.iter().any(|sensitive| sensitive == name)
        {
            return Said::Unknown(SENSITIVE.to_owned());
        }
        if self.unknown.is_true(name) {
            return match &self.written {
                // Nearly every attribute is optional and computed: unknown to Terraform, and still nobody sets it.
                Some(_) if self.is_made && self.expression(name).is_none() => Said::Unset,
                _ => Said::Unknown(self.why_unknown(name)),
            };
        }
        present(self.attributes.get(name)).map_or(Said::Unset, Said::Value)
    }

    fn why_unknown(&self, name: &str) -> String {
        let expression = self.expression(name);
        if self.is_taken_over && self.written.is_some() && expression.is_none() {
            return KEPT.to_owned();
        }
        let sources = expression.map(references).unwrap_or_default();
        if sources.is_empty() {
            return UNKNOWN.to_owned();
        }
        format!("{UNKNOWN}: it comes from {}", sources.join(", "))
    }

    /// The author's expression for an attribute. `null` is how an author writes that it is left out.
    pub(super) fn expression(&self, name: &str) -> Option<Json<'a>> {
        let is_null = |expression: &Json<'a>| {
            Object::of(*expression).get("constant_value").is_some_and(|value| value.kind() == "null")
        };
        self.written.as_ref()?.get(name).filter(|expression| !is_null(expression))
    }

    pub(super) fn is_unknown(&self, name: &str) -> bool {
        self.unknown.is_true(name)
    }

    fn field<T>(&self, name: &str, read: impl Fn(Json<'a>) -> Option<Value<T>>) -> Field<T> {
        let (json, kind) = match self.said(name) {
            Said::Unset => return Field::default(),
            Said::Unknown(why) => return Field::new(Value::Unknown(why), self.place_of_unknown(name)),
            Said::Value(json) => (json, json.kind()),
        };
        let value =
            read(json).unwrap_or_else(|| Value::Unknown(format!("a value of type {kind} is not expected there")));
        Field::new(value, Some(self.places.json(json)))
    }

    fn place_of_unknown(&self, name: &str) -> Option<Place> {
        self.unknown.get(name).map(|json| self.places.json(json))
    }

    /// A text; an empty one is none.
    pub(super) fn text(&self, name: &str) -> Field<String> {
        self.field(name, |json| {
            Some(Some(json.text()?).filter(|text| !text.is_empty()).map_or(Value::Unset, Value::Known))
        })
    }

    /// A text, which may be what another resource will give.
    pub(super) fn reference(&self, name: &str, hole: &dyn Fn(Json<'a>) -> Option<Hole>) -> Field<String> {
        let field = self.text(name);
        if !matches!(field.value, Value::Unknown(_)) || !self.is_unknown(name) {
            return field;
        }
        match self.expression(name).and_then(hole) {
            Some(hole) => Field::new(Value::Pattern(Pattern::hole(hole)), field.at),
            None => field,
        }
    }

    pub(super) fn flag(&self, name: &str) -> Field<bool> {
        self.field(name, |json| (json.kind() == "bool").then(|| Value::Known(is_true(json))))
    }

    /// A number; zero is how Terraform writes that nothing is set.
    pub(super) fn number(&self, name: &str) -> Field<u64> {
        self.field(name, |json| {
            let text = json.text().unwrap_or_else(|| json.source().to_owned());
            Some(Some(text.parse().ok()?).filter(|number| *number != 0).map_or(Value::Unset, Value::Known))
        })
    }

    /// A number of which zero is one as any other.
    pub(super) fn count(&self, name: &str) -> Field<u64> {
        self.field(name, |json| json.source().parse().ok().map(Value::Known))
    }

    /// A list of texts, each member by itself known or not.
    pub(super) fn list(&self, name: &str) -> Field<List> {
        self.field(name, |json| {
            if json.kind() != "array" {
                return None;
            }
            let marked = |flags: &Object<'a>| -> Vec<bool> { flags.elements(name).into_iter().map(is_true).collect() };
            let unknown = marked(&self.unknown);
            let sensitive = self.sensitive.first().map(marked).unwrap_or_default();
            let is_marked = |flags: &[bool], number: usize| flags.get(number).copied().unwrap_or_default();
            let elements = json.elements();
            // Members of which not even the place is told.
            let further = unknown.iter().skip(elements.len()).filter(|is_unknown| **is_unknown);
            let further =
                further.map(|_| Field::new(Value::Unknown(self.why_unknown(name)), Some(self.places.json(json))));
            let further: Vec<Field<String>> = further.collect();
            let members = elements.into_iter().enumerate().map(|(number, member)| {
                let value = if is_marked(&sensitive, number) {
                    Value::Unknown(SENSITIVE.to_owned())
                } else if is_marked(&unknown, number) {
                    Value::Unknown(self.why_unknown(name))
                } else {
                    member.text().map_or_else(|| Value::Unknown("it is no text".to_owned()), Value::Known)
                };
                Field::new(value, Some(self.places.json(member)))
            });
            Some(Value::Known(members.chain(further).collect()))
        })
    }

    /// A list of which an empty one is not surely the same as none: the API describes only what it does without one.
    pub(super) fn list_or_default(&self, name: &str, before: Option<&Object<'a>>) -> Field<List> {
        let field = self.list(name);
        if field.value.known().is_none_or(|list| !list.is_empty()) {
            return field;
        }
        let was_empty = before.is_some_and(|before| before.elements(name).is_empty());
        let is_written = self.expression(name).is_some();
        // What the API leaves out of its answer stands as an empty list in a state.
        let value = if was_empty || !is_written {
            Value::Unset
        } else {
            Value::Unknown("an empty list is written, and what Cognito makes of one is not documented".to_owned())
        };
        Field::new(value, field.at)
    }

    /// The attributes of a block that stands once. Nothing known of it is nothing known of each.
    pub(super) fn block(&self, name: &str) -> Self {
        // No block is computed: an unknown one is made of something unknown, whatever the plan tells of how.
        if self.blind.is_none() && self.is_unknown(name) {
            return self.blind(self.why_unknown(name));
        }
        let first = |object: &Object<'a>| object.elements(name).into_iter().next();
        let unknown = match self.said(name) {
            Said::Value(_) => Object::of_any(first(&self.unknown)),
            Said::Unset => Object::default(),
            Said::Unknown(why) => return self.blind(why),
        };
        Self {
            places: self.places,
            attributes: Object::of_any(first(&self.attributes)),
            unknown,
            sensitive: self.sensitive.iter().map(|flags| Object::of_any(first(flags))).collect(),
            sensitive_names: Vec::new(),
            written: self.written.as_ref().map(|written| Object::of_any(first(written))),
            is_made: self.is_made,
            is_taken_over: self.is_taken_over,
            blind: None,
        }
    }

    /// The members of an object of texts.
    pub(super) fn object(&self, name: &str) -> Self {
        if let Said::Unknown(why) = self.said(name) {
            return self.blind(why);
        }
        Self {
            places: self.places,
            attributes: self.attributes.object(name),
            unknown: self.unknown.object(name),
            sensitive: self.sensitive.iter().map(|flags| flags.object(name)).collect(),
            sensitive_names: Vec::new(),
            // A member that is there is no default, known or not.
            written: None,
            is_made: false,
            is_taken_over: false,
            blind: None,
        }
    }

    fn blind(&self, why: String) -> Self {
        Self {
            places: self.places,
            attributes: Object::default(),
            unknown: Object::default(),
            sensitive: Vec::new(),
            sensitive_names: Vec::new(),
            written: None,
            is_made: false,
            is_taken_over: false,
            blind: Some(why),
        }
    }
}
