//! What is said of the claims at the end: what the policies make of them, and how the browser is signed out again.

use super::super::OPEN;
use super::{Flow, say};
use crate::commands::StartError;
use crate::evidence::DiscoveryDocument;
use crate::login::{Admission, Claims, Judgement, admits};

const NO_ROUTE: &str = "A login works. No route stands here, so whether anybody is let in cannot be known from here.";

impl Flow<'_> {
    /// The claims, and what the policies make of them.
    pub(super) fn judge(&self, claims: &Claims, document: &DiscoveryDocument) -> Result<u8, StartError> {
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
            (0, _, 0) => (NO_ROUTE.to_owned(), OPEN),
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
        text += &words
            .lines()
            .map(|line| if line.starts_with(' ') { format!("{line}\n") } else { screen.words(line) })
            .collect::<String>();
        text += &self.way_out(document, true);
        say(&text)?;
        Ok(code)
    }

    /// How the browser is signed out again, if the pool lets it: Cognito's own form of it.
    pub(super) fn way_out(&self, document: &DiscoveryDocument, is_signed_in: bool) -> String {
        let uri = self.brief.login.sign_out_uri.as_ref();
        let url = crate::go::url::parse_and_validate(&document.authorization_endpoint).ok();
        let Some((uri, url)) = uri.zip(url) else { return String::new() };
        let query = crate::go::url::query_encode(&[("client_id", self.brief.client_id.as_str()), ("logout_uri", uri)]);
        let why = if is_signed_in {
            "The browser is still signed in at the pool. To sign it out:"
        } else {
            "If the browser is signed in at the pool now, this signs it out:"
        };
        format!("{why}\n{}?{query}\n", url.resolve_path("/logout"))
    }
}
