//! One question after the other, put to an app client of the code.

use super::client::Told;
use super::{Hearing, UNSEEN};
use crate::config::cognito::OWN_USERS;
use crate::evidence::NO_SIGN_OUT;
use crate::evidence::settled::{
    CallbackSpelling, EmailMapping, EmailReading, RefreshFlow, RefreshLifetime, RefreshRotation,
};
use crate::evidence::{
    CallbackStanding, ClientStanding, Evidence, FlowStanding, IdentityProviderStanding, Missing, ScopeStanding,
    SignOutStanding,
};
use crate::infra::settings::{ClientSettings, Field, List, ProviderMappings};
use crate::infra::{Answer, Attribute, Fate, Form, KEPT, Linked, Picture, Resource, Value, belonging, same_pool};

pub(super) struct Reading<'r, 'a> {
    hearing: &'r mut Hearing<'a>,
    told: Told<'r>,
    picture: &'r Picture,
    client: &'r Resource<ClientSettings>,
}

impl<'r, 'a> Reading<'r, 'a> {
    pub(super) fn new(
        hearing: &'r mut Hearing<'a>,
        told: Told<'r>,
        picture: &'r Picture,
        client: &'r Resource<ClientSettings>,
    ) -> Self {
        Self { hearing, told, picture, client }
    }

