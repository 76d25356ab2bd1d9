//! Records of the log of Pomerium in the JSON of those who collected them: Loki, AWS, Datadog, Docker. What takes many records to show, as
//! a loop does, shows only where they stand one below the other.

use serde_json::Value;

use super::form::Form;

/// An envelope in an envelope in an envelope is enough.
const DEEPEST: usize = 3;

/// The records of a text, one on each line.
pub(super) struct Opened {
    pub(super) text: String,
    /// The first and the last line of what was pasted that each is from, counted from 1.
    lines: Vec<(u64, u64)>,
}

impl Opened {
    /// The lines of what was pasted that a record is from, all counted from 1.
    pub(super) fn lines_of(&self, record: u64) -> (u64, u64) {
        let at = usize::try_from(record).unwrap_or(usize::MAX).saturating_sub(1);
        self.lines.get(at).copied().unwrap_or((1, 1))
    }
}

/// The records in a text, if it has several, and each stands in an envelope.
pub(super) fn open(text: &str) -> Option<Opened> {
    let trimmed = text.trim();
    let found = as_one(trimmed).unwrap_or_else(|| line_by_line(text));
    let is_opened = found.len() > 1;
    is_opened.then(|| {
        let (records, lines): (Vec<String>, Vec<(u64, u64)>) = found.into_iter().unzip();
        Opened { text: records.join("\n"), lines }
    })
}

type Found = Vec<(String, (u64, u64))>;

/// The records of what is one envelope, or one string that was escaped.
fn as_one(text: &str) -> Option<Found> {
    let last = text.lines().count() as u64;
    let is_escaped = last == 1 && text.contains("\\n") && text.contains("\\\"");
    let escaped = || serde_json::from_str(&format!("\"{text}\"")).ok().map(Value::String);
    let packed =
        || (text.starts_with(['{', '[']) && !is_record(text)).then(|| serde_json::from_str(text).ok()).flatten();
    let value = is_escaped.then(escaped).flatten().or_else(packed)?;
    let mut records = Vec::new();
    collect(&value, DEEPEST, &mut records);
    Some(records.into_iter().map(|record| (record, (1, last))).collect())
}

/// The records of a text of which each line is an envelope; none if one is not.
fn line_by_line(text: &str) -> Found {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let mut records = Vec::new();
        match serde_json::from_str(line) {
            Ok(value) if !is_record(line) => collect(&value, DEEPEST, &mut records),
            _ => return Vec::new(),
        }
        if records.is_empty() {
            return Vec::new();
        }
        found.extend(records.into_iter().map(|record| (record, (number, number))));
    }
    found
}

/// Whether a text is a record by itself.
fn is_record(text: &str) -> bool {
    Form::of(text).is_some()
}

/// Collects the records in the strings of an envelope.
fn collect(value: &Value, deep: usize, records: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            for line in lines {
                if is_record(line) {
                    records.push(line.to_owned());
                } else if deep > 0
                    && line.starts_with('{')
                    && let Ok(inner) = serde_json::from_str(line)
                {
                    collect(&inner, deep - 1, records);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, deep, records)),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, deep, records)),
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn records_are_taken_out_of_their_envelopes() {
        let [a, b] = [r#"{"level":"info","message":"a"}"#, r#"{"level":"info","message":"b"}"#];
        let opened = |text: &str| open(text).map(|opened| (opened.text.clone(), opened.lines_of(2)));
        let loki = json!({"streams": [{"stream": {"app": "p"}, "values": [["1", a], ["2", b]]}]}).to_string();
        let cloudwatch = json!({"events": [{"message": a}, {"message": format!("{b}\n")}]}).to_string();
        let both = format!("{a}\n{b}");
        let escaped = serde_json::to_string(&both).unwrap();
        for one in [loki.as_str(), &cloudwatch, escaped.trim_matches('"')] {
            assert_eq!(opened(one), Some((both.clone(), (1, 1))), "{one}");
        }
        let docker =
            [a, b].map(|record| json!({"log": format!("{record}\n"), "stream": "stderr"}).to_string()).join("\n");
        assert_eq!(opened(&docker), Some((both.clone(), (2, 2))));
        let twice = docker.lines().map(|line| json!({"content": {"message": line}}).to_string()).collect::<Vec<_>>();
        assert_eq!(opened(&twice.join("\n\n")), Some((both.clone(), (3, 3))));
    }

    #[test]
    fn what_is_no_envelope_is_left() {
        for text in [
            "{\"level\":\"info\",\"message\":\"a\"}\n{\"level\":\"info\",\"message\":\"b\"}",
            "{\"log\":\"plain\"}\n{\"log\":\"words\"}",
            "{\"log\":\"{\\\"level\\\":\\\"info\\\"}\"}\nwhat now?",
            "{\"log\":\"{\\\"level\\\":\\\"info\\\"}\"}",
            "words\\nand \\\"quotes\\\"",
            "{",
        ] {
            assert!(open(text).is_none(), "{text}");
        }
    }
}
