//! Every rule has a page and every page a rule, the two say the same, and every example of every page does what it says.

mod screens;
mod sheet;

use std::collections::BTreeSet;

use self::sheet::TRIED;
pub(crate) use self::sheet::sheets;
use crate::cures::failing;
use crate::support::pomerium::Running;
use crate::support::transport::StandIn;
use crate::support::{self, pool::Pool};
use pomlint::config::{Config, Files, Given, GivenBy, Literals, PomeriumVersion, RawFile, Request, SourceKind, Span};
use pomlint::engine::{Decisions, Judged, decide, judge, point_into_code};
use pomlint::evidence::{GatherOptions, Missing, Visit, World, gather, plan, visit, witness};
use pomlint::infra::{self, Code};
use pomlint::page::{Block, Composed, Example, Expectation, File, Page, compose};
use pomlint::rules::{Edit, Finding, RULES, Rule, Severity, Verdict};

/// The sections that every page has, in this order; others may stand between them.
const SECTIONS: [&str; 5] = ["You may have seen", "Fix", "Example", "Counter-example", "How we know"];

/// The longest title, in characters: it is the first line of a finding.
const LONGEST_TITLE: usize = 70;

/// The environment file of an example.
const ENVIRONMENT: &str = "pomerium.env";

/// The day on which examples are judged.
const TODAY: &str = "2026-11-23";

#[test]
fn every_rule_has_a_page_and_every_page_a_rule() {
    let folder = crate::support::project("rules");
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
    let mut wrong: Vec<String> = RULES.iter().flat_map(objections).collect();
    let further: Vec<_> = sheets().into_iter().filter(|sheet| sheet.before > 0).collect();
    for sheet in &further {
        let error = Page::parse(sheet.text).err();
        wrong.extend(error.map(|error| format!("{}:{}: {}", sheet.file, error.line - sheet.before, error.why)));
    }
    let files = std::fs::read_dir(support::project("tests/examples")).unwrap().count();
    assert_eq!(files, further.len(), "a file of further examples has the name of a rule");
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
    if page.front.since.split('.').filter(|number| number.parse::<u16>().is_ok()).count() != 3 {
        object(2, format!("since: `{}` is no release such as 0.1.0", page.front.since));
    }
    if page.front.symptoms.iter().any(|symptom| symptom.text.trim().is_empty()) {
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
        for block in example.peers.iter().chain([&example.config]) {
            if let Err(error) = compose(block, &crate::support::healthy()) {
                object(error.line, error.why);
            }
        }
        if let Err(why) = Pool::from_yaml(example.pool.unwrap_or_default()) {
            object(example.config.line, format!("its pool: {why}"));
        }
        let is_marked = example.infra.iter().chain([&example.config]).any(|block| !block.fail_lines.is_empty());
        if example.expects == Expectation::Silent && is_marked {
            object(example.config.line, "a counter-example has a line marked `# fail`".to_owned());
        }
        if let Err(why) = Running::from_yaml(example.running.unwrap_or_default()) {
            object(example.config.line, format!("its running Pomerium: {why}"));
        }
        for block in &example.infra {
            if let Err(why) = infra::draft(&block.name, block.text.clone().into_bytes()) {
                object(block.line, why.to_string());
            }
        }
        if let Some(unknown) = example.also.iter().find(|other| pomlint::rules::find(other).is_none()) {
            object(example.config.line, format!("`also` names `{unknown}`, which is no rule"));
        }
    }
    wrong
}

#[test]
fn the_base_configuration_is_healthy() {
    let (.., judged) = run(&[raw("pomerium.yaml", &crate::support::healthy())], Around::default(), Pool::default());
    let wrong: Vec<String> = judged.iter().filter_map(complaint).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(judged.iter().any(|judged| judged.verdict == Verdict::Pass), "nothing was judged");
}

