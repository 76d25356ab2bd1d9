//! Which network addresses may be asked.
//!
//! The configuration that chooses the host may come from a stranger's pull request, and the answer ends up in a build
//! log. So we look names up ourselves, refuse addresses that lead into the machine or its network, and connect to the very
//! addresses that were looked at.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::Host;

use super::{Failure, Flag, Step};

/// The addresses of a name that may be asked; internal ones too, if the name may lie inside a network.
///
/// # Errors
/// [`Step::NoSuchHost`], [`Step::Lookup`], or [`Step::Policy`] if no address may be asked.
#[cfg(not(target_arch = "wasm32"))]
pub(super) async fn resolve_allowed(host: &str, port: u16, inside: bool) -> Result<Vec<SocketAddr>, Failure> {
    let found = resolve(host, port).await?;
    let (refused, allowed): (Vec<_>, Vec<_>) = found.into_iter().partition(|address| is_refused(address.ip(), inside));
    match refused.first() {
        Some(address) if allowed.is_empty() => Err(refuse(host, address.ip())),
        _ => Ok(allowed),
    }
}

/// Checks an address that a URL names itself.
///
/// # Errors
/// [`Step::Policy`].
pub(super) fn vet_literal(address: IpAddr, inside: bool) -> Result<(), Failure> {
    if is_refused(address, inside) { Err(refuse(&address.to_string(), address)) } else { Ok(()) }
}

/// What the address is that a URL names, if no flag lets it be asked.
pub(super) fn never(host: Option<Host<&str>>, inside: bool) -> Option<&'static str> {
    let address = match host? {
        Host::Ipv4(address) => IpAddr::V4(address),
        Host::Ipv6(address) => IpAddr::V6(address),
        Host::Domain(_) => return None,
    };
    refusal(address).filter(|_| is_refused(address, inside))
}

/// What a network keeps to itself: private, unique local, and a carrier's shared addresses.
pub(super) fn is_internal(address: IpAddr) -> bool {
    matches!(refusal(address), Some(PRIVATE | SHARED | UNIQUE_LOCAL))
}

fn is_refused(address: IpAddr, inside: bool) -> bool {
    refusal(address).is_some() && !(inside && is_internal(address))
}

const PRIVATE: &str = "a private address";
const SHARED: &str = "a carrier's shared address";
const UNIQUE_LOCAL: &str = "a unique local address";
/// Here clouds tell their machines who they are; nobody's Pomerium is among them.
const METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// The addresses of a name or of an IP address, whatever they are.
///
/// # Errors
/// [`Step::NoSuchHost`] or [`Step::Lookup`].
#[cfg(not(target_arch = "wasm32"))]
pub(super) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
    match tokio::net::lookup_host((host, port)).await {
        Ok(found) => {
            let found: Vec<_> = found.collect();
            if found.is_empty() { Err(no_such_host(host)) } else { Ok(found) }
        }
        Err(error) if says_no_such_host(&error) => Err(no_such_host(host)),
        Err(error) => Err(Failure::new(Step::Lookup, format!("cannot look up {host}: {error}"))),
    }
}

fn no_such_host(host: &str) -> Failure {
    Failure::new(Step::NoSuchHost, format!("the name server knows no address of {host}"))
}

fn refuse(host: &str, address: IpAddr) -> Failure {
    let kind = refusal(address).unwrap_or("forbidden");
    let what = if host == address.to_string() {
        format!("{host} is {kind}")
    } else {
        format!("{host} resolves to {address}, {kind}")
    };
    Failure::forbidden(Flag::ConnectTo, format!("{what}; --connect-to can name an address to connect to instead"))
}

