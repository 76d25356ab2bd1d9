//! The configuration's side of a case: what it says, as questions that a rule may ask.

use std::collections::HashSet;

use super::{Case, ExchangeId, Fact, Missing, Need};
use crate::config::{
    Client, ClientId, Config, Destination, Form, Gap, Literal, MANAGED_BY_ZERO, NotOpened, OpenValue, RequestedScopes,
    ScopesOfUsers, SecretText, Settings, UnreadableFile, gap_of,
};

impl Fact for Config {
    const NEED: Need = Need::File;

    fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
        is_read(case.config)?;
        Ok((case.config, &[]))
    }
}

/// Of what is no configuration there is nothing to say; least of all, of what may be one, that nothing is wrong with it.
fn is_read(config: &Config) -> Result<(), Missing> {
    match &config.reading.not_opened {
        Some(NotOpened { why, found: true }) => return Err(Missing::Elsewhere(why.clone())),
        Some(NotOpened { why, found: false }) => return Err(Missing::Unconfigured(why.clone())),
        None => {}
    }
    match config.form {
        // It was named: whoever named it takes it for one, or means another.
        Form::NotPomerium(why) | Form::Unrecognised(why) => {
            Err(Missing::Unconfigured(format!("this is no configuration of Pomerium: {why}")))
        }
        _ => Ok(()),
    }
}

impl Fact for Settings {
    const NEED: Need = Need::File;
    const HOLDS_REFERENCES: bool = true;

    fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
        is_read(case.config)?;
        let settings = case.config.settings.as_ref().ok_or(match case.config.form {
            Form::Deployed(Destination::Elsewhere(why)) => Missing::NotApplicable(why),
            Form::Deployed(_) => Missing::Follows(Need::SignIn),
            _ => Missing::Follows(Need::File),
        })?;
        if settings.zero_token.is_some() {
            return Err(Missing::NotApplicable(MANAGED_BY_ZERO));
        }
        Ok((settings, &[]))
    }

    fn unseen(case: &Case<'_>) -> Vec<Missing> {
        let reading = &case.config.reading;
        let further = |part: &String| {
            Missing::Unconfigured(format!("further settings stand in {part}, which cannot be read from here"))
        };
        let kept = |part: &String| {
            Missing::Elsewhere(format!("further settings stand in {part}, which only the cluster holds"))
        };
        // Of an open list or mapping, nothing is known of what it holds.
        let open = reading.open.iter().filter(|open| open.holds_several).map(filled_in);
        reading.unread.iter().map(further).chain(reading.kept.iter().map(kept)).chain(open).collect()
    }
}

/// The values that Pomerium decodes: as far as they are here, they are of the types that it wants. What a list or a mapping
/// becomes is a question of [`Settings`].
#[derive(Clone, Copy, Debug)]
pub struct DecodedValues;

impl Fact for DecodedValues {
    const NEED: Need = Need::File;

    fn of<'a>(_: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
        Ok((&Self, &[]))
    }

    fn unseen(case: &Case<'_>) -> Vec<Missing> {
        case.config.reading.open.iter().filter(|open| !open.holds_several).map(filled_in).collect()
    }
}

/// The values that Pomerium checks when it starts: as far as they are here, it takes them.
#[derive(Clone, Copy, Debug)]
pub struct CheckedValues;

impl Fact for CheckedValues {
    const NEED: Need = Need::File;

    fn of<'a>(_: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
        Ok((&Self, &[]))
    }

    fn unseen(case: &Case<'_>) -> Vec<Missing> {
        let reasons = case.config.reading.unchecked.iter();
        reasons.map(|(option, text)| Missing::from(&gap_of(case.config, option, text))).collect()
    }
}

