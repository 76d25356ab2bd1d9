//! What is asked of a running Pomerium: at most five questions, what is asked twice included, and two more about its sign-out.
//!
//! Nothing that is asked makes a session or redeems a code, and no redirect is followed further than Pomerium's own login page.

use std::collections::BTreeSet;

use futures_util::future::{OptionFuture, join};
use url::Url;

use super::Visit;
use crate::config::is_hosted;
use crate::config::{CALLBACK_PATH, is_public_suffix};
use crate::evidence::deployed::route::PROVIDER_ID;
use crate::evidence::deployed::{OWN_PAGE, SIGN_IN, own, route, who};
use crate::evidence::{Answer, Exchange, Need, Question, Repeats, Transport, redact};
use crate::host;

/// So many requests go to a Pomerium, repeated ones too, and two more about its sign-out.
const MOST: usize = 5;

const WELL_KNOWN: &str = "/.well-known/pomerium";
const SIGN_OUT: &str = "/.pomerium/sign_out";
/// Pomerium words its errors for programs, where only this is taken.
const JSON: &str = "application/json";
/// A program of a user's.
const TEXT: &str = "text/plain";
/// A visitor: whoever takes nothing of the kind is refused instead of sent to the login.
const HTML: &str = "text/html";

/// The answers; what was not asked is not there.
#[derive(Default)]
pub(super) struct Answers {
    pub(super) pomerium: Option<Exchange>,
    pub(super) route: Option<Exchange>,
    pub(super) authenticate: Option<Exchange>,
    pub(super) callback: Option<Exchange>,
    pub(super) sign_in: Option<Exchange>,
    pub(super) sign_out: Option<Exchange>,
    pub(super) provider_sign_out: Option<Exchange>,
    pub(super) login_link: Option<Exchange>,
    /// Where the authenticate service is, as the first answer says.
    pub(super) service: Option<Url>,
}

impl Answers {
    /// Pomerium answers at another address of this one's host: whoever stands in front lets us in.
    pub(super) fn is_let_in(&self, exchange: &Exchange) -> bool {
        let origin = |exchange: &Exchange| Url::parse(&exchange.request.url).ok().map(|url| url.origin());
        let own = origin(exchange);
        let is_pomeriums = |answer: &Answer| answer.header(OWN_PAGE).is_some() || own::is_of_pomerium(answer);
        let is_beside = |other: &Exchange| other.id != exchange.id && origin(other) == own;
        self.given().any(|other| is_beside(other) && other.answer().is_some_and(is_pomeriums))
    }

    /// How many requests were sent for them.
    fn sent(&self) -> usize {
        self.given().map(|exchange| usize::from(exchange.attempts)).sum()
    }

    /// All that were given, in the order of a login.
    fn given(&self) -> impl Iterator<Item = &Exchange> {
        let all = [
            &self.pomerium,
            &self.route,
            &self.authenticate,
            &self.callback,
            &self.login_link,
            &self.sign_in,
            &self.sign_out,
            &self.provider_sign_out,
        ];
        all.into_iter().flatten()
    }

    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        self.given().cloned().collect()
    }
}

/// Asks a running Pomerium all that the plan needs.
pub(super) async fn ask(visit: &Visit<'_>, plan: &BTreeSet<Need>, transport: &dyn Transport) -> Answers {
    let mut answers = Answers::default();
    transport.admit_pomerium(visit.url.host_str().unwrap_or_default(), None, true);
    let wants_sign_out = plan.contains(&Need::SignOut) && visit.probe_sign_out;
    let first = Visitor { transport, repeats: Repeats::default() };
    let pomerium = first.get("pomerium", at(visit.url, WELL_KNOWN), JSON).await;
    let named = service(&pomerium);
    if pomerium.answer().is_some_and(may_hide_pomerium) {
        // Somebody may take this one path for himself: then the address itself tells it.
        answers.route = Some(Visitor::with(transport, 0).route(visit.url).await);
    }
    let shown = || answers.route.as_ref().and_then(leads).filter(|url| url.path() == SIGN_IN);
    answers.service = named.or_else(shown).filter(|service| is_at_its_port(visit, service));
    answers.pomerium = Some(pomerium);
    let Some(service) = answers.service.clone() else { return answers };
    if service.host_str().is_some_and(is_hosted) {
        return answers;
    }
    let asked = over_tls(&service);
    let is_itself = asked.origin() == visit.url.origin();
    admit(visit, &asked, transport);
    let when = |need: Need, wanted: bool| (wanted && plan.contains(&need)).then_some(());
    let is_shown = answers.route.is_some();
    let (route, callback) = (when(Need::Route, !is_itself && !is_shown), when(Need::Callback, asked == service));
    let planned = [route, callback, when(Need::SignIn, true)].into_iter().flatten().count();
    let visitor = Visitor::with(transport, MOST.saturating_sub(answers.sent() + planned));
    let route = route.map(|()| visitor.route(visit.url));
    let callback = callback.map(|()| visitor.get("callback", at(&asked, CALLBACK_PATH), JSON));
    let (route, callback) = join(OptionFuture::from(route), OptionFuture::from(callback)).await;
    answers.route = answers.route.or(route);
    answers.callback = callback;
    if plan.contains(&Need::SignIn) {
        let left = |answers: &Answers| MOST.saturating_sub(answers.sent());
        let seeks_link =
            left(&answers) > 1 && answers.route.as_ref().is_some_and(shows_no_login) && !visit.probe_sign_out;
        if seeks_link {
            let visitor = Visitor::with(transport, 0);
            answers.login_link = Some(visitor.get("login-link", login_link(visit.url), TEXT).await);
        }
        let shown = answers.route.as_ref().and_then(leads).or_else(|| told_link(answers.login_link.as_ref()?));
        let link = shown.filter(|url| url.path() == SIGN_IN && url.origin() == service.origin());
        let url = link.map_or_else(|| at(&asked, SIGN_IN), |url| login_page(&asked, &url));
        let visitor = Visitor::with(transport, left(&answers).saturating_sub(1));
        answers.sign_in = Some(visitor.get("sign-in", url, JSON).await);
        // The fifth question is the one or the other, or one of the four once more: this tells least, and comes last.
        if !is_itself && !seeks_link && left(&answers) > 0 {
            let visitor = Visitor::with(transport, 0);
            answers.authenticate = Some(visitor.get("authenticate", at(&asked, WELL_KNOWN), JSON).await);
        }
    }
    if wants_sign_out {
        let visitor = Visitor::with(transport, MOST.saturating_sub(answers.sent()));
        sign_out(visit, &asked, &mut answers, &visitor).await;
    }
    answers
}

