//! Files of this machine: one bounded reader of regular files, and one atomic writer that follows no link.
//!
//! What a configuration names may have been written by a stranger: it is opened only within a [`Bound`]. What the user names
//! with his own hands may also be a pipe, as `<(helm template …)` is one.

mod bound;
mod links;
mod named;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use bound::{Bound, NotAFolder};
use links::link_to;
pub use links::plain;
pub use named::{is_own_descriptor, read_named, read_named_up_to, stream_named};
pub use read::{Unread, read, read_up_to, why};
pub use write::{append, change, create_folder, may_change, probe, write};
