//! The whole binary on configurations of which a part stands elsewhere: what somebody fills in, what a kustomization generates,
//! what only the cluster holds, and what is given for it.

use std::path::Path;

use serde_json::Value;

use crate::support::{Pomlint, project};

const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
const CLIENT: &str = "4qk2v9s7m1n3b5c8d0f6g7h2u1";
const SECRET: &str = "1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u";
const SHARED: &str = "yIDIh0mUWpJtSfPMBlGd9vNVZVzRHuyuY4W2uK3yJ3o=";
const COOKIE: &str = "3gmXKHKeGnXRYwqLPsQxlJBgBnhhPGVqLZ9pc+2KDD8=";

/// What a check came to.
pub(crate) struct Checked {
    pub(crate) code: i32,
    pub(crate) screen: String,
    pub(crate) report: Value,
}

/// Checks files with these arguments, once for people and once for programs.
pub(crate) fn check(files: &[(&str, String)], args: &[&str]) -> Checked {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let run = |more: &[&str]| Pomlint::new(["check"]).args(args).args(more).in_folder(folder.path()).run();
    let (shown, json) = (run(&[]), run(&["--format", "json"]));
    assert_eq!(shown.code, json.code);
    let report = serde_json::from_str(&json.stdout).unwrap_or(Value::Null);
    let words: Vec<&str> = shown.stdout.split_whitespace().collect();
    Checked { code: shown.code, screen: words.join(" ") + &shown.stderr, report }
}

impl Checked {
    /// The rules with a verdict, each once.
    pub(crate) fn rules(&self, verdict: &str) -> Vec<&str> {
        let reports = self.report["reports"].as_array().map(Vec::as_slice).unwrap_or_default();
        let verdicts = reports.iter().flat_map(|report| report["verdicts"].as_array().unwrap());
        let mut rules: Vec<&str> = verdicts
            .filter(|judged| judged["verdict"] == verdict)
            .map(|judged| judged["rule"].as_str().unwrap())
            .collect();
        rules.dedup();
        rules
    }

    pub(crate) fn failing(&self) -> (i32, Vec<&str>) {
        (self.code, self.rules("fail"))
    }
}

pub(crate) fn offline(files: &[(&str, String)]) -> Checked {
    check(files, &["--offline", "."])
}

/// The variables of a healthy login, without some.
pub(crate) fn variables(form: &str, without: &[&str]) -> String {
    let all = [
        ("AUTHENTICATE_SERVICE_URL", "https://authenticate.corp.example.com"),
        ("IDP_PROVIDER", "cognito"),
        ("IDP_PROVIDER_URL", ISSUER),
        ("IDP_CLIENT_ID", CLIENT),
        ("IDP_CLIENT_SECRET", SECRET),
        ("SHARED_SECRET", SHARED),
        ("COOKIE_SECRET", COOKIE),
    ];
    let kept = all.iter().filter(|(name, _)| !without.contains(name));
    kept.map(|(name, value)| form.replace("NAME", name).replace("VALUE", value)).collect()
}

pub(crate) fn compose(lines: &str) -> String {
    let variables = variables("      NAME: VALUE\n", &[]);
    format!("services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n    environment:\n{variables}{lines}")
}

#[test]
fn what_somebody_fills_in_is_of_no_type_yet() {
    for line in [
        "POLICY: ${POLICY}",
        "ROUTES: $ROUTES",
        "COOKIE_EXPIRE: ${EXPIRE:?set it}",
        "INSECURE_SERVER: ${INSECURE}",
        "JWT_CLAIMS_HEADERS: ${HEADERS}",
        "IDP_REQUEST_PARAMS: ${PARAMS}",
        "CODEC_TYPE: ${CODEC}",
        "CERTIFICATE: ${CERT}",
    ] {
        let checked = offline(&[("compose.yaml", compose(&format!("      {line}\n")))]);
        assert!(
            checked.failing() == (3, vec![]) || line.starts_with("CERT") && checked.code != 1,
            "{line}: {}",
            checked.screen
        );
    }
    // What compose makes of it is a value again, and a wrong one is wrong.
    for (line, code, rule) in [
        ("COOKIE_EXPIRE: ${EXPIRE:-2 weeks}", 1, "value-of-wrong-type"),
        ("COOKIE_EXPIRE: ${EXPIRE:-14h}", 0, ""),
        ("POLICY: nonsense", 1, "policy-environment-undecodable"),
    ] {
        let checked = offline(&[("compose.yaml", compose(&format!("      {line}\n")))]);
        assert_eq!(checked.code, code, "{line}: {}", checked.screen);
        assert!(rule.is_empty() || checked.rules("fail").contains(&rule), "{line}: {}", checked.screen);
    }
    // Of a list that is filled in, nothing is known of what it holds.
    let open = offline(&[("compose.yaml", compose("      POLICY: ${POLICY}\n"))]);
    assert!(
        open.rules("undecided").contains(&"route-nobody-can-use") && open.rules("pass").contains(&"issuer-malformed")
    );
    // Nobody fills in what Pomerium itself reads, nor what a process has already been given: that is one finding.
    for line in ["insecure_server: ${X}", "services: ${X}", "routes: [{ from: '${X}', to: http://a, policy: '${X}' }]"]
    {
        let text = format!("authenticate_service_url: https://a.example.com\n{line}\n");
        let file = check(&[("c.yaml", text)], &["--offline", "c.yaml"]);
        assert_eq!(file.failing(), (1, vec!["placeholder-left"]), "{}", file.screen);
    }
}

