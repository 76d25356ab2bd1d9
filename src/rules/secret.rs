//! Stage secret: is the client secret right?

use super::cure::Wanted;
use super::missing::{about_empty, empty_variable};
use super::place::{CURLY_QUOTES, extension, in_quotes, inside_quotes, is_environment, on_route, written};
use super::{Edit, Finding, NO_VALUE, REJECTED, Rule, Severity, Stage, cure};
use crate::config::{
    Client, ClientId, Cognito, Config, Form, Origin, SecretText, Setting, Settings, Span, cognito, known_since,
};
use crate::evidence::{ClientCode, Evidence, SecretPresence, SecretStanding};
use crate::go;
use crate::infra::Attribute;
use crate::secret::Secret;
use crate::shell;

const STAGE: Stage = Stage::Secret;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!("client-secret-missing", Error, client_secret_missing)
            .decided_by(NO_VALUE)
            .wants(&["idp_client_secret", "idp_client_secret_file"])
            .after(REJECTED),
        rule!("client-secret-has-whitespace", Error, client_secret_has_whitespace).decided_by(NO_VALUE),
        rule!("client-secret-malformed", Error, client_secret_malformed)
            .decided_by(NO_VALUE)
            .after(&["client-id-and-secret-swapped"]),
        rule!("client-secret-set-twice", Warning, client_secret_set_twice).decided_by(NO_VALUE),
        rule!("client-secret-rejected", Error, client_secret_rejected).after(&[
            "client-id-malformed",
            "client-id-read-as-number",
            "client-id-and-secret-swapped",
            "client-not-usable",
            "client-secret-has-whitespace",
            "client-secret-malformed",
        ]),
        rule!("client-secret-not-expected", Error, client_secret_not_expected),
    ]
}

/// The lengths of the API (`AddUserPoolClientSecret`).
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

const SHOW_SECRET: &str = "App client information → Show client secret";

/// `client-secret-missing`
///
/// Without a secret Pomerium is a public client, which is lawful: what Cognito says of the client makes the difference.
#[allow(clippy::ref_option, reason = "whether it is known is the fact")]
pub(super) fn client_secret_missing(
    _: &Cognito,
    client: &Client,
    settings: &Settings,
    config: &Config,
    presence: &Option<SecretPresence>,
) -> Option<Finding> {
    // Only the authenticate service redeems codes.
    if !client.secret.is_absent() || !settings.runs("authenticate") {
        return None;
    }
    let required = match presence {
        Some(SecretPresence::Present) => true,
        Some(SecretPresence::Absent) => return None,
        None => false,
    };
    let (effect, severity) = if required {
        (", and the app client has one: Cognito refuses the token request", Severity::Error)
    } else {
        (": Pomerium will act as a public client, which works only if the app client has none", Severity::Warning)
    };
    // What was given for this check stands in no file that could be corrected.
    let place = if client.id.origin == Origin::Given { settings.anchor } else { client.id.span };
    let empty = empty_variable(config, "idp_client_secret").filter(|_| client.route.is_none());
    let at = empty.map_or(place, |(_, name, _)| *name);
    let finding = match empty {
        Some(empty) => about_empty(empty, &format!("no client secret is set{effect}")),
        None => Finding::at(at, format!("no client secret is set{effect}")),
    };
    let finding = finding.severity(severity);
    // A route has no option for a file (`config/policy.go`), and another client's secret is none of its own.
    let finding = if client.route.is_some() {
        finding.fix("give the route the secret of its app client, beside its id:").fix(on_route(
            config,
            "idp_client_secret",
            "THE SECRET OF THIS CLIENT",
        ))
    } else if known_since("idp_client_secret_file").is_some_and(|since| since > config.version) {
        finding.fix("give Pomerium the secret of the app client:").fix(written(
            config,
            at,
            "idp_client_secret",
            "THE SECRET OF THIS CLIENT",
        ))
    } else {
        finding
            .fix("give Pomerium the secret of the app client, best in a file of its own without a newline at the end:")
            .fix(written(config, at, "idp_client_secret_file", "/run/secrets/idp_client_secret"))
    };
    let finding = finding.fix(cure::client_console(settings, &client.id.value, SHOW_SECRET));
    if required {
        return Some(finding);
    }
    let finding = if client.route.is_some() || config.reading.is_of_cluster {
        finding
    } else {
        finding.fix("if the environment supplies it (IDP_CLIENT_SECRET), check with that: --env or --env-file FILE")
    };
    Some(finding.fix("to find out whether the client has one: --probe-secret"))
}

/// A secret as people paste it, less what should not be there.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let quoted = text.len() > 1 && ['"', '\''].iter().any(|quote| text.starts_with(*quote) && text.ends_with(*quote));
    if quoted { text.get(1..text.len() - 1).unwrap_or(text).trim() } else { text }
}

const SECRET_COMMAND: &str =
    "kubectl create secret generic … --from-literal=client_secret=…, or printf %s … | base64 for `data`";

