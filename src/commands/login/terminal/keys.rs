//! What the bytes of a terminal mean: letters of a line, keys that end or mend it, and sequences that mean none of it (ECMA-48, 5.4).

use zeroize::{Zeroize as _, Zeroizing};

use crate::secret::Secret;

/// Longer lines are not taken, in bytes. An address with a code has a few hundred.
const LONGEST: usize = 16 * 1024;

/// A key that ends something.
pub(super) enum Key {
    /// The line.
    Enter(Secret),
    /// Ctrl-C or Ctrl-D.
    End,
}

/// Where in a sequence that begins with Escape the next byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sequence {
    /// In none.
    None,
    /// Behind Escape.
    Begun,
    /// Behind `ESC [`: parameters, up to a letter or `~`. An arrow, or the mark of a paste.
    Control,
    /// Behind `ESC O`: one more byte. An arrow, where a program has asked for such.
    Single,
}

/// A line that comes to be.
pub(super) struct Keys {
    typed: Zeroizing<Vec<u8>>,
    sequence: Sequence,
}

impl Keys {
    pub(super) fn new() -> Self {
        Self { typed: Zeroizing::new(Vec::with_capacity(LONGEST)), sequence: Sequence::None }
    }

    /// How many characters the line has.
    pub(super) fn typed(&self) -> usize {
        self.typed.iter().filter(|byte| !matches!(byte, 0x80..0xc0)).count()
    }

    /// More bytes have come. A sequence comes at once, so that an Escape behind which nothing came is the key itself.
    pub(super) fn come_anew(&mut self) {
        if self.sequence == Sequence::Begun {
            self.sequence = Sequence::None;
        }
    }

    /// The next byte.
    pub(super) fn press(&mut self, byte: u8) -> Option<Key> {
        self.sequence = match (self.sequence, byte) {
            // What is no letter is none of a sequence either: Ctrl-C and Enter do what they do.
            (_, 0x1b) => Sequence::Begun,
            (_, ..=0x1f) => return self.key(byte),
            (Sequence::Begun, b'O') => Sequence::Single,
            (Sequence::Begun, b'[') | (Sequence::Control, 0x20..=0x3f) => Sequence::Control,
            (Sequence::Control | Sequence::Single, _) => Sequence::None,
            (Sequence::None | Sequence::Begun, _) => return self.key(byte),
        };
        None
    }

    fn key(&mut self, byte: u8) -> Option<Key> {
        const KILL: u8 = 0x15;
        self.sequence = Sequence::None;
        match byte {
            b'\r' | b'\n' => {
                let line = Secret::new(String::from_utf8_lossy(&self.typed).into_owned());
                self.typed.zeroize();
                return Some(Key::Enter(line));
            }
            3 | 4 => return Some(Key::End),
            8 | 0x7f => drop(self.typed.pop()),
            KILL => self.typed.zeroize(),
            ..=0x1f => {}
            byte if self.typed.len() < LONGEST => self.typed.push(byte),
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of bytes that come in these pieces: the lines, and whether it is ended.
    fn typed(pieces: &[&[u8]]) -> (Vec<String>, bool) {
        let mut keys = Keys::new();
        let mut lines = Vec::new();
        for piece in pieces {
            keys.come_anew();
            for byte in *piece {
                match keys.press(*byte) {
                    Some(Key::Enter(line)) => lines.push(line.expose().to_owned()),
                    Some(Key::End) => return (lines, true),
                    None => {}
                }
            }
        }
        (lines, false)
    }

    #[test]
    fn a_sequence_leaves_nothing_and_swallows_nothing() {
        let line = |line: &str| (vec![line.to_owned()], false);
        for (pieces, expected) in [
            (&[b"\x1b[D\x1b[3~\x1b[1;5Cab\r".as_slice()][..], line("ab")),
            (&[b"\x1bOD\x1bOAab\r"], line("ab")),
            (&[b"\x1b[200~ab\x1b[201~\r"], line("ab")),
            (&[b"\x1b", b"ab\r"], line("ab")),
            (&[b"\x1b", b"[ab\r"], line("[ab")),
            (&[b"ab\x1b\r"], line("ab")),
            (&[b"\x1b[2\r"], line("")),
            (&[b"\x1b", b"\x03"], (Vec::new(), true)),
            (&[b"\x1b\x03"], (Vec::new(), true)),
            (&[b"\x1b[\x04"], (Vec::new(), true)),
            (&[b"\x1bO\x03"], (Vec::new(), true)),
            (&[b"xy\x7f\x7fab\x08c\r"], line("ac")),
            (&[b"xy\x15\0ab\r"], line("ab")),
        ] {
            assert_eq!(typed(pieces), expected, "{pieces:?}");
        }
    }

    #[test]
    fn characters_are_counted_and_not_bytes() {
        let mut keys = Keys::new();
        "aé漢".bytes().for_each(|byte| drop(keys.press(byte)));
        assert_eq!(keys.typed(), 3);
    }
}
