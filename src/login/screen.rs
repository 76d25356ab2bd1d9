//! How a sign-in looks in a terminal: a line for each step, the claims, and the routes with what decides about each.

use serde_json::Value;

use super::admit::{Admission, Answer, Deciding, Judgement};
use super::claims::{Claim, Claims, Teller};
use super::near::{Near, near};
use super::stop::Stop;
use crate::config::{Config, Criterion, Joined, RequestedScopes, Route};
use crate::evidence::redact;
use crate::report::{Ink, View, cap, escape, paint, width, wrap};
use crate::secret::Scrubber;

/// What became of a step or a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It went well.
    Good,
    /// It did not.
    Bad,
    /// Nobody can tell.
    Open,
}

/// How text gets onto the terminal. Whatever comes from outside loses what must not be shown, and cannot act.
pub struct Screen<'a> {
    /// Width and colours.
    pub view: &'a View,
    /// What must never be shown.
    pub scrubber: &'a Scrubber,
}

/// Wider lines are hard to read, in columns.
const WIDEST: usize = 80;
/// Where the words of a step begin.
const INDENT: usize = 16;
/// As much room has what stands at the right end of a line.
const RIGHT: usize = 10;
/// Longer texts from outside are cut, in characters.
const LONGEST: usize = 300;
/// A claim with a longer name has its values below it, in columns.
const WIDEST_NAME: usize = 24;
/// Where values begin in a narrow terminal, below their names.
const NARROW: usize = 4;
/// As many criteria are shown of a route.
const MOST: usize = 4;

/// Claims that tell nothing of the user, and of which some are made for one sign-in.
const OF_PROTOCOL: [&str; 14] = [
    "acr",
    "amr",
    "at_hash",
    "aud",
    "auth_time",
    "c_hash",
    "event_id",
    "exp",
    "iat",
    "iss",
    "jti",
    "nonce",
    "origin_jti",
    "token_use",
];

