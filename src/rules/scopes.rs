//! Stage scopes: may the app client ask for what Pomerium asks for, and is it what the policies need? See also [`super::parameters`].

const STAGE: Stage = Stage::Scopes;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!("scope-not-allowed", Error, scope_not_allowed),
        rule!("scope-unsupported", Error, scope_unsupported).of_request().after(&["provider-not-cognito"]),
        rule!("scope-openid-missing", Error, scope_openid_missing).of_request().after(&["provider-not-cognito"]),
        rule!("scope-email-missing", Error, scope_email_missing).decided_by(NO_VALUE).after(&["provider-not-cognito"]),
        rule!("scope-profile-missing", Warning, scope_profile_missing)
            .decided_by(NO_VALUE)
            .after(&["provider-not-cognito"]),
        rule!("scopes-badly-written", Warning, scopes_badly_written).after(&["scope-unsupported"]),
        rule!("request-parameter-overrides-protocol", Error, parameters::request_parameter_overrides_protocol)
            .decided_by(&[
                "idp_request_params.client_id",
                "idp_request_params.redirect_uri",
                "idp_request_params.response_mode",
                "idp_request_params.response_type",
                "idp_request_params.scope",
            ])
            .of_request(),
        rule!("identity-provider-not-enabled", Error, parameters::identity_provider_not_enabled),
    ]
}

pub(super) mod list;

use std::collections::{HashMap, HashSet};

use super::cognito_claims::{self, Claim};
use super::cure::Wanted;
use super::parameters::OVERRIDDEN;
use super::place::{CURLY_QUOTES, called, written};
use super::{Finding, Judgement, NO_VALUE, Rule, Severity, Stage, cure, parameters};
use crate::config::cognito::SCOPE;
use crate::config::{ClientId, Config, Criterion, RequestedScopes, ScopesFrom, Setting, Settings, Span};
use crate::evidence::{ClientCode, Evidence, Missing, Need, ScopeStanding};
use crate::infra::Attribute;

/// The scopes that every user pool has. Any other is `<resource server>/<scope>` (AWS: "Scopes, M2M, and resource servers").
const STANDARD: [&str; 5] = ["openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"];

const DEFAULT: &str = "openid, profile, email";

/// The scopes among these that Cognito can know.
pub(super) fn supported(words: &[String]) -> impl Iterator<Item = &str> {
    words.iter().map(String::as_str).filter(|word| objection(word).is_none())
}

/// Why Cognito cannot know a scope, in whichever pool.
pub fn objection(word: &str) -> Option<&'static str> {
    let lower = word.to_ascii_lowercase();
    if STANDARD.contains(&word) {
        None
    } else if word.contains(CURLY_QUOTES) {
        Some("has a curly quote in it: only straight ones are quotes, so that it is part of the scope")
    } else if word.contains(['[', ']', '"', '\'']) {
        Some(
            "is a piece of a list: Pomerium splits the text at commas and takes brackets and quotes for part of the scope",
        )
    } else if word.contains(',') {
        Some("is one scope to Cognito: a comma does not separate scopes on the wire")
    } else if word.contains('/') {
        SCOPE.objection(word)
    } else if lower == "offline_access" {
        Some("is no scope of Cognito, which gives a refresh token without being asked")
    } else if lower == "groups" || lower == "roles" {
        Some("is no scope of Cognito, which puts `cognito:groups` into the ID token without being asked")
    } else if lower == "address" {
        Some("is no scope of Cognito: the address comes with `profile`")
    } else if STANDARD.contains(&lower.as_str()) {
        Some("is written in another letter case than Cognito's")
    } else {
        Some("is none of Cognito's scopes, and a scope of your own has the form `<resource server>/<scope>`")
    }
}

/// The scopes that were meant, however badly they are written.
fn meant(scopes: &RequestedScopes) -> Vec<String> {
    scopes
        .words
        .iter()
        // A scope with a slash is a resource server's, and may have any of these in it.
        .flat_map(|word| word.split(|letter| letter == ',' || !word.contains('/') && matches!(letter, '+' | ';')))
        .map(|word| in_cognitos_letters(word.trim_matches(CURLY_QUOTES).trim_matches(['[', ']', '"', '\''])))
        .filter(|word| !word.is_empty())
        .collect()
}

/// Cognito compares letter by letter: a scope of its own that is written in other letters is meant in Cognito's, and a resource
/// server's is as it is.
fn in_cognitos_letters(word: &str) -> String {
    let own = STANDARD.iter().find(|own| own.eq_ignore_ascii_case(word));
    own.map_or(word, |own| own).to_owned()
}

