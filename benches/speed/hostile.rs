//! What files cost that are made to cost: each shape at half its size and at its full size, at most 4 MiB.
//!
//! ```text
//! cargo bench -- hostile
//! ```

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::measure::{is_quick, median, milliseconds, peak, runs};

const RUNS: usize = 3;

/// A name, and the text of a size from 0 to 1.
type Shape = (&'static str, fn(f64) -> String);

const HEAD: &str = "idp_provider: cognito\nidp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1\n";

/// So many at this size.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size is from 0 to 1, and a number small")]
fn of(size: f64, number: u32) -> usize {
    (size * f64::from(number)) as usize
}

fn numbered(count: usize, line: fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

const SHAPES: [Shape; 39] = [
    ("quotes.yaml", |size| format!("idp_client_secret: \"{}", "\"".repeat(of(size, 4_000_000)))),
    ("secret.yaml", |size| format!("idp_client_secret: {}", "x".repeat(of(size, 4_190_000)))),
    ("random-secret.yaml", |size| {
        format!("idp_client_secret: {}", numbered(of(size, 600_000), |n| format!("{n:06}-")))
    }),
    ("secrets.yaml", |size| {
        HEAD.to_owned() + &numbered(of(size, 60_000), |n| format!("idp_client_secre{n}: v{n:020}\n"))
    }),
    ("secrets-on-a-line.yaml", |size| {
        format!("{HEAD}x: [{}]", numbered(of(size, 56_000), |n| format!("idp_client_secret=abcdefgh{n:06},")))
    }),
    ("lines-of-a-secret.yaml", |size| {
        "signing_key: |\n".to_owned() + &numbered(of(size, 120_000), |n| format!("  line{n:020}\n"))
    }),
    ("names-of-secrets.yaml", |size| format!("{HEAD}}}\n{}", "secret=".repeat(of(size, 590_000)))),
    ("aliases.yaml", |size| {
        format!("r: &r {{from: 'https://a.example.com'}}\nroutes: [{}]", "*r,".repeat(of(size, 200_000)))
    }),
    ("empty-routes.yaml", |size| format!("{HEAD}routes: [{}]", "{},".repeat(of(size, 1_300_000)))),
    ("routes.yaml", |size| {
        format!(
            "{HEAD}routes:\n{}",
            numbered(of(size, 9_900), |n| format!(
                "  - {{from: 'https://a{n}.example.com', to: 'http://b', idp_client_id: c{n}, idp_client_secret: s{n:020}}}\n"
            ))
        )
    }),
    ("routes-with-two-secrets.yaml", |size| {
        format!(
            "{HEAD}routes:\n{}",
            numbered(of(size, 9_900), |n| format!(
                "  - {{from: 'https://a{n}.example.com', to: 'http://b', idp_client_id: c{n}, idp_client_secret: s{n:020}, kubernetes_service_account_token: t{n:020}}}\n"
            ))
        )
    }),
    ("basic-headers.yaml", |size| {
        format!(
            "{HEAD}routes:\n{}",
            numbered(of(size, 24_000), |n| format!(
                "  - {{from: 'https://a{n}.example.com', to: 'http://b', set_request_headers: {{Authorization: 'Basic dXNlcjpwYXNz{n:08}'}}}}\n"
            ))
        )
    }),
    ("list-of-secrets.yaml", |size| {
        format!("{HEAD}idp_client_secret: [{}]\n", numbered(of(size, 200_000), |n| format!("s{n:015},")))
    }),
    ("pairs-of-otel.yaml", |size| {
        let pairs = numbered(of(size, 130_000), |n| format!("x-api-key{n}=s{n:012},"));
        format!("{HEAD}otel_exporter_otlp_headers: \"{pairs}\"\n")
    }),
    ("users-and-hosts.yaml", |size| format!("{HEAD}x: \"{}\"\n", "a:b@".repeat(of(size, 1_000_000)))),
    ("users-and-hosts-broken.yaml", |size| format!("{HEAD}}}\n{}\n", "a:b@".repeat(of(size, 1_000_000)))),
    ("references.yaml", |size| {
        format!(
            "{HEAD}routes:\n{}",
            numbered(of(size, 9_900), |n| format!(
                "  - {{from: 'https://a{n}.example.com', to: 'http://b', idp_client_id: '${{C{n}}}', idp_client_secret: '${{S{n}}}'}}\n"
            ))
        )
    }),
    ("indentation.yaml", |size| numbered(of(size.sqrt(), 2_800), |n| " ".repeat(n) + "a:\n")),
    ("list.yaml", |size| format!("{HEAD}x: [{}]", "a,".repeat(of(size, 2_000_000)))),
    ("keys.yaml", |size| HEAD.to_owned() + &numbered(of(size, 250_000), |n| format!("key{n}: 1\n"))),
    ("repeated.yaml", |size| HEAD.to_owned() + &"a: 1\n".repeat(of(size, 300_000))),
    ("merges.yaml", |size| {
        format!("b: &b {{x: 1}}\n{HEAD}{}", numbered(of(size, 60_000), |n| format!("k{n}:\n  <<: *b\n")))
    }),
    ("ignores.yaml", |size| HEAD.to_owned() + &"# pomlint: ignore[clock-skew] reason: x\n".repeat(of(size, 100_000))),
    ("blanks.yaml", |size| " ".repeat(of(size, 4_000_000)) + "a: ["),
    ("addresses.yaml", |size| format!("{HEAD}}}\n{}@", "://a:b?token=".repeat(of(size, 300_000)))),
    ("documents.yaml", |size| "---\napiVersion: v1\nkind: ConfigMap\n".repeat(of(size, 110_000))),
    ("secrets-of-kubernetes.yaml", |size| {
        numbered(of(size, 25_000), |n| {
            format!(
                "---\napiVersion: v1\nkind: Secret\nmetadata: {{name: s{n}, namespace: n}}\nstringData: {{idp_client_secret: abcdefghij{n}}}\n"
            )
        })
    }),
    ("ingresses.yaml", |size| {
        numbered(of(size, 12_000), |n| {
            format!(
                "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: i{n}, annotations: {{ingress.pomerium.io/policy: '[{{allow: {{and: [{{domain: {{is: a.com}}}}]}}}}]'}}}}\nspec: {{ingressClassName: pomerium, rules: [{{host: h{n}.example.com}}]}}\n"
            )
        })
    }),
    ("secrets-of-a-resource.yaml", |size| {
        let named = numbered(of(size, 60_000), |n| format!("  - a/t{n}\n"));
        let others = numbered(of(size, 20_000), |n| {
            format!("---\napiVersion: v1\nkind: Secret\nmetadata: {{name: s{n}, namespace: b}}\ndata: {{x: eA==}}\n")
        });
        format!(
            "apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata: {{name: global}}\nspec:\n  certificates:\n{named}{others}"
        )
    }),
    ("fields-of-a-wrong-type.yaml", |size| {
        let wrong = numbered(of(size, 100_000), |n| format!("  - {n}\n"));
        format!(
            "apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata: {{name: global}}\nspec:\n  certificates:\n{wrong}"
        )
    }),
    ("near-names.yaml", |size| {
        let letter = |n: usize| char::from(b"abcdefghijklmnopqrstuvwxyz"[n % 26]);
        let near = |n: usize| {
            let [a, b, c] = [n, n / 26, n / 676].map(letter);
            format!("{a}{b}{c}henticate_service_url: x\n")
        };
        HEAD.to_owned() + &(0..of(size, 17_576)).map(near).collect::<String>()
    }),
    ("compose.yaml", |size| {
        "services:\n".to_owned()
            + &numbered(of(size, 4_000), |n| {
                format!(
                    "  p{n}:\n    image: pomerium/pomerium\n    environment: {{IDP_PROVIDER: cognito, IDP_CLIENT_ID: a{n}}}\n"
                )
            })
    }),
    ("sentence.yaml", |size| {
        format!("{HEAD}idp_scopes: \"{}\"\n", numbered(of(size, 160_000), |n| format!("the secret is q{n:08}, ")))
    }),
    ("parameters.yaml", |size| {
        format!(
            "{HEAD}idp_request_params:\n{}",
            numbered(of(size, 100_000), |n| format!("  p{n}: \"cookie_secret -> q{n:08}\"\n"))
        )
    }),
    ("files-of-a-configmap.yaml", |size| {
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p}\ndata:\n".to_owned()
            + &numbered(of(size, 60_000), |n| {
                format!("  c{n}.yaml: \"idp_provider: cognit\\ncookie_secret: q{n:08}\"\n")
            })
    }),
    ("shared-file.yaml", |size| {
        let routes = numbered(of(size, 9_000), |n| {
            format!("    - {{from: 'https://a{n}.example.com', to: 'http://b', zz: q{n}}}\n")
        });
        let deployments = numbered(99, |n| {
            format!(
                "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: p{n}}}\nspec: {{template: {{spec: {{volumes: [{{name: v, configMap: {{name: c}}}}], containers: [{{name: pomerium, image: pomerium/pomerium, volumeMounts: [{{name: v, mountPath: /pomerium}}]}}]}}}}}}\n"
            )
        });
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n  config.yaml: |\n    idp_provider: cognit\n    routes:\n{routes}{deployments}"
        )
    }),
    ("nested.json", |size| "{\"a\":".repeat(of(size, 800_000))),
    ("dotted.toml", |size| vec!["a"; of(size, 2_000_000)].join(".") + " = 1\n"),
    ("variables.env", |size| numbered(of(size, 300_000), |n| format!("V{n}=x\n"))),
];

