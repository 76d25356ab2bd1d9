//! Users and domains that nobody can have, whoever logs in.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::is_wildcard;
use crate::config::{
    CognitoUsers, Config, Criterion, PLAIN_VALUES, Settings, Span, ValueKind, classify, text_operators,
};
use crate::rules::criterion::Placed;
use crate::rules::outcome::Answer;
use crate::rules::place::replace;
use crate::rules::{Finding, criterion};

/// What a text is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// The domain of the user's address: `split(email, "@")[1]` (`pkg/policy/criteria/domains.go`).
    Domain,
    /// The user's address.
    Email,
    /// The user's id, which is Cognito's `sub` (`pkg/policy/criteria/users.go`).
    Id,
    /// Address or id: a value of `allowed_users`.
    EmailOrId,
}

/// Why a text never matches, and what to write instead.
struct Objection {
    why: String,
    instead: Instead,
}

enum Instead {
    /// Another value in its place.
    Value(String),
    /// Another criterion: its name, its operator, and the text.
    Criterion(&'static str, &'static str, String),
    /// A domain, in a field of its own.
    Domain,
    /// Something to be found out.
    Words(&'static str),
}

/// `user-or-domain-never-matches`
pub(in crate::rules) fn user_or_domain_never_matches(
    _: &CognitoUsers,
    settings: &Settings,
    config: &Config,
) -> Vec<Finding> {
    // One value of `allowed_users` makes two criteria at one place.
    let (users, emails) = (values(settings, "user"), values(settings, "email"));
    let mut findings = Vec::new();
    for placed in criterion::all(settings) {
        let criterion = placed.criterion;
        let is_among = |twins: &HashSet<_>| value(criterion).is_some_and(|value| twins.contains(&value));
        let whose = match criterion.name.as_str() {
            "domain" => Whose::Domain,
            "user" if is_among(&emails) => continue,
            "user" => Whose::Id,
            "email" if is_among(&users) => Whose::EmailOrId,
            "email" => Whose::Email,
            _ => continue,
        };
        if let Some((operator, value)) = placed.no_text() {
            findings.extend(of_no_text(config, placed, operator, value));
            continue;
        }
        for (is_whole, text) in wanted(&criterion.data) {
            if text.is_empty() && is_whole {
                let says = format!("an empty text is compared, and nobody's is empty, {}", placed.never());
                let finding = Finding::at(criterion.at, says).comes_of(placed, Answer::Never);
                findings.push(finding.fix("write what is meant, or take it out"));
            }
            // `wildcard-user-never-matches` speaks of stars.
            if text.is_empty() || classify(text) != ValueKind::Literal || is_wildcard(&criterion.name, text) {
                continue;
            }
            let Some(Objection { why, instead }) = objection(whose, text, is_whole) else { continue };
            let at = criterion.at;
            let finding = Finding::at(at, format!("{why}, {}", placed.never())).comes_of(placed, Answer::Never);
            findings.push(match instead {
                Instead::Value(value) => {
                    finding.fix(format!("write `{value}`")).edit(replace(config, at, text, &value))
                }
                Instead::Criterion(name, operator, value) => {
                    let is_it = |other: &str| (other == text).then(|| value.clone());
                    finding.fix(meant(placed)).fix_lines(placed.as_criterion(config, name, operator, is_it))
                }
                Instead::Domain => {
                    finding.fix("say what is meant:").fix_lines(placed.with_domains(config, bare_domain, as_meant))
                }
                Instead::Words(words) => finding.fix(words),
            });
        }
    }
    findings
}

/// What is compared with something else than a text. Pomerium refuses to start with some of it: then that is the finding.
fn of_no_text(config: &Config, placed: Placed<'_>, operator: &str, value: &Json) -> Option<Finding> {
    let criterion = placed.criterion;
    let Criterion { name, at, .. } = criterion;
    let known = if operator.is_empty() { "is" } else { operator };
    if operator.is_empty() && config.version < PLAIN_VALUES || !text_operators(config.version).any(|word| word == known)
    {
        return None;
    }
    let answer = placed.compared(operator);
    let then = placed.then(answer);
    let Json::Array(values) = value else {
        let says = format!("`{name}` is compared with `{value}`, which is no text, {then}");
        let finding = Finding::at(*at, says).comes_of(placed, answer);
        return Some(finding.fix("write what is meant as a text, or take it out"));
    };
    let says = format!("`{name}` is one text and is compared with the list as a whole, {then}");
    let finding = Finding::at(*at, says).comes_of(placed, answer);
    let of_lists = match known {
        "is" => Some("in"),
        "not" => Some("not_in"),
        _ => None,
    };
    let of_lists = of_lists.filter(|known| text_operators(config.version).any(|word| word == *known));
    Some(if let Some(of_lists) = of_lists {
        let mut operators = criterion.data.as_object().cloned().unwrap_or_default();
        operators.remove(operator);
        operators.insert(of_lists.to_owned(), value.clone());
        let listed = criterion::line(config, *at, name, &Json::Object(operators));
        let whether = if known == "is" { "one" } else { "none" };
        finding.fix(format!("say that it is {whether} of the list:")).fix(listed)
    } else {
        finding.fix(placed.for_each(operator)).fix_lines(placed.one_by_one(config, operator, values))
    })
}

/// The place and the text of each criterion of this name that is to be equal to one.
fn values<'s>(settings: &'s Settings, name: &str) -> HashSet<(Span, &'s str)> {
    criterion::all(settings)
        .filter(|placed| placed.criterion.name == name)
        .filter_map(|placed| value(placed.criterion))
        .collect()
}

