//! A terminal, and a program that runs in it.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

/// No program is silent for so long, unless it hangs.
const LONGEST: Duration = Duration::from_secs(60);

/// A program in a terminal of 80 columns, and what it has written.
pub struct Terminal {
    child: Child,
    keyboard: File,
    written: Vec<u8>,
}

impl Terminal {
    /// Runs the program with these arguments and, besides `PATH`, this environment.
    pub fn run<A: Into<OsString>>(
        args: impl IntoIterator<Item = A>,
        environment: &[(&str, &str)],
        folder: &Path,
    ) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
        grantpt(&keyboard).expect("leave to use it");
        unlockpt(&keyboard).expect("it opens");
        let name = ptsname(&keyboard, Vec::new()).expect("a name").into_string().expect("in UTF-8");
        let flags = i32::try_from(OFlags::NOCTTY.bits()).expect("a flag");
        let screen =
            OpenOptions::new().read(true).write(true).custom_flags(flags).open(PathBuf::from(name)).expect("it");
        tcsetwinsize(&screen, Winsize { ws_row: 40, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 }).expect("a size");
        let end = || screen.try_clone().expect("another end");
        let mut command = Command::new(env!("CARGO_BIN_EXE_pomlint"));
        command.env_clear().args(args.into_iter().map(Into::into)).current_dir(folder);
        command.env("NO_COLOR", "1").env("TERM", "xterm").envs(environment.iter().copied());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.stdin(end()).stdout(end()).stderr(end());
        let child = command.spawn().expect("the binary starts");
        Self { child, keyboard: File::from(keyboard), written: Vec::new() }
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What stands on the screen by now, with plain line ends.
    pub fn screen(&self) -> String {
        String::from_utf8_lossy(&self.written).replace("\r\n", "\n")
    }

    /// Reads until this stands there.
    ///
    /// # Panics
    /// If the program ends or falls silent before.
    pub fn until(&mut self, words: &str) {
        while !self.screen().contains(words) {
            assert!(self.read(), "it ends without `{words}`:\n{}", self.screen());
        }
    }

    /// Types something.
    pub fn send(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("a terminal that takes keys");
    }

    /// Whether what is typed is echoed.
    pub fn echoes(&self) -> bool {
        let modes = tcgetattr(&self.keyboard).expect("the modes of a terminal").local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)
    }

    /// Asks the program to end.
    pub fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process");
        kill_process(id, signal).expect("a signal that is taken");
    }

    /// Waits for its end: the exit code, and all that was written.
    pub fn end(&mut self) -> (i32, String) {
        while self.read() {}
        let status = self.child.wait().expect("a child to wait for");
        (status.code().expect("an exit code"), self.screen())
    }

    /// Whether more was read. A terminal that nobody has open any more gives an error.
    fn read(&mut self) -> bool {
        let begun = Instant::now();
        let mut bytes = [0; 4096];
        let mut fds = [PollFd::new(&self.keyboard, PollFlags::IN)];
        let timeout = Timespec { tv_sec: 60, tv_nsec: 0 };
        let _ = poll(&mut fds, Some(&timeout));
        assert!(begun.elapsed() < LONGEST, "it hangs:\n{}", self.screen());
        match self.keyboard.read(&mut bytes) {
            Ok(count) if count > 0 => {
                self.written.extend_from_slice(&bytes[..count]);
                true
            }
            _ => false,
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
