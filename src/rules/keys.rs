//! Stage *keys*: can Pomerium verify the tokens of this issuer?

use super::discovery::{NO_DISCOVERY, UNREADABLE};
use super::{Finding, Judgement, Rule, Stage, cure};
use crate::config::Issuer;
use crate::evidence::{DiscoveryAnswer, DiscoveryDocument, Evidence, KeyAnswer};
use crate::shell;

const STAGE: Stage = Stage::Keys;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!("no-signing-keys", Error, no_signing_keys).after(NO_DISCOVERY).after(&[
            "issuer-not-switched",
            "pool-does-not-exist",
            "discovery-refused",
            "discovery-malformed",
        ]),
        rule!("signing-algorithm-unsupported", Error, signing_algorithm_unsupported)
            .after(UNREADABLE)
            .after(&["no-signing-keys"]),
    ]
}

/// There are keys, but the document forbids what Cognito signs with: that is the document's fault, not the keys'.
fn is_forbidden_by_document(document: &DiscoveryDocument, keys: &KeyAnswer) -> bool {
    keys.malformed.is_none() && !keys.unusable.is_empty() && !document.accepted_algorithms().contains(&"RS256")
}

/// `no-signing-keys`
pub(super) fn no_signing_keys(
    issuer: &Issuer,
    document: &Evidence<DiscoveryDocument>,
    keys: &KeyAnswer,
) -> Option<Finding> {
    let forbidden = document.as_ref().is_ok_and(|seen| is_forbidden_by_document(&seen.value, keys));
    if !keys.usable.is_empty() || forbidden {
        return None;
    }
    let why = match &keys.malformed {
        Some(why) => format!("the answer is not a key set: {why}"),
        None if keys.unusable.is_empty() => "the key set is empty".to_owned(),
        None => format!("no key can be used: {}", keys.unusable.join("; ")),
    };
    Some(
        Finding::at(issuer.0.span, format!("Pomerium cannot verify any token of this issuer: {why}"))
            .fix("Cognito always publishes two RSA keys: check that the machine that runs Pomerium reaches them unchanged")
            .fix(format!("curl -v {}", shell::quoted(&keys.url))),
    )
}

/// `signing-algorithm-unsupported`
pub(super) fn signing_algorithm_unsupported(
    issuer: &Issuer,
    answer: &DiscoveryAnswer,
    document: &DiscoveryDocument,
    keys: &KeyAnswer,
) -> Judgement {
    let accepted = document.accepted_algorithms();
    if keys.usable.is_empty() && !is_forbidden_by_document(document, keys) {
        return Judgement::NotApplicable("there is no signing key whose algorithm could be supported");
    }
    if keys.usable.iter().any(|(algorithm, _)| accepted.contains(&algorithm.as_str())) {
        return Judgement::pass();
    }
    let accepted = cure::list(accepted.iter().copied());
    Finding::at(
        issuer.0.span,
        format!("the discovery document tells Pomerium to accept {accepted} alone, and no key of this issuer is for that"),
    )
    .fix("Cognito signs with RS256 and publishes RS256 keys: check that the issuer and what answers there are the pool itself")
    .fix(format!("curl {}", shell::quoted(&answer.url)))
    .into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::rules::testing::{discovery_answer, issuer};

    #[test]
    fn an_algorithm_must_be_common_to_document_and_keys() {
        // As the evidence has it: a key for an algorithm that the document does not advertise is of no use.
        let keys = |usable: &[&str], unusable: &[&str]| KeyAnswer {
            url: String::new(),
            usable: usable.iter().map(|name| ((*name).to_owned(), "k".to_owned())).collect(),
            unusable: unusable.iter().map(|why| (*why).to_owned()).collect(),
            malformed: None,
        };
        let document = |names: &[&str]| DiscoveryDocument {
            signing_algorithms: names.iter().map(|name| (*name).to_owned()).collect(),
            ..DiscoveryDocument::default()
        };
        let judge = |names: &[&str], keys: &KeyAnswer| {
            let seen = Ok(crate::evidence::Seen { value: document(names), witnesses: vec![] });
            let no_keys = no_signing_keys(&issuer(), &seen, keys).is_some();
            let unsupported = signing_algorithm_unsupported(&issuer(), &discovery_answer(None), &document(names), keys);
            (no_keys, matches!(unsupported, Judgement::Findings(found) if !found.is_empty()))
        };
        assert_eq!(judge(&["RS256"], &keys(&["RS256"], &[])), (false, false));
        assert_eq!(judge(&["ES256"], &keys(&[], &["`RS256` is not among …"])), (false, true));
        // Pomerium falls back to RS256 when it supports nothing of what is advertised.
        assert_eq!(judge(&["HS256"], &keys(&["RS256"], &[])), (false, false));
        assert_eq!(judge(&["RS256"], &keys(&[], &["`ES256` is not among …"])), (true, false));
        assert_eq!(judge(&["ES256"], &keys(&[], &[])), (true, false), "no key at all is the greater fault");
    }
}