/// The command that leaves of a file what a secret is made of: it has neither white space nor quotes.
fn alone_in_file(path: &str) -> String {
    let new = format!("{path}.new");
    let (path, new) = (shell::quoted(path), shell::quoted(&new));
    format!("tr -d \"[:space:]\\\"'\" < {path} > {new} && mv {new} {path}")
}

/// `client-secret-has-whitespace`
pub(super) fn client_secret_has_whitespace(
    secret: &SecretText,
    settings: &Settings,
    config: &Config,
) -> Option<Finding> {
    let text = secret.0.value.expose();
    if text.is_empty() || bare(text) == text {
        return None;
    }
    let what = if text.trim() == text { "the quotes are" } else { "white space around the secret is" };
    let says = format!("{what} sent as part of it: {}", secret.0.value.describe());
    let finding = Finding::at(secret.0.span, says);
    Some(match secret.0.origin {
        Origin::SecretFile => {
            let path = settings.idp_client_secret_file.as_ref().map_or("FILE", |path| path.value.as_str());
            let finding = finding.fix("write the secret alone, without white space or quotes, into the file: Pomerium trims nothing");
            match config.form {
                // The path is one of the container, into which the file is mounted.
                Form::Kubernetes | Form::Helm => finding.fix(SECRET_COMMAND),
                Form::Compose => {
                    finding.fix(format!("with FILE for the file that is mounted as {path}:")).fix(alone_in_file("FILE"))
                }
                _ => finding.fix(alone_in_file(path)).fix(format!("in Kubernetes: {SECRET_COMMAND}")),
            }
        }
        Origin::Environment if !is_quoted_here(config, secret.0.span) => {
            let line = written(config, secret.0.span, "idp_client_secret", "value");
            finding
                .fix(format!("write the value alone, without white space or quotes: {line}"))
                .edit(without_space(config, &secret.0))
        }
        // A generator of kustomize makes the Secret of this file.
        Origin::Secret if is_environment(config, secret.0.span) => finding
            .fix("write the value alone behind the sign, without white space or quotes: what the Secret is made of is not trimmed"),
        Origin::Secret => {
            finding.fix("write the secret alone, without white space or quotes, into the Secret: nobody trims it on the way to Cognito").fix(SECRET_COMMAND)
        }
        Origin::File | Origin::Environment | Origin::Given | Origin::Running => finding
            .fix(format!(
                "write the value on one line, quoted once: {}",
                in_quotes(config, secret.0.span, "idp_client_secret", "value")
            ))
            .edit(without_space(config, &secret.0)),
    })
}

/// Whether quotes around a variable's value at a place are taken off: those of YAML and JSON are, in the list of a compose file
/// (`- NAME="value"`) and in an environment file they are part of it.
fn is_quoted_here(config: &Config, at: Span) -> bool {
    ["yaml", "yml", "json"].contains(&extension(config, at))
        && !written(config, at, "idp_client_secret", "value").contains('=')
}

/// The edit that takes out the white space on one side of a secret, where the secret stands as it is: no part of it is repeated.
fn without_space(config: &Config, secret: &Setting<Secret>) -> Option<Edit> {
    let at = inside_quotes(config, secret.span);
    let text = config.sources.slice(at);
    let (before, after) = (text.len() - text.trim_start().len(), text.len() - text.trim_end().len());
    if text != secret.value.expose() || text.trim() != bare(text) {
        return None;
    }
    let at = match (before, after) {
        (0, 1..) => Span { start: at.end - after, ..at },
        (1.., 0) => Span { end: at.start + before, ..at },
        _ => return None,
    };
    Some(Edit { at, text: String::new() })
}

/// `client-secret-malformed`
pub(super) fn client_secret_malformed(secret: &SecretText, id: &ClientId, settings: &Settings) -> Option<Finding> {
    let text = bare(secret.0.value.expose());
    let same = text == bare(&id.0.value);
    // If it is the secret that stands twice, `client-id-malformed` says so.
    if text.is_empty() || !same && is_possible(text) || same && cognito::is_like_client_secret(text) {
        return None;
    }
    let described = secret.0.value.describe();
    let finding = |says: String| Finding::at(secret.0.span, says);
    let finding = if same {
        finding(format!("it is the client id, and no app client's secret is its id: {described}"))
            .also(id.0.span, "here it stands too")
            .fix("copy the secret of the app client:")
    } else if is_base64_of_secret(text) {
        finding(format!("this seems to be the base64 of a secret, and Pomerium sends it undecoded: {described}"))
            .fix("decode it once: base64 -d")
            .fix("in a Kubernetes Secret, base64 belongs under `data` only, and only once; under `stringData` write the value itself")
    } else if text.contains(CURLY_QUOTES) {
        finding(format!("curly quotes are part of the value, and no client secret has any: {described}"))
            .fix("write straight quotes around it, or none; if in doubt, copy it again:")
    } else if cognito::keeps_to_pattern(text) {
        let says =
            format!("a client secret has 24 to 64 characters, and this one {}: {described}", text.chars().count());
        finding(says).fix("copy the whole secret again:")
    } else {
        finding(format!("a client secret has letters, digits, `_` and `+` only, and this one has others: {described}"))
            .fix("copy the secret again:")
    };
    Some(finding.fix(cure::client_console(settings, &id.0.value, SHOW_SECRET)))
}

