//! What can be asked at once is. Waves are counted, and not told apart by the clock: an answer is held back until nothing more is
//! asked without it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use pomlint::config::{Literals, NoFiles, RawFile, Request};
use pomlint::evidence::{Asking, GatherOptions, Question, Transport, gather, plan};
use pomlint::rules::RULES;

use crate::support::healthy;
use crate::support::pool::Pool;
use crate::support::transport::StandIn;

/// A stand-in that answers wave by wave.
struct Waves {
    pool: StandIn,
    /// The answers to the questions of the waves before this one are out.
    now: Cell<usize>,
    waiting: RefCell<Vec<Waker>>,
    /// How many questions each wave had, by host.
    asked: RefCell<Vec<BTreeMap<String, usize>>>,
}

impl Waves {
    /// The next wave: everything held back so far is answered.
    fn roll(&self) {
        self.now.set(self.now.get() + 1);
        self.waiting.take().into_iter().for_each(Waker::wake);
    }

    fn note(&self, question: &Question) {
        let mut asked = self.asked.borrow_mut();
        let waves = asked.len().max(self.now.get() + 1);
        asked.resize_with(waves, BTreeMap::new);
        let host = url::Url::parse(&question.request.url).unwrap().host_str().unwrap().to_owned();
        *asked.last_mut().unwrap().entry(host).or_default() += 1;
    }
}

impl Transport for Waves {
    fn ask<'a>(&'a self, question: &'a Question) -> Asking<'a> {
        Box::pin(async move {
            let wave = self.now.get();
            self.note(question);
            poll_fn(|context| {
                if self.now.get() > wave {
                    return Poll::Ready(());
                }
                self.waiting.borrow_mut().push(context.waker().clone());
                Poll::Pending
            })
            .await;
            self.pool.ask(question).await
        })
    }
}

/// How many questions each wave of a whole check has, by host.
fn waves(pool: &str, probes: bool) -> Vec<BTreeMap<String, usize>> {
    let config = RawFile { name: "pomerium.yaml".to_owned(), bytes: healthy().into_bytes() };
    let config = Request::of_config(config, &NoFiles).load().configs.remove(0);
    let clients = config.clients();
    let literals = Literals::of(&config, &clients);
    let plan = plan(RULES.iter().flat_map(|rule| rule.needs.iter().copied()));
    let options = GatherOptions { probe_secret: probes, probe_sign_out: probes, ..GatherOptions::default() };
    let pool = StandIn::new(Pool::from_yaml(pool).unwrap());
    let waves = Waves { pool, now: Cell::new(0), waiting: RefCell::default(), asked: RefCell::default() };
    {
        let mut gathering = pin!(gather(&config, &clients, &literals, &plan, &options, &waves));
        let mut context = Context::from_waker(Waker::noop());
        while gathering.as_mut().poll(&mut context).is_pending() {
            assert!(!waves.waiting.borrow().is_empty(), "it waits for something else than an answer");
            waves.roll();
        }
    }
    waves.asked.into_inner()
}

#[test]
fn what_can_be_asked_at_once_is() {
    for (description, probes, most) in [
        ("", false, 3),
        ("domain: login.corp.example.com", false, 3),
        // The keys come after the document, on its connection: where there is a login domain, that one is asked meanwhile.
        ("domain: none", false, 2),
        ("exists: false", false, 2),
        ("client: {oauth: false}", false, 2),
        // Three batches of similar callbacks, and the question itself once more at the end.
        ("client: {callback_urls: []}", false, 6),
        ("client: {scopes: [openid]}", false, 3),
        ("", true, 3),
    ] {
        let waves = waves(description, probes);
        assert!(waves.len() <= most, "{description}, probes: {probes}: {waves:?}");
        assert!(!waves.is_empty(), "{description}: nothing is asked");
    }
}
