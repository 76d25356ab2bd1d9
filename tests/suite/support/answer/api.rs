//! The API of user pools, as AWS documents it; which errors it gives to whom is documented, their words are observed.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{HttpAnswer, HttpRequest};
use crate::support::pool::{AppClient, Domain, IssuerKind, Pool};

/// What the API says beside what the pool is described as, and what it refuses.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Api {
    /// What goes wrong with an operation: `denied`, `throttled`, `throttled by header`, `page`, `empty`, `expired`, `signature`.
    pub faults: BTreeMap<String, String>,
    /// How many secrets each client has; otherwise the one that it shows, if it shows one.
    pub secrets: Option<usize>,
    /// The list of secrets goes on after its first page.
    pub pages_of_secrets: bool,
    /// The state of the domain.
    pub domain_status: String,
    /// Fields of each client; `null` leaves one out.
    pub client: Map<String, Value>,
    /// Fields of the pool; `null` leaves one out.
    pub pool: Map<String, Value>,
    /// Identity providers, each with its mapping of attributes.
    pub providers: BTreeMap<String, Map<String, Value>>,
    /// Further clients that are listed before the others.
    pub others: usize,
    /// It belongs to another account.
    pub foreign: bool,
}

impl Default for Api {
    fn default() -> Self {
        Self {
            faults: BTreeMap::new(),
            secrets: None,
            pages_of_secrets: false,
            domain_status: "ACTIVE".to_owned(),
            client: Map::new(),
            pool: Map::new(),
            providers: BTreeMap::new(),
            others: 0,
            foreign: false,
        }
    }
}

/// The secret of an identity provider.
pub const PROVIDER_SECRET: &str = "zq7CANARYidentityprovider0123456789";

/// So many clients a page has.
const PAGE: usize = 60;

fn answer(status: u16, body: &Value) -> HttpAnswer {
    HttpAnswer::new(status, "application/x-amz-json-1.1", body.to_string())
        .with("x-amzn-requestid", "11111111-2222-3333-4444-555555555555")
}

fn error(name: &str, message: &str) -> HttpAnswer {
    answer(400, &json!({"__type": name, "message": message}))
}

/// What the API answers to a call.
pub(super) fn call(pool: &Pool, target: &str, request: &HttpRequest) -> HttpAnswer {
    let api = pool.aws.clone().unwrap_or_default();
    let operation = target.strip_prefix("AWSCognitoIdentityProviderService.").unwrap_or_default();
    let input: Value = serde_json::from_str(&request.body).expect("a body in JSON");
    let text = |name: &str| input[name].as_str().unwrap_or_default().to_owned();
    let is_signed =
        request.header("authorization").is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 Credential="));
    if !is_signed {
        return error("MissingAuthenticationTokenException", "Missing Authentication Token");
    }
    if let Some(fault) = api.faults.get(operation) {
        let resource = format!("arn:aws:cognito-idp:{}:123456789012:userpool/{}", pool.region, pool.pool_id);
        return match fault.as_str() {
            "throttled by header" => answer(400, &json!({})).with("x-amzn-errortype", "TooManyRequestsException:"),
            "no client" => error("ResourceNotFoundException", "User pool client CANARY does not exist."),
            "denied" => error(
                "AccessDeniedException",
                &format!(
                    "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: cognito-idp:{operation} on resource: {resource} because no identity-based policy allows the cognito-idp:{operation} action"
                ),
            ),
            "throttled" => error("TooManyRequestsException", "Rate exceeded"),
            "expired" => error("ExpiredTokenException", "The security token included in the request is expired"),
            "signature" => error("InvalidSignatureException", "Signature expired"),
            "empty" => HttpAnswer::empty(200),
            _ => HttpAnswer::new(500, "text/html", "<!doctype html><title>500</title>"),
        };
    }
    let absent = |what: String| error("ResourceNotFoundException", &what);
    if operation != "DescribeUserPoolDomain" && (!pool.exists || api.foreign || text("UserPoolId") != pool.pool_id) {
        return absent(format!("User pool {} does not exist.", text("UserPoolId")));
    }
    let id = text("ClientId");
    let client = pool.app_client(&id);
    match (operation, client) {
        ("DescribeUserPool", _) => answer(200, &json!({"UserPool": described_pool(pool, &api)})),
        ("DescribeUserPoolDomain", _) => {
            answer(200, &json!({"DomainDescription": described_domain(pool, &api, &text("Domain"))}))
        }
        ("DescribeIdentityProvider", _) => match api.providers.get(&text("ProviderName")) {
            Some(mapping) => answer(
                200,
                &json!({"IdentityProvider": {
                    "UserPoolId": pool.pool_id,
                    "ProviderName": text("ProviderName"),
                    "ProviderType": "OIDC",
                    "ProviderDetails": {"client_id": "x", "client_secret": PROVIDER_SECRET},
                    "AttributeMapping": mapping,
                    "AcrMapping": {"a": "b"},
                }}),
            ),
            None => absent(format!("Identity provider {} does not exist.", text("ProviderName"))),
        },
        ("ListUserPoolClients", _) => listed(pool, &api, &input),
        (_, None) => absent(format!("User pool client {id} does not exist.")),
        ("DescribeUserPoolClient", Some(client)) => {
            answer(200, &json!({"UserPoolClient": described(pool, &api, client)}))
        }
        ("ListUserPoolClientSecrets", Some(client)) => {
            let count = api.secrets.unwrap_or(usize::from(client.secret.is_some()));
            let secrets: Vec<Value> =
                (0..count).map(|number| json!({"ClientSecretId": format!("s{number}")})).collect();
            let next = api.pages_of_secrets.then_some("more");
            answer(200, &json!({"ClientSecrets": secrets, "NextToken": next}))
        }
        ("DescribeManagedLoginBrandingByClient", Some(client)) if client.branding => answer(
            200,
            &json!({"ManagedLoginBranding": {"ManagedLoginBrandingId": "b", "UseCognitoProvidedValues": true}}),
        ),
        ("DescribeManagedLoginBrandingByClient", Some(_)) => absent("ManagedLoginBranding does not exist.".to_owned()),
        (other, _) => panic!("nobody asks {other}"),
    }
}

