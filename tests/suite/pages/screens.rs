//! The `screen` of each example is what `pomlint check` prints for the findings of its rule: at 80 columns, without colour, and
//! without what it says of the whole run.

use pomlint::config::Config;
use pomlint::engine::Judged;
use pomlint::evidence::World;
use pomlint::page::{Example, Expectation, Page};
use pomlint::report::{self, Options, Report, Verbosity, View};
use pomlint::rules::{RULES, Rule};

use super::{Pool, run, services};
use crate::support::held::{difference, is_blessed, rewrites};
use crate::support::project;

/// Begins the host of a callback that no app client knows. What follows is random.
const CONTROL: &str = "pomlint-";

#[test]
fn every_example_shows_what_is_printed() {
    let mut wrong = Vec::new();
    for rule in RULES.iter() {
        // What is wrong with the page itself is the matter of another test.
        let Ok(page) = Page::parse(rule.page) else { continue };
        let screens: Vec<Option<String>> = page.examples.iter().map(|example| screen(rule, example)).collect();
        if is_blessed() {
            bless(rule, &page, &screens);
            continue;
        }
        for (example, screen) in page.examples.iter().zip(&screens) {
            let place = format!("rules/{}.md:{}", rule.name, example.config.line);
            wrong.extend(objection(example, screen.as_deref()).map(|why| format!("{place}: {why}")));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n{}", wrong.join("\n"), rewrites());
}

/// Why the screen of an example is not what is printed for it.
fn objection(example: &Example, printed: Option<&str>) -> Option<String> {
    match (&example.screen, printed) {
        (Some(screen), None) => Some(format!("nothing is printed, and its screen says\n{}", screen.text)),
        (None, Some(printed)) => Some(format!("it has no screen, and this is printed:\n{printed}")),
        (Some(screen), Some(printed)) if screen.text != printed => {
            Some(format!("what is printed differs from its screen:\n{}", difference(screen.text, printed)))
        }
        _ => None,
    }
}

/// What is printed for the findings of a rule; nothing for a counter-example, whose rule finds none.
fn screen(rule: &Rule, example: &Example) -> Option<String> {
    if example.expects == Expectation::Silent {
        return None;
    }
    let pool = Pool::from_yaml(example.pool.unwrap_or_default()).ok()?;
    let (config, world, mut judged) = run(&services(example)?, example.environment, &example.files, pool);
    judged.retain(|judged| judged.rule.name == rule.name);
    Some(print(config, world, judged)).filter(|screen| !screen.is_empty())
}

fn print(config: Config, world: World, judged: Vec<Judged>) -> String {
    let options = Options { pedantic: true, ..Options::default() };
    let report = Report::new([(config, world, judged)], &options);
    let human = report::format("human").expect("a format");
    let printed = (human.render)(&report, &View { verbosity: Verbosity::Quiet, ..View::default() });
    without_random(&printed)
}

/// The same text in every run: `…` stands for what is random, as it does in the guide.
fn without_random(printed: &str) -> String {
    let mut parts = printed.split(CONTROL);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(CONTROL);
        match part.find(".invalid") {
            Some(end) if part[..end].chars().all(|char| char.is_ascii_alphanumeric()) => {
                text.push('…');
                text.push_str(&part[end..]);
            }
            _ => text.push_str(part),
        }
    }
    text
}

/// Writes the screens into the page, each at the end of its example.
fn bless(rule: &Rule, page: &Page, screens: &[Option<String>]) {
    let mut lines: Vec<&str> = rule.page.lines().collect();
    // From the last to the first, so that the lines before keep their numbers.
    for (example, screen) in page.examples.iter().zip(screens).rev() {
        if let Some(old) = &example.screen {
            lines.drain(old.lines.start() - 1..*old.lines.end());
        }
        if let Some(screen) = screen {
            assert!(!screen.contains("\n```"), "{}: a code block cannot hold this:\n{screen}", rule.name);
            let block = ["```screen"].into_iter().chain(screen.lines()).chain(["```"]);
            lines.splice(example.end..example.end, block);
        }
    }
    let text = lines.join("\n") + "\n";
    if text != rule.page {
        std::fs::write(project(&format!("rules/{}.md", rule.name)), text).expect("a page that can be written");
    }
}

#[test]
fn what_is_random_is_not_kept() {
    let printed = "https://pomlint-3fa9Zz.invalid/oauth2/callback pomlint-x y.invalid";
    assert_eq!(without_random(printed), "https://pomlint-….invalid/oauth2/callback pomlint-x y.invalid");
}
