//! What Pomerium will send, and for how long it keeps a session: read off the settings, each with what the user must know of it.

use std::time::Duration;

use super::{AppClient, Pool, Unknown};
use crate::config::cognito::{CLIENT_ID, LONGEST_REFRESH, MOST_SCOPES, OWN_USERS, PROVIDER, region_of_pool};
use crate::config::{
    Config, Gap, Hosting, Literals, Login, OwnAuthenticateUrl, PomeriumVersion, ScopesFrom, Setting, Settings,
    ValueKind, classify, is_hosted,
};
use crate::evidence::pool_of_issuer;
use crate::rules::{USUAL_SESSION, scope_objection, url_refusal};

/// What Cognito takes if nobody says otherwise, in days.
const USUAL_REFRESH: u64 = 30;

/// Pomerium's own, also where `idp_request_params` put another one into the authorize request: the token request names Pomerium's
/// (`golang.org/x/oauth2`, `Config.Exchange`), and both must be one.
pub(super) fn callback(
    settings: &Settings,
    literals: &Literals,
    login: &Login,
    notes: &mut Vec<String>,
) -> Result<String, Unknown> {
    let callback = own_callback(settings, literals, login)?;
    if let Some(sent) = login.request_parameter("redirect_uri").filter(|sent| *sent != callback) {
        notes.push(format!(
            "Left out: idp_request_params names another redirect_uri, `{sent}`. The token request names Pomerium's own, and Cognito \
             refuses a login with two: take it out."
        ));
    }
    match url_refusal(&callback) {
        Some(why) => Err(Unknown::Uncallable(format!("it does not take `{callback}`, as {why}"))),
        None => Ok(callback),
    }
}

fn own_callback(settings: &Settings, literals: &Literals, login: &Login) -> Result<String, Unknown> {
    let is_set = |url: &Option<Setting<String>>| url.as_ref().is_some_and(|url| !url.value.is_empty());
    let is_theirs = |url: &OwnAuthenticateUrl| is_hosted(&url.url.hostname());
    match &literals.own_authenticate_url {
        Ok(url) if is_theirs(url) => Err(Unknown::Uncallable(
            "authenticate_service_url names Pomerium's hosted service, from which no login comes back here".to_owned(),
        )),
        Ok(_) if !login.redirect_uri.is_empty() => Ok(login.redirect_uri.clone()),
        Err(Gap::Placeholder(_)) => {
            Err(Unknown::Callback("authenticate_service_url is filled in elsewhere".to_owned()))
        }
        Err(Gap::Unreadable(why) | Gap::Kept(why) | Gap::NotOpened(why)) => Err(Unknown::Callback(why.clone())),
        _ if login.hosting == Hosting::Hosted => {
            let names = |option: &str| {
                Err(Unknown::Uncallable(format!(
                    "{option} names Pomerium's hosted service, where the login then runs and no idp_* setting is heeded"
                )))
            };
            if is_set(&settings.authenticate_internal_service_url) {
                return names("authenticate_internal_service_url");
            }
            if is_set(&settings.authenticate_service_url) {
                return names("authenticate_service_url");
            }
            Err(Unknown::Callback(
                "without authenticate_service_url the login runs on Pomerium's hosted service, which heeds no idp_* setting"
                    .to_owned(),
            ))
        }
        Err(Gap::Unset(why)) => Err(Unknown::Callback((*why).to_owned())),
        Err(Gap::Beside(why)) => Err(Unknown::Uncallable((*why).to_owned())),
        _ => Err(Unknown::Uncallable("Pomerium cannot parse authenticate_service_url".to_owned())),
    }
}

/// The URL to which a sign-out comes back.
pub(super) fn sign_out(
    settings: &Settings,
    version: PomeriumVersion,
    login: &Login,
    notes: &mut Vec<String>,
) -> Option<String> {
    let url = login.sign_out_uri.clone().or_else(|| Login::sign_out_on_request(settings, version))?;
    if let Some(why) = url_refusal(&url) {
        notes.push(format!("Left out: Pomerium signs users out to `{url}`, which Cognito does not take, as {why}."));
        return None;
    }
    Some(url)
}

