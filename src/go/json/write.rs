//! JSON as `json.Marshal` writes it (`encode.go` of Go's `encoding/json`).

use std::io;

use serde::Serialize;
use serde_json::Value as Json;
use serde_json::ser::{Formatter, Serializer};

use super::super::to_float;

/// The text of a value.
pub(crate) fn written(value: &Json) -> String {
    let mut text = Vec::new();
    // A vector takes whatever is written, and each value has a text.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut text, Go));
    String::from_utf8_lossy(&text).into_owned()
}

/// A whole number. One that is wider than 64 bits is a float to Go.
pub(crate) fn integer(number: i128) -> Json {
    match (i64::try_from(number), u64::try_from(number)) {
        (Ok(number), _) => number.into(),
        (_, Ok(number)) => number.into(),
        _ => to_float(number).into(),
    }
}

/// A float; Go writes one without a fraction as a whole number.
pub(crate) fn float(number: f64) -> Json {
    /// 2^64
    const WIDE: f64 = 18_446_744_073_709_551_616.0;
    #[expect(clippy::cast_possible_truncation, reason = "it has no fraction and is narrow enough")]
    let whole = || integer(number as i128);
    if number.fract() == 0.0 && number.abs() < WIDE { whole() } else { number.into() }
}

/// A time of YAML, which is a `time.Time` to Go: `2026-01-31` is midnight, UTC, and `2026-1-5` the fifth of January.
pub(crate) fn time(written: &str) -> String {
    let (date, time) = written.split_once([' ', 'T', 't']).unwrap_or((written, "00:00:00"));
    let date = date.split('-').map(|part| format!("{part:0>2}")).collect::<Vec<_>>().join("-");
    let time = time.replace([' ', 'z', 'Z'], "");
    let zone = if time.contains(['+', '-']) { "" } else { "Z" };
    format!("{date}T{time}{zone}")
}

/// What Go writes otherwise than serde: what could end an HTML element is escaped, and a float has an exponent where it is very
/// small or very large.
struct Go;

impl Formatter for Go {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, number: f64) -> io::Result<()> {
        if number == 0.0 || (1e-6..1e21).contains(&number.abs()) {
            return write!(writer, "{number}");
        }
        let text = format!("{number:e}");
        let signed = if number.abs() < 1.0 { text } else { text.replace('e', "e+") };
        writer.write_all(signed.as_bytes())
    }

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        for part in fragment.split_inclusive(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let mut letters = part.chars();
            match letters.next_back() {
                Some(last @ ('<' | '>' | '&' | '\u{2028}' | '\u{2029}')) => {
                    write!(writer, "{}\\u{:04x}", letters.as_str(), u32::from(last))?;
                }
                _ => writer.write_all(part.as_bytes())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_an_exponent_where_go_gives_them_one() {
        let cases = [
            (float(1.0e15), "1000000000000000"),
            (float(1.0e16), "10000000000000000"),
            (float(-3.0), "-3"),
            (float(1.0e19), "10000000000000000000"),
            (float(1.0e20), "100000000000000000000"),
            (float(1.0e21), "1e+21"),
            (float(1.5e-5), "0.000015"),
            (float(1.5e-7), "1.5e-7"),
            (float(0.5), "0.5"),
            (integer(18_446_744_073_709_551_615), "18446744073709551615"),
            (integer(-9_223_372_036_854_775_808), "-9223372036854775808"),
            (integer(1 << 80), "1.2089258196146292e+24"),
        ];
        for (value, want) in cases {
            assert_eq!(written(&value), want);
        }
    }

    #[test]
    fn texts_cannot_end_an_element() {
        assert_eq!(written(&"<a> & \"b\"\u{2028}é".into()), r#""\u003ca\u003e \u0026 \"b\"\u2028é""#);
    }

    #[test]
    fn times() {
        let cases = [
            ("2026-01-31", "2026-01-31T00:00:00Z"),
            ("2026-1-5", "2026-01-05T00:00:00Z"),
            ("2026-01-31 10:00:00", "2026-01-31T10:00:00Z"),
            ("2026-01-31T10:00:00z", "2026-01-31T10:00:00Z"),
            ("2026-01-31t10:00:00 +01:00", "2026-01-31T10:00:00+01:00"),
        ];
        for (yaml, want) in cases {
            assert_eq!(time(yaml), want);
        }
    }
}
