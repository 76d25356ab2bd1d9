//! How fast `pomlint diagnose` reads a log, beside `grep -c error` on the same file: `cargo bench -- diagnose [MEBIBYTES]`.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use pomlint::diagnose::read;

/// What an hour of Pomerium looks like: mostly requests, now and then a decision, seldom an error.
const REQUEST: &str = r#"{"level":"info","service":"envoy","upstream-cluster":"route-5f3","method":"GET","authority":"app.corp.example.com","path":"/api/v1/items","user-agent":"Mozilla/5.0","referer":"","forwarded-for":"10.0.0.1","request-id":"0b8f4f1a-6d87-48ef-aabb-8115b0860c94","duration":3.14,"size":1834,"response-code":200,"response-code-details":"via_upstream","time":"2026-08-12T03:04:05Z","message":"http-request"}"#;
const DECISION: &str = r#"{"level":"info","service":"authorize","request-id":"0b8f4f1a","method":"GET","path":"/api/v1/items","host":"app.corp.example.com","user":"u","email":"a@example.com","allow":true,"allow-why-true":["claim-ok"],"deny":false,"deny-why-false":[],"time":"2026-08-12T03:04:05Z","message":"authorize check"}"#;
const ERROR: &str = r#"{"level":"error","error":"Internal Server Error: error redeeming authenticate code: identity/oidc: token exchange failed: oauth2: \"invalid_client\"","request-id":"0b8f4f1a","status":500,"time":"2026-08-12T03:04:05Z","message":"httputil: error"}"#;

/// Measures, and prints what came of it.
pub(crate) fn run() {
    let mebibytes = std::env::args().find_map(|argument| argument.parse::<u64>().ok()).unwrap_or(256);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pomerium.log");
    let bytes = write_log(&path, mebibytes << 20);
    let ours = fastest(|| {
        let found = read(&mut File::open(&path).unwrap(), 0, &mut |_| {}).unwrap();
        assert_eq!((found.counts.bytes, found.sightings.len()), (bytes, 1));
    });
    let grep = fastest(|| {
        let status = Command::new("grep").arg("-c").arg("error").arg(&path).stdout(Stdio::null()).status().unwrap();
        assert!(status.success());
    });
    println!("diagnose      {}", speed(bytes, ours));
    println!("grep -c error {}", speed(bytes, grep));
}

fn write_log(path: &Path, wanted: u64) -> u64 {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let mut written = 0;
    for number in 0u64.. {
        let line = match number % 10_000 {
            9_999 => ERROR,
            odd if odd % 2 == 1 => DECISION,
            _ => REQUEST,
        };
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
