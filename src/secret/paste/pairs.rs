//! Names and what stands under them, in text of any shape: `name=value`, `"name": "value"`, `--name value`, `name[0]:[value]`,
//! `<name>value</name>`, `name | value`, headers, queries.

use std::ops::Range;

use super::names::{Name, is_compound, judge};
use super::sign::{Named, Sign, named, sign};

/// Shorter numbers are codes of errors.
const LONGEST_NUMBER: usize = 3;
/// What stands under a telling name behind a blank alone is a word of prose if it is shorter and only letters.
const LONGEST_WORD: usize = 16;

/// What errors of Go go on with behind `… token: `, `… code: `.
const PROSE: [&str; 46] = [
    "oauth2",
    "oidc",
    "jwt",
    "jose",
    "rpc",
    "context",
    "dial",
    "get",
    "post",
    "eof",
    "x509",
    "tls",
    "http",
    "https",
    "json",
    "identity",
    "authenticate",
    "invalid",
    "failed",
    "unable",
    "cannot",
    "could",
    "error",
    "unexpected",
    "expected",
    "unknown",
    "missing",
    "unsupported",
    "malformed",
    "expired",
    "not",
    "no",
    "the",
    "a",
    "an",
    "is",
    "was",
    "has",
    "named",
    "token",
    "signature",
    "verification",
    "must",
    "bad",
    "decryption",
    "mismatch",
];

/// What prose goes on with behind the name of a variable.
const WORDS: [&str; 22] = [
    "is",
    "was",
    "not",
    "must",
    "has",
    "from",
    "in",
    "and",
    "or",
    "missing",
    "set",
    "unset",
    "empty",
    "to",
    "for",
    "of",
    "cannot",
    "does",
    "should",
    "environment",
    "variable",
    "with",
];

/// Values that are nobody's secret.
const HARMLESS: [&str; 32] = [
    "",
    "null",
    "nil",
    "none",
    "true",
    "false",
    "undefined",
    "cut",
    "redacted",
    "[redacted]",
    "<nil>",
    "<redacted>",
    "bearer",
    "basic",
    "code",
    "token",
    "id_token",
    "invalid_grant",
    "invalid_request",
    "invalid_client",
    "invalid_scope",
    "invalid_token",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
    "redirect_mismatch",
    "access_denied",
    "server_error",
    "temporarily_unavailable",
    "authorization_code",
    "client_credentials",
    "refresh_token",
];

/// Whether a value under a telling name may be shown all the same.
pub(super) fn is_harmless(value: &str) -> bool {
    let value = value
        .trim_matches(|character: char| character.is_whitespace() || matches!(character, '"' | '\'' | '*' | '.' | '…'));
    HARMLESS.iter().any(|known| known.eq_ignore_ascii_case(value))
        || value.len() <= LONGEST_NUMBER && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number or a word that says what went wrong: `403`, `invalid_request`, `NotAuthorizedException`.
pub(super) fn is_code(value: &str) -> bool {
    is_harmless(value) || value.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b' '))
}

/// The places of values under telling names, in order.
///
/// In a structured text everything is cut that does not stand under a name known to be harmless.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut scan = Scan {
        text,
        found: Vec::new(),
        from: 0,
        is_log: is_log(text),
        is_command: ["curl", "wget", "login"].iter().any(|word| has_word(text, word)),
        harmless_pair: None,
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
}

