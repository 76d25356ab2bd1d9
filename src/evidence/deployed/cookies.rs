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
    pub(in crate::evidence) fn of(answer: &Answer, page: &Page) -> Self {
        let cookies = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
        Self(cookies.map(|(_, cookie)| RunningCookie::read(cookie, page)).collect())
    }

    /// The one that is to guard the login from forged requests (`authenticate/csrf.go`).
    pub fn guard(&self) -> Option<&RunningCookie> {
        self.pair().map(|(guard, _)| guard)
    }

    /// The one that holds the session of the authenticate service; since v0.21.1 it has a name of its own (`authenticate/state.go`).
    pub fn session(&self) -> Option<&RunningCookie> {
        self.pair().map(|(_, session)| session)
    }

    /// One that holds the verifier of PKCE (`authenticate/pkce.go`).
    pub(super) fn has_verifier(&self) -> bool {
        self.0.iter().any(|cookie| cookie.name.contains("_pkce_"))
    }

    /// Both begin with `cookie_name`: a balancer's own, which may end like one of them, has no other beside it.
    fn pair(&self) -> Option<(&RunningCookie, &RunningCookie)> {
        let session_of = |guard: &RunningCookie| {
            let name = guard.name.strip_suffix("_csrf")?;
            let is_session = |cookie: &&RunningCookie| cookie.name.strip_suffix("_authenticate") == Some(name);
            let is_old = |cookie: &&RunningCookie| cookie.name == name;
            self.0.iter().find(is_session).or_else(|| self.0.iter().find(is_old))
        };
        self.0.iter().find_map(|guard| Some((guard, session_of(guard)?)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;
    use crate::evidence::sample;

    fn names(cookies: &[&str]) -> Option<(String, String)> {
        let headers: Vec<(&str, &str)> = cookies.iter().map(|cookie| ("set-cookie", *cookie)).collect();
        let exchange = sample::answer("https://authenticate.corp.example.com/", 302, &headers, "");
        let page = Page::write(&mut Sources::default(), &exchange);
        let cookies = RunningCookies::of(exchange.answer()?, &page);
        Some((cookies.guard()?.name.clone(), cookies.session()?.name.clone()))
    }

    #[test]
    fn pomeriums_cookies_are_told_from_those_of_a_balancer() {
        let pair = |guard: &str, session: &str| Some((guard.to_owned(), session.to_owned()));
        let own = ["_pomerium_authenticate=; Path=/", "_pomerium_csrf=x; Path=/"];
        assert_eq!(names(&own), pair("_pomerium_csrf", "_pomerium_authenticate"));
        assert_eq!(names(&["_pomerium=; Path=/", own[1]]), pair("_pomerium_csrf", "_pomerium"));
        for other in ["lb_csrf=x; SameSite=Strict", "x_authenticate=1; Domain=foreign.example"] {
            assert_eq!(names(&[other, own[0], own[1]]), pair("_pomerium_csrf", "_pomerium_authenticate"), "{other}");
            assert_eq!(names(&[other]), None, "{other}");
        }
    }
}
