//! How many instructions a few runs take, held against `benches/counts.txt`: none may take a tenth more.
//!
//! ```text
//! cargo bench --profile dev -- counts
//! POMLINT_BLESS=1 cargo bench --profile dev -- counts
//! ```
//!
//! The figures are of one compiler and of the profile in which the tests are built, as that is at hand; others are not compared.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::measure::{instructions, routes};

/// More than this, and it is told.
const MOST: f64 = 1.10;

/// A name, and the files that are put into a folder for it.
type Counted = (&'static str, fn(&Path) -> Vec<PathBuf>);

/// What is counted.
const COUNTED: [Counted; 4] = [
    ("a file of 1 route", |folder| vec![file(folder, "1.yaml", &routes(1))]),
    ("a file of 50 routes", |folder| vec![file(folder, "50.yaml", &routes(50))]),
    ("a broken file of 50 routes", |folder| vec![file(folder, "broken.yaml", &(routes(50) + "  - from: [x\n"))]),
    ("a folder of 20 deployments", |folder| {
        let below = folder.join("deployments");
        std::fs::create_dir(&below).expect("a folder");
        for number in 0..20 {
            file(&below, &format!("{number}.yaml"), &routes(1).replace("app-0", &format!("app-{number}")));
        }
        vec![below]
    }),
];

/// Counts, and ends the process with 1 if something grew.
pub(crate) fn run() {
    if cfg!(not(debug_assertions)) {
        println!("counts: NOT CHECKED: they are those of another profile, cargo bench --profile dev -- counts");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut counts = BTreeMap::new();
    for (name, files) in COUNTED {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pomlint"));
        let Some(count) = instructions(command.args(["check", "--offline"]).args(files(folder.path()))) else {
            println!("counts: NOT CHECKED: there is no valgrind");
            return;
        };
        counts.insert(name.to_owned(), count);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/counts.txt");
    let compiler = compiler();
    if std::env::var_os("POMLINT_BLESS").is_some() {
        let lines = counts.iter().map(|(name, count)| format!("{count:>12} {name}\n"));
        let text = format!("{compiler}\n{}", lines.collect::<String>());
        std::fs::write(&path, text).expect("figures to write");
    }
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let mut lines = text.lines();
    let is_comparable = lines.next() == Some(&*compiler);
    let known: BTreeMap<&str, f64> = lines
        .filter_map(|line| line.trim().split_once(' '))
        .filter_map(|(count, name)| Some((name, count.parse().ok()?)))
        .collect();
    println!("counts: instructions, and what they were");
    let mut has_grown = false;
    for (name, count) in &counts {
        let ratio = known.get(&**name).map_or(f64::INFINITY, |known| count / known);
        let is_more = is_comparable && ratio > MOST;
        has_grown |= is_more;
        let told = if is_more { "  GREW: make it cheaper, or commit the new figures (POMLINT_BLESS=1)" } else { "" };
        println!("  {name:<30} {:>8.1} M  × {ratio:.3}{told}", count / 1e6);
    }
    if !is_comparable {
        println!("counts: NOT CHECKED: benches/counts.txt is of another compiler");
    }
    if has_grown {
        std::process::exit(1);
    }
}

fn compiler() -> String {
    let told = Command::new("rustc").arg("-vV").output().expect("a compiler");
    String::from_utf8_lossy(&told.stdout)
        .lines()
        .filter(|line| ["rustc ", "host: "].iter().any(|start| line.starts_with(start)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file to write");
    path
}
