//! Paths with wildcards, as `.gitignore` has them.

/// A pattern for paths: `*` and `?` match within a name, `**` across folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(Vec<Token>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Exactly(char),
    /// `?`
    One,
    /// `*`
    Some,
    /// `**`
    Any,
    /// `**/`: any folders, or none.
    Folders,
}

impl Glob {
    /// Reads a pattern. Every text is one.
    pub fn new(pattern: &str) -> Self {
        let mut tokens = Vec::new();
        let mut rest = pattern.strip_prefix("./").unwrap_or(pattern);
        while let Some(first) = rest.chars().next() {
            let (token, length) = match first {
                '*' if rest.starts_with("**/") => (Token::Folders, 3),
                '*' if rest.starts_with("**") => (Token::Any, 2),
                '*' => (Token::Some, 1),
                '?' => (Token::One, 1),
                other => (Token::Exactly(other), other.len_utf8()),
            };
            tokens.push(token);
            rest = rest.get(length..).unwrap_or_default();
        }
        Self(tokens)
    }

    /// Whether a path, with `/` between its parts, is meant. Takes time in proportion to both lengths, whatever they hold.
    pub fn matches(&self, path: &str) -> bool {
        let path: Vec<char> = path.chars().collect();
        // Which beginnings of the path the pattern so far matches.
        let mut reached = vec![false; path.len() + 1];
        if let Some(none) = reached.first_mut() {
            *none = true;
        }
        for token in &self.0 {
            reached = token.step(&path, &reached);
        }
        reached.last().copied().unwrap_or(false)
    }
}

impl Token {
    fn step(self, path: &[char], before: &[bool]) -> Vec<bool> {
        let mut after = Vec::with_capacity(before.len());
        // The token has begun somewhere and may go on.
        let mut running = false;
        let mut last = None;
        for (&begins, next) in before.iter().zip(path.iter().copied().map(Some).chain([None])) {
            let (here, goes_on) = match self {
                Self::Exactly(wanted) => (running && last == Some(wanted), false),
                Self::One => (running && last.is_some_and(|last| last != '/'), false),
                Self::Some | Self::Any => (begins || running, begins || running),
                Self::Folders => (begins || running && last == Some('/'), begins || running),
            };
            after.push(here);
            running = match self {
                Self::Exactly(_) | Self::One => begins,
                Self::Some => goes_on && next != Some('/'),
                Self::Any | Self::Folders => goes_on,
            };
            last = next;
        }
        after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_in_gitignore() {
        for (pattern, path, matches) in [
            ("config.yaml", "config.yaml", true),
            ("./config.yaml", "config.yaml", true),
            ("config.yaml", "x/config.yaml", false),
            ("*.yaml", "config.yaml", true),
            ("*.yaml", "x/config.yaml", false),
            ("config.?aml", "config.yaml", true),
            ("config?yaml", "config/yaml", false),
            ("staging/*", "staging/a.yaml", true),
            ("staging/*", "staging/eu/a.yaml", false),
            ("staging/**", "staging/eu/a.yaml", true),
            ("**", "any/thing.yaml", true),
            ("**/a.yaml", "a.yaml", true),
            ("**/a.yaml", "x/y/a.yaml", true),
            ("**/a.yaml", "x/ba.yaml", false),
            ("x/**/a.yaml", "x/a.yaml", true),
            ("x/**/a.yaml", "x/y/z/a.yaml", true),
            ("*ä*", "xäy", true),
            ("", "", true),
            ("", "a", false),
            ("a*b*c", "abbbc", true),
            ("a*b*c", "abb", false),
        ] {
            assert_eq!(Glob::new(pattern).matches(path), matches, "{pattern} {path}");
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_time() {
        assert!(!Glob::new(&"*a".repeat(500)).matches(&"a".repeat(400)));
    }
}
