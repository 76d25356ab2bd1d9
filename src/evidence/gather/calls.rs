//! What is asked of the API of AWS, in two waves: what needs nothing but the configuration, and what the first answers name.

use futures_util::future::{OptionFuture, join, join_all};

use super::client::configured_secret;
use super::{CLIENTS, Gathering};
use crate::config::cognito::{keeps_to_pattern, region_of_issuer_host};
use crate::config::{Client, Gap};
use crate::evidence::aws::{Answers, Call, OfClient, Operation, Wanted};
use crate::evidence::{Exchange, ExchangeId, Missing, Need, Question, Request, pool_of_issuer};
use crate::host;
use crate::secret::Secret;

/// Of so many identity providers the attributes are asked about: with the five other calls, nine for one client.
const PROVIDERS: usize = 4;
/// So many pages of clients are looked at for one that may be meant.
const PAGES: usize = 4;
/// The longest id of an app client that the API takes.
const LONGEST_ID: usize = 128;

impl Gathering<'_> {
    /// Asks the API, if that is wanted and the issuer names a pool of it.
    pub(super) async fn calls(&self) -> Option<Result<Answers, Missing>> {
        let is_wanted = self.options.aws && self.plan.iter().any(|need| *need != Need::File);
        if !is_wanted {
            return None;
        }
        let Some(wanted) = wanted(self.issuer) else {
            let why = "--aws asks about nothing: the issuer is on no host of Cognito, or names no user pool";
            return Some(Err(Missing::Unconfigured(why.to_owned())));
        };
        let clients = self.clients.iter().enumerate().map(|(index, client)| self.client_calls(&wanted, index, client));
        let (pool, clients) = join(self.pool_call(&wanted), join_all(clients)).await;
        let mut answers = Answers { wanted, pool, domain: None, providers: Vec::new(), listed: Vec::new(), clients };
        self.second_wave(&mut answers).await;
        Some(Ok(answers))
    }

    async fn pool_call(&self, wanted: &Wanted) -> Exchange {
        self.ask_aws("pool", wanted, Operation::DescribeUserPool, &[], None, None).await
    }

    /// The client, and how many secrets it has.
    async fn client_calls(&self, wanted: &Wanted, index: usize, client: &Client) -> Result<OfClient, Missing> {
        let id = self.callable_id(index, client)?;
        let configured = configured_secret(client, self.literals.clients.get(index), "");
        let secret = configured.as_ref().ok().and_then(Clone::clone);
        let own = [("ClientId", id)];
        let name = |name: &str| if index == 0 { name.to_owned() } else { format!("{name}.{}", index + 1) };
        let (named, listed) = (name("client"), name("secrets"));
        let (client, secrets) = join(
            self.ask_aws(&named, wanted, Operation::DescribeUserPoolClient, &own, secret, None),
            self.ask_aws(&listed, wanted, Operation::ListUserPoolClientSecrets, &own, None, None),
        )
        .await;
        Ok(OfClient { client, secrets, branding: None, configured })
    }

    fn callable_id(&self, index: usize, client: &Client) -> Result<&str, Missing> {
        if index >= CLIENTS {
            return Err(Missing::Limit(format!("only the first {CLIENTS} app clients are asked about")));
        }
        let id = match self.literals.clients.get(index).map(|client| &client.id) {
            Some(Ok(id)) => id.0.value.as_str(),
            Some(Err(Gap::Beside(why))) => return Err(Missing::Unconfigured((*why).to_owned())),
            Some(Err(gap)) => return Err((&gap.wanted(&client.given_as("idp_client_id"))).into()),
            None => return Err(Missing::Follows(Need::File)),
        };
        let is_id = keeps_to_pattern(id) && (1..=LONGEST_ID).contains(&id.len());
        if client.id_may_be_secret() || !is_id {
            return Err(Missing::Unconfigured("idp_client_id is not the id of an app client".to_owned()));
        }
        Ok(id)
    }

    async fn second_wave(&self, answers: &mut Answers) {
        let wanted = answers.wanted.clone();
        let names = answers.provider_names();
        let domain = answers.domain_name().map(|name| self.domain_call(&wanted, name));
        let providers = names.into_iter().enumerate().map(|(number, name)| self.provider_call(&wanted, number, name));
        let has_domain = answers.domain_name().is_some();
        let brandings = answers.clients.iter().enumerate().map(|(index, client)| {
            let id = client.as_ref().ok().map(|client| client.id().to_owned());
            let id = id.filter(|_| answers.tells_of(index) && has_domain);
            let wanted = &wanted;
            async move { Some(self.branding_call(wanted, index, &id?).await) }
        });
        // One list has what is near to each of those that are not there.
        let is_any_absent = (0..answers.clients.len()).any(|index| answers.lacks(index));
        let listed = OptionFuture::from(is_any_absent.then(|| self.list(&wanted)));
        let (domain, (providers, (brandings, listed))) =
            join(OptionFuture::from(domain), join(join_all(providers), join(join_all(brandings), listed))).await;
        answers.domain = domain;
        answers.providers = providers;
        answers.listed = listed.unwrap_or_default();
        answers.add(brandings);
    }

    async fn domain_call(&self, wanted: &Wanted, name: String) -> Exchange {
        let own = [("Domain", name.as_str())];
        self.ask_aws("domain", wanted, Operation::DescribeUserPoolDomain, &own, None, None).await
    }

    async fn provider_call(&self, wanted: &Wanted, number: usize, name: String) -> (String, Option<Exchange>) {
        if number >= PROVIDERS {
            return (name, None);
        }
        let (id, own) = (format!("provider-{}", number + 1), [("ProviderName", name.as_str())]);
        let exchange = self.ask_aws(&id, wanted, Operation::DescribeIdentityProvider, &own, None, None).await;
        (name, Some(exchange))
    }

    async fn branding_call(&self, wanted: &Wanted, index: usize, client: &str) -> Exchange {
        let name = if index == 0 { "branding".to_owned() } else { format!("branding.{}", index + 1) };
        let own = [("ClientId", client)];
        self.ask_aws(&name, wanted, Operation::DescribeManagedLoginBrandingByClient, &own, None, None).await
    }

    /// The clients of the pool, page after page.
    async fn list(&self, wanted: &Wanted) -> Vec<Exchange> {
        let mut pages: Vec<Exchange> = Vec::new();
        let mut next = None;
        while pages.len() < PAGES {
            let name = format!("clients-{}", pages.len() + 1);
            let own = [("MaxResults", "60")];
            let page = self.ask_aws(&name, wanted, Operation::ListUserPoolClients, &own, None, next.take()).await;
            next = Answers::next_page(&page);
            pages.push(page);
            if next.is_none() {
                break;
            }
        }
        pages
    }

    async fn ask_aws(
        &self,
        name: &str,
        wanted: &Wanted,
        operation: Operation,
        own: &[(&str, &str)],
        configured: Option<Secret>,
        page: Option<String>,
    ) -> Exchange {
        let pool = (operation != Operation::DescribeUserPoolDomain).then_some(("UserPoolId", wanted.pool.as_str()));
        let parameters: Vec<(&str, &str)> = pool.into_iter().chain(own.iter().copied()).collect();
        let call = Call::new(operation, &wanted.region, configured, page, self.asker.calls_left());
        let request = Request { method: "POST".to_owned(), url: wanted.endpoint.clone(), form: call.form(&parameters) };
        let question = Question::new(ExchangeId::call(name), request);
        self.asker.ask_call(Question { call: Some(call), ..question }).await
    }
}

