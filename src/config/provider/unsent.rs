//! What must not be sent, although Pomerium would.

use crate::config::pomerium::login::Login;
use crate::config::secrets::{holds_secret, is_secret_parameter};
use crate::secret::paste::is_cut;

/// Why the request of a login is not put into a URL: one of its parameters seems to hold a secret, because a quote stands in the
/// wrong place, say. No id of a client has blanks, so that whatever follows one came there by such a slip.
pub fn kept_back(login: &Login, id: &str) -> Option<String> {
    if id.trim().contains(char::is_whitespace) {
        return Some("idp_client_id holds more than an id, which is not put into a URL".to_owned());
    }
    let own = login.request_parameters.iter();
    // Ours is put in the place of a `state`.
    let is_secret = |name: &str| name != "state" && is_secret_parameter(name);
    let named = own.filter(|(name, _)| is_secret(name)).map(|(name, _)| name.clone());
    let sign_out = login.sign_out_uri.iter().map(|uri| ("logout_uri".to_owned(), uri.clone()));
    // Together they may look like a sentence that speaks of a secret.
    let scopes = login.scopes.iter().map(|scope| ("scope".to_owned(), scope.clone()));
    let others = login.authorize_parameters(id).into_iter().filter(|(_, value)| *value != login.scope);
    let sent = others.chain(scopes).chain(sign_out);
    // Of what runs, a part may have been cut as one, and what is left is not what it sends.
    let holding = sent.filter(|(_, value)| holds_secret(value) || is_cut(value));
    let name = named.chain(holding.map(|(name, _)| name)).next()?;
    Some(format!("the parameter {name} of the login holds a secret, which is not put into a URL"))
}

/// Why an issuer is asked nothing.
pub fn kept_back_issuer(issuer: &str) -> Option<&'static str> {
    holds_secret(issuer)
        .then_some("idp_provider_url holds a secret behind the name of one, which is not put into a URL")
}
