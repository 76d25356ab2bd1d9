//! What a name tells of the value that stands under it.

use crate::spelling::unaccented;

/// What is known of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// It tells of a password, passphrase or secret, which may be several words.
    Password,
    /// It tells of a cookie or of credentials: a header with it goes on to the end of its line.
    Header,
    /// It tells of anything else that must not be shown.
    Telling,
    /// A number or a word that says what went wrong, such as `status_code`.
    Code,
    /// What stands under the name of something else: `value`.
    Value,
    /// The diagnosis needs it, and it is no secret.
    Harmless,
    /// Nothing is known.
    Unknown,
}

/// A name that ends with one of these tells of a secret.
const ENDS: [&str; 27] = [
    "token",
    "key",
    "code",
    "state",
    "session",
    "signature",
    "sig",
    "credential",
    "auth",
    "jwt",
    "assertion",
    "csrf",
    "xsrf",
    "verifier",
    "nonce",
    "ticket",
    "otp",
    "pin",
    "hmac",
    "bearer",
    "sid",
    "hash",
    "proof",
    "samlrequest",
    "samlresponse",
    "samlart",
    "pw",
];

/// A name that ends with one of these tells of a password, or of what is chosen like one.
#[rustfmt::skip]
const PASSWORDS: &[&str] = &[
    "secret", "password", "passwd", "passphrase", "passcode", "pwd", "pass", "passwort", "kennwort",
    // In the other languages in which Cognito has its pages.
    "geheim", "geheimnis", "schluessel", "schlussel", "motdepasse", "passe", "secrete", "secreto", "secreta", "contrasena", "clave", "losungswort",
    "senha", "segredo", "segreto", "chiave", "parola", "katasandi", "sandi", "sandinya", "rahasia", "wachtwoord", "haslo", "heslo", "losenord",
    "losenordet", "adgangskode", "adgangskoden", "salasana", "sifre", "jelszo", "jeton", "identified",
];

/// Whole names that tell of a secret, and end others that do not: `oracle`.
const WHOLE: [&str; 4] = ["creds", "cred", "cle", "cles"];

/// A name that holds one of these tells of a secret, whatever else it says: `SecretString`, `token_value`.
const INSIDE: [&str; 10] =
    ["secret", "password", "passwd", "token", "credential", "privatekey", "cookie", "session", "csrf", "apikey"];

/// But not if it ends with one of these: `token_endpoint`, `cookie_name`.
const ABOUT: [&str; 18] = [
    "type",
    "use",
    "endpoint",
    "url",
    "uri",
    "file",
    "name",
    "names",
    "expiry",
    "expires",
    "expiresin",
    "count",
    "length",
    "method",
    "methods",
    "supported",
    "domain",
    "path",
];

/// Codes of what went wrong, which are numbers and words.
const CODES: [&str; 13] = [
    "code",
    "statuscode",
    "responsecode",
    "errorcode",
    "httpcode",
    "httpstatuscode",
    "exitcode",
    "grpccode",
    "returncode",
    "oauthcode",
    "reasoncode",
    "lastcode",
    "errcode",
];

/// What diagnosis needs: fields of Pomerium's logs, parameters of OAuth, headers of Cognito. Without `-` and `_`, as all here.
#[rustfmt::skip]
const HARMLESS: &[&str] = &[
    // Logs of Pomerium, of Envoy, of the programs that carry logs.
    "level", "sshpass", "severity", "time", "timestamp", "ts", "date", "msg", "message", "error", "err", "errors", "errormessage",
    "errordescription", "errortype", "errordetails", "errormsg", "status", "statustext", "httpstatus", "responsecodedetails",
    "method", "httpmethod", "path", "host", "authority", "requestid", "xrequestid", "service", "upstreamcluster", "duration",
    "size", "useragent", "protocol", "version", "component", "caller", "logger", "reason", "cause", "detail", "details",
    "description", "title", "kind", "event", "line", "column", "log", "stream", "textpayload", "query", "url", "uri", "location",
    "referer", "referrer", "requesturl", "requesturi", "name", "namespace", "pod", "container", "image", "ip", "allow", "deny",
    "allowwhytrue", "denywhytrue", "allowwhyfalse", "denywhyfalse", "servername", "configfile", "header", "response", "body",
    // Requests of OAuth and what answers them.
    "clientid", "idpclientid", "redirecturi", "redirecturl", "callbackurl", "responsetype", "responsemode", "granttype",
    "scope", "scopes", "idpscopes", "prompt", "issuer", "iss", "aud", "tokentype", "tokenuse", "expiresin", "identityprovider",
    "idpidentifier", "logouturi", "postlogoutredirecturi", "errorsubtype", "errormsgcode", "lang", "uilocales",
    // Pomerium's options that say where a login goes.
    "idpprovider", "idpproviderurl", "provider", "providerurl", "authenticateserviceurl", "userpoolid", "region", "from",
    "pomeriumredirecturi", "pomeriumcallbackuri", "pomeriumexpiry", "pomeriumissued", "pomeriumversion",
    // Headers of answers.
    "server", "via", "xcache", "contenttype", "contentlength", "retryafter", "cachecontrol", "xamznrequestid",
    "xamzcognitorequestid", "xamznerrortype", "xamznwafaction", "accesscontrolalloworigin",
];

