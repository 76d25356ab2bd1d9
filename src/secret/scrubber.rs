//! The last thing text passes before it leaves the program.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, OnceLock};

use zeroize::Zeroizing;

use super::Secret;
use super::spellings::spellings;

/// Removes known secrets from text that is about to leave the program.
///
/// A secret is removed as it stands, without surrounding white space, line by line, escaped as JSON and XML do,
/// percent-encoded once or twice, and as base64 wherever it stands in what was encoded: so also in the `id:secret` that HTTP
/// Basic sends, and in the `POLICY` that a route's secret is part of.
#[derive(Default)]
pub struct Scrubber {
    secrets: Vec<Secret>,
    /// Spelled out when the first text comes: most runs read their secrets more often than they print.
    spelled: OnceLock<Spelled>,
}

/// What to look for, in order, and what to show instead: a text is read once, however many secrets there are.
struct Spelled {
    needles: BTreeMap<Needle, Arc<str>>,
    /// The bytes with which one of them begins.
    beginnings: [bool; 256],
}

impl Spelled {
    fn of(secrets: &[Secret]) -> Self {
        let mut needles: BTreeMap<Needle, Arc<str>> = BTreeMap::new();
        let mut beginnings = [false; 256];
        for secret in secrets {
            let label: Arc<str> = secret.describe().into();
            for spelling in spellings(secret.expose()) {
                if let Some(first) = spelling.bytes().next() {
                    beginnings[usize::from(first)] = true;
                }
                needles.entry(Needle(spelling)).or_insert_with(|| Arc::clone(&label));
            }
        }
        Self { needles, beginnings }
    }
}

/// A spelling of a secret; zeroed on drop, as the secret is.
#[derive(PartialEq, Eq)]
struct Needle(Zeroizing<String>);

impl Ord for Needle {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.as_str().cmp(other.0.as_str())
    }
}

impl PartialOrd for Needle {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Borrow<str> for Needle {
    fn borrow(&self) -> &str {
        self.0.as_str()
    }
}

impl Scrubber {
    /// A scrubber that knows no secret yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Learns a secret.
    pub fn learn(&mut self, secret: &Secret) {
        self.secrets.push(secret.clone());
        self.spelled = OnceLock::new();
    }

    /// The text with every known secret replaced by its description.
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let found = self.find(text);
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut clean = String::with_capacity(text.len());
        let mut done = 0;
        for Found { start, end, label } in found {
            clean.push_str(text.get(done..start).unwrap_or_default());
            clean.push_str(label);
            done = end;
        }
        clean.push_str(text.get(done..).unwrap_or_default());
        Cow::Owned(clean)
    }

    /// The same for JSON: only what stands in quotes, so that a secret such as `1234` cannot break it.
    pub fn scrub_json<'a>(&self, json: &'a str) -> Cow<'a, str> {
        let mut clean = String::new();
        let mut done = 0;
        for (start, end) in quoted(json) {
            let text = json.get(start..end).unwrap_or_default();
            if let Cow::Owned(without) = self.scrub(text) {
                clean.push_str(json.get(done..start).unwrap_or_default());
                clean.push_str(&without);
                done = end;
            }
        }
        if done == 0 {
            return Cow::Borrowed(json);
        }
        clean.push_str(json.get(done..).unwrap_or_default());
        Cow::Owned(clean)
    }

    /// The places of secrets, in order. Those that overlap are one: of neither secret an end is left over.
    fn find(&self, text: &str) -> Vec<Found<'_>> {
        let mut found: Vec<Found<'_>> = Vec::new();
        if self.secrets.is_empty() {
            return found;
        }
        let spelled = self.spelled.get_or_init(|| Spelled::of(&self.secrets));
        let bytes = text.bytes().enumerate();
        // A byte inside a character begins no spelling, so that the places are on boundaries.
        for (start, _) in bytes.filter(|(_, byte)| spelled.beginnings[usize::from(*byte)]) {
            let Some((length, label)) = spelled.longest_at(text.get(start..).unwrap_or_default()) else { continue };
            let end = start + length;
            match found.last_mut() {
                Some(last) if start < last.end => last.end = last.end.max(end),
                _ => found.push(Found { start, end, label }),
            }
        }
        found
    }
}

impl Spelled {
    /// The longest spelling with which the text begins.
    fn longest_at(&self, text: &str) -> Option<(usize, &str)> {
        let mut most = text;
        loop {
            // Of all that begin alike, the shortest comes first: the last one up to the text is the longest it begins with,
            // or differs from it somewhere, and then only a shorter one can be it.
            let range = (Bound::Unbounded, Bound::Included(most));
            let (needle, label) = self.needles.range::<str, _>(range).next_back()?;
            let needle = needle.0.as_str();
            let common = common_length(needle, most);
            if common == needle.len() {
                return Some((common, label));
            }
            most = most.get(..common).filter(|common| !common.is_empty())?;
        }
    }
}

