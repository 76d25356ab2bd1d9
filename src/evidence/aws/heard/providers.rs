//! What the answers of the API say of the identity providers that an app client names.

use super::super::answer::{Reply, read};
use super::super::call::Operation;
use super::{Answers, told_of};
use crate::config::Literals;
use crate::evidence::settled::IdentityProviders;
use crate::evidence::{ClientWorld, Exchange, IdentityProviderStanding, Missing, Seen};
use crate::infra::settings::ClientSettings;

impl Answers {
    /// Why it is not known what an identity provider of the client fills, if it is not.
    pub(super) fn refused_provider(&self, client: &ClientSettings) -> Option<Missing> {
        let members = client.identity_providers.members();
        self.providers.iter().find_map(|(name, exchange)| {
            members.iter().find(|member| member.value.known() == Some(name))?;
            match exchange {
                Some(exchange) if told_of(exchange).is_some() => None,
                Some(exchange) => Some(self.missing(exchange, Operation::DescribeIdentityProvider)),
                None => Some(Missing::Limit(format!(
                    "the identity provider {name} was not asked about: at most {} are, and code given with --infra tells of more",
                    self.providers.iter().filter(|(_, exchange)| exchange.is_some()).count()
                ))),
            }
        })
    }

    /// What is known of a client that names identity providers which the pool does not have: nobody logs in through those.
    pub(super) fn without_absent(
        &self,
        world: ClientWorld,
        client: &ClientSettings,
        literals: &Literals,
    ) -> ClientWorld {
        let members = client.identity_providers.members();
        let absent: Vec<(&str, &Exchange)> =
            members.iter().filter_map(|member| self.absent_provider(member.value.known()?)).collect();
        let how = |name: &str| format!("the user pool {} has none of the name `{name}`", self.wanted.pool);
        let mut world = world;
        let login = literals.login.as_ref().ok();
        let named = login.and_then(|login| login.chosen_provider("identity_provider"));
        if let Some((name, exchange)) = named.and_then(|named| absent.iter().find(|(name, _)| *name == named)) {
            let value = IdentityProviderStanding::Gone { how: how(name) };
            world.identity_provider = Ok(Seen { value, witnesses: vec![exchange.id.clone()] });
        }
        if !absent.is_empty() && absent.len() == members.len() {
            let how = absent.iter().map(|(name, _)| how(name)).collect::<Vec<_>>().join(", and ");
            let value = IdentityProviders { is_empty: true, gone: Some(how) };
            let witnesses = absent.iter().map(|(_, exchange)| exchange.id.clone()).collect();
            world.providers = Ok(Seen { value, witnesses });
        }
        world
    }

    /// An identity provider of this name, if the API says that there is none.
    fn absent_provider(&self, name: &str) -> Option<(&str, &Exchange)> {
        let (name, exchange) = self.providers.iter().find(|(own, _)| own == name)?;
        let exchange = exchange.as_ref()?;
        let is_absent = matches!(read(exchange), Some(Reply::Absent(_)));
        (is_absent && told_of(&self.pool).is_some()).then_some((name.as_str(), exchange))
    }
}
