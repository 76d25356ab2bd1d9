//! Where the databroker keeps its records and how it is reached (`config/options_databroker.go`).

use super::super::decode::Decoded;
use super::{Check, Refusal, Validator};
use crate::config::releases::PomeriumVersion;
use crate::config::releases::schema::storage_types;
use crate::go;

impl Validator<'_> {
    pub(super) fn databroker(&self, version: PomeriumVersion) -> Check {
        let kind = self.get("databroker_storage_type").and_then(Decoded::text).unwrap_or("memory");
        let at = self.at("databroker_storage_type");
        let has_connection = self.non_empty("databroker_storage_connection_string").is_some()
            || self.non_empty("databroker_storage_connection_string_file").is_some();
        let is_known = storage_types(version).any(|known| known == kind);
        match kind {
            "memory" | "file" if is_known => {}
            "postgres" | "redis" if is_known && has_connection => {}
            "postgres" | "redis" if is_known => {
                return Err(Refusal::new("config: missing databroker storage backend dsn", at));
            }
            "redis" if version < PomeriumVersion(0, 25, 0) => {
                return Err(Refusal::new("config: redis databroker storage backend is no longer supported", at));
            }
            _ => return Err(Refusal::new("config: unknown databroker storage backend type", at)),
        }
        let bad = |url: &str, words: &str| format!("config: bad databroker service url {url}: {words}");
        self.url("databroker_service_url", bad)?;
        self.url("databroker_internal_service_url", |url, words| {
            format!("config: bad databroker internal service url {url}: {words}")
        })?;
        for url in self.get("databroker_service_urls").map(Decoded::elements).unwrap_or_default() {
            let text = url.text().unwrap_or_default();
            go::url::parse_and_validate(text).map_err(|words| Refusal::new(bad(text, &words), Some(url.span)))?;
        }
        self.cluster()
    }

    fn cluster(&self) -> Check {
        let nodes = self.get("databroker_cluster_nodes").map(Decoded::elements).unwrap_or_default();
        for node in nodes {
            let text = |key: &str| node.get(key).and_then(Decoded::text);
            let address = text("grpc_address").unwrap_or_default();
            go::url::parse_and_validate(address).map_err(|words| {
                let words = format!("config: invalid databroker cluster node grpc address {address}: {words}");
                Refusal::new(words, Some(node.span))
            })?;
        }
        for (key, name, who) in
            [("databroker_cluster_leader_id", "leader id", "leader"), ("databroker_cluster_node_id", "node id", "node")]
        {
            let Some((id, at)) = self.get(key).and_then(|id| Some((id.text()?, id.span))) else { continue };
            if !nodes.iter().any(|node| node.get("id").and_then(Decoded::text).unwrap_or_default() == id) {
                let words = format!("config: invalid databroker cluster {name}: {who} not found in cluster nodes");
                return Err(Refusal::new(words, Some(at)));
            }
        }
        Ok(())
    }
}
