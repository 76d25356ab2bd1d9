//! The callback on this machine: one request of one browser is taken, and answered with a page that holds nothing.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd as _, BorrowedFd};

use url::{Host, Url};

use crate::login::is_same_place;
use crate::secret::Secret;

/// As many browsers, and what they open in advance, wait at once.
const MOST: usize = 16;
/// A longer request is none of a browser that comes back, in bytes.
const LONGEST: usize = 32 * 1024;

/// A listener at the address of a redirect URI.
pub(super) struct Door {
    callback: Url,
    listener: TcpListener,
    waiting: Vec<Visitor>,
}

/// A connection of which not all was read.
struct Visitor {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Door {
    /// Opens it, for this machine alone.
    pub(super) fn open(callback: &Url) -> io::Result<Self> {
        let address = match callback.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            _ => IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        let listener = TcpListener::bind(SocketAddr::new(address, callback.port_or_known_default().unwrap_or(80)))?;
        listener.set_nonblocking(true)?;
        Ok(Self { callback: callback.clone(), listener, waiting: Vec::new() })
    }

    /// What is to be waited for.
    pub(super) fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        std::iter::once(self.listener.as_fd()).chain(self.waiting.iter().map(|visitor| visitor.stream.as_fd()))
    }

    /// Takes who has come, and reads what they said. The address, once a browser came back to the callback.
    pub(super) fn answer(&mut self) -> Option<Secret> {
        while let Ok((stream, _)) = self.listener.accept() {
            if stream.set_nonblocking(true).is_ok() && self.waiting.len() < MOST {
                self.waiting.push(Visitor { stream, read: Vec::new() });
            }
        }
        let mut waiting = Vec::new();
        let mut address = None;
        for mut visitor in std::mem::take(&mut self.waiting) {
            match visitor.read() {
                Request::Unfinished => waiting.push(visitor),
                Request::Gone => {}
                Request::For(target) => match self.address(&target) {
                    Some(found) if address.is_none() => {
                        visitor.tell("200 OK", BACK);
                        address = Some(found);
                    }
                    _ => visitor.tell("404 Not Found", ELSEWHERE),
                },
            }
        }
        self.waiting = waiting;
        address
    }

    /// The whole address, if it is that of the callback.
    fn address(&self, target: &str) -> Option<Secret> {
        let address =
            self.callback.join(target).ok().filter(|_| target.starts_with('/') && !target.starts_with("//"))?;
        let has_answer = address.query_pairs().any(|(name, _)| ["code", "state", "error"].contains(&&*name));
        (has_answer && is_same_place(&address, self.callback.as_str())).then(|| Secret::new(String::from(address)))
    }
}

/// What a visitor asks for.
enum Request {
    /// Not all of it has come.
    Unfinished,
    /// Nothing more comes, or nothing that could be meant.
    Gone,
    /// This target, by `GET`.
    For(String),
}

impl Visitor {
    fn read(&mut self) -> Request {
        let mut bytes = [0; 4096];
        loop {
            match self.stream.read(&mut bytes) {
                Ok(0) => return Request::Gone,
                Ok(count) => self.read.extend_from_slice(bytes.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Request::Unfinished,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Request::Gone,
            }
            if self.read.windows(4).any(|window| window == b"\r\n\r\n") {
                return self.request();
            }
            if self.read.len() > LONGEST {
                return Request::Gone;
            }
        }
    }

    fn request(&self) -> Request {
        let head = String::from_utf8_lossy(&self.read);
        let mut words = head.lines().next().unwrap_or_default().split(' ');
        match (words.next(), words.next(), words.next()) {
            (Some("GET"), Some(target), Some(version)) if version.starts_with("HTTP/1.") => {
                Request::For(target.to_owned())
            }
            _ => Request::Gone,
        }
    }

    /// Answers with a page that loads nothing and tells nobody where it was.
    fn tell(&mut self, status: &str, words: &str) {
        let page = format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>pomlint</title></head><body><p>{words}</p></body></html>\n"
        );
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
             referrer-policy: no-referrer\r\ncontent-security-policy: default-src 'none'\r\nconnection: close\r\n\r\n{page}",
            page.len()
        );
        // It is small enough for any socket's buffer; and whether the browser shows it changes nothing.
        let _ = self.stream.set_nonblocking(false);
        let _ = self.stream.write_all(answer.as_bytes());
        let _ = self.stream.shutdown(std::net::Shutdown::Write);
    }
}

const BACK: &str = "You are back. pomlint goes on in its terminal; this page can be closed.";
const ELSEWHERE: &str = "There is nothing here.";
