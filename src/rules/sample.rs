//! The stage of the example in `CONTRIBUTING.md`, which is to compile, and to judge.

use super::{Finding, Rule, Stage};
use crate::config::{ClientId, Issuer};
use crate::evidence::ClientStanding;

const STAGE: Stage = Stage::Client;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![rule!("client-not-usable", Error, client_not_usable).after(&["client-id-missing"])]
}

/// `client-not-usable`
fn client_not_usable(issuer: &Issuer, id: &ClientId, standing: &ClientStanding) -> Option<Finding> {
    let ClientStanding::NotUsable { error } = standing else { return None };
    let says = format!("the pool of {} does not let the app client `{}` log in: {error}", issuer.0.value, id.0.value);
    Some(Finding::at(id.0.span, says).fix("look the id up in the pool: App integration → App clients"))
}

#[test]
fn the_example_for_contributors_is_this_file() {
    let code = include_str!("sample.rs").split_once("\n\n").unwrap().1.split("\n#[test]").next().unwrap();
    assert!(include_str!("../../CONTRIBUTING.md").contains(&format!("```rust\n{code}```")), "\n{code}");
    let rules = rules();
    let rule = rules.first().unwrap();
    assert!(rule.per_client && rule.follows == ["client-id-missing"]);
    assert_eq!(rule.needs, [crate::evidence::Need::File, crate::evidence::Need::Authorize]);
}
