//! A cure in the notation of the place that it is for: what JSON, TOML, a variable, a chart and a resource can hold.

use super::forms::{ISSUER, chart, told};
use crate::support::healthy;

/// Only what a form reads cures: a chart reads no option of Pomerium's at the top level of its values.
#[test]
fn an_option_that_is_misplaced_goes_where_its_form_reads_it() {
    let route = "  routes:\n    - from: https://app.corp.example.com\n      to: http://app:8080\n      allow_any_authenticated_user: true\n";
    let values = chart("cognito", "").replace("image:", &format!("{route}      idp_scopes: [openid, email]\nimage:"));
    let (_, said) = told("values.yaml", &values, &[]);
    assert!(said.contains("take it out of the route, and set authenticate.idp.scopes"), "{said}");
    // Done wrongly, it hides nothing of what the chart reads.
    let slash = chart("cognito", "").replace(ISSUER, &format!("{ISSUER}/"));
    let (rules, said) = told("values.yaml", &format!("{slash}idp_scopes: [openid, email]\n"), &[]);
    assert!(rules.contains("issuer-has-trailing-slash"), "{said}");
    let own = healthy().replacen("    policy:", "    idp_scopes: [openid]\n    policy:", 1);
    let (_, said) = told("pomerium.yaml", &own, &[]);
    assert!(said.contains("to the top level: beside `routes`, idp_scopes is indented as that is"), "{said}");
}
