//! Stage claims: does Pomerium learn the claims that policies and headers ask for?

use serde_json::{Map, Value as Json, json};

use super::cognito_claims::{self, Claim};
use super::criterion::{self, Placed};
use super::cure::Wanted;
use super::outcome::Answer;
use super::place::{mapping, on_route};
use super::scopes::{self, list};
use super::{Finding, NO_VALUE, Rule, Severity, Stage, cure};
use crate::config::{
    ClientId, CognitoUsers, Config, Criterion, PLAIN_VALUES, RequestedScopes, ScopesOfUsers, Setting, Settings,
    Subject, UnknownKey, criteria, list_operators,
};
use crate::evidence::{ClientCode, EmailMapping, EmailReading, Evidence};
use crate::go;
use crate::infra::{Attribute, Language};

const STAGE: Stage = Stage::Claims;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!("groups-criterion-never-matches", Error, groups_criterion_never_matches).decided_by(NO_VALUE),
        rule!("claim-never-sent", Error, claim_never_sent)
            .decided_by(&["routes.claim/token_use", "routes.allowed_idp_claims.token_use"]),
        rule!("claim-case-lost", Error, claim_case_lost).decided_by(NO_VALUE),
        rule!("claim-needs-scope", Warning, claim_needs_scope).decided_by(NO_VALUE).after(&[
            "provider-not-cognito",
            "scope-email-missing",
            "scope-profile-missing",
        ]),
        rule!("identity-header-claim-missing", Warning, identity_header_claim_missing)
            .decided_by(&["jwt_claims_headers"])
            .after(&["scope-profile-missing"]),
        rule!("email-not-readable", Error, email_not_readable),
        rule!("email-not-mapped", Warning, email_not_mapped),
    ]
}

const TRIGGER: &str =
    "if a pre token generation trigger of the pool adds this claim to the ID token, ignore this finding";

/// The claims that Pomerium's own JWT always has, with values of its own (`authorize/evaluator/headers_evaluator_evaluation.go`).
const OF_POMERIUM: [&str; 8] = ["iss", "aud", "jti", "iat", "exp", "sub", "user", "sid"];

/// `email-not-readable`
///
/// AWS, `UpdateUserPoolClient`: a client that asks for a scope must be able to read every attribute behind it, or the token
/// request fails.
fn email_not_readable(
    id: &ClientId,
    scopes: &RequestedScopes,
    reading: &EmailReading,
    code: &Evidence<ClientCode>,
) -> Option<Finding> {
    let is_asked = |scope: &str| scopes.words.iter().any(|word| word == scope);
    if reading.lacking.is_empty() || !is_asked("email") {
        return (reading.has_no_profile && is_asked("profile")).then(|| without_profile(id, code));
    }
    let lacking = cure::list(reading.lacking.iter().copied());
    let says = format!(
        "app client `{}` may not read {lacking}, and Pomerium asks for the scope `email`: Cognito refuses the tokens",
        id.0.value
    );
    let wanted = Wanted::Members(&reading.lacking);
    Some(
        Finding::at(id.0.span, says)
            .fix(format!("let the app client read {lacking}, or take its list of readable attributes away:"))
            .fix_lines(cure::client_setting(code, Attribute::ReadAttributes, &wanted)),
    )
}

/// What AWS says of a scope is true of `profile`, too; that Cognito refuses the tokens for it was not seen.
fn without_profile(id: &ClientId, code: &Evidence<ClientCode>) -> Finding {
    let says = format!(
        "app client `{}` may read no attribute behind the scope `profile`, which Pomerium asks for: Cognito may refuse the tokens",
        id.0.value
    );
    Finding::at(id.0.span, says)
        .title("The app client may read nothing of the profile that is asked for")
        .severity(Severity::Warning)
        .fix("let the app client read one, `name` say, or take its list of readable attributes away:")
        .fix_lines(cure::client_setting(code, Attribute::ReadAttributes, &Wanted::Members(&["name"])))
}

