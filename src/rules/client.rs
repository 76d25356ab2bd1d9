//! Stage client: may the app client use the hosted login?

use super::cure::Wanted;
use super::missing::{about_empty, empty_variable, with_meant};
use super::place::{CURLY_QUOTES, called, in_quotes, quoted, takes_quotes, with_quotes, written};
use super::{Edit, Finding, Judgement, NO_VALUE, REJECTED, Rule, Severity, Stage, cure, parameters, scopes};
use crate::config::{
    Client, ClientId, Cognito, Config, Issuer, Login, SecretText, Settings, WrittenAs, cognito, id_is_secret,
};
use crate::evidence::{
    AFTER_APPLY, ClientCode, ClientStanding, Disagreements, Evidence, ExchangeId, IdentityProviders, NOW, OAUTH,
    OAuthSwitch, PAGES_OF_TIER,
};
use crate::infra::Attribute;

const STAGE: Stage = Stage::Client;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!("client-id-missing", Error, client_id_missing)
            .decided_by(NO_VALUE)
            .wants(&["idp_client_id"])
            .after(REJECTED),
        rule!("client-id-malformed", Error, client_id_malformed)
            .decided_by(NO_VALUE)
            .of_request()
            .after(&["client-id-read-as-number", "client-id-and-secret-swapped"]),
        rule!("client-id-read-as-number", Error, client_id_read_as_number),
        rule!("client-id-and-secret-swapped", Error, client_id_and_secret_swapped),
        rule!("oauth-not-enabled", Error, oauth_not_enabled),
        rule!("no-identity-provider", Error, no_identity_provider),
        rule!("client-not-usable", Error, client_not_usable).after(&[
            "client-id-missing",
            "client-id-malformed",
            "client-id-read-as-number",
            "client-id-and-secret-swapped",
            "oauth-not-enabled",
            "no-identity-provider",
        ]),
        rule!("witnesses-disagree", Note, witnesses_disagree),
    ]
}

const APP_CLIENTS: &str = "App clients";

/// `client-id-missing`
pub(super) fn client_id_missing(_: &Cognito, client: &Client, settings: &Settings, config: &Config) -> Option<Finding> {
    // Another process serves the logins, and takes its own client for one that it does not know.
    if !client.id.value.is_empty() || !settings.runs("authenticate") {
        return None;
    }
    let effect = "Pomerium sends users to Cognito without saying who asks";
    let empty = empty_variable(config, "idp_client_id").filter(|_| settings.idp_client_id.is_none());
    let (at, finding) = if let Some(empty) = empty {
        (empty.1, about_empty(empty, effect))
    } else {
        let at = client.id.span;
        let name = called(config, at, "idp_client_id");
        let is_set = settings.idp_client_id.is_some();
        let what = if is_set { format!("`{name}` is empty") } else { format!("no `{name}` is set") };
        let finding = Finding::at(at, format!("{what}: {effect}"));
        (at, if client.route.is_none() { with_meant(config, "idp_client_id", finding) } else { finding })
    };
    Some(
        finding
            .fix("set it to the id of the app client:")
            .fix(written(config, at, "idp_client_id", "<id of the app client>"))
            .fix(cure::pool_console(cure::issuer(settings), APP_CLIENTS)),
    )
}

/// `client-id-malformed`
pub(super) fn client_id_malformed(
    id: &ClientId,
    client: &Client,
    settings: &Settings,
    config: &Config,
) -> Option<Finding> {
    let (text, span) = (id.0.value.as_str(), id.0.span);
    let (length, longest) = (text.chars().count(), cognito::CLIENT_ID.longest);
    let fix = |finding: Finding| {
        finding
            .fix("copy the client id, 26 digits and lower-case letters, from the app client:")
            .fix(written(config, id.0.span, "idp_client_id", "<id of the app client>"))
            .fix(cure::pool_console(cure::issuer(settings), APP_CLIENTS))
    };
    if client.id_is_secret() {
        return Some(
            fix(Finding::at(
                span,
                "this is the client secret: Pomerium sends it in URLs, and Cognito does not know it",
            ))
            .fix("then make a new secret, since client ids are shown in URLs and logs"),
        );
    }
    if let Some(what) = mistaken_for(text) {
        return Some(fix(Finding::at(span, format!("this is not the id of an app client: it {what}"))));
    }
    if length > longest {
        let says = format!(
            "this is not the id of an app client: it has {length} characters, and none has more than {longest}"
        );
        return Some(fix(Finding::at(span, says)));
    }
    // The text is not repeated: it may be a secret in the wrong place.
    (!cognito::is_like_client_id(text)).then(|| {
        fix(Finding::at(span, "this is unlike the ids that Cognito makes: 25 or 26 digits and lower-case letters"))
            .severity(Severity::Note)
    })
}

