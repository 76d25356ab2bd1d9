//! Each kind of credentials, without a network: what would be sent, and to whom.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;
use zeroize::Zeroizing;

use super::*;
use crate::evidence::Failure;
use crate::evidence::aws::{Raw, Reach, Sender, Wire};

/// The home of a user, with files in its folder `.aws`, and the variables that are set.
struct Home {
    folder: TempDir,
    variables: BTreeMap<String, String>,
}

impl Home {
    fn with(files: &[(&str, &str)], variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(".aws").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text.replace("HOME", folder.path().to_str().unwrap())).unwrap();
        }
        let home = ("HOME".to_owned(), folder.path().to_str().unwrap().to_owned());
        let set = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.replace("HOME", folder.path().to_str().unwrap())));
        Self { variables: set.chain([home]).collect(), folder }
    }

    fn find(&self) -> Result<Access, String> {
        let variables = self.variables.clone();
        let patience = Duration::from_millis(200);
        Access::find(&Environment { variable: Box::new(move |name| variables.get(name).cloned()), patience })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Answers with credentials named after the place that gives them.
#[derive(Default)]
struct Places {
    asked: RefCell<Vec<String>>,
}

impl Sender for Places {
    async fn send(&self, wire: Wire) -> Result<Raw, Failure> {
        let text = String::from_utf8(wire.body.to_vec()).unwrap();
        let signed = wire.headers.iter().find(|(name, _)| *name == "authorization");
        let by = signed.map_or("nobody".to_owned(), |(_, value)| {
            value.split(['=', '/']).nth(1).unwrap_or(value.as_str()).to_owned()
        });
        let at = format!("{:?} {} {} by {by}", wire.reach, wire.method, wire.url);
        self.asked.borrow_mut().push(format!("{at} {text}").trim_end().to_owned());
        let body = match wire.reach {
            Reach::Container => r#"{"AccessKeyId":"CONTAINER","SecretAccessKey":"s","Token":"t"}"#,
            _ if wire.method == "GET" => {
                r#"{"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"s","sessionToken":"t","expiration":1}}"#
            }
            _ => {
                "<R><Credentials><AccessKeyId>ROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken></Credentials></R>"
            }
        };
        Ok(Raw { status: 200, headers: Vec::new(), body: Zeroizing::new(body.as_bytes().to_vec()), is_whole: true })
    }
}

/// The id of the keys that are found, and who was asked for them.
fn keys(home: &Home) -> (String, Vec<String>) {
    let access = home.find().unwrap_or_else(|why| panic!("{why}"));
    let places = Places::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let keys = runtime.block_on(access.keys("eu-west-1", &places)).unwrap_or_else(|why| panic!("{}", why.cause));
    (keys.id.expose().to_owned(), places.asked.into_inner())
}

const STATIC: &str = "[base]\naws_access_key_id = BASE\naws_secret_access_key = s\n";

#[test]
fn keys_that_are_written_somewhere_are_found() {
    let environment = [("AWS_ACCESS_KEY_ID", "ENV"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_PROFILE", "base")];
    assert_eq!(keys(&Home::with(&[("credentials", STATIC)], &environment)).0, "ENV");
    assert_eq!(keys(&Home::with(&[("credentials", STATIC)], &[("AWS_PROFILE", "base")])).0, "BASE");
    let both =
        [("credentials", STATIC), ("config", "[profile base]\naws_access_key_id = OLD\naws_secret_access_key = s\n")];
    assert_eq!(keys(&Home::with(&both, &[("AWS_PROFILE", "base")])).0, "BASE");
    let elsewhere = Home::with(
        &[("mine", "[default]\naws_access_key_id = MINE\naws_secret_access_key = s\n")],
        &[("AWS_SHARED_CREDENTIALS_FILE", "HOME/.aws/mine")],
    );
    assert_eq!(keys(&elsewhere).0, "MINE");
}

#[test]
fn roles_are_assumed_one_after_the_other() {
    let config = "[profile first]\nrole_arn = arn:aws:iam::1:role/first\nsource_profile = base\n\
                  [profile second]\nrole_arn = arn:aws:iam::1:role/second\nsource_profile = first\nexternal_id = x y\nregion = us-east-1\n";
    let home = Home::with(&[("credentials", STATIC), ("config", config)], &[("AWS_PROFILE", "second")]);
    let (id, asked) = keys(&home);
    assert_eq!(id, "ROLE");
    assert_eq!(asked.len(), 2);
    assert!(asked[0].starts_with("Aws POST https://sts.us-east-1.amazonaws.com/ by BASE Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Ffirst&RoleSessionName=pomlint&Action=AssumeRole"), "{asked:?}");
    assert!(
        asked[1].contains("by ROLE ")
            && asked[1].ends_with("second&RoleSessionName=pomlint&Action=AssumeRole&ExternalId=x+y"),
        "{asked:?}"
    );
    let own = "[profile own]\nrole_arn = arn:aws:iam::1:role/own\nsource_profile = own\naws_access_key_id = OWN\naws_secret_access_key = s\n";
    let (_, asked) = keys(&Home::with(&[("config", own)], &[("AWS_PROFILE", "own")]));
    assert!(asked[0].contains("by OWN "), "{asked:?}");
    let named = [("AWS_PROFILE", "first"), ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9/x")];
    let (_, asked) = keys(&Home::with(&[("credentials", STATIC), ("config", config)], &named));
    assert!(asked[0].starts_with("Named POST http://127.0.0.1:9/x by BASE "), "{asked:?}");
}

#[test]
fn a_web_identity_is_exchanged_without_a_signature() {
    let files = [
        ("token", "eyJ.token\n"),
        (
            "config",
            "[profile web]\nrole_arn = arn:aws:iam::1:role/w\nweb_identity_token_file = HOME/.aws/token\n[profile region]\nregion = \
             eu-west-1\n[profile keys]\naws_access_key_id = OWN\naws_secret_access_key = s\n",
        ),
    ];
    let variables = [("AWS_WEB_IDENTITY_TOKEN_FILE", "HOME/.aws/token"), ("AWS_ROLE_ARN", "arn:aws:iam::1:role/w")];
    let [token, role] = variables;
    // A profile that says nothing of credentials leaves them to the environment, and one with keys comes after it.
    let beside = |profile| [token, role, ("AWS_PROFILE", profile)];
    for variables in [&variables[..], &[("AWS_PROFILE", "web")], &beside("region"), &beside("keys")] {
        let (id, asked) = keys(&Home::with(&files, variables));
        assert_eq!(id, "ROLE");
        assert!(
            asked[0].contains(" by nobody ")
                && asked[0].ends_with("Action=AssumeRoleWithWebIdentity&WebIdentityToken=eyJ.token"),
            "{asked:?}"
        );
    }
}

/// What one answer of this status makes of the way to the credentials.
fn refusal(home: &Home, status: u16, body: &str) -> String {
    struct Refusing(u16, String);
    impl Sender for Refusing {
        async fn send(&self, _: Wire) -> Result<Raw, Failure> {
            let body = Zeroizing::new(self.1.clone().into_bytes());
            Ok(Raw { status: self.0, headers: Vec::new(), body, is_whole: true })
        }
    }
    let access = home.find().unwrap_or_else(|why| panic!("{why}"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let keys = runtime.block_on(access.keys("eu-west-1", &Refusing(status, body.to_owned())));
    keys.err().map(|failure| failure.cause).unwrap_or_default()
}

#[test]
fn whoever_is_refused_credentials_is_told_what_to_do() {
    let token = ("AWS_WEB_IDENTITY_TOKEN_FILE", "HOME/.aws/token");
    let home = Home::with(&[("token", "eyJ.token\n")], &[token]);
    assert!(home.find().err().unwrap().contains("AWS_ROLE_ARN, which names the role"));
    let role = "[profile r]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\n";
    let home = Home::with(&[("credentials", STATIC), ("config", role)], &[("AWS_PROFILE", "r")]);
    let answer = |code: &str| format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
    let denied = refusal(&home, 403, &answer("AccessDenied"));
    let statement = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::1:role/r"}"#;
    assert!(denied.contains(statement), "{denied}");
    assert!(refusal(&home, 400, &answer("Throttling")).contains("try again in a minute"));
    let config = "[profile s]\nsso_session = corp\nsso_account_id = 123\nsso_role_name = Reader\n[sso-session corp]\nsso_region = eu-central-1\nsso_start_url = https://corp.example/start\n";
    let (file, text) = cached("corp", "2999-01-01T00:00:00Z");
    let home = Home::with(&[("config", config), (&file, &text)], &[("AWS_PROFILE", "s")]);
    let (expired, forbidden) = (refusal(&home, 401, "{}"), refusal(&home, 403, "{}"));
    assert!(expired.contains("run aws sso login"), "{expired}");
    assert!(forbidden.contains("the role Reader of the account 123") && !forbidden.contains("login"), "{forbidden}");
}

/// The cache of a sign-in under a name.
fn cached(name: &str, until: &str) -> (String, String) {
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, name.as_bytes());
    let file = format!("sso/cache/{}.json", crate::evidence::aws::sign::hex(digest.as_ref()));
    (file, format!(r#"{{"accessToken":"TOKEN","expiresAt":"{until}"}}"#))
}

#[test]
fn a_sign_in_that_is_still_good_is_used_and_another_one_is_not() {
    let new = "[profile s]\nsso_session = corp\nsso_account_id = 123\nsso_role_name = Read Only\n[sso-session corp]\nsso_region = eu-central-1\nsso_start_url = https://corp.example/start\n";
    let old = "[profile s]\nsso_start_url = https://corp.example/start\nsso_region = eu-central-1\nsso_account_id = 123\nsso_role_name = Read Only\n";
    for (config, name) in [(new, "corp"), (old, "https://corp.example/start")] {
        for until in ["2999-01-01T00:00:00Z", "2999-01-01T00:00:00UTC"] {
            let (file, text) = cached(name, until);
            let home = Home::with(&[("config", config), (&file, &text)], &[("AWS_PROFILE", "s")]);
            let (id, asked) = keys(&home);
            assert_eq!(id, "SSO");
            assert_eq!(
                asked,
                [
                    "Aws GET https://portal.sso.eu-central-1.amazonaws.com/federation/credentials?role_name=Read+Only&account_id=123 by nobody"
                ]
            );
        }
        let (file, text) = cached(name, "2020-01-01T00:00:00Z");
        let why = Home::with(&[("config", config), (&file, &text)], &[("AWS_PROFILE", "s")]).find().err().unwrap();
        assert!(why.contains("aws sso login --profile s"), "{why}");
    }
}

#[test]
fn a_container_is_asked_only_where_aws_serves_it() {
    let relative = [("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x"), ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "T")];
    let (id, asked) = keys(&Home::with(&[], &relative));
    assert_eq!((id.as_str(), asked), ("CONTAINER", vec!["Container GET http://169.254.170.2/v2/x by T".to_owned()]));
    let full = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/get")];
    assert_eq!(keys(&Home::with(&[], &full)).0, "CONTAINER");
    for url in ["http://169.254.169.254/latest/meta-data/", "https://evil.example/x", "http://localhost.evil.example/"]
    {
        let why = Home::with(&[], &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)]).find().err().unwrap();
        assert!(why.contains("is not asked"), "{why}");
    }
}

#[cfg(unix)]
#[test]
fn a_program_hands_out_credentials() {
    use std::os::unix::fs::PermissionsExt as _;
    let script =
        "#!/bin/sh\necho \"{\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"$1\\\",\\\"SecretAccessKey\\\":\\\"s\\\"}\"\n";
    let config = "[profile p]\ncredential_process = \"HOME/.aws/a program\" 'OF PROGRAM'\n[profile q]\ncredential_process = false\n[profile r]\ncredential_process = sleep 600\n";
    let home = Home::with(&[("a program", script), ("config", config)], &[("AWS_PROFILE", "p")]);
    fs::set_permissions(home.path().join(".aws/a program"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(keys(&home).0, "OF PROGRAM");
    let why = Home::with(&[("config", config)], &[("AWS_PROFILE", "q")]).find().err().unwrap();
    assert!(why.contains("run it by hand"), "{why}");
    // It has as long as some answers have, and no longer.
    let why = Home::with(&[("config", config)], &[("AWS_PROFILE", "r")]).find().err().unwrap();
    assert!(why.contains("takes more than"), "{why}");
}

#[cfg(unix)]
#[test]
fn credentials_that_aws_refuses_are_not_used() {
    for (more, says) in [
        (r#""Version":2"#, Some("another Version")),
        (r#""Version":1,"Expiration":"2001-01-01T00:00:00Z""#, Some("have expired")),
        (r#""Version":1,"Expiration":"2001-01-01T00:00:00+00:00""#, Some("have expired")),
        (r#""Version":1,"Expiration":"2999-01-01T00:00:00Z""#, None),
    ] {
        let printed = format!(r#"{{"AccessKeyId":"A","SecretAccessKey":"s",{more}}}"#);
        let config = "[profile p]\ncredential_process = cat HOME/.aws/printed\n";
        let home = Home::with(&[("printed", &printed), ("config", config)], &[("AWS_PROFILE", "p")]);
        match (home.find(), says) {
            (Ok(_), None) => {}
            (Err(why), Some(says)) => assert!(why.contains(says), "{more}: {why}"),
            (found, _) => panic!("{more}: {}", found.is_ok()),
        }
    }
}

#[test]
fn what_only_the_tools_of_aws_can_do_is_told_with_what_to_run() {
    for (config, variables, says) in [
        ("", &[][..], "there are no AWS credentials"),
        ("", &[("AWS_PROFILE", "nope")], "there is no profile `nope`, which AWS_PROFILE names"),
        (
            "[profile a]\nrole_arn = r\nmfa_serial = m\nsource_profile = a\n",
            &[("AWS_PROFILE", "a")],
            "--profile a --format env",
        ),
        ("[profile a]\nlogin_session = x\n", &[("AWS_PROFILE", "a")], "aws login"),
        (
            "[profile a]\nrole_arn = r\ncredential_source = Ec2InstanceMetadata\n",
            &[("AWS_PROFILE", "a")],
            "metadata of an instance",
        ),
        (
            "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nrole_arn = r\nsource_profile = a\n",
            &[("AWS_PROFILE", "a")],
            "its own source_profile",
        ),
        ("[profile a]\nregion = eu-west-1\n", &[("AWS_PROFILE", "a")], "has no credentials"),
        ("", &[("AWS_ACCESS_KEY_ID", "x")], "AWS_SECRET_ACCESS_KEY is not"),
        (
            "",
            &[("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "y"), ("AWS_ENDPOINT_URL", "http://10.0.0.1")],
            "AWS_ENDPOINT_URL is plain http",
        ),
    ] {
        let why = Home::with(&[("config", config)], variables).find().err().unwrap_or_else(|| panic!("{says}"));
        assert!(why.contains(says), "{why}");
    }
}

#[test]
fn an_address_is_named_by_the_variable_of_the_service_first() {
    let config = "[profile a]\naws_access_key_id = A\naws_secret_access_key = s\nservices = local\nendpoint_url = https://profile.example\n[services local]\ncognito_identity_provider =\n  endpoint_url = http://127.0.0.1:5000\n";
    let of = |variables: &[(&str, &str)]| {
        let all = [variables, &[("AWS_PROFILE", "a")]].concat();
        let access = Home::with(&[("config", config)], &all).find().unwrap_or_else(|why| panic!("{why}"));
        access.user_pools.map(|url| url.to_string())
    };
    assert_eq!(of(&[]).as_deref(), Some("http://127.0.0.1:5000/"));
    let one = ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "http://127.0.0.1:1");
    let all = ("AWS_ENDPOINT_URL", "http://127.0.0.1:2");
    assert_eq!(of(&[one, all]).as_deref(), Some("http://127.0.0.1:1/"));
    assert_eq!(of(&[all]).as_deref(), Some("http://127.0.0.1:2/"));
    assert_eq!(of(&[all, ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")]), None);
}
