//! What could not be judged, by its causes, and what can be done about each.

use std::collections::BTreeSet;

use super::{Ink, Screen};
use crate::config::{Form, Span};
use crate::engine::Judged;
use crate::evidence::{Exchange, Flag, Missing, Need, Step};
use crate::report::{ConfigReport, PROGRAM, Verbosity, text, words};
use crate::rules::Verdict;
use crate::shell;

/// How many rules are named below a cause.
const NAMED: usize = 2;

/// The block; nothing if all was judged or declined.
pub(super) fn block(screen: &Screen<'_>, report: &ConfigReport) -> Option<Vec<String>> {
    let open = distinct(report.judged.iter().filter(|judged| judged.is_open()));
    if open.is_empty() {
        return None;
    }
    let all = distinct(report.judged.iter().filter(|judged| !matches!(judged.verdict, Verdict::NotApplicable(_))));
    let heading = screen.paint("undecided:", Ink::Warn);
    let mut lines = vec![format!(
        "{heading} {} of {} could not be judged. {}",
        open.len(),
        text::count(all.len(), "rule"),
        meaning(report)
    )];
    if screen.view.verbosity == Verbosity::Quiet {
        return Some(lines);
    }
    let causes = causes(report);
    for cause in &causes {
        lines.extend(cause.lines(screen, report));
    }
    lines.extend(hints(screen, report.config.form, &causes));
    Some(lines)
}

/// What it means that something could not be judged.
pub(in crate::report) fn meaning(report: &ConfigReport) -> &'static str {
    let is_minor = report.judged.iter().filter(|judged| judged.is_open()).all(|judged| report.is_minor(judged));
    if is_minor { "At worst a warning is missed." } else { "This is not a pass." }
}

/// The names of the rules, each once, in order.
pub(super) fn distinct<'a>(judged: impl Iterator<Item = &'a Judged>) -> Vec<&'static str> {
    let mut seen = BTreeSet::new();
    judged.map(|judged| judged.rule.name).filter(|name| seen.insert(*name)).collect()
}

/// A reason, and the rules that it keeps from being judged.
pub(in crate::report) struct Cause<'a> {
    pub(in crate::report) reason: &'a Missing,
    pub(in crate::report) rules: Vec<&'static str>,
}

/// The causes, each with its rules; what only waits for another answer comes last.
pub(in crate::report) fn causes(report: &ConfigReport) -> Vec<Cause<'_>> {
    let mut causes: Vec<Cause<'_>> = Vec::new();
    for judged in report.judged.iter().filter(|judged| judged.is_open()) {
        let name = judged.rule.name;
        for reason in telling(judged.missing()) {
            match causes.iter_mut().find(|cause| alike(cause.reason, reason)) {
                Some(cause) if cause.rules.contains(&name) => {}
                Some(cause) => cause.rules.push(name),
                None => causes.push(Cause { reason, rules: vec![name] }),
            }
        }
    }
    // What only waits for another answer comes after the causes themselves.
    causes.sort_by_key(|cause| matches!(cause.reason, Missing::Follows(_)));
    causes
}

/// The reasons themselves; those that only follow from another one count if there is no other.
fn telling(missing: &[Missing]) -> impl Iterator<Item = &Missing> {
    let follows = |reason: &Missing| matches!(reason, Missing::Follows(_));
    let wanted = |reason: &Missing| !reason.is_unwanted();
    let only_follows = missing.iter().filter(|reason| wanted(reason)).all(follows);
    missing.iter().filter(move |reason| wanted(reason) && (only_follows || !follows(reason)))
}

/// Two reasons are one cause.
fn alike(a: &Missing, b: &Missing) -> bool {
    match (a, b) {
        (Missing::Unreachable { url: a, step: x, .. }, Missing::Unreachable { url: b, step: y, .. }) => {
            x == y && words::host(a) == words::host(b)
        }
        (Missing::Inconclusive { url: a, status: x, .. }, Missing::Inconclusive { url: b, status: y, .. }) => {
            x == y && words::host(a) == words::host(b)
        }
        (Missing::Forbidden { url: a, flag: x, .. }, Missing::Forbidden { url: b, flag: y, .. }) => {
            x == y && words::host(a) == words::host(b)
        }
        (Missing::NotRecorded { .. }, Missing::NotRecorded { .. }) => true,
        _ => a == b,
    }
}

