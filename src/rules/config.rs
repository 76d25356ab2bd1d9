//! Stage *config*: would Pomerium read this file, and what would it read?

mod environment;
mod form;
mod keys;
mod misplaced;
mod mounted;
mod placeholder;
mod rejection;
mod slips;

use environment::{environment_overrides_file, policy_environment_undecodable, wrong_environment_name};
pub(super) use environment::{misspelt as misspelt_variable, nameless_value};
use form::form_field_unknown;
pub(super) use keys::misspelt as misspelt_key;
use keys::{removed_key_ignored, removed_key_stops_start, unknown_key};
use misplaced::option_misplaced;
use mounted::config_not_mounted;
pub(super) use placeholder::left_open;
use placeholder::{placeholder_left, template_not_checked};
use rejection::crd_field_rejected;
pub(super) use slips::has_no_field;

use super::place::{called, extension, first_line, is_environment, written};
use super::{Finding, Judgement, NO_VALUE, Rule, Severity, Stage, ignores};
use crate::config::{
    Config, DuplicateKey, Form, PomeriumVersion, Refusal, RefusalKind, Settings, Span, value_known_since,
};
use crate::evidence::{CheckedValues, DecodedValues, NamedFiles};

const STAGE: Stage = Stage::Config;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!("config-format-unsupported", Error, config_format_unsupported),
        rule!("config-syntax-error", Error, config_syntax_error).after(&["config-format-unsupported"]),
        rule!("duplicate-key", Error, duplicate_key),
        rule!("keys-differ-only-in-case", Error, keys_differ_only_in_case),
        rule!("unknown-key", Warning, unknown_key).decided_by(NO_VALUE),
        rule!("option-misplaced", Warning, option_misplaced).decided_by(NO_VALUE).replaces("unknown-key"),
        rule!("removed-key-stops-start", Error, removed_key_stops_start).decided_by(NO_VALUE),
        rule!("removed-key-ignored", Warning, removed_key_ignored).decided_by(NO_VALUE),
        rule!("later-document-ignored", Warning, later_document_ignored),
        rule!("placeholder-left", Error, placeholder_left).decided_by(NO_VALUE),
        rule!("template-not-checked", Note, template_not_checked).decided_by(NO_VALUE),
        rule!("managed-by-zero", Warning, managed_by_zero),
        rule!("environment-overrides-file", Note, environment_overrides_file).decided_by(NO_VALUE),
        rule!("wrong-environment-name", Error, wrong_environment_name).decided_by(NO_VALUE),
        rule!("policy-environment-undecodable", Error, policy_environment_undecodable).decided_by(NO_VALUE),
        rule!("value-of-wrong-type", Error, value_of_wrong_type).decided_by(NO_VALUE),
        rule!("config-refused", Error, config_refused).decided_by(NO_VALUE),
        rule!("config-not-mounted", Error, config_not_mounted),
        rule!("crd-field-rejected", Error, crd_field_rejected),
        rule!("form-field-unknown", Warning, form_field_unknown),
        rule!("ignore-malformed", Warning, ignores::ignore_malformed),
        rule!("ignore-without-reason", Warning, ignores::ignore_without_reason),
        rule!("ignore-unknown-rule", Warning, ignores::ignore_unknown_rule),
        // The engine adds the findings of these two: it knows the day and all other verdicts.
        rule!("ignore-expired", Warning, ignores::ignore_expired),
        rule!("ignore-unused", Warning, ignores::ignore_unused),
    ]
}

/// `config-format-unsupported`
pub(super) fn config_format_unsupported(config: &Config) -> Option<Finding> {
    let refusal = config.reading.refusal.as_ref().filter(|refusal| refusal.kind == RefusalKind::Format)?;
    let finding = Finding::at(
        place(config, refusal)?,
        format!("Pomerium chooses the format by the file's extension and stops here: `{}`", own_words(&refusal.words)),
    );
    Some(finding.fix("name the file `.yaml`, `.yml`, `.json`, `.toml`, `.env` or `.dotenv`, in lower case"))
}

