//! The API of AWS as a witness, for `--aws`: who is asked, in whose name, and what the answers say.
//!
//! The questions are put like all others, through a [`Transport`](super::Transport), so that they are recorded and replayed. Their
//! answers hold secrets of the app client and of its identity providers: of each, only listed fields get past `kept`.

mod answer;
mod call;
#[cfg(not(target_arch = "wasm32"))]
mod credentials;
#[cfg(not(target_arch = "wasm32"))]
mod endpoints;
#[cfg(not(target_arch = "wasm32"))]
mod environment;
mod errors;
#[cfg(not(target_arch = "wasm32"))]
mod fetch;
mod heard;
mod refusal;
#[cfg(not(target_arch = "wasm32"))]
mod sign;
mod told;

pub(super) use answer::is_passing;
pub use call::{Call, Operation};
#[cfg(not(target_arch = "wasm32"))]
pub(super) use credentials::Access;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use endpoints::is_loopback;
#[cfg(not(target_arch = "wasm32"))]
pub(super) use endpoints::is_of_container;
#[cfg(not(target_arch = "wasm32"))]
pub(super) use environment::now;
#[cfg(not(target_arch = "wasm32"))]
pub(super) use fetch::{Sender, refused};
pub(super) use heard::{Answers, OfClient, Wanted};
#[cfg(not(target_arch = "wasm32"))]
pub(super) use sign::Keys;
#[cfg(not(target_arch = "wasm32"))]
use url::Url;
#[cfg(not(target_arch = "wasm32"))]
use zeroize::Zeroizing;

#[cfg(not(target_arch = "wasm32"))]
use self::sign::Header;

/// A request as it is sent, with what must not be kept of it.
#[cfg(not(target_arch = "wasm32"))]
pub(super) struct Wire {
    pub(super) method: &'static str,
    pub(super) url: Url,
    pub(super) headers: Vec<Header>,
    pub(super) body: Zeroizing<Vec<u8>>,
    pub(super) reach: Reach,
}

/// Who chose where a request goes.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// It is the service's own host.
    Aws,
    /// The environment or the profile of the user names it.
    Named,
    /// It serves the credentials of this container.
    Container,
}

/// What came back.
#[cfg(not(target_arch = "wasm32"))]
pub(super) struct Raw {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Zeroizing<Vec<u8>>,
    /// It was not longer than is read.
    pub(super) is_whole: bool,
}

#[cfg(not(target_arch = "wasm32"))]
impl Raw {
    /// The type of an error, as the header names it.
    pub(super) fn error(&self) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == "x-amzn-errortype").map(|(_, value)| value.as_str())
    }
}
