//! The cookies that the authenticate service sets: for whom they are meant.

use super::places::Page;
use crate::config::Span;
use crate::evidence::Answer;

/// The cookies of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunningCookies(pub Vec<RunningCookie>);

/// A cookie, without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningCookie {
    /// Its name.
    pub name: String,
    /// `Domain`, without a dot before it, in lower case.
    pub domain: Option<String>,
    /// `SameSite`, in lower case.
    pub same_site: Option<String>,
    /// Where it is set.
    pub at: Span,
}

impl RunningCookies {
    pub(super) fn of(answer: &Answer, page: &Page) -> Self {
        let cookies = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
        Self(cookies.map(|(_, cookie)| RunningCookie::read(cookie, page)).collect())
    }

    /// The one that is to guard the login from forged requests (`authenticate/csrf.go`).
    pub fn guard(&self) -> Option<&RunningCookie> {
        self.0.iter().find(|cookie| cookie.name.ends_with("_csrf"))
    }

    /// The one that holds the session of the authenticate service; since v0.22 it has a name of its own.
    pub fn session(&self) -> Option<&RunningCookie> {
        let guard = self.guard().and_then(|guard| guard.name.strip_suffix("_csrf"));
        let is_session = |cookie: &&RunningCookie| {
            cookie.name.ends_with("_authenticate") || guard.is_some_and(|name| cookie.name == name)
        };
        self.0.iter().find(is_session)
    }
}

impl RunningCookie {
    fn read(cookie: &str, page: &Page) -> Self {
        let attribute = |wanted: &str| {
            let mut parts = cookie.split(';').skip(1).filter_map(|part| part.trim().split_once('='));
            parts.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.to_ascii_lowercase())
        };
        let domain = attribute("domain").map(|domain| domain.trim_start_matches('.').to_owned());
        Self {
            name: cookie.split('=').next().unwrap_or_default().to_owned(),
            domain: domain.filter(|domain| !domain.is_empty()),
            same_site: attribute("samesite"),
            at: page.place(cookie),
        }
    }
}
