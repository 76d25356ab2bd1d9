//! The signing keys, as Pomerium's libraries use them.
//!
//! go-oidc decodes the set with go-jose (`jwk.go`): one key that it cannot decode fails the whole set. After that any key whose
//! type fits the algorithm of a token may verify it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::unclear::{self, excerpt, is_html, summary};
use super::{DiscoveryDocument, Evidence, Exchange, KeyAnswer, Seen, is_cognito_issuer_host};
use crate::go;
use crate::go::json::Json;
use crate::host;

/// What go-oidc verifies (`supportedAlgorithms` in `oidc/oidc.go`).
const ACCEPTED: [&str; 10] = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA"];

fn accepted(advertised: &[String]) -> Vec<&'static str> {
    let known: Vec<_> =
        ACCEPTED.into_iter().filter(|name| advertised.iter().any(|advertised| advertised == name)).collect();
    if known.is_empty() { vec!["RS256"] } else { known }
}

impl DiscoveryDocument {
    /// The algorithms with which Pomerium takes a token: those advertised that go-oidc knows; RS256 if none is left.
    pub fn accepted_algorithms(&self) -> Vec<&'static str> {
        accepted(&self.signing_algorithms)
    }
}

/// What the key set holds for tokens signed with one of the advertised algorithms.
pub(super) fn judge(exchange: &Exchange, advertised: &[String]) -> Evidence<KeyAnswer> {
    let answer = unclear::answer(exchange)?;
    let expected = "a JSON Web Key Set";
    let is_refusal = (400..500).contains(&answer.status) && ![403, 407, 408, 429].contains(&answer.status);
    if answer.truncated || answer.status != 200 && (!is_refusal || is_html(answer)) {
        return Err(unclear::inconclusive(exchange, expected));
    }
    let mut keys = KeyAnswer { url: exchange.request.url.clone(), usable: vec![], unusable: vec![], malformed: None };
    match if answer.status == 200 { key_set(&answer.body) } else { Err(summary(answer)) } {
        Ok(set) => {
            sort(&set, &accepted(advertised), &mut keys);
            if is_of_cognito(&exchange.request.url) {
                leave_out_the_nameless(&mut keys);
            }
        }
        Err(why) => keys.malformed = Some(why),
    }
    Ok(Seen { value: keys, witnesses: vec![exchange.id.clone()] })
}

fn is_of_cognito(url: &str) -> bool {
    host::of(url).is_some_and(|host| is_cognito_issuer_host(&host))
}

/// Cognito's tokens name their key, and go-oidc tries none of another name.
fn leave_out_the_nameless(keys: &mut KeyAnswer) {
    let (nameless, named): (Vec<_>, Vec<_>) =
        std::mem::take(&mut keys.usable).into_iter().partition(|(_, id)| id.is_empty());
    keys.usable = named;
    keys.unusable
        .extend(nameless.iter().map(|_| "a key without a `kid`, which no token of Cognito's names".to_owned()));
}

fn key_set(body: &str) -> Result<Vec<Json<'_>>, String> {
    let json = go::json::parse(body)?;
    if json.kind() != "object" {
        return Err(format!("a JSON {} instead of an object with `keys`", json.kind()));
    }
    let keys = json.members().into_iter().rev().find(|(key, _)| go::json::fold(key) == "keys");
    match keys.map(|(_, keys)| keys) {
        Some(keys) if keys.kind() == "array" => Ok(keys.elements()),
        Some(keys) => Err(format!("`keys` is a JSON {} instead of a list", keys.kind())),
        None => Err("a JSON object without `keys`".to_owned()),
    }
}

fn sort(set: &[Json<'_>], accepted: &[&'static str], keys: &mut KeyAnswer) {
    let mut is_broken = false;
    for (index, json) in set.iter().enumerate() {
        let name =
            |id: &str| if id.is_empty() { format!("key {}", index + 1) } else { format!("key `{}`", excerpt(id)) };
        match Key::decode(*json) {
            Err(why) => {
                is_broken = true;
                let id = json.members().into_iter().find(|(key, _)| key == "kid").and_then(|(_, id)| id.text());
                keys.unusable.push(format!("{}: {why}", name(&id.unwrap_or_default())));
            }
            Ok(key) => match key.algorithm(accepted) {
                Ok(algorithm) => keys.usable.push((algorithm.to_owned(), key.id)),
                Err(why) => keys.unusable.push(format!("{}: {why}", name(&key.id))),
            },
        }
    }
    if is_broken {
        for (_, id) in std::mem::take(&mut keys.usable) {
            let id = excerpt(&id);
            keys.unusable
                .push(format!("key `{id}`: Pomerium's library refuses the whole set for the sake of another key"));
        }
    }
}

