//! What Pomerium refuses after decoding (`config/options.go` `Validate`), and what fails when its services start.

mod certificates;
mod databroker;
mod providers;
mod routes;

use std::cell::RefCell;

use super::assemble::Assembler;
use super::decode::{Content, Decoded};
use super::policy;
use crate::config::releases::PomeriumVersion;
use crate::config::releases::options::{DNS_FAMILIES, LOG_LEVELS, SAME_SITE};
use crate::config::settings::{Route, UnreadableFile};
use crate::config::text::{NOT_FOUND, Node, Refusal, RefusalKind, Span, Value, holder};
use crate::go;
use certificates::inline_pair;

type Check = Result<(), Refusal>;

impl Refusal {
    fn new(words: impl Into<String>, at: Option<Span>) -> Self {
        Self { kind: RefusalKind::Other, words: words.into(), at }
    }

    fn within(self, context: &str) -> Self {
        Self { words: format!("{context}{}", self.words), ..self }
    }

    /// Says what it is about, unless it is the file that is missing.
    fn about(self, kind: RefusalKind) -> Self {
        if self.kind == RefusalKind::Other { Self { kind, ..self } } else { self }
    }
}

/// Checks the options in Pomerium's order.
pub(in crate::config) struct Validator<'a> {
    assembler: &'a Assembler<'a>,
    /// The settings before mapstructure: `set_response_headers` is read from them.
    settings: &'a Node,
    /// The files that could not be read; `None` if that is a failure.
    excused: Option<RefCell<Vec<UnreadableFile>>>,
}

impl<'a> Validator<'a> {
    /// Checks as Pomerium does here.
    pub(in crate::config) fn here(assembler: &'a Assembler<'a>, settings: &'a Node) -> Self {
        Self { assembler, settings, excused: None }
    }

    /// Checks as Pomerium does where every file that is not here exists, and is as it should be.
    pub(in crate::config) fn elsewhere(assembler: &'a Assembler<'a>, settings: &'a Node) -> Self {
        Self { assembler, settings, excused: Some(RefCell::default()) }
    }

    /// The files that the checks could not read.
    pub(in crate::config) fn into_unreadable(self) -> Vec<UnreadableFile> {
        self.excused.map(RefCell::into_inner).unwrap_or_default()
    }
}

