//! Which route a visitor comes to, as Envoy chooses it.

use url::Url;

use super::{Route, Setting, Settings};
use crate::config::text::ValueKind;
use crate::host;

/// Which pages of its host a route is for. Of several of these Pomerium takes the first (`config/envoyconfig/routes.go`,
/// `mkRouteMatch`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Pages {
    /// Those that a regular expression finds, which nobody reads here.
    Regex,
    /// `path`: this one.
    Path(String),
    /// `prefix`: those that begin so.
    Prefix(String),
    /// All.
    #[default]
    All,
}

impl Pages {
    /// Whether this page is one of them, if that can be told.
    fn hold(&self, page: &str) -> Option<bool> {
        match self {
            Self::Regex => None,
            Self::Path(path) => Some(page == path),
            Self::Prefix(prefix) => Some(page.starts_with(prefix.as_str())),
            Self::All => Some(true),
        }
    }
}

/// The route that a visitor comes to.
#[derive(Clone, Copy)]
pub enum ReachedRoute<'a> {
    /// This one.
    Route(&'a Route),
    /// None.
    Nowhere,
    /// A regular expression decides, or an address that is not written out.
    Unclear,
}

impl<'a> ReachedRoute<'a> {
    /// The route, if it is known.
    pub fn route(self) -> Option<&'a Route> {
        match self {
            Self::Route(route) => Some(route),
            Self::Nowhere | Self::Unclear => None,
        }
    }
}

impl Settings {
    /// The route of a URL: of those of its very host, or else of those with the longest pattern for it, the first one that is for the
    /// page.
    pub fn route_of(&self, url: &Url) -> ReachedRoute<'_> {
        let is_open = |route: &Route| route.from.as_ref().is_some_and(|from| from.kind() != ValueKind::Literal);
        let fits = self.routes.iter().filter_map(|route| Some((fit(route.from.as_ref()?, url)?, route)));
        let fits: Vec<(usize, &Route)> = fits.collect();
        let best = fits.iter().map(|(fit, _)| *fit).max();
        for (_, route) in fits.iter().filter(|(fit, _)| Some(*fit) == best) {
            match route.pages.hold(url.path()) {
                Some(true) => return ReachedRoute::Route(route),
                Some(false) => {}
                None => return ReachedRoute::Unclear,
            }
        }
        if self.routes.iter().any(is_open) { ReachedRoute::Unclear } else { ReachedRoute::Nowhere }
    }
}

/// How well the address of a route fits that of a visitor: a pattern as well as it is long, and the very host best of all.
fn fit(from: &Setting<String>, url: &Url) -> Option<usize> {
    let own = Url::parse(&from.value).ok().filter(|own| ["http", "https"].contains(&own.scheme()))?;
    is_of_host(&own, url).then(|| match own.host_str() {
        Some(own) if own.starts_with('*') => own.len(),
        _ => usize::MAX,
    })
}

/// Whether a URL of a configuration stands for the host of another one; a star stands for one name or more.
pub fn is_of_host(own: &Url, url: &Url) -> bool {
    let (Some(own), Some(host)) = (own.host_str(), url.host_str()) else { return false };
    own == host || own.strip_prefix("*.").is_some_and(|domain| host::is_below(host, domain))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::settings::{Origin, WrittenAs};
    use crate::config::text::{Source, SourceKind, Sources, Span};

    #[test]
    fn a_visitor_comes_to_the_first_route_of_the_best_host_that_is_for_the_page() {
        let source = Sources::default().add(Source::new("pomerium.yaml", SourceKind::File, ""));
        let at = Span { source, start: 0, end: 0 };
        let (origin, written_as) = (Origin::File, WrittenAs::Text);
        let route = |from: &str, pages| Route {
            from: Some(Setting { value: from.to_owned(), span: at, origin, written_as }),
            pages,
            ..Route::unset(at)
        };
        let prefix = |prefix: &str| Pages::Prefix(prefix.to_owned());
        let settings = Settings {
            routes: vec![
                route("https://*.corp.example.com", Pages::All),
                route("tcp+https://app.corp.example.com:22", Pages::All),
                route("https://app.corp.example.com", prefix("/admin")),
                route("https://app.corp.example.com", Pages::Path("/exact".to_owned())),
                route("https://app.corp.example.com", prefix("/a")),
                route("https://*.sub.corp.example.com", Pages::All),
                route("https://regex.corp.example.com", Pages::Regex),
                route("https://open.${DOMAIN}", Pages::All),
            ],
            ..Settings::unset(at)
        };
        let reached = |url: &str| match settings.route_of(&Url::parse(url).unwrap()) {
            ReachedRoute::Route(found) => settings.routes.iter().position(|route| std::ptr::eq(route, found)),
            ReachedRoute::Nowhere => Some(100),
            ReachedRoute::Unclear => None,
        };
        for (url, expected) in [
            ("https://other.corp.example.com/", Some(0)),
            ("https://app.corp.example.com/admin/x", Some(2)),
            ("https://app.corp.example.com/exact", Some(3)),
            ("https://app.corp.example.com:8443/about", Some(4)),
            ("https://x.y.sub.corp.example.com/", Some(5)),
            ("https://regex.corp.example.com/", None),
            // The very host has routes, and none for this page: what its pattern says does not count.
            ("https://app.corp.example.com/elsewhere", None),
            ("https://elsewhere.example.net/", None),
        ] {
            assert_eq!(reached(url), expected, "{url}");
        }
        let settings = Settings { routes: settings.routes[..4].to_vec(), ..Settings::unset(at) };
        let url = Url::parse("https://app.corp.example.com/elsewhere").unwrap();
        assert!(matches!(settings.route_of(&url), ReachedRoute::Nowhere));
    }
}
