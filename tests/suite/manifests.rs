//! Kubernetes manifests and Helm values: the settings Pomerium gets out of them, where each stands, and what is found.

use crate::support::pool::Pool;
use crate::support::transport::StandIn;
use crate::support::work::grows_with_its_input;
use pomlint::config::{
    ClientSecret, Config, Form, Given, GivenBy, Literals, Loaded, NoFiles, Origin, PomeriumVersion, RawFile,
    RejectedBy, Request, Setting, Subject, ValueKind,
};
use pomlint::engine::judge;
use pomlint::evidence::{GatherOptions, gather, plan};
use pomlint::rules::{RULES, Rule, Verdict};

const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
const CLIENT: &str = "4qk2v9s7m1n3b5c8d0f6g7h2u1";
const SECRET: &str = "1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u";

/// Reads files as if they had been named on the command line.
fn load(files: &[(&str, &str)]) -> Vec<Config> {
    load_as(files, GivenBy::User, None).configs
}

fn load_as(files: &[(&str, &str)], by: GivenBy, version: Option<PomeriumVersion>) -> Loaded {
    let given = files
        .iter()
        .map(|(name, text)| Given {
            file: RawFile { name: (*name).to_owned(), bytes: text.as_bytes().to_vec() },
            files: &NoFiles,
            by,
        })
        .collect();
    Request { given, version, ..Request::default() }.load()
}

/// All files of a folder of `fixtures/configs`.
fn fixture(folder: &str) -> Vec<Config> {
    let path = crate::support::project("fixtures/configs").join(folder);
    let mut files: Vec<(String, String)> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    load(&files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect::<Vec<_>>())
}

fn one(mut configs: Vec<Config>) -> Config {
    assert_eq!(configs.len(), 1, "{:?}", configs.iter().map(|config| &config.path).collect::<Vec<_>>());
    configs.remove(0)
}

/// A value with its file, line and column.
fn placed(config: &Config, setting: Option<&Setting<String>>) -> (String, String) {
    let setting = setting.unwrap();
    (setting.value.clone(), place(config, setting.span))
}

fn place(config: &Config, span: pomlint::config::Span) -> String {
    let source = config.sources.get(span.source).unwrap();
    let start = source.position(span.start);
    format!("{}:{}:{}", source.name, start.line, start.column)
}

