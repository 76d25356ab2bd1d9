//! What code says of the pool and its domain.

use super::{Hearing, Told, UNSEEN, by_weight};
use crate::evidence::settled::{BothDomains, PoolDomain, Unweighed};
use crate::evidence::{Disagreements, DiscoveryAnswer, Evidence, IssuerVariant, Missing, PoolWorld, issuer_variant};
use crate::infra::settings::{ClientSettings, DomainSettings, Field, Place, PoolSettings};
use crate::infra::{Answer, Choice, Fate, Linked, Picture, Resource, Tense, Value, belonging, pool_id, pool_of};

impl Hearing<'_> {
    /// What the code says of the pool of a client, or of the issuer; nothing if it says nothing of this time.
    pub(super) fn pool(
        &mut self,
        choice: Option<&Choice>,
        tense: Tense,
        disagreements: &mut Disagreements,
    ) -> Option<PoolWorld> {
        let mut told: Option<PoolWorld> = None;
        let elsewhere = self.pools_of_client(choice, tense);
        for (file, code) in by_weight(self.codes, tense) {
            let mut addresses = choice.into_iter().flat_map(|choice| choice.addresses_in(file));
            let client = addresses.find_map(|address| code.picture(tense).client(address, self.id(0)));
            // Of a client that is another pool's nothing is learnt of this one.
            let is_own = |pool: &Value<String>| self.is_of_issuer(code.picture(tense), pool) != Answer::No;
            let client = client.filter(|client| is_own(&client.settings.pool.value));
            let mut ids = self.pool_ids(code.picture(tense), client);
            ids.splice(0..0, elsewhere.iter().filter(|_| client.is_none()).cloned());
            if ids.is_empty() {
                continue;
            }
            let own = self.pool_in(Told { file, code, address: "", tense }, &ids);
            told = Some(match told {
                None => own,
                Some(known) => {
                    disagreements.add(None, known.disagreements(&own));
                    known.or(own)
                }
            });
        }
        told
    }

    /// The ids by which the client names its pool, as far as they mean the same in every file.
    fn pools_of_client(&self, choice: Option<&Choice>, tense: Tense) -> Vec<Value<String>> {
        let mut ids = Vec::new();
        for (file, code) in self.codes.iter().enumerate() {
            let picture = code.picture(tense);
            let addresses = choice.into_iter().flat_map(|choice| choice.addresses_in(file));
            let clients = addresses.filter_map(|address| picture.client(address, self.id(0)));
            ids.extend(
                clients
                    .map(|client| pool_id(picture, &client.settings.pool.value))
                    .filter(|id| id.id_in_file().is_some() && self.is_of_issuer(picture, id) != Answer::No)
                    .cloned(),
            );
        }
        ids
    }

    /// By what the pool goes: as a client names it, and as the issuer does, unless that is another one.
    pub(super) fn pool_ids(&self, picture: &Picture, client: Option<&Resource<ClientSettings>>) -> Vec<Value<String>> {
        let own = client.map(|client| &client.settings.pool.value);
        let is_issuers = own.is_none_or(|own| self.is_of_issuer(picture, own) != Answer::No);
        let issuer = self.issuer_pool().filter(|_| is_issuers).map(|id| Value::Known(id.to_owned()));
        own.cloned().into_iter().chain(issuer).collect()
    }

    fn pool_in(&mut self, told: Told<'_>, id: &[Value<String>]) -> PoolWorld {
        let picture = told.code.picture(told.tense);
        let pool = id.iter().find_map(|id| pool_of(picture, id));
        let linked = belonging(self.codes, told.tense, (picture, id), |picture| &picture.domains);
        PoolWorld {
            domain: self.domain(told, id, pool, &linked),
            domains: self.both(told, id, pool, &linked),
            // No code holds the state of a domain.
            domain_status: Err(UNSEEN),
            managed_login: self.managed_login(told, &linked),
            issuer_variant: self.variant(told, pool),
            discovery: self.discovery(told),
            ..PoolWorld::missing(&UNSEEN)
        }
    }

    /// What the discovery URL will answer, if the apply takes the pool away that it names.
    fn discovery(&mut self, told: Told<'_>) -> Evidence<DiscoveryAnswer> {
        let Ok(issuer) = &self.literals.issuer else { return Err(UNSEEN) };
        let issuer = issuer.0.value.clone();
        let id = self.issuer_pool().map(|id| Value::Known(id.to_owned()));
        let Some((how, pool)) = id.and_then(|id| pool_taken_away(told, &id)) else { return Err(UNSEEN) };
        let url = format!("{issuer}/.well-known/openid-configuration");
        let answer =
            DiscoveryAnswer { url, status: 400, no_such_pool: true, gone: Some(how), refusal: None, captive: None };
        self.seen(answer, Told { address: &pool.address, ..told }, None, pool.at)
    }

    fn domain(
        &mut self,
        told: Told<'_>,
        id: &[Value<String>],
        pool: Option<&Resource<PoolSettings>>,
        linked: &[Linked<'_, DomainSettings>],
    ) -> Evidence<PoolDomain> {
        let certain = linked.iter().find(|linked| linked.belongs == Answer::Yes && linked.resource.doubt.is_none());
        if let Some(found) = certain {
            return self.seen(PoolDomain::Present, of_linked(told, found), None, found.resource.at);
        }
        if let Some(found) = linked.first() {
            return Err(Missing::Untold(match &found.resource.doubt {
                Some(doubt) => whether_there(&found.resource.address, doubt),
                None => format!("whether {} belongs to the pool is not known", found.resource.address),
            }));
        }
        if let Some((address, at, is_new)) = taken_away(told, id, pool) {
            let absent = PoolDomain::Absent { is_new, endpoint: None, language: Unweighed(Some(told.code.language())) };
            return self.seen(absent, Told { address, ..told }, None, at);
        }
        // What a state says of the pool itself may be older than the resource of its domain.
        if let Some(pool) =
            pool.filter(|pool| named(&pool.settings.domain).or(named(&pool.settings.custom_domain)).is_some())
        {
            return self.seen(PoolDomain::Present, Told { address: &pool.address, ..told }, None, pool.at);
        }
        // Another stack may have it: files that say nothing of it are no open question about those that do.
        Err(Missing::Elsewhere(format!("{} has no domain for the pool; it may be made elsewhere", told.code.file)))
    }

    fn both(
        &mut self,
        told: Told<'_>,
        id: &[Value<String>],
        pool: Option<&Resource<PoolSettings>>,
        linked: &[Linked<'_, DomainSettings>],
    ) -> Evidence<BothDomains> {
        if let Some(gone) = first_of_two_taken_away(told, id, linked) {
            let at = gone.at;
            return self.seen(BothDomains { both: None }, Told { address: &gone.address, ..told }, None, at);
        }
        if let Some(pool) = pool
            && let (Some(prefix), Some(custom)) = (named(&pool.settings.domain), named(&pool.settings.custom_domain))
        {
            let both = Some((prefix.clone(), custom.clone()));
            return self.seen(BothDomains { both }, Told { address: &pool.address, ..told }, None, pool.at);
        }
        let of_kind = |custom: bool| {
            linked.iter().find(|linked| {
                let is_certain = linked.belongs == Answer::Yes && linked.resource.doubt.is_none();
                is_certain && linked.resource.settings.is_custom.value.known() == Some(&custom)
            })
        };
        match (of_kind(false), of_kind(true)) {
            (Some(prefix), Some(custom)) => {
                let text = |linked: &Linked<'_, DomainSettings>| linked.resource.settings.domain.value.to_string();
                let both = Some((text(prefix), text(custom)));
                self.seen(BothDomains { both }, of_linked(told, custom), None, custom.resource.at)
            }
            _ => Err(Missing::Elsewhere("whether the pool has a second domain is not in the files given".to_owned())),
        }
    }

    fn variant(&mut self, told: Told<'_>, pool: Option<&Resource<PoolSettings>>) -> Evidence<IssuerVariant> {
        let issuer = self.literals.issuer.as_ref().ok().map(|issuer| issuer.0.value.clone());
        let (Some(pool), Some(issuer)) = (pool.filter(|pool| pool.doubt.is_none()), issuer) else {
            return Err(UNSEEN);
        };
        let field = &pool.settings.issuer_type;
        let known = field.value.known().and_then(|kind| issuer_variant::of_type(kind, &issuer));
        let Some(value) = known else { return Err(UNSEEN) };
        self.seen(value, Told { address: &pool.address, ..told }, None, field.at.unwrap_or(pool.at))
    }
}

/// The pool with this id, if the apply takes it away or somebody has, and how.
pub(super) fn pool_taken_away<'t>(told: Told<'t>, id: &Value<String>) -> Option<(String, &'t Resource<PoolSettings>)> {
    let id = id.known()?;
    let pool = told.code.now.pools.of_id(id)?;
    let how = match pool.fate? {
        _ if pool.is_deleted_outside() => deleted_outside(&pool.address),
        _ if told.tense == Tense::Now => return None,
        Fate::Delete => format!("the apply deletes {}", pool.address),
        Fate::Replace => format!("the apply replaces {}, and the new one has another id", pool.address),
        _ => return None,
    };
    Some((how, pool))
}

