use super::*;
use crate::evidence::{Clock, Missing, Need, RunningCookie};
use crate::rules::testing::span;

#[test]
fn only_the_cookie_of_the_session_is_judged() {
    let at = span();
    let cookie = |name: &str, domain: Option<&str>| RunningCookie {
        name: name.to_owned(),
        domain: domain.map(str::to_owned),
        same_site: None,
        at,
    };
    let url = "https://app.corp.example.com/.well-known/pomerium".to_owned();
    let door = FrontDoor { url, at, opened_by: Opened::Down(String::new()) };
    let host = "authenticate.corp.example.com".to_owned();
    let authenticate = AuthenticateHost { host, at, absent: None };
    let of_balancer = cookie("TS01abcdef", Some("authenticate.corp.example.com"));
    for (own, is_foreign) in [(None, false), (Some("corp.example.com"), false), (Some("example.net"), true)] {
        let guard = cookie("_pomerium_csrf", None);
        let cookies = RunningCookies(vec![of_balancer.clone(), cookie("_pomerium_authenticate", own), guard]);
        let found = deployed_cookie_domain_foreign(&cookies, &authenticate, &door);
        assert_eq!(found.is_some(), is_foreign, "{own:?}");
    }
}

#[test]
fn clocks_of_services_are_worse_than_one_against_the_provider() {
    let clock = |ahead: i64| Clock { least: ahead - 1, most: ahead + 1 };
    let judge = |proxy: Option<i64>, authenticate: Option<i64>, cognito: Option<i64>| {
        let place = |ahead: Option<i64>| ahead.map(|ahead| (clock(ahead), span()));
        let clocks = RunningClocks {
            proxy: place(proxy),
            is_dated: false,
            authenticate: place(authenticate),
            cognito: cognito.map(clock),
        };
        let sign_in = Err(Missing::Follows(Need::SignIn));
        match deployed_clock_skew(&clocks, &sign_in, &Err(Missing::Follows(Need::Domain))) {
            Judgement::Findings(found) => Some(found.iter().map(|finding| finding.severity).collect::<Vec<_>>()),
            _ => None,
        }
    };
    let passes = Some(Vec::new());
    let warns = Some(vec![Some(Severity::Warning)]);
    assert_eq!(judge(Some(0), Some(0), Some(0)), passes);
    assert_eq!(judge(Some(50), Some(0), Some(0)), passes);
    assert_eq!(judge(Some(120), Some(0), Some(0)), Some(vec![None]));
    assert_eq!(judge(Some(120), Some(120), Some(0)), warns);
    assert_eq!(judge(None, Some(-120), None), warns);
    // It is this machine that is wrong.
    assert_eq!(judge(Some(600), Some(600), Some(600)), passes);
    // One alone agrees with nobody.
    assert_eq!(judge(None, Some(0), Some(0)), None);
    assert_eq!(judge(Some(0), None, Some(0)), None);
}
