//! Who answers in the place of Pomerium, as far as the answer gives it away.

use super::own::{is_envoys, is_of_pomerium};
use crate::evidence::unclear::{self, excerpt, is_html, status_line};
use crate::evidence::{Answer, Exchange, Missing, Outcome};
use crate::offset;
use crate::secret::paste;

/// Somebody who is not Pomerium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// Who it is, in words that follow "answers", and what the answer was.
    pub says: String,
    /// What to look at.
    pub cure: &'static str,
}

/// A sign by which somebody is known.
struct Sign {
    who: &'static str,
    cure: &'static str,
    is_it: fn(&Answer) -> bool,
}

impl Sign {
    /// Whoever has no way to Pomerium says 404; a gateway that has one, to which nobody answers, says 502, 503 or 504 (RFC 9110, 15.6),
    /// one with a login of its own 401, and one whose rules keep everybody out 403.
    fn cure_of(&self, answer: &Answer) -> &'static str {
        match answer.status {
            502..=504 if [NO_INGRESS, ELSEWHERE].contains(&self.cure) => BEHIND,
            401 if [NO_INGRESS, ELSEWHERE].contains(&self.cure) => GUARDED,
            403 if [NO_INGRESS, ELSEWHERE].contains(&self.cure) => FORBIDDEN,
            _ => self.cure,
        }
    }
}

fn server(answer: &Answer, name: &str) -> bool {
    answer.header("server").is_some_and(|server| server.to_ascii_lowercase().contains(name))
}

fn says(answer: &Answer, text: &str) -> bool {
    answer.body.contains(text)
}

/// How those who keep programs out mark what they answer in the place of a page, whatever the status.
const GUARDS: [fn(&Answer) -> bool; 6] = [
    // Bot rules of Cloudflare, and of AWS WAF.
    |answer| answer.header("cf-mitigated").is_some() || answer.header("x-amzn-waf-action").is_some(),
    // Imperva marks all that it passes on; a page for people it answers itself.
    |answer| answer.header("x-iinfo").is_some() && answer.status == 200 && is_html(answer),
    // BIG-IP ASM of F5.
    |answer| says(answer, "The requested URL was rejected") && says(answer, "support ID"),
    // ModSecurity.
    |answer| answer.status == 406 && answer.body.to_ascii_lowercase().contains("mod_security"),
    // Proxies on our own way out: Squid, and Zscaler.
    |answer| answer.header("x-squid-error").is_some(),
    |answer| server(answer, "zscaler") || leads(answer, "//gateway.zscaler"),
];

const NO_INGRESS: &str = "give the host a route to Pomerium there: an Ingress of Pomerium's class, or its DNS record the address of Pomerium's load balancer";
const BEHIND: &str = "see why whoever answers finds nobody behind it: Pomerium's pods or its health check, the port, the protocol, the certificate it is to trust";
const GUARDED: &str = "let this host pass without a login of somebody else's: Pomerium logs users in itself";
const FORBIDDEN: &str = "see which rule of whoever answers forbids this path: a list of addresses, or one for hidden files, as nginx's `location ~ /\\.` with `deny all`";
const ELSEWHERE: &str = "point the DNS record of the host at Pomerium, or have whoever answers pass it on";

/// It has a login of its own, and answers 403 with it.
const OAUTH2_PROXY: Sign = Sign {
    who: "oauth2-proxy",
    cure: "take the paths /oauth2/ of this host away from oauth2-proxy: Pomerium needs /oauth2/callback itself",
    is_it: |answer| {
        let body = answer.body.to_ascii_lowercase();
        body.contains("oauth2 proxy") || body.contains("oauth2-proxy") || body.contains("oauth2_proxy")
    },
};