/// `email-not-mapped`
fn email_not_mapped(
    id: &ClientId,
    settings: &Settings,
    mapping: &EmailMapping,
    code: &Evidence<ClientCode>,
) -> Option<Finding> {
    let needs_email =
        criterion::all(settings).any(|placed| matches!(placed.criterion.name.as_str(), "email" | "domain"));
    if mapping.unmapped.is_empty() || !needs_email {
        return None;
    }
    let names = cure::list(mapping.unmapped.iter().map(String::as_str));
    let says = format!(
        "users of {names} come without an e-mail address, which policies here decide by: no attribute of theirs is mapped to `email`"
    );
    let made = mapping.made.0.first().or(code.as_ref().ok().map(|code| &code.value));
    let (resource, line) = match made.map_or(Language::Terraform, |made| made.language) {
        Language::Terraform => {
            ("Terraform, in aws_cognito_identity_provider", "attribute_mapping = { email = \"email\" }".to_owned())
        }
        Language::CloudFormation => {
            let line = cure::property_in(made, "AttributeMapping", &json!({ "email": "email" }));
            ("CloudFormation, in the AWS::Cognito::UserPoolIdentityProvider", line)
        }
    };
    let places: Vec<String> = mapping.made.0.iter().map(cure::made_in).collect();
    let resource = if places.is_empty() { resource.to_owned() } else { places.join(", and ") };
    Some(
        Finding::at(id.0.span, says)
            .fix("map an attribute of theirs to `email`, beside what is mapped already; OIDC and Google call it `email`:")
            .fix(format!("{resource}:"))
            .fix(cure::copied(&line)),
    )
}

/// `groups-criterion-never-matches`
pub(super) fn groups_criterion_never_matches(_: &CognitoUsers, settings: &Settings, config: &Config) -> Vec<Finding> {
    // Where there is no such criterion, `policy-does-not-compile` says so.
    let is_known = criteria(config.version).any(|known| known.name == "groups");
    let of_directory =
        criterion::all(settings).filter(|placed| is_known && placed.criterion.name == "groups").map(|placed| {
            let says = format!("`groups` means those of a directory, which Pomerium does not keep, {}", placed.never());
            Finding::at(placed.criterion.at, says)
                .comes_of(placed, Answer::Never)
                .fix("ask for Cognito's groups, which are a claim of the ID token:")
                .ask_for_claim(config, placed, "cognito:groups")
        });
    // Below `routes` the key stops Pomerium, and `removed-key-stops-start` says what to write instead.
    let ignored = config.reading.unknown_keys.iter().filter(|key| key.path.ends_with(".allowed_groups")).map(|key| {
        Finding::at(key.at, "Pomerium ignores `allowed_groups`, so these groups get in nowhere")
            .fix("write the groups as values of Cognito's claim:")
            .fix(on_route(config, "allowed_idp_claims", json!({"cognito:groups": ["THE GROUPS"]})))
    });
    of_directory.chain(ignored).collect()
}

/// Whether a key that Pomerium ignores is one of groups that the rule above speaks of.
pub(super) fn is_told_of_groups(config: &Config, key: &UnknownKey) -> bool {
    key.path.ends_with(".allowed_groups") && config.subject() == Subject::Cognito
}

/// `claim-never-sent`
pub(super) fn claim_never_sent(_: &CognitoUsers, settings: &Settings, config: &Config) -> Vec<Finding> {
    claims(settings).filter_map(|placed| never_sent(config, placed)).collect()
}

fn never_sent(config: &Config, placed: Placed<'_>) -> Option<Finding> {
    let criterion = placed.criterion;
    let name = criterion.sub_path.as_str();
    let answer = placed.never_there();
    let then = placed.then(answer);
    if name.is_empty() {
        let says = format!("`claim` names no claim: the name follows a slash, {then}");
        let finding = Finding::at(criterion.at, says).comes_of(placed, answer);
        return Some(finding.fix("name the claim:").fix_lines(placed.with_name(config)));
    }
    if placed.operand(config.version).is_some() && !matches!(cognito_claims::look_up(name), Claim::Never { .. }) {
        let says = format!(
            "before {PLAIN_VALUES}, a claim has no operators: `{name}` would have to be this mapping itself, {}",
            placed.never()
        );
        return Some(
            Finding::at(criterion.at, says)
                .comes_of(placed, Answer::Never)
                .fix("write the value alone:")
                .fix_lines(placed.with_claim(config, &criterion.sub_path_written)),
        );
    }
    match cognito_claims::look_up(name) {
        Claim::Always | Claim::With(_) if name == "token_use" => access_token_use(placed),
        Claim::Always | Claim::With(_) => never_so(config, placed),
        Claim::Never { why, instead } => {
            let finding = Finding::at(criterion.at, format!("`{name}` {why}, {then}")).comes_of(placed, answer);
            let finding = match instead {
                Some(instead) => {
                    finding.fix("ask for the claim that Cognito sends:").ask_for_claim(config, placed, instead)
                }
                None => finding.fix("take this criterion out: no claim of the ID token says the same"),
            };
            Some(finding.fix(TRIGGER))
        }
        Claim::Unknown => {
            let finding = Finding::at(
                criterion.at,
                format!("Cognito has no claim `{name}` of its own, {then} unless a trigger of the pool adds it"),
            )
            .severity(Severity::Warning);
            if let Some((claim, _)) = placed.value_in_name() {
                let finding = finding.fix("the value follows a colon:");
                return Some(finding.fix_lines(placed.with_claim(config, claim)).fix(TRIGGER));
            }
            let meant = cognito_claims::nearest(name).map_or_else(|| format!("custom:{name}"), str::to_owned);
            let finding = if meant.starts_with("custom:") {
                finding.fix("the claim of a custom attribute has its prefix:")
            } else {
                finding.fix("names are compared letter by letter; Cognito has this one:")
            };
            Some(finding.fix_lines(placed.with_claim(config, &meant)).fix(TRIGGER))
        }
    }
}

