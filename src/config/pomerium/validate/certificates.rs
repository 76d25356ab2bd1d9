//! Certificates and their keys, inline or in files. Whether they are valid certificates is not looked at, only whether they
//! are PEM at all.

use super::super::decode::{Content, Decoded};
use super::{Check, Refusal, Validator};
use crate::config::text::{NOT_FOUND, Span};
use crate::go;

/// What a client certificate can be matched by.
const SAN_TYPES: [&str; 5] = ["email", "dns", "uri", "ip_address", "user_principal_name"];

impl Validator<'_> {
    pub(super) fn certificates(&self) -> Check {
        let (certificate, key) = (self.non_empty("certificate"), self.non_empty("certificate_key"));
        if let Some((_, at)) = certificate.or(key) {
            let (certificate, key) = (self.text("certificate"), self.text("certificate_key"));
            inline_pair(certificate, key)
                .map_err(|words| Refusal::new(format!("config: bad cert base64 {words}"), Some(at)))?;
        }
        if let Some(entry) = self.get("CertificateData").map(Decoded::elements).unwrap_or_default().iter().next() {
            let words =
                "config: bad cert entry, cert is invalid: tls: failed to find any PEM data in certificate input";
            return Err(Refusal::new(words, Some(entry.span)));
        }
        for pair in self.get("certificates").map(Decoded::elements).unwrap_or_default() {
            let path = |key: &str| pair.get(key).and_then(Decoded::text).unwrap_or_default();
            self.file_pair(path("cert"), path("key"), pair.span)
                .map_err(|failed| failed.within("config: bad cert entry, file reference invalid. "))?;
        }
        let (certificate, key) = (self.non_empty("certificate_file"), self.non_empty("certificate_key_file"));
        if let Some((_, at)) = certificate.or(key) {
            self.file_pair(self.text("certificate_file"), self.text("certificate_key_file"), at)
                .map_err(|failed| failed.within("config: bad cert file "))?;
        }
        Ok(())
    }

    pub(super) fn file_pair(&self, certificate: &str, key: &str, at: Span) -> Check {
        let read = |path: &str| match path {
            // There is no file without a name, wherever Pomerium runs (`tls.LoadX509KeyPair`).
            "" => Err(Refusal::new(format!("open : {NOT_FOUND}"), Some(at))),
            _ => self.read(path, at, "open"),
        };
        let (Some(certificate), Some(key)) = (read(certificate)?, read(key)?) else { return Ok(()) };
        pem_pair(&certificate, &key).map_err(|words| Refusal::new(words, Some(at)))
    }

    pub(super) fn downstream_mtls(&self) -> Check {
        let Some(settings) = self.get("downstream_mtls") else { return Ok(()) };
        self.client_authorities(settings).map_err(|failed| failed.within("config: bad downstream mTLS settings: "))
    }

    fn client_authorities(&self, settings: &Decoded) -> Check {
        let text = |key: &str| settings.get(key).and_then(Decoded::text).unwrap_or_default();
        let at = Some(settings.span);
        for (key, name) in [("ca", "CA"), ("crl", "CRL")] {
            let file_key = format!("{key}_file");
            let (inline, file) = (text(key), text(&file_key));
            if !inline.is_empty() && !file.is_empty() {
                return Err(Refusal::new(format!("cannot set both {key} and {file_key}"), at));
            }
            let content = if !inline.is_empty() {
                Some(go::base64::decode(inline).map_err(|words| Refusal::new(format!("{name}: {words}"), at))?)
            } else if !file.is_empty() {
                self.read(file, settings.span, "open").map_err(|failed| failed.within(&format!("{name} file: ")))?
            } else {
                continue;
            };
            if key == "crl" && content.is_some_and(|content| !content.is_empty() && !is_pem(&content)) {
                return Err(Refusal::new("CRL: cryptutil: non-PEM data in CRL bundle", at));
            }
        }
        for matcher in settings.get("match_subject_alt_names").map(Decoded::elements).unwrap_or_default() {
            let Content::Raw(node) = &matcher.content else { continue };
            let known = |key: &str| SAN_TYPES.iter().any(|name| name.eq_ignore_ascii_case(key));
            if node.entries().iter().any(|entry| !known(&entry.key)) {
                return Err(Refusal::new("unknown SAN type \"SAN_TYPE_UNSPECIFIED\"", Some(matcher.span)));
            }
            for entry in node.entries() {
                let crate::config::text::Value::Text(pattern) = &entry.value.value else { continue };
                let Some(words) = go::regexp::error(pattern) else { continue };
                let words = format!("couldn't parse pattern {}: {words}", go::quote(pattern));
                return Err(Refusal::new(words, Some(entry.value.span)));
            }
        }
        Ok(())
    }
}

fn is_pem(content: &[u8]) -> bool {
    String::from_utf8_lossy(content).contains("-----BEGIN")
}

/// A certificate and its key, both base64 (`pkg/cryptutil` `CertificateFromBase64`). The bytes of a key are not repeated.
pub(super) fn inline_pair(certificate: &str, key: &str) -> Result<(), String> {
    let certificate = go::base64::decode(certificate).map_err(|words| {
        format!("failed to decode certificate cert {:?}: {words}", go::base64::decode_beginning(certificate))
            .replace(", ", " ")
    })?;
    let key = go::base64::decode(key).map_err(|words| format!("failed to decode certificate key […]: {words}"))?;
    pem_pair(&certificate, &key)
}

fn pem_pair(certificate: &[u8], key: &[u8]) -> Result<(), String> {
    for (content, name) in [(certificate, "certificate"), (key, "key")] {
        if !is_pem(content) {
            return Err(format!("tls: failed to find any PEM data in {name} input"));
        }
    }
    Ok(())
}
