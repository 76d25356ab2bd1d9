//! Go's own ways with numbers, flags and durations (`strconv`, `time`).

use super::quote;

/// `strconv.ParseInt(text, 0, bits)`. The error is Go's words without the function's name.
pub(crate) fn parse_int(text: &str, bits: u32) -> Result<i128, &'static str> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let magnitude = parse_magnitude(digits)?;
    let limit = 1_i128 << (bits - 1);
    let number = if negative { -magnitude } else { magnitude };
    if number >= limit || number < -limit { Err("value out of range") } else { Ok(number) }
}

/// `strconv.ParseUint(text, 0, bits)`.
pub(crate) fn parse_uint(text: &str, bits: u32) -> Result<i128, &'static str> {
    let number = parse_magnitude(text)?;
    if number >= 1_i128 << bits { Err("value out of range") } else { Ok(number) }
}

/// An unsigned number in Go's base 0: a prefix says the base, underscores may separate digits if there is a prefix.
fn parse_magnitude(text: &str) -> Result<i128, &'static str> {
    const SYNTAX: &str = "invalid syntax";
    let lower = text.to_ascii_lowercase();
    let (base, digits) = match lower.as_bytes() {
        [] => return Err(SYNTAX),
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    let mut number: i128 = 0;
    let mut seen_digit = false;
    let mut after_underscore = false;
    for character in digits.chars() {
        if character == '_' {
            if after_underscore || base == 10 {
                return Err(SYNTAX);
            }
            after_underscore = true;
            continue;
        }
        let digit = character.to_digit(base).ok_or(SYNTAX)?;
        seen_digit = true;
        after_underscore = false;
        number = number.saturating_mul(i128::from(base)).saturating_add(i128::from(digit)).min(1 << 100);
    }
    if !seen_digit || after_underscore { Err(SYNTAX) } else { Ok(number) }
}

/// `strconv.ParseFloat(text, 64)` for what a configuration can hold.
pub(crate) fn parse_float(text: &str) -> Result<f64, &'static str> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text).to_ascii_lowercase();
    if matches!(unsigned.as_str(), "inf" | "infinity" | "nan") {
        return text.parse().map_err(|_| "invalid syntax");
    }
    if !unsigned.bytes().all(|byte| byte.is_ascii_digit() || b".e+-".contains(&byte)) {
        return Err("invalid syntax");
    }
    let number: f64 = text.parse().map_err(|_| "invalid syntax")?;
    if number.is_infinite() { Err("value out of range") } else { Ok(number) }
}

/// `strconv.ParseBool`.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// `strconv.FormatFloat(number, 'f', -1, 64)`: never an exponent.
pub(crate) fn format_float(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() }
    } else {
        format!("{number}")
    }
}

/// A float as Go converts an integer.
#[allow(clippy::cast_precision_loss, reason = "as Go loses it")]
pub(crate) fn to_float(number: i128) -> f64 {
    number as f64
}

/// `time.ParseDuration`, in nanoseconds. The error is the words that mapstructure leaves of Go's: it cuts the last one.
pub(crate) fn parse_duration(text: &str) -> Result<i64, String> {
    let cut = |words: &str| {
        let words = format!("time: {words} {}", quote(text));
        words.rsplit_once(' ').map_or_else(String::new, |(kept, _)| kept.to_owned())
    };
    let invalid = || cut("invalid duration");
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: f64 = 0.0;
    while !rest.is_empty() {
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(length);
        if !number.bytes().any(|byte| byte.is_ascii_digit()) || number.matches('.').count() > 1 {
            return Err(invalid());
        }
        let length = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(length);
        let scale = match unit {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            "" => return Err(cut("missing unit in duration")),
            _ => return Err("time: unknown unit".to_owned()),
        };
        total += number.parse::<f64>().map_err(|_| invalid())? * scale;
        rest = after;
    }
    // 2^63 nanoseconds are 292 years; Go counts no further.
    if total >= 9_223_372_036_854_775_808.0 {
        return Err(invalid());
    }
    #[allow(clippy::cast_possible_truncation, reason = "it was found to be below 2^63; Go cuts the fraction off")]
    let nanoseconds = total as i64;
    Ok(if negative { -nanoseconds } else { nanoseconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(parse_duration("1h30m"), Ok(5_400_000_000_000));
        assert_eq!(parse_duration("-1.5s"), Ok(-1_500_000_000));
        assert_eq!(parse_duration("0"), Ok(0));
        assert_eq!(parse_duration("30"), Err("time: missing unit in duration".to_owned()));
        assert_eq!(parse_duration("8 hours"), Err("time: unknown unit".to_owned()));
        assert_eq!(parse_duration("x"), Err("time: invalid duration".to_owned()));
        assert_eq!(parse_duration(""), Err("time: invalid duration".to_owned()));
    }

    #[test]
    fn whole_numbers_in_any_base() {
        assert_eq!(parse_int("-0x_ff", 64), Ok(-255));
        assert_eq!(parse_int("1_0", 64), Err("invalid syntax"));
        assert_eq!(parse_int("9223372036854775808", 64), Err("value out of range"));
        assert_eq!(parse_uint("4294967296", 32), Err("value out of range"));
        assert_eq!(parse_uint("-1", 32), Err("invalid syntax"));
    }

    #[test]
    fn floats_are_written_without_exponent() {
        assert_eq!(format_float(1e21), "1000000000000000000000");
        assert_eq!(format_float(1.5e-7), "0.00000015");
    }
}