#[test]
fn a_script_and_a_sample_are_not_judged_by_their_spelling() {
    let script = format!(
        "#!/bin/bash\nsource ./common.sh\nexport AUTHENTICATE_SERVICE_URL=https://authenticate.corp.example.com\n\
         export IDP_PROVIDER=cognito\nexport IDP_PROVIDER_URL='{ISSUER}'\nexport COOKIE_SECRET=\"$(head -c32 /dev/urandom | base64)\"\n\
         export POLICY=\"$(base64 -w0 policy.yaml)\"\n"
    );
    let checked = check(&[("prod.env", script)], &["--offline", "prod.env"]);
    let fails = checked.rules("fail");
    for rule in ["policy-environment-undecodable", "placeholder-left", "value-of-wrong-type", "cookie-secret-malformed"]
    {
        assert!(!fails.contains(&rule), "{rule}: {}", checked.screen);
    }
    for name in ["config.template.yaml", "pomerium.env.example.env", "example.env"] {
        let (text, field) = if name.ends_with("yaml") {
            ("NAME: VALUE\n", "policy: <your routes>\n")
        } else {
            ("NAME=VALUE\n", "POLICY=<your routes>\n")
        };
        let text = variables(&if name.ends_with("yaml") { text.replace("NAME", "name") } else { text.to_owned() }, &[]);
        let text = if name.ends_with("yaml") { text.replace("name: ", "x_name: ") } else { text } + field;
        let checked = check(&[(name, text)], &["--offline", name]);
        for rule in ["policy-environment-undecodable", "placeholder-left", "value-of-wrong-type"] {
            assert!(!checked.rules("fail").contains(&rule), "{name}: {rule}: {}", checked.screen);
        }
    }
}

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: pomerium }\nspec:\n  template:\n    spec:\n      containers:\n        - name: pomerium\n          image: pomerium/pomerium:v0.33.1\n          envFrom:\n            - secretRef: { name: pomerium-env }\n            - configMapRef: { name: pomerium }\n";

