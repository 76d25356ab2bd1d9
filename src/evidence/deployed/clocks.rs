//! What time it is at the services of a running Pomerium.

use super::route::{RouteAnswer, RouteKind};
use super::sign_in::SignInAnswer;
use crate::config::Span;
use crate::evidence::{Answer, Exchange, date, told};

/// A clock, against that of this machine: so many seconds ahead, at least and at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// At least.
    pub least: i64,
    /// At most.
    pub most: i64,
}

impl Clock {
    /// What a clock said between the beginning and the end of an exchange.
    fn read(says: i64, exchange: &Exchange) -> Self {
        let end = i64::try_from(exchange.at).unwrap_or(i64::MAX);
        let begin = end.saturating_sub(i64::try_from(exchange.ms / 1000).unwrap_or(0) + 1);
        Self { least: says.saturating_sub(end + 1), most: says.saturating_sub(begin) }
    }

    /// What the `Date` of an answer says; what a cache kept tells an old time.
    fn dated(answer: &Answer, exchange: &Exchange) -> Option<Self> {
        let date = answer.header("date").filter(|_| answer.header("age").is_none())?;
        Some(Self::read(date::parse(date)?, exchange))
    }

    /// How far it is ahead of another one, for certain; negative if it is behind, and nothing if they may agree.
    pub fn ahead_of(self, other: Self) -> i64 {
        let (least, most) = (self.least.saturating_sub(other.most), self.most.saturating_sub(other.least));
        if least > 0 { least } else { most.min(0) }
    }
}

/// The clocks of the services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningClocks {
    /// That of the proxy, and where it shows.
    pub proxy: Option<(Clock, Span)>,
    /// It shows in the `Date` of its answers alone.
    pub is_dated: bool,
    /// That of the authenticate service, and where it shows.
    pub authenticate: Option<(Clock, Span)>,
    /// Cognito's.
    pub cognito: Option<Clock>,
}

impl RunningClocks {
    /// The proxy tells its time in the address of the login, unless it seals that; and in the `Date` of its own document, which is of
    /// whoever stands in front where its Envoy is not the last to answer.
    pub(in crate::evidence) fn of(
        door: Option<(&Exchange, Span)>,
        route: Option<(&Exchange, &RouteAnswer)>,
        sign_in: Option<(&Exchange, &Answer, &SignInAnswer)>,
    ) -> Self {
        let issued = route.and_then(|(exchange, route)| match &route.kind {
            RouteKind::SignIn(link) => Some((Clock::read(link.issued?, exchange), route.at)),
            _ => None,
        });
        let dated = || {
            let (exchange, at) = door?;
            let answer = exchange.answer().filter(|answer| answer.header("server") == Some("envoy"))?;
            Some((Clock::dated(answer, exchange)?, at))
        };
        let authenticate = sign_in.and_then(|(exchange, answer, sign_in)| {
            let time = answer.read.get(told::STATE_TIME)?.parse().ok()?;
            Some((Clock::read(time, exchange), sign_in.at))
        });
        Self { is_dated: issued.is_none(), proxy: issued.or_else(dated), authenticate, cognito: None }
    }

    /// Takes Cognito's clock from the first of its answers that tells it.
    pub(in crate::evidence) fn heed_cognito(&mut self, exchanges: &[Exchange]) {
        self.cognito = exchanges.iter().find_map(|exchange| Clock::dated(exchange.answer()?, exchange));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::sample;

    #[test]
    fn what_a_request_takes_and_what_is_rounded_is_no_difference() {
        let at = i64::try_from(sample::AT).unwrap_or_default();
        let mut exchange = sample::redirect("https://a.example/", "/");
        exchange.ms = 3_000;
        let clock = |ahead: i64| Clock::read(at + ahead, &exchange);
        assert_eq!(clock(0).ahead_of(clock(0)), 0);
        assert_eq!(clock(4).ahead_of(clock(0)), 0);
        assert_eq!(clock(-4).ahead_of(clock(0)), 0);
        let (ahead, behind) = (clock(120).ahead_of(clock(0)), clock(-120).ahead_of(clock(0)));
        assert!((110..=120).contains(&ahead) && (-120..=-110).contains(&behind), "{ahead} {behind}");
    }
}
