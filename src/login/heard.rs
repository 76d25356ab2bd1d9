//! What an endpoint answered in place of what was asked for: its own words, and what these are known to mean.

use openidconnect::HttpResponse;
use openidconnect::http::StatusCode;
use serde_json::{Value, json};

use super::stop::Stop;
use crate::diagnose::{What, read_text};
use crate::evidence::{COGNITO_MARK, redact};
use crate::page::Strength;

/// More possible causes than this are none that anybody saw.
const MOST: usize = 2;

/// An answer, of which only the words of an error are told.
#[derive(Default)]
pub(super) struct Heard {
    status: u16,
    is_cognitos: bool,
    is_page: bool,
    error: String,
    description: String,
}

impl Heard {
    /// Reads the members `error` and `error_description` (RFC 6749, 5.2) or `message` (API Gateway), or what `WWW-Authenticate` says
    /// (RFC 6750, 3), and nothing else.
    pub(super) fn of(answer: &HttpResponse) -> Self {
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let word = |name: &str| {
            let of_body = body.get(name).and_then(Value::as_str);
            of_body.or_else(|| quoted(header("www-authenticate"), name)).unwrap_or_default().to_owned()
        };
        let described = word("error_description");
        Self {
            status: answer.status().as_u16(),
            is_cognitos: answer.headers().contains_key(COGNITO_MARK),
            is_page: answer.body().trim_ascii_start().starts_with(b"<"),
            error: word("error"),
            description: if described.is_empty() { word("message") } else { described },
        }
    }

    pub(super) fn is_ok(&self) -> bool {
        self.status == StatusCode::OK.as_u16()
    }

    pub(super) fn error(&self) -> &str {
        &self.error
    }

    pub(super) fn words(&self) -> String {
        let words = [self.error.as_str(), &self.description];
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(": ")
    }

    /// Its status and its words, or who it is that has none.
    pub(super) fn says(&self) -> String {
        match self.words() {
            words if !words.is_empty() => format!("status {}: {words}", self.status),
            _ if self.is_somebody_elses() => {
                format!("status {}, and not in the form of OAuth: something else answers there", self.status)
            }
            _ => format!("status {}, without a word why", self.status),
        }
    }

    /// The end of a sign-in at this step.
    pub(super) fn stop(&self, step: &'static str) -> Stop {
        Stop::new(step, self.says(), &self.pages())
    }

    /// That such an answer lacks what it is asked for.
    pub(super) fn lacks(&self, step: &'static str, what: &str) -> Stop {
        let words = self.words();
        let says = if words.is_empty() { what.to_owned() } else { format!("{what}: {words}") };
        let says = if self.is_somebody_elses() { format!("{says}; something else answers there") } else { says };
        Stop::new(step, says, &self.pages())
    }

    /// The pages about it, the likeliest first; none where nothing tells why.
    pub(super) fn pages(&self) -> Vec<&'static str> {
        let words = json!({ "error": self.error, "error_description": self.description });
        let named = if self.words().is_empty() { Vec::new() } else { pages_of(&words.to_string()) };
        match StatusCode::from_u16(self.status).unwrap_or_default() {
            _ if !named.is_empty() => named,
            StatusCode::TOO_MANY_REQUESTS if !self.is_page => vec!["cognito-throttles"],
            status if status.is_server_error() && !self.is_somebody_elses() => vec!["provider-error-unspecified"],
            _ if self.is_somebody_elses() => vec!["network-blocked"],
            _ => Vec::new(),
        }
    }

    /// Neither Cognito's mark nor the words of an error: a firewall, a proxy or a portal.
    fn is_somebody_elses(&self) -> bool {
        let may_be_short = [StatusCode::OK, StatusCode::TOO_MANY_REQUESTS].map(|status| status.as_u16());
        !self.is_cognitos && (self.is_page || self.words().is_empty() && !may_be_short.contains(&self.status))
    }
}

/// `name="…"` of a header.
fn quoted<'t>(header: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = header.split_once(&format!("{name}=\""))?;
    rest.split('"').next()
}

/// What `pomlint diagnose` knows of words, the surest first.
pub(super) fn pages_of(text: &str) -> Vec<&'static str> {
    let named = read_text(&redact(text), 0).map(|diagnosis| diagnosis.names()).unwrap_or_default();
    if named.len() > MOST && named.iter().all(|named| named.strength == Strength::Possible) {
        return Vec::new();
    }
    let page = |what: What| match what {
        What::Rule(rule) => rule.name,
        What::Cause(cause) => cause.name.as_str(),
    };
    named.into_iter().take(MOST).map(|named| page(named.what)).collect()
}

#[cfg(test)]
mod tests;