#[test]
fn what_a_kustomization_generates_belongs_to_the_pod_that_mounts_it() {
    let secret = ["IDP_CLIENT_SECRET", "SHARED_SECRET", "COOKIE_SECRET"];
    let public = ["AUTHENTICATE_SERVICE_URL", "IDP_PROVIDER", "IDP_PROVIDER_URL", "IDP_CLIENT_ID"];
    let base = |generator: &str| {
        vec![
            ("base/deploy.yaml", DEPLOYMENT.to_owned()),
            ("base/secrets.env", variables("NAME=VALUE\n", &public)),
            ("base/config/pomerium.env", variables("NAME=VALUE\n", &secret)),
            (
                "base/kustomization.yaml",
                format!(
                    "resources: [deploy.yaml]\nsecretGenerator:\n  - {{ name: pomerium-env, envs: [secrets.env] }}\n{generator}"
                ),
            ),
        ]
    };
    let plain = base("configMapGenerator:\n  - { name: pomerium, env: config/pomerium.env }\n");
    assert_eq!(offline(&plain).failing(), (0, vec![]));

    // The fault in a generated value is found, and points into the file.
    let mut wrong = plain.clone();
    wrong[2].1 = wrong[2].1.replace(ISSUER, &format!("{ISSUER}/"));
    let checked = offline(&wrong);
    assert_eq!(checked.failing(), (1, vec!["issuer-has-trailing-slash"]));
    assert!(checked.screen.contains("base/config/pomerium.env:"), "{}", checked.screen);

    // An overlay that adds the other half.
    let mut overlaid = base("configMapGenerator:\n  - { name: pomerium, literals: [IDP_PROVIDER=cognito] }\n");
    overlaid.remove(2);
    overlaid.push(("overlays/one/prod.env", variables("NAME=VALUE\n", &secret)));
    let overlay =
        "resources: [../../base]\nconfigMapGenerator:\n  - { name: pomerium, behavior: merge, envs: [prod.env] }\n";
    overlaid.push(("overlays/one/kustomization.yaml", overlay.to_owned()));
    assert_eq!(offline(&overlaid).failing(), (0, vec![]));

    // Of two, each makes a deployment of its own: what they set is not known.
    overlaid.push(("overlays/two/prod.env", variables("NAME=VALUE\n", &secret)));
    overlaid.push(("overlays/two/kustomization.yaml", overlay.to_owned()));
    assert_eq!(offline(&overlaid).failing(), (3, vec![]));

    // The only patch is a part of what it changes, and no resource by itself.
    let mut patched = plain;
    patched.push((
        "overlays/one/kustomization.yaml",
        "resources: [../../base]\npatches:\n  - path: env.yaml\n".to_owned(),
    ));
    let patch = DEPLOYMENT.replace("          envFrom:\n            - secretRef: { name: pomerium-env }\n            - configMapRef: { name: pomerium }\n", "          env: [{ name: IDP_SCOPES, value: openid }]\n");
    patched.push(("overlays/one/env.yaml", patch));
    assert_eq!(offline(&patched).failing(), (0, vec![]));
    // A list of operations that cannot be applied: what it may change is undecided.
    let last = patched.len() - 2;
    patched[last].1 =
        "resources: [../../base]\npatches:\n  - { path: env.yaml, target: { kind: Deployment } }\n".to_owned();
    patched[last + 1].1 = "- { op: replace, path: /spec/template/spec/containers/0/env, value: [] }\n".to_owned();
    let checked = offline(&patched);
    assert_eq!(checked.failing(), (3, vec![]));
    assert!(checked.screen.contains("the patch overlays/one/env.yaml"), "{}", checked.screen);
}

pub(crate) fn resource() -> String {
    format!(
        "apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata: {{ name: global }}\nspec:\n  secrets: pomerium/bootstrap\n  \
         authenticate: {{ url: https://authenticate.corp.example.com }}\n  identityProvider:\n    provider: cognito\n    url: {ISSUER}\n    \
         secret: pomerium/idp\n"
    )
}

fn world() -> String {
    project("fixtures/worlds/healthy").display().to_string()
}

