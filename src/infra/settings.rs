//! The settings of Cognito that decide a login: what a plan, a state, a template or the API says of them.
//!
//! This is all that is ever kept of such a text, and what a recording stores. There is no field here for a secret.

use serde::{Deserialize, Serialize};

use super::value::{Answer, Value};

/// A place in the file that says something. Lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Line of its first character.
    pub line: usize,
    /// Column of its first character.
    pub column: usize,
    /// Line of its end.
    pub end_line: usize,
    /// Column one past its last character.
    pub end_column: usize,
}

/// A setting, and where it is written. An answer of the API has no place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field<T> {
    /// What it is set to.
    pub value: Value<T>,
    /// Where that is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Place>,
}

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self { value: Value::Unset, at: None }
    }
}

impl<T> Field<T> {
    /// A setting at a place.
    pub fn new(value: Value<T>, at: Option<Place>) -> Self {
        Self { value, at }
    }
}

/// The members of a list, each with its place. The order says nothing: Terraform sorts, and Cognito does not look at it.
pub type List = Vec<Field<String>>;

impl Field<List> {
    /// Whether the list has this member.
    pub fn contains(&self, text: &str) -> Answer {
        self.value.asked(Answer::No, &|list| Answer::any(list.iter().map(|member| member.value.equals(text))))
    }

    /// Whether the list has no member. What Cognito makes of an empty text, if it takes one, nobody knows.
    pub fn is_empty(&self) -> Answer {
        let is_none = |member: &Field<String>| match &member.value {
            Value::Known(text) if text.is_empty() => Answer::Maybe,
            value => value.is_unset(),
        };
        self.value.asked(Answer::Yes, &|list| Answer::all(list.iter().map(is_none)))
    }

    /// The members that are or may be there, with their places.
    pub fn members(&self) -> Vec<&Field<String>> {
        fn collect<'a>(value: &'a Value<List>, into: &mut Vec<&'a Field<String>>) {
            match value {
                Value::Known(list) => into.extend(list.iter().filter(|member| member.value != Value::Unset)),
                Value::OneOf(values) => values.iter().for_each(|value| collect(value, into)),
                Value::Pattern(_) | Value::Unset | Value::Unknown(_) => {}
            }
        }
        let mut members = Vec::new();
        collect(&self.value, &mut members);
        members
    }

    /// Rewrites each text that is known of its members.
    pub fn edit(&mut self, edit: &impl Fn(&mut String)) {
        fn members(value: &mut Value<List>, edit: &impl Fn(&mut String)) {
            match value {
                Value::Known(list) => list.iter_mut().for_each(|member| member.value.edit(edit)),
                Value::OneOf(values) => values.iter_mut().for_each(|value| members(value, edit)),
                Value::Pattern(_) | Value::Unset | Value::Unknown(_) => {}
            }
        }
        members(&mut self.value, edit);
    }

    /// Why it is not known whether the list has this member: the reasons of the list and of those members that may be it.
    pub fn doubts(&self, text: &str) -> Vec<String> {
        let doubtful = self.members().into_iter().filter(|member| member.value.equals(text) == Answer::Maybe);
        let mut doubts = self.value.reasons();
        for reason in doubtful.flat_map(|member| member.value.reasons()) {
            if !doubts.contains(&reason) {
                doubts.push(reason);
            }
        }
        doubts
    }
}