impl Validator<'_> {
    /// Each check that fails, in order: the first one is what Pomerium reports.
    pub(in crate::config) fn refusals(&self, version: PomeriumVersion) -> Vec<Refusal> {
        use RefusalKind::{AuthenticateUrl, Other, SharedSecret};
        let url = |key: &str, name: &str| self.url(key, |url, words| format!("config: bad {name} {url} : {words}"));
        let checks = [
            (Other, self.services()),
            (SharedSecret, self.shared_secret()),
            (AuthenticateUrl, url("authenticate_service_url", "authenticate-url")),
            (Other, url("authenticate_internal_service_url", "authenticate-internal-url")),
            (Other, url("signout_redirect_url", "signout-redirect-url")),
            (Other, url("authorize_service_url", "authorize-url")),
            (Other, url("authorize_internal_service_url", "authorize-internal-url")),
            (Other, self.policy_file()),
            (Other, self.routes().map_err(|failed| failed.within("config: failed to parse policy: "))),
            (Other, self.headers().map_err(|failed| failed.within("config: failed to parse headers: "))),
            (Other, self.certificates()),
            (Other, self.downstream_mtls()),
            (Other, self.groups(version)),
            (Other, self.addresses()),
            (Other, self.metrics()),
            (Other, self.autocert()),
            (Other, self.databroker(version)),
            (Other, self.dns(version)),
            (Other, self.words(version)),
            (Other, self.ssh()),
            (Other, self.identity_providers()),
        ];
        checks.into_iter().filter_map(|(kind, check)| Some(check.err()?.about(kind))).collect()
    }

    /// What fails when the services start.
    pub(in crate::config) fn start_errors(&self, routes: &[Route], version: PomeriumVersion) -> Vec<Refusal> {
        let keys = [
            ("shared_secret", RefusalKind::SharedSecret, self.key_of_32_bytes("shared_secret")),
            ("cookie_secret", RefusalKind::CookieSecret, self.key_of_32_bytes("cookie_secret")),
            ("signing_key", RefusalKind::Other, self.signing_key()),
        ];
        let mut failed: Vec<Refusal> = keys
            .into_iter()
            .filter_map(|(key, kind, check)| Some(check.err()?.within(&format!("{key}: ")).about(kind)))
            .collect();
        let policies = routes.iter().enumerate().filter_map(|(index, route)| {
            Some(policy::start_error(&route.policies, version)?.within(&format!("route {index} policy: ")))
        });
        failed.extend(policies);
        failed
    }

    fn policy_file(&self) -> Check {
        match self.non_empty("policy_file") {
            Some((_, at)) => Err(Refusal::new("config: policy file setting is deprecated", Some(at))),
            None => Ok(()),
        }
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

    /// The content of a file; `None` if it is one that is excused.
    fn read(&self, path: &str, at: Span, verb: &str) -> Result<Option<Vec<u8>>, Refusal> {
        match (self.assembler.files.read(path), &self.excused) {
            (Ok(content), _) => Ok(Some(content)),
            (Err(why), Some(excused)) => {
                let file = UnreadableFile { path: path.to_owned(), why };
                let mut excused = excused.borrow_mut();
                if !excused.contains(&file) {
                    excused.push(file);
                }
                Ok(None)
            }
            (Err(why), None) => {
                // Whoever holds it, here Pomerium finds nothing.
                let why = if holder(&why).is_some() { NOT_FOUND } else { &why };
                let words = format!("{verb} {path}: {why}");
                Err(Refusal { kind: RefusalKind::UnreadableFile, words, at: Some(at) })
            }
        }
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
            return Err(Refusal::new(words, self.at("services")));
        }
        Ok(())
    }

    fn is_all(&self) -> bool {
        self.service_names().iter().any(|name| name == "all")
    }

    /// A secret or the content of its file; where all services run in one process, a missing one is made up.
    fn secret(&self, key: &str) -> Result<Option<(String, Option<Span>)>, Refusal> {
        let (value, at) = match self.non_empty(&format!("{key}_file")) {
            Some((path, at)) => match self.read(path, at, "open")? {
                Some(content) => (String::from_utf8_lossy(&content).into_owned(), Some(at)),
                None => return Ok(None),
            },
            None => (self.text(key).to_owned(), self.at(key)),
        };
        match value.as_str() {
            "" if self.is_all() => Ok(None),
            // Missing because of what `services` says.
            "" => Err(Refusal::new(format!("empty {}", key.replace('_', " ")), at.or(self.at("services")))),
            _ => Ok(Some((value, at))),
        }
    }

    fn shared_secret(&self) -> Check {
        let within = |failed: Refusal| failed.within("config: invalid shared secret: ");
        let Some((secret, at)) = self.secret("shared_secret").map_err(within)? else { return Ok(()) };
        if secret.trim() != secret {
            return Err(within(Refusal::new("shared secret contains whitespace", at)));
        }
        go::base64::decode(&secret).map(|_| ()).map_err(|words| within(Refusal::new(words, at)))
    }

    fn key_of_32_bytes(&self, key: &str) -> Check {
        let Some((secret, at)) = self.secret(key)? else { return Ok(()) };
        let bytes = go::base64::decode(&secret).map_err(|words| Refusal::new(words, at))?;
        if bytes.len() == 32 {
            return Ok(());
        }
        Err(Refusal::new(format!("cryptutil: got {} bytes but want 32", bytes.len()), at))
    }

    fn signing_key(&self) -> Check {
        let (key, at) = match self.non_empty("signing_key_file") {
            Some((path, at)) => match self.read(path, at, "open")? {
                Some(content) => (String::from_utf8_lossy(&content).into_owned(), at),
                None => return Ok(()),
            },
            None => match self.non_empty("signing_key") {
                Some((key, at)) => (key.to_owned(), at),
                None => return Ok(()),
            },
        };
        let key = go::base64::decode(key.trim()).unwrap_or_else(|_| key.trim().as_bytes().to_vec());
        if String::from_utf8_lossy(&key).contains("-----BEGIN") {
            return Ok(());
        }
        Err(Refusal::new("invalid pem data", Some(at)))
    }

    fn url(&self, key: &str, words: impl Fn(&str, &str) -> String) -> Check {
        let Some((url, at)) = self.non_empty(key) else { return Ok(()) };
        go::url::parse_and_validate(url).map(|_| ()).map_err(|problem| Refusal::new(words(url, &problem), Some(at)))
    }

    /// `HEADERS` as `name:value` pairs, else `set_response_headers`.
    fn headers(&self) -> Check {
        if let Some((headers, at)) = self.non_empty("HeadersEnv") {
            let is_json = crate::config::text::read_value(headers, &crate::config::text::Place::Decoded(at))
                .is_ok_and(|node| matches!(node.value, Value::Map(_)));
            if is_json || headers.split(',').all(|header| header.contains(':')) {
                return Ok(());
            }
            return Err(Refusal::new(format!("failed to decode headers from '{headers}'"), Some(at)));
        }
        let Some(headers) = self.settings.get("set_response_headers") else { return Ok(()) };
        let is_nested = |node: &Node| matches!(node.value, Value::Map(_) | Value::List(_) | Value::Timestamp(_));
        let words = match &headers.value {
            Value::Map(entries) => match entries.iter().find(|entry| is_nested(&entry.value)) {
                Some(entry) => format!(
                    "decoding failed due to the following error(s):\n\n'[{}]' expected type 'string', got unconvertible type '{}'",
                    entry.key,
                    entry.value.value.go_type()
                ),
                None => return Ok(()),
            },
            Value::List(elements) if elements.is_empty() => return Ok(()),
            value => format!("'' expected type 'map[string]string', got unconvertible type '{}'", value.go_type()),
        };
        Err(Refusal::new(format!("header {} failed to parse: {words}", headers.printed()), Some(headers.span)))
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
            address(text).map_err(|words| Refusal::new(format!("{prefix}{words}"), Some(decoded.span)))?;
        }
        Ok(())
    }

    fn metrics(&self) -> Check {
        if let Some((text, at)) = self.non_empty("metrics_basic_auth") {
            let Ok(pair) = go::base64::decode(text) else {
                return Err(Refusal::new("config: metrics_basic_auth must be a base64 encoded string", Some(at)));
            };
            if !pair.contains(&b':') {
                let words = "config: metrics_basic_auth should contain a user name and password separated by a colon";
                return Err(Refusal::new(words, Some(at)));
            }
        }
        if let (Some((certificate, at)), Some((key, _))) =
            (self.non_empty("metrics_certificate"), self.non_empty("metrics_certificate_key"))
        {
            let prefix = "config: invalid metrics_certificate or metrics_certificate_key: ";
            inline_pair(certificate, key).map_err(|words| Refusal::new(format!("{prefix}{words}"), Some(at)))?;
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
        let fail = |words: &str, at| Err(Refusal::new(format!("config: {words}"), Some(at)));
        match (id, key) {
            (Some((_, at)), None) => return fail("Autocert EAB MAC Key required when Key ID is provided", at),
            (None, Some((_, at))) => return fail("Autocert EAB Key ID required when MAC Key is provided", at),
            (_, Some((key, at))) => go::base64::check_raw_url(key).map_err(|words| {
                Refusal::new(format!("config: decoding base64-urlencoded MAC Key: {words}"), Some(at))
            })?,
            (None, None) => {}
        }
        let (ca, file) = (self.non_empty("autocert_trusted_ca"), self.non_empty("autocert_trusted_ca_file"));
        if let (Some((_, at)), Some(_)) = (ca, file) {
            return fail("providing both Autocert Trusted CA and Trusted CA File is not supported", at);
        }
        if let Some((ca, at)) = ca {
            go::base64::decode(ca).map_err(|words| {
                Refusal::new(format!("config: decoding trusted certificate pool base64: {words}"), Some(at))
            })?;
        }
        if let Some((path, at)) = file {
            let prefix = "config: bad trusted certificate (bundle) file: ";
            self.read(path, at, "open").map_err(|failed| failed.within(prefix))?;
        }
        Ok(())
    }

    fn dns(&self, version: PomeriumVersion) -> Check {
        /// From here on, it does not say which word it was.
        const FIXED_WORDS: PomeriumVersion = PomeriumVersion(0, 31, 0);
        let family = self.text("dns_lookup_family");
        let known = DNS_FAMILIES.of(version).unwrap_or_default();
        if !family.is_empty() && !known.contains(&family) {
            let families = known.join(", ");
            let words = if version < FIXED_WORDS {
                format!("config: unknown dns_lookup_family: {family}, known families are: {families}")
            } else {
                format!("config: unknown dns_lookup_family: known families are: {families}")
            };
            return Err(Refusal::new(words, self.at("dns_lookup_family")));
        }
        for (key, least, words) in [
            ("dns_failure_refresh_rate", 1_000_000, "must be at least 1ms"),
            ("dns_query_timeout", 0, "must be positive"),
            ("dns_refresh_rate", 1_000_000, "must be at least 1ms"),
        ] {
            match self.get(key) {
                Some(Decoded { content: Content::Integer(number), span, .. }) if *number < least => {
                    return Err(Refusal::new(format!("config: {key} {words}"), Some(*span)));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn words(&self, version: PomeriumVersion) -> Check {
        let same_site = self.text("cookie_same_site").to_lowercase();
        if !same_site.is_empty() && SAME_SITE.of(version).is_some_and(|known| !known.contains(&same_site.as_str())) {
            let words = format!("config: invalid cookie_same_site: unknown cookie_same_site: {same_site}");
            return Err(Refusal::new(words, self.at("cookie_same_site")));
        }
        for key in ["log_level", "proxy_log_level"] {
            let level = self.text(key);
            if !level.is_empty() && LOG_LEVELS.of(version).is_some_and(|known| !known.contains(&level)) {
                return Err(Refusal::new(format!("config: invalid {key}: unknown log level: {level}"), self.at(key)));
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
