//! Values that come from the environment of this process because the configuration names them: whoever writes the configuration
//! chooses which ones.

use super::Client;
use super::config::Config;
use super::reading::Expanded;
use crate::config::text::Span;

/// Options that get into a request to the provider.
const SENT: [&str; 4] = ["authenticate_service_url", "signout_redirect_url", "policy", "routes"];

impl Config {
    /// The variables whose values would be sent, each once.
    pub fn expanded_into_requests(&self) -> Vec<&str> {
        if self.reading.expanded.is_empty() {
            return Vec::new();
        }
        let is_sent = |path: &str| SENT.contains(&path) || path.contains("idp_");
        let texts = self.reading.texts.iter().filter(|(path, _)| is_sent(path)).map(|(_, text)| text.span);
        let settings = self.settings.iter();
        let parameters = settings.flat_map(|settings| &settings.idp_request_params);
        let parameters = parameters.flat_map(|(name, value)| [name.span, value.span]);
        let clients = self.clients();
        let places: Vec<Span> = texts.chain(parameters).chain(clients.iter().flat_map(Client::places)).collect();
        let meets = |at: Span| {
            places
                .iter()
                .any(|place| at.source == place.source && at.start < place.end && place.start < at.end || at == *place)
        };
        let mut names: Vec<&str> = Vec::new();
        for Expanded { variable, at } in &self.reading.expanded {
            if !names.contains(&variable.as_str()) && meets(*at) {
                names.push(variable);
            }
        }
        names
    }
}

impl Client {
    /// Where its id and its secret stand.
    fn places(&self) -> impl Iterator<Item = Span> {
        let secret = match &self.secret {
            super::ClientSecret::Known(secret) => Some(secret.span),
            _ => None,
        };
        std::iter::once(self.id.span).chain(secret)
    }
}
