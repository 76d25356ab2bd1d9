//! What a page can ask of pomlint in a browser: what something seen means, and whether a configuration is right as far as it goes.
//!
//! A page writes the text into the memory that [`reserve`] gives, calls [`diagnose`] or [`check`], and reads as many bytes as that says
//! from where [`answer`] points: JSON. Nothing here asks anybody, reads a file or knows the time: the page tells it.

use std::cell::RefCell;

use pomlint::config::{Date, Given, GivenBy, NoFiles, RawFile, Request};
use pomlint::diagnose;
use pomlint::engine::{Decisions, decide, judge};
use pomlint::evidence::{gather_offline, plan};
use pomlint::report::{Answer, Asked, Options, Report, View, diagnosis, diagnosis_json, format};
use pomlint::rules::RULES;
use serde_json::{Value, json};

/// What a text is called that was pasted.
const NAME: &str = "pasted.yaml";

thread_local! {
    static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static ANSWER: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Where the page writes so many bytes of text.
#[unsafe(no_mangle)]
pub extern "C" fn reserve(length: usize) -> *mut u8 {
    TEXT.with_borrow_mut(|text| {
        *text = vec![0; length];
        text.as_mut_ptr()
    })
}

/// Where the last answer stands.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> *const u8 {
    ANSWER.with_borrow(|answer| answer.as_ptr())
}

/// Says what the text means, as `pomlint diagnose --offline` does: `text` in lines of at most so many columns, and the whole `answer`. It is as
/// many seconds after 1970. Gives the length of the answer in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn diagnose(now: f64, columns: usize) -> usize {
    tell(|text| diagnosed(text, seconds(now), &view(columns)))
}

/// Judges the text as `pomlint check --offline` does, if it is a configuration; else the answer is `null`. Otherwise as [`diagnose`].
#[unsafe(no_mangle)]
pub extern "C" fn check(now: f64, columns: usize) -> usize {
    tell(|text| checked(text, seconds(now), &view(columns)))
}

fn tell(what: impl FnOnce(&[u8]) -> Value) -> usize {
    let told = TEXT.with_borrow(|text| what(text)).to_string();
    ANSWER.with_borrow_mut(|answer| {
        *answer = told;
        answer.len()
    })
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time that is none is the year 1970")]
fn seconds(now: f64) -> u64 {
    now as u64
}

fn view(columns: usize) -> View {
    View { width: columns, ..View::default() }
}

fn diagnosed(text: &[u8], now: u64, view: &View) -> Value {
    match diagnose::read(&mut &*text, now, &mut |_| {}) {
        Err(error) => json!({"error": error.to_string()}),
        Ok(seen) => {
            // As if it could be asked: what the text reveals of the pool decides.
            let is_known = !seen.rules_to_judge(|rule| seen.clues.can_judge(rule)).is_empty();
            let asked = if is_known { Asked::Offline } else { Asked::Nobody };
            let answer = Answer { diagnosis: &seen, report: None, asked };
            json!({"text": diagnosis(&answer, view), "answer": parsed(&diagnosis_json(&answer)), "exit": answer.exit()})
        }
    }
}

fn checked(text: &[u8], now: u64, view: &View) -> Value {
    let file = RawFile { name: NAME.to_owned(), bytes: text.to_vec() };
    // As if it were found: whatever is not plainly Pomerium's is something seen.
    let request = Request { given: vec![Given { file, files: &NoFiles, by: GivenBy::Folder }], ..Request::default() };
    let configs = request.load().configs;
    if configs.is_empty() {
        return Value::Null;
    }
    let rules: Vec<_> = RULES.iter().collect();
    let plan = plan(RULES.iter().flat_map(|rule| rule.needs.iter().copied()));
    let mut cases: Vec<_> = configs
        .into_iter()
        .map(|config| {
            let world = gather_offline(&config, &plan, &[]);
            let judged = judge(&config, &world, &rules);
            (config, world, judged)
        })
        .collect();
    decide(&mut cases, &Decisions::on(Date::of_unix_time(now)));
    let report = Report::new(cases, &Options::default());
    let write = |name| format(name).map(|format| (format.render)(&report, view)).unwrap_or_default();
    json!({"text": write("human"), "answer": parsed(&write("json")), "exit": report.summary.exit})
}

fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}