    fn settings(&self) -> &'r ClientSettings {
        &self.client.settings
    }

    /// An answer that is read in a field; where the field is not set, in the resource itself.
    fn seen<T, F>(&mut self, value: T, field: &Field<F>, setting: Attribute) -> Evidence<T> {
        let at = field.at.unwrap_or(self.client.at);
        self.hearing.seen(value, self.told, Some(setting), at)
    }

    /// Why a field does not tell.
    fn unknown<T>(&self, setting: Attribute, reasons: &[String]) -> Evidence<T> {
        let name = self.told.code.language().name_of(setting);
        if self.told.code.form == Form::Api {
            return Err(Missing::Unconfigured(format!(
                "what {name} of the app client means as AWS has it is not documented"
            )));
        }
        // What is asked knows what that is.
        if reasons.first().is_some_and(|reason| reason == KEPT) {
            return Err(Missing::Unconfigured(format!("{name} of {}: {KEPT}", self.told.address)));
        }
        let mut why = format!("what {name} of {} ({}) is to be is not known", self.told.address, self.told.code.file);
        if let Some(first) = reasons.first() {
            why.push_str(": ");
            why.push_str(first);
        }
        Err(Missing::Untold(why))
    }

    /// A question with yes or no for an answer.
    pub(super) fn flag<T, F>(
        &mut self,
        field: &Field<F>,
        setting: Attribute,
        answer: Answer,
        make: impl Fn(bool) -> T,
    ) -> Evidence<T> {
        match answer {
            Answer::Yes => self.seen(make(true), field, setting),
            Answer::No => self.seen(make(false), field, setting),
            Answer::Maybe => self.unknown(setting, &field.value.reasons()),
        }
    }

    /// Whether Cognito lets the client log users in at all; what it lacks for that is said by rules of their own.
    pub(super) fn standing(&mut self, oauth: Answer, nobody: Answer) -> Evidence<ClientStanding> {
        let settings = self.settings();
        match (oauth, nobody) {
            (Answer::Yes, Answer::No) => {
                self.seen(ClientStanding::Usable, &settings.oauth_enabled, Attribute::OauthEnabled)
            }
            (Answer::No, _) | (_, Answer::Yes) => {
                Err(Missing::NotApplicable("what the app client lacks is said by a rule of its own"))
            }
            (Answer::Maybe, _) => self.unknown(Attribute::OauthEnabled, &settings.oauth_enabled.value.reasons()),
            _ => self.unknown(Attribute::IdentityProviders, &settings.identity_providers.doubts("")),
        }
    }

    pub(super) fn callback(&mut self) -> Evidence<CallbackStanding> {
        let Ok(login) = &self.hearing.literals.login else { return Err(UNSEEN) };
        let (sent, list) = (login.redirect_uri.clone(), &self.settings().callbacks);
        match contains_but_for_host_case(list, &sent) {
            Answer::Yes => self.seen(CallbackStanding::Registered, list, Attribute::Callbacks),
            Answer::Maybe => self.unknown(Attribute::Callbacks, &list.doubts(&sent)),
            Answer::No => {
                let listed: Vec<String> = list.members().iter().map(|member| member.value.to_string()).collect();
                let near = nearest(&sent, list);
                self.seen(CallbackStanding::NotListed { near, listed }, list, Attribute::Callbacks)
            }
        }
    }

    pub(super) fn spelling(&mut self) -> Evidence<CallbackSpelling> {
        let Ok(login) = &self.hearing.literals.login else { return Err(UNSEEN) };
        let (sent, list) = (login.redirect_uri.clone(), &self.settings().callbacks);
        let other_case = match (list.contains(&sent), contains_but_for_host_case(list, &sent)) {
            (Answer::Yes, _) | (_, Answer::No) => None,
            (Answer::No, Answer::Yes) => same_but_for_host_case(list, &sent),
            _ => return self.unknown(Attribute::Callbacks, &list.doubts(&sent)),
        };
        self.seen(CallbackSpelling { other_case }, list, Attribute::Callbacks)
    }

    pub(super) fn flow(&mut self) -> Evidence<FlowStanding> {
        let list = &self.settings().flows;
        match list.contains("code") {
            Answer::Yes => self.seen(FlowStanding::Allowed, list, Attribute::Flows),
            Answer::Maybe => self.unknown(Attribute::Flows, &list.doubts("code")),
            Answer::No => {
                let listed = list.members().iter().map(|member| member.value.to_string()).collect();
                self.seen(FlowStanding::NotListed { listed }, list, Attribute::Flows)
            }
        }
    }

    pub(super) fn scopes(&mut self) -> Evidence<ScopeStanding> {
        let Ok(requested) = &self.hearing.literals.scopes else { return Err(UNSEEN) };
        let list = &self.settings().scopes;
        let words: Vec<String> = requested.words.clone();
        let culprits: Vec<String> = words.iter().filter(|word| list.contains(word) == Answer::No).cloned().collect();
        if !culprits.is_empty() {
            return self.seen(ScopeStanding::Refused { culprits }, list, Attribute::Scopes);
        }
        match words.iter().find(|word| list.contains(word) == Answer::Maybe) {
            Some(word) => self.unknown(Attribute::Scopes, &list.doubts(word)),
            None => self.seen(ScopeStanding::Allowed, list, Attribute::Scopes),
        }
    }

    pub(super) fn identity_provider(&mut self) -> Evidence<IdentityProviderStanding> {
        let Ok(login) = &self.hearing.literals.login else { return Err(UNSEEN) };
        let named = login.request_parameters.iter().find(|(name, _)| name == "identity_provider");
        let Some((_, name)) = named else { return Err(UNSEEN) };
        let (name, list) = (name.clone(), &self.settings().identity_providers);
        match list.contains(&name) {
            Answer::Yes => self.seen(IdentityProviderStanding::Enabled, list, Attribute::IdentityProviders),
            Answer::Maybe => self.unknown(Attribute::IdentityProviders, &list.doubts(&name)),
            Answer::No => self.seen(IdentityProviderStanding::NotListed, list, Attribute::IdentityProviders),
        }
    }

    pub(super) fn sign_out(&mut self) -> Evidence<SignOutStanding> {
        let Ok(login) = &self.hearing.literals.login else { return Err(UNSEEN) };
        let Some(sent) = login.sign_out_uri.clone() else { return Err(NO_SIGN_OUT) };
        let list = &self.settings().sign_out_urls;
        match list.contains(&sent) {
            Answer::Yes => self.seen(SignOutStanding::Registered, list, Attribute::SignOutUrls),
            Answer::Maybe => self.unknown(Attribute::SignOutUrls, &list.doubts(&sent)),
            Answer::No => self.seen(SignOutStanding::NotListed, list, Attribute::SignOutUrls),
        }
    }

    /// Whether the client may read the address and whether it is verified. Without a list it may read everything; what an empty
    /// one means is not documented.
    pub(super) fn email(&mut self) -> Evidence<EmailReading> {
        let list = &self.settings().read_attributes;
        if list.value.is_unset() == Answer::Yes {
            return self.seen(EmailReading { lacking: Vec::new() }, list, Attribute::ReadAttributes);
        }
        if list.is_empty() != Answer::No {
            return self.unknown(Attribute::ReadAttributes, &list.value.reasons());
        }
        let both = ["email", "email_verified"];
        let lacking: Vec<&'static str> = both.into_iter().filter(|name| list.contains(name) == Answer::No).collect();
        let doubtful = both.into_iter().find(|name| list.contains(name) == Answer::Maybe);
        match doubtful.filter(|_| lacking.is_empty()) {
            Some(name) => self.unknown(Attribute::ReadAttributes, &list.doubts(name)),
            None => self.seen(EmailReading { lacking }, list, Attribute::ReadAttributes),
        }
    }

    /// Which of the client's identity providers do not fill `email`.
    pub(super) fn mapping(&mut self) -> Evidence<EmailMapping> {
        let list = &self.settings().identity_providers;
        let of_pool = (self.picture, &self.settings().pool.value);
        let known = belonging(self.hearing.codes, self.told.tense, of_pool, |picture| &picture.providers);
        let mut unmapped = Vec::new();
        for member in list.members() {
            let name = member.value.to_string();
            if name == OWN_USERS {
                continue;
            }
            let is_it = |linked: &Linked<'_, ProviderMappings>| {
                let is_meant = member.value.refers_to() == Some(linked.resource.address.as_str());
                if is_meant { Answer::Yes } else { linked.resource.settings.name.value.same(&member.value) }
            };
            // A pool has one of each name: the certain one is it. Of one that may be it, and may not be, nothing follows.
            let certain = known.iter().find(|linked| {
                let is_there = linked.resource.doubt.is_none() && linked.belongs == Answer::Yes;
                is_there && is_it(linked) == Answer::Yes
            });
            let perhaps = || known.iter().any(|linked| is_it(linked) != Answer::No).then_some(Answer::Maybe);
            let fills = certain.map(|linked| linked.resource.settings.mapping.fills("email"));
            match fills.or_else(perhaps) {
                Some(Answer::Yes) => {}
                Some(Answer::No) => unmapped.push(name),
                Some(Answer::Maybe) => {
                    let why = format!("whether the identity provider {name} fills `email` is not known");
                    return Err(Missing::Untold(why));
                }
                None => return Err(self.no_provider(&name, &member.value)),
            }
        }
        match list.value {
            Value::Known(_) | Value::Unset => self.seen(EmailMapping { unmapped }, list, Attribute::IdentityProviders),
            _ => self.unknown(Attribute::IdentityProviders, &list.value.reasons()),
        }
    }

    /// Why nothing is known of an identity provider that the client names: the apply may take it away, and make another one of another
    /// name or pool.
    fn no_provider(&self, name: &str, value: &Value<String>) -> Missing {
        let of_pool = (self.picture, &self.settings().pool.value);
        let is_named = |provider: &Resource<ProviderMappings>| provider.settings.name.value.same(value);
        let mut had = self.told.code.now.providers.iter().filter(|provider| {
            same_pool(of_pool, (&self.told.code.now, &provider.settings.pool.value)) != Answer::No
                && is_named(provider) != Answer::No
        });
        let does = |fate| match fate {
            Fate::Delete => Some("deletes"),
            Fate::Replace => Some("replaces"),
            _ => None,
        };
        match had.find_map(|provider| Some((provider, does(provider.fate?)?))) {
            Some((gone, does)) => {
                let names = if is_named(gone) == Answer::Yes { "still names" } else { "may still name" };
                Missing::Untold(format!("the apply {does} {}, and the app client {names} {name}", gone.address))
            }
            None => Missing::Elsewhere(format!(
                "which attributes the identity provider {name} fills is not in the files given"
            )),
        }
    }

    /// Left out, the API's own list holds, and it has refresh tokens; with rotation on, they need no flow.
    pub(super) fn refresh_flow(&mut self) -> Evidence<RefreshFlow> {
        let (list, rotation) = (&self.settings().auth_flows, self.settings().rotation.value.is_on(Answer::No));
        let is_rotated = rotation != Answer::No;
        let new = list.contains("ALLOW_REFRESH_TOKEN_AUTH");
        // The names of before 2019 cannot be mixed with the new ones, and each of them lets tokens be refreshed.
        let is_old =
            list.members().iter().any(|member| member.value.known().is_some_and(|name| !name.starts_with("ALLOW_")));
        match (list.is_empty(), new) {
            (Answer::Yes, _) | (_, Answer::Yes) => {
                self.seen(RefreshFlow { is_allowed: true }, list, Attribute::AuthFlows)
            }
            (Answer::No, Answer::No) if !is_rotated && !is_old => {
                self.seen(RefreshFlow { is_allowed: false }, list, Attribute::AuthFlows)
            }
            (Answer::No, Answer::No) => {
                let why = "whether tokens are refreshed without ALLOW_REFRESH_TOKEN_AUTH is not documented for this app client";
                Err(Missing::Untold(why.to_owned()))
            }
            _ => self.unknown(Attribute::AuthFlows, &list.value.reasons()),
        }
    }

    pub(super) fn refresh_lifetime(&mut self) -> Evidence<RefreshLifetime> {
        let field = &self.settings().refresh_validity;
        match self.settings().refresh_lifetime() {
            Value::Known(seconds) => self.seen(RefreshLifetime { seconds }, field, Attribute::RefreshValidity),
            other => self.unknown(Attribute::RefreshValidity, &other.reasons()),
        }
    }

    pub(super) fn rotation(&mut self) -> Evidence<RefreshRotation> {
        let (field, grace) = (&self.settings().rotation, &self.settings().rotation_grace);
        match (field.value.is_on(Answer::No), &grace.value) {
            (Answer::No, _) => self.seen(RefreshRotation { grace: None }, field, Attribute::Rotation),
            (Answer::Yes, Value::Known(seconds)) => {
                self.seen(RefreshRotation { grace: Some(*seconds) }, field, Attribute::Rotation)
            }
            (Answer::Yes, Value::Unset) => self.seen(RefreshRotation { grace: Some(0) }, field, Attribute::Rotation),
            (Answer::Yes, other) => self.unknown(Attribute::Rotation, &other.reasons()),
            (Answer::Maybe, _) => self.unknown(Attribute::Rotation, &field.value.reasons()),
        }
    }
}

