//! Turns the errors of the HTTP client into steps and causes that a reader can act on.

use std::error::Error;
use std::io;
use std::time::Duration;

use rustls::CertificateError;
use rustls::pki_types::UnixTime;

use super::exchange::{BROKE, CLOSED};
use super::{Failure, Step};

/// Why sending a request brought no answer. `proxy` is the proxy in between, if any.
pub(super) fn classify(error: &reqwest::Error, host: &str, proxy: Option<&str>) -> Failure {
    if error.is_builder() {
        return Failure::new(Step::Policy, format!("this URL cannot be sent: {}", innermost(error)));
    }
    let through = proxy.map(|proxy| format!("through the proxy {proxy}: ")).unwrap_or_default();
    match find::<rustls::Error>(error) {
        Some(rustls::Error::InvalidCertificate(why)) => {
            let cause = format!("{through}{}", describe_certificate(why, host, proxy.is_some()));
            let step = if *why == CertificateError::UnknownIssuer { Step::Authority } else { Step::Certificate };
            return Failure::new(step, cause);
        }
        Some(rustls::Error::NoCertificatesPresented) => {
            return Failure::new(Step::Certificate, format!("{through}{host} shows no certificate"));
        }
        Some(why) => return Failure::new(Step::Tls, format!("{through}TLS with {host} failed: {why}")),
        None => {}
    }
    // The innermost: connectors wrap one into another of the kind `Other`.
    let inner = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last();
    let step = match inner.map(io::Error::kind) {
        _ if !error.is_connect() => Step::Read,
        // What rustls' connectors say if the other side hangs up amid the handshake.
        Some(io::ErrorKind::UnexpectedEof) if proxy.is_none() => Step::Tls,
        Some(io::ErrorKind::TimedOut) => Step::Timeout,
        _ => Step::Connect,
    };
    let why = match inner.map(io::Error::kind) {
        Some(kind) if step == Step::Read && is_closing(kind) => CLOSED.to_owned(),
        _ => innermost(error),
    };
    let what = match step {
        Step::Read => format!("the connection to {host} {BROKE}"),
        Step::Tls => format!("{host} hung up during the TLS handshake"),
        _ => format!("cannot connect to {host}"),
    };
    let hung_up = matches!(step, Step::Read | Step::Tls);
    Failure { hung_up, ..Failure::new(step, format!("{through}{what}: {why}")) }
}

/// Whether the other side closed the connection. Which of these it is depends on who was faster: what was still unread there makes
/// a reset of it, what was still unsent here a broken pipe. (rustls adds to the first where its manual speaks of it.)
fn is_closing(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    matches!(kind, UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe | NotConnected)
}

/// Why reading the body failed.
pub(super) fn classify_body(error: &reqwest::Error, host: &str) -> Failure {
    let why = innermost(error);
    // The decoder wraps what goes wrong below it.
    let inner = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last().map(io::Error::kind);
    let cause = match inner {
        Some(kind) if is_closing(kind) => format!("the connection to {host} broke amid the answer: {CLOSED}"),
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other) if error.is_decode() => {
            format!("the answer of {host} cannot be decompressed: {why}")
        }
        _ => format!("the connection to {host} broke amid the answer: {why}"),
    };
    Failure::new(Step::Read, cause)
}

pub(super) fn timed_out(host: &str, limit: Duration) -> Failure {
    Failure::new(Step::Timeout, format!("{host} gave no whole answer within {} s", limit.as_secs_f64()))
}

fn describe_certificate(error: &CertificateError, host: &str, proxied: bool) -> String {
    match error {
        CertificateError::Expired => format!("the certificate of {host} has expired"),
        CertificateError::ExpiredContext { time, not_after } => {
            format!("the certificate of {host} expired {} ago", describe_span(*not_after, *time))
        }
        CertificateError::NotValidYet => format!("the certificate of {host} is not valid yet; is this clock right?"),
        CertificateError::NotValidYetContext { time, not_before } => format!(
            "the certificate of {host} becomes valid in {}; is this clock right?",
            describe_span(*time, *not_before)
        ),
        CertificateError::NotValidForName => format!("the certificate is not for {host}"),
        CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
            format!("the certificate is not for {host}: it names no host")
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            format!("the certificate is not for {host}, only for {}", describe_names(presented))
        }
        CertificateError::UnknownIssuer => {
            let who = if proxied { "the proxy" } else { "a proxy in between" };
            format!(
                "the certificate of {host} was issued by an authority that is not trusted here; if {who} issues its \
                 own certificates, name its authority with --ca FILE"
            )
        }
        // A self-signed certificate of an authority, for one.
        CertificateError::Other(why) => format!("the certificate of {host} cannot be accepted: {why}"),
        CertificateError::Revoked => format!("the certificate of {host} was revoked"),
        CertificateError::BadEncoding | CertificateError::BadSignature => {
            format!("the certificate of {host} is broken: {error}")
        }
        _ => format!("the certificate of {host} cannot be accepted: {error}"),
    }
}

/// The names of a certificate as rustls lists them (`DnsName("x")`), at most three.
fn describe_names(presented: &[String]) -> String {
    let plain = |name: &String| match name.split_once("(\"") {
        Some((_, rest)) => rest.trim_end_matches("\")").to_owned(),
        None => name.clone(),
    };
    let mut names: Vec<_> = presented.iter().take(3).map(plain).collect();
    if presented.len() > names.len() {
        names.push("others".to_owned());
    }
    names.join(", ")
}

/// Days or hours between two moments, roughly.
fn describe_span(from: UnixTime, to: UnixTime) -> String {
    let hours = to.as_secs().saturating_sub(from.as_secs()) / 3600;
    match hours {
        0 => "less than an hour".to_owned(),
        1 => "1 hour".to_owned(),
        2..48 => format!("{hours} hours"),
        _ => format!("{} days", hours / 24),
    }
}

/// The causes of an error, outermost first, with those that `io::Error` wraps.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error: &&'a (dyn Error + 'static)| {
        // `io::Error::source` skips the very error that it wraps.
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

fn innermost(error: &reqwest::Error) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}
