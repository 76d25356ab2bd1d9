//! No two files that stand side by side need each other.

use std::collections::{BTreeMap, BTreeSet};

use super::{code, module, sources};
use crate::support;

/// The words of a module's path, or of what is in it.
type Way = Vec<String>;

/// What two files both need stands in one of them, below both, or in a third.
#[test]
fn no_circle_of_files_comes() {
    let found = Modules::read().circles();
    assert!(found.is_empty(), "these need each other: {found:#?}");
}

/// The modules of `src`.
#[derive(Default)]
struct Modules {
    /// Each, with what its code names, made out from the root.
    named: BTreeMap<Way, Vec<Way>>,
    /// What a module hands on, under its name there.
    handed_on: BTreeMap<Way, Way>,
}

impl Modules {
    fn read() -> Self {
        let files = sources(&support::project("src"));
        let way = |file: &std::path::PathBuf| module(file, "src");
        let mut modules = Self { named: files.iter().map(|file| (way(file), Vec::new())).collect(), ..Self::default() };
        for file in &files {
            modules.take(&way(file), &code(file).join(" "));
        }
        modules
    }

    fn take(&mut self, module: &Way, code: &str) {
        let mut named = Vec::new();
        let mut rest = String::new();
        // A statement, and perhaps what stands before it: an attribute, or the end of a block.
        for statement in code.split_inclusive(';') {
            let Some((before, tree)) = statement.split_once("use ").filter(|(before, _)| is_start(before)) else {
                rest.push_str(statement);
                continue;
            };
            for way in leaves(tree.trim_end_matches(';')) {
                let Some(whole) = self.whole(module, &way) else { continue };
                if let Some(last) = whole.last().filter(|_| before.contains("pub")) {
                    self.handed_on.insert([module.as_slice(), std::slice::from_ref(last)].concat(), whole.clone());
                }
                named.push(whole);
            }
        }
        for start in ["crate::", "super::"] {
            for (at, _) in rest.match_indices(start) {
                let is_first = !rest[..at].ends_with(|c: char| c == ':' || c == '_' || c.is_alphanumeric());
                let way = rest[at..].split(|c: char| c != ':' && c != '_' && !c.is_alphanumeric()).next();
                named.extend(way.filter(|_| is_first).and_then(|way| self.whole(module, &words(way))));
            }
        }
        self.named.insert(module.clone(), named);
    }

    /// A path as it is from the root, if it is one of ours.
    fn whole(&self, module: &Way, way: &Way) -> Option<Way> {
        let up = way.iter().take_while(|word| *word == "super").count();
        let own = module.get(..module.len().checked_sub(up)?)?;
        match way.first()?.as_str() {
            "crate" => Some(way[1..].to_vec()),
            "self" => Some([own, &way[1..]].concat()),
            "super" => Some([own, &way[up..]].concat()),
            first => {
                let below = [module.as_slice(), &[first.to_owned()]].concat();
                self.named.contains_key(&below).then(|| [module.as_slice(), way].concat())
            }
        }
    }

    /// The module in which a thing stands, wherever it was handed on.
    fn home(&self, way: &Way, left: usize) -> Option<Way> {
        let length = (1..=way.len()).rev().find(|length| self.named.contains_key(&way[..*length]))?;
        let (module, inside) = way.split_at(length);
        let handed = inside.first().and_then(|_| self.handed_on.get(&way[..=length]));
        match handed.filter(|_| left > 0) {
            Some(from) => self.home(&[from.as_slice(), &inside[1..]].concat(), left - 1),
            None => Some(module.to_vec()),
        }
    }

    /// The files of each folder that need each other.
    fn circles(&self) -> BTreeSet<(String, BTreeSet<String>)> {
        /// More often than this, nothing is handed on.
        const MOST: usize = 10;
        let mut needs: BTreeMap<Way, BTreeSet<Way>> = BTreeMap::new();
        for (module, named) in &self.named {
            for home in named.iter().filter_map(|way| self.home(way, MOST)) {
                let same = module.iter().zip(&home).take_while(|(a, b)| a == b).count();
                if let (Some(own), Some(other)) = (module.get(..=same), home.get(..=same)) {
                    needs.entry(own.to_vec()).or_default().insert(other.to_vec());
                }
            }
        }
        let all: BTreeMap<&Way, BTreeSet<&Way>> =
            needs.keys().map(|module| (module, reached(&needs, module))).collect();
        let circle = |module: &Way| -> BTreeSet<&Way> {
            all[module]
                .iter()
                .copied()
                .filter(|other| all.get(other).is_some_and(|back| back.contains(module)))
                .collect()
        };
        let name = |module: &Way| module.last().cloned().unwrap_or_default();
        let circles = needs.keys().map(|module| (module, circle(module))).filter(|(_, files)| files.len() > 1);
        circles
            .map(|(module, files)| (module[..module.len() - 1].join("::"), files.into_iter().map(name).collect()))
            .collect()
    }
}

/// All that a module needs, by whatever way.
fn reached<'a>(needs: &'a BTreeMap<Way, BTreeSet<Way>>, from: &Way) -> BTreeSet<&'a Way> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Way> = needs.get(from).into_iter().flatten().collect();
    while let Some(module) = open.pop() {
        if found.insert(module) {
            open.extend(needs.get(module).into_iter().flatten());
        }
    }
    found
}

/// Whether nothing of a statement stands before its `use` but who may see it, and what stood before the statement.
fn is_start(before: &str) -> bool {
    let seen = before.trim_end();
    let seen = seen.rsplit_once("pub(").filter(|(_, room)| room.ends_with(')') && room.matches(')').count() == 1);
    let seen = seen.map_or(before.trim_end(), |(before, _)| before.trim_end());
    let seen = seen.strip_suffix("pub").unwrap_or(seen).trim_end();
    seen.is_empty() || seen.ends_with(['}', ']', '{'])
}

/// The paths of a tree such as `super::{a, b::c}`.
fn leaves(tree: &str) -> Vec<Way> {
    let Some((start, inside)) = tree.split_once('{') else {
        return vec![words(tree.split(" as ").next().unwrap_or_default())];
    };
    let inside = inside.rsplit_once('}').map_or(inside, |(inside, _)| inside);
    let mut depth = 0;
    let parts = inside.split(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    });
    let parts = parts.filter(|part| !part.trim().is_empty());
    parts.flat_map(leaves).map(|rest| [words(start), rest].concat()).collect()
}

fn words(path: &str) -> Way {
    path.split("::").map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[test]
fn trees_have_leaves() {
    let leaves: Vec<String> = leaves("super::{a, b::{c, D as E}}").iter().map(|way| way.join("::")).collect();
    assert_eq!(leaves, ["super::a", "super::b::c", "super::b::D"]);
    assert!(is_start("} pub(in crate::config) ") && is_start("") && is_start("pub ") && !is_start("let a = "));
}
