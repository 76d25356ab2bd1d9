//! Cures in each form and release: a change cures and brings nothing else, a line is in the words of its form, and what a report
//! tells its reader to try works.

use std::collections::BTreeSet;

use pomlint::config::{Dialect, PomeriumVersion, RawFile};
use pomlint::fix::SAFE;
use pomlint::rules::{Finding, RULES};

use super::{failing, objection, ways, written};
use crate::pages::{Around, edited, findings_of, run};
use crate::support::pool::Pool;
use crate::support::{Pomlint, healthy};

pub(super) const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
pub(super) const CLIENT: &str = "4qk2v9s7m1n3b5c8d0f6g7h2u1";
pub(super) const SECRET: &str = "1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u";
const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// Releases on both sides of what the forms learnt.
const RELEASES: [&str; 4] = ["v0.22.2", "v0.23.0", "v0.32.0", "v0.33.1"];

/// What people write for the provider of a user pool.
const PROVIDERS: [&str; 6] = ["cognito", "oidc", "Oidc", "Cognito", "aws-cognito", "gogle"];

/// The same configuration in each form; `PROVIDER` stands for the provider.
fn forms() -> Vec<(&'static str, String)> {
    let variables = [
        ("AUTHENTICATE_SERVICE_URL", "https://authenticate.corp.example.com"),
        ("IDP_PROVIDER", "PROVIDER"),
        ("IDP_PROVIDER_URL", ISSUER),
        ("IDP_CLIENT_ID", CLIENT),
        ("IDP_CLIENT_SECRET", SECRET),
        ("SHARED_SECRET", KEY),
        ("COOKIE_SECRET", KEY),
    ];
    let lines = |before: &str, between: &str| -> String {
        variables.iter().map(|(name, value)| format!("{before}{name}{between}{value}\n")).collect()
    };
    let service = "services:\n  pomerium:\n    image: pomerium/pomerium\n    environment:\n";
    vec![
        ("pomerium.yaml", healthy().replace("idp_provider: cognito", "idp_provider: PROVIDER")),
        ("pomerium.env", lines("", "=")),
        ("compose.yaml", format!("{service}{}", lines("      ", ": "))),
        ("compose.yaml", format!("{service}{}", lines("      - ", "="))),
        ("values.yaml", chart("PROVIDER", "")),
        ("pomerium.yaml", resource().replace("cognito\n", "PROVIDER\n")),
    ]
}

pub(super) fn chart(provider: &str, more: &str) -> String {
    format!(
        "authenticate:\n  idp:\n    provider: {provider}\n    url: {ISSUER}\n    clientID: {CLIENT}\n    clientSecret: {SECRET}\n{more}\
         config:\n  rootDomain: corp.example.com\n  sharedSecret: {KEY}\n  cookieSecret: {KEY}\nimage: {{ tag: v0.33.1 }}\n"
    )
}

pub(super) fn resource() -> String {
    format!(
        "apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata:\n  name: global\nspec:\n  secrets: pomerium/bootstrap\n\
         \x20 authenticate:\n    url: https://authenticate.corp.example.com\n\
         \x20 identityProvider:\n    provider: cognito\n    url: {ISSUER}\n    secret: pomerium/idp\n\
         ---\napiVersion: v1\nkind: Secret\nmetadata: {{name: idp, namespace: pomerium}}\n\
         stringData:\n  client_id: {CLIENT}\n  client_secret: {SECRET}\n\
         ---\napiVersion: v1\nkind: Secret\nmetadata: {{name: bootstrap, namespace: pomerium}}\n\
         data:\n  shared_secret: {KEY}\n  cookie_secret: {KEY}\n"
    )
}

fn ingress(annotation: &str) -> String {
    format!(
        "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: app\n  namespace: pomerium\n  annotations:\n\
         \x20   {annotation}\nspec:\n  ingressClassName: pomerium\n  rules: [{{host: app.corp.example.com, http: {{paths: [{{path: /, \
         pathType: Prefix, backend: {{service: {{name: app, port: {{number: 80}}}}}}}}]}}}}]\n"
    )
}

