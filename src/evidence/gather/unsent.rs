//! The secrets that must not get into a URL, where servers and proxies log them: one that stands among the scopes, say.

use crate::config::{Client, Config, holds_secret};
use crate::secret::Scrubber;
use crate::secret::percent::Decoded;

/// Shorter secrets are found in many a URL by chance.
const SHORTEST: usize = 8;

/// What is looked for in the URLs that are asked.
#[derive(Default)]
pub(super) struct Unsent {
    secrets: Scrubber,
    /// What also stands where it is meant to be public, such as an id given twice, can no longer be kept from there.
    public: Vec<String>,
}

impl Unsent {
    pub(super) fn of(config: &Config, clients: &[Client]) -> Self {
        let Some(settings) = &config.settings else { return Self::default() };
        let urls = [&settings.idp_provider_url, &settings.authenticate_service_url].into_iter().flatten();
        let ids = clients.iter().filter(|client| !client.id_may_be_secret()).map(|client| &client.id);
        // What a slip of the pen has put into one of them is not meant to be public.
        let public = urls.chain(ids).map(|setting| &setting.value).filter(|value| !holds_secret(value));
        let mut secrets = Scrubber::new();
        for (secret, _) in config.secrets.iter().filter(|(secret, _)| secret.expose().trim().len() >= SHORTEST) {
            secrets.learn(secret);
        }
        Self { secrets, public: public.cloned().collect() }
    }

    /// The URL without its secrets, if it holds one. Whether one is public is asked of those that are found: there may be as many
    /// secrets as there are clients.
    pub(super) fn without(&self, url: &str) -> Option<String> {
        let is_public = |found: &str| {
            let said = Decoded::of(found).map_or_else(|| found.to_owned(), |decoded| decoded.text);
            self.public.iter().any(|public| public.contains(&said))
        };
        let found = self.secrets.find(url);
        let holds = found.iter().any(|found| url.get(found.start..found.end).is_some_and(|found| !is_public(found)));
        holds.then(|| self.secrets.scrub(url).into_owned())
    }
}
