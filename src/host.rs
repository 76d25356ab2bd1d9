//! Hosts: that of an address, and what lies below a domain.

use url::Url;

/// The host of an address, as browsers and HTTP clients make it out; `None` of what is no address or has none.
pub(crate) fn of(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().map(str::to_owned)
}

/// Whether a host lies below a domain.
pub(crate) fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|labels| labels.len() > 1 && labels.ends_with('.'))
}

/// Whether a host is a domain itself or lies below it.
pub(crate) fn is_within(host: &str, domain: &str) -> bool {
    host == domain || is_below(host, domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_whole() {
        assert!(is_below("a.b.example.com", "example.com") && is_within("example.com", "example.com"));
        for host in ["example.com", ".example.com", "anexample.com", "example.com.evil.io"] {
            assert!(!is_below(host, "example.com"), "{host}");
        }
    }

    #[test]
    fn an_address_has_its_host_in_small_letters() {
        assert_eq!(of("https://App.Example.com:8443/x").as_deref(), Some("app.example.com"));
        assert_eq!((of("app.example.com"), of("mailto:a@b")), (None, None));
    }
}