#[test]
fn a_secret_that_only_the_cluster_holds_is_declined() {
    let made = |kind: &str, group: &str, name: &str, spec: &str| {
        format!("apiVersion: {group}\nkind: {kind}\nmetadata: {{ name: {name}, namespace: pomerium }}\n{spec}\n---\n")
    };
    let external = |keys: &str| {
        made(
            "ExternalSecret",
            "external-secrets.io/v1",
            "idp",
            &format!("spec: {{ target: {{ name: idp }}, data: [{keys}] }}"),
        )
    };
    let keys = "{ secretKey: client_id, remoteRef: { key: a } }, { secretKey: client_secret, remoteRef: { key: b } }";
    for (what, secrets) in [
        ("nothing", String::new()),
        ("ExternalSecret", external(keys)),
        ("SealedSecret", made("SealedSecret", "bitnami.com/v1alpha1", "idp", "spec: { encryptedData: { client_id: AgBx, client_secret: AgBy } }")),
        (
            "CSI",
            made("SecretProviderClass", "secrets-store.csi.x-k8s.io/v1", "aws", "spec: { secretObjects: [{ secretName: idp, data: [{ key: client_id }, { key: client_secret }] }] }"),
        ),
        (
            "SOPS",
            "apiVersion: v1\nkind: Secret\nmetadata: { name: idp, namespace: pomerium }\nstringData:\n  client_id: ENC[AES256_GCM,data:a,type:str]\n  client_secret: ENC[AES256_GCM,data:b,type:str]\nsops:\n  version: 3.9.0\n---\n".to_owned(),
        ),
    ] {
        let files = [("pomerium.yaml", resource()), ("secrets.yaml", secrets)];
        let checked = offline(&files);
        assert_eq!(checked.failing(), (0, vec![]), "{what}: {}", checked.screen);
        assert!(checked.rules("undecided").contains(&"client-secret-malformed"), "{what}");
        assert!(checked.screen.contains("Secret pomerium/idp (client_id, client_secret)"), "{what}: {}", checked.screen);
        assert!(checked.screen.contains("kubectl get secret") && checked.screen.contains("| pomlint check"), "{what}");
        assert_eq!(check(&files, &["--offline", "--undecided", "strict", "."]).code, 3, "{what}");

        // Live, nobody can be asked about a client without its id, and the sentence says what cures it.
        let world = world();
        let live = check(&files, &["--replay", &world, "."]);
        assert_eq!(live.failing(), (3, vec![]), "{what}");
        assert!(live.screen.contains("--given idp_client_id="), "{what}: {}", live.screen);
        assert!(live.rules("undecided").contains(&"callback-not-registered"), "{what}");
        let given = format!("idp_client_id={CLIENT}");
        let healthy = check(&files, &["--replay", &world, "--given", &given, "."]);
        assert_eq!(healthy.failing(), (0, vec![]), "{what}: {}", healthy.screen);
        assert!(healthy.rules("pass").contains(&"callback-not-registered"), "{what}");
        let by_secret = format!("pomerium/idp:idp_client_id={CLIENT}");
        assert_eq!(check(&files, &["--replay", &world, "--given", &by_secret, "."]).code, 0, "{what}");
    }
    // A key that the repository says is not made is missing.
    let half = offline(&[
        ("pomerium.yaml", resource()),
        ("s.yaml", external("{ secretKey: client_id, remoteRef: { key: a } }")),
    ]);
    assert!(half.rules("fail").contains(&"crd-field-rejected"), "{}", half.screen);
}

#[test]
fn a_pod_whose_secrets_the_cluster_holds_can_be_healthy() {
    let public = variables(
        "            - { name: NAME, value: \"VALUE\" }\n",
        &["IDP_CLIENT_SECRET", "SHARED_SECRET", "COOKIE_SECRET"],
    );
    let from = |name: &str| {
        format!("            - {{ name: {name}, valueFrom: {{ secretKeyRef: {{ name: s, key: {name} }} }} }}\n")
    };
    let pod = DEPLOYMENT.split("          envFrom").next().unwrap().to_owned();
    let referred = ["IDP_CLIENT_SECRET", "SHARED_SECRET", "COOKIE_SECRET"].map(from).concat();
    for (what, text) in [
        ("valueFrom", format!("{pod}          env:\n{public}{referred}")),
        ("envFrom", format!("{pod}          envFrom: [{{ secretRef: {{ name: s }} }}]\n          env:\n{public}")),
    ] {
        let files = [("deploy.yaml", text.clone())];
        assert_eq!(offline(&files).failing(), (0, vec![]), "{what}");
        if what == "valueFrom" {
            let live = check(&files, &["--replay", &world(), "."]);
            assert_eq!(live.failing(), (0, vec![]), "{what}: {}", live.screen);
        }
        // A ConfigMap is no secret: it could be in the repository.
        let map = text.replace("secretKeyRef", "configMapKeyRef").replace("secretRef", "configMapRef");
        assert_eq!(offline(&[("deploy.yaml", map)]).code, 3, "{what}");
    }
}