/// Those among the scopes that were meant which Cognito can know, each once: what every cure keeps.
pub(super) fn kept(scopes: &RequestedScopes) -> Vec<String> {
    let mut known: HashSet<String> = HashSet::new();
    meant(scopes).into_iter().filter(|word| objection(word).is_none() && known.insert(word.clone())).collect()
}

fn elements(scopes: &RequestedScopes) -> &[Setting<String>] {
    match &scopes.from {
        ScopesFrom::Option(written) => &written.value,
        ScopesFrom::Default | ScopesFrom::Parameter => &[],
    }
}

/// Where the scopes stand: each in the element that holds it, or in the place of the whole.
struct Places<'s> {
    elements: HashMap<&'s str, Span>,
    whole: Span,
}

impl<'s> Places<'s> {
    fn of(scopes: &'s RequestedScopes) -> Self {
        let parts =
            |element: &'s Setting<String>| element.value.split_ascii_whitespace().map(|part| (part, element.span));
        let mut places = HashMap::new();
        for (part, span) in elements(scopes).iter().flat_map(parts) {
            places.entry(part).or_insert(span);
        }
        Self { elements: places, whole: scopes.at }
    }

    fn at(&self, word: &str) -> Span {
        self.elements.get(word).copied().unwrap_or(self.whole)
    }
}

/// `scope-not-allowed`
pub(super) fn scope_not_allowed(
    scopes: &RequestedScopes,
    id: &ClientId,
    settings: &Settings,
    config: &Config,
    standing: &ScopeStanding,
    code: &Evidence<ClientCode>,
) -> Judgement {
    let ScopeStanding::Refused { culprits } = standing else { return Judgement::pass() };
    let impossible = scopes.words.iter().any(|word| objection(word).is_some());
    let culprits: Vec<&str> = supported(culprits).collect();
    if culprits.is_empty() && impossible {
        // `scope-unsupported` has said so already, and nothing else is known to be refused.
        return Judgement::NotApplicable("the refused scopes do not exist in Cognito");
    }
    let client = &id.0.value;
    let places = Places::of(scopes);
    let kept = kept(scopes);
    let remaining: Vec<&str> = kept.iter().map(String::as_str).filter(|word| !culprits.contains(word)).collect();
    // One cure for all: the same text, so that a report can print it once.
    let fix = |finding: Finding| {
        let names = if culprits.is_empty() { "these scopes".to_owned() } else { cure::list(culprits.iter().copied()) };
        let allowed: Vec<&str> = kept.iter().map(String::as_str).collect();
        let finding = finding
            .fix(format!("allow {names} on the app client:"))
            .fix_lines(cure::client_setting(code, Attribute::Scopes, &Wanted::Members(&allowed)))
            .fix_lines(cure::by_hand(code, settings, client, "Login pages → Edit → OpenID Connect scopes"));
        if culprits.is_empty() || culprits.contains(&"openid") {
            finding
        } else {
            finding.fix(format!(
                "or do without, if no policy needs it: {}",
                list::line(config, scopes, remaining.iter().copied())
            ))
        }
    };
    if culprits.is_empty() {
        if let Some(element) = elements(scopes).iter().find(|element| leaves_spaces(&element.value)) {
            let cause = if has_break(&element.value) {
                "the line break or tab in this"
            } else {
                "the two spaces that this makes"
            };
            let says =
                format!("Cognito answers `invalid_scope`, though to none of the scopes alone: it may be {cause}");
            return Finding::at(element.span, says)
                .fix("write the scopes without white space:")
                .ask_for(config, scopes, kept.iter().map(String::as_str))
                .into();
        }
        let asked = scopes.words.join(" ");
        let says = format!("app client `{client}` may not ask for all of `{asked}`: Cognito answers `invalid_scope`");
        return fix(Finding::at(scopes.at, says)).into();
    }
    let by_default =
        if matches!(scopes.from, ScopesFrom::Default) { ", which Pomerium asks for by default" } else { "" };
    culprits
        .iter()
        .map(|&culprit| {
            let says = format!("app client `{client}` may not ask for `{culprit}`{by_default}");
            fix(Finding::at(places.at(culprit), says))
        })
        .collect::<Vec<_>>()
        .into()
}