impl Screen<'_> {
    fn columns(&self) -> usize {
        self.view.width.clamp(40, WIDEST)
    }

    fn outside(&self, words: &str) -> String {
        cap(&escape(&self.scrubber.scrub(&redact(words))), LONGEST)
    }

    fn mark(&self, mark: Mark) -> String {
        match mark {
            Mark::Good => paint("✓", Ink::Good, self.view),
            Mark::Bad => paint("✗", Ink::Bad, self.view),
            Mark::Open => paint("?", Ink::Warn, self.view),
        }
    }

    /// A line for a step, with the time it took.
    pub fn step(&self, mark: Mark, step: &str, says: &str, ms: Option<u64>) -> String {
        let says = self.outside(says);
        let time = ms.map(time).unwrap_or_default();
        let says = fold(&says, self.room(INDENT), true);
        self.row(&format!("  {} {step}", self.mark(mark)), 4 + width(step), INDENT, says, &time)
    }

    /// As many columns are left between an indent and what stands at the right end.
    fn room(&self, indent: usize) -> usize {
        self.columns().saturating_sub(indent + RIGHT)
    }

    /// Words behind a beginning, a line each, with something at the right end of the first line.
    fn row(&self, beginning: &str, taken: usize, indent: usize, says: Vec<String>, right: &str) -> String {
        let room = self.room(indent);
        let mut lines = says.into_iter();
        let first = lines.next().unwrap_or_default();
        let gap = " ".repeat(indent.saturating_sub(taken).max(1));
        let fill = " ".repeat((room + RIGHT).saturating_sub(width(&first) + width(right)).max(1));
        let head = format!("{beginning}{gap}{first}{fill}{right}");
        let below: Vec<String> = lines.collect();
        let rest = if below.is_empty() { String::new() } else { indented(&below, indent, indent) };
        format!("{}\n{rest}", head.trim_end())
    }

    /// The end of a sign-in that went wrong, and the pages about it.
    pub fn stop(&self, stop: &Stop, ms: Option<u64>) -> String {
        self.step(Mark::Bad, stop.step, &stop.says, ms) + &pages(&stop.pages)
    }

    /// Words of ours, folded to the terminal.
    pub fn words(&self, words: &str) -> String {
        wrap(words, self.columns()).join("\n") + "\n"
    }

    /// The same of words that may come from outside.
    pub fn told(&self, words: &str) -> String {
        self.words(&self.outside(words))
    }

    /// Points of a list.
    pub fn points(&self, points: &[String]) -> String {
        let room = self.columns().saturating_sub(4);
        let lines = points.iter().map(|point| "  - ".to_owned() + &wrap(point, room).join("\n    "));
        lines.collect::<Vec<_>>().join("\n") + "\n"
    }

    /// A name, and what it is.
    pub fn fact(&self, name: &str, value: &str) -> String {
        format!("  {name:<13} {}\n", cap(&escape(&self.scrubber.scrub(value)), LONGEST))
    }

    /// A heading.
    pub fn heading(&self, words: &str) -> String {
        format!("\n{}\n", paint(words, Ink::Strong, self.view))
    }

    /// The claims of the user, and who told each.
    pub fn claims(&self, claims: &Claims) -> String {
        let (of_protocol, own): (Vec<_>, Vec<_>) = claims.iter().partition(|(name, _)| OF_PROTOCOL.contains(name));
        let widest = own.iter().map(|(name, _)| width(name)).filter(|width| *width <= WIDEST_NAME).max();
        let indent = if self.columns() < WIDEST { NARROW } else { widest.unwrap_or_default() + 4 };
        let mut text = String::new();
        for (name, claim) in own {
            let (name, values) = (self.outside(name), self.values(claim));
            text += &if width(&name) + 4 > indent {
                // It takes a line of its own.
                let values = fold(&values, self.columns().saturating_sub(indent), false);
                self.row(" ", 1, 2, fold(&name, self.room(2), false), teller(claim))
                    + &indented(&values, indent, indent)
            } else {
                let values = fold(&values, self.room(indent), false);
                self.row(&format!("  {name}"), 2 + width(&name), indent, values, teller(claim))
            };
        }
        let names: Vec<String> = of_protocol.into_iter().map(|(name, _)| self.outside(name)).collect();
        if names.is_empty() {
            return text;
        }
        let names = format!("and of the protocol: {}", names.join(", "));
        text + &self.indented(&names, 2)
    }

    /// Words folded behind so many spaces.
    fn indented(&self, words: &str, indent: usize) -> String {
        indented(&fold(words, self.columns().saturating_sub(indent), true), indent, indent)
    }

    fn values(&self, claim: &Claim) -> String {
        let values: Vec<String> = claim.values.iter().map(plain).collect();
        if values.is_empty() { "(an empty list)".to_owned() } else { self.outside(&values.join(", ")) }
    }

    /// A route: whether it lets the user in, and what decides it.
    pub fn route(
        &self,
        config: &Config,
        route: &Route,
        judgement: &Judgement<'_>,
        claims: &Claims,
        scopes: Option<&RequestedScopes>,
    ) -> String {
        let (mark, answer) = match judgement.admission {
            Admission::Allowed => (Mark::Good, "let in"),
            Admission::Denied => (Mark::Bad, "denied"),
            Admission::CannotKnow => (Mark::Open, "cannot know"),
        };
        let from = route.from.as_ref().map_or("a route without `from`", |from| from.value.as_str());
        let mut text = format!("  {} {}: {answer}\n", self.mark(mark), self.outside(from));
        let mut deciding: Vec<(&Deciding<'_>, Option<Near>)> =
            judgement.deciding.iter().map(|deciding| (deciding, nearest(deciding, claims, scopes))).collect();
        // What is nearly right is what was meant.
        deciding.sort_by_key(|(_, near)| near.is_none());
        for (deciding, near) in deciding.into_iter().take(MOST) {
            text += &self.deciding(config, *deciding, claims);
            if let Some(near) = near {
                text += &self.below(&format!("near: {}", self.outside(&near.says)));
                text += &self.below(&format!("pomlint explain {}", near.rule));
            }
        }
        match judgement.deciding.len().saturating_sub(MOST) {
            _ if judgement.deciding.is_empty() => text + &self.below("nothing says who may use it"),
            0 => text,
            more => text + &self.below(&format!("and {more} more criteria like these")),
        }
    }

    fn below(&self, words: &str) -> String {
        self.indented(words, 8)
    }

    fn deciding(&self, config: &Config, deciding: Deciding<'_>, claims: &Claims) -> String {
        let Deciding { policy, criterion, .. } = deciding;
        let denies = if policy.action == "deny" { "deny if " } else { "" };
        let negated = if matches!(criterion.joined, Joined::Not | Joined::Nor) { "not " } else { "" };
        let own = own(criterion, claims);
        let became = match deciding.verdict() {
            Answer::Yes => format!("holds{own}"),
            Answer::No => format!("does not hold{own}"),
            Answer::Unknown => "cannot know from here".to_owned(),
        };
        let place = config.sources.get(criterion.at.source);
        let place = place.map(|source| format!("{}:{}", source.name, source.position(criterion.at.start).line));
        let place = self.outside(&place.unwrap_or_default());
        let says = format!("{denies}{negated}{}: {became}  ({place})", asked(criterion));
        indented(&fold(&self.outside(&says), self.columns().saturating_sub(6), true), 4, 6)
    }
}

