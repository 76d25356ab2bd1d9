//! The release of Pomerium that wrote a log, and the releases that print a symptom.

use crate::config::PomeriumVersion;

/// The release that a line of Pomerium's start names: `"envoy_version":"…","version":"0.33.1"` (`internal/version`).
pub(super) fn of(lower: &str) -> Option<PomeriumVersion> {
    if !lower.contains("envoy_version") && !lower.contains("cmd/pomerium") {
        return None;
    }
    let after = ["\"version\":\"", "\"version\": \"", " version="].iter().find_map(|name| lower.split_once(name))?.1;
    number(after)
}

/// Whether a release prints what is said to be of `versions`: `before v0.32`, `v0.32 and later`. Other words allow any.
pub(super) fn is_among(release: PomeriumVersion, versions: &str) -> bool {
    if let Some(end) = versions.strip_prefix("before ").and_then(number) {
        return release < end;
    }
    if versions.ends_with(" and later")
        && let Some(start) = number(versions)
    {
        return release >= start;
    }
    true
}

/// `v0.33.1` or `0.33` at the beginning of a text.
fn number(text: &str) -> Option<PomeriumVersion> {
    let text = text.trim_start_matches(['v', '"']);
    let end = text.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(text.len());
    let mut parts = text.get(..end)?.split('.').map(|part| part.parse().ok());
    Some(PomeriumVersion(parts.next()??, parts.next()??, parts.next().flatten().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_compared() {
        let line = r#"{"level":"info","envoy_version":"1.34.1+abc","version":"0.31.2+4f","message":"cmd/pomerium"}"#;
        assert_eq!(of(line), Some(PomeriumVersion(0, 31, 2)));
        assert_eq!(of(r#"{"version":"0.31.2"}"#), None);
        assert_eq!(of(r#"{"version":"0.22.1","message":"cmd/pomerium"}"#), Some(PomeriumVersion(0, 22, 1)));
        let old = PomeriumVersion(0, 31, 2);
        assert!(is_among(old, "before v0.32") && !is_among(old, "v0.32 and later"));
        let new = PomeriumVersion(0, 32, 0);
        assert!(!is_among(new, "before v0.32") && is_among(new, "v0.32 and later"));
        assert!(is_among(old, "ingress controller before v0.33.0"));
    }
}
