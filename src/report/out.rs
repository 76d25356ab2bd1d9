//! The only place that writes: to standard output, to standard error, and to the files that the user names.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;

use super::text;
use crate::disk;

/// Where text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output: reports.
    Report,
    /// Standard error: progress, and why we cannot start.
    Progress,
}

/// Writes a text, and a line end if it lacks one. What goes to standard error cannot act on a terminal or a CI runner.
///
/// A reader that has gone away (`pomlint … | head`) has seen enough: that is no error.
///
/// # Errors
/// What the operating system says, e.g. that the disk is full.
pub fn write(stream: Stream, text: &str) -> io::Result<()> {
    match stream {
        Stream::Report => feed(text).map(drop),
        Stream::Progress => {
            let lines: String = text.lines().map(|line| text::inert(text::escape(line)) + "\n").collect();
            write_to(&mut io::stderr().lock(), &lines).map(drop)
        }
    }
}

/// Writes a part of a report, and says whether there is anybody left to write the rest for.
///
/// # Errors
/// As [`write()`].
pub fn feed(text: &str) -> io::Result<bool> {
    write_to(&mut io::stdout().lock(), text)
}

/// Whether it is read.
fn write_to(stream: &mut dyn Write, text: &str) -> io::Result<bool> {
    if text.is_empty() {
        return Ok(true);
    }
    let end: &[u8] = if text.ends_with('\n') { b"" } else { b"\n" };
    let written = stream.write_all(text.as_bytes()).and_then(|()| stream.write_all(end)).and_then(|()| stream.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        other => other.map(|()| true),
    }
}

/// Replaces the line on which standard error stands, on a terminal; an empty text takes it away.
pub fn status(line: &str) {
    // It is there to pass the time. If it cannot be shown, nothing is lost.
    let _ = write!(io::stderr().lock(), "\r\x1b[2K{line}").and_then(|()| io::stderr().flush());
}

/// Writes a report to a file, as [`disk::write`] does, and a line end if it lacks one.
///
/// # Errors
/// As [`disk::write`].
pub fn write_file(path: &Path, text: &str) -> io::Result<()> {
    if ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|own| path == Path::new(own)) {
        return write(Stream::Report, text);
    }
    disk::write(path, ended(text).as_bytes())
}

/// Adds a report to a file that others write to as well.
///
/// # Errors
/// What the operating system says.
pub fn append_file(path: &Path, text: &str) -> io::Result<()> {
    disk::append(path, ended(text).as_bytes())
}

fn ended(text: &str) -> Cow<'_, str> {
    if text.is_empty() || text.ends_with('\n') { text.into() } else { format!("{text}\n").into() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn a_closed_pipe_is_a_quiet_end_and_a_full_disk_is_not() {
        assert!(!write_to(&mut Broken(io::ErrorKind::BrokenPipe), "text").unwrap());
        assert!(write_to(&mut Broken(io::ErrorKind::StorageFull), "text").is_err());
    }

    #[test]
    fn a_line_is_ended_and_nothing_stays_nothing() {
        let mut written = Vec::new();
        assert!(write_to(&mut written, "a line").unwrap());
        assert_eq!(written, b"a line\n");
        let mut nothing = Vec::new();
        write_to(&mut nothing, "").unwrap();
        assert!(nothing.is_empty());
    }
}
