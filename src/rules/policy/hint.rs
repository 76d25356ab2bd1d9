//! What to change in a policy that does not compile, from the words with which Pomerium refuses it.

use crate::config::{
    KnownCriterion, PLAIN_VALUES, PomeriumVersion, criteria, criterion_of_any_release, list_operators, text_operators,
};
use crate::rules::cure;
use crate::spelling;

/// The operators below an action.
const OPERATORS: [&str; 4] = ["and", "or", "not", "nor"];

/// Pomerium's words without the name of the field before them.
pub(super) fn own_words(words: &str) -> &str {
    words.strip_prefix('\'').and_then(|words| words.split_once("' ")).map_or(words, |(_, own)| own)
}

/// The change that cures it, for this release. A `claim` without the name of a claim gets words of its own.
pub(super) fn cure(words: &str, unnamed_claim: bool, version: PomeriumVersion) -> String {
    let after = |start: &str| words.split_once(start).map(|(_, rest)| rest.trim_matches('"'));
    if unnamed_claim {
        "name the claim after a slash: `- claim/NAME: VALUE`".to_owned()
    } else if let Some(name) = after("unknown policy criterion: ") {
        of_criterion(name, version)
    } else if let Some(rest) = after("unsupported conditional \"") {
        of_conditional(rest.split('"').next().unwrap_or(rest), version)
    } else if let Some(action) = after("unsupported action: ") {
        of_action(action)
    } else if words.contains("unknown string list matcher operator") {
        format!("the operators for claims and groups are {}", cure::list(list_operators(version)))
    } else if words.contains("unknown string matcher operator") {
        format!("the operators for texts are {}", cure::list(text_operators(version)))
    } else if words.contains("expected object for string matcher") {
        format!("write `{{ is: VALUE }}`: a value alone is understood from {PLAIN_VALUES} on")
    } else if words.contains("expected object for string list matcher") {
        format!("write `{{ has: VALUE }}`: a value alone is understood from {PLAIN_VALUES} on")
    } else {
        SHAPES
            .iter()
            .find(|(trait_of, _)| words.contains(trait_of))
            .map_or("correct what these words name, by the reference of the policy language: www.pomerium.com/docs/internals/ppl", |(_, cure)| cure)
            .to_owned()
    }
}

/// Words that speak of the shape of a policy.
const SHAPES: [(&str, &str); 7] = [
    (
        "unsupported type for rule: parser.String",
        "write the policy as YAML and not as a text: take the `|` or the quotes away",
    ),
    ("unsupported type for rules array", "begin each rule of the list with `allow:` or `deny:`"),
    (
        "invalid value for action",
        "below `allow` or `deny` comes an operator with a list: `allow: { or: [ { authenticated_user: true } ] }`",
    ),
    ("unsupported type for criteria: ", "an operator takes a list: begin each criterion with `- `"),
    (
        "unsupported type for criteria array",
        "write each criterion as a name and a value, e.g. `- domain: { is: corp.example.com }`",
    ),
    ("only contain a single key", "begin each criterion with a `- ` of its own"),
    ("matcher requires an array", "`in` and `not_in` take a list: `{ in: [a, b] }`"),
];

fn of_criterion(name: &str, version: PomeriumVersion) -> String {
    if OPERATORS.contains(&name) {
        return format!("operators do not nest: move `{name}` up, directly below `allow` or `deny`");
    }
    match criterion_of_any_release(name) {
        Some(_) if name == "groups" => {
            return "ask for Cognito's groups, which are a claim: `- claim/cognito:groups: GROUP`".to_owned();
        }
        Some(KnownCriterion { since, .. }) if *since > version => {
            return format!("update Pomerium, which has `{name}` from {since} on, or say it with another criterion");
        }
        Some(_) => return format!("take `{name}` out: {version} has it no more"),
        None => {}
    }
    if let Some(known) = nearest(name, version) {
        return format!("write `{known}`");
    }
    let names: Vec<&str> = criteria(version).map(|known| known.name).collect();
    format!("use one of the criteria there are: {}", names.join(", "))
}

fn of_conditional(name: &str, version: PomeriumVersion) -> String {
    let criterion = name.split('/').next().unwrap_or(name);
    if name == "rego" {
        "say it with criteria: Rego is for Pomerium Enterprise alone".to_owned()
    } else if criteria(version).any(|known| known.name == criterion) {
        format!("put it into a list below an operator: `or: [ {{ {name}: … }} ]`")
    } else {
        "use one of the operators `and`, `or`, `not` and `nor`".to_owned()
    }
}

