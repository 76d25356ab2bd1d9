//! The last thing text passes before it leaves the program.

mod decoded;
mod json;
mod spelled;

use std::borrow::Cow;
use std::sync::{Mutex, OnceLock, PoisonError};

use self::json::{strings, unescaped};
use self::spelled::Spelled;
use super::{Clean, Secret, spellings};

/// Removes known secrets from text that is about to leave the program.
///
/// A secret is removed as it stands, without surrounding white space, line by line, escaped as JSON and XML do,
/// percent-encoded once or twice, and as base64 wherever it stands in what was encoded: so also in the `id:secret` that HTTP
/// Basic sends, and in the `POLICY` that a route's secret is part of.
#[derive(Default)]
pub struct Scrubber {
    secrets: Vec<Secret>,
    /// What is shown in the place of each, made for those that are found.
    labels: Vec<OnceLock<String>>,
    /// Known when the first text comes: most runs read their secrets more often than they print.
    spelled: OnceLock<Mutex<Spelled>>,
}

/// A value whose texts can be cleaned.
pub trait Scrub {
    /// Removes what the scrubber knows from every text.
    fn scrub(&mut self, scrubber: &Scrubber);
}

impl Scrub for String {
    fn scrub(&mut self, scrubber: &Scrubber) {
        if let std::borrow::Cow::Owned(clean) = scrubber.scrub(self) {
            *self = clean;
        }
    }
}

impl<T: Scrub> Scrub for Vec<T> {
    fn scrub(&mut self, scrubber: &Scrubber) {
        for value in self.iter_mut() {
            value.scrub(scrubber);
        }
    }
}

impl<T: Scrub> Scrub for Option<T> {
    fn scrub(&mut self, scrubber: &Scrubber) {
        for value in self.iter_mut() {
            value.scrub(scrubber);
        }
    }
}

impl Scrubber {
    /// A scrubber that knows no secret yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Learns a secret.
    pub fn learn(&mut self, secret: &Secret) {
        // It is looked for nowhere.
        if spellings::is_short(secret.expose()) {
            return;
        }
        self.secrets.push(secret.clone());
        self.labels.push(OnceLock::new());
        self.spelled = OnceLock::new();
    }

    /// The text with every known secret replaced by its description.
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        cut(text, &self.find(text))
    }

    /// The beginning of the same, with at least so many bytes of a text that has as many: what lies behind is not searched.
    pub fn scrub_beginning<'a>(&self, text: &'a str, least: usize) -> Cow<'a, str> {
        let (found, end) = self.find_beginning(text, least);
        cut(text.get(..end).unwrap_or(text), &found)
    }

    /// The text as it may leave the program.
    pub fn clean(&self, text: &str) -> Clean {
        Clean::new(self.scrub(text).into_owned())
    }

    /// The value without secrets in any of its texts: from here on, nobody can forget to clean it.
    pub fn cleaned<T: Scrub>(&self, mut value: T) -> Clean<T> {
        value.scrub(self);
        Clean::new(value)
    }

    /// The same for JSON: only what its strings say, keys and values, and there whole characters however they are written.
    /// So no secret such as `1234` or `n` can break it, and none is hidden by its escapes.
    pub fn scrub_json<'a>(&self, json: &'a str) -> Cow<'a, str> {
        let found: Vec<Found<'_>> = strings(json).flat_map(|string| self.find_in_string(json, string)).collect();
        cut(json, &found)
    }

    /// The places of secrets, in order. Those that overlap are one: of neither secret an end is left over.
    pub fn find(&self, text: &str) -> Vec<Found<'_>> {
        self.find_beginning(text, usize::MAX).0
    }

    /// Those up to where so many bytes stand that are of none, and where that is.
    fn find_beginning(&self, text: &str, least: usize) -> (Vec<Found<'_>>, usize) {
        let mut found: Vec<Found<'_>> = Vec::new();
        if self.secrets.is_empty() {
            return (found, text.len());
        }
        let mut hidden = 0;
        let spelled = self.spelled.get_or_init(|| Mutex::new(Spelled::of(&self.secrets)));
        let mut spelled = spelled.lock().unwrap_or_else(PoisonError::into_inner);
        for start in 0..text.len() {
            let is_between = || found.last().is_none_or(|last| last.end <= start) && text.is_char_boundary(start);
            if start.saturating_sub(hidden) >= least && is_between() {
                return (found, start);
            }
            let encoded = decoded::at(text, start, &mut spelled, &self.secrets);
            let plain = spelled.at(text, start, &self.secrets);
            let Some((length, number)) = encoded.into_iter().chain(plain).max_by_key(|(length, _)| *length) else {
                continue;
            };
            let end = start + length;
            match found.last_mut() {
                Some(before) if start < before.end => {
                    hidden += end.saturating_sub(before.end);
                    before.end = before.end.max(end);
                }
                _ => {
                    hidden += end - start;
                    found.push(Found { start, end, label: self.label(number) });
                }
            }
        }
        (found, text.len())
    }

    fn label(&self, number: usize) -> &str {
        let (Some(label), Some(secret)) = (self.labels.get(number), self.secrets.get(number)) else { return "" };
        label.get_or_init(|| secret.describe())
    }

    /// The places in a JSON text of secrets in one of its strings.
    fn find_in_string(&self, json: &str, (start, end): (usize, usize)) -> Vec<Found<'_>> {
        let written = json.get(start..end).unwrap_or_default();
        if !written.contains('\\') {
            return self.find(written).into_iter().map(|found| found.moved(|at| start + at)).collect();
        }
        let (said, places) = unescaped(written);
        let place = |at: usize| start + places.get(at).copied().unwrap_or(written.len());
        self.find(&said).into_iter().map(|found| found.moved(place)).collect()
    }
}

