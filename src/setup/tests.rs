use proptest::prelude::*;

use super::*;

/// A registration with a text of somebody else's in every place that takes one.
fn hostile(text: &str) -> Registration {
    Registration {
        file: text.to_owned(),
        version: PomeriumVersion::NEWEST,
        pool: Some(Pool { id: "eu-west-1_9xK2mPq7R".to_owned(), region: "eu-west-1".to_owned() }),
        callback: text.to_owned(),
        sign_out: Some(text.to_owned()),
        scopes: vec!["openid".to_owned(), text.to_owned()],
        identity_provider: text.to_owned(),
        is_provider_pinned: true,
        session: Duration::from_secs(14 * 3600),
        refresh_days: 30,
        clients: vec![
            AppClient { id: Some(text.to_owned()), is_elsewhere: false, route: Some(text.to_owned()) },
            AppClient { id: None, is_elsewhere: true, route: Some(text.to_owned()) },
        ],
        notes: vec![text.to_owned()],
        check: Some("pomlint check config.yaml".to_owned()),
        is_among_others: false,
    }
}

/// What is between the quotes of a string of HCL, as its grammar reads it (hashicorp/hcl, `hclsyntax/spec.md`, quoted templates).
fn unquoted(string: &str) -> String {
    let inside = string.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap();
    let (mut text, mut rest) = (String::new(), inside);
    while let Some(first) = rest.chars().next() {
        let escape =
            |digits: usize| u32::from_str_radix(&rest[2..2 + digits], 16).ok().and_then(char::from_u32).unwrap();
        let (character, length) = match (first, rest.as_bytes().get(1)) {
            ('\\', Some(b'u')) => (escape(4), 6),
            ('\\', Some(b'U')) => (escape(8), 10),
            ('\\', Some(b'"' | b'\\')) => (rest.chars().nth(1).unwrap(), 2),
            ('$', Some(b'$')) if rest.starts_with("$${") => ('$', 2),
            ('%', Some(b'%')) if rest.starts_with("%%{") => ('%', 2),
            ('$' | '%', Some(b'{')) => panic!("a template begins in {string}"),
            ('\\' | '"', _) => panic!("the string ends in {string}"),
            _ => (first, first.len_utf8()),
        };
        text.push(character);
        rest = &rest[length..];
    }
    text
}

/// The members of a list of strings, which are printable ASCII.
fn members(list: &str) -> Vec<String> {
    let (mut members, mut rest) = (Vec::new(), list.strip_prefix('[').unwrap());
    while let Some(start) = rest.find('"') {
        let mut escaped = false;
        let end = rest[start + 1..]
            .find(|character| {
                let ends = character == '"' && !escaped;
                escaped = character == '\\' && !escaped;
                ends
            })
            .unwrap();
        members.push(unquoted(&rest[start..start + end + 2]));
        rest = &rest[start + end + 2..];
    }
    assert_eq!(rest, "]");
    members
}

fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "${",
        "%{",
        "$",
        "%",
        "{",
        "}",
        "\"",
        "'",
        "\\",
        "\n",
        "\r",
        "\u{2028}",
        "\u{85}",
        "\u{0}",
        "POMLINT",
        "$(id)",
        "`id`",
        "#",
        "!Ref x",
        ": ",
        "- ",
        "😀",
        "é",
        "https://a.example",
        "\t",
        "EOF",
        "\\u0024{",
    ]);
    prop::collection::vec(prop_oneof![pieces.prop_map(str::to_owned), any::<char>().prop_map(String::from)], 0..12)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_gets_out_of_its_string(text in texts()) {
        let registration = hostile(&text);

        let document: serde_json::Value = serde_json::from_str(&json(&registration)).unwrap();
        prop_assert_eq!(document["clients"][0]["settings"]["CallbackURLs"][0].as_str(), Some(text.as_str()));
        prop_assert_eq!(document["config"].as_str(), Some(text.as_str()));

        let template: serde_yaml::Value = serde_yaml::from_str(&cloudformation(&registration)).unwrap();
        let resources = template["Resources"].as_mapping().unwrap();
        prop_assert_eq!(resources.len(), 2);
        for (_, client) in resources {
            let properties = &client["Properties"];
            prop_assert_eq!(properties.as_mapping().unwrap().len(), 13);
            for list in ["CallbackURLs", "LogoutURLs", "SupportedIdentityProviders"] {
                prop_assert_eq!(properties[list][0].as_str(), Some(text.as_str()));
            }
        }

        let code = terraform(&registration);
        prop_assert!(code.is_ascii() || code.lines().all(|line| line.is_ascii() || line.starts_with('#')));
        let statements = code.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let lists = statements.clone().filter_map(|line| line.trim().strip_prefix("callback_urls"));
        let lists: Vec<_> = lists.map(|line| members(line.trim_start_matches([' ', '=']))).collect();
        prop_assert_eq!(lists, vec![vec![text.clone()], vec![text.clone()]]);
        let plain = terraform(&hostile("x"));
        prop_assert_eq!(statements.count(), plain.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count());

        // Outside of here-documents the commands are the same, whatever the text.
        prop_assert_eq!(commands(&aws_cli(&registration)), commands(&aws_cli(&hostile("x"))));
        for wanted in here_documents(&aws_cli(&registration)).iter().filter(|document| document.contains("CallbackURLs\":")) {
            let wanted: serde_json::Value = serde_json::from_str(wanted).unwrap();
            prop_assert_eq!(wanted["CallbackURLs"][0].as_str(), Some(text.as_str()));
        }

        let table = table(&registration);
        prop_assert!(!table.chars().any(|character| character.is_control() && character != '\n'), "{table:?}");
    }
}

/// What a shell would run.
fn commands(script: &str) -> Vec<String> {
    let (mut commands, mut inside) = (Vec::new(), false);
    for line in script.lines() {
        if inside {
            inside = line != "POMLINT";
        } else if !line.starts_with('#') {
            inside = line.ends_with("<<'POMLINT'");
            commands.push(line.to_owned());
        }
    }
    assert!(!inside, "a here-document has no end");
    commands
}

fn here_documents(script: &str) -> Vec<String> {
    let parts = script.split("<<'POMLINT'\n").skip(1);
    parts.map(|part| part.split("\nPOMLINT\n").next().unwrap().to_owned()).collect()
}

#[test]
fn templates_of_hcl_are_texts() {
    for (text, written) in [
        ("${a}", r#""$${a}""#),
        ("%{a}", r#""%%{a}""#),
        ("$${a}", r#""\u0024$${a}""#),
        ("%${a}", r#""\u0025$${a}""#),
        ("$a %b", r#""$a %b""#),
        ("$", r#""$""#),
    ] {
        assert_eq!(quote::hcl(text), written);
        assert_eq!(unquoted(written), text);
    }
}
