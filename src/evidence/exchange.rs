//! One question put to the provider, and what came back.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::secret::Secret;

/// Names an exchange within a [`super::World`]: `discovery`, `authorize`, `authorize-control`, `scope-email`, …
///
/// Those of a second and further client carry its number: `authorize.2`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExchangeId(pub String);

/// The names of calls of the API of AWS begin so.
const CALL: &str = "aws-";

/// How the name of a place in a file ends, by the time that it speaks of.
pub const NOW: &str = " now";
/// The same for what the apply makes of it.
pub const AFTER_APPLY: &str = " after apply";

impl ExchangeId {
    /// The name of a question that is put once more because of its first answer.
    pub(super) fn again(name: &str, number: usize) -> String {
        format!("{name}-again-{number}")
    }

    /// The name of a call of the API of AWS.
    pub(super) fn call(name: &str) -> Self {
        Self(format!("{CALL}{name}"))
    }

    /// What was asked, whichever client it was about: without that one's number.
    pub fn question(&self) -> &str {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        self.0.rsplit_once('.').filter(|(_, number)| is_number(number)).map_or(&self.0, |(name, _)| name)
    }

    /// It is a call of the API of AWS.
    pub fn is_call(&self) -> bool {
        self.0.starts_with(CALL)
    }

    /// It is a place in code that says what will be.
    pub fn is_after_apply(&self) -> bool {
        self.0.ends_with(AFTER_APPLY)
    }

    /// It was put once more because of its first answer.
    pub fn is_repetition(&self) -> bool {
        self.0.contains("-again-")
    }
}

impl fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What was asked. Never holds a secret: credentials travel beside it (see `http`), and `state` is cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: String,
    /// The URL, as sent but for a cut `state`.
    pub url: String,
    /// The form sent in the body, name by name, without any secret.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<(String, String)>,
}

impl Request {
    /// For a page.
    pub fn get(url: impl Into<String>) -> Self {
        Self { method: "GET".to_owned(), url: url.into(), form: Vec::new() }
    }
}

/// An exchange: the question, what came back, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Its name.
    pub id: ExchangeId,
    /// What was asked.
    pub request: Request,
    /// What came back.
    pub outcome: Outcome,
    /// When it came back by the local clock, in seconds since 1970.
    pub at: u64,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// How many times it was asked: 2 if the first attempt failed and was repeated.
    pub attempts: u8,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// An HTTP answer.
    Answer(Answer),
    /// None.
    Failure(Failure),
}

/// An HTTP answer, with cookies, codes and tokens cut.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case, values as sent but for what is cut.
    pub headers: Vec<(String, String)>,
    /// The body, as far as it was read; invalid UTF-8 is replaced, as Pomerium's JSON decoder does. A page lacks what only a
    /// browser needs.
    pub body: String,
    /// The body was longer than we read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// What was read of values before they were cut, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub read: BTreeMap<String, String>,
    /// Where a redirect leads, with what is cut of it: to be asked, never to be shown or kept.
    #[serde(skip)]
    pub leads: Whole,
}

/// An address with its signatures. It shows nothing of itself, and is no part of what an answer says.
#[derive(Clone, Default)]
pub struct Whole(pub(super) Option<Secret>);

impl fmt::Debug for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Whole")
    }
}

impl PartialEq for Whole {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Whole {}

impl Exchange {
    /// The answer, if one came.
    pub(super) fn answer(&self) -> Option<&Answer> {
        match &self.outcome {
            Outcome::Answer(answer) => Some(answer),
            Outcome::Failure(_) => None,
        }
    }

    /// Where it was put: the question names the service's own host, and the user may have named another place.
    pub(crate) fn asked_at(&self) -> &str {
        let elsewhere = match &self.outcome {
            Outcome::Answer(answer) => answer.read.get(ASKED_AT),
            Outcome::Failure(failure) => failure.at.as_ref(),
        };
        elsewhere.map_or(self.request.url.as_str(), String::as_str)
    }
}

/// Under this name an answer says where it comes from, if that is not where the question was put.
pub(super) const ASKED_AT: &str = "asked-at";

impl Answer {
    /// Where it redirects to, as it is written, if a browser and Go's client follow it.
    pub(super) fn location(&self) -> Option<&str> {
        self.header("location").filter(|_| matches!(self.status, 301 | 302 | 303 | 307 | 308))
    }

    /// The first header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All headers of that (lower-case) name.
    pub(super) fn headers_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Sent by Cognito itself: its answers carry a request id.
    pub fn is_from_cognito(&self) -> bool {
        self.header(COGNITO_MARK).is_some()
    }
}

/// The header with which Cognito marks each answer of its own.
pub(crate) const COGNITO_MARK: &str = "x-amz-cognito-request-id";

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// How far it got.
    pub step: Step,
    /// Why it went no further.
    pub cause: String,
    /// The flag that would let it go further, if our own policy stopped it and a flag does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Flag>,
    /// Whose failure it is, if not that of the host in the request: where the environment says to ask instead, or who was to hand out
    /// the credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The other side closed the connection before it answered anything: the question may be put once more.
    #[serde(skip)]
    pub(super) hung_up: bool,
}

impl Failure {
    /// A failure that no flag prevents.
    pub fn new(step: Step, cause: impl Into<String>) -> Self {
        Self { step, cause: cause.into(), flag: None, at: None, hung_up: false }
    }

    /// Our own policy forbids to go on, unless this flag allows it.
    pub(super) fn forbidden(flag: Flag, cause: String) -> Self {
        Self { flag: Some(flag), ..Self::new(Step::Policy, cause) }
    }
}

/// A flag of the command line that allows what our own policy would forbid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flag {
    /// `--allow-host HOST`.
    AllowHost,
    /// `--secret-to HOST`.
    SecretTo,
    /// `--connect-to HOST:PORT:ADDR:PORT`.
    ConnectTo,
}

impl Flag {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::AllowHost => "--allow-host",
            Self::SecretTo => "--secret-to",
            Self::ConnectTo => "--connect-to",
        }
    }
}

/// The connection broke, and nothing of an answer came.
pub(super) const BROKE: &str = "broke before the answer was complete";
/// A connection that was closed.
pub(super) const CLOSED: &str = "it was closed too early";

/// Whether a failure tells that the other side hung up without a word. (hyper has words of its own where the end was announced:
/// before the request was read, or before it was sent at all.)
pub(super) fn is_silence(cause: &str) -> bool {
    let without_a_word = [CLOSED, "connection closed", "connection was not ready"];
    without_a_word.iter().any(|words| cause.contains(&format!("{BROKE}: {words}")))
}

/// The steps of an HTTPS request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The name server says that the name does not exist or has no address.
    NoSuchHost,
    /// The name could not be looked up.
    Lookup,
    /// Our own address policy refused to connect.
    Policy,
    /// TCP, or the proxy in between.
    Connect,
    /// The TLS handshake failed for another reason than the certificate.
    Tls,
    /// The certificate has expired, is for another name, or cannot be accepted for another reason.
    Certificate,
    /// The certificate was issued by an authority that is not trusted here.
    Authority,
    /// The time allowed was over.
    Timeout,
    /// The connection broke while the answer was read.
    Read,
    /// Not asked: the request budget of the run was used up.
    Budget,
    /// Not asked: the recording does not hold it.
    NotRecorded,
}