/// How something went that nobody's plan takes away.
pub(super) fn deleted_outside(address: &str) -> String {
    format!("{address} was deleted outside")
}

/// Why nobody knows whether a resource is there.
pub(super) fn whether_there(address: &str, doubt: &str) -> String {
    format!("whether {address} is there at all is not known: {doubt}")
}

/// The resource of another file, or of the same one, at the same time.
pub(super) fn of_linked<'c, S>(told: Told<'c>, linked: &Linked<'c, S>) -> Told<'c> {
    Told { file: linked.file, code: linked.code, address: &linked.resource.address, ..told }
}

fn named(field: &Field<String>) -> Option<&String> {
    field.value.known().filter(|name| !name.is_empty())
}

/// The domain that the apply takes away, or the pool that it makes without one; and whether it is the latter.
fn taken_away<'t>(
    told: Told<'t>,
    id: &[Value<String>],
    pool: Option<&'t Resource<PoolSettings>>,
) -> Option<(&'t str, Place, bool)> {
    if let Some(gone) = domains_taken_away(told, id).into_iter().next() {
        return Some((gone.address.as_str(), gone.at, false));
    }
    let is_made = |pool: &Resource<PoolSettings>| pool.fate == Some(Fate::Create);
    let made = pool.filter(|pool| told.tense == Tense::AfterApply && told.code.is_complete && is_made(pool))?;
    Some((made.address.as_str(), made.at, true))
}

