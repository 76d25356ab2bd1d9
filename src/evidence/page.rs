//! Pages made for people.

/// The words of a page without its markup, scripts and styles.
pub(crate) fn visible_text(page: &str) -> String {
    // Of the same length, so that places in it are places in the page.
    let lower = page.to_ascii_lowercase();
    let mut text = String::new();
    let mut at = 0;
    while let Some(before) = find(page, at, "<") {
        text.push_str(page.get(at..before).unwrap_or_default());
        text.push(' ');
        let tag = lower.get(before + 1..).unwrap_or_default();
        let hidden = ["script", "style"].into_iter().find(|name| tag.starts_with(name));
        let end = hidden.map_or(Some(before), |name| find(&lower, before, &format!("</{name}")));
        let Some(end) = end.and_then(|end| find(page, end, ">")) else {
            at = page.len();
            break;
        };
        at = end + 1;
    }
    text.push_str(page.get(at..).unwrap_or_default());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn find(text: &str, from: usize, what: &str) -> Option<usize> {
    text.get(from..)?.find(what).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::visible_text;

    #[test]
    fn what_a_browser_does_not_show_is_left_out() {
        for (page, words) in [
            ("<title>Error</title><STYLE>a{}</Style><p>Oops<br>really", "Error Oops really"),
            ("<script>if (a<b) {}</script >fine", "fine"),
            ("<script>never closed", ""),
            ("plain  words", "plain words"),
        ] {
            assert_eq!(visible_text(page), words, "{page}");
        }
    }
}
