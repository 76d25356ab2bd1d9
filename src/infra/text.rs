//! From bytes to a text.

use super::refusal::NotCode;

/// The text of a file. PowerShell writes what a command prints as UTF-16.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String, NotCode> {
    // Terraform stores its plans as an archive.
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(NotCode::BinaryPlan);
    }
    match bytes.get(..2) {
        Some([0xff, 0xfe]) => wide(bytes.get(2..).unwrap_or_default(), u16::from_le_bytes),
        Some([0xfe, 0xff]) => wide(bytes.get(2..).unwrap_or_default(), u16::from_be_bytes),
        _ => String::from_utf8(bytes).map_err(|_| NotCode::NoText),
    }
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, NotCode> {
    let units = bytes.chunks(2).map(|pair| <[u8; 2]>::try_from(pair).map(unit));
    let units: Result<Vec<u16>, _> = units.collect();
    String::from_utf16(&units.map_err(|_| NotCode::NoText)?).map_err(|_| NotCode::NoText)
}
