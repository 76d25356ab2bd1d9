//! What to change in a policy that does not compile, from the words with which Pomerium refuses it.

use crate::spelling;

/// The operators below an action.
const OPERATORS: [&str; 4] = ["and", "or", "not", "nor"];

/// The criteria that people write (`pkg/policy/criteria`).
const CRITERIA: [&str; 18] = [
    "accept",
    "authenticated_user",
    "claim",
    "client_certificate",
    "cors_preflight",
    "device",
    "domain",
    "email",
    "groups",
    "http_method",
    "http_path",
    "invalid_client_certificate",
    "mcp_tool",
    "reject",
    "source_ip",
    "ssh_publickey",
    "ssh_username",
    "user",
];

/// Pomerium's words without the name of the field before them.
pub(super) fn own_words(words: &str) -> &str {
    words.strip_prefix('\'').and_then(|words| words.split_once("' ")).map_or(words, |(_, own)| own)
}

/// The change that cures it. A `claim` without the name of a claim gets words of its own.
pub(super) fn cure(words: &str, unnamed_claim: bool) -> String {
    let after = |start: &str| words.split_once(start).map(|(_, rest)| rest.trim_matches('"'));
    if unnamed_claim {
        "name the claim after a slash: `- claim/NAME: VALUE`".to_owned()
    } else if let Some(name) = after("unknown policy criterion: ") {
        of_criterion(name)
    } else if let Some(rest) = after("unsupported conditional \"") {
        of_conditional(rest.split('"').next().unwrap_or(rest))
    } else if let Some(action) = after("unsupported action: ") {
        of_action(action)
    } else {
        SHAPES
            .iter()
            .find(|(trait_of, _)| words.contains(trait_of))
            .map_or("correct what these words name, by the reference of the policy language: www.pomerium.com/docs/internals/ppl", |(_, cure)| cure)
            .to_owned()
    }
}

/// Words that speak of the shape of a policy.
const SHAPES: [(&str, &str); 9] = [
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
    ("unknown string list matcher operator", "the operators for claims and groups are `has`, `is` and `exclude`"),
    (
        "unknown string matcher operator",
        "the operators for texts are `is`, `not`, `in`, `not_in`, `contains`, `starts_with` and `ends_with`",
    ),
    ("matcher requires an array", "`in` and `not_in` take a list: `{ in: [a, b] }`"),
];

fn of_criterion(name: &str) -> String {
    if OPERATORS.contains(&name) {
        return format!("operators do not nest: move `{name}` up, directly below `allow` or `deny`");
    }
    match nearest(name) {
        Some(known) => format!("write `{known}`"),
        None => format!("use one of the criteria there are: {}", CRITERIA.join(", ")),
    }
}

fn of_conditional(name: &str) -> String {
    let criterion = name.split('/').next().unwrap_or(name);
    if name == "rego" {
        "say it with criteria: Rego is for Pomerium Enterprise alone".to_owned()
    } else if CRITERIA.contains(&criterion) {
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

fn nearest(name: &str) -> Option<&'static str> {
    let plural =
        [("users", "user"), ("emails", "email"), ("domains", "domain"), ("group", "groups"), ("claims", "claim")];
    let exact = plural.iter().find(|(written, _)| *written == name).map(|(_, known)| *known);
    exact.or_else(|| spelling::nearest(name, CRITERIA, 2))
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
            let cure = cure(words, false);
            assert!(cure.contains(cured), "{words}: {cure}");
        }
        assert!(
            cure("error generating criterion rules: unknown string list matcher operator: groups", true)
                .contains("after a slash")
        );
    }
}
