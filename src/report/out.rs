//! The only place that writes to standard output and standard error.

use std::io::{self, Write};

use crate::secret::Scrubber;

/// Where text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output: reports.
    Report,
    /// Standard error: progress, and why we cannot start.
    Progress,
}

/// Writes a text without any secret, and a line end if it lacks one.
///
/// A reader that has gone away (`pomlint … | head`) has seen enough: that is no error.
///
/// # Errors
/// What the operating system says, e.g. that the disk is full.
pub fn write(stream: Stream, text: &str, scrubber: &Scrubber) -> io::Result<()> {
    match stream {
        Stream::Report => write_to(&mut io::stdout().lock(), text, scrubber),
        Stream::Progress => write_to(&mut io::stderr().lock(), text, scrubber),
    }
}

fn write_to(stream: &mut dyn Write, text: &str, scrubber: &Scrubber) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    // No report for people begins like JSON, and a report for programs must stay what it is.
    let clean = if text.starts_with(['{', '[']) { scrubber.scrub_json(text) } else { scrubber.scrub(text) };
    let end: &[u8] = if clean.ends_with('\n') { b"" } else { b"\n" };
    let written = stream.write_all(clean.as_bytes()).and_then(|()| stream.write_all(end)).and_then(|()| stream.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::secret::Secret;

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
        let scrubber = Scrubber::new();
        assert!(write_to(&mut Broken(io::ErrorKind::BrokenPipe), "text", &scrubber).is_ok());
        assert!(write_to(&mut Broken(io::ErrorKind::StorageFull), "text", &scrubber).is_err());
    }

    #[test]
    fn secrets_are_removed_and_the_line_is_ended() {
        let mut scrubber = Scrubber::new();
        scrubber.learn(&Secret::new("hunter22"));
        let mut written = Vec::new();
        write_to(&mut written, "it is hunter22", &scrubber).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), "it is ‹secret, 8 chars›\n");
        let mut nothing = Vec::new();
        write_to(&mut nothing, "", &scrubber).unwrap();
        assert!(nothing.is_empty());
    }
}