/// In this order: the most telling first. All but the last few are known for certain.
const SIGNS: [Sign; 17] = [
    Sign {
        who: "the default backend of ingress-nginx",
        cure: NO_INGRESS,
        is_it: |answer| says(answer, "default backend - 404"),
    },
    OAUTH2_PROXY,
    Sign {
        who: "Cloudflare, which cannot reach what is behind it,",
        cure: "see that Cloudflare reaches Pomerium: the address of the origin, and for 525 and 526 its certificate",
        is_it: |answer| {
            let is_its_own = (520..=530).contains(&answer.status);
            is_its_own && (answer.header("cf-ray").is_some() || server(answer, "cloudflare"))
        },
    },
    Sign {
        who: "a load balancer of AWS with nobody behind it",
        cure: BEHIND,
        is_it: |answer| server(answer, "awselb") && answer.status >= 500,
    },
    Sign { who: "a load balancer of AWS", cure: ELSEWHERE, is_it: |answer| server(answer, "awselb") },
    Sign { who: "Kong", cure: NO_INGRESS, is_it: |answer| says(answer, "no Route matched with those values") },
    Sign { who: "Istio", cure: NO_INGRESS, is_it: |answer| server(answer, "istio-envoy") },
    Sign {
        who: "nginx",
        cure: NO_INGRESS,
        is_it: |answer| says(answer, "<center>nginx") || says(answer, "<center>openresty") || server(answer, "nginx"),
    },
    Sign {
        who: "Traefik or another server in Go",
        cure: NO_INGRESS,
        is_it: |answer| answer.status == 404 && answer.body.trim() == "404 page not found",
    },
    Sign { who: "an application on Tomcat", cure: ELSEWHERE, is_it: |answer| says(answer, "Apache Tomcat/") },
    Sign { who: "Apache", cure: ELSEWHERE, is_it: |answer| answer.status >= 400 && server(answer, "apache") },
    Sign { who: "Cloudflare", cure: ELSEWHERE, is_it: |answer| server(answer, "cloudflare") && answer.status >= 400 },
    Sign {
        who: "an Envoy that knows no such host",
        cure: NO_INGRESS,
        is_it: |answer| server(answer, "envoy") && answer.status == 404 && answer.body.trim().is_empty(),
    },
    Sign {
        who: "an Envoy that lets nobody through",
        cure: ELSEWHERE,
        is_it: |answer| server(answer, "envoy") && answer.status == 403,
    },
    Sign {
        who: "Pomerium's own Envoy, which has no route for this path,",
        // Before v0.31 it leads the path of that option to the authenticate service, and no other (`config/envoyconfig/routes.go`).
        cure: "see that authenticate_service_url names this host there, too, and delete authenticate_callback_path if it is set: Pomerium takes codes at /oauth2/callback alone",
        is_it: |answer| answer.status == 404 && is_envoys(answer),
    },
    Sign {
        who: "a page for people",
        cure: "see who answers every address with the same page: a captive portal, or an application that stands in Pomerium's place",
        is_it: |answer| answer.status == 200 && is_html(answer),
    },
    Sign { who: "another server", cure: ELSEWHERE, is_it: |_| true },
];

/// Of a stranger's page no more is kept, in bytes.
const LONGEST: usize = 16 * 1024;

/// The answer without what a page of somebody else may hold: his words are quoted. What Pomerium and its Envoy say for programs stays.
pub(in crate::evidence) fn quotable(mut exchange: Exchange) -> Exchange {
    if let Outcome::Answer(answer) = &mut exchange.outcome
        && !answer.body.trim().is_empty()
        && !is_of_pomerium(answer)
    {
        // What is cut could be what gives him away.
        let is_known = (OAUTH2_PROXY.is_it)(answer);
        let clean = || cleaned(offset::head(&answer.body, LONGEST));
        answer.body = if is_known { OAUTH2_PROXY.who.to_owned() } else { clean() };
    }
    exchange
}

/// Cleaned until nothing is left to be: what was recorded is read as it is.
fn cleaned(text: &str) -> String {
    /// A text that shows something new each time is a stranger's trick.
    const ROUNDS: usize = 4;
    let mut clean = text.to_owned();
    for _ in 0..ROUNDS {
        let again = paste::clean(&clean, |_| false);
        if *again == clean {
            return clean;
        }
        clean.clone_from(&again);
    }
    paste::CUT.to_owned()
}

fn sets(answer: &Answer, cookie: &str) -> bool {
    answer.headers.iter().any(|(name, value)| name == "set-cookie" && value.starts_with(cookie))
}

fn leads(answer: &Answer, text: &str) -> bool {
    answer.header("location").is_some_and(|location| location.contains(text))
}

