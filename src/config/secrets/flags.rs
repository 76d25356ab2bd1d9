//! What stands behind the flags of a command: `--token VALUE`, in one text, in a list, in the items of one below each other. No sign
//! divides the two, and of a short flag only the program tells that it takes a password.

use std::ops::Range;

use super::names::tells;
use super::open::is_open;
use crate::offset;
use crate::secret::paste;

/// What stands between the words of a command, in whichever list or quotation.
const BETWEEN: [char; 9] = [' ', '\t', '\r', '\n', '"', '\'', '`', ',', '\\'];

/// What ends a word, wherever it stands.
const ENDS: [char; 7] = [' ', '\t', '\r', '\n', '"', '\'', '`'];

/// Behind these stand the name of a user and a password, with a colon between them.
const USERS: [&str; 4] = ["u", "U", "user", "proxy-user"];

/// The program is looked for so many bytes before its flag.
const NEAR: usize = 256;

/// The places of what only the flag or the command before it tells to be a secret.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut done = 0;
    for at in memchr::memchr_iter(b'-', text.as_bytes()) {
        // Most dashes stand within a word, or begin an item of a list.
        if at < done || !begins(text, at) {
            continue;
        }
        let rest = text.get(at..).unwrap_or_default();
        let bare = rest.trim_start_matches('-');
        let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let name = bare.get(..bare.bytes().take_while(|byte| is_of_name(byte)).count()).unwrap_or_default();
        let behind = at + rest.len() - bare.len() + name.len();
        done = behind;
        let place = if USERS.contains(&name) {
            value(text, behind).and_then(|value| password(text, value))
        } else if name.len() > 1 && tells(name) {
            value(text, behind)
        } else {
            glued_user(text, at).or_else(|| of_program(text, at))
        };
        let place = place.filter(|place| text.get(place.clone()).is_some_and(|value| !is_open(name, value)));
        done = place.as_ref().map_or(done, |place| place.end);
        found.extend(place);
    }
    found.extend(of_hosts(text));
    found
}

/// Whether a flag begins at this dash.
fn begins(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    let is_apart = before.is_none_or(|before| before.is_ascii_whitespace() || b"\"'`[,(=".contains(before));
    let first = bytes.get(at + 1).filter(|next| **next != b'-').or_else(|| bytes.get(at + 2));
    is_apart && first.is_some_and(u8::is_ascii_alphabetic)
}

/// The word behind a flag that ends there.
fn value(text: &str, behind: usize) -> Option<Range<usize>> {
    let rest = text.get(behind..)?;
    let mut word = rest.trim_start_matches(BETWEEN);
    let between = rest.get(..rest.len() - word.len()).filter(|between| !between.is_empty())?;
    let mut quote = between.chars().next_back().filter(|last| matches!(last, '"' | '\''));
    let is_below = between.contains('\n');
    if let Some(item) = word.strip_prefix("- ").filter(|_| is_below) {
        word = item.trim_start_matches(BETWEEN);
        quote = item.trim_start_matches(' ').chars().next().filter(|first| matches!(first, '"' | '\''));
    }
    // In a list that is not one of lines, its signs end a word.
    let is_listed = quote.is_none() && between.contains(',');
    let is_end = |letter: char| match quote {
        Some(quote) => letter == quote || letter == '\n',
        None => ENDS.contains(&letter) || is_listed && matches!(letter, ',' | ']'),
    };
    let word = word.get(..word.find(is_end).unwrap_or(word.len()))?;
    // The next flag, what a shell computes, the next key.
    let is_other = word.starts_with('-') || word.starts_with("$(") || is_below && word.ends_with(':');
    let from = offset::of(word, text);
    (!is_other).then(|| from..from + word.len())
}

/// What stands behind the name of a user.
fn password(text: &str, value: Range<usize>) -> Option<Range<usize>> {
    let (user, _) = text.get(value.clone())?.split_once(':')?;
    Some(value.start + user.len() + 1..value.end)
}

/// `-uUSER:PASSWORD` of curl, in one word.
fn glued_user(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..).filter(|rest| rest.starts_with("-u"))?;
    let before = text.get(offset::floor(text, at.saturating_sub(NEAR))..at)?;
    if !before.contains("curl") {
        return None;
    }
    let word = rest.split(ENDS).next()?;
    password(text, at + 2..at + word.len())
}

