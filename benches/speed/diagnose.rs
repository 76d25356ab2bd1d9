//! How fast `pomlint diagnose` reads a log, beside `grep -c error` on the same file: `cargo bench -- diagnose [MEBIBYTES]`.
//!
//! Of two logs: an everyday one, in which few lines are worth a look, and one in which each line is. For both it is told how many
//! instructions a byte takes, if valgrind is installed: those do not depend on what else the machine does.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use pomlint::diagnose::read;

use crate::measure::{instructions, of_size};

/// What an hour of Pomerium looks like: mostly requests, now and then a decision, seldom an error.
const REQUEST: &str = r#"{"level":"info","service":"envoy","upstream-cluster":"route-5f3","method":"GET","authority":"app.corp.example.com","path":"/api/v1/items","user-agent":"Mozilla/5.0","referer":"","forwarded-for":"10.0.0.1","request-id":"0b8f4f1a-6d87-48ef-aabb-8115b0860c94","duration":3.14,"size":1834,"response-code":200,"response-code-details":"via_upstream","time":"2026-08-12T03:04:05Z","message":"http-request"}"#;
const DECISION: &str = r#"{"level":"info","service":"authorize","request-id":"0b8f4f1a","method":"GET","path":"/api/v1/items","host":"app.corp.example.com","user":"u","email":"a@example.com","allow":true,"allow-why-true":["claim-ok"],"deny":false,"deny-why-false":[],"time":"2026-08-12T03:04:05Z","message":"authorize check"}"#;
const ERROR: &str = r#"{"level":"error","error":"Internal Server Error: error redeeming authenticate code: identity/oidc: token exchange failed: oauth2: \"invalid_client\"","request-id":"0b8f4f1a","status":500,"time":"2026-08-12T03:04:05Z","message":"httputil: error"}"#;

/// What is worth a look: logins on their way, redirects, refusals.
const HITS: [&str; 7] = [
    r#"{"level":"info","service":"envoy","upstream-cluster":"route-7f","method":"GET","authority":"authenticate.corp.example.com","path":"/.pomerium/sign_in?pomerium_expiry=1790000300&pomerium_idp_id=NUMBER&pomerium_redirect_uri=https%3A%2F%2Fapp.corp.example.com%2Fapi%3Fa%3Db&pomerium_signature=NUMBER%3D","user-agent":"Mozilla/5.0","referer":"","forwarded-for":"10.0.0.1","request-id":"NUMBER","duration":3.14,"size":1834,"response-code":302,"response-code-details":"via_upstream","time":"2026-08-12T03:04:05Z","message":"http-request"}"#,
    r#"{"level":"info","service":"envoy","upstream-cluster":"route-7f","method":"GET","authority":"authenticate.corp.example.com","path":"/oauth2/callback?code=NUMBER&state=NUMBER%3D%3D","user-agent":"Mozilla/5.0","referer":"https://acme.auth.eu-west-1.amazoncognito.com/","forwarded-for":"10.0.0.1","request-id":"NUMBER","duration":3.14,"size":1834,"response-code":302,"response-code-details":"via_upstream","time":"2026-08-12T03:04:05Z","message":"http-request"}"#,
    r#"{"level":"info","service":"envoy","upstream-cluster":"route-5f","method":"GET","authority":"app.corp.example.com","path":"/api/v1/items/NUMBER","user-agent":"Mozilla/5.0","referer":"","forwarded-for":"10.0.0.1","request-id":"NUMBER","duration":3.14,"size":0,"response-code":302,"response-code-details":"ext_authz_denied","time":"2026-08-12T03:04:05Z","message":"http-request"}"#,
    r#"{"level":"info","service":"envoy","upstream-cluster":"route-5f","method":"GET","authority":"app.corp.example.com","path":"/api/v1/items/NUMBER","user-agent":"Mozilla/5.0","referer":"","forwarded-for":"10.0.0.1","request-id":"NUMBER","duration":3.14,"size":0,"response-code":404,"response-code-details":"via_upstream","time":"2026-08-12T03:04:05Z","message":"http-request"}"#,
    r#"{"level":"info","service":"authorize","request-id":"NUMBER","method":"GET","path":"/api/v1/items","host":"app.corp.example.com","user":"u","email":"a@example.com","allow":false,"allow-why-false":["claim-unauthorized"],"deny":false,"deny-why-false":[],"time":"2026-08-12T03:04:05Z","message":"authorize check"}"#,
    r#"{"level":"error","error":"Bad Request: invalid CSRF token","request-id":"NUMBER","status":400,"time":"2026-08-12T03:04:05Z","message":"httputil: error"}"#,
    ERROR,
];

/// Measures, and prints what came of it.
pub(crate) fn run() {
    let mebibytes = std::env::args().find_map(|argument| argument.parse::<u64>().ok()).unwrap_or(of_size(256) as u64);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pomerium.log");
    for (name, line, wanted) in [
        ("an everyday log", everyday as fn(u64) -> String, mebibytes << 20),
        ("a hit on each line", hit as fn(u64) -> String, mebibytes << 18),
    ] {
        let bytes = write_log(&path, line, wanted);
        println!("{name}:");
        let ours = fastest(|| {
            let found = read(&mut File::open(&path).unwrap(), 0, &mut |_| {}).unwrap();
            assert!(found.counts.bytes == bytes && !found.sightings.is_empty());
        });
        println!("  diagnose      {}", speed(bytes, ours));
        let grep = fastest(|| {
            let status = Command::new("grep").arg("-c").arg("error").arg(&path).stdout(Stdio::null()).status().unwrap();
            assert!(status.success());
        });
        println!("  grep -c error {}", speed(bytes, grep));
        let instructions =
            || instructions(Command::new(env!("CARGO_BIN_EXE_pomlint")).args(["diagnose", "--offline"]).arg(&path));
        let (few, many) = (write_log(&path, line, 1 << 20), instructions());
        let (more, much) = (write_log(&path, line, 3 << 20), instructions());
        match (many, much) {
            (Some(many), Some(much)) => println!("  {:.1} instructions a byte", (much - many) / (more - few) as f64),
            _ => println!("  instructions: NOT CHECKED, there is no valgrind"),
        }
    }
}

fn everyday(number: u64) -> String {
    let line = match number % 10_000 {
        9_999 => ERROR,
        odd if odd % 2 == 1 => DECISION,
        _ => REQUEST,
    };
    line.to_owned()
}

pub(crate) fn hit(number: u64) -> String {
    let line = HITS[usize::try_from(number % HITS.len() as u64).unwrap()];
    line.replace(
        "NUMBER",
        &format!("{:032x}", u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)),
    )
}

pub(crate) fn write_log(path: &Path, line: fn(u64) -> String, wanted: u64) -> u64 {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let mut written = 0;
    for number in 0u64.. {
        let line = line(number);
        writeln!(file, "{line}").unwrap();
        written += line.len() as u64 + 1;
        if written >= wanted {
            break;
        }
    }
    file.flush().unwrap();
    written
}

fn fastest(run: impl Fn()) -> Duration {
    let times = (0..3).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    times.min().unwrap_or_default()
}

fn speed(bytes: u64, took: Duration) -> String {
    let per_second = bytes as f64 / took.as_secs_f64() / f64::from(1 << 20);
    format!("{:>7.0} ms  {per_second:>6.0} MiB/s", took.as_secs_f64() * 1000.0)
}
