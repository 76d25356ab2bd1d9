//! The stand-in as a [`Transport`], without any socket.

use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pomlint::evidence::{Answer, Asking, Exchange, Failure, Outcome, Question, Request, Step, Transport};
use url::Url;
use url::form_urlencoded::byte_serialize;

use super::answer::{HttpAnswer, HttpRequest, answer};
use super::pomerium::{Certificate, Running};
use super::pool::{DomainCertificate, Host, Pool};

/// Answers questions as Amazon would for one pool.
pub struct StandIn {
    pool: Pool,
    running: Option<Running>,
    asked: Mutex<Vec<HttpRequest>>,
}

/// When everything happens, in seconds since 1970: what is said of it must not depend on the day.
const NOW: u64 = 1_795_392_000;

/// What is sent as `state`. It never shows in an exchange.
const STATE: &str = "stand-in-state-2f9c4b7e";

impl StandIn {
    /// A stand-in for a pool.
    pub fn new(pool: Pool) -> Self {
        Self { pool, running: None, asked: Mutex::default() }
    }

    /// The same with a running Pomerium.
    pub fn with(pool: Pool, running: Running) -> Self {
        Self { running: Some(running), ..Self::new(pool) }
    }

    /// The requests that reached the provider so far.
    pub fn asked(&self) -> Vec<HttpRequest> {
        self.asked.lock().expect("no thread panicked").clone()
    }

    fn visited(&self, running: &Running, question: &Question, url: &Url, host: &str) -> Outcome {
        let fail = |step, cause: String| Outcome::Failure(Failure::new(step, cause));
        if running.unresolved.iter().any(|name| name == host) {
            return fail(Step::NoSuchHost, format!("the name server knows no address of {host}"));
        }
        match running.certificates.get(host) {
            Some(Certificate::Expired) => {
                return fail(Step::Certificate, format!("the certificate of {host} expired 12 days ago"));
            }
            Some(Certificate::WrongName | Certificate::StrangerOfAnother) => {
                return fail(Step::Certificate, format!("the certificate is not for {host}"));
            }
            Some(Certificate::Stranger) => return fail(Step::Authority, "an unknown authority".to_owned()),
            None | Some(Certificate::Valid) => {}
        }
        let mut request = to_http(question, url);
        request.headers.extend(question.accept.map(|accept| ("accept".to_owned(), accept.to_owned())));
        let answer = running.answer(&request);
        self.asked.lock().expect("no thread panicked").push(request);
        Outcome::Answer(pomlint::evidence::redacted(answer.status, &answer.headers, &answer.body))
    }

    fn outcome(&self, question: &Question) -> Outcome {
        let fail = |step, cause: String| Outcome::Failure(Failure::new(step, cause));
        let url = match Url::parse(&with_state(&question.request.url)) {
            Ok(url) => url,
            Err(error) => return fail(Step::Policy, format!("{}: {error}", question.request.url)),
        };
        let host = url.host_str().unwrap_or_default();
        if url.scheme() != "https" {
            return fail(Step::Policy, format!("only https is asked, and this is {}", url.scheme()));
        }
        let running = self.running.as_ref().filter(|running| running.is_at(host));
        if let Some(running) = running {
            return self.visited(running, question, &url, host);
        }
        if !self.pool.resolves(host) {
            return fail(Step::NoSuchHost, format!("{host}: no such host"));
        }
        let certificate = match self.pool.host(host) {
            Some(Host::Domain) => self.pool.domain_certificate,
            _ => DomainCertificate::Valid,
        };
        match certificate {
            DomainCertificate::Valid => {}
            DomainCertificate::Expired => {
                return fail(Step::Certificate, format!("the certificate of {host} has expired"));
            }
            DomainCertificate::WrongName => {
                return fail(Step::Certificate, format!("the certificate is not for {host}"));
            }
        }
        let request = to_http(question, &url);
        let answer = answer(&self.pool, &request);
        self.asked.lock().expect("no thread panicked").push(request);
        let Some(call) = &question.call else { return Outcome::Answer(redact(answer)) };
        let body = call.kept(answer.status, answer.header("x-amzn-errortype"), answer.body.as_bytes(), true);
        Outcome::Answer(Answer { body, ..redact(answer) })
    }
}

impl Transport for StandIn {
    fn ask<'a>(&'a self, question: &'a Question) -> Asking<'a> {
        Box::pin(async move {
            Exchange {
                id: question.id.clone(),
                request: Request { url: cut(&with_state(&question.request.url)), ..question.request.clone() },
                outcome: self.outcome(question),
                at: NOW,
                ms: 1,
                attempts: 1,
            }
        })
    }
}

/// The URL with an empty or cut `state` filled in; everything else stays as written.
fn with_state(url: &str) -> String {
    let Some((base, query)) = url.split_once('?') else { return url.to_owned() };
    let fill =
        |pair| if matches!(pair, "state=" | "state=CUT") { format!("state={STATE}") } else { String::from(pair) };
    let query: Vec<String> = query.split('&').map(fill).collect();
    format!("{base}?{}", query.join("&"))
}

/// The request as it goes over the wire: with the form and the credentials.
fn to_http(question: &Question, url: &Url) -> HttpRequest {
    let mut request = if question.request.method == "POST" {
        let form = question.request.form.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        HttpRequest::post(url.as_str(), &form.collect::<Vec<_>>())
    } else {
        HttpRequest::get(url.as_str())
    };
    request.at = NOW;
    if let Some(call) = &question.call {
        // It takes a signature for one if it looks like it.
        request.headers.push(("authorization".into(), "AWS4-HMAC-SHA256 Credential=x".into()));
        request.headers.push(("x-amz-target".into(), call.operation.target()));
        request.body = call.body(&question.request.form);
    }
    if let Some((id, secret)) = &question.basic {
        // Form-encoded first, as RFC 6749, 2.3.1 wants and Pomerium's client does.
        let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encode(id), encode(secret.expose()));
        request.headers.push(("authorization".into(), format!("Basic {}", STANDARD.encode(pair))));
    }
    request
}

/// The headers of an answer that an exchange keeps.
const KEPT: [&str; 10] = [
    "cache-control",
    "content-type",
    "date",
    "location",
    "retry-after",
    "server",
    "set-cookie",
    "via",
    "www-authenticate",
    "x-amz-cognito-request-id",
];

/// The answer as an exchange shows it: of a cookie its name, and no state.
fn redact(answer: HttpAnswer) -> Answer {
    let kept = answer.headers.into_iter().filter(|(name, _)| KEPT.contains(&name.as_str()));
    Answer {
        status: answer.status,
        headers: kept
            .map(|(name, value)| if name == "set-cookie" { cut_cookie(name, &value) } else { (name, cut(&value)) })
            .collect(),
        body: cut(&answer.body),
        truncated: false,
        ..Answer::default()
    }
}

fn cut_cookie(header: String, value: &str) -> (String, String) {
    let name = value.split('=').next().unwrap_or_default();
    (header, format!("{name}=CUT"))
}

fn cut(text: &str) -> String {
    text.replace(STATE, "CUT")
}
