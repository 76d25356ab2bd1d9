//! What one witness of a client or a pool adds to what another one says.

use super::{
    CallbackStanding, ClientStanding, ClientWorld, Disagreements, Evidence, ExchangeId, FlowStanding,
    IdentityProviderStanding, IdentityProviders, IssuerVariant, LoginPage, Missing, NOW, OAUTH, OAuthSwitch, PoolWorld,
    ScopeStanding, SecretStanding, Seen, SignOutStanding, UNSEEN, World,
};

impl World {
    /// Whoever sees the settings was to be asked, and could not be.
    pub(super) fn without_answers(self, why: &Missing) -> Self {
        let pool =
            PoolWorld { domain_status: Err(why.clone()), domains: Err(why.clone()), ..PoolWorld::missing(&UNSEEN) };
        let told = ClientWorld { code: Err(UNSEEN), ..ClientWorld::missing(&UNSEEN).without_settings_for(why) };
        let clients = self.clients.into_iter().map(|own| own.sharpened_by(&told).or(told.clone())).collect();
        Self { pool: self.pool.or(pool), clients, ..self }
    }
}

impl ClientWorld {
    /// Where somebody else says the same with more detail, in those words, with both as witnesses; and where he says otherwise, what
    /// follows against him from what is known.
    pub(super) fn sharpened_by(mut self, told: &Self) -> Self {
        sharpen(&mut self.standing, &told.standing, |own, told| {
            matches!((own, told), (ClientStanding::NotUsable { .. }, ClientStanding::NotInPool { .. }))
        });
        sharpen(&mut self.callback, &told.callback, |own, told| {
            matches!((own, told), (CallbackStanding::NotRegistered { .. }, CallbackStanding::NotListed { .. }))
        });
        sharpen(&mut self.flow, &told.flow, |own, told| {
            matches!((own, told), (FlowStanding::Refused { .. }, FlowStanding::NotListed { .. }))
        });
        sharpen(&mut self.identity_provider, &told.identity_provider, |own, told| {
            matches!((own, told), (IdentityProviderStanding::NotEnabled { .. }, IdentityProviderStanding::NotListed))
        });
        sharpen(&mut self.sign_out, &told.sign_out, |own, told| {
            matches!((own, told), (SignOutStanding::NotRegistered { .. }, SignOutStanding::NotListed))
        });
        sharpen(&mut self.scopes, &told.scopes, |own, told| match (own, told) {
            (ScopeStanding::Refused { culprits: own }, ScopeStanding::Refused { culprits: told }) => {
                own.len() < told.len()
            }
            _ => false,
        });
        sharpen(&mut self.secret, &told.secret, |own, told| {
            matches!((own, told), (SecretStanding::Accepted { .. }, SecretStanding::Accepted { is_one_of_two: true }))
        });
        // Whom Cognito lets use the hosted login has OAuth on, if nobody says otherwise, and names somebody to log in through.
        if let Ok(Seen { value: ClientStanding::Usable, witnesses }) = &self.standing {
            prove(&mut self.oauth, &told.oauth, OAuthSwitch { is_on: true }, witnesses);
            let named = IdentityProviders { is_empty: false, gone: None };
            // Whether he whom it names is there shows only where users are sent on to him.
            if self.leads_elsewhere() || !told.providers.as_ref().is_ok_and(|told| told.value.gone.is_some()) {
                prove(&mut self.providers, &told.providers, named, witnesses);
            }
        }
        self
    }

    /// Both, where somebody says that OAuth is off while Cognito shows its login page, with that left open: the page was seen to come and
    /// to refuse whoever logs in (`Client is not enabled for OAuth2.0 flows.`), and the authorize endpoint was seen to refuse first. A doubt
    /// is no lesser witness's to settle.
    pub(super) fn doubting(mut self, mut told: Self, disagreements: &mut Disagreements, index: usize) -> (Self, Self) {
        if let Err(doubt @ Missing::Untold(_)) = &self.oauth {
            told.oauth = Err(doubt.clone());
        }
        let is_told = self.oauth.as_ref().is_ok_and(|seen| seen.witnesses.iter().any(ExchangeId::is_call));
        if let (Ok(Seen { value: ClientStanding::Usable, witnesses: shown }), Ok(off)) = (&self.standing, &told.oauth)
            && !off.value.is_on
            && !is_told
        {
            let doubt = off_and_shown(&off.witnesses);
            disagreements.add(Some(index), vec![(OAUTH, shown.clone(), off.witnesses.clone())]);
            (self.oauth, told.oauth) = (Err(doubt.clone()), Err(doubt));
        }
        (self, told)
    }

    /// Cognito sends users on to an identity provider, which is there.
    fn leads_elsewhere(&self) -> bool {
        matches!(&self.login_page, Ok(Seen { value: LoginPage::External { .. }, .. }))
    }
}

impl PoolWorld {
    /// That a pool answers under its new issuer leaves open whether its tokens carry that one: who has read its setting knows.
    pub(super) fn sharpened_by(mut self, told: &Self) -> Self {
        sharpen(&mut self.issuer_variant, &told.issuer_variant, |own, told| {
            let is_open = matches!(own, IssuerVariant::Updated { is_set: false, .. });
            is_open && matches!(told, IssuerVariant::Updated { is_set: true, .. })
        });
        self
    }

    /// The same, where the setting was read just now, and is not what a file remembers of it: it decides, whatever the host of the new
    /// issuers answers. What that means is inferred, and a replica's host refuses pools that are switched.
    pub(super) fn decided_by(self, told: &Self) -> Self {
        let mut world = self.sharpened_by(told);
        if let (Ok(own), Ok(told)) = (&mut world.issuer_variant, &told.issuer_variant) {
            own.witnesses.retain(|id| !told.witnesses.contains(id));
            own.witnesses.splice(0..0, told.witnesses.iter().cloned());
            own.value = told.value.clone();
        }
        world
    }
}

fn off_and_shown(witnesses: &[ExchangeId]) -> Missing {
    let who = witnesses.iter().find_map(|id| id.0.strip_suffix(NOW)).unwrap_or("the API of Cognito");
    Missing::Untold(format!(
        "{who} says that OAuth is off on the app client, and Cognito shows its login page all the same, which may refuse every login with `Client is not enabled for OAuth2.0 flows.`: switch it on, or ask again if that was done just now"
    ))
}

/// Where somebody says otherwise, or was asked and does not tell, it is said what follows from something else that is known.
fn prove<T: PartialEq>(own: &mut Evidence<T>, told: &Evidence<T>, proven: T, witnesses: &[ExchangeId]) {
    let is_needed = match told {
        Ok(told) => told.value != proven,
        Err(why) => why.was_asked(),
    };
    if own.is_err() && is_needed {
        *own = Ok(Seen { value: proven, witnesses: witnesses.to_vec() });
    }
}

fn sharpen<T: Clone>(own: &mut Evidence<T>, told: &Evidence<T>, is_the_same: impl Fn(&T, &T) -> bool) {
    let (Ok(own), Ok(told)) = (own, told) else { return };
    if is_the_same(&own.value, &told.value) {
        let more: Vec<ExchangeId> = told.witnesses.iter().filter(|id| !own.witnesses.contains(id)).cloned().collect();
        own.witnesses.extend(more);
        own.value = told.value.clone();
    }
}
