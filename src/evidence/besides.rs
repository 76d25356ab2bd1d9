//! Facts of which no table has a row.

use super::world::known;
use super::{
    Beside, Case, Disagreements, ExchangeId, ExpectedPools, Fact, FilledByApply, Missing, Need, SecretPresence, UNSEEN,
};
use crate::config::ValueKind;

impl Fact for Beside {
    const NEED: Need = Need::File;

    fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
        let beside = case.world.beside.as_deref();
        beside
            .map(|beside| (beside, &[][..]))
            .ok_or(Missing::NotApplicable("no configuration is compared with what runs"))
    }
}

/// Whether there is one is always known.
impl Fact for Option<Box<Beside>> {
    const NEED: Need = Need::File;

    fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
        Ok((&case.world.beside, &[]))
    }
}

impl Fact for ExpectedPools {
    const NEED: Need = Need::File;

    fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
        if case.world.expected_pools.0.is_empty() {
            return Err(Missing::NotApplicable("no --pool says which user pool is meant"));
        }
        let issuer = case.config.settings.as_ref().and_then(|settings| settings.idp_provider_url.as_ref());
        match issuer.filter(|issuer| !issuer.value.is_empty() && issuer.kind() != ValueKind::Literal) {
            Some(issuer) => Err(Missing::Placeholder(issuer.span)),
            None => Ok((&case.world.expected_pools, &[])),
        }
    }
}

impl Fact for Disagreements {
    const NEED: Need = Need::Settings;

    fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
        let is_called = case.world.exchanges.iter().any(|exchange| exchange.id.is_call());
        if case.world.testimonies.is_empty() && !is_called {
            return Err(UNSEEN);
        }
        Ok((&case.world.disagreements, &[]))
    }
}

impl Fact for FilledByApply {
    const NEED: Need = Need::File;

    fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
        Ok((&case.world.filled, &[]))
    }
}

/// The same, if it is known; where Pomerium sends a secret, nothing hangs on an answer that was asked for and did not come.
impl Fact for Option<SecretPresence> {
    const NEED: Need = Need::Token;
    const PER_CLIENT: bool = true;
    const OPTIONAL: bool = true;

    fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
        let own = case.world.clients.get(case.client).ok_or_else(|| case.no_client())?;
        let sends_one = case.clients.get(case.client).is_some_and(|client| !client.secret.is_absent());
        match known(Self::NEED, &own.has_secret) {
            Ok((Ok(seen), witnesses)) => Ok((
                match seen.value {
                    SecretPresence::Present => &Some(SecretPresence::Present),
                    SecretPresence::Absent => &Some(SecretPresence::Absent),
                },
                witnesses,
            )),
            Ok((Err(_), _)) => Ok((&None, &[])),
            Err(why) if sends_one && why.was_asked() => Ok((&None, &[])),
            Err(why) => Err(why),
        }
    }
}