/// What is known of a name, in any style of writing: `client_secret`, `Client-Secret`, `clientSecret`, `CLIENT.SECRET`.
pub(super) fn judge(name: &str) -> Name {
    let squeezed = squeeze(name);
    let last: String = squeezed_last(name);
    let bare = squeezed.trim_end_matches(|digit: char| digit.is_ascii_digit());
    if HARMLESS.contains(&squeezed.as_str()) || HARMLESS.contains(&last.as_str()) && !squeezed.contains("secret") {
        return Name::Harmless;
    }
    if CODES.get(1..).is_some_and(|codes| codes.contains(&bare)) {
        return Name::Code;
    }
    let ends = |ends: &[&str]| {
        let single = bare.strip_suffix('s').unwrap_or(bare);
        ends.iter().any(|end| bare.ends_with(end) || single.ends_with(end))
    };
    let is_about = || ABOUT.iter().any(|end| bare.ends_with(end));
    let is_pat = || name.rsplit(['_', '-', '.']).next().is_some_and(|last| last.eq_ignore_ascii_case("pat"));
    if ends(PASSWORDS) || WHOLE.contains(&bare) {
        Name::Password
    } else if ends(&["cookie", "authorization"]) {
        Name::Header
    } else if ends(&ENDS)
        || is_pat()
        || bare.starts_with("pomerium") && name.contains('_')
        || INSIDE.iter().any(|word| bare.contains(word)) && !is_about()
    {
        Name::Telling
    } else if ["value", "val", "content", "values"].contains(&bare) {
        Name::Value
    } else {
        Name::Unknown
    }
}

/// Whether a name ends as one of a code that says what went wrong, be it that a line before it ran into it: `AheadError code`.
pub(super) fn ends_as_code(name: &str) -> bool {
    let bare = squeeze(name);
    CODES.get(1..).is_some_and(|codes| codes.iter().any(|code| bare.ends_with(code)))
}

/// Whether a name ends as names of secrets do: `client_secret`, but not `client-secret-rejected` or `bearer_token_format`.
pub(super) fn ends_as_secret(name: &str) -> bool {
    let bare = squeeze(name);
    let bare = bare.trim_end_matches(|digit: char| digit.is_ascii_digit());
    let single = bare.strip_suffix('s').unwrap_or(bare);
    let ends = ENDS.iter().chain(PASSWORDS).chain(&["cookie", "authorization"]);
    ends.into_iter().any(|end| bare.ends_with(end) || single.ends_with(end)) || bare.starts_with("pomerium")
}

fn squeeze(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).map(unaccented).filter(|letter| letter.is_alphanumeric()).collect()
}

/// Whether the name is written as no word of prose is: `client_secret`, `clientSecret`, `COOKIE_SECRET`.
pub(super) fn is_compound(name: &str) -> bool {
    let inner = name.trim_matches(['-', '_', '.']);
    let is_camel = inner
        .as_bytes()
        .windows(2)
        .any(|pair| matches!(pair, [before, after] if before.is_ascii_lowercase() && after.is_ascii_uppercase()));
    inner.contains(['_', '-', '.']) || is_camel
}

/// What follows the last dot, as [`judge`] compares it.
fn squeezed_last(name: &str) -> String {
    let last = name.trim_end_matches('.').rsplit('.').next().unwrap_or(name);
    squeeze(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_in_any_style() {
        for base in [
            ["client", "secret"],
            ["user", "password"],
            ["id", "token"],
            ["api", "key"],
            ["auth", "code"],
            ["csrf", "state"],
            ["aws", "session"],
            ["set", "cookie"],
            ["request", "signature"],
        ] {
            let [a, b] = base;
            let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
            for name in [
                format!("{a}_{b}"),
                format!("{a}-{b}"),
                format!("{a}{}", capital(b)),
                format!("{}{}", capital(a), capital(b)),
                format!("{a}_{b}").to_uppercase(),
                format!("x.y.{a}{}", capital(b)),
                format!("{a}{b}"),
                format!("{a}_{b}s"),
                format!("{a}_{b}_2"),
                b.to_owned(),
            ] {
                assert!(matches!(judge(&name), Name::Telling | Name::Password | Name::Header), "{name}");
            }
        }
        for name in ["client_id", "requestId", "request-id", "error_description", "Level", "redirect_uri"] {
            assert_eq!(judge(name), Name::Harmless, "{name}");
        }
        assert_eq!(judge("pomerium_anything"), Name::Telling);
        assert_eq!(judge("pomerium_redirect_uri"), Name::Harmless);
        assert_eq!(judge("response-code"), Name::Code);
        assert_eq!((judge("token_endpoint"), judge("foo")), (Name::Unknown, Name::Unknown));
    }
}