/// Whether the name server said that the name does not exist or has no address.
///
/// `getaddrinfo` tells it by codes which the standard library hands on only as text on Unix (`gai_strerror` of glibc, musl,
/// macOS and the BSDs; never translated, because no locale is set), and as an operating-system code on Windows. Known
/// weakness: macOS says the same of a machine that is not connected at all.
fn says_no_such_host(error: &io::Error) -> bool {
    /// `WSAHOST_NOT_FOUND` and `WSANO_DATA`.
    const WINDOWS: [i32; 2] = [11001, 11004];
    const TEXTS: [&str; 6] = [
        "Name or service not known",
        "No address associated with hostname",
        "Name does not resolve",
        "Name has no usable address",
        "nodename nor servname provided, or not known",
        "No address associated with name",
    ];
    if cfg!(windows) {
        return error.raw_os_error().is_some_and(|code| WINDOWS.contains(&code));
    }
    let text = error.to_string();
    TEXTS.iter().any(|known| text.contains(known))
}

/// Why an address must not be asked, as in "10.0.0.1 is …"; nothing if it may.
///
/// The ranges are those of the IANA special-purpose registries. An IPv6 address that carries an IPv4 address (mapped,
/// compatible, NAT64, 6to4) is judged by that.
fn refusal(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => refusal_v4(address),
        IpAddr::V6(address) => refusal_v6(address),
    }
}

fn refusal_v4(address: Ipv4Addr) -> Option<&'static str> {
    match address.octets() {
        [127, ..] => Some("a loopback address"),
        [0, ..] => Some("an unspecified address"),
        [169, 254, ..] => Some("a link-local address"),
        [10, ..] | [192, 168, ..] => Some(PRIVATE),
        [172, second, ..] if second & 0xf0 == 16 => Some(PRIVATE),
        [100, second, ..] if second & 0xc0 == 64 => Some(SHARED),
        [192, 0, 0, _] => Some("an address reserved for protocols"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Some("an address for documentation"),
        [198, 18 | 19, ..] => Some("an address for benchmarks"),
        [192, 88, 99, _] => Some("a relay address"),
        [first, ..] if first & 0xf0 == 224 => Some("a multicast address"),
        [first, ..] if first & 0xf0 == 240 => Some("a reserved address"),
        _ => None,
    }
}

fn refusal_v6(address: Ipv6Addr) -> Option<&'static str> {
    if address == METADATA {
        return Some("a metadata address");
    }
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some("an unspecified address"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("a loopback address"),
        // Compatible, mapped, translated (RFC 2765), NAT64 (RFC 6052), and 6to4 (RFC 3056).
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => refusal_v4(ipv4(high, low)),
        // A network's own NAT64 prefix (RFC 8215) is private by definition.
        [0x64, 0xff9b, 1, ..] => Some("a private address"),
        // Teredo (RFC 4380) leads to hosts behind a router.
        [0x2001, 0, ..] => Some("a tunnel's address"),
        [0x2001, 2, 0, ..] => Some("an address for benchmarks"),
        [0x2001, 0xdb8, ..] => Some("an address for documentation"),
        [0x3fff, second, ..] if second & 0xf000 == 0 => Some("an address for documentation"),
        [0x2001, second, ..] if second < 0x200 => Some("an address reserved for protocols"),
        [0x100, 0, 0, 0, ..] => Some("an address that discards"),
        [0x5f00, ..] => Some("an address of segment routing"),
        [first, ..] if first & 0xfe00 == 0xfc00 => Some(UNIQUE_LOCAL),
        [first, ..] if first & 0xffc0 == 0xfe80 => Some("a link-local address"),
        [first, ..] if first & 0xffc0 == 0xfec0 => Some("a site-local address"),
        [first, ..] if first & 0xff00 == 0xff00 => Some("a multicast address"),
        _ => None,
    }
}