#[test]
fn what_is_given_fills_what_stands_elsewhere_and_nothing_else() {
    let world = world();
    let reference = compose("").replace(CLIENT, "${CLIENT_ID}");
    let given = format!("idp_client_id={CLIENT}");
    let files = [("compose.yaml", reference)];
    assert_eq!(check(&files, &["--replay", &world, "compose.yaml"]).code, 3);
    let filled = check(&files, &["--replay", &world, "compose.yaml", "--given", &given]);
    assert_eq!(filled.failing(), (0, vec![]), "{}", filled.screen);
    assert!(filled.screen.contains("idp_client_id given"), "{}", filled.screen);

    let literal = [("compose.yaml", compose(""))];
    assert_eq!(check(&literal, &["--replay", &world, "compose.yaml", "--given", &given]).code, 0, "the same value");
    for (value, says) in [
        ("idp_client_id=another", "compose.yaml:8"),
        ("idp_client_secret=x", "is a secret"),
        ("idp_clientid=x", "did you mean `idp_client_id`?"),
        ("https://nowhere.example.com:idp_client_id=x", "nothing here reads it"),
        ("pomerium/idp:idp_client_id=x", "nothing here reads it"),
    ] {
        let refused = check(&literal, &["--replay", &world, "compose.yaml", "--given", value]);
        assert_eq!(refused.code, 2, "{value}");
        assert!(refused.screen.contains(says), "{value}: {}", refused.screen);
    }

    // A route's own client, by where the route is from.
    let routes = "authenticate_service_url: https://authenticate.corp.example.com\nidp_provider: cognito\nidp_provider_url: ISSUER\nidp_client_id: CLIENT\nroutes:\n  - { from: https://a.corp.example.com, to: http://a, allow_any_authenticated_user: true, idp_client_id: '${A}' }\n";
    let routes = routes.replace("ISSUER", ISSUER).replace("CLIENT", CLIENT);
    let shown = check(
        &[("c.yaml", routes)],
        &["--offline", "c.yaml", "--given", "https://a.corp.example.com:idp_client_id=5rl3w0t8n2o4c6d9e1g7h8i3v2"],
    );
    assert!(!shown.rules("fail").contains(&"placeholder-left"), "{}", shown.screen);
}

#[test]
fn a_settings_file_gives_no_address() {
    let world = world();
    let files = |given: &str| vec![("pomerium.yaml", resource()), ("pomlint.toml", format!("[given]\n{given}\n"))];
    let id = files(&format!("idp_client_id = \"{CLIENT}\""));
    assert_eq!(check(&id, &["--replay", &world, "pomerium.yaml"]).code, 0);
    let address = check(&files(&format!("idp_provider_url = \"{ISSUER}\"")), &["--replay", &world, "pomerium.yaml"]);
    assert_eq!(address.code, 2);
    assert!(address.screen.contains("only together with --pool"), "{}", address.screen);
    assert_eq!(check(&files("idp_client_secret = \"x\""), &["--replay", &world, "pomerium.yaml"]).code, 2);
}

