//! The files a report is written to, and the baseline it is compared with.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{StartError, input};
use crate::cli::{self, Output};
use crate::report::{self, Baseline, Format, Report, View};

/// Opened before anyone is asked, so that a slip costs no time.
pub(super) struct Filing<'a> {
    outputs: &'a [Output],
    baseline: Option<Baseline>,
    write_baseline: Option<&'a Path>,
}

impl<'a> Filing<'a> {
    /// Reads the baseline.
    ///
    /// # Errors
    /// If it is none, or if a file would be written twice or over a configuration.
    pub(super) fn open(flags: &'a cli::Filing, configs: &[PathBuf]) -> Result<Self, StartError> {
        let mut taken: BTreeSet<PathBuf> = configs.iter().map(|path| resolved(path)).collect();
        for file in flags.output.iter().map(|output| &output.file).chain(&flags.write_baseline) {
            if !taken.insert(resolved(file)) {
                let name = file.display();
                return Err(StartError::Option(format!(
                    "{name} would be written over: give each file a name of its own"
                )));
            }
        }
        let baseline = flags.baseline.as_deref().map(read).transpose()?;
        Ok(Self { outputs: &flags.output, baseline, write_baseline: flags.write_baseline.as_deref() })
    }

    /// Lets accepted findings not count: those of the baseline, or all if they are to be written to one.
    pub(super) fn accept(&self, report: &mut Report) {
        if let Some(baseline) = &self.baseline {
            report.accept(baseline);
        } else if self.write_baseline.is_some() {
            let baseline = Baseline::of(report);
            report.accept(&baseline);
        }
    }

    /// Writes every file, and says which could not be written.
    pub(super) fn write(&self, report: &Report, shown: &Format, view: View) -> Vec<StartError> {
        let scrubber = report.scrubber();
        let view = View { width: 80, colour: false, links: false, ..view };
        let outputs = self.outputs.iter().map(|output| {
            let written = report::write_file(&output.file, &(output.format.render)(report, &view), scrubber);
            (output.file.as_path(), written)
        });
        let baseline = self.write_baseline.map(|file| {
            let text = Baseline::of(report).text(report);
            (file, report::write_file(file, &text, scrubber))
        });
        let summary = step_summary(shown).map(|file| {
            let text = report::format("markdown").map(|markdown| (markdown.render)(report, &view)).unwrap_or_default();
            let written = report::append_file(&file, &text, scrubber);
            (file, written)
        });
        let unwritable = |file: &Path, error: &std::io::Error| StartError::Unwritable {
            name: file.display().to_string(),
            why: input::why(error),
        };
        let mut wrong: Vec<StartError> = outputs
            .chain(baseline)
            .filter_map(|(file, written)| written.err().map(|error| unwritable(file, &error)))
            .collect();
        wrong.extend(summary.and_then(|(file, written)| written.err().map(|error| unwritable(&file, &error))));
        wrong
    }
}

/// GitHub Actions names a file that takes Markdown for the page of the run.
fn step_summary(shown: &Format) -> Option<PathBuf> {
    let name = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|name: &OsString| !name.is_empty());
    name.filter(|_| shown.name == "github").map(PathBuf::from)
}

fn read(path: &Path) -> Result<Baseline, StartError> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| StartError::Unreadable { name: name.clone(), why: input::why(&error) })?;
    Baseline::parse(&text).map_err(|why| StartError::Baseline { name, why })
}

/// The same file has the same path, if it or its folder exists.
fn resolved(path: &Path) -> PathBuf {
    if let Ok(path) = std::fs::canonicalize(path) {
        return path;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (std::fs::canonicalize(folder), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_path_buf(),
    }
}