/// `scope-unsupported`
pub(super) fn scope_unsupported(scopes: &RequestedScopes, config: &Config) -> Vec<Finding> {
    let mut kept = kept(scopes);
    if kept.is_empty() {
        kept = DEFAULT.split(", ").map(str::to_owned).collect();
    }
    let places = Places::of(scopes);
    let mut impossible: Vec<(Span, &str, &str)> = scopes
        .words
        .iter()
        .filter_map(|word| objection(word).map(|why| (places.at(word), word.as_str(), why)))
        .collect();
    // The pieces of one text are one fault.
    impossible.dedup_by(|later, earlier| (later.0, later.2) == (earlier.0, earlier.2));
    impossible
        .into_iter()
        .map(|(at, word, why)| {
            let says = match &scopes.from {
                ScopesFrom::Default => {
                    let name = called(config, at, "idp_scopes");
                    format!("without `{name}`, this provider asks for `{word}` too: it {why}")
                }
                ScopesFrom::Option(written) if written.value.is_empty() => {
                    format!("an empty list makes Pomerium ask for its general default, with `{word}`: it {why}")
                }
                ScopesFrom::Option(_) | ScopesFrom::Parameter => format!("`{word}` {why}"),
            };
            let finding = Finding::at(at, says);
            let since = config.reading.dialect.cognito_since();
            let finding = if matches!(scopes.from, ScopesFrom::Default) && config.version < since {
                finding
                    .fix(format!("name the scopes (Pomerium {since} and newer have a provider that knows Cognito's):"))
            } else if matches!(scopes.from, ScopesFrom::Default) {
                let cognito = written(config, scopes.at, "idp_provider", "cognito");
                finding
                    .fix(format!("use the provider that knows Cognito's scopes: {cognito}"))
                    .fix("or name the scopes:")
            } else {
                finding.fix("ask for scopes that Cognito has:")
            };
            finding.ask_for(config, scopes, kept.iter().map(String::as_str))
        })
        .collect()
}

/// `scope-openid-missing`
///
/// Of the `scope` of `idp_request_params`, `request-parameter-overrides-protocol` says it.
pub(super) fn scope_openid_missing(scopes: &RequestedScopes, config: &Config) -> Judgement {
    if matches!(scopes.from, ScopesFrom::Parameter) {
        return Judgement::NotApplicable(OVERRIDDEN);
    }
    // Nobody knows what is meant by a value that Pomerium refuses.
    if config.reading.undecodable.contains(&"idp_scopes") {
        return Judgement::Undecided(vec![Missing::Follows(Need::File)]);
    }
    if meant(scopes).iter().any(|word| word == "openid") {
        return Judgement::pass();
    }
    Finding::at(
        scopes.at,
        "`openid` is not among the scopes: Cognito then gives no ID token, and Pomerium refuses the login",
    )
    .fix("ask for it:")
    .ask_for(config, scopes, list::with(scopes, "openid").iter().map(String::as_str))
    .fix("the app client must allow `openid` too: allowed_oauth_scopes of aws_cognito_user_pool_client")
    .into()
}

/// Whether the claims of this scope come. `openid` alone brings every attribute that the client may read; any of `email`, `phone`
/// and `profile` narrows them (AWS: the userInfo endpoint).
pub(super) fn brings(scopes: &RequestedScopes, scope: &str) -> bool {
    let meant = meant(scopes);
    let narrowed = meant.iter().any(|word| ["email", "phone", "profile"].contains(&word.as_str()));
    !narrowed || meant.iter().any(|word| word == scope)
}

/// `scope-email-missing`
pub(super) fn scope_email_missing(scopes: &RequestedScopes, settings: &Settings, config: &Config) -> Judgement {
    if brings(scopes, "email") {
        return Judgement::pass();
    }
    let needing = criteria(settings, config).find(|(criteria, criterion)| decides_by_email(criteria, criterion));
    let finding = match needing {
        Some((_, criterion)) => Finding::at(
            scopes.at,
            "`email` is not among the scopes, so no user has an address and every policy that asks for one refuses them",
        )
        .also(criterion.at, "this policy decides by e-mail address")
        .severity(Severity::Error),
        None => Finding::at(scopes.at, "`email` is not among the scopes, so Pomerium learns no user's address")
            .severity(Severity::Warning),
    };
    finding
        .fix("ask for it:")
        .ask_for(config, scopes, list::with(scopes, "email").iter().map(String::as_str))
        .fix("the app client must allow `email` too: allowed_oauth_scopes of aws_cognito_user_pool_client")
        .into()
}

/// The settings of this service, and of those that leave the logins to it: their policies judge the users whom it lets in.
fn services<'a>(settings: &'a Settings, config: &'a Config) -> impl Iterator<Item = &'a Settings> {
    let peers = config.peers.iter().map(|peer| &peer.settings);
    std::iter::once(settings).chain(peers.filter(|peer| settings.runs("authenticate") && peer.idp_provider.is_none()))
}

