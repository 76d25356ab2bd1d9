//! Pods as the kubelet starts them: the words of their commands, what is mounted over what, and what is lacking.

use super::{Cluster, FORBIDDEN, OFFLINE, VARIABLES, config_maps, in_one_line, split};
use crate::support::healthy;

/// A Deployment of a Pomerium whose container and pod have this, each a line.
fn pomerium(name: &str, container: &[&str], pod: &[&str]) -> String {
    let lines = |margin: usize, lines: &[&str]| {
        lines.iter().map(|line| format!("{}{line}\n", " ".repeat(margin))).collect::<String>()
    };
    format!(
        "- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {{name: {name}, namespace: pomerium}}\n  spec:\n    template:\n      spec:\n        containers:\n        - name: pomerium\n          image: pomerium/pomerium:v0.33.1\n{}{}",
        lines(10, container),
        lines(8, pod)
    )
}

fn list(objects: &[String]) -> String {
    format!("apiVersion: v1\nkind: List\nitems:\n{}", objects.concat())
}

const KEYS: &str = "envFrom: [{secretRef: {name: keys}}]";
const MOUNT: &str = "volumeMounts: [{name: c, mountPath: /pomerium}]";

/// A namespace with a healthy configuration `good`, a `bad` one, and the Secret `keys`.
fn namespace() -> Cluster {
    let (text, keys) = split(VARIABLES);
    let cluster = Cluster::new(&text);
    cluster.has("secrets", &keys);
    let bad = text.replace("idp_provider: cognito", "idp_provider: Cognito");
    cluster.has("configmaps", &config_maps(&[("good", &text), ("bad", &bad), ("ca", "ca: x")]));
    cluster
}

/// What is said of a Pomerium with this.
fn said(cluster: &Cluster, container: &[&str], pod: &[&str]) -> (i32, String) {
    cluster.has("deployments.apps", &list(&[pomerium("pomerium", container, pod)]));
    let ran = cluster.run(&OFFLINE);
    (ran.code, in_one_line(&format!("{}{}", ran.stdout, ran.stderr)))
}

#[test]
fn what_starts_a_container_says_which_file_is_read_and_what_is_not_known() {
    let cluster = namespace();
    let of = |name: &str| format!("volumes: [{{name: c, configMap: {{name: {name}}}}}]");
    for (command, healthy) in [
        ("command: [sh, -c, 'exec /bin/pomerium -config /pomerium/config.yaml']", 0),
        ("{command: [/bin/sh, -c], args: ['pomerium --config=/pomerium/config.yaml']}", 0),
        ("command: [dumb-init, --, pomerium, -config, /pomerium/config.yaml]", 0),
        ("command: [bash, -ec, '. /vault/env && exec pomerium -config /pomerium/config.yaml']", 3),
        ("command: [/entry.sh]", 3),
        ("args: ['--config=$(FOLDER)/config.yaml']", 0),
    ] {
        let command = command.trim_matches(['{', '}']).replace(", args", "\n          args");
        let env = "env: [{name: FOLDER, value: /pomerium}]";
        let (code, words) = said(&cluster, &[&command, KEYS, MOUNT, env], &[&of("good")]);
        assert_eq!(code, healthy, "{command}: {words}");
        let (code, words) = said(&cluster, &[&command, KEYS, MOUNT, env], &[&of("bad")]);
        assert!(code == 1 && words.contains("provider-unknown"), "{command}: {words}");
        // Whatever a script sets is not missing.
        let (code, words) = said(&cluster, &[&command, MOUNT, env], &[&of("good")]);
        assert_eq!(code, if healthy == 3 { 3 } else { 0 }, "{command}: {words}");
        assert_eq!(words.contains("warning[secret-not-fixed]"), healthy == 0, "{command}: {words}");
    }
    // A path that only the cluster knows.
    let (code, words) = said(
        &cluster,
        &[
            "args: ['--config=/$(POD)/config.yaml']",
            KEYS,
            MOUNT,
            "env: [{name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]",
        ],
        &[&of("good")],
    );
    assert_eq!(code, 3, "{words}");
}