/// What a text outside the API's pattern `[\w+]+` seems to be.
fn mistaken_for(text: &str) -> Option<&'static str> {
    if cognito::keeps_to_pattern(text) {
        return None;
    }
    Some(if text.starts_with("arn:") {
        "is an ARN"
    } else if text.contains("://") {
        "is a URL"
    } else if cognito::region_of_pool(text).is_some() {
        "is the id of the user pool"
    } else if text.split_once(':').is_some_and(|(region, id)| region.contains('-') && id.len() == 36) {
        "is the id of an identity pool"
    } else if text.trim() != text {
        "begins or ends with white space"
    } else if text.contains(CURLY_QUOTES) {
        "has curly quotes around it, which are part of the value: write straight ones, or none"
    } else if text.contains(['"', '\'']) {
        "has quotes in it: write them in YAML only around the value, and in an environment file not at all"
    } else if text.contains(char::is_whitespace) {
        "has spaces in it, so it may be the client's name"
    } else {
        "has other characters than letters, digits, `_` and `+`"
    })
}

/// `client-id-read-as-number`
pub(super) fn client_id_read_as_number(_: &Cognito, client: &Client, config: &Config) -> Option<Finding> {
    if client.id.written_as != WrittenAs::Number {
        return None;
    }
    let (at, read) = (client.id.span, client.id.value.as_str());
    let text = config.sources.slice(at);
    // What base64 stands for begins otherwise, as its digits do for a letter of ASCII.
    if !text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first)) {
        let says = format!("the id is read as a number, and Pomerium sends `{read}` as the client id");
        let line = in_quotes(config, at, "idp_client_id", "<id of the app client>");
        return Some(Finding::at(at, says).fix("put it in quotes:").fix(line));
    }
    let (says, severity) = if text == read {
        ("this is a number, not a string: Pomerium reads it right, but only just".to_owned(), Severity::Note)
    } else {
        (format!("`{text}` is read as a number, and Pomerium sends `{read}` as the client id"), Severity::Error)
    };
    let line = in_quotes(config, at, "idp_client_id", text);
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte));
    let edit = (is_plain && takes_quotes(config, at))
        .then(|| Edit { at: with_quotes(config, at), text: quoted(config, at, "idp_client_id", text) });
    Some(Finding::at(at, says).fix("put it in quotes:").fix(line).severity(severity).edit(edit))
}

/// `client-id-and-secret-swapped`
pub(super) fn client_id_and_secret_swapped(id: &ClientId, secret: &SecretText) -> Option<Finding> {
    let (id_text, secret_text) = (id.0.value.as_str(), secret.0.value.expose());
    // Neither value is shown: one of them is a secret.
    (id_text != secret_text && id_is_secret(id_text, secret_text)).then(|| {
        let says = format!(
            "this has {} characters, as a client secret has, and the client secret has {}, as a client id has",
            id_text.len(),
            secret_text.len()
        );
        Finding::at(id.0.span, says)
            .also(secret.0.span, "the client id seems to stand here")
            .fix("exchange the two values; then make a new secret, since client ids are shown in URLs and logs")
    })
}

/// `oauth-not-enabled`
fn oauth_not_enabled(id: &ClientId, oauth: &OAuthSwitch, code: &Evidence<ClientCode>) -> Option<Finding> {
    (!oauth.is_on).then(|| {
        let says = format!(
            "OAuth is off on app client `{}`: its flows and scopes are stored, and Cognito refuses every login",
            id.0.value
        );
        Finding::at(id.0.span, says).fix("switch it on:").fix_lines(cure::client_setting(
            code,
            Attribute::OauthEnabled,
            &Wanted::On,
        ))
    })
}

/// `no-identity-provider`
fn no_identity_provider(id: &ClientId, providers: &IdentityProviders, code: &Evidence<ClientCode>) -> Option<Finding> {
    providers.is_empty.then(|| {
        let client = &id.0.value;
        let (says, fix) = match &providers.gone {
            None => (
                format!(
                    "app client `{client}` has no identity provider: there is nobody through whom users could log in"
                ),
                "name those that users log in with; the pool's own users are `COGNITO`:",
            ),
            Some(how) => (
                format!("app client `{client}` has no identity provider but those that are not there: {how}"),
                "keep them in the pool, or make them there, or name others; the pool's own users are `COGNITO`:",
            ),
        };
        Finding::at(id.0.span, says).fix(fix).fix_lines(cure::client_setting(
            code,
            Attribute::IdentityProviders,
            &Wanted::List(&[cognito::OWN_USERS]),
        ))
    })
}

