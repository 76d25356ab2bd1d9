//! Credentials and answers, over the wire.

use serde_json::{Map, Value};
use url::Url;
use zeroize::Zeroizing;

use super::answer::element;
use super::call::Call;
use super::credentials::{Access, Role, Source, keys_of, keys_of_json, secret_file};
use super::environment::now;
use super::errors::TOO_MANY;
use super::refusal::statement;
use super::sign::{Header, Keys, Place, Scope, signed};
use super::{Raw, Reach, Wire};
use crate::evidence::{Failure, Step};
use crate::go::url::query_encode;
use crate::secret::Secret;

/// Sends what is to be sent and gives what comes back, of which nothing is kept.
pub(in crate::evidence) trait Sender {
    /// Sends a request; once more if what went wrong may pass.
    async fn send(&self, wire: Wire) -> Result<Raw, Failure>;
}

impl Access {
    /// The credentials themselves, in a region.
    ///
    /// # Errors
    /// Why there are none.
    pub(in crate::evidence) async fn keys(&self, region: &str, sender: &impl Sender) -> Result<Keys, Failure> {
        let region = self.region.as_deref().unwrap_or(region);
        // From the first keys along the chain of roles.
        let (mut roles, mut source) = (Vec::new(), &self.source);
        while let Source::Role { base, role, external_id } = source {
            roles.push((role, external_id));
            source = base;
        }
        let mut keys = match source {
            Source::Keys(keys) => keys.clone(),
            Source::WebIdentity { role, token } => {
                let token =
                    secret_file(token).map_err(|why| refused(format!("the token of the web identity: {why}")))?;
                let own = [("Action", "AssumeRoleWithWebIdentity"), ("WebIdentityToken", token.expose())];
                self.assume(role, &own, None, region, sender).await?
            }
            Source::SingleSignOn { region, account, role, token } => {
                self.single_sign_on(region, account, role, token, sender).await?
            }
            Source::Container { url, authorization } => container(url, authorization.as_ref(), sender).await?,
            Source::Role { .. } => return Err(refused("the chain of roles has no end".to_owned())),
        };
        for (role, external_id) in roles.into_iter().rev() {
            let mut own = vec![("Action", "AssumeRole")];
            own.extend(external_id.as_deref().map(|id| ("ExternalId", id)));
            keys = self.assume(role, &own, Some(&keys), region, sender).await?;
        }
        Ok(keys)
    }

