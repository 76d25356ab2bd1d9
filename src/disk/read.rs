//! The one reader: regular files, of a limited size, in a limited time.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::time::{Duration, Instant};

/// Whatever is read is read after this time, or never will be: `/proc` and network drives hold files that have no end.
pub(super) const LONGEST_TIME: Duration = Duration::from_secs(60);

/// Read at once, in bytes.
const BLOCK: usize = 64 * 1024;

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// There is none.
    #[error("there is no such file or folder")]
    NotFound,
    /// The user may not read it.
    #[error("permission denied")]
    Denied,
    /// It is a folder.
    #[error("it is a folder; name the file in it")]
    Folder,
    /// A device, a pipe, a socket: it could block for ever or never end.
    #[error("it is no regular file")]
    NotRegular,
    /// It has more bytes than are read.
    #[error("it is longer than {}", size(*.0))]
    TooLong(usize),
    /// It did not come to its end in time.
    #[error("it is not read to its end after {} s", LONGEST_TIME.as_secs())]
    TooSlow,
    /// Nobody has the other end of this pipe.
    #[error("it is a pipe, and nothing writes into it")]
    NoWriter,
    /// The writer of this pipe has not ended.
    #[error("it is a pipe, and its writer is not done after {} s", LONGEST_TIME.as_secs())]
    SlowWriter,
    /// It lies where a configuration may not lead; the text says where, and what allows it.
    #[error("not opened: {0}")]
    Outside(String),
    /// Whatever else the operating system says.
    #[error("{0}")]
    Io(io::Error),
}

/// A number of bytes in words.
fn size(bytes: usize) -> String {
    if bytes < 1 << 20 { format!("{} KiB", bytes >> 10) } else { format!("{} MiB", bytes >> 20) }
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // The file system ends where a file has others below it.
            ErrorKind::NotFound | ErrorKind::NotADirectory => Self::NotFound,
            ErrorKind::PermissionDenied => Self::Denied,
            ErrorKind::IsADirectory => Self::Folder,
            // A file that would block, such as `/proc/kmsg`, is none that has an end.
            ErrorKind::WouldBlock => Self::NotRegular,
            _ => Self::Io(error),
        }
    }
}

/// What the operating system says, in our words, without its error number.
pub fn why(error: io::Error) -> String {
    Unread::from(error).to_string()
}

/// Reads a regular file, also behind a link.
///
/// # Errors
/// If it is none, is longer than `most` bytes, or cannot be read.
pub fn read(path: &Path, most: usize) -> Result<Vec<u8>, Unread> {
    whole(read_up_to(path, most)?, most)
}

/// The same, but of a longer file one byte more than `most`: whoever judges it says that it is too long.
///
/// # Errors
/// If it is no regular file, or cannot be read.
pub fn read_up_to(path: &Path, most: usize) -> Result<Vec<u8>, Unread> {
    let (file, about) = open(path)?;
    take(file, about.len(), most)
}

pub(super) fn whole(bytes: Vec<u8>, most: usize) -> Result<Vec<u8>, Unread> {
    if bytes.len() > most { Err(Unread::TooLong(most)) } else { Ok(bytes) }
}

/// Opens a regular file.
///
/// It is looked at before, as to open a device may already do something, and again when it is open, as it may be another one by
/// then. Opening does not wait for the other end of a pipe.
pub(super) fn open(path: &Path) -> Result<(File, Metadata), Unread> {
    is_regular(&std::fs::metadata(path)?)?;
    let file = options().open(path)?;
    let about = file.metadata()?;
    is_regular(&about)?;
    Ok((file, about))
}

fn is_regular(about: &Metadata) -> Result<(), Unread> {
    match about.file_type() {
        kind if kind.is_file() => Ok(()),
        kind if kind.is_dir() => Err(Unread::Folder),
        _ => Err(Unread::NotRegular),
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    }
    options
}

/// Reads up to one byte more than `most`; `expected` is how many there are likely to be.
pub(super) fn take(input: impl Read, expected: u64, most: usize) -> Result<Vec<u8>, Unread> {
    let until = Instant::now() + LONGEST_TIME;
    let most = most.saturating_add(1);
    let mut input = input.take(u64::try_from(most).unwrap_or(u64::MAX));
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(most).min(most));
    let mut block = vec![0; BLOCK.min(most)];
    loop {
        match input.read(&mut block) {
            Ok(0) => return Ok(bytes),
            Ok(length) => bytes.extend_from_slice(block.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
        if Instant::now() > until {
            return Err(Unread::TooSlow);
        }
    }
}