#[test]
fn routes_of_the_gateway_api_are_read() {
    let gateway = "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: { name: ours }\nspec: { controllerName: pomerium.io/gateway-controller }\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: { name: g, namespace: default }\nspec: { gatewayClassName: ours, listeners: [{ name: https, port: 443, protocol: HTTPS, hostname: '*.corp.example.com' }] }\n";
    let route = |filter: &str| {
        format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{ name: app, namespace: default }}\nspec:\n  parentRefs: [{{ name: g }}]\n  hostnames: [app.corp.example.com, app.other.example.com]\n  rules:\n    - backendRefs: [{{ name: app, port: 80 }}]\n      filters: [{{ type: ExtensionRef, extensionRef: {{ group: gateway.pomerium.io, kind: PolicyFilter, name: {filter} }} }}]\n"
        )
    };
    let filter = |policy: &str| {
        format!(
            "apiVersion: gateway.pomerium.io/v1alpha1\nkind: PolicyFilter\nmetadata: {{ name: p, namespace: default }}\nspec:\n  ppl: |\n    {policy}\n"
        )
    };
    let files = |route: String, filter: String| {
        vec![
            ("pomerium.yaml", resource()),
            ("gateway.yaml", gateway.to_owned()),
            ("route.yaml", route),
            ("filter.yaml", filter),
        ]
    };
    let right = "allow: { and: [{ domain: { is: corp.example.com } }] }";
    let checked = offline(&files(route("p"), filter(right)));
    assert_eq!(checked.failing(), (0, vec![]), "{}", checked.screen);
    for (policy, rule) in [
        ("allow: { and: [{ claim/groups: admins }] }", "claim-never-sent"),
        ("allow: { and: [{ no_such: true }] }", "policy-does-not-compile"),
        ("allow: [", "crd-field-rejected"),
    ] {
        let checked = offline(&files(route("p"), filter(policy)));
        assert_eq!(checked.failing(), (1, vec![rule]), "{policy}: {}", checked.screen);
        assert!(checked.screen.contains("filter.yaml:"), "{policy}: {}", checked.screen);
    }
    // A field that there is not, and a version that is not served: what the route lacks then, it lacks because of that.
    for (written, instead, cure) in [
        ("ppl:", "policy:", "write `ppl` instead of `policy`"),
        ("io/v1alpha1", "io/v1", "apiVersion: gateway.pomerium.io/v1alpha1"),
        ("io/v1alpha1", "io/v1beta1", "apiVersion: gateway.pomerium.io/v1alpha1"),
    ] {
        let checked = offline(&files(route("p"), filter(right).replace(written, instead)));
        assert_eq!(checked.rules("fail"), ["crd-field-rejected"], "{}", checked.screen);
        assert!(checked.screen.contains(cure), "{cure}: {}", checked.screen);
    }
    // Without a policy nobody is let in; the cure is in the words of the resource.
    let checked = offline(&files(route("p"), filter(right).split("spec:").next().unwrap().to_owned() + "spec: {}\n"));
    assert_eq!(checked.rules("fail"), ["route-nobody-can-use"], "{}", checked.screen);
    let cure =
        "say who may in a PolicyFilter that the rule of the HTTPRoute names, e.g. everybody who can log in: ppl: '";
    assert!(checked.screen.contains(cure) && !checked.screen.contains("ingress.pomerium.io/"), "{}", checked.screen);
    // A filter that is not here, and a kind that nobody here knows, are undecided, by kind and name.
    let absent = offline(&files(route("q"), filter(right)));
    assert_eq!(absent.failing(), (3, vec![]));
    assert!(absent.screen.contains("PolicyFilter default/q"), "{}", absent.screen);
    // Of the other settings all is known.
    assert!(!absent.rules("undecided").contains(&"unknown-key") && absent.screen.contains("name its file"));
    let unknown = filter(right).replace("PolicyFilter", "SessionFilter");
    for files in [files(route("p"), filter(right) + "---\n" + &unknown), vec![("filter.yaml", unknown.clone())]] {
        let checked = offline(&files);
        assert_eq!(checked.failing(), (3, vec![]));
        assert!(checked.screen.contains("SessionFilter default/p"), "{}", checked.screen);
    }
    // A route of somebody else's gateway is none of ours.
    let foreign = gateway.replace("pomerium.io/gateway-controller", "example.com/controller");
    let text = route("p").split("      filters").next().unwrap().to_owned();
    let checked = offline(&[("pomerium.yaml", resource()), ("gateway.yaml", foreign), ("route.yaml", text)]);
    assert_eq!(checked.failing(), (0, vec![]), "{}", checked.screen);
}

#[test]
fn a_file_of_another_program_is_no_pass() {
    for (name, text) in [
        ("Cargo.toml", "[package]\nname = \"x\"\n"),
        ("app.toml", "debug = true\naddress = \"x\"\n"),
        ("package.json", "{\"name\": \"x\", \"version\": \"1.0.0\"}"),
        ("web.env", "PORT=8080\nLOG_LEVEL=info\n"),
    ] {
        let checked = check(&[(name, text.to_owned())], &["--offline", name]);
        assert_eq!((checked.code, checked.rules("pass")), (3, vec![]), "{name}");
    }
    for (name, text) in [
        ("p.toml", "idp_provider = \"google\"\n"),
        ("p.env", "IDP_PROVIDER=google\n"),
        ("q.env", "POMERIUM_IDP_PROVIDER=google\n"),
    ] {
        assert_ne!(check(&[(name, text.to_owned())], &["--offline", name]).code, 3, "{name}");
    }
}

#[test]
fn a_broken_file_in_a_folder_is_a_finding_if_it_speaks_of_pomerium() {
    let config = ("config.yaml", crate::support::healthy());
    let broken = |name: &'static str, text: &str| offline(&[config.clone(), (name, text.to_owned())]);
    for (name, text) in [
        ("values.yaml", "authenticate:\n  idp:\n    clientID:\u{201d}x\u{201d}\n    url: https://x\n"),
        ("pomerium-values.yaml", "a: [1\n"),
        ("other.yaml", "a:\n  idp_client_id: [x\n"),
        ("p.json", "{\"spec\": {\"idp_provider\": \"cognito\""),
        ("deploy.yaml", "image: pomerium/pomerium\n  env: [\n"),
        ("p.toml", "idp_provider = \n"),
        ("web.yaml", "routes:\n  - from: \"https://app.corp.example.com\"\n    to: http://app\n    policy: [\n"),
    ] {
        let checked = broken(name, text);
        assert_eq!(checked.failing(), (1, vec!["config-syntax-error"]), "{name}: {}", checked.screen);
    }
    for (name, text) in [
        ("colours.yaml", "red: [1, 2\n"),
        ("mail.yaml", "from: a@example.com\nto: b@example.com\nbody: [\n"),
        ("templates/deploy.yaml", "a: {{ .Values.pomerium }}\n{{- if x }}\nb: c\n"),
        ("x.toml", "a = \n"),
    ] {
        let checked = broken(name, text);
        assert_eq!(checked.failing(), (0, vec![]), "{name}: {}", checked.screen);
    }
}

