//! What most readers do not need, folded: the rules that passed or do not apply, and all that was asked.

use super::evidence;
use super::sheet::Sheet;
use crate::report::ConfigReport;
use crate::report::human::verbose::{UNSEEN, unjudged};
use crate::report::words;
use crate::rules::Verdict;

/// The two folded parts.
pub(super) fn write(sheet: &mut Sheet<'_>, one: &ConfigReport) {
    rules(sheet, one);
    let exchanges = &one.world.exchanges;
    if exchanges.is_empty() {
        return;
    }
    sheet.put("<details class=\"rest\"><summary>");
    sheet.heading(2, |sheet| sheet.put("All that was asked (").number(exchanges.len()).put(")"));
    sheet.put("</summary>");
    for exchange in exchanges {
        evidence::write(sheet, exchange, false);
    }
    for (host, proxy) in &one.world.proxies {
        sheet.put("<p>").code(host).put(" was asked through the proxy ").code(words::host(proxy)).put("</p>");
    }
    sheet.put("</details>\n");
}

fn rules(sheet: &mut Sheet<'_>, one: &ConfigReport) {
    let passed: Vec<&'static str> = one
        .judged
        .iter()
        .filter(|judged| matches!(judged.verdict, Verdict::Pass))
        .map(|judged| judged.rule.name)
        .collect();
    let mut others: Vec<(String, Vec<&'static str>)> = Vec::new();
    for judged in one.judged.iter().filter(|judged| matches!(judged.verdict, Verdict::NotApplicable(_))) {
        let Some((_, why)) = unjudged(one, judged) else { continue };
        match others.iter_mut().find(|(known, _)| *known == why) {
            Some((_, names)) => names.push(judged.rule.name),
            None => others.push((why, vec![judged.rule.name])),
        }
    }
    let number = passed.len() + others.iter().map(|(_, names)| names.len()).sum::<usize>();
    if number == 0 {
        return;
    }
    sheet.put("<details class=\"rest\"><summary>");
    sheet.heading(2, |sheet| sheet.put("Rules that passed or do not apply (").number(number).put(")"));
    sheet.put("</summary><dl class=\"reasons\">");
    if !passed.is_empty() {
        sheet.put("<dt>passed</dt><dd>").names(&passed).put("</dd>");
    }
    for (why, names) in &others {
        sheet.put("<dt>").prose(why).put("</dt><dd>").names(names).put("</dd>");
    }
    sheet.put("<dt>no rule can see</dt><dd>").put(UNSEEN).put("</dd></dl></details>\n");
}