fn of_action(action: &str) -> String {
    if OPERATORS.contains(&action) {
        format!("put `allow:` above `{action}`")
    } else {
        "begin the rule with `allow:` or `deny:`".to_owned()
    }
}

fn nearest(name: &str, version: PomeriumVersion) -> Option<&'static str> {
    let plural =
        [("users", "user"), ("emails", "email"), ("domains", "domain"), ("group", "groups"), ("claims", "claim")];
    let exact = plural.iter().find(|(written, _)| *written == name).map(|(_, known)| *known);
    let exact = exact.filter(|exact| criteria(version).any(|known| known.name == *exact));
    exact.or_else(|| spelling::nearest(name, criteria(version).map(|known| known.name), 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pomerium_s_own_words_are_shown() {
        for words in [
            "'routes[0].policy' invalid rules in policy: unsupported type for rule: parser.String",
            "'policy[12].policy' invalid rules in policy: unsupported type for rule: parser.String",
        ] {
            assert_eq!(own_words(words), "invalid rules in policy: unsupported type for rule: parser.String");
        }
        assert_eq!(own_words("unknown policy criterion: not"), "unknown policy criterion: not");
    }

    #[test]
    fn each_refusal_has_its_cure() {
        for (words, cured) in [
            ("unknown policy criterion: not", "operators do not nest"),
            ("unknown policy criterion: emial", "write `email`"),
            ("unknown policy criterion: users", "write `user`"),
            ("unknown policy criterion: nonsense", "one of the criteria"),
            (
                "invalid rules in policy: unsupported conditional \"rego\", only and, or, not, nor and action are allowed",
                "Rego",
            ),
            ("invalid rules in policy: unsupported conditional \"claim/x\", only and", "`or: [ { claim/x: … } ]`"),
            ("invalid rules in policy: unsupported conditional \"any\", only and", "one of the operators"),
            ("invalid rules in policy: invalid action in rule: unsupported action: \"and\"", "`allow:` above `and`"),
            ("invalid rules in policy: invalid action in rule: unsupported action: \"permit\"", "begin the rule with"),
            (
                "error generating criterion rules: unknown string list matcher operator: after",
                "`has`, `is` and `exclude`",
            ),
            ("error generating criterion rules: unknown string matcher operator: has", "`starts_with`"),
            ("ssh: no key found", "docs/internals/ppl"),
        ] {
            let cure = cure(words, false, PomeriumVersion::NEWEST);
            assert!(cure.contains(cured), "{words}: {cure}");
        }
        for (words, version, cured) in [
            (
                "unknown policy criterion: source_ip",
                (0, 29, 0),
                "update Pomerium, which has `source_ip` from v0.31.0 on, or say it with another criterion",
            ),
            (
                "unknown policy criterion: groups",
                (0, 24, 0),
                "ask for Cognito's groups, which are a claim: `- claim/cognito:groups: GROUP`",
            ),
            ("unknown policy criterion: group", (0, 24, 0), "one of the criteria"),
            (
                "unknown policy criterion: pomerium_routes",
                (0, 33, 1),
                "take `pomerium_routes` out: v0.33.1 has it no more",
            ),
            (
                "error generating criterion rules: unknown string matcher operator: not",
                (0, 24, 0),
                "are `is`, `contains`, ",
            ),
            (
                "error generating criterion rules: expected object for string matcher, got: parser.String",
                (0, 24, 0),
                "write `{ is: VALUE }`: a value alone is understood from v0.28.0 on",
            ),
            (
                "error generating criterion rules: expected object for string list matcher, got: parser.String",
                (0, 27, 2),
                "write `{ has: VALUE }`: a value alone is understood from v0.28.0 on",
            ),
        ] {
            let (major, minor, patch) = version;
            let cure = cure(words, false, PomeriumVersion(major, minor, patch));
            assert!(cure.contains(cured), "{words}: {cure}");
        }
        assert!(
            cure(
                "error generating criterion rules: unknown string list matcher operator: groups",
                true,
                PomeriumVersion::NEWEST
            )
            .contains("after a slash")
        );
    }
}