/// `witnesses-disagree`
fn witnesses_disagree(issuer: &Issuer, found: &Disagreements, config: &Config) -> Vec<Finding> {
    let clients = config.clients();
    let disagreements = found.0.iter().map(|found| {
        if found.what == PAGES_OF_TIER {
            return pages_of_tier(issuer);
        }
        let of_route = found.client.and_then(|index| clients.get(index)).filter(|client| client.route.is_some());
        let whose = of_route.and_then(|client| client.route.as_deref());
        let says = format!(
            "{} and {} say different things about {}{}, and {}",
            witness(&found.believed),
            witness(&found.other),
            subject(found.what),
            whose.map(|route| format!(" (the app client of the route {route})")).unwrap_or_default(),
            if found.what == OAUTH { "it is left open who is right" } else { "the first is believed" }
        );
        let finding = Finding::at(of_route.map_or(issuer.0.span, |client| client.id.span), says);
        let is_told = |ids: &[ExchangeId], when: &str| ids.iter().any(|id| id.0.ends_with(when));
        if is_told(&found.believed, AFTER_APPLY) {
            return finding.fix("give the one that is applied last, and not both; where both are applied, one undoes the other");
        }
        if !is_told(&found.believed, NOW) && !is_told(&found.other, NOW) {
            return finding.fix("wait two minutes, and ask again: not every machine of Cognito hears of a change at once");
        }
        finding
            .fix("refresh the state, wait two minutes, and ask again; where they still differ, they are about two deployments, or a change was made by hand:")
            .fix("  terraform apply -refresh-only")
    });
    disagreements.collect()
}

/// AWS says two things of a pool that cannot both be.
fn pages_of_tier(issuer: &Issuer) -> Finding {
    let says = "DescribeUserPool says that the pool is of the tier LITE, which has the classic login pages only, and DescribeUserPoolDomain that its domain serves those of managed login: which pages users see is not certain";
    Finding::at(issuer.0.span, says)
        .fix("set the pool to the tier ESSENTIALS, or its domain to the classic pages (ManagedLoginVersion 1)")
}

/// Who said something: the place in a file, the API, or whoever answers browsers.
fn witness(ids: &[ExchangeId]) -> String {
    let place = ids.iter().find_map(|id| {
        let now = id.0.strip_suffix(NOW).map(|place| format!("`{place}`"));
        now.or_else(|| id.0.strip_suffix(AFTER_APPLY).map(|place| format!("`{place}` (after the apply)")))
    });
    place.unwrap_or_else(|| {
        let is_of_api = ids.iter().any(ExchangeId::is_call);
        if is_of_api { "the API of Cognito" } else { "Cognito itself" }.to_owned()
    })
}

/// What two witnesses differ about.
fn subject(fact: &str) -> &'static str {
    match fact {
        OAUTH => "whether OAuth is on",
        "callback" | "spelling" => "the callback URL",
        "sign_out" => "the sign-out URL",
        "flow" | "implicit" => "the flows",
        "scopes" => "the scopes",
        "providers" | "identity_provider" | "mapping" => "the identity providers",
        "has_secret" | "secret" => "the client secret",
        "email" => "what the client may read",
        "refresh" | "refresh_lifetime" | "rotation" => "refresh tokens",
        "revocation" => "the revocation of tokens",
        "domain" | "domains" | "domain_status" => "the domain of the pool",
        "issuer_variant" => "the issuer of the pool",
        _ => "the app client",
    }
}

/// `client-not-usable`
pub(super) fn client_not_usable(
    id: &ClientId,
    settings: &Settings,
    config: &Config,
    login: &Login,
    standing: &ClientStanding,
) -> Judgement {
    if parameters::is_overridden(settings, "client_id", &id.0.value) {
        return Judgement::NotApplicable(parameters::OVERRIDDEN);
    }
    let client = &id.0.value;
    let error = match standing {
        ClientStanding::Usable => return Judgement::pass(),
        ClientStanding::NotUsable { error } => error,
        ClientStanding::OfOtherPool { pool } => {
            let own = cure::pool(cure::issuer(settings));
            return Finding::at(
                id.0.span,
                format!("app client `{client}` belongs to the user pool {pool}, and the issuer names {own}"),
            )
            .fix("take the issuer and the app client of one pool")
            .into();
        }
        ClientStanding::NotInPool { pool, near } => {
            return not_in_pool(id, settings, config, pool, near.as_ref()).into();
        }
        ClientStanding::Gone { how } => {
            return Finding::at(id.0.span, format!("app client `{client}` will not be there: {how}"))
                .fix("keep it, or give Pomerium the id and the secret of the new one in the same deploy")
                .into();
        }
    };
    Finding::at(
        id.0.span,
        format!("Cognito answers `{error}` to this client: it is not in the pool, has OAuth off, or has no identity provider"),
    )
    .fix("look which of the three it is; one is enough:")
    .fix(format!("{} → is {client} listed?", cure::pool_console(cure::issuer(settings), APP_CLIENTS)))
    .fix(cure::client_console(settings, client, "Login pages → Edit → Identity providers, OAuth grant types"))
    .fix("Terraform, in aws_cognito_user_pool_client, all that a login needs:")
    .fix("  allowed_oauth_flows_user_pool_client = true")
    .fix("  allowed_oauth_flows                  = [\"code\"]")
    .fix(format!("  allowed_oauth_scopes                 = {}", cure::terraform_list(scopes::supported(&login.scopes))))
    .fix("  supported_identity_providers         = [\"COGNITO\"]")
    .fix(cure::UPDATE_REPLACES)
    .into()
}