/// The password behind a flag of a program that is called before it.
fn of_program(text: &str, at: usize) -> Option<Range<usize>> {
    let before = || text.get(offset::floor(text, at.saturating_sub(NEAR))..at).unwrap_or_default();
    let flag = paste::password_flag(text.get(at..)?, before)?;
    let behind = at + flag.length;
    let glued = text.get(behind..)?.find(|letter: char| ENDS.contains(&letter) || letter == ',');
    match glued {
        Some(0) if flag.is_apart => value(text, behind),
        Some(0) => None,
        length => Some(behind..length.map_or(text.len(), |length| behind + length)),
    }
}

/// The two keys of `mc alias set NAME URL ACCESS SECRET`, and of its older name.
fn of_hosts(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (first, second) in [("alias", "set"), ("host", "add")] {
        for at in memchr::memmem::find_iter(text.as_bytes(), first) {
            let line = offset::head(text.get(at + first.len()..).unwrap_or_default(), NEAR).split('\n').next();
            let mut words = line.unwrap_or_default().split(BETWEEN).filter(|word| !word.is_empty());
            if words.next() == Some(second) {
                let keys = words.skip(2).take(2).filter(|key| !is_open("", key));
                found.extend(keys.map(|key| offset::of(key, text)..offset::of(key, text) + key.len()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut shown = text.to_owned();
        find(text).into_iter().rev().for_each(|place| shown.replace_range(place, "…"));
        shown
    }

    #[test]
    fn what_stands_behind_a_telling_flag_is_left_out() {
        for (text, expected) in [
            ("command: tunnel run --token hunter2zwo", "command: tunnel run --token …"),
            ("command: tunnel run -token hunter2zwo -x y", "command: tunnel run -token … -x y"),
            ("[\"tunnel\", \"--token\", \"hunter,zwo\"]", "[\"tunnel\", \"--token\", \"…\"]"),
            ("[\"--token\",\"hunterzwo\",\"x\"]", "[\"--token\",\"…\",\"x\"]"),
            ("args: [--password, hunterzwo]", "args: [--password, …]"),
            ("- --api-token\n- hunterzwo\n- x", "- --api-token\n- …\n- x"),
            ("- --api-token\n- 'hunter zwo'\n- x", "- --api-token\n- '…'\n- x"),
            ("[\n  \"--api-token\",\n  \"hunterzwo\"\n]", "[\n  \"--api-token\",\n  \"…\"\n]"),
            ("REDIS_ARGS: \"--requirepass hunterzwo\"", "REDIS_ARGS: \"--requirepass …\""),
            ("REDIS_ARGS=--requirepass hunterzwo", "REDIS_ARGS=--requirepass …"),
            ("sh -c \"redis-server --requirepass hunterzwo\"", "sh -c \"redis-server --requirepass …\""),
            ("run --client-secret \\\n    hunterzwo --x", "run --client-secret \\\n    … --x"),
            ("[\"CMD\",\"redis-cli\",\"-a\",\"hunterzwo\",\"ping\"]", "[\"CMD\",\"redis-cli\",\"-a\",\"…\",\"ping\"]"),
            ("redis-cli -a hunterzwo ping", "redis-cli -a … ping"),
            ("mysqldump -u root -phunterzwo db", "mysqldump -u root -p… db"),
            ("curl -u user:hunterzwo https://x", "curl -u user:… https://x"),
            ("mc alias set x https://y AKIA0123 hunterzwo", "mc alias set x https://y … …"),
            ("[mc, alias, set, x, https://y, AKIA0123, \"hunterzwo\"]", "[mc, alias, set, x, https://y, …, \"…\"]"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn what_no_flag_tells_stays() {
        for text in [
            "args:\n- --token\nrestart: always",
            "- --cookie-secure\n- --upstream=x\n- --email-domain\n- corp.example.com",
            "run --token $TOKEN --token-file /run/token --client-id 4qk2v9s7m1n3",
            "run --token $(cat /run/token) --password ${PASSWORD} --token {{ .Values.token }}",
            "docker run -p 8443:443 -u 1000:1000 -a stdout x",
            "mysql -p database\nsshd -p 2222",
            "- from: https://a-token.example.com\n  to: http://b--secret:80\n- x",
            "--- a\n-- token hunterzwo",
            "alias: set\nalias settled\nhost address",
        ] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn a_long_text_is_looked_through_once() {
        for unit in
            ["-a", " --token", " -p", " -token x", "alias set ", "- -u\n", "\"--token\",\n- ", "mysql -p", ",-a"]
        {
            let make = |size| unit.repeat(size / unit.len());
            crate::work::grows_with_its_input(unit, 256 * 1024, make, |text| drop(find(text)));
        }
    }
}
