//! The whole binary on files that are laid over one another, on values that a tool fills in, and on what is made of a base.

use crate::elsewhere::{check, variables};

const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";

fn values(issuer: &str) -> String {
    format!(
        "image: {{ tag: v0.33.1 }}\nauthenticate:\n  idp:\n    provider: cognito\n    url: {issuer}\n    \
         clientID: 4qk2v9s7m1n3b5c8d0f6g7h2u1\n    clientSecret: 1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u\n\
         config: {{ rootDomain: corp.example.com }}\n"
    )
}

fn issuer_alone(issuer: &str) -> String {
    format!("authenticate: {{ idp: {{ url: '{issuer}' }} }}\n")
}

#[test]
fn values_of_a_chart_are_laid_over_one_another() {
    let files = [
        ("base.yaml", values("https://cognito-idp.eu-west-1.amazonaws.com/REPLACED")),
        ("prod.yaml", issuer_alone(ISSUER)),
        ("dev.yaml", issuer_alone("https://cognito-idp.eu-west-1.amazonaws.com/dev/")),
        ("whole.yaml", values(ISSUER)),
        ("tag.yaml", "image: { tag: v0.22.0 }\n".to_owned()),
    ];
    for (named, code, reports) in [
        (&["base.yaml", "prod.yaml"][..], 0, &["base.yaml + prod.yaml"][..]),
        // A part of the values that alone could be anybody's.
        (&["whole.yaml", "tag.yaml"], 1, &["whole.yaml + tag.yaml"]),
        // Neither of two that say the same hides the other.
        (&["base.yaml", "dev.yaml", "prod.yaml"], 1, &["base.yaml + dev.yaml", "base.yaml + prod.yaml"]),
        // What stands alone is a deployment of its own.
        (&["base.yaml", "whole.yaml"], 1, &["base.yaml", "whole.yaml"]),
    ] {
        let checked = check(&files, &[&["--offline"], named].concat());
        let paths: Vec<&str> = checked.report["reports"]
            .as_array()
            .unwrap()
            .iter()
            .map(|report| report["config"]["path"].as_str().unwrap())
            .collect();
        assert_eq!((checked.code, paths.as_slice()), (code, reports), "{named:?}: {}", checked.screen);
    }
}

#[test]
fn values_that_a_kustomization_gives_to_a_chart_are_read() {
    let indented: String = values(&format!("{ISSUER}/")).lines().map(|line| format!("      {line}\n")).collect();
    let text = format!("helmCharts:\n  - name: pomerium\n    releaseName: pomerium\n    valuesInline:\n{indented}");
    let files = [("kustomization.yaml", text)];
    for named in [".", "kustomization.yaml"] {
        let checked = check(&files, &["--offline", named]);
        assert_eq!(checked.failing(), (1, vec!["issuer-has-trailing-slash"]), "{named}: {}", checked.screen);
    }
}

#[test]
fn compose_files_are_laid_over_one_another() {
    let whole = format!(
        "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n    environment:\n{}",
        variables("      NAME: VALUE\n", &["IDP_PROVIDER_URL"])
    );
    let base = format!("{whole}      IDP_PROVIDER_URL: {ISSUER}/\n");
    let above = format!("services:\n  pomerium:\n    environment: [IDP_PROVIDER_URL={ISSUER}]\n");
    let files = [("compose.yaml", base.clone()), ("prod.yaml", above), ("other.yaml", base)];
    assert_eq!(check(&files, &["--offline", "compose.yaml", "prod.yaml"]).failing(), (0, vec![]));
    assert_eq!(check(&files, &["--offline", "compose.yaml", "other.yaml"]).code, 1);
}

#[test]
fn what_a_tool_takes_from_a_secret_store_is_declined() {
    for store in [
        "ref+vault://kv/pomerium#/secret",
        "op://prod/pomerium/secret",
        "<path:kv/data/pomerium#secret>",
        "vault:secret/data/pomerium#secret",
        "ENC[AES256_GCM,data:YWJj,iv:YWJj,tag:YWJj,type:str]",
    ] {
        let text = crate::support::healthy();
        let secrets = ["idp_client_secret", "shared_secret", "cookie_secret"];
        let others = text.lines().filter(|line| !secrets.iter().any(|secret| line.starts_with(secret)));
        let mut text: String = others.map(|line| format!("{line}\n")).collect();
        for secret in secrets {
            text.push_str(&format!("{secret}: '{store}'\n"));
        }
        text.push_str(&format!("cookie_expire: '{store}'\n"));
        let checked = check(&[("c.yaml", text)], &["--offline", "c.yaml"]);
        assert_eq!(checked.failing(), (0, vec![]), "{store}: {}", checked.screen);
        assert!(checked.screen.contains("filled in elsewhere"), "{}", checked.screen);
    }
}

