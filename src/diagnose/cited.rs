//! Whether a whole address in a line is one that a browser shows, or one that somebody writes about: in a documentation, a program, a
//! change or a task, or of what is over.

use super::line::Line;
use super::texts::Texts;

/// How comments, tasks, rows and changes begin.
const MARKS: [&str; 16] = [
    "//", "/*", "<!--", "# ", "- [ ]", "- [x]", "|", "todo", "fixme", "fix: ", "fix(", "feat: ", "feat(", "docs: ",
    "test: ", "runbook",
];

/// How what is over is told.
const OVER: [&str; 3] = ["solved", "fixed", "resolved"];

/// How statements of a program begin.
const STATEMENTS: [&str; 12] =
    ["const ", "let ", "var ", "def ", "func ", "fn ", "static ", "export ", "return ", "throw ", "raise ", "assert"];

/// Calls in a program.
const CALLS: [&str; 7] = [".visit(", ".goto(", "fetch(", "expect(", "assert", "() =>", "console."];

/// Words of those who write about an address, or had it once.
static WRITING: Texts = Texts::new(&[
    "is gone",
    "is fixed",
    "was fixed",
    "is solved",
    "was solved",
    "no longer",
    "used to fail",
    "used to get",
    "used to see",
    "used to show",
    "used to end",
    "was due to",
    "was caused by",
    "old error",
    "such as ",
    "for example",
    "an example",
    "example for",
    "e.g.",
    " means ",
    "you will see",
    "you'll see",
    "you may see",
    "you might see",
    "the docs",
    "documentation",
    "changelog",
    "todo:",
    "fixme:",
]);

/// How sentences begin that tell when something is seen.
const EXPLAINING: [&str; 9] =
    ["if a ", "if an ", "if the ", "if your ", "if you ", "when a ", "when the ", "wenn die ", "wenn der "];

/// Who has an error tells when it comes, too, but of themselves or of others.
const PERSONS: [&str; 10] =
    [" i ", " we ", " my ", " our ", " me ", " us ", " users ", " user ", " everyone ", " somebody "];

/// Whether the address in a line, which begins so, is cited, and not what a browser shows.
pub(super) fn is_cited(line: &Line, start: &str) -> bool {
    let is_address = |word: &&str| word.contains("://");
    let around: Vec<&str> = start.split_whitespace().filter(|word| !is_address(word)).collect();
    let around = format!(" {} ", around.join(" "));
    let begins = |marks: &[&str]| marks.iter().any(|mark| start.starts_with(mark));
    let is_call = CALLS.iter().any(|sign| line.plain.contains(sign));
    // A line of a change has its sign right before the text.
    let is_change = start.starts_with(['+', '-']) && start.chars().nth(1).is_some_and(char::is_alphanumeric);
    let is_statement =
        begins(&STATEMENTS) || ["\";", "';", "\");", "');"].iter().any(|end| start.trim_end().ends_with(end));
    // `- https://…: what it means`
    let is_entry = start.starts_with(['-', '*'])
        && start.split_whitespace().nth(1).is_some_and(|word| is_address(&word) && word.ends_with(':'))
        && !around.trim_matches([' ', '-', '*']).is_empty();
    let is_of_a_case = [" when ", " if "].iter().any(|word| around.contains(word))
        && !PERSONS.iter().any(|person| around.contains(person));
    begins(&MARKS)
        || begins(&OVER)
        || begins(&EXPLAINING)
        || is_call
        || is_change
        || is_statement
        || is_entry
        || is_of_a_case
        || WRITING.any_in(&around)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_writes_about_an_address_does_not_have_it() {
        let address = "https://login.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch&client_id=4qk2";
        let is = |text: &str| {
            let line = Line::of(&text.replace("URL", address));
            is_cited(&line, line.lower.trim_start())
        };
        for text in [
            "This used to fail with URL until we registered the callback.",
            "An address such as URL means the callback is missing.",
            "You will see URL if the callback is not registered.",
            "See URL for an example.",
            "Runbook: an address like URL",
            "Fixed. The error was URL",
            "Solved: URL was due to a trailing slash",
            "- URL: callback not registered",
            "const BAD = \"URL\";",
            "TODO: handle URL in the e2e test",
            "+When you see URL add the callback",
            "curl example for the docs: `curl -sI URL`",
            "Cognito answers with URL when OAuth is off.",
            "When the callback is missing, you see URL.",
            "For example: URL",
            "// URL",
        ] {
            assert!(is(text), "{text}");
        }
        for text in [
            "URL",
            "- URL",
            "> URL",
            "\"URL\"",
            "We get URL when we log in",
            "URL when users log in",
            "why do I get URL ?",
            "since today: URL",
            "GET URL 400",
            "- seen: URL",
        ] {
            assert!(!is(text), "{text}");
        }
    }
}
