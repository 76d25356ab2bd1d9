//! Stage policy: does Pomerium take the policies, and do they let in whom they are meant for?

mod hint;
mod never;

use std::collections::{BTreeSet, HashSet};

use serde_json::{Value as Json, json};

pub(super) use never::user_or_domain_never_matches;

use super::claims::is_told_of_groups;
use super::config::{has_no_field, left_open};
use super::criterion::{self, Places};
use super::outcome::Answer;
use super::place::{inside_quotes, is_itself, on_route, replace};
use super::{Edit, Finding, Rule, Stage};
use crate::config::{
    Config, Criterion, Dialect, Refusal, RefusalKind, RejectedBy, Rejection, Route, Setting, Settings, Span,
    UnknownKey, policy_start_error,
};
use crate::go;
use crate::offset;

const STAGE: Stage = Stage::Policy;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!("policy-does-not-compile", Error, policy_does_not_compile).decided_by(&[
            "routes.source_ip",
            "routes.fingerprint",
            "routes.spki_hash",
            "routes.ssh_ca",
            "routes.ssh_publickey",
        ]),
        rule!("route-nobody-can-use", Warning, route_nobody_can_use).decided_by(&SWITCHES),
        rule!("wildcard-user-never-matches", Error, wildcard_user_never_matches).decided_by(USERS),
        rule!("user-or-domain-never-matches", Error, user_or_domain_never_matches).decided_by(USERS),
    ]
}

/// What lets everybody in, or everybody who can log in.
const SWITCHES: [&str; 2] = ["routes.allow_any_authenticated_user", "routes.allow_public_unauthenticated_access"];

/// Where a policy names its users.
const USERS: &[&str] =
    &["routes.allowed_users", "routes.allowed_domains", "routes.user", "routes.email", "routes.domain"];

/// `policy-does-not-compile`
pub(super) fn policy_does_not_compile(config: &Config, settings: &Settings) -> Vec<Finding> {
    let malformed = malformed(config).cloned();
    // Judged here and not taken from the start errors: whatever else stops Pomerium, this does too.
    let uncompilable = settings.routes.iter().filter_map(|route| policy_start_error(&route.policies, config.version));
    let unnamed = unnamed_claims(settings);
    let refusals: Vec<Refusal> = malformed.chain(uncompilable).collect();
    let open = left_open(config, &refusals);
    refusals
        .into_iter()
        .filter(|refusal| refusal.at.is_none_or(|at| !open.contains(&at)))
        .map(|refusal| {
            let words = hint::own_words(&refusal.words);
            let at = refusal.at.unwrap_or(settings.anchor);
            // The controller decodes the policy of a resource, and takes no part of a resource with one that it cannot decode
            // (`pomerium/ingress_annotations.go`, `pomerium/gateway/filters.go`).
            let finding = if config.reading.dialect == Dialect::Resource {
                Finding::at(at, format!("the ingress controller goes on without this resource: `{words}`"))
                    .title("The ingress controller does not understand a policy, and leaves its resource out")
            } else {
                Finding::at(at, format!("Pomerium does not start with this policy: `{words}`"))
            };
            finding.fix(hint::cure(words, unnamed.contains(&at), config.version))
        })
        .collect()
}

/// Policies that the decoder refuses, so that nothing is known of them.
fn malformed(config: &Config) -> impl Iterator<Item = &Refusal> {
    config.reading.type_errors.iter().filter(|refusal| refusal.kind == RefusalKind::Policy)
}

/// The places of each criterion `claim` without the name of a claim.
fn unnamed_claims(settings: &Settings) -> HashSet<Span> {
    criterion::all(settings)
        .map(|placed| placed.criterion)
        .filter(|criterion| criterion.name == "claim" && criterion.sub_path.is_empty())
        .map(|criterion| criterion.at)
        .collect()
}

