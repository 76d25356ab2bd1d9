//! Templates.

use super::*;

const LOGIN: &str = "https://login.intranet.example/oauth2/callback";

/// A template with one client, of which these are the properties; further sections may follow.
fn with_client(properties: &str, more: &str) -> Code {
    let text =
        format!("Resources:\n  Client:\n    Type: AWS::Cognito::UserPoolClient\n    Properties:\n{properties}\n{more}");
    read_text("template.yaml", &text, &["Given=given.example"]).unwrap()
}

fn settings(properties: &str) -> ClientSettings {
    client(&with_client(properties, "").after, "Client").settings.clone()
}

/// What can be seen of a template whatever language it is in.
fn seen(code: &Code) -> Vec<String> {
    let clients = code.after.clients.iter().map(|client| {
        let settings = &client.settings;
        let lists = [&settings.flows, &settings.scopes, &settings.callbacks, &settings.sign_out_urls];
        let lists =
            lists.map(|list| format!("{:?}", list.members().iter().map(|member| &member.value).collect::<Vec<_>>()));
        let rest = (&settings.oauth_enabled.value, &settings.has_secret.value, settings.refresh_lifetime());
        format!(
            "{} {:?} {lists:?} {rest:?} {:?} {}",
            client.address, client.doubt, settings.rotation.value, settings.pool.value
        )
    });
    clients.collect()
}

#[test]
fn both_spellings_and_both_languages_say_the_same() {
    for parameters in [&[][..], &["Stage=prod"], &["Stage=dev", "Host=x.example", "Urls=a, b"]] {
        let (yaml, json) = (fixture_with("template.yaml", parameters), fixture_with("template.json", parameters));
        assert_eq!(seen(&yaml), seen(&json), "{parameters:?}");
        assert_eq!(yaml.parameters, json.parameters);
        assert!(yaml.after.clients.iter().all(|client| client.at.line > 1));
    }
}

#[test]
fn what_nobody_knows_stays_open_and_what_is_given_decides() {
    let open = fixture("template.yaml");
    let settings = &client(&open.after, "Client").settings;
    assert_eq!(settings.callbacks.contains(LOGIN), Answer::Maybe);
    assert_eq!(settings.flows.contains("code"), Answer::Yes, "both stages have it");
    assert_eq!(settings.flows.contains("implicit"), Answer::Maybe);
    assert_eq!(known(&settings.scopes), ["openid", "email", "profile"]);
    assert_eq!(settings.sign_out_urls.contains("https://a.example"), Answer::Maybe);
    assert_eq!((settings.oauth_enabled.value.known(), settings.has_secret.value.known()), (Some(&true), Some(&true)));
    assert_eq!(settings.read_attributes.value, Value::Unset, "no stage is called lab");
    assert_eq!(settings.rotation.value, Value::Known(true), "the region of the issuer decides");
    assert_eq!(settings.refresh_lifetime(), Value::Known(12 * 3600));
    assert_eq!(known(&settings.identity_providers), ["COGNITO", "Staff"]);
    let given = fixture_with("template.yaml", &["Stage=prod", "Urls=https://a.example, https://b.example"]);
    let settings = &client(&given.after, "Client").settings;
    assert_eq!(settings.callbacks.contains(LOGIN), Answer::Yes);
    assert_eq!(settings.name.value, Value::Known("intranet-prod".to_owned()));
    assert_eq!(known(&settings.sign_out_urls), ["https://a.example", "https://b.example"]);
    assert_eq!(client(&given.after, "Perhaps").doubt, None);
    let other = fixture_with("template.yaml", &["Stage=dev"]);
    assert!(other.after.clients.iter().all(|client| client.address != "Perhaps" && client.address != "Lab"));
    assert_eq!(client(&other.after, "Client").settings.callbacks.contains(LOGIN), Answer::No);
}

#[test]
fn a_default_and_a_secret_parameter_are_no_values() {
    let code = fixture_with("template.yaml", &["Hidden=canary-given", "Stored=/canary/name"]);
    let perhaps = client(&code.after, "Perhaps");
    assert_eq!(perhaps.settings.name.value.to_string(), "b.${Stored}.${Hidden}");
    assert_eq!(perhaps.doubt.as_deref(), Some("the condition IsProd decides whether it is there"));
    assert!(!format!("{code:?}").contains("canary"));
    let client = client(&code.after, "Client");
    let Value::Pattern(pattern) = &client.settings.callbacks.members()[1].value else { panic!("a hole") };
    assert_eq!(pattern.holes().next().unwrap().hint.as_deref(), Some("login.intranet.example"));
    assert_eq!(pattern.to_string(), "https://${Host}/${literal}/${resolve:ssm:/path}");
}

