//! Base64 with the words and the leniency of Go's `encoding/base64`.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Decodes standard base64. Line ends are skipped; anything else wrong is named by its place.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<(usize, u8)> =
        text.bytes().enumerate().filter(|(_, byte)| !matches!(byte, b'\n' | b'\r')).collect();
    let plain: Vec<u8> = digits.iter().map(|(_, byte)| *byte).collect();
    match first_wrong_digit(&digits, text.len()) {
        Some(at) => Err(format!("illegal base64 data at input byte {at}")),
        None => Ok(STANDARD.decode(&plain).unwrap_or_default()),
    }
}

/// The bytes that Go returns along with an error: those of the whole groups before it.
pub(crate) fn decode_beginning(text: &str) -> Vec<u8> {
    let digits: Vec<(usize, u8)> =
        text.bytes().enumerate().filter(|(_, byte)| !matches!(byte, b'\n' | b'\r')).collect();
    let at = first_wrong_digit(&digits, text.len()).unwrap_or(text.len());
    let good: Vec<u8> = digits.iter().take_while(|(place, _)| *place < at).map(|(_, byte)| *byte).collect();
    STANDARD.decode(&good[..good.len() / 4 * 4]).unwrap_or_default()
}

/// Go's `base64.RawURLEncoding`: no padding, and bits left over are not looked at.
pub(crate) fn decode_raw_url(text: &str) -> Result<Vec<u8>, base64::DecodeError> {
    RAW_URL.decode(text)
}

/// What Go says of a text that is no such base64.
pub(crate) fn check_raw_url(text: &str) -> Result<(), String> {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'\r' | b'\n');
    let count = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).count();
    let wrong = text.bytes().position(|byte| !is_digit(byte)).or((count % 4 == 1).then(|| text.len() - 1));
    wrong.map_or(Ok(()), |at| Err(format!("illegal base64 data at input byte {at}")))
}

const RAW_URL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// Bits behind the last whole byte are ignored.
const STANDARD: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// The place Go names: the first byte that is no digit, padding that is wrong, or the last group if it is cut.
fn first_wrong_digit(digits: &[(usize, u8)], length: usize) -> Option<usize> {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    for (group, bytes) in digits.chunks(4).enumerate() {
        let Some(position) = bytes.iter().position(|(_, byte)| !is_digit(*byte)) else {
            if bytes.len() < 4 {
                return Some(length - bytes.len());
            }
            continue;
        };
        let (at, byte) = bytes[position];
        if byte != b'=' || position < 2 {
            return Some(at);
        }
        // One padding after three digits, two after two, nothing behind.
        if position == 2 {
            match bytes.get(3) {
                None => return Some(length),
                Some((next, other)) if *other != b'=' => return Some(*next),
                Some(_) => {}
            }
        }
        return digits.get(group * 4 + 4).map(|(next, _)| *next);
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::decode;

    #[test]
    fn names_the_place_that_go_names() {
        assert_eq!(decode("***").unwrap_err(), "illegal base64 data at input byte 0");
        assert_eq!(decode("AAAA*").unwrap_err(), "illegal base64 data at input byte 4");
        assert_eq!(decode("AAAAA").unwrap_err(), "illegal base64 data at input byte 4");
        assert_eq!(decode("AA=A").unwrap_err(), "illegal base64 data at input byte 3");
        assert_eq!(decode("AA==AAAA").unwrap_err(), "illegal base64 data at input byte 4");
    }

    #[test]
    fn skips_line_ends_and_spare_bits() {
        assert_eq!(decode("QU\r\nI=\n").unwrap(), b"AB");
        assert_eq!(decode("QUJ=").unwrap(), b"AB");
    }
}