/// The rules that found something, with the place of each finding.
fn found(config: &Config) -> Vec<(&'static str, String)> {
    let clients = config.clients();
    let literals = Literals::of(config, &clients);
    let rules: Vec<&'static Rule> = RULES.iter().collect();
    let plan = plan(rules.iter().flat_map(|rule| rule.needs.iter().copied()));
    let options = GatherOptions { probe_secret: true, probe_sign_out: true, ..GatherOptions::default() };
    let transport = StandIn::new(Pool::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let world = runtime.block_on(gather(config, &clients, &literals, &plan, &options, &transport));
    let mut all = Vec::new();
    for judged in judge(config, &world, &rules) {
        if let Verdict::Fail(findings) = judged.verdict {
            all.extend(findings.iter().map(|finding| (judged.rule.name, place(config, finding.at))));
        }
    }
    all
}

fn secret_of(config: &Config) -> (&str, Origin) {
    match &config.settings.as_ref().unwrap().client_secret {
        ClientSecret::Known(secret) => (secret.value.expose(), secret.origin),
        _ => panic!("no secret"),
    }
}

#[test]
fn a_pomerium_resource_takes_its_secrets_from_the_other_documents() {
    let config = one(fixture("kubernetes-resource"));
    assert_eq!((config.form.name(), config.path.as_str()), ("kubernetes", "pomerium.yaml"));
    assert_eq!(config.version, PomeriumVersion(0, 33, 0), "that of the controller's image");
    assert_eq!(config.subject(), Subject::Cognito, "the pod's IDP_PROVIDER has no effect");
    let settings = config.settings.as_ref().unwrap();
    let text = |value: &str, place: &str| (value.to_owned(), place.to_owned());
    assert_eq!(placed(&config, settings.idp_client_id.as_ref()), text(CLIENT, "pomerium.yaml:8:14"));
    assert_eq!(placed(&config, settings.idp_provider_url.as_ref()), text(ISSUER, "pomerium.yaml:47:10"));
    assert_eq!(secret_of(&config), (format!("{SECRET}\n").as_str(), Origin::Secret));
    assert!(settings.idp_scopes.is_none(), "an empty list leaves the provider's own scopes");
    assert_eq!(settings.idp_request_params[0].1.value, "de");
    assert_eq!(settings.jwt_claims_headers[0].0.value, "X-Email", "letter case is kept");
    assert_eq!(
        found(&config),
        [
            ("cookie-secret-malformed", "pomerium.yaml:19:18".to_owned()),
            ("identity-headers-not-passed", "pomerium.yaml:53:14".to_owned()),
            ("client-secret-has-whitespace", "pomerium.yaml:9:18".to_owned()),
        ]
    );
}

#[test]
fn an_annotated_ingress_is_routes_with_places_in_its_annotations() {
    let config = one(fixture("kubernetes-resource"));
    let routes = &config.settings.as_ref().unwrap().routes;
    assert_eq!(routes.len(), 2, "one for each path");
    assert_eq!(placed(&config, routes[0].from.as_ref()).0, "https://app.corp.example.com");
    let user = &routes[0].allowed_users[0];
    assert_eq!((user.value.as_str(), place(&config, user.span)), ("ann@corp.example.com", "app.yaml:12:9".to_owned()));
    let claims = routes[0].policies.iter().flat_map(|policy| &policy.criteria);
    let claim = claims.rev().find(|criterion| criterion.name == "claim").unwrap();
    assert_eq!((claim.sub_path.as_str(), place(&config, claim.at).as_str()), ("custom:Department", "app.yaml:16:13"));
    assert!(config.reading.rejections.is_empty(), "{:?}", config.reading.rejections);
}

#[test]
fn a_secret_that_is_not_here_is_unknown_and_not_missing() {
    let config = one(fixture("kubernetes-secret-elsewhere"));
    let id = config.settings.as_ref().unwrap().idp_client_id.clone().unwrap();
    assert_eq!((id.kind(), place(&config, id.span).as_str()), (ValueKind::Reference, "pomerium.yaml:23:13"));
    assert_eq!(config.reading.refusal, None);
    assert_eq!(found(&config), [("crd-field-rejected", "pomerium.yaml:21:15".to_owned())], "v0.32 has no cognito");
}

#[test]
fn the_release_that_is_asked_for_beats_that_of_the_image() {
    let text =
        std::fs::read_to_string(crate::support::project("fixtures/configs/kubernetes-secret-elsewhere/pomerium.yaml"));
    let loaded = load_as(&[("pomerium.yaml", &text.unwrap())], GivenBy::User, Some(PomeriumVersion::NEWEST));
    assert_eq!(found(&one(loaded.configs)), []);
}

#[test]
fn deployments_with_different_services_are_one_deployment() {
    let configs = fixture("kubernetes-split");
    assert_eq!(configs.len(), 2);
    let config = &configs[0];
    assert_eq!(config.path, "pomerium.yaml: Deployment pomerium/authenticate");
    assert_eq!(config.peers[0].path, "pomerium.yaml: Deployment pomerium/proxy");
    assert_eq!(config.version, PomeriumVersion(0, 31, 2));
    let settings = config.settings.as_ref().unwrap();
    let text = |value: &str, place: &str| (value.to_owned(), place.to_owned());
    assert_eq!(placed(config, settings.idp_provider_url.as_ref()), text(ISSUER, "pomerium.yaml:12:23"));
    assert_eq!(placed(config, settings.idp_client_id.as_ref()), text(CLIENT, "pomerium.yaml:61:22"), "$(POOL_CLIENT)");
    assert_eq!(secret_of(config), (SECRET, Origin::SecretFile), "the file is mounted from the Secret");
    let cookie = settings.cookie_secret.as_ref().unwrap();
    assert_eq!(pomlint::config::classify(cookie.value.expose()), ValueKind::Reference);
    assert_eq!(found(config), []);
}

#[test]
fn places_are_found_inside_base64() {
    let config = one(fixture("kubernetes-encoded"));
    let issuer = config.settings.as_ref().unwrap().idp_provider_url.clone().unwrap();
    // Three bytes are four digits, so that the place is exact to the group.
    assert_eq!(place(&config, issuer.span), "secret.yaml:8:152");
    let names: Vec<&str> = found(&config).iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["secret-not-fixed", "issuer-has-trailing-slash"], "a Secret is the place for a secret");
    let written = config.sources.get(issuer.span.source).unwrap().line(8).unwrap();
    let encoded = written.split(": ").nth(1).unwrap();
    assert!(config.secrets.iter().any(|(secret, _)| secret.expose() == encoded), "base64 hides nothing");
}