#[test]
fn a_property_that_is_left_out_is_unset_and_an_empty_list_of_attributes_is_not() {
    let settings = settings("      UserPoolId: p\n      ReadAttributes: []\n      CallbackURLs: []");
    assert_eq!(settings.oauth_enabled.value, Value::Unset);
    assert_eq!(settings.read_attributes.value.is_unset(), Answer::Maybe);
    assert_eq!(settings.callbacks.is_empty(), Answer::Yes);
    assert_eq!(settings.callbacks.at.unwrap().line, 7);
}

#[test]
fn values_come_through_functions() {
    let cases = [
        ("x", "x"),
        ("true", "true"),
        ("2026-01-02", "2026-01-02"),
        ("!Ref Given", "given.example"),
        ("!Sub '${Given}/a'", "given.example/a"),
        ("!Sub ['${A}${Given}', {A: !Ref Given}]", "given.examplegiven.example"),
        ("!Join ['/', [a, !Ref Given, !If [No, x, !Ref AWS::NoValue]]]", "a/given.example"),
        ("!Select [1, [a, b]]", "b"),
        ("!Select [0, !Split ['.', !Ref Given]]", "given"),
        ("!If [Yes, a, b]", "a"),
        ("{'Fn::If': [No, a, {'Fn::Sub': '${Given}'}]}", "given.example"),
        ("!If [Open, a, b]", "a or b"),
        ("!Sub '${X}-${Y.Arn}-${AWS::Region}'", "${X}-${Y.Arn}-eu-west-1"),
        ("!Join ['', [!If [Open, a, b], c]]", "ac or bc"),
        ("!FindInMap [M, k, v]", "found"),
        ("!FindInMap [M, none, v, {DefaultValue: d}]", "d"),
        ("!FindInMap [M, !Ref X, v]", "found or other"),
        ("!ImportValue there", "${the export there}"),
        ("!Sub '${Given'", "${Given"),
        // A dynamic reference is one, however its parts come together.
        ("'{{resolve:ssm:/p}}/cb'", "${resolve:ssm:/p}/cb"),
        ("!Sub '{{resolve:ssm:/p/${X}/cb}}'", "${resolve:ssm:/p/${X}/cb}"),
        ("!Sub '{{resolve:ssm:/p/${Given}/cb}}'", "${resolve:ssm:/p/given.example/cb}"),
        ("!Sub '{{resolve:ssm:/${AWS::Region}}}'", "${resolve:ssm:/eu-west-1}"),
        ("!Join ['', ['{{resolve:', 'ssm:/p', '}}/', !Ref X]]", "${resolve:ssm:/p}/${X}"),
        ("!Join ['', ['{{', !Ref X, '}}', '/cb']]", "${resolve:${X}}/cb"),
        ("!Join ['', ['a{{resolve:ssm:/', !Ref X]]", "a${resolve:ssm:/${X}}"),
        ("!Join ['', ['{{resolve:', '/p']]", "{{resolve:/p"),
        // What is left out takes its separator with it.
        ("!Join ['/', [a, !If [Open, x, !Ref AWS::NoValue]]]", "a/x or a"),
        ("!Join ['/', [!If [Open, x, !Ref AWS::NoValue], a]]", "x/a or a"),
    ];
    let sections = "Parameters: {Given: {Type: String}, X: {Type: String}}
Mappings: {M: {k: {v: found}, l: {v: other}}}
Conditions:
  Yes: !Equals [!Ref Given, given.example]
  No: !Not [!Condition Yes]
  Open: !Or [!Condition No, !Equals [!Ref X, b]]
  Loop: !Not [!Condition Loop]";
    for (written, expected) in cases {
        let code = with_client(&format!("      ClientName: {written}"), sections);
        assert_eq!(client(&code.after, "Client").settings.name.value.to_string(), expected, "{written}");
    }
    let unknown = ["!Whatever x", "!If [Loop, a, b]", "!FindInMap [N, k, v]", "[a]", "!Select [7, [a]]"];
    for written in unknown {
        let code = with_client(&format!("      ClientName: {written}"), sections);
        let name = &client(&code.after, "Client").settings.name.value;
        assert!(name.known().is_none() && !name.reasons().is_empty(), "{written}: {name:?}");
    }
}

