//! The secrets that Pomerium keeps for itself, and how secrets are kept.

use super::{NO_PROVIDER, identity_setting};
use crate::config::{
    Config, CookieSecret, Origin, RefusalKind, Setting, Settings, SharedSecret, SourceKind, Span, ValueKind, classify,
    known_since,
};
use crate::go;
use crate::rules::missing::missing_option;
use crate::rules::place::{CURLY_QUOTES, called};
use crate::rules::{Finding, Judgement, Severity};
use crate::secret::Secret;

/// Bytes of an encryption key (`pkg/cryptutil` `DefaultKeySize`).
const KEY_BYTES: usize = 32;

const NEW_KEY: &str = "head -c32 /dev/urandom | base64";

/// `shared-secret-malformed`
pub(in crate::rules) fn shared_secret_malformed(config: &Config, secret: &SharedSecret) -> Option<Finding> {
    let setting = &secret.0;
    let text = setting.value.expose();
    if text.trim() != text {
        let says = format!(
            "{} has white space around it: `config: invalid shared secret: shared secret contains whitespace`",
            setting.value.describe()
        );
        let finding = Finding::at(setting.span, says);
        return Some(if setting.origin == Origin::SecretFile {
            finding
                .fix("write the file without a final newline:")
                .fix(format!("printf %s \"$({NEW_KEY})\" > shared_secret"))
        } else {
            finding.fix("remove the white space")
        });
    }
    malformed(config, RefusalKind::SharedSecret, "shared_secret", setting)
}

/// `cookie-secret-malformed`
pub(in crate::rules) fn cookie_secret_malformed(config: &Config, secret: &CookieSecret) -> Option<Finding> {
    malformed(config, RefusalKind::CookieSecret, "cookie_secret", &secret.0)
}

fn malformed(config: &Config, kind: RefusalKind, key: &str, setting: &Setting<Secret>) -> Option<Finding> {
    let text = setting.value.expose();
    if let Some(finding) = of_bootstrap_secret(config, kind, key, setting) {
        return Some(finding);
    }
    let why = match go::base64::decode(text).ok() {
        Some(bytes) if bytes.len() == KEY_BYTES => return None,
        Some(bytes) => format!("decodes to {} bytes, and Pomerium wants {KEY_BYTES}", bytes.len()),
        None => "is not base64".to_owned(),
    };
    let mut says = format!("{} {why}", setting.value.describe());
    if let Some(form) = other_form(text) {
        says = format!("{says}; {form}");
    }
    if let Some(words) = words_of_pomerium(config, kind) {
        says = format!("{says}: `{words}`");
    }
    Some(
        Finding::at(setting.span, says)
            .fix(format!("make a new {}, the same for all services and replicas:", called(config, setting.span, key)))
            .fix(NEW_KEY),
    )
}

/// The bootstrap Secret of the ingress controller holds the bytes themselves (`pomerium/ctrl/bootstrap.go`); the controller makes
/// the base64 of them that Pomerium wants.
fn of_bootstrap_secret(config: &Config, kind: RefusalKind, key: &str, setting: &Setting<Secret>) -> Option<Finding> {
    let words = words_of_pomerium(config, kind).filter(|words| words.contains("should be 32 bytes, got"))?;
    let bytes = go::base64::decode(setting.value.expose()).ok()?;
    let inner = std::str::from_utf8(&bytes).ok().and_then(|text| go::base64::decode(text.trim()).ok());
    let (what, cure) = match inner {
        Some(inner) if inner.len() == KEY_BYTES => (
            "; they are base64 of 32 bytes, encoded once too often",
            "leave the bytes as they are, or write this base64 under `data` instead of `stringData`, and encode it only once",
        ),
        _ => ("", "put 32 random bytes into the Secret"),
    };
    let says = format!(
        "the Secret holds {} bytes here, and the ingress controller wants {KEY_BYTES}{what}: `{words}`",
        bytes.len()
    );
    Some(
        Finding::at(setting.span, says)
            .fix(format!("{cure}:"))
            .fix(format!("head -c32 /dev/urandom > {key} && kubectl create secret generic … --from-file={key}")),
    )
}

/// What the text is instead, if that can be told.
fn other_form(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if text.contains(CURLY_QUOTES) {
        return Some("the curly quotes around it are part of the value: write straight ones, or none");
    }
    let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hex && text.len() == 2 * KEY_BYTES {
        Some("it looks like 32 bytes in hexadecimal, not in base64")
    } else if text.chars().count() == KEY_BYTES {
        Some("it is 32 characters long, as if the bytes themselves were wanted")
    } else if text.contains(['-', '_']) && text.len() == 44 {
        Some("it is base64 of the URL-safe kind, and Pomerium wants `+` and `/`")
    } else if text.len() == 43 {
        Some("the `=` at its end is missing")
    } else {
        None
    }
}

/// What Pomerium says of this key when it starts.
fn words_of_pomerium(config: &Config, kind: RefusalKind) -> Option<&str> {
    let words = config.reading.refusals().find(|refusal| refusal.kind == kind)?.words.as_str();
    words.rfind("config: invalid").and_then(|at| words.get(at..)).or(Some(words))
}

