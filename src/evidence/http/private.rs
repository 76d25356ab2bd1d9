//! Requests that hold what only the two ends may see: an authorization code, a client secret, a token.

use std::time::Instant;

use openidconnect::{HttpRequest, HttpResponse, http};
use url::Url;

use super::send::BODY_LIMIT;
use super::{Network, Origin, Route};
use crate::evidence::{Failure, Step, failure};

impl Network {
    /// Whether such a request may go there: where the client secret may.
    ///
    /// # Errors
    /// With the reason, which names the flag that allows it.
    pub fn admits_private(&self, url: &str) -> Result<(), Failure> {
        let url = Url::parse(url).map_err(|error| Failure::new(Step::Policy, format!("this is not a URL: {error}")))?;
        self.hosts.check(&url)?;
        self.hosts.check_secret(&url)
    }

    /// Sends it once: a code is good for one use. The answer comes whole, so whoever asks must neither show nor keep it; it also
    /// says how many milliseconds it took.
    ///
    /// Connections of its own are used: by the time a person has signed in, those of the first questions may be closed at the other
    /// end.
    ///
    /// # Errors
    /// If no answer came, or our own policy forbids the request.
    pub async fn send_private(&self, request: HttpRequest) -> Result<(HttpResponse, u64), Failure> {
        let address = request.uri().to_string();
        self.admits_private(&address)?;
        let url = Url::parse(&address).map_err(|error| Failure::new(Step::Policy, error.to_string()))?;
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(Failure::new(Step::Policy, "the URL names no host"));
        };
        let origin = self.private.find(host, port).await;
        let begun = Instant::now();
        let work = async {
            let route = origin.route.get_or_try_init(|| self.find_route(&url, &origin)).await?;
            self.take_one()?;
            exchange(request, url.clone(), &origin, route).await
        };
        let answer = tokio::time::timeout(self.timeout, work).await;
        let answer = answer.unwrap_or_else(|_| Err(failure::timed_out(&origin.host, self.timeout)))?;
        Ok((answer, u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)))
    }
}

async fn exchange(request: HttpRequest, url: Url, origin: &Origin, route: &Route) -> Result<HttpResponse, Failure> {
    let (parts, body) = request.into_parts();
    let response = route.request(parts.method, url, origin)?.headers(parts.headers).body(body).send().await;
    let mut response = response.map_err(|error| failure::classify(&error, &origin.host, route.proxy.as_deref()))?;
    let mut answer = http::Response::builder().status(response.status());
    if let Some(headers) = answer.headers_mut() {
        headers.clone_from(response.headers());
    }
    let mut body = Vec::new();
    let chunk = |error| failure::classify_body(&error, &origin.host);
    while let Some(chunk) = response.chunk().await.map_err(chunk)? {
        body.extend_from_slice(&chunk);
        if body.len() > BODY_LIMIT {
            return Err(Failure::new(Step::Read, format!("{} answers with more than any token takes", origin.host)));
        }
    }
    answer.body(body).map_err(|error| Failure::new(Step::Read, error.to_string()))
}
