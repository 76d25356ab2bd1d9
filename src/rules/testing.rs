//! Configurations for the unit tests of rules. Whole rules are tested by their pages.

use crate::config::{
    Config, Form, Issuer, Origin, Route, Setting, Settings, Source, SourceKind, Sources, Span, WrittenAs,
};
use crate::evidence::DiscoveryAnswer;

/// A configuration of which only the text is known.
pub(crate) fn config(name: &str, text: &str) -> Config {
    let mut sources = Sources::default();
    let kind = if name.starts_with("environment") { SourceKind::Environment } else { SourceKind::File };
    sources.add(Source::new(name, kind, text));
    Config::unread(name, Form::ConfigFile, sources)
}

/// A route of which nothing is set.
pub(crate) fn route() -> Route {
    Route::unset(span())
}

/// A place in some text.
pub(crate) fn span() -> Span {
    let source = Sources::default().add(Source::new("pomerium.yaml", SourceKind::File, "key: value"));
    Span { source, start: 5, end: 10 }
}

/// A setting written as text in a file.
pub(super) fn setting<T>(value: impl Into<T>) -> Setting<T> {
    Setting { value: value.into(), span: span(), origin: Origin::File, written_as: WrittenAs::Text }
}

/// An issuer of Cognito.
pub(super) fn issuer() -> Issuer {
    Issuer(setting("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R"))
}

/// What its discovery URL answers, and why Pomerium refuses that.
pub(super) fn discovery_answer(refusal: Option<&str>) -> DiscoveryAnswer {
    DiscoveryAnswer {
        url: format!("{}/.well-known/openid-configuration", issuer().0.value),
        status: 200,
        no_such_pool: false,
        gone: None,
        refusal: refusal.map(str::to_owned),
        captive: None,
    }
}

/// Settings in which nothing is set.
pub(super) fn settings() -> Settings {
    Settings::unset(span())
}
