//! Why a call did not tell, and what to do about it.

use super::answer::{Policy, Reply, read};
use super::call::Operation;
use super::errors::{CREDENTIALS, DENIED, QUOTA, SIGNATURE, TOO_MANY, UNSUBSCRIBED};
use crate::evidence::{Exchange, Missing, unclear};

/// Why a call does not tell what it was to tell.
pub(super) fn missing(exchange: &Exchange, operation: Operation, region: &str, pool: &str) -> Missing {
    let answer = match unclear::answer(exchange) {
        Ok(answer) => answer,
        Err(missing) => return missing,
    };
    let url = exchange.asked_at().to_owned();
    let action = format!("cognito-idp:{}", operation.name());
    match read(exchange) {
        Some(Reply::Error { name, resource, policy }) if DENIED.contains(&name.as_str()) => {
            let account = resource.as_deref().and_then(account);
            let own = |account: &str| arn(operation, region, account, pool);
            // The account of the message counts where all else in it is what was asked about.
            let account = account.filter(|account| resource.as_ref() == Some(&own(account))).unwrap_or("*");
            denied(&action, &own(account), policy)
        }
        Some(Reply::Error { name, .. }) => {
            let is_repeated = exchange.attempts > 1;
            Missing::Refused { says: words(&name, &action, region, is_repeated), statement: None }
        }
        Some(Reply::Absent(_)) if operation == Operation::DescribeIdentityProvider => Missing::Refused {
            says: format!(
                "the user pool {pool} has no identity provider `{}`, which the app client names: take it off the client, or make it again",
                parameter(exchange, "ProviderName")
            ),
            statement: None,
        },
        Some(Reply::Absent(_)) => Missing::Refused {
            says: format!(
                "{action}: the account of these credentials has no such thing as pool {pool} in {region}; AWS_PROFILE may name another account"
            ),
            statement: None,
        },
        Some(Reply::Nothing(what)) => Missing::Inconclusive {
            url,
            status: answer.status,
            why: format!("expected the JSON of {action}; got {what}"),
        },
        Some(Reply::Told(_)) | None => Missing::Inconclusive {
            url,
            status: answer.status,
            why: format!("expected what AWS documents of {action}; got other fields"),
        },
    }
}

/// Which policy refuses a call, and what allows it. What is denied, no other statement allows.
fn denied(action: &str, resource: &str, policy: Option<Policy>) -> Missing {
    let begins = format!("AWS does not let these credentials call {action}");
    let statement = Some(statement(action, resource));
    match policy {
        Some(Policy { kind, denies: true }) => {
            let a = if kind.starts_with('i') { "an" } else { "a" };
            let says = format!(
                "{begins}: {a} {kind} denies it, which no statement elsewhere undoes; whoever keeps that policy has to except it"
            );
            Missing::Refused { says, statement: None }
        }
        Some(Policy { kind, denies: false }) if kind != "identity-based policy" => Missing::Refused {
            says: format!("{begins}, as no {kind} allows it; this statement there does:"),
            statement,
        },
        _ => Missing::Refused { says: format!("{begins}; this statement of a policy allows it:"), statement },
    }
}

fn words(name: &str, action: &str, region: &str, is_repeated: bool) -> String {
    if UNSUBSCRIBED.contains(&name) {
        format!(
            "AWS answers {name} to {action}: the account of these credentials has not enabled the region {region}, or has no subscription; AWS_PROFILE may name another account"
        )
    } else if CREDENTIALS.contains(&name) {
        format!(
            "AWS does not take the credentials for {action} ({name}): they are expired or of nobody; sign in again, or set AWS_PROFILE"
        )
    } else if SIGNATURE.contains(&name) {
        format!(
            "AWS does not take the signature of {action} ({name}): the secret access key is another one, or the clock of this machine is more than five minutes off"
        )
    } else if name == QUOTA || TOO_MANY.contains(&name) {
        let again = if is_repeated { ", and once more after a pause" } else { "" };
        format!("AWS answers {name} to {action}{again}: others ask much; try again in a minute")
    } else {
        format!("AWS answers {name} to {action}")
    }
}

/// What a call was about.
pub(super) fn parameter<'e>(exchange: &'e Exchange, name: &str) -> &'e str {
    exchange.request.form.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
}

/// The smallest statement that allows a call.
pub(super) fn statement(action: &str, resource: &str) -> String {
    let [action, resource] = [action, resource].map(|text| serde_json::Value::from(text).to_string());
    format!("{{\"Effect\":\"Allow\",\"Action\":{action},\"Resource\":{resource}}}")
}

/// The account that an ARN names.
fn account(arn: &str) -> Option<&str> {
    let is_one = |text: &&str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    arn.split(':').nth(4).filter(is_one)
}

