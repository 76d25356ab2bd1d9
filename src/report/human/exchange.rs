//! What was asked and what came back, in a line or two; and as a command to repeat it.

use super::Screen;
use crate::evidence::{Exchange, Outcome, Request};
use crate::report::{text, words};
use crate::shell;

/// What is shown of an exchange beside a finding: the request, then the answer. Of a request like one that was shown before, what is
/// different.
pub(super) fn seen(screen: &Screen<'_>, exchange: &Exchange, before: &[&Exchange]) -> Vec<String> {
    let room = screen.width().saturating_sub(super::INDENT);
    let method = &exchange.request.method;
    let mut lines: Vec<String> = purpose(exchange).into_iter().flat_map(|purpose| text::wrap(purpose, room)).collect();
    if let Some(command) = aws(screen, exchange) {
        lines.push(if screen.verbose() { command } else { text::cap(&command, room) });
        lines.extend(came_back(screen, exchange, room));
        return lines;
    }
    let difference =
        before.iter().find_map(|other| difference(&exchange.request, &other.request)).filter(|_| !screen.verbose());
    if let Some(difference) = difference {
        lines.push(screen.outside(&format!("the same request {difference}"), 4000));
    } else {
        let url = screen.outside(&exchange.request.url, 4000);
        let url = if screen.verbose() { url } else { shorten(&url, room.saturating_sub(method.len() + 1)) };
        lines.push(format!("{} {url}", screen.outside(method, 10)));
    }
    lines.extend(came_back(screen, exchange, room));
    lines
}

/// What a question is for that does not speak for itself.
pub(in crate::report) fn purpose(exchange: &Exchange) -> Option<&'static str> {
    let name = exchange.id.0.split('.').next().unwrap_or_default();
    match name {
        "authorize-control" => Some("control, to be refused: a callback that nobody can have registered"),
        "sign-out-control" => Some("control, to be refused: a sign-out URL nobody can have registered"),
        "token-control" => Some("control, to be refused: a secret that is wrong on purpose"),
        "token-unknown-client" => Some("control, to be refused: a client that does not exist"),
        _ if name.contains("-again-") => Some("asked again, in case a change was still on its way"),
        _ => None,
    }
}

/// How a request differs from another one to the same place; nothing if it goes elsewhere.
fn difference(request: &Request, other: &Request) -> Option<String> {
    let parts = |request: &Request| {
        let (place, query) = request.url.split_once('?')?;
        Some((place.to_owned(), query.split('&').map(str::to_owned).collect::<Vec<String>>()))
    };
    let ((place, own), (other_place, others)) = (parts(request)?, parts(other)?);
    if place != other_place || request.method != other.method || request.form != other.form {
        return None;
    }
    let new: Vec<&str> = own.iter().filter(|pair| !others.contains(pair)).map(String::as_str).collect();
    let name = |pair: &String| pair.split('=').next().unwrap_or_default().to_owned();
    let lacks: Vec<String> =
        others.iter().filter(|pair| !own.iter().any(|kept| name(kept) == name(pair))).map(name).collect();
    Some(match (new.as_slice(), lacks.as_slice()) {
        ([], []) => "once more".to_owned(),
        ([], lacks) => format!("without {}", lacks.join(", ")),
        (new, _) => format!("with {}", new.join("&")),
    })
}

/// The answer: status, where it leads or what it says, and how long it took.
pub(super) fn came_back(screen: &Screen<'_>, exchange: &Exchange, room: usize) -> Vec<String> {
    let took = match exchange.attempts {
        0 | 1 => format!("{} ms", exchange.ms),
        attempts => format!("{} ms, {attempts} attempts", exchange.ms),
    };
    match &exchange.outcome {
        Outcome::Failure(failure) => {
            let cause = screen.outside(&failure.cause, 300);
            let sentence = format!("no answer: {}: {cause} ({took})", words::step(failure.step));
            text::wrap(&sentence, room)
        }
        Outcome::Answer(answer) => {
            let says = match answer.header("location") {
                Some(location) => {
                    let location = screen.outside(from_origin(location, &exchange.request.url), 2000);
                    let room = room.saturating_sub(took.len() + 10);
                    format!(" → {}", if screen.verbose() { location } else { shorten(&location, room) })
                }
                None => {
                    words::telling(answer).map(|part| format!("  {}", screen.outside(&part, 160))).unwrap_or_default()
                }
            };
            vec![format!("{}{says}  ({took})", answer.status)]
        }
    }
}

