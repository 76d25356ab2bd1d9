//! Who writes about an error rather than has one: searches, documentation, changelogs, and the texts of programs.

use super::cited::is_cited;
use super::line::{Address, Line};
use super::owner::{is_log, unmarked};
use super::texts::Texts;
use crate::host;

/// Where people look for an error, and write about it.
const LIBRARIES: [&str; 21] = [
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
    "startpage.com",
    "qwant.com",
    "search.brave.com",
    "yandex.com",
    "chatgpt.com",
    "claude.ai",
    "perplexity.ai",
];

/// Words of those who explain an error rather than have it.
static EXPLAINING: Texts = Texts::new(&[
    "we no longer",
    "no longer get",
    "no longer see",
    " solved",
    "solved:",
    "[solved]",
    "fixed?",
    "stack overflow",
    "[ ] ",
    "[x] ",
    "is resolved",
    "was resolved",
    "been resolved",
    "resolved:",
    "[resolved]",
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
    "no more ",
    "not see ",
    "don't see ",
    "never seen ",
    "contains no ",
    "behoben",
    "gelöst",
    "résolu",
    "corrigé",
    "resuelto",
    "corregido",
    "wenn sie ",
    "si vous ",
    "leads to ",
    "logs `",
    "symptom: ",
    "error messages",
    "error handling",
    "troubleshooting",
    "use this if",
    "is what our ",
]);

/// How a comment, a heading, a row, a question, a change, an expectation or an attribute begins.
const MARKS: [&str; 30] = [
    "//",
    "/*",
    "<!--",
    "+ ",
    "-- ",
    "q:",
    "a:",
    "**q",
    "**a",
    "@@ ",
    "diff --git",
    "+\t",
    "-\t",
    "+  ",
    "-  ",
    "expect:",
    "expected:",
    "expected =",
    "actual:",
    "want:",
    "title=",
    "alt=",
    "label=",
    "placeholder=",
    "tooltip=",
    "content=",
    "summary=",
    "title:",
    "label:",
    "summary:",
];

/// Signs of a program's text.
static CODE: Texts = Texts::new(&[
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
    "grep ",
    "git ",
    "select *",
    "@throws",
    "@raises",
    "|= ",
    "expr: ",
    "if $",
]);

/// How a line of code ends that goes on below.
const OPEN: [&str; 7] = ["{", "(", "[", ";", "=>", "):", "do"];

/// Errors of which a login ends with one; who names several lists them. (`invalid_request` comes with another.)
const ERRORS: [&str; 8] = [
    "redirect_mismatch",
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "unauthorized_client",
    "access_denied",
    "login_required",
    "unsupported_response_type",
];

/// Whether a line is about an error that somebody may have, rather than one that is had: a search, a sentence of a documentation, a
/// change, a program's text.
pub(super) fn is_hearsay(line: &Line) -> bool {
    let is_library = |host: &str| LIBRARIES.iter().any(|library| host::is_within(host, library));
    let hosts = || line.addresses().iter().filter_map(|address| address.host.as_deref());
    // What a search has in its address is what somebody searches for.
    let is_search = line.addresses().first().and_then(|address| address.host.as_deref()).is_some_and(is_library)
        && line.lower.matches("://").count() == 1;
    if is_search {
        return true;
    }
    if !is_log(&line.plain) && line.lower.contains("grep ") {
        return true;
    }
    if hosts().any(is_library) && hosts().all(|host| is_library(host) || !host.contains("cognito")) {
        return true;
    }
    let has_address = hosts().next().is_some();
    let start = line.lower.trim_start();
    let item = ["- ", "* "].iter().find_map(|mark| start.strip_prefix(mark));
    if is_log(unmarked(&line.plain)) {
        return false;
    }
    if has_address {
        return is_cited(line, start);
    }
    // Pomerium's own words in a list are a changelog's: a log puts nothing before its lines.
    let is_change = item.is_some() && line.is_pomeriums() || is_of_a_version(start);
    let is_heading = start.starts_with('#') && start.trim_start_matches('#').starts_with(' ');
    let is_row = start.starts_with('|') && start.trim_end().ends_with('|');
    let is_decorator = start.starts_with('@') && start.contains('(');
    let is_gone = start.starts_with("no ") && ["any more", "anymore"].iter().any(|end| start.contains(end));
    let is_question = start.starts_with("is ") && start.trim_end().ends_with('?');
    let is_marked = is_question || is_change || is_heading || is_row || is_decorator || is_gone;
    let is_comment = || MARKS.iter().any(|mark| start.starts_with(mark));
    let is_answer = start.starts_with('{') && !start.contains("} is ");
    !is_answer && (is_marked || is_comment() || EXPLAINING.any_in(&line.lower) || CODE.any_in(&line.lower))
}

