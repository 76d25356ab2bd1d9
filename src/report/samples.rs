//! Configurations, worlds and verdicts for the tests of the formats.
#![allow(clippy::unwrap_used, clippy::format_collect)]

use super::{Options, Report, Verbosity, View, human};
use crate::config::{
    ClientSecret, Config, Form, Origin, Setting, Settings, Source, SourceId, SourceKind, Sources, Span, WrittenAs,
};
use crate::engine::Judged;
use crate::evidence::{Answer, Exchange, ExchangeId, Failure, Missing, Need, Outcome, Request, Step, World};
use crate::rules::{Finding, Judgement, Rule, Severity, Stage, Verdict};
use crate::secret::Secret;

pub(super) const SECRET: &str = "1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u";
pub(super) const CLIENT: &str = "4qk2v9s7m1n3b5c8d0f6g7h2u1";
pub(super) const LOGIN: &str = "https://acme.auth.eu-west-1.amazoncognito.com";
pub(super) const DISCOVERY: &str =
    "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R/.well-known/openid-configuration";

pub(super) const FILE: &str = "\
# sign-in
authenticate_service_url: https://auth.corp.example.com

idp_provider: cognito
idp_provider_url: https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R
idp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1
idp_client_secret: 1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u
routes:
  - from: https://app.corp.example.com
    to: http://app.internal:8080
    policy:
      - allow:
          or:
            - claim/groups: admins
";

/// A configuration with one file and the secret registered where it stands.
pub(super) fn config(text: &str) -> Config {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("pomerium.yaml", SourceKind::File, text));
    let mut config = Config::unread("pomerium.yaml", Form::ConfigFile, sources);
    let anchor = Span { source: id, start: 0, end: 0 };
    let written = |value: &str| {
        text.find(value).map(|start| Setting {
            value: value.to_owned(),
            span: Span { source: id, start, end: start + value.len() },
            origin: Origin::File,
            written_as: WrittenAs::Text,
        })
    };
    let secret = written(SECRET).map(|setting| setting.with(Secret::new(SECRET)));
    config.secrets = secret.iter().map(|secret| (secret.value.clone(), secret.span)).collect();
    config.settings = Some(Settings {
        authenticate_service_url: written("https://auth.corp.example.com"),
        idp_provider: Some(Setting {
            value: "cognito".to_owned(),
            span: anchor,
            origin: Origin::File,
            written_as: WrittenAs::Text,
        }),
        idp_provider_url: written("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R"),
        idp_client_id: written(CLIENT),
        idp_client_secret: secret.clone(),
        client_secret: secret.map_or(ClientSecret::Absent, ClientSecret::Known),
        ..Settings::unset(anchor)
    });
    config
}

/// The place of a text in the first file.
pub(super) fn span(config: &Config, text: &str) -> Span {
    let (id, source) = config.sources.iter().next().unwrap();
    let start = source.text.find(text).unwrap();
    Span { source: id, start, end: start + text.len() }
}

pub(super) fn first_source(config: &Config) -> SourceId {
    config.sources.iter().next().unwrap().0
}

/// A provider that was asked these things.
pub(super) fn world(exchanges: Vec<Exchange>) -> World {
    let missing = Missing::Declined { flag: "--offline" };
    World {
        took_ms: exchanges.iter().map(|exchange| exchange.ms).sum::<u64>() + 1,
        exchanges,
        ..World::missing(&missing, 0)
    }
}

pub(super) fn answered(id: &str, url: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
    Exchange {
        id: ExchangeId(id.to_owned()),
        request: Request::get(url),
        outcome: Outcome::Answer(Answer {
            status,
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: body.to_owned(),
            truncated: false,
            ..Answer::default()
        }),
        at: 1_790_000_000,
        ms: 41,
        attempts: 1,
    }
}

pub(super) fn unanswered(id: &str, url: &str, step: Step, cause: &str) -> Exchange {
    let mut exchange = answered(id, url, 200, &[], "");
    exchange.outcome = Outcome::Failure(Failure::new(step, cause));
    exchange.ms = 610;
    exchange.attempts = 2;
    exchange
}

pub(super) fn discovery() -> Exchange {
    let body = "{\"issuer\":\"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R\"}";
    answered("discovery", DISCOVERY, 200, &[("content-type", "application/json")], body)
}

pub(super) fn refused_authorize() -> Exchange {
    let query = format!(
        "client_id={CLIENT}&redirect_uri=https%3A%2F%2Fauth.corp.example.com%2Foauth2%2Fcallback&response_type=code\
         &scope=openid+email+profile&state=%E2%80%A6"
    );
    let location = format!("{LOGIN}/error?error=redirect_mismatch&client_id={CLIENT}");
    answered("authorize", &format!("{LOGIN}/oauth2/authorize?{query}"), 302, &[("location", &location)], "")
}

fn nothing(_: &Config) -> Judgement {
    Judgement::pass()
}