/// The sign-out of the host, and where the authenticate service goes from there.
async fn sign_out(visit: &Visit<'_>, service: &Url, answers: &mut Answers, visitor: &Visitor<'_>) {
    let own = visitor.get("route-sign-out", at(visit.url, SIGN_OUT), HTML).await;
    let next = leads(&own).filter(|url| url.origin() == service.origin());
    if let Some(url) = next.filter(|url| url.path() == SIGN_OUT) {
        answers.provider_sign_out = Some(visitor.get("authenticate-sign-out", url.into(), HTML).await);
    }
    answers.sign_out = Some(own);
}

/// Asks, and asks again what may pass, as long as that many requests are left.
struct Visitor<'a> {
    transport: &'a dyn Transport,
    repeats: Repeats,
}

impl<'a> Visitor<'a> {
    fn with(transport: &'a dyn Transport, spare: usize) -> Self {
        Self { transport, repeats: Repeats::shared(spare) }
    }

    async fn get(&self, id: &str, url: String, accept: &'static str) -> Exchange {
        let repeats = self.repeats.clone();
        let question = Question { accept: Some(accept), repeats, ..Question::get(id, url) };
        who::quotable(self.transport.ask(&question).await)
    }

    /// The address itself; what an application says there is not kept.
    async fn route(&self, url: &Url) -> Exchange {
        route::without_content(self.get("route", url.to_string(), HTML).await)
    }
}

/// The login page of the client that an address of it names. Nobody without a session needs its signature (`VerifySession` of
/// `authenticate/handlers.go` comes before it is looked at): so it is one question for all routes of that client. Where the client is
/// sealed, the address as a whole names it.
fn login_page(service: &Url, link: &Url) -> String {
    match link.query_pairs().find(|(name, _)| name == PROVIDER_ID) {
        Some((name, id)) => {
            let mut url = at(service, SIGN_IN);
            let query = url::form_urlencoded::Serializer::new(String::new()).append_pair(&name, &id).finish();
            url.push('?');
            url + &query
        }
        None => over_tls(link).into(),
    }
}

