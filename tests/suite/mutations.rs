//! Answers of healthy worlds, spoilt at random: whatever a login needs and the answers no longer show must not come out green.
//!
//! What a green needs is checked here by its own means, from the answers alone (see [`lacks`]); the judgement is not asked.
//! `POMLINT_MUTATIONS` sets how many worlds are spoilt, `POMLINT_SEED` where the dice begin.

use std::cell::RefCell;
use std::collections::BTreeMap;

use pomlint::config::Config;
use pomlint::engine::judge;
use pomlint::evidence::{Answer, Asking, Exchange, Failure, GatherOptions, Outcome, Question, Step, Transport, World};
use pomlint::report::{Options, Report};
use pomlint::rules::{RULES, Rule};
use serde_json::Value;
use url::Url;

use crate::support::dice::Dice;
use crate::support::pool::Pool;
use crate::support::transport::StandIn;
use crate::support::{asked, healthy};

/// So many worlds are spoilt where nobody says otherwise.
const WORLDS: u64 = 400;

/// Worlds in which a login works: what is laid over the healthy configuration, and the pool.
const HEALTHY: [(&str, &str, &str); 5] = [
    ("", "", ""),
    ("managed login", "", "managed_login: true"),
    ("an external provider", "", "client: {identity_providers: [Google]}"),
    ("a custom domain", "", "domain: login.corp.example.com"),
    ("the updated issuer", "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R", "issuer: updated"),
];

type Exchanges = BTreeMap<String, Exchange>;

fn config(issuer: &str) -> Config {
    let mut text = healthy();
    if !issuer.is_empty() {
        text = text.replace("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R", issuer);
    }
    asked::config("c.yaml", text)
}

fn ask(config: &Config, transport: &dyn Transport) -> World {
    asked::world(config, GatherOptions { probe_sign_out: false, ..asked::ALL }, transport)
}

/// Answers what is in the list, to the questions that it was an answer to.
struct Answers {
    exchanges: Exchanges,
    asked: RefCell<Vec<String>>,
}

impl Transport for Answers {
    fn ask<'a>(&'a self, question: &'a Question) -> Asking<'a> {
        self.asked.borrow_mut().push(question.id.0.clone());
        let recorded = self.exchanges.get(&question.id.0);
        let recorded = recorded.filter(|recorded| key(&recorded.request.url) == key(&question.request.url));
        let exchange = recorded.cloned().unwrap_or_else(|| Exchange {
            id: question.id.clone(),
            request: question.request.clone(),
            outcome: Outcome::Failure(Failure::new(Step::NotRecorded, "not in the list")),
            at: 0,
            ms: 0,
            attempts: 0,
        });
        Box::pin(std::future::ready(exchange))
    }

    fn patience(&self) -> Option<std::time::Duration> {
        None
    }
}

/// The URL without what differs from run to run.
fn key(url: &str) -> String {
    let Ok(parsed) = Url::parse(url) else { return url.to_owned() };
    let is_random = |name: &str, value: &str| name == "state" || value.contains(".invalid/");
    let pairs = parsed.query_pairs().filter(|(name, value)| !is_random(name, value));
    let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
    format!("{}?{}", url.split('?').next().unwrap_or_default(), pairs.join("&"))
}

fn exit(config: &Config, exchanges: &Exchanges) -> u8 {
    let transport = Answers { exchanges: exchanges.clone(), asked: RefCell::default() };
    let world = ask(config, &transport);
    let rules: Vec<&'static Rule> = RULES.iter().collect();
    let judged = judge(config, &world, &rules);
    Report::new([(self::config(&issuer_of(config)), world, judged)], &Options::default()).summary.exit
}

fn issuer_of(config: &Config) -> String {
    config.settings.as_ref().unwrap().idp_provider_url.as_ref().unwrap().value.clone()
}

// What a green needs.

