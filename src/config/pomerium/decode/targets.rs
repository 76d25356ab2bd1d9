//! `to`: where a route leads (`config/custom.go` `parseTo`).

use super::Content;
use crate::config::text::{Node, Value};
use crate::go;

/// Every text in whatever shape, each a URL with an optional weight.
pub(super) fn targets(node: &Node) -> Result<Content, String> {
    let mut texts = Vec::new();
    collect(node, &mut texts);
    let mut targets = Vec::with_capacity(texts.len());
    for text in &texts {
        let (url, weight) = match text.split_once(',') {
            None => (text.as_str(), 0),
            Some((url, digits)) => (url, weight(digits)?),
        };
        let parsed = go::url::parse_and_validate(url).map_err(|words| format!("{url}: {words}"))?;
        if parsed.hostname().is_empty() && !is_unix(&parsed.scheme) {
            return Err("endpoint hostname must be specified".to_owned());
        }
        targets.push((parsed, weight));
    }
    if targets.is_empty() {
        return Err("url list is empty".to_owned());
    }
    let weighted = targets.iter().filter(|(_, weight)| *weight > 0).count();
    if weighted != 0 && weighted != targets.len() {
        let words = "either no weights should be provided, or all endpoints must have non-zero weight specified";
        return Err(words.to_owned());
    }
    Ok(Content::Targets(targets.into_iter().map(|(url, _)| url).collect()))
}

fn weight(digits: &str) -> Result<u32, String> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let problem = match digits.parse::<u32>() {
        Ok(0) if is_number => return Err("zero load balancing weight not permitted".to_owned()),
        Ok(weight) if is_number => return Ok(weight),
        _ if is_number => "value out of range",
        _ => "invalid syntax",
    };
    Err(format!("strconv.ParseUint: parsing {}: {problem}", go::quote(digits)))
}

/// A socket needs no host (`internal/urlutil` `IsUnixScheme`).
pub(super) fn is_unix(scheme: &str) -> bool {
    scheme == "unix" || scheme == "https+unix"
}

/// Every scalar inside a value, as text; the names of keys are left out.
fn collect(node: &Node, texts: &mut Vec<String>) {
    match &node.value {
        Value::Null => {}
        Value::List(elements) => elements.iter().for_each(|element| collect(element, texts)),
        Value::Map(entries) => entries.iter().for_each(|entry| collect(&entry.value, texts)),
        _ => texts.push(node.printed()),
    }
}
