//! The `screen` of each example is what `pomlint check` prints for the findings of its rule: at 80 columns, without colour, and
//! without what it says of the whole run.

use std::collections::BTreeSet;

use pomlint::config::Config;
use pomlint::engine::Judged;
use pomlint::evidence::World;
use pomlint::page::{Example, Expectation};
use pomlint::report::{self, Options, Report, Verbosity, View};
use pomlint::rules::Rule;

use super::sheet::{Sheet, TRIED, Tried, sheets};
use crate::support::held::{difference, holds, is_blessed, rewrites};
use crate::support::project;

/// Begins the host of a callback that no app client knows. What follows is random.
const CONTROL: &str = "pomlint-";

#[test]
fn every_example_shows_what_is_printed() {
    if is_blessed() {
        sheets().iter().for_each(bless);
        return;
    }
    let objection = |tried: &Tried| Some(format!("{}: {}", tried.place(), objection(tried)?));
    let wrong: Vec<String> = TRIED.iter().filter_map(objection).collect();
    assert!(wrong.is_empty(), "\n{}\n{}", wrong.join("\n"), rewrites());
}

/// Why the screen of an example is not what is printed for it.
fn objection(tried: &Tried) -> Option<String> {
    match (&tried.example.screen, tried.screen.as_deref()) {
        (Some(screen), None) => Some(format!("nothing is printed, and its screen says\n{}", screen.text)),
        (None, Some(printed)) => Some(format!("it has no screen, and this is printed:\n{printed}")),
        (Some(screen), Some(printed)) if screen.text != printed => {
            Some(format!("what is printed differs from its screen:\n{}", difference(screen.text, printed)))
        }
        _ => None,
    }
}

/// What is printed for the findings of a rule; nothing for a counter-example, whose rule finds none.
pub(super) fn screen(
    rule: &Rule,
    example: &Example,
    config: Config,
    world: World,
    mut judged: Vec<Judged>,
) -> Option<String> {
    if example.expects == Expectation::Silent {
        return None;
    }
    judged.retain(|judged| judged.rule.name == rule.name);
    Some(print(config, world, judged)).filter(|screen| !screen.is_empty())
}

fn print(config: Config, world: World, judged: Vec<Judged>) -> String {
    let options = Options { pedantic: true, ..Options::default() };
    let report = Report::new([(config, world, judged)], &options);
    let human = report::format("human").expect("a format");
    let printed = (human.render)(&report, &View { verbosity: Verbosity::Quiet, ..View::default() });
    without_random(&printed)
}

/// The same text in every run: `…` stands for what is random, as it does in the guide.
fn without_random(printed: &str) -> String {
    let mut parts = printed.split(CONTROL);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(CONTROL);
        match part.find(".invalid") {
            Some(end) if part[..end].chars().all(|char| char.is_ascii_alphanumeric()) => {
                text.push('…');
                text.push_str(&part[end..]);
            }
            _ => text.push_str(part),
        }
    }
    text
}

/// Writes the screens into a file, each at the end of its example.
fn bless(sheet: &Sheet) {
    let mut lines: Vec<&str> = sheet.text.lines().collect();
    // From the last to the first, so that the lines before keep their numbers.
    for Tried { example, screen, .. } in TRIED.iter().filter(|tried| tried.file == sheet.file).rev() {
        if let Some(old) = &example.screen {
            lines.drain(old.lines.start() - 1..*old.lines.end());
        }
        if let Some(screen) = screen {
            assert!(!screen.contains("\n```"), "{}: a code block cannot hold this:\n{screen}", sheet.file);
            let block = ["```screen"].into_iter().chain(screen.lines()).chain(["```"]);
            lines.splice(example.end..example.end, block);
        }
    }
    let (old, new) = (sheet.text.lines().skip(sheet.before), lines.iter().skip(sheet.before));
    if !old.eq(new.clone().copied()) {
        let text: String = new.flat_map(|line| [line, "\n"]).collect();
        std::fs::write(project(&sheet.file), text).expect("a file that can be written");
    }
}

#[test]
fn what_is_random_is_not_kept() {
    let printed = "https://pomlint-3fa9Zz.invalid/oauth2/callback pomlint-x y.invalid";
    assert_eq!(without_random(printed), "https://pomlint-….invalid/oauth2/callback pomlint-x y.invalid");
}

