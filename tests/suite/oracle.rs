//! The library must read every configuration as the real Pomerium did (`fixtures/oracle/README.md`).

use std::collections::BTreeMap;
use std::fmt::Debug;

use pomlint::config::{
    ClientSecret, Config, Files, Given, GivenBy, Hosting, Login, PomeriumVersion, RawFile, Request, Setting, Settings,
    compiled_policy, sign_in_error,
};
use serde_json::{Value, json};

const CASES: &str = include_str!("../../fixtures/oracle/cases.json");

/// The files that a case brings along.
struct OtherFiles(BTreeMap<String, String>);

impl Files for OtherFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.0.get(path).map(|text| text.clone().into_bytes()).ok_or_else(|| "no such file or directory".to_owned())
    }
}

fn strings(value: &Value) -> BTreeMap<String, String> {
    serde_json::from_value(value.clone()).unwrap()
}

fn read(case: &Value) -> Config {
    let file = case["file"].as_str().unwrap();
    let config = (!file.is_empty())
        .then(|| RawFile { name: file.to_owned(), bytes: case["text"].as_str().unwrap().as_bytes().to_vec() });
    let environment = Some(strings(&case["environment"]).into_iter().collect());
    let others = OtherFiles(strings(&case["other_files"]));
    let given = config.map(|file| Given { file, files: &others, by: GivenBy::Command }).into_iter().collect();
    Request { given, environment, ..Request::default() }.load().configs.remove(0)
}

/// Collects disagreements of one case.
struct Comparison<'a> {
    case: &'a str,
    disagreements: Vec<String>,
}

impl Comparison<'_> {
    #[allow(clippy::needless_pass_by_value)]
    fn equal<T: PartialEq + Debug>(&mut self, what: &str, ours: T, theirs: T) {
        if ours != theirs {
            self.disagreements.push(format!("{}: {what}\n    ours   {ours:?}\n    theirs {theirs:?}", self.case));
        }
    }

    fn compare(&mut self, config: &Config, theirs: &Value) {
        let refusal = config.reading.refusal.as_ref().map_or("ok", |refusal| &refusal.words);
        self.equal("load", refusal, theirs["load"].as_str().unwrap());
        self.equal("logs", logs(config), expected_logs(theirs));
        for place in config.reading.refusal.iter().chain(&config.reading.start_errors) {
            self.equal("a refusal has a place", place.at.is_some(), true);
        }
        if theirs["load"] != "ok" {
            return;
        }
        let start: Vec<&str> = config.reading.start_errors.iter().map(|error| error.words.as_str()).collect();
        let expected: Vec<&str> =
            theirs["start"].as_array().unwrap().iter().map(|words| words.as_str().unwrap()).collect();
        self.equal("start", start, expected);
        let Some(settings) = &config.settings else {
            self.disagreements.push(format!("{}: loads, but there are no settings", self.case));
            return;
        };
        self.effective(settings, &theirs["effective"]);
        self.equal("routes", routes(settings), theirs["routes"].clone());
        self.login(settings, theirs);
    }

    fn effective(&mut self, settings: &Settings, theirs: &Value) {
        let text = |setting: &Option<Setting<String>>, default: &str| {
            json!(setting.as_ref().map_or(default, |setting| setting.value.as_str()))
        };
        let secret = match &settings.client_secret {
            ClientSecret::Known(secret) => secret.value.expose(),
            _ => "",
        };
        let scopes = settings.idp_scopes.as_ref();
        let scope_list: Option<Vec<&str>> =
            scopes.map(|scopes| scopes.value.iter().map(|scope| scope.value.as_str()).collect());
        let parameters: BTreeMap<&str, &str> = settings
            .idp_request_params
            .iter()
            .map(|(name, value)| (name.value.as_str(), value.value.as_str()))
            .collect();
        for (key, ours) in [
            ("authenticate_service_url", text(&settings.authenticate_service_url, "")),
            ("idp_provider", text(&settings.idp_provider, "")),
            ("idp_provider_url", text(&settings.idp_provider_url, "")),
            ("idp_client_id", text(&settings.idp_client_id, "")),
            ("idp_client_secret", json!(secret)),
            ("idp_scopes_set", json!(scopes.is_some())),
            ("idp_scopes", json!(scope_list)),
            ("services", text(&settings.services, "all")),
            ("signout_redirect_url", text(&settings.signout_redirect_url, "")),
            ("cookie_same_site", text(&settings.cookie_same_site, "")),
        ] {
            self.equal(key, ours, theirs[key].clone());
        }
        let expected: BTreeMap<String, String> =
            serde_json::from_value(theirs["idp_request_params"].clone()).unwrap_or_default();
        let expected = expected.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.equal("idp_request_params", parameters, expected);
        let hours = settings.cookie_expire.as_ref().map_or(14 * 3600, |expire| expire.value.as_secs());
        let (hours, minutes, seconds) = (hours / 3600, hours / 60 % 60, hours % 60);
        self.equal("cookie_expire", json!(format!("{hours}h{minutes}m{seconds}s")), theirs["cookie_expire"].clone());
    }

    fn login(&mut self, settings: &Settings, theirs: &Value) {
        let login = Login::of(settings, PomeriumVersion::NEWEST);
        self.equal("redirect_uri", login.redirect_uri.as_str(), theirs["redirect_uri"].as_str().unwrap());
        self.equal("hosted", login.hosting == Hosting::Hosted, theirs["hosted"].as_bool().unwrap());
        let Some(sign_in) = theirs["sign_in"].as_str() else { return };
        // Where Pomerium would not even ask, there is nothing to compare.
        self.equal("sign-in error", sign_in_error(settings, PomeriumVersion::NEWEST), None);
        let query = sign_in.split_once('?').unwrap().1;
        let client_id = settings.idp_client_id.as_ref().map_or("", |id| id.value.as_str());
        let ours: Vec<String> =
            login.authorize_parameters(client_id).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let theirs: Vec<String> =
            url::form_urlencoded::parse(query.as_bytes()).map(|(name, value)| format!("{name}={value}")).collect();
        self.equal("authorize parameters", ours, theirs);
    }
}

