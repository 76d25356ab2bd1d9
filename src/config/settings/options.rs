//! Which options are read, one row for each, and how.

use std::time::Duration;

use super::Setting;
use crate::secret::Secret;

/// A table of options: `name of the option: what it comes to = how it is read`, a method of [`Options`]. Such a row is all that
/// makes an option a field. Below `besides` stands what is made of several options, and what no option says; whoever reads fills
/// it in.
macro_rules! options {
    (
        $(#[$about:meta])*
        $table:ident { $($(#[$doc:meta])* $option:ident: $type:ty = $how:ident,)+ }
        at { $(#[$at_doc:meta])* $at:ident: $place:ty, }
        besides { $($(#[$other_doc:meta])* $other:ident: $other_type:ty,)+ }
    ) => {
        $(#[$about])*
        #[derive(Clone)]
        pub struct $table {
            $($(#[$doc])* pub $option: $type,)+
            $($(#[$other_doc])* pub $other: $other_type,)+
            $(#[$at_doc])*
            pub $at: $place,
        }

        impl $table {
            /// The options that are written; `besides` them there is nothing yet.
            pub(in crate::config) fn read(options: &impl $crate::config::settings::Options, $at: $place) -> Self {
                Self {
                    $($option: options.$how(stringify!($option)),)+
                    $($other: Default::default(),)+
                    $at,
                }
            }

            /// Those of a text in which nothing is written.
            pub fn unset($at: $place) -> Self {
                Self::read(&$crate::config::settings::options::Unset, $at)
            }
        }
    };
}

/// The ways to read an option, by its name. Each gives nothing for an option that is not written.
pub(in crate::config) trait Options {
    fn text(&self, _: &str) -> Option<Setting<String>> {
        None
    }

    fn texts(&self, _: &str) -> Option<Setting<Vec<Setting<String>>>> {
        None
    }

    /// The entries of a mapping.
    fn pairs(&self, _: &str) -> Vec<(Setting<String>, Setting<String>)> {
        Vec::new()
    }

    fn duration(&self, _: &str) -> Option<Setting<Duration>> {
        None
    }

    /// A switch; what cannot be decoded may be on where somebody fills it in.
    fn flag(&self, _: &str) -> Option<Setting<bool>> {
        None
    }

    /// The text as written if it names a format.
    fn bearer_token_format(&self, _: &str) -> Option<Setting<String>> {
        None
    }

    /// A secret, or the content of the file that the option of the same name with `_file` names.
    fn secret_or_file(&self, _: &str) -> Option<Setting<Secret>> {
        None
    }

    fn secret(&self, key: &str) -> Option<Setting<Secret>> {
        self.text(key).map(|text| text.with(Secret::new(text.value.clone())))
    }

    /// A text that is not empty.
    fn filled_text(&self, key: &str) -> Option<Setting<String>> {
        self.text(key).filter(|text| !text.value.is_empty())
    }

    /// A secret that is not empty.
    fn filled_secret(&self, key: &str) -> Option<Setting<Secret>> {
        self.secret(key).filter(|secret| !secret.value.expose().is_empty())
    }
}

/// Options of which none is written.
pub(in crate::config) struct Unset;

impl Options for Unset {}
