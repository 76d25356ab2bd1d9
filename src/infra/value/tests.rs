use proptest::prelude::*;

use super::*;

/// `*` is a hole.
fn pattern(text: &str) -> Pattern {
    let mut pattern = Pattern::default();
    for (number, part) in text.split('*').enumerate() {
        if number > 0 {
            pattern.push(&Pattern::hole(Hole::default()));
        }
        pattern.push(&Pattern::text(part));
    }
    pattern
}

#[test]
fn a_pattern_refutes_and_never_confirms() {
    let is = |written: &str, text: &str| pattern(written).equals(text);
    assert_eq!(is("https://*/callback", "https://a.example/oauth2/callback"), Answer::Maybe);
    assert_eq!(is("https://*/oauth2/idpresponse", "https://a.example/oauth2/callback"), Answer::No);
    assert_eq!(is("*", ""), Answer::Maybe);
    assert_eq!(is("a*", "a"), Answer::Maybe);
    assert_eq!(is("a*a", "a"), Answer::No);
    assert_eq!(is("*b*b*", "ab"), Answer::No);
    assert_eq!(is("abc", "abc"), Answer::Yes);
    assert_eq!(is("abc", "abcd"), Answer::No);
    assert_eq!(is("", ""), Answer::Yes);
}

#[test]
fn arms_decide_only_together() {
    let known = |text: &str| Value::Known(text.to_owned());
    let arms = |arms: &[&str]| Value::OneOf(arms.iter().map(|arm| known(arm)).collect());
    assert_eq!(arms(&["a", "a"]).equals("a"), Answer::Yes);
    assert_eq!(arms(&["a", "b"]).equals("a"), Answer::Maybe);
    assert_eq!(arms(&["a", "b"]).equals("c"), Answer::No);
    assert_eq!(Value::OneOf(vec![Value::Known(true), Value::Unset]).is_on(Answer::No), Answer::Maybe);
    assert_eq!(known("a").same(&pattern("b*").into_value()), Answer::No);
    // Two unknowns are not the same for having one name; what says what it is of is.
    assert_eq!(pattern("b*").into_value().same(&pattern("b*").into_value()), Answer::Maybe);
    let given = |name: &str| Pattern::hole(Hole::named(name)).into_value();
    assert_eq!(given("Host").same(&given("Host")), Answer::Yes);
    assert_eq!(given("Host").same(&given("Other")), Answer::Maybe);
    assert_eq!(pattern("b*").into_value().same(&pattern("c*").into_value()), Answer::Maybe);
}

proptest! {
    /// Whatever fills the holes, the answer was not a lie.
    #[test]
    fn a_filled_hole_never_contradicts(parts in proptest::collection::vec("[ab/]{0,3}", 1..5), fill in "[ab/]{0,3}", other in "[ab/]{0,8}") {
        let pattern = pattern(&parts.join("*"));
        let filled = parts.join(&fill);
        prop_assert_ne!(pattern.equals(&filled), Answer::No);
        if pattern.equals(&other) == Answer::Yes {
            prop_assert_eq!(&filled, &other);
        }
    }

    /// Three answers obey the laws of two where all are known, and are open only where filling one in could change them.
    #[test]
    fn all_and_any_are_opposites(answers in proptest::collection::vec(0..3_u8, 0..5)) {
        let answers: Vec<Answer> = answers.into_iter().map(|n| [Answer::Yes, Answer::No, Answer::Maybe][usize::from(n)]).collect();
        let filled = |with: bool| answers.iter().map(|answer| if *answer == Answer::Maybe { with.into() } else { *answer }).collect::<Vec<Answer>>();
        let expected = |of: fn(Vec<Answer>) -> Answer| Answer::whichever([of(filled(true)), of(filled(false))]);
        prop_assert_eq!(Answer::any(answers.clone()), expected(Answer::any));
        prop_assert_eq!(Answer::all(answers.clone()), expected(Answer::all));
    }
}
