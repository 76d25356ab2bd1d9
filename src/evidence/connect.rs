//! `--connect-to HOST:PORT:ADDR:PORT`: connect elsewhere, in curl's syntax and with curl's meaning.
//!
//! Only where the connection goes changes: the name that the server must prove, and the `Host` it is asked for, stay.

use std::str::FromStr;

/// One `--connect-to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectTo {
    /// The host it is for; nothing for any.
    host: Option<String>,
    /// The port it is for; nothing for any.
    port: Option<u16>,
    /// Where to connect instead, a name or an address; nothing to keep the host.
    pub(super) to_host: Option<String>,
    /// The port to connect to instead; nothing to keep the port.
    pub(super) to_port: Option<u16>,
}

/// A `--connect-to` that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not HOST:PORT:ADDR:PORT: {why}")]
pub struct ConnectToError {
    text: String,
    why: &'static str,
}

impl ConnectTo {
    /// Whether it is for this host and port.
    pub(super) fn applies(&self, host: &str, port: u16) -> bool {
        self.host.as_deref().is_none_or(|own| own.eq_ignore_ascii_case(host)) && self.port.is_none_or(|own| own == port)
    }
}

impl FromStr for ConnectTo {
    type Err = ConnectToError;

    fn from_str(text: &str) -> Result<Self, ConnectToError> {
        let read = || {
            let (host, rest) = split_host(text)?;
            let (port, rest) = rest.split_once(':').ok_or(PARTS)?;
            let (to_host, to_port) = split_host(rest)?;
            Ok(Self { host: own(host), port: read_port(port)?, to_host: own(to_host), to_port: read_port(to_port)? })
        };
        read().map_err(|why| ConnectToError { text: text.to_owned(), why })
    }
}

const PARTS: &str = "it needs four parts, each of which may be empty";

/// A host, with an IPv6 address freed of its brackets, and what follows the colon.
fn split_host(text: &str) -> Result<(&str, &str), &'static str> {
    let Some(bracketed) = text.strip_prefix('[') else { return text.split_once(':').ok_or(PARTS) };
    let (address, rest) = bracketed.split_once(']').ok_or("the bracket is not closed")?;
    if address.parse::<std::net::Ipv6Addr>().is_err() {
        return Err("only an IPv6 address goes in brackets");
    }
    Ok((address, rest.strip_prefix(':').ok_or(PARTS)?))
}

fn own(host: &str) -> Option<String> {
    (!host.is_empty()).then(|| host.to_owned())
}

fn read_port(text: &str) -> Result<Option<u16>, &'static str> {
    match text {
        "" => Ok(None),
        _ if text.contains(':') => Err("it has more than four parts; an IPv6 address goes in brackets"),
        _ if !text.bytes().all(|byte| byte.is_ascii_digit()) => Err("a port is a number from 1 to 65535"),
        _ => match text.parse() {
            Ok(0) | Err(_) => Err("a port is a number from 1 to 65535"),
            Ok(port) => Ok(Some(port)),
        },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn read(text: &str) -> ConnectTo {
        text.parse().unwrap()
    }

    #[test]
    fn each_part_may_be_empty() {
        let whole = read("acme.example:443:127.0.0.1:8443");
        assert_eq!((whole.to_host.as_deref(), whole.to_port), (Some("127.0.0.1"), Some(8443)));
        assert!(whole.applies("ACME.example", 443));
        assert!(!whole.applies("acme.example", 8443));
        assert!(!whole.applies("other.example", 443));

        let any = read("::localhost:8443");
        assert!(any.applies("whatever.example", 1));
        assert_eq!((any.to_host.as_deref(), any.to_port), (Some("localhost"), Some(8443)));

        let port_only = read("acme.example:::8443");
        assert_eq!((port_only.to_host, port_only.to_port), (None, Some(8443)));
        let host_only = read(":443:127.0.0.1:");
        assert_eq!((host_only.to_host.as_deref(), host_only.to_port), (Some("127.0.0.1"), None));
        assert!(host_only.applies("x", 443) && !host_only.applies("x", 444));
        assert!(read(":::").applies("x", 1));
    }

    #[test]
    fn ipv6_addresses_go_in_brackets() {
        let both = read("[2001:db8::1]:443:[::1]:8443");
        assert!(both.applies("2001:db8::1", 443));
        assert_eq!((both.to_host.as_deref(), both.to_port), (Some("::1"), Some(8443)));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for (text, why) in [
            ("", "four parts"),
            ("acme.example", "four parts"),
            ("acme.example:443:127.0.0.1", "four parts"),
            ("a:1:b:2:3", "more than four"),
            ("a:443:::1:8443", "more than four"),
            ("a:x:b:1", "a number"),
            ("a:+1:b:1", "a number"),
            ("a:0:b:1", "a number"),
            ("a:65536:b:1", "a number"),
            ("a:1:[::1:1", "not closed"),
            ("a:1:[host]:1", "only an IPv6"),
            ("a:1:[::1]1", "four parts"),
        ] {
            let error = text.parse::<ConnectTo>().unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
