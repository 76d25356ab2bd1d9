//! The sign-in itself: the order of its steps, and what is said of each.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use super::OPEN;
use super::before::{self, Before};
use super::brief::Brief;
use super::door::Door;
use super::terminal::{Event, Quiet};
use crate::cli;
use crate::commands::{StartError, input, write};
use crate::evidence::{DiscoveryDocument, Network};
use crate::login::{Admission, Attempt, Claims, Judgement, Mark, Plan, Returned, Screen, Stop, Tokens, admits};
use crate::report::{Stream, View};
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
        self.warn(&document, &attempt, door.is_some())?;
        let code = self.wait(&attempt, door)?;
        self.scrubber.learn(&code);
        let (tokens, ms) = self.redeem(&attempt, &code)?;
        let told = say(&self.screen().step(Mark::Good, "code", &format!("redeemed: {}", tokens.describe()), Some(ms)));
        let claims = told.and_then(|()| self.verify(&attempt, &tokens));
        // Whatever came of it, even if nobody reads on, nothing is left that could renew the session.
        self.revoke(&attempt, &tokens)?;
        let Some(claims) = claims? else {
            say(ENDS)?;
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
        for step in passed {
            let (mark, says) = if step.is_sure { (Mark::Good, step.says) } else { (Mark::Open, NOT_SURE) };
            text += &screen.step(mark, step.step, says, Some(step.ms));
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
                let why = format!("nobody can be waited for at {url}: {}", input::why(&why));
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

    /// Where it goes and what it does, and the question whether it shall.
    fn warn(&self, document: &DiscoveryDocument, attempt: &Attempt, has_door: bool) -> Result<(), End> {
        let screen = self.screen();
        let host = |url: &str| url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let token_host = host(&document.token_endpoint).unwrap_or_default();
        let id = &self.brief.client_id;
        let is_one_of_several = self.brief.has_several_clients() && self.command.route.is_none();
        let client = if is_one_of_several { format!("{id} (of several; --route chooses)") } else { id.clone() };
        let text = screen.heading("A real sign-in, at")
            + &screen.fact("issuer", &self.brief.issuer)
            + &screen.fact("login domain", &host(&document.authorization_endpoint).unwrap_or_default())
            + &screen.fact("app client", &client)
            + &screen.fact("back to", attempt.redirect_uri())
            + "\n"
            + &screen.points(&before::dangers(self.brief, &token_host, !has_door, self.command.within))
            + "\n"
            + &screen.words("Press Enter to begin, or Ctrl-C to leave it.");
        // Before anything is asked for, so that not even who is quick sees an echo.
        let mut quiet = Quiet::new()?;
        say(&text)?;
        match quiet.wait(None, Instant::now() + LONGEST_READING)? {
            Event::Line(line) if ["", "y", "yes"].contains(&line.expose().trim().to_lowercase().as_str()) => Ok(()),
            _ => Err(self.left("Nothing was begun.")),
        }
    }

    fn left(&self, words: &str) -> End {
        say(&self.screen().words(words)).map_or_else(End::Cannot, |()| End::Left)
    }

    /// Until the browser comes back with a code, or its address is pasted.
    fn wait(&self, attempt: &Attempt, mut door: Option<Door>) -> Result<Secret, End> {
        let screen = self.screen();
        let way = if door.is_some() { BY_DOOR } else { BY_PASTE };
        let address = format!("{}\n", attempt.address());
        let mut quiet = Quiet::new()?;
        say(&(screen.heading("Open this address in a browser, and sign in:")
            + "\n"
            + &address
            + "\n"
            + &screen.words(way)))?;
        let begun = Instant::now();
        let until = begun + self.command.within;
        loop {
            let returned = match quiet.wait(door.as_mut(), until)? {
                Event::TimeUp => return Err(self.left("\nTime is up: nobody came back with a code.")),
                Event::GivenUp => return Err(self.left("\nGiven up: no code was redeemed.")),
                Event::Line(line) if line.expose().trim().is_empty() => continue,
                Event::Line(address) | Event::Visit(address) => attempt.returned(address.expose()),
            };
            let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            match returned {
                Ok(Returned::NotYet(why)) => say(&screen.words(&format!("{why}. Paste it again.")))?,
                Ok(Returned::Code(code)) => {
                    say(&("\n".to_owned()
                        + &screen.step(
                            Mark::Good,
                            "sign-in",
                            "back with a code, and with the state that was sent",
                            Some(ms),
                        )))?;
                    return Ok(code);
                }
                Err(stop) => {
                    say("\n")?;
                    return Err(self.fail(&stop, Some(ms)));
                }
            }
        }
    }

    fn redeem(&mut self, attempt: &Attempt, code: &Secret) -> Result<(Tokens, u64), End> {
        let (tokens, ms) =
            self.runtime.block_on(attempt.redeem(code, self.network)).map_err(|stop| self.fail(&stop, None))?;
        tokens.teach(&mut self.scrubber);
        Ok((tokens, ms))
    }

    /// The claims; none if something is wrong with them, which is said.
    fn verify(&self, attempt: &Attempt, tokens: &Tokens) -> Result<Option<Claims>, StartError> {
        let screen = self.screen();
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
                let says = format!("of the same user, with {} claims", user_info.len());
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

    /// The claims, and what the policies make of them.
    fn judge(&self, claims: &Claims, document: &DiscoveryDocument) -> Result<u8, StartError> {
        let screen = self.screen();
        let routes = &self.brief.routes;
        let judged: Vec<Judgement<'_>> = routes.iter().map(|route| admits(route, claims)).collect();
        let scopes = self.brief.literals.scopes.as_ref().ok();
        let mut text = screen.heading("What Pomerium learns of you, and who tells it") + &screen.claims(claims);
        text += &screen.heading("What the policies make of it");
        for (route, judgement) in routes.iter().zip(&judged) {
            text += &screen.route(self.brief.config, route, judgement, claims, scopes);
        }
        if self.brief.others > 0 {
            let others = self.brief.others;
            text += &screen.words(&format!("  Routes with another app client, not judged: {others} (--route FROM)."));
        }
        let count = |admission| judged.iter().filter(|judgement| judgement.admission == admission).count();
        let (allowed, unknown) = (count(Admission::Allowed), count(Admission::CannotKnow));
        let total = judged.len();
        let (words, code) = match (allowed, unknown, total) {
            (1.., ..) => (format!("A login would be let in: at {allowed} of {total} routes."), 0),
            (0, _, 0) => ("A login works; there is no route to be let in at.".to_owned(), 0),
            (0, 1.., _) => (
                format!(
                    "A login works; whether it is let in cannot be known from here at {unknown} of {total} routes."
                ),
                OPEN,
            ),
            _ => (
                "A login would not be let in: no policy allows it, at any route.\n  pomlint explain policy-denied"
                    .to_owned(),
                1,
            ),
        };
        text += "\n";
        text += &words;
        text += "\n";
        text += &self.way_out(document);
        say(&text)?;
        Ok(code)
    }

    /// How the browser is signed out again, if the pool lets it: Cognito's own form of it.
    fn way_out(&self, document: &DiscoveryDocument) -> String {
        let uri = self.brief.login.sign_out_uri.as_ref();
        let url = crate::go::url::parse_and_validate(&document.authorization_endpoint).ok();
        let Some((uri, url)) = uri.zip(url) else { return String::new() };
        let query = crate::go::url::query_encode(&[("client_id", self.brief.client_id.as_str()), ("logout_uri", uri)]);
        format!(
            "The browser is still signed in at the pool. To sign it out:\n{}?{query}\n",
            url.resolve_path("/logout")
        )
    }
}

fn say(text: &str) -> Result<(), StartError> {
    write(Stream::Report, text)
}

/// Whoever reads what is to come takes their time, and not all day.
const LONGEST_READING: Duration = Duration::from_secs(600);

const ENDS: &str = "\nThe sign-in ends here.\n";

const SECRET_IN_ADDRESS: &str = "a secret of this configuration would stand in the address of the login, where a browser and logs keep it\n  try   pomlint check CONFIG";

const NOT_SURE: &str = "no answer that tells; `pomlint check` says why";

const NOT_BEGUN: &str = "No sign-in was begun: it would fail there. `pomlint check` shows where, and what to do.";

const VERIFIED: &str = "signature, issuer, audience, expiry and nonce are right";

const BY_DOOR: &str = "The browser comes back here by itself. If it is on another machine and cannot, copy the address at which it \
                       ends, paste it here (it is not shown), and press Enter. Ctrl-C gives up.";

const BY_PASTE: &str = "Then the browser shows an error: 400 Bad Request of Pomerium, or that the page cannot be reached. That is \
                        meant. Copy the whole address from its address bar, paste it here (it is not shown), and press Enter. \
                        Ctrl-C gives up.";
