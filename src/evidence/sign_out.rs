//! The sign-out URL: where Cognito's `/logout` leads.

use url::Url;

use super::unclear::{self, excerpt};
use super::{Evidence, Exchange, Missing, Seen, SignOutStanding};

/// Judges the question with the sign-out URL that Pomerium sends, and the control with one that nobody can have registered.
pub(super) fn judge(own: &Exchange, control: &Exchange) -> Evidence<SignOutStanding> {
    let value = read(own)?;
    if read(control)? == SignOutStanding::Registered {
        let why = "a redirect to Cognito's login or error page for a URL that nobody can have registered";
        return Err(unclear::inconclusive(control, why));
    }
    Ok(Seen { value, witnesses: vec![own.id.clone(), control.id.clone()] })
}

fn read(exchange: &Exchange) -> Result<SignOutStanding, Missing> {
    let answer = unclear::answer(exchange)?;
    let location = answer.location();
    let asked = Url::parse(&exchange.request.url).ok();
    let uri = asked.and_then(|asked| {
        asked.query_pairs().find(|(name, _)| name == "logout_uri").map(|(_, value)| value.into_owned())
    });
    match location {
        Some(location) if uri.as_deref() == Some(location) => Ok(SignOutStanding::Registered),
        Some(location) if is_own_page(exchange, location) => {
            Ok(SignOutStanding::NotRegistered { location: excerpt(location) })
        }
        _ => {
            Err(unclear::inconclusive(exchange, "a redirect to the sign-out URL, or to Cognito's login or error page"))
        }
    }
}

fn is_own_page(exchange: &Exchange, location: &str) -> bool {
    let Ok(asked) = Url::parse(&exchange.request.url) else { return false };
    let is_page = |target: &Url| target.origin() == asked.origin() && ["/login", "/error"].contains(&target.path());
    asked.join(location).is_ok_and(|target| is_page(&target))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::evidence::sample;

    fn url(logout_uri: &str) -> String {
        format!("https://acme.auth.eu-west-1.amazoncognito.com/logout?client_id=4qk&logout_uri={logout_uri}")
    }

    const OWN: &str = "https://authenticate.corp.example.com/.pomerium/signed_out";
    const CONTROL: &str = "https://x.invalid/";

    fn read(own: &str, control: &str) -> Option<SignOutStanding> {
        let (own, control) = (sample::redirect(&url(OWN), own), sample::redirect(&url(CONTROL), control));
        judge(&own, &control).map(|seen| seen.value).ok()
    }

    #[test]
    fn where_it_leads_decides() {
        assert_eq!(read(OWN, "/login?client_id=4qk"), Some(SignOutStanding::Registered));
        let refused = "https://acme.auth.eu-west-1.amazoncognito.com/error?error=Required+parameters+missing";
        let not = Some(SignOutStanding::NotRegistered { location: refused.to_owned() });
        assert_eq!(read(refused, refused), not);
        // An open redirect proves nothing, nor does a URL that only begins alike.
        assert_eq!(read(OWN, CONTROL), None);
        assert_eq!(read(&format!("{OWN}x"), "/login"), None);
        assert_eq!(read(OWN, "https://portal.example/login"), None);
    }

    proptest! {
        #[test]
        fn no_answer_is_registered_by_accident(status in 100u16..600, location in "\\PC{0,40}|https://[a-z.]{0,9}/?") {
            let answer = |uri| sample::answer(&url(uri), status, &[("location", location.as_str())], "");
            let judged = judge(&answer(OWN), &answer(CONTROL)).map(|seen| seen.value);
            prop_assert!(judged != Ok(SignOutStanding::Registered));
        }
    }
}