/// A key that go-jose can decode.
struct Key {
    id: String,
    algorithm: String,
    usage: String,
    kind: Kind,
}

enum Kind {
    Rsa { bits: usize, exponent: u64 },
    Elliptic(&'static str),
    Edwards,
    Symmetric,
}

impl Key {
    fn decode(json: Json<'_>) -> Result<Self, String> {
        let Ok(Value::Object(members)) = serde_json::from_str(json.source()) else {
            return Err("not a JSON object that can be read".to_owned());
        };
        let mut texts = BTreeMap::new();
        for name in ["kty", "kid", "alg", "use", "crv", "n", "e", "x", "y", "k", "x5u", "x5t", "x5t#S256"] {
            match members.get(name) {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) => {
                    texts.insert(name, text.clone());
                }
                Some(_) => return Err(format!("`{name}` is not a string")),
            }
        }
        certificates(members.get("x5c"))?;
        let text = |name: &str| texts.get(name).cloned().unwrap_or_default();
        let bytes = |name: &str| -> Result<Vec<u8>, String> {
            let text = texts.get(name).ok_or_else(|| format!("`{name}` is missing"))?;
            // Go's decoder skips line breaks.
            go::base64::decode_raw_url(&text.replace(['\r', '\n'], ""))
                .map_err(|error| format!("`{name}` is not base64url: {error}"))
        };
        let kind = match text("kty").as_str() {
            "RSA" => {
                let (modulus, exponent) = (bytes("n")?, bytes("e")?);
                Kind::Rsa { bits: bit_length(&modulus), exponent: number(&exponent) }
            }
            "EC" => {
                let (algorithm, size) = match text("crv").as_str() {
                    "P-256" => ("ES256", 32),
                    "P-384" => ("ES384", 48),
                    "P-521" => ("ES512", 66),
                    curve => return Err(format!("elliptic curve `{}` is not supported", excerpt(curve))),
                };
                for name in ["x", "y"] {
                    if bytes(name)?.len() != size {
                        return Err(format!("`{name}` has the wrong length for the curve"));
                    }
                }
                Kind::Elliptic(algorithm)
            }
            "OKP" if text("crv") == "Ed25519" => bytes("x").map(|_| Kind::Edwards)?,
            "oct" => bytes("k").map(|_| Kind::Symmetric)?,
            "" => return Err("`kty` is missing".to_owned()),
            kind => return Err(format!("key type `{}` is not supported", excerpt(kind))),
        };
        for (name, length) in [("x5t", 20), ("x5t#S256", 32)] {
            if texts.contains_key(name) && !is_thumbprint(&bytes(name)?, length) {
                return Err(format!("`{name}` has the wrong length"));
            }
        }
        if let Err(words) = go::url::parse(&text("x5u")) {
            return Err(format!("`x5u` is no URL: {words}"));
        }
        Ok(Self { id: text("kid"), algorithm: text("alg"), usage: text("use"), kind })
    }