#[test]
fn what_only_installs_the_controller_is_not_a_configuration() {
    let config = one(fixture("kubernetes-install"));
    let Form::NotPomerium(why) = config.form else { panic!("{:?}", config.form) };
    assert!(why.contains("installs the ingress controller"), "{why}");
    let text =
        std::fs::read_to_string(crate::support::project("fixtures/configs/kubernetes-install/install.yaml")).unwrap();
    let loaded = load_as(&[("install.yaml", &text)], GivenBy::Folder, None);
    assert_eq!((loaded.configs.len(), loaded.passed_over), (0, 1));
}

#[test]
fn the_nearest_secret_of_a_name_is_the_one_that_is_meant() {
    let pomerium = |cluster: &str| {
        format!(
            "apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata: {{ name: global }}\nspec:\n  secrets: a/b\n  \
             authenticate: {{ url: https://authenticate.{cluster}.example.com }}\n  identityProvider: {{ provider: \
             cognito, url: {ISSUER}, secret: pomerium/idp }}\n"
        )
    };
    let secret = |id: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{ name: idp, namespace: pomerium }}\nstringData: {{ client_id: \
             {id}, client_secret: {SECRET} }}\n"
        )
    };
    let configs = load(&[
        ("clusters/one/idp.yaml", &secret("first0000000000000000000000")),
        ("clusters/one/pomerium.yaml", &pomerium("one")),
        ("clusters/two/idp.yaml", &secret("second000000000000000000000")),
        ("clusters/two/pomerium.yaml", &pomerium("two")),
        (
            "clusters/two/apps/app.yaml",
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: app\n  annotations: \
             {ingress.pomerium.io/allow_any_authenticated_user: 'true'}\nspec:\n  rules:\n    - {host: app.example.com, \
             http: {paths: [{path: /, pathType: Prefix}]}}\n",
        ),
    ]);
    let routes: Vec<usize> = configs.iter().map(|config| config.settings.as_ref().unwrap().routes.len()).collect();
    assert_eq!(routes, [0, 1], "an Ingress belongs to the nearest resource");
    let ids: Vec<String> =
        configs.iter().map(|config| config.settings.clone().unwrap().idp_client_id.unwrap().value).collect();
    assert_eq!(ids, ["first0000000000000000000000", "second000000000000000000000"]);
}

#[test]
fn a_config_map_alone_lacks_nothing_that_its_pod_may_have() {
    let config = one(load(&[(
        "config.yaml",
        &format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: pomerium }}\ndata:\n  config.yaml: |\n    \
             authenticate_service_url: https://authenticate.corp.example.com\n    idp_provider: cognito\n    \
             idp_provider_url: {ISSUER}\n    idp_client_id: {CLIENT}\n"
        ),
    )]));
    assert_eq!(config.form, Form::Kubernetes);
    assert_eq!(found(&config), []);
    assert_eq!(config.reading.incomplete.len(), 1);
}

#[test]
fn a_config_map_of_another_namespace_is_not_the_pods() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: { name: p, namespace: one }\nspec:\n  containers:\n    - image: \
               pomerium/pomerium\n      volumeMounts: [{ name: c, mountPath: /pomerium }]\n  volumes:\n    - { name: c, \
               configMap: { name: c } }\n---\n";
    let map = |namespace: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: c, namespace: {namespace} }}\ndata:\n  config.yaml: \
             'idp_provider: cognito'\n"
        )
    };
    let provider = |config: &Config| config.settings.clone().unwrap().idp_provider.map(|provider| provider.value);
    let same = one(load(&[("all.yaml", &format!("{pod}{}", map("one")))]));
    assert_eq!(provider(&same).as_deref(), Some("cognito"));
    let other = load(&[("all.yaml", &format!("{pod}{}", map("two")))]);
    assert_eq!(other.iter().map(provider).collect::<Vec<_>>(), [None, Some("cognito".to_owned())]);
    assert_eq!(other[0].reading.incomplete.len(), 1, "the pod's own may be in the cluster");
}