/// Each criterion, with all those of its policy.
fn criteria<'a>(settings: &'a Settings, config: &'a Config) -> impl Iterator<Item = (&'a [Criterion], &'a Criterion)> {
    services(settings, config)
        .flat_map(|service| &service.routes)
        .flat_map(|route| &*route.policies)
        .flat_map(|policy| policy.criteria.iter().map(|criterion| (policy.criteria.as_slice(), criterion)))
}

/// `allowed_users` compiles to both `user` and `email`: a user id there needs no address.
fn decides_by_email(criteria: &[Criterion], criterion: &Criterion) -> bool {
    match criterion.name.as_str() {
        "domain" => true,
        "email" => {
            let of_allowed_users = criteria.iter().any(|other| other.name == "user" && other.at == criterion.at);
            !of_allowed_users || criterion.data.to_string().contains('@')
        }
        "claim" => matches!(criterion.sub_path.as_str(), "email" | "email_verified"),
        _ => false,
    }
}

/// `scope-profile-missing`
pub(super) fn scope_profile_missing(scopes: &RequestedScopes, settings: &Settings, config: &Config) -> Judgement {
    if brings(scopes, "profile") {
        return Judgement::pass();
    }
    let by_policy = criteria(settings, config)
        .find(|(_, criterion)| criterion.name == "claim" && comes_with_profile(&criterion.sub_path))
        .map(|(_, criterion)| (criterion.at, criterion.sub_path_written.clone(), "this policy decides by it"));
    let by_header = services(settings, config)
        .flat_map(|service| &service.jwt_claims_headers)
        .find(|(_, claim)| comes_with_profile(&claim.value))
        .map(|(_, claim)| (claim.span, claim.value.clone(), "this header is made of it"));
    let finding = match by_policy.or(by_header) {
        Some((at, claim, why)) => {
            Finding::at(scopes.at, format!("`profile` is not among the scopes, so the claim `{claim}` never comes"))
                .also(at, why)
                .severity(Severity::Error)
        }
        None => {
            Finding::at(scopes.at, "`profile` is not among the scopes: users have no name, picture or custom attribute")
                .severity(Severity::Warning)
        }
    };
    finding
        .fix("ask for it:")
        .ask_for(config, scopes, list::with(scopes, "profile").iter().map(String::as_str))
        .fix("the app client must allow `profile` too: allowed_oauth_scopes of aws_cognito_user_pool_client")
        .into()
}

fn comes_with_profile(claim: &str) -> bool {
    cognito_claims::look_up(claim) == Claim::With("profile")
}

/// Whether there is white space in an element that separates no scopes: only a space does (RFC 6749, 3.3).
fn has_break(element: &str) -> bool {
    element.contains(|character: char| character.is_whitespace() && character != ' ')
}

/// Whether an element makes more of the one space between two scopes.
fn leaves_spaces(element: &str) -> bool {
    element.is_empty() || element.trim() != element || has_break(element)
}

/// `scopes-badly-written`
pub(super) fn scopes_badly_written(scopes: &RequestedScopes, config: &Config) -> Option<Finding> {
    let elements = elements(scopes);
    let any = |is: fn(&str) -> bool| elements.iter().find(|element| is(&element.value));
    let spaces_around = |text: &str| text.trim() != text;
    let (element, says) = if let Some(element) = any(|text| text.contains(['[', ']', '"', '\''])) {
        (element, "brackets and quotes become part of the scopes: Pomerium only splits this text at commas")
    } else if let Some(element) = any(has_break) {
        (
            element,
            "a line break or a tab is sent as it is, and only a space separates scopes: Cognito may take this for one scope that it does not know",
        )
    } else if let Some(element) = any(spaces_around) {
        (
            element,
            if elements.len() > 1 {
                "the space beside the comma stays in the scope: Cognito gets two spaces where one belongs"
            } else {
                "the space around the scopes is sent along with them: Cognito gets a space too many"
            },
        )
    } else if let Some(element) = any(|text| text.contains(char::is_whitespace)) {
        (element, "to Pomerium this is one scope with spaces in it: it works because the spaces are sent as they are")
    } else if let Some(element) = any(str::is_empty).filter(|_| elements.len() > 1) {
        (element, "there is an empty scope here: Cognito gets two spaces where one belongs")
    } else {
        return None;
    };
    let words = meant(scopes);
    let (says, cure) = if list::is_printed(config, scopes) {
        (
            "the chart prints this list with spaces: to Pomerium it is one scope, which works because the spaces are sent as they are",
            "write them as one text, with commas and nothing else between them:",
        )
    } else {
        (says, "write them as a list, or with commas and nothing else between them:")
    };
    Some(Finding::at(element.span, says).fix(cure).ask_for(config, scopes, words.iter().map(String::as_str)))
}

#[cfg(test)]
mod tests;
