//! The sign-in itself: the order of its steps, and what is said of each.

mod verdict;
mod waiting;

use std::borrow::Cow;
use std::time::Instant;

use tokio::runtime::Runtime;

use super::OPEN;
use super::before::{self, Before};
use super::brief::Brief;
use super::door::Door;
use super::terminal::Quiet;
use crate::cli;
use crate::commands::{StartError, input, write};
use crate::disk;
use crate::evidence::{DiscoveryDocument, Missing, Network};
use crate::login::{Attempt, Claims, Mark, Plan, Redeemed, Screen, Stop, Tokens};
use crate::report::{Stream, View, count};
use crate::secret::{Scrubber, Secret};

/// How a sign-in ends before its end.
enum End {
    /// A step failed: it was shown, and the exit code is 1.
    Failed,
    /// The person gave up, or time is up: it was said.
    Left,
    /// It cannot begin.
    Cannot(StartError),
}

impl<E: Into<StartError>> From<E> for End {
    fn from(error: E) -> Self {
        Self::Cannot(error.into())
    }
}

/// Signs in, and says what came of it.
pub(super) fn go(
    brief: &Brief<'_>,
    command: &cli::Login,
    network: &Network,
    runtime: &Runtime,
    scrubber: Scrubber,
) -> Result<u8, StartError> {
    let mut flow = Flow { brief, command, network, runtime, view: input::plain_view(), scrubber };
    match flow.run() {
        Ok(code) => Ok(code),
        Err(End::Failed) => Ok(1),
        Err(End::Left) => Ok(OPEN),
        Err(End::Cannot(error)) => Err(error),
    }
}

struct Flow<'a> {
    brief: &'a Brief<'a>,
    command: &'a cli::Login,
    network: &'a Network,
    runtime: &'a Runtime,
    view: View,
    scrubber: Scrubber,
}

