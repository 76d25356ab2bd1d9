//! The report as one page to hand on: no script, no picture, nothing fetched, and a policy that forbids all of it.
//!
//! What stands first is what is wanted first: whether a login works, where it stops, what to do about it, what proves it. The rest
//! is folded, and unfolded where it is printed.

mod evidence;
mod excerpt;
mod finding;
mod near;
mod open;
mod path;
mod rest;
mod sheet;

use sheet::Sheet;

use super::human::{Screen, answer};
use super::ink::Ink;
use super::{ConfigReport, Report, Summary, View, words};

/// The report as a page.
pub(super) fn render(report: &Report, _: &View) -> String {
    let view = View::default();
    let screen = Screen { view: &view, scrubber: report.scrubber() };
    let (verdict, ink) = match report.reports.as_slice() {
        [one] => answer::verdict(one, &Summary::of_one(one)),
        _ => answer::verdict_of_all(report),
    };
    let mut sheet = Sheet::new(&screen, &verdict);
    match report.reports.as_slice() {
        [one] => single(&mut sheet, report, one, (&verdict, ink)),
        several => many(&mut sheet, report, several, (&verdict, ink)),
    }
    footer(&mut sheet, report);
    sheet.finish()
}

/// The page of one configuration.
fn single(sheet: &mut Sheet<'_>, report: &Report, one: &ConfigReport, (verdict, ink): (&str, Ink)) {
    top(sheet, ink);
    file(sheet, one);
    sheet.heading(1, |sheet| sheet.prose(verdict));
    counts(sheet, &report.summary);
    about(sheet, report, one);
    sheet.put("</header>\n<main>");
    body(sheet, one, 0);
    sheet.put("</main>\n");
}

/// The page of several: what became of each, then each.
fn many(sheet: &mut Sheet<'_>, report: &Report, several: &[ConfigReport], (verdict, ink): (&str, Ink)) {
    top(sheet, ink);
    sheet.heading(1, |sheet| sheet.prose(verdict));
    counts(sheet, &report.summary);
    sheet.put("</header>\n<nav aria-label=\"configurations\"><ol class=\"index\">");
    for (number, one) in several.iter().enumerate() {
        let (verdict, ink) = answer::verdict(one, &Summary::of_one(one));
        sheet.put("<li class=\"").put(class(ink)).put("\"><a href=\"#c").number(number).put("\">");
        sheet.text(&one.config.path).put("</a> <span>").prose(&verdict).put("</span></li>");
    }
    sheet.put("</ol></nav>\n<main>");
    sheet.below = 1;
    for (number, one) in several.iter().enumerate() {
        let (verdict, ink) = answer::verdict(one, &Summary::of_one(one));
        sheet
            .put("<section class=\"config\" id=\"c")
            .number(number)
            .put("\"><div class=\"top ")
            .put(class(ink))
            .put("\">");
        file(sheet, one);
        sheet.heading(1, |sheet| sheet.prose(&verdict));
        about(sheet, report, one);
        sheet.put("</div>\n");
        body(sheet, one, number);
        sheet.put("</section>\n");
    }
    sheet.put("</main>\n");
}

fn top(sheet: &mut Sheet<'_>, ink: Ink) {
    sheet.put("<header class=\"top ").put(class(ink)).put("\">");
}

/// How the page calls a colour.
fn class(ink: Ink) -> &'static str {
    match ink {
        Ink::Bad => "bad",
        Ink::Good => "good",
        _ => "open",
    }
}

fn file(sheet: &mut Sheet<'_>, one: &ConfigReport) {
    sheet.put("<p class=\"file\">").text(&one.config.path).put("</p>");
}

/// The counts that the JSON report has, but for those that are nothing.
fn counts(sheet: &mut Sheet<'_>, summary: &Summary) {
    let counts = [
        ("errors", summary.errors, "error", "errors"),
        ("warnings", summary.warnings, "warning", "warnings"),
        ("notes", summary.notes, "note", "notes"),
        ("ignored", summary.ignored, "ignored", "ignored"),
        ("accepted", summary.accepted, "accepted", "accepted"),
        ("passed", summary.passed, "passed", "passed"),
        ("undecided", summary.undecided, "undecided", "undecided"),
        ("declined", summary.declined, "not judged", "not judged"),
        ("follows", summary.follows, "waits", "wait"),
        ("not_applicable", summary.not_applicable, "not applicable", "not applicable"),
        ("hidden_notes", summary.hidden, "note hidden", "notes hidden"),
        ("requests", summary.requests, "request", "requests"),
    ];
    sheet.put("<ul class=\"counts\">");
    for (name, number, one, several) in counts.into_iter().filter(|(_, number, ..)| *number > 0) {
        sheet.put("<li class=\"").put(name).put("\"><b>").number(number).put("</b> ");
        sheet.put(if number == 1 { one } else { several }).put("</li>");
    }
    sheet.put("</ul>");
}

/// What else the last lines of a terminal say.
fn about(sheet: &mut Sheet<'_>, report: &Report, one: &ConfigReport) {
    let settings = report.settings.as_ref();
    let mut pieces = answer::pieces_of(sheet.screen, one, &Summary::of_one(one), settings);
    pieces.extend(words::fails_now(one));
    pieces.extend(words::newer(&one.config));
    sheet.list("about", &pieces);
}

/// All that was found about one configuration.
fn body(sheet: &mut Sheet<'_>, one: &ConfigReport, number: usize) {
    let listed = one.told();
    path::write(sheet, one, &listed, number);
    finding::write(sheet, one, &listed, number);
    open::write(sheet, one);
    rest::write(sheet, one);
}

fn footer(sheet: &mut Sheet<'_>, report: &Report) {
    sheet.put("<footer>");
    sheet.list("about", &words::about(report));
    sheet.put("<p>pomlint ").put(env!("CARGO_PKG_VERSION")).put(" ended with <b>exit code <span class=\"exit\">");
    sheet.number(usize::from(report.summary.exit)).put(
        "</span></b>. Secrets, codes and tokens are cut out of this page. Addresses, client ids and pool ids are not: \
         look at it before you hand it on.</p></footer>\n",
    );
}