#[test]
fn what_is_mounted_deeper_hides_what_is_above_it() {
    let cluster = namespace();
    let volumes = "volumes: [{name: g, configMap: {name: good}}, {name: b, configMap: {name: bad}}]";
    let outer = |name: &str| format!("{{name: {name}, mountPath: /pomerium}}");
    let inner = |name: &str| format!("{{name: {name}, mountPath: /pomerium/config.yaml, subPath: config.yaml}}");
    for (all, expected) in [
        ([outer("g"), inner("b")], 1),
        ([inner("b"), outer("g")], 1),
        ([outer("b"), inner("g")], 0),
        ([inner("g"), outer("b")], 0),
    ] {
        let mounts = format!("volumeMounts: [{}]", all.join(", "));
        let (code, words) = said(&cluster, &[KEYS, &mounts], &[volumes]);
        assert_eq!(code, expected, "{mounts}: {words}");
    }
    // Of two sources with the same file, the later one has it.
    for (names, expected) in [(["good", "bad"], 1), (["bad", "good"], 0)] {
        let sources = names.map(|name| format!("{{configMap: {{name: {name}}}}}")).join(", ");
        let (code, words) =
            said(&cluster, &[KEYS, MOUNT], &[&format!("volumes: [{{name: c, projected: {{sources: [{sources}]}}}}]")]);
        assert_eq!(code, expected, "{sources}: {words}");
    }
    let expression = "volumeMounts: [{name: c, mountPath: /pomerium, subPathExpr: $(PART)}]";
    let items = "volumes: [{name: c, configMap: {name: good, items: [{key: config.yaml, path: a/config.yaml}]}}]";
    for (value, expected) in [("value: a", 0), ("valueFrom: {fieldRef: {fieldPath: metadata.name}}", 3)] {
        let env = format!("env: [{{name: PART, {value}}}]");
        let (code, words) = said(&cluster, &[KEYS, expression, &env], &[items]);
        assert_eq!(code, expected, "{value}: {words}");
    }
}

#[test]
fn what_another_container_writes_is_not_known_and_an_empty_folder_is_empty() {
    let cluster = namespace();
    let volume = "volumes: [{name: c, emptyDir: {}}]";
    let render = "initContainers: [{name: render, image: alpine, volumeMounts: [{name: c, mountPath: /out}]}]";
    let (code, words) = said(&cluster, &[KEYS, MOUNT], &[volume, render]);
    assert_eq!(code, 3, "{words}");
    let (code, words) = said(&cluster, &[KEYS, MOUNT], &[volume]);
    assert!(code == 1 && words.contains("authenticate-url-missing"), "{words}");
}

#[test]
fn a_pod_starts_only_with_all_that_its_containers_are_given() {
    let cluster = namespace();
    let volumes = |more: &str| format!("volumes: [{{name: c, configMap: {{name: good}}}}, {{name: v, {more}}}]");
    let tls = "volumeMounts: [{name: c, mountPath: /pomerium}, {name: v, mountPath: /tls}]";
    let side = |at: &str| format!("{at}: [{{name: side, image: nginx, volumeMounts: [{{name: v, mountPath: /x}}]}}]");
    for (volume, told) in [
        ("configMap: {name: ca, items: [{key: config.yaml, path: ca.crt}]}", ""),
        ("configMap: {name: ca, items: [{key: ca.crt, path: ca.crt}]}", "references non-existent config key: ca.crt"),
        ("configMap: {name: ca, optional: true, items: [{key: ca.crt, path: ca.crt}]}", ""),
        ("secret: {secretName: keys, items: [{key: tls.crt, path: x}]}", "references non-existent secret key: tls.crt"),
        (
            "projected: {sources: [{secret: {name: keys, items: [{key: y, path: x}]}}]}",
            "references non-existent secret key: y",
        ),
        ("secret: {secretName: absent}", "secret \"absent\" not found"),
        ("secret: {secretName: absent, optional: true}", ""),
    ] {
        let mounted = [
            said(&cluster, &[KEYS, tls], &[&volumes(volume)]),
            said(&cluster, &[KEYS, MOUNT], &[&volumes(volume), &side("initContainers")]),
        ];
        for (code, words) in mounted {
            assert!(code == i32::from(!told.is_empty()) && words.contains(told), "{volume}: {words}");
        }
        // A volume that nobody mounts is not waited for.
        let (code, words) = said(&cluster, &[KEYS, MOUNT], &[&volumes(volume)]);
        assert_eq!(code, 0, "{volume}: {words}");
    }
    let env = "initContainers: [{name: init, image: busybox, env: [{name: A, valueFrom: {secretKeyRef: {name: absent, key: x}}}]}]";
    let config = "volumes: [{name: c, configMap: {name: good}}]";
    let (code, words) = said(&cluster, &[KEYS, MOUNT], &[config, env]);
    assert!(code == 1 && words.contains("secret \"absent\" not found"), "{words}");
    // The file itself, by a key that is not there: it is not merely unset.
    let items = "volumes: [{name: c, configMap: {name: good, items: [{key: nope, path: config.yaml}]}}]";
    let (code, words) = said(&cluster, &[KEYS, MOUNT], &[items]);
    assert!(code == 1 && words.contains("non-existent config key: nope"), "{words}");
    assert!(!words.contains("authenticate-url-missing"), "{words}");
}