/// `config-syntax-error`
pub(super) fn config_syntax_error(config: &Config) -> Option<Finding> {
    let error = config.reading.syntax_error.as_ref()?;
    let finding = Finding::at(error.at, error.words.clone());
    Some(if error.limit {
        finding
            .title("This file is too large to be a Pomerium configuration")
            .fix("name the configuration file itself; of a file that is or grows this large nothing is read")
    } else if error.template {
        finding
            .title("This is a template, not yet a Pomerium configuration")
            .fix("render it, then check the result:")
            .fix("helm template … | pomlint check -")
    } else {
        finding.fix("correct the text at this place; Pomerium starts with no part of a file that it cannot parse")
    })
}

/// `duplicate-key`
pub(super) fn duplicate_key(config: &Config) -> Vec<Finding> {
    // Docker Compose reads its file as strictly (`compose-spec/compose-go`, `loader`, by go-yaml).
    let of_compose = config.reading.duplicate_keys_of_compose.iter().map(|twice| {
        let says = format!("`{}` stands twice: Docker Compose refuses the whole file", twice.key);
        Finding::at(twice.second, says)
            .also(twice.first, "the first one")
            .fix(format!("keep one of the two `{}` and delete the other", twice.key))
    });
    let duplicates = config.reading.duplicate_keys.iter();
    duplicates
        .map(|duplicate| {
            if config.form == Form::Helm {
                return written_by_chart(config, duplicate);
            }
            // What a variable holds is read as YAML.
            let json = extension(config, duplicate.second) == "json" && !is_environment(config, duplicate.second);
            let says = if json {
                format!("`{}` stands twice: Pomerium takes this one and says nothing", duplicate.key)
            } else {
                format!("`{}` stands twice: Pomerium refuses the whole file", duplicate.key)
            };
            let finding = Finding::at(duplicate.second, says)
                .also(duplicate.first, "the first one")
                .fix(format!("keep one of the two `{}` and delete the other", duplicate.key));
            // Go's JSON decoder lets the last one win, so a login may still work.
            if json { finding.severity(Severity::Warning) } else { finding }
        })
        .chain(of_compose)
        .collect()
}

/// An option of `extraOpts` that the template writes too.
fn written_by_chart(config: &Config, DuplicateKey { key, second, .. }: &DuplicateKey) -> Finding {
    let says = format!("the chart writes `{key}` too, so that it stands twice: Pomerium refuses the whole file");
    let own = called(config, *second, key);
    let instead = if own == *key { String::new() } else { format!(", and set `{own}` instead") };
    Finding::at(*second, says).fix(format!("delete it from `extraOpts`{instead}"))
}

/// `keys-differ-only-in-case`
pub(super) fn keys_differ_only_in_case(config: &Config) -> Vec<Finding> {
    let twins = config.reading.keys_differing_in_case.iter();
    twins
        .map(|twin| {
            Finding::at(
                twin.second,
                format!(
                    "Pomerium lower-cases keys, so `{}` collides; which value it takes changes from start to start",
                    twin.key
                ),
            )
            .also(twin.first, "the other one")
            .fix(format!("keep one, written `{}`", twin.key.to_lowercase()))
        })
        .collect()
}

/// `later-document-ignored`
pub(super) fn later_document_ignored(config: &Config) -> Option<Finding> {
    let at = config.reading.later_document?;
    let text = config.sources.get(at.source).map_or("", |source| &*source.text);
    let first = text.get(..at.start).unwrap_or_default();
    Some(if first.lines().all(says_nothing) {
        Finding::at(at, "the first YAML document is empty, and Pomerium reads no other: nothing below this line counts")
            .severity(Severity::Error)
            .fix("delete this line")
    } else {
        Finding::at(at, "a second YAML document begins here, and Pomerium reads the first one only")
            .fix("move what follows into the first document, or into a file of its own")
    })
}

/// Nothing but a comment, a directive, or the mark between two documents.
fn says_nothing(line: &str) -> bool {
    let rest = ["---", "..."].iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line).trim();
    rest.is_empty() || rest.starts_with('#') || line.starts_with('%')
}

/// `managed-by-zero`
pub(super) fn managed_by_zero(config: &Config) -> Judgement {
    let Some(settings) = &config.settings else {
        return Judgement::NotApplicable("the configuration could not be read");
    };
    let Some(token) = &settings.zero_token else { return Judgement::pass() };
    Finding::at(
        token.span,
        "with this token Pomerium takes its settings from the Zero console, so nothing else here was judged",
    )
    .fix("check the settings in the Zero console; or remove the token if Pomerium should run from this file")
    .into()
}

