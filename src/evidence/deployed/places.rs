//! The answers of a running Pomerium as texts, so that a finding can point at the very words.

use std::sync::Arc;

use url::Url;

use crate::config::{Source, SourceId, SourceKind, Sources, Span};
use crate::evidence::unclear::status_line;
use crate::evidence::{Answer, Exchange, Outcome};

/// Of a body no more lines are shown, and no longer ones.
const LINES: usize = 12;
const WIDTH: usize = 240;

/// One answer as a text.
#[derive(Clone)]
pub(in crate::evidence) struct Page {
    source: SourceId,
    text: Arc<str>,
}

impl Page {
    /// Writes an answer down among the sources.
    pub(in crate::evidence) fn write(sources: &mut Sources, exchange: &Exchange) -> Self {
        let text: Arc<str> = render(exchange).into();
        let name = exchange.request.url.split(['?', '#']).next().unwrap_or_default();
        let source = sources.add(Source::new(name, SourceKind::Answer, Arc::clone(&text)));
        Self { source, text }
    }

    /// The place of these words; of the status if they are not there.
    pub(in crate::evidence) fn place(&self, words: &str) -> Span {
        match self.text.find(words).filter(|_| !words.is_empty()) {
            Some(start) => Span { source: self.source, start, end: start + words.len() },
            None => self.status(),
        }
    }

    /// The place of a parameter's value, as it is sent on.
    pub(super) fn parameter(&self, name: &str, value: &str) -> Span {
        let shown = plain(value);
        let line = ["?", "&"].iter().find_map(|mark| {
            let line = format!("\n    {mark}{name}={shown}");
            Some((self.text.find(&line)? + line.len(), shown.len()))
        });
        match line {
            Some((end, length)) => Span { source: self.source, start: end - length, end },
            None => self.status(),
        }
    }

    /// The line that says what came back.
    pub(in crate::evidence) fn status(&self) -> Span {
        let start = self.text.find('\n').map_or(0, |end| end + 1);
        let rest = self.text.get(start..).unwrap_or_default();
        Span { source: self.source, start, end: start + rest.find('\n').unwrap_or(rest.len()) }
    }
}

fn render(exchange: &Exchange) -> String {
    let mut lines = vec![format!("{} {}", exchange.request.method, plain(&exchange.request.url))];
    match &exchange.outcome {
        Outcome::Failure(failure) => lines.push(format!("no answer: {}", plain(&failure.cause))),
        Outcome::Answer(answer) => lines.extend(answered(answer)),
    }
    lines.join("\n") + "\n"
}

fn answered(answer: &Answer) -> Vec<String> {
    let mut lines = vec![status_line(answer.status)];
    for (name, value) in &answer.headers {
        match (name.as_str(), Url::parse(value)) {
            ("location", Ok(url)) => {
                let base = value.split(['?', '#']).next().unwrap_or_default();
                lines.push(format!("location: {}", plain(base)));
                for (number, (name, value)) in url.query_pairs().enumerate() {
                    let mark = if number == 0 { '?' } else { '&' };
                    lines.push(format!("    {mark}{}={}", plain(&name), plain(&value)));
                }
            }
            ("location" | "set-cookie" | "server" | "content-type" | "x-request-id" | super::OWN_PAGE, _) => {
                lines.push(format!("{name}: {}", plain(value)));
            }
            _ => {}
        }
    }
    if answer.header("location").is_none() {
        let body = answer.body.trim().lines().take(LINES);
        lines.extend(body.map(|line| plain(line).chars().take(WIDTH).collect()));
    }
    lines
}

/// On one line, without anything that a terminal obeys.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::sample;

    #[test]
    fn the_very_words_of_an_answer_are_found() {
        let location = "https://a.example/oauth2/authorize?client_id=4qk&redirect_uri=https%3A%2F%2Fb.example%2Fcb&scope=openid+email&x=a%0Ab";
        let mut sources = Sources::default();
        let page = Page::write(
            &mut sources,
            &sample::redirect("https://b.example/.pomerium/sign_in?pomerium_idp_id=X", location),
        );
        let slice = |span| sources.slice(span).to_owned();
        assert_eq!(slice(page.parameter("redirect_uri", "https://b.example/cb")), "https://b.example/cb");
        assert_eq!(slice(page.parameter("scope", "openid email")), "openid email");
        assert_eq!(slice(page.parameter("x", "a\nb")), "a\u{fffd}b");
        assert_eq!(slice(page.parameter("nothing", "1")), "302 Found");
        assert_eq!(slice(page.place("https://a.example/oauth2/authorize")), "https://a.example/oauth2/authorize");
        assert_eq!(
            sources.get(page.source).map(|source| source.name.as_str()),
            Some("https://b.example/.pomerium/sign_in")
        );
    }
}
