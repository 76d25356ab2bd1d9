//! Stage sign-out: does sign-out work?

use super::callback::NO_CALLBACK;
use super::cure::Wanted;
use super::place::who;
use super::{Finding, Rule, Stage, cure};
use crate::config::{AuthenticateUrl, Change, ClientId, Config, Login, Origin};
use crate::evidence::{ClientCode, Evidence, SignOutStanding, TokenRevocation};
use crate::infra::Attribute;

const STAGE: Stage = Stage::SignOut;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!("sign-out-url-not-registered", Warning, sign_out_url_not_registered)
            .after(NO_CALLBACK)
            .after(&["client-not-usable"]),
        rule!("token-revocation-off", Note, token_revocation_off),
    ]
}

/// `sign-out-url-not-registered`
pub(super) fn sign_out_url_not_registered(
    config: &Config,
    url: &AuthenticateUrl,
    id: &ClientId,
    login: &Login,
    standing: &SignOutStanding,
    code: &Evidence<ClientCode>,
) -> Option<Finding> {
    let end = match standing {
        SignOutStanding::Registered => return None,
        SignOutStanding::NotRegistered { location } => format!("they end at {location}"),
        SignOutStanding::NotListed => "they end at an error page".to_owned(),
    };
    let (sent, settings) = (login.sign_out_uri.as_ref()?, config.settings.as_ref()?);
    let (client, version) = (&id.0.value, config.version);
    let who = who(config);
    // v0.24 sends `signout_redirect_url` itself; before and after, the URL follows from `authenticate_service_url`
    // (pkg/identity/oidc/cognito/cognito.go of v0.23, v0.24 and v0.25).
    let at = settings
        .signout_redirect_url
        .as_ref()
        .filter(|redirect| {
            // What is sent stands where it was sent.
            redirect.origin == Origin::Running
                || version.has(Change::SignOutToRedirectUrl) && !version.has(Change::SignOutToOwnPage)
        })
        .map_or(url.0.span, |redirect| redirect.span);
    Some(
        Finding::at(at, format!("{who} signs users out with {sent}, which app client `{client}` does not know: {end}"))
            .fix("add the URL to the app client's sign-out URLs, byte for byte:")
            .fix(format!("  {sent}"))
            .fix_lines(cure::client_setting(code, Attribute::SignOutUrls, &Wanted::Member(sent)))
            .fix_lines(cure::by_hand(code, settings, client, "Login pages → Edit → Allowed sign-out URLs")),
    )
}

/// `token-revocation-off`
fn token_revocation_off(id: &ClientId, revocation: &TokenRevocation, code: &Evidence<ClientCode>) -> Option<Finding> {
    (!revocation.is_on).then(|| {
        let says = format!(
            "tokens of app client `{}` cannot be revoked: after a sign-out they stay good until they expire",
            id.0.value
        );
        Finding::at(id.0.span, says).fix("let tokens be revoked:").fix_lines(cure::client_setting(
            code,
            Attribute::TokenRevocation,
            &Wanted::On,
        ))
    })
}