#[test]
fn variables_in_config_maps_are_an_environment() {
    let config = one(load(&[(
        "env.yaml",
        &format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: env }}\ndata:\n  IDP_PROVIDER: cognito\n  \
             IDP_PROVIDER_URL: {ISSUER}/\n  AUTHENTICATE_SERVICE_URL: https://authenticate.corp.example.com\n"
        ),
    )]));
    let settings = config.settings.as_ref().unwrap();
    let issuer = settings.idp_provider_url.as_ref().unwrap();
    assert_eq!((issuer.origin, place(&config, issuer.span).as_str()), (Origin::Environment, "env.yaml:6:21"));
    assert!(found(&config).iter().any(|(name, _)| *name == "issuer-has-trailing-slash"));
}

#[test]
fn an_empty_configuration_is_no_error() {
    for text in [
        "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: pomerium }\ndata:\n  config.yaml: |\n---\n",
        "---\n---\napiVersion: v1\nkind: Secret\nmetadata: { name: idp }\nstringData:\n",
        "apiVersion: v1\nkind: List\nitems: []\n",
    ] {
        let config = one(load(&[("empty.yaml", text)]));
        assert!(matches!(config.form, Form::NotPomerium(_)), "{text}");
        assert_eq!(config.reading.refusal, None, "{text}");
    }
}

#[test]
fn what_the_schema_refuses_is_said_with_its_place() {
    let rejected = |spec: &str| -> Vec<(String, RejectedBy)> {
        let text =
            format!("apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata:\n  name: global\nspec: {spec}\n");
        let config = one(load(&[("p.yaml", &text)]));
        config.reading.rejections.iter().map(|it| (config.sources.slice(it.at).to_owned(), it.by)).collect()
    };
    let url = "authenticate: {url: https://a.example.com}";
    let idp = "identityProvider: {provider: cognito, secret: a/b}";
    assert_eq!(rejected(&format!("{{secrets: a/b, {url}, {idp}}}")), []);
    let server = |at: &str| vec![(at.to_owned(), RejectedBy::ApiServer)];
    assert_eq!(rejected(&format!("{{secrets: a/b, {url}}}")), server("authenticate"));
    assert_eq!(rejected(&format!("{{secrets: a/b, {idp}}}")), server("identityProvider"));
    assert_eq!(rejected(&format!("{{secrets: a/b, authenticate: {{url: 'http://a'}}, {idp}}}")), server("'http://a'"));
    assert_eq!(
        rejected(&format!("{{secrets: a/b, {url}, identityProvider: {{provider: keycloak, secret: a/b}}}}")),
        server("keycloak")
    );
    assert_eq!(
        rejected(&format!("{{secrets: a/b, {url}, identityProvider: {{provider: cognito, secret: idp}}}}")),
        [("idp".to_owned(), RejectedBy::Controller)]
    );
    // A reference is somebody else's to fill in.
    assert_eq!(rejected(&format!("{{secrets: a/b, authenticate: {{url: '${{URL}}'}}, {idp}}}")), []);
}

