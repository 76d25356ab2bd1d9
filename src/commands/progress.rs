//! Who is being asked, on a terminal, if it takes long.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{StartError, write};
use crate::cli::Check;
use crate::evidence::{Asking, Exchange, Question, Transport};
use crate::report::{self, Stream};

/// Nobody wonders before.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often the line changes.
const TICK: Duration = Duration::from_millis(200);

/// The hosts that have not answered yet, each with the number of questions.
type Waiting = Arc<Mutex<BTreeMap<String, usize>>>;

/// A transport that says on standard error whom it waits for. The line is gone when this is dropped.
pub(super) struct Progress<'a> {
    transport: &'a dyn Transport,
    waiting: Waiting,
    line: Option<(Sender<()>, JoinHandle<()>)>,
}

impl<'a> Progress<'a> {
    /// Shows progress if standard error is a terminal that can.
    pub(super) fn watch(transport: &'a dyn Transport) -> Self {
        let waiting = Waiting::default();
        let dumb = std::env::var_os("TERM").is_some_and(|name| name == "dumb");
        let line = (std::io::stderr().is_terminal() && !dumb).then(|| {
            let columns =
                terminal_size::terminal_size_of(std::io::stderr()).map_or(80, |(width, _)| usize::from(width.0));
            draw(Arc::clone(&waiting), columns, report::status)
        });
        Self { transport, waiting, line }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some((stop, line)) = self.line.take() {
            drop(stop);
            // It ends as soon as the channel is gone.
            let _ = line.join();
        }
    }
}

impl Transport for Progress<'_> {
    fn behind(&self) -> Option<&dyn Transport> {
        Some(self.transport)
    }

    fn ask<'b>(&'b self, question: &'b Question) -> Asking<'b> {
        Box::pin(async move {
            let url = url::Url::parse(&question.request.url).ok();
            let host = url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
            *lock(&self.waiting).entry(host.clone()).or_default() += 1;
            let exchange: Exchange = self.transport.ask(question).await;
            let mut waiting = lock(&self.waiting);
            match waiting.get_mut(&host) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(waiting.remove(&host)),
            }
            exchange
        })
    }
}

fn lock(waiting: &Waiting) -> MutexGuard<'_, BTreeMap<String, usize>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Draws the line until the sender is dropped, then takes it away.
fn draw(waiting: Waiting, columns: usize, show: impl Fn(&str) + Send + 'static) -> (Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = mpsc::channel();
    let line = std::thread::spawn(move || {
        let start = Instant::now();
        let mut pause = PATIENCE;
        while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            let hosts: Vec<String> = lock(&waiting).keys().cloned().collect();
            show(&line(&hosts, start.elapsed(), columns));
            pause = TICK;
        }
        if pause == TICK {
            show("");
        }
    });
    (stop, line)
}

/// `asking cognito-idp.eu-west-1.amazonaws.com (3 s)`, on one line of the terminal.
fn line(hosts: &[String], elapsed: Duration, columns: usize) -> String {
    let whom = if hosts.is_empty() { "judging".to_owned() } else { format!("asking {}", hosts.join(", ")) };
    let time = format!(" ({} s)", elapsed.as_secs());
    let room = columns.saturating_sub(time.len() + 1);
    let whom = report::escape(&whom);
    if whom.chars().count() > room {
        whom.chars().take(room.saturating_sub(1)).chain(['…']).collect::<String>() + &time
    } else {
        whom + &time
    }
}

/// What stands in no report: so many files of folders are none of Pomerium's, and this went wrong.
pub(super) fn say_the_rest(command: &Check, passed_over: usize, wrong: &[StartError]) -> Result<(), StartError> {
    if passed_over > 0 && !command.showing.amount.quiet {
        let files = if passed_over == 1 { "1 file" } else { &format!("{passed_over} files") };
        write(Stream::Progress, &format!("passed over {files} in which nothing configures a Pomerium\n"))?;
    }
    for error in wrong {
        write(Stream::Progress, &format!("pomlint: {error}\n"))?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn hosts(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_line_fits_the_terminal_and_nothing_in_it_acts() {
        let three = Duration::from_millis(3400);
        assert_eq!(line(&hosts(&["a.example", "b.example"]), three, 80), "asking a.example, b.example (3 s)");
        assert_eq!(line(&[], three, 80), "judging (3 s)");
        let long = line(&hosts(&[&"x".repeat(200)]), three, 40);
        assert!(long.chars().count() < 40 && long.ends_with("… (3 s)"), "{long}");
        assert_eq!(line(&hosts(&["a\u{1b}[2J"]), three, 80), "asking a\\u{1b}[2J (3 s)");
    }

    #[test]
    fn the_line_comes_late_and_goes_at_the_end() {
        let waiting = Waiting::default();
        lock(&waiting).insert("a.example".to_owned(), 1);
        let (told, heard) = mpsc::channel();
        let (stop, thread) = draw(Arc::clone(&waiting), 80, move |line| told.send(line.to_owned()).unwrap());
        assert_eq!(heard.recv_timeout(Duration::from_secs(20)).unwrap(), "asking a.example (0 s)");
        drop(stop);
        thread.join().unwrap();
        assert_eq!(heard.iter().last().unwrap(), "");

        let (told, heard) = mpsc::channel();
        let (stop, thread) = draw(waiting, 80, move |line| told.send(line.to_owned()).unwrap());
        drop(stop);
        thread.join().unwrap();
        assert_eq!(heard.iter().count(), 0, "a short wait shows nothing");
    }
}
