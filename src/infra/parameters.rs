//! The values of a template's parameters: `--infra-parameter K=V` or `@FILE`.

use crate::go::json::{self, Json};

/// A parameter and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its value; members of a list are separated by commas.
    pub value: String,
}

/// The parameters that were given. Of two with the same name, the last one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(Vec<Parameter>);

impl Parameters {
    /// Those of the list.
    pub fn new(parameters: Vec<Parameter>) -> Self {
        Self(parameters)
    }

    /// Adds what the command line says.
    ///
    /// # Errors
    /// If it is not `NAME=VALUE`. The words do not quote it.
    pub fn add(&mut self, written: &str) -> Result<(), String> {
        // It is not repeated: it may be the value alone.
        let wrong = || "what is given is no parameter: write NAME=VALUE, or @FILE".to_owned();
        let (name, value) = written.split_once('=').ok_or_else(wrong)?;
        if name.is_empty() {
            return Err(wrong());
        }
        self.0.push(Parameter { name: name.to_owned(), value: value.to_owned() });
        Ok(())
    }

    /// Adds what a file says: the list of `CloudFormation` with `ParameterKey` and `ParameterValue`, or an object of names and
    /// values, alone or, as pipelines have it, under `Parameters`.
    ///
    /// # Errors
    /// If it is neither. The words do not quote it.
    pub fn add_file(&mut self, text: &str) -> Result<(), String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let file = json::parse(text).map_err(|words| format!("it is no JSON: {words}"))?;
        let inner = member(file, "Parameters").filter(|inner| inner.kind() != "string");
        let found = from(inner.unwrap_or(file));
        self.0.extend(
            found.ok_or("it is neither a list of ParameterKey and ParameterValue nor an object of names and values")?,
        );
        Ok(())
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|parameter| parameter.name == name).map(|parameter| parameter.value.as_str())
    }

    /// The names that were given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|parameter| parameter.name.as_str())
    }
}

fn from(file: Json<'_>) -> Option<Vec<Parameter>> {
    match file.kind() {
        "array" => {
            let pairs = file.elements().into_iter().filter(|pair| {
                // The value that is there stays, whatever it is.
                member(*pair, "UsePreviousValue").is_none_or(|previous| previous.source() != "true")
            });
            pairs
                .map(|pair| parameter(member(pair, "ParameterKey")?.text()?, member(pair, "ParameterValue")?))
                .collect()
        }
        "object" => file.members().into_iter().map(|(name, value)| parameter(name, value)).collect(),
        _ => None,
    }
}

fn parameter(name: String, value: Json<'_>) -> Option<Parameter> {
    let value = match value.kind() {
        "string" => value.text()?,
        "number" | "bool" => value.source().to_owned(),
        "array" => value.elements().into_iter().map(Json::text).collect::<Option<Vec<_>>>()?.join(","),
        _ => return None,
    };
    Some(Parameter { name, value })
}

fn member<'a>(object: Json<'a>, name: &str) -> Option<Json<'a>> {
    object.members().into_iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn parameters_come_in_three_shapes() {
        let texts = [
            r#"[{"ParameterKey": "Host", "ParameterValue": "a.example"}, {"ParameterKey": "X", "UsePreviousValue": true}]"#,
            r#"{"Host": "a.example"}"#,
            r#"{"Parameters": {"Host": "a.example"}, "Tags": {"x": "y"}}"#,
        ];
        for text in texts {
            let mut parameters = Parameters::default();
            parameters.add_file(text).unwrap();
            assert_eq!(parameters.get("Host"), Some("a.example"), "{text}");
            assert_eq!(parameters.names().count(), 1, "{text}");
            parameters.add("Host=b=c").unwrap();
            assert_eq!(parameters.get("Host"), Some("b=c"));
        }
        let mut parameters = Parameters::default();
        assert!(parameters.add("=x").is_err() && parameters.add("Host").is_err());
        let words = parameters.add_file(r#"{"Host": {"canary": 1}}"#).unwrap_err();
        assert!(!words.contains("canary"), "{words}");
    }
}
