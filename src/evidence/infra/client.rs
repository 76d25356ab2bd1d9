//! What code says of one app client, as answers to the questions of the rules.

use super::choices::id;
use super::pool::{deleted_outside, pool_taken_away, whether_there};
use super::reading::Reading;
use super::{Hearing, Told};
use crate::evidence::settled::{ImplicitFlow, OAuthSwitch, SecretPresence, TokenRevocation};
use crate::evidence::{
    ClientCode, ClientStanding, ClientWorld, Evidence, ExchangeId, Missing, Seen, UNSEEN, pool_of_issuer,
};
use crate::infra::settings::{ClientSettings, Place};
use crate::infra::{
    Answer, Attribute, By, Choice, Drift, Fate, Language, Picture, Resource, Tense, Value, pool_of, same_pool,
};

impl Hearing<'_> {
    /// What the code says of the client; nothing if it does not stand there at this time.
    pub(super) fn client_in(&mut self, index: usize, told: Told<'_>) -> Option<ClientWorld> {
        let picture = told.code.picture(told.tense);
        let Some(client) = picture.client(told.address, self.id(index)) else {
            return self.gone(told);
        };
        if let Some(doubt) = &client.doubt {
            return Some(ClientWorld::missing(&Missing::Untold(whether_there(told.address, doubt))));
        }
        if told.tense == Tense::AfterApply && client.fate == Some(Fate::Replace) && self.id(index).is_some() {
            let how = format!("the apply replaces {}, and the new one has another id and secret", told.address);
            return Some(self.out_of_reach(told, ClientStanding::Gone { how }, client.at));
        }
        if let Some(Drift { deleted: Some(id), .. }) = &client.drift
            && self.id(index) == Some(id.as_str())
        {
            let mut how = deleted_outside(told.address);
            if client.fate != Some(Fate::Delete) {
                how.push_str(", and the one that the apply makes has another id and secret");
            }
            return Some(self.out_of_reach(told, ClientStanding::Gone { how }, client.at));
        }
        if let Some((how, pool)) = pool_taken_away(told, &client.settings.pool.value) {
            let how = format!("{how}; its app clients go with it");
            return Some(self.out_of_reach(told, ClientStanding::Gone { how }, pool.at));
        }
        if let Some(pool) = self.other_pool(index, picture, client) {
            let at = client.settings.pool.at.unwrap_or(client.at);
            return Some(self.out_of_reach(told, ClientStanding::OfOtherPool { pool }, at));
        }
        let read = self.read(index, told, picture, client);
        let standing = self.other_id(index, told, client).map_or(read.standing, |why| Err(Missing::Untold(why)));
        Some(ClientWorld { standing, ..read })
    }

    /// Why a client that was named is not the one with the id that Pomerium sends. Of one that is yet to be made, whoever names it may
    /// mean to put its id in.
    fn other_id(&self, index: usize, told: Told<'_>, client: &Resource<ClientSettings>) -> Option<String> {
        let own = self.id(index)?;
        let other = client.settings.id.value.known().filter(|id| *id != own)?;
        Some(format!("{} has the id {other}, and Pomerium sends another one", told.address))
    }

    /// The pool of a client that has the id that Pomerium sends, or may get it, if it cannot be the one that the issuer names. A client
    /// that the user named is one as well: whose pool it is he has not said.
    fn other_pool(&self, index: usize, picture: &Picture, client: &Resource<ClientSettings>) -> Option<String> {
        let is_other = |id: &String| self.id(index).is_some_and(|own| own != id);
        if client.settings.id.value.known().is_some_and(is_other) {
            return None;
        }
        let pool = &client.settings.pool.value;
        let is_another = *pool != Value::Unset && self.is_of_issuer(picture, pool) == Answer::No;
        is_another.then(|| match pool_of(picture, pool) {
            Some(made) if pool.known().is_none() => made.address.clone(),
            _ => pool.to_string(),
        })
    }

    /// Whether a pool of the code is the one that the issuer names.
    pub(super) fn is_of_issuer(&self, picture: &Picture, pool: &Value<String>) -> Answer {
        let Some(issuer) = self.issuer_pool() else { return Answer::Maybe };
        same_pool((picture, pool), (&Picture::default(), &Value::Known(issuer.to_owned())))
    }

    /// The pool that the issuer names.
    pub(super) fn issuer_pool(&self) -> Option<&str> {
        self.literals.issuer.as_ref().ok().and_then(|issuer| pool_of_issuer(&issuer.0.value))
    }

    /// The id that Pomerium sends.
    pub(super) fn id(&self, index: usize) -> Option<&str> {
        id(self.literals, index)
    }

    /// A client that is there now and will not be.
    fn gone(&mut self, told: Told<'_>) -> Option<ClientWorld> {
        let now = told.code.now.clients.iter().find(|client| client.address == told.address)?;
        let is_deleted = told.tense == Tense::AfterApply && now.fate == Some(Fate::Delete);
        is_deleted.then(|| {
            let how = if now.is_deleted_outside() {
                deleted_outside(told.address)
            } else {
                format!("the apply deletes {}", told.address)
            };
            self.out_of_reach(told, ClientStanding::Gone { how }, now.at)
        })
    }

    /// A client with which no login can be; nothing else of it matters.
    fn out_of_reach(&mut self, told: Told<'_>, standing: ClientStanding, at: Place) -> ClientWorld {
        let why = Missing::NotApplicable(ANOTHER);
        let standing = self.seen(standing, told, None, at);
        let code = Ok(Seen { value: code(told), witnesses: Vec::new() });
        ClientWorld { standing, code, ..ClientWorld::missing(&why) }
    }

    fn read(
        &mut self,
        index: usize,
        told: Told<'_>,
        picture: &Picture,
        client: &Resource<ClientSettings>,
    ) -> ClientWorld {
        let settings = &client.settings;
        let oauth = settings.oauth_enabled.value.is_on(Answer::No);
        let nobody = settings.identity_providers.is_empty();
        let implicit = settings.flows.contains("implicit");
        let revocation = settings.token_revocation.value.is_on(Answer::Yes);
        let has_secret = settings.has_secret.value.is_on(Answer::No);
        let style = self.style(index, told, client);
        let mut read = Reading::new(self, told, picture, client);
        let gone = if nobody == Answer::No { read.all_taken_away() } else { None };
        let is_nobody_left = gone.as_ref().is_some_and(|gone| gone.is_it == Answer::Yes);
        ClientWorld {
            standing: read.standing(oauth, if is_nobody_left { Answer::Yes } else { nobody }),
            callback: read.callback(),
            flow: read.flow(),
            scopes: read.scopes(),
            identity_provider: read.identity_provider(),
            sign_out: read.sign_out(),
            spelling: read.spelling(),
            email: read.email(),
            mapping: read.mapping(),
            refresh_lifetime: read.refresh_lifetime(),
            rotation: read.rotation(),
            oauth: read.flag(&settings.oauth_enabled, Attribute::OauthEnabled, oauth, |is_on| OAuthSwitch { is_on }),
            providers: read.providers(nobody, gone.as_ref()),
            style,
            implicit: read.flag(&settings.flows, Attribute::Flows, implicit, |is_on| ImplicitFlow { is_on }),
            refresh: read.refresh_flow(),
            revocation: read.flag(&settings.token_revocation, Attribute::TokenRevocation, revocation, |is_on| {
                TokenRevocation { is_on }
            }),
            has_secret: read.flag(&settings.has_secret, Attribute::HasSecret, has_secret, |is_there| {
                if is_there { SecretPresence::Present } else { SecretPresence::Absent }
            }),
            code: Ok(Seen { value: code(told), witnesses: Vec::new() }),
            ..ClientWorld::missing(&UNSEEN)
        }
    }
}