#[test]
fn what_is_scaled_to_nothing_is_not_judged_beside_what_runs() {
    let cluster = namespace();
    let of = |name: &str, config: &str, replicas: u8| {
        let all = pomerium(name, &[KEYS, MOUNT], &[&format!("volumes: [{{name: c, configMap: {{name: {config}}}}}]")]);
        all.replace("  spec:\n    template", &format!("  spec:\n    replicas: {replicas}\n    template"))
    };
    for (old, expected) in [(0, 0), (1, 1)] {
        cluster.has("deployments.apps", &list(&[of("pomerium", "good", 1), of("old", "bad", old)]));
        let ran = cluster.run(&OFFLINE);
        assert_eq!(ran.code, expected, "{old}: {}{}", ran.stdout, ran.stderr);
    }
    // Where nothing runs, it is what somebody is about to start.
    cluster.has("deployments.apps", &list(&[of("pomerium", "bad", 0)]));
    let ran = cluster.run(&OFFLINE);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn what_a_pod_is_not_given_is_set_nowhere() {
    let cluster = namespace();
    let (code, words) = said(&cluster, &[MOUNT], &["volumes: [{name: c, configMap: {name: good}}]"]);
    assert!(code == 0 && words.contains("neither in the file nor in the environment"), "{words}");
    assert!(!words.contains("--env"), "{words}");
}

#[test]
fn secrets_of_others_are_denied_as_ever() {
    let cluster = Cluster::new(&healthy());
    cluster.denies("secrets", FORBIDDEN);
    let (code, words) =
        said(&cluster, &["command: [/entry.sh]", KEYS, MOUNT], &["volumes: [{name: c, secret: {secretName: c}}]"]);
    assert_eq!(code, 3, "{words}");
}

/// Argo's Rollout and the like are no kind that is asked for; their pods are.
#[test]
fn pods_that_nothing_else_shows_are_judged() {
    let cluster = namespace();
    let of = |name: &str| format!("volumes: [{{name: c, configMap: {{name: {name}}}}}]");
    cluster.has("deployments.apps", &list(&[pomerium("pomerium", &[KEYS, MOUNT], &[&of("good")])]));
    let pod = |name: &str, metadata: &str, config: &str| {
        format!(
            "- apiVersion: v1\n  kind: Pod\n  metadata: {{name: {name}, namespace: pomerium{metadata}}}\n  spec:\n    containers:\n    - name: pomerium\n      image: pomerium/pomerium:v0.33.1\n      {KEYS}\n      {MOUNT}\n    {}\n",
            of(config)
        )
    };
    let owned = |owner: &str, hash: &str| {
        format!(
            ", labels: {{pod-template-hash: '{hash}'}}, ownerReferences: [{{kind: ReplicaSet, name: {owner}, controller: true}}]"
        )
    };
    for (pods, code) in [
        (vec![pod("p", &owned("pomerium-5d4f", "5d4f"), "bad")], 0),
        (vec![pod("p", &owned("canary-5d4f", "5d4f"), "bad")], 1),
        (vec![pod("p", "", "bad")], 1),
        (vec![pod("p", &owned("canary-1", "1"), "good"), pod("q", &owned("canary-1", "1"), "good")], 0),
    ] {
        cluster.has("pods", &list(&pods));
        let ran = cluster.run(&OFFLINE);
        assert_eq!(ran.code, code, "{pods:?}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.stdout.matches("error[provider-unknown]").count(), usize::from(code == 1), "{}", ran.stdout);
    }
    // Where nobody sees them, a configuration that no workload uses may be theirs.
    cluster.denies("pods", &FORBIDDEN.replace("secrets", "pods"));
    let ran = cluster.run(&OFFLINE);
    assert!(ran.code == 1 && ran.stdout.contains("error[provider-unknown]"), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("kubectl auth can-i list pods"), "{}", ran.stderr);
}
