//! The issuer that a wrong text was meant for, as far as the text holds it.

use super::parts::Parts;
use crate::config::cognito::{self, is_issuer_host, region_of_issuer_host, region_of_login_host, region_of_pool};
use crate::config::{Config, Setting};
use crate::rules::Finding;
use crate::rules::place::{replace, written};

/// What stands for the part that the text does not hold.
const POOL: &str = "<user pool ID>";

/// The issuer, and whether nothing of it is left to be filled in.
pub(super) fn issuer(text: &str) -> (String, bool) {
    let parts = Parts::of(text);
    let host = parts.host.to_ascii_lowercase();
    let lower = with_lower_region(text);
    let pool = cognito::pool_in(text).or_else(|| cognito::pool_in(&lower));
    let at = |region: &str, pool: &str| {
        if is_issuer_host(&host) { format!("https://{host}/{pool}") } else { cognito::issuer(region, pool) }
    };
    if let Some((region, pool)) = pool.and_then(|pool| Some((region_of_pool(pool)?, pool))) {
        return (at(region, pool), true);
    }
    let region = region_of_issuer_host(&host).or_else(|| region_of_login_host(&host));
    (at(region.unwrap_or("<region>"), POOL), false)
}

/// A text with the region before a pool's own part in lower case, as `EU-WEST-1_9xK2mPq7R` was meant. Where that part has no small letter
/// either, it has lost its own, and nobody knows which.
fn with_lower_region(text: &str) -> String {
    let Some((before, own)) = text.rsplit_once('_') else { return text.to_owned() };
    if !own.contains(|letter: char| letter.is_ascii_lowercase()) {
        return text.to_owned();
    }
    let start = before.rfind(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').map_or(0, |at| at + 1);
    match before.split_at_checked(start) {
        Some((rest, region)) => format!("{rest}{}_{own}", region.to_ascii_lowercase()),
        None => text.to_owned(),
    }
}

/// Whether the text is the issuer of some pool, as far as can be told from it alone.
pub(super) fn is_issuer(text: &str) -> bool {
    let parts = Parts::of(text);
    let pool = parts.path.strip_prefix('/').unwrap_or_default();
    text == format!("https://{}/{pool}", parts.host)
        && is_lower_issuer_host(parts.host)
        && region_of_pool(pool).is_some()
}

fn is_lower_issuer_host(host: &str) -> bool {
    is_issuer_host(host) && !host.contains(|letter: char| letter.is_ascii_uppercase())
}

impl Finding {
    /// Adds the issuer that was meant: an edit only if it can be written out. `nearest` is what remains of the text without its
    /// fault, if the text does not hold the whole.
    #[must_use]
    pub(super) fn issuer(self, config: &Config, setting: &Setting<String>, nearest: Option<&str>) -> Self {
        let (meant, is_whole) = issuer(&setting.value);
        let text = match nearest {
            Some(nearest) if is_issuer(nearest) => nearest.to_owned(),
            // In capitals, the pool's id has lost its own.
            Some(nearest) if !is_whole && is_lower_issuer_host(Parts::of(nearest).host) && has_path(nearest) => {
                nearest.to_owned()
            }
            _ => meant,
        };
        let edit = if is_issuer(&text) { replace(config, setting.span, &setting.value, &text) } else { None };
        let finding = if self.fix.is_empty() { self.fix("write the issuer of the user pool:") } else { self };
        finding.fix(written(config, setting.span, super::KEY, &text)).edit(edit)
    }
}

fn has_path(text: &str) -> bool {
    !Parts::of(text).path.trim_matches('/').is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_text_holds_of_the_issuer_is_found() {
        let whole = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
        for text in [
            "eu-west-1_9xK2mPq7R",
            "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_9xK2mPq7R",
            "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R",
            "“https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R”",
            "https://eu-west-1_9xK2mPq7R",
            "EU-WEST-1_9xK2mPq7R",
            "https://cognito-idp.eu-west-1.amazonaws.com/EU-WEST-1_9xK2mPq7R",
            "acme.auth.eu-west-1.amazoncognito.com/eu-west-1_9xK2mPq7R",
        ] {
            assert_eq!(issuer(text), (whole.to_owned(), true), "{text}");
        }
        for (text, part) in [
            ("cognito-idp.us-east-1.amazonaws.com", "https://cognito-idp.us-east-1.amazonaws.com/<user pool ID>"),
            (
                "https://acme.auth.us-east-1.amazoncognito.com",
                "https://cognito-idp.us-east-1.amazonaws.com/<user pool ID>",
            ),
            ("acme", "https://cognito-idp.<region>.amazonaws.com/<user pool ID>"),
            ("EU-WEST-1_9XK2MPQ7R", "https://cognito-idp.<region>.amazonaws.com/<user pool ID>"),
            (
                "https://authenticate.corp.example.com/oauth2/callback",
                "https://cognito-idp.<region>.amazonaws.com/<user pool ID>",
            ),
        ] {
            assert_eq!(issuer(text), (part.to_owned(), false), "{text}");
        }
        assert!(is_issuer(whole) && !is_issuer("https://acme") && !is_issuer(&format!("{whole}/")));
    }
}