/// What a login needs and these answers do not show; nothing if they show it all.
fn lacks(exchanges: &Exchanges, issuer: &str) -> Option<String> {
    let answer = |id: &str| match exchanges.get(id).map(|exchange| &exchange.outcome) {
        Some(Outcome::Answer(answer)) if !answer.truncated => Ok(answer),
        _ => Err(format!("no whole answer to {id}")),
    };
    let facts = || -> Result<(), String> {
        let document = document(answer("discovery")?)?;
        let member = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        need(member("issuer") == issuer, "the document names the configured issuer")?;
        for name in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"] {
            let is_https = Url::parse(&member(name)).is_ok_and(|url| url.scheme() == "https" && url.has_host());
            let is_https = is_https && !member(name).contains(' ');
            need(is_https, &format!("{name} is an https URL"))?;
        }
        let keys = answer("keys")?;
        need(keys.status == 200 && has_key(&keys.body), "there is a key that signs")?;
        let request = |id: &str| Url::parse(&exchanges[id].request.url).map_err(|error| error.to_string());
        let asked = request("authorize")?;
        need(member("authorization_endpoint") == asked.as_str().split('?').next().unwrap(), "that endpoint was asked")?;
        let main = answer("authorize")?;
        let target = target(&asked, main)?;
        let given = pairs(&target);
        let complains = |name: &str| name == "code" || name.to_lowercase().starts_with("error");
        need(!given.iter().any(|(name, _)| complains(name)), "the redirect carries neither error nor code")?;
        let is_own = target.origin() == asked.origin();
        if is_own {
            need(target.path() == "/login", "the redirect leads to the login page")?;
            for name in ["client_id", "redirect_uri", "response_type", "scope"] {
                need(all(&given, name) == all(&pairs(&asked), name), &format!("{name} is carried back"))?;
            }
            let page = answer("login-page")?;
            need(key(&exchanges["login-page"].request.url) == key(target.as_str()), "that page was asked")?;
            let is_cognitos = page.header("x-amz-cognito-request-id").is_some()
                || page.headers.iter().any(|(name, value)| name == "set-cookie" && value.starts_with("XSRF-TOKEN="));
            need(page.status == 200 && is_cognitos && has_page(&page.body), "a page of Cognito's")?;
            need(page.header("x-amzn-waf-action").is_none(), "no riddle")?;
        } else {
            let own = format!("{}/oauth2/idpresponse", asked.origin().ascii_serialization());
            let is_of_a_pool = main.read.contains_key("user-pool") && all(&given, "SAMLRequest").len() == 1;
            let comes_back = all(&given, "redirect_uri") == [own] || is_of_a_pool;
            need(target.scheme() == "https" && comes_back, "the provider comes back to the pool")?;
        }
        let control = request("authorize-control")?;
        let refused = self::target(&control, answer("authorize-control")?)?;
        let given = pairs(&refused);
        let is_error = refused.origin() == control.origin() && refused.path() == "/error";
        need(is_error && all(&given, "error") == ["redirect_mismatch"], "the control is refused for its callback")?;
        for (id, expected) in [("token", "invalid_grant"), ("token-control", "invalid_client")] {
            let answer = answer(id)?;
            let error = serde_json::from_str::<Value>(&answer.body)
                .ok()
                .and_then(|body| Some(body["error"].as_str()?.to_owned()));
            let is_told = error.as_deref() == Some(expected);
            need(matches!(answer.status, 400 | 401) && is_told, &format!("{id} says what it says of the secret"))?;
        }
        Ok(())
    };
    facts().err()
}

fn need(fact: bool, what: &str) -> Result<(), String> {
    if fact { Ok(()) } else { Err(format!("not so: {what}")) }
}

/// The document, its names in lower case, as Go takes them.
fn document(answer: &Answer) -> Result<BTreeMap<String, Value>, String> {
    need(answer.status == 200, "discovery answers 200")?;
    let document: BTreeMap<String, Value> = serde_json::from_str(&answer.body).map_err(|error| error.to_string())?;
    Ok(document.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect())
}

fn has_key(body: &str) -> bool {
    let Ok(set) = serde_json::from_str::<Value>(body) else { return false };
    let text = |key: &Value, name: &str| key[name].as_str().unwrap_or_default().to_owned();
    let signs = |key: &Value| {
        text(key, "kty") == "RSA"
            && ["", "sig"].contains(&text(key, "use").as_str())
            && ["", "RS256"].contains(&text(key, "alg").as_str())
            && text(key, "n").len() > 100
            && !text(key, "e").is_empty()
            && !text(key, "kid").is_empty()
    };
    set["keys"].as_array().is_some_and(|keys| keys.iter().any(signs))
}

/// With a form, or an empty place for what a script draws; and not the riddle of a firewall.
fn has_page(body: &str) -> bool {
    let has = |tags: &[&str]| tags.iter().any(|tag| body.contains(tag));
    let is_empty = |tag: &str| body.contains(&format!("<{tag} id=\"root\"></{tag}>"));
    let is_riddle = has(&["challenge-container", "awswaf"]);
    body.trim_start().starts_with('<') && (has(&["<form", "<input", "<button"]) || is_empty("div")) && !is_riddle
}