/// Who has a login of his own, by the cookie that guards it, or by where those who log in come back.
const LOGINS: [Sign; 4] = [
    Sign {
        who: "oauth2-proxy",
        cure: "take this host away from oauth2-proxy: Pomerium logs users in itself, and needs /.pomerium/ and /oauth2/ for that",
        is_it: |answer| sets(answer, "_oauth2_proxy") || leads(answer, "/oauth2/start?"),
    },
    Sign {
        who: "a load balancer of AWS with a login of its own",
        cure: "take the action authenticate-oidc or authenticate-cognito out of the listener's rule for this host: Pomerium logs users in itself",
        is_it: |answer| sets(answer, "AWSALBAuthNonce") || leads(answer, "%2Foauth2%2Fidpresponse"),
    },
    Sign {
        who: "Google's Identity-Aware Proxy",
        cure: "take the Identity-Aware Proxy off the backend service of this host: Pomerium logs users in itself",
        is_it: |answer| sets(answer, "GCP_IAP_") || leads(answer, "iap.googleapis.com"),
    },
    Sign {
        who: "Cloudflare Access",
        cure: "take this host out of the applications of Cloudflare Access: Pomerium logs users in itself",
        is_it: |answer| leads(answer, ".cloudflareaccess.com/") || leads(answer, "/cdn-cgi/access/login"),
    },
];

/// Too many ask, or it is down for as long as it says (RFC 6585, 4, and RFC 9110, 10.2.3): whoever answers so at one page does so at
/// all of them.
pub(in crate::evidence) fn is_busy(answer: &Answer) -> bool {
    answer.status == 429 || answer.status >= 500 && answer.header("retry-after").is_some()
}

impl Stranger {
    /// Whoever gave this answer.
    pub(super) fn of(answer: &Answer) -> Self {
        if let Some(location) = answer.header("location").filter(|_| (300..400).contains(&answer.status)) {
            let sign = LOGINS.iter().find(|sign| (sign.is_it)(answer));
            let (who, cure) = sign.map_or(("somebody", ELSEWHERE), |sign| (sign.who, sign.cure));
            let says = format!("{who} sends visitors on: {} to {}", status_line(answer.status), excerpt(location));
            return Self { says, cure };
        }
        let sign = SIGNS.iter().find(|sign| (sign.is_it)(answer));
        let (who, cure) = sign.map_or(("another server", ELSEWHERE), |sign| (sign.who, sign.cure_of(answer)));
        let body = excerpt(answer.body.trim());
        let shown = if body.is_empty() { "with an empty body".to_owned() } else { format!("“{body}”") };
        Self { says: format!("{who} answers: {} {shown}", status_line(answer.status)), cure }
    }

    /// An answer that may be another one in a moment, or from another place, is none to judge.
    ///
    /// `is_let_in` says that Pomerium answers on another page of this host.
    pub(in crate::evidence) fn is_to_judge(
        exchange: &Exchange,
        answer: &Answer,
        expected: &str,
        is_let_in: bool,
    ) -> Result<(), Missing> {
        if is_busy(answer) {
            return Err(unclear::inconclusive(exchange, expected));
        }
        if !Self::is_guard(answer, is_let_in) {
            return Ok(());
        }
        let cure = "; a firewall or another proxy keeps this machine out: have it let this machine in, or run the check from where users are";
        Err(Self::instead(exchange, answer, expected, cure))
    }

    /// Somebody else answered where this was expected; `more` goes on from who it is.
    pub(super) fn instead(exchange: &Exchange, answer: &Answer, expected: &str, more: &str) -> Missing {
        let why = format!("expected {expected}, and {}{more}", Self::of(answer).says);
        Missing::Inconclusive { url: exchange.request.url.clone(), status: answer.status, why }
    }

    /// A firewall, a list of addresses or a check for robots keeps us out: of what others find behind it this tells nothing. Some mark
    /// their answers; whoever else forbids says 403, as Pomerium does on none of its own pages, and oauth2-proxy with its login. Where
    /// another page of the same host is Pomerium's, it is not us that he keeps out, but everybody from this one.
    fn is_guard(answer: &Answer, is_let_in: bool) -> bool {
        let is_forbidden = || answer.status == 403 && !is_let_in && !(OAUTH2_PROXY.is_it)(answer);
        GUARDS.iter().any(|is_it| is_it(answer)) || is_forbidden()
    }

