//! Where examples stand: on the page of a rule; and, where a rule has more to say than its readers want to read, in
//! `tests/examples/`, in the same form.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use pomlint::evidence::Missing;
use pomlint::page::{Example, Page};
use pomlint::rules::{RULES, Rule, Verdict};

use super::{Around, Pool, objections_to, run, screens, services};
use crate::support::project;

/// A file of examples.
pub(crate) struct Sheet {
    /// The rule that they belong to.
    pub(crate) rule: &'static Rule,
    /// The file, below the project.
    pub(crate) file: String,
    /// Its text, made a page by what stands before it.
    pub(crate) text: &'static str,
    /// So many lines stand before it.
    pub(crate) before: usize,
}

/// Makes a page of the examples in a file of their own.
const HEAD: &str = "---\nsince: 0.1.0\nsymptoms: []\nsources: []\n---\n# Further examples\n\n## Example\n";

/// All files of examples, in the order of the rules.
pub(crate) fn sheets() -> Vec<Sheet> {
    let mut sheets = Vec::new();
    for rule in RULES.iter() {
        sheets.push(Sheet { rule, file: format!("rules/{}.md", rule.name), text: rule.page, before: 0 });
        let file = format!("tests/examples/{}.md", rule.name);
        if let Ok(text) = std::fs::read_to_string(project(&file)) {
            sheets.push(Sheet { rule, file, text: format!("{HEAD}{text}").leak(), before: HEAD.lines().count() });
        }
    }
    sheets
}

/// An example, and what came of it.
pub(crate) struct Tried {
    /// The file it stands in.
    pub(crate) file: String,
    /// The line of its configuration.
    pub(crate) line: usize,
    /// The example.
    pub(crate) example: Example,
    /// What of it is not as the page says.
    pub(crate) wrong: Vec<String>,
    /// What is printed for the findings of the rule.
    pub(crate) screen: Option<String>,
    /// Why rules do not apply to it, or could not be judged for what is not in the configuration.
    pub(crate) reasons: BTreeSet<String>,
}

impl Tried {
    /// Where it stands.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// Every example, tried once for all tests.
pub(crate) static TRIED: LazyLock<Vec<Tried>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for sheet in sheets() {
        // What is wrong with a page itself is the matter of another test.
        let Ok(page) = Page::parse(sheet.text) else { continue };
        all.extend(page.examples.into_iter().filter_map(|example| tried(&sheet, example)));
    }
    all
});

fn tried(sheet: &Sheet, example: Example) -> Option<Tried> {
    let rule = sheet.rule;
    let pool = Pool::from_yaml(example.pool.unwrap_or_default()).ok()?;
    let (config, world, judged) = run(&services(&example)?, Around::of(&example), pool);
    let not_judged = judged.iter().flat_map(|judged| match &judged.verdict {
        Verdict::NotApplicable(why) => vec![(*why).to_owned()],
        Verdict::Undecided(missing) => missing.iter().filter_map(not_here).collect(),
        _ => Vec::new(),
    });
    Some(Tried {
        file: sheet.file.clone(),
        line: example.config.line - sheet.before,
        wrong: objections_to(rule, &example, &config, &judged),
        reasons: not_judged.collect(),
        screen: screens::screen(rule, &example, config, world, judged),
        example,
    })
}

fn not_here(missing: &Missing) -> Option<String> {
    match missing {
        Missing::Unconfigured(what) | Missing::Elsewhere(what) => Some(what.clone()),
        _ => None,
    }
}
