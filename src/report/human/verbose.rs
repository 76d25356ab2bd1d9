//! What `-v` adds: every exchange as a command that repeats it, and every rule with its verdict.

use super::{Ink, Screen, exchange};
use crate::engine::Judged;
use crate::evidence::Missing;
use crate::report::{Applied, ConfigReport, text, words};
use crate::rules::Verdict;

/// What no rule can see.
pub(in crate::report) const UNSEEN: &str =
    "users, groups, multi-factor authentication and Lambda triggers: a login can still fail there";

pub(super) fn blocks(screen: &Screen<'_>, report: &ConfigReport) -> Vec<Vec<String>> {
    [exchanges(screen, report), rules(screen, report)].into_iter().filter(|block| !block.is_empty()).collect()
}

fn exchanges(screen: &Screen<'_>, report: &ConfigReport) -> Vec<String> {
    let mut lines = Vec::new();
    for asked in &report.world.exchanges {
        lines.push(format!("  {}  {}", screen.outside(&asked.id.0, 80), exchange::command(screen, asked)));
        lines.extend(exchange::came_back(screen, asked, screen.width() - 6).iter().map(|line| format!("      {line}")));
    }
    for (host, proxy) in &report.world.proxies {
        let (host, proxy) = (screen.outside(host, 253), screen.outside(words::host(proxy), 253));
        lines.push(format!("  {host} was asked through the proxy {proxy}"));
    }
    if !lines.is_empty() {
        lines.insert(0, screen.paint("exchanges", Ink::Strong));
    }
    lines
}

fn rules(screen: &Screen<'_>, report: &ConfigReport) -> Vec<String> {
    let name = |judged: &Judged| match &judged.client {
        Some(client) if report.world.clients.len() > 1 => {
            format!("{} ({})", judged.rule.name, screen.outside(client, 128))
        }
        _ => judged.rule.name.to_owned(),
    };
    let mut lines = vec![screen.paint("rules", Ink::Strong)];
    let passed: Vec<String> =
        report.judged.iter().filter(|judged| matches!(judged.verdict, Verdict::Pass)).map(name).collect();
    lines.extend(listed(screen, "passed", &passed.join(", ")));
    let mut groups: Vec<(&str, String, Vec<String>)> = Vec::new();
    for judged in report.judged.iter() {
        let Some((label, why)) = unjudged(report, judged) else { continue };
        match groups.iter_mut().find(|(known, reason, _)| *known == label && *reason == why) {
            Some((_, _, names)) => names.push(name(judged)),
            None => groups.push((label, why, vec![name(judged)])),
        }
    }
    groups.sort_by_key(|(label, _, _)| *label);
    for (label, why, names) in groups {
        lines.extend(listed(screen, label, &format!("{}: {}", names.join(", "), screen.outside(&why, 400))));
    }
    lines.extend(listed(screen, "unseen", UNSEEN));
    lines
}

/// What the settings file changed.
pub(super) fn settings(screen: &Screen<'_>, applied: &Applied) -> Vec<String> {
    let mut lines = vec![screen.paint(&format!("settings of {}", screen.outside(&applied.file, 200)), Ink::Strong)];
    lines.extend(listed(screen, "off", &applied.off.join(", ")));
    for (rule, severity) in &applied.severities {
        let change = format!("{}: instead of {}", rule.name, rule.severity);
        lines.extend(listed(screen, severity.name(), &change));
    }
    if lines.len() == 1 {
        lines.push("  every rule as it is".to_owned());
    }
    lines
}

/// Why a rule was not judged.
pub(in crate::report) fn unjudged(report: &ConfigReport, judged: &Judged) -> Option<(&'static str, String)> {
    match (&judged.verdict, judged.follows) {
        (_, Some(cause)) => Some(("waits", format!("for {cause}"))),
        (Verdict::NotApplicable(why), _) => Some(("n/a", (*why).to_owned())),
        (Verdict::Undecided(missing), _) => {
            let reasons: Vec<String> = missing.iter().map(|reason| words::missing(&report.config, reason)).collect();
            let label = match missing.as_slice() {
                _ if !judged.is_declined() => "undecided",
                [Missing::Elsewhere(_), ..] => "elsewhere",
                _ => "not judged",
            };
            Some((label, reasons.join("; ")))
        }
        _ => None,
    }
}

fn listed(screen: &Screen<'_>, label: &str, words: &str) -> Vec<String> {
    let label = |index| if index == 0 { label } else { "" };
    let lines = text::wrap(words, screen.width() - 13);
    lines.iter().enumerate().map(|(index, line)| format!("  {:<11}{line}", label(index))).collect()
}
