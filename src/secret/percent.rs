//! What is percent-encoded, and where each part of it stands.

use std::ops::Range;

/// A text as it is once it is decoded.
pub(crate) struct Decoded {
    pub(crate) text: String,
    /// Where each of its bytes stands in what was decoded; and the end of that.
    places: Vec<usize>,
}

impl Decoded {
    /// Decodes `%41` once, and `+` as forms write a blank. Nothing comes of a text in which nothing is encoded.
    pub(crate) fn of(encoded: &str) -> Option<Self> {
        memchr::memchr(b'%', encoded.as_bytes())?;
        // Where the bytes of letters are none of any, those of signs are still what they are.
        Self::with(encoded, |_| true).or_else(|| Self::with(encoded, |byte| byte.is_ascii()))
    }

    fn with(encoded: &str, is_decoded: fn(u8) -> bool) -> Option<Self> {
        let mut bytes = Vec::with_capacity(encoded.len());
        let mut places = Vec::with_capacity(encoded.len() + 1);
        let mut rest = encoded.as_bytes();
        while let [first, behind @ ..] = rest {
            let code = behind.get(..2).filter(|code| *first == b'%' && code.iter().all(u8::is_ascii_hexdigit));
            let byte = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
            let byte = byte.filter(|byte| is_decoded(*byte));
            places.push(encoded.len() - rest.len());
            bytes.push(byte.unwrap_or(if *first == b'+' { b' ' } else { *first }));
            rest = behind.get(if byte.is_some() { 2 } else { 0 }..).unwrap_or_default();
        }
        places.push(encoded.len());
        let text = String::from_utf8(bytes).ok().filter(|text| text.len() < encoded.len())?;
        Some(Self { text, places })
    }

    /// Where a part of the text stands in what was decoded.
    pub(crate) fn place(&self, at: &Range<usize>) -> Range<usize> {
        let place = |at: usize| self.places.get(at).or(self.places.last()).copied().unwrap_or_default();
        place(at.start)..place(at.end)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_what_is_decoded_has_its_place() {
        let encoded = "a%3A%2F%2Fb+%C3%B1c%zz%";
        let decoded = Decoded::of(encoded).unwrap();
        assert_eq!(decoded.text, "a://b ñc%zz%");
        let place = |part: &str| decoded.text.find(part).map(|at| &encoded[decoded.place(&(at..at + part.len()))]);
        assert_eq!(place("://b"), Some("%3A%2F%2Fb"));
        assert_eq!(place("ñc"), Some("%C3%B1c"));
        assert_eq!(place("%"), Some("%"));
        assert_eq!(Decoded::of("%ff%3A").map(|decoded| decoded.text).as_deref(), Some("%ff:"));
        assert!(Decoded::of("a+b").is_none() && Decoded::of("100%").is_none());
    }
}
