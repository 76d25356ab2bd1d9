//! Every rule has a page and every page a rule, and the two say the same.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeSet;

use pomlint::page::{Expectation, Page, compose};
use pomlint::rules::{RULES, Rule};
use support::pool::Pool;

/// The sections that every page has, in this order; others may stand between them.
const SECTIONS: [&str; 5] = ["You may have seen", "Fix", "Example", "Counter-example", "How we know"];

/// The longest title, in characters: it is the first line of a finding.
const LONGEST_TITLE: usize = 70;

#[test]
fn every_rule_has_a_page_and_every_page_a_rule() {
    let folder = support::project("rules");
    let pages: BTreeSet<String> = match std::fs::read_dir(&folder) {
        Ok(entries) => entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
            .map(|path| path.file_stem().expect("a name").to_str().expect("a name in UTF-8").to_owned())
            .collect(),
        Err(_) => BTreeSet::new(),
    };
    let rules: BTreeSet<String> = RULES.iter().map(|rule| rule.name.to_owned()).collect();
    let mut wrong: Vec<String> =
        pages.difference(&rules).map(|name| format!("rules/{name}.md:1: no such rule")).collect();
    wrong.extend(rules.difference(&pages).map(|name| format!("rules/{name}.md:1: the rule has no page")));
    if rules.len() != RULES.len() {
        wrong.push("two rules have the same name".to_owned());
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_page_has_its_form() {
    let wrong: Vec<String> = RULES.iter().flat_map(objections).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn objections(rule: &Rule) -> Vec<String> {
    let name = rule.name;
    let page = match Page::parse(rule.page) {
        Ok(page) => page,
        Err(error) => return vec![format!("rules/{name}.md:{}: {}", error.line, error.why)],
    };
    let mut wrong = Vec::new();
    let mut object = |line: usize, why: String| wrong.push(format!("rules/{name}.md:{line}: {why}"));
    let (severity, stage) = (rule.severity.name(), rule.stage.name());
    if page.front.severity != severity {
        object(2, format!("severity is `{}`, and the rule's is `{severity}`", page.front.severity));
    }
    if page.front.stage != stage {
        object(2, format!("stage is `{}`, and the rule's is `{stage}`", page.front.stage));
    }
    if page.front.since.split('.').filter(|number| number.parse::<u16>().is_ok()).count() != 3 {
        object(2, format!("since: `{}` is no release such as 0.1.0", page.front.since));
    }
    if page.front.symptoms.iter().any(|symptom| symptom.trim().is_empty()) {
        object(2, "a symptom without text".to_owned());
    }
    let length = page.title.chars().count();
    if page.title.is_empty() || length > LONGEST_TITLE {
        object(1, format!("the title has {length} characters, and at most {LONGEST_TITLE} fit"));
    }
    if page.opening.is_empty() {
        object(1, "nothing is said between the title and the first section".to_owned());
    }
    let headings: Vec<&str> =
        page.sections.iter().map(|section| section.heading).filter(|heading| SECTIONS.contains(heading)).collect();
    if headings != SECTIONS {
        object(1, format!("its sections are {headings:?}, and must be {SECTIONS:?}"));
    }
    if let Some(empty) = page.sections.iter().find(|section| section.body.is_empty()) {
        object(empty.line, format!("the section `{}` is empty", empty.heading));
    }
    for example in &page.examples {
        if let Err(error) = compose(example, &support::healthy()) {
            object(error.line, error.why);
        }
        if let Err(why) = Pool::from_yaml(example.pool.unwrap_or_default()) {
            object(example.line, format!("its pool: {why}"));
        }
        if example.expects == Expectation::Silent && !example.config.fail_lines.is_empty() {
            object(example.line, "a counter-example has a line marked `# fail`".to_owned());
        }
        if let Some(unknown) = example.also.iter().find(|other| pomlint::rules::find(other).is_none()) {
            object(example.line, format!("`also` names `{unknown}`, which is no rule"));
        }
    }
    wrong
}