impl ClientWorld {
    /// What the code makes of a client, given what is known of its id today: no apply gives a client an id that Cognito did not choose
    /// for it, so one that is nobody's stays so, whoever updates it. Where only the authorize endpoint refuses, the id may be nobody's,
    /// or OAuth is off. `before` is what the code itself says of today.
    pub(super) fn reaching(self, own: &Self, choice: &Choice, before: Option<&Self>) -> Self {
        let Some(by) = choice.by() else { return self };
        let is_seen = is_called(&own.oauth) || is_called(&own.providers);
        match own.standing.as_ref().map(|seen| &seen.value) {
            // He who says why it will not be there says more.
            Ok(ClientStanding::NotInPool { .. }) if by != By::Id || !self.is_out_of_reach() => {
                let nobody = Missing::NotApplicable("the user pool has no such app client");
                Self { standing: Err(UNSEEN), code: self.code, ..Self::missing(&nobody) }
            }
            Ok(ClientStanding::NotUsable { .. }) if !is_seen && self.standing.is_ok() => match by {
                By::OnlyCandidate | By::OnlyMatch => self.standing_open(
                    "whether the app client of the code has the id that Pomerium sends is not known: Cognito refuses that id now, and no apply chooses an id; --aws tells, or --infra-client says that it is this one",
                ),
                By::Id if self.is_usable() && before.is_some_and(Self::is_usable) => self.standing_open(
                    "whether Cognito knows the app client is not known: it refuses its id now, and the apply changes nothing that could be the reason; --aws tells",
                ),
                By::Id | By::Address => self,
            },
            _ => self.replaced(own, by),
        }
    }

