//! What a running Pomerium sends, as a configuration: its settings have their places in its own answers.

use crate::config::pomerium::{CALLBACK_PATH, Login};
use crate::config::releases::{Change, PomeriumVersion};
use crate::config::settings::{ClientSecret, Config, Destination, Form, Peer, Setting, Settings, WrittenAs};
use crate::config::text::{Sources, Span};

/// What a running Pomerium shows of its configuration.
pub struct Shown {
    /// The URL that was asked.
    pub url: String,
    /// The release to judge for.
    pub version: PomeriumVersion,
    /// Its answers.
    pub sources: Sources,
    /// Where its login leads.
    pub leads: Destination,
    /// What it sends to its identity provider, if it came to that.
    pub sent: Option<Sent>,
}

/// A request for a login.
pub struct Sent {
    /// Where it goes.
    pub at: Span,
    /// Its parameters but for `state`, each with the place of its value.
    pub parameters: Vec<(String, String, Span)>,
    /// The issuer, if somebody knows it.
    pub issuer: Option<Setting<String>>,
    /// The provider, if its sign-out shows it.
    pub provider: Option<Setting<String>>,
    /// `SameSite` of its cookies.
    pub same_site: Option<Setting<String>>,
    /// Where its sign-out is to end, where that is not told by the address of its authenticate service.
    pub sign_out: Option<Setting<String>>,
    /// The `Domain` of its session cookie; empty if it has none.
    pub cookie_domain: Option<Setting<String>>,
    /// Another host of it, by its address, and the callback that it names.
    pub peer: Option<(String, Setting<String>)>,
}

/// The parameters of a request that Pomerium itself sets, beside `state`.
pub const REQUEST_PARAMETERS: [&str; 4] = ["client_id", "redirect_uri", "response_type", "scope"];

impl Shown {
    /// As a configuration.
    pub fn config(self) -> Config {
        let version = self.version;
        Config {
            version,
            peers: self.sent.iter().filter_map(Sent::peer).collect(),
            settings: self.sent.map(|sent| sent.settings(version)),
            ..Config::unread(self.url, Form::Deployed(self.leads), self.sources)
        }
    }
}

impl Sent {
    /// What is known of the other host.
    fn peer(&self) -> Option<Peer> {
        let (path, callback) = self.peer.as_ref()?;
        let mut settings = Settings::unset(callback.span);
        settings.authenticate_service_url = Some(authenticate_url(callback, CALLBACK_PATH));
        Some(Peer { path: path.clone(), settings, unread: None })
    }

    fn settings(self, version: PomeriumVersion) -> Settings {
        let parameter = |wanted: &str| {
            let found = self.parameters.iter().find(|(name, ..)| name == wanted);
            found.map(|(_, value, at)| Setting::sent(value.as_str(), *at))
        };
        let mut settings = Settings::unset(self.at);
        settings.idp_client_id = parameter("client_id");
        settings.idp_scopes = parameter("scope").map(|scope| scopes(&scope));
        let redirect_uri = parameter("redirect_uri");
        let path = redirect_uri.as_ref().and_then(|sent| own_path(sent, version));
        let made_from = path.as_ref().map_or(CALLBACK_PATH, |path| path.value.as_str());
        settings.authenticate_service_url = redirect_uri.as_ref().map(|sent| authenticate_url(sent, made_from));
        settings.authenticate_callback_path = path;
        settings.signout_redirect_url.clone_from(&self.sign_out);
        settings.idp_provider_url.clone_from(&self.issuer);
        settings.idp_provider.clone_from(&self.provider);
        settings.cookie_same_site.clone_from(&self.same_site);
        settings.cookie_domain.clone_from(&self.cookie_domain);
        let path = Setting::sent("", self.at);
        settings.client_secret = ClientSecret::Unreadable { path, why: "only the running Pomerium has it".to_owned() };
        let is_plain = |(name, value, _): &&(String, String, Span)| match name.as_str() {
            "response_type" => value == "code",
            // Whatever the callback is built from, this is the one that is sent.
            "redirect_uri" => Login::of(&settings, version).redirect_uri == *value,
            name => REQUEST_PARAMETERS.contains(&name),
        };
        let set = self.parameters.iter().filter(|parameter| !is_plain(parameter));
        let set = set.map(|(name, value, at)| (Setting::sent(name.as_str(), *at), Setting::sent(value.as_str(), *at)));
        settings.idp_request_params = set.collect();
        settings
    }
}

