//! The client secret: what the token endpoint says to a code that does not exist.
//!
//! The client is authenticated before the code is looked up, so a wrong secret gives `invalid_client` and a right one
//! `invalid_grant`. A server that looks up the code first says `invalid_grant` to every secret; so an accepted secret counts only
//! if a wrong one is refused.

use super::unclear;
use super::{Evidence, Exchange, Missing, SecretStanding, Seen};
use crate::go;

/// What the token endpoint makes of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reply {
    /// Authenticated: it goes on to the code.
    Accepted,
    /// Authenticated, but the client may not exchange codes at all, of whatever secret.
    Barred,
    /// `invalid_client`.
    Refused,
}

fn read(exchange: &Exchange) -> Result<Reply, Missing> {
    let answer = unclear::answer(exchange)?;
    let error = || {
        let members = go::json::parse(&answer.body).ok()?.members();
        members.into_iter().rev().find(|(key, _)| key == "error")?.1.text()
    };
    match ([400, 401].contains(&answer.status), error().as_deref()) {
        (true, Some("invalid_client")) => Ok(Reply::Refused),
        (true, Some("invalid_grant")) => Ok(Reply::Accepted),
        (true, Some("unauthorized_client")) => Ok(Reply::Barred),
        _ => Err(unclear::inconclusive(exchange, "`invalid_client` or `invalid_grant`")),
    }
}

/// The secret may be right, and no code is exchanged all the same: that is no green, whoever else says that the flow is allowed.
fn barred(exchange: &Exchange) -> Missing {
    unclear::inconclusive(exchange, "`invalid_grant`, as for a client that may exchange codes")
}

/// The answer was `invalid_client`.
pub(super) fn is_refused(exchange: &Exchange) -> bool {
    read(exchange) == Ok(Reply::Refused)
}

/// The answer was that of a client that is taken.
pub(super) fn is_accepted(exchange: &Exchange) -> bool {
    read(exchange) == Ok(Reply::Accepted)
}

/// A secret is configured: the question with it, with a wrong one, and, if it was refused, without any.
pub(super) fn judge_configured(
    own: &Exchange,
    wrong: &Exchange,
    without: Option<&Exchange>,
) -> Evidence<SecretStanding> {
    let seen = |value, exchanges: &[&Exchange]| {
        Ok(Seen { value, witnesses: exchanges.iter().map(|exchange| exchange.id.clone()).collect() })
    };
    match (read(own)?, read(wrong)?, without) {
        (Reply::Accepted, Reply::Refused, _) => seen(SecretStanding::Accepted { is_one_of_two: false }, &[own, wrong]),
        (Reply::Refused, Reply::Refused, Some(without)) => match read(without)? {
            Reply::Refused => seen(SecretStanding::Rejected { is_answer: true }, &[own, without]),
            Reply::Accepted | Reply::Barred => seen(SecretStanding::NotExpected, &[own, without]),
        },
        (Reply::Barred, Reply::Refused, _) => Err(barred(own)),
        (_, Reply::Accepted | Reply::Barred, _) => {
            Err(unclear::inconclusive(wrong, "`invalid_client` for a secret that is wrong on purpose"))
        }
        (Reply::Refused, _, None) => Err(unclear::inconclusive(own, "a further question without a secret")),
    }
}

/// No secret is configured: the question without one, and, if it was accepted, for a client that does not exist.
pub(super) fn judge_absent(without: &Exchange, unknown: Option<&Exchange>) -> Evidence<SecretStanding> {
    let seen = |value, exchanges: &[&Exchange]| {
        Ok(Seen { value, witnesses: exchanges.iter().map(|exchange| exchange.id.clone()).collect() })
    };
    match (read(without)?, unknown) {
        (Reply::Refused, _) => seen(SecretStanding::Required, &[without]),
        (Reply::Barred, _) => Err(barred(without)),
        (Reply::Accepted, Some(unknown)) if read(unknown)? == Reply::Refused => {
            seen(SecretStanding::Public, &[without, unknown])
        }
        (Reply::Accepted, Some(unknown)) => {
            Err(unclear::inconclusive(unknown, "`invalid_client` for a client that does not exist"))
        }
        (Reply::Accepted, None) => {
            Err(unclear::inconclusive(without, "a further question for a client that does not exist"))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::evidence::sample;

    const URL: &str = "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token";

    fn says(error: &str) -> Exchange {
        sample::answer(URL, 400, &[], &format!(r#"{{"error":"{error}"}}"#))
    }

    #[test]
    fn a_configured_secret_is_judged_by_comparison() {
        let (taken, refused) = (says("invalid_grant"), says("invalid_client"));
        let value = |own: &Exchange, wrong: &Exchange, without: Option<&Exchange>| {
            judge_configured(own, wrong, without).map(|seen| seen.value).ok()
        };
        assert_eq!(value(&taken, &refused, None), Some(SecretStanding::Accepted { is_one_of_two: false }));
        let barred = says("unauthorized_client");
        assert_eq!(value(&barred, &refused, None), None);
        assert_eq!(value(&refused, &refused, Some(&barred)), Some(SecretStanding::NotExpected));
        assert_eq!(value(&refused, &refused, Some(&refused)), Some(SecretStanding::Rejected { is_answer: true }));
        assert_eq!(value(&refused, &refused, Some(&taken)), Some(SecretStanding::NotExpected));
        // Servers that look the code up first say the same to every secret.
        assert_eq!(value(&taken, &taken, None), None);
        assert_eq!(value(&refused, &taken, Some(&taken)), None);
        assert_eq!(value(&refused, &refused, None), None);
        assert_eq!(value(&taken, &says("invalid_request"), None), None);
    }

    #[test]
    fn an_absent_secret_is_judged_by_comparison() {
        let (taken, refused) = (says("invalid_grant"), says("invalid_client"));
        let value =
            |without: &Exchange, unknown: Option<&Exchange>| judge_absent(without, unknown).map(|seen| seen.value).ok();
        assert_eq!(value(&refused, None), Some(SecretStanding::Required));
        assert_eq!(value(&taken, Some(&refused)), Some(SecretStanding::Public));
        assert_eq!(value(&taken, Some(&taken)), None);
        assert_eq!(value(&says("unauthorized_client"), Some(&refused)), None);
        assert_eq!(value(&taken, None), None);
    }

    #[test]
    fn other_answers_show_nothing() {
        for (status, body) in [
            (200, r#"{"error":"invalid_grant"}"#),
            (400, "invalid_grant"),
            (403, ""),
            (400, r#"{"error":5}"#),
            (405, ""),
        ] {
            let odd = sample::answer(URL, status, &[], body);
            assert!(matches!(judge_configured(&odd, &says("invalid_client"), None), Err(Missing::Inconclusive { .. })));
            assert!(judge_absent(&odd, None).is_err());
        }
    }

    proptest! {
        #[test]
        fn nothing_is_accepted_by_accident(status in 100u16..600, body in "\\PC{0,40}|\\{\"error\":\"?[a-z_]{0,14}\"?\\}") {
            let odd = sample::answer(URL, status, &[], &body);
            prop_assert!(judge_configured(&odd, &odd, Some(&odd)).is_err());
            prop_assert!(judge_absent(&odd, Some(&odd)).is_err());
        }
    }
}