/// A value that the claim never has: Pomerium compares each value of a claim with what is written, type and all.
fn never_so(config: &Config, placed: Placed<'_>) -> Option<Finding> {
    let Criterion { sub_path: name, data, at, .. } = placed.criterion;
    let title = "Cognito never sends this value of the claim";
    // With an operator that a release does not have, it does not start.
    let mut operators = data.as_object().into_iter().flat_map(|operators| operators.keys());
    if operators.any(|operator| !list_operators(config.version).any(|known| known == operator)) {
        return None;
    }
    if name == "email_verified" {
        let (operator, text) = criterion::operand_text(data)?;
        let flag = go::parse_bool(text)?;
        let answer = placed.compared(operator);
        let then = placed.then(answer);
        let says = format!("`{name}` is true or false to Pomerium, and the text `{text}` is neither, {then}");
        let finding = Finding::at(*at, says).title(title).comes_of(placed, answer);
        return Some(finding.fix_lines(placed.one_by_one(config, operator, &[flag.into()])));
    }
    let (operator, value) = placed.no_text()?;
    let answer = placed.compared(operator);
    let then = placed.then(answer);
    if let Json::Array(values) = value {
        let says = format!("each value of `{name}` is compared with the list as a whole, {then}");
        let finding = Finding::at(*at, says).title(title).comes_of(placed, answer).fix(placed.for_each(operator));
        return Some(finding.fix_lines(placed.one_by_one(config, operator, values)));
    }
    let says = format!("Cognito sends `{name}` as text, and `{value}` is none, {then}");
    let text = match placed.value_in_name() {
        Some((claim, _)) => placed.with_claim(config, claim),
        None => placed.one_by_one(config, operator, &[value.to_string().into()]),
    };
    let is_text = cognito_claims::is_text(name) || value.is_null();
    is_text.then(|| Finding::at(*at, says).title(title).comes_of(placed, answer).fix_lines(text))
}

/// The ID token's `token_use` is `id`, in every pool.
fn access_token_use(placed: Placed<'_>) -> Option<Finding> {
    let asks_for_access = placed.criterion.data.to_string().contains("\"access\"");
    let answer = placed.never_there();
    let then = placed.then(answer);
    let says = format!("`token_use` is `id` in the ID token, which is the one Pomerium reads, {then}");
    let finding = Finding::at(placed.criterion.at, says).comes_of(placed, answer);
    asks_for_access.then(|| finding.fix("take this criterion out"))
}

/// `claim-case-lost`
pub(super) fn claim_case_lost(settings: &Settings, config: &Config) -> Vec<Finding> {
    claims(settings)
        .filter(|Placed { criterion, .. }| {
            criterion.sub_path != criterion.sub_path_written && !cognito_claims::is_lower_case_by_nature(&criterion.sub_path)
        })
        .map(|placed| {
            let (read, written) = (&placed.criterion.sub_path, &placed.criterion.sub_path_written);
            let answer = placed.never_there();
            let says = format!(
                "Pomerium lower-cases the keys of a file and looks for `{read}`, which is not `{written}`, {}",
                placed.then(answer)
            );
            Finding::at(placed.criterion.at, says)
                .comes_of(placed, answer)
                .fix("give the routes in the variable ROUTES, as base64 of the same list: there the letters stay as they are")
                .fix(format!("or have the claim sent under a name in small letters: {}", placed.with_claim(config, read).concat()))
        })
        .collect()
}

