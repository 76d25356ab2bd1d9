//! UTF-16, as Windows PowerShell writes what a command prints.

use std::io::{self, Read};

/// Reads UTF-16 as UTF-8.
pub(super) struct Utf16<R> {
    input: R,
    is_big: bool,
    /// The first half of a unit.
    half: Option<u8>,
    /// The first half of a pair.
    high: Option<u16>,
    ready: Vec<u8>,
    given: usize,
}

/// Whether a text begins as UTF-16, and then whether its units have the greater byte first.
pub(super) fn order(head: &[u8]) -> Option<bool> {
    match head {
        [0xff, 0xfe, ..] => Some(false),
        [0xfe, 0xff, ..] => Some(true),
        // Without a mark, the texts that are pasted begin with signs of ASCII.
        [first, 0, second, 0, ..] if is_first(*first) && second.is_ascii() && *second != 0 => Some(false),
        [0, first, 0, second, ..] if is_first(*first) && second.is_ascii() && *second != 0 => Some(true),
        _ => None,
    }
}

/// Whether a text may begin with this sign: a blank, or the colour of a terminal, too.
fn is_first(sign: u8) -> bool {
    sign.is_ascii_graphic() || sign.is_ascii_whitespace() || sign == 0x1b
}

impl<R: Read> Utf16<R> {
    pub(super) fn new(input: R, is_big: bool) -> Self {
        Self { input, is_big, half: None, high: None, ready: Vec::new(), given: 0 }
    }

    fn byte(&mut self, byte: u8) {
        let Some(half) = self.half.take() else {
            self.half = Some(byte);
            return;
        };
        let bytes = [half, byte];
        let unit = if self.is_big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) };
        let units = [self.high.take(), Some(unit)];
        if matches!(units, [None, Some(0xd800..=0xdbff)]) {
            self.high = Some(unit);
            return;
        }
        for character in char::decode_utf16(units.into_iter().flatten()) {
            let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            if character != '\u{feff}' {
                self.ready.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given >= self.ready.len() {
            self.ready.clear();
            self.given = 0;
            let mut raw = [0; 16 * 1024];
            let read = self.input.read(&mut raw)?;
            if read == 0 {
                return Ok(0);
            }
            for byte in raw.iter().take(read) {
                self.byte(*byte);
            }
        }
        let mut rest = self.ready.get(self.given..).unwrap_or_default();
        let count = rest.read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn both_orders_are_read() {
        let text = "invalid CSRF token 😀 é";
        for is_big in [false, true] {
            let bytes: Vec<u8> = text
                .encode_utf16()
                .flat_map(|unit| if is_big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect();
            assert_eq!(order(&bytes), Some(is_big));
            let mut read = String::new();
            Utf16::new(&*bytes, is_big).read_to_string(&mut read).unwrap();
            assert_eq!(read, text);
        }
        assert_eq!((order(b"plain"), order(&[0; 8]), order(b"")), (None, None, None));
    }
}
