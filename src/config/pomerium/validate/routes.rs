//! The checks of a route (`config/policy.go` `Validate`).

use std::ops::Range;

use super::super::decode::{Content, Decoded};
use super::certificates::inline_pair;
use super::{Check, Refusal, Validator};
use crate::config::releases::PomeriumVersion;
use crate::config::text::{Node, Value};
use crate::go;

/// The first release that asks for a service account where a route names groups, and the first that knows neither
/// (`config/options.go` `Validate`).
const DIRECTORY: Range<PomeriumVersion> = PomeriumVersion(0, 10, 0)..PomeriumVersion(0, 20, 0);

impl Validator<'_> {
    /// The groups of a directory can be looked up. The decoder knows `allowed_groups` no more.
    pub(super) fn groups(&self, version: PomeriumVersion) -> Check {
        let has_account = self.settings.get("idp_service_account").is_some_and(|account| !is_empty(account));
        if !DIRECTORY.contains(&version) || has_account || self.text("idp_provider") == "azure" {
            return Ok(());
        }
        let lists = ["policy", "routes"].iter().filter_map(|key| self.settings.get(key));
        let groups = lists.flat_map(Node::elements).filter_map(|route| route.get("allowed_groups"));
        match groups.into_iter().find(|groups| !is_empty(groups)) {
            None => Ok(()),
            Some(groups) => {
                Err(Refusal::new("config: `allowed_groups` requires `idp_service_account`", Some(groups.span)))
            }
        }
    }

    /// Every route in Pomerium's order.
    pub(super) fn routes(&self) -> Check {
        ["policy", "routes", "AdditionalPolicies"]
            .iter()
            .filter_map(|key| self.get(key))
            .flat_map(Decoded::elements)
            .try_for_each(|route| self.route(route))
    }

    fn route(&self, route: &Decoded) -> Check {
        let route = Route(route);
        let from = route.from()?;
        if matches!(from.scheme.as_str(), "http" | "https") && !matches!(from.path.as_str(), "" | "/") {
            let words = format!(
                "config: policy source url ({from}) contains a path, but it should be set using the path field instead"
            );
            return Err(route.failed(words, "from"));
        }
        route.destination()?;
        route.access()?;
        self.client_certificate(&route)?;
        self.authorities(&route)?;
        route.rest()
    }

    fn client_certificate(&self, route: &Route) -> Check {
        let inline = (route.text("tls_client_cert"), route.text("tls_client_key"));
        let files = (route.text("tls_client_cert_file"), route.text("tls_client_key_file"));
        if inline.0.is_empty() != inline.1.is_empty() || files.0.is_empty() != files.1.is_empty() {
            let words = "config: client certificate key and cert both must be non-empty";
            return Err(Refusal::new(words, Some(route.0.span)));
        }
        if !inline.0.is_empty() {
            return inline_pair(inline.0, inline.1).map_err(|words| {
                route.failed(format!("config: couldn't decode client cert {words}"), "tls_client_cert")
            });
        }
        if files.0.is_empty() {
            return Ok(());
        }
        let at = route.0.get("tls_client_cert_file").map_or(route.0.span, |file| file.span);
        self.file_pair(files.0, files.1, at).map_err(|failed| failed.within("config: couldn't load client cert file "))
    }

    fn authorities(&self, route: &Route) -> Check {
        for (key, words, file_words) in [
            ("tls_custom_ca", "couldn't decode custom ca: ", "couldn't load client ca file: "),
            (
                "tls_downstream_client_ca",
                "couldn't decode downstream client ca: ",
                "couldn't load downstream client ca: ",
            ),
        ] {
            let inline = route.text(key);
            if !inline.is_empty() {
                go::base64::decode(inline).map_err(|problem| route.failed(format!("config: {words}{problem}"), key))?;
                if key == "tls_custom_ca" {
                    continue;
                }
            }
            let file_key = format!("{key}_file");
            let file = route.text(&file_key);
            if !file.is_empty() {
                let at = route.0.get(&file_key).map_or(route.0.span, |file| file.span);
                self.read(file, at, "open").map_err(|failed| failed.within(&format!("config: {file_words}")))?;
            }
        }
        Ok(())
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        Value::List(elements) => elements.is_empty(),
        _ => false,
    }
}

/// A decoded route.
struct Route<'a>(&'a Decoded);