#[test]
fn a_function_in_place_of_all_properties_leaves_all_open() {
    let text = "Resources:\n  C:\n    Type: AWS::Cognito::UserPoolClient\n    Properties:\n      Fn::Transform: {Name: AWS::Include}\n";
    let code = read_text("t.yaml", text, &[]).unwrap();
    let settings = &client(&code.after, "C").settings;
    assert_eq!(settings.oauth_enabled.value.is_on(Answer::No), Answer::Maybe);
    assert_eq!(settings.callbacks.contains("x"), Answer::Maybe);
}

#[test]
fn a_program_that_is_given_the_client_may_change_it() {
    let properties = "      CallbackURLs: [https://example.com/will-be-replaced]\n      AllowedOAuthFlows: [code]";
    let custom = |kind: &str, given: &str| {
        let resource = format!("  Later:\n    Type: {kind}\n    Properties: {{ServiceToken: x, Id: [{given}]}}");
        client(&with_client(properties, &resource).after, "Client").settings.clone()
    };
    // Whoever hands the client on to what is not read may change it.
    for kind in [
        "Custom::DescribeAndFixClient",
        "AWS::CloudFormation::Stack",
        "AWS::Serverless::Application",
        "Org::Auth::Client::MODULE",
    ] {
        assert_eq!(custom(kind, "!Ref Client").callbacks.contains(LOGIN), Answer::Maybe, "{kind}");
    }
    for given in ["!Ref Client", "!GetAtt Client.ClientId", "!Sub 'a-${Client}'", "!Join ['', [!Ref Client, x]]"] {
        let settings = custom("Custom::Set", given);
        assert_eq!(settings.callbacks.contains(LOGIN), Answer::Maybe, "{given}");
        assert!(settings.callbacks.doubts(LOGIN)[0].contains("Later"));
        assert_eq!(settings.flows.contains("code"), Answer::Yes);
        assert_eq!(settings.oauth_enabled.value.is_on(Answer::No), Answer::Maybe, "he may set what is left out");
        assert_eq!(settings.has_secret.value, Value::Unset, "no update changes that");
    }
    for (kind, given) in [
        ("Custom::Set", "!Ref Other"),
        ("AWS::SSM::Parameter", "!Ref Client"),
        ("Custom::DescribeCognitoUserPoolClient", "!Ref Client"),
    ] {
        assert_eq!(custom(kind, given).callbacks.contains(LOGIN), Answer::No, "{kind} {given}");
    }
}

#[test]
fn variables_of_the_serverless_framework_are_holes() {
    let code = fixture("serverless.yml");
    let settings = &client(&code.after, "Client").settings;
    assert_eq!(settings.callbacks.contains(LOGIN), Answer::Maybe);
    assert_eq!(settings.callbacks.contains("https://login.intranet.example/other"), Answer::No);
    assert_eq!(settings.oauth_enabled.value.is_on(Answer::No), Answer::Maybe);
    assert_eq!(settings.pool.value.to_string(), "${self:custom.pool.${opt:stage}}");
}

#[test]
fn what_is_not_read_of_a_template_is_told() {
    let text = "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Clients:\n    - X\n    - [a, b]\n    - ${X}Client:
        Type: AWS::Cognito::UserPoolClient\n  Inner:\n    Type: AWS::CloudFormation::Stack\n";
    let code = read_text("t.yaml", text, &[]).unwrap();
    let words: Vec<&str> = code.notes.iter().map(|note| note.words.as_str()).collect();
    assert!(!code.is_complete && words[0].contains("Fn::ForEach::Clients") && words[1].contains("Inner"), "{words:?}");
    assert_eq!(code.notes[0].at.unwrap().line, 3);
    let client = "  C: {Type: AWS::Cognito::UserPoolClient}\n";
    for (head, more, words) in [
        ("", "  X: {Type: AWS::Serverless::Application}\n", "X is a stack of its own"),
        ("", "  X: {Type: 'Org::Auth::Client::MODULE'}\n", "X is a module"),
        ("", "  X: ${file(x.yml):Client}\n", "X is not read"),
        ("Transform: Org::AddAuth\n", "", "Org::AddAuth adds"),
        ("Transform: [{Name: AWS::Include, Parameters: {Location: x}}]\n", "", "AWS::Include adds"),
    ] {
        let code = read_text("t.yaml", &format!("{head}Resources:\n{client}{more}"), &[]).unwrap();
        assert!(!code.is_complete && code.notes[0].words.contains(words), "{words}: {:?}", code.notes);
    }
    let code =
        read_text("t.yaml", &format!("Transform: AWS::Serverless-2016-10-31\nResources:\n{client}"), &[]).unwrap();
    assert!(code.is_complete, "{:?}", code.notes);
}

