//! Runs another program: bounded in time and in what it prints.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::offset;
use crate::secret::Clean;
use crate::secret::paste::{self, Known};

/// What a program did.
pub(crate) struct Ran {
    /// It says that it came to a good end.
    pub(crate) is_well: bool,
    /// What it printed; it may hold secrets.
    pub(crate) said: Zeroizing<Vec<u8>>,
    /// The beginning of what it complained of.
    pub(crate) complaint: Complaint,
}

/// What a program complained of. One that logs in may name its token there, so that no word of it gets out but through here.
pub(crate) struct Complaint(Zeroizing<String>);

impl Complaint {
    /// Whether it has these words.
    pub(crate) fn says(&self, words: &str) -> bool {
        self.0.contains(words)
    }

    /// What it says last, without what may be a secret; nothing if it says nothing.
    pub(crate) fn end(&self, known: Known) -> String {
        let clean = paste::clean(&self.0, known);
        let last = clean.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().trim();
        let shown = offset::head(last, LONGEST_QUOTED);
        if shown.len() < last.len() { format!("{shown}…") } else { shown.to_owned() }
    }

    /// The line with these words, by which it is known who writes it: without what is shaped like a secret.
    pub(crate) fn line(&self, words: &str) -> Clean {
        let line = self.0.lines().find(|line| line.contains(words)).unwrap_or_default().trim();
        paste::shapeless(offset::head(line, LONGEST_QUOTED))
    }
}

/// Of a complaint, no more than so much is of use, in bytes.
const LONGEST_COMPLAINT: usize = 1 << 16;

/// And of a line of it no more is shown.
const LONGEST_QUOTED: usize = 600;

/// What a program that has ended complained of is in the pipe by then, and read at once; its end is not waited for longer, as what it
/// started and left behind (a helper that logs in) may hold the pipe open for as long as it likes.
const LATE_COMPLAINT: Duration = Duration::from_secs(1);

/// Runs a program, without a shell and without input.
///
/// # Errors
/// If it cannot be started, prints more than so many bytes, or takes longer, and so is ended; or if what it started keeps its output
/// open for longer: then nobody knows whether that is all of it.
pub(crate) fn run(command: &mut Command, longest: Duration, most: usize) -> io::Result<Ran> {
    let deadline = Instant::now() + longest;
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    // One byte more than is allowed tells that there is more; a pipe that nobody reads any more ends whoever writes.
    let (said, words) = (Pipe::read(child.stdout.take(), most + 1), Pipe::read(child.stderr.take(), LONGEST_COMPLAINT));
    let is_well = wait(&mut child, deadline).map_err(|error| match error.kind() {
        io::ErrorKind::TimedOut => io::Error::other(format!("it takes more than {} seconds", longest.as_secs())),
        _ => error,
    })?;
    if !said.ends_by(deadline)? {
        let words = format!(
            "it has ended, and what it started keeps its output open for more than {} seconds",
            longest.as_secs()
        );
        return Err(io::Error::other(words));
    }
    let said = said.taken();
    if said.len() > most {
        return Err(io::Error::other(format!("it prints more than {} MiB", most >> 20)));
    }
    words.ends_by(Instant::now() + LATE_COMPLAINT)?;
    let complaint = Complaint(Zeroizing::new(String::from_utf8_lossy(&words.taken()).into_owned()));
    Ok(Ran { is_well, said, complaint })
}

fn wait(child: &mut Child, deadline: Instant) -> io::Result<bool> {
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(status.success()),
            None if Instant::now() > deadline => {
                child.kill()?;
                child.wait()?;
                return Err(io::ErrorKind::TimedOut.into());
            }
            None => thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// What comes out of a pipe, read by a thread of its own: nothing else ends a read for which nobody writes.
struct Pipe {
    read: Arc<Mutex<Zeroizing<Vec<u8>>>>,
    ended: mpsc::Receiver<io::Result<()>>,
}

impl Pipe {
    /// Reads no more than so many bytes.
    fn read(pipe: Option<impl Read + Send + 'static>, most: usize) -> Self {
        let (end, ended) = mpsc::channel();
        let read = Arc::new(Mutex::new(Zeroizing::new(Vec::new())));
        let into = Arc::clone(&read);
        // If nobody waits for the end any more, nobody needs to know of it.
        thread::spawn(move || end.send(pipe.map_or(Ok(()), |pipe| drain(pipe.take(most as u64), &into))));
        Self { read, ended }
    }

    /// Whether all of it was read by then.
    fn ends_by(&self, when: Instant) -> io::Result<bool> {
        match self.ended.recv_timeout(when.saturating_duration_since(Instant::now())) {
            Ok(end) => end.map(|()| true),
            Err(mpsc::RecvTimeoutError::Timeout) => Ok(false),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(io::Error::other("its output cannot be read")),
        }
    }

    /// What was read so far.
    fn taken(&self) -> Zeroizing<Vec<u8>> {
        std::mem::take(&mut *self.read.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn drain(mut pipe: impl Read, into: &Mutex<Zeroizing<Vec<u8>>>) -> io::Result<()> {
    let mut piece = Zeroizing::new(vec![0; 1 << 16]);
    loop {
        match pipe.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => {
                let mut into = into.lock().unwrap_or_else(PoisonError::into_inner);
                into.extend_from_slice(piece.get(..count).unwrap_or_default());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sh(script: &str, longest: Duration) -> io::Result<Ran> {
        run(Command::new("sh").args(["-c", script]), longest, 1024)
    }

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        const LONG: Duration = Duration::from_secs(600);
        let ran = sh("printf said; printf 'complains' >&2; exit 3", LONG).unwrap();
        assert_eq!(
            (ran.is_well, ran.said.as_slice(), ran.complaint.end(|_| false).as_str()),
            (false, &b"said"[..], "complains")
        );
        assert!(ran.complaint.says("plain") && ran.complaint.line("x").is_empty());
        let long = sh("printf '%05000d' 0 >&2; exit 1", LONG).unwrap().complaint;
        assert!(long.end(|_| true).len() < 700 && long.line("0").len() < 700);
        let error = sh("exec sleep 600", Duration::from_millis(50)).err().unwrap();
        assert!(error.to_string().contains("takes more than 0 seconds"), "{error}");
        let error = sh("exec yes", LONG).err().unwrap();
        assert!(error.to_string().contains("prints more than"), "{error}");
        assert!(run(&mut Command::new("/no/such/program"), LONG, 1).is_err());
    }

    #[test]
    fn what_a_program_leaves_behind_is_not_waited_for() {
        const LONG: Duration = Duration::from_secs(600);
        // Another program holds the pipe of the complaints open; it ends when this one does.
        let behind =
            |redirected: &str| format!("(while kill -0 {}; do sleep 0.1; done) {redirected} &", std::process::id());
        let ran = sh(&format!("{} printf said; printf complains >&2", behind("2>&2 >/dev/null")), LONG).unwrap();
        assert_eq!(
            (ran.is_well, ran.said.as_slice(), ran.complaint.end(|_| false).as_str()),
            (true, &b"said"[..], "complains")
        );
        // What it may still print is part of what is read: that cannot be told to be whole.
        let error = sh(&format!("{} printf said", behind("2>/dev/null")), Duration::from_secs(1)).err().unwrap();
        assert!(error.to_string().contains("keeps its output open for more than 1 seconds"), "{error}");
    }
}
