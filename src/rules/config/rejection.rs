//! Kubernetes resources that do not get through.

use std::collections::BTreeSet;

use crate::config::{Config, Form, RejectedBy, Rejection};
use crate::rules::{Finding, Judgement, Severity};

/// `crd-field-rejected`
pub(in crate::rules) fn crd_field_rejected(config: &Config) -> Judgement {
    if config.form != Form::Kubernetes {
        return Judgement::NotApplicable("the configuration is not a Kubernetes resource");
    }
    // The routes of one Ingress share its annotations.
    let mut told = BTreeSet::new();
    let findings = config.reading.rejections.iter().map(finding);
    findings.filter(|finding| told.insert((finding.at, finding.says.clone()))).collect::<Vec<_>>().into()
}

fn finding(rejection: &Rejection) -> Finding {
    let Rejection { at, by, words, fix, is_doubted, stops_login } = rejection;
    let finding = match by {
        RejectedBy::ApiServer => Finding::at(*at, format!("the API server refuses this resource: `{words}`")),
        RejectedBy::Pruning => Finding::at(
            *at,
            format!("the API server drops this field, and `kubectl` refuses the resource because of it: `{words}`"),
        ),
        RejectedBy::Controller => {
            Finding::at(*at, format!("the ingress controller keeps what it had before and reports: `{words}`"))
        }
        RejectedBy::Start => {
            Finding::at(*at, format!("the ingress controller does not start, and says why: `{words}`"))
                .title("The ingress controller does not start")
        }
        RejectedBy::Kubelet => {
            let words = format!("the kubelet does not start this container, and says why: `{words}`");
            Finding::at(*at, words).title("Kubernetes does not start this container")
        }
    };
    // Where nobody validates strictly, the rest of the resource gets through; what it then lacks is a finding of its own.
    let is_harmless = *by == RejectedBy::Pruning && !stops_login;
    let finding = if is_harmless || *is_doubted { finding.severity(Severity::Warning) } else { finding };
    match fix.as_slice() {
        [] => finding.fix("correct what these words name"),
        lines => lines.iter().fold(finding, Finding::fix),
    }
}
