//! What the user ignores: found all the same, and one line each.

use super::{Ink, LONGEST, Screen};
use crate::report::{ConfigReport, severity, text};

/// The block; nothing if nothing is ignored.
pub(super) fn block(screen: &Screen<'_>, report: &ConfigReport) -> Option<Vec<String>> {
    let mut lines = vec![screen.paint("ignored", Ink::Strong)];
    for listed in report.told() {
        let (judged, finding) = (listed.judged, listed.finding);
        let Some(ignored) = &finding.ignored else { continue };
        let place =
            report.config.sources.get(finding.at.source).map(|source| {
                format!("{}:{}", screen.outside(&source.name, 200), source.position(finding.at.start).line)
            });
        let until = ignored.until.map(|until| format!(" until {until}")).unwrap_or_default();
        let reason = screen.outside(&ignored.reason, LONGEST);
        let line = format!(
            "{}[{}] {}{until}: {reason}",
            severity(judged.rule, finding),
            judged.rule.name,
            place.unwrap_or_default()
        );
        let wrapped = text::wrap(&line, screen.width().saturating_sub(6));
        lines.extend(
            wrapped.iter().enumerate().map(|(index, line)| format!("  {}{line}", if index == 0 { "" } else { "    " })),
        );
    }
    (lines.len() > 1).then_some(lines)
}
