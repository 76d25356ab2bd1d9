//! Which client is Pomerium's.

use super::*;

const POOL: &str = "eu-west-1_Vx3Kd81Lm";
const ID: &str = "7c1m0a9s8d7f6g5h4j3k2l1p0o";

/// The choice of a single client.
fn choose(codes: &[Code], wish: &Wish<'_>) -> Choice {
    super::super::choose(codes, &[*wish]).remove(0)
}

fn chosen(choice: &Choice) -> (By, Vec<&str>) {
    let Choice::Chosen { by, at, .. } = choice else { panic!("{choice:?}") };
    (*by, at.iter().map(|(_, address)| address.as_str()).collect())
}

fn addresses_in(choice: &Choice, file: usize) -> Vec<&str> {
    choice.addresses_in(file).collect()
}

#[test]
fn the_id_decides_in_every_file_that_has_it() {
    let codes = [fixture("update.plan.json"), fixture("state.json"), fixture("template.yaml")];
    let wish = Wish { client_id: Some(ID), ..Wish::default() };
    let choice = choose(&codes, &wish);
    let state = r#"module.app["blue.1"].aws_cognito_user_pool_client.this[0]"#;
    assert_eq!(chosen(&choice), (By::Id, vec!["aws_cognito_user_pool_client.intranet", state]));
    assert_eq!((addresses_in(&choice, 1), addresses_in(&choice, 2)), (vec![state], vec![]));
    let named = |address| choose(&codes, &Wish { address: Some(address), ..wish });
    let Choice::Chosen { overruled, .. } = named("aws_cognito_user_pool_client.old") else { panic!() };
    assert!(overruled);
    // A template tells no ids: a client of it may have this one, and has it if the user says so.
    let left_out = |choice: &Choice| match choice {
        Choice::Chosen { left_out, .. } => left_out.clone(),
        other => panic!("{other:?}"),
    };
    let in_template = |address: &str| (2, address.to_owned());
    assert_eq!(left_out(&choice), [in_template("Client"), in_template("Perhaps")]);
    let joined = named("Client");
    assert_eq!((addresses_in(&joined, 1), addresses_in(&joined, 2)), (vec![state], vec!["Client"]));
    assert_eq!(left_out(&joined), [in_template("Perhaps")]);
    let deleted = choose(&codes, &Wish { client_id: Some("2b2b2b2b2b2b2b2b2b2b2b2b2b"), ..Wish::default() });
    assert_eq!(chosen(&deleted).1[0], "aws_cognito_user_pool_client.old");
}

#[test]
fn an_address_is_taken_or_is_unknown() {
    let codes = [fixture("template.yaml")];
    let choose = |address| choose(&codes, &Wish { address: Some(address), ..Wish::default() });
    assert_eq!(chosen(&choose("Perhaps")), (By::Address, vec!["Perhaps"]));
    assert_eq!(choose("Nobody"), Choice::NoSuchAddress);
    assert_eq!(addresses(&codes[0]), ["Client", "Perhaps"]);
}

#[test]
fn the_only_one_that_can_be_it_is_it() {
    let codes = [fixture("create.plan.json")];
    let wish = |callback| Wish { callback: Some(callback), ..Wish::default() };
    // One client may still get this callback from a value that only the apply knows.
    assert!(matches!(choose(&codes, &wish("https://red.example/oauth2/callback")), Choice::Undecided(_)));
    let each = r#"aws_cognito_user_pool_client.each["y"]"#;
    assert_eq!(chosen(&choose(&codes, &wish("https://c.example/cb"))), (By::OnlyMatch, vec![each]));
    let only = [fixture("serverless.yml")];
    assert_eq!(chosen(&choose(&only, &wish("https://no.example/match"))), (By::OnlyCandidate, vec!["Client"]));
    assert_eq!(choose(&[], &Wish::default()), Choice::NoClient);
}

#[test]
fn candidates_say_what_they_lack() {
    let codes = [fixture("update.plan.json")];
    let callback = "https://console.example/cb";
    let Choice::Undecided(candidates) = choose(
        &codes,
        &Wish { client_id: Some("9z"), callback: Some(callback), pool_id: Some("us-east-1_X"), ..Wish::default() },
    ) else {
        panic!()
    };
    let lacks = |name: &str| &candidates.iter().find(|candidate| candidate.name == name).unwrap().lacks;
    assert_eq!(*lacks("intranet"), [Lack::OtherId(ID.to_owned()), Lack::OtherPool(POOL.to_owned()), Lack::Callback]);
    assert!(lacks("old").contains(&Lack::Deleted));
    assert!(!lacks("kept").contains(&Lack::Callback));
    // A client that is yet to be made cannot have an id that is known.
    let codes = [fixture("create.plan.json")];
    let Choice::Undecided(candidates) = choose(&codes, &Wish { client_id: Some("9z"), ..Wish::default() }) else {
        panic!()
    };
    assert!(candidates.iter().all(|candidate| candidate.lacks == [Lack::NewId]), "{candidates:?}");
}

