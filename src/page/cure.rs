//! What a page says in one line: what happens, and what to do.

/// A longer line is no line.
const LONGEST: usize = 240;

/// What happens: the first sentence below the title.
pub fn meaning(page: &str) -> String {
    let below = page.split("\n# ").nth(1).and_then(|rest| rest.split_once('\n'));
    let paragraphs = below.map_or("", |(_, body)| body).split("\n\n");
    let first = paragraphs.map(str::trim).find(|paragraph| !paragraph.is_empty());
    short(sentence(&joined(first.unwrap_or_default())))
}

/// What to do: the first paragraph of the section `Fix` that asks for anything, with the setting it ends with.
pub fn cure(page: &str) -> String {
    let Some((_, fix)) = page.split_once("\n## Fix\n") else { return meaning(page) };
    let fix = fix.split("\n## ").next().unwrap_or_default();
    let is_nothing = |paragraph: &&Paragraph<'_>| {
        let words = paragraph.words.to_lowercase();
        let words = words.rsplit("**:").next().unwrap_or_default().trim();
        !["nothing to change", "no change", "do one of the two"].iter().any(|nothing| words.starts_with(nothing))
    };
    let paragraphs = paragraphs(fix);
    paragraphs.iter().find(is_nothing).map_or_else(|| meaning(page), Paragraph::line)
}

/// Prose, and the code it introduces.
struct Paragraph<'a> {
    words: String,
    code: Vec<&'a str>,
}

impl Paragraph<'_> {
    fn line(&self) -> String {
        let words = self.words.replace("**", "");
        let first = sentence(&words);
        let setting = self.code.iter().find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
        let setting = setting.map(|line| line.trim_end()).filter(|line| !line.ends_with(':') && !line.ends_with('{'));
        match (first.strip_suffix(':'), setting) {
            (Some(words), Some(setting)) => short(&format!("{words}: {}", setting.trim_start())),
            (Some(words), None) => short(&format!("{words}.")),
            (None, _) => short(first),
        }
    }
}

fn paragraphs(section: &str) -> Vec<Paragraph<'_>> {
    let mut paragraphs: Vec<Paragraph<'_>> = Vec::new();
    let (mut is_code, mut is_open) = (false, false);
    for line in section.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
            is_open = false;
        } else if is_code {
            if let Some(last) = paragraphs.last_mut() {
                last.code.push(line);
            }
        } else if line.trim().is_empty() {
            is_open = false;
        } else {
            match paragraphs.last_mut().filter(|_| is_open && !line.starts_with("**")) {
                Some(last) => {
                    last.words.push(' ');
                    last.words.push_str(line.trim());
                }
                None => paragraphs.push(Paragraph { words: line.trim().to_owned(), code: Vec::new() }),
            }
            is_open = true;
        }
    }
    paragraphs
}

fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first sentence of a text; a dot inside of code or a name ends none.
fn sentence(text: &str) -> &str {
    let ends = text.match_indices(". ").map(|(at, _)| at);
    let is_end = |at: &usize| {
        let before = text.get(..*at).unwrap_or_default();
        let next = text.get(at + 2..).and_then(|rest| rest.chars().next());
        before.matches('`').count().is_multiple_of(2)
            && !before.ends_with("e.g")
            && !before.ends_with(" Console")
            && next.is_none_or(|char| !char.is_lowercase())
    };
    ends.into_iter().find(is_end).and_then(|at| text.get(..=at)).unwrap_or(text)
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_what_to_do_in_one_line() {
        let page = |fix: &str| format!("---\n---\n# Title\n\nIt fails. Always.\n\n## Fix\n{fix}\n\n## Example\nno\n");
        assert_eq!(meaning(&page("")), "It fails.");
        let setting = page(
            "**Pomerium**: remove the slash:\n```yaml\n# here\nidp_provider_url: https://a/b\n```\n**Cognito**: no change.",
        );
        assert_eq!(cure(&setting), "Pomerium: remove the slash: idp_provider_url: https://a/b");
        assert_eq!(
            cure(&page("**Pomerium**:\n```yaml\nidp_provider: cognito\n```")),
            "Pomerium: idp_provider: cognito"
        );
        assert_eq!(cure(&page("**Pomerium**: say who may:\n```yaml\nroutes:\n  - a\n```")), "Pomerium: say who may.");
        let other = page("**Pomerium**: nothing to change.\n\n**Cognito**: add the\nexact URL. Console → …");
        assert_eq!(cure(&other), "Cognito: add the exact URL.");
    }
}