fn file(name: &str, text: &str) -> Vec<RawFile> {
    vec![RawFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() }]
}

/// What is told in the words of another form, or names a provider that this form of this release does not have.
fn foreign(dialect: Dialect, version: PomeriumVersion, finding: &Finding) -> Option<String> {
    let has_option =
        |line: &&String| ["idp_provider: ", "idp_provider_url: ", "idp_scopes: "].iter().any(|key| line.contains(key));
    let of_cognito = |line: &&String| {
        ["provider: cognito", "PROVIDER: cognito", "PROVIDER=cognito"].iter().any(|set| line.contains(set))
    };
    let in_other_words = || finding.fix.iter().find(has_option).filter(|_| dialect != Dialect::Own);
    let too_new = || finding.fix.iter().find(of_cognito).filter(|_| version < dialect.cognito_since());
    in_other_words().or_else(too_new).cloned()
}

#[test]
fn a_provider_is_cured_in_every_form_and_release() {
    let (mut wrong, mut edits, mut lines) = (Vec::new(), 0, 0);
    for (name, text) in forms() {
        for release in RELEASES {
            for provider in PROVIDERS {
                let version: PomeriumVersion = release.parse().unwrap();
                let around = Around::in_release(version);
                let files = file(name, &text.replace("PROVIDER", provider));
                let (config, _, judged) = run(&files, around, Pool::default());
                let (known, place) = (failing(&judged), format!("{name} {release} {provider}"));
                let dialect = config.reading.dialect;
                for rule in RULES.iter() {
                    for finding in findings_of(rule, &judged) {
                        let foreign = foreign(dialect, version, &finding);
                        wrong.extend(foreign.map(|line| format!("{place}: {}: {line}", rule.name)));
                        if let Some(edit) = &finding.edit {
                            edits += 1;
                            assert_ne!(config.sources.slice(edit.at), edit.text, "{place}: {}", rule.name);
                            let (files, _) = edited(&config, edit, &files, None);
                            let (_, _, after) = run(&files, around, Pool::default());
                            let is_cured = findings_of(rule, &after).len() < findings_of(rule, &judged).len();
                            let new: Vec<_> = failing(&after).difference(&known).copied().collect();
                            if !is_cured || !new.is_empty() {
                                wrong.push(format!("{place}: {}: the edit `{}` brings {new:?}", rule.name, edit.text));
                            }
                        }
                        if dialect == Dialect::Own && name == "pomerium.yaml" {
                            let tried = ways(&finding).into_iter();
                            let tried = tried.filter_map(|way| written(&config, &files, &finding, &way));
                            let objections: Vec<Option<String>> = tried
                                .map(|files| objection(rule, &judged, &run(&files, around, Pool::default())))
                                .collect();
                            lines += objections.len();
                            if !objections.is_empty() && objections.iter().all(Option::is_some) {
                                wrong.push(format!("{place}: {}: {objections:?}", rule.name));
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(edits > 20 && lines > 10, "{edits} edits and {lines} lines were tried");
}

/// What is found in a file, and told of it.
pub(super) fn told(name: &str, text: &str, more: &[&str]) -> (BTreeSet<String>, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    let run = || Pomlint::new(["check", "--offline", name]).args(more.iter().copied()).in_folder(folder.path());
    let report: serde_json::Value = serde_json::from_str(&run().args(["--format", "json"]).run().stdout).unwrap();
    let mut rules = BTreeSet::new();
    let mut said = Vec::new();
    for verdict in report["reports"][0]["verdicts"].as_array().unwrap() {
        let findings = verdict["findings"].as_array().unwrap();
        for finding in findings.iter().filter(|finding| finding["severity"] != "note") {
            rules.insert(verdict["rule"].as_str().unwrap().to_owned());
            said.push(finding.to_string());
        }
    }
    (rules, said.join("\n").replace("\\\"", "\""))
}

/// Whoever does what is told of a wrong name has no finding any more.
#[test]
fn what_a_resource_is_refused_for_has_its_cure() {
    let whole = resource() + &ingress("ingress.pomerium.io/allow_any_authenticated_user: 'true'");
    assert_eq!(told("pomerium.yaml", &whole, &[]).0, BTreeSet::new());
    let auth = "authenticate:\n    url: https://authenticate.corp.example.com";
    for (right, wrong, says) in [
        (
            auth,
            "authenticateUrl: https://authenticate.corp.example.com",
            "write it as `authenticate.url`: `url` below `authenticate`",
        ),
        ("    secret: pomerium", "    secretName: pomerium", "write `secret` instead of `secretName`"),
        ("secret: pomerium/idp", "secret: idp", "write its namespace, too: pomerium/idp"),
        ("url: https://authenticate", "url: http://authenticate", "url: https://authenticate.corp.example.com"),
        ("url: https://cognito-idp.eu-west-1", "url: HTTPS://COGNITO-IDP.EU-WEST-1", &format!("url: {ISSUER}")),
        ("provider: cognito", "provider: Cognito", "provider: cognito"),
        ("provider: cognito", "provider: keycloak", "provider: cognito"),
        (auth, &format!("{auth}\n  cookie: {{ sameSite: Strict }}"), "sameSite: lax"),
        (auth, &format!("{auth}\n  cookie: {{ sameSite: None }}"), "sameSite: none"),
        (
            "secret: pomerium/idp",
            "secret: pomerium/idp\n    scopes: openid email",
            "write them as a list: scopes: [openid, email]",
        ),
        ("  client_id:", "  clientId:", "in the Secret pomerium/idp, write `client_id` instead of `clientId`"),
        ("  cookie_secret:", "  cookies:", "give the Secret pomerium/bootstrap a key `cookie_secret`"),
        (
            "allow_any_authenticated_user:",
            "allow_any_authenticated_users:",
            "write `ingress.pomerium.io/allow_any_authenticated_user` instead of `ingress.pomerium.io/allow_any_authenticated_users`",
        ),
    ] {
        assert!(whole.contains(right), "{right}");
        let (rules, said) = told("pomerium.yaml", &whole.replacen(right, wrong, 1), &[]);
        assert!(rules.contains("crd-field-rejected") && said.contains(says), "{wrong}: {said}");
    }
    // The secret itself in the place of its name: no part of it comes back as a cure.
    let pasted = whole.replacen("secret: pomerium/idp", "secret: /hunterzwoblue/geheimnisvoll", 1);
    let (_, said) = told("pomerium.yaml", &pasted, &[]);
    assert!(said.contains("NAMESPACE/NAME") && !said.contains("geheimnis"), "{said}");
    // Before v0.33.0 the resource has no `cognito`.
    let (_, said) = told("pomerium.yaml", &whole, &["--pomerium-version", "v0.32.0"]);
    assert!(said.contains("or provider: oidc with scopes: [openid, email, profile]"), "{said}");
    let oidc = whole.replace("provider: cognito", "provider: oidc");
    let (rules, said) = told("pomerium.yaml", &oidc, &["--pomerium-version", "v0.32.0"]);
    assert_eq!(rules.into_iter().collect::<Vec<_>>(), ["scope-unsupported"], "{said}");
    assert!(
        said.contains("name the scopes (Pomerium v0.33.0 and newer have a provider that knows Cognito's):"),
        "{said}"
    );
}

/// A route has no option for a file, and another way to its `Secret`.
#[test]
fn a_route_is_given_its_own_secret() {
    let public = healthy().replacen("idp_client_secret:", "#", 1);
    let with = |fields: &str| public.replacen("    policy:", &format!("{fields}    policy:"), 1);
    let id = "    idp_client_id: 7h2u14qk2v9s7m1n3b5c8d0f6g\n";
    let (rules, said) = told("pomerium.yaml", &with(id), &[]);
    assert!(rules.contains("client-secret-missing"), "{said}");
    assert!(said.contains("give the route the secret of its app client, beside its id:"), "{said}");
    assert_eq!(said.matches("idp_client_secret_file: ").count(), 1, "the global client alone: {said}");
    let (_, said) = told("pomerium.yaml", &with(&format!("{id}    idp_client_secret: {SECRET}\n")), &[]);
    assert!(!said.contains("beside its id:"), "{said}");
    let half = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: own, namespace: pomerium}\nstringData:\n  client_id: 7h2u14qk2v9s7m1n3b5c8d0f6g\n";
    let annotations = "ingress.pomerium.io/allow_any_authenticated_user: 'true'\n    ingress.pomerium.io/identity_provider_secret: own";
    let (rules, said) = told("pomerium.yaml", &(resource() + &ingress(annotations) + half), &[]);
    assert!(rules.contains("route-client-half-set"), "{said}");
    let line = "client_secret: THE SECRET OF THIS CLIENT   # in the Secret that ingress.pomerium.io/identity_provider_secret names";
    assert!(said.contains(line), "{said}");
}

/// Whatever `--given` a report tells its reader to try is taken.
#[test]
fn what_may_be_given_is_taken() {
    let of_route = "ingress.pomerium.io/allow_any_authenticated_user: 'true'\n    ingress.pomerium.io/identity_provider_secret: own";
    let kept = resource().split("---\n").next().unwrap().to_owned();
    for text in [resource() + &ingress(of_route), kept.clone(), kept + &ingress(of_route)] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("p.yaml"), &text).unwrap();
        let check = |more: &[&str]| {
            Pomlint::new(["check", "--offline", "p.yaml"]).args(more.iter().copied()).in_folder(folder.path()).run()
        };
        let said = check(&[]).stdout;
        let named: Vec<String> = said
            .split("--given ")
            .skip(1)
            .filter_map(|rest| rest.split_whitespace().next())
            .filter(|given| given.ends_with("=ID"))
            .map(|given| given.trim_matches('\'').replace("=ID", &format!("={CLIENT}")))
            .collect();
        assert!(!named.is_empty(), "{said}");
        for given in named {
            let ran = check(&["--given", &given]);
            assert_ne!(ran.code, 2, "{given}: {ran:?}");
        }
    }
}

/// Where a report says to try `pomlint fix`, it corrects what the report names, and only there does it say so.
#[test]
fn a_fix_that_is_told_corrects() {
    assert!(SAFE.contains(&"scopes-badly-written"));
    let scopes = |list: &str| chart("cognito", &format!("    scopes: {list}\n"));
    let cases = [
        ("values.yaml", scopes("[openid, email, profile]"), true),
        ("values.yaml", scopes("\n      - openid\n      - email\n      - profile"), false),
        ("values.yaml", scopes("\"openid email profile\""), true),
        ("pomerium.yaml", healthy() + "idp_scopes: 'openid email profile'\n", true),
        ("pomerium.yaml", healthy().replace("idp_provider: cognito", "idp_provider: Oidc"), false),
        ("pomerium.yaml", healthy().replace("idp_provider: cognito", "idp_provider: Cognito"), true),
    ];
    for (name, text, corrects) in cases {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), &text).unwrap();
        let said = Pomlint::new(["check", "--offline", name]).in_folder(folder.path()).run().stdout;
        assert_eq!(said.contains("pomlint fix"), corrects, "{said}");
        let ran = Pomlint::new(["fix", name, "--write"]).in_folder(folder.path()).run();
        assert_eq!(ran.stdout.contains("corrected") && ran.code == 0, corrects, "{text}\n{ran:?}");
        let after = std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(after != text, corrects, "{after}");
    }
    let (_, said) = told("values.yaml", &scopes("[openid, email, profile]"), &[]);
    for sentence in [
        "the chart prints this list with spaces: to Pomerium it is one scope, which works because the spaces are sent as they are",
        "write them as one text, with commas and nothing else between them:",
        "scopes: openid,email,profile   # below authenticate.idp",
    ] {
        assert!(said.contains(sentence), "{said}");
    }
}

/// A list of variables is cured in its own words, and a name with a space is pointed at.
#[test]
fn a_list_of_variables_is_cured_as_one() {
    let list = "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n    environment:\n      - AUTHENTICATE_SERVICE_URL=https://authenticate.corp.example.com\n      - IDP_PROVIDER=cognito\n      - IDP_CLIENT_ID\n";
    let spaced = format!("{list}      - \"IDP_PROVIDER_URL = {ISSUER}\"\n");
    let (rules, said) = told("compose.yaml", &spaced, &["--given", &format!("idp_client_id={CLIENT}")]);
    assert!(rules.contains("wrong-environment-name"), "{rules:?} {said}");
    for sentence in [
        "the white space beside the name is part of it, and Pomerium reads no `IDP_PROVIDER_URL` here",
        "write it without a space before or behind the sign: IDP_PROVIDER_URL=…",
    ] {
        assert!(said.contains(sentence), "{said}");
    }
    let (_, said) = told("compose.yaml", &spaced.replace("IDP_CLIENT_ID\n", &format!("IDP_CLIENT_ID={CLIENT}\n")), &[]);
    assert!(said.contains("IDP_CLIENT_SECRET_FILE=/run/secrets") && !said.contains("_FILE: "), "{said}");
    let cured = spaced.replace("IDP_PROVIDER_URL = ", "IDP_PROVIDER_URL=");
    let (rules, _) = told("compose.yaml", &cured, &[]);
    assert!(!rules.contains("wrong-environment-name"), "{rules:?}");
}

/// An issuer without a name is one finding, and its cure has the name; a route's option has no variable.
#[test]
fn a_variable_without_a_name_and_a_variable_of_a_route_are_cured() {
    let nameless = format!(
        "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n    environment:\n      - AUTHENTICATE_SERVICE_URL=https://authenticate.corp.example.com\n      - IDP_PROVIDER=cognito\n      - {ISSUER}\n      - IDP_CLIENT_ID={CLIENT}\n"
    );
    let (rules, said) = told("compose.yaml", &nameless, &[]);
    assert!(rules.contains("wrong-environment-name") && !rules.contains("issuer-missing"), "{rules:?} {said}");
    assert!(said.contains(&format!("write its name before it: IDP_PROVIDER_URL={ISSUER}")), "{said}");
    let says = "no variable sets it: write allow_websockets in the list of routes, in each that it is meant for, beside `from` and `to`";
    let variables =
        format!("IDP_PROVIDER=cognito\nIDP_PROVIDER_URL={ISSUER}\nIDP_CLIENT_ID={CLIENT}\nALLOW_WEBSOCKETS=true\n");
    let (_, said) = told("pomerium.env", &variables, &[]);
    assert!(said.contains(says), "{said}");
    let cured = nameless.replace(ISSUER, &format!("IDP_PROVIDER_URL={ISSUER}"));
    let (rules, said) = told("compose.yaml", &cured, &[]);
    assert!(!rules.contains("wrong-environment-name"), "{rules:?} {said}");
    // Beside the issuer, another one without a name is nobody's.
    let (_, said) = told("compose.yaml", &format!("{cured}      - {ISSUER}\n"), &[]);
    assert!(said.contains("write its name before it: NAME=value"), "{said}");
}

/// A Secret that kustomize makes of a file is cured in that file.
#[test]
fn a_secret_that_is_generated_is_cured_where_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "kustomization.yaml",
        "resources: [deployment.yaml]\nsecretGenerator:\n  - name: pomerium\n    envs: [secrets.env]\n",
    );
    write(
        "deployment.yaml",
        &format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: pomerium}}\nspec:\n  template:\n    spec:\n      containers:\n        - name: pomerium\n          image: pomerium/pomerium:v0.33.1\n          envFrom: [{{secretRef: {{name: pomerium}}}}]\n          env:\n            - {{name: IDP_PROVIDER, value: cognito}}\n            - {{name: IDP_PROVIDER_URL, value: '{ISSUER}'}}\n            - {{name: IDP_CLIENT_ID, value: {CLIENT}}}\n            - {{name: AUTHENTICATE_SERVICE_URL, value: 'https://authenticate.corp.example.com'}}\n"
        ),
    );
    write("secrets.env", "IDP_CLIENT_SECRET='1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u'\n");
    let said = Pomlint::new(["check", "--offline", "."]).in_folder(folder.path()).run().stdout;
    assert!(said.contains("client-secret-has-whitespace") && said.contains("secrets.env:1"), "{said}");
    let says = "write the value alone behind the sign, without white space or quotes: what the Secret is made of is not trimmed";
    assert!(
        said.split_whitespace().collect::<Vec<_>>().join(" ").contains(says) && !said.contains("kubectl create"),
        "{said}"
    );
}

