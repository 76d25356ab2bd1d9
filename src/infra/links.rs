//! What belongs together: by reference, or by id; never because it stands in one file.

use super::code::{Code, Fate, OfPool, Picture, Resource, Tense};
use super::settings::PoolSettings;
use super::value::{Answer, Value};

/// A resource that belongs, or may belong, to what was asked about.
#[derive(Clone, Copy, Debug)]
pub struct Linked<'c, S> {
    /// The number of the file that it stands in.
    pub file: usize,
    /// That file.
    pub code: &'c Code,
    /// The resource.
    pub resource: &'c Resource<S>,
    /// Whether it belongs there: yes or maybe.
    pub belongs: Answer,
}

/// The pool of the same code that an id refers to, or that has it.
pub fn pool_of<'p>(picture: &'p Picture, id: &Value<String>) -> Option<&'p Resource<PoolSettings>> {
    id.refers_to().and_then(|address| picture.pools.at(address)).or_else(|| picture.pools.same(id))
}

/// Whether two resources of one time have the same pool. Each is given with the picture that it stands in.
pub fn same_pool(one: (&Picture, &Value<String>), other: (&Picture, &Value<String>)) -> Answer {
    // What a hole is called says something within its own file only.
    let is_same_file = std::ptr::eq(one.0, other.0);
    let pools = (pool_of(one.0, one.1), pool_of(other.0, other.1));
    if is_same_file && let (Some(one), Some(other)) = pools {
        return (one.address == other.address).into();
    }
    let ids = (id_of(pools.0, one.1), id_of(pools.1, other.1));
    let made = |pool: Option<&Resource<PoolSettings>>| pool.is_some_and(|pool| is_made(pool.fate));
    match ids {
        (one, Value::Known(id)) | (Value::Known(id), one) if one.known().is_none() => {
            // A pool that the apply makes gets an id that nobody has yet.
            if made(pools.0) || made(pools.1) { Answer::No } else { one.equals(id) }
        }
        (Value::Known(one), Value::Known(other)) => (one == other).into(),
        (one, other) if is_same_file => one.same(other),
        (one, other) => one.same_elsewhere(other),
    }
}

/// The id of a pool as far as it says more than what refers to it.
pub fn pool_id<'a>(picture: &'a Picture, own: &'a Value<String>) -> &'a Value<String> {
    id_of(pool_of(picture, own), own)
}

fn id_of<'a>(pool: Option<&'a Resource<PoolSettings>>, own: &'a Value<String>) -> &'a Value<String> {
    let says_more = |id: &&Value<String>| id.known().is_some() || id.id_in_file().is_some();
    match own {
        Value::Known(_) => own,
        _ => pool.map(|pool| &pool.settings.id.value).filter(says_more).unwrap_or(own),
    }
}

fn is_made(fate: Option<Fate>) -> bool {
    matches!(fate, Some(Fate::Create | Fate::Replace))
}

/// Whether a resource has the pool that goes by these ids: a client may name it by what only the deploy knows, and the issuer by its id.
/// Whichever of them decides it.
pub fn has_pool(of: (&Picture, &[Value<String>]), other: (&Picture, &Value<String>)) -> Answer {
    let mut answers = of.1.iter().map(|id| same_pool((of.0, id), other));
    answers.find(|answer| *answer != Answer::Maybe).unwrap_or(Answer::Maybe)
}

/// The resources of a kind, in all files, that belong or may belong to the pool that goes by these ids, which stand in `of`.
pub fn belonging<'c, S: OfPool>(
    codes: &'c [Code],
    tense: Tense,
    of: (&Picture, &[Value<String>]),
    kind: fn(&Picture) -> &Vec<Resource<S>>,
) -> Vec<Linked<'c, S>> {
    let mut linked = Vec::new();
    for (file, code) in codes.iter().enumerate() {
        let picture = code.picture(tense);
        for resource in kind(picture) {
            let belongs = has_pool(of, (picture, &resource.settings.pool().value));
            if belongs != Answer::No {
                linked.push(Linked { file, code, resource, belongs });
            }
        }
    }
    linked
}