/// What a call is about, in an account. A domain has no resource of its own in IAM.
fn arn(operation: Operation, region: &str, account: &str, pool: &str) -> String {
    if operation == Operation::DescribeUserPoolDomain {
        return "*".to_owned();
    }
    let partition = match region.split('-').next() {
        Some("eusc") => "aws-eusc",
        Some("cn") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    format!("arn:{partition}:cognito-idp:{region}:{account}:userpool/{pool}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::rc::Rc;

    use super::super::call::Call;
    use super::*;
    use crate::evidence::sample;

    const ARN: &str = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_9xK2mPq7R";

    /// What is said of an error, as it is kept.
    fn told(name: &str, message: &str, attempts: u8) -> (String, Option<String>) {
        let operation = Operation::DescribeUserPool;
        let call = Call::new(operation, "eu-west-1", None, None, Rc::default());
        let body = serde_json::json!({"__type": name, "message": message}).to_string();
        let kept = call.kept(400, None, body.as_bytes(), true);
        assert!(!kept.contains("CANARY"), "{kept}");
        let exchange = Exchange { attempts, ..sample::answer("https://x/", 400, &[], &kept) };
        match missing(&exchange, operation, "eu-west-1", "eu-west-1_9xK2mPq7R") {
            Missing::Refused { says, statement } => (says, statement),
            other => (format!("{other:?}"), None),
        }
    }

    fn refused(how: &str) -> (String, Option<String>) {
        let message =
            format!("User: CANARY is not authorized to perform: cognito-idp:DescribeUserPool on resource: {ARN} {how}");
        told("AccessDeniedException", &message, 1)
    }

    /// What is denied, no statement elsewhere allows.
    #[test]
    fn the_policy_that_refuses_is_named() {
        for (how, kind) in [
            ("with an explicit deny in a service control policy", "a service control policy denies it"),
            (
                "with an explicit deny in an identity-based policy: arn:aws:iam::1:policy/CANARY",
                "an identity-based policy denies it",
            ),
            ("with an explicit deny in a permissions boundary", "a permissions boundary denies it"),
            ("with an explicit deny in a VPC endpoint policy", "a VPC endpoint policy denies it"),
        ] {
            let (says, statement) = refused(how);
            assert!(says.contains(kind) && statement.is_none(), "{how}: {says} {statement:?}");
        }
        for (how, words) in [
            (
                "because no permissions boundary allows the action",
                "as no permissions boundary allows it; this statement there",
            ),
            ("because no session policy allows the action", "as no session policy allows it; this statement there"),
            (
                "because no service control policy allows the action",
                "as no service control policy allows it; this statement there",
            ),
            ("because no identity-based policy allows the action", "this statement of a policy allows it"),
            ("because CANARY", "this statement of a policy allows it"),
            ("with an explicit deny in a CANARY", "this statement of a policy allows it"),
        ] {
            let (says, statement) = refused(how);
            let statement = statement.unwrap();
            assert!(says.contains(words) && statement.contains(ARN), "{how}: {says} {statement}");
        }
    }

    /// Whatever a message names, a statement is about the pool that was asked about.
    #[test]
    fn a_statement_is_about_the_pool_that_was_asked_about() {
        for named in [
            "arn:aws:cognito-idp:*:*:*",
            "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_another",
            "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/*",
            "arn:aws:iam::123456789012:role/x",
            "*",
        ] {
            let (_, statement) = told("AccessDeniedException", &format!("x on resource: {named} because"), 1);
            let any = ARN.replace("123456789012", "*");
            assert!(statement.unwrap().contains(&format!("\"Resource\":\"{any}\"")), "{named}");
        }
    }

    #[test]
    fn a_region_that_is_not_enabled_is_no_matter_of_credentials() {
        let (says, _) = told("OptInRequired", "", 1);
        assert!(says.contains("the region eu-west-1") && !says.contains("sign in"), "{says}");
        for (name, words) in [
            ("NotAuthorized", "does not let these credentials"),
            ("AccessDenied", "does not let these credentials"),
            ("UnauthorizedOperation", "does not let these credentials"),
            ("IncompleteSignature", "does not take the signature"),
            ("Throttling", "others ask much"),
            ("RequestLimitExceeded", "others ask much"),
            ("SlowDown", "others ask much"),
        ] {
            let (says, statement) = told(name, "", 1);
            assert!(says.contains(words), "{name}: {says}");
            assert_eq!(statement.is_some(), words.contains("does not let"), "{name}");
        }
        let (says, _) = told("TooManyRequestsException", "", 1);
        assert!(!says.contains("once more"), "{says}");
        assert!(told("TooManyRequestsException", "", 2).0.contains("once more"));
    }
}
