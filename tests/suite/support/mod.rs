//! What the integration tests share: a stand-in for Amazon Cognito, and a way to run the binary.

#![allow(dead_code, reason = "no bench uses all of it")]
#![allow(unreachable_pub, reason = "a bench takes it too")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::format_push_string,
    reason = "a test says what went wrong by failing"
)]

pub mod answer;
pub mod asked;
mod certificates;
pub mod dice;
pub mod held;
pub mod pomerium;
pub mod pool;
pub mod server;
pub mod signing;
#[cfg(unix)]
pub mod terminal;
pub mod transport;
pub mod work;

use std::ffi::OsString;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A run of the binary to come, in an environment of which only `PATH` is kept.
pub struct Pomlint {
    command: Command,
    stdin: Vec<u8>,
}

/// What a run of the binary left.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// No run takes this long on any machine, unless it hangs.
const LONGEST_RUN: Duration = Duration::from_secs(600);

impl Pomlint {
    /// A run with these arguments.
    pub fn new<A: Into<OsString>>(args: impl IntoIterator<Item = A>) -> Self {
        Self::by(Command::new(env!("CARGO_BIN_EXE_pomlint")), args)
    }

    /// A run that may have so many files open.
    #[cfg(unix)]
    pub fn with_files<A: Into<OsString>>(files: u16, args: impl IntoIterator<Item = A>) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!(r#"ulimit -n {files} && exec "$0" "$@""#), env!("CARGO_BIN_EXE_pomlint")]);
        Self::by(command, args)
    }

    fn by<A: Into<OsString>>(mut command: Command, args: impl IntoIterator<Item = A>) -> Self {
        command.env_clear().args(args.into_iter().map(Into::into));
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        Self { command, stdin: Vec::new() }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.command.args(args.into_iter().map(Into::into));
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Gives it something to read.
    #[must_use]
    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = text.into();
        self
    }

    /// Runs it in a folder.
    #[must_use]
    pub fn in_folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// If it cannot be started, hangs, is killed by a signal, or prints what is not UTF-8.
    pub fn run(mut self) -> Ran {
        let start = Instant::now();
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut input = child.stdin.take().expect("a pipe");
        let mut output = child.stdout.take().expect("a pipe");
        let mut errors = child.stderr.take().expect("a pipe");
        // Each pipe has its own thread, so that none of them fills up while another is waited for.
        let (stdout, stderr, code) = std::thread::scope(|scope| {
            scope.spawn(move || {
                // A run that does not read its input closes the pipe.
                let _ = input.write_all(&self.stdin);
            });
            let stdout = scope.spawn(move || read(&mut output));
            let stderr = scope.spawn(move || read(&mut errors));
            let code = wait(&mut child, start);
            (stdout.join().expect("its output"), stderr.join().expect("its errors"), code)
        });
        let code = code.unwrap_or_else(|why| panic!("{why}\nstdout: {stdout}\nstderr: {stderr}"));
        Ran { code, stdout, stderr }
    }
}

fn read(pipe: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    pipe.read_to_end(&mut bytes).expect("a pipe to read");
    String::from_utf8(bytes).expect("output in UTF-8")
}

fn wait(child: &mut Child, start: Instant) -> Result<i32, String> {
    while start.elapsed() < LONGEST_RUN {
        if let Some(status) = child.try_wait().expect("a child to wait for") {
            return status.code().ok_or_else(|| "it was killed by a signal".to_owned());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let _ = child.kill();
    let _ = child.wait();
    Err("it hangs".to_owned())
}

/// Whether every case of a large table is run, and not a share of it that has each row and each column.
pub fn is_thorough() -> bool {
    std::env::var_os("POMLINT_THOROUGH").is_some()
}

/// Whether a case of a table is run. Counted along rows and columns at once, each `share`-th case comes upon all of both.
pub fn is_due(case: usize, share: usize) -> bool {
    is_thorough() || case.is_multiple_of(share)
}

/// A file or folder of the project.
pub fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The configuration whose login works with the default pool.
pub fn healthy() -> String {
    std::fs::read_to_string(project("fixtures/configs/healthy.yaml")).expect("the base configuration")
}