/// Each scope with its own place.
fn scopes(scope: &Setting<String>) -> Setting<Vec<Setting<String>>> {
    let is_exact = scope.span.end - scope.span.start == scope.value.len();
    let mut start = scope.span.start;
    let words = scope.value.split(' ').map(|word| {
        let own = Span { start, end: start + word.len(), ..scope.span };
        start += word.len() + 1;
        Setting::sent(word, if is_exact { own } else { scope.span })
    });
    let words = words.filter(|word: &Setting<String>| !word.value.is_empty()).collect();
    Setting { value: words, span: scope.span, origin: scope.origin, written_as: WrittenAs::List }
}

/// The path of a callback that is another than the usual one: `authenticate_callback_path`, while there was that option.
fn own_path(callback: &Setting<String>, version: PomeriumVersion) -> Option<Setting<String>> {
    let url = url::Url::parse(&callback.value).ok().filter(|url| url.path() != CALLBACK_PATH)?;
    (!version.has(Change::FixedCallbackPath)).then(|| Setting::sent(url.path(), callback.span))
}

/// The URL of the authenticate service, from which Pomerium makes this callback with this path.
fn authenticate_url(callback: &Setting<String>, path: &str) -> Setting<String> {
    let host = callback.value.find("://").map_or(0, |at| at + 3);
    let Some(at) = callback.value.get(host..).and_then(|rest| rest.find(path)) else { return callback.clone() };
    let (before, after) = callback.value.split_at(host + at);
    let after = after.strip_prefix(path).unwrap_or_default();
    let is_exact = callback.span.end - callback.span.start == callback.value.len() && after.is_empty();
    let end = if is_exact { callback.span.start + at } else { callback.span.end };
    Setting::sent(format!("{before}{after}"), Span { end, ..callback.span })
}

#[cfg(test)]
#[allow(clippy::format_collect, reason = "it is short")]
mod tests {
    use super::*;
    use crate::config::text::{Source, SourceKind};

    fn config(query: &[(&str, &str)], version: PomeriumVersion) -> Config {
        let text: String = query.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        let mut sources = Sources::default();
        let source = sources.add(Source::new("https://a.example/", SourceKind::Answer, text.as_str()));
        let place = |value: &str| {
            let start = text.find(value).unwrap_or_default();
            Span { source, start, end: start + value.len() }
        };
        let parameters = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned(), place(value)));
        let sent = Sent {
            at: place("x"),
            parameters: parameters.collect(),
            issuer: None,
            provider: None,
            same_site: None,
            sign_out: None,
            cookie_domain: None,
            peer: None,
        };
        let url = "https://a.example/".to_owned();
        Shown { url, version, sources, leads: Destination::Cognito, sent: Some(sent) }.config()
    }

    #[test]
    fn what_is_made_of_a_request_sends_it_again() {
        for callback in [
            "https://authenticate.corp.example.com/oauth2/callback",
            "https://Authenticate.corp.example.com:443/oauth2/callback",
            "https://authenticate.corp.example.com/oauth2/callback?x=1",
            "https://authenticate.corp.example.com/elsewhere",
        ] {
            let query = [
                ("client_id", "4qk"),
                ("redirect_uri", callback),
                ("response_type", "code"),
                ("scope", "openid email"),
                ("identity_provider", "Google"),
            ];
            let config = config(&query, PomeriumVersion::NEWEST);
            let Some(settings) = &config.settings else { unreachable!() };
            let login = Login::of(settings, config.version);
            let mut again = login.authorize_parameters("4qk");
            again.retain(|(name, _)| name != "state");
            let mut query: Vec<_> = query.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
            query.sort();
            assert_eq!(again, query, "{callback}");
            let email = settings.idp_scopes.as_ref().and_then(|scopes| scopes.value.get(1));
            assert_eq!(email.map(|email| config.sources.slice(email.span)), Some("email"));
        }
    }

    #[test]
    fn another_callback_is_one_of_a_release_that_has_an_option_for_it() {
        let callback = "https://authenticate.corp.example.com/sso/cb";
        let query = [("client_id", "4qk"), ("redirect_uri", callback), ("response_type", "code")];
        for (version, path, parameters) in
            [(PomeriumVersion(0, 30, 8), Some("/sso/cb"), 0), (PomeriumVersion(0, 31, 0), None, 1)]
        {
            let Some(settings) = config(&query, version).settings else { unreachable!() };
            assert_eq!(settings.authenticate_callback_path.as_ref().map(|path| path.value.as_str()), path);
            assert_eq!(settings.idp_request_params.len(), parameters, "{version}");
            let sent = Login::of(&settings, version).authorize_parameters("4qk");
            assert!(sent.contains(&("redirect_uri".to_owned(), callback.to_owned())), "{version}: {sent:?}");
        }
    }
}
