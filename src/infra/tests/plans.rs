//! Plans and states.

use super::*;

const POOL: &str = "eu-west-1_Vx3Kd81Lm";

#[test]
fn an_update_is_told_in_both_tenses_with_its_places() {
    let code = fixture("update.plan.json");
    assert_eq!((code.form, code.is_complete, code.notes.len()), (Form::Plan, true, 0));
    let (now, after) = (client(&code.now, "aws_cognito_user_pool_client.intranet"), &code.after);
    let after = client(after, "aws_cognito_user_pool_client.intranet");
    assert_eq!((now.fate, after.fate), (Some(Fate::Update), Some(Fate::Update)));
    let callback = "https://login.intranet.example/oauth2/callback";
    assert_eq!(now.settings.callbacks.contains(callback), Answer::Yes);
    assert_eq!(after.settings.callbacks.contains(callback), Answer::No);
    let at = after.settings.callbacks.members()[0].at.unwrap();
    let text = FILES[1].1.lines().nth(at.line - 1).unwrap();
    assert_eq!(&text[at.column - 1..at.end_column - 1], "\"https://login.intranet.example/oauth2/callback/\"");
    assert_eq!(after.settings.id.value, Value::Known("7c1m0a9s8d7f6g5h4j3k2l1p0o".to_owned()));
    assert_eq!(after.settings.refresh_lifetime(), Value::Known(12 * 3600));
    assert_eq!(after.settings.rotation.value.is_on(Answer::No), Answer::Yes);
    assert_eq!(after.settings.rotation_grace.value, Value::Known(20));
    assert_eq!(after.settings.has_secret.value, Value::Known(true));
}

/// The API leaves out what it does without a list, and a state has an empty one for it.
#[test]
fn an_empty_list_of_a_state_is_no_list() {
    let code = fixture("update.plan.json");
    let now = &client(&code.now, "aws_cognito_user_pool_client.intranet").settings;
    assert_eq!((&now.read_attributes.value, &now.auth_flows.value), (&Value::Unset, &Value::Unset));
    let after = &client(&code.after, "aws_cognito_user_pool_client.intranet").settings;
    assert_eq!(known(&after.read_attributes), ["email"]);
    // Nobody wrote it, so it stays what it was.
    assert_eq!(after.auth_flows.value, Value::Unset);
}

#[test]
fn drift_names_what_was_changed_outside() {
    let code = fixture("update.plan.json");
    let drift = client(&code.after, "aws_cognito_user_pool_client.intranet").drift.clone().unwrap();
    assert_eq!((drift.deleted, drift.changed), (None, vec![Attribute::SignOutUrls]));
    assert_eq!(drift.overwritten, []);
}

#[test]
fn what_is_deleted_is_gone_and_what_is_forgotten_stays() {
    let code = fixture("update.plan.json");
    let there = |picture: &Picture, name: &str| {
        let address = format!("aws_cognito_user_pool_client.{name}");
        picture.clients.iter().find(|client| client.address == address).map(|client| client.fate)
    };
    assert_eq!(there(&code.now, "old"), Some(Some(Fate::Delete)));
    assert_eq!(there(&code.after, "old"), None);
    assert_eq!(there(&code.after, "left"), Some(Some(Fate::Forget)));
    // Its deposed predecessor is another object with the same address.
    assert_eq!(
        code.now.clients.iter().filter(|client| client.address == "aws_cognito_user_pool_client.kept").count(),
        1
    );
    let domains: Vec<&str> = code.after.domains.iter().map(|domain| domain.address.as_str()).collect();
    assert_eq!(domains, ["aws_cognito_user_pool_domain.custom"]);
    assert_eq!(code.after.domains[0].settings.is_custom.value, Value::Known(true));
}

/// Plans do not hold `lifecycle`: what tells it is that the author wrote something else than will be.
#[test]
fn a_setting_that_the_apply_leaves_alone_is_told() {
    let code = fixture("update.plan.json");
    let kept = client(&code.after, "aws_cognito_user_pool_client.kept");
    assert_eq!(kept.left_alone, [Attribute::Callbacks]);
    assert_eq!(known(&kept.settings.callbacks), ["https://console.example/cb"]);
    // Sets have no order.
    assert_eq!(client(&code.after, "aws_cognito_user_pool_client.intranet").left_alone, []);
    let Value::Unknown(why) = &kept.settings.sign_out_urls.value else { panic!("sensitive") };
    assert!(why.contains("sensitive"), "{why}");
}