pub(super) fn scopes(
    config: &Config,
    literals: &Literals,
    login: &Login,
    notes: &mut Vec<String>,
) -> Result<Vec<String>, Unknown> {
    if let Err(Gap::Placeholder(_) | Gap::Unreadable(_) | Gap::Kept(_) | Gap::NotOpened(_)) = &literals.scopes {
        return Err(if login.request_parameter("scope").is_some() { Unknown::Parameter } else { Unknown::Scopes });
    }
    let parameter = login.request_parameter("scope");
    let sent = parameter.unwrap_or(&login.scope);
    let cure = scope_cure(config, literals);
    let mut scopes: Vec<String> = Vec::new();
    for word in sent.split_ascii_whitespace() {
        if classify(word) != ValueKind::Literal {
            return Err(if parameter.is_some() { Unknown::Parameter } else { Unknown::Scopes });
        }
        // No scope of Cognito's has such a sign (RFC 6749, appendix A.4, has the signs of others).
        let parts: Vec<&str> = word.split([',', ';']).filter(|part| !part.is_empty()).collect();
        if parts.len() > 1 {
            notes.push(format!(
                "`{word}` is one scope to Cognito, which knows none of that name: write each of its parts by itself."
            ));
        }
        for part in parts {
            match scope_objection(part) {
                Some(why) => notes.push(format!(
                    "Left out: the scope `{part}` {why}. Pomerium asks for it all the same, and Cognito refuses that: take it out of \
                     {cure}."
                )),
                None if scopes.iter().any(|known| known == part) => {}
                None => scopes.push(part.to_owned()),
            }
        }
    }
    if scopes.len() > MOST_SCOPES {
        notes.push(format!(
            "These are {} scopes, and an app client of Cognito takes {MOST_SCOPES} at most: ask for fewer.",
            scopes.len()
        ));
    }
    if scopes.is_empty() {
        notes.push(
            "No scope is left: Cognito takes a client for the code flow only with one, `openid` at least.".to_owned(),
        );
    }
    Ok(scopes)
}

/// Where a scope is taken out, in words that follow "take it out of".
fn scope_cure(config: &Config, literals: &Literals) -> String {
    let named = |option: &str| config.reading.dialect.path(option).unwrap_or_else(|| option.to_owned());
    let of_default = || {
        let with = if config.version < config.reading.dialect.cognito_since() {
            format!("`{}`", named("idp_scopes"))
        } else {
            format!("`{}: cognito` or with `{}`", named("idp_provider"), named("idp_scopes"))
        };
        format!("what Pomerium asks for, with {with}")
    };
    // Of an option that says nothing, Pomerium asks for what it asks for without it.
    let says_some = || {
        let written = config.settings.as_ref().and_then(|settings| settings.idp_scopes.as_ref());
        written.is_some_and(|scopes| scopes.value.iter().any(|scope| !scope.value.trim().is_empty()))
    };
    match literals.scopes.as_ref().map(|scopes| &scopes.from) {
        Ok(ScopesFrom::Option(_)) if !says_some() => of_default(),
        Ok(ScopesFrom::Option(_)) => format!("`{}`", named("idp_scopes")),
        Ok(ScopesFrom::Parameter) => format!("the `scope` of `{}`", named("idp_request_params")),
        Ok(ScopesFrom::Default) | Err(_) => of_default(),
    }
}

