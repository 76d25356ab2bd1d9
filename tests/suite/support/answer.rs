//! What Amazon Cognito answers to an HTTP request: a pure function of the pool and the request.
//!
//! Written from what AWS documents and what others have observed, not from what this project's classifier expects. Each branch
//! says which of the two it rests on; *inferred* marks what nobody was seen to have measured.

pub mod api;
mod authorize;
mod issuer;
mod session;
pub mod sign_in;
mod token;

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use url::form_urlencoded;

use super::pool::{Host, Pool};

/// A request, as it arrives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HttpRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// The host asked, without a port.
    pub host: String,
    /// The path, as sent.
    pub path: String,
    /// What follows the `?`, as sent; empty if nothing does.
    pub query: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// When it arrives, in seconds since 1970.
    pub at: u64,
}

/// An answer, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAnswer {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl HttpRequest {
    /// A `GET` of an absolute URL.
    pub fn get(url: &str) -> Self {
        Self::new("GET", url)
    }

    /// A `POST` of a form to an absolute URL.
    pub fn post(url: &str, form: &[(&str, &str)]) -> Self {
        let mut request = Self::new("POST", url);
        request.headers.push(("content-type".into(), "application/x-www-form-urlencoded".into()));
        request.body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        request
    }

    fn new(method: &str, url: &str) -> Self {
        let url = url::Url::parse(url).expect("tests ask absolute URLs");
        Self {
            method: method.into(),
            host: url.host_str().unwrap_or_default().into(),
            path: url.path().into(),
            query: url.query().unwrap_or_default().into(),
            headers: Vec::new(),
            body: String::new(),
            at: 0,
        }
    }

    /// The first header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first query parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<String> {
        first(&self.query, name)
    }

    /// The first form field of that name.
    pub fn field(&self, name: &str) -> Option<String> {
        first(&self.body, name)
    }
}

fn first(encoded: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(encoded.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

impl HttpAnswer {
    /// An answer with a body of a content type.
    pub fn new(status: u16, content_type: &str, body: impl Into<String>) -> Self {
        Self { status, headers: vec![("content-type".into(), content_type.into())], body: body.into() }
    }

    /// The status alone.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }

    /// A redirect.
    pub fn redirect(location: impl Into<String>) -> Self {
        Self { status: 302, headers: vec![("location".into(), location.into())], body: String::new() }
    }

    /// The first header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Sets a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(key, _)| key != name);
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Leaves a header out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(key, _)| key != name);
        self
    }
}

/// What Cognito answers to a request.
///
/// A host that is none of its names gets 421, which no test of a login should ever see.
pub fn answer(pool: &Pool, request: &HttpRequest) -> HttpAnswer {
    let answer = match pool.host(&request.host) {
        Some(Host::Service { .. }) if request.header("x-amz-target").is_some() => {
            api::call(pool, request.header("x-amz-target").unwrap_or_default(), request)
        }
        Some(Host::Service { region }) => issuer::service(pool, &region, request),
        Some(Host::Issuer { region }) => issuer::switched(pool, &region, request),
        Some(Host::Domain) => domain(pool, request),
        None => HttpAnswer::empty(421),
    };
    if answer.header("date").is_some() {
        return answer;
    }
    answer.with("date", http_date(request.at.saturating_add_signed(pool.clock_ahead)))
}

/// The login domain.
fn domain(pool: &Pool, request: &HttpRequest) -> HttpAnswer {
    if pool.waf {
        // A web ACL stands in front of the domain (documented); what its page looks like is inferred.
        let page = "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n<center><h1>403 Forbidden</h1></center>\r\n</body>\r\n</html>\r\n";
        return HttpAnswer::new(403, "text/html", page);
    }
    let answer = match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/oauth2/authorize") => authorize::authorize(pool, request),
        ("GET", "/login") => session::login(pool, request),
        ("POST", "/login") if pool.person.is_some() => session::signed_in(pool, request),
        ("GET", "/logout") => session::logout(pool, request),
        ("GET", "/error") => session::error(request),
        ("POST", "/oauth2/token") => token::token(pool, request),
        ("POST", "/oauth2/revoke") => token::revoke(pool, request),
        ("GET", "/oauth2/userInfo") => token::user_info(pool, request),
        // Observed: the wrong method or a wrong path below /oauth2/, `/oauth2/userinfo` among them.
        (_, path) if path.starts_with("/oauth2/") => HttpAnswer::empty(405),
        // Observed: the domain does not serve discovery; it answers 400 with a page.
        (_, path) if path.starts_with("/.well-known/") => session::error_page(400, ""),
        _ => HttpAnswer::empty(404),
    };
    let mark = Mark::of(request);
    answer
        .with("x-amz-cognito-request-id", mark.uuid(1))
        .with("set-cookie", format!("XSRF-TOKEN={}; Path=/; Secure; HttpOnly", mark.uuid(2)))
        .with("cache-control", "no-cache, no-store, max-age=0, must-revalidate")
        .with("x-content-type-options", "nosniff")
}

/// What stands for randomness: it differs between requests, and a request repeated gives the same answer.
struct Mark(u64);

impl Mark {
    fn of(request: &HttpRequest) -> Self {
        let mut hasher = DefaultHasher::new();
        request.hash(&mut hasher);
        Self(hasher.finish())
    }

    fn uuid(&self, salt: u64) -> String {
        let high = self.0.rotate_left(17).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(salt);
        let low = (self.0 ^ salt).wrapping_mul(0xd134_2543_de82_ef95);
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            low >> 52,
            low & 0xffff_ffff_ffff
        )
    }
}

/// A moment in seconds since 1970, as the `Date` header spells it.
pub fn http_date(seconds: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (days, time) = (seconds / 86_400, seconds % 86_400);
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let (mut year, mut day) = (1970, days);
    while day >= 365 + u64::from(leap(year)) {
        day -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while day >= lengths[month] {
        day -= lengths[month];
        month += 1;
    }
    format!(
        "{}, {:02} {} {year} {:02}:{:02}:{:02} GMT",
        DAYS[usize::try_from(days % 7).expect("a weekday")],
        day + 1,
        MONTHS[month],
        time / 3600,
        time / 60 % 60,
        time % 60
    )
}