impl Flow<'_> {
    fn screen(&self) -> Screen<'_> {
        Screen { view: &self.view, scrubber: &self.scrubber }
    }

    fn fail(&self, stop: &Stop, ms: Option<u64>) -> End {
        say(&(self.screen().stop(stop, ms) + ENDS)).map_or_else(End::Cannot, |()| End::Failed)
    }

    fn run(&mut self) -> Result<u8, End> {
        let (document, keys) = self.ask_first()?;
        let (attempt, door) = self.begin(&document, &keys)?;
        if matches!(self.scrubber.scrub(attempt.address()), Cow::Owned(_)) {
            return Err(StartError::Option(SECRET_IN_ADDRESS.to_owned()).into());
        }
        attempt.teach(&mut self.scrubber);
        // Before anything is asked for, and until nothing more can come, so that nobody's screen or shell gets a code.
        let mut quiet = Quiet::new()?;
        self.warn(&mut quiet, &document, &attempt, door.is_some())?;
        let code = self.wait(&mut quiet, &document, &attempt, door)?;
        self.scrubber.learn(&code);
        let Some(claims) = self.claims(&attempt, &code)? else {
            say(&(ENDS.to_owned() + &self.way_out(&document, true)))?;
            return Err(End::Failed);
        };
        Ok(self.judge(&claims, &document)?)
    }

    /// The cheap questions, which end it if they are answered badly.
    fn ask_first(&self) -> Result<(DiscoveryDocument, String), End> {
        say("First what costs nothing, as `pomlint check` asks it:\n\n")?;
        let before = self.runtime.block_on(before::ask(self.brief, &self.command.pool, self.network));
        let Before { passed, failed, elsewhere, provider } = before;
        let screen = self.screen();
        let mut text = String::new();
        // What ends it is told by its reason, and not once more as open.
        let ending = provider.as_ref().err().map(|(step, _)| *step);
        for step in passed.iter().filter(|passed| Some(passed.step) != ending) {
            let mark = if step.is_sure { Mark::Good } else { Mark::Open };
            text += &screen.step(mark, step.step, &step.says, step.ms);
        }
        for failed in &failed {
            let (step, pages) = (failed.rule.stage.name(), vec![failed.rule.name]);
            text += &screen.stop(&Stop { step, says: failed.says.clone(), pages }, None);
        }
        if !failed.is_empty() {
            say(&(text + "\n" + &screen.words(NOT_BEGUN)))?;
            return Err(End::Failed);
        }
        if !elsewhere.is_empty() {
            let names: Vec<&str> = elsewhere.iter().map(|failed| failed.rule.name).collect();
            text += "\n";
            text += &screen.words(&format!(
                "`pomlint check` finds errors elsewhere, which keep nobody from signing in: {}.",
                names.join(", ")
            ));
        }
        say(&text)?;
        provider.map_err(|(step, why)| {
            let says = crate::report::reason(self.brief.config, &why);
            // The exit code says that it may not be sent, as for the client secret.
            if matches!(why, Missing::Forbidden { .. } | Missing::Unconfigured(_)) {
                return StartError::Option(says).into();
            }
            self.fail(&Stop { step, says, pages: vec!["network-blocked"] }, None)
        })
    }

    /// The request, and the door at which the browser is waited for, if there is one.
    fn begin(&self, document: &DiscoveryDocument, keys: &str) -> Result<(Attempt, Option<Door>), End> {
        self.network.admits_private(&document.token_endpoint).map_err(|why| StartError::Option(why.cause))?;
        let brief = self.brief;
        let plan = |redirect_uri: &str| {
            let plan = Plan {
                issuer: &brief.issuer,
                document,
                keys,
                client_id: &brief.client_id,
                secret: brief.secret.as_ref(),
                login: &brief.login,
                redirect_uri,
            };
            Attempt::begin(&plan).map_err(|stop| self.fail(&stop, None))
        };
        let Some((url, is_named)) = &brief.loopback else { return Ok((plan(&brief.login.redirect_uri)?, None)) };
        let door = match Door::open(url) {
            Ok(door) => Some(door),
            Err(why) if *is_named => {
                let why = format!("nobody can be waited for at {url}: {}", disk::why(why));
                return Err(StartError::Option(why).into());
            }
            // It is Pomerium's own callback, and perhaps Pomerium listens there.
            Err(_) => None,
        };
        let redirect_uri = self.command.loopback.as_deref().unwrap_or(&brief.login.redirect_uri);
        let attempt = plan(redirect_uri)?;
        if *is_named {
            self.ask_for_loopback(&attempt)?;
        }
        Ok((attempt, door))
    }

    /// Cognito compares the callback byte for byte, so it is asked before anybody is sent there.
    fn ask_for_loopback(&self, attempt: &Attempt) -> Result<(), End> {
        match self.runtime.block_on(before::knows_callback(attempt.address(), self.network)) {
            Ok((true, ms)) => {
                say(&self.screen().step(
                    Mark::Good,
                    "loopback",
                    "the app client knows it, and it is listened at",
                    Some(ms),
                ))?;
                Ok(())
            }
            Ok((false, ms)) => {
                let says =
                    format!("the app client does not know {}; leave --loopback out to paste", attempt.redirect_uri());
                Err(self.fail(&Stop { step: "loopback", says, pages: vec!["callback-not-registered"] }, Some(ms)))
            }
            Err(why) => {
                let says = format!("no answer: {why}");
                Err(self.fail(&Stop { step: "loopback", says, pages: vec!["network-blocked"] }, None))
            }
        }
    }

    /// From the code to the claims; none if a step fails, which is said. Whatever comes of it, even if nobody reads on, nothing is left
    /// that could renew the session.
    fn claims(&mut self, attempt: &Attempt, code: &Secret) -> Result<Option<Claims>, StartError> {
        let redeemed = match self.runtime.block_on(attempt.redeem(code, self.network)) {
            Ok(redeemed) => redeemed,
            Err(stop) => return say(&self.screen().stop(&stop, None)).map(|()| None),
        };
        redeemed.tokens.teach(&mut self.scrubber);
        let claims = self.verify(attempt, &redeemed);
        self.revoke(attempt, &redeemed.tokens)?;
        claims
    }

    /// The claims; none if something is wrong with them, which is said.
    fn verify(&self, attempt: &Attempt, redeemed: &Redeemed) -> Result<Option<Claims>, StartError> {
        let screen = self.screen();
        let Redeemed { tokens, lack, ms } = redeemed;
        if let Some(stop) = lack {
            return say(&screen.stop(stop, Some(*ms))).map(|()| None);
        }
        say(&screen.step(Mark::Good, "code", &format!("redeemed: {}", tokens.describe()), Some(*ms)))?;
        let begun = Instant::now();
        let id_token = match attempt.verify(tokens) {
            Ok(claims) => claims,
            Err(stop) => return say(&screen.stop(&stop, None)).map(|()| None),
        };
        let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        say(&screen.step(Mark::Good, "ID token", VERIFIED, Some(ms)))?;
        let subject = id_token.get("sub").and_then(serde_json::Value::as_str).unwrap_or_default();
        match self.runtime.block_on(attempt.user_info(tokens, subject, self.network)) {
            Ok((user_info, ms)) => {
                let says = format!("of the same user, with {}", count(user_info.len(), "claim"));
                say(&screen.step(Mark::Good, "userinfo", &says, Some(ms)))?;
                Ok(Some(Claims::of(&id_token, &user_info)))
            }
            Err(stop) => say(&screen.stop(&stop, None)).map(|()| None),
        }
    }

    fn revoke(&self, attempt: &Attempt, tokens: &Tokens) -> Result<(), StartError> {
        let screen = self.screen();
        let line = match self.runtime.block_on(attempt.revoke(tokens, self.network)) {
            Ok(ms) => screen.step(Mark::Good, "revoke", "the refresh token is good for nothing now", Some(ms)),
            Err(why) => screen.step(Mark::Open, "revoke", &format!("no refresh token was revoked: {why}"), None),
        };
        say(&line)
    }
}

fn say(text: &str) -> Result<(), StartError> {
    write(Stream::Report, text)
}

const ENDS: &str = "\nThe sign-in ends here.\n";

const SECRET_IN_ADDRESS: &str = "a secret of this configuration would stand in the address of the login, where a browser and logs keep it\n  try   pomlint check CONFIG";

const NOT_BEGUN: &str = "No sign-in was begun: it would fail there. `pomlint check` shows where, and what to do; then start `pomlint login` anew.";

const VERIFIED: &str = "signature, issuer, audience, expiry and nonce are right";