fn ipv4(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_lead_inside_are_refused() {
        for (text, kind) in [
            ("127.0.0.1", "loopback"),
            ("127.255.255.254", "loopback"),
            ("0.0.0.0", "unspecified"),
            ("0.1.2.3", "unspecified"),
            ("10.0.0.1", "private"),
            ("172.16.0.1", "private"),
            ("172.31.255.255", "private"),
            ("192.168.1.1", "private"),
            ("169.254.169.254", "link-local"),
            ("100.64.0.1", "shared"),
            ("100.127.255.255", "shared"),
            ("192.0.0.8", "reserved"),
            ("192.0.2.7", "documentation"),
            ("198.51.100.7", "documentation"),
            ("203.0.113.7", "documentation"),
            ("198.18.0.1", "benchmarks"),
            ("198.19.255.255", "benchmarks"),
            ("224.0.0.1", "multicast"),
            ("239.255.255.255", "multicast"),
            ("240.0.0.1", "reserved"),
            ("255.255.255.255", "reserved"),
            ("::", "unspecified"),
            ("::1", "loopback"),
            ("fe80::1", "link-local"),
            ("febf::1", "link-local"),
            ("fec0::1", "site-local"),
            ("fc00::1", "unique local"),
            ("fd12:3456::1", "unique local"),
            ("ff02::1", "multicast"),
            ("2001:db8::1", "documentation"),
            ("3fff:1::1", "documentation"),
            ("2001:2::1", "benchmarks"),
            ("2001:0:1:2::3", "tunnel"),
            ("100::1", "discards"),
            // IPv4 addresses in disguise.
            ("::ffff:127.0.0.1", "loopback"),
            ("::ffff:169.254.169.254", "link-local"),
            ("::10.0.0.1", "private"),
            ("::ffff:0:10.0.0.1", "private"),
            ("64:ff9b::192.168.0.1", "private"),
            ("64:ff9b:1::8.8.8.8", "private"),
            ("2002:7f00:1::1", "loopback"),
            ("2002:a9fe:a9fe::", "link-local"),
        ] {
            let why = refusal(text.parse().unwrap());
            assert!(why.is_some_and(|why| why.contains(kind)), "{text}: {why:?}");
        }
    }

    #[test]
    fn public_addresses_are_not_refused() {
        for text in [
            "52.94.5.1",
            "172.15.255.255",
            "172.32.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "169.253.0.1",
            "192.0.3.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2600:1f18::1",
            "2a05:d018::1",
            "::ffff:52.94.5.1",
            "64:ff9b::52.94.5.1",
            "2002:345e:501::1",
        ] {
            assert_eq!(refusal(text.parse().unwrap()), None, "{text}");
        }
    }

    #[test]
    fn inside_a_network_its_own_addresses_may_be_asked_and_no_others() {
        let vet = |text: &str, inside| vet_literal(text.parse().unwrap(), inside).is_ok();
        for text in ["10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd12::1", "fc00::1"] {
            assert_eq!((vet(text, true), vet(text, false)), (true, false), "{text}");
        }
        for text in ["127.0.0.1", "169.254.169.254", "fe80::1", "fd00:ec2::254", "::1", "0.0.0.0", "::ffff:127.0.0.1"] {
            assert_eq!((vet(text, true), vet(text, false)), (false, false), "{text}");
        }
    }

    #[test]
    fn a_lookup_that_finds_nothing_is_told_from_one_that_fails() {
        let error = |text: &str| io::Error::other(format!("failed to lookup address information: {text}"));
        if !cfg!(windows) {
            assert!(says_no_such_host(&error("Name or service not known")));
            assert!(says_no_such_host(&error("nodename nor servname provided, or not known")));
        }
        assert!(!says_no_such_host(&error("Temporary failure in name resolution")));
        assert!(!says_no_such_host(&error("Try again")));
    }

    #[test]
    fn a_refusal_names_host_address_and_cure() {
        let failure = refuse("login.example.com", "169.254.169.254".parse().unwrap());
        assert_eq!(failure.step, Step::Policy);
        assert_eq!(
            failure.cause,
            "login.example.com resolves to 169.254.169.254, a link-local address; \
             --connect-to can name an address to connect to instead"
        );
        assert!(vet_literal("::1".parse().unwrap(), true).is_err());
        assert!(vet_literal("52.94.5.1".parse().unwrap(), false).is_ok());
    }
}
