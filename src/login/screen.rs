//! How a sign-in looks in a terminal: a line for each step, the claims, and the routes with what decides about each.

use serde_json::Value;

use super::admit::{Admission, Answer, Deciding, Judgement};
use super::claims::{Claim, Claims, Teller};
use super::near::near;
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
        self.row(&format!("  {} {step}", self.mark(mark)), 4 + width(step), INDENT, &says, &time)
    }

    /// Words behind a beginning, folded, with something at the right end of the first line.
    fn row(&self, beginning: &str, taken: usize, indent: usize, says: &str, right: &str) -> String {
        let room = self.columns().saturating_sub(indent + RIGHT);
        let mut lines = wrap(says, room).into_iter();
        let first = lines.next().unwrap_or_default();
        let gap = " ".repeat(indent.saturating_sub(taken).max(1));
        let fill = " ".repeat((room + RIGHT).saturating_sub(width(&first) + width(right)));
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
        let widest = own.iter().map(|(name, _)| width(name)).max().unwrap_or_default().min(24);
        let mut text = String::new();
        for (name, claim) in own {
            let name = self.outside(name);
            text += &self.row(&format!("  {name}"), 2 + width(&name), widest + 4, &self.values(claim), teller(claim));
        }
        let names: Vec<String> = of_protocol.into_iter().map(|(name, _)| self.outside(name)).collect();
        if names.is_empty() {
            return text;
        }
        let names = format!("and of the protocol: {}", names.join(", "));
        text + &indented(&wrap(&names, self.columns().saturating_sub(2)), 2, 2)
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
        for deciding in judgement.deciding.iter().take(MOST) {
            text += &self.deciding(config, *deciding, claims);
            let is_short =
                deciding.holds == Answer::No && matches!(deciding.criterion.joined, Joined::And | Joined::Or);
            let near = if is_short && deciding.policy.action == "allow" {
                near(deciding.criterion, claims, scopes)
            } else {
                None
            };
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
        indented(&wrap(words, self.columns().saturating_sub(8)), 8, 8)
    }

    fn deciding(&self, config: &Config, deciding: Deciding<'_>, claims: &Claims) -> String {
        let Deciding { policy, criterion, holds } = deciding;
        let denies = if policy.action == "deny" { "deny if " } else { "" };
        let negated = if matches!(criterion.joined, Joined::Not | Joined::Nor) { "not " } else { "" };
        let own = own(criterion, claims);
        let became = match holds {
            Answer::Yes => format!("holds{own}"),
            Answer::No => format!("does not hold{own}"),
            Answer::Unknown => "cannot know from here".to_owned(),
        };
        let place = config.sources.get(criterion.at.source);
        let place = place.map(|source| format!("{}:{}", source.name, source.position(criterion.at.start).line));
        let place = self.outside(&place.unwrap_or_default());
        let says = format!("{denies}{negated}{}: {became}  ({place})", asked(criterion));
        indented(&wrap(&self.outside(&says), self.columns().saturating_sub(6)), 4, 6)
    }
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
        Value::Bool(_) | Value::Null => name,
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
