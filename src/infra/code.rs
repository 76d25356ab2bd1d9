//! What one file of infrastructure code says.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::attribute::Attribute;
use super::settings::{BrandingSettings, ClientSettings, DomainSettings, Field, Place, PoolSettings, ProviderMappings};
use super::value::{Answer, Value};

/// In which shape the code came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A plan of Terraform or `OpenTofu`: what is, and what will be.
    Plan,
    /// A state: what is.
    State,
    /// Answers of the API: what is. They come from no file.
    Api,
    /// A template of `CloudFormation`, SAM, the CDK or the Serverless framework: what will be.
    Template,
}

/// In whose language a cure is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// Terraform's, which `OpenTofu` speaks too.
    Terraform,
    /// That of `CloudFormation`.
    CloudFormation,
}

impl Language {
    /// What it calls a setting of an app client.
    pub fn name_of(self, attribute: Attribute) -> &'static str {
        match self {
            Self::Terraform => attribute.terraform(),
            Self::CloudFormation => attribute.aws(),
        }
    }
}

/// When something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tense {
    /// As it is.
    Now,
    /// Once the plan is applied, or the template deployed.
    AfterApply,
}

/// What one file says, without a secret in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// The file, as the user named it.
    pub file: String,
    /// Its shape.
    pub form: Form,
    /// What is, as the file saw it. Empty for a template.
    pub now: Picture,
    /// What will be. Empty for a state.
    pub after: Picture,
    /// Nothing that could concern a login was left unread, and the plan is a whole one: what is not here is not there.
    pub is_complete: bool,
    /// What could not be read or is not as one may think.
    pub notes: Vec<Note>,
    /// The parameters that a template declares.
    pub parameters: Vec<String>,
}

/// Something to tell about a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// In words fit for a report.
    pub words: String,
    /// Where.
    pub at: Option<Place>,
}

impl Code {
    /// Nothing yet, and nothing left out.
    pub(crate) fn new(file: &str, form: Form) -> Self {
        Self {
            file: file.to_owned(),
            form,
            now: Picture::default(),
            after: Picture::default(),
            is_complete: true,
            notes: Vec::new(),
            parameters: Vec::new(),
        }
    }

    /// Whose language it is in.
    pub fn language(&self) -> Language {
        match self.form {
            Form::Plan | Form::State => Language::Terraform,
            Form::Template | Form::Api => Language::CloudFormation,
        }
    }

    /// What it says of a time.
    pub fn picture(&self, tense: Tense) -> &Picture {
        match tense {
            Tense::Now => &self.now,
            Tense::AfterApply => &self.after,
        }
    }

    /// The times it says something of.
    pub fn tenses(&self) -> &'static [Tense] {
        match self.form {
            Form::Plan => &[Tense::AfterApply, Tense::Now],
            Form::State | Form::Api => &[Tense::Now],
            Form::Template => &[Tense::AfterApply],
        }
    }

    pub(super) fn note(&mut self, words: impl Into<String>, at: Option<Place>) {
        self.notes.push(Note { words: words.into(), at });
    }

    /// Notes something that keeps a part of the file from being read.
    pub(super) fn lacks(&mut self, words: impl Into<String>, at: Option<Place>) {
        self.is_complete = false;
        self.note(words, at);
    }
}

/// What there is of Cognito at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Picture {
    /// The app clients.
    pub clients: Vec<Resource<ClientSettings>>,
    /// The pools.
    pub pools: Pools,
    /// Their domains.
    pub domains: Vec<Resource<DomainSettings>>,
    /// Their identity providers.
    pub providers: Vec<Resource<ProviderMappings>>,
    /// The styles of their pages.
    pub brandings: Vec<Resource<BrandingSettings>>,
}

impl Picture {
    /// The client at an address. Where a new one takes the place of one that stays, both stand there: then that with the id, if any
    /// has it, and else the new one.
    pub fn client(&self, address: &str, id: Option<&str>) -> Option<&Resource<ClientSettings>> {
        let here = || self.clients.iter().filter(|client| client.address == address);
        let has_id = |client: &&Resource<ClientSettings>| id.is_some_and(|id| client.has_or_had_id(id));
        here().find(has_id).or_else(|| here().next())
    }
}

/// Pools in their order, to be found quickly by address and by id: a plan may hold one for each of thousands of clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Resource<PoolSettings>>", into = "Vec<Resource<PoolSettings>>")]
pub struct Pools {
    all: Vec<Resource<PoolSettings>>,
    by_address: HashMap<String, usize>,
    by_id: HashMap<String, usize>,
    /// Those of which something is known of the id, and not all.
    half_known: Vec<usize>,
}