#[test]
fn every_example_does_what_it_says() {
    let wrong: Vec<String> =
        TRIED.iter().flat_map(|tried| tried.wrong.iter().map(|why| format!("{}: {why}", tried.place()))).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Whoever lets a program make the change of a finding has it no more, and a configuration that Pomerium still reads.
#[test]
fn an_edit_cures() {
    let (mut wrong, mut tried) = (Vec::new(), BTreeSet::new());
    for rule in RULES.iter() {
        let Ok(page) = Page::parse(rule.page) else { continue };
        for example in page.examples.iter().filter(|example| example.expects == Expectation::Fires) {
            let Some(services) = services(example) else { continue };
            let pool = || Pool::from_yaml(example.pool.unwrap_or_default()).unwrap();
            let (config, _, judged) = run(&services, Around::of(example), pool());
            let (before, known) = (findings_of(rule, &judged), failing(&judged));
            for edit in before.iter().filter_map(|finding| finding.edit.as_ref()) {
                let (services, environment) = edited(&config, edit, &services, example.environment);
                let around = Around { environment: environment.as_deref(), ..Around::of(example) };
                let (config, _, judged) = run(&services, around, pool());
                tried.insert(rule.name);
                let place = format!("rules/{}.md:{}: `{}`", rule.name, example.config.line, edit.text);
                if findings_of(rule, &judged).len() >= before.len() || config.settings.is_none() {
                    wrong.push(format!("{place} does not cure it"));
                }
                wrong.extend(failing(&judged).difference(&known).map(|new| format!("{place} brings {new}")));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(tried.len() >= 20, "only these have edits: {tried:?}");
}

/// The files after an edit of one of them.
pub(crate) fn edited(
    config: &Config,
    edit: &Edit,
    services: &[RawFile],
    environment: Option<&str>,
) -> (Vec<RawFile>, Option<String>) {
    let (mut services, mut environment) = (services.to_vec(), environment.map(str::to_owned));
    let name = &config.sources.get(edit.at.source).unwrap().name;
    match (services.iter_mut().find(|service| service.name == *name), &mut environment) {
        (Some(service), _) => drop(service.bytes.splice(edit.at.range(), edit.text.bytes())),
        (None, Some(environment)) if name == ENVIRONMENT => environment.replace_range(edit.at.range(), &edit.text),
        _ => panic!("an edit of {name}, which no page shows"),
    }
    (services, environment)
}

pub(crate) fn findings_of(rule: &Rule, judged: &[Judged]) -> Vec<Finding> {
    let own = judged.iter().filter(|judged| judged.rule.name == rule.name);
    own.filter_map(|judged| match &judged.verdict {
        Verdict::Fail(findings) => Some(findings.clone()),
        _ => None,
    })
    .flatten()
    .collect()
}

/// What is wrong with an example.
fn objections_to(rule: &Rule, example: &Example, config: &Config, judged: &[Judged]) -> Vec<String> {
    match (example.expects, compose(&example.config, &support::healthy())) {
        (Expectation::Fires, Ok(composed)) => not_fired(rule, example, &composed, config, judged),
        (Expectation::Fires, Err(error)) => vec![error.why],
        (Expectation::Silent, _) => not_silent(rule, example, judged),
    }
}

/// The files of an example's services; nothing if they cannot be put together.
pub(crate) fn services(example: &Example) -> Option<Vec<RawFile>> {
    let base = crate::support::healthy();
    let blocks = [&example.config].into_iter().chain(&example.peers);
    blocks.map(|block| Some(raw(&block.name, &compose(block, &base).ok()?.text))).collect()
}

fn raw(name: &str, text: &str) -> RawFile {
    RawFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

/// The files that lie beside a configuration.
struct Beside<'a>(&'a [File]);

impl Files for Beside<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let found = self.0.iter().find(|file| file.name == path.trim_start_matches("./"));
        found.map(|file| file.text.clone().into_bytes()).ok_or_else(|| "no such file or directory".to_owned())
    }
}

/// A configuration, what its provider answered, and the verdicts.
pub(crate) type Case = (Config, World, Vec<Judged>);

/// What there is beside the services.
#[derive(Clone, Copy, Default)]
pub(crate) struct Around<'e> {
    environment: Option<&'e str>,
    files: &'e [File],
    infra: &'e [Block],
    running: Option<&'e str>,
    /// The release; nothing is the newest, or the one that the services name.
    version: Option<PomeriumVersion>,
}

impl<'e> Around<'e> {
    pub(crate) fn in_release(version: PomeriumVersion) -> Self {
        Self::default().at(version)
    }

    pub(crate) fn at(self, version: PomeriumVersion) -> Self {
        Self { version: Some(version), ..self }
    }

    pub(crate) fn of(example: &'e Example) -> Self {
        Self {
            environment: example.environment,
            files: &example.files,
            infra: &example.infra,
            running: example.running,
            version: None,
        }
    }
}

/// Judges the first service of a deployment by every rule, with every question allowed.
pub(crate) fn run(services: &[RawFile], around: Around<'_>, pool: Pool) -> Case {
    let Around { environment, files, infra, running, version } = around;
    let files = Beside(files);
    // Of manifests, the environment is a part.
    let (by, environment) = if is_manifest(services) { (GivenBy::User, None) } else { (GivenBy::Command, environment) };
    let request = Request {
        given: services.iter().map(|file| Given { file: file.clone(), files: &files, by }).collect(),
        env_files: environment.map(|text| raw(ENVIRONMENT, text)).into_iter().collect(),
        version,
        ..Request::default()
    };
    let mut config = request.load().configs.swap_remove(0);
    let clients = config.clients();
    let literals = Literals::of(&config, &clients);
    let rules: Vec<&'static Rule> = RULES.iter().collect();
    let plan = plan(rules.iter().flat_map(|rule| rule.needs.iter().copied()));
    let pools = pool.expected_pools.clone();
    let options = GatherOptions {
        probe_secret: true,
        probe_sign_out: true,
        pools: &pools,
        aws: pool.aws.is_some(),
        ..GatherOptions::default()
    };
    let running = running.map(|text| Running::from_yaml(text).unwrap());
    let transport = match &running {
        Some(running) => StandIn::with(pool, running.clone()),
        None => StandIn::new(pool),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let world = runtime.block_on(gather(&config, &clients, &literals, &plan, &options, &transport));
    let draft = |block: &Block| infra::draft(&block.name, block.text.clone().into_bytes());
    // What is wrong with a page itself is the matter of another test.
    let drafts = infra.iter().filter_map(|block| draft(block).ok()).collect();
    let codes: Vec<Code> = infra::together(drafts, &infra::Options::default());
    let world = witness(&mut config, world, &codes, &[]).unwrap();
    let (config, world) = match &running {
        None => (config, world),
        Some(running) => {
            let url = running.url.parse().unwrap();
            let told = Visit { url: &url, beside: Some((&config, &world)), given: &[], probe_sign_out: true };
            runtime.block_on(visit(&told, &plan, &options, &transport))
        }
    };
    let judged = judge(&config, &world, &rules);
    let mut cases = [(config, world, judged)];
    decide(&mut cases, &Decisions::on(TODAY.parse().unwrap()));
    let [(config, world, mut judged)] = cases;
    point_into_code(&mut judged, &world);
    (config, world, judged)
}

/// A configuration file has no such key, or no mapping below it.
pub(crate) fn is_manifest(services: &[RawFile]) -> bool {
    let begins = |service: &RawFile, with: &str| service.bytes.starts_with(with.as_bytes());
    let forms = ["apiVersion:", "services:\n", "authenticate:\n", "config:\n"];
    services.iter().any(|service| forms.iter().any(|form| begins(service, form)))
}

/// Why an example is not one: the rule finds nothing, or not where the page says.
fn not_fired(rule: &Rule, example: &Example, composed: &Composed, config: &Config, judged: &[Judged]) -> Vec<String> {
    let own = || judged.iter().filter(|judged| judged.rule.name == rule.name);
    let found: Vec<Span> = own()
        .filter_map(|judged| match &judged.verdict {
            Verdict::Fail(findings) => Some(findings),
            _ => None,
        })
        .flatten()
        .map(|finding| finding.at)
        .collect();
    if !own().any(|judged| matches!(judged.verdict, Verdict::Fail(_))) {
        let states: Vec<String> = own().map(describe).collect();
        return vec![format!("the rule finds nothing: {}", states.join("; "))];
    }
    let of_code = |block: &Block| Composed { text: block.text.clone(), fail_lines: block.fail_lines.clone() };
    let code = example.infra.iter().map(|block| (block, of_code(block), lines_in(config, &block.name, &found)));
    let main = (&example.config, composed.clone(), lines_in(config, &config.path, &found));
    let unmet = |(block, composed, found): (&Block, Composed, Vec<usize>)| {
        let marked = block.fail_lines.clone().into_iter().zip(composed.fail_lines);
        let marked = marked.filter(|(_, line)| !found.contains(line)).collect::<Vec<_>>();
        let said = marked.into_iter().map(move |(shown, line)| {
            let text = composed.text.lines().nth(line - 1).unwrap_or_default();
            let at = block.line + shown - 1;
            format!("no finding starts on the marked line {at} `{text}`; found on {found:?} of the file")
        });
        said.collect::<Vec<_>>()
    };
    code.chain([main]).flat_map(unmet).collect()
}

/// The lines of a file on which spans begin.
fn lines_in(config: &Config, name: &str, spans: &[Span]) -> Vec<usize> {
    let line = |span: &Span| {
        let source = config.sources.get(span.source)?;
        let is_it = source.name == name && matches!(source.kind, SourceKind::File | SourceKind::Code);
        is_it.then(|| source.position(span.start).line)
    };
    spans.iter().filter_map(line).collect()
}

/// Why a counter-example is not one: some rule complains, or the rule itself could not be judged.
fn not_silent(rule: &Rule, example: &Example, judged: &[Judged]) -> Vec<String> {
    judged
        .iter()
        .filter(|judged| !example.also.contains(&judged.rule.name))
        .filter_map(|judged| {
            let own = judged.rule.name == rule.name;
            // A value that is written elsewhere is not judged: that may be the point of the example.
            let by_design =
                judged.missing().iter().all(|reason| matches!(reason, Missing::Placeholder(_) | Missing::Elsewhere(_)));
            match &judged.verdict {
                Verdict::Fail(_) if own && judged.is_failed() => Some(describe(judged)),
                Verdict::Undecided(_) if own && !by_design => Some(describe(judged)),
                Verdict::Fail(_) => complaint(judged),
                _ => None,
            }
        })
        .collect()
}

/// What a rule complains of, if it is more than a note.
fn complaint(judged: &Judged) -> Option<String> {
    match judged.verdict {
        Verdict::Fail(_) if judged.is_failed() && judged.severity() > Severity::Note => Some(describe(judged)),
        // Nobody gave infrastructure code.
        Verdict::Undecided(_) if !judged.missing().iter().all(is_of_code) => Some(describe(judged)),
        _ => None,
    }
}

fn is_of_code(missing: &Missing) -> bool {
    matches!(missing, Missing::Declined { flag: "--infra" | "--deployed" })
}

fn describe(judged: &Judged) -> String {
    let name = judged.rule.name;
    match (&judged.verdict, judged.follows) {
        (_, Some(cause)) => format!("{name} follows {cause}"),
        (Verdict::Pass, _) => format!("{name} passes"),
        (Verdict::Fail(findings), _) => {
            let says: Vec<&str> = findings.iter().map(|finding| finding.says.as_str()).collect();
            format!("{name} ({}) says: {}", judged.severity(), says.join(" | "))
        }
        (Verdict::Undecided(missing), _) => format!("{name} is undecided: {missing:?}"),
        (Verdict::NotApplicable(why), _) => format!("{name} is not applicable: {why}"),
    }
}
