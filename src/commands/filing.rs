//! The files a report is written to, and the baseline it is compared with.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{StartError, input};
use crate::cli::{self, Output};
use crate::disk::{self, Bound};
use crate::report::{self, Baseline, Format, Report, View};

/// Opened before anyone is asked, so that a slip costs no time.
pub(super) struct Filing<'a> {
    outputs: &'a [Output],
    baseline: Option<Baseline>,
    write_baseline: Option<&'a Path>,
    step_summary: Option<PathBuf>,
}

impl<'a> Filing<'a> {
    /// Reads the baseline. `shown` is the form in which the report is shown, `inputs` are the files and folders of this run.
    ///
    /// # Errors
    /// If the baseline is none, if a file would be written twice or over what is read, or cannot be written.
    pub(super) fn open(flags: &'a cli::Filing, shown: &Format, inputs: &[PathBuf]) -> Result<Self, StartError> {
        let mut taken: Vec<PathBuf> = inputs.iter().chain(&flags.baseline).map(|path| resolved(path)).collect();
        for file in flags.output.iter().map(|output| &output.file).chain(&flags.write_baseline) {
            let place = resolved(file);
            if taken.iter().any(|taken| place.starts_with(taken)) {
                let name = file.display();
                let why = format!("{name} would be written over: give each file a name of its own");
                return Err(StartError::Option(why));
            }
            disk::probe(file).map_err(|error| StartError::unwritable(file, error))?;
            taken.push(place);
        }
        let baseline = flags.baseline.as_deref().map(read).transpose()?;
        let write_baseline = flags.write_baseline.as_deref();
        Ok(Self { outputs: &flags.output, baseline, write_baseline, step_summary: step_summary(shown) })
    }

    /// Whether GitHub's page of the run is written, too.
    pub(super) fn has_step_summary(&self) -> bool {
        self.step_summary.is_some()
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
    pub(super) fn write(&self, report: &Report, view: View) -> Vec<StartError> {
        let view = View { width: 80, colour: false, links: false, step_summary: false, ..view };
        let text = |format: &Format| (format.render)(report, &view);
        let outputs = self.outputs.iter().map(|output| {
            let written = report::write_file(&output.file, &text(&output.format));
            (output.file.as_path(), written)
        });
        let baseline = self.write_baseline.map(|file| (file, report::write_file(file, &Baseline::of(report).text())));
        let summary = self.step_summary.as_deref().zip(report::format("markdown"));
        let summary = summary.map(|(file, markdown)| (file, report::append_file(file, &text(markdown))));
        let written = outputs.chain(baseline).chain(summary);
        written.filter_map(|(file, written)| written.err().map(|error| StartError::unwritable(file, error))).collect()
    }
}

/// GitHub Actions names a file that takes Markdown for the page of the run.
fn step_summary(shown: &Format) -> Option<PathBuf> {
    let name = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|name: &OsString| !name.is_empty());
    name.filter(|_| shown.name == "github").map(PathBuf::from)
}

/// Longer ones are something else, in bytes.
const LONGEST_BASELINE: usize = 16 << 20;

fn read(path: &Path) -> Result<Baseline, StartError> {
    let name = path.display().to_string();
    let unreadable = |why: String| StartError::Unreadable { name: name.clone(), why };
    let bytes = if name == "-" {
        input::from_stdin(LONGEST_BASELINE)
    } else {
        Bound::of_named(path, &Bound::default()).and_then(|bound| bound.read_named(path, LONGEST_BASELINE))
    };
    let bytes = bytes.map_err(|why| unreadable(why.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8 text".to_owned()))?;
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
