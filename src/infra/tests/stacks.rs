//! Templates that are given together.

use super::*;

/// A pool in one stack and its client in another, as the CDK writes them.
#[test]
fn what_one_template_exports_another_imports() {
    let pool = |name: &str| {
        format!(
            "Parameters: {{Stage: {{Type: String}}}}\nResources:\n  Pool: {{Type: 'AWS::Cognito::UserPool', Properties: {{IssuerConfiguration: {{Type: UPDATED}}}}}}\n  Other: {{Type: 'AWS::Cognito::UserPool'}}\n  Login: {{Type: 'AWS::Cognito::UserPoolDomain', Properties: {{UserPoolId: !Ref Pool, Domain: acme}}}}\n  Second: {{Type: 'AWS::Cognito::UserPoolDomain', Properties: {{UserPoolId: !Ref Other, Domain: beta}}}}\nOutputs:\n  Id: {{Value: !Ref Pool, Export: {{Name: {name}}}}}\n  Host: {{Value: !Sub 'auth-${{Stage}}.example.com', Export: {{Name: host}}}}\n"
        )
    };
    let client = "Resources:\n  Pool: {Type: 'AWS::Cognito::UserPool'}\n  Client:\n    Type: AWS::Cognito::UserPoolClient\n    Properties:\n      UserPoolId: {'Fn::ImportValue': pool-prod}\n      CallbackURLs: [!Sub ['https://${Host}/oauth2/callback', {Host: !ImportValue host}]]\n";
    let read = |files: &[(&str, &str)], given: &[&str]| {
        let mut options = Options::default();
        for parameter in given {
            options.parameters.add(parameter).unwrap();
        }
        together(files.iter().map(|(name, text)| draft(name, text.as_bytes().to_vec()).unwrap()).collect(), &options)
    };
    let belongs = |codes: &[Code]| -> Vec<(String, Answer)> {
        let of = codes.iter().find(|code| !code.after.clients.is_empty()).unwrap();
        let id = &of.after.clients[0].settings.pool.value;
        let ids = std::slice::from_ref(id);
        let linked = belonging(codes, Tense::AfterApply, (&of.after, ids), |picture| &picture.domains);
        linked.iter().map(|linked| (linked.resource.address.clone(), linked.belongs)).collect()
    };
    let own = ("Login".to_owned(), Answer::Yes);
    let named = pool("!Sub 'pool-${Stage}'");
    for files in [[("p.yaml", named.as_str()), ("c.yaml", client)], [("c.yaml", client), ("p.yaml", named.as_str())]] {
        let codes = read(&files, &["Stage=prod"]);
        assert_eq!(belongs(&codes), std::slice::from_ref(&own), "{:?}", files.map(|(name, _)| name));
        let client = codes.iter().find_map(|code| code.after.clients.first()).unwrap();
        assert_eq!(known(&client.settings.callbacks), ["https://auth-prod.example.com/oauth2/callback"]);
        let pool = codes.iter().find_map(|code| code.after.pools.same(&client.settings.pool.value)).unwrap();
        assert_eq!(pool.address, "Pool");
        assert_eq!(pool.settings.issuer_type.value.known().map(String::as_str), Some("UPDATED"));
    }
    // A name that is not known, one that two stacks export, and no export at all: anybody's.
    let open = [("Login".to_owned(), Answer::Maybe), ("Second".to_owned(), Answer::Maybe)];
    assert_eq!(belongs(&read(&[("p.yaml", &named), ("c.yaml", client)], &[])), open);
    let literal = pool("pool-prod");
    let twice = read(&[("p.yaml", &literal), ("q.yaml", &literal), ("c.yaml", client)], &[]);
    assert_eq!(belongs(&twice), [open.clone(), open.clone()].concat());
    assert_eq!(belongs(&read(&[("p.yaml", &pool("other")), ("c.yaml", client)], &[])), open);
    // What is passed on once more is the same.
    let passed = "Resources: {}\nOutputs:\n  Id: {Value: !ImportValue pool-dev, Export: {Name: pool-prod}}\nTransform: AWS::Serverless-2016-10-31\n";
    let chain = [("c.yaml", client), ("n.yaml", passed), ("p.yaml", &pool("pool-dev"))];
    assert_eq!(belongs(&read(&chain, &[])), [own]);
}

/// A program of one stack that is given the client of another.
#[test]
fn whoever_is_given_a_client_of_another_template_may_change_it() {
    let client = "Resources:\n  Client:\n    Type: AWS::Cognito::UserPoolClient\n    Properties: {CallbackURLs: [https://a.example.com/cb]}\nOutputs:\n  Id: {Value: !Ref Client, Export: {Name: client-prod}}\n";
    let given = |what: &str| {
        format!(
            "Resources:\n  Fix:\n    Type: {what}\n    Properties: {{ClientId: !ImportValue {{'Fn::Sub': 'client-${{Stage}}'}}}}\nParameters: {{Stage: {{Type: String}}}}\n"
        )
    };
    let known_callbacks = |other: &str, stage: &str| {
        let mut options = Options::default();
        options.parameters.add(&format!("Stage={stage}")).unwrap();
        let files = [("c.yaml", client), ("x.yaml", other)];
        let drafts = files.map(|(name, text)| draft(name, text.as_bytes().to_vec()).unwrap().settled(&options));
        let codes = together(drafts.into(), &options);
        codes[0].after.clients[0].settings.callbacks.value.known().is_some()
    };
    for what in ["Custom::UpdateClient", "AWS::CloudFormation::Stack"] {
        assert!(!known_callbacks(&given(what), "prod"), "{what}");
        assert!(known_callbacks(&given(what), "dev"), "{what}");
    }
    assert!(known_callbacks(&given("AWS::Lambda::Function"), "prod"));
}

#[test]
fn many_programs_and_many_clients_cost_what_reading_them_costs() {
    let files = |count: usize| {
        let client = |number| format!("  C{number}: {{Type: 'AWS::Cognito::UserPoolClient'}}\n");
        let output = |number| format!("  O{number}: {{Value: !Ref C{number}, Export: {{Name: id-{number}}}}}\n");
        let program =
            |number| format!("  P{number}: {{Type: 'Custom::X', Properties: {{Id: !ImportValue id-{number}}}}}\n");
        let all = |line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
        [format!("Resources:\n{}Outputs:\n{}", all(&client), all(&output)), format!("Resources:\n{}", all(&program))]
    };
    crate::work::grows_with_its_input("programs and clients", 4_000, files, |texts| {
        let drafts = texts.iter().zip(["c.yaml", "p.yaml"]);
        let drafts = drafts.map(|(text, name)| draft(name, text.as_bytes().to_vec()).unwrap());
        drop(together(drafts.collect(), &Options::default()));
    });
}