/// `secret-not-fixed`
pub(in crate::rules) fn secret_not_fixed(config: &Config, settings: &Settings) -> Judgement {
    let written = settings.services.as_ref().filter(|services| services.kind() == ValueKind::Literal);
    let services = written.map_or("all", |services| services.value.as_str());
    let anchor = identity_setting(settings).map(|(_, at)| at);
    // A part of Pomerium does not start without them, whoever runs the login (`Validate` of `config/options.go`, `proxy/proxy.go`).
    let is_part = written.is_some() && !settings.runs("all");
    let Some(at) = written.map(|services| services.span).filter(|_| is_part || anchor.is_some()).or(anchor) else {
        return Judgement::NotApplicable(NO_PROVIDER);
    };
    let keys = [("shared_secret", &settings.shared_secret), ("cookie_secret", &settings.cookie_secret)];
    let mut missing = keys
        .into_iter()
        .filter(|(key, secret)| !is_set(config, key, secret.as_ref()))
        .filter(|(key, _)| *key == "shared_secret" || uses_cookies(services))
        .map(|(key, _)| key);
    let Some(first) = missing.next() else { return Judgement::pass() };
    not_fixed(config, services, first, missing.next(), at).into()
}

/// Set, be it by a file that only Pomerium can read.
fn is_set(config: &Config, key: &str, secret: Option<&Setting<Secret>>) -> bool {
    secret.is_some_and(|secret| !secret.value.expose().is_empty())
        || config
            .reading
            .texts
            .iter()
            .any(|(path, text)| path.strip_suffix("_file") == Some(key) && !text.value.is_empty())
}

fn uses_cookies(services: &str) -> bool {
    services.split(',').map(str::trim).any(|service| ["all", "authenticate", "proxy"].contains(&service))
}

fn not_fixed(config: &Config, services: &str, key: &str, other: Option<&str>, at: Span) -> Finding {
    let both = other.map_or_else(|| "it".to_owned(), |other| format!("it and `{other}`"));
    let finding = if services == "all" {
        let effect = format!(
            "Pomerium invents {both} at each start, which breaks logins under way, and each replica has its own"
        );
        missing_option(config, key, at, &effect)
    } else {
        let effect = format!("with `services: {services}` Pomerium does not start without {both}");
        missing_option(config, key, at, &effect)
            .title("A split Pomerium needs its secrets written down")
            .severity(Severity::Error)
    };
    let keys =
        [Some(key), other].into_iter().flatten().map(|key| called(config, at, key)).collect::<Vec<_>>().join(" and ");
    finding.fix(format!("set {keys} to the same for all services and replicas; make each with:")).fix(NEW_KEY)
}

/// `secret-in-plain-text`
pub(in crate::rules) fn secret_in_plain_text(config: &Config, settings: &Settings) -> Option<Finding> {
    let global = [
        ("idp_client_secret", &settings.idp_client_secret),
        ("shared_secret", &settings.shared_secret),
        ("cookie_secret", &settings.cookie_secret),
        ("signing_key", &settings.signing_key),
    ];
    let of_routes = settings.routes.iter().map(|route| ("idp_client_secret", &route.idp_client_secret));
    let mut plain = global.into_iter().chain(of_routes).filter_map(|(key, secret)| {
        let secret = secret.as_ref()?;
        let stands_here = secret.origin == Origin::File && is_shared_file(config, secret.span);
        (stands_here && classify(secret.value.expose()) == ValueKind::Literal && !secret.value.expose().is_empty())
            .then_some((key, secret))
    });
    let (key, secret) = plain.next()?;
    let says = format!("`{key}` stands here in plain text: {}", secret.value.describe());
    let mut finding = Finding::at(secret.span, says);
    for (key, secret) in plain {
        finding = finding.also(secret.span, format!("so does `{key}`"));
    }
    let file = format!("{key}_file");
    let is_there = known_since(&file).is_some_and(|since| since <= config.version);
    let or_file = if is_there {
        format!(", or name a file with `{}`", called(config, secret.span, &file))
    } else {
        String::new()
    };
    Some(finding.fix(format!("set {} in the environment from a secret store{or_file}", key.to_ascii_uppercase())))
}

/// A file that people share and commit; `.env` files are meant to hold secrets.
fn is_shared_file(config: &Config, at: Span) -> bool {
    config.sources.get(at.source).is_some_and(|source| {
        source.kind == SourceKind::File && ![".env", ".dotenv"].iter().any(|ending| source.name.ends_with(ending))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_go_reads_it() {
        let key = "3gmXKHKeGnXRYwqLPsQxlJBgBnhhPGVqLZ9pc+2KDD8=";
        let length = |text: &str| go::base64::decode(text).ok().map(|bytes| bytes.len());
        assert_eq!(length(key), Some(32));
        assert_eq!(length(&format!("{key}\r\n")), Some(32));
        assert_eq!(length(key.trim_end_matches('=')), None);
        assert_eq!(length(&key.replace('+', "-")), None);
        assert_eq!(length(&format!("{key} ")), None);
        // Go does not mind bits that no byte needs.
        assert_eq!(length("AB=="), Some(1));
        assert_eq!(length("0123456789abcdef0123456789abcdef"), Some(24));
    }

    #[test]
    fn the_usual_mix_ups_are_named() {
        for (text, word) in [
            ("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "hexadecimal"),
            ("0123456789abcdef0123456789abcdef", "characters"),
            ("3gmXKHKeGnXRYwqLPsQxlJBgBnhhPGVqLZ9pc-2KDD8=", "URL-safe"),
            ("3gmXKHKeGnXRYwqLPsQxlJBgBnhhPGVqLZ9pc+2KDD8", "missing"),
        ] {
            assert!(other_form(text).is_some_and(|form| form.contains(word)), "{text}");
        }
        assert_eq!(other_form("short"), None);
    }
}
