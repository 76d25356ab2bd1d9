//! What an old release knows is no fault in it, and no cure is one that it does not know.

use std::collections::BTreeSet;

use super::forms::told;
use crate::support::healthy;

/// The routes alone change; before v0.23 the provider is the general one.
fn with(fields: &str) -> String {
    let before = healthy().split("\nroutes:").next().unwrap().replace("idp_provider: cognito", "idp_provider: oidc");
    format!(
        "{before}\nidp_scopes: [openid, email, profile]\npolicy:\n  - from: https://app.corp.example.com\n    to: http://app:8080\n    {fields}\n"
    )
}

#[test]
fn the_fields_of_old_releases_compile() {
    for fields in [
        "allowed_domains: [corp.example.com]",
        "allowed_users: [bob@corp.example.com]",
        "allowed_idp_claims: {\"cognito:groups\": [ops]}",
        "allow_any_authenticated_user: true",
        "allow_public_unauthenticated_access: true",
    ] {
        for release in ["v0.15.8", "v0.14.0", "v0.12.0"] {
            let (rules, said) = told("pomerium.yaml", &with(fields), &["--pomerium-version", release]);
            assert_eq!(rules, BTreeSet::new(), "{fields} {release}: {said}");
        }
    }
}

/// Pomerium looked groups up in a directory up to v0.19, and for that wants an account of it (`config/options.go`).
#[test]
fn groups_of_a_directory_need_an_account() {
    let routes = with("allowed_groups: [ops]\n    allowed_users: [bob@corp.example.com]");
    for text in [routes.clone(), routes.replace("\npolicy:", "\nroutes:")] {
        for release in ["v0.15.8", "v0.19.0"] {
            let (rules, said) = told("pomerium.yaml", &text, &["--pomerium-version", release]);
            assert_eq!(rules.into_iter().collect::<Vec<_>>(), ["config-refused"], "{release}: {said}");
            assert!(said.contains("`allowed_groups` requires `idp_service_account`"), "{said}");
            assert!(said.contains("allowed_idp_claims: { cognito:groups: [THE GROUPS] }"), "{said}");
        }
        let account = text.clone() + "idp_service_account: x\n";
        let (rules, said) = told("pomerium.yaml", &account, &["--pomerium-version", "v0.19.0"]);
        assert!(!rules.contains("config-refused"), "{said}");
    }
    let (rules, said) = told("pomerium.yaml", &routes, &["--pomerium-version", "v0.20.0"]);
    assert!(rules.contains("groups-criterion-never-matches") && !rules.contains("config-refused"), "{said}");
}

/// `idp_client_secret_file` came with v0.18.
#[test]
fn a_file_is_named_where_a_release_reads_one() {
    let text = with("allowed_domains: [corp.example.com]").replacen("idp_client_secret:", "#", 1);
    let of = |release: &str| told("pomerium.yaml", &text, &["--pomerium-version", release]).1;
    let (old, new) = (of("v0.17.0"), of("v0.18.0"));
    assert!(old.contains("\"idp_client_secret: THE SECRET OF THIS CLIENT\"") && !old.contains("_file"), "{old}");
    assert!(old.contains("give Pomerium the secret of the app client:"), "{old}");
    assert!(new.contains("\"idp_client_secret_file: /run/secrets/idp_client_secret\""), "{new}");
}