    /// Somebody gives himself away, and it is not Pomerium.
    pub(super) fn is_known(answer: &Answer) -> bool {
        SIGNS.iter().take(11).any(|sign| (sign.is_it)(answer))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::evidence::sample;

    fn of(status: u16, headers: &[(&str, &str)], body: &str) -> String {
        match sample::answer("https://app.corp.example.com/", status, headers, body).outcome {
            Outcome::Answer(answer) => Stranger::of(&answer).says,
            Outcome::Failure(_) => String::new(),
        }
    }

    #[test]
    fn whoever_keeps_programs_out_tells_nothing_of_what_lies_behind() {
        let is_guard = |status: u16, headers: &[(&str, &str)], body: &str| match sample::answer(
            "https://app.corp.example.com/",
            status,
            headers,
            body,
        )
        .outcome
        {
            Outcome::Answer(answer) => Stranger::is_guard(&answer, false),
            Outcome::Failure(_) => false,
        };
        for (status, headers, body) in [
            (403, vec![("server", "AkamaiGHost")], "<H1>Access Denied</H1> Reference #18.4d1"),
            (403, vec![("server", "nginx")], "<center>nginx</center>"),
            (403, vec![], "Forbidden"),
            (403, vec![("server", "envoy")], "RBAC: access denied"),
            (200, vec![("x-iinfo", "12-1-1 NNNN CT"), ("content-type", "text/html")], "<html>"),
            (200, vec![], "The requested URL was rejected. Your support ID is: 1234"),
            (302, vec![("location", "https://gateway.zscaler.net:443/auD?origurl=x")], ""),
            (503, vec![("x-squid-error", "ERR_DNS_FAIL 0")], "x"),
            (405, vec![("x-amzn-waf-action", "captcha")], ""),
            (406, vec![("server", "Apache")], "Not Acceptable! Mod_Security"),
        ] {
            assert!(is_guard(status, &headers, body), "{status} {headers:?} {body}");
        }
        for (status, headers, body) in [
            (403, vec![], "<h1>Sign in with OAuth2 Proxy</h1>"),
            (404, vec![("server", "nginx")], "<center>nginx</center>"),
            (200, vec![("x-iinfo", "12-1-1 NNNN CT")], "{}"),
            (302, vec![("location", "https://www.example.com/")], ""),
        ] {
            assert!(!is_guard(status, &headers, body), "{status} {headers:?} {body}");
        }
    }

    #[test]
    fn what_is_to_be_looked_at_is_told_by_what_came() {
        let cure = |status: u16, headers: &[(&str, &str)], body: &str| {
            let exchange = sample::answer("https://app.corp.example.com/", status, headers, body);
            Stranger::of(exchange.answer().unwrap()).cure
        };
        let (nginx, istio, haproxy) = ([("server", "nginx")], [("server", "istio-envoy")], [("server", "haproxy")]);
        for server in [&nginx, &istio, &haproxy, &[("server", "Apache")], &[("server", "awselb/2.0")]] {
            for status in [502, 503, 504] {
                assert_eq!(cure(status, server, "x"), BEHIND, "{server:?} {status}");
            }
        }
        assert_eq!((cure(404, &nginx, ""), cure(404, &istio, "")), (NO_INGRESS, NO_INGRESS));
        assert_eq!((cure(404, &haproxy, ""), cure(401, &nginx, "")), (ELSEWHERE, GUARDED));
        let own = r#"{"requestId":"x","status":"404","statusText":"route_not_found"}"#;
        assert!(cure(404, &[("server", "envoy")], own).contains("authenticate_callback_path"));
    }

    #[test]
    fn whoever_answers_is_called_by_name() {
        for (status, headers, body, who) in [
            (404, vec![], "default backend - 404", "ingress-nginx"),
            (404, vec![], "<html><center>nginx</center></html>", "nginx"),
            (404, vec![("content-type", "text/plain; charset=utf-8")], "404 page not found\n", "Traefik"),
            (503, vec![("server", "awselb/2.0")], "<html>503</html>", "AWS with nobody behind"),
            (404, vec![("server", "awselb/2.0")], "", "balancer of AWS answers"),
            (525, vec![("cf-ray", "8a1")], "", "Cloudflare, which cannot reach"),
            (404, vec![("server", "istio-envoy")], "", "Istio"),
            (404, vec![("server", "envoy")], "", "Envoy that knows no such host"),
            (404, vec![], r#"{"message":"no Route matched with those values"}"#, "Kong"),
            (302, vec![("location", "https://www.example.com/")], "", "302 Found to https://www.example.com/"),
            (200, vec![("content-type", "text/html")], "<title>Portal</title>", "a page for people"),
            (403, vec![], "<h1>Sign in with OAuth2 Proxy</h1>", "oauth2-proxy"),
            (418, vec![], "", "another server answers: 418 I'm a teapot with an empty body"),
        ] {
            assert!(of(status, &headers, body).contains(who), "{who}: {}", of(status, &headers, body));
        }
    }
}
