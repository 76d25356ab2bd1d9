//! Words of prose and of errors: what is no secret although it stands behind the name of one.

/// What errors of Go go on with behind `… token: `, `… code: `.
const MESSAGES: [&str; 49] = [
    "fetching",
    "oauth2",
    "oidc",
    "jwt",
    "jose",
    "rpc",
    "context",
    "dial",
    "get",
    "post",
    "eof",
    "x509",
    "tls",
    "http",
    "https",
    "net",
    "json",
    "identity",
    "authenticate",
    "invalid",
    "failed",
    "unable",
    "cannot",
    "could",
    "error",
    "unexpected",
    "expected",
    "unknown",
    "missing",
    "unsupported",
    "supported",
    "malformed",
    "expired",
    "not",
    "no",
    "the",
    "a",
    "an",
    "is",
    "was",
    "has",
    "named",
    "token",
    "signature",
    "verification",
    "must",
    "bad",
    "decryption",
    "mismatch",
];

/// What people and errors say behind the name of a secret and a blank, or behind `… is`: whatever else stands there may be it.
#[rustfmt::skip]
const PROSE: &[&str] = &[
    "about", "absent", "accepted", "after", "again", "against", "algorithm", "alone", "already", "also", "although",
    "always", "and", "any", "anybody", "anymore", "anything", "appears", "are", "around", "at", "attached", "audience",
    "authentication", "authorization", "available", "away", "back", "bad", "base64", "based", "because", "becomes", "been",
    "before", "belongs", "between", "blank", "blocked", "both", "broken", "but", "by", "byte", "bytes", "cached", "called",
    "came", "can", "can't", "cannot", "cert", "challenge", "change", "changed", "changes", "check", "checked", "claim",
    "claims", "client", "clocks", "code", "comes", "configuration", "configured", "contains", "content", "cookie", "copied",
    "corrupt", "could", "couldn't", "created", "creation", "credentials", "day", "days", "decryption", "default", "deleted",
    "denied", "derived", "did", "didn't", "different", "differs", "disabled", "docker-registry", "documented", "does",
    "doesn't", "don't", "during", "each", "edited", "either", "else", "empty", "enabled", "encoded", "encrypted",
    "encryption", "endpoint", "entered", "entry", "environment", "error", "errors", "even", "everywhere", "exceeds",
    "exchange", "exchanged", "exchanges", "exist", "exists", "expected", "expire", "expired", "expires", "expiry", "fail",
    "failed", "failing", "fails", "failure", "false", "few", "field", "fields", "file", "files", "fine", "first", "flow",
    "for", "format", "found", "from", "generated", "generation", "generic", "genuine", "gets", "given", "gone", "good",
    "got", "grant", "had", "handler", "handling", "has", "hash", "hasn't", "have", "header", "headers", "here", "hidden",
    "hint", "hours", "how", "http", "id", "if", "ignored", "in", "incorrect", "incorrectly", "inside", "instead", "into",
    "introspection", "invalid", "isn't", "issued", "issuer", "it", "itself", "json", "jwt", "key", "keys", "kind", "known",
    "last", "leaked", "leaves", "left", "length", "lifetime", "like", "line", "loader", "located", "logged", "long",
    "longer", "looked", "looks", "lookup", "lost", "machine", "made", "malformed", "management", "manager", "mandatory",
    "many", "masked", "match", "matched", "matches", "may", "might", "minutes", "mismatch", "mismatched", "missing", "mode",
    "more", "must", "name", "named", "needed", "needs", "never", "new", "no", "nobody", "none", "nor", "not", "nothing",
    "nowhere", "null", "observed", "of", "off", "ok", "okay", "old", "on", "once", "one", "ones", "only", "option",
    "optional", "or", "other", "out", "outdated", "over", "pair", "parameter", "parse", "parsed", "parsing", "passed",
    "passes", "pasted", "path", "per", "policy", "pools", "present", "printed", "probably", "probe", "problem", "properly",
    "property", "provided", "provider", "query", "quotes", "reaches", "read", "reader", "received", "redacted", "redeem",
    "redeemed", "refresh", "refused", "rejected", "removed", "replaced", "request", "requested", "required", "reset",
    "response", "retrieval", "returned", "returns", "reused", "revoked", "right", "rotated", "rotation", "run", "runs",
    "same", "says", "scope", "seconds", "secret", "seems", "sensitive", "sent", "server", "service", "session", "sets",
    "setting", "several", "shared", "short", "should", "shouldn't", "shown", "signature", "signed", "signing", "since",
    "size", "so", "some", "somewhere", "stale", "stand", "stands", "state", "status", "storage", "store", "store's",
    "stored", "string", "successfully", "such", "supported", "swapped", "text", "that", "that's", "their", "them", "then", "there",
    "there's", "these", "they", "this", "those", "though", "through", "times", "token", "tokens", "too", "true", "twice",
    "two", "type", "types", "unable", "unauthorized", "undefined", "under", "unexpected", "unknown", "unset", "unsupported",
    "until", "up", "update", "updated", "use", "used", "user", "uses", "using", "valid", "validate", "validation", "values",
    "variable", "variables", "verification", "verified", "verifier", "verify", "version", "via", "wasn't", "we", "were",
    "what", "whatever", "when", "where", "which", "while", "who", "whole", "whose", "will", "with", "within", "without",
    "won't", "work", "worked", "works", "would", "wouldn't", "written", "wrong", "yes", "yet", "you", "your", "zero",
    // As it is said in German, French and Spanish.
    "abgelaufen", "absente", "absent", "bon", "caducada", "correct", "correcta", "correcte", "correcto", "das", "de", "del", "dem", "den",
    "der", "die", "différent", "diferente", "des", "du", "ein", "eine", "el", "en", "erronée", "errónea", "expiré", "expirée", "falsch", "faux",
    "fausse", "fehlt", "für", "gesetzt", "gleich", "gültig", "incorrecta", "incorrecte", "incorrecto", "inconnu", "invalide", "inválida",
    "inválido", "korrekt", "la", "le", "leer", "les", "los", "manquant", "mauvais", "mal", "nicht", "noch", "nur", "para", "pas", "pour", "richtig", "si",
    "ungültig", "vacía", "vacío", "vide", "von", "zu", "être", "été",
];