/// `route-nobody-can-use`
pub(super) fn route_nobody_can_use(settings: &Settings, config: &Config) -> Vec<Finding> {
    let reading = &config.reading;
    let texts = reading.texts.iter();
    // Nothing is known of a policy that the decoder refuses, or of a switch that is a reference, and the Rego of a sub-policy is
    // not looked into.
    let closed_to_us: Places = malformed(config)
        .filter_map(|refusal| refusal.at)
        .chain(reading.open.iter().filter(|open| is_switch(&open.path)).map(|open| open.text.span))
        .chain(texts.filter(|(path, _)| path.rsplit('.').next() == Some("rego")).map(|(_, text)| text.span))
        .collect();
    // `removed-key-stops-start` and `authenticate-host-is-a-route` say what is wrong with these.
    let removed: Places = policy_keys(&reading.removed_keys).collect();
    let authenticate = host(settings.authenticate_service_url.as_ref());
    // Nor need it be said again of groups that `groups-criterion-never-matches` speaks of.
    let groups = reading.unknown_keys.iter().filter(|key| is_told_of_groups(config, key));
    let groups: Places = groups.map(|key| key.at).collect();
    let ignored: Places = policy_keys(&reading.unknown_keys).collect();
    let refused: BTreeSet<Span> = refusals_of_users(config).collect();
    // The policy stands where routes do, and `config-refused` says where it belongs.
    let stands_elsewhere = settings.routes.iter().any(|route| route.from.is_none()) && has_no_field(config);
    let is_explained = |route: &Route| {
        stands_elsewhere
            || is_closed_on_purpose(route)
            || !closed_to_us.within(route.at).is_empty()
            || !removed.within(route.at).is_empty()
            || !groups.within(route.at).is_empty()
            || is_refused(config, &refused, route)
            || authenticate.is_some() && authenticate == host(route.from.as_ref())
    };
    settings
        .routes
        .iter()
        .filter(|route| !lets_somebody_in(route) && !is_explained(route))
        .map(|route| nobody(config, route, ignored.within(route.at)))
        .collect()
}

/// Whether a name sounds as if it were to say who may use a route.
fn is_of_users(name: &str) -> bool {
    const WORDS: [&str; 8] = ["allow", "auth", "user", "group", "domain", "polic", "claim", "email"];
    WORDS.iter().any(|word| name.contains(word))
}

/// The places of keys that sound so.
fn policy_keys(keys: &[UnknownKey]) -> impl Iterator<Item = Span> {
    let field = |path| str::rsplit(path, '.').next().unwrap_or_default();
    keys.iter().filter(move |key| is_of_users(field(&key.path))).map(|key| key.at)
}

/// The annotations that the API server or the ingress controller refuses and that sound so, or are meant for such:
/// `crd-field-rejected` says it.
fn refusals_of_users(config: &Config) -> impl Iterator<Item = Span> {
    let leaves_out = |by| matches!(by, RejectedBy::ApiServer | RejectedBy::Controller);
    let refused = config.reading.rejections.iter().filter(move |rejection| leaves_out(rejection.by));
    let name = |at: Span| annotation_before(config, at).unwrap_or_default();
    let is_meant =
        |rejection: &Rejection| rejection.fix.iter().any(|line| line.starts_with("write `") && is_of_users(line));
    let of_users = refused.filter(move |rejection| is_of_users(name(rejection.at)) || is_meant(rejection));
    of_users.map(|rejection| rejection.at)
}

/// The annotation that ends at a place, or whose value stands there.
fn annotation_before(config: &Config, at: Span) -> Option<&str> {
    /// Its name stands so near before its value, in bytes: what is refused may be anywhere in a long text.
    const NEAR: usize = 1024;
    let text = &config.sources.get(at.source)?.text;
    let before = text.get(offset::floor(text, at.start.saturating_sub(NEAR))..at.end)?;
    let (_, name) = before.rsplit_once("ingress.pomerium.io/")?;
    name.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next()
}

/// Whether something refuses one of the route's own resource. If any is of the same document, the nearest before it is.
fn is_refused(config: &Config, refused: &BTreeSet<Span>, route: &Route) -> bool {
    let at = route.from.as_ref().map_or(route.at, |from| from.span);
    let nearest = refused.range(..at).next_back().filter(|nearest| nearest.source == at.source);
    nearest.is_some_and(|nearest| {
        let text = config.sources.get(at.source).and_then(|source| source.text.get(nearest.end..at.start));
        text.is_some_and(|between| !between.contains("\n---"))
    })
}

fn is_switch(path: &str) -> bool {
    SWITCHES.iter().any(|switch| switch.rsplit('.').next() == path.rsplit('.').next())
}

fn lets_somebody_in(route: &Route) -> bool {
    let admits = |name: &str| !matches!(name, "cors_preflight" | "reject");
    let allows = route.policies.iter().filter(|policy| policy.action == "allow");
    allows.flat_map(|policy| &policy.criteria).any(|criterion| admits(&criterion.name))
}