/// Whether the list has the URL, but for the letter case of the host, at which the authorize endpoint does not look.
fn contains_but_for_host_case(list: &Field<List>, sent: &str) -> Answer {
    let sent = host_in_lower_case(sent);
    list.value.asked(Answer::No, &|list| {
        Answer::any(list.iter().map(|member| member.value.equals_as(&sent, &host_in_lower_case)))
    })
}

/// A URL, or the beginning of one, with its host in lower case.
fn host_in_lower_case(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let path = rest.find('/').unwrap_or(rest.len());
    rest.split_at_checked(path)
        .map_or_else(|| url.to_owned(), |(host, path)| format!("{scheme}://{}{path}", host.to_ascii_lowercase()))
}

/// A member that is the URL but for the letter case of its host.
fn same_but_for_host_case(list: &Field<List>, sent: &str) -> Option<String> {
    let (sent_host, sent_path) = split(sent)?;
    list.members()
        .iter()
        .filter_map(|member| member.value.known())
        .find(|own| split(own).is_some_and(|(host, path)| host.eq_ignore_ascii_case(sent_host) && path == sent_path))
        .cloned()
}

/// A URL as what stands before its path, and the rest.
fn split(url: &str) -> Option<(&str, &str)> {
    let (_, rest) = url.split_once("://")?;
    let path = url.len() - rest.len() + rest.find('/').unwrap_or(rest.len());
    url.split_at_checked(path)
}

/// The member that was probably meant: the same URL but for a slash at its end, its scheme, its port or its letter case; else one
/// with the same path.
fn nearest(sent: &str, list: &Field<List>) -> Option<String> {
    let members = list.members();
    let known: Vec<&String> = members.iter().filter_map(|member| member.value.known()).collect();
    let plain = |url: &str| {
        let lower = url.to_ascii_lowercase();
        let rest = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let port = authority.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
        format!("{}{}", port.map_or(authority, |(host, _)| host), path.trim_end_matches('/'))
    };
    let path = |url: &str| split(url).map(|(_, path)| path.to_owned());
    let alike = known.iter().find(|own| plain(own) == plain(sent));
    alike.or_else(|| known.iter().find(|own| path(own) == path(sent))).map(|own| (*own).clone())
}
