//! Who wrote a line, by its form: Pomerium, another program, or somebody who writes about it.

use super::line::Line;
use super::plain::words;

/// Words that only Pomerium and its libraries write.
const POMERIUM: [&str; 28] = [
    "authenticate.oauthcallback",
    "identity/oidc",
    "httputil: error",
    "internal/urlutil",
    "internal/cryptutil",
    "cryptutil: ",
    "\"server-name\"",
    "allow-why-",
    "cmd/pomerium",
    "\"config-file\"",
    "config: options",
    "config: bad ",
    "cognito provider: ",
    "config option",
    "identity_manager",
    "identity-manager",
    "upstream-cluster",
    "identity: unknown provider",
    "identity: provider",
    "validation error config",
    "deleting session",
    "hpke: error",
    "error creating authenticate service",
    "error redeeming authenticate code",
    "invalid rules in policy",
    "error verifying access token audience",
    "authorize check",
    "invalid csrf token",
];

/// Where people look for an error, and write about it.
const LIBRARIES: [&str; 14] = [
    "google.com",
    "google.de",
    "bing.com",
    "duckduckgo.com",
    "stackoverflow.com",
    "serverfault.com",
    "github.com",
    "gitlab.com",
    "reddit.com",
    "repost.aws",
    "docs.aws.amazon.com",
    "medium.com",
    "kagi.com",
    "ecosia.org",
];

/// Words of those who explain an error rather than have it.
const EXPLAINING: [&str; 45] = [
    "we no longer",
    "no longer get",
    "no longer see",
    "solved",
    "resolved",
    "was fixed",
    "is fixed",
    "never see",
    "does not occur",
    "is it a ",
    "is that a ",
    "is this a ",
    "what is ",
    "what does ",
    "returns ",
    "is returned",
    "will return",
    "for example",
    "e.g.",
    "means that",
    "occurs when",
    "occurs if",
    "can occur",
    "happens when",
    "happens if",
    "if the ",
    "if you ",
    "if your ",
    "when the ",
    "when you ",
    "how to ",
    "see also",
    "documentation",
    "changelog",
    "release notes",
    "fixed ",
    "fixes ",
    "fix: ",
    "fix ",
    "fix(",
    "feat: ",
    "must match",
    "wird zuruckgegeben",
    "wenn die ",
    "renvoie ",
];

/// Signs of a program's text.
const CODE: [&str; 28] = [
    "log.warn(",
    "log.error(",
    "log.info(",
    "logger.",
    "it(\"",
    "it('",
    "==",
    "=> ",
    "!= ",
    "case \"",
    "case '",
    "throw ",
    "throws ",
    "return ",
    "raise ",
    "except ",
    "catch (",
    "func ",
    "def ",
    "const ",
    "assert",
    "expect(",
    "console.",
    "print(",
    "printf(",
    "errors.new(",
    "if err",
    "if (",
];

/// Whether a line is in the words of Pomerium or its libraries.
pub(super) fn is_pomerium(lower: &str) -> bool {
    POMERIUM.iter().any(|words| lower.contains(words))
}

/// Whether a line is one of a log, whosever: it begins with a time or as JSON, has a level, or is an access.
pub(super) fn is_log(line: &str) -> bool {
    let start = line.trim_start();
    let is_json = start.starts_with('{') && start.contains("\"level\"");
    let begins_with_time = {
        let head: String = start.trim_start_matches(['[', '"', '(']).chars().take(10).collect();
        let digits = head.bytes().filter(u8::is_ascii_digit).count();
        digits >= 6 && head.contains(['-', '/', ':'])
    };
    let is_access = line.contains(" HTTP/") && line.contains("\" ");
    is_json || begins_with_time || is_access || has_level(line)
}

/// Whether a line has a level as zerolog writes it on a console.
fn has_level(line: &str) -> bool {
    words(line).take(12).any(|word| matches!(word, "INF" | "WRN" | "ERR" | "DBG" | "FTL"))
}

/// Whether a line is one of Pomerium's log, in JSON or as for a console.
pub(super) fn is_pomeriums_log(line: &str) -> bool {
    line.trim_start().starts_with('{') && line.contains("\"level\"") || has_level(line)
}