/// An option that a cure names has the name of the form.
#[test]
fn an_option_is_called_as_the_form_calls_it() {
    let whole = resource() + &ingress("ingress.pomerium.io/allow_any_authenticated_user: 'true'");
    let below = |more: &str| whole.replacen("  identityProvider:", &format!("{more}  identityProvider:"), 1);
    let inside = |more: &str| whole.replacen("    provider: cognito\n", &format!("    provider: cognito\n{more}"), 1);
    for (text, says) in [
        (whole.replace("provider: cognito", "provider: google"), "take identityProvider.url out"),
        (inside("    requestParams: { scope: email }\n"), "name the scopes in identityProvider.scopes"),
        (inside("    requestParams: { client_id: x }\n"), "name the client in client_id in the Secret"),
        (inside("    requestParams: { redirect_uri: x }\n"), "Pomerium derives it from authenticate.url"),
        (
            inside("    requestParams: { response_type: token }\n"),
            "take `response_type` out of identityProvider.requestParams",
        ),
        (below("  idpAccessTokenAllowedAudiences: [x]\n"), "bearerTokenFormat: idp_identity_token"),
        (
            resource() + &ingress("ingress.pomerium.io/allowed_groups: '[\"a\"]'"),
            "write `ingress.pomerium.io/policy` with the criterion `claim/cognito:groups` instead",
        ),
    ] {
        let (_, said) = told("pomerium.yaml", &text, &[]);
        assert!(said.contains(says), "{says}: {said}");
    }
    // As a variable, it is another one.
    let variables = forms().into_iter().filter(|(name, _)| ["pomerium.env", "compose.yaml"].contains(name));
    for (name, text) in variables.map(|(name, text)| (name, text.replace("PROVIDER\n", "cognito\n"))) {
        let without = |options: &[&str]| {
            let is_kept = |line: &&str| !options.iter().any(|option| line.contains(option));
            text.lines().filter(is_kept).map(|line| format!("{line}\n")).collect::<String>()
        };
        let (_, said) = told(name, &without(&["SHARED_SECRET", "COOKIE_SECRET"]), &[]);
        assert!(said.contains("set SHARED_SECRET and COOKIE_SECRET to the same"), "{name}: {said}");
        let (_, said) = told(
            name,
            &text
                .replace("https://authenticate", "http://authenticate")
                .replace("corp.example.com", "corp.example.com:80"),
            &[],
        );
        assert!(said.contains("Pomerium sends :80 in the callback URL, and Cognito compares it"), "{name}: {said}");
        assert!(!said.contains("https://authenticate.corp.example.com:80\""), "{name}: {said}");
    }
}