#[test]
fn domains_and_providers_belong_by_reference() {
    let code = fixture("template.yaml");
    let codes = [code];
    let (after, id) = (&codes[0].after, &client(&codes[0].after, "Client").settings.pool.value);
    let domains = belonging(&codes, Tense::AfterApply, (after, std::slice::from_ref(id)), |picture| &picture.domains);
    assert_eq!((domains.len(), domains[0].belongs), (1, Answer::Yes));
    assert_eq!(domains[0].resource.settings.domain.value, Value::Known("intranet-eu".to_owned()));
    let providers =
        belonging(&codes, Tense::AfterApply, (after, std::slice::from_ref(id)), |picture| &picture.providers);
    assert_eq!(providers[0].resource.settings.mapping.fills("email"), Answer::Yes);
    assert_eq!(providers[0].resource.settings.mapping.fills("email_verified"), Answer::No);
    let imported = &client(after, "Perhaps").settings.pool.value;
    let domains =
        belonging(&codes, Tense::AfterApply, (after, std::slice::from_ref(imported)), |picture| &picture.domains);
    assert_eq!(domains[0].belongs, Answer::Maybe);
}

/// Of two values under one key, `CloudFormation` takes the last, and so does everybody who reads its JSON.
#[test]
fn of_a_key_that_stands_twice_the_last_counts_and_is_told() {
    let first = "      AllowedOAuthFlows: [code]\n      CallbackURLs: [https://old.example/cb]";
    let code = with_client(
        &format!(
            "{first}\n      AllowedOAuthFlows: [implicit]\n      CallbackURLs: [{LOGIN}]\n      AllowedOAuthFlows: [client_credentials]"
        ),
        "",
    );
    let settings = &client(&code.after, "Client").settings;
    assert_eq!((known(&settings.flows), known(&settings.callbacks)), (vec!["client_credentials"], vec![LOGIN]));
    let told: Vec<(&str, usize)> =
        code.notes.iter().map(|note| (note.words.as_str(), note.at.map_or(0, |at| at.line))).collect();
    let twice = |key: &str| format!("{key} stands here twice; CloudFormation takes the last");
    let (flows, callbacks) = (twice("AllowedOAuthFlows"), twice("CallbackURLs"));
    assert_eq!(told, [(flows.as_str(), 5), (callbacks.as_str(), 6), (flows.as_str(), 7)]);
    // A resource that stands twice is the last one, in JSON too.
    let of = |flow: &str| {
        format!(
            r#""Client": {{"Type": "AWS::Cognito::UserPoolClient", "Properties": {{"AllowedOAuthFlows": ["{flow}"]}}}}"#
        )
    };
    let text = format!(r#"{{"Resources": {{{}, {}}}}}"#, of("code"), of("implicit"));
    let code = read_text("template.json", &text, &[]).unwrap();
    assert_eq!((code.after.clients.len(), code.notes.len()), (1, 1));
    assert_eq!(known(&client(&code.after, "Client").settings.flows), ["implicit"]);
    // What is repeated by a merge key is not.
    let merged = "      <<: {AllowedOAuthFlows: [implicit]}\n      AllowedOAuthFlows: [code]";
    let code = with_client(merged, "");
    assert_eq!((known(&client(&code.after, "Client").settings.flows), code.notes.len()), (vec!["code"], 0));
}

/// As many programs as clients, each of which is given one.
#[test]
fn a_program_for_each_client_costs_what_their_number_is() {
    crate::work::grows_with_its_input(
        "programs and clients",
        200,
        |size| {
            let pair = |number: usize| {
                format!(
                    "  C{number}: {{Type: 'AWS::Cognito::UserPoolClient'}}\n  P{number}: {{Type: 'Custom::Set', Properties: {{Id: !Ref C{number}}}}}\n"
                )
            };
            format!("Resources:\n{}", (0..size).map(pair).collect::<String>())
        },
        |text| assert!(read_text("t.yaml", text, &[]).unwrap().after.clients.len() > 1),
    );
}

/// What a reader leaves out would be taken for what nobody wrote.
#[test]
fn a_template_of_which_values_are_lost_is_not_read() {
    let doubled: String =
        (1..14).map(|number| format!("  a{number}: &a{number} [*a{0}, *a{0}]\n", number - 1)).collect();
    for (before, properties, words) in [
        (format!("Metadata:\n  cb: &cb {LOGIN}\n  a0: &a0 [x, x]\n{doubled}"), "CallbackURLs: [*cb]", "aliasing"),
        (format!("Twice: 1\nTwice: 2\nMetadata:\n  a0: &a0 [x, x]\n{doubled}"), "ReadAttributes: [email]", "aliasing"),
        (String::new(), "CallbackURLs: &own [*own]", "contains itself"),
        (String::new(), "<<: [email]", "map merge"),
        (String::new(), "? [CallbackURLs]\n      : [x]", "invalid map key"),
    ] {
        let text = format!(
            "{before}Resources:\n  Client:\n    Type: AWS::Cognito::UserPoolClient\n    Properties:\n      {properties}\n"
        );
        let error = read_text("template.yaml", &text, &[]).unwrap_err().to_string();
        assert!(error.contains("YAML") && error.contains(words), "{properties}: {error}");
    }
}

/// Functions in each other double what they are given, once for each level.
#[test]
fn what_functions_multiply_is_bounded() {
    const LEVELS: usize = 40;
    let nested =
        |inner: &str, level: &dyn Fn(&str) -> String| (0..LEVELS).fold(inner.to_owned(), |inner, _| level(&inner));
    let doubled = |inner: &str| nested(inner, &|inner| format!("!Sub ['${{a}}${{a}}', {{a: {inner}}}]"));
    let domains: String = (0..LEVELS)
        .map(|number| {
            let next = number + 1;
            format!(
                "  D{number}:\n    Type: AWS::Cognito::UserPoolDomain\n    Properties: {{Domain: !Sub '${{D{next}}}${{D{next}}}'}}\n"
            )
        })
        .collect();
    let conditions: String =
        (0..LEVELS).map(|n| format!("  C{}: !And [!Condition C{n}, !Condition C{n}]\n", n + 1)).collect();
    let map = "Mappings:\n  M: {a: {x: !FindInMap [M, !Ref P, x]}, b: {x: !FindInMap [M, !Ref P, x]}}\n";
    for (value, more) in [
        (doubled("https://x"), String::new()),
        (doubled("!Ref Given"), String::new()),
        (doubled("''"), String::new()),
        ("!Ref D0".to_owned(), domains),
        ("!If [C40, a, b]".to_owned(), format!("Conditions:\n  C0: !Equals [!Ref P, x]\n{conditions}")),
        ("!FindInMap [M, !Ref P, x]".to_owned(), map.to_owned()),
    ] {
        let code = with_client(&format!("      CallbackURLs: [{value}]"), &more);
        let callbacks = &client(&code.after, "Client").settings.callbacks;
        assert_eq!(callbacks.contains(LOGIN), Answer::Maybe, "{value}: {callbacks:?}");
    }
}

/// A text of many parts costs what they are, and is not followed beyond what a setting can hold.
#[test]
fn a_text_of_many_parts_costs_what_they_are() {
    let many: [(&str, &dyn Fn(usize) -> String); 3] = [
        ("holes with text", &|size| format!("!Sub 'https://{}'", "${P}a".repeat(size))),
        ("holes", &|size| format!("!Sub '{}'", "${P}".repeat(size))),
        ("a joined list", &|size| format!("!Join ['', [{}]]", vec!["!Ref P"; size].join(", "))),
    ];
    for (name, make) in many {
        crate::work::grows_with_its_input(
            name,
            8000,
            |size| format!("      CallbackURLs: [{}]", make(size)),
            |properties| {
                let callbacks = settings(properties).callbacks;
                assert_eq!(callbacks.contains(LOGIN), Answer::Maybe);
            },
        );
    }
    let long =
        settings(&format!("      CallbackURLs: [!Sub 'https://${{P}}{}', '{}']", "a".repeat(900), "b".repeat(9000)));
    let shown: Vec<usize> = long.callbacks.members().iter().map(|one| one.value.to_string().len()).collect();
    assert_eq!(shown, [912, 9000], "what a setting can hold is followed, and what is written is known");
}