/// What stands elsewhere and keeps nothing from being written: it holds as long as that is nothing unusual.
pub(super) fn elsewhere(config: &Config, clients: &[AppClient], notes: &mut Vec<String>) {
    let before = notes.len();
    for client in clients.iter().filter(|client| client.is_elsewhere) {
        let (whose, of) = match &client.route {
            Some(route) => (format!(" of the route {route}"), format!("{route}:")),
            None => (String::new(), String::new()),
        };
        notes.push(format!(
            "The id of the app client{whose} stands elsewhere. Below, one is made anew: if there is one, add --given \
             {of}idp_client_id=ID."
        ));
    }
    let is_open = |option: &str| config.reading.open.iter().any(|open| open.path == option);
    if is_open("cookie_expire") {
        notes.push(format!(
            "How long a session lasts stands elsewhere. If that is more than {USUAL_REFRESH} days, add --given cookie_expire=DURATION."
        ));
    }
    if is_open("idp_request_params") {
        notes.push(
            "What idp_request_params holds stands elsewhere: it may name other scopes, and another identity provider, than those below."
                .to_owned(),
        );
    }
    if notes.len() > before {
        notes.push("A check of what stands below leaves open what follows from that (exit code 3).".to_owned());
    }
}

/// What is no id of a client in whichever pool.
pub(super) fn clients(clients: &[AppClient], notes: &mut Vec<String>) {
    for id in clients.iter().filter_map(|client| client.id.as_ref()) {
        if let Some(why) = CLIENT_ID.objection(id) {
            notes.push(format!("`{id}` {why}: no app client has that id. Correct idp_client_id first."));
        }
    }
}

/// Whatever is wrong with a file that Pomerium does not load, what follows from it may not be what is meant.
pub(super) fn refused(config: &Config, notes: &mut Vec<String>) {
    let is_refused = config.reading.refusals().next().is_some() || !config.reading.rejections.is_empty();
    if is_refused {
        let what =
            if config.reading.rejections.is_empty() { "Pomerium does not start with" } else { "Kubernetes refuses" };
        notes.push(format!("{what} this configuration as it is: correct first what pomlint check finds in it."));
    }
}

pub(super) fn identity_provider(login: &Login, notes: &mut Vec<String>) -> String {
    match login.chosen_provider("identity_provider") {
        Some(name) if classify(name) == ValueKind::Literal => match PROVIDER.objection(name) {
            None => return name.to_owned(),
            Some(why) => notes.push(format!(
                "Left out: Pomerium asks for the identity provider `{name}`, which {why}: no pool has one of that name. Name the one \
                 that is meant in the place of COGNITO, and in idp_request_params."
            )),
        },
        Some(_) => notes.push(
            "Which identity_provider Pomerium asks for is filled in elsewhere: name that one in the place of COGNITO."
                .to_owned(),
        ),
        None if login.chosen_provider("idp_identifier").is_some() => notes.push(
            "Pomerium asks for a provider by its idp_identifier: name that provider of the pool in the place of COGNITO."
                .to_owned(),
        ),
        None => {}
    }
    OWN_USERS.to_owned()
}

/// How long a session lasts.
pub(super) fn session(written: Option<&Setting<Duration>>) -> Duration {
    written.map_or(USUAL_SESSION, |session| session.value)
}

/// How long the refresh token of a new client lives: no shorter than a session, and no shorter than what is usual.
pub(super) fn refresh_days(session: Duration, notes: &mut Vec<String>) -> u64 {
    let days = session.as_secs().div_ceil(86_400);
    if days > LONGEST_REFRESH {
        notes.push(format!(
            "A session of `cookie_expire` lasts {days} days, and a refresh token of Cognito at most {LONGEST_REFRESH}."
        ));
    }
    days.clamp(USUAL_REFRESH, LONGEST_REFRESH)
}

/// The pool of an issuer, also of one that is written with too much behind it.
pub(super) fn pool(issuer: &str) -> Option<Pool> {
    let issuer = issuer.trim_end_matches('/');
    let issuer = issuer.strip_suffix("/.well-known/openid-configuration").unwrap_or(issuer);
    let id = pool_of_issuer(issuer)?;
    Some(Pool { id: id.to_owned(), region: region_of_pool(id)?.to_owned() })
}