/// What a plan makes anew is the same client in its state, and in the plan before.
#[test]
fn a_client_in_several_files_is_one() {
    let codes = [fixture("state.json"), fixture("terraform.tfstate")];
    let wish = Wish { callback: Some("https://login.intranet.example/oauth2/callback"), ..Wish::default() };
    let choice = choose(&codes, &wish);
    assert_eq!(chosen(&choice).0, By::OnlyMatch);
    assert_eq!(addresses_in(&choice, 0), addresses_in(&choice, 1));
}

/// Two ids are never those of one client, and what is somebody's is nobody else's.
#[test]
fn no_client_is_two_of_pomeriums() {
    let only = [fixture("serverless.yml")];
    let wish = |of, client_id, address| Wish { of, written: of, client_id, address, ..Wish::default() };
    let all = |codes: &[Code], wishes: &[Wish<'_>]| super::super::choose(codes, wishes);
    let lacks = |choice: &Choice| match choice {
        Choice::Undecided(candidates) => candidates.iter().flat_map(|one| one.lacks.clone()).collect(),
        _ => Vec::new(),
    };
    // Several want the only one, by ids or by what stands for them.
    for ids in [[Some("1a"), Some("2b")], [None, None], [Some("1a"), None]] {
        let choices = all(&only, &[wish("a", ids[0], None), wish("b", ids[1], None)]);
        assert_eq!(
            choices.iter().map(lacks).collect::<Vec<_>>(),
            [[Lack::Wanted("b".to_owned())], [Lack::Wanted("a".to_owned())]]
        );
    }
    // What is written alike is one client.
    let twice = all(&only, &[wish("a", Some("1a"), None), wish("a", Some("1a"), None)]);
    assert!(twice.iter().all(|choice| choice.by() == Some(By::OnlyCandidate)), "{twice:?}");
    // What was named for one is no candidate for the other.
    let named = all(&only, &[wish("a", Some("1a"), None), wish("b", Some("2b"), Some("Client"))]);
    assert_eq!((lacks(&named[0]), named[1].by()), (vec![Lack::Taken("b".to_owned())], Some(By::Address)));
    let both = all(&only, &[wish("a", Some("1a"), Some("Client")), wish("b", Some("2b"), Some("Client"))]);
    assert!(both.iter().all(|choice| choice.by().is_none()), "{both:?}");
    // Nor of another deployment; there, what stands for an id may be any.
    let elsewhere = |of, client_id, address| Wish { deployment: 1, ..wish(of, client_id, address) };
    let named = all(&only, &[wish("a", Some("1a"), Some("Client")), elsewhere("b", Some("2b"), None)]);
    assert_eq!((named[0].by(), lacks(&named[1])), (Some(By::Address), vec![Lack::Taken("a".to_owned())]));
    let both = all(&only, &[wish("a", Some("1a"), Some("Client")), elsewhere("b", Some("2b"), Some("Client"))]);
    assert!(both.iter().all(|choice| choice.by() == Some(By::Address)), "named for each: {both:?}");
    let both = all(&only, &[wish("a", Some("1a"), None), elsewhere("b", Some("2b"), None)]);
    assert!(both.iter().all(|choice| choice.by().is_none()), "{both:?}");
    for ids in [[Some("1a"), None], [None, Some("2b")], [None, None]] {
        let either = all(&only, &[wish("a", ids[0], None), elsewhere("b", ids[1], None)]);
        assert!(either.iter().all(|choice| choice.by() == Some(By::OnlyCandidate)), "{either:?}");
    }
    // The only one that is left is it.
    let two = [fixture("template.yaml")];
    let left = all(&two, &[wish("a", Some("1a"), None), wish("b", Some("2b"), Some("Client"))]);
    assert_eq!(chosen(&left[0]), (By::OnlyCandidate, vec!["Perhaps"]));
    // Neither is one that has the id of another.
    let code = [fixture("update.plan.json")];
    let choices = all(&code, &[wish("a", Some(ID), None), wish("b", None, None)]);
    assert_eq!(choices[0].by(), Some(By::Id));
    assert!(lacks(&choices[1]).contains(&Lack::Taken("a".to_owned())), "{choices:?}");
}
