//! An object of JSON, whose members are slices of the text until somebody asks for one.

use crate::go::json::Json;

/// The members of an object; none of anything else.
#[derive(Clone, Debug, Default)]
pub(super) struct Object<'a>(Vec<(String, Json<'a>)>);

impl<'a> Object<'a> {
    pub(super) fn of(json: Json<'a>) -> Self {
        Self(json.members())
    }

    /// Of what may not be there.
    pub(super) fn of_any(json: Option<Json<'a>>) -> Self {
        json.map(Self::of).unwrap_or_default()
    }

    pub(super) fn get(&self, name: &str) -> Option<Json<'a>> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| *value)
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.text()
    }

    pub(super) fn object(&self, name: &str) -> Self {
        Self::of_any(self.get(name))
    }

    pub(super) fn elements(&self, name: &str) -> Vec<Json<'a>> {
        self.get(name).map(Json::elements).unwrap_or_default()
    }

    pub(super) fn members(&self) -> &[(String, Json<'a>)] {
        &self.0
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(is_true)
    }
}

pub(super) fn is_true(json: Json<'_>) -> bool {
    json.source() == "true"
}

/// Whether there is a value, and not `null`.
pub(super) fn present(json: Option<Json<'_>>) -> Option<Json<'_>> {
    json.filter(|json| json.kind() != "null")
}