/// It denies whoever comes: nobody writes that by mistake. To deny certain users only, and allow none, is one.
fn is_closed_on_purpose(route: &Route) -> bool {
    const OF_USERS: [&str; 6] = ["authenticated_user", "claim", "domain", "email", "groups", "user"];
    let mut denied =
        route.policies.iter().filter(|policy| policy.action == "deny").flat_map(|policy| &policy.criteria).peekable();
    denied.peek().is_some() && denied.all(|criterion| !OF_USERS.contains(&criterion.name.as_str()))
}

fn host(url: Option<&Setting<String>>) -> Option<String> {
    let url = go::url::parse_and_validate(&url?.value).ok()?;
    Some(url.hostname().to_lowercase())
}

fn nobody(config: &Config, route: &Route, ignored: &[Span]) -> Finding {
    let at = route.from.as_ref().map_or(route.at, |from| from.span);
    let denies = route.policies.iter().any(|policy| policy.action == "deny" && !policy.criteria.is_empty());
    let says = if denies {
        "the policy of this route only denies, and what is not allowed is forbidden: everybody gets 403"
    } else {
        "nothing says who may use this route, so Pomerium answers everybody with 403"
    };
    let finding = ignored.iter().fold(Finding::at(at, says), |finding, key| {
        finding.also(*key, "Pomerium does not know this key and ignores it")
    });
    // It knows no annotations, and no fields of a route.
    if config.reading.http_routes.iter().any(|http| http.covers(at) || http.covers(route.at)) {
        return finding
            .fix("say who may in a PolicyFilter that the rule of the HTTPRoute names, e.g. everybody who can log in:")
            .fix("ppl: 'allow: { and: [{ authenticated_user: true }] }'");
    }
    finding
        .fix("say who may, e.g. everybody who can log in:")
        .fix(on_route(config, "allow_any_authenticated_user", true))
        .fix("or everybody of a domain:")
        .fix(on_route(config, "allowed_domains", vec!["corp.example.com"]))
}

/// `wildcard-user-never-matches`
pub(super) fn wildcard_user_never_matches(settings: &Settings, config: &Config) -> Vec<Finding> {
    let mut seen = HashSet::new();
    let mut findings = Vec::new();
    for placed in criterion::all(settings) {
        let name = placed.criterion.name.as_str();
        if !matches!(name, "user" | "email" | "domain") {
            continue;
        }
        for text in wanted(&placed.criterion.data).into_iter().filter(|text| is_wildcard(name, text)) {
            // One value of `allowed_users` makes two criteria.
            if !seen.insert((placed.criterion.at, text)) {
                continue;
            }
            let whose = if name == "domain" { "no domain has one" } else { "nobody's address or id has one there" };
            let says = format!("to Pomerium the star in `{text}` is a character like any other, and {whose}");
            let finding = if placed.admits() {
                Finding::at(placed.criterion.at, says)
            } else {
                let says = format!("{says}, {}", placed.never());
                Finding::at(placed.criterion.at, says).title("A star in this user or domain matches nobody")
            };
            let finding = finding.comes_of(placed, Answer::Never);
            let cure = instead_of_wildcard(config, placed, text);
            findings.push(finding.fix_lines(cure).edit(domain_instead(config, placed, text)));
        }
        findings.extend(excluded_wildcards(config, placed));
    }
    findings
}

/// What a criterion wants not to find: with a star, that is nobody.
fn excluded_wildcards(config: &Config, placed: criterion::Placed<'_>) -> Vec<Finding> {
    let Criterion { name, at, data, .. } = placed.criterion;
    let unwanted = never::unwanted(data);
    let is_alone = unwanted.len() == 1 && data.as_object().is_some_and(|operators| operators.len() == 1);
    let (answer, then) = if is_alone {
        (Answer::Always, placed.then(Answer::Always))
    } else {
        (Answer::Others, "so it excludes nobody")
    };
    let finding = |(operator, text): (&str, &str)| {
        let says = format!(
            "to Pomerium the star in `{text}` is a character like any other, and everybody is another than that, {then}"
        );
        let finding =
            Finding::at(*at, says).title("A star in this user or domain excludes nobody").comes_of(placed, answer);
        let domain = domain_of(text);
        match domain.filter(|_| is_alone && operator == "not") {
            Some(domain) => finding.fix("if you mean nobody of this domain, write instead:").fix(criterion::line(
                config,
                *at,
                "domain",
                &json!({ "not": domain }),
            )),
            None => {
                finding.fix("refuse them in a rule of its own below `deny`, with `is`, `starts_with` or `ends_with`")
            }
        }
    };
    unwanted.into_iter().filter(|(_, text)| is_wildcard(name, text)).map(finding).collect()
}