/// Behind these the value may still come: `is set to …`.
const FILLERS: [&str; 20] = [
    "a",
    "actually",
    "an",
    "as",
    "currently",
    "definitely",
    "equal",
    "exactly",
    "is",
    "just",
    "now",
    "really",
    "set",
    "simply",
    "the",
    "to",
    "value",
    "was",
    "still",
    "be",
];

/// Words before the name of a secret that is written in two.
const FIRST_WORDS: [&str; 20] = [
    "access",
    "api",
    "auth",
    "authorization",
    "aws",
    "bearer",
    "client",
    "cookie",
    "csrf",
    "encryption",
    "id",
    "login",
    "private",
    "refresh",
    "request",
    "secret",
    "session",
    "shared",
    "signing",
    "user",
];

/// Values that are nobody's secret.
const HARMLESS: [&str; 45] = [
    "",
    "null",
    "nil",
    "none",
    "true",
    "false",
    "undefined",
    "cut",
    "redacted",
    "[redacted]",
    "<nil>",
    "<redacted>",
    "bearer",
    "basic",
    "code",
    "token",
    "id_token",
    "invalid_grant",
    "invalid_request",
    "invalid_client",
    "invalid_scope",
    "invalid_token",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
    "redirect_mismatch",
    "access_denied",
    "server_error",
    "temporarily_unavailable",
    "authorization_code",
    "client_credentials",
    "refresh_token",
    // What Kubernetes says of a field that is not there.
    "required value",
    // The codes of S3, STS and CloudFront, which stand in an element of that name ("Error responses" of the API of S3).
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "InternalError",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "NoSuchBucket",
    "NoSuchKey",
    "NotAuthorizedException",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "SlowDown",
];

/// Shorter numbers are codes of errors.
const LONGEST_NUMBER: usize = 3;

/// Whether a value under a telling name may be shown all the same.
pub(super) fn is_harmless(value: &str) -> bool {
    let value = value
        .trim_matches(|character: char| character.is_whitespace() || matches!(character, '"' | '\'' | '*' | '.' | '…'));
    HARMLESS.iter().any(|known| known.eq_ignore_ascii_case(value))
        || value.len() <= LONGEST_NUMBER && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number or a word that says what went wrong: `403`, `invalid_request`, `NotAuthorizedException`.
pub(super) fn is_code(value: &str) -> bool {
    is_harmless(value) || value.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b' '))
}

/// Whether an error goes on with this word.
pub(super) fn is_of_message(word: &str) -> bool {
    MESSAGES.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Whether this word is one of prose.
pub(super) fn is_of_prose(word: &str) -> bool {
    PROSE.iter().chain(&FILLERS).any(|known| known.eq_ignore_ascii_case(word))
}

/// Whether a value may still come behind this word.
pub(super) fn is_filler(word: &str) -> bool {
    FILLERS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// `access` of `access token`.
pub(super) fn begins_name(word: &str) -> bool {
    FIRST_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
}