impl Pools {
    pub(super) fn push(&mut self, pool: Resource<PoolSettings>) {
        let number = self.all.len();
        self.by_address.entry(pool.address.clone()).or_insert(number);
        match &pool.settings.id.value {
            Value::Known(id) => {
                self.by_id.entry(id.clone()).or_insert(number);
            }
            Value::Unknown(_) => {}
            // It is found by its address.
            id if id.id_in_file().is_some() => {}
            _ => self.half_known.push(number),
        }
        self.all.push(pool);
    }

    /// All of them.
    pub fn all(&self) -> &Vec<Resource<PoolSettings>> {
        &self.all
    }

    /// The first at an address.
    pub(super) fn at(&self, address: &str) -> Option<&Resource<PoolSettings>> {
        self.all.get(*self.by_address.get(address)?)
    }

    /// The first that has an id.
    pub fn of_id(&self, id: &str) -> Option<&Resource<PoolSettings>> {
        self.all.get(*self.by_id.get(id)?)
    }

    /// The first of which the id is the same for certain.
    pub(super) fn same(&self, id: &Value<String>) -> Option<&Resource<PoolSettings>> {
        let is_it =
            |number: &usize| self.all.get(*number).is_some_and(|pool| pool.settings.id.value.same(id) == Answer::Yes);
        let known = id.known().and_then(|id| self.by_id.get(id)).copied();
        let of_file = id.id_in_file().and_then(|(_, address)| self.by_address.get(address)).copied().filter(is_it);
        let half_known = self.half_known.iter().copied().find(is_it);
        self.all.get(known.into_iter().chain(of_file).chain(half_known).min()?)
    }
}

impl From<Vec<Resource<PoolSettings>>> for Pools {
    fn from(all: Vec<Resource<PoolSettings>>) -> Self {
        let mut pools = Self::default();
        for pool in all {
            pools.push(pool);
        }
        pools
    }
}

impl From<Pools> for Vec<Resource<PoolSettings>> {
    fn from(pools: Pools) -> Self {
        pools.all
    }
}

/// A resource of the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource<S> {
    /// `module.login["prod"].aws_cognito_user_pool_client.this`, or the logical id of a template.
    pub address: String,
    /// Where it stands.
    pub at: Place,
    /// What the apply does to it; nothing is known of that in a state or a template.
    pub fate: Option<Fate>,
    /// Why it may not be there at all.
    pub doubt: Option<String>,
    /// What was changed outside since the last apply, as far as it is kept here.
    pub drift: Option<Drift>,
    /// The settings that the author wrote otherwise and that the apply leaves as they are: `ignore_changes`.
    pub left_alone: Vec<Attribute>,
    /// The settings.
    pub settings: S,
}

impl Resource<ClientSettings> {
    /// Whether it is the client with this id, or was until somebody deleted it outside.
    pub fn has_or_had_id(&self, id: &str) -> bool {
        let had = self.drift.as_ref().and_then(|drift| drift.deleted.as_deref());
        self.settings.id.value.known().map(String::as_str) == Some(id) || had == Some(id)
    }
}

impl<S> Resource<S> {
    /// Whether somebody deleted it outside.
    pub fn is_deleted_outside(&self) -> bool {
        self.drift.as_ref().is_some_and(|drift| drift.deleted.is_some())
    }
}

/// What an apply does to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is deleted, and another is made: ids and secrets are new.
    Replace,
    /// It is deleted.
    Delete,
    /// It stays, and the state does not know it any more.
    Forget,
    /// Nothing.
    NoOp,
    /// It is there already, and the apply takes it over: its id stays, and so does what the author left out.
    TakeOver,
    /// It is a data source, and read.
    Read,
}

impl Fate {
    /// Whether the provider sends the settings that are planned.
    pub fn writes(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Replace | Self::TakeOver)
    }
}

/// A change made outside of Terraform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// It was deleted, and had this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<String>,
    /// The settings that were changed.
    pub changed: Vec<Attribute>,
    /// Those of them that the apply changes again, to what the author wrote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overwritten: Vec<Attribute>,
}

/// What has settings of its own and belongs to a pool.
pub trait OfPool {
    /// The id of that pool.
    fn pool(&self) -> &Field<String>;
}

impl OfPool for ClientSettings {
    fn pool(&self) -> &Field<String> {
        &self.pool
    }
}

impl OfPool for DomainSettings {
    fn pool(&self) -> &Field<String> {
        &self.pool
    }
}

impl OfPool for ProviderMappings {
    fn pool(&self) -> &Field<String> {
        &self.pool
    }
}

impl OfPool for BrandingSettings {
    fn pool(&self) -> &Field<String> {
        &self.pool
    }
}

impl OfPool for PoolSettings {
    fn pool(&self) -> &Field<String> {
        &self.id
    }
}