/// Whether a line tells what a version changed: `v1.2.3: …`.
fn is_of_a_version(start: &str) -> bool {
    let version = start.split_whitespace().next().and_then(|word| word.strip_suffix(':')).unwrap_or_default();
    let parts = version.strip_prefix('v').unwrap_or(version).split('.');
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.clone().count() == 3 && parts.clone().all(is_number)
}

/// Whether a text of several lines is a program's, a changelog, or a list of errors: then so is each of its lines. What is pasted
/// of a login has a page, a line of a log or an address with parameters.
pub(super) fn is_treatise(lines: &[Line]) -> bool {
    let written = || lines.iter().filter(|line| !line.plain.trim().is_empty());
    let is_login = |line: &Line| {
        let is_answer = |address: &Address| address.host.is_some() && !address.parameters.is_empty();
        let is_html = ["<html", "<!doctype", "</"].iter().any(|tag| line.lower.contains(tag));
        is_html || is_log(&line.plain) || line.addresses().iter().any(is_answer)
    };
    if written().count() < 2 || written().any(is_login) {
        return false;
    }
    let is_version = |line: &Line| {
        let word = line.plain.trim().trim_start_matches(['v', 'V']);
        word.contains('.') && word.chars().all(|char| char.is_ascii_digit() || char == '.')
    };
    let is_heading = |line: &Line| line.lower.starts_with("# ") || line.lower.starts_with("##") || is_version(line);
    let is_entry = |line: &Line| ["- ", "* ", "+ "].iter().any(|mark| line.lower.trim_start().starts_with(mark));
    let is_changelog = written().any(is_heading) && written().any(is_entry);
    let named = |line: &Line| ERRORS.into_iter().find(|error| line.lower.contains(error));
    let mut errors: Vec<&str> = written().filter_map(named).collect();
    errors.sort_unstable();
    errors.dedup();
    let is_code = |line: &Line| is_open(&line.plain) || CODE.any_in(&line.lower);
    is_changelog || errors.len() > 1 || written().any(is_code)
}

/// Whether a line is code that goes on below. An object of JSON is none, nor is the beginning of a variable that was not filled in.
fn is_open(line: &str) -> bool {
    let line = line.trim();
    let is_json = line.starts_with(['"', '{', '[', '}', '<', '>', '*']);
    // `the following error(s):` is a sentence.
    !is_json
        && !line.ends_with("(s):")
        && !line.ends_with("${")
        && OPEN.iter().any(|end| line.strip_suffix(end).is_some_and(|before| before.len() > 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_explains_an_error_has_none() {
        let is = |text: &str| is_hearsay(&Line::of(text));
        assert!(is("If the URI is not registered, Cognito returns redirect_mismatch."));
        assert!(is("https://www.google.com/search?q=redirect_mismatch") && is("if err == \"invalid_grant\" {"));
        assert!(!is("redirect_mismatch") && !is("Cognito says redirect_mismatch since today"));
        assert!(!is("{\"error\":\"invalid_client\"}"));
        let address = "https://login.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch";
        for text in [
            "it('x', () => { cy.visit('ADDRESS') })",
            "// ADDRESS",
            "The page (ADDRESS) is gone, thanks",
            "| a | ADDRESS |",
            "fix: no ADDRESS",
        ] {
            assert!(is(&text.replace("ADDRESS", address)), "{text}");
        }
        assert!(!is(address) && !is(&format!("why do I get {address} ?")));
        assert!(is("v0.33.1: no redirect_mismatch") && !is("10.0.0.1: redirect_mismatch"));
        assert!(is("- fix #12: invalid CSRF token") && !is("- {\"level\":\"error\",\"error\":\"invalid CSRF token\"}"));
        assert!(!is("* Could not resolve host: cognito-idp.eu-west-1.amazonaws.com"));
    }

    #[test]
    fn who_lists_errors_has_none() {
        let is = |text: &str| is_treatise(&text.lines().map(Line::of).collect::<Vec<_>>());
        assert!(
            is("expect(error).toBe(\n  'redirect_mismatch',\n);") && is("match error {\n \"invalid_client\" => 1,\n}")
        );
        assert!(is("## 2.3.0\n- redirect_mismatch after a change") && is("v7.6.0\n* invalid_grant"));
        assert!(is("redirect_mismatch\nThe URL is unknown.\ninvalid_client\nThe secret is wrong."));
        assert!(
            !is("{\n  \"error\": \"invalid_client\"\n}")
                && !is("error: invalid_request\nerror_description: invalid_scope")
        );
        assert!(!is("redirect_mismatch\nwhat now?") && !is("3:04AM ERR invalid_grant {\n3:05AM ERR invalid_client"));
    }
}
