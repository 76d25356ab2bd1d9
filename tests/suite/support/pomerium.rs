//! What a running Pomerium answers to visitors without a session: a pure function of how it is set up and the request.
//!
//! Written from Pomerium's source, release by release, and not from what this project reads in its answers.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use serde::Deserialize;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::answer::{HttpAnswer, HttpRequest};
use super::pool::{CLIENT_ID, DomainCertificate};

/// A running Pomerium; what is left out is as in a healthy one that runs all its services.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Running {
    /// The URL that is visited.
    pub url: String,
    /// The host of the authenticate service, with its port if it has one.
    pub authenticate: String,
    /// The minor release.
    pub release: u16,
    /// And its patch.
    pub patch: u16,
    /// `pomerium_idp_id`.
    pub provider_id: String,
    /// The app client.
    pub client_id: String,
    /// The scopes asked for.
    pub scope: String,
    /// Further parameters of the request, in place of its own.
    pub parameters: BTreeMap<String, String>,
    /// Where the login is.
    pub authorize: String,
    /// What the route does.
    pub route: Route,
    /// What the login page does.
    pub sign_in: SignIn,
    /// `idp_provider` is `cognito`.
    pub cognito: bool,
    /// Where the sign-out at the provider is to end, if that is told.
    pub sign_out_to: Option<String>,
    /// `cookie_domain`.
    pub cookie_domain: Option<String>,
    /// `cookie_same_site`.
    pub same_site: String,
    /// What a balancer sets in front of its cookies.
    pub other_cookies: Vec<String>,
    /// The callback that the authenticate host names, if it is another one.
    pub other_callback: Option<String>,
    /// The clock of the proxy is so many seconds ahead.
    pub proxy_ahead: i64,
    /// And that of the authenticate service.
    pub authenticate_ahead: i64,
    /// What others answer before it gets to Pomerium.
    pub before: Vec<Before>,
    /// `authenticate_service_url` begins with `http://`.
    pub is_plain: bool,
    /// Names that lead nowhere.
    pub unresolved: Vec<String>,
    /// Certificates that are not good, by host.
    pub certificates: BTreeMap<String, Certificate>,
}

/// What a route does with a visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// It sends them to the login.
    Login,
    /// Nobody guards it.
    Public,
    /// There is none.
    Unknown,
    /// It wants a client certificate.
    ClientCertificate,
    /// It is that of an MCP server.
    Mcp,
}

/// What the login page does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignIn {
    /// It sends visitors to the provider.
    Login,
    /// Discovery fails.
    Fails,
    /// The authenticate service does not run.
    Missing,
}

/// A certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certificate {
    /// A good one.
    Valid,
    /// It has expired.
    Expired,
    /// It is another host's.
    WrongName,
    /// Nobody here knows who issued it.
    Stranger,
    /// The same, and it is another host's.
    StrangerOfAnother,
}

impl Certificate {
    /// Nobody here knows who issued it.
    pub fn is_of_stranger(self) -> bool {
        matches!(self, Self::Stranger | Self::StrangerOfAnother)
    }
}

impl From<Certificate> for DomainCertificate {
    fn from(certificate: Certificate) -> Self {
        match certificate {
            Certificate::Expired => Self::Expired,
            Certificate::WrongName | Certificate::StrangerOfAnother => Self::WrongName,
            Certificate::Valid | Certificate::Stranger => Self::Valid,
        }
    }
}

/// What others answer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Before {
    /// On this host; on any if it is empty.
    pub host: String,
    /// Where the path begins so.
    pub path: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

impl Default for Running {
    fn default() -> Self {
        Self {
            url: "https://app.corp.example.com/".into(),
            authenticate: "authenticate.corp.example.com".into(),
            release: 33,
            patch: 1,
            provider_id: "XkuIeyek8MEntfpCPENbWMNLdtqbW3DJflRZppR9BIvC".into(),
            client_id: CLIENT_ID.into(),
            scope: "openid email profile".into(),
            parameters: BTreeMap::new(),
            authorize: "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize".into(),
            route: Route::Login,
            sign_in: SignIn::Login,
            cognito: true,
            sign_out_to: None,
            cookie_domain: None,
            same_site: "Lax".into(),
            other_cookies: Vec::new(),
            other_callback: None,
            proxy_ahead: 0,
            authenticate_ahead: 0,
            before: Vec::new(),
            is_plain: false,
            unresolved: Vec::new(),
            certificates: BTreeMap::new(),
        }
    }
}

/// The secrets of a visit: none of them may ever show.
pub const SIGNATURE: &str = "c2lnbmF0dXJlLW9mLXRoZS1saW5r";
/// What the application behind a public route says.
pub const APPLICATION: &str = "content-of-the-application";
/// What a state seals.
pub const SEALED: &str = "sealed-state-canary";
/// The value of a cookie.
pub const COOKIE: &str = "MTc5NTM5MjAwMHxjc3JmLWNhbmFyeQ";

