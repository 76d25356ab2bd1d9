//! Keys of the form itself: of a compose service, or of a chart's values.

use crate::config::{Config, Form, FormField};
use crate::rules::place::{inside_quotes, replace};
use crate::rules::{Finding, Judgement};

/// `form-field-unknown`
pub(in crate::rules) fn form_field_unknown(config: &Config) -> Judgement {
    let effect = match config.form {
        Form::Compose => "a service of compose has no such key, and compose refuses the file",
        Form::Helm => "no template of the chart reads it",
        _ => return Judgement::NotApplicable("the configuration is neither a compose file nor values of a chart"),
    };
    config.reading.form_fields.iter().map(|field| finding(config, field, effect)).collect::<Vec<_>>().into()
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