    /// With nothing known of whether Cognito lets it log users in.
    fn standing_open(self, why: &str) -> Self {
        Self { standing: Err(Missing::Untold(why.to_owned())), ..self }
    }

    /// A template that gives a client a secret, or none, where it is the other way round today, makes another one in its place
    /// (`CloudFormation`, `AWS::Cognito::UserPoolClient`, `GenerateSecret`: "Update requires: Replacement").
    fn replaced(self, own: &Self, by: By) -> Self {
        let (Ok(has), Ok(will_have), Ok(code)) = (&own.has_secret, &self.has_secret, &self.code) else { return self };
        let is_template = code.value.language == Language::CloudFormation;
        if by == By::Id || !is_template || has.value == will_have.value {
            return self;
        }
        let differs = match will_have.value {
            SecretPresence::Present => "it is to have a secret, and has none now",
            SecretPresence::Absent => "it is to have no secret, and has one now",
        };
        let unless = if by == By::Address { "" } else { ", unless it is not the one that Pomerium sends" };
        let address = &code.value.address;
        let how =
            format!("the deploy replaces {address}, as {differs}, and the new one has another id and secret{unless}");
        let witnesses = will_have.witnesses.iter().chain(&has.witnesses).cloned().collect();
        let standing = Ok(Seen { value: ClientStanding::Gone { how }, witnesses });
        let why = Missing::NotApplicable(ANOTHER);
        Self { standing, has_secret: self.has_secret, code: self.code, ..Self::missing(&why) }
    }

    fn is_usable(&self) -> bool {
        matches!(&self.standing, Ok(Seen { value: ClientStanding::Usable, .. }))
    }

    /// Whether it is another pool's, or will be gone.
    fn is_out_of_reach(&self) -> bool {
        self.is_gone() || matches!(&self.standing, Ok(Seen { value: ClientStanding::OfOtherPool { .. }, .. }))
    }

    /// Whether the client will not be there any more.
    pub(super) fn is_gone(&self) -> bool {
        matches!(&self.standing, Ok(Seen { value: ClientStanding::Gone { .. }, .. }))
    }
}

/// Why nothing else of a client matters with which no login can be.
const ANOTHER: &str = "the app client will be another one, or none";

/// Whether the API says so.
fn is_called<T>(evidence: &Evidence<T>) -> bool {
    evidence.as_ref().is_ok_and(|seen| seen.witnesses.iter().any(ExchangeId::is_call))
}

fn code(told: Told<'_>) -> ClientCode {
    ClientCode { file: told.code.file.clone(), address: told.address.to_owned(), language: told.code.language() }
}