/// An app client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientSettings {
    /// Its id, which Pomerium sends.
    pub id: Field<String>,
    /// Its name.
    pub name: Field<String>,
    /// The id of its pool.
    pub pool: Field<String>,
    /// `AllowedOAuthFlowsUserPoolClient`: without it, flows and scopes are stored and dead.
    pub oauth_enabled: Field<bool>,
    /// `AllowedOAuthFlows`.
    pub flows: Field<List>,
    /// `AllowedOAuthScopes`.
    pub scopes: Field<List>,
    /// `CallbackURLs`.
    pub callbacks: Field<List>,
    /// `LogoutURLs`.
    pub sign_out_urls: Field<List>,
    /// `SupportedIdentityProviders`.
    pub identity_providers: Field<List>,
    /// `ReadAttributes`. Unset, everything is readable.
    pub read_attributes: Field<List>,
    /// `ExplicitAuthFlows`. Unset, refresh tokens are accepted; the old names without `ALLOW_` do not speak of them.
    pub auth_flows: Field<List>,
    /// `RefreshTokenValidity`, in its unit. Unset, 30 days.
    pub refresh_validity: Field<u64>,
    /// `TokenValidityUnits.RefreshToken`. Unset, days.
    pub refresh_unit: Field<String>,
    /// `AccessTokenValidity`, in its unit. Unset, one hour.
    pub access_validity: Field<u64>,
    /// `TokenValidityUnits.AccessToken`. Unset, hours.
    pub access_unit: Field<String>,
    /// `IdTokenValidity`, in its unit. Unset, one hour.
    pub id_validity: Field<u64>,
    /// `TokenValidityUnits.IdToken`. Unset, hours.
    pub id_unit: Field<String>,
    /// Whether `RefreshTokenRotation.Feature` is `ENABLED`. Unset, it is not.
    pub rotation: Field<bool>,
    /// `RefreshTokenRotation.RetryGracePeriodSeconds`.
    pub rotation_grace: Field<u64>,
    /// `EnableTokenRevocation`. A new client has it on.
    pub token_revocation: Field<bool>,
    /// Whether the client has a secret. The secret itself is never read.
    pub has_secret: Field<bool>,
}

/// A unit of time that Cognito has (API reference, `TokenValidityUnitsType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are what they are called")]
pub enum TimeUnit {
    Seconds,
    Minutes,
    Hours,
    Days,
}

impl TimeUnit {
    const NAMES: [(Self, &'static str, u64); 4] = [
        (Self::Seconds, "seconds", 1),
        (Self::Minutes, "minutes", 60),
        (Self::Hours, "hours", 3600),
        (Self::Days, "days", 86_400),
    ];

    /// As AWS writes it.
    pub fn name(self) -> &'static str {
        Self::NAMES.into_iter().find(|(unit, ..)| *unit == self).map_or("", |(_, name, _)| name)
    }

    /// How many seconds it has.
    pub fn seconds(self) -> u64 {
        Self::NAMES.into_iter().find(|(unit, ..)| *unit == self).map_or(1, |(.., seconds)| seconds)
    }

    /// The one of a setting; `usual`, where that is not set.
    fn of(setting: &Value<String>, usual: Self) -> Value<Self> {
        match setting {
            Value::Unset => Value::Known(usual),
            Value::Known(name) => match Self::NAMES.into_iter().find(|(_, own, _)| own == name) {
                Some((unit, ..)) => Value::Known(unit),
                None => Value::Unknown(format!("`{name}` is no unit of time that Cognito has")),
            },
            other => Value::Unknown(other.reasons().join("; ")),
        }
    }
}

impl ClientSettings {
    /// How long a refresh token lives, in seconds.
    pub fn refresh_lifetime(&self) -> Value<u64> {
        lifetime(&self.refresh_validity.value, &self.refresh_unit(), (30, TimeUnit::Days))
    }

    /// In which unit that is measured.
    pub fn refresh_unit(&self) -> Value<TimeUnit> {
        TimeUnit::of(&self.refresh_unit.value, TimeUnit::Days)
    }

    /// How long an ID token lives, in seconds.
    pub fn id_lifetime(&self) -> Value<u64> {
        let unit = TimeUnit::of(&self.id_unit.value, TimeUnit::Hours);
        lifetime(&self.id_validity.value, &unit, (1, TimeUnit::Hours))
    }
}

