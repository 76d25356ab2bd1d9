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

/// An answer, or one that is on its way.
type Known = Rc<OnceCell<Exchange>>;

/// So many answers are new, and as many are old. What takes more pools than that is not held for those that come back to one.
const MOST: usize = 2048;

/// A transport that remembers its answers: those that were asked for of late.
pub(super) struct Shared<'a> {
    transport: &'a dyn Transport,
    answers: RefCell<Answers>,
}

#[derive(Default)]
struct Answers {
    new: HashMap<Key, Known>,
    old: HashMap<Key, Known>,
}

impl Answers {
    /// What nobody has asked for since all others were new goes.
    fn find(&mut self, key: Key) -> Known {
        if let Some(known) = self.new.get(&key) {
            return Rc::clone(known);
        }
        let known = self.old.remove(&key).unwrap_or_default();
        if self.new.len() >= MOST {
            self.old = std::mem::take(&mut self.new);
        }
        self.new.insert(key, Rc::clone(&known));
        known
    }
}

impl<'a> Shared<'a> {
    pub(super) fn new(transport: &'a dyn Transport) -> Self {
        Self { transport, answers: RefCell::default() }
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
            let known = self.answers.borrow_mut().find(key);
            let exchange = known.get_or_init(|| self.transport.ask(question)).await;
            Exchange { id: question.id.clone(), ..exchange.clone() }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> Key {
        ("GET".to_owned(), format!("https://{number}.example.com"), Vec::new(), None, None)
    }

    #[test]
    fn what_is_asked_for_again_is_kept_and_nothing_for_good() {
        let mut answers = Answers::default();
        let first = answers.find(key(0));
        for number in 0..10 * MOST {
            answers.find(key(number));
            if number % (MOST / 2) == 0 {
                assert!(Rc::ptr_eq(&first, &answers.find(key(0))), "{number}");
            }
            assert!(answers.new.len() + answers.old.len() <= 2 * MOST);
        }
        assert!(answers.find(key(1)).get().is_none());
    }
}