/// Measures, and prints what came of it.
pub(crate) fn run() {
    println!("hostile files: half and full size, medians of {RUNS} runs (each: at most 2 s and 200 MiB)");
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in SHAPES {
        let path = folder.path().join(name);
        let largest = if is_quick() { 0.02 } else { 1.0 };
        let measured = [largest / 2.0, largest].map(|size| {
            std::fs::write(&path, text(size)).expect("a file to write");
            median(
                (0..runs(RUNS))
                    .map(|_| once(Command::new(env!("CARGO_BIN_EXE_pomlint")).args(["check", "--offline"]).arg(&path)))
                    .collect(),
            )
        });
        let [half, full] = measured;
        let ratio = full.as_secs_f64() / half.as_secs_f64();
        let memory = peak(Command::new(env!("CARGO_BIN_EXE_pomlint")).args(["check", "--offline"]).arg(&path));
        let memory = memory.map_or_else(|| "?".to_owned(), |bytes| format!("{:.0}", bytes / f64::from(1 << 20)));
        println!(
            "  {name:<28} {}  {}  ratio {ratio:.1}  (linear: at most 2)  {memory} MiB",
            milliseconds(half),
            milliseconds(full)
        );
        let _ = std::fs::remove_file(path);
    }
}

/// How long a run takes, whatever it finds.
fn once(command: &mut Command) -> Duration {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().expect("a process to start");
    let took = start.elapsed();
    assert!(status.code().is_some_and(|code| code < 4), "{command:?}");
    took
}
