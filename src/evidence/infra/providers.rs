//! Through whom an app client of the code lets users log in, and what those tell of them.

use super::UNSEEN;
use super::pool::of_linked;
use super::reading::Reading;
use crate::config::cognito::OWN_USERS;
use crate::evidence::settled::{EmailMapping, IdentityProviders, Unweighed};
use crate::evidence::{ClientCode, Evidence, IdentityProviderStanding, Missing};
use crate::infra::settings::ProviderMappings;
use crate::infra::{Answer, Attribute, Fate, Form, Linked, Resource, Tense, Value, belonging, has_pool};

/// An identity provider that the client names, and that the apply takes away.
pub(super) struct TakenAway {
    /// Yes or maybe.
    pub(super) is_it: Answer,
    /// In words fit for a report.
    pub(super) how: String,
}

impl Reading<'_, '_> {
    /// Whether the client names anybody who is there; `nobody`, whether its list is empty.
    pub(super) fn providers(&mut self, nobody: Answer, gone: Option<&TakenAway>) -> Evidence<IdentityProviders> {
        let list = &self.settings().identity_providers;
        match gone {
            Some(TakenAway { is_it: Answer::Yes, how }) => {
                let gone = IdentityProviders { is_empty: true, gone: Some(how.clone()) };
                self.seen(gone, list, Attribute::IdentityProviders)
            }
            Some(TakenAway { how, .. }) => Err(self.perhaps_nobody(how)),
            None => self.flag(list, Attribute::IdentityProviders, nobody, |is_empty| IdentityProviders {
                is_empty,
                gone: None,
            }),
        }
    }

    fn perhaps_nobody(&self, how: &str) -> Missing {
        Missing::Untold(format!(
            "whether {} then names an identity provider that is there is not known: {how}",
            self.told.address
        ))
    }

    /// Whether the apply takes away all whom the client names, or may, and how.
    pub(super) fn all_taken_away(&self) -> Option<TakenAway> {
        let members = self.settings().identity_providers.members();
        let gone: Vec<TakenAway> =
            members.iter().map(|member| self.taken_away(&member.value)).collect::<Option<_>>()?;
        let is_it = Answer::all(gone.iter().map(|gone| gone.is_it));
        let mut how: Vec<String> = gone.into_iter().map(|gone| gone.how).collect();
        how.dedup();
        (!how.is_empty()).then(|| TakenAway { is_it, how: how.join(", and ") })
    }

    pub(super) fn identity_provider(&mut self) -> Evidence<IdentityProviderStanding> {
        let Ok(login) = &self.hearing.literals.login else { return Err(UNSEEN) };
        let Some(name) = login.chosen_provider("identity_provider") else { return Err(UNSEEN) };
        let (name, list) = (name.to_owned(), &self.settings().identity_providers);
        match (list.contains(&name), self.taken_away(&Value::Known(name.clone()))) {
            (Answer::Yes, None) => self.seen(IdentityProviderStanding::Enabled, list, Attribute::IdentityProviders),
            (Answer::Yes, Some(TakenAway { is_it: Answer::Yes, how })) => {
                self.seen(IdentityProviderStanding::Gone { how }, list, Attribute::IdentityProviders)
            }
            (Answer::Yes, Some(TakenAway { how, .. })) => Err(self.perhaps_nobody(&how)),
            (Answer::Maybe, _) => self.unknown(Attribute::IdentityProviders, &list.doubts(&name)),
            (Answer::No, _) => self.seen(IdentityProviderStanding::NotListed, list, Attribute::IdentityProviders),
        }
    }