    /// The algorithm whose tokens it verifies, or why it verifies none that Pomerium accepts.
    fn algorithm(&self, accepted: &[&'static str]) -> Result<&'static str, String> {
        if !["", "sig"].contains(&self.usage.as_str()) {
            return Err(format!("`use` is `{}`: not a key that signs", excerpt(&self.usage)));
        }
        let fits = |algorithm: &str| match self.kind {
            Kind::Rsa { .. } => algorithm.starts_with("RS") || algorithm.starts_with("PS"),
            Kind::Elliptic(own) => algorithm == own,
            Kind::Edwards => algorithm == "EdDSA",
            Kind::Symmetric => false,
        };
        match self.kind {
            Kind::Symmetric => return Err("a symmetric key; tokens are verified with public ones".to_owned()),
            Kind::Rsa { bits, .. } if bits < 1024 => return Err(format!("an RSA modulus of {bits} bits is too short")),
            Kind::Rsa { exponent, .. } if exponent < 3 || exponent % 2 == 0 || exponent > 0x7fff_ffff => {
                return Err(format!("RSA exponent {exponent} is not valid"));
            }
            _ => {}
        }
        let wanted = |algorithm: &&str| fits(algorithm) && (self.algorithm.is_empty() || self.algorithm == *algorithm);
        accepted.iter().copied().find(wanted).ok_or_else(|| {
            let own = if self.algorithm.is_empty() {
                "its type".to_owned()
            } else {
                format!("`{}`", excerpt(&self.algorithm))
            };
            format!("{own} is not among the algorithms Pomerium accepts from this issuer ({})", accepted.join(", "))
        })
    }
}

/// The certificates of a key, each of which go-jose parses (`parseCertificateChain` in `jwk.go`).
fn certificates(chain: Option<&Value>) -> Result<(), String> {
    let certificates = match chain {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Array(certificates)) => certificates,
        Some(_) => return Err("`x5c` is not a list".to_owned()),
    };
    for certificate in certificates {
        let text = certificate.as_str().ok_or("`x5c` holds something else than strings")?;
        let bytes = go::base64::decode(text).map_err(|error| format!("`x5c` is not base64: {error}"))?;
        if !is_sequence(&bytes) {
            return Err("`x5c` holds something else than certificates".to_owned());
        }
    }
    Ok(())
}

/// Whether these bytes are one `SEQUENCE` of DER and nothing else, as a certificate is (X.690 §8.1.3).
fn is_sequence(bytes: &[u8]) -> bool {
    let [0x30, first, rest @ ..] = bytes else { return false };
    let size = usize::from(first & 0x7f);
    if first & 0x80 == 0 {
        return size > 0 && rest.len() == size;
    }
    let Some((length, content)) = rest.split_at_checked(size).filter(|_| (1..=4).contains(&size)) else { return false };
    content.len() as u64 == number(length)
}

/// A digest as bytes, or as the hexadecimal digits of them, which go-jose takes as well; an empty one is none.
fn is_thumbprint(bytes: &[u8], length: usize) -> bool {
    let is_digits = bytes.len() == 2 * length && bytes.iter().all(u8::is_ascii_hexdigit);
    bytes.is_empty() || bytes.len() == length || is_digits
}

fn bit_length(bytes: &[u8]) -> usize {
    let mut significant = bytes.iter().skip_while(|byte| **byte == 0);
    let Some(first) = significant.next() else { return 0 };
    significant.count() * 8 + (u8::BITS - first.leading_zeros()) as usize
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number: u64, byte| number.saturating_mul(256).saturating_add(u64::from(*byte)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::evidence::{Missing, sample};

    const URL: &str = "https://cognito-idp.eu-west-1.amazonaws.com/p/.well-known/jwks.json";

    fn read(status: u16, body: &str) -> Evidence<KeyAnswer> {
        judge(&sample::answer(URL, status, &[("content-type", "application/json")], body), &["RS256".to_owned()])
    }

    fn rsa(id: &str, more: &str) -> String {
        let modulus = "w".repeat(342);
        format!(r#"{{"kty":"RSA","alg":"RS256","use":"sig","kid":"{id}","e":"AQAB","n":"{modulus}"{more}}}"#)
    }

    #[test]
    fn the_keys_of_a_pool_are_usable() {
        let keys = read(200, &format!(r#"{{"keys":[{},{}]}}"#, rsa("a=", ""), rsa("b=", ""))).unwrap().value;
        assert_eq!(keys.usable, [("RS256".to_owned(), "a=".to_owned()), ("RS256".to_owned(), "b=".to_owned())]);
        assert_eq!((keys.unusable.len(), keys.malformed), (0, None));
    }

    #[test]
    fn every_key_that_cannot_verify_is_explained() {
        for (key, why) in [
            (rsa("a", "").replace(r#""use":"sig""#, r#""use":"enc""#), "`use` is `enc`"),
            (rsa("a", "").replace("RS256", "RS512"), "`RS512` is not among"),
            (rsa("a", "").replace(&"w".repeat(342), "placeholder-modulus00"), "`n` is not base64url"),
            (rsa("a", "").replace("AQAB", "AQAB=="), "`e` is not base64url"),
            (rsa("a", "").replace("AQAB", "AQ"), "RSA exponent 1"),
            (rsa("a", "").replace(&"w".repeat(342), "AQAB"), "modulus of 17 bits"),
            (rsa("a", "").replace(r#""e":"AQAB","#, ""), "`e` is missing"),
            (rsa("a", "").replace(r#""e":"AQAB""#, r#""e":65537"#), "`e` is not a string"),
            (rsa("a", "").replace(r#""kty":"RSA","#, ""), "`kty` is missing"),
            (rsa("", ""), "without a `kid`"),
            (rsa("a", r#","x5c":["AAAA"]"#), "something else than certificates"),
            (rsa("a", r#","x5c":["*"]"#), "`x5c` is not base64"),
            (rsa("a", r#","x5c":"AAAA""#), "`x5c` is not a list"),
            (rsa("a", r#","x5c":[7]"#), "something else than strings"),
            (rsa("a", r#","x5t":"AAAA""#), "`x5t` has the wrong length"),
            (rsa("a", r#","x5t#S256":"A=""#), "`x5t#S256` is not base64url"),
            (rsa("a", r#","x5u":"https://a b/""#), "`x5u` is no URL"),
            (r#"{"kty":"oct","k":"AQAB"}"#.to_owned(), "key 1: a symmetric key"),
            (r#"{"kty":"EC","crv":"P-256","x":"AQAB","y":"AQAB"}"#.to_owned(), "wrong length"),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"AQAB"}"#.to_owned(), "its type is not among"),
            (r#"{"kty":"OKP","crv":"X25519","x":"AQAB"}"#.to_owned(), "key type `OKP` is not supported"),
            ("null".to_owned(), "not a JSON object"),
        ] {
            let keys = read(200, &format!(r#"{{"keys":[{key}]}}"#)).unwrap().value;
            assert!(keys.usable.is_empty(), "{key}");
            assert!(keys.unusable[0].contains(why), "{key}: {:?}", keys.unusable);
        }
    }

    #[test]
    fn what_a_key_says_of_its_certificate_is_read_as_the_library_reads_it() {
        for more in [
            r#","x5c":[],"x5t":"","x5u":"""#,
            r#","x5c":["MAMCAQE="],"x5u":"https://a.example/certificate""#,
            &format!(r#","x5t":"{}""#, "A".repeat(27)),
            r#","x5c":null,"x5t":null"#,
        ] {
            assert_eq!(
                read(200, &format!(r#"{{"keys":[{}]}}"#, rsa("a", more))).unwrap().value.usable.len(),
                1,
                "{more}"
            );
        }
    }

    #[test]
    fn one_broken_key_breaks_the_set() {
        let keys = read(200, &format!(r#"{{"keys":[{},{{"kty":"DSA"}}]}}"#, rsa("a", ""))).unwrap().value;
        assert!(keys.usable.is_empty() && keys.unusable.len() == 2, "{keys:?}");
    }

    #[test]
    fn other_algorithms_count_if_they_are_advertised() {
        let coordinate = "A".repeat(43);
        let key = format!(r#"{{"kty":"EC","crv":"P-256","kid":"e","x":"{coordinate}","y":"{coordinate}"}}"#);
        let exchange = sample::answer(URL, 200, &[], &format!(r#"{{"KEYS":[{key}]}}"#));
        let usable = |advertised: &[&str]| {
            let advertised: Vec<_> = advertised.iter().map(|name| (*name).to_owned()).collect();
            judge(&exchange, &advertised).unwrap().value.usable
        };
        assert_eq!(usable(&["ES256", "RS256"]), [("ES256".to_owned(), "e".to_owned())]);
        assert!(usable(&["HS256"]).is_empty() && usable(&[]).is_empty());
    }

    #[test]
    fn what_is_not_a_key_set_is_said_to_be_malformed() {
        for (status, body) in
            [(200, "<html>"), (200, "[]"), (200, "{}"), (200, r#"{"keys":{}}"#), (404, "{}"), (400, "")]
        {
            assert!(read(status, body).unwrap().value.malformed.is_some(), "{status} {body}");
        }
        for status in [201, 302, 403, 429, 500, 503] {
            assert!(matches!(read(status, "{}"), Err(Missing::Inconclusive { .. })), "{status}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_gives_a_usable_key_by_accident(status in 100u16..600, body in "\\PC{0,40}|\\{\"keys\":\\[(\\{\"kty\":\"RSA\"(,\"[nekuse]\":\"?[A-Za-z0-9=]{0,9}\"?){0,3}\\})?\\]\\}") {
            if let Ok(keys) = read(status, &body) {
                prop_assert!(keys.value.usable.is_empty());
            }
        }
    }
}
