//! Pomerium's checks, as they end here and as they end where the files exist that only Pomerium can read.

use super::filling::Filling;
use crate::config::pomerium::{Assembler, Validator};
use crate::config::releases::PomeriumVersion;
use crate::config::settings::{Reading, Route};
use crate::config::text::{Node, Refusal, RefusalKind, Span};

/// What is checked.
pub(super) struct Checks<'a> {
    pub(super) assembler: &'a Assembler<'a>,
    pub(super) settings: &'a Node,
    pub(super) routes: &'a [Route],
    pub(super) filling: Filling<'a>,
    pub(super) version: PomeriumVersion,
}

/// What comes of it.
struct Outcome {
    refusal: Option<Refusal>,
    start_errors: Vec<Refusal>,
    /// What would be refused, were nobody to fill it in.
    open: Vec<Refusal>,
}

impl Checks<'_> {
    /// Checks the values; returns what Pomerium refuses here. If that is a file, the rest is checked as if it were there.
    pub(super) fn run(&self, reading: &mut Reading) -> Option<Refusal> {
        let Outcome { refusal, start_errors, open } =
            self.outcome(&Validator::here(self.assembler, self.settings), reading);
        let is_open = |at: Span| open.iter().any(|refusal| !has_literal(refusal.kind) && refusal.at == Some(at));
        reading.unchecked = reading.not_literal.iter().filter(|(_, text)| is_open(text.span)).cloned().collect();
        let is_file = |refusal: &Refusal| refusal.kind == RefusalKind::UnreadableFile;
        if refusal.iter().chain(&start_errors).any(is_file) {
            let elsewhere = Validator::elsewhere(self.assembler, self.settings);
            let further = self.outcome(&elsewhere, reading);
            if refusal.is_some() {
                reading.behind_files = further.refusal.into_iter().chain(further.start_errors).collect();
            }
            reading.unreadable = elsewhere.into_unreadable();
        }
        reading.start_errors.extend(start_errors);
        refusal
    }

    fn outcome(&self, validator: &Validator<'_>, reading: &Reading) -> Outcome {
        // What somebody still fills in may well be right then.
        let is_open = |at: Option<Span>| at.is_some_and(|at| self.filling.is_open_at(&reading.not_literal, at));
        let (mut open, refused): (Vec<_>, Vec<_>) =
            validator.refusals(self.version).into_iter().partition(|refusal| is_open(refusal.at));
        if let Some(Refusal { kind, words, at }) = refused.into_iter().next() {
            let refusal = Some(Refusal { kind, words: format!("validation error {words}"), at });
            return Outcome { refusal, start_errors: Vec::new(), open };
        }
        let mut start_errors = validator.start_errors(self.routes, self.version);
        open.extend(start_errors.iter().filter(|error| is_open(error.at)).cloned());
        // What the ingress controller has said already need not be said again.
        let is_said = |at: Option<Span>| at.is_some() && reading.start_errors.iter().any(|error| error.at == at);
        start_errors.retain(|error| !is_open(error.at) && !is_said(error.at));
        Outcome { refusal: None, start_errors, open }
    }
}

/// Whether the rule about such a refusal takes the value as a literal, and so is undecided without one.
fn has_literal(kind: RefusalKind) -> bool {
    matches!(
        kind,
        RefusalKind::AuthenticateUrl | RefusalKind::SharedSecret | RefusalKind::CookieSecret | RefusalKind::Policy
    )
}