/// Why nothing is known of the values of these options, of the fields in them included, that are references or were never filled
/// in. `routes.from` is that field of a route, however deep, in whichever of the two lists; `None` is every option.
///
/// A file can hold as many references as lines, and as many clients as routes: the first hundred say enough.
pub fn unknown_values(config: &Config, options: Option<&[&str]>) -> Vec<Missing> {
    const MOST: usize = 100;
    let mut seen = HashSet::new();
    let texts = config.reading.not_literal.iter();
    let asked = texts.filter(|(path, _)| options.is_none_or(|options| options.iter().any(|name| is_of(path, name))));
    let reasons = asked.map(|(option, text)| Missing::from(&gap_of(config, option, text)));
    reasons.filter(|reason| seen.insert(reason.clone())).take(MOST).collect()
}

/// Whether the keys of a path have the words of a name among them, in this order, the first one first.
fn is_of(path: &str, name: &str) -> bool {
    let mut keys = path.split('.');
    let mut words = name.split('.');
    let (first, option) = (keys.next(), words.next());
    let is_option = first == option || option == Some("routes") && first == Some("policy");
    is_option && words.all(|word| keys.any(|key| key == word))
}

/// Why nothing is known of a value that somebody fills in.
fn filled_in(open: &OpenValue) -> Missing {
    Missing::from(&Gap::of(&open.text.value, open.text.span))
}

/// Where several replicas keep what they know of sessions is written here, and that they are several; or only one runs.
#[derive(Clone, Copy, Debug)]
pub struct SessionStorage;

impl Fact for SessionStorage {
    const NEED: Need = Need::File;

    fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
        let reading = &case.config.reading;
        let Some(replicas) = &reading.replicas else { return Ok((&Self, &[])) };
        if replicas.is_unknown {
            return Err(Missing::Placeholder(replicas.at));
        }
        let options = ["databroker_storage_type", "services"];
        unknown_values(case.config, Some(&options)).into_iter().next().map_or(Ok((&Self, &[])), Err)
    }
}

/// The files that the configuration names and without which Pomerium does not start: they are as they should be, as far as they
/// can be read here.
#[derive(Clone, Copy, Debug)]
pub struct NamedFiles;

impl Fact for NamedFiles {
    const NEED: Need = Need::File;

    fn of<'a>(_: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
        Ok((&Self, &[]))
    }

    fn unseen(case: &Case<'_>) -> Vec<Missing> {
        let file = |file: &UnreadableFile| {
            Missing::Elsewhere(format!("the file `{}` cannot be read here: {}", file.path, file.why))
        };
        case.config.reading.unreadable.iter().map(file).collect()
    }
}

impl Fact for RequestedScopes {
    const NEED: Need = Need::File;

    fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
        case.literals.scopes.as_ref().map(|scopes| (scopes, &[][..])).map_err(|gap| case.lacks(gap))
    }

    /// Other settings may take their place.
    fn unseen(case: &Case<'_>) -> Vec<Missing> {
        Settings::unseen(case)
    }
}

impl Fact for Client {
    const NEED: Need = Need::File;
    const PER_CLIENT: bool = true;

    fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
        Settings::of(case)?;
        case.clients.get(case.client).map(|client| (client, &[][..])).ok_or(Missing::Follows(Need::File))
    }
}

impl Fact for ScopesOfUsers {
    const NEED: Need = Need::File;

    fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
        case.literals.users_scopes.as_ref().map(|scopes| (scopes, &[][..])).map_err(|gap| case.lacks(gap))
    }

    /// As of those that are asked for here.
    fn unseen(case: &Case<'_>) -> Vec<Missing> {
        RequestedScopes::unseen(case)
    }
}

impl<T: Literal> Fact for T {
    const NEED: Need = Need::File;

    fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
        T::among(case.literals).as_ref().map(|literal| (literal, &[][..])).map_err(|gap| case.lacks(gap))
    }
}

/// Makes a literal setting of an app client a fact.
macro_rules! of_client {
    ($type:ty, $field:ident) => {
        impl Fact for $type {
            const NEED: Need = Need::File;
            const PER_CLIENT: bool = true;

            fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
                let client = case.literals.clients.get(case.client).ok_or_else(|| case.no_client())?;
                client.$field.as_ref().map(|literal| (literal, &[][..])).map_err(|gap| case.lacks(gap))
            }
        }
    };
}

of_client!(ClientId, id);
of_client!(SecretText, secret);