/// What nearly holds of a criterion that keeps somebody out.
fn nearest(deciding: &Deciding<'_>, claims: &Claims, scopes: Option<&RequestedScopes>) -> Option<Near> {
    let is_plain = matches!(deciding.criterion.joined, Joined::And | Joined::Or);
    let is_short = deciding.holds == Answer::No && is_plain && deciding.policy.action == "allow";
    is_short.then(|| near(deciding.criterion, claims, scopes)).flatten()
}

/// Words folded to a width. One that is wider is broken; an address only if it need not be copied.
fn fold(words: &str, most: usize, keeps_addresses: bool) -> Vec<String> {
    let most = most.max(1);
    let mut pieces: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        if width(word) <= most || keeps_addresses && word.contains("://") {
            pieces.push(word.to_owned());
            continue;
        }
        let mut piece = String::new();
        for character in word.chars() {
            piece.push(character);
            if width(&piece) > most {
                piece.pop();
                pieces.push(std::mem::replace(&mut piece, character.to_string()));
            }
        }
        pieces.push(piece);
    }
    wrap(&pieces.join(" "), most)
}

/// Lines behind so many spaces: the first, and the others.
fn indented(lines: &[String], first: usize, others: usize) -> String {
    " ".repeat(first) + &lines.join(&format!("\n{}", " ".repeat(others))) + "\n"
}

/// The pages that explain something, each as the command that shows it.
fn pages(pages: &[&str]) -> String {
    let commands: Vec<String> = pages.iter().map(|page| format!("pomlint explain {page}")).collect();
    if commands.is_empty() { String::new() } else { indented(&commands, INDENT, INDENT) }
}

/// `41 ms`, `21.3 s`.
fn time(ms: u64) -> String {
    if ms < 1000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1000, ms % 1000 / 100) }
}

fn teller(claim: &Claim) -> &'static str {
    match claim.teller {
        Teller::IdToken => "ID token",
        Teller::UserInfo => "userinfo",
        Teller::Both => "both",
        Teller::UserInfoOverIdToken => "userinfo*",
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A criterion as a sentence: `domain is corp.example.com`.
fn asked(criterion: &Criterion) -> String {
    let name = match criterion.sub_path.as_str() {
        "" => criterion.name.clone(),
        path => format!("{}/{path}", criterion.name),
    };
    let list = |value: &Value| match value {
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(" | "),
        value => plain(value),
    };
    let default = if criterion.name == "claim" { "has" } else { "is" };
    match &criterion.data {
        // Most that take no more than `true` do not look at it.
        Value::Bool(_) | Value::Null if criterion.name != "claim" => name,
        Value::Object(operators) => {
            let parts: Vec<String> = operators
                .iter()
                .map(|(operator, value)| format!("{} {}", operator.replace('_', " "), list(value)))
                .collect();
            format!("{name} {}", parts.join(" and "))
        }
        value => format!("{name} {default} {}", list(value)),
    }
}

/// What the user has of what a criterion asks for.
fn own(criterion: &Criterion, claims: &Claims) -> String {
    let text = |own: &str| if own.is_empty() { "; the user has none".to_owned() } else { format!("; it is {own}") };
    match criterion.name.as_str() {
        "email" => text(claims.email()),
        "domain" => text(claims.domain().unwrap_or_default()),
        "user" => text(claims.user_id()),
        "claim" if !claims.has(&criterion.sub_path) => "; there is no such claim".to_owned(),
        "claim" => {
            let values: Vec<String> = claims.values(&criterion.sub_path).iter().map(plain).collect();
            text(&values.join(", "))
        }
        _ => String::new(),
    }
}
