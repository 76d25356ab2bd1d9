//! Stage flow: may the app client use the authorization-code flow?

use super::cure::Wanted;
use super::{Finding, Judgement, Rule, Stage, cure, parameters};
use crate::config::{ClientId, Settings};
use crate::evidence::{ClientCode, Evidence, FlowStanding, ImplicitFlow};
use crate::infra::Attribute;

const STAGE: Stage = Stage::Flow;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!("code-flow-disabled", Error, code_flow_disabled),
        rule!("implicit-flow-enabled", Note, implicit_flow_enabled),
    ]
}

/// `code-flow-disabled`
pub(super) fn code_flow_disabled(
    id: &ClientId,
    settings: &Settings,
    standing: &FlowStanding,
    code: &Evidence<ClientCode>,
) -> Judgement {
    if parameters::is_overridden(settings, "response_type", "code") {
        return Judgement::NotApplicable(parameters::OVERRIDDEN);
    }
    let why = match standing {
        FlowStanding::Allowed => return Judgement::pass(),
        FlowStanding::Refused { error, description: Some(description) } if description != error => {
            format!("Cognito answers `{error}` ({description})")
        }
        FlowStanding::Refused { error, .. } => format!("Cognito answers `{error}`"),
        FlowStanding::NotListed { listed } => {
            format!("its flows are {}", cure::list(listed.iter().map(String::as_str)))
        }
    };
    let client = &id.0.value;
    Finding::at(id.0.span, format!("app client `{client}` may not use the authorization-code flow: {why}"))
        .fix("allow the flow on the app client:")
        .fix_lines(cure::client_setting(code, Attribute::Flows, &Wanted::List(&["code"])))
        .fix_lines(cure::by_hand(
            code,
            settings,
            client,
            "Login pages → Edit → OAuth grant types → Authorization code grant",
        ))
        .into()
}

/// `implicit-flow-enabled`
fn implicit_flow_enabled(id: &ClientId, flow: &ImplicitFlow, code: &Evidence<ClientCode>) -> Option<Finding> {
    flow.is_on.then(|| {
        let says = format!("app client `{}` may use the implicit flow, which hands tokens to the browser and which Pomerium never uses", id.0.value);
        Finding::at(id.0.span, says)
            .fix("allow the authorization-code flow alone:")
            .fix_lines(cure::client_setting(code, Attribute::Flows, &Wanted::List(&["code"])))
    })
}
