//! The terminal, while something is waited for that must not be seen: nothing that is typed or pasted is echoed.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use zeroize::{Zeroize as _, Zeroizing};

use super::door::Door;
use crate::secret::Secret;

/// Longer lines are not taken, in bytes. An address with a code has a few hundred.
const LONGEST: usize = 16 * 1024;

/// As much is read at once, in bytes.
const AT_ONCE: usize = 1024;

/// What happened.
pub(super) enum Event {
    /// A line was typed or pasted.
    Line(Secret),
    /// A browser came to the door, with this address.
    Visit(Secret),
    /// Time is up.
    TimeUp,
    /// Ctrl-C, Ctrl-D, or the terminal is gone.
    GivenUp,
}

/// A terminal that echoes nothing. It is as it was before when this is dropped.
pub(super) struct Quiet {
    before: Termios,
    typed: Zeroizing<Vec<u8>>,
    /// What was read and not looked at yet, the next byte last.
    ahead: Zeroizing<Vec<u8>>,
    /// Within a sequence that begins with Escape, such as an arrow key or the mark of a paste.
    in_sequence: bool,
}

impl Quiet {
    /// Takes the echo away; Ctrl-C is then a letter like any other, so that no way out leaves the terminal without its echo.
    pub(super) fn new() -> io::Result<Self> {
        let stdin = io::stdin();
        let before = tcgetattr(&stdin)?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN);
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&stdin, OptionalActions::Now, &quiet)?;
        let typed = Zeroizing::new(Vec::with_capacity(LONGEST));
        Ok(Self { before, typed, ahead: Zeroizing::new(Vec::with_capacity(AT_ONCE)), in_sequence: false })
    }

    /// Waits for a line, or for a browser at the door, until this moment.
    pub(super) fn wait(&mut self, mut door: Option<&mut Door>, until: Instant) -> io::Result<Event> {
        loop {
            while let Some(byte) = self.ahead.pop() {
                if let Some(event) = self.key(byte) {
                    return Ok(event);
                }
            }
            let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) else {
                return Ok(Event::TimeUp);
            };
            let stdin = io::stdin();
            let (is_typed, is_knocked) = ready(stdin.as_fd(), door.as_deref(), left)?;
            if is_knocked
                && let Some(door) = door.as_deref_mut()
                && let Some(address) = door.answer()
            {
                return Ok(Event::Visit(address));
            }
            if is_typed && let Some(event) = self.read(stdin.as_fd())? {
                return Ok(event);
            }
        }
    }

    fn read(&mut self, stdin: BorrowedFd<'_>) -> io::Result<Option<Event>> {
        let mut bytes = Zeroizing::new([0; AT_ONCE]);
        let count = match rustix::io::read(stdin, &mut bytes[..]) {
            // The terminal is gone.
            Ok(0) | Err(rustix::io::Errno::IO) => return Ok(Some(Event::GivenUp)),
            Ok(count) => count,
            Err(rustix::io::Errno::INTR) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        self.ahead.extend(bytes.get(..count).unwrap_or_default().iter().rev());
        Ok(None)
    }

    fn key(&mut self, byte: u8) -> Option<Event> {
        const ESCAPE: u8 = 0x1b;
        const KILL: u8 = 0x15;
        match byte {
            _ if self.in_sequence => self.in_sequence = !(byte.is_ascii_alphabetic() || byte == b'~'),
            ESCAPE => self.in_sequence = true,
            b'\r' | b'\n' => {
                let line = Secret::new(String::from_utf8_lossy(&self.typed).into_owned());
                self.typed.zeroize();
                return Some(Event::Line(line));
            }
            3 | 4 => return Some(Event::GivenUp),
            8 | 0x7f => drop(self.typed.pop()),
            KILL => self.typed.zeroize(),
            byte if byte < b' ' => {}
            byte if self.typed.len() < LONGEST => self.typed.push(byte),
            _ => {}
        }
        None
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // There is nothing more to be done if it fails.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}

/// Waits until something can be read: from the terminal, or at the door.
fn ready(stdin: BorrowedFd<'_>, door: Option<&Door>, left: Duration) -> io::Result<(bool, bool)> {
    let mut fds = vec![PollFd::from_borrowed_fd(stdin, PollFlags::IN)];
    fds.extend(door.into_iter().flat_map(Door::fds).map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
    let timeout = Timespec::try_from(left).map_err(|_| io::ErrorKind::InvalidInput)?;
    match poll(&mut fds, Some(&timeout)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
    Ok((ready.next().unwrap_or_default(), ready.any(|is_ready| is_ready)))
}
