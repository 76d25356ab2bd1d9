//! Secrets, and the writer's scrubber that keeps them out of every output.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// A value that must never be printed.
///
/// There is no `Debug`, `Display` or `Serialize`; memory is zeroed on drop. What may be shown of it is [`Secret::describe`].
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a value into custody.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// The value itself, for the request that needs it and for rules that judge its form.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Length and telling traits, e.g. `‹secret, 53 chars, ends with newline›`: they are the diagnosis.
    pub fn describe(&self) -> String {
        let mut words = vec!["secret".to_owned(), format!("{} chars", self.0.chars().count())];
        let text = self.expose();
        let quoted = |quote: char| text.len() > 1 && text.starts_with(quote) && text.ends_with(quote);
        let traits = [
            ("ends with newline", text.ends_with('\n')),
            ("ends with space", text.ends_with([' ', '\t'])),
            ("begins with white space", text.starts_with(char::is_whitespace)),
            ("in quotes", quoted('"') || quoted('\'')),
            ("not ASCII", !text.is_ascii()),
        ];
        words.extend(traits.iter().filter(|(_, has)| *has).map(|(name, _)| (*name).to_owned()));
        format!("‹{}›", words.join(", "))
    }
}

/// Removes known secrets from text that is about to leave the program.
///
/// A secret is removed as it stands, without surrounding white space, URL-encoded in both spellings, as base64, and as
/// the base64 of `id:secret` that HTTP Basic sends.
#[derive(Default)]
pub struct Scrubber {
    needles: Vec<(Zeroizing<String>, String)>,
}

/// Shorter values are ordinary words: cutting them would garble the report and, by the gaps, tell the secret.
const SHORTEST: usize = 4;

impl Scrubber {
    /// A scrubber that knows no secret yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Learns a secret and, for each client id it is used with, the pair that HTTP Basic sends.
    pub fn learn(&mut self, secret: &Secret, client_ids: &[&str]) {
        let label = secret.describe();
        for value in [secret.expose(), secret.expose().trim()] {
            if value.chars().count() < SHORTEST {
                continue;
            }
            self.add(value.to_owned(), &label);
            self.add(query_escape(value), &label);
            self.add(query_escape(value).replace('+', "%20"), &label);
            self.add_base64(value, &label);
            // A value of several lines is also shown line by line.
            for line in value.lines().map(str::trim).filter(|line| line.chars().count() >= 8) {
                self.add(line.to_owned(), &label);
            }
            for id in client_ids {
                self.add_base64(&format!("{id}:{value}"), &label);
                self.add_base64(&format!("{}:{}", query_escape(id), query_escape(value)), &label);
            }
        }
        // Longest first, so that a secret that contains another is cut whole.
        self.needles.sort_by_key(|(needle, _)| std::cmp::Reverse(needle.len()));
        self.needles.dedup_by(|a, b| *a.0 == *b.0);
    }

    fn add(&mut self, needle: String, label: &str) {
        self.needles.push((Zeroizing::new(needle), label.to_owned()));
    }

    fn add_base64(&mut self, value: &str, label: &str) {
        self.add(STANDARD.encode(value).trim_end_matches('=').to_owned(), label);
        self.add(URL_SAFE_NO_PAD.encode(value), label);
    }

    /// The text with every known secret replaced by its description.
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut clean = Cow::Borrowed(text);
        for (needle, label) in &self.needles {
            if clean.contains(needle.as_str()) {
                clean = Cow::Owned(clean.replace(needle.as_str(), label));
            }
        }
        clean
    }
}

fn query_escape(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_secret_is_removed() {
        let secret = Secret::new("s3cret/+ value\n");
        let mut scrubber = Scrubber::new();
        scrubber.learn(&secret, &["client"]);
        let basic = STANDARD.encode("client:s3cret/+ value\n");
        let basic_trimmed = STANDARD.encode("client:s3cret/+ value");
        let text =
            format!("s3cret/+ value {} {basic} {basic_trimmed} s3cret%2F%2B%20value", query_escape("s3cret/+ value"));
        let clean = scrubber.scrub(&text);
        for word in ["s3cret", basic.trim_end_matches('='), basic_trimmed.trim_end_matches('=')] {
            assert!(!clean.contains(word), "{clean}");
        }
        assert!(clean.contains("ends with newline"), "{clean}");
    }

    #[test]
    fn text_without_secrets_is_not_copied() {
        let mut scrubber = Scrubber::new();
        scrubber.learn(&Secret::new("abcdefgh"), &[]);
        assert!(matches!(scrubber.scrub("nothing here"), Cow::Borrowed(_)));
    }
}