/// `value-of-wrong-type`
pub(super) fn value_of_wrong_type(config: &Config, _: &Settings, _: &DecodedValues) -> Vec<Finding> {
    let errors = config.reading.type_errors.iter().filter(|error| error.kind == RefusalKind::Type);
    let open = left_open(config, errors.clone());
    errors
        .filter(|error| error.at.is_none_or(|at| !open.contains(&at)))
        .filter_map(|error| {
            let says = format!("Pomerium refuses this value: `{}`", own_words(&error.words));
            let at = place(config, error)?;
            let finding = Finding::at(at, says);
            if let Some(finding) = slips::cured(config, &finding, &error.words) {
                return Some(finding);
            }
            Some(match later_value(&error.words) {
                Some((word, since)) => {
                    let finding = finding.fix(format!(
                        "run Pomerium {since} or newer, which takes `{word}`; this is {}",
                        config.version
                    ));
                    // Whoever names no release may run that one.
                    if config.version == PomeriumVersion::NEWEST {
                        finding.severity(Severity::Warning)
                    } else {
                        finding
                    }
                }
                None if is_value_of_enumeration(&error.words) && config.version.is_newer_than_known() => {
                    finding.severity(Severity::Warning).fix(format!(
                        "look whether {}, which is newer than all that is known here, takes it",
                        config.version
                    ))
                }
                None => finding.fix(cure_of_type(&error.words, flag_in(config, at))),
            })
        })
        .collect()
}

const NOT_A_VALUE: &str = "unsupported enum value ";

fn is_value_of_enumeration(words: &str) -> bool {
    words.contains(NOT_A_VALUE)
}

/// The word that a release takes which came later than the one that is judged for, and that release.
fn later_value(words: &str) -> Option<(&str, PomeriumVersion)> {
    let (word, enumeration) = words.split_once(NOT_A_VALUE)?.1.rsplit_once(" for ")?;
    Some((word, value_known_since(enumeration, word)?))
}

/// How a value is written that looks like something else than text: a variable is text, and quotes are for YAML's sake
/// (`EnvVar.value` of Kubernetes, `environment` of the compose specification).
fn flag_in(config: &Config, at: Span) -> &'static str {
    let is_quote = |c: char| ['"', '\''].contains(&c);
    let quoted = config.sources.slice(at).trim();
    if quoted.trim_matches(is_quote).len() + 2 < quoted.len() {
        return "take away the inner quotes: they are a part of the value, which is `true` or `false`";
    }
    match extension(config, at) {
        _ if !is_environment(config, at) => "write `true` or `false`, without quotes",
        "yaml" | "yml" if !written(config, at, "autocert", "true").contains('=') => {
            "write `true` or `false`, in quotes"
        }
        _ => "write `true` or `false`",
    }
}