impl Cause<'_> {
    /// What it is, and what is known of it.
    pub(in crate::report) fn told(&self, screen: &Screen<'_>, report: &ConfigReport) -> (String, Vec<String>) {
        let host = |url: &str| screen.outside(words::host(url), 253);
        let (title, mut details) = match self.reason {
            Missing::Unreachable { url, step, cause } => {
                let why = format!("{}: {}{}", words::step(*step), screen.outside(cause, 300), took(report, url));
                (
                    format!("no answer from {}", host(url)),
                    vec![url_line(screen, report, url), why, proxy(screen, report, url)],
                )
            }
            Missing::Inconclusive { url, status, why } => (
                format!("no telling answer from {}", host(url)),
                vec![
                    url_line(screen, report, url),
                    format!("{status}: {}{}", screen.outside(why, 400), repeated(report, url)),
                    proxy(screen, report, url),
                ],
            ),
            Missing::Forbidden { url, why, .. } => {
                (format!("{} was not asked", host(url)), vec![screen.outside(why, 300)])
            }
            Missing::Refused { says, statement } => {
                let statement = statement.as_ref().map(|statement| screen.outside(statement, 400));
                (screen.outside(says, 400), statement.into_iter().collect())
            }
            Missing::Follows(Need::File) => ("the configuration could not be read".to_owned(), Vec::new()),
            Missing::Follows(need) => (format!("not asked: `{}` must be answered first", need.name()), Vec::new()),
            Missing::Placeholder(span) => {
                let value = report.config.sources.slice(*span).lines().next().unwrap_or_default().trim_end();
                let title = match (
                    screen.outside(value, 80),
                    words::named(&report.config, *span),
                    adornment(report, *span),
                ) {
                    // Nothing stands there: it is passed on, or its form has it elsewhere.
                    (value, Some(name), _) if value.is_empty() => {
                        format!("the value of `{}` is not known here", screen.outside(name, 80))
                    }
                    (value, _, Some(what)) => {
                        format!(
                            "{value} {what}, which `docker run` keeps and compose takes off: nothing here says who reads the file"
                        )
                    }
                    (value, ..) => format!("`{value}` stands for a value that is not known here"),
                };
                (title, vec![screen.outside(&words::place(&report.config, *span), 300)])
            }
            Missing::NotRecorded { url } => {
                ("the recording does not hold it".to_owned(), vec![url_line(screen, report, url)])
            }
            Missing::Unconfigured(_)
            | Missing::Untold(_)
            | Missing::Budget(_)
            | Missing::Limit(_)
            | Missing::Declined { .. }
            | Missing::Elsewhere(_)
            | Missing::NotApplicable(_) => {
                (screen.outside(&words::missing(&report.config, self.reason), 400), Vec::new())
            }
        };
        details.retain(|detail| !detail.is_empty());
        (title, details)
    }

    fn lines(&self, screen: &Screen<'_>, report: &ConfigReport) -> Vec<String> {
        let (title, details) = self.told(screen, report);
        let most = if screen.verbose() { usize::MAX } else { NAMED };
        let needed = format!("needed by {}", text::names(&self.rules, most));
        let mut lines: Vec<String> =
            text::wrap(&title, screen.width() - 2).into_iter().map(|line| format!("  {line}")).collect();
        for detail in details.into_iter().chain([needed]) {
            // What is copied is not broken, and an address in prose keeps whole as any word does.
            let is_request = detail.split_once(' ').is_some_and(|(_, url)| url.contains("://") && !url.contains(' '));
            let whole = is_request || detail.starts_with('{');
            let broken = if whole { vec![detail] } else { text::wrap(&detail, screen.width() - 6) };
            lines.extend(broken.into_iter().map(|line| format!("      {line}")));
        }
        lines
    }
}

/// What the readers of an environment file differ in, if something of it is on a value.
fn adornment(report: &ConfigReport, at: Span) -> Option<&'static str> {
    let value = report.config.sources.slice(at);
    if report.config.form != Form::Environment {
        None
    } else if value.trim_start().starts_with(['"', '\'']) {
        Some("is in quotes")
    } else if [" #", "\t#"].iter().any(|sign| value.contains(sign)) {
        Some("has a comment behind it")
    } else {
        (value.trim() != value).then_some("has a blank beside it")
    }
}

/// The request, whole but for its query.
fn url_line(screen: &Screen<'_>, report: &ConfigReport, url: &str) -> String {
    let method = match asked(report, url) {
        // What comes before a call, to have credentials for it, is asked in a way of its own.
        Some(exchange) if exchange.attempts == 0 && exchange.request.url != url => String::new(),
        Some(exchange) => screen.outside(&exchange.request.method, 10) + " ",
        None => "GET ".to_owned(),
    };
    match url.split_once('?').filter(|_| !screen.verbose()) {
        Some((base, _)) => format!("{method}{}?…", screen.outside(base, 4000)),
        None => format!("{method}{}", screen.outside(url, 4000)),
    }
}

/// The exchange that was put to an address.
fn asked<'r>(report: &'r ConfigReport, url: &str) -> Option<&'r Exchange> {
    report.world.exchanges.iter().find(|exchange| exchange.asked_at() == url)
}

/// The attempts, if there were several.
fn repeated(report: &ConfigReport, url: &str) -> String {
    match asked(report, url).map(|exchange| exchange.attempts) {
        Some(attempts @ 2..) => format!(" ({attempts} attempts)"),
        _ => String::new(),
    }
}

