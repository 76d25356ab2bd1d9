//! What is asked and said before anybody signs in.

use std::collections::BTreeSet;
use std::time::Duration;

use super::brief::Brief;
use crate::engine::judge;
use crate::evidence::{
    DiscoveryDocument, Exchange, GatherOptions, Missing, Need, Network, Outcome, Question, Transport as _, World,
    gather, plan,
};
use crate::login::{Failed, Passed, failed, passed};
use crate::rules::{RULES, Rule};

/// What the cheap questions told.
pub(super) struct Before {
    pub(super) passed: Vec<Passed>,
    /// What stands in the way of a sign-in.
    pub(super) failed: Vec<Failed>,
    /// What else is wrong with the configuration.
    pub(super) elsewhere: Vec<Failed>,
    /// The document and the keys, or the step at which they were not to be had, and why.
    pub(super) provider: Result<(DiscoveryDocument, String), (&'static str, Missing)>,
}

/// Asks what `pomlint check` asks, and judges it by all rules.
pub(super) async fn ask(brief: &Brief<'_>, pools: &[String], network: &Network) -> Before {
    let rules: Vec<&'static Rule> = RULES.iter().collect();
    let needs: BTreeSet<_> = plan(rules.iter().flat_map(|rule| rule.needs.iter().copied()));
    let options = GatherOptions { pools, ..GatherOptions::default() };
    let world = gather(brief.config, &brief.clients, &brief.literals, &needs, &options, network).await;
    let mut judged = judge(brief.config, &world, &rules);
    // Another client's failure is nothing of this one's sign-in.
    judged.retain(|judged| judged.client.as_ref().is_none_or(|client| *client == brief.client_id));
    let (failed, elsewhere) = failed(&judged);
    let passed = passed(&world, &judged, brief.number());
    Before { passed, failed, elsewhere, provider: provider(&world) }
}

fn provider(world: &World) -> Result<(DiscoveryDocument, String), (&'static str, Missing)> {
    // Where there is no document, the answer says why.
    let why = |why: &Missing| world.pool.discovery.as_ref().err().unwrap_or(why).clone();
    let document = world.pool.document.as_ref().map_err(|missing| ("discovery", why(missing)))?.value.clone();
    let body = |exchange: &Exchange| match &exchange.outcome {
        Outcome::Answer(answer) if answer.status == 200 => Some(answer.body.clone()),
        _ => None,
    };
    let keys = world.exchanges.iter().filter(|exchange| exchange.id.0.starts_with("keys")).filter_map(body).next_back();
    let why = || world.pool.keys.as_ref().err().cloned().unwrap_or(Missing::Follows(Need::Keys));
    let keys = keys.ok_or_else(|| ("keys", why()))?;
    Ok((document, keys))
}

/// Whether the app client knows the callback of this address, and how many milliseconds the answer took; the reason, if there is
/// none.
pub(super) async fn knows_callback(address: &str, network: &Network) -> Result<(bool, u64), String> {
    let exchange = network.ask(&Question::get("authorize-loopback", address)).await;
    match &exchange.outcome {
        Outcome::Failure(failure) => Err(failure.cause.clone()),
        Outcome::Answer(_) => Ok((crate::evidence::knows_callback(&exchange), exchange.ms)),
    }
}

/// The dangers of a real sign-in, each in a sentence.
pub(super) fn dangers(brief: &Brief<'_>, token_host: &str, is_pasted: bool, within: Duration) -> Vec<String> {
    let sent = match &brief.secret {
        Some(secret) => format!("The client secret ({}), the code and the tokens", secret.describe()),
        None => "The code and the tokens".to_owned(),
    };
    let code = if is_pasted {
        "You come back to Pomerium's own address, with a code in it. Pomerium refuses it and may log it; it is worthless without a \
         key that never leaves this program."
    } else {
        "You come back to this machine, where one request is taken. The code in it is worthless without a key that never leaves \
         this program."
    };
    vec![
        "It is real. The pool records a sign-in and an active user of the month; a first sign-in may create a user, and ask for a \
         second factor or for consent."
            .to_owned(),
        "You sign in at the pool that this file names. If somebody else wrote the file, make sure that you know the pool.".to_owned(),
        format!("{sent} go to {token_host}, and nowhere else."),
        code.to_owned(),
        format!(
            "Type no password in here: the browser asks for it. No token is shown or kept, and the refresh token is revoked at the \
             end. You have {} s.",
            within.as_secs()
        ),
    ]
}
