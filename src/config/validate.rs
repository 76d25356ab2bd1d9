//! What Pomerium refuses after decoding (`config/options.go` `Validate`), and what fails when its services start.

mod certificates;
mod databroker;
mod providers;
mod routes;

use super::assemble::Assembler;
use super::decode::targets::printed;
use super::decode::{Content, Decoded};
use super::node::{Node, Value};
use super::settings::Route;
use super::source::Span;
use super::{base64, go, go_url, policy};
use certificates::inline_pair;

/// A check that failed: Pomerium's words, the place, and the file that could not be read here if it is one.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) words: String,
    pub(super) at: Option<Span>,
    pub(super) file: Option<String>,
}

type Check = Result<(), Failed>;

impl Failed {
    fn new(words: impl Into<String>, at: Option<Span>) -> Self {
        Self { words: words.into(), at, file: None }
    }

    fn within(self, context: &str) -> Self {
        Self { words: format!("{context}{}", self.words), ..self }
    }
}

/// Checks the options in Pomerium's order; the first failure is the one Pomerium reports.
pub(super) struct Validator<'a> {
    pub(super) assembler: &'a Assembler<'a>,
    /// The settings before mapstructure: `set_response_headers` is read from them.
    pub(super) settings: &'a Node,
}

impl Validator<'_> {
    pub(super) fn validate(&self) -> Check {
        self.services()?;
        self.shared_secret().map_err(|failed| failed.within("config: invalid shared secret: "))?;
        for (key, name) in [
            ("authenticate_service_url", "authenticate-url"),
            ("authenticate_internal_service_url", "authenticate-internal-url"),
            ("signout_redirect_url", "signout-redirect-url"),
            ("authorize_service_url", "authorize-url"),
            ("authorize_internal_service_url", "authorize-internal-url"),
        ] {
            self.url(key, |url, words| format!("config: bad {name} {url} : {words}"))?;
        }
        if let Some(at) = self.non_empty("policy_file").map(|(_, at)| at) {
            return Err(Failed::new("config: policy file setting is deprecated", Some(at)));
        }
        self.routes().map_err(|failed| failed.within("config: failed to parse policy: "))?;
        self.headers().map_err(|failed| failed.within("config: failed to parse headers: "))?;
        self.certificates()?;
        self.downstream_mtls().map_err(|failed| failed.within("config: bad downstream mTLS settings: "))?;
        self.addresses()?;
        self.metrics()?;
        self.autocert()?;
        self.databroker()?;
        self.dns()?;
        self.words()?;
        self.ssh()?;
        self.identity_providers()
    }

    /// What fails when the services start.
    pub(super) fn start_errors(&self, routes: &[Route]) -> Vec<Failed> {
        let keys = ["shared_secret", "cookie_secret"].map(|key| (key, self.key_of_32_bytes(key)));
        let keys = keys.into_iter().chain([("signing_key", self.signing_key())]);
        let mut failed: Vec<Failed> =
            keys.filter_map(|(key, check)| check.err().map(|failed| failed.within(&format!("{key}: ")))).collect();
        for (index, route) in routes.iter().enumerate() {
            if let Some(error) = policy::start_error(&route.policies) {
                failed.push(Failed::new(format!("route {index} policy: {}", error.words), error.at));
            }
        }
        failed
    }

    fn get(&self, key: &str) -> Option<&Decoded> {
        self.assembler.options.get(key)
    }

    fn text(&self, key: &str) -> &str {
        self.get(key).and_then(Decoded::text).unwrap_or_default()
    }

    fn non_empty(&self, key: &str) -> Option<(&str, Span)> {
        let decoded = self.get(key)?;
        decoded.text().filter(|text| !text.is_empty()).map(|text| (text, decoded.span))
    }

    fn at(&self, key: &str) -> Option<Span> {
        self.get(key).map(|decoded| decoded.span)
    }

    fn read(&self, path: &str, at: Span, verb: &str) -> Result<Vec<u8>, Failed> {
        self.assembler.files.read(path).map_err(|why| Failed {
            words: format!("{verb} {path}: {why}"),
            at: Some(at),
            file: Some(path.to_owned()),
        })
    }

    /// `all` unless written; an empty text names no service.
    fn service_names(&self) -> Vec<String> {
        let written = self.get("services").and_then(Decoded::text).unwrap_or("all");
        written.split(',').map(|name| name.trim().to_lowercase()).filter(|name| !name.is_empty()).collect()
    }

    fn services(&self) -> Check {
        const KNOWN: [&str; 6] = ["all", "authenticate", "authorize", "cache", "databroker", "proxy"];
        let names = self.service_names();
        if names.is_empty() || names.iter().any(|name| !KNOWN.contains(&name.as_str())) {
            let words = format!("config: {} is an invalid service type", self.text("services"));
            return Err(Failed::new(words, self.at("services")));
        }
        Ok(())
    }

    fn is_all(&self) -> bool {
        self.service_names().iter().any(|name| name == "all")
    }

    /// A secret or the content of its file; where all services run in one process, a missing one is made up.
    fn secret(&self, key: &str) -> Result<Option<(String, Option<Span>)>, Failed> {
        let (value, at) = match self.non_empty(&format!("{key}_file")) {
            Some((path, at)) => (String::from_utf8_lossy(&self.read(path, at, "open")?).into_owned(), Some(at)),
            None => (self.text(key).to_owned(), self.at(key)),
        };
        match value.as_str() {
            "" if self.is_all() => Ok(None),
            // Missing because of what `services` says.
            "" => Err(Failed::new(format!("empty {}", key.replace('_', " ")), at.or(self.at("services")))),
            _ => Ok(Some((value, at))),
        }
    }

    fn shared_secret(&self) -> Check {
        let Some((secret, at)) = self.secret("shared_secret")? else { return Ok(()) };
        if secret.trim() != secret {
            return Err(Failed::new("shared secret contains whitespace", at));
        }
        base64::decode(&secret).map(|_| ()).map_err(|words| Failed::new(words, at))
    }

    fn key_of_32_bytes(&self, key: &str) -> Check {
        let Some((secret, at)) = self.secret(key)? else { return Ok(()) };
        let bytes = base64::decode(&secret).map_err(|words| Failed::new(words, at))?;
        if bytes.len() == 32 {
            return Ok(());
        }
        Err(Failed::new(format!("cryptutil: got {} bytes but want 32", bytes.len()), at))
    }

    fn signing_key(&self) -> Check {
        let (key, at) = match self.non_empty("signing_key_file") {
            Some((path, at)) => (String::from_utf8_lossy(&self.read(path, at, "open")?).into_owned(), at),
            None => match self.non_empty("signing_key") {
                Some((key, at)) => (key.to_owned(), at),
                None => return Ok(()),
            },
        };
        let key = base64::decode(key.trim()).unwrap_or_else(|_| key.trim().as_bytes().to_vec());
        if String::from_utf8_lossy(&key).contains("-----BEGIN") {
            return Ok(());
        }
        Err(Failed::new("invalid pem data", Some(at)))
    }

    fn url(&self, key: &str, words: impl Fn(&str, &str) -> String) -> Check {
        let Some((url, at)) = self.non_empty(key) else { return Ok(()) };
        go_url::parse_and_validate(url).map(|_| ()).map_err(|problem| Failed::new(words(url, &problem), Some(at)))
    }

    /// `HEADERS` as `name:value` pairs, else `set_response_headers`.
    fn headers(&self) -> Check {
        if let Some((headers, at)) = self.non_empty("HeadersEnv") {
            let is_json = super::json::read_value(headers, &super::place::Place::Decoded(at))
                .is_ok_and(|node| matches!(node.value, Value::Map(_)));
            if is_json || headers.split(',').all(|header| header.contains(':')) {
                return Ok(());
            }
            return Err(Failed::new(format!("failed to decode headers from '{headers}'"), Some(at)));
        }
        let Some(headers) = self.settings.get("set_response_headers") else { return Ok(()) };
        let is_nested = |node: &Node| matches!(node.value, Value::Map(_) | Value::List(_) | Value::Timestamp(_));
        let words = match &headers.value {
            Value::Map(entries) => match entries.iter().find(|entry| is_nested(&entry.value)) {
                Some(entry) => format!(
                    "decoding failed due to the following error(s):\n\n'[{}]' expected type 'string', got unconvertible type '{}'",
                    entry.key,
                    go::type_name(&entry.value.value)
                ),
                None => return Ok(()),
            },
            Value::List(elements) if elements.is_empty() => return Ok(()),
            value => format!("'' expected type 'map[string]string', got unconvertible type '{}'", go::type_name(value)),
        };
        Err(Failed::new(format!("header {} failed to parse: {words}", printed(headers)), Some(headers.span)))
    }

    fn addresses(&self) -> Check {
        for key in ["debug_address", "metrics_address", "health_check_addr"] {
            let Some(decoded) = self.get(key) else { continue };
            let Some(text) = decoded.text() else { continue };
            let prefix = match key {
                "debug_address" => "config: invalid debug_address: ",
                "metrics_address" if text.is_empty() => continue,
                "metrics_address" => "config: invalid metrics_addr: ",
                _ => "config : invalid health_check_addr : ",
            };
            address(text).map_err(|words| Failed::new(format!("{prefix}{words}"), Some(decoded.span)))?;
        }
        Ok(())
    }

    fn metrics(&self) -> Check {
        if let Some((text, at)) = self.non_empty("metrics_basic_auth") {
            let Ok(pair) = base64::decode(text) else {
                return Err(Failed::new("config: metrics_basic_auth must be a base64 encoded string", Some(at)));
            };
            if !pair.contains(&b':') {
                let words = "config: metrics_basic_auth should contain a user name and password separated by a colon";
                return Err(Failed::new(words, Some(at)));
            }
        }
        if let (Some((certificate, at)), Some((key, _))) =
            (self.non_empty("metrics_certificate"), self.non_empty("metrics_certificate_key"))
        {
            let prefix = "config: invalid metrics_certificate or metrics_certificate_key: ";
            inline_pair(certificate, key).map_err(|words| Failed::new(format!("{prefix}{words}"), Some(at)))?;
        }
        if let (Some((certificate, at)), Some((key, _))) =
            (self.non_empty("metrics_certificate_file"), self.non_empty("metrics_certificate_key_file"))
        {
            let prefix = "config: invalid metrics_certificate_file or metrics_certificate_key_file: ";
            self.file_pair(certificate, key, at).map_err(|failed| failed.within(prefix))?;
        }
        Ok(())
    }

    fn autocert(&self) -> Check {
        let (id, key) = (self.non_empty("autocert_eab_key_id"), self.non_empty("autocert_eab_mac_key"));
        let fail = |words: &str, at| Err(Failed::new(format!("config: {words}"), Some(at)));
        match (id, key) {
            (Some((_, at)), None) => return fail("Autocert EAB MAC Key required when Key ID is provided", at),
            (None, Some((_, at))) => return fail("Autocert EAB Key ID required when MAC Key is provided", at),
            _ => {}
        }
        let (ca, file) = (self.non_empty("autocert_trusted_ca"), self.non_empty("autocert_trusted_ca_file"));
        if let (Some((_, at)), Some(_)) = (ca, file) {
            return fail("providing both Autocert Trusted CA and Trusted CA File is not supported", at);
        }
        if let Some((ca, at)) = ca {
            base64::decode(ca).map_err(|words| {
                Failed::new(format!("config: decoding trusted certificate pool base64: {words}"), Some(at))
            })?;
        }
        if let Some((path, at)) = file {
            let prefix = "config: bad trusted certificate (bundle) file: ";
            self.read(path, at, "open").map_err(|failed| failed.within(prefix))?;
        }
        Ok(())
    }

    fn dns(&self) -> Check {
        const FAMILIES: [&str; 6] = ["", "AUTO", "V4_ONLY", "V6_ONLY", "V4_PREFERRED", "ALL"];
        if !FAMILIES.contains(&self.text("dns_lookup_family")) {
            let families = FAMILIES[1..].join(", ");
            let words = format!("config: unknown dns_lookup_family: known families are: {families}");
            return Err(Failed::new(words, self.at("dns_lookup_family")));
        }
        for (key, least, words) in [
            ("dns_failure_refresh_rate", 1_000_000, "must be at least 1ms"),
            ("dns_query_timeout", 0, "must be positive"),
            ("dns_refresh_rate", 1_000_000, "must be at least 1ms"),
        ] {
            match self.get(key) {
                Some(Decoded { content: Content::Integer(number), span, .. }) if *number < least => {
                    return Err(Failed::new(format!("config: {key} {words}"), Some(*span)));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn words(&self) -> Check {
        const LEVELS: [&str; 13] = [
            "", "trace", "debug", "info", "warn", "warning", "error", "critical", "fatal", "panic", "off", "none",
            "disabled",
        ];
        let same_site = self.text("cookie_same_site").to_lowercase();
        if !["", "strict", "lax", "none"].contains(&same_site.as_str()) {
            let words = format!("config: invalid cookie_same_site: unknown cookie_same_site: {same_site}");
            return Err(Failed::new(words, self.at("cookie_same_site")));
        }
        for key in ["log_level", "proxy_log_level"] {
            let level = self.text(key);
            if !LEVELS.contains(&level) {
                return Err(Failed::new(format!("config: invalid {key}: unknown log level: {level}"), self.at(key)));
            }
        }
        Ok(())
    }

    fn ssh(&self) -> Check {
        if self.text("ssh_address").is_empty() {
            return Ok(());
        }
        let host_keys = self.get("ssh_host_key_files").map(Decoded::elements).unwrap_or_default();
        let host_keys = host_keys.iter().map(|key| ("host", key.text().unwrap_or_default(), key.span));
        let user_key = self.non_empty("ssh_user_ca_key_file").map(|(path, at)| ("user ca", path, at));
        for (name, path, at) in host_keys.chain(user_key) {
            let prefix = format!("config: invalid ssh {name} key file {path}: ");
            self.read(path, at, "stat").map_err(|failed| failed.within(&prefix))?;
        }
        Ok(())
    }
}

/// `host:port` with a port above 0.
fn address(text: &str) -> Result<(), &'static str> {
    let port = match text.strip_prefix('[') {
        Some(rest) => rest.split_once("]:").map(|(_, port)| port),
        None => text.split_once(':').map(|(_, port)| port),
    };
    match port {
        None | Some("") => Err("expected host:port"),
        Some(port) if port.contains([':', '[', ']']) => Err("expected host:port"),
        Some(port) => match port.parse::<i64>() {
            Err(_) => Err("port must be a number"),
            Ok(..=0) => Err("expected positive port number"),
            Ok(_) => Ok(()),
        },
    }
}
