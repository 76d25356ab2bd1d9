//! Stage session: does each route, and each token that a program sends, come to a session?

use std::time::Duration;

use serde_json::json;

use super::criterion::Places;
use super::cure::Wanted;
use super::place::{on_route, written};
use super::{Finding, NO_VALUE, Rule, Severity, Stage, cure};
use crate::config::cognito;
use crate::config::{ClientId, ClientSecret, CognitoUsers, Config, Route, Setting, Settings, ValueKind, WrittenAs};
use crate::evidence::{ClientCode, Evidence, RefreshFlow, RefreshLifetime, RefreshRotation};
use crate::infra::Attribute;

const STAGE: Stage = Stage::Session;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!("route-client-half-set", Error, route_client_half_set).decided_by(NO_VALUE),
        rule!("session-ends-at-once", Warning, session_ends_at_once).decided_by(&["cookie_expire"]),
        rule!("audience-check-impossible", Error, audience_check_impossible).decided_by(NO_VALUE),
        rule!("refresh-not-allowed", Error, refresh_not_allowed),
        rule!("session-outlives-refresh-token", Warning, session_outlives_refresh_token),
        rule!("refresh-rotation-without-grace", Warning, refresh_rotation_without_grace),
    ]
}

/// `refresh-not-allowed`
fn refresh_not_allowed(id: &ClientId, refresh: &RefreshFlow, code: &Evidence<ClientCode>) -> Option<Finding> {
    (!refresh.is_allowed).then(|| {
        let says = format!(
            "app client `{}` may not use refresh tokens: each session ends with its first access token",
            id.0.value
        );
        Finding::at(id.0.span, says).stops_no_login().fix("let it use them:").fix_lines(cure::client_setting(
            code,
            Attribute::AuthFlows,
            &Wanted::Member("ALLOW_REFRESH_TOKEN_AUTH"),
        ))
    })
}

/// A session that Pomerium keeps this long if nobody says otherwise (`config/options.go`).
pub const USUAL_SESSION: Duration = Duration::from_secs(14 * 3600);

/// `session-outlives-refresh-token`
fn session_outlives_refresh_token(
    id: &ClientId,
    settings: &Settings,
    lifetime: &RefreshLifetime,
    config: &Config,
    code: &Evidence<ClientCode>,
) -> Option<Finding> {
    let expire = settings.cookie_expire.as_ref();
    let session = expire.map_or(USUAL_SESSION, |expire| expire.value);
    if session <= Duration::from_secs(lifetime.seconds) {
        return None;
    }
    let (lasts, refresh) = (length(session.as_secs(), " "), length(lifetime.seconds, " "));
    let says = format!(
        "a session may last {lasts} here, and the refresh tokens of app client `{}` last {refresh}: users have to log in again after that",
        id.0.value
    );
    let at = expire.map_or(id.0.span, |expire| expire.span);
    let finding = Finding::at(at, says);
    let finding = finding.fix("let sessions end sooner:").fix(written(
        config,
        at,
        "cookie_expire",
        &length(lifetime.seconds, ""),
    ));
    Some(match lifetime.unit.filter(|_| session <= LONGEST_REFRESH) {
        None => finding,
        Some(unit) => {
            // Whole units that cover a session. The unit stays: whoever writes another one has to repeat those of the other tokens.
            let number = session.as_secs().div_ceil(unit.seconds());
            let terraform = format!("refresh_token_validity = {number}");
            finding
                .fix(format!("or let refresh tokens live longer, in {} as now:", unit.name()))
                .fix_lines(cure::client_lines(code, &[&terraform], &[("RefreshTokenValidity", json!(number))]))
        }
    })
}

/// No refresh token lives longer: ten years (API reference, `CreateUserPoolClient`).
const LONGEST_REFRESH: Duration = Duration::from_secs(cognito::LONGEST_REFRESH * 86_400);

/// A length of time in the largest unit in which it is a whole number.
fn length(seconds: u64, before_unit: &str) -> String {
    let units = [(3600, "h"), (60, "m"), (1, "s")];
    let (length, unit) = units.into_iter().find(|(length, _)| seconds.is_multiple_of(*length)).unwrap_or((1, "s"));
    format!("{}{before_unit}{unit}", seconds / length)
}

/// `refresh-rotation-without-grace`
fn refresh_rotation_without_grace(
    id: &ClientId,
    rotation: &RefreshRotation,
    code: &Evidence<ClientCode>,
) -> Option<Finding> {
    (rotation.grace == Some(0)).then(|| {
        let says = format!(
            "a refresh token of app client `{}` is dead as soon as it is used: where two requests renew one session, the second one ends it",
            id.0.value
        );
        let terraform = [
            "refresh_token_rotation {",
            "  feature                    = \"ENABLED\"",
            "  retry_grace_period_seconds = 60",
            "}",
        ];
        let rotation = json!({ "Feature": "ENABLED", "RetryGracePeriodSeconds": 60 });
        let cloudformation = [("RefreshTokenRotation", rotation)];
        Finding::at(id.0.span, says)
            .fix("allow a grace period, of up to 60 seconds:")
            .fix_lines(cure::client_lines(code, &terraform, &cloudformation))
    })
}

