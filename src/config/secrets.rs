//! What is a secret, and hidden: found by the name of its key, by its looks and by where it stands.

mod beside;
pub(in crate::config) mod broken;
pub(in crate::config) mod conceal;
pub(in crate::config) mod disguise;
mod extent;
mod flags;
pub(in crate::config) mod gather;
pub(in crate::config) mod hidden;
mod line;
mod named;
pub(in crate::config) mod names;
pub(in crate::config) mod odd;
mod once;
pub(in crate::config) mod open;
mod parts;
pub(in crate::config) mod public;
mod within;

pub use beside::beside;
pub use broken::names_secret;
pub(crate) use disguise::is_generated;
pub(in crate::config) use disguise::is_pasted;
pub use named::untold;
pub(in crate::config) use names::is_telling_name;
pub use names::{id_is_secret, is_secret_parameter};
pub(crate) use parts::is_configuration;
pub(in crate::config) use parts::parts;
pub use within::holds_secret;
