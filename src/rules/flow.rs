//! Stage flow: may the app client use the authorization-code flow?

use super::{Finding, Judgement, Rule, Stage, cure, parameters};
use crate::config::{ClientId, Settings};
use crate::evidence::FlowStanding;

const STAGE: Stage = Stage::Flow;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![rule!("code-flow-disabled", Error, code_flow_disabled)]
}

/// `code-flow-disabled`
pub(super) fn code_flow_disabled(id: &ClientId, settings: &Settings, standing: &FlowStanding) -> Judgement {
    if parameters::is_overridden(settings, "response_type", "code") {
        return Judgement::NotApplicable(parameters::OVERRIDDEN);
    }
    let FlowStanding::Refused { error, description } = standing else { return Judgement::pass() };
    let answer = match description {
        Some(description) if description != error => format!("`{error}` ({description})"),
        _ => format!("`{error}`"),
    };
    let client = &id.0.value;
    Finding::at(
        id.0.span,
        format!("app client `{client}` may not use the authorization-code flow: Cognito answers {answer}"),
    )
    .fix("allow the flow on the app client:")
    .fix_lines(cure::client_terraform("allowed_oauth_flows = [\"code\"]"))
    .fix(cure::client_console(settings, client, "Login pages → Edit → OAuth grant types → Authorization code grant"))
    .fix(cure::UPDATE_REPLACES)
    .into()
}