#[test]
fn fields_that_the_api_server_drops_are_found_on_every_level() {
    let spec = "spec:
  secrets: a/b
  authenticate: {url: https://a.example.com, callbackPath: /x}
  identityProvider:
    provider: cognito
    url: https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R
    secret: a/b
    clientId: x
    requestParams: {anything: goes}
    refreshDirectory: {interval: 1h, timeout: 1m, every: 1h}
  jwtClaimHeaders: {X-Anything: email}
  jwtClaimsHeaders: {X-Email: email}
  signoutRedirectUrl: https://a.example.com/
  cookies: {secure: true}
  cookie: {same_site: lax, expire: 14h}
  storage: {postgres: {secret: a/b, conn: x}}
  dns: {refreshRate: 1m}
";
    let text = format!("apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata: {{name: global}}\n{spec}");
    let dropped = |version| -> Vec<(String, String)> {
        let config = one(load_as(&[("p.yaml", &text)], GivenBy::User, version).configs);
        let dropped = config.reading.rejections.iter().filter(|it| it.by == RejectedBy::Pruning);
        dropped.map(|it| (it.words.clone(), it.fix.first().cloned().unwrap_or_default())).collect()
    };
    let expected = [
        ("authenticate.callbackPath", "gone since v0.31.0"),
        ("identityProvider.clientId", "secret: pomerium/idp"),
        ("identityProvider.refreshDirectory.every", "delete it"),
        ("jwtClaimsHeaders", "write `jwtClaimHeaders`"),
        ("signoutRedirectUrl", "delete it"),
        ("cookies", "write `cookie`"),
        ("cookie.same_site", "write `sameSite`"),
        ("storage.postgres.conn", "delete it"),
    ];
    let newest = dropped(None);
    assert_eq!(newest.len(), expected.len(), "{newest:?}");
    for ((words, fix), (path, cure)) in newest.iter().zip(expected) {
        assert_eq!(*words, format!("unknown field \"spec.{path}\""));
        assert!(fix.contains(cure), "{words}: {fix}");
    }
    let older = dropped(Some(PomeriumVersion(0, 30, 5)));
    assert!(older.iter().any(|(words, fix)| words.contains("spec.dns.refreshRate") && fix.contains("v0.30.6")));
    assert!(!older.iter().any(|(words, _)| words.contains("callbackPath")), "{older:?}");
}

#[test]
fn an_ingress_of_the_controllers_class_is_a_route_without_any_annotation() {
    let ingress = |class: &str, host: &str| {
        let rule = format!("{{host: {host}, http: {{paths: [{{path: /, pathType: Prefix}}]}}}}");
        format!(
            "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: app}}\nspec: {{ingressClassName: {class}, rules: [{rule}]}}\n"
        )
    };
    let resource =
        std::fs::read_to_string(crate::support::project("fixtures/configs/kubernetes-secret-elsewhere/pomerium.yaml"))
            .unwrap();
    let routes = |more: &str| one(load(&[("all.yaml", &format!("{resource}{more}"))])).settings.unwrap().routes.len();
    let class = |name: &str, controller: &str| {
        format!(
            "---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {{name: {name}}}\nspec: {{controller: {controller}}}\n"
        )
    };
    let before = routes("");
    assert_eq!(routes(&ingress("pomerium", "app.example.com")), before + 1);
    assert_eq!(routes(&ingress("nginx", "app.example.com")), before);
    let own = class("inner", "pomerium.io/ingress-controller-2");
    assert_eq!(routes(&format!("{own}{}", ingress("inner", "app.example.com"))), before + 1);
    let other = class("pomerium", "k8s.io/ingress-nginx");
    assert_eq!(routes(&format!("{other}{}", ingress("pomerium", "app.example.com"))), before);

    for (host, rule) in
        [("authenticate.corp.example.com", "authenticate-host-is-a-route"), ("app.example.com", "route-nobody-can-use")]
    {
        let found = found(&one(load(&[("all.yaml", &format!("{resource}{}", ingress("pomerium", host)))])));
        assert!(found.iter().any(|(name, _)| *name == rule), "{found:?}");
    }
}

#[test]
fn an_environment_variable_of_a_pod_is_a_string() {
    let text = "apiVersion: apps/v1
kind: Deployment
metadata: {name: pomerium}
spec:
  template:
    spec:
      containers:
        - image: pomerium/pomerium:v0.33.1
          env:
            - {name: IDP_CLIENT_ID, value: 12345}
            - {name: LOG_LEVEL, value: info}
            - {name: EMPTY, value: }
";
    let config = one(load(&[("d.yaml", text)]));
    let rejected: Vec<_> = config.reading.rejections.iter().map(|it| (config.sources.slice(it.at), it.by)).collect();
    assert_eq!(rejected, [("12345", RejectedBy::ApiServer)]);
}

#[test]
fn a_template_says_that_it_was_not_checked() {
    let config = one(load(&[(
        "pomerium.yaml",
        "apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nspec:\n{{- if .Values.idp }}\n  secrets: a/b\n{{- end }}\n",
    )]));
    assert!(config.reading.syntax_error.as_ref().is_some_and(|error| error.template), "{:?}", config.reading);
}

#[test]
fn a_broken_document_hides_no_other() {
    let good =
        std::fs::read_to_string(crate::support::project("fixtures/configs/kubernetes-secret-elsewhere/pomerium.yaml"));
    let text = format!("{}---\nkind: [\n---\n{}", "", good.unwrap());
    let configs = load(&[("all.yaml", &text)]);
    assert_eq!(configs.len(), 2);
    assert!(configs.iter().any(|config| config.reading.syntax_error.is_some()));
    assert!(configs.iter().any(|config| config.subject() == Subject::Cognito));
}

#[test]
fn the_official_chart_is_read_as_it_renders() {
    let config = one(fixture("helm-official"));
    assert_eq!((config.form.name(), config.version), ("helm", PomeriumVersion(0, 22, 3)));
    let settings = config.settings.as_ref().unwrap();
    let text = |value: &str, place: &str| (value.to_owned(), place.to_owned());
    assert_eq!(
        placed(&config, settings.authenticate_service_url.as_ref()),
        text("https://authenticate.corp.example.com", "values.yaml:9:15")
    );
    assert_eq!(
        placed(&config, settings.idp_client_id.as_ref()),
        text("12345678901234568000000000", "values.yaml:4:16"),
        "written without quotes, it is a number"
    );
    assert!(settings.idp_scopes.is_none(), "an empty text renders as nothing");
    assert_eq!(settings.idp_request_params[0].1.value, "CorpSAML");
    assert_eq!(placed(&config, settings.routes[0].from.as_ref()).1, "values.yaml:15:13");
    let names: Vec<&str> = found(&config).iter().map(|(name, _)| *name).collect();
    assert!(names.contains(&"client-id-read-as-number") && names.contains(&"provider-unknown"), "{names:?}");
    assert!(!names.contains(&"secret-not-fixed"), "the chart makes one up and keeps it");
}

#[test]
fn values_that_name_no_release_run_what_the_newest_chart_runs() {
    let version = |more: &str| {
        let text =
            format!("authenticate:\n  idp: {{provider: cognito}}\nconfig: {{rootDomain: a.example.com}}\n{more}");
        one(load(&[("values.yaml", &text)])).version
    };
    assert_eq!(version(""), PomeriumVersion(0, 22, 1));
    assert_eq!(version("image: {tag: v0.33.0}\n"), PomeriumVersion(0, 33, 0));
    assert_eq!(version("image: {tag: main}\n"), PomeriumVersion::NEWEST);
    let text = std::fs::read_to_string(crate::support::project("fixtures/configs/helm-official/values.yaml")).unwrap();
    let untagged = one(load(&[("values.yaml", &text.replace("  tag: v0.22.3", "  pullPolicy: Always"))]));
    assert!(found(&untagged).iter().any(|(name, _)| *name == "provider-unknown"));
}

#[test]
fn only_charts_before_33_write_the_service_account() {
    let stops = |chart: &str| {
        let values = "authenticate: {idp: {provider: oidc, serviceAccount: abc}}, config: {rootDomain: a.example.com}, image: {tag: v0.22.1}";
        let text = format!(
            "releases:\n  - {{name: pomerium, chart: pomerium/pomerium, version: {chart}, values: [{{{values}}}]}}\n"
        );
        let config = one(load(&[("helmfile.yaml", &text)]));
        config.reading.removed_keys.iter().any(|key| key.path == "idp_service_account")
    };
    assert!(stops("32.0.0"));
    assert!(!stops("34.0.1"), "it ignores the value");
}

#[test]
fn a_release_takes_its_version_from_the_chart_and_leaves_the_rest_open() {
    let config = one(fixture("helm-release"));
    assert_eq!(config.version, PomeriumVersion(0, 22, 1));
    assert_eq!(config.reading.incomplete, ["the Secret pomerium-values with values"]);
    assert_eq!(config.subject(), Subject::Cognito);
    assert_eq!(found(&config), []);
}

#[test]
fn values_in_a_text_below_a_sub_chart_are_found() {
    let config = one(fixture("helm-application"));
    let settings = config.settings.as_ref().unwrap();
    let text = |value: &str, place: &str| (value.to_owned(), place.to_owned());
    assert_eq!(placed(&config, settings.idp_client_id.as_ref()), text(CLIENT, "application.yaml:23:25"));
    let scopes = settings.idp_scopes.as_ref().unwrap();
    assert_eq!((scopes.value.len(), place(&config, scopes.span).as_str()), (2, "application.yaml:26:18"));
}

#[test]
fn another_chart_is_told_by_pomeriums_variables() {
    let config = one(fixture("helm-other"));
    let settings = config.settings.as_ref().unwrap();
    let id = settings.idp_client_id.as_ref().unwrap();
    assert_eq!((id.value.as_str(), id.origin), (CLIENT, Origin::Environment));
    assert_eq!(place(&config, id.span), "values.yaml:12:26");
    assert_eq!(found(&config), []);
}

#[test]
fn hostile_manifests_cost_little() {
    let many = |size: usize| {
        let config_map = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}";
        format!("{}{config_map}", "---\na: b\n".repeat(size))
    };
    let paths = |size: usize| {
        let head = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: x\n  annotations:\n    \
                    ingress.pomerium.io/description:";
        let rules = "spec:\n  rules:\n    - host: a.example.com\n      http:\n        paths:\n";
        let paths = "          - {path: /, pathType: Prefix}\n".repeat(size);
        format!("{head} {}\n{rules}{paths}", "x".repeat(10 * size))
    };
    let read = |text: &String| drop(load(&[("many.yaml", text)]));
    grows_with_its_input("documents", 16_000, many, read);
    grows_with_its_input("paths", 4_000, paths, read);
}

