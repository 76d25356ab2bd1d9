//! `jwt_claims_headers`: do the applications see them?

use crate::config::{Change, Config, Settings};
use crate::rules::place::{on_route, written};
use crate::rules::{Finding, Judgement};

/// `identity-headers-not-passed`
///
/// The proxy takes the headers out again where `pass_identity_headers` is not on (`config/envoyconfig/routes.go`,
/// `getRequestHeadersToRemove`).
pub(in crate::rules) fn identity_headers_not_passed(config: &Config, settings: &Settings) -> Judgement {
    let Some((header, claim)) = settings.jwt_claims_headers.first() else {
        return Judgement::NotApplicable("jwt_claims_headers is not set");
    };
    if settings.routes.is_empty() || !settings.runs("proxy") {
        return Judgement::NotApplicable("no route is served here");
    }
    if !config.version.has(Change::HeadersOnRequest) {
        return Judgement::NotApplicable("this Pomerium passes identity headers on without being told to");
    }
    let in_peers = config.peers.iter().any(|peer| passes_somewhere(&peer.settings));
    if passes_somewhere(settings) || in_peers || sends_the_token(config) {
        return Judgement::pass();
    }
    let says = format!("no route passes identity headers on, so that no application ever sees `{}`", header.value);
    let finding = Finding::at(claim.span, says);
    if config.version.has(Change::GlobalHeaders) {
        finding
            .fix("pass them on every route, or add the option to single routes:")
            .fix(written(config, claim.span, "pass_identity_headers", "true"))
            .into()
    } else {
        finding
            .fix("add the option to each route whose application wants them:")
            .fix(on_route(config, "pass_identity_headers", true))
            .into()
    }
}

fn passes_somewhere(settings: &Settings) -> bool {
    let everywhere = settings.pass_identity_headers.as_ref().is_some_and(|flag| flag.value);
    settings.routes.iter().any(|route| route.pass_identity_headers.as_ref().map_or(everywhere, |flag| flag.value))
}

/// A header of the user's own may hold the token, and in it the claims (`$pomerium.jwt`, since v0.28).
fn sends_the_token(config: &Config) -> bool {
    config.reading.texts.iter().any(|(_, text)| text.value.contains("pomerium.jwt"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{self, setting};

    #[test]
    fn before_the_option_every_route_passes_headers_on() {
        let header = (setting("X-Email"), setting("email"));
        let settings =
            Settings { jwt_claims_headers: vec![header], routes: vec![testing::route()], ..testing::settings() };
        let mut config = testing::config("pomerium.yaml", "key: value");
        assert!(
            matches!(identity_headers_not_passed(&config, &settings), Judgement::Findings(found) if found.len() == 1)
        );
        config.version = crate::config::PomeriumVersion(0, 9, 9);
        let judged = identity_headers_not_passed(&config, &settings);
        let why = "this Pomerium passes identity headers on without being told to";
        assert!(matches!(judged, Judgement::NotApplicable(reason) if reason == why));
    }
}
