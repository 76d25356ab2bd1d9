//! Paths as a text names them: of this machine, of a container, of a repository.

/// A path without `.` and `..` as far as they can be resolved; the current folder is `.`.
pub(in crate::config) fn normalised(path: &str) -> String {
    let is_absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_absolute => {}
            _ => parts.push(part),
        }
    }
    match (is_absolute, parts.join("/")) {
        (true, joined) => format!("/{joined}"),
        (false, joined) if joined.is_empty() => ".".to_owned(),
        (false, joined) => joined,
    }
}

/// What a path has behind a folder: nothing, or a slash and more.
pub(in crate::config) fn behind<'p>(folder: &str, path: &'p str) -> Option<&'p str> {
    let rest = path.strip_prefix(folder.trim_end_matches('/'))?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// Of what lies at paths, that in which a path is, with what the path has behind it: the innermost hides the others.
pub(in crate::config) fn innermost<'a, 'p, T>(
    all: &'a [T],
    target: impl Fn(&T) -> &str,
    path: &'p str,
) -> Option<(&'a T, &'p str)> {
    let around = all.iter().filter_map(|one| Some((one, behind(target(one), path)?)));
    around.max_by_key(|(one, _)| target(one).len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_hides_the_others() {
        let all = ["/", "/a/", "/a/b", "/ab"];
        let found = |path| innermost(&all, |one| one, path).map(|(one, rest)| (*one, rest));
        assert_eq!(found("/a/b/c"), Some(("/a/b", "/c")));
        assert_eq!(found("/a/bc"), Some(("/a/", "/bc")));
        assert_eq!(found("/ab"), Some(("/ab", "")));
        assert_eq!(found("c"), None);
    }
}
