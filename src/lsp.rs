//! The language server: what `check` finds without asking anybody, where people write.
//!
//! One thread reads what the client says, and one answers it, in order. A document is judged when nothing more of the client is
//! waiting to be read: of a burst of edits, the last one. Nothing of the world is asked but by an explicit command, and no file is
//! read that a document names: whoever opens somebody else's repository has not read it yet.

mod document;
mod findings;
mod framing;
mod hover;
mod params;
mod parent;
mod position;
mod session;
mod uri;

use std::io::{BufRead, Write};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use lsp_server::Message;

use crate::config::Config;
use crate::report::Report;
use findings::Found;
use framing::Heard;
use session::Session;

/// Who judges a document.
pub trait Desk: Send + Sync {
    /// What the text alone tells. A text that is no Pomerium's makes an empty report.
    ///
    /// # Errors
    /// If the settings file of its folder cannot be read: with the reason.
    fn offline(&self, name: &str, text: &str) -> Result<Report, String>;

    /// What the text says; nothing of it is judged.
    ///
    /// # Errors
    /// As [`Desk::offline`].
    fn read(&self, name: &str, text: &str) -> Result<Vec<Config>, String>;

    /// What `offline` tells, with what the provider answers.
    ///
    /// # Errors
    /// If nobody can be asked: with the reason.
    fn live(&self, name: &str, text: &str) -> Result<Report, String>;
}

/// The command that asks the provider about a document; its argument is the document's URI.
pub const CHECK_LIVE: &str = "pomlint.checkLive";

/// The command that leads to where the reason of an ignore is to be written. Only what ignores a finding names it.
const WRITE_REASON: &str = "pomlint.writeReason";

/// So long nothing is said before it is looked whether the client is still there.
const IDLE: Duration = Duration::from_secs(10);

/// What happens.
enum Event {
    Said(Message),
    /// The client said something that is no message.
    Garbled,
    /// The provider was asked about a version of a document.
    Asked(Box<Asked>),
    /// Nothing more comes; with the reason, if that is no good end.
    Ended(Option<String>),
}

/// What came of asking.
struct Asked {
    request: lsp_server::RequestId,
    uri: String,
    /// Which of the texts that were ever open.
    edition: u64,
    outcome: Result<(Vec<Found>, String), String>,
}

/// Serves one client until it leaves. Says whether it took its leave, as the protocol wants it: `shutdown`, and then `exit`.
///
/// # Errors
/// If nobody can say where what it says ends: with the reason.
pub fn serve(
    mut input: impl BufRead + Send + 'static,
    output: &mut dyn Write,
    desk: Arc<dyn Desk>,
) -> Result<bool, String> {
    let (events, inbox) = mpsc::channel();
    let said = events.clone();
    thread::spawn(move || {
        loop {
            let event = match framing::read(&mut input) {
                Ok(Some(Heard::Message(message))) => Event::Said(message),
                Ok(Some(Heard::Garbled)) => Event::Garbled,
                Ok(None) => Event::Ended(None),
                // The words of the error quote what was said.
                Err(_) => Event::Ended(Some("what the client said is no message of the protocol".to_owned())),
            };
            let is_last = matches!(event, Event::Ended(_));
            if said.send(event).is_err() || is_last {
                break;
            }
        }
    });
    let mut session = Session::new(output, desk, events);
    loop {
        let event = if let Ok(event) = inbox.try_recv() {
            event
        } else {
            // A client that does not listen any more has left.
            if session.settle().is_err() {
                return Ok(true);
            }
            match inbox.recv_timeout(IDLE) {
                Ok(event) => event,
                Err(mpsc::RecvTimeoutError::Timeout) if !session.is_left() => continue,
                Err(_) => return Ok(true),
            }
        };
        let goes_on = match event {
            Event::Ended(why) => return why.map_or(Ok(true), Err),
            Event::Asked(asked) => session.asked(*asked).is_ok(),
            Event::Garbled => session.drop_garbled().is_ok(),
            Event::Said(Message::Notification(said)) if said.method == "exit" => return Ok(session.is_over()),
            Event::Said(message) => session.hear(message).is_ok(),
        };
        if !goes_on {
            return Ok(true);
        }
    }
}
