//! Why it is not known which client of the code is Pomerium's.

use crate::evidence::Missing;
use crate::infra::{Candidate, Choice, Code, Lack};

/// Why it is not known which client of the code is meant.
pub(super) fn unchosen(choice: &Choice, codes: &[Code]) -> Missing {
    let files = codes.iter().map(|code| code.file.as_str()).collect::<Vec<_>>().join(", ");
    Missing::Untold(match choice {
        Choice::Undecided(candidates) => {
            let listed = candidates.iter().map(candidate).collect::<Vec<_>>().join("; ");
            format!(
                "which app client of {files} is Pomerium's is not known: {listed}; --infra-client ADDRESS says which"
            )
        }
        Choice::Scattered(count) => {
            format!("the app client stands at {count} addresses of {files}, and so many are not compared")
        }
        _ => format!("{files} has no app client"),
    })
}

fn candidate(candidate: &Candidate) -> String {
    let lacks: Vec<String> = candidate
        .lacks
        .iter()
        .map(|lack| match lack {
            Lack::Deleted => "is deleted".to_owned(),
            Lack::OtherId(id) => format!("has the id {id}"),
            Lack::NewId => "gets a new id".to_owned(),
            Lack::Taken(by) => format!("is that of {by}"),
            Lack::Wanted(by) => format!("can be it, and that of {by} as well"),
            Lack::OtherPool(pool) => format!("belongs to the pool {pool}"),
            Lack::Callback => "does not list the callback".to_owned(),
        })
        .collect();
    // The logical id of a template may be any word; an address of Terraform's names its type.
    let is_word = !candidate.address.contains('.');
    let client = if is_word { format!("the app client {}", candidate.address) } else { candidate.address.clone() };
    match lacks.as_slice() {
        [] => format!("{client} can be it"),
        some => format!("{client} {}", some.join(" and ")),
    }
}