/// The attempts and the time they took.
fn took(report: &ConfigReport, url: &str) -> String {
    let Some(exchange) = asked(report, url) else { return String::new() };
    match exchange.attempts {
        0 | 1 => format!(" ({})", text::seconds(exchange.ms)),
        attempts => format!(" ({attempts} attempts, {})", text::seconds(exchange.ms)),
    }
}

fn proxy(screen: &Screen<'_>, report: &ConfigReport, url: &str) -> String {
    let host = words::host(url);
    let bare = host.split(':').next().unwrap_or(host);
    let proxy = report.world.proxies.get(host).or_else(|| report.world.proxies.get(bare));
    proxy.map(|proxy| format!("through the proxy {}", screen.outside(words::host(proxy), 253))).unwrap_or_default()
}

/// What can be tried, once for each kind of cause.
fn hints(screen: &Screen<'_>, form: Form, causes: &[Cause<'_>]) -> Vec<String> {
    let mut hints = distinct_hints(screen, form, causes);
    hints.sort_by_key(|(words, _)| text::width(words) > 30);
    let column = hints.iter().map(|(words, _)| text::width(words)).filter(|width| *width <= 30).max().unwrap_or(0);
    let lines = hints
        .iter()
        .flat_map(|(words, why)| {
            let left = column + 2;
            if text::width(words) > column {
                vec![words.clone(), format!("{:left$}{why}", "")]
            } else {
                vec![format!("{words:left$}{why}")]
            }
        })
        .collect();
    super::labelled("try", lines)
}

/// What can be tried, each once, and when it helps.
pub(in crate::report) fn distinct_hints(
    screen: &Screen<'_>,
    form: Form,
    causes: &[Cause<'_>],
) -> Vec<(String, &'static str)> {
    let mut hints: Vec<(String, &str)> = Vec::new();
    for (words, why) in causes.iter().flat_map(|cause| hint(screen, form, cause.reason)) {
        if !hints.iter().any(|(known, _)| *known == words) {
            hints.push((words, why));
        }
    }
    hints
}

fn hint(screen: &Screen<'_>, form: Form, reason: &Missing) -> Vec<(String, &'static str)> {
    let proxy = ("HTTPS_PROXY=URL".to_owned(), "if a proxy stands in between");
    let replay = (format!("{PROGRAM} check --replay DIR"), "a recording made with --record elsewhere");
    let flag = |flag: Flag, url: &str| {
        let (host, port) = words::host_and_port(url);
        let host = screen.outside(&host, 253);
        let value = match flag {
            Flag::ConnectTo => format!("{host}:{port}:ADDR:{port}"),
            Flag::AllowHost | Flag::SecretTo => host,
        };
        format!("{} {}", flag.name(), shell::quoted(&value))
    };
    match reason {
        Missing::Unreachable { url, step: Step::NoSuchHost | Step::Lookup, .. } => {
            vec![proxy, (flag(Flag::ConnectTo, url), "if this machine does not know its address"), replay]
        }
        Missing::Unreachable { step: Step::Certificate | Step::Authority, .. } => {
            vec![("--ca FILE".to_owned(), "if a proxy of yours signs certificates")]
        }
        Missing::Unreachable { step: Step::Tls, .. } => vec![replay],
        Missing::Unreachable { .. } | Missing::Inconclusive { .. } => vec![proxy, replay],
        Missing::Budget(_) => vec![("--only RULE".to_owned(), "asks only what that rule needs")],
        Missing::NotRecorded { .. } => {
            vec![(format!("{PROGRAM} check --record DIR"), "records it with the same flags")]
        }
        Missing::Forbidden { url, flag: Some(named @ Flag::ConnectTo), .. } => {
            vec![(flag(*named, url), "if that address is meant")]
        }
        Missing::Forbidden { url, flag: Some(named), .. } => vec![(flag(*named, url), "if you trust this host")],
        Missing::Placeholder(_) if form == Form::Kubernetes => {
            vec![
                (format!("{PROGRAM} check FOLDER"), "the folder with the Secrets and ConfigMaps too"),
                ("--given NAME=VALUE".to_owned(), "what is no secret and stands elsewhere"),
            ]
        }
        Missing::Placeholder(_) => vec![
            ("--given NAME=VALUE".to_owned(), "what is no secret and stands elsewhere"),
            ("--env-file FILE".to_owned(), "Pomerium's environment, as NAME=value lines"),
            ("--expand-env".to_owned(), "if this process has the variables"),
        ],
        Missing::Forbidden { flag: None, .. }
        | Missing::Limit(_)
        | Missing::Refused { .. }
        | Missing::Unconfigured(_)
        | Missing::Untold(_)
        | Missing::Follows(_)
        | Missing::Declined { .. }
        | Missing::Elsewhere(_)
        | Missing::NotApplicable(_) => Vec::new(),
    }
}
