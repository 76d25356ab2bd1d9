//! What was asked and what came back: each parameter on a line of its own, decoded.

use std::borrow::Cow;

use url::form_urlencoded;

use super::sheet::Sheet;
use crate::evidence::{Answer, Exchange, Outcome};
use crate::report::human::exchange::{command, from_origin, purpose};
use crate::report::words;

/// More exchanges beside one finding are folded.
const MOST_SHOWN: usize = 2;

/// The exchanges that prove a finding.
pub(super) fn proof(sheet: &mut Sheet<'_>, exchanges: &[&Exchange]) {
    if exchanges.is_empty() {
        return;
    }
    sheet.heading(4, |sheet| sheet.put("Evidence"));
    let (shown, folded) = exchanges.split_at(exchanges.len().min(MOST_SHOWN));
    for (index, exchange) in shown.iter().enumerate() {
        write(sheet, exchange, index == 0);
    }
    if !folded.is_empty() {
        sheet.put("<details><summary>").number(folded.len()).put(" more</summary>");
        for exchange in folded {
            write(sheet, exchange, false);
        }
        sheet.put("</details>");
    }
}

/// One exchange: its answer in the line that is always seen.
pub(super) fn write(sheet: &mut Sheet<'_>, exchange: &Exchange, is_open: bool) {
    let request = &exchange.request;
    sheet.put(if is_open { "<details class=\"asked\" open>" } else { "<details class=\"asked\">" });
    sheet.put("<summary><b>");
    match named(&exchange.id.0).or_else(|| purpose(exchange)) {
        Some(name) => sheet.put(name),
        None => sheet.text(&exchange.id.0),
    };
    sheet.put("</b> ").code(&in_short(exchange)).put(" <span class=\"host\">");
    sheet.text(words::host(&request.url)).put("</span></summary>");
    let (place, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
    sheet.put("<p>").text(&request.method).put(" ").code(place).put("</p>");
    parameters(
        sheet,
        form_urlencoded::parse(query.as_bytes())
            .chain(request.form.iter().map(|(name, value)| (name.as_str().into(), value.as_str().into()))),
    );
    match &exchange.outcome {
        Outcome::Answer(answer) => came_back(sheet, answer),
        Outcome::Failure(failure) => {
            sheet.put("<p>no answer: ").put(words::step(failure.step)).put(": ").text(&failure.cause).put("</p>");
        }
    }
    sheet.put("<p class=\"meta\">").number(usize::try_from(exchange.ms).unwrap_or(usize::MAX)).put(" ms");
    if exchange.attempts > 1 {
        sheet.put(", ").number(usize::from(exchange.attempts)).put(" attempts");
    }
    let again = command(sheet.screen, exchange);
    sheet.put("; the same again:</p>").block(&[&again]).put("</details>\n");
}

/// The answer: where it leads, parameter by parameter, and what it says.
fn came_back(sheet: &mut Sheet<'_>, answer: &Answer) {
    sheet.put("<p>answered ").number(usize::from(answer.status));
    let location = answer.header("location").unwrap_or_default();
    let (place, query) = location.split_once('?').unwrap_or((location, ""));
    if !place.is_empty() {
        sheet.put(", and leads to ").code(place);
    }
    sheet.put("</p>");
    parameters(sheet, form_urlencoded::parse(query.as_bytes()));
    let headers = words::TELLING_HEADERS.into_iter().filter(|name| *name != "location");
    let mut said: Vec<(&str, String)> =
        headers.filter_map(|name| answer.header(name).map(|value| (name, value.to_owned()))).collect();
    said.extend(words::telling(answer).map(|part| ("says", part)));
    parameters(sheet, said.iter().map(|(name, value)| ((*name).into(), value.as_str().into())));
}

/// Names and values; nothing if there are none.
fn parameters<'a>(sheet: &mut Sheet<'_>, pairs: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>) {
    let mut pairs = pairs.peekable();
    if pairs.peek().is_none() {
        return;
    }
    sheet.put("<dl class=\"pairs\">");
    for (name, value) in pairs {
        sheet.put("<dt>").text(&name).put("</dt><dd>").code(&value).put("</dd>");
    }
    sheet.put("</dl>");
}

/// `302 → /error?error=redirect_mismatch`: what tells most.
fn in_short(exchange: &Exchange) -> String {
    match &exchange.outcome {
        Outcome::Failure(failure) => format!("no answer: {}", words::step(failure.step)),
        Outcome::Answer(answer) => {
            let location = answer.header("location").map(|location| from_origin(location, &exchange.request.url));
            let says = location.map(|location| {
                let (place, query) = location.split_once('?').unwrap_or((location, ""));
                let error = query.split('&').find(|pair| pair.starts_with("error="));
                format!(" → {place}{}", error.map(|error| format!("?{error}")).unwrap_or_default())
            });
            let says = says.or_else(|| words::telling(answer).map(|part| format!(" {part}")));
            format!("{}{}", answer.status, says.unwrap_or_default())
        }
    }
}

/// What a question is about.
fn named(id: &str) -> Option<&'static str> {
    let id = id.split('.').next().unwrap_or_default();
    Some(match id {
        "discovery" => "the discovery document",
        "issuer-variant" => "the other issuer of the pool",
        "keys" | "keys-named" => "the signing keys",
        "domain" => "the login domain",
        "authorize" => "what Pomerium will ask",
        "login-page" => "the login page",
        "sign-out" => "the sign-out",
        "token" => "the secret",
        "token-public" => "the app client without a secret",
        _ if id.contains("-again-") || id.ends_with("-control") => return None,
        _ if id.starts_with("discovery-redirect") => "where the discovery document went",
        _ if id.starts_with("callback-near") => "a callback like it",
        _ if id.starts_with("scope-") => "a scope by itself",
        _ => return None,
    })
}