/// The domain of `*@domain`.
fn domain_of(text: &str) -> Option<&str> {
    text.strip_prefix("*@").filter(|domain| !domain.contains('*'))
}

/// The edit that makes a domain of `*@domain`: of the value alone, or of everything from the name of the criterion to it.
fn domain_instead(config: &Config, placed: criterion::Placed<'_>, text: &str) -> Option<Edit> {
    let domain = domain_of(text)?;
    // Another operator would compare the domain with what it has of an address.
    if placed.criterion.data.as_object().is_some_and(|operators| operators.len() > 1) {
        return None;
    }
    let (name, at) = (placed.criterion.name.as_str(), placed.criterion.at);
    if !placed.is_ppl(config) {
        return if name == "domain" { replace(config, at, text, domain) } else { None };
    }
    let at = inside_quotes(config, at);
    let behind = config.sources.get(at.source)?.text.get(at.end..)?;
    let is_between = |character: char| character.is_ascii_whitespace() || "\"':{".contains(character);
    let value = behind.trim_start_matches(is_between).strip_prefix("is")?.trim_start_matches(is_between);
    let between = behind.get(..behind.len() - value.len())?;
    let ends =
        value.strip_prefix(text)?.chars().next().is_none_or(|next| !next.is_alphanumeric() && !"-._@*".contains(next));
    let new = replace(config, at, name, "domain").filter(|_| ends && is_itself(domain))?;
    Some(Edit { at: Span { end: at.end + between.len() + text.len(), ..at }, text: new.text + between + domain })
}

/// The texts that a criterion wants to find.
fn wanted(data: &Json) -> Vec<&str> {
    never::wanted(data).into_iter().map(|(_, text)| text).collect()
}

/// A star may stand in the local part of an address, though nobody has seen one; no domain has one.
fn is_wildcard(name: &str, text: &str) -> bool {
    match name {
        "domain" => text.contains('*'),
        _ => text.starts_with('*') || text.contains("*@") || text.contains("@*"),
    }
}

/// The same without a star, as it would be written in a `policy` or in one of the `allowed_…` fields.
fn instead_of_wildcard(config: &Config, placed: criterion::Placed<'_>, text: &str) -> Vec<String> {
    let Criterion { name, at, is_of_policy, .. } = placed.criterion;
    // Of the two criteria of one user, the address is meant.
    let name = if *is_of_policy || name != "user" { name.as_str() } else { "email" };
    let written = |name: &str, data: Json| criterion::line(config, *at, name, &data);
    let headed = |meant: &str, others: &str, lines: Vec<String>| {
        let head = format!("if you mean {meant}, write instead{others}:");
        std::iter::once(head).chain(lines).collect::<Vec<_>>()
    };
    let after = |start: &str| text.strip_prefix(start).filter(|rest| !rest.is_empty() && !rest.contains('*'));
    if after("*@").is_some() {
        let domain = |text: &str| domain_of(text).map(str::to_owned);
        return if *is_of_policy {
            headed(
                "everybody of this domain",
                placed.split_of_list(),
                placed.as_criterion(config, "domain", "is", domain),
            )
        } else if name == "domain" {
            headed("everybody of this domain", "", placed.domains(config, never::as_meant))
        } else {
            let others = if placed.is_among_others() { " of what the route has in these fields" } else { "" };
            headed("everybody of this domain", others, placed.with_domains(config, domain, never::as_meant))
        };
    }
    if text.chars().all(|character| "*@.".contains(character)) {
        return if *is_of_policy {
            headed("everybody who can log in", "", vec![written("authenticated_user", json!(true))])
        } else {
            // Pomerium refuses it beside any of the others (`config/policy.go`, `Validate`).
            let others = if placed.is_among_others() { " of all that the route has in `allowed_…`" } else { "" };
            let any = on_route(config, "allow_any_authenticated_user", true);
            headed("everybody who can log in", others, vec![any])
        };
    }
    if let Some(end) = after("*") {
        let is_it = |other: &str| (other == text).then(|| end.to_owned());
        let others = match is_of_policy {
            true => placed.split_of_list(),
            false if placed.is_among_others() => " of this one value",
            _ => "",
        };
        let lines = placed.as_criterion(config, name, "ends_with", is_it);
        return headed("everything that ends so, in a `policy`", others, lines);
    }
    let start = text.split('*').next().filter(|start| !start.is_empty()).unwrap_or("…");
    vec![
        "say it in a policy with `starts_with`, `ends_with` or `contains`, e.g.".to_owned(),
        written(name, json!({ "starts_with": start })),
    ]
}

#[cfg(test)]
mod tests;
