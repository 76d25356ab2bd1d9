//! Keys of the form itself: of a compose service, or of a chart's values.

use crate::config::{Config, Form, FormField};
use crate::rules::place::{inside_quotes, replace};
use crate::rules::{Finding, Judgement, Severity};

/// `form-field-unknown`
pub(in crate::rules) fn form_field_unknown(config: &Config) -> Judgement {
    let effect = match config.form {
        Form::Compose => "a service of compose has no such key, and compose refuses the file",
        Form::Helm => "no template of the chart reads it",
        _ => return Judgement::NotApplicable("the configuration is neither a compose file nor values of a chart"),
    };
    let findings = config.reading.form_fields.iter().map(|field| {
        let finding = finding(config, field, effect);
        // What it lacks then is no finding of its own.
        if stops_login(config, field) { finding.severity(Severity::Error) } else { finding }
    });
    findings.collect::<Vec<_>>().into()
}

/// Whether the right key would set what nothing else sets, and without which nobody logs in.
fn stops_login(config: &Config, field: &FormField) -> bool {
    let Some(settings) = &config.settings else { return false };
    match field.option_of_login() {
        Some("idp_provider_url") => settings.idp_provider_url.is_none(),
        Some("idp_client_id") => settings.idp_client_id.is_none(),
        Some("idp_client_secret") => settings.idp_client_secret.is_none() && settings.idp_client_secret_file.is_none(),
        _ => false,
    }
}

fn finding(config: &Config, field: &FormField, effect: &str) -> Finding {
    let FormField { key, near, at } = field;
    let name = near.rsplit('.').next().unwrap_or(near);
    let whole = if name == near { String::new() } else { format!("; its whole path is `{near}`") };
    if let Some((above, _)) = near.rsplit_once('.').filter(|_| name == key) {
        return Finding::at(*at, format!("`{key}` is not read here: {effect}"))
            .fix(format!("move it below `{above}`; its whole path is `{near}`"));
    }
    let written = config.sources.slice(inside_quotes(config, *at));
    Finding::at(*at, format!("`{key}` is not read: {effect}"))
        .fix(format!("write `{name}` instead of `{key}`{whole}"))
        .edit(if written == key { replace(config, *at, key, name) } else { None })
}