/// The program of these that a line of a log names as its writer: in front, as `dex-1 |`, `nginx[31]:` or `[pod/dex-0/dex]`, or
/// in a field.
pub(super) fn program<'a>(line: &Line, mut programs: impl Iterator<Item = &'a str>) -> Option<usize> {
    /// What stands in front of a message is not longer.
    const FRONT: usize = 120;
    const FIELDS: [&str; 8] =
        ["service", "app", "container", "container_name", "logger", "program", "source", "app.kubernetes.io/name"];
    if is_pomerium(&line.lower) {
        return None;
    }
    let lower = line.lower.as_str();
    let end = lower.find('{').unwrap_or(lower.len()).min(FRONT);
    let front = lower.get(..lower.char_indices().map(|(at, _)| at).take_while(|at| *at <= end).last().unwrap_or(0));
    let front = front.unwrap_or_default();
    let fields: Vec<&str> = FIELDS
        .iter()
        .filter_map(|name| {
            let (_, rest) = lower.split_once(&format!("\"{name}\":"))?;
            rest.trim_start().strip_prefix('"')?.split('"').next()
        })
        .collect();
    let pairs = ["app=", "logger=", "service=", "container=", "program="].iter().filter_map(|name| {
        let (_, rest) = lower.split_once(&format!(" {name}"))?;
        rest.trim_start_matches('"').split(|char: char| char.is_whitespace() || char == '"').next()
    });
    let fields: Vec<&str> = fields.into_iter().chain(pairs).collect();
    programs.position(|name| {
        let marks = |before: &str, rest: &str| {
            let begins = before.is_empty() || before.ends_with([' ', '/', '[', '"']);
            let number = rest.trim_start_matches(|char: char| char.is_ascii_digit() || "-_".contains(char));
            let ends = number.trim_start().starts_with(['|', '[', ':', '/', ']'])
                || rest.starts_with('-') && before.is_empty();
            begins && ends && !number.starts_with("://") && !before.ends_with("://")
        };
        let in_front = front.match_indices(name).any(|(at, _)| {
            marks(front.get(..at).unwrap_or_default(), lower.get(at + name.len()..).unwrap_or_default())
        });
        in_front
            || fields.iter().any(|field| field.split(['-', '/', ':', '.']).any(|part| part == name) || *field == name)
    })
}

/// Whether a line is about an error that somebody may have, rather than one that is had: a search, a sentence of a documentation, a
/// change, a program's text.
pub(super) fn is_hearsay(line: &Line) -> bool {
    let is_library =
        |host: &str| LIBRARIES.iter().any(|library| host == *library || host.ends_with(&format!(".{library}")));
    let hosts = || line.addresses.iter().filter_map(|address| address.host.as_deref());
    if hosts().any(is_library) && hosts().all(|host| is_library(host) || !host.contains("cognito")) {
        return true;
    }
    let has_address = hosts().next().is_some();
    if has_address || is_pomerium(&line.lower) || is_log(&line.plain) {
        return false;
    }
    let start = line.lower.trim_start();
    let is_comment = ["//", "/*", "+ ", "# ", "-- "].iter().any(|mark| start.starts_with(mark));
    let is_row = start.starts_with('|') && start.trim_end().ends_with('|');
    let is_question = ["q:", "a:", "**q", "**a", "is ", "@@ ", "diff --git", "+\t", "-\t", "+  ", "-  "]
        .iter()
        .any(|mark| start.starts_with(mark));
    let is_among = |signs: &[&str]| signs.iter().any(|sign| line.lower.contains(sign));
    let is_answer = start.starts_with('{') || start.starts_with("{\"error\"");
    !is_answer && (is_comment || is_row || is_question || is_among(&EXPLAINING) || is_among(&CODE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writer_of_a_line_is_heeded() {
        let programs = ["dex", "nginx", "oauth2-proxy"];
        let writer =
            |text: &str| program(&Line::of(text), programs.into_iter()).and_then(|at| programs.get(at).copied());
        assert_eq!(writer("dex-1  | level=error msg=\"invalid_client\""), Some("dex"));
        assert_eq!(writer("[pod/nginx-7d9c-x/nginx] redirect_mismatch"), Some("nginx"));
        assert_eq!(writer("Nov 29 02:11:09 host nginx[31]: x"), Some("nginx"));
        assert_eq!(writer("oauth2-proxy: invalid_client"), Some("oauth2-proxy"));
        assert_eq!(writer(r#"{"app":"dex","msg":"invalid_client"}"#), Some("dex"));
        assert_eq!(writer("behind nginx we see redirect_mismatch"), None);
        assert_eq!(writer("nginx-1 | {\"error\":\"identity/oidc: token exchange failed\"}"), None);
        assert_eq!(writer("https://dex/x"), None);
    }

    #[test]
    fn who_explains_an_error_has_none() {
        let is = |text: &str| is_hearsay(&Line::of(text));
        assert!(is("If the URI is not registered, Cognito returns redirect_mismatch."));
        assert!(is("https://www.google.com/search?q=redirect_mismatch") && is("if err == \"invalid_grant\" {"));
        assert!(!is("redirect_mismatch") && !is("Cognito says redirect_mismatch since today"));
        assert!(!is("{\"error\":\"invalid_client\"}"));
    }
}
