//! What a scalar stands for (`resolve.go` of yaml.v3).

use super::super::node::Value;
use crate::go;

/// `tag:yaml.org,2002:str` is written `!!str` in messages.
pub(super) fn short_tag(tag: &str) -> String {
    tag.strip_prefix("tag:yaml.org,2002:").map_or_else(|| tag.to_owned(), |name| format!("!!{name}"))
}

/// The tag of a scalar without quotes, by its text.
pub(super) fn tag_of(text: &str) -> &'static str {
    guess("", text).0
}

/// The value of a scalar with this tag, if it is another than its text. An error is Go's words.
pub(super) fn resolve(tag: &str, text: &str) -> Result<Option<Value>, String> {
    const RESOLVABLE: [&str; 5] = ["!!bool", "!!int", "!!float", "!!null", "!!timestamp"];
    if !RESOLVABLE.contains(&tag) {
        return Ok(None);
    }
    match guess(tag, text) {
        ("!!int", Some(Value::Integer(number))) if tag == "!!float" => Ok(Some(Value::Float(go::to_float(number)))),
        (found, value) if tag == found => Ok(value),
        (found, _) => Err(format!("cannot decode {found} `{text}` as a {tag}")),
    }
}

/// The tag that a text has by itself, and the value, if it is another than the text. `tag` is the one written, or empty.
fn guess(tag: &str, text: &str) -> (&'static str, Option<Value>) {
    const STRING: (&str, Option<Value>) = ("!!str", None);
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return ("!!null", Some(Value::Null)),
        "true" | "True" | "TRUE" => return ("!!bool", Some(Value::Flag(true))),
        "false" | "False" | "FALSE" => return ("!!bool", Some(Value::Flag(false))),
        ".nan" | ".NaN" | ".NAN" => return ("!!float", Some(Value::Float(f64::NAN))),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return ("!!float", Some(Value::Float(f64::INFINITY)));
        }
        "-.inf" | "-.Inf" | "-.INF" => return ("!!float", Some(Value::Float(f64::NEG_INFINITY))),
        _ => {}
    }
    match text.as_bytes().first() {
        Some(b'.') => go::parse_float(text).map_or(STRING, |number| ("!!float", Some(Value::Float(number)))),
        Some(b'0'..=b'9' | b'+' | b'-') => {
            if (tag.is_empty() || tag == "!!timestamp") && is_timestamp(text) {
                return ("!!timestamp", Some(Value::Timestamp(text.to_owned())));
            }
            number(&text.replace('_', "")).map_or(STRING, |(tag, value)| (tag, Some(value)))
        }
        _ => STRING,
    }
}

fn number(plain: &str) -> Option<(&'static str, Value)> {
    if let Ok(number) = go::parse_int(plain, 64).or_else(|_| go::parse_uint(plain, 64)) {
        return Some(("!!int", Value::Integer(number)));
    }
    if is_decimal_float(plain)
        && let Ok(number) = go::parse_float(plain)
    {
        return Some(("!!float", Value::Float(number)));
    }
    None
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_decimal_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

/// The formats yaml.v3 allows: `2006-1-2`, `2006-1-2 15:4:5.9`, `2006-1-2T15:4:5.9Z07:00`.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some((&text[at..=at], &text[at + 1..]))),
        None => (text, None),
    };
    if !is_date(date) {
        return false;
    }
    match time {
        None => true,
        Some((" ", time)) => is_clock(time),
        Some((_, time)) => {
            let Some(zone) = time.find(['Z', '+', '-']) else { return false };
            let (clock, zone) = time.split_at(zone);
            is_clock(clock) && (zone == "Z" || is_zone(&zone[1..]))
        }
    }
}

fn small(text: &str, range: std::ops::RangeInclusive<u32>) -> bool {
    (1..=2).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse().is_ok_and(|number: u32| range.contains(&number))
}

fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let (Ok(year), Ok(month_number)) = (year.parse::<u32>(), month.parse::<u32>()) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month_number {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    small(month, 1..=12) && small(day, 1..=days)
}

fn is_clock(text: &str) -> bool {
    let mut parts = text.split(':');
    let (Some(hour), Some(minute), Some(second), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let (second, fraction) = second.split_once(['.', ',']).unwrap_or((second, "0"));
    small(hour, 0..=23)
        && small(minute, 0..=59)
        && small(second, 0..=59)
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_zone(text: &str) -> bool {
    text.split_once(':').is_some_and(|(hour, minute)| {
        hour.len() == 2 && minute.len() == 2 && small(hour, 0..=24) && small(minute, 0..=60)
    })
}