#[test]
fn a_secret_that_is_not_set_is_declined_where_variables_are_filled_in() {
    let text = crate::support::healthy();
    let open = |option: &str| {
        let line = text.lines().find(|line| line.starts_with(option)).unwrap();
        text.replacen(line, &format!("{option}: ${{POMLINT_TEST_UNSET}}"), 1)
    };
    let secret = [("c.yaml", open("idp_client_secret"))];
    assert_eq!(check(&secret, &["--offline", "c.yaml"]).failing(), (1, vec!["placeholder-left"]));
    assert_eq!(check(&secret, &["--offline", "--expand-env", "c.yaml"]).failing(), (0, vec![]));
    // What is no secret can be given.
    let id = [("c.yaml", open("idp_client_id"))];
    assert_eq!(check(&id, &["--offline", "--expand-env", "c.yaml"]).code, 3);
    let given = ["--offline", "--expand-env", "--given", "idp_client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1", "c.yaml"];
    assert_eq!(check(&id, &given).failing(), (0, vec![]));
}

#[test]
fn an_emulator_is_undecided_and_no_mistake() {
    let word = crate::support::healthy().replace(ISSUER, "cognito");
    assert_eq!(check(&[("c.yaml", word)], &["--offline", "c.yaml"]).failing(), (1, vec!["issuer-malformed"]));
    for issuer in ["http://localhost:9229/local_2abc", "http://cognito-local:9229/local_2abc"] {
        let text = crate::support::healthy().replace(ISSUER, issuer);
        let checked = check(&[("c.yaml", text)], &["c.yaml"]);
        assert_eq!(checked.failing(), (3, vec![]), "{issuer}: {}", checked.screen);
    }
}

const POD: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: pomerium }\nspec:\n  template:\n    spec:\n      containers:\n        - name: pomerium\n";

fn patch(issuer: &str) -> String {
    format!("{POD}          env:\n            - {{ name: IDP_PROVIDER_URL, value: '{issuer}' }}\n")
}

fn base() -> Vec<(&'static str, String)> {
    let pod = format!(
        "{POD}          image: pomerium/pomerium:v0.33.1\n          env:\n{}            - {{ name: IDP_PROVIDER_URL, value: 'https://PATCHED' }}\n",
        variables("            - { name: NAME, value: 'VALUE' }\n", &["IDP_PROVIDER_URL"])
    );
    let overlay = "resources: [../base]\npatches: [{ path: env.yaml }]\n".to_owned();
    vec![
        ("base/pod.yaml", pod),
        ("base/kustomization.yaml", "resources: [pod.yaml]\n".to_owned()),
        ("prod/kustomization.yaml", overlay),
        ("prod/env.yaml", patch(ISSUER)),
    ]
}

#[test]
fn a_base_is_judged_with_the_patch_of_its_only_overlay() {
    let mut files = base();
    let checked = check(&files, &["--offline", "."]);
    assert_eq!(checked.failing(), (0, vec![]), "{}", checked.screen);
    files.push(("dev/kustomization.yaml", files[2].1.clone()));
    files.push(("dev/env.yaml", patch("https://cognito-idp.eu-west-1.amazonaws.com/dev")));
    // Of two overlays nobody knows which is meant.
    let checked = check(&files, &["--offline", "."]);
    assert!(checked.screen.contains("the patch"), "{}", checked.screen);
}

/// The base with this kustomization of an overlay and its files.
fn overlaid(kustomization: &str, files: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    let mut all = base();
    all.truncate(2);
    all.push(("prod/kustomization.yaml", format!("resources: [../base]\n{kustomization}")));
    all.extend_from_slice(files);
    all
}

/// The variable of the base that is wrong, as an operation that corrects it.
fn operation(path: &str, value: &str) -> String {
    format!("- {{ op: replace, path: {path}, value: '{value}' }}\n")
}

const VALUE: &str = "/spec/template/spec/containers/0/env/6/value";

