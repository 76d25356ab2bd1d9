//! Names and what stands under them, in text of any shape: `name=value`, `"name": "value"`, `--name value`, `name[0]:[value]`,
//! `<name>value</name>`, `name | value`, headers, queries.

use std::ops::Range;

use super::names::{Name, ends_as_code, is_compound, judge};
use super::sign::{Named, Sign, arrow, named, sign};
use super::words::{is_code, is_harmless, is_of_message, is_of_prose};
use super::{Known, is_option, names_of_options};
use crate::offset;

/// Of a value in parts, `"one" + "two"`, so many are looked at.
const MOST_PARTS: usize = 16;

/// The places of values under telling names, in order.
///
/// In a structured text everything is cut that does not stand under a name known to be harmless.
pub(super) fn find(text: &str, known: Known) -> Vec<Range<usize>> {
    let mut scan = Scan {
        text,
        found: Vec::new(),
        from: 0,
        is_log: is_log(text),
        is_command: ["curl", "wget", "login"].iter().any(|word| has_word(text, word)),
        harmless_pair: None,
        known,
    };
    while scan.step() {}
    scan.found
}

pub(super) struct Scan<'a> {
    pub(super) text: &'a str,
    found: Vec<Range<usize>>,
    /// What lies before is done.
    from: usize,
    /// Pairs of a log: `level=error msg="…"`.
    is_log: bool,
    /// A command whose `-u` and `-p` are credentials.
    is_command: bool,
    /// Where the value of a pair `name: x` with a harmless `x` ends: a `value` that follows is harmless.
    harmless_pair: Option<usize>,
    known: Known,
}

