//! Every cure in every form and release that its finding occurs in: written down as its words say, and judged again.

use std::collections::{BTreeMap, BTreeSet};

use pomlint::config::{PomeriumVersion, RawFile};
use pomlint::page::{Expectation, Page};
use pomlint::rules::{Finding, Rule};
use serde_json::Value;

use super::written::{Change, FORMS, Form, Options, set};
use super::{objection, pool, take_out};
use crate::pages::{Around, Case, edited, findings_of, is_manifest, run, services, sheets};
use crate::support::is_thorough;

/// Before forms and providers that are now in use, between, and the newest.
const RELEASES: [&str; 3] = ["v0.22.2", "v0.27.0", "v0.33.1"];

/// All forms of all examples in all releases take a quarter of an hour: each example meets so many of a hundred, in turn.
const SHARE: usize = 12;

#[test]
fn a_cure_cures_in_every_form_and_release() {
    let (mut wrong, mut tried) = (BTreeSet::new(), BTreeMap::<Form, BTreeSet<&str>>::new());
    let mut turn = 0;
    for sheet in sheets() {
        let Ok(page) = Page::parse(sheet.text) else { continue };
        for example in page.examples.iter().filter(|example| example.expects == Expectation::Fires) {
            let is_alone = example.peers.is_empty() && example.files.is_empty() && example.infra.is_empty();
            let is_alone = is_alone && example.environment.is_none() && example.running.is_none();
            let Some(options) = services(example).filter(|_| is_alone).and_then(|files| options(&files)) else {
                continue;
            };
            for form in FORMS {
                for release in RELEASES {
                    turn += 1;
                    if !is_thorough() && turn * SHARE % 100 >= SHARE {
                        continue;
                    }
                    let version: PomeriumVersion = release.parse().unwrap();
                    let Some(document) = form.document(&options, version) else { continue };
                    let files = vec![form.file(&document).unwrap()];
                    let around = Around::of(example).at(version);
                    let judge = |files: &[RawFile]| run(files, around, pool(example));
                    let case = judge(&files);
                    let place = format!(
                        "{}:{} {form:?} {release}",
                        sheet.file,
                        example.config.line - sheet.before.min(example.config.line)
                    );
                    for finding in findings_of(sheet.rule, &case.2) {
                        let cure = Cure { rule: sheet.rule, form, files: &files, finding: &finding, case: &case };
                        let (objections, count) = cure.objections(&judge);
                        if count > 0 {
                            tried.entry(form).or_default().insert(sheet.rule.name);
                        }
                        wrong.extend(objections.into_iter().map(|why| format!("{}: {place}: {why}", sheet.rule.name)));
                    }
                }
            }
        }
    }
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
    let few: Vec<_> = FORMS.iter().filter(|form| tried.get(form).is_none_or(|rules| rules.len() < 5)).collect();
    assert!(few.is_empty(), "few rules were tried in {few:?}: {tried:?}");
}

/// The options of an example, unless there is more to it than a mapping holds.
fn options(files: &[RawFile]) -> Option<Options> {
    let [file] = files else { return None };
    let document: Value = serde_yaml::from_slice(&file.bytes).ok().filter(|_| file.name.ends_with("yaml"))?;
    let options = document.as_object().filter(|options| !options.contains_key("apiVersion"))?;
    let is_flat = options.keys().all(|name| name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains(' '));
    // A number that no longer has all its digits is another one.
    let is_itself = options.values().all(|value| !value.is_f64());
    (is_flat && is_itself && !is_manifest(files)).then(|| options.clone())
}

/// A finding, where it was found, and what else was.
struct Cure<'a> {
    rule: &'a Rule,
    form: Form,
    files: &'a [RawFile],
    finding: &'a Finding,
    case: &'a Case,
}

impl Cure<'_> {
    /// What is wrong with it, and how many ways were tried.
    fn objections(&self, judge: &dyn Fn(&[RawFile]) -> Case) -> (Vec<String>, usize) {
        let (config, _, judged) = self.case;
        let fix = &self.finding.fix;
        let foreign = fix.iter().flat_map(|line| parts(line)).filter(|part| self.form.is_foreign(part));
        let mut wrong: Vec<String> = foreign.map(|line| format!("in other words: {line}")).collect();
        let mut count = 0;
        let is_here =
            self.finding.edit.as_ref().filter(|edit| {
                config.sources.get(edit.at.source).is_some_and(|source| source.name == self.files[0].name)
            });
        if let Some(edit) = is_here {
            count += 1;
            let (files, _) = edited(config, edit, self.files, None);
            let why = objection(self.rule, judged, &judge(&files));
            wrong.extend(why.map(|why| format!("the edit `{}`: {why}", edit.text)));
        }
        let ways = self.ways();
        let written: Vec<_> = ways.iter().filter_map(|way| Some((way, self.written(way)?))).collect();
        let objections: Vec<String> = written
            .iter()
            .filter_map(|(way, files)| Some(format!("{way:?}: {}", objection(self.rule, judged, &judge(files))?)))
            .collect();
        count += written.len();
        // Of several ways each may be one of many, or a part of the only one.
        if !written.is_empty() && objections.len() == written.len() {
            wrong.push(objections.join("; "));
        }
        (wrong, count)
    }

    /// All lines of the cure together, and each by itself.
    fn ways(&self) -> Vec<Vec<Change>> {
        let fix = &self.finding.fix;
        let is_open = |line: &&String| line.contains(['<', '…', '‹']) && !line.contains(' ');
        if fix.iter().any(|line| is_open(&line)) {
            return Vec::new();
        }
        let route = self.route();
        let change = |line: &String| parts(line).find_map(|part| self.form.change(part, route, self.case.0.version));
        let all: Vec<Change> = fix.iter().filter_map(change).collect();
        let each = all.iter().map(|change| vec![change.clone()]);
        let mut ways: Vec<Vec<Change>> =
            std::iter::once(all.clone()).chain(each).filter(|way| !way.is_empty()).collect();
        ways.dedup();
        ways
    }

    /// The number of the route that the finding is in.
    fn route(&self) -> usize {
        let (at, config) = (self.finding.at, &self.case.0);
        let text = config.sources.get(at.source).map_or("", |source| &*source.text);
        let before = text.get(..at.start).unwrap_or_default();
        let begins = match self.form {
            Form::Resource => before.matches("kind: Ingress").count(),
            Form::Json => before.matches("\"from\"").count(),
            Form::Toml => before.matches("\"from\" =").count(),
            _ => before.matches("from: ").count(),
        };
        begins.saturating_sub(1)
    }

    /// The file with these changes in it.
    fn written(&self, way: &[Change]) -> Option<Vec<RawFile>> {
        let text = String::from_utf8(self.files[0].bytes.clone()).unwrap();
        let goes =
            |line: &String| line.starts_with("take ") || line.starts_with("move ") || line.contains("write instead");
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        if self.finding.fix.iter().any(goes) {
            let at = text.get(..self.finding.at.start)?.matches('\n').count();
            // All routes stand on one line.
            if self.form == Form::Toml && lines[at].starts_with("routes =") {
                return None;
            }
            take_out(&mut lines, at);
        }
        let mut document = self.form.read(&(lines.join("\n") + "\n"))?;
        for (path, value) in way {
            set(&mut document, path, value.clone());
        }
        Some(vec![self.form.file(&document)?])
    }
}

/// A line of a cure: the whole of it, or what follows a sentence.
fn parts(line: &str) -> impl Iterator<Item = &str> {
    std::iter::once(line).chain(line.split_once(": ").map(|(_, rest)| rest))
}
