//! The seam between the questions and the network.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use super::aws::Call;
use super::{Exchange, ExchangeId, Failure, NamedClient, Outcome, Request, Step};
use crate::infra::Code;
use crate::secret::Secret;

/// A question to be put to the provider.
pub struct Question {
    /// The name of the exchange.
    pub id: ExchangeId,
    /// What is asked, without secrets. A transport sends it as it stands, but with `state` filled in.
    pub request: Request,
    /// Client id and secret for HTTP Basic. Never part of the recorded request.
    pub basic: Option<(String, Secret)>,
    /// A call of the API of AWS, with the parameters of the request; it is signed.
    pub call: Option<Call>,
    /// What kinds of answer are taken, where the answer depends on it; nothing is asked of its encoding then.
    pub accept: Option<&'static str>,
    /// Whether it is put once more if its answer may pass.
    pub repeats: Repeats,
}

impl Question {
    /// Without credentials.
    pub fn new(id: ExchangeId, request: Request) -> Self {
        Self { id, request, basic: None, call: None, accept: None, repeats: Repeats::default() }
    }

    /// The same, for a page.
    pub fn get(id: &str, url: impl Into<String>) -> Self {
        Self::new(ExchangeId(id.to_owned()), Request::get(url))
    }
}

/// What may pass is asked about once more; questions that share this may do so that often together.
#[derive(Clone, Default)]
pub struct Repeats(Option<Rc<Cell<usize>>>);

impl Repeats {
    /// So many for all questions that get a clone of this.
    pub fn shared(left: usize) -> Self {
        Self(Some(Rc::new(Cell::new(left))))
    }

    /// Takes one, if any is left.
    pub(super) fn take(&self) -> bool {
        let Some(left) = &self.0 else { return true };
        let less = left.get().checked_sub(1);
        less.inspect(|less| left.set(*less)).is_some()
    }
}

/// The answer to come.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Exchange> + 'a>>;

/// Puts questions to a provider: over the network, to a recording, or to a stand-in.
pub trait Transport {
    /// Asks once (with the one retry of the policy) and never follows a redirect. The exchange comes back redacted.
    fn ask<'a>(&'a self, question: &'a Question) -> Asking<'a>;

    /// The transport that this one puts its questions to; whatever it does not say itself, that one says.
    fn behind(&self) -> Option<&dyn Transport> {
        None
    }

    /// Says that a genuine discovery document names this host as the login domain of the pool, so that it may be asked.
    ///
    /// To be called only for a document that a host of Cognito itself served
    /// ([`is_cognito_issuer_host`](super::is_cognito_issuer_host)): a document from elsewhere could name any host.
    fn trust_login_domain(&self, host: &str) {
        if let Some(behind) = self.behind() {
            behind.trust_login_domain(host);
        }
    }

    /// Says that a Pomerium is to be asked on this host. Without `of` the user named it, and it may lie at an internal address;
    /// else the Pomerium of that host sends users there, and it may only if that one does. Trusted, it need not be allowed.
    fn admit_pomerium(&self, host: &str, of: Option<&str>, is_trusted: bool) {
        if let Some(behind) = self.behind() {
            behind.admit_pomerium(host, of, is_trusted);
        }
    }

    /// How long a refusal is asked about again, in case a change of it is still on its way; `None` if the answers are recorded,
    /// and those to repeated questions with them.
    fn patience(&self) -> Option<Duration> {
        self.behind().map_or(Some(Duration::ZERO), Transport::patience)
    }

    /// Proxies used so far, by host.
    fn proxies(&self) -> BTreeMap<String, String> {
        self.behind().map_or_else(BTreeMap::new, Transport::proxies)
    }

    /// The wall time of the gathering, in milliseconds, if it is known from a recording; else it is to be measured.
    fn took_ms(&self) -> Option<u64> {
        self.behind().and_then(Transport::took_ms)
    }

    /// It answers calls of the API of AWS, whether they are wanted or not.
    fn holds_calls(&self) -> bool {
        self.behind().is_some_and(Transport::holds_calls)
    }

    /// What a recording holds of infrastructure code.
    fn code(&self) -> Vec<Code> {
        self.behind().map_or_else(Vec::new, Transport::code)
    }

    /// Which of its app clients were named when it was recorded.
    fn named(&self) -> Vec<NamedClient> {
        self.behind().map_or_else(Vec::new, Transport::named)
    }
}

/// Whoever is asked here is nobody: a run without a network, and so without a runtime for one.
pub(super) struct Nobody;

impl Transport for Nobody {
    fn ask<'a>(&'a self, question: &'a Question) -> Asking<'a> {
        let outcome = Outcome::Failure(Failure::new(Step::Policy, "nobody is asked"));
        let Question { id, request, .. } = question;
        let exchange = Exchange { id: id.clone(), request: request.clone(), outcome, at: 0, ms: 0, attempts: 0 };
        Box::pin(std::future::ready(exchange))
    }
}