fn value(criterion: &Criterion) -> Option<(Span, &str)> {
    criterion.data.get("is").and_then(Json::as_str).map(|text| (criterion.at, text))
}

/// The texts that a criterion wants to find, each with whether it is to be the whole.
pub(super) fn wanted(data: &Json) -> Vec<(bool, &str)> {
    match data {
        Json::Object(operators) => operators
            .iter()
            .filter(|(operator, _)| !operator.starts_with("not"))
            .flat_map(|(operator, value)| {
                texts(operator, value).map(|text| (matches!(operator.as_str(), "is" | "in"), text))
            })
            .collect(),
        other => texts("is", other).map(|text| (true, text)).collect(),
    }
}

/// The texts that a criterion wants not to find, each with its operator.
pub(super) fn unwanted(data: &Json) -> Vec<(&str, &str)> {
    let operators = data.as_object().into_iter().flatten().filter(|(operator, _)| operator.starts_with("not"));
    operators.flat_map(|(operator, value)| texts(operator, value).map(move |text| (operator.as_str(), text))).collect()
}

/// One text, or those of the list that these two alone take.
fn texts<'d>(operator: &str, data: &'d Json) -> impl Iterator<Item = &'d str> {
    let list = data.as_array().filter(|_| ["in", "not_in"].contains(&operator));
    list.map_or(std::slice::from_ref(data), Vec::as_slice).iter().filter_map(Json::as_str)
}

fn objection(whose: Whose, text: &str, is_whole: bool) -> Option<Objection> {
    let of = |why: String, instead: Instead| Some(Objection { why, instead });
    let trimmed = text.trim();
    if trimmed != text && !trimmed.is_empty() {
        let why = format!("`{text}` is compared with the white space around it, and nobody has that");
        return of(why, Instead::Value(trimmed.to_owned()));
    }
    if text.contains(|character: char| character.is_whitespace() || character == ',') {
        let why = format!("`{text}` is compared as one text, and nobody has white space or a comma there");
        return of(why, Instead::Words("write each by itself, as an element of a list or a criterion of its own"));
    }
    match whose {
        Whose::Domain => of_domain(text),
        Whose::Email if is_whole && !is_address(text) => {
            let why = format!("`email` is compared with the whole address, and `{text}` is none");
            of(why, domain_instead(text, true).unwrap_or(Instead::Words("write the whole address")))
        }
        Whose::Id if text.contains('@') => {
            let why = format!("`user` is compared with the user's id, Cognito's `sub`, and `{text}` is an address");
            let operator = if is_whole { "is" } else { "ends_with" };
            of(why, Instead::Criterion("email", operator, text.to_owned()))
        }
        Whose::Id if is_whole && !is_uuid(text) || !text.bytes().all(is_of_uuid) => {
            let why =
                format!("`user` is compared with the user's id, Cognito's `sub`, which is a UUID and not `{text}`");
            of(why, Instead::Words("write the `sub` that the console shows for the user, or ask for `email`"))
        }
        Whose::EmailOrId if !is_address(text) && !is_uuid(text) => {
            let why = format!("`{text}` is neither an address nor the id of a user, Cognito's `sub`, which is a UUID");
            of(why, domain_instead(text, false).unwrap_or(Instead::Words("write the user's e-mail address")))
        }
        _ => None,
    }
}