/// No client of the pool has this id, as AWS itself says.
fn not_in_pool(
    id: &ClientId,
    settings: &Settings,
    config: &Config,
    pool: &str,
    near: Option<&(String, String)>,
) -> Finding {
    let says = format!("user pool `{pool}` has no app client `{}`", id.0.value);
    let finding = Finding::at(id.0.span, says);
    let finding = match near {
        Some((near, name)) => finding
            .near(("configured", &id.0.value), ("in the pool", near))
            .fix(format!("did you mean the app client “{name}”?"))
            .fix(written(config, id.0.span, "idp_client_id", near)),
        None => finding.fix(format!(
            "copy the id of an app client of this pool, or name the pool that has it in {}",
            called(config, id.0.span, "idp_provider_url")
        )),
    };
    finding.fix(cure::pool_console(cure::issuer(settings), APP_CLIENTS))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::config::PomeriumVersion;
    use crate::rules::testing::{self, setting};
    use crate::secret::Secret;

    #[test]
    fn what_stands_in_place_of_an_id_is_recognised() {
        let cases = [
            ("4qk2v9s7m1n3b5c8d0f6g7h2u1", None),
            ("Abc_+9", None),
            ("eu-west-1_9xK2mPq7R", Some("user pool")),
            ("eu-west-1:0e1a7f1c-3a1d-4c55-9d0c-6a3a5e5b8f11", Some("identity pool")),
            ("arn:aws:cognito-idp:eu-west-1:1:userpool/x", Some("ARN")),
            ("https://acme.auth.eu-west-1.amazoncognito.com", Some("URL")),
            ("4qk2v9s7m1n3b5c8d0f6g7h2u1 ", Some("white space")),
            ("\"4qk2v9s7m1n3b5c8d0f6g7h2u1\"", Some("quotes")),
            ("my app", Some("name")),
            ("my-app", Some("other characters")),
        ];
        for (text, expected) in cases {
            let what = mistaken_for(text);
            assert_eq!(what.is_some(), expected.is_some(), "{text}: {what:?}");
            assert!(what.unwrap_or_default().contains(expected.unwrap_or_default()), "{text}: {what:?}");
        }
    }

    #[test]
    fn a_swap_is_told_by_both_lengths_and_shows_neither_value() {
        let id = "4qk2v9s7m1n3b5c8d0f6g7h2u1";
        let secret = "1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u";
        let judge = |id: &str, secret: &str| {
            client_id_and_secret_swapped(&ClientId(setting(id)), &SecretText(setting::<Secret>(Secret::new(secret))))
        };
        assert_eq!(judge(id, secret), None);
        assert_eq!(judge(id, id), None);
        let finding = judge(secret, id).unwrap();
        assert!(!format!("{finding:?}").contains(secret) && !format!("{finding:?}").contains(id));
    }

    #[test]
    fn a_client_of_another_pool_is_told_with_both_pools() {
        let issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
        let settings = Settings { idp_provider_url: Some(setting(issuer)), ..testing::settings() };
        let login = Login::of(&settings, PomeriumVersion::NEWEST);
        let standing = ClientStanding::OfOtherPool { pool: "eu-west-1_Zz9yX8w7V".to_owned() };
        let config = testing::config("pomerium.yaml", "key: value");
        let id = ClientId(setting("4qk2v9s7m1n3b5c8d0f6g7h2u1"));
        let judgement = client_not_usable(&id, &settings, &config, &login, &standing);
        let Judgement::Findings(findings) = judgement else { panic!("a finding") };
        assert_eq!(
            findings[0].says,
            "app client `4qk2v9s7m1n3b5c8d0f6g7h2u1` belongs to the user pool eu-west-1_Zz9yX8w7V, and the issuer names eu-west-1_9xK2mPq7R"
        );
        assert_eq!(findings[0].fix, ["take the issuer and the app client of one pool"]);
    }
}
