//! Runs another program: bounded in time and in what it prints.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

/// What a program did.
pub(crate) struct Ran {
    /// It says that it came to a good end.
    pub(crate) is_well: bool,
    /// What it printed; it may hold secrets.
    pub(crate) said: Zeroizing<Vec<u8>>,
    /// The beginning of what it complained of.
    pub(crate) complains: String,
}

/// Of a complaint, no more than so much is of use, in bytes.
const LONGEST_COMPLAINT: usize = 1 << 16;

/// Runs a program, without a shell and without input.
///
/// # Errors
/// If it cannot be started, takes longer, or prints more than so many bytes: then it is ended.
pub(crate) fn run(command: &mut Command, longest: Duration, most: usize) -> io::Result<Ran> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (said, complains) = (child.stdout.take(), child.stderr.take());
    // One byte more than is allowed tells that there is more; a pipe that nobody reads any more ends whoever writes.
    let said = thread::spawn(move || beginning(said, most + 1));
    let complains = thread::spawn(move || beginning(complains, LONGEST_COMPLAINT));
    let status = wait(&mut child, longest)?;
    let (said, complains) = (joined(said)?, joined(complains)?);
    if said.len() > most {
        return Err(io::Error::other(format!("it prints more than {} MiB", most >> 20)));
    }
    Ok(Ran { is_well: status, said, complains: String::from_utf8_lossy(&complains).into_owned() })
}

fn wait(child: &mut Child, longest: Duration) -> io::Result<bool> {
    let begun = Instant::now();
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(status.success()),
            None if begun.elapsed() > longest => {
                child.kill()?;
                child.wait()?;
                return Err(io::Error::other(format!("it takes more than {} seconds", longest.as_secs())));
            }
            None => thread::sleep(Duration::from_millis(5)),
        }
    }
}

fn beginning(pipe: Option<impl Read>, most: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut read = Zeroizing::new(Vec::new());
    if let Some(pipe) = pipe {
        pipe.take(most as u64).read_to_end(&mut read)?;
    }
    Ok(read)
}

fn joined(reader: thread::JoinHandle<io::Result<Zeroizing<Vec<u8>>>>) -> io::Result<Zeroizing<Vec<u8>>> {
    reader.join().map_err(|_| io::Error::other("its output cannot be read"))?
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
        assert_eq!((ran.is_well, ran.said.as_slice(), ran.complains.as_str()), (false, &b"said"[..], "complains"));
        let error = sh("exec sleep 600", Duration::from_millis(50)).err().unwrap();
        assert!(error.to_string().contains("takes more than 0 seconds"), "{error}");
        let error = sh("exec yes", LONG).err().unwrap();
        assert!(error.to_string().contains("prints more than"), "{error}");
        assert!(run(&mut Command::new("/no/such/program"), LONG, 1).is_err());
    }
}
