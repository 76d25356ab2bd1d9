//! A client that can be asked about, and the request that Pomerium sends for it.

use super::{CLIENTS, Gathering};
use crate::config::{Client, Gap, Hosting, Login, PROVIDER_PARAMETERS, kept_back};
use crate::evidence::questions::{self, Parameters, unpredictable};
use crate::evidence::{DiscoveryDocument, Missing, Need, Question};

/// A client that can be asked about.
pub(super) struct Asking<'a> {
    pub(super) gathering: &'a Gathering<'a>,
    pub(super) document: &'a DiscoveryDocument,
    pub(super) login: &'a Login,
    pub(super) client: &'a Client,
    pub(super) index: usize,
    /// Of the authorize request.
    pub(super) parameters: Parameters,
}

impl Gathering<'_> {
    pub(super) fn asking<'a>(
        &'a self,
        index: usize,
        client: &'a Client,
        document: &'a DiscoveryDocument,
    ) -> Result<Asking<'a>, Missing> {
        if index >= CLIENTS {
            return Err(Missing::Limit(format!("only the first {CLIENTS} app clients are asked about")));
        }
        let login = self.literals.login.as_ref().map_err(|gap| gap.wanted("authenticate_service_url"));
        let login = login.map_err(|gap| Missing::from(&gap))?;
        if login.hosting == Hosting::Hosted {
            return Err(Missing::NotApplicable("Pomerium's hosted service runs the login and asks for no app client"));
        }
        if login.redirect_uri.is_empty() {
            return Err(Missing::Unconfigured("authenticate_service_url gives no redirect URI".to_owned()));
        }
        if client.id_may_be_secret() {
            let why = "idp_client_id looks like a client secret, which is not put into a URL";
            return Err(Missing::Unconfigured(why.to_owned()));
        }
        let id = match self.literals.clients.get(index).map(|client| &client.id) {
            Some(Ok(id)) => &id.0.value,
            Some(Err(Gap::Beside(why))) => return Err(Missing::Unconfigured((*why).to_owned())),
            Some(Err(gap)) => return Err((&gap.wanted(&client.given_as("idp_client_id"))).into()),
            None => return Err(Missing::Follows(Need::File)),
        };
        if let Some(why) = kept_back(login, id) {
            return Err(Missing::Unconfigured(why));
        }
        let mut parameters = questions::authorize_parameters(login, id, document, self.config.version);
        if self.literals.scopes.is_err() {
            // What scopes will be asked for is not known; client and callback can be asked about all the same.
            parameters.insert("scope".to_owned(), "openid".to_owned());
        }
        if self.literals.named_provider.is_err() {
            // Nor what provider: Cognito does not know the reference.
            parameters.retain(|name, _| !PROVIDER_PARAMETERS.contains(&name.as_str()));
        }
        Ok(Asking { gathering: self, document, login, client, index, parameters })
    }
}

impl Asking<'_> {
    /// The name of an exchange of this client.
    pub(super) fn id(&self, name: &str) -> String {
        if self.index == 0 { name.to_owned() } else { format!("{name}.{}", self.index + 1) }
    }

    pub(super) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    pub(super) fn authorize_question(&self, name: &str, parameters: &Parameters) -> Question {
        questions::authorize(&self.id(name), &self.document.authorization_endpoint, parameters)
    }

    /// The same request with a callback that nobody can have registered.
    pub(super) fn control(&self) -> Parameters {
        let nowhere = format!("https://{}.invalid/oauth2/callback", unpredictable());
        questions::with(&self.parameters, "redirect_uri", &nowhere)
    }
}
