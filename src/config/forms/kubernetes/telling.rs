//! What in a text or a store can be Pomerium's alone.

use super::objects::Store;
use crate::config::forms::telling::sets_an_option;
use crate::config::releases::options;
use crate::config::text::ConfigText;

/// A text whose name is that of a configuration file and that sets an option of Pomerium's; or an empty `config.yaml`, for which
/// Pomerium has its defaults.
pub(super) fn is_config(text: &ConfigText) -> bool {
    let is_file = [".yaml", ".yml", ".json", ".toml", ".env"].iter().any(|ending| text.name.ends_with(ending));
    is_file && sets_an_option(&text.text)
}

/// Two names of Pomerium's variables, one of them about the login.
pub(super) fn is_environment(store: &Store) -> bool {
    let names = || store.data.iter().map(|datum| datum.key.as_str());
    let is_login =
        |name: &str| name.starts_with("IDP_") || name == "AUTHENTICATE_SERVICE_URL" || name == "COOKIE_SECRET";
    names().any(is_login) && names().filter(|name| options::bound_to(name).is_some()).count() > 1
}
