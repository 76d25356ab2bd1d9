//! Where the configuration file is mounted.

use crate::config::{Config, Form};
use crate::rules::{Finding, Judgement};

/// `config-not-mounted`
pub(in crate::rules) fn config_not_mounted(config: &Config) -> Judgement {
    let cure = match config.form {
        Form::Compose => "add to the service:",
        Form::Kubernetes => "add to the container:",
        _ => return Judgement::NotApplicable("nothing here says how files are mounted"),
    };
    let finding = config.reading.misplaced.as_ref().map(|(mounted, wanted, at)| {
        let arguments = if config.form == Form::Compose { "command" } else { "args" };
        Finding::at(*at, format!("this file ends up at `{mounted}`, and Pomerium reads `{wanted}`: it never sees it"))
            .fix(format!("mount it at {wanted}, or {cure}"))
            .fix(format!("{arguments}: [\"--config\", \"{mounted}\"]"))
    });
    finding.into()
}
