//! How words get onto the page.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pulldown_cmark::html::push_html;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};
use sha2::{Digest, Sha256};

use crate::report::human::Screen;

/// How the page looks. Its digest is all that the policy of the page allows.
pub(super) const STYLE: &str = include_str!("style.css");

/// Longer texts from outside are cut.
const LONGEST: usize = 4000;

/// A page that is being written.
///
/// What is markup was written by us: only what stands in this program gets onto it as it is, which `&'static str` says. All other
/// words pass [`Sheet::text`].
pub(super) struct Sheet<'a> {
    markup: String,
    /// Takes secrets out of words, and what would act.
    pub(super) screen: &'a Screen<'a>,
    /// How much deeper than their own level headings stand.
    pub(super) below: usize,
    /// The rules whose pages stand on it.
    pub(super) explained: Vec<&'static str>,
}

impl<'a> Sheet<'a> {
    /// A page with a title and a policy.
    pub(super) fn new(screen: &'a Screen<'a>, title: &str) -> Self {
        let mut sheet = Self { markup: String::new(), screen, below: 0, explained: Vec::new() };
        sheet.put(concat!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n",
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-",
        ));
        sheet.markup.push_str(&STANDARD.encode(Sha256::digest(STYLE)));
        sheet.put(concat!(
            "'; base-uri 'none'; form-action 'none'\">\n",
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
            "<meta name=\"referrer\" content=\"no-referrer\"><meta name=\"robots\" content=\"noindex\">",
            "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
        ));
        sheet.text(title).put(" – pomlint</title><style>").put(STYLE).put("</style></head><body>\n");
        sheet
    }

    /// The whole page.
    pub(super) fn finish(mut self) -> String {
        self.put("</body></html>\n");
        self.markup
    }

    /// Markup of ours.
    pub(super) fn put(&mut self, markup: &'static str) -> &mut Self {
        self.markup.push_str(markup);
        self
    }

    /// A number.
    pub(super) fn number(&mut self, number: usize) -> &mut Self {
        self.markup.push_str(&number.to_string());
        self
    }

    /// Words from anywhere: without secrets, with everything shown that would act or cannot be seen, and no markup.
    pub(super) fn text(&mut self, words: &str) -> &mut Self {
        self.shown(&self.screen.outside(words, LONGEST))
    }

    /// Words that have passed the scrubber and the escape of what acts, character by character.
    pub(super) fn shown(&mut self, words: &str) -> &mut Self {
        // A CI runner to which the page is printed would take `::error::` at the beginning of a line for a command, and `##vso[…]` anywhere.
        let margin = words.len() - words.trim_start().len();
        for (at, character) in words.char_indices() {
            match character {
                ':' if at == margin => self.markup.push_str("&#58;"),
                '#' => self.markup.push_str("&#35;"),
                '&' => self.markup.push_str("&amp;"),
                '<' => self.markup.push_str("&lt;"),
                '>' => self.markup.push_str("&gt;"),
                '"' => self.markup.push_str("&quot;"),
                '\'' => self.markup.push_str("&#39;"),
                _ => self.markup.push(character),
            }
        }
        self
    }

    /// Words in which backticks stand around code.
    pub(super) fn prose(&mut self, words: &str) -> &mut Self {
        let words = self.screen.outside(words, LONGEST);
        let pieces: Vec<&str> = words.split('`').collect();
        if pieces.len().is_multiple_of(2) {
            return self.shown(&words);
        }
        for (index, piece) in pieces.iter().enumerate() {
            if index % 2 == 0 {
                self.shown(piece);
            } else {
                self.put("<code>").shown(piece).put("</code>");
            }
        }
        self
    }

    /// Words as code.
    pub(super) fn code(&mut self, words: &str) -> &mut Self {
        self.put("<code>").text(words).put("</code>")
    }

    /// Names as code, with a comma between.
    pub(super) fn names(&mut self, names: &[&'static str]) -> &mut Self {
        for (index, name) in names.iter().enumerate() {
            self.put(if index == 0 { "" } else { ", " }).code(name);
        }
        self
    }

    /// Lines to be copied: one touch marks all.
    pub(super) fn block(&mut self, lines: &[&str]) -> &mut Self {
        self.put("<pre>");
        for (index, line) in lines.iter().enumerate() {
            self.put(if index == 0 { "" } else { "\n" }).text(line);
        }
        self.put("</pre>")
    }

    /// A list of sentences; nothing if there is none.
    pub(super) fn list(&mut self, class: &'static str, lines: &[String]) -> &mut Self {
        if lines.is_empty() {
            return self;
        }
        self.put("<ul class=\"").put(class).put("\">");
        for line in lines {
            self.put("<li>").prose(line).put("</li>");
        }
        self.put("</ul>")
    }

    /// A heading; of an index, each part stands one level deeper.
    pub(super) fn heading(&mut self, level: usize, words: impl FnOnce(&mut Self) -> &mut Self) -> &mut Self {
        const TAGS: [(&str, &str); 6] = [
            ("<h1>", "</h1>"),
            ("<h2>", "</h2>"),
            ("<h3>", "</h3>"),
            ("<h4>", "</h4>"),
            ("<h5>", "</h5>"),
            ("<h6>", "</h6>"),
        ];
        let deep = (level + self.below).clamp(1, TAGS.len());
        let (open, close) = TAGS.get(deep - 1).copied().unwrap_or(("<p>", "</p>"));
        words(self.put(open)).put(close)
    }

    /// The page of a rule: Markdown of ours. Whoever took a secret from its example has a secret all the same.
    pub(super) fn markdown(&mut self, markdown: &str) -> &mut Self {
        let mut is_linked = false;
        let scrubber = self.screen.scrubber;
        let clean = |words: CowStr<'_>| CowStr::from(scrubber.scrub(&words).into_owned());
        let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).filter_map(|event| match event {
            // Other pages are named, not linked: they stand in the guide, and this file stands anywhere.
            Event::Start(Tag::Link { ref dest_url, .. }) => {
                is_linked = dest_url.starts_with("https://");
                is_linked.then_some(event)
            }
            Event::End(TagEnd::Link) => is_linked.then_some(event),
            Event::Start(Tag::Heading { .. }) => Some(Event::Html("<p class=\"part\">".into())),
            Event::End(TagEnd::Heading(_)) => Some(Event::Html("</p>".into())),
            Event::Text(words) | Event::Html(words) | Event::InlineHtml(words) => Some(Event::Text(clean(words))),
            Event::Code(words) => Some(Event::Code(clean(words))),
            event => Some(event),
        });
        push_html(&mut self.markup, events);
        self
    }
}