fn overlaid(own: Value, over: &Map<String, Value>) -> Value {
    let mut own = own;
    for (name, value) in over {
        own[name] = value.clone();
    }
    own
}

fn described(pool: &Pool, api: &Api, client: &AppClient) -> Value {
    let mut own = json!({
        "UserPoolId": pool.pool_id,
        "ClientId": client.id,
        "ClientName": "pomerium",
        "AllowedOAuthFlows": client.flows,
        "AllowedOAuthScopes": client.scopes,
        "CallbackURLs": client.callback_urls,
        "LogoutURLs": client.logout_urls,
        "SupportedIdentityProviders": client.identity_providers,
        "RefreshTokenValidity": 30,
        "EnableTokenRevocation": true,
        "AFieldOfTomorrow": {"x": 1},
    });
    if client.oauth {
        own["AllowedOAuthFlowsUserPoolClient"] = true.into();
    }
    if let Some(secret) = &client.secret {
        own["ClientSecret"] = secret.as_str().into();
    }
    overlaid(own, &api.client)
}

fn described_pool(pool: &Pool, api: &Api) -> Value {
    let mut own = json!({"Id": pool.pool_id, "UserPoolTier": "ESSENTIALS", "KeyConfiguration": {}});
    match &pool.domain {
        Domain::None => {}
        Domain::Prefix(name) => own["Domain"] = name.as_str().into(),
        Domain::Custom(name) => own["CustomDomain"] = name.as_str().into(),
    }
    if pool.issuer == IssuerKind::Updated {
        own["IssuerConfiguration"] = json!({"Type": "UPDATED"});
    }
    overlaid(own, &api.pool)
}

fn described_domain(pool: &Pool, api: &Api, name: &str) -> Value {
    let is_own = matches!(&pool.domain, Domain::Prefix(own) | Domain::Custom(own) if own == name);
    if !is_own {
        return json!({});
    }
    let version = if pool.managed_login { 2 } else { 1 };
    json!({"UserPoolId": pool.pool_id, "Domain": name, "Status": api.domain_status, "ManagedLoginVersion": version})
}

fn listed(pool: &Pool, api: &Api, input: &Value) -> HttpAnswer {
    let others = (0..api.others).map(|number| (format!("other{number:021}"), format!("other {number}")));
    let own =
        std::iter::once(&pool.client).chain(&pool.clients).map(|client| (client.id.clone(), "pomerium".to_owned()));
    let all: Vec<Value> = others.chain(own).map(|(id, name)| json!({"ClientId": id, "ClientName": name})).collect();
    let from: usize = input["NextToken"].as_str().map_or(0, |page| page.parse().expect("a page that was named"));
    let page: Vec<Value> = all.iter().skip(from).take(PAGE).cloned().collect();
    let next = (from + PAGE < all.len()).then(|| (from + PAGE).to_string());
    answer(200, &json!({"UserPoolClients": page, "NextToken": next}))
}
