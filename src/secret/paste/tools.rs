//! Credentials that a command line has under no name: `sshpass -p …`, `mysql -p…`, `http -a user:…`, `--from-literal=x=…`.

use std::ops::Range;

use super::names::{Name, judge};
use super::words::{is_harmless, is_of_prose};

/// Programs, and their flags behind which a password stands, or a user and a password.
const FLAGS: [(&str, &[&str]); 18] = [
    ("sshpass", &["-p"]),
    ("mysql", &["-p"]),
    ("mysqldump", &["-p"]),
    ("mysqladmin", &["-p"]),
    ("mariadb", &["-p"]),
    ("mongosh", &["-p"]),
    ("mongo", &["-p"]),
    ("mongodump", &["-p"]),
    ("mongorestore", &["-p"]),
    ("http", &["-a", "--auth"]),
    ("https", &["-a", "--auth"]),
    ("xh", &["-a", "--auth"]),
    ("httpie", &["-a", "--auth"]),
    ("redis-cli", &["-a"]),
    ("login", &["-p"]),
    ("ldapsearch", &["-w"]),
    ("smbclient", &["-U"]),
    ("openssl", &["-passin", "-passout", "-k"]),
];

/// These have it in the word of the flag alone: what stands behind a blank is the name of a database.
const GLUED: [&str; 4] = ["mysql", "mysqldump", "mysqladmin", "mariadb"];

/// Flags of kubectl and helm whose values are pairs, of which the names say nothing.
const PAIRS: [&str; 2] = ["--from-literal", "--set-file"];

/// A flag behind which a password stands.
pub(crate) struct PasswordFlag {
    /// In bytes.
    pub(crate) length: usize,
    /// The password may be the next word, too.
    pub(crate) is_apart: bool,
}

/// The flag that a text begins with, if a program is called before it that takes a password there.
pub(crate) fn password_flag<'t>(text: &str, before: impl FnOnce() -> &'t str) -> Option<PasswordFlag> {
    let begun = |(_, flags): &&(_, &[&'static str])| flags.iter().any(|flag| text.starts_with(flag));
    let mut of_programs = FLAGS.iter().filter(begun).peekable();
    of_programs.peek()?;
    let before = before();
    let is_of_word = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let is_called = |program: &str| {
        before.match_indices(program).any(|(at, _)| {
            let behind = before.get(at + program.len()..).unwrap_or_default();
            // `http://…` calls nothing.
            !before.get(..at).unwrap_or_default().ends_with(is_of_word)
                && !behind.starts_with(is_of_word)
                && !behind.starts_with("://")
        })
    };
    let (program, flags) = of_programs.find(|(program, _)| is_called(program))?;
    let length = flags.iter().find(|flag| text.starts_with(**flag))?.len();
    Some(PasswordFlag { length, is_apart: !GLUED.contains(program) })
}

/// The places of what stands behind flags.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut flags: Option<(&str, &[&str])> = None;
    let mut flag: Option<&str> = None;
    let mut is_login = false;
    for (at, word) in words(text) {
        let bare = word.trim_end().trim_matches(['"', '\'', '`', '$', '(']);
        let inner = at + word.find(bare).unwrap_or_default();
        let place = |from: usize| inner + from..inner + bare.len();
        if let Some(name) = flag.take().filter(|_| !bare.is_empty() && !bare.starts_with('-')) {
            found.extend(if name.starts_with("--") && PAIRS.contains(&name) {
                pairs(bare, inner)
            } else {
                vec![place(0)]
            });
            continue;
        }
        if let Some((_, known)) = FLAGS.iter().find(|(program, _)| program == &bare.rsplit('/').next().unwrap_or(bare))
        {
            flags = Some((bare, known));
        }
        let (name, value) = bare.split_once('=').unwrap_or((bare, ""));
        if PAIRS.contains(&name) {
            if value.is_empty() {
                flag = PAIRS.iter().find(|known| **known == name).copied();
            } else {
                found.extend(pairs(value, inner + name.len() + 1));
            }
        } else if let Some((program, known)) = flags
            && let Some(known) = known.iter().find(|known| bare.starts_with(**known))
        {
            let glued = bare.len() - known.len();
            if glued > 0 && (known.len() == 2 || bare.get(known.len()..).is_some_and(|rest| rest.starts_with('='))) {
                found.push(place(known.len()));
            } else if glued == 0 && !GLUED.contains(&program) {
                flag = Some("-");
            }
        } else if is_login && let Some((user, password)) = bare.split_once(':') {
            let is_word =
                password.len() < 4 || is_harmless(password) || is_of_prose(password) || password.starts_with("//");
            let is_user =
                !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte));
            if is_user
                && !is_word
                && judge(user) != Name::Harmless
                && password.bytes().any(|byte| !byte.is_ascii_digit())
            {
                found.push(place(user.len() + 1));
            }
        }
        is_login = bare.eq_ignore_ascii_case("login") || bare.eq_ignore_ascii_case("credentials");
        if word.ends_with('\n') {
            flags = None;
        }
    }
    found
}

/// The values of `a=…,b=…`, but for those whose names are known to be harmless.
fn pairs(text: &str, at: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = at;
    for pair in text.split_inclusive(',') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = value.trim_end_matches(',');
        if !is_harmless(value) && judge(name) != Name::Harmless {
            found.push(start + name.len() + 1..start + name.len() + 1 + value.len());
        }
        start += pair.len();
    }
    found
}

/// The words of a text, each with its place, and with the end of its line.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive([' ', '\t', '\n']).filter_map(move |word| {
        let start = at;
        at += word.len();
        let bare = word.trim_end_matches([' ', '\t']);
        (!bare.is_empty()).then_some((start, bare))
    })
}