/// The domains that the pool has now and that the apply deletes, or replaces by one of another pool: a replacement that stays with
/// the pool stands among its domains after the apply.
fn domains_taken_away<'t>(told: Told<'t>, id: &[Value<String>]) -> Vec<&'t Resource<DomainSettings>> {
    if told.tense != Tense::AfterApply {
        return Vec::new();
    }
    let own = std::slice::from_ref(told.code);
    let had = belonging(own, Tense::Now, (&told.code.now, id), |picture| &picture.domains);
    let has = belonging(own, Tense::AfterApply, (&told.code.after, id), |picture| &picture.domains);
    let stays = |address: &str| has.iter().any(|linked| linked.resource.address == address);
    had.into_iter()
        .filter(|linked| linked.belongs == Answer::Yes)
        .map(|linked| linked.resource)
        .filter(|domain| match domain.fate {
            Some(Fate::Delete) => true,
            Some(Fate::Replace) => !stays(&domain.address),
            _ => false,
        })
        .collect()
}

/// The first of the domains that the apply takes away, if it leaves one: a pool has two at most, one of each kind.
fn first_of_two_taken_away<'t>(
    told: Told<'t>,
    id: &[Value<String>],
    linked: &[Linked<'_, DomainSettings>],
) -> Option<&'t Resource<DomainSettings>> {
    let [_] = linked else { return None };
    domains_taken_away(told, id).into_iter().next()
}
