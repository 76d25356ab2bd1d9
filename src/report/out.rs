//! The only place that writes: to standard output, to standard error, and to the files that the user names.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::text;

/// More files that stopped runs have left behind are the user's to look at.
const MOST_LEFT: u32 = 10_000;

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
        Stream::Report => write_to(&mut io::stdout().lock(), text),
        Stream::Progress => {
            let lines: String = text.lines().map(|line| text::inert(text::escape(line)) + "\n").collect();
            write_to(&mut io::stderr().lock(), &lines)
        }
    }
}

fn write_to(stream: &mut dyn Write, text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let end: &[u8] = if text.ends_with('\n') { b"" } else { b"\n" };
    let written = stream.write_all(text.as_bytes()).and_then(|()| stream.write_all(end)).and_then(|()| stream.flush());
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

/// Writes a file, whole or not at all: readers see the old one or the new one. It keeps the permissions of the old one.
///
/// What is no file (a pipe, a device) is written to as it is.
///
/// # Errors
/// What the operating system says.
pub fn write_file(path: &Path, text: &str) -> io::Result<()> {
    let target = target(path);
    let there = fs::metadata(&target).ok();
    if there.as_ref().is_some_and(|there| !there.is_file()) {
        return write_to(&mut OpenOptions::new().write(true).open(&target)?, text);
    }
    let (temporary, mut file) = beside(&target)?;
    let written = there
        // Before there is anything to read in it.
        .map_or(Ok(()), |there| file.set_permissions(there.permissions()))
        .and_then(|()| write_to(&mut file, text))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&temporary, &target));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Says whether [`write_file`] could write this file now, and leaves nothing behind.
///
/// # Errors
/// What the operating system says.
pub fn probe(path: &Path) -> io::Result<()> {
    let target = target(path);
    match fs::metadata(&target) {
        Ok(there) if there.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(there) if !there.is_file() => Ok(()),
        _ => fs::remove_file(beside(&target)?.0),
    }
}

/// A link stays one: what it leads to is replaced.
fn target(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// A new file in the same folder. Its name is short, however long the other's is, and is nobody else's: in a container, every run
/// has the same process number, and one that was stopped may have left its file behind.
fn beside(target: &Path) -> io::Result<(PathBuf, File)> {
    target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut number = 0;
    loop {
        let path = target.with_file_name(format!(".pomlint-{}-{number}.tmp", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < MOST_LEFT => number += 1,
            opened => return opened.map(|file| (path, file)),
        }
    }
}

/// Adds to a file that others write to as well.
///
/// # Errors
/// What the operating system says.
pub fn append_file(path: &Path, text: &str) -> io::Result<()> {
    write_to(&mut OpenOptions::new().append(true).create(true).open(path)?, text)
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
        assert!(write_to(&mut Broken(io::ErrorKind::BrokenPipe), "text").is_ok());
        assert!(write_to(&mut Broken(io::ErrorKind::StorageFull), "text").is_err());
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, "a longer text that was there before").unwrap();
        write_file(&path, "new").unwrap();
        append_file(&path, "more").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new\nmore\n");
        assert!(write_file(&folder.path().join("none/report.json"), "new").is_err());
        assert!(write_file(folder.path(), "new").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_line_is_ended_and_nothing_stays_nothing() {
        let mut written = Vec::new();
        write_to(&mut written, "a line").unwrap();
        assert_eq!(written, b"a line\n");
        let mut nothing = Vec::new();
        write_to(&mut nothing, "").unwrap();
        assert!(nothing.is_empty());
    }

    #[test]
    fn neither_a_long_name_nor_what_a_stopped_run_left_is_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x".repeat(250));
        let left = folder.path().join(format!(".pomlint-{}-0.tmp", std::process::id()));
        fs::write(&left, "left").unwrap();
        probe(&path).unwrap();
        assert!(!path.exists());
        write_file(&path, "new").unwrap();
        assert_eq!(
            (fs::read_to_string(&path).unwrap().as_str(), fs::read_to_string(&left).unwrap().as_str()),
            ("new\n", "left")
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        assert!(probe(&folder.path().join("none/x")).is_err() && probe(folder.path()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_replaced_file_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        write_file(&path, "new").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