    /// The credentials of a role.
    async fn assume(
        &self,
        role: &Role,
        own: &[(&str, &str)],
        keys: Option<&Keys>,
        region: &str,
        sender: &impl Sender,
    ) -> Result<Keys, Failure> {
        let host = format!("https://sts.{}/", crate::config::cognito::zone_of(region));
        let (url, reach) = place(self.tokens.as_ref(), &host)?;
        let mut form = vec![("Version", "2011-06-15"), ("RoleArn", &role.arn), ("RoleSessionName", &role.session)];
        form.extend(own);
        let body = Zeroizing::new(query_encode(&form).into_bytes());
        let kind = ("content-type", Zeroizing::new("application/x-www-form-urlencoded; charset=utf-8".to_owned()));
        let headers = match keys {
            Some(keys) => signed(keys, Scope { region, service: "sts" }, &Place::of(&url), vec![kind], &body, now()),
            None => vec![kind],
        };
        let said = sender.send(Wire { method: "POST", url, headers, body, reach }).await?;
        let fail = |what: &str| refused(format!("the role {} was not given: STS answers {what}", role.arn));
        let text = std::str::from_utf8(&said.body).unwrap_or_default();
        if said.status != 200 {
            let code = element(text, "Code").filter(|code| code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            return Err(fail(&match code {
                // Its trust policy names who may, and nothing else lets in whoever has no credentials of AWS yet.
                Some(code @ "AccessDenied") if keys.is_some() => {
                    let needed = statement("sts:AssumeRole", &role.arn);
                    format!("{code}; it has to trust these credentials, whose policy needs {needed}")
                }
                Some(code @ "AccessDenied") => format!("{code}; its trust policy does not let this token in"),
                Some(code) if TOO_MANY.contains(&code) => format!("{code}: others ask much; try again in a minute"),
                Some(code) => code.to_owned(),
                None => said.status.to_string(),
            }));
        }
        let secret = |name| element(text, name).filter(|value| !value.is_empty()).map(Secret::new);
        match (secret("AccessKeyId"), secret("SecretAccessKey"), secret("SessionToken")) {
            (Some(id), Some(secret), Some(token)) => Ok(Keys { id, secret, token: Some(token) }),
            _ => Err(fail("without credentials")),
        }
    }

    async fn single_sign_on(
        &self,
        region: &str,
        account: &str,
        role: &str,
        token: &Secret,
        sender: &impl Sender,
    ) -> Result<Keys, Failure> {
        let host = format!("https://portal.sso.{}/", crate::config::cognito::zone_of(region));
        let (base, reach) = place(self.single_sign_on.as_ref(), &host)?;
        let query = query_encode(&[("role_name", role), ("account_id", account)]);
        let url = format!("{}/federation/credentials?{query}", base.as_str().trim_end_matches('/'));
        let url = Url::parse(&url).map_err(|error| refused(error.to_string()))?;
        let headers = vec![("x-amz-sso_bearer_token", Zeroizing::new(token.expose().to_owned()))];
        let said = sender.send(Wire { method: "GET", url, headers, body: Zeroizing::default(), reach }).await?;
        let held: Map<String, Value> = serde_json::from_slice(&said.body).unwrap_or_default();
        let keys = held
            .get("roleCredentials")
            .and_then(|keys| keys_of(keys.as_object()?, ["accessKeyId", "secretAccessKey", "sessionToken"]));
        keys.filter(|_| said.status == 200).ok_or_else(|| {
            refused(match said.status {
                401 => "IAM Identity Center does not take the sign-in any more: run aws sso login".to_owned(),
                // Who signed in is known, and may not (API reference of the portal, `GetRoleCredentials`).
                403 => format!(
                    "IAM Identity Center has not assigned the role {role} of the account {account} to whoever signed in: have it assigned, or set AWS_PROFILE to another profile"
                ),
                status => format!("IAM Identity Center answers {status} without credentials"),
            })
        })
    }
}

async fn container(url: &Url, authorization: Option<&Secret>, sender: &impl Sender) -> Result<Keys, Failure> {
    let headers = authorization.map(|secret| ("authorization", Zeroizing::new(secret.expose().to_owned())));
    let wire = Wire {
        method: "GET",
        url: url.clone(),
        headers: headers.into_iter().collect(),
        body: Zeroizing::default(),
        reach: Reach::Container,
    };
    let said = sender.send(wire).await?;
    keys_of_json(&said.body, ["AccessKeyId", "SecretAccessKey", "Token"])
        .filter(|_| said.status == 200)
        .ok_or_else(|| refused(format!("the place of the container's credentials answers {} without any", said.status)))
}

impl Call {
    /// The call as it goes over the wire.
    ///
    /// # Errors
    /// If the address is none.
    pub(in crate::evidence) fn wire(
        &self,
        access: &Access,
        keys: &Keys,
        endpoint: &str,
        parameters: &[(String, String)],
    ) -> Result<Wire, Failure> {
        let (url, reach) = place(access.user_pools.as_ref(), endpoint)?;
        let body = Zeroizing::new(self.body(parameters).into_bytes());
        let headers: Vec<Header> = vec![
            ("content-type", Zeroizing::new("application/x-amz-json-1.1".to_owned())),
            ("x-amz-target", Zeroizing::new(self.operation.target())),
        ];
        let scope = Scope { region: &self.region, service: "cognito-idp" };
        let headers = signed(keys, scope, &Place::of(&url), headers, &body, now());
        Ok(Wire { method: "POST", url, headers, body, reach })
    }
}

/// Where a service is asked: where the user says, or at its own address.
fn place(named: Option<&Url>, own: &str) -> Result<(Url, Reach), Failure> {
    if let Some(named) = named {
        return Ok((named.clone(), Reach::Named));
    }
    let url = Url::parse(own).map_err(|error| refused(format!("{own}: {error}")))?;
    Ok((url, Reach::Aws))
}

/// There is nobody in whose name to ask.
pub(in crate::evidence) fn refused(why: String) -> Failure {
    Failure::new(Step::Policy, why)
}