fn target(asked: &Url, answer: &Answer) -> Result<Url, String> {
    need(matches!(answer.status, 301 | 302 | 303 | 307 | 308), "a redirect")?;
    let location = answer.header("location").ok_or("no target")?;
    asked.join(location).map_err(|error| error.to_string())
}

fn pairs(url: &Url) -> Vec<(String, String)> {
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn all(pairs: &[(String, String)], name: &str) -> Vec<String> {
    pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
}

// What is spoilt.

/// Spoils something; says what.
fn spoil(exchanges: &mut Exchanges, dice: &mut Dice) -> String {
    let ids: Vec<String> = exchanges.keys().cloned().collect();
    let id = dice.of(&ids).clone();
    let other = dice.of(&ids).clone();
    let elsewhere = exchanges[&other].outcome.clone();
    let exchange = exchanges.get_mut(&id).unwrap();
    let Outcome::Answer(answer) = &mut exchange.outcome else { return String::new() };
    let what = match dice.roll(12) {
        0 => {
            let step =
                *dice.of(&[Step::NoSuchHost, Step::Connect, Step::Tls, Step::Certificate, Step::Timeout, Step::Read]);
            exchange.outcome = Outcome::Failure(Failure::new(step, "spoilt"));
            format!("{step:?}")
        }
        1 => {
            answer.status =
                *dice.of(&[200, 201, 204, 299, 301, 302, 303, 304, 307, 400, 401, 403, 404, 405, 429, 500, 502, 503]);
            answer.status.to_string()
        }
        2 => spoil_header(answer, dice),
        3 => {
            let bodies = [
                "",
                "null",
                "[]",
                "{}",
                "<html>",
                "<html>Sign in to the network</html>",
                "<html><div>We are back soon</div></html>",
                r#"<html><title></title><div id="challenge-container"></div><noscript>Not a robot?</noscript></html>"#,
                r#"{"message":"Forbidden"}"#,
                r#"{"error":"unauthorized_client"}"#,
            ];
            (*dice.of(&bodies)).clone_into(&mut answer.body);
            format!("the body {}", answer.body)
        }
        4 => {
            let cut =
                (0..=dice.roll(answer.body.len())).rev().find(|at| answer.body.is_char_boundary(*at)).unwrap_or(0);
            answer.body.truncate(cut);
            format!("the body cut at {cut}")
        }
        5 | 6 => spoil_member(answer, dice),
        7 => {
            let headers = [("x-amzn-waf-action", "captcha"), ("x-cache", "Error from cloudfront"), ("age", "900")];
            let (name, value) = dice.of(&headers);
            answer.headers.push(((*name).to_owned(), (*value).to_owned()));
            format!("{name} added")
        }
        8 => {
            exchange.outcome = elsewhere;
            format!("the answer to {other}")
        }
        _ => spoil_location(answer, dice),
    };
    format!("{id}: {what}")
}

fn spoil_header(answer: &mut Answer, dice: &mut Dice) -> String {
    if answer.headers.is_empty() {
        return String::new();
    }
    let at = dice.roll(answer.headers.len());
    let (name, value) = answer.headers[at].clone();
    if dice.roll(2) == 0 {
        answer.headers.remove(at);
        return format!("{name} dropped");
    }
    answer.headers[at].1 = spoil_text(&value, dice);
    format!("{name} {}", answer.headers[at].1)
}

fn spoil_text(text: &str, dice: &mut Dice) -> String {
    match dice.roll(9) {
        0 => String::new(),
        8 => format!("{text} "),
        1 => text.to_uppercase(),
        2 => format!("{text}/"),
        3 => format!("x{text}"),
        4 => text.replacen("https://", "http://", 1),
        5 => text.replacen("acme", "other", 1),
        6 => text.chars().rev().skip(1).collect::<Vec<_>>().into_iter().rev().collect(),
        _ => text.replacen("eu-west-1", "eu-west-2", 1),
    }
}

fn spoil_member(answer: &mut Answer, dice: &mut Dice) -> String {
    let Ok(Value::Object(mut members)) = serde_json::from_str(&answer.body) else { return String::new() };
    let names: Vec<String> = members.keys().cloned().collect();
    if names.is_empty() {
        return String::new();
    }
    let name = dice.of(&names).clone();
    let value = members[&name].clone();
    match dice.roll(6) {
        0 => drop(members.remove(&name)),
        1 => drop(members.insert(name.clone(), Value::Null)),
        2 => drop(members.insert(name.clone(), 7.into())),
        3 => drop(members.insert(name.clone(), Value::Array(Vec::new()))),
        _ => match value {
            Value::String(text) => drop(members.insert(name.clone(), spoil_text(&text, dice).into())),
            Value::Array(mut list) if !list.is_empty() => {
                let at = dice.roll(list.len());
                match list[at].as_object_mut() {
                    Some(key) => {
                        let names: Vec<String> = key.keys().cloned().collect();
                        let name = dice.of(&names).clone();
                        drop(key.remove(&name));
                        // All keys suffer alike, or the other one would do.
                        let spoilt = list[at].clone();
                        list = vec![spoilt];
                    }
                    None => drop(list.remove(at)),
                }
                drop(members.insert(name.clone(), list.into()));
            }
            _ => {}
        },
    }
    answer.body = Value::Object(members).to_string();
    format!("the member {name}")
}

fn spoil_location(answer: &mut Answer, dice: &mut Dice) -> String {
    let Some((_, location)) = answer.headers.iter_mut().find(|(name, _)| name == "location") else {
        return String::new();
    };
    let Ok(mut url) = Url::parse(location) else { return String::new() };
    let mut given = pairs(&url);
    match dice.roll(10) {
        0 | 1 if !given.is_empty() => drop(given.remove(dice.roll(given.len()))),
        2 | 3 if !given.is_empty() => {
            let at = dice.roll(given.len());
            given[at].1 = spoil_text(&given[at].1.clone(), dice);
        }
        4 => {
            let added = [
                ("error", "invalid_request"),
                ("errorMessage", "x"),
                ("Error_Description", "x"),
                ("code", "1"),
                ("scope", "openid"),
                ("client_id", "other"),
            ];
            let (name, value) = dice.of(&added);
            given.push(((*name).to_owned(), (*value).to_owned()));
        }
        5 => {
            let host = *dice.of::<&str>(&["portal.example", "other.auth.eu-west-1.amazoncognito.com"][..]);
            url.set_host(Some(host)).unwrap();
        }
        6 => {
            let path = *dice.of::<&str>(&["/", "/login/", "/error", "/oauth2/authorize", "/Login"][..]);
            url.set_path(path);
        }
        7 => drop(url.set_port(Some(8443))),
        8 => drop(url.set_scheme("http")),
        _ => given.clear(),
    }
    url.set_query(None);
    if !given.is_empty() {
        url.query_pairs_mut().extend_pairs(&given);
    }
    *location = url.into();
    format!("to {location}")
}

#[test]
fn what_lacks_a_necessary_fact_is_never_green() {
    let number =
        |name: &str, otherwise: u64| std::env::var(name).ok().map_or(otherwise, |text| text.parse().expect("a number"));
    let (worlds, seed) = (number("POMLINT_MUTATIONS", WORLDS), number("POMLINT_SEED", 20_261_123));
    let mut dice = Dice(seed.max(1));
    let bases: Vec<(Config, Exchanges)> = HEALTHY
        .iter()
        .map(|(name, issuer, pool)| {
            let config = config(issuer);
            let world = ask(&config, &StandIn::new(Pool::from_yaml(pool).unwrap()));
            let exchanges: Exchanges =
                world.exchanges.into_iter().map(|exchange| (exchange.id.0.clone(), exchange)).collect();
            assert_eq!((lacks(&exchanges, &issuer_of(&config)), exit(&config, &exchanges)), (None, 0), "{name}");
            (config, exchanges)
        })
        .collect();
    let (mut lacking, mut wrong) = (0, Vec::new());
    for number in 0..worlds {
        let (config, healthy) = dice.of(&bases);
        let mut exchanges = healthy.clone();
        let times = 1 + dice.roll(2);
        let spoilt: Vec<String> = (0..times).map(|_| spoil(&mut exchanges, &mut dice)).collect();
        let Some(lack) = lacks(&exchanges, &issuer_of(config)) else { continue };
        lacking += 1;
        if exit(config, &exchanges) == 0 {
            wrong.push(format!("{number}: {} ({lack})", spoilt.join("; ")));
        }
    }
    assert!(lacking > worlds / 3, "{lacking} of {worlds} lack anything");
    assert!(wrong.is_empty(), "{} of {lacking} are called fine:\n{}", wrong.len(), wrong.join("\n"));
}
