//! One question after the other, put to an app client of the code.

use super::{Hearing, Told, UNSEEN};
use crate::config::cognito::PROFILE_ATTRIBUTES;
use crate::evidence::NO_SIGN_OUT;
use crate::evidence::settled::{CallbackSpelling, EmailReading, RefreshFlow, RefreshLifetime, RefreshRotation};
use crate::evidence::{
    CallbackStanding, ClientStanding, Evidence, FlowStanding, Missing, ScopeStanding, SignOutStanding,
};
use crate::infra::settings::{ClientSettings, Field, List};
use crate::infra::{Answer, Attribute, Form, KEPT, Picture, Resource, Value};

pub(super) struct Reading<'r, 'a> {
    pub(super) hearing: &'r mut Hearing<'a>,
    pub(super) told: Told<'r>,
    pub(super) picture: &'r Picture,
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

    pub(super) fn settings(&self) -> &'r ClientSettings {
        &self.client.settings
    }

    /// By what the pool of the client goes.
    pub(super) fn pool_ids(&self) -> Vec<Value<String>> {
        self.hearing.pool_ids(self.picture, Some(self.client))
    }

    /// An answer that is read in a field; where the field is not set, in the resource itself.
    pub(super) fn seen<T, F>(&mut self, value: T, field: &Field<F>, setting: Attribute) -> Evidence<T> {
        let at = field.at.unwrap_or(self.client.at);
        self.hearing.seen(value, self.told, Some(setting), at)
    }

    /// Why a field does not tell.
    pub(super) fn unknown<T>(&self, setting: Attribute, reasons: &[String]) -> Evidence<T> {
        let name = self.told.code.language().name_of(setting);
        if self.told.code.form == Form::Api {
            return Err(Missing::Untold(format!(
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

    pub(super) fn sign_out(&mut self) -> Evidence<SignOutStanding> {
        let Ok(login) = &self.hearing.literals.login else { return Err(UNSEEN) };
        // What runs may have a provider that it does not show.
        let is_shown = self.hearing.literals.provider.is_ok();
        let Some(sent) = login.sign_out_uri.clone() else { return Err(if is_shown { NO_SIGN_OUT } else { UNSEEN }) };
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
            let reading = EmailReading { lacking: Vec::new(), has_no_profile: false };
            return self.seen(reading, list, Attribute::ReadAttributes);
        }
        if list.is_empty() != Answer::No {
            return self.unknown(Attribute::ReadAttributes, &list.value.reasons());
        }
        let both = ["email", "email_verified"];
        let lacking: Vec<&'static str> = both.into_iter().filter(|name| list.contains(name) == Answer::No).collect();
        let doubtful = both.into_iter().find(|name| list.contains(name) == Answer::Maybe);
        if let Some(name) = doubtful.filter(|_| lacking.is_empty()) {
            return self.unknown(Attribute::ReadAttributes, &list.doubts(name));
        }
        let has_no_profile = PROFILE_ATTRIBUTES.iter().all(|name| list.contains(name) == Answer::No);
        self.seen(EmailReading { lacking, has_no_profile }, list, Attribute::ReadAttributes)
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
            Value::Known(seconds) => {
                let unit = self.settings().refresh_unit().known().copied();
                self.seen(RefreshLifetime { seconds, unit }, field, Attribute::RefreshValidity)
            }
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