/// White space around a secret is taken out as its notation asks: only some take quotes off.
#[test]
fn white_space_is_taken_out_in_each_notation() {
    for (name, text) in forms() {
        let text = text.replace("PROVIDER", "cognito").replace("IDP_cognito", "IDP_PROVIDER");
        let is_map = text.contains("IDP_CLIENT_SECRET: ");
        let spaced = match name {
            "compose.yaml" if is_map => text.replace(SECRET, &format!("\"{SECRET} \"")),
            "compose.yaml" => {
                text.replace(&format!("- IDP_CLIENT_SECRET={SECRET}"), &format!("- \"IDP_CLIENT_SECRET={SECRET} \""))
            }
            "pomerium.env" => text.replace(SECRET, &format!("\"{SECRET} \"")),
            _ => continue,
        };
        let (rules, said) = told(name, &spaced, &[]);
        assert!(rules.contains("client-secret-has-whitespace"), "{name}: {said}");
        let says = match name {
            "compose.yaml" if is_map => "quoted once: IDP_CLIENT_SECRET: \"value\"",
            "compose.yaml" => "write the value alone, without white space or quotes: IDP_CLIENT_SECRET=value",
            _ => "quoted once: IDP_CLIENT_SECRET=\"value\"",
        };
        assert!(said.replace('\\', "").contains(says), "{name} {says}: {said}");
    }
}