/// The pool of an issuer, and where the API is asked about it: on the issuer's own host, whichever partition that is in.
fn wanted(issuer: &str) -> Option<Wanted> {
    let pool = pool_of_issuer(issuer.trim_end_matches('/'))?;
    let host = host::of(issuer)?;
    let region = region_of_issuer_host(&host)?.to_owned();
    let host = host.strip_prefix("issuer-").unwrap_or(&host);
    let (pool, issuer) = (pool.to_owned(), issuer.to_owned());
    Some(Wanted { endpoint: format!("https://{host}/"), region, pool, issuer })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_the_issuer_is_the_place_of_the_api_in_every_partition() {
        for (host, endpoint, region) in [
            ("cognito-idp.eu-west-1.amazonaws.com", "https://cognito-idp.eu-west-1.amazonaws.com/", "eu-west-1"),
            ("issuer-cognito-idp.eu-west-1.amazonaws.com", "https://cognito-idp.eu-west-1.amazonaws.com/", "eu-west-1"),
            (
                "cognito-idp-fips.us-east-1.amazonaws.com",
                "https://cognito-idp-fips.us-east-1.amazonaws.com/",
                "us-east-1",
            ),
            (
                "cognito-idp.eusc-de-east-1.amazonaws.eu",
                "https://cognito-idp.eusc-de-east-1.amazonaws.eu/",
                "eusc-de-east-1",
            ),
            (
                "cognito-idp.us-gov-west-1.amazonaws.com",
                "https://cognito-idp.us-gov-west-1.amazonaws.com/",
                "us-gov-west-1",
            ),
        ] {
            let found = wanted(&format!("https://{host}/eu-west-1_9xK2mPq7R/")).unwrap();
            assert_eq!((found.endpoint.as_str(), found.region.as_str()), (endpoint, region));
            assert_eq!(found.pool, "eu-west-1_9xK2mPq7R");
        }
        assert!(wanted("https://idp.example.com/eu-west-1_9xK2mPq7R").is_none());
    }
}
