//! Who knows less finds less, and never a pass.

use std::collections::BTreeMap;

use pomlint::config::Config;
use pomlint::engine::{Judged, judge};
use pomlint::evidence::{GatherOptions, NamedClient, World, witness};
use pomlint::infra::{Code, Options, draft, together};
use pomlint::rules::{RULES, Verdict};
use serde_json::{Value, json};

use super::clients::template;
use super::readings;
use super::sheet::Reading;
use crate::support::dice::Dice;
use crate::support::pool::Pool;
use crate::support::transport::StandIn;
use crate::support::{asked, is_due, is_thorough};

fn config(reading: &Reading) -> Config {
    asked::config("c.yaml", reading.configuration())
}

/// What each rule says; nothing if the code cannot be heard.
fn verdicts(
    config: &Config,
    world: &World,
    codes: &[Code],
    named: &[NamedClient],
) -> Option<BTreeMap<&'static str, Verdict>> {
    let mut config = config.clone();
    let world = witness(&mut config, world.clone(), codes, named).ok()?;
    let rules: Vec<_> = RULES.iter().collect();
    Some(judge(&config, &world, &rules).into_iter().map(|judged| (judged.rule.name, judged.verdict)).collect())
}

/// The paths to everything in a value for which something holds.
fn paths(value: &Value, is_it: &dyn Fn(&Value) -> bool, here: &str, into: &mut Vec<String>) {
    if is_it(value) {
        into.push(here.to_owned());
    }
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(elements) => elements.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (name, value) in inner {
        paths(value, is_it, &format!("{here}/{}", name.replace('~', "~0").replace('/', "~1")), into);
    }
}

fn codes(reading: &Reading) -> Option<Vec<Code>> {
    let options = Options { region: Some("eu-west-1".to_owned()), ..Options::default() };
    let drafts = reading.files.iter().map(|(name, file)| draft(name, file.text().into_bytes()).ok());
    Some(together(drafts.collect::<Option<_>>()?, &options))
}

fn has_one_client(codes: &[Code]) -> bool {
    codes.iter().all(|code| code.now.clients.len() <= 1 && code.after.clients.len() <= 1)
}

fn is_pass(verdict: Option<&Verdict>) -> bool {
    matches!(verdict, Some(Verdict::Pass))
}