/// A number of units in seconds. Zero is Cognito's default, as nothing is (API reference, `UserPoolClientType`).
fn lifetime(number: &Value<u64>, unit: &Value<TimeUnit>, usual: (u64, TimeUnit)) -> Value<u64> {
    let (number, unit) = match (number, unit) {
        (Value::Known(0) | Value::Unset, _) => usual,
        (Value::Known(number), Value::Known(unit)) => (*number, *unit),
        (Value::Known(_), unit) => return Value::Unknown(unit.reasons().join("; ")),
        (number, _) => return Value::Unknown(number.reasons().join("; ")),
    };
    Value::Known(number.saturating_mul(unit.seconds()))
}

/// A user pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PoolSettings {
    /// Its id.
    pub id: Field<String>,
    /// Its name.
    pub name: Field<String>,
    /// The prefix of its domain. In code this may be empty although a resource of its own gives it one.
    pub domain: Field<String>,
    /// Its custom domain.
    pub custom_domain: Field<String>,
    /// `LITE`, `ESSENTIALS` or `PLUS`.
    pub tier: Field<String>,
    /// `ORIGINAL` or `UPDATED`. Unset, the first.
    pub issuer_type: Field<String>,
}

/// The domain of a user pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DomainSettings {
    /// Its prefix, or the whole name of a custom one.
    pub domain: Field<String>,
    /// The id of its pool.
    pub pool: Field<String>,
    /// Whether it is a custom one, with a certificate of its own.
    pub is_custom: Field<bool>,
    /// 1 for the classic pages, 2 for managed login.
    pub managed_login_version: Field<u64>,
    /// `ACTIVE`, `CREATING`, …: only the API tells.
    pub status: Field<String>,
}

/// Only a custom domain has dots; of a name that is not known, the certificate tells.
pub(super) fn is_custom(domain: &Field<String>, certificate: &Field<String>) -> Field<bool> {
    match &domain.value {
        Value::Known(name) => Field::new(Value::Known(name.contains('.')), domain.at),
        _ => Field::new(certificate.value.is_there(), certificate.at),
    }
}

/// An identity provider of a user pool, and which of its attributes become which of Cognito's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProviderMappings {
    /// Its name, as clients list it.
    pub name: Field<String>,
    /// `Google`, `SAML`, `OIDC`, …
    pub kind: Field<String>,
    /// The id of its pool.
    pub pool: Field<String>,
    /// Cognito's attributes with what they are filled from.
    pub mapping: Field<Vec<Mapping>>,
}

/// An attribute of Cognito and the one of the provider that fills it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Cognito's: `email`.
    pub attribute: String,
    /// The provider's.
    pub from: Field<String>,
}

impl Mapping {
    /// Whether Cognito has an attribute of this name. What else stands among them, such as details of the provider that were moved
    /// in too far, is none of ours and may be a secret.
    pub(super) fn is_attribute(name: &str) -> bool {
        const STANDARD: [&str; 20] = [
            "address",
            "birthdate",
            "email",
            "email_verified",
            "family_name",
            "gender",
            "given_name",
            "locale",
            "middle_name",
            "name",
            "nickname",
            "phone_number",
            "phone_number_verified",
            "picture",
            "preferred_username",
            "profile",
            "sub",
            "updated_at",
            "username",
            "website",
        ];
        STANDARD.contains(&name) || name == "zoneinfo" || name.starts_with("custom:")
    }
}

impl Field<Vec<Mapping>> {
    /// Whether an attribute of Cognito is filled.
    pub fn fills(&self, attribute: &str) -> Answer {
        self.value.asked(Answer::No, &|mapping| {
            let of_it = mapping.iter().filter(|one| one.attribute == attribute);
            Answer::any(of_it.map(|one| one.from.value.is_unset().not()))
        })
    }
}

/// A style of the managed login pages. Without one for the client, they are not served.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BrandingSettings {
    /// The id of its pool.
    pub pool: Field<String>,
    /// The id of the client it is for.
    pub client: Field<String>,
}