#[test]
fn a_base_is_judged_with_the_operations_of_its_overlay() {
    let good = operation(VALUE, ISSUER);
    let inline = format!("    patch: |-\n      {good}");
    let target = "{ group: apps, version: v1, kind: Deployment, name: pomerium }";
    for kustomization in [
        format!("patches:\n  - target: {target}\n{inline}"),
        format!("patchesJson6902:\n  - target: {target}\n{inline}"),
        format!("patches:\n  - {{ path: ops.yaml, target: {target} }}\n"),
        format!("patchesJson6902:\n  - {{ path: ops.yaml, target: {target} }}\n"),
    ] {
        let files = overlaid(&kustomization, &[("prod/ops.yaml", good.clone())]);
        // Whatever is named first.
        for order in [["."].as_slice(), &["prod", "base"], &["base", "prod"]] {
            let checked = check(&files, &[&["--offline"], order].concat());
            assert_eq!(checked.failing(), (0, vec![]), "{kustomization} {order:?}: {}", checked.screen);
        }
        // A fault that an operation brings is found where it is written.
        let bad = overlaid(
            &kustomization.replace(ISSUER, &format!("{ISSUER}/")),
            &[("prod/ops.yaml", operation(VALUE, &format!("{ISSUER}/")))],
        );
        let checked = check(&bad, &["--offline", "."]);
        assert_eq!(checked.failing(), (1, vec!["issuer-has-trailing-slash"]), "{}", checked.screen);
        assert!(checked.screen.contains("prod/"), "{}", checked.screen);
    }
}

#[test]
fn a_patch_that_cannot_be_applied_is_undecided_by_name() {
    let entry = |target: &str| format!("patches:\n  - {{ path: ops.yaml, target: {{ {target} }} }}\n");
    let good = operation(VALUE, ISSUER);
    for (target, operations) in [
        ("kind: Deployment, name: pomerium", operation("/spec/template/spec/containers/1/env/0/value", ISSUER)),
        ("kind: Deployment, name: pomerium", good.replace("replace", "exchange")),
        ("kind: Deployment, labelSelector: app=pomerium", good.clone()),
        ("kind: Deploy.*", good.clone()),
        // The Pomerium that it changes is not here.
        ("kind: Deployment, name: other", operation("/spec/template/spec/containers/0/env", "IDP_PROVIDER_URL")),
    ] {
        let checked = check(&overlaid(&entry(target), &[("prod/ops.yaml", operations.clone())]), &["--offline", "."]);
        assert_ne!(checked.code, 0, "{target} {operations}: {}", checked.screen);
        let name = if target.contains("other") { "prod/kustomization.yaml" } else { "the patch prod/ops.yaml" };
        assert!(checked.screen.contains(name), "{target} {operations}: {}", checked.screen);
    }
}

#[test]
fn what_a_kustomization_fills_in_is_known_to_nobody() {
    let target = "targets:\n      - select: { kind: Deployment, name: pomerium }\n        fieldPaths: ['spec.template.spec.containers.[name=pomerium].env.[name=IDP_PROVIDER_URL].value']\n";
    let entry = format!("source: {{ kind: ConfigMap, name: urls, fieldPath: data.issuer }}\n    {target}");
    let variable = |name: &str| {
        let mut files = overlaid("vars: [{ name: ISSUER, objref: { kind: ConfigMap, name: urls } }]\n", &[]);
        files[0].1 = files[0].1.replace("https://PATCHED", &format!("$({name})"));
        files
    };
    for files in [
        overlaid(&format!("replacements:\n  - {entry}"), &[]),
        overlaid(
            "replacements: [{ path: urls.yaml }]\n",
            &[("prod/urls.yaml", format!("- {}", entry.replace("\n    ", "\n  ")))],
        ),
        overlaid("replacements: [{ path: urls.yaml }]\n", &[("prod/urls.yaml", entry.replace("\n    ", "\n"))]),
        variable("ISSUER"),
    ] {
        let checked = check(&files, &["--offline", "."]);
        assert_eq!(checked.failing(), (3, vec![]), "{}", checked.screen);
        assert!(checked.screen.contains("prod/"), "{}", checked.screen);
    }
    // What nothing fills in is what it says.
    assert!(!check(&variable("OTHER"), &["--offline", "."]).screen.contains("prod/"));
    // What cannot be filled here is told by name.
    for entry in [
        entry.replace(".value", ".val"),
        entry.replace("kind: Deployment, name: pomerium", "kind: Deployment, labelSelector: app=a"),
        entry.replace("name=IDP_PROVIDER_URL", "name=ANOTHER"),
    ] {
        let checked = check(&overlaid(&format!("replacements:\n  - {entry}"), &[]), &["--offline", "."]);
        assert_eq!(checked.failing(), (3, vec![]), "{}", checked.screen);
        assert!(checked.screen.contains("replacements in prod/kustomization.yaml"), "{}", checked.screen);
    }
    let plugin = ("prod/plugin.yaml", "apiVersion: example.com/v1\nkind: Anything\nmetadata: { name: a }\n".to_owned());
    let good = operation(VALUE, ISSUER);
    let patched = "patches:\n  - { path: ops.yaml, target: { kind: Deployment } }\ntransformers: [plugin.yaml]\n";
    let mut files = overlaid(patched, &[("prod/ops.yaml", good), plugin]);
    let checked = check(&files, &["--offline", "."]);
    assert!(checked.code == 3 && checked.screen.contains("transformers in prod"), "{}", checked.screen);
    files[4].1 = files[4].1.replace("Anything", "LabelTransformer");
    assert_eq!(check(&files, &["--offline", "."]).failing(), (0, vec![]));
}

