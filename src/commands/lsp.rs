//! `pomlint lsp`: judges the documents of an editor. What the network does and does not is decided here, by the flags with which the
//! editor starts it: no document and no file of a workspace has a say in it.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::defaults;
use super::judging::{Known, ask, gather_nothing, judge_all};
use super::{StartError, selection};
use crate::cli::{Asking, Lsp, Selection};
use crate::config::{Config, Form, Given, GivenBy, NoFiles, RawFile, Request};
use crate::engine::Decisions;
use crate::lsp::{self, Desk};
use crate::report::{Options, Report};
use crate::rules::Rule;

pub(super) fn run(command: Lsp) -> Result<u8, StartError> {
    let input = BufReader::new(std::io::stdin());
    let output = std::io::stdout();
    let took_leave = lsp::serve(input, &mut output.lock(), Arc::new(Local { command })).map_err(StartError::Option)?;
    Ok(u8::from(!took_leave))
}

/// Judges on this machine.
struct Local {
    command: Lsp,
}

/// A document as it is judged.
struct Case {
    configs: Vec<Config>,
    rules: Vec<&'static Rule>,
    decisions: Decisions,
}

impl Local {
    /// Reads a document, and what the settings file of its folder switches off: nothing else of it counts here.
    fn case(&self, name: &str, text: &str) -> Result<Case, StartError> {
        let folder = Path::new(name).parent().filter(|folder| folder.is_dir()).map(Path::to_path_buf);
        let found = folder.map_or(Ok(None), |folder: PathBuf| defaults::find_near(&folder))?;
        let off = found.as_ref().map(|found| found.off(&[])).unwrap_or_default();
        let version = found.as_ref().and_then(|found| found.settings.check.pomerium_version);
        let file = RawFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
        let request = Request {
            given: vec![Given { file, files: &NoFiles, by: GivenBy::Folder }],
            version: self.command.pomerium_version.or(version),
            ..Request::default()
        };
        let mut configs = request.load().configs;
        // An editor shows one text of what may be several: whatever is not in it may stand in the others, or in the environment.
        let is_part = |config: &&mut Config| matches!(config.form, Form::ConfigFile | Form::Environment);
        let parts = configs.iter_mut().filter(is_part);
        parts.for_each(|config| config.reading.incomplete.push("the rest of what this Pomerium is given".to_owned()));
        let has_pool = !self.command.pool.is_empty();
        let rules = selection::select(&Selection::default(), found.as_ref().map(|found| &*found.name), &off, has_pool)?;
        Ok(Case { configs, rules, decisions: defaults::decisions(found.as_ref(), false) })
    }

    fn judge(&self, name: &str, text: &str) -> Result<Report, StartError> {
        let Case { configs, rules, decisions } = self.case(name, text)?;
        let worlds = gather_nothing(&configs, &rules, &self.command.pool);
        Ok(judge_all(configs, worlds, &rules, &decisions, Options::default()))
    }

    fn ask(&self, name: &str, text: &str) -> Result<Report, StartError> {
        let Case { configs, rules, decisions } = self.case(name, text)?;
        let Known { worlds, .. } = ask(&configs, &[], &rules, &self.asking(), &[])?;
        Ok(judge_all(configs, worlds, &rules, &decisions, Options::default()))
    }

    /// What may be asked: never whether a secret is right.
    fn asking(&self) -> Asking {
        let Lsp { pool, reach, .. } = self.command.clone();
        Asking {
            offline: false,
            deployed: Vec::new(),
            pool,
            aws: false,
            probe_secret: false,
            probe_sign_out: false,
            record: None,
            replay: None,
            reach,
            secret_to: Vec::new(),
            wait: Duration::ZERO,
            timeout: Duration::from_secs(10),
        }
    }
}

impl Desk for Local {
    fn offline(&self, name: &str, text: &str) -> Result<Report, String> {
        self.judge(name, text).map_err(|error| error.to_string())
    }

    fn read(&self, name: &str, text: &str) -> Result<Vec<Config>, String> {
        Ok(self.case(name, text).map_err(|error| error.to_string())?.configs)
    }

    fn live(&self, name: &str, text: &str) -> Result<Report, String> {
        self.ask(name, text).map_err(|error| error.to_string())
    }
}