impl Route<'_> {
    fn text(&self, key: &str) -> &str {
        self.0.get(key).and_then(Decoded::text).unwrap_or_default()
    }

    fn flag(&self, key: &str) -> bool {
        self.0.get(key).is_some_and(|decoded| matches!(decoded.content, Content::Flag(true)))
    }

    /// Whether a list or object is there at all, empty or not.
    fn has(&self, key: &str) -> bool {
        self.0.get(key).is_some_and(|decoded| !matches!(decoded.content, Content::Zero))
    }

    fn failed(&self, words: impl Into<String>, key: &str) -> Refusal {
        Refusal::new(words, Some(self.0.get(key).map_or(self.0.span, |decoded| decoded.span)))
    }

    fn from(&self) -> Result<go::url::GoUrl, Refusal> {
        go::url::parse_and_validate(self.text("from"))
            .map_err(|words| self.failed(format!("config: policy bad source url {words}"), "from"))
    }

    fn destination(&self) -> Check {
        let targets = match self.0.get("to").map(|to| &to.content) {
            Some(Content::Targets(targets)) => targets.as_slice(),
            Some(Content::Open) => return Ok(()),
            _ => &[],
        };
        if targets.is_empty() && !self.has("redirect") && !self.has("response") {
            let words = "policy should have either `to` or `redirect` or `response` defined";
            return Err(Refusal::new(words, Some(self.0.span)));
        }
        for (scheme, words) in [
            ("tcp", "tcp and non-tcp"),
            ("udp", "udp and non-udp"),
            ("unix", "unix and non-unix"),
            ("https+unix", "unix and non-unix"),
        ] {
            let has = targets.iter().any(|target| target.scheme == scheme);
            if has && targets.iter().any(|target| target.scheme != scheme) {
                return Err(self.failed(format!("config: cannot mix {words} To URLs"), "to"));
            }
        }
        let code = self.0.get("redirect").and_then(|redirect| redirect.get("response_code"));
        match code.map(|code| &code.content) {
            Some(Content::Integer(code)) if ![301, 302, 303, 307, 308].contains(code) => {
                let supported = "(supported values: 301, 302, 303, 307, 308)";
                let words = format!("config: unsupported redirect response code {code} {supported}");
                Err(self.failed(words, "redirect"))
            }
            _ => Ok(()),
        }
    }

    fn access(&self) -> Check {
        let public = "allow_public_unauthenticated_access";
        let any = "allow_any_authenticated_user";
        let listed = self.has("allowed_domains") || self.has("allowed_users");
        if self.flag(public) && (self.flag(any) || listed) {
            return Err(self.failed("config: policy route marked as public but contains whitelists", public));
        }
        if self.flag(any) && listed {
            let words = "config: policy route marked accessible for any authenticated user but contains whitelists";
            return Err(self.failed(words, any));
        }
        Ok(())
    }

    fn rest(&self) -> Check {
        let token = "kubernetes_service_account_token";
        if !self.text(token).is_empty() && !self.text("kubernetes_service_account_token_file").is_empty() {
            let words =
                "config: specified both `kubernetes_service_account_token_file` and `kubernetes_service_account_token`";
            return Err(self.failed(words, token));
        }
        if !self.text("prefix_rewrite").is_empty() && !self.text("regex_rewrite_pattern").is_empty() {
            let words = "config: only prefix_rewrite or regex_rewrite_pattern can be specified, but not both";
            return Err(self.failed(words, "prefix_rewrite"));
        }
        let hosts = self.0.get("depends_on").map(Decoded::elements).unwrap_or_default();
        let names: Vec<&str> = hosts.iter().filter_map(Decoded::text).collect();
        if hosts.len() > 5 {
            let words =
                format!("config: depends_on is limited to 5 additional redirect hosts, got [{}]", names.join(" "));
            return Err(self.failed(words, "depends_on"));
        }
        let is_bad = |host: &&&str| {
            host.contains('/') && !go::url::parse(host).is_ok_and(|url| !url.scheme.is_empty() && !url.host.is_empty())
        };
        if let Some(host) = names.iter().find(is_bad) {
            return Err(self.failed(format!("config: unsupported depends_on value {}", go::quote(host)), "depends_on"));
        }
        let Some(mcp) = self.0.get("mcp").filter(|mcp| !matches!(mcp.content, Content::Zero)) else { return Ok(()) };
        let has = |key: &str| mcp.get(key).is_some_and(|part| !matches!(part.content, Content::Zero));
        if !has("server") && !has("client") {
            return Err(self.failed("config: mcp must have either server or client set", "mcp"));
        }
        let server = mcp.get("server").and_then(|server| server.get("authorization_server_url"));
        let Some(url) = server.and_then(Decoded::text).filter(|url| !url.is_empty()) else { return Ok(()) };
        let parsed = go::url::parse_and_validate(url)
            .map_err(|words| self.failed(format!("config: invalid mcp authorization_server_url {words}"), "mcp"))?;
        if parsed.scheme != "https" {
            let scheme = go::quote(&parsed.scheme);
            return Err(self.failed(format!("config: mcp authorization_server_url must be https, got {scheme}"), "mcp"));
        }
        Ok(())
    }
}