/// What Pomerium would log, sorted: it logs in the chance order of a Go map.
fn logs(config: &Config) -> Vec<String> {
    let reading = &config.reading;
    if !reading.logs_unknown_keys() {
        return Vec::new();
    }
    let lines = |keys: &[pomlint::config::UnknownKey], words: &str| -> Vec<String> {
        keys.iter().map(|key| format!("{words} {}", key.path)).collect()
    };
    let mut logs = lines(&reading.unknown_keys, "unknown config option");
    logs.extend(lines(&reading.removed_keys, "config option was removed"));
    logs.extend(lines(&reading.unknown_runtime_flags, "unknown runtime flag"));
    logs.sort();
    logs
}

fn expected_logs(theirs: &Value) -> Vec<String> {
    let line = |log: &Value| {
        let name = log["key"].as_str().or(log["flag"].as_str()).unwrap_or_default();
        format!("{} {name}", log["message"].as_str().unwrap())
    };
    let mut logs: Vec<String> = theirs["logs"].as_array().unwrap().iter().map(line).collect();
    logs.sort();
    logs
}

fn routes(settings: &Settings) -> Value {
    let route = |route: &pomlint::config::Route| {
        let mut object = json!({ "from": route.from.as_ref().map_or("", |from| from.value.as_str()), "ppl": compiled_policy(&route.policies) });
        if let Some(id) = &route.idp_client_id {
            object["idp_client_id"] = json!(id.value);
        }
        object
    };
    settings.routes.iter().map(route).collect()
}

#[test]
fn every_configuration_is_read_as_pomerium_reads_it() {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    assert_eq!(cases.len(), 204);
    let mut disagreements = Vec::new();
    for case in &cases {
        let mut comparison = Comparison { case: case["name"].as_str().unwrap(), disagreements: Vec::new() };
        comparison.compare(&read(case), &case["pomerium"]);
        disagreements.extend(comparison.disagreements);
    }
    assert!(disagreements.is_empty(), "{} disagreements\n{}", disagreements.len(), disagreements.join("\n"));
}
