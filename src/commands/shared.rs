//! Puts each question once, however many configurations ask it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;

use crate::evidence::{Asking, Call, Exchange, Question, Transport};
use crate::secret::Secret;

/// What makes two questions the same: method, URL, form, and with which credentials. Of a secret, a digest. A question that is
/// repeated on purpose is another one.
type Key = (String, String, Vec<(String, String)>, Option<(String, [u8; 32])>, Option<String>);

/// A transport that remembers its answers for the length of a run.
pub(super) struct Shared<'a> {
    transport: &'a dyn Transport,
    known: RefCell<HashMap<Key, Rc<OnceCell<Exchange>>>>,
}

impl<'a> Shared<'a> {
    pub(super) fn new(transport: &'a dyn Transport) -> Self {
        Self { transport, known: RefCell::default() }
    }
}

impl Transport for Shared<'_> {
    fn behind(&self) -> Option<&dyn Transport> {
        Some(self.transport)
    }

    fn ask<'b>(&'b self, question: &'b Question) -> Asking<'b> {
        Box::pin(async move {
            let request = &question.request;
            let digest = |secret: &Secret| Sha256::digest(secret.expose()).into();
            let credentials = question.basic.as_ref().map(|(id, secret)| (id.clone(), digest(secret)));
            let credentials = credentials.or_else(|| question.call.as_ref().map(Call::key));
            let repetition = question.id.is_repetition().then(|| question.id.0.clone());
            let key = (request.method.clone(), request.url.clone(), request.form.clone(), credentials, repetition);
            // Whoever asks while the answer is on its way waits for that one.
            let known = Rc::clone(self.known.borrow_mut().entry(key).or_default());
            let exchange = known.get_or_init(|| self.transport.ask(question)).await;
            Exchange { id: question.id.clone(), ..exchange.clone() }
        })
    }
}