    /// Which of the client's identity providers do not fill `email`.
    pub(super) fn mapping(&mut self) -> Evidence<EmailMapping> {
        let list = &self.settings().identity_providers;
        let ids = self.pool_ids();
        let of_pool = (self.picture, &ids[..]);
        let known = belonging(self.hearing.codes, self.told.tense, of_pool, |picture| &picture.providers);
        let (mut unmapped, mut made, mut at, mut open) = (Vec::new(), Vec::new(), None, None);
        for member in list.members() {
            let name = member.value.to_string();
            if name == OWN_USERS {
                continue;
            }
            let is_it = |linked: &Linked<'_, ProviderMappings>| is_meant(linked, &member.value);
            // A pool has one of each name: the certain one is it. Of one that may be it, and may not be, nothing follows.
            let certain = known.iter().find(|linked| {
                let is_there = linked.resource.doubt.is_none() && linked.belongs == Answer::Yes;
                is_there && is_it(linked) == Answer::Yes
            });
            let perhaps = || known.iter().any(|linked| is_it(linked) != Answer::No).then_some(Answer::Maybe);
            let fills = certain.map(|linked| linked.resource.settings.mapping.fills("email"));
            match fills.or_else(perhaps) {
                Some(Answer::Yes) => {}
                Some(Answer::No) => {
                    at = at.or(certain);
                    made.extend(certain.and_then(code_of));
                    unmapped.push(name);
                }
                Some(Answer::Maybe) => {
                    let why = format!("whether the identity provider {name} fills `email` is not known");
                    open = open.or(Some(Missing::Untold(why)));
                }
                None => open = open.or_else(|| Some(self.no_provider(&name, &member.value))),
            }
        }
        // Whoever is known to fill nothing is so, whatever the others do.
        if let Some(open) = open.filter(|_| unmapped.is_empty()) {
            return Err(open);
        }
        if let (Some(first), Value::Known(_)) = (at, &list.value) {
            let place = first.resource.settings.mapping.at.unwrap_or(first.resource.at);
            let mapping = EmailMapping { unmapped, made: Unweighed(made) };
            return self.hearing.seen(mapping, of_linked(self.told, first), None, place);
        }
        match list.value {
            Value::Known(_) | Value::Unset => {
                self.seen(EmailMapping { unmapped, made: Unweighed(made) }, list, Attribute::IdentityProviders)
            }
            _ => self.unknown(Attribute::IdentityProviders, &list.value.reasons()),
        }
    }

    /// Why nothing is known of an identity provider that the client names.
    fn no_provider(&self, name: &str, value: &Value<String>) -> Missing {
        match self.taken_away(value) {
            Some(TakenAway { is_it, how }) => {
                let names = if is_it == Answer::Yes { "still names" } else { "may still name" };
                Missing::Untold(format!("{how}, and the app client {names} {name}"))
            }
            None => Missing::Elsewhere(format!(
                "which attributes the identity provider {name} fills is not in the files given"
            )),
        }
    }

    /// Whether the apply takes away whom the client names, and how: it may delete him, and make another one of another name or pool.
    fn taken_away(&self, value: &Value<String>) -> Option<TakenAway> {
        if self.told.tense != Tense::AfterApply || value.equals(OWN_USERS) == Answer::Yes {
            return None;
        }
        let ids = self.pool_ids();
        let of_pool = (self.picture, &ids[..]);
        let now = &self.told.code.now;
        let was_it = |provider: &Resource<ProviderMappings>| {
            Answer::all([
                has_pool(of_pool, (now, &provider.settings.pool.value)),
                provider.settings.name.value.same(value),
            ])
        };
        let had = now.providers.iter().filter(|provider| was_it(provider) != Answer::No);
        let (was, does, gone) = had.into_iter().find_map(|provider| {
            let does = match provider.fate? {
                Fate::Delete => "deletes",
                Fate::Replace => "replaces",
                _ => return None,
            };
            Some((was_it(provider), does, provider))
        })?;
        let has = belonging(self.hearing.codes, Tense::AfterApply, of_pool, |picture| &picture.providers);
        let stays =
            Answer::any(has.iter().map(|linked| match (linked.resource.doubt.is_some(), is_meant(linked, value)) {
                (true, Answer::Yes) => Answer::Maybe,
                (_, is_meant) => Answer::all([linked.belongs, is_meant]),
            }));
        let is_it = Answer::all([was, stays.not()]);
        (is_it != Answer::No).then(|| TakenAway { is_it, how: format!("the apply {does} {}", gone.address) })
    }
}

/// Whether it is the identity provider that the client names.
fn is_meant(linked: &Linked<'_, ProviderMappings>, value: &Value<String>) -> Answer {
    if value.refers_to() == Some(linked.resource.address.as_str()) {
        return Answer::Yes;
    }
    linked.resource.settings.name.value.same(value)
}

/// The code that makes an identity provider; the API's answers are none.
fn code_of(linked: &Linked<'_, ProviderMappings>) -> Option<ClientCode> {
    let (code, address) = (linked.code, linked.resource.address.clone());
    (code.form != Form::Api).then(|| ClientCode { file: code.file.clone(), address, language: code.language() })
}
