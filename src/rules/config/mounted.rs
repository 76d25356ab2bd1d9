//! Where the configuration file is mounted.

use crate::config::{Config, Form};
use crate::rules::{Finding, Judgement};

/// `config-not-mounted`
pub(in crate::rules) fn config_not_mounted(config: &Config) -> Judgement {
    if config.form != Form::Compose {
        return Judgement::NotApplicable("nothing here says how files are mounted");
    }
    let finding = config.reading.misplaced.as_ref().map(|(mounted, wanted, at)| {
        Finding::at(*at, format!("this file ends up at `{mounted}`, and Pomerium reads `{wanted}`: it never sees it"))
            .fix(format!("mount it at {wanted}, or add to the service:"))
            .fix(format!("command: [\"--config\", \"{mounted}\"]"))
    });
    finding.into()
}