/// A pod that runs Pomerium, with this at the end of its container.
fn pod(name: &str, rest: &str) -> String {
    let container = format!("- {{name: p, image: pomerium/pomerium:v0.32.0, {rest}}}");
    format!("---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n  {container}\n")
}

#[test]
fn what_grows_by_what_it_repeats_is_one_clear_finding() {
    let doubling = format!("env: [{{name: A, value: xxxx}}{}]", ", {name: A, value: $(A)$(A)}".repeat(26));
    let data: String = (0..50).map(|number| format!("  v{number}: {}\n", "x".repeat(4000))).collect();
    let map = format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m}}\ndata:\n{data}");
    let pods: String =
        (0..200).map(|number| pod(&format!("p{number}"), "envFrom: [{configMapRef: {name: m}}]")).collect();
    for (manifests, named) in [(pod("p", &doubling), "`A`"), (format!("{map}{pods}"), "`v")] {
        let configs = load(&[("pods.yaml", &manifests)]);
        let error = configs.last().unwrap().reading.syntax_error.as_ref().unwrap();
        assert!(error.words.contains(named) && error.words.contains("4 MiB"), "{}", error.words);
        assert!(configs.len() < 30, "{} pods", configs.len());
    }
}

#[test]
fn of_too_many_pomeriums_in_one_file_so_many_are_judged_and_the_next_is_told() {
    let pods = |count: usize| (0..count).map(|number| pod(&format!("p{number}"), "args: []")).collect::<String>();
    let resources = |count: usize| {
        let resource = "---\napiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata: {name: NAME}\nspec: {}\n";
        (0..count).map(|number| resource.replace("NAME", &format!("p{number}"))).collect::<String>()
    };
    let maps = |count: usize| {
        let map = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\ndata: {config.yaml: 'idp_provider: cognito'}\n";
        (0..count).map(|number| map.replace("NAME", &format!("p{number}"))).collect::<String>()
    };
    for text in [&pods as &dyn Fn(usize) -> String, &resources, &maps] {
        let is_told = |config: &Config| {
            let error = config.reading.syntax_error.as_ref();
            error.is_some_and(|error| error.words.contains("more than 100 in one file"))
        };
        assert!(!load(&[("all.yaml", &text(100))]).iter().any(is_told));
        let configs = load(&[("all.yaml", &text(1_000))]);
        assert_eq!(configs.iter().map(is_told).collect::<Vec<_>>(), [vec![false; 100], vec![true]].concat());
        // Each file has its own count: a fleet is a folder of them.
        let configs = load(&[("a.yaml", &text(60)), ("b.yaml", &text(60))]);
        assert!(configs.len() == 120 && !configs.iter().any(is_told));
    }
}

#[test]
fn the_secrets_of_a_set_of_manifests_are_held_once() {
    let data: String = (0..100).map(|number| format!("  password{number}: canary-{number}\n")).collect();
    let secret = format!("---\napiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData:\n{data}");
    let pods: String = (0..50).map(|number| pod(&format!("p{number}"), "args: []")).collect();
    let configs = load(&[("pods.yaml", &format!("{secret}{pods}"))]);
    assert_eq!(configs.len(), 50);
    assert_eq!(configs.iter().map(|config| config.secrets.len()).sum::<usize>(), 100);
    assert!(!pomlint::report::scrubber(&configs).scrub("it is canary-99").contains("canary"));
}
