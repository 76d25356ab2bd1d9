//! Secrets where only the text of a file shows them, whether it parses or not: in templates that nobody has rendered, behind an
//! anchor, behind a complex key.

use super::disguise::literals;
use super::line::{NAME, Names, VALUE, after, first_word, is_secret, ordinary, values};
use super::within::is_swapped;
use crate::config::releases::options::bound_to;
use crate::config::text::{SourceId, Span};
use crate::offset;
use crate::secret::Secret;

/// So many anchors of a text are looked up.
const MOST_ALIASES: usize = 16;

/// The secrets in odd places of a text.
pub(in crate::config) fn secrets(text: &str, source: SourceId) -> Vec<(Secret, Span)> {
    let mut finder = Finder { source, found: Vec::new(), aliases: Vec::new() };
    // A name whose value stands on the lines below it, that are indented more.
    let mut above: Option<usize> = None;
    let mut telling = Names::default();
    let mut named = false;
    let mut asked = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let is_free = above.is_none() && !asked;
        if is_free && ordinary(line).is_some_and(|key| telling.passes(key)) {
            start += line.len();
            continue;
        }
        let bare = line.trim_start_matches([' ', '\t', '-']);
        let indent = line.len() - bare.len();
        above = above.filter(|outer| indent > *outer || bare.trim().is_empty());
        if above.is_some() {
            finder.value(start + indent, bare);
        }
        let (name, value) = (after(line, &NAME), after(line, &VALUE));
        if let Some(at) = name {
            named = first_word(line.get(at..).unwrap_or_default()).is_some_and(|name| telling.tells(name));
        }
        let of_name = value.filter(|_| named);
        // `? idp_client_secret` and, on the next line, `: value`.
        let of_key = Some(indent + 1).filter(|_| asked && bare.starts_with(": "));
        let mut is_first = true;
        for at in values(line, &mut telling).into_iter().chain(of_name).chain(of_key) {
            let value = line.get(at..).unwrap_or_default();
            if of_key == Some(at) {
                finder.take(start + at, value);
            }
            // What stands behind the first name of a line holds what stands behind the others.
            if std::mem::take(&mut is_first) {
                finder.value(start + at, value);
            }
            finder.alias(value);
            if value.trim().len() < 3 {
                above = Some(indent);
            }
        }
        if let Some(name) = swapped(line, &mut telling) {
            finder.take(start + offset::of(name, line), name);
        }
        let asks = bare.starts_with("? ") && words(bare).any(|word| telling.tells(word));
        if asks {
            finder.words(start + indent, bare);
        }
        asked = asks || asked && !bare.starts_with(": ");
        start += line.len();
    }
    finder.anchors(text);
    finder.found
}

/// The secret of `SECRET=IDP_CLIENT_SECRET`, of `SECRET: idp_client_secret`.
fn swapped<'t>(line: &'t str, telling: &mut Names<'t>) -> Option<&'t str> {
    let around = [' ', '\t', '"', '\'', ',', '\r', '\n'];
    let sign = memchr::memrchr2(b':', b'=', line.as_bytes())?;
    // The names of options that hold secrets have more than one word, and few values look like one.
    let value = line.get(sign + 1..).filter(|value| memchr::memchr(b'_', value.as_bytes()).is_some());
    if let (Some(name), Some(value)) = (line.get(..sign), value) {
        let (name, value) = (name.trim_matches(around), value.trim_matches(around));
        if name.bytes().all(|byte| byte.is_ascii_graphic()) && is_swapped(name, value) {
            return Some(name);
        }
    }
    let equals = memchr::memchr(b'=', line.as_bytes())?;
    let (name, value) = (line.get(..equals)?, line.get(equals + 1..)?.trim_end());
    let value = value.trim_matches([' ', '"', '\'']);
    let is_secret = !name.contains(char::is_whitespace) && bound_to(name).is_none() && !telling.tells(name);
    (is_secret && bound_to(value).is_some() && telling.tells(value)).then_some(name)
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|character: char| !character.is_ascii_alphanumeric() && !matches!(character, '_' | '-'))
}

struct Finder<'t> {
    source: SourceId,
    found: Vec<(Secret, Span)>,
    /// The anchors that stand for secrets.
    aliases: Vec<&'t str>,
}

impl<'t> Finder<'t> {
    /// What stands where a secret belongs.
    fn value(&mut self, start: usize, value: &'t str) {
        for at in literals(value) {
            self.take(start + at.start, value.get(at).unwrap_or_default());
        }
    }