/// `claim-needs-scope`
pub(super) fn claim_needs_scope(users: &ScopesOfUsers, settings: &Settings, config: &Config) -> Vec<Finding> {
    claims(settings)
        .filter_map(|placed| {
            let name = placed.criterion.sub_path.as_str();
            let scope = untold(users, name)?;
            let says = format!(
                "`{name}` comes with the scope `{scope}`, which is not asked for, {}",
                placed.then(placed.never_there())
            );
            Some(ask_for(Finding::at(placed.criterion.at, says), &users.scopes, scope, config))
        })
        .collect()
}

/// `identity-header-claim-missing`
pub(super) fn identity_header_claim_missing(
    users: &ScopesOfUsers,
    settings: &Settings,
    config: &Config,
) -> Vec<Finding> {
    settings
        .jwt_claims_headers
        .iter()
        .filter_map(|(header, claim)| empty_header(users, settings, config, header, claim))
        .collect()
}

fn empty_header(
    users: &ScopesOfUsers,
    settings: &Settings,
    config: &Config,
    header: &Setting<String>,
    claim: &Setting<String>,
) -> Option<Finding> {
    let at = claim.span;
    let (header, name) = (&header.value, claim.value.as_str());
    let finding = |why: String| Finding::at(claim.span, format!("{why}, so the header `{header}` is always empty"));
    let instead = |finding: Finding, claim: &str| {
        let all = settings.jwt_claims_headers.iter().map(|(own, value)| {
            let claim = if own.value == *header { claim } else { value.value.as_str() };
            (own.value.clone(), Json::from(claim))
        });
        let all: Map<String, Json> = all.collect();
        let claims = all.values().filter_map(Json::as_str).collect::<Vec<_>>().join(",");
        let line = mapping(config, at, "jwt_claims_headers", &Json::Object(all), &claims);
        finding.fix("name a claim that Cognito sends:").fix(line)
    };
    if name.contains(['{', '}', '"', '[', ']']) {
        let why = format!("`{name}` is a piece of JSON, which Pomerium splits at commas and spaces");
        return Some(finding(why).fix("list the claims with commas between them, e.g. JWT_CLAIMS_HEADERS=email,name"));
    }
    if OF_POMERIUM.contains(&name) {
        return None;
    }
    match cognito_claims::look_up(name) {
        Claim::Always => None,
        Claim::With(_) => {
            let scope = untold(users, name)?;
            let why = format!("`{name}` comes with the scope `{scope}`, which is not asked for");
            Some(ask_for(finding(why), &users.scopes, scope, config))
        }
        Claim::Never { why, instead: Some(claim) } => {
            Some(instead(finding(format!("`{name}` {why}")), claim).fix(TRIGGER))
        }
        Claim::Never { why, instead: None } => Some(
            finding(format!("`{name}` {why}")).fix("take this header out, or make it of another claim").fix(TRIGGER),
        ),
        Claim::Unknown => {
            let meant = cognito_claims::nearest(name).map_or_else(|| format!("custom:{name}"), str::to_owned);
            let finding = finding(format!("Cognito has no claim `{name}` of its own"));
            Some(instead(finding, &meant).fix(TRIGGER))
        }
    }
}

/// Each criterion on a claim.
fn claims(settings: &Settings) -> impl Iterator<Item = Placed<'_>> {
    criterion::all(settings).filter(|placed| placed.criterion.name == "claim")
}

/// The scope that a claim comes with, if it is not among those asked for.
pub fn missing_scope(scopes: &RequestedScopes, claim: &str) -> Option<&'static str> {
    match cognito_claims::look_up(claim) {
        Claim::With(scope) if !scopes::brings(scopes, scope) => Some(scope),
        _ => None,
    }
}

/// The same, unless the authenticate service beside this one is told of it: `scope-email-missing`, `scope-profile-missing`.
fn untold(users: &ScopesOfUsers, claim: &str) -> Option<&'static str> {
    missing_scope(&users.scopes, claim).filter(|scope| !users.are_of_peer || !["email", "profile"].contains(scope))
}

fn ask_for(finding: Finding, scopes: &RequestedScopes, scope: &str, config: &Config) -> Finding {
    let words = list::with(scopes, scope);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    finding
        .also(scopes.at, format!("`{scope}` is not among these"))
        .fix(format!("ask for it: {}", list::line(config, scopes, words.iter().copied())))
        .edit(list::edit(config, scopes, &words))
        .fix(format!("Terraform, in aws_cognito_user_pool_client: allowed_oauth_scopes must list {scope:?} too"))
}

#[cfg(test)]
mod tests;