#[test]
fn the_replicas_of_an_overlay_count() {
    let ops = operation(VALUE, ISSUER);
    let kustomization =
        "patches:\n  - { path: ops.yaml, target: { kind: Deployment } }\nreplicas: [{ name: pomerium, count: 1 }]\n";
    let mut files = overlaid(kustomization, &[("prod/ops.yaml", ops)]);
    files[0].1 = files[0].1.replace("spec:\n  template:", "spec:\n  replicas: 3\n  template:");
    assert_eq!(check(&files, &["--offline", "."]).failing(), (0, vec![]));
    files[2].1 = files[2].1.replace("count: 1", "count: 2");
    assert_eq!(check(&files, &["--offline", "."]).failing().1, ["databroker-not-shared"]);
}

#[test]
fn a_patch_is_of_what_its_kustomization_takes_up() {
    // Another Pomerium of the same name, which no overlay has to do with.
    let good = operation(VALUE, ISSUER);
    let kustomization = "patches:\n  - { path: ops.yaml, target: { kind: Deployment } }\n";
    let mut files = overlaid(kustomization, &[("prod/ops.yaml", good)]);
    files.push(("another/pod.yaml", files[0].1.replace("https://PATCHED", &format!("{ISSUER}/"))));
    let checked = check(&files, &["--offline", "."]);
    assert_eq!(checked.failing(), (1, vec!["issuer-has-trailing-slash"]), "{}", checked.screen);
    // Overlays of overlays are laid in their order.
    let mut files = overlaid(kustomization, &[("prod/ops.yaml", operation(VALUE, &format!("{ISSUER}/")))]);
    files.push(("eu/kustomization.yaml", format!("resources: [../prod]\n{kustomization}")));
    files.push(("eu/ops.yaml", operation(VALUE, ISSUER)));
    let checked = check(&files, &["--offline", "."]);
    assert_eq!(checked.failing(), (0, vec![]), "{}", checked.screen);
    // A component changes what the overlay takes up.
    let mut files = overlaid("components: [../component]\n", &[]);
    files.push(("component/kustomization.yaml", format!("kind: Component\n{kustomization}")));
    files.push(("component/ops.yaml", operation(VALUE, ISSUER)));
    let checked = check(&files, &["--offline", "."]);
    assert_eq!(checked.failing(), (0, vec![]), "{}", checked.screen);
    // The tag of an image is the release.
    let images = "images: [{ name: pomerium/pomerium, newTag: v0.22.0 }]\npatches:\n  - { path: ops.yaml, target: { kind: Deployment } }\n";
    let checked = check(&overlaid(images, &[("prod/ops.yaml", operation(VALUE, ISSUER))]), &["--offline", "."]);
    assert_eq!(checked.failing(), (1, vec!["provider-unknown"]), "{}", checked.screen);
}

#[test]
fn a_secret_that_a_pod_reads_is_not_passed_over() {
    let pod = format!(
        "{POD}          image: pomerium/pomerium:v0.33.1\n          env:\n{}            - {{ name: IDP_CLIENT_SECRET, valueFrom: {{ secretKeyRef: {{ name: s, key: k }} }} }}\n",
        variables("            - { name: NAME, value: 'VALUE' }\n", &["IDP_CLIENT_SECRET"])
    );
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData: { k: 1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u }\n";
    let checked = check(&[("pod.yaml", pod), ("secret.yaml", secret.to_owned())], &["--offline", "."]);
    assert_eq!(checked.code, 0, "{}", checked.screen);
    assert!(!checked.screen.contains("passed over"), "{}", checked.screen);
}