impl Scan<'_> {
    /// Looks at the next sign; whether there was one.
    fn step(&mut self) -> bool {
        // The last three begin `→` and `│`, `：`, and `->`.
        let is_sign = |byte: &u8| b"=:,;(>|\t %<\xe2\xef-".contains(byte);
        let Some(at) = self.text.as_bytes().get(self.from..).and_then(|rest| rest.iter().position(is_sign)) else {
            return false;
        };
        let at = self.from + at;
        self.from = at + 1;
        let Some((sign, length)) = sign(self.text, at) else { return true };
        let Some(named) = named(self.text, at, sign) else { return true };
        // `client_secret,value` of a table, and `'client_secret', 'value'`.
        let is_row = || {
            let rest = self.text.get(at + 1..).unwrap_or_default();
            let value = rest.split(|c: char| c.is_whitespace() || ",;".contains(c)).next().unwrap_or_default();
            let is_value =
                || judge(named.name) == Name::Password && judge(value) == Name::Unknown && !is_of_prose(value);
            !rest.starts_with(' ') && (is_compound(named.name) || value.len() > 3 && is_value())
        };
        let is_element = || named.before == Some('<') || length > 1;
        if sign == Sign::Comma && named.quote.is_none() && !is_row() || sign == Sign::Element && !is_element() {
            return true;
        }
        match sign {
            Sign::Call => self.judge_call(&named, at + length),
            _ => self.judge(&named, sign, at + length),
        }
        true
    }

    /// `setPassword("…")`, `Secret(…)`, `OAuth2Client("id", "…")`.
    fn judge_call(&mut self, named: &Named<'_>, behind: usize) {
        /// No id before a secret is longer, in bytes.
        const LONGEST: usize = 96;
        let rest = self.text.get(behind..).unwrap_or_default();
        let is_quoted = rest.starts_with(['"', '\'', '`']);
        let judged = judge(named.name);
        let is_name = named.name.starts_with(char::is_uppercase) || is_compound(named.name);
        if judged == Name::Password && (is_quoted || is_name) || judged == Name::Telling && is_quoted {
            self.cut(named, Sign::Call, behind, |value| is_harmless(value) || value.len() < 3);
            return;
        }
        let lower = named.name.to_ascii_lowercase();
        if is_quoted && ["client", "auth", "credentials", "login", "connect"].iter().any(|end| lower.ends_with(end)) {
            let second = ["\", \"", "', '", "\",\"", "','"].iter().find_map(|between| {
                let at = offset::head(rest, LONGEST).find(between)?;
                Some(behind + at + between.len() - 1)
            });
            if let Some(second) = second {
                self.cut(named, Sign::Call, second, is_harmless);
            }
        }
    }

    fn judge(&mut self, named: &Named<'_>, sign: Sign, behind: usize) {
        let is_query = sign == Sign::Equals && matches!(named.before, Some('?' | '&' | '#'));
        let is_member = named.quote.is_some_and(|quote| quote != '`') && sign == Sign::Colon;
        let is_pair = matches!(sign, Sign::Equals | Sign::Colon);
        let is_field = self.is_log && sign == Sign::Equals && named.before.is_none_or(char::is_whitespace);
        match self.told(named, sign, behind) {
            Name::Harmless
                if is_pair && ["name", "key", "header"].contains(&named.name.to_ascii_lowercase().as_str()) =>
            {
                let value = self.value(named, sign, behind);
                if let Some(value) = self.text.get(value.clone()).filter(|value| judge(value) == Name::Harmless) {
                    self.harmless_pair = Some(behind + value.len());
                }
            }
            Name::Value if is_pair => match self.harmless_pair.take() {
                Some(_) => {}
                None => self.cut(named, sign, behind, is_harmless),
            },
            Name::Code if is_pair => self.cut(named, sign, behind, is_code),
            // `open "/pomerium/config.yaml": failed`: no value of JSON is a word without quotes.
            Name::Unknown if is_member && self.is_message(named, behind) => {}
            Name::Unknown if is_query || is_member || is_field => self.cut(named, sign, behind, is_harmless),
            // The session of the hosted pages.
            Name::Unknown if sign == Sign::Equals && named.name.to_ascii_lowercase().starts_with("cognito") => {
                self.cut(named, sign, behind, is_harmless);
            }
            Name::Unknown if self.is_flag(named, sign) => self.cut(named, sign, behind, is_harmless),
            Name::Harmless | Name::Value | Name::Code | Name::Unknown => {}
            Name::Telling if is_pair && self.names_option(named, sign, behind) => {}
            Name::Telling | Name::Password | Name::Header => match sign {
                Sign::Blank => {
                    if let Some(start) = self.given(named, behind).filter(|start| !self.is_object(*start)) {
                        self.cut(named, sign, start, is_harmless);
                    }
                }
                Sign::Colon if self.is_prose(named, behind) => {}
                _ => self.cut(named, sign, behind, is_harmless),
            },
        }
    }

    /// What the name tells, with the word before it: `Error code: …`.
    fn told(&self, named: &Named<'_>, sign: Sign, behind: usize) -> Name {
        let before = self.text.get(..named.start).unwrap_or_default();
        let word = || before.strip_suffix(' ')?.rsplit(|letter: char| !letter.is_alphanumeric()).next();
        let is_code = || word().is_some_and(|word| ends_as_code(&format!("{word}{}", named.name)));
        // Of a container, as `kubectl describe` has it.
        let is_state = || {
            let rest = self.text.get(behind..).unwrap_or_default().trim_start();
            let is_alone = |rest: &str| rest.is_empty() || rest.starts_with(char::is_whitespace);
            ["Waiting", "Running", "Terminated"].iter().any(|state| rest.strip_prefix(state).is_some_and(is_alone))
        };
        match named.name {
            "code" | "Code" if sign == Sign::Colon && is_code() => Name::Code,
            "State" if sign == Sign::Colon && is_state() => Name::Harmless,
            name => judge(name),
        }
    }

    /// Whether the name of a Kubernetes object stands there, in words of ours: `secret "pomerium-idp" not found`.
    fn is_object(&self, start: usize) -> bool {
        let quoted = self.text.get(start..).and_then(|rest| rest.trim_start().strip_prefix('"'));
        let Some((name, behind)) = quoted.and_then(|quoted| quoted.split_once('"')) else { return false };
        behind.starts_with(" not found") && name.split(['-', '.', '/']).all(|word| (self.known)(word))
    }

    /// `key=idp_scopes`
    fn names_option(&self, named: &Named<'_>, sign: Sign, behind: usize) -> bool {
        // What stands there may be long.
        let value = || self.text.get(self.value(named, sign, behind));
        names_of_options(named.name) && value().is_some_and(|value| is_option(named.name, value, self.known))
    }

    /// `-u id:secret`, `-b cookies`, `-p password` of a command.
    fn is_flag(&self, named: &Named<'_>, sign: Sign) -> bool {
        let is_blank = matches!(sign, Sign::Blank | Sign::Column | Sign::Equals);
        let name = named.name;
        // `-u`, `-sSu`, and what stands behind `-u` without a blank.
        let is_short = name.starts_with('-') && !name.starts_with("--") && name.ends_with(['u', 'b', 'U', 'E', 'p']);
        let is_joined = ["-u", "-b", "-p"].iter().any(|flag| name.starts_with(flag) && name.len() > flag.len());
        if self.is_command && is_joined && matches!(sign, Sign::Colon | Sign::Equals) {
            return true;
        }
        let is_of_curl = is_short || ["--user", "--proxy-user", "--cert"].contains(&name);
        is_blank && is_of_curl && (self.is_command || named.name.starts_with("--"))
    }

    /// Where behind a name and a blank its value stands, if a sign tells: whatever prose has there is found by [`super::speaking`].
    fn given(&self, named: &Named<'_>, behind: usize) -> Option<usize> {
        let rest = self.text.get(behind..).unwrap_or_default();
        let next = rest.trim_start();
        let word = next.split(char::is_whitespace).next().unwrap_or_default();
        if word.is_empty() || word.starts_with(['=', ':', '|']) || named.before == Some('<') {
            return None;
        }
        if named.quote == Some('`') && named.is_said(self.text, behind) {
            return word.starts_with('`').then_some(behind + rest.len() - next.len());
        }
        if named.quote.is_some() {
            // `variable "client_secret" { … }`
            return word.starts_with('{').then_some(behind);
        }
        if word.len() > 2 && word.starts_with(['"', '\'', '`', '“']) {
            return Some(behind);
        }
        (named.name.starts_with("--") && !word.starts_with('-')).then_some(behind)
    }

    /// Whether a word with which errors go on stands there after a blank, in no quotes, or what is said of a file.
    fn is_message(&self, named: &Named<'_>, behind: usize) -> bool {
        let is_file = [".yaml", ".yml", ".json"].iter().any(|end| named.name.ends_with(end));
        let rest = self.text.get(behind..).and_then(|rest| rest.strip_prefix(' ')).unwrap_or_default();
        rest.split(' ').next().is_some_and(|word| is_of_message(word) || is_file && (self.known)(word))
    }

    /// `cannot fetch token: oauth2: …`: a message goes on with the next one.
    fn is_prose(&self, named: &Named<'_>, behind: usize) -> bool {
        let rest = self.text.get(behind..).unwrap_or_default();
        if named.quote.is_some() || !rest.starts_with([' ', '\n']) {
            return false;
        }
        if judge(named.name) == Name::Password {
            return is_sentence(rest);
        }
        let rest = rest.trim_start();
        let word: &str = rest.split(|character: char| !character.is_ascii_alphanumeric()).next().unwrap_or_default();
        let behind = rest.get(word.len()..).unwrap_or_default();
        if is_compound(named.name) {
            // `failed getting id_token: identity/oidc: …`
            let path = rest.split(char::is_whitespace).next().unwrap_or_default();
            return is_of_message(word) && (path.ends_with(':') || is_step(rest));
        }
        let ends = behind.is_empty() || behind.starts_with([' ', ':', ',', '.', '/', '"']);
        let is_status = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
        ends && (is_status || is_of_message(word))
    }

    /// Cuts the value behind a sign, if it is none that may be shown.
    fn cut(&mut self, named: &Named<'_>, sign: Sign, behind: usize, may: fn(&str) -> bool) {
        let rest = self.text.get(behind..).unwrap_or_default();
        // As `kubectl describe` has it: the value stands elsewhere.
        if rest.trim_start().starts_with("<set to the key ") {
            self.from = behind + rest.find('>').unwrap_or(rest.len());
            return;
        }
        let value = self.value(named, sign, behind);
        let written = self.text.get(value.clone()).unwrap_or_default();
        // `(sensitive value) -> "new"`, `null -> "new"`
        let is_changed = || {
            let rest = self.text.get(value.end..).unwrap_or_default();
            arrow(rest.trim_start_matches(['"', '\'', ' '])).is_some()
        };
        if value.is_empty() || may(written) && !is_changed() {
            return;
        }
        // A sign at its end is that of a pair of its own: `"a": client_secret="…`.
        let bare = written.trim_end_matches(['"', '\'', '\\', '`']);
        let end = if bare.ends_with(['=', ':']) { value.start + bare.len() - 1 } else { value.end };
        self.from = end.max(self.from);
        self.found.push(value.clone());
        // `"old" -> "new"`, `"one" + "two"`
        let mut end = value.end;
        for _ in 0..MOST_PARTS {
            let Some(behind) = self.joined(end) else { break };
            let value = self.value(named, Sign::Equals, behind);
            self.from = value.end.max(behind).max(self.from);
            end = value.end;
            self.found.push(value);
        }
    }

    /// Where the next part of a value stands, behind one that ends here.
    fn joined(&self, end: usize) -> Option<usize> {
        let rest = self.text.get(end..)?;
        let quoted = rest.strip_prefix(['"', '\'', '`']);
        let next = quoted.unwrap_or(rest).trim_start_matches([' ', '\\', '\n', '"', '\'', '`']);
        if let Some(length) = arrow(next) {
            return Some(self.text.len() - next.len() + length);
        }
        let after = quoted?;
        let next = after.trim_start_matches([' ', '+', '.', '&', '\\', '\n']);
        let is_near = next.len() == after.len() || after.trim_start_matches(' ').starts_with(['+', '.', '&', '\\']);
        (is_near && next.starts_with(['"', '\''])).then_some(self.text.len() - next.len())
    }
}

