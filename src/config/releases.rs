//! All that is known of Pomerium's releases: which option, field, annotation, chart and provider each of them has. Supporting the next
//! one touches this room and no other.

pub(in crate::config) mod about;
pub(in crate::config) mod annotations;
pub(in crate::config) mod changes;
pub(in crate::config) mod chart;
pub(in crate::config) mod criteria;
pub(in crate::config) mod dialect;
pub(in crate::config) mod options;
pub(in crate::config) mod providers;
pub(in crate::config) mod resource;
pub(in crate::config) mod schema;
pub(in crate::config) mod version;

pub use about::about;
pub(in crate::config) use annotations::State;
pub use changes::Change;
pub(crate) use chart::writes as chart_writes;
pub(crate) use criteria::{
    KnownCriterion, PLAIN_VALUES, criteria, criterion_of_any_release, list_operators, text_operators,
};
pub(in crate::config) use dialect::camel;
pub use dialect::{Dialect, Name};
pub(in crate::config) use options::{Field, Object, Type};
pub use options::{
    Retired, known_since, nearest_option, option_names, retired_key, retired_of_policy, route_field_names,
    value_known_since, variable_of,
};
pub use providers::{COGNITO_SCOPES, COGNITO_SINCE, provider_since, providers};
pub(in crate::config) use providers::{GENERIC_SCOPES, ONELOGIN_2_SCOPES, ONELOGIN_SCOPES, known_provider};
pub use schema::schema;
pub use version::PomeriumVersion;