fn is_possible(text: &str) -> bool {
    LENGTHS.contains(&text.len()) && cognito::keeps_to_pattern(text)
}

/// Of either alphabet, with or without its padding.
fn is_base64_of_secret(text: &str) -> bool {
    let digits = text.trim_end_matches('=').replace('+', "-").replace('/', "_");
    let decoded = go::base64::decode_raw_url(&digits).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.is_some_and(|decoded| is_possible(decoded.trim()))
}

/// `client-secret-set-twice`
pub(super) fn client_secret_set_twice(_: &Cognito, settings: &Settings) -> Option<Finding> {
    let written = settings.idp_client_secret.as_ref().filter(|secret| !secret.value.expose().is_empty())?;
    let file = settings.idp_client_secret_file.as_ref().filter(|file| !file.value.is_empty())?;
    let finding = Finding::at(
        written.span,
        format!("this has no effect: Pomerium takes the secret from the file `{}`", file.value),
    )
    .also(file.span, "this wins");
    if file.origin == Origin::Given {
        let cure = "delete it; or, if Pomerium has no such file, do not give idp_client_secret_file";
        return Some(finding.fix(cure));
    }
    Some(finding.fix("keep one of them, best the file; if this value is the right one, put it into the file"))
}

/// Where a secret comes from, in words.
fn source(secret: &Setting<Secret>) -> &'static str {
    match secret.origin {
        Origin::File | Origin::Given | Origin::Running => "the configured secret",
        Origin::Environment => "the secret in the environment",
        Origin::SecretFile => "the secret in this file",
        Origin::Secret => "the client secret in this Secret",
    }
}

/// `client-secret-rejected`
pub(super) fn client_secret_rejected(
    id: &ClientId,
    secret: &SecretText,
    settings: &Settings,
    standing: &SecretStanding,
) -> Option<Finding> {
    let client = &id.0.value;
    if *standing == (SecretStanding::Accepted { is_one_of_two: true }) {
        return Some(rotation_unfinished(id, secret, settings));
    }
    let SecretStanding::Rejected { is_answer } = standing else { return None };
    let (which, described) = (source(&secret.0), secret.0.value.describe());
    let says = if *is_answer {
        format!("Cognito answers `invalid_client`: {which} is not that of app client `{client}`: {described}")
    } else {
        format!(
            "the AWS API shows another secret of app client `{client}`: Cognito will answer `invalid_client` to {which}: {described}"
        )
    };
    let finding = Finding::at(secret.0.span, says)
        .also(id.0.span, "the app client that was asked")
        .fix("copy the secret of this very client; it may have been rotated, or belong to another client:")
        .fix(cure::client_console(settings, client, SHOW_SECRET))
        .fix("Terraform: aws_cognito_user_pool_client.….client_secret, after terraform apply");
    Some(finding)
}

/// Whoever rotates a secret adds the new one, hands it out, and then deletes the old one: until then that one is good.
fn rotation_unfinished(id: &ClientId, secret: &SecretText, settings: &Settings) -> Finding {
    let client = &id.0.value;
    let says = format!(
        "{} is good, and app client `{client}` has a second one, which is good as well: its rotation is unfinished",
        source(&secret.0)
    );
    let command = |operation: &str| cure::aws_command(operation, cure::pool(cure::issuer(settings)), client);
    Finding::at(secret.0.span, says)
        .title("A second secret of the app client is active")
        .severity(Severity::Note)
        .also(id.0.span, "the app client that was asked")
        .fix("once nobody has the old secret any more, delete it; the list names each by its id and date:")
        .fix(command("list-user-pool-client-secrets"))
        .fix(command("delete-user-pool-client-secret") + " --client-secret-id ID")
}

/// `client-secret-not-expected`
pub(super) fn client_secret_not_expected(
    id: &ClientId,
    secret: &SecretText,
    settings: &Settings,
    presence: &SecretPresence,
    code: &Evidence<ClientCode>,
) -> Option<Finding> {
    let client = &id.0.value;
    let is_configured = !secret.0.value.expose().is_empty();
    (*presence == SecretPresence::Absent && is_configured).then(|| {
        let which = source(&secret.0);
        let [_, line] = cure::client_setting(code, Attribute::HasSecret, &Wanted::On);
        Finding::at(secret.0.span, format!("app client `{client}` has no secret, and Cognito refuses the request because {which} comes with it"))
            .also(id.0.span, "the app client that was asked")
            .fix("use an app client with a secret, which is what a proxy should have; an existing client cannot be given one in the console, so make a new one:")
            .fix(format!("{} (replaces the client, its id changes):", cure::client_resource(code)))
            .fix(line)
            .fix(cure::pool_console(cure::issuer(settings), "App clients → Create app client"))
            .fix("or take the secret out")
    })
}

#[cfg(test)]
mod tests;
