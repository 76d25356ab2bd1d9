//! The terminal, from the question whether to begin to the end: nothing that is typed or pasted is echoed, and nothing of it is left
//! to whoever reads the terminal next.

mod ending;
mod keys;

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use self::keys::{Key, Keys};
use super::door::Door;
use crate::secret::Secret;

/// As much is read at once, in bytes.
const AT_ONCE: usize = 1024;
/// Who types does not pause so long within a paste.
const PAUSE: Duration = Duration::from_millis(500);
/// So much more than was told is worth telling, in characters.
const WORTH_TELLING: usize = 16;

/// What happened.
pub(super) enum Event {
    /// A line was typed or pasted.
    Line(Secret),
    /// So many characters were typed or pasted, and no Enter behind them.
    Typed(usize),
    /// A browser came to the door, with this address.
    Visit(Secret),
    /// Time is up.
    TimeUp,
    /// Ctrl-C, Ctrl-D, the terminal is gone, or the program is asked to end.
    GivenUp,
}

/// A terminal that echoes nothing. It is as it was before when this is dropped, and what was typed until then is gone.
pub(super) struct Quiet {
    before: Termios,
    keys: Keys,
    /// What was read and not looked at yet, the next byte last.
    ahead: Zeroizing<Vec<u8>>,
    /// As many characters of the line were told of.
    told: usize,
    /// When the last line came that may be a part of an address.
    pasted: Option<Instant>,
    ending: UnixStream,
}

impl Quiet {
    /// Takes the echo away, and what was typed before anything was asked; Ctrl-C is then a letter like any other, so that no way out
    /// leaves the terminal without its echo.
    pub(super) fn new() -> io::Result<Self> {
        let ending = ending::told()?;
        let stdin = io::stdin();
        let before = tcgetattr(&stdin)?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN);
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&stdin, OptionalActions::Flush, &quiet)?;
        let ahead = Zeroizing::new(Vec::with_capacity(AT_ONCE));
        Ok(Self { before, keys: Keys::new(), ahead, told: 0, pasted: None, ending })
    }

    /// Waits for a line, or for a browser at the door, until this moment.
    pub(super) fn wait(&mut self, mut door: Option<&mut Door>, until: Instant) -> io::Result<Event> {
        loop {
            while let Some(byte) = self.ahead.pop() {
                match self.keys.press(byte) {
                    None => {}
                    Some(Key::Enter(line)) => {
                        self.told = 0;
                        self.pasted = (line.expose().len() >= WORTH_TELLING).then(Instant::now).or(self.pasted);
                        return Ok(Event::Line(line));
                    }
                    Some(Key::End) => return Ok(Event::GivenUp),
                }
            }
            let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) else {
                return Ok(Event::TimeUp);
            };
            let typed = self.keys.typed();
            self.told = self.told.min(typed);
            let is_worth_telling = typed >= self.told + WORTH_TELLING;
            let patience = if is_worth_telling { left.min(PAUSE) } else { left };
            let stdin = io::stdin();
            let ready = ready(stdin.as_fd(), self.ending.as_fd(), door.as_deref(), patience)?;
            if ready.is_ending {
                return Ok(Event::GivenUp);
            }
            if ready.is_knocked
                && let Some(door) = door.as_deref_mut()
                && let Some(address) = door.answer()
            {
                return Ok(Event::Visit(address));
            }
            if ready.is_typed && self.read(stdin.as_fd())? {
                return Ok(Event::GivenUp);
            }
            if is_worth_telling && !ready.is_typed && !ready.is_knocked {
                self.told = typed;
                return Ok(Event::Typed(typed));
            }
        }
    }

    /// Reads what there is. Whether the terminal is gone.
    fn read(&mut self, stdin: BorrowedFd<'_>) -> io::Result<bool> {
        let mut bytes = Zeroizing::new([0; AT_ONCE]);
        let count = match rustix::io::read(stdin, &mut bytes[..]) {
            Ok(0) | Err(rustix::io::Errno::IO) => return Ok(true),
            Ok(count) => count,
            Err(rustix::io::Errno::INTR) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        self.keys.come_anew();
        self.ahead.extend(bytes.get(..count).unwrap_or_default().iter().rev());
        Ok(false)
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // Of what is pasted over several lines, or twice, the rest may be on its way.
        let since = self.pasted.map_or(PAUSE, |at| at.elapsed());
        std::thread::sleep(PAUSE.saturating_sub(since));
        // There is nothing more to be done if it fails.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.before);
    }
}

/// What there is to be read.
struct Ready {
    is_typed: bool,
    is_ending: bool,
    is_knocked: bool,
}

/// Waits until something can be read: from the terminal, or at the door; or until the program is to end.
fn ready(stdin: BorrowedFd<'_>, ending: BorrowedFd<'_>, door: Option<&Door>, left: Duration) -> io::Result<Ready> {
    let mut fds: Vec<PollFd<'_>> =
        [stdin, ending].into_iter().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
    fds.extend(door.into_iter().flat_map(Door::fds).map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
    let timeout = Timespec::try_from(left).map_err(|_| io::ErrorKind::InvalidInput)?;
    match poll(&mut fds, Some(&timeout)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
    Ok(Ready {
        is_typed: ready.next().unwrap_or_default(),
        is_ending: ready.next().unwrap_or_default(),
        is_knocked: ready.any(|is_ready| is_ready),
    })
}