#[test]
fn an_entry_without_a_name_is_pointed_at_and_not_repeated() {
    let text = "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n    environment:\n      - ".to_owned()
        + COOKIE
        + "\n";
    let checked = check(&[("compose.yaml", text)], &["--offline", "compose.yaml"]);
    assert!(checked.rules("fail").contains(&"wrong-environment-name"), "{}", checked.screen);
    assert!(
        checked.screen.contains("compose.yaml:5") && checked.screen.contains("COOKIE_SECRET"),
        "{}",
        checked.screen
    );
    assert!(
        !checked.screen.contains(COOKIE.trim_end_matches('=')) && !checked.report.to_string().contains(&COOKIE[..20])
    );
    let pod = DEPLOYMENT.split("          envFrom").next().unwrap().to_owned() + "          env: [{ value: x }]\n";
    let checked = offline(&[("deploy.yaml", pod)]);
    assert!(checked.rules("fail").contains(&"crd-field-rejected"), "{}", checked.screen);
}

#[test]
fn a_file_has_one_fingerprint_however_its_path_is_typed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    std::fs::write(folder.path().join("config.yaml"), crate::support::healthy().replace(ISSUER, &format!("{ISSUER}/")))
        .unwrap();
    let fingerprint = |from: &Path, path: &str| {
        let ran = Pomlint::new(["check", "--offline", "--format", "gitlab", path]).in_folder(from).run();
        let findings: Value = serde_json::from_str(&ran.stdout).unwrap();
        findings[0]["fingerprint"].as_str().unwrap().to_owned()
    };
    let own = fingerprint(folder.path(), "config.yaml");
    let whole = folder.path().join("config.yaml").display().to_string();
    for path in ["./config.yaml", "sub/../config.yaml", whole.as_str()] {
        assert_eq!(fingerprint(folder.path(), path), own, "{path}");
    }
    let below = folder.path().join("sub");
    assert_eq!(fingerprint(&below, "../config.yaml"), fingerprint(&below, &whole));
}

#[test]
fn a_cure_is_in_the_words_of_the_form() {
    let typed = resource().replace("    url: ", "    providerUrl: ");
    let checked = offline(&[("pomerium.yaml", typed)]);
    assert!(checked.screen.contains("write `url` instead of `providerUrl`"), "{}", checked.screen);
    assert!(!checked.screen.contains("idp_provider_url: https"), "{}", checked.screen);
    let values = format!(
        "image: {{ tag: v0.28.0 }}\nconfig:\n  rootDomain: corp.example.com\nauthenticate:\n  idp:\n    provider: cognito\n    issuer: {ISSUER}\n    clientID: {CLIENT}\n    clientSecret: {SECRET}\n"
    );
    let checked = offline(&[("values.yaml", values.clone())]);
    // What is missing because of the key is no finding of its own.
    assert_eq!(checked.failing(), (1, vec!["form-field-unknown"]), "{}", checked.screen);
    assert!(checked.screen.contains("authenticate.idp.url"));
    let turned =
        values.replace("  idp:", "  ipd:").replace("  rootDomain", &format!("  sharedSecret: {SHARED}\n  rootDomain"));
    let checked = check(&[("values.yaml", turned)], &["--offline", "values.yaml"]);
    assert!(checked.rules("fail").contains(&"form-field-unknown"), "{}", checked.screen);
    let slash = check(
        &[("values.yaml", values.replace("issuer: ", "url: ").replace(ISSUER, &format!("{ISSUER}/")))],
        &["--offline", "values.yaml"],
    );
    assert!(slash.screen.contains(&format!("url: {ISSUER} # below authenticate.idp")), "{}", slash.screen);
    let compose = compose("").replace(ISSUER, &format!("{ISSUER}/"));
    let checked = offline(&[("compose.yaml", compose)]);
    assert!(checked.screen.contains(&format!("IDP_PROVIDER_URL: {ISSUER}")), "{}", checked.screen);
}
