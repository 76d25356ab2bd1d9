//! Through whom the users log in whom the policies of a process judge.

use super::gap::{Gap, SERVES_NO_LOGIN};
use super::scopes::{RequestedScopes, scopes};
use super::subject::{Cognito, Subject, subject_of};
use crate::config::pomerium::Login;
use crate::config::releases::PomeriumVersion;
use crate::config::settings::{Config, Peer, Settings};

/// The users whom policies judge log in through Amazon Cognito: by this configuration, or by the authenticate service beside it.
#[derive(Clone, Copy, Debug)]
pub struct CognitoUsers;

/// The scopes with which those users log in, if they are literals.
#[derive(Clone, Debug)]
pub struct ScopesOfUsers {
    /// Them.
    pub scopes: RequestedScopes,
    /// The authenticate service beside this one asks for them, and is told what lacks among them.
    pub are_of_peer: bool,
}

/// What is known of the users of one process.
pub(super) struct Users {
    pub(super) users: Result<CognitoUsers, Gap>,
    pub(super) scopes: Result<ScopesOfUsers, Gap>,
}

impl Users {
    /// Those of a process that has a provider of its own, or needs one.
    fn own(cognito: &Result<Cognito, Gap>, scopes: &Result<RequestedScopes, Gap>) -> Self {
        let own = |scopes| ScopesOfUsers { scopes, are_of_peer: false };
        Self { users: cognito.clone().map(|_| CognitoUsers), scopes: scopes.clone().map(own) }
    }

    fn unknown(gap: &Gap) -> Self {
        Self { users: Err(gap.clone()), scopes: Err(gap.clone()) }
    }

    /// A process that serves no login and names no provider judges those whom the authenticate service lets in. It is the authorize
    /// service that evaluates policies, by its own routes (`authorize/evaluator`): those of a proxy beside it decide nothing.
    pub(super) fn of(
        config: &Config,
        settings: &Settings,
        cognito: &Result<Cognito, Gap>,
        scopes: &Result<RequestedScopes, Gap>,
    ) -> Self {
        let names_provider = settings.idp_provider.is_some() || settings.idp_provider_url.is_some();
        if names_provider || settings.runs("authenticate") {
            return Self::own(cognito, scopes);
        }
        let peer = |service: &str| config.peers.iter().find(|peer| peer.settings.runs(service));
        let routes_elsewhere = !settings.runs("proxy") || peer("authorize").is_some();
        if !settings.runs("authorize") && routes_elsewhere {
            return Self::unknown(&Gap::Beside(SERVES_NO_LOGIN));
        }
        match peer("authenticate") {
            Some(peer) => Self::of_peer(peer, config.version),
            None => Self::unknown(&Gap::Kept(ELSEWHERE.to_owned())),
        }
    }

    fn of_peer(peer: &Peer, version: PomeriumVersion) -> Self {
        match (subject_of(&peer.settings, peer.unread.is_some()), &peer.unread) {
            (Subject::Cognito, unread) => {
                let scopes = scopes(&peer.settings, &Login::of(&peer.settings, version));
                let scopes = match (scopes, unread) {
                    (Ok(scopes), Some(part)) if scopes.is_default() => {
                        Err(Gap::Kept(format!("idp_scopes of the authenticate service may be set in {part}")))
                    }
                    (scopes, _) => scopes.map(|scopes| ScopesOfUsers { scopes, are_of_peer: true }),
                };
                Self { users: Ok(CognitoUsers), scopes }
            }
            (Subject::Other(why), None) => Self::unknown(&Gap::Beside(why)),
            _ => Self::unknown(&Gap::Kept(UNTOLD.to_owned())),
        }
    }
}

const ELSEWHERE: &str = "the authenticate service, which says who the identity provider is, was not given";
const UNTOLD: &str =
    "the configuration of the authenticate service does not tell by itself who the identity provider is";