#[test]
fn of_what_is_made_the_defaults_are_decided_and_references_are_not() {
    let code = fixture("create.plan.json");
    assert!(code.now.clients.is_empty());
    let red = &client(&code.after, r#"module.app["red"].aws_cognito_user_pool_client.this"#).settings;
    assert_eq!(red.oauth_enabled.value, Value::Unset);
    assert_eq!(red.read_attributes.value, Value::Unset);
    assert_eq!(red.has_secret.value, Value::Unset);
    assert_eq!(red.id.value.is_unset(), Answer::Maybe);
    let each = &client(&code.after, r#"aws_cognito_user_pool_client.each["y"]"#).settings;
    assert_eq!(each.has_secret.value.is_on(Answer::No), Answer::Maybe);
    assert_eq!(each.read_attributes.value.is_unset(), Answer::Maybe, "an empty list that somebody wrote");
    assert_eq!(each.callbacks.contains("https://a.example/cb"), Answer::Yes);
    assert_eq!(each.callbacks.contains("https://b.example/cb"), Answer::Maybe);
    let doubts = each.callbacks.doubts("https://b.example/cb").join("");
    assert!(doubts.contains("terraform_data.host.output"), "{doubts}");
}

#[test]
fn a_client_finds_its_pool_through_modules_and_by_its_instance() {
    let code = fixture("create.plan.json");
    let pool = |address: &str| {
        let client = client(&code.after, address);
        pool_of(&code.after, &client.settings.pool.value).map(|pool| pool.address.as_str())
    };
    let blue = r#"module.app["blue.1"].aws_cognito_user_pool_client.this"#;
    assert_eq!(pool(blue), Some("module.pool.aws_cognito_user_pool.this"));
    assert_eq!(pool(r#"aws_cognito_user_pool_client.each["y"]"#), Some(r#"aws_cognito_user_pool.many["y"]"#));
    let id = &client(&code.after, blue).settings.pool.value;
    let codes = [code.clone()];
    let after = &codes[0].after;
    let domains = belonging(&codes, Tense::AfterApply, (after, std::slice::from_ref(id)), |picture| &picture.domains);
    let belongs: Vec<(&str, Answer)> =
        domains.iter().map(|linked| (linked.resource.address.as_str(), linked.belongs)).collect();
    // Of two references, nobody can say which it is.
    let expected =
        [("aws_cognito_user_pool_domain.login", Answer::Yes), ("aws_cognito_user_pool_domain.both", Answer::Maybe)];
    assert_eq!(belongs, expected);
    let literal = Value::Known(POOL.to_owned());
    assert_eq!(same_pool((after, id), (&Picture::default(), &literal)), Answer::No, "a pool that is made has a new id");
}

/// `count.index` in the call of a module is the index of the module, and not that of a resource in it.
#[test]
fn the_index_of_a_module_is_no_index_of_its_resources() {
    let change = |address: &str, kind: &str, after: &str| {
        format!(
            r#"{{"address": "{address}", "mode": "managed", "type": "{kind}", "change": {{"actions": ["create"], "before": null,
            "after": {after}, "after_unknown": {{"id": true, "user_pool_id": true}}}}}}"#
        )
    };
    let (pool, app_client) = ("aws_cognito_user_pool", "aws_cognito_user_pool_client");
    let changes = [
        change("aws_cognito_user_pool.p[0]", pool, "{}"),
        change("aws_cognito_user_pool.p[1]", pool, "{}"),
        change("module.m[0].aws_cognito_user_pool_client.c[1]", app_client, "{}"),
        change("module.m[1].aws_cognito_user_pool_client.c[0]", app_client, "{}"),
    ];
    let text = format!(
        r#"{{"format_version": "1.2", "resource_changes": [{}], "configuration": {{"root_module": {{"module_calls": {{"m": {{
        "expressions": {{"pool": {{"references": ["aws_cognito_user_pool.p", "count.index"]}}}},
        "module": {{"resources": [{{"address": "aws_cognito_user_pool_client.c", "type": "aws_cognito_user_pool_client",
        "expressions": {{"user_pool_id": {{"references": ["var.pool"]}}}}}}]}}}}}}}}}}}}"#,
        changes.join(", ")
    );
    let code = read_text("plan.json", &text, &[]).unwrap();
    for (address, expected) in [
        ("module.m[0].aws_cognito_user_pool_client.c[1]", "aws_cognito_user_pool.p[0]"),
        ("module.m[1].aws_cognito_user_pool_client.c[0]", "aws_cognito_user_pool.p[1]"),
    ] {
        let id = &client(&code.after, address).settings.pool.value;
        assert_eq!(pool_of(&code.after, id).map(|pool| pool.address.as_str()), Some(expected), "{address}");
    }
}