impl Scan<'_> {
    /// Looks at the next sign; whether there was one.
    fn step(&mut self) -> bool {
        // The last two begin `→` and `->`.
        let is_sign = |byte: &u8| b"=:,>|\t %<\xe2-".contains(byte);
        let Some(at) = self.text.as_bytes().get(self.from..).and_then(|rest| rest.iter().position(is_sign)) else {
            return false;
        };
        let at = self.from + at;
        self.from = at + 1;
        let Some((sign, length)) = sign(self.text, at) else { return true };
        let Some(named) = named(self.text, at, sign) else { return true };
        // `client_secret,value` of a table, and `'client_secret', 'value'`.
        let is_row = || is_compound(named.name) && self.text.get(at + 1..).is_some_and(|rest| !rest.starts_with(' '));
        let is_element = || named.before == Some('<') || length > 1;
        if sign == Sign::Comma && named.quote.is_none() && !is_row() || sign == Sign::Element && !is_element() {
            return true;
        }
        self.judge(&named, sign, at + length);
        true
    }

    fn judge(&mut self, named: &Named<'_>, sign: Sign, behind: usize) {
        let is_query = sign == Sign::Equals && matches!(named.before, Some('?' | '&' | '#'));
        let is_member = named.quote.is_some_and(|quote| quote != '`') && sign == Sign::Colon;
        let is_pair = matches!(sign, Sign::Equals | Sign::Colon);
        let is_field = self.is_log && sign == Sign::Equals && named.before.is_none_or(char::is_whitespace);
        match judge(named.name) {
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
            Name::Unknown if is_query || is_member || is_field => self.cut(named, sign, behind, is_harmless),
            // The session of the hosted pages.
            Name::Unknown if sign == Sign::Equals && named.name.to_ascii_lowercase().starts_with("cognito") => {
                self.cut(named, sign, behind, is_harmless);
            }
            Name::Unknown if self.is_flag(named, sign) => self.cut(named, sign, behind, is_harmless),
            Name::Harmless | Name::Value | Name::Code | Name::Unknown => {}
            Name::Telling | Name::Password | Name::Header => match sign {
                Sign::Blank if !self.is_given(named, behind) => {}
                Sign::Colon if self.is_prose(named, behind) => {}
                _ => self.cut(named, sign, behind, is_harmless),
            },
        }
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

    /// Whether behind a name and a blank stands its value, rather than more prose.
    fn is_given(&self, named: &Named<'_>, behind: usize) -> bool {
        let rest = self.text.get(behind..).unwrap_or_default().trim_start();
        let word = rest.split(char::is_whitespace).next().unwrap_or_default();
        if word.len() > 2 && word.starts_with(['"', '\'', '`', '“']) {
            return true;
        }
        if word.starts_with(['=', ':', '|', '-', '(']) || word.is_empty() || named.before == Some('<') {
            return named.name.starts_with("--") && !word.is_empty() && !word.starts_with('-');
        }
        let bare = word.trim_matches(|character: char| !character.is_alphanumeric());
        let is_word = |word: &str| {
            word.len() < LONGEST_WORD
                && !word.contains(|c: char| c.is_ascii_digit())
                && word.get(1..).is_none_or(|rest| !rest.contains(char::is_uppercase))
        };
        if named.name.starts_with("--") {
            return true;
        }
        // `ENV IDP_CLIENT_SECRET value`
        let is_variable = is_compound(named.name) && !named.name.contains(|c: char| c.is_ascii_lowercase());
        if is_variable {
            return !WORDS.contains(&bare);
        }
        if is_compound(named.name) {
            !is_word(bare)
        } else {
            bare.len() > 5 && !is_word(bare) && !bare.contains(['.', '/', '_', '-', '('])
        }
    }

    /// `cannot fetch token: oauth2: …`: a message goes on with the next one.
    fn is_prose(&self, named: &Named<'_>, behind: usize) -> bool {
        let rest = self.text.get(behind..).unwrap_or_default();
        if named.quote.is_some()
            || judge(named.name) == Name::Password
            || is_compound(named.name)
            || !rest.starts_with([' ', '\n'])
        {
            return false;
        }
        let rest = rest.trim_start();
        let word: &str = rest.split(|character: char| !character.is_ascii_alphanumeric()).next().unwrap_or_default();
        let ends = rest
            .get(word.len()..)
            .is_none_or(|rest| rest.is_empty() || rest.starts_with([' ', ':', ',', '.', '/', '"']));
        let is_status = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
        ends && (is_status || PROSE.contains(&word.to_ascii_lowercase().as_str()))
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
        if value.is_empty() || may(written) {
            return;
        }
        // A sign at its end is that of a pair of its own: `"a": client_secret="…`.
        let bare = written.trim_end_matches(['"', '\'', '\\', '`']);
        let end = if bare.ends_with(['=', ':']) { value.start + bare.len() - 1 } else { value.end };
        self.from = end.max(self.from);
        let after = self.text.get(value.end..).unwrap_or_default().trim_start_matches(['"', '\'', '`', ' ']);
        self.found.push(value);
        // `"old" -> "new"`
        if let Some(arrow) = ["->", "=>", "→"].iter().find(|arrow| after.starts_with(**arrow)) {
            let behind = self.text.len() - after.len() + arrow.len();
            let value = self.value(named, sign, behind);
            self.from = value.end.max(behind);
            self.found.push(value);
        }
    }
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