/// A rule as it would stand in the list.
pub(super) fn rule(name: &'static str, stage: Stage, severity: Severity, title: &str) -> &'static Rule {
    let page: &'static str = Box::leak(format!("---\nseverity: {severity}\n---\n# {title}\n").into_boxed_str());
    Box::leak(Box::new(Rule::new(name, page, stage, severity, nothing)))
}

pub(super) fn judged(rule: &'static Rule, verdict: Verdict) -> Judged {
    Judged::new(rule, None, verdict, Vec::new())
}

/// Passing rules, one for each stage that asks the provider or comes before.
pub(super) fn passing() -> Vec<Judged> {
    let all = [
        (Stage::Config, "unknown-key"),
        (Stage::Pomerium, "provider-missing"),
        (Stage::Issuer, "issuer-mismatch"),
        (Stage::Discovery, "discovery-malformed"),
        (Stage::Keys, "no-signing-keys"),
        (Stage::Domain, "pool-has-no-domain"),
        (Stage::Client, "client-not-usable"),
        (Stage::Callback, "callback-not-registered"),
        (Stage::Flow, "code-flow-disabled"),
        (Stage::Scopes, "scope-not-allowed"),
        (Stage::Secret, "client-secret-rejected"),
        (Stage::Login, "login-page-unavailable"),
        (Stage::SignOut, "sign-out-url-not-registered"),
    ];
    all.map(|(stage, name)| judged(rule(name, stage, Severity::Error, "Title"), Verdict::Pass)).into()
}

/// Replaces the verdict of one of the [`passing`] rules.
pub(super) fn set(verdicts: &mut [Judged], name: &str, verdict: Verdict) {
    verdicts.iter_mut().find(|judged| judged.rule.name == name).unwrap().verdict = verdict;
}

/// The callback that Cognito does not know, with its near miss.
pub(super) fn callback_finding(config: &Config) -> Finding {
    Finding::at(
        span(config, "https://auth.corp.example.com"),
        "Pomerium will send https://auth.corp.example.com/oauth2/callback",
    )
    .near(
        ("registered", "https://auth.corp.example.com/oauth2/callback/"),
        ("sent", "https://auth.corp.example.com/oauth2/callback"),
    )
    .fix("register the URL exactly as sent. Terraform:")
    .fix("callback_urls = [\"https://auth.corp.example.com/oauth2/callback\"]")
}

pub(super) fn screen(report: &Report) -> String {
    human::render(report, &View::default())
}

pub(super) fn with(report: &Report, verbosity: Verbosity) -> String {
    human::render(report, &View { verbosity, ..View::default() })
}

pub(super) fn report(config: Config, world: World, judged: Vec<Judged>) -> Report {
    Report::new([(config, world, judged)], &Options::default())
}

/// One finding at a place of a file, alone.
pub(super) fn single(config: Config, finding: Finding) -> Report {
    let verdict =
        judged(rule("a-rule", Stage::Config, Severity::Error, "Something is wrong"), Verdict::Fail(vec![finding]));
    report(config, world(Vec::new()), vec![verdict])
}

pub(super) fn callback_failure() -> Report {
    let (config, world, judged) = callback_case();
    report(config, world, judged)
}

pub(super) fn callback_case() -> (Config, World, Vec<Judged>) {
    let config = config(FILE);
    let mut verdicts = passing();
    let callback =
        rule("callback-not-registered", Stage::Callback, Severity::Error, "Cognito does not know this callback URL");
    let groups =
        rule("groups-criterion-never-matches", Stage::Scopes, Severity::Warning, "This policy can never match");
    for verdict in &mut verdicts {
        match verdict.rule.name {
            "callback-not-registered" => {
                verdict.rule = callback;
                verdict.verdict = Verdict::Fail(vec![callback_finding(&config)]);
                verdict.witnesses = ["discovery", "authorize"].map(|id| ExchangeId(id.to_owned())).to_vec();
            }
            "code-flow-disabled" | "scope-not-allowed" | "login-page-unavailable" => {
                verdict.verdict = Verdict::Undecided(vec![Missing::Follows(Need::Authorize)]);
                verdict.follows = Some("callback-not-registered");
            }
            "client-secret-rejected" => {
                verdict.verdict = Verdict::Undecided(vec![Missing::Declined { flag: "--probe-secret" }]);
            }
            "sign-out-url-not-registered" => {
                verdict.verdict = Verdict::Undecided(vec![Missing::Declined { flag: "--probe-sign-out" }]);
            }
            _ => {}
        }
    }
    let finding = Finding::at(span(&config, "claim/groups"), "Cognito puts groups in `cognito:groups`")
        .also(span(&config, "cognito"), "tokens come from Cognito")
        .fix("claim/cognito:groups: admins");
    verdicts.push(judged(groups, Verdict::Fail(vec![finding])));
    (config, world(vec![discovery(), refused_authorize()]), verdicts)
}

pub(super) fn unavailable() -> Report {
    let cause = "failed to lookup address information: Name or service not known";
    let mut verdicts = passing();
    for verdict in verdicts.iter_mut().filter(|verdict| verdict.rule.stage >= Stage::Issuer) {
        verdict.verdict = Verdict::Undecided(vec![if verdict.rule.stage < Stage::Client {
            Missing::Unreachable { url: DISCOVERY.to_owned(), step: Step::NoSuchHost, cause: cause.to_owned() }
        } else {
            Missing::Follows(Need::Discovery)
        }]);
    }
    report(config(FILE), world(vec![unanswered("discovery", DISCOVERY, Step::NoSuchHost, cause)]), verdicts)
}

pub(super) fn place(config: &Config, text: &str) -> Finding {
    Finding::at(span(config, text), "is wrong")
}

/// The excerpt of a report of one finding: what stands above `more`.
pub(super) fn excerpt(report: &Report) -> String {
    let screen = screen(report);
    screen.lines().skip(1).take_while(|line| !line.contains("  more")).map(|line| format!("{line}\n")).collect()
}
