//! The only place that writes: to standard output, to standard error, and to the files that the user names.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

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

/// Replaces the line on which standard error stands, on a terminal; an empty text takes it away.
pub fn status(line: &str) {
    // It is there to pass the time. If it cannot be shown, nothing is lost.
    let _ = write!(io::stderr().lock(), "\r\x1b[2K{line}").and_then(|()| io::stderr().flush());
}

/// Writes a file, whole or not at all: readers see the old one or the new one.
///
/// What is no file (a pipe, a device) is written to as it is.
///
/// # Errors
/// What the operating system says.
pub fn write_file(path: &Path, text: &str, scrubber: &Scrubber) -> io::Result<()> {
    // A link stays one: what it leads to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    if fs::metadata(&target).is_ok_and(|metadata| !metadata.is_file()) {
        return write_to(&mut OpenOptions::new().write(true).open(&target)?, text, scrubber);
    }
    let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.tmp", std::process::id()));
    let temporary = target.with_file_name(beside);
    let written = OpenOptions::new().write(true).create_new(true).open(&temporary).and_then(|mut file: File| {
        write_to(&mut file, text, scrubber)?;
        file.sync_all()?;
        fs::rename(&temporary, &target)
    });
    if written.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::AlreadyExists) {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Adds to a file that others write to as well.
///
/// # Errors
/// What the operating system says.
pub fn append_file(path: &Path, text: &str, scrubber: &Scrubber) -> io::Result<()> {
    write_to(&mut OpenOptions::new().append(true).create(true).open(path)?, text, scrubber)
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
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, "a longer text that was there before").unwrap();
        write_file(&path, "new", &Scrubber::new()).unwrap();
        append_file(&path, "more", &Scrubber::new()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new\nmore\n");
        assert!(write_file(&folder.path().join("none/report.json"), "new", &Scrubber::new()).is_err());
        assert!(write_file(folder.path(), "new", &Scrubber::new()).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
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