/// Another page of the same host.
fn at(url: &Url, path: &str) -> String {
    let mut url = url.clone();
    url.set_path(path);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// Somebody answers in the place of Pomerium's document, and may do so for that path alone. A server that is down or overloaded is not
/// asked more, and whoever sends visitors back to where they are does so anywhere.
fn may_hide_pomerium(answer: &Answer) -> bool {
    let is_up = answer.status < 500 && !who::is_busy(answer);
    is_up && own::callback(answer).is_none() && !(300..400).contains(&answer.status)
}

/// The authenticate service that Pomerium's own document names.
fn service(pomerium: &Exchange) -> Option<Url> {
    let callback = own::callback(pomerium.answer()?)?;
    Url::parse(&callback).ok().filter(|url| ["https", "http"].contains(&url.scheme()) && url.username().is_empty())
}

/// A Pomerium may name any port of a host: asked are that of https, the one that was named, and the one of the configuration.
fn is_at_its_port(visit: &Visit<'_>, service: &Url) -> bool {
    let port = over_tls(service).port_or_known_default();
    let is_configured = || configured(visit).is_some_and(|own| own.origin() == service.origin());
    port == Some(443) || port == visit.url.port_or_known_default() || is_configured()
}

/// The authenticate service, as the configuration beside names it.
fn configured(visit: &Visit<'_>) -> Option<Url> {
    let (config, _) = visit.beside?;
    Url::parse(&config.settings.as_ref()?.authenticate_service_url.as_ref()?.value).ok()
}

/// The same address over TLS: nothing is asked without.
pub(super) fn over_tls(url: &Url) -> Url {
    let mut url = url.clone();
    // From one of the web's own schemes to the other that never fails.
    let _ = url.set_scheme("https");
    url
}

/// Pomerium turns visitors away without a redirect: it wants a client certificate, or programs are served there.
fn shows_no_login(route: &Exchange) -> bool {
    route.answer().is_some_and(|answer| matches!(answer.status, 401 | 495))
}

/// Where Pomerium tells programs the address of the login (`proxy/handlers.go`, `ProgrammaticLogin`): it takes the client of the
/// host, and sends users of any release back to this machine alone.
fn login_link(url: &Url) -> String {
    let mut url = over_tls(url);
    url.set_path("/.pomerium/api/v1/login");
    url.set_query(Some("pomerium_redirect_uri=http%3A%2F%2Flocalhost"));
    url.set_fragment(None);
    url.into()
}

/// The address of the login that it tells: the whole body.
fn told_link(exchange: &Exchange) -> Option<Url> {
    let answer = exchange.answer().filter(|answer| answer.status == 200)?;
    Url::parse(answer.body.trim()).ok()
}

/// Lets the authenticate service be asked: it is the host that was named, or one beside it, or a configuration names it too.
fn admit(visit: &Visit<'_>, service: &Url, transport: &dyn Transport) {
    let (own, other) = (visit.url.host_str().unwrap_or_default(), service.host_str().unwrap_or_default());
    let is_configured = configured(visit).is_some_and(|url| url.host_str() == Some(other));
    let is_trusted = own == other || is_configured || are_siblings(own, other);
    transport.admit_pomerium(other, (own != other).then_some(own), is_trusted);
}

/// `x.P` and `y.P`, where P belongs to somebody.
fn are_siblings(one: &str, other: &str) -> bool {
    let parent = |host: &str| host.split_once('.').map(|(_, parent)| parent.to_ascii_lowercase());
    let is_address = |host: &str| host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    match (parent(one), parent(other)) {
        (Some(parent), Some(other)) => parent == other && !is_address(one) && !is_shared(&parent),
        _ => false,
    }
}

/// Strangers have their hosts below it, each his own.
fn is_shared(parent: &str) -> bool {
    let clouds = ["amazonaws.com", "amazoncognito.com"];
    // A cluster of Pomerium Zero has a name of its own below it.
    is_public_suffix(parent) || parent == "pomerium.app" || clouds.iter().any(|cloud| host::is_within(parent, cloud))
}

/// Where a redirect leads, with its signature as far as it is known; nothing if a recording could not keep all of it.
fn leads(exchange: &Exchange) -> Option<Url> {
    let answer = exchange.answer()?;
    answer.header("location").filter(|location| !redact::is_shortened(location))?;
    let location = answer.leads.0.as_ref().map(crate::secret::Secret::expose).or_else(|| answer.header("location"))?;
    Url::parse(&exchange.request.url).ok()?.join(location).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_of_one_owner_are_beside_each_other() {
        for (one, other, beside) in [
            ("app.corp.example.com", "authenticate.corp.example.com", true),
            ("APP.corp.example.com", "authenticate.CORP.example.com", true),
            ("app.example.com", "authenticate.example.com", true),
            ("app.corp.example.com", "authenticate.example.com", false),
            ("example.com", "evil.com", false),
            ("acme.github.io", "evil.github.io", false),
            ("acme.co.uk", "evil.co.uk", false),
            ("acme.kobe.jp", "evil.kobe.jp", false),
            ("app.acme.kobe.jp", "login.acme.kobe.jp", false),
            ("acme.k12.ma.us", "evil.k12.ma.us", false),
            ("app.acme.k12.ma.us", "login.acme.k12.ma.us", true),
            ("a.eu-west-1.elb.amazonaws.com", "b.eu-west-1.elb.amazonaws.com", false),
            ("a.elb.eu-west-1.amazonaws.com", "b.elb.eu-west-1.amazonaws.com", false),
            ("a.westeurope.cloudapp.azure.com", "b.westeurope.cloudapp.azure.com", false),
            ("a.auth.eu-west-1.amazoncognito.com", "b.auth.eu-west-1.amazoncognito.com", false),
            ("acme.pomerium.app", "evil.pomerium.app", false),
            ("app.foo-bar-123.pomerium.app", "authenticate.foo-bar-123.pomerium.app", true),
            ("app.foo-bar-123.pomerium.app", "authenticate.foo-bar-124.pomerium.app", false),
            ("a.trycloudflare.com", "b.trycloudflare.com", false),
            ("a.ddns.net", "b.ddns.net", false),
            ("a.ts.net", "b.ts.net", false),
            ("a.tail1234.ts.net", "b.tail1234.ts.net", true),
            ("10.0.0.1", "11.0.0.1", false),
            ("localhost", "localhost", false),
        ] {
            assert_eq!(are_siblings(one, other), beside, "{one} {other}");
        }
    }
}