/// The text with a label in each of these places.
fn cut<'a>(text: &'a str, found: &[Found<'_>]) -> Cow<'a, str> {
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut done = 0;
    for Found { start, end, label } in found {
        clean.push_str(text.get(done..*start).unwrap_or_default());
        clean.push_str(label);
        done = *end;
    }
    clean.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(clean)
}

/// Where a secret stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'s> {
    /// Its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// What is shown instead.
    pub label: &'s str,
}

impl Found<'_> {
    fn moved(self, to: impl Fn(usize) -> usize) -> Self {
        Self { start: to(self.start), end: to(self.end), ..self }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::spelled::MOST_ENCODED;
    use super::*;

    thread_local! {
        pub(super) static LOOKED_UP: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    fn scrubber(secrets: &[&str]) -> Scrubber {
        let mut scrubber = Scrubber::new();
        for secret in secrets {
            scrubber.learn(&Secret::new(*secret));
        }
        scrubber
    }

    #[test]
    fn a_long_word_is_looked_at_once_however_many_secrets_there_are() {
        let secrets: Vec<String> = (0..=MOST_ENCODED).map(|number| format!("s{number:015}")).collect();
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        let scrubber = scrubber(&secrets);
        let word = |size: usize| "x,".repeat(size / 2);
        crate::work::grows_with_its_input("a long word", 256 * 1024, word, |text| drop(scrubber.scrub(text)));
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
    fn a_beginning_ends_in_no_secret_and_costs_no_look_at_the_rest() {
        let scrubber = scrubber(&["abcdefgh", "ijklmnop"]);
        assert_eq!(scrubber.scrub_beginning("xyz abcdefgh ijklmnop", 3), "xyz");
        assert_eq!(scrubber.scrub_beginning("xyz abcdefgh ijklmnop", 5), "xyz ‹secret, 8 chars› ");
        assert_eq!(scrubber.scrub_beginning("xyz abcdefgh", 50), "xyz ‹secret, 8 chars›");
        let spelled = scrubber.spelled.get().unwrap().lock().unwrap();
        assert_eq!(spelled.made, [true, false]);
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
    fn an_escape_is_cut_whole_or_not_at_all() {
        for (secret, said) in [
            ("ends with \\", "so it ends with \\"),
            ("nine lives", "\nine lives"),
            ("nine lives", "a\nine lives, nine lives"),
            ("u00e4-secret", "\u{84}\u{e4} u00e4-secret"),
            ("line\n\"quoted\"", "a line\n\"quoted\" b"),
            ("\\\\\\\\", "\\\\\\\\\\"),
            ("fish 🐟", "a fish 🐟"),
        ] {
            for (key, value) in [("key", said), (said, "value")] {
                let object = serde_json::json!({ key: value });
                let ascii: String = object
                    .to_string()
                    .chars()
                    .map(|c| if c == '🐟' { "\\ud83d\\udc1f".to_owned() } else { c.to_string() })
                    .collect();
                for json in [object.to_string(), ascii] {
                    let clean = scrubber(&[secret]).scrub_json(&json).into_owned();
                    let clean: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&clean).unwrap();
                    let (key, value) = clean.iter().next().unwrap();
                    let expected = scrubber(&[secret]).scrub(said).into_owned();
                    assert!(*key == expected || *value == expected, "{secret:?} in {said:?}: {clean:?}");
                }
            }
        }
    }

    #[test]
    fn many_and_long_secrets_cost_no_more_than_reading_them() {
        let mut scrubber = Scrubber::new();
        for number in 0..1000 {
            scrubber.learn(&Secret::new(format!("secret{number:030}")));
            scrubber.learn(&Secret::new(format!("secret{:030}", 999)));
        }
        scrubber.learn(&Secret::new("a".repeat(2000)));
        let look_ups = |text: &str| {
            LOOKED_UP.set(0);
            let clean = scrubber.scrub(text);
            assert!(!clean.contains("aaaa") && !clean.contains("000999"), "{clean}");
            LOOKED_UP.get()
        };
        let text = |length: usize| format!("{} secret{:030} ", "a".repeat(length), 999);
        // A few for each place where a secret may begin, however many secrets there are.
        assert!(look_ups(&text(20_000)) < 3 * 20_000 && look_ups(&text(40_000)) < 3 * 40_000);
        let needles = scrubber.spelled.get().unwrap().lock().unwrap().needles.len();
        assert!(needles < 1001 * 40, "{needles} spellings");
    }

    #[test]
    fn only_what_a_text_may_hold_is_spelled() {
        let secrets: Vec<String> = (0..1000).map(|number| format!("{number:03}+secret of ours")).collect();
        let scrubber = scrubber(&secrets.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(scrubber.scrub("nothing, then 007+secret of ours"), "nothing, then ‹secret, 18 chars›");
        let spelled = scrubber.spelled.get().unwrap().lock().unwrap();
        assert!(spelled.made.iter().filter(|is_spelled| **is_spelled).count() < 10);
    }

    #[test]
    fn of_very_many_secrets_each_is_found_encoded_and_few_are_spelled_in_every_way() {
        let secret = |number: usize| format!("{number:05}+canary/{number:05}");
        let secrets: Vec<String> = (0..3 * MOST_ENCODED).map(secret).collect();
        let scrubber = scrubber(&secrets.iter().map(String::as_str).collect::<Vec<_>>());
        for number in [0, MOST_ENCODED - 1, MOST_ENCODED, 3 * MOST_ENCODED - 1] {
            let secret = secret(number);
            let percent: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            for spelt in [
                secret.clone(),
                percent.clone(),
                percent.replace('%', "%25"),
                STANDARD.encode(format!("client:{secret}")),
                STANDARD.encode(format!("client:{percent}")),
                STANDARD.encode(format!("- a: {secret}, and more")).trim_end_matches('=').to_owned(),
            ] {
                let clean = scrubber.scrub(&format!("Sent is {spelt} to https://a.example.com/x")).into_owned();
                assert!(clean.starts_with("Sent is ") && clean.ends_with(" to https://a.example.com/x"), "{clean}");
                assert!(clean.contains("‹secret, 18 chars›"), "{spelt}: {clean}");
                for rest in ["canary", spelt.get(11..17).unwrap()] {
                    assert!(!clean.contains(rest), "{spelt}: {clean}");
                }
            }
        }
        // All begin alike, and so all are spelled.
        scrubber.scrub(&"00000 00001 00002 00003 ".repeat(10));
        let needles = scrubber.spelled.get().unwrap().lock().unwrap().needles.len();
        assert!(needles < 60 * MOST_ENCODED, "{needles} spellings");
    }

    #[test]
    fn of_two_with_one_spelling_the_first_is_named() {
        let clean = |secrets: &[&str]| scrubber(secrets).scrub("x abcd y").into_owned();
        assert_eq!(clean(&["abcd", "abcd\n"]), "x ‹secret, 4 chars› y");
        assert_eq!(clean(&["abcd\n", "abcd"]), "x ‹secret, 5 chars, ends with newline› y");
    }
}
