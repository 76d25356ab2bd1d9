//! A running Pomerium behind a real Envoy, set up as Pomerium sets up its own: what the stand-in alone cannot show. It runs where
//! `POMLINT_ENVOY` names one: `tests/envoy/run`.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};

use crate::support::Pomlint;
use crate::support::pomerium::Running;
use crate::support::server::{Behaviour, Server};

/// An Envoy that ends when it is dropped.
struct Envoy {
    child: Child,
    port: u16,
}

impl Drop for Envoy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How its listener is set up.
#[derive(Clone, Copy)]
struct Listener {
    /// `codec_type`: `AUTO`, or `HTTP2`.
    codec: &'static str,
    /// It refuses whoever shows no client certificate (`downstream_mtls`, `reject_connection`).
    wants_certificate: bool,
    /// Where the Pomerium behind it listens.
    behind: u16,
}

/// A port of this machine that is free at the moment.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// `config/envoyconfig/listeners.go`, `http_connection_manager.go`, `local_reply.go` and `tls.go`, as far as a visitor sees them.
fn configuration(listener: Listener, port: u16, folder: &Path) -> Value {
    let of = |kind: &str| format!("type.googleapis.com/envoy.extensions.{kind}");
    let file = |name: &str| json!({"filename": folder.join(name)});
    let address = |port: u16| json!({"socket_address": {"address": "127.0.0.1", "port_value": port}});
    let protocols = if listener.codec == "HTTP2" { json!(["h2"]) } else { json!(["h2", "http/1.1"]) };
    let mut tls = json!({
        "alpn_protocols": protocols,
        "tls_certificates": [{"certificate_chain": file("certificate.pem"), "private_key": file("key.pem")}],
    });
    if listener.wants_certificate {
        tls["validation_context"] = json!({"trusted_ca": file("authority.pem")});
    }
    let said =
        json!({"requestId": "%STREAM_ID%", "status": "%RESPONSE_CODE%", "statusText": "%RESPONSE_CODE_DETAILS%"});
    let manager = json!({
        "@type": of("filters.network.http_connection_manager.v3.HttpConnectionManager"),
        "stat_prefix": "ingress",
        "codec_type": listener.codec,
        "local_reply_config": {"body_format": {"json_format": said}},
        "route_config": {"virtual_hosts": [
            {"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "pomerium"}}]},
        ]},
        "http_filters": [{"name": "router", "typed_config": {"@type": of("filters.http.router.v3.Router")}}],
    });
    let downstream = json!({
        "@type": of("transport_sockets.tls.v3.DownstreamTlsContext"),
        "common_tls_context": tls,
        "require_client_certificate": listener.wants_certificate,
    });
    let protocol = json!({
        "@type": of("upstreams.http.v3.HttpProtocolOptions"),
        "upstream_http_protocol_options": {"auto_sni": true},
        "explicit_http_config": {"http_protocol_options": {}},
    });
    json!({"static_resources": {
        "listeners": [{
            "address": address(port),
            "filter_chains": [{
                "filters": [{"name": "http", "typed_config": manager}],
                "transport_socket": {"name": "tls", "typed_config": downstream},
            }],
        }],
        "clusters": [{
            "name": "pomerium",
            "connect_timeout": "5s",
            "load_assignment": {"cluster_name": "pomerium", "endpoints": [
                {"lb_endpoints": [{"endpoint": {"address": address(listener.behind)}}]},
            ]},
            "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": protocol},
            "transport_socket": {
                "name": "tls",
                "typed_config": {"@type": of("transport_sockets.tls.v3.UpstreamTlsContext")},
            },
        }],
    }})
}

/// Starts it; its authority is added to the others of a file.
fn start(program: &str, listener: Listener, folder: &Path) -> Envoy {
    let port = free_port();
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let (issuer_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let pem = authority.self_signed(&issuer_key).unwrap().pem();
    let hosts = ["app.corp.example.com", "authenticate.corp.example.com"].map(str::to_owned);
    let certificate = CertificateParams::new(hosts).unwrap().signed_by(&key, &Issuer::new(authority, issuer_key));
    let texts =
        [("authority.pem", pem), ("certificate.pem", certificate.unwrap().pem()), ("key.pem", key.serialize_pem())];
    for (name, text) in texts {
        std::fs::write(folder.join(name), text).unwrap();
    }
    std::fs::write(folder.join("envoy.json"), configuration(listener, port, folder).to_string()).unwrap();
    let mut command = Command::new(program);
    command.args([
        "--use-dynamic-base-id",
        "--disable-hot-restart",
        "--concurrency",
        "1",
        "--log-level",
        "error",
        "-c",
    ]);
    let child = command.arg(folder.join("envoy.json")).stdout(Stdio::null()).spawn().unwrap();
    let mut envoy = Envoy { child, port };
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert_eq!(envoy.child.try_wait().unwrap(), None, "it ended");
        std::thread::sleep(Duration::from_millis(50));
    }
    envoy
}

#[test]
#[ignore = "wants an Envoy, which tests/envoy/run fetches"]
fn a_real_envoy_is_taken_for_what_it_is() {
    let program = std::env::var("POMLINT_ENVOY").expect("POMLINT_ENVOY names an Envoy");
    let server = Server::start(Behaviour { running: Some(Running::default()), ..Behaviour::default() });
    let healthy = Listener { codec: "AUTO", wants_certificate: false, behind: server.port() };
    for (listener, exit, says) in [
        (healthy, 0, "that were judged · Pomerium v0.31 or later"),
        (Listener { behind: free_port(), ..healthy }, 1, "deployed-pomerium-unhealthy"),
        (Listener { codec: "HTTP2", ..healthy }, 3, "a Pomerium whose codec_type is http2"),
        (Listener { wants_certificate: true, ..healthy }, 3, "asks every visitor for a client certificate"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let envoy = start(&program, listener, folder.path());
        let mut authorities = tempfile::NamedTempFile::new().unwrap();
        for file in [server.authority(), folder.path().join("authority.pem").display().to_string()] {
            authorities.write_all(&std::fs::read(file).unwrap()).unwrap();
        }
        let there = ["app.corp.example.com", "authenticate.corp.example.com"]
            .map(|host| format!("{host}:443:127.0.0.1:{}", envoy.port));
        let mut args = vec!["--ca".to_owned(), authorities.path().display().to_string()];
        for map in there.into_iter().chain([format!("::127.0.0.1:{}", server.port())]) {
            args.extend(["--connect-to".to_owned(), map]);
        }
        let ran = Pomlint::new(["check", "https://app.corp.example.com/"]).args(args).run();
        let said = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(ran.code == exit && said.contains(says), "{says}: {ran:?}");
    }
}
