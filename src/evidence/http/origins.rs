//! The hosts that are asked, and how many of them at once: each keeps its connections for the next question.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Deref;
use std::rc::Rc;

use tokio::sync::{Notify, OnceCell, Semaphore};

use super::{AT_ONCE, Route};

/// So many origins keep connections open at once, if the process may open that many files: fewer than 64 connections, those that are
/// being closed included.
const MOST: usize = 28;
/// Files that the process needs besides: its standard streams, the roots, the runtime, names being looked up.
const OTHER_FILES: u64 = 48;

/// A host and port, and how it is reached; found out at the first question to it.
pub(super) struct Origin {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) route: OnceCell<Route>,
    pub(super) turns: Semaphore,
}

/// The origins that were asked last.
pub(super) struct Origins {
    most: usize,
    known: RefCell<HashMap<(String, u16), Known>>,
    uses: Cell<u64>,
    rested: Notify,
}

struct Known {
    origin: Rc<Origin>,
    last_use: u64,
}

/// An origin for the length of a question: until it is dropped, its connections stay.
pub(super) struct InUse<'o> {
    origin: Rc<Origin>,
    rested: &'o Notify,
}

impl Default for Origins {
    fn default() -> Self {
        Self::of_at_most(most(open_files()))
    }
}

impl Origins {
    fn of_at_most(most: usize) -> Self {
        Self { most, known: RefCell::default(), uses: Cell::default(), rested: Notify::new() }
    }

    /// The origin of this host and port. If there are as many as may be, the one that rested longest makes room, with its connections;
    /// if none rests, waits for one.
    pub(super) async fn find(&self, host: &str, port: u16) -> InUse<'_> {
        loop {
            if let Some(origin) = self.take(host, port) {
                return InUse { origin, rested: &self.rested };
            }
            self.rested.notified().await;
        }
    }

    fn take(&self, host: &str, port: u16) -> Option<Rc<Origin>> {
        let key = (host.to_owned(), port);
        let mut known = self.known.borrow_mut();
        if !known.contains_key(&key) && known.len() >= self.most {
            let resting = known.iter().filter(|(_, known)| Rc::strong_count(&known.origin) == 1);
            let longest = resting.min_by_key(|(_, known)| known.last_use).map(|(key, _)| key.clone())?;
            known.remove(&longest);
        }
        self.uses.set(self.uses.get() + 1);
        let known = known.entry(key).or_insert_with_key(|(host, port)| Known {
            origin: Rc::new(Origin {
                host: host.clone(),
                port: *port,
                route: OnceCell::new(),
                turns: Semaphore::new(AT_ONCE),
            }),
            last_use: 0,
        });
        known.last_use = self.uses.get();
        Some(Rc::clone(&known.origin))
    }
}

impl Deref for InUse<'_> {
    type Target = Origin;

    fn deref(&self) -> &Origin {
        &self.origin
    }
}

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        // Whoever waits looks only after this is gone.
        self.rested.notify_waiters();
    }
}

/// As many origins as so many files allow, each with its connections.
fn most(files: Option<u64>) -> usize {
    let connections = files.map_or(u64::MAX, |files| files.saturating_sub(OTHER_FILES));
    usize::try_from(connections / AT_ONCE as u64).unwrap_or(usize::MAX).clamp(1, MOST)
}

/// How many files the process may have open.
#[cfg(unix)]
fn open_files() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

#[cfg(not(unix))]
fn open_files() -> Option<u64> {
    None
}

#[cfg(test)]
#[allow(clippy::panic)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
        pin!(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn the_origin_that_rested_longest_makes_room() {
        let origins = Origins::of_at_most(2);
        let names = || {
            let mut names: Vec<String> = origins.known.borrow().keys().map(|(host, _)| host.clone()).collect();
            names.sort();
            names
        };
        for host in ["a", "b", "a", "c"] {
            assert!(poll(origins.find(host, 443)).is_ready());
        }
        assert_eq!(names(), ["a", "c"]);
        // One that is asked keeps its connections; and whoever finds no room waits until one rests.
        let Poll::Ready(first) = poll(origins.find("a", 443)) else { panic!("it is known") };
        let Poll::Ready(second) = poll(origins.find("b", 443)) else { panic!("`c` rests") };
        assert_eq!(names(), ["a", "b"]);
        let mut third = pin!(origins.find("c", 443));
        let mut context = Context::from_waker(Waker::noop());
        assert!(third.as_mut().poll(&mut context).is_pending());
        drop(first);
        assert!(third.as_mut().poll(&mut context).is_ready());
        assert_eq!(names(), ["b", "c"]);
        assert_eq!(second.host, "b");
    }

    #[test]
    fn few_files_mean_few_origins() {
        assert_eq!(most(None), MOST);
        assert_eq!(most(Some(1024)), MOST);
        assert_eq!(most(Some(96)), 24);
        assert_eq!(most(Some(3)), 1);
    }
}