impl Running {
    /// A Pomerium as YAML describes it.
    ///
    /// # Errors
    /// What is wrong with the YAML.
    pub fn from_yaml(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            Ok(Self::default())
        } else {
            serde_yaml::from_str(text).map_err(|error| error.to_string())
        }
    }

    /// The host that is visited.
    pub fn host(&self) -> String {
        url::Url::parse(&self.url).expect("a URL").host_str().expect("a host").to_owned()
    }

    fn authenticate_host(&self) -> &str {
        self.authenticate.split(':').next().unwrap_or_default()
    }

    /// Whether it is asked there.
    pub fn is_at(&self, host: &str) -> bool {
        host == self.host() || host == self.authenticate_host()
    }

    /// The certificate of a host of it.
    pub fn certificate(&self, host: &str) -> Option<Certificate> {
        self.is_at(host).then(|| self.certificates.get(host).copied().unwrap_or(Certificate::Valid))
    }

    fn callback(&self) -> String {
        format!("{}://{}/oauth2/callback", self.scheme(), self.authenticate)
    }

    fn scheme(&self) -> &'static str {
        if self.is_plain { "http" } else { "https" }
    }

    /// What it answers.
    pub fn answer(&self, request: &HttpRequest) -> HttpAnswer {
        let is_before = |before: &&Before| {
            (before.host.is_empty() || before.host == request.host) && request.path.starts_with(&before.path)
        };
        if let Some(before) = self.before.iter().find(is_before) {
            let answer = HttpAnswer { status: before.status, headers: Vec::new(), body: before.body.clone() };
            return before.headers.iter().fold(answer, |answer, (name, value)| answer.with(name, value.as_str()));
        }
        let is_authenticate = request.host == self.authenticate_host();
        let answer = match request.path.as_str() {
            "/.well-known/pomerium" | "/.well-known/pomerium/" => self.well_known(request),
            "/ping" | "/healthz" => HttpAnswer::new(200, "text/plain; charset=utf-8", "OK\n"),
            "/.pomerium/sign_out" if is_authenticate => self.provider_sign_out(),
            "/.pomerium/sign_out" => {
                let url = format!(
                    "https://{}/.pomerium/sign_out?pomerium_redirect_uri=x&pomerium_signature={SIGNATURE}",
                    self.authenticate
                );
                own(HttpAnswer::redirect(url))
            }
            "/.pomerium/sign_in" if is_authenticate => self.sign_in(request),
            // `ProgrammaticLogin`: in plain text, and to this machine only.
            "/.pomerium/api/v1/login" if !is_authenticate => match request.query.as_str() {
                "pomerium_redirect_uri=http%3A%2F%2Flocalhost" => {
                    HttpAnswer::new(200, "text/plain; charset=utf-8", self.link(request))
                }
                _ => error(request, 400),
            },
            "/oauth2/callback" if is_authenticate && self.sign_in != SignIn::Missing => error(request, 400),
            path if path.starts_with("/.pomerium/") => error(request, 404),
            _ if is_authenticate => error(request, 404),
            _ => self.route(request),
        };
        let date = super::answer::http_date(request.at.saturating_add_signed(self.proxy_ahead));
        answer.with("server", "envoy").with("x-request-id", "d0c0ffee-0000-4000-8000-000000000001").with("date", date)
    }

    fn well_known(&self, request: &HttpRequest) -> HttpAnswer {
        let other = self.other_callback.clone().filter(|_| request.host == self.authenticate_host());
        let callback = other.unwrap_or_else(|| self.callback());
        let own = request.host.as_str();
        let host = if (self.release, self.patch) < (21, 3) { self.authenticate.as_str() } else { own };
        let issuer = if self.release >= 28 { format!("\"issuer\":\"https://{host}/\",") } else { String::new() };
        let body = format!(
            "{{{issuer}\"authentication_callback_endpoint\":\"{callback}\",\"jwks_uri\":\"https://{host}/.well-known/pomerium/jwks.json\",\"frontchannel_logout_uri\":\"https://{host}/.pomerium/sign_out\"}}\n"
        );
        HttpAnswer::new(200, "application/json", body)
    }

    fn route(&self, request: &HttpRequest) -> HttpAnswer {
        match self.route {
            Route::Public => HttpAnswer::new(200, "text/html", format!("<html><title>{APPLICATION}</title></html>")),
            Route::Unknown => not_found(request),
            Route::ClientCertificate => own(HttpAnswer::new(495, "text/html", "<html>client certificate</html>")),
            Route::Mcp => HttpAnswer::empty(401).with("www-authenticate", "Bearer resource_metadata=\"x\""),
            // `ShouldRedirect`: only whoever takes pages is sent to the login.
            Route::Login if !request.header("accept").is_some_and(|accept| accept.contains("text/html")) => {
                own(HttpAnswer::new(401, "application/json", "{\"error\":\"Unauthenticated\"}"))
            }
            Route::Login => own(HttpAnswer::redirect(self.link(request))),
        }
    }

    /// The signed or sealed address of the login.
    fn link(&self, request: &HttpRequest) -> String {
        let page = format!("{}://{}/.pomerium/sign_in", self.scheme(), self.authenticate);
        let issued = request.at.saturating_add_signed(self.proxy_ahead);
        match self.release {
            21 | 22 => format!("{page}?pomerium_hpke_query={SIGNATURE}&pomerium_hpke_sender_pub={SIGNATURE}"),
            23 | 24 => format!("{page}?k={SIGNATURE}&q={SIGNATURE}"),
            _ => {
                let visited = format!("https://{}{}?secret-page", request.host, request.path);
                let query = Serializer::new(String::new())
                    .append_pair("pomerium_expiry", &(issued + 300).to_string())
                    .append_pair("pomerium_idp_id", &self.provider_id)
                    .append_pair("pomerium_issued", &issued.to_string())
                    .append_pair("pomerium_redirect_uri", &visited)
                    .append_pair("pomerium_signature", SIGNATURE)
                    .finish();
                format!("{page}?{query}")
            }
        }
    }

    fn sign_in(&self, request: &HttpRequest) -> HttpAnswer {
        match self.sign_in {
            SignIn::Missing => return error(request, 404),
            SignIn::Fails => return error(request, 500),
            SignIn::Login => {}
        }
        let time = request.at.saturating_add_signed(self.authenticate_ahead);
        let token = "t".repeat(if self.release >= 31 { 44 } else { 88 });
        let trace = if self.release >= 29 { "|" } else { "" };
        let state = URL_SAFE.encode(format!("{token}|{time}|{trace}{SEALED}"));
        let callback = self.callback();
        let mut parameters: BTreeMap<&str, &str> = BTreeMap::from([
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", callback.as_str()),
            ("response_type", "code"),
            ("scope", self.scope.as_str()),
            ("state", state.as_str()),
        ]);
        parameters.extend(self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let query = Serializer::new(String::new()).extend_pairs(parameters).finish();
        let mut answer = own(HttpAnswer::redirect(format!("{}?{query}", self.authorize)));
        let session = if (self.release, self.patch) >= (21, 1) { "_pomerium_authenticate" } else { "_pomerium" };
        let domain = self.cookie_domain.as_ref().map(|domain| format!("Domain={domain}; ")).unwrap_or_default();
        let cookies = [
            format!("{session}=; Path=/; {domain}Max-Age=0; HttpOnly; Secure; SameSite={}", self.same_site),
            format!("_pomerium_csrf={COOKIE}; Path=/; Max-Age=43200; HttpOnly; Secure; SameSite={}", self.same_site),
        ];
        let cookies = self.other_cookies.iter().cloned().chain(cookies);
        answer.headers.extend(cookies.map(|cookie| ("set-cookie".to_owned(), cookie)));
        answer
    }

    fn provider_sign_out(&self) -> HttpAnswer {
        let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let host = url::Url::parse(&self.authorize).expect("a URL").host_str().expect("a host").to_owned();
        let end = format!("https://{}/.pomerium/signed_out", self.authenticate);
        let end = self.sign_out_to.clone().unwrap_or(end);
        own(HttpAnswer::redirect(if self.cognito {
            format!("https://{host}/logout?client_id={}&logout_uri={}", self.client_id, encode(&end))
        } else {
            end
        }))
    }
}

/// An answer that Pomerium's own handlers give.
fn own(answer: HttpAnswer) -> HttpAnswer {
    answer.with("x-pomerium-intercepted-response", "true")
}

fn error(request: &HttpRequest, status: u16) -> HttpAnswer {
    let is_json = request.header("accept") == Some("application/json");
    own(if is_json {
        HttpAnswer::new(
            status,
            "application/json",
            format!("{{\"Status\":{status},\"RequestID\":\"d0c0ffee-0000-4000-8000-000000000001\"}}"),
        )
    } else {
        HttpAnswer::new(status, "text/html; charset=UTF-8", format!("<html><title>{status}</title></html>"))
    })
}

/// Envoy's own words for a host or path without a route.
fn not_found(request: &HttpRequest) -> HttpAnswer {
    let json = "{\"requestId\":\"d0c0ffee-0000-4000-8000-000000000001\",\"status\":\"404\",\"statusText\":\"route_not_found\"}";
    if request.header("accept") == Some("application/json") {
        HttpAnswer::new(404, "application/json; charset=UTF-8", json)
    } else {
        HttpAnswer::new(
            404,
            "text/html; charset=UTF-8",
            format!("<html><script>window.POMERIUM_DATA = {json}</script></html>"),
        )
    }
}
