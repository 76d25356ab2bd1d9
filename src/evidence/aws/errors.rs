//! How AWS calls its errors.

/// Errors that say that too much is asked just now (the list of botocore's `ThrottledRetryableChecker`).
pub(super) const TOO_MANY: [&str; 8] = [
    "TooManyRequestsException",
    "ThrottlingException",
    "Throttling",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "SlowDown",
];

/// Errors that may be gone in a moment, beside those of too many requests.
const PASSING: [&str; 5] = [
    "InternalErrorException",
    "InternalServerException",
    "InternalFailure",
    "ServiceUnavailable",
    "RequestTimeoutException",
];

/// Errors that say that these credentials may not do this. Services have names of their own beside the common ones (API reference,
/// "Common errors"; botocore knows more of them).
pub(super) const DENIED: [&str; 5] =
    ["AccessDeniedException", "AccessDenied", "NotAuthorizedException", "NotAuthorized", "UnauthorizedOperation"];
/// Errors that say that the credentials are none that are good now.
pub(super) const CREDENTIALS: [&str; 7] = [
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "ExpiredTokenException",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "MissingAuthenticationTokenException",
    "MissingAuthenticationToken",
];
/// Errors that say that the account does not have the service there.
pub(super) const UNSUBSCRIBED: [&str; 2] = ["OptInRequired", "SubscriptionRequiredException"];
/// Errors that say that the signature is not the one that AWS computes: the key is another one, or the clock.
pub(super) const SIGNATURE: [&str; 6] = [
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignatureException",
    "IncompleteSignature",
    "RequestExpired",
    "RequestTimeTooSkewed",
];

/// The error that says that a quota is used up.
pub(super) const QUOTA: &str = "LimitExceededException";

/// Whether AWS may call an error so, today or one day: by a name that is known, or by words with the ending that its names have.
pub(super) fn is_error_name(name: &str) -> bool {
    let lists: [&[&str]; 6] = [&TOO_MANY, &PASSING, &DENIED, &CREDENTIALS, &UNSUBSCRIBED, &SIGNATURE];
    let is_named = name.bytes().all(|byte| byte.is_ascii_alphabetic())
        && ["Exception", "Error", "Failure", "Fault"].iter().any(|ending| name.ends_with(ending));
    is_named && name.len() <= 64 || lists.iter().any(|known| known.contains(&name))
}

/// Whether it may be another one in a moment.
pub(super) fn is_passing_name(name: &str) -> bool {
    PASSING.contains(&name) || TOO_MANY.contains(&name)
}
