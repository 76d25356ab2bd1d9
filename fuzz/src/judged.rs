//! From hostile bytes to everything that is ever shown of them.

use futures_util::FutureExt as _;
use pomlint::config::{Config, Date, Given, GivenBy, Literals, NoFiles, RawFile, Request};
use pomlint::engine::{Decisions, decide, judge};
use pomlint::evidence::{GatherOptions, Missing, Transport, World, gather, plan, unasked};
use pomlint::report::{FORMATS, Options, Report, Verbosity, View, scrubber, show, show_json};
use pomlint::rules::{RULES, Rule};

/// A secret that stands in the seeds. Where it is found to be one, it must not come out.
pub(crate) const SEEDED: &str = "zq7CANARYs33dedvalue0123";
/// A secret that is told apart from the bytes, as the client secret of the environment. It must not come out, whatever they are.
pub(crate) const GIVEN: &str = "zq8CANARYg1venvalue04567";

/// The day on which all is judged.
const NOW: u64 = 1_795_459_009;

/// As if it were named on the command line, with an environment file beside it.
pub(crate) fn load(name: &str, bytes: &[u8]) -> Vec<Config> {
    let file = RawFile { name: name.to_owned(), bytes: bytes.to_vec() };
    let environment =
        RawFile { name: "pomerium.env".to_owned(), bytes: format!("IDP_CLIENT_SECRET={GIVEN}\n").into_bytes() };
    let given = vec![Given { file, files: &NoFiles, by: GivenBy::User }];
    Request { given, env_files: vec![environment], ..Request::default() }.load().configs
}

/// What is known if nobody is asked.
pub(crate) fn alone(config: &Config) -> World {
    unasked(&config.clients(), &Missing::Declined { flag: "--offline" })
}

/// What is known if this one answers.
pub(crate) fn asked(config: &Config, transport: &dyn Transport) -> World {
    let clients = config.clients();
    let literals = Literals::of(config, &clients);
    let options =
        GatherOptions { probe_secret: true, probe_sign_out: true, is_replay: true, ..GatherOptions::default() };
    let plan = plan(RULES.iter().flat_map(|rule| rule.needs.iter().copied()));
    let world = gather(config, &clients, &literals, &plan, &options, transport).now_or_never();
    world.expect("an answer that is at hand is not waited for")
}

/// Judges by every rule, and shows what comes of it: in two of the forms, which the bytes choose.
pub(crate) fn tell(configs: Vec<Config>, world: impl Fn(&Config) -> World, bytes: &[u8]) {
    let choice = bytes.iter().fold(0, |sum: usize, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    let is_seen = configs.iter().flat_map(|config| &config.secrets).any(|(secret, _)| secret.expose().trim() == SEEDED);
    let mut texts = Vec::new();
    let known = scrubber(&configs);
    for config in &configs {
        texts.push(if choice % 2 == 0 { show_json(config, &known) } else { show(config, &View::default(), &known) });
    }
    let rules: Vec<&'static Rule> = RULES.iter().collect();
    let mut cases: Vec<_> = configs
        .into_iter()
        .map(|config| {
            let world = world(&config);
            let judged = judge(&config, &world, &rules);
            (config, world, judged)
        })
        .collect();
    decide(&mut cases, &Decisions::on(Date::of_unix_time(NOW)));
    let report = Report::new(cases, &Options { pedantic: true, ..Options::default() });
    let view = View { verbosity: Verbosity::Verbose, ..View::default() };
    texts.push((FORMATS[choice / 2 % FORMATS.len()].render)(&report, &view));
    for text in &texts {
        assert_hidden(text, GIVEN);
        if is_seen {
            assert_hidden(text, SEEDED);
        }
    }
}

/// A secret is not shown, in one line or broken over several.
pub(crate) fn assert_hidden(text: &str, secret: &str) {
    let joined: String = text.split('\n').map(str::trim).collect();
    let is_shown = [text, &joined].iter().any(|text| text.to_lowercase().contains(&secret.to_lowercase()));
    assert!(!is_shown, "{secret} is shown:\n{text}");
}
