//! Messages as they come: a header that tells a length, and so many bytes of JSON.
//!
//! The library's own reader ends at the first text that is no message, and makes room for whatever length is told; an editor may run for
//! weeks.

use std::io::{self, BufRead, Read, Write};

use lsp_server::Message;
use serde_json::Value;

/// What a client says.
pub(super) enum Heard {
    Message(Message),
    /// No message; where it ends is known.
    Garbled,
}

/// No message is longer, in bytes: of a document, a small part of that is ever judged.
const LONGEST: u64 = 64 << 20;

/// Nor is a line of a header.
const LONGEST_LINE: u64 = 4096;

/// The next one, if there is one.
///
/// # Errors
/// If nobody can say where it ends.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Heard>> {
    let Some(length) = header(input)? else { return Ok(None) };
    let mut body = input.take(length);
    if length > LONGEST {
        io::copy(&mut body, &mut io::sink())?;
        return Ok(Some(Heard::Garbled));
    }
    let mut text = Vec::new();
    body.read_to_end(&mut text)?;
    if text.len() as u64 != length {
        return Ok(None);
    }
    Ok(Some(serde_json::from_slice(&text).map_or(Heard::Garbled, Heard::Message)))
}

/// Writes an answer for which the library has no type: nobody knows which request it answers.
pub(super) fn write(output: &mut dyn Write, answer: &Value) -> io::Result<()> {
    let text = answer.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

/// The length that a header tells; `None` where the client has left.
fn header(input: &mut impl BufRead) -> io::Result<Option<u64>> {
    let no_header = || io::Error::new(io::ErrorKind::InvalidData, "this is no header of a message");
    let mut length = None;
    loop {
        let mut line = String::new();
        if input.take(LONGEST_LINE).read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let Some(line) = line.strip_suffix("\r\n") else { return Err(no_header()) };
        if line.is_empty() {
            return length.map(Some).ok_or_else(no_header);
        }
        let (name, value) = line.split_once(':').ok_or_else(no_header)?;
        if name.eq_ignore_ascii_case("Content-Length") {
            length = Some(value.trim().parse().map_err(|_| no_header())?);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(said: &str) -> Vec<String> {
        let mut input = said.as_bytes();
        let mut heard = Vec::new();
        loop {
            heard.push(match read(&mut input) {
                Ok(Some(Heard::Message(Message::Notification(said)))) => said.method,
                Ok(Some(Heard::Message(_))) => "another".to_owned(),
                Ok(Some(Heard::Garbled)) => "garbled".to_owned(),
                Ok(None) => return heard,
                Err(error) => error.to_string(),
            });
            if heard.len() > 9 || heard.last().is_some_and(|last| last.contains("no header")) {
                return heard;
            }
        }
    }

    #[test]
    fn a_text_that_is_no_message_ends_nothing() {
        let framed = |text: &str| format!("Content-Length: {}\r\n\r\n{text}", text.len());
        let good = framed(r#"{"jsonrpc":"2.0","method":"exit"}"#);
        for odd in [r#"{"method":"a","params":"\ud800"}"#, "[]", "{", "\u{0}", ""] {
            assert_eq!(heard(&(framed(odd) + &good)), ["garbled", "exit"], "{odd}");
        }
        assert_eq!(heard(&format!("content-length:{}\r\nX: y\r\n\r\n{}", 33, &good[22..])), ["exit"]);
        assert_eq!(heard("Content-Length: 99999999999999999\r\n\r\n{}"), ["garbled"]);
        assert!(heard("Content-Length: 10\r\n\r\n{}").is_empty());
        for said in ["{}\n", "Content-Length: x\r\n\r\n{}", "X: y\r\n\r\n{}", "x\r\n\r\n"] {
            assert_eq!(heard(said), ["this is no header of a message"], "{said}");
        }
        assert_eq!(heard(&"x".repeat(10_000)), ["this is no header of a message"]);
    }
}