    /// The words of a complex key that names a secret, but for the names.
    fn words(&mut self, start: usize, line: &str) {
        /// A shorter word is a name.
        const SHORTEST: usize = 6;
        let mut at = 0;
        for word in line.split_inclusive(|character: char| character.is_whitespace() || "[]{},:\"'".contains(character))
        {
            let bare =
                word.trim_matches(|character: char| character.is_whitespace() || "[]{},:\"'".contains(character));
            if bare.len() >= SHORTEST && !is_secret(&bare.to_ascii_lowercase()) {
                self.take(start + at + word.find(bare).unwrap_or_default(), bare);
            }
            at += word.len();
        }
    }

    /// An alias that stands where a secret belongs.
    fn alias(&mut self, value: &'t str) {
        let alias = value.trim_start_matches([' ', '\t', '[', '"', '\'']).strip_prefix('*');
        let alias = alias
            .and_then(|alias| alias.split([' ', ',', ']', '}', '\r', '\n']).next())
            .filter(|alias| !alias.is_empty());
        if let Some(alias) = alias.filter(|alias| !self.aliases.contains(alias) && self.aliases.len() < MOST_ALIASES) {
            self.aliases.push(alias);
        }
    }

    fn take(&mut self, start: usize, value: &str) {
        let blank = value.len() - value.trim_start().len();
        let value = value.trim();
        let bare = value.trim_matches(['"', '\'']);
        for text in [value, bare] {
            let start = start + blank + value.find(text).unwrap_or_default();
            let span = Span { source: self.source, start, end: start + text.len() };
            if !text.is_empty() {
                self.found.push((Secret::new(text), span));
            }
        }
    }

    /// What the anchors stand at.
    fn anchors(&mut self, text: &str) {
        for alias in std::mem::take(&mut self.aliases) {
            let mark = format!("&{alias}");
            for (at, _) in text.match_indices(&mark) {
                let start = at + mark.len();
                let line = text.get(start..).and_then(|rest| rest.split('\n').next()).unwrap_or_default();
                // An anchor of a mapping has its value below it, where names are told.
                if line.starts_with([' ', '\t']) && !line.trim().is_empty() {
                    self.take(start, line);
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::text::{Source, SourceKind, Sources};

    #[test]
    fn what_a_parser_does_not_see_is_found() {
        for text in [
            "idp_client_secret: {{ default \"CANARY-1234\" .Values.secret }}",
            "idp_client_secret: {{ .Values.secret | default `CANARY-1234` | quote }}",
            "idp_client_secret: '{{ or .Values.x 'CANARY-1234' }}'",
            "idp_client_secret: >-\n  {{ default \"CANARY-1234\" .Values.x }}\nx: y",
            "IDP_CLIENT_SECRET=${X:-CANARY-1234}",
            "env: [{name: IDP_CLIENT_SECRET, value: \"{{ default \"CANARY-1234\" .x }}\"}]",
            "- name: IDP_CLIENT_SECRET\n  value: ${X:=CANARY-1234}",
            "x: &a CANARY-1234\nidp_client_secret: *a\n: x",
            "x: &a 'CANARY-1234'\nidp_client_secret: [*a]",
            "? idp_client_secret\n: CANARY-1234",
            "? [idp_client_secret, x]\n# then\n: \"CANARY-1234\"",
            "? {idp_client_secret: CANARY-1234}\n: x",
            "IDP_PROVIDER=cognito\nCANARY-1234=IDP_CLIENT_SECRET\n",
            "x: [\nCANARY-1234: cookie_secret\n",
            "\"CANARY-1234\" = \"shared_secret\"\n",
        ] {
            let mut sources = Sources::default();
            let source = sources.add(Source::new("c.yaml", SourceKind::File, text));
            let found = secrets(text, source);
            assert!(found.iter().any(|(secret, _)| secret.expose() == "CANARY-1234"), "{text}");
            for (secret, span) in &found {
                assert_eq!(sources.slice(*span), secret.expose(), "{text}");
            }
        }
    }

    #[test]
    fn references_are_no_secrets() {
        for text in [
            "idp_client_secret: {{ .Values.secret }}",
            "idp_client_secret: {{ env \"IDP_CLIENT_SECRET\" }}",
            "idp_client_secret: ${SECRET}",
            "x: &a y\nidp_client_id: *a",
        ] {
            let mut sources = Sources::default();
            let source = sources.add(Source::new("c.yaml", SourceKind::File, text));
            assert!(secrets(text, source).is_empty(), "{text}");
        }
    }
}
