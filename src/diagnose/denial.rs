//! Words that deny what they stand beside: who says that an error is gone, or that it is not the cause, does not have it.

/// What a word is denied by directly before it.
const BEFORE: [&str; 44] = [
    "no",
    "not",
    "not a",
    "not an",
    "not the",
    "not our",
    "isn't",
    "isn't a",
    "isn't the",
    "wasn't",
    "wasn't a",
    "wasn't the",
    "aren't",
    "never",
    "never a",
    "without",
    "without a",
    "without any",
    "rather than",
    "instead of",
    "nor",
    "kein",
    "keine",
    "keinen",
    "nicht",
    "nicht der",
    "nicht die",
    "nicht das",
    "nicht an der",
    "ohne",
    "nie",
    "pas de",
    "pas un",
    "pas une",
    "pas le",
    "pas la",
    "plus de",
    "sans",
    "sin",
    "ningun",
    "ninguna",
    "no es",
    "no es el",
    "ya no hay",
];

/// Words by which somebody says that a thing is not met: behind them comes a verb of meeting.
const NEGATIONS: [&str; 11] =
    ["not", "don't", "doesn't", "didn't", "never", "longer", "cannot", "can't", "nicht", "ya no", "n'ai plus"];
const MEETING: [&str; 19] = [
    "get", "gets", "got", "getting", "see", "sees", "saw", "seen", "seeing", "have", "had", "receive", "show", "shows",
    "sale", "aparece", "tengo", "de", "say",
];

/// What a word is denied by directly behind it.
const BEHIND: [&str; 34] = [
    "is gone",
    "are gone",
    "was gone",
    "has gone",
    "gone",
    "went away",
    "is fixed",
    "was fixed",
    "are fixed",
    "is solved",
    "was solved",
    "is resolved",
    "was resolved",
    "has disappeared",
    "disappeared",
    "vanished",
    "no longer",
    "never",
    "does not appear",
    "doesn't appear",
    "does not occur",
    "doesn't occur",
    "does not happen",
    "doesn't happen",
    "is not the",
    "isn't the",
    "mehr",
    "ist weg",
    "ist behoben",
    "ist verschwunden",
    "a disparu",
    "ont disparu",
    "ha desaparecido",
    "desaparecio",
];

/// Whether each place where a word stands in a text, which is in lower case, is in words that deny it. A word that is not there is
/// not denied.
pub(super) fn is_denied(text: &str, word: &str) -> bool {
    let mut places = text.match_indices(word).map(|(at, _)| at).peekable();
    !word.is_empty() && places.peek().is_some() && places.all(|at| is_denied_at(text, at, at + word.len()))
}

/// Whether what stands there is denied by the words beside it.
pub(super) fn is_denied_at(text: &str, start: usize, end: usize) -> bool {
    let is_quote = |char: char| char.is_whitespace() || "\"'`“”*_".contains(char);
    let before = text.get(..start).unwrap_or_default().trim_end_matches(is_quote);
    let behind = text.get(end..).unwrap_or_default().trim_start_matches(is_quote);
    let ends_with = |before: &str, words: &str| {
        before.strip_suffix(words).is_some_and(|rest| rest.is_empty() || rest.ends_with([' ', '\n', '(', ',']))
    };
    let is_behind = BEHIND.iter().any(|words| {
        let rest = behind.strip_prefix(words);
        rest.is_some_and(|rest| !rest.starts_with(|char: char| char.is_alphanumeric()))
    });
    let is_met = || {
        let before = [" the", " a", " an", " any", " that", " this", " le", " la", " el"]
            .iter()
            .find_map(|article| before.strip_suffix(article))
            .unwrap_or(before);
        let verb = MEETING.iter().find(|verb| ends_with(before, verb))?;
        let before = before.strip_suffix(verb)?.trim_end();
        NEGATIONS.iter().find(|word| ends_with(before, word))
    };
    is_behind || BEFORE.iter().any(|words| ends_with(before, words)) || is_met().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_is_told_from_what_is_said() {
        for text in [
            "we do not get redirect_mismatch any more",
            "kein redirect_mismatch mehr",
            "the redirect_mismatch is gone",
            "there is no 'redirect_mismatch'",
            "it isn't redirect_mismatch but something else",
            "ya no sale redirect_mismatch",
            "le redirect_mismatch a disparu",
            "plus de redirect_mismatch",
            "i did not get redirect_mismatch before",
            "redirect_mismatch does not appear anymore",
        ] {
            assert!(is_denied(text, "redirect_mismatch"), "{text}");
        }
        for text in [
            "redirect_mismatch",
            "we get redirect_mismatch and do not know why",
            "the login does not work: redirect_mismatch",
            "no idea, it says redirect_mismatch",
            "no redirect_mismatch yesterday, and today redirect_mismatch",
            "we cannot get past redirect_mismatch",
        ] {
            assert!(!is_denied(text, "redirect_mismatch"), "{text}");
        }
        assert!(!is_denied("", "x") && !is_denied("no x", ""));
    }
}
