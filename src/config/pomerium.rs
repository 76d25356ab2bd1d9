//! How Pomerium reads: the file and the environment by viper, the values by mapstructure, then its own checks; and what it then sends.

pub(in crate::config) mod assemble;
pub(in crate::config) mod decode;
pub(in crate::config) mod login;
pub(in crate::config) mod policy;
pub(in crate::config) mod protojson;
pub(in crate::config) mod provider_id;
pub(in crate::config) mod validate;
pub(in crate::config) mod viper;

pub(in crate::config) use assemble::Assembler;
pub(in crate::config) use decode::Outcome;
pub use login::{CALLBACK_PATH, Hosting, Login, is_hosted, sign_in_error};
pub use policy::compiled;
pub(crate) use policy::start_error;
pub use provider_id::ProviderSettings;
pub(in crate::config) use validate::Validator;
