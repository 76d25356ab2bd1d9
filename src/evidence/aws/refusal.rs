//! Why a call did not tell, and what to do about it.

use super::answer::{Reply, read};
use super::call::Operation;
use crate::evidence::{Exchange, Missing, unclear};

/// Errors that say that these credentials may not do this.
const DENIED: [&str; 2] = ["AccessDeniedException", "NotAuthorizedException"];
/// Errors that say that the credentials are none that are good now.
const CREDENTIALS: [&str; 7] = [
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "ExpiredTokenException",
    "ExpiredToken",
    "MissingAuthenticationTokenException",
    "MissingAuthenticationToken",
    "OptInRequired",
];
/// Errors that say that the signature is not the one that AWS computes: the key is another one, or the clock.
const SIGNATURE: [&str; 4] =
    ["InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignatureException", "RequestExpired"];
/// Errors that say that too much is asked.
const THROTTLED: [&str; 3] = ["TooManyRequestsException", "ThrottlingException", "LimitExceededException"];

/// Why a call does not tell what it was to tell.
pub(super) fn missing(exchange: &Exchange, operation: Operation, region: &str, pool: &str) -> Missing {
    let answer = match unclear::answer(exchange) {
        Ok(answer) => answer,
        Err(missing) => return missing,
    };
    let action = format!("cognito-idp:{}", operation.name());
    match read(exchange) {
        Some(Reply::Error { name, resource }) if DENIED.contains(&name.as_str()) => {
            let resource =
                resource.filter(|arn| operation != Operation::DescribeUserPoolDomain && arn.starts_with("arn:"));
            Missing::Refused {
                says: format!(
                    "AWS does not let these credentials call {action}; this statement of a policy allows it:"
                ),
                statement: Some(statement(&action, &resource.unwrap_or_else(|| arn(operation, region, pool)))),
            }
        }
        Some(Reply::Error { name, .. }) => Missing::Refused { says: words(&name, &action), statement: None },
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
            url: exchange.request.url.clone(),
            status: answer.status,
            why: format!("expected the JSON of {action}; got {what}"),
        },
        Some(Reply::Told(_)) | None => Missing::Inconclusive {
            url: exchange.request.url.clone(),
            status: answer.status,
            why: format!("expected what AWS documents of {action}; got other fields"),
        },
    }
}

fn words(name: &str, action: &str) -> String {
    if CREDENTIALS.contains(&name) {
        format!(
            "AWS does not take the credentials for {action} ({name}): they are expired or of nobody; sign in again, or set AWS_PROFILE"
        )
    } else if SIGNATURE.contains(&name) {
        format!(
            "AWS does not take the signature of {action} ({name}): the secret access key is another one, or the clock of this machine is more than five minutes off"
        )
    } else if THROTTLED.contains(&name) {
        format!("AWS answers {name} to {action}, and once more after a pause: others ask much; try again in a minute")
    } else {
        format!("AWS answers {name} to {action}")
    }
}

/// What a call was about.
pub(super) fn parameter<'e>(exchange: &'e Exchange, name: &str) -> &'e str {
    exchange.request.form.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
}

/// The smallest statement that allows a call.
fn statement(action: &str, resource: &str) -> String {
    let [action, resource] = [action, resource].map(|text| serde_json::Value::from(text).to_string());
    format!("{{\"Effect\":\"Allow\",\"Action\":{action},\"Resource\":{resource}}}")
}

/// What a call is about. A domain has no resource of its own in IAM.
fn arn(operation: Operation, region: &str, pool: &str) -> String {
    if operation == Operation::DescribeUserPoolDomain {
        return "*".to_owned();
    }
    let partition = match region.split('-').next() {
        Some("eusc") => "aws-eusc",
        Some("cn") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    format!("arn:{partition}:cognito-idp:{region}:*:userpool/{pool}")
}
