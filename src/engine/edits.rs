//! Edits that write quotes, tried: a text that is in quotes itself (a file in a `ConfigMap`, say) takes none as they are.

use std::collections::BTreeMap;

use super::Judged;
use crate::config::{Config, Given, GivenBy, NoFiles, RawFile, Request, SourceId};
use crate::rules::{Edit, Finding, Verdict};

/// Withdraws the edits of each text that is none any more with those of them that write quotes where there were none.
pub(super) fn withdraw(config: &Config, judged: &mut [Judged]) {
    let mut edits: BTreeMap<SourceId, Vec<Edit>> = BTreeMap::new();
    for finding in judged.iter_mut().flat_map(findings) {
        if let Some(edit) = finding.edit.as_ref().filter(|edit| writes_quotes(config, edit)) {
            edits.entry(edit.at.source).or_default().push(edit.clone());
        }
    }
    edits.retain(|_, edits| !is_readable(config, edits));
    if edits.is_empty() {
        return;
    }
    for finding in judged.iter_mut().flat_map(findings) {
        let is_bad = |edit: &mut Edit| edits.contains_key(&edit.at.source) && writes_quotes(config, edit);
        finding.edit.take_if(is_bad);
    }
}

fn findings(judged: &mut Judged) -> impl Iterator<Item = &mut Finding> {
    let verdicts = std::iter::once(&mut judged.verdict).chain(&mut judged.now);
    verdicts.flat_map(|verdict| match verdict {
        Verdict::Fail(findings) => findings.as_mut_slice(),
        _ => &mut [],
    })
}

fn writes_quotes(config: &Config, edit: &Edit) -> bool {
    let has_quotes = |text: &str| text.contains(['"', '\'']);
    has_quotes(&edit.text) && !has_quotes(config.sources.slice(edit.at))
}

/// Whether the text of a file can be read with all of its edits.
fn is_readable(config: &Config, edits: &[Edit]) -> bool {
    let Some(source) = edits.first().and_then(|edit| config.sources.get(edit.at.source)) else { return true };
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.at.start);
    let mut text = String::with_capacity(source.text.len());
    let mut done = 0;
    for Edit { at, text: new } in edits {
        // What another one has replaced already is not replaced again.
        let Some(before) = source.text.get(done..at.start) else { continue };
        text.push_str(before);
        text.push_str(new);
        done = at.end;
    }
    text.push_str(source.text.get(done..).unwrap_or_default());
    let file = RawFile { name: source.name.clone(), bytes: text.into_bytes() };
    let given = vec![Given { file, files: &NoFiles, by: GivenBy::User }];
    let loaded = Request { given, ..Request::default() }.load();
    loaded.configs.iter().all(|config| config.reading.syntax_error.is_none())
}
