//! Stage login: do users see a login page?

use super::{Finding, Rule, Severity, Stage, cure};
use crate::config::{Client, ClientId, Cognito, Settings};
use crate::evidence::{Evidence, LoginPage};

const STAGE: Stage = Stage::Login;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!("silent-login-without-session", Error, silent_login_without_session).decided_by(&["idp_request_params"]),
        rule!("login-page-unavailable", Error, login_page_unavailable),
        rule!("login-page-broken", Error, login_page_broken).after(&["silent-login-without-session"]),
    ]
}

/// `silent-login-without-session`
pub(super) fn silent_login_without_session(
    _: &Cognito,
    settings: &Settings,
    client: &Client,
    page: &Evidence<LoginPage>,
) -> Option<Finding> {
    let (_, prompt) = settings.idp_request_params.iter().find(|(key, _)| key.value == "prompt")?;
    if prompt.value != "none" {
        return None;
    }
    let (says, severity) = match page.as_ref().map(|page| &page.value) {
        Ok(LoginPage::Served | LoginPage::External { .. }) => (
            "this domain leads to a login all the same, as only managed login heeds the parameter: once it does, nobody can log in",
            Severity::Warning,
        ),
        // The parameter is the same for every client, so that it is said once.
        _ if client.index > 0 => return None,
        _ => (
            "with this Cognito asks nobody for a password: whoever has no session there comes back with `login_required`",
            Severity::Error,
        ),
    };
    let finding = Finding::at(prompt.span, says).severity(severity);
    Some(finding.fix("take `prompt` out"))
}

/// `login-page-unavailable`
pub(super) fn login_page_unavailable(id: &ClientId, settings: &Settings, page: &LoginPage) -> Option<Finding> {
    let client = &id.0.value;
    (*page == LoginPage::Unavailable).then(|| {
        let issuer = cure::issuer(settings);
        let pool = cure::pool(issuer);
        Finding::at(
            id.0.span,
            format!("users of app client `{client}` get “Login pages unavailable”: managed login has no style for this client"),
        )
        .fix("give the client a style:")
        .fix(cure::pool_console(issuer, "Branding → Managed login → Create a style"))
        .fix(
            cure::aws_command("create-managed-login-branding", pool, client) + " --use-cognito-provided-values",
        )
        .fix("Terraform:")
        .fix("resource \"aws_cognito_managed_login_branding\" \"pomerium\" {")
        .fix(format!("  user_pool_id                = \"{pool}\""))
        .fix(format!("  client_id                   = \"{client}\""))
        .fix("  use_cognito_provided_values = true")
        .fix("}")
    })
}

/// `login-page-broken`
pub(super) fn login_page_broken(id: &ClientId, settings: &Settings, page: &LoginPage) -> Option<Finding> {
    let client = &id.0.value;
    match page {
        LoginPage::Broken { status, says } => Some({
            let quoted = if says.is_empty() { ", with nothing on it".to_owned() } else { format!(", “{says}”") };
            Finding::at(
                id.0.span,
                format!("users of app client `{client}` get an error page instead of a login: {status}{quoted}"),
            )
            .fix("look at the settings of the login page:")
            .fix(cure::client_console(settings, client, "Login pages"))
            .fix("CloudTrail has the reason in the event `Login_GET` or `Error_GET` of the pool")
        }),
        LoginPage::Refused { error } => {
            let prompt = settings.idp_request_params.iter().find(|(key, _)| key.value == "prompt");
            let finding = Finding::at(
                prompt.map_or(id.0.span, |(key, _)| key.span),
                format!("Cognito sends users back with `{error}` instead of a login, unless they have a session with it already"),
            )
            .title("Cognito shows no login page");
            Some(match prompt {
                Some(_) => finding
                    .also(id.0.span, "the app client")
                    .fix("take `prompt` out: Cognito then asks whoever has no session"),
                None => finding.fix(
                    "no parameter of the configuration asks for this: look at what stands between Pomerium and Cognito",
                ),
            })
        }
        LoginPage::Served | LoginPage::External { .. } | LoginPage::Unavailable => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::rules::testing::{setting, settings};

    #[test]
    fn who_must_have_a_session_is_told_and_why() {
        let id = ClientId(setting("4qk2v9s7m1n3b5c8d0f6g7h2u1"));
        let refused = LoginPage::Refused { error: "login_required".to_owned() };
        let told = |settings: &Settings| {
            let finding = login_page_broken(&id, settings, &refused).unwrap();
            [finding.title.unwrap(), finding.says, finding.fix.join("; ")]
        };
        let (title, says) = (
            "Cognito shows no login page",
            "Cognito sends users back with `login_required` instead of a login, unless they have a session with it already",
        );
        let unasked =
            "no parameter of the configuration asks for this: look at what stands between Pomerium and Cognito";
        assert_eq!(told(&settings()), [title, says, unasked]);
        let asked = Settings { idp_request_params: vec![(setting("prompt"), setting("none"))], ..settings() };
        let cure = "take `prompt` out: Cognito then asks whoever has no session";
        assert_eq!(told(&asked), [title, says, cure]);
    }

    #[test]
    fn an_empty_error_page_is_not_quoted() {
        let id = ClientId(setting("4qk2v9s7m1n3b5c8d0f6g7h2u1"));
        let told = |says: &str| {
            let page = LoginPage::Broken { status: 404, says: says.to_owned() };
            login_page_broken(&id, &settings(), &page).unwrap().says
        };
        assert!(told("").ends_with(": 404, with nothing on it"));
        assert!(told("Not found").ends_with(": 404, “Not found”"));
    }
}