#[test]
#[allow(clippy::too_many_lines, reason = "it is one screen")]
fn why_a_rule_does_not_apply_is_said() {
    let reasons: BTreeSet<&str> = TRIED.iter().flat_map(|tried| tried.reasons.iter().map(String::as_str)).collect();
    let reasons: String = reasons.into_iter().flat_map(|reason| ["\n", reason]).collect();
    holds(
        &reasons,
        r#"
Pomerium Zero manages this deployment: its console is the source of truth
Pomerium cannot parse authenticate_service_url
Pomerium has no provider of this name
Pomerium is given no environment here
Pomerium's hosted service runs the login
Pomerium's hosted service runs the login and asks for no app client
a running Pomerium shows what it sends, and no file
authenticate_service_url gives no redirect URI
authenticate_service_url is not set
authenticate_service_url may be set in `enviroment`, which cannot be read from here
by its name, the file is a sample to be filled in
cookie_domain is not set
cookie_domain may be set in `enviroment`, which cannot be read from here
cookie_domain may be set in the Secret pomerium-env, which only the cluster holds
cookie_domain may be set in the file secret.env, which cannot be read from here
cookie_secret is not set
cookie_secret may be set in `enviroment`, which cannot be read from here
cookie_secret may be set in the Secret pomerium-env, which only the cluster holds
cookie_secret may be set in the file secret.env, which cannot be read from here
discovery did not answer 200: there is no document to judge
further settings stand in `enviroment`, which cannot be read from here
further settings stand in the Secret pomerium-env, which only the cluster holds
further settings stand in the file secret.env, which cannot be read from here
idp_client_id holds more than an id, which is not put into a URL
idp_client_id is not set
idp_client_id looks like a client secret, which is not put into a URL
idp_client_id may be set in the Secret pomerium-env, which only the cluster holds
idp_client_id may be set in the Secret pomerium-env, which only the cluster holds: give what is no secret with --given idp_client_id=VALUE
idp_client_secret may be set in the Secret pomerium-env, which only the cluster holds
idp_client_secret may be set in the file secret.env, which cannot be read from here
idp_provider is not set
idp_provider may be set in `enviroment`, which cannot be read from here
idp_provider_url is not an https URL, and nothing else is asked
idp_provider_url is not set
idp_request_params names no identity provider
idp_request_params replaces this parameter of the request
idp_scopes may be set in the Secret pomerium-env, which only the cluster holds
idp_scopes may be set in the file secret.env, which cannot be read from here
it may be set in the Secret pomerium-env, which only the cluster holds
it may be set in the file secret.env, which cannot be read from here
jwt_claims_headers is not set
no --pool says which user pool is meant
no client secret is configured
no comment here ignores a finding
no configuration is compared with what runs
no identity provider is configured
no identity provider is configured here
nobody is asked: this is no user pool that --pool names
nobody is sent to the identity provider, and so nobody comes back
nothing here says how files are mounted
nothing here says how many of this Pomerium run
only one service was given
only the apply will know the client id
only the cluster holds the Secret of the chart with the key COOKIE_SECRET
only the cluster holds the Secret of the chart with the key SHARED_SECRET
only the cluster holds the Secret pomerium/bootstrap with the key cookie_secret
only the cluster holds the Secret pomerium/bootstrap with the key shared_secret
only the cluster holds the Secret pomerium/bootstrap with the key signing_key
only the cluster holds the Secret pomerium/idp with the key client_id
only the cluster holds the Secret pomerium/idp with the key client_id: give what is no secret with --given idp_client_id=VALUE
only the cluster holds the Secret pomerium/idp with the key client_secret
only the running Pomerium has its client secret; that of the configuration is asked about with it
shared_secret is not set
shared_secret may be set in `enviroment`, which cannot be read from here
shared_secret may be set in the Secret pomerium-env, which only the cluster holds
shared_secret may be set in the file secret.env, which cannot be read from here
the answer does not come from the provider
the answer to the discovery request says nothing of the pool
the app client will be another one, or none
the authenticate service runs in another process, and serves the logins
the authenticate service runs in another process, which a route may lead to
the authenticate service shows no time
the authenticate service, which says who the identity provider is, was not given
the configuration could not be read
the configuration is neither a compose file nor values of a chart
the configuration is not a Kubernetes resource
the discovery document names no issuer
the file of the secret holds a placeholder, and not the secret
the identity provider is not Amazon Cognito
the identity provider is not written in the configuration itself
the identity provider is set where it cannot be read from here
the issuer is not a pool's new one
the issuer is not on a host of Cognito
the issuer is not that of a user pool
the issuer may be one of another provider
the issuer's host is not Cognito's
the pool does not exist
the provider is not `cognito`
the refused scopes do not exist in Cognito
the running Pomerium does not show its idp_client_secret
the running Pomerium does not show its idp_provider_url: give its configuration too, or --given idp_provider_url=…
the running Pomerium does not show its issuer: give its configuration too, or --given idp_provider_url=…
the running Pomerium sends users to another identity provider
the user pool has no such app client
there is no signing key whose algorithm could be supported
this Pomerium has no provider `cognito`
this URL leads to no login
this provider needs no issuer
this provider or release sends no sign-out URL to Cognito
what is seen to differ explains it
what the app client lacks is said by a rule of its own
whether the pool has a second domain is not in the files given"#,
    );
}