/// Whether what is said up to the end of a line or a quotation is a sentence of known words: `client_id key is required`.
fn is_sentence(text: &str) -> bool {
    /// Fewer words may be a passphrase.
    const FEWEST: usize = 4;
    let end = text.find(['"', '\n', '\\']).unwrap_or(text.len());
    let words = || text.get(..end).unwrap_or_default().split_whitespace();
    words().count() >= FEWEST && words().all(|word| is_of_prose(word) || judge(word) == Name::Harmless)
}

/// Whether an error goes on with what was done: `error verifying token: `.
fn is_step(text: &str) -> bool {
    /// No step has more words.
    const MOST: usize = 4;
    let Some((step, _)) = text.split_once(": ") else { return false };
    let is_word = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    (2..=MOST).contains(&step.split(' ').count()) && step.split(' ').all(is_word)
}

/// Pairs as programs write them into logs.
fn is_log(text: &str) -> bool {
    let known = ["level=", "msg=", "message=", "error=", "time=", "ts=", "request-id=", "service=", "caller=", "err="];
    known
        .iter()
        .filter(|name| {
            text.match_indices(**name).any(|(at, _)| {
                text.get(..at).is_some_and(|before| before.is_empty() || before.ends_with(char::is_whitespace))
            })
        })
        .count()
        > 1
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|character: char| !character.is_ascii_alphanumeric()).any(|other| other.eq_ignore_ascii_case(word))
}