/// Where a secret stands in a text.
struct Found<'s> {
    start: usize,
    end: usize,
    label: &'s str,
}

/// How many bytes two texts have in common at their beginning, in whole characters.
fn common_length(a: &str, b: &str) -> usize {
    let pairs = a.chars().zip(b.chars());
    pairs.take_while(|(a, b)| a == b).map(|(character, _)| character.len_utf8()).sum()
}

/// The insides of the strings of a JSON text.
fn quoted(json: &str) -> Vec<(usize, usize)> {
    let mut strings = Vec::new();
    let mut start = None;
    let mut escaped = false;
    for (at, byte) in json.bytes().enumerate() {
        match (byte, start) {
            _ if escaped => escaped = false,
            (b'\\', Some(_)) => escaped = true,
            (b'"', Some(from)) => {
                strings.push((from, at));
                start = None;
            }
            (b'"', None) => start = Some(at + 1),
            _ => {}
        }
    }
    strings
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn scrubber(secrets: &[&str]) -> Scrubber {
        let mut scrubber = Scrubber::new();
        for secret in secrets {
            scrubber.learn(&Secret::new(*secret));
        }
        scrubber
    }

    #[test]
    fn text_without_secrets_is_not_copied() {
        assert!(matches!(scrubber(&["abcdefgh"]).scrub("nothing here"), Cow::Borrowed(_)));
        assert!(matches!(scrubber(&["abcdefgh"]).scrub_json("[\"nothing\"]"), Cow::Borrowed(_)));
    }

    #[test]
    fn every_spelling_of_a_secret_is_removed() {
        let secret = "s3cret/+ \"välue\"&\n";
        let form: String = url::form_urlencoded::byte_serialize(secret.trim().as_bytes()).collect();
        let texts = [
            secret.to_owned(),
            serde_json::to_string(secret).unwrap(),
            form.clone(),
            form.replace('+', "%20"),
            form.to_lowercase(),
            form.replace('%', "%25"),
            STANDARD.encode(secret),
            STANDARD.encode(format!("client:{secret}")),
            STANDARD.encode(format!("client:{form}")),
            STANDARD.encode(format!("- idp_client_secret: {secret}, and more")),
            "s3cret/+ &quot;välue&quot;&amp;".to_owned(),
        ];
        for text in texts {
            let clean = scrubber(&[secret]).scrub(&text).into_owned();
            assert!(clean.contains("‹secret, 18 chars, ends with newline, not ASCII›"), "{text}: {clean}");
            for rest in ["3cre", "lue", "M2NyZX", "NjcmV0"] {
                assert!(!clean.contains(rest), "{text}: {clean}");
            }
        }
    }

    #[test]
    fn the_longest_is_cut_and_nothing_is_left_of_two_that_overlap() {
        let clean = |text: &str| scrubber(&["abcd", "abcdefgh", "ghijkl", "abcz"]).scrub(text).into_owned();
        assert_eq!(clean("x abcdefgh y"), "x ‹secret, 8 chars› y");
        assert_eq!(clean("abcdefghijkl"), "‹secret, 8 chars›");
        assert_eq!(clean("abcdefg"), "‹secret, 4 chars›efg");
        assert_eq!(clean("abcdabcz"), "‹secret, 4 chars›‹secret, 4 chars›");
        assert_eq!(clean("abc abcy"), "abc abcy");
    }

    #[test]
    fn a_secret_in_lower_case_is_removed() {
        assert_eq!(scrubber(&["Zq7CaNaRy"]).scrub("`zq7canary` is no option"), "`‹secret, 9 chars›` is no option");
    }

    #[test]
    fn a_description_is_not_searched_again() {
        assert_eq!(scrubber(&["chars", "hunter22"]).scrub("hunter22"), "‹secret, 8 chars›");
    }

    #[test]
    fn no_secret_breaks_json() {
        let json = r#"{"a\"1234": [1234, null, "1234 null\\", ": ["]}"#;
        let clean = scrubber(&["1234", "null", "\": [", ", n"]).scrub_json(json).into_owned();
        assert!(serde_json::from_str::<serde_json::Value>(&clean).is_ok(), "{clean}");
        assert_eq!(clean.matches("1234").count(), 1, "{clean}");
    }

    #[test]
    fn many_and_long_secrets_cost_no_more_than_reading_them() {
        let mut scrubber = Scrubber::new();
        for number in 0..10_000 {
            scrubber.learn(&Secret::new(format!("secret{number:030}")));
        }
        scrubber.learn(&Secret::new("a".repeat(200_000)));
        let text = "a".repeat(200_000) + "secret000000000000000000000000009999";
        let start = std::time::Instant::now();
        assert!(!scrubber.scrub(&text).contains("aaaa"));
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }
}