/// A flag in place of an object of flags stands for all that is in it.
#[test]
fn a_whole_resource_may_be_sensitive_or_unknown() {
    let settings = |flags: &str| {
        let text = format!(
            r#"{{"format_version": "1.2", "resource_changes": [{{"address": "aws_cognito_user_pool_client.c", "type":
            "aws_cognito_user_pool_client", "change": {{"actions": ["update"], "before": {{"callback_urls": ["https://canary"]}},
            "after": {{"callback_urls": ["https://canary"]}}, {flags}}}}}]}}"#
        );
        let code = read_text("plan.json", &text, &[]).unwrap();
        [&code.now, &code.after].map(|picture| client(picture, "aws_cognito_user_pool_client.c").settings.clone())
    };
    for flags in
        [r#""after_sensitive": true"#, r#""before_sensitive": true"#, r#""after_sensitive": {"callback_urls": [true]}"#]
    {
        let told = settings(flags);
        assert!(!format!("{told:?}").contains("canary"), "{flags}: {told:?}");
    }
    let [_, after] = settings(r#""after_unknown": true"#);
    assert_eq!(after.oauth_enabled.value.is_on(Answer::No), Answer::Maybe);
}

#[test]
fn both_forms_of_a_state_say_the_same() {
    let strip = |code: Code| -> Vec<(String, serde_json::Value)> {
        let clients = code.now.clients.into_iter().map(|client| {
            let mut settings = serde_json::to_value(&client.settings).unwrap();
            without_places(&mut settings);
            (client.address, settings)
        });
        clients.collect()
    };
    let (raw, shown) = (fixture("terraform.tfstate"), fixture("state.json"));
    assert!(raw.notes[0].words.contains("tainted"));
    assert_eq!(raw.now.pools.all().len(), shown.now.pools.all().len());
    let (raw, shown) = (strip(raw), strip(shown));
    assert_eq!(
        raw.iter().map(|(address, _)| address.as_str()).collect::<Vec<_>>(),
        [
            r#"module.app["blue.1"].aws_cognito_user_pool_client.this[0]"#,
            r#"module.app["blue.1"].aws_cognito_user_pool_client.this[1]"#,
        ]
    );
    assert_eq!(raw, shown);
}

fn without_places(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            members.remove("at");
            members.values_mut().for_each(without_places);
        }
        serde_json::Value::Array(members) => members.iter_mut().for_each(without_places),
        _ => {}
    }
}

#[test]
fn a_part_of_a_plan_is_no_whole_one() {
    for (member, words) in [(r#""complete": false"#, "-target"), (r#""complete": true, "errored": true"#, "error")] {
        let text = format!(r#"{{"format_version": "1.2", "resource_changes": [], {member}}}"#);
        let code = read_text("plan.json", &text, &[]).unwrap();
        assert!(!code.is_complete && code.notes[0].words.contains(words), "{:?}", code.notes);
    }
    let other = r#"{"format_version": "1.2", "resource_changes": [{"address": "awscc_cognito_user_pool_client.x",
        "type": "awscc_cognito_user_pool_client", "change": {"actions": ["create"], "after": {}}}]}"#;
    let code = read_text("plan.json", other, &[]).unwrap();
    assert!(!code.is_complete && code.notes[0].words.contains("awscc"), "{:?}", code.notes);
}

#[test]
fn the_wrapper_of_an_action_changes_nothing_but_the_line() {
    let text = FILES[0].1.replace('\n', "");
    let code =
        read_text("-", &format!("[command]/bin/terraform show -json p\n{text}\n::debug::exitcode 0\n"), &[]).unwrap();
    let places =
        |code: &Code| code.after.clients.iter().map(|client| (client.at.line, client.at.column)).collect::<Vec<_>>();
    let plain = read_text("-", &text, &[]).unwrap();
    assert_eq!(places(&code), places(&plain).iter().map(|(line, column)| (line + 1, *column)).collect::<Vec<_>>());
}
