//! One real sign-in, as the Pomerium of a configuration would do it: the request, what comes back, the tokens, the claims, and which
//! policies they satisfy.
//!
//! The protocol is that of [`openidconnect`], which verifies what comes; the network is [`crate::evidence::Network`]. No token, code or
//! verifier leaves this room but in a request to the login domain: what is shown are claims and words.

mod admit;
mod attempt;
mod claims;
mod heard;
mod id_token;
mod near;
mod passes;
mod returned;
mod screen;
mod stop;
mod tokens;

pub use admit::{Admission, Answer, Deciding, Judgement, admits};
pub use attempt::{Attempt, Plan, Redeemed};
pub use claims::{Claim, Claims, Teller};
pub use near::{Near, near};
pub use passes::{Failed, Passed, failed, passed};
pub use returned::{Returned, is_same_place};
pub use screen::{Mark, Screen};
pub use stop::Stop;
pub use tokens::Tokens;