/// A `Location` on the host that was asked, without that host.
pub(in crate::report) fn from_origin<'a>(location: &'a str, asked: &str) -> &'a str {
    let host = words::host(asked);
    location
        .strip_prefix("https://")
        .and_then(|rest| rest.strip_prefix(host))
        .filter(|path| path.starts_with('/'))
        .unwrap_or(location)
}

/// A URL whose query is shortened until it fits: host and path stay whole, and so does what the provider says is wrong.
fn shorten(url: &str, room: usize) -> String {
    let Some((base, query)) = url.split_once('?').filter(|_| text::width(url) > room) else {
        return url.to_owned();
    };
    let telling = |parameter: &str| parameter.starts_with("error");
    let abridged: Vec<String> = query
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((name, value)) if !telling(parameter) && text::width(value) > 12 => {
                format!("{name}={}", middle(value))
            }
            _ => parameter.to_owned(),
        })
        .collect();
    let all = format!("{base}?{}", abridged.join("&"));
    if text::width(&all) <= room {
        return all;
    }
    // What tells first, then as much as fits.
    let (first, rest): (Vec<&String>, Vec<&String>) = abridged.iter().partition(|parameter| telling(parameter));
    let mut short = format!("{base}?{}", first.into_iter().map(String::as_str).collect::<Vec<_>>().join("&"));
    for parameter in rest {
        if text::width(&short) + text::width(parameter) + 3 > room {
            break;
        }
        if !short.ends_with('?') {
            short.push('&');
        }
        short.push_str(parameter);
    }
    short.push_str(if short.ends_with('?') { "…" } else { "&…" });
    short
}

/// `4qk…2u1`
fn middle(value: &str) -> String {
    let characters: Vec<char> = value.chars().collect();
    let first = characters.iter().take(3);
    let last = characters.iter().skip(characters.len().saturating_sub(3));
    first.chain([&'…']).chain(last).collect()
}

/// The command of the AWS CLI that makes the same call: a signature is not for copying.
fn aws(screen: &Screen<'_>, exchange: &Exchange) -> Option<String> {
    let request = &exchange.request;
    let (first, rest) = request.form.split_first().filter(|_| exchange.id.is_call())?;
    let region = words::host(&request.url).split('.').nth(1)?;
    let mut words = vec![format!("aws cognito-idp {} --region {}", hyphenated(&first.1), shell::quoted(region))];
    let rest = rest
        .iter()
        .map(|(name, value)| format!("--{} {}", hyphenated(name), shell::quoted(&screen.outside(value, 2000))));
    words.extend(rest);
    Some(words.join(" "))
}

/// `DescribeUserPool` as `describe-user-pool`.
fn hyphenated(name: &str) -> String {
    let mut written = String::new();
    for letter in name.chars().filter(char::is_ascii_alphanumeric) {
        if letter.is_ascii_uppercase() && !written.is_empty() {
            written.push('-');
        }
        written.push(letter.to_ascii_lowercase());
    }
    written
}

/// A command that asks the same question again.
pub(in crate::report) fn command(screen: &Screen<'_>, exchange: &Exchange) -> String {
    aws(screen, exchange).unwrap_or_else(|| curl(screen, &exchange.request))
}

fn curl(screen: &Screen<'_>, request: &Request) -> String {
    let mut words = vec!["curl".to_owned(), "-si".to_owned(), shell::enclosed(&screen.outside(&request.url, 4000))];
    for (name, value) in &request.form {
        let field = format!("{name}={value}");
        words.extend(["--data-urlencode".to_owned(), shell::enclosed(&screen.outside(&field, 2000))]);
    }
    if request.form.is_empty() && request.method != "GET" {
        words.extend(["-X".to_owned(), shell::enclosed(&screen.outside(&request.method, 10))]);
    }
    words.join(" ")
}
