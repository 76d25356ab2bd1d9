//! Where the services are asked instead, if the user says so.

use url::{Host, Url};

use super::environment::{Environment, Profiles, text};

/// A service, under the names that its variable and its settings have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    UserPools,
    Tokens,
    SingleSignOn,
}

impl Service {
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::UserPools => ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "cognito_identity_provider"),
            Self::Tokens => ("AWS_ENDPOINT_URL_STS", "sts"),
            Self::SingleSignOn => ("AWS_ENDPOINT_URL_SSO", "sso"),
        }
    }
}

/// The address that the user names for a service, and where: a variable for it, one for all, then the profile likewise.
///
/// # Errors
/// If it is none that is asked.
pub(super) fn named(
    service: Service,
    environment: &Environment,
    profiles: &Profiles,
    profile: &str,
) -> Result<Option<Url>, String> {
    let is_ignored = |value: String| value.eq_ignore_ascii_case("true");
    if environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some_and(is_ignored) {
        return Ok(None);
    }
    let (variable, setting) = service.names();
    let section = profiles.profile(profile);
    let of_service = || {
        let services = profiles.services(text(section?, "services")?)?;
        text(services, &format!("{setting}.endpoint_url")).map(str::to_owned)
    };
    let of_all = || text(section?, "endpoint_url").map(str::to_owned);
    let from = |name: &str| environment.get(name).map(|url| (url, name.to_owned()));
    let in_profile = |url: Option<String>| url.map(|url| (url, format!("endpoint_url of the profile {profile}")));
    let named = from(variable)
        .or_else(|| from("AWS_ENDPOINT_URL"))
        .or_else(|| in_profile(of_service()))
        .or_else(|| in_profile(of_all()));
    let Some((text, place)) = named else { return Ok(None) };
    admitted(&text).map(Some).map_err(|why| format!("{place} {why}"))
}

/// An address that may be asked: by https, or by http on this very machine.
fn admitted(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| "is not a URL".to_owned())?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user name or a password, and is not asked".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("has a query or a fragment, and is not asked: only a host and a path can be".to_owned());
    }
    match url.scheme() {
        "https" if url.host_str().is_some() => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => {
            Err("is plain http to another machine, which is not asked: only https is, and http to loopback".to_owned())
        }
        _ => Err("is not an https URL".to_owned()),
    }
}

/// Whether the URL leads to this very machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Whether credentials of a container are served there: at one of the addresses that AWS documents, or on this machine.
pub(in crate::evidence) fn is_of_container(url: &Url) -> bool {
    let known = match url.host() {
        Some(Host::Ipv4(address)) => ["169.254.170.2", "169.254.170.23"].contains(&address.to_string().as_str()),
        Some(Host::Ipv6(address)) => address.to_string() == "fd00:ec2::23",
        _ => false,
    };
    matches!(url.scheme(), "http" | "https") && (known || is_loopback(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_leads_to_this_machine_alone() {
        for good in ["http://127.0.0.1:5000", "http://localhost:4566/", "http://[::1]:1", "https://vpce-1.example.com"]
        {
            assert!(admitted(good).is_ok(), "{good}");
        }
        for bad in [
            "http://example.com",
            "http://127.0.0.1.example.com",
            "http://10.0.0.1",
            "ftp://localhost",
            "x",
            "https://a:b@c.example",
            "https://vpce-1.example.com/path?x=y",
            "http://localhost/#x",
        ] {
            assert!(admitted(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_container_is_asked_where_aws_says() {
        let asked = |text: &str| Url::parse(text).is_ok_and(|url| is_of_container(&url));
        assert!(asked("http://169.254.170.2/x") && asked("http://169.254.170.23/v1/credentials"));
        assert!(asked("http://[fd00:ec2::23]/v1") && asked("http://127.0.0.1:1/") && asked("http://localhost/"));
        assert!(
            !asked("http://169.254.169.254/latest/meta-data") && !asked("https://evil.example/") && !asked("file:///x")
        );
    }
}
