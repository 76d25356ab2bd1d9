//! What everybody may know, although it also stands where a secret belongs: in `set_request_headers`, every value is one, and some
//! are the name of a host, a scope, a word. It stays unsaid in its place; looked for everywhere else, it would garble what is said of
//! the login.

use std::collections::HashSet;

use crate::config::cognito::is_like_client_id;
use crate::config::settings::{ClientSecret, Config};
use crate::config::text::Span;
use crate::host;
use crate::secret::Secret;

/// The scopes that every app client may have
/// (<https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html>).
const SCOPES: [&str; 5] = ["openid", "email", "profile", "phone", "aws.cognito.signin.user.admin"];

/// Lets go of the secrets that are public, but for Pomerium's own, and what variables hold whose names say that it is secret: those are
/// none, whatever else they are.
pub(in crate::config) fn release(config: &mut Config, expanded: &[(Secret, Span)]) {
    // What programs make for a secret is none of these, and the names of all hosts are many.
    if !config.secrets.iter().any(|(secret, _)| may_be_public(secret.expose().trim())) {
        return;
    }
    let mut public = public(config);
    for (secret, _) in expanded {
        public.remove(secret.expose().trim());
    }
    config.secrets.retain(|(secret, _)| !public.contains(secret.expose().trim()));
}

fn may_be_public(text: &str) -> bool {
    is_word(text) || text.contains('.') || is_like_client_id(text)
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

fn public(config: &Config) -> HashSet<String> {
    let mut public = HashSet::from(SCOPES.map(str::to_owned));
    let Some(settings) = &config.settings else { return public };
    let urls = [&settings.authenticate_service_url, &settings.idp_provider_url].into_iter().flatten();
    let urls = urls.chain(settings.routes.iter().filter_map(|route| route.from.as_ref()));
    for host in urls.filter_map(|url| host::of(&url.value)) {
        public.extend(host.split('.').filter(|label| is_word(label)).map(str::to_owned));
        public.extend([format!("https://{host}"), host]);
    }
    let clients = config.clients();
    let ids = clients.iter().filter(|client| is_like_client_id(&client.id.value) && !client.id_may_be_secret());
    public.extend(ids.map(|client| client.id.value.clone()));
    let own = [&settings.cookie_secret, &settings.shared_secret, &settings.signing_key].into_iter().flatten();
    let of_routes = settings.routes.iter().filter_map(|route| route.idp_client_secret.as_ref());
    for secret in own.chain(of_routes) {
        public.remove(secret.value.expose().trim());
    }
    if let ClientSecret::Known(secret) = &settings.client_secret {
        public.remove(secret.value.expose().trim());
    }
    public
}