fn of_domain(text: &str) -> Option<Objection> {
    let (why, domain) = if let Some((_, domain)) = text.rsplit_once('@') {
        ("is compared with what follows the `@` of an address, where no second one is", domain)
    } else if text.contains('/') {
        let bare = text.split_once("://").map_or(text, |(_, rest)| rest);
        ("is a URL, and an address has neither scheme nor path after its `@`", bare.split('/').next().unwrap_or(bare))
    } else {
        return None;
    };
    let instead =
        if domain.is_empty() { Instead::Words("write the domain") } else { Instead::Value(domain.to_owned()) };
    Some(Objection { why: format!("`{text}` {why}"), instead })
}

/// A domain without what makes it none.
pub(super) fn as_meant(text: &str) -> String {
    let bare = text.trim();
    match of_domain(bare) {
        Some(Objection { instead: Instead::Value(domain), .. }) => domain,
        _ => bare.to_owned(),
    }
}

/// The domain that stands where an address belongs, if it is one.
fn domain_instead(text: &str, is_ppl: bool) -> Option<Instead> {
    let domain = bare_domain(text)?;
    Some(if is_ppl { Instead::Criterion("domain", "is", domain) } else { Instead::Domain })
}

/// The domain that a text is, where it is none of an address.
fn bare_domain(text: &str) -> Option<String> {
    let domain = text.strip_prefix('@').unwrap_or(text);
    let is_domain =
        domain.contains('.') && domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    is_domain.then(|| domain.to_owned())
}

/// What stands above criteria in the place of one.
fn meant(placed: Placed<'_>) -> String {
    format!("say what is meant{}:", placed.split_of_list())
}

/// Something, an `@`, and something.
fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty())
}

/// `sub` is a UUID (AWS: the ID token's payload).
fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(is_of_uuid)
}

fn is_of_uuid(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(whose: Whose, text: &str, is_whole: bool) -> bool {
        objection(whose, text, is_whole).is_some()
    }

    #[test]
    fn what_somebody_can_have_is_left_alone() {
        for (whose, text, is_whole) in [
            (Whose::Domain, "corp.example.com", true),
            (Whose::Domain, ".example.com", false),
            (Whose::Domain, "localhost", true),
            (Whose::Email, "ann@corp.example.com", true),
            (Whose::Email, "@corp.example.com", false),
            (Whose::Email, "ann", false),
            (Whose::EmailOrId, "ann+test@corp.example.com", true),
            (Whose::EmailOrId, "0e1a7f1c-3a1d-4c55-9d0c-6a3a5e5b8f11", true),
            (Whose::Id, "0E1A7F1C-3a1d-4c55-9d0c-6a3a5e5b8f11", true),
            (Whose::Id, "0e1a7f1c-", false),
        ] {
            assert!(!objects(whose, text, is_whole), "{text}");
        }
    }

    #[test]
    fn what_nobody_can_have_is_not() {
        for (whose, text, is_whole) in [
            (Whose::Domain, "@corp.example.com", true),
            (Whose::Domain, "@corp.example.com", false),
            (Whose::Domain, "https://corp.example.com", true),
            (Whose::Domain, "corp.example.com ", true),
            (Whose::Domain, "a.example.com,b.example.com", true),
            (Whose::Email, "corp.example.com", true),
            (Whose::Email, "@corp.example.com", true),
            (Whose::EmailOrId, "corp.example.com", true),
            (Whose::EmailOrId, "@corp.example.com", true),
            (Whose::EmailOrId, "ann", true),
            (Whose::Id, "ann@corp.example.com", true),
            (Whose::Id, "@corp.example.com", false),
            (Whose::Id, "ann", true),
        ] {
            assert!(objects(whose, text, is_whole), "{text}");
        }
    }
}