fn cure_of_type(words: &str, flag: &'static str) -> &'static str {
    let cures = [
        ("as 'bool'", flag),
        ("type 'string'", "write one plain value"),
        ("unknown unit", "write a duration with its unit, e.g. `14h` or `30m`"),
        ("time:", "write a duration such as `14h` or `1h30m`"),
        ("unsupported enum value", "write one of the values that the option takes"),
        ("invalid character", "write a JSON object, e.g. `{\"lang\": \"en\"}`"),
        ("map or struct", "write a mapping: one `key: value` a line"),
    ];
    cures
        .iter()
        .find(|(trait_of, _)| words.contains(trait_of))
        .map_or("write a value of the type that the option takes", |(_, cure)| cure)
}

/// `config-refused`: whatever stops Pomerium and has no rule of its own. Without it, such a file would look like a pass.
pub(super) fn config_refused(
    config: &Config,
    _: &Settings,
    _: &NamedFiles,
    _: &DecodedValues,
    _: &CheckedValues,
) -> Vec<Finding> {
    let mut said: Vec<&str> = Vec::new();
    let mut findings = Vec::new();
    let refusals: Vec<&Refusal> =
        config.reading.refusals().filter(|refusal| !has_own_rule(config, refusal.kind)).collect();
    let open = left_open(config, refusals.iter().copied());
    for refusal in refusals.into_iter().filter(|refusal| refusal.at.is_none_or(|at| !open.contains(&at))) {
        let words = own_words(&refusal.words);
        if said.contains(&words) {
            continue;
        }
        said.push(words);
        let Some(at) = place(config, refusal) else { continue };
        let finding = Finding::at(at, format!("Pomerium stops with `{words}`"));
        let cured = slips::cured(config, &finding, words);
        findings.push(cured.unwrap_or_else(|| finding.fix("correct the setting that these words name")));
    }
    findings
}

/// Whether another rule reports such a refusal in full.
fn has_own_rule(config: &Config, kind: RefusalKind) -> bool {
    match kind {
        RefusalKind::Text => config.reading.syntax_error.is_some(),
        RefusalKind::Other => false,
        RefusalKind::Format
        | RefusalKind::DuplicateKey
        | RefusalKind::Type
        | RefusalKind::EncodedRoutes
        | RefusalKind::Policy
        | RefusalKind::RemovedKey
        | RefusalKind::AuthenticateUrl
        | RefusalKind::SharedSecret
        | RefusalKind::CookieSecret
        | RefusalKind::UnreadableFile => true,
    }
}

fn place(config: &Config, refusal: &Refusal) -> Option<Span> {
    refusal.at.or_else(|| config.settings.as_ref().map(|settings| settings.anchor)).or_else(|| first_line(config))
}

/// Pomerium's words without the layers that every error is wrapped in.
fn own_words(words: &str) -> &str {
    let layers =
        ["failed to read config: ", "validation error ", "failed to unmarshal config: ", "following error(s):"];
    let start = layers.iter().filter_map(|layer| words.rfind(layer).map(|at| at + layer.len())).max().unwrap_or(0);
    words.get(start..).unwrap_or(words).trim()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::config::SyntaxError;
    use crate::rules::testing;

    fn refused(kind: RefusalKind, words: &str) -> Config {
        let mut config = testing::config("config.yaml", "log_level: loud\n");
        config.reading.refusal = Some(Refusal { kind, words: words.to_owned(), at: Some(testing::span()) });
        config
    }

    #[test]
    fn a_limit_of_ours_is_not_called_an_error_of_theirs() {
        let mut config = testing::config("config.yaml", "a: b\n");
        let at = testing::span();
        let words = "it is too large".to_owned();
        config.reading.syntax_error = Some(SyntaxError { words, at, template: false, limit: true });
        let finding = config_syntax_error(&config).unwrap();
        assert_eq!(finding.title.unwrap(), "This file is too large to be a Pomerium configuration");
        let cure = "name the configuration file itself; of a file that is or grows this large nothing is read";
        assert_eq!(finding.fix, [cure]);
    }

    #[test]
    fn only_the_innermost_words_are_shown() {
        let words =
            "config: options from config file \"c.yaml\": validation error config: bad authenticate-url x : x url …";
        assert_eq!(own_words(words), "config: bad authenticate-url x : x url …");
        assert_eq!(
            own_words("failed to unmarshal config: decoding failed due to the following error(s):\n\n'a' b"),
            "'a' b"
        );
    }

    #[test]
    fn a_refusal_is_reported_once() {
        let reported = |kind, words| {
            config_refused(&refused(kind, words), &testing::settings(), &NamedFiles, &DecodedValues, &CheckedValues)
                .len()
        };
        let url = "validation error config: bad authenticate-url x : x url does not contain a valid scheme";
        assert_eq!(reported(RefusalKind::AuthenticateUrl, url), 0);
        assert_eq!(
            reported(RefusalKind::Other, "validation error config: invalid log_level: unknown log level: loud"),
            1
        );
    }

    #[test]
    fn the_words_that_pomerium_quotes_say_nothing_about_the_refusal() {
        for quoted in ["mapping key", "policy data", "shared_secret", "Unsupported Config Type", "bad authenticate-url"]
        {
            let config =
                refused(RefusalKind::Other, &format!("config: invalid log_level: unknown log level: {quoted}"));
            assert_eq!(
                config_refused(&config, &testing::settings(), &NamedFiles, &DecodedValues, &CheckedValues).len(),
                1,
                "{quoted}"
            );
            assert!(config_format_unsupported(&config).is_none(), "{quoted}");
        }
    }

    #[test]
    fn an_extension_that_viper_does_not_know_is_named() {
        let config = refused(
            RefusalKind::Format,
            "config: options from config file \"c.conf\": failed to read config: Unsupported Config Type \"conf\"",
        );
        let finding = config_format_unsupported(&config).unwrap();
        assert!(finding.says.ends_with("`Unsupported Config Type \"conf\"`"), "{}", finding.says);
    }
}