/// Each value of a setting, made unknown, makes no pass of a finding or of an open question.
#[test]
fn a_value_that_nobody_knows_is_never_a_pass() {
    let is_field = |value: &Value| {
        value.get("value").is_some_and(|value| value.get("unknown").is_none())
            && value.as_object().is_some_and(|own| own.len() <= 2)
    };
    let mut wrong = Vec::new();
    let mut tried = 0;
    for reading in readings() {
        let Some(codes) = codes(&reading) else { continue };
        // Whom to believe of two witnesses, and which of two clients it is, is another matter.
        if codes.len() > 1 || !has_one_client(&codes) {
            continue;
        }
        let (config, named) = (config(&reading), Vec::new());
        let world = asked::unasked(&config);
        let Some(before) = verdicts(&config, &world, &codes, &named) else { continue };
        let told = serde_json::to_value(&codes).unwrap();
        let mut fields = Vec::new();
        paths(&told, &is_field, "", &mut fields);
        for (number, field) in fields.into_iter().enumerate() {
            if !is_due(number, 6) {
                continue;
            }
            // What somebody named the resource, or which id it has, only finds it.
            if field.ends_with("/id")
                || field.ends_with("/name")
                || field.ends_with("/pool")
                || field.contains("/mapping/")
            {
                continue;
            }
            let mut told = told.clone();
            *told.pointer_mut(&format!("{field}/value")).unwrap() = json!({"unknown": "somebody took it away"});
            let codes: Vec<Code> = serde_json::from_value(told).unwrap();
            let Some(after) = verdicts(&config, &world, &codes, &named) else { continue };
            tried += 1;
            for (rule, verdict) in &before {
                let is_open = matches!(verdict, Verdict::Fail(_) | Verdict::Undecided(_));
                if is_open && is_pass(after.get(rule)) {
                    wrong.push(format!("{}: without {field}, {rule} passes", reading.name));
                }
            }
        }
    }
    assert!(tried > 80, "{tried}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// An address, a scope that is listed no more cannot have helped.
#[test]
fn a_shorter_list_never_allows_more() {
    const OF_LISTS: [(&str, &str); 3] = [
        ("callbacks", "callback-not-registered"),
        ("scopes", "scope-not-allowed"),
        ("sign_out_urls", "sign-out-url-not-registered"),
    ];
    let mut dice = Dice(0x5eed_0013);
    let mut tried = 0;
    for reading in readings() {
        let Some(codes) = codes(&reading) else { continue };
        if !has_one_client(&codes) {
            continue;
        }
        let config = config(&reading);
        let world = asked::unasked(&config);
        let Some(before) = verdicts(&config, &world, &codes, &[]) else { continue };
        let told = serde_json::to_value(&codes).unwrap();
        let mut lists = Vec::new();
        paths(&told, &|value| value.pointer("/value/known").is_some_and(Value::is_array), "", &mut lists);
        for list in lists {
            let Some((_, rule)) = OF_LISTS.iter().find(|(name, _)| list.ends_with(name)) else { continue };
            let mut told = told.clone();
            let members = told.pointer_mut(&format!("{list}/value/known")).and_then(Value::as_array_mut).unwrap();
            if members.is_empty() {
                continue;
            }
            members.remove(dice.roll(members.len()));
            let codes: Vec<Code> = serde_json::from_value(told).unwrap();
            let Some(after) = verdicts(&config, &world, &codes, &[]) else { continue };
            tried += 1;
            assert!(is_pass(before.get(rule)) || !is_pass(after.get(rule)), "{}: {list}", reading.name);
        }
    }
    assert!(tried > 30, "{tried}");
}

/// States that say something of the same time: without one of them nothing passes that was open with all.
#[test]
fn fewer_states_never_pass_what_was_open() {
    let states: Vec<(String, Vec<Code>)> = readings()
        .iter()
        .filter_map(|reading| Some((reading.name.clone(), codes(reading)?)))
        .filter(|(_, codes)| codes.iter().all(|code| code.form == pomlint::infra::Form::State))
        .collect();
    let plain = readings().into_iter().find(|reading| reading.name == "a healthy state").unwrap();
    let config = config(&plain);
    let world = asked::unasked(&config);
    let mut dice = Dice(0x5eed_0026);
    for _ in 0..if is_thorough() { 2000 } else { 200 } {
        let chosen: Vec<&(String, Vec<Code>)> =
            (0..2 + dice.roll(2)).map(|_| &states[dice.roll(states.len())]).collect();
        let mut all: Vec<Code> = chosen.iter().flat_map(|(_, codes)| codes.clone()).collect();
        let Some(before) = verdicts(&config, &world, &all, &[]) else { continue };
        all.remove(dice.roll(all.len()));
        let Some(after) = verdicts(&config, &world, &all, &[]) else { continue };
        for (rule, verdict) in &before {
            let names: Vec<&str> = chosen.iter().map(|(name, _)| name.as_str()).collect();
            let is_open = matches!(verdict, Verdict::Undecided(_));
            assert!(!is_open || !is_pass(after.get(rule)), "{rule} of {names:?}");
        }
    }
}

/// What can be known from outside: nothing, or what pools in several states answer, with the API and without.
const POOLS: [&str; 7] = [
    "",
    "client: {oauth: false}",
    "client: {id: 7zzzzzzzzzzzzzzzzzzzzzzzzz}",
    "client: {callback_urls: ['https://old.example.com/cb'], logout_urls: []}",
    "client: {scopes: [openid], flows: [implicit]}",
    "domain: none",
    "exists: false",
];

fn judged(config: &Config, world: &World, codes: &[Code], named: &[NamedClient]) -> Option<Vec<Judged>> {
    let mut config = config.clone();
    let world = witness(&mut config, world.clone(), codes, named).ok()?;
    Some(judge(&config, &world, &RULES.iter().collect::<Vec<_>>()))
}

/// What is said of what was not heard.
fn said_unheard(config: &Config, world: &World, codes: &[Code]) -> Vec<String> {
    witness(&mut config.clone(), world.clone(), codes, &[]).map(|world| world.unheard).unwrap_or_default()
}

/// Where a rule passes that did not with one witness more, although it was not he who found something. That witnesses disagree is
/// another matter, and what he leaves open, if he may, is open by him.
fn added(before: &[Judged], after: &[Judged], is_his: &dyn Fn(&str) -> bool, leaves_open: bool) -> Vec<String> {
    let is_explained = |judged: &Judged| match &judged.verdict {
        Verdict::Fail(_) => judged.witnesses.iter().any(|id| is_his(&id.0)),
        Verdict::Undecided(_) => leaves_open || judged.follows.is_some(),
        _ => true,
    };
    let pairs = before.iter().zip(after).filter(|(before, _)| before.rule.name != "witnesses-disagree");
    let wrong = pairs.filter(|(before, after)| matches!(after.verdict, Verdict::Pass) && !is_explained(before));
    wrong.map(|(before, _)| format!("{} ({:?})", before.rule.name, before.verdict)).collect()
}

/// Over all readings, alone and in pairs, beside all pools: whoever asks less passes nothing more, and neither does whoever has no code. Of
/// two files, one that names a client by its id keeps the other's from being taken for it: that is said in the guide.
#[test]
fn without_a_witness_nothing_more_passes() {
    let readings = readings();
    let plain = readings.iter().find(|reading| reading.name == "a healthy state").unwrap();
    let config = config(plain);
    let named = |file: &str, text: String| together(vec![draft(file, text.into_bytes()).unwrap()], &Options::default());
    let mut all: Vec<(String, Vec<Code>)> = readings
        .iter()
        .filter(|reading| reading.config.is_empty())
        .filter_map(|reading| Some((reading.name.clone(), codes(reading)?)))
        .collect();
    for clients in [&["Pomerium"][..], &["Pomerium", "Shop"]] {
        all.push((format!("a template of {clients:?}"), named("t.yaml", template(clients, ""))));
    }
    let options = |aws| GatherOptions { aws, ..asked::ALL };
    let world = |text: &str, aws| asked::world(&config, options(aws), &StandIn::new(Pool::from_yaml(text).unwrap()));
    let worlds: Vec<(String, World, World)> =
        POOLS.iter().map(|text| ((*text).to_owned(), world(text, false), world(text, true))).collect();
    let unasked = asked::unasked(&config);
    let mut dice = Dice(0x5eed_0b13);
    let mut wrong = Vec::new();
    for _ in 0..if is_thorough() { 2000 } else { 100 } {
        let chosen: Vec<&(String, Vec<Code>)> = (0..=dice.roll(2)).map(|_| &all[dice.roll(all.len())]).collect();
        let mut codes: Vec<Code> = chosen.iter().flat_map(|(_, codes)| codes.clone()).collect();
        for (number, code) in codes.iter_mut().enumerate() {
            code.file = format!("file-{number}");
        }
        let chosen_names: Vec<&str> = chosen.iter().map(|(name, _)| name.as_str()).collect();
        let (pool, probed, told) = &worlds[dice.roll(worlds.len())];
        let mut tell = |what: &str, found: Vec<String>| {
            wrong.extend(
                found.into_iter().map(|rule| format!("{chosen_names:?} beside {pool:?} without {what}: {rule}")),
            );
        };
        let Some(with_api) = judged(&config, told, &codes, &[]) else { continue };
        let Some(live) = judged(&config, probed, &codes, &[]) else { continue };
        let Some(offline) = judged(&config, &unasked, &codes, &[]) else { continue };
        let is_call = |id: &str| told.exchanges.iter().any(|exchange| exchange.id.0 == id && exchange.id.is_call());
        let is_asked = |id: &str| probed.exchanges.iter().any(|exchange| exchange.id.0 == id);
        tell("the API", added(&with_api, &live, &is_call, false));
        tell("what is asked", added(&live, &offline, &is_asked, false));
        tell("both", added(&with_api, &offline, &|id| is_call(id) || is_asked(id), false));
        if codes.len() > 1 {
            // The client with the id keeps that of a template from being taken for it, and says so.
            let says_so = said_unheard(&config, &unasked, &codes);
            for removed in 0..codes.len() {
                let gone = codes[removed].file.clone();
                let left: Vec<Code> = codes.iter().filter(|code| code.file != gone).cloned().collect();
                let Some(after) = judged(&config, &unasked, &left, &[]) else { continue };
                let is_his = |id: &str| id.starts_with(&format!("{gone}:"));
                // Of two plans that each tell what becomes of one pool's domains, both are heard as of one time: a note then.
                let mut found = added(&offline, &after, &is_his, true);
                found.retain(|added| !added.starts_with("custom-domain-took-over"));
                let is_said =
                    left.iter().any(|code| says_so.iter().any(|said| said.starts_with(&format!("{}:", code.file))));
                tell(&gone, if is_said { Vec::new() } else { found });
            }
            continue;
        }
        let is_of_code = |id: &str| id.starts_with("file-");
        for (world, before) in [(told, &with_api), (probed, &live), (&unasked, &offline)] {
            let Some(after) = judged(&config, world, &[], &[]) else { continue };
            tell("the code", added(before, &after, &is_of_code, true));
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}