/// `route-client-half-set`
pub(super) fn route_client_half_set(settings: &Settings, config: &Config) -> Vec<Finding> {
    settings.routes.iter().filter_map(|route| half_set(settings, config, route)).collect()
}

fn half_set(settings: &Settings, config: &Config, route: &Route) -> Option<Finding> {
    let global_id = settings.idp_client_id.as_ref();
    match (&route.idp_client_id, &route.idp_client_secret) {
        (Some(id), None) => {
            let is_global = global_id.is_some_and(|global| global.value == id.value);
            // Without a global secret, this client is a public one like the other.
            if is_global || matches!(settings.client_secret, ClientSecret::Absent) {
                return None;
            }
            let says =
                format!("client `{}` of this route comes without a secret, so Pomerium sends the global one", id.value);
            // Where no other client is named, the one secret there is may be meant for this one.
            let is_another =
                global_id.is_some_and(|global| !global.value.is_empty() && is_literal(global)) && is_literal(id);
            Some(
                Finding::at(id.span, says)
                    .severity(if is_another { Severity::Error } else { Severity::Warning })
                    .fix("give the route the secret of this client, beside its id:")
                    .fix(on_route(config, "idp_client_secret", "THE SECRET OF THIS CLIENT")),
            )
        }
        (None, Some(secret)) => {
            let is_global = matches!(&settings.client_secret, ClientSecret::Known(global) if global.value.expose() == secret.value.expose());
            if is_global {
                return None;
            }
            // A client has two secrets while one of them is being replaced.
            let finding = Finding::at(
                secret.span,
                "this secret of the route comes without a client id, so Pomerium sends it for the global client",
            )
            .severity(Severity::Warning);
            let finding = match global_id {
                Some(id) => finding.also(id.span, "the client it is sent for"),
                None => finding,
            };
            Some(
                finding
                    .fix("give the route the id of the client that this secret belongs to, or take the secret out:")
                    .fix(on_route(config, "idp_client_id", "THE ID OF THIS CLIENT")),
            )
        }
        _ => None,
    }
}

fn is_literal(setting: &Setting<String>) -> bool {
    setting.kind() == ValueKind::Literal
}

/// What nobody would take for the length of a session.
const SHORTEST_SESSION: Duration = Duration::from_secs(10);

/// `session-ends-at-once`
pub(super) fn session_ends_at_once(settings: &Settings, config: &Config) -> Option<Finding> {
    let expire = settings.cookie_expire.as_ref().filter(|expire| expire.value < SHORTEST_SESSION)?;
    let says = match (expire.written_as, expire.value.as_nanos()) {
        (_, 0) => "no time is left to a session: its cookie has expired when the browser gets it".to_owned(),
        (WrittenAs::Number, nanoseconds) => {
            format!("a number without a unit is nanoseconds: a session ends {nanoseconds} ns after the login")
        }
        _ => format!("a session ends {:?} after the login", expire.value),
    };
    let line = written(config, expire.span, "cookie_expire", "14h");
    Some(Finding::at(expire.span, says).fix("write a duration with its unit:").fix(line))
}

/// `audience-check-impossible`
pub(super) fn audience_check_impossible(_: &CognitoUsers, settings: &Settings, config: &Config) -> Vec<Finding> {
    // The decoder gives the global option its short name; those of routes are as they were written.
    let names_it = |text: &str| text.to_ascii_lowercase().ends_with("idp_access_token");
    let texts = config.reading.texts.iter();
    let on_routes: Places = texts
        .filter(|(path, text)| path.ends_with(".bearer_token_format") && names_it(&text.value))
        .map(|(_, text)| text.span)
        .collect();
    let everywhere = settings.bearer_token_format.as_ref().is_some_and(|format| names_it(&format.value));
    let anywhere = everywhere || settings.routes.iter().any(|route| !on_routes.within(route.at).is_empty());
    let (key, format) = ("bearer_token_format", "idp_identity_token");
    let lists = settings.idp_access_token_allowed_audiences.iter();
    let global = lists.map(|list| audiences(list, anywhere, written(config, list.span, key, format)));
    let routes = settings.routes.iter().filter_map(|route| {
        let list = route.idp_access_token_allowed_audiences.as_ref()?;
        let accepted = everywhere || !on_routes.within(route.at).is_empty();
        Some(audiences(list, accepted, on_route(config, key, format)))
    });
    global.chain(routes).collect()
}

fn audiences(list: &Setting<Vec<Setting<String>>>, accepted: bool, line: String) -> Finding {
    let why = "Pomerium looks for `aud` in Cognito's userInfo answer, which has none";
    let finding = if accepted {
        Finding::at(list.span, format!("no access token passes this check: {why}"))
    } else {
        Finding::at(list.span, format!("no access token would pass this check, once one is accepted: {why}"))
            .severity(Severity::Warning)
    };
    finding
        .fix("take this list out, and have programs send their ID token, whose audience Pomerium does check:")
        .fix(line)
}

#[cfg(test)]
mod tests;
