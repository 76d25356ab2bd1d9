//! Which name was probably meant: the nearest of those that are known.

/// How many slips of the pen lie between two names; two letters that changed places are one.
pub fn distance(one: &str, other: &str) -> usize {
    strsim::osa_distance(one, other)
}

/// So many slips are forgiven in a name: a fifth of its letters, and one in a short one. Beyond that a suggestion is noise.
pub fn slips(name: &str) -> usize {
    (name.len() / 5).clamp(1, 4)
}

/// The nearest of these names, if it is at most so many slips away; of equally near ones the first of the alphabet.
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>, most: usize) -> Option<&'k str> {
    let near = known.into_iter().filter(|known| known.len().abs_diff(name.len()) <= most);
    let near = near.map(|known| (distance(name, known), known)).filter(|(slips, _)| *slips <= most);
    near.min().map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_if_it_is_near() {
        let names = ["domain", "email", "user", "users"];
        assert_eq!(nearest("domian", names, 1), Some("domain"));
        assert_eq!(nearest("usser", names, 1), Some("user"));
        assert_eq!(nearest("userr", names, 1), Some("user"), "of two as near, the first of the alphabet");
        assert_eq!(nearest("mail", names, 0), None);
        assert_eq!(nearest("groups", names, 2), None);
    }
}
