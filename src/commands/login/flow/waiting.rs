//! Where a person decides and signs in: the question whether to begin, and the wait for the browser or a pasted address.

use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::super::before;
use super::super::door::Door;
use super::super::terminal::{Event, Quiet};
use super::{End, Flow, say};
use crate::commands::StartError;
use crate::evidence::DiscoveryDocument;
use crate::host;
use crate::login::{Attempt, Mark, Returned, Stop};
use crate::secret::Secret;

/// Whoever reads what is to come takes their time, and not all day.
const LONGEST_READING: Duration = Duration::from_secs(600);

/// So many texts that are not the address are waited for.
const MOST_TRIES: usize = 12;

const BY_DOOR: &str = "The browser comes back here by itself. If it is on another machine and cannot, copy the address at which it \
                       ends, paste it here (it is not shown), and press Enter. Ctrl-C gives up.";

const BY_PASTE: &str = "Then the browser shows an error: 400 Bad Request of Pomerium, or that the page cannot be reached. That is \
                        meant. Copy the whole address from its address bar, paste it here (it is not shown), and press Enter. \
                        Ctrl-C gives up.";

/// The texts that came and were not the address.
#[derive(Default)]
struct Tries {
    count: usize,
    /// What came so far since the last whole line: an address that was broken over lines comes line by line.
    lines: Zeroizing<String>,
    /// That which was perhaps the address.
    doubtful: Option<[u8; 32]>,
}

impl Tries {
    /// What a text comes to, alone or behind those before it.
    fn read(&mut self, attempt: &Attempt, text: &str, is_pasted: bool) -> Result<Returned, Stop> {
        let returned = attempt.returned(text)?;
        if matches!(returned, Returned::Code(_)) || !is_pasted {
            return Ok(match returned {
                // What a browser brings is whole; without the state it may come from any page that it shows.
                Returned::Perhaps(_, stop) if !attempt.codes(text).is_empty() => return Err(stop),
                returned => returned,
            });
        }
        self.count += 1;
        self.lines.push_str(text.trim());
        if let Ok(code @ Returned::Code(_)) = attempt.returned(&self.lines) {
            return Ok(code);
        }
        if let Returned::Perhaps(_, stop) = &returned {
            let digest = Sha256::digest(text.trim()).into();
            // Who copies it twice has copied it whole.
            if self.doubtful.replace(digest) == Some(digest) {
                return Err(stop.clone());
            }
            self.lines = Zeroizing::new(text.trim().to_owned());
        }
        Ok(returned)
    }
}

impl Flow<'_> {
    /// Where it goes and what it does, and the question whether it shall.
    pub(super) fn warn(
        &self,
        quiet: &mut Quiet,
        document: &DiscoveryDocument,
        attempt: &Attempt,
        has_door: bool,
    ) -> Result<(), End> {
        let screen = self.screen();
        let token_host = host::of(&document.token_endpoint).unwrap_or_default();
        let id = &self.brief.client_id;
        let is_one_of_several = self.brief.has_several_clients() && self.command.route.is_none();
        let client = if is_one_of_several { format!("{id} (of several; --route chooses)") } else { id.clone() };
        let text = screen.heading("A real sign-in, at")
            + &screen.fact("issuer", &self.brief.issuer)
            + &screen.fact("login domain", &host::of(&document.authorization_endpoint).unwrap_or_default())
            + &screen.fact("app client", &client)
            + &screen.fact("back to", attempt.redirect_uri())
            + "\n"
            + &screen.points(&before::dangers(self.brief, &token_host, !has_door, self.command.within))
            + "\n"
            + &screen.words("Press Enter to begin, or Ctrl-C to leave it.");
        say(&text)?;
        let until = Instant::now() + LONGEST_READING;
        let event = loop {
            match quiet.wait(None, until)? {
                Event::Typed(_) => {}
                event => break event,
            }
        };
        match event {
            Event::Line(line) if ["", "y", "yes"].contains(&line.expose().trim().to_lowercase().as_str()) => Ok(()),
            _ => Err(self.left("Nothing was begun.")),
        }
    }

    fn left(&self, words: &str) -> End {
        say(&self.screen().words(words)).map_or_else(End::Cannot, |()| End::Left)
    }

    /// Until the browser comes back with a code, or its address is pasted.
    pub(super) fn wait(
        &mut self,
        quiet: &mut Quiet,
        document: &DiscoveryDocument,
        attempt: &Attempt,
        mut door: Option<Door>,
    ) -> Result<Secret, End> {
        let screen = self.screen();
        let heading = screen.heading("Open this address in a browser, and sign in:");
        let way = screen.words(if door.is_some() { BY_DOOR } else { BY_PASTE });
        say(&format!("{heading}\n{}\n\n{way}", attempt.address()))?;
        let begun = Instant::now();
        let mut tries = Tries::default();
        loop {
            let (text, is_pasted) = self.next(quiet, door.as_mut(), begun + self.command.within)?;
            // Before a word of it is shown, which may repeat the code.
            for code in attempt.codes(text.expose()) {
                self.scrubber.learn(&code);
            }
            let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            match tries.read(attempt, text.expose(), is_pasted) {
                Ok(Returned::Code(code)) => {
                    let says = "back with a code, and with the state that was sent";
                    say(&("\n".to_owned() + &self.screen().step(Mark::Good, "sign-in", says, Some(ms))))?;
                    return Ok(code);
                }
                Ok(Returned::NotYet(why)) if is_pasted => self.again(&text, &why, "Paste it again")?,
                Ok(Returned::Perhaps(why, _)) if is_pasted => {
                    self.again(&text, &why, "If that is all of it, paste it once more")?;
                }
                Ok(_) => say(&self.screen().words("A browser came back, but not from this sign-in. Still waiting."))?,
                Err(stop) => {
                    say("\n")?;
                    let failed = self.fail(&stop, Some(ms));
                    say(&self.way_out(document, false))?;
                    return Err(failed);
                }
            }
            if tries.count >= MOST_TRIES {
                return Err(self.left("Given up: what was pasted so often is not the address."));
            }
        }
    }

    /// The next text that may be the address, and whether it was pasted.
    fn next(&self, quiet: &mut Quiet, mut door: Option<&mut Door>, until: Instant) -> Result<(Secret, bool), End> {
        loop {
            match quiet.wait(door.as_deref_mut(), until)? {
                Event::TimeUp => return Err(self.left("Time is up: nobody came back with a code.")),
                Event::GivenUp => return Err(self.left("Given up: no code was redeemed.")),
                Event::Typed(count) => {
                    let words = format!("Received {count} characters, which are not shown. Press Enter.");
                    say(&self.screen().words(&words))?;
                }
                Event::Line(line) if line.expose().trim().is_empty() => {}
                Event::Line(line) => return Ok((line, true)),
                Event::Visit(address) => return Ok((address, false)),
            }
        }
    }

    /// Why a paste is not the address, without the paste.
    fn again(&self, text: &Secret, why: &str, what: &str) -> Result<(), StartError> {
        let count = text.expose().trim().chars().count();
        say(&self.screen().told(&format!("Received {count} characters: {why}. {what}.")))
    }
}
