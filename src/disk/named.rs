//! What the user names himself: a file, or a pipe that a shell makes of `<(…)`.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use super::Unread;
use super::read::{LONGEST_TIME, open, read_up_to, take, whole};

/// Somebody has opened the other end of a pipe after this time, or never will: `<(…)` has it open from the start.
const UNTIL_OPEN: Duration = Duration::from_secs(2);

/// So much somebody may type into a terminal, in bytes.
const MOST_OF_A_DEVICE: usize = 1 << 20;

/// Handed on at once, in bytes.
const BLOCK: usize = 256 * 1024;

/// A name that stands for an open file of this process. It is the caller's, wherever it leads.
pub fn is_own_descriptor(path: &Path) -> bool {
    let own = ["/dev/stdin", "/dev/stdout", "/dev/stderr"];
    let numbered = ["/dev/fd", "/proc/self/fd"];
    own.iter().any(|own| path == Path::new(own))
        || numbered.iter().any(|folder| path.parent() == Some(Path::new(folder)))
}

/// Reads a file or a pipe.
///
/// # Errors
/// If it has more than `most` bytes, or cannot be read in time.
pub fn read_named(path: &Path, most: usize) -> Result<Vec<u8>, Unread> {
    whole(read_named_up_to(path, most)?, most)
}

/// The same, but of a longer one, one byte more than `most`.
///
/// # Errors
/// If it cannot be read in time.
pub fn read_named_up_to(path: &Path, most: usize) -> Result<Vec<u8>, Unread> {
    let about = std::fs::metadata(path)?;
    if about.is_file() || about.is_dir() {
        return read_up_to(path, most);
    }
    // A terminal, and `/dev/null` that stands for an empty file, hold little; `/dev/zero` has no end.
    let most_of_it = if is_device(&about) { most.min(MOST_OF_A_DEVICE) } else { most };
    let (done, content) = mpsc::channel();
    let opened = open_pipe(path.to_owned(), move |file| {
        // If nobody waits any more, nobody needs to know.
        let _ = done.send(take(file, 0, most_of_it));
    });
    opened?;
    let content = content.recv_timeout(LONGEST_TIME).map_err(|_| Unread::SlowWriter)??;
    if most_of_it < most && content.len() > most_of_it { Err(Unread::NotRegular) } else { Ok(content) }
}

/// Opens a file or a pipe for whoever reads it bit by bit. Of a file that grows, only what is there now is read.
///
/// # Errors
/// If it is a folder or a device, cannot be opened, or nobody writes into the pipe.
pub fn stream_named(path: &Path) -> Result<Box<dyn Read>, Unread> {
    let about = std::fs::metadata(path)?;
    if about.is_file() || about.is_dir() {
        let (file, about) = open(path)?;
        // A file of `/proc` tells no length.
        let length = if about.len() == 0 { u64::MAX } else { about.len() };
        return Ok(Box::new(file.take(length)));
    }
    if !is_own_descriptor(path) && !is_pipe(&about) {
        return Err(Unread::NotRegular);
    }
    let (give, blocks) = mpsc::sync_channel(1);
    open_pipe(path.to_owned(), move |mut file| {
        loop {
            let mut block = vec![0; BLOCK];
            let read = file.read(&mut block).map(|length| {
                block.truncate(length);
                block
            });
            let is_last = read.as_ref().map_or(true, Vec::is_empty);
            if give.send(read).is_err() || is_last {
                break;
            }
        }
    })?;
    Ok(Box::new(Blocks { coming: blocks, block: Vec::new(), used: 0 }))
}

#[cfg(unix)]
fn is_pipe(about: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    about.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_: &std::fs::Metadata) -> bool {
    false
}

#[cfg(unix)]
fn is_device(about: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    about.file_type().is_char_device() || about.file_type().is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: &std::fs::Metadata) -> bool {
    false
}

/// Opens a pipe, and does not wait for ever: who hangs is another thread, which ends with the program.
fn open_pipe(path: PathBuf, then: impl FnOnce(File) + Send + 'static) -> Result<(), Unread> {
    let (opened, is_open) = mpsc::channel();
    std::thread::spawn(move || {
        let file = File::open(path);
        // If nobody waits any more, nobody needs to know.
        match file {
            Ok(file) => {
                let _ = opened.send(Ok(()));
                then(file);
            }
            Err(error) => {
                let _ = opened.send(Err(Unread::from(error)));
            }
        }
    });
    is_open.recv_timeout(UNTIL_OPEN).map_err(|_| Unread::NoWriter)?
}

/// What comes out of a pipe, block by block.
struct Blocks {
    coming: Receiver<io::Result<Vec<u8>>>,
    block: Vec<u8>,
    used: usize,
}

impl Read for Blocks {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.used == self.block.len() {
            self.block = match self.coming.recv_timeout(LONGEST_TIME) {
                Ok(block) => block?,
                Err(RecvTimeoutError::Disconnected) => Vec::new(),
                Err(RecvTimeoutError::Timeout) => {
                    let seconds = LONGEST_TIME.as_secs();
                    return Err(io::Error::other(format!("it is a pipe, and nothing came out of it for {seconds} s")));
                }
            };
            self.used = 0;
        }
        let rest = self.block.get(self.used..).unwrap_or_default();
        let length = rest.len().min(into.len());
        into[..length].copy_from_slice(&rest[..length]);
        self.used += length;
        Ok(length)
    }
}
