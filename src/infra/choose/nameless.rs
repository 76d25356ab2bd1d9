//! Clients that nobody tells the id of.

use super::{Identity, Lack, Wish};
use crate::infra::code::{Code, Form};

/// The clients of which no file tells the id, in the files that do not know this one, and that can have it.
pub(super) fn nameless(codes: &[Code], wish: &Wish<'_>, known: &[(usize, String)]) -> Vec<(usize, String)> {
    let has_it = |file: usize| known.iter().any(|(own, _)| *own == file);
    let mut found: Vec<(usize, String)> = Vec::new();
    for (file, code) in codes.iter().enumerate().filter(|(file, _)| !has_it(*file)) {
        // Templates alone say nothing of ids.
        for client in code.after.clients.iter().filter(|_| code.form == Form::Template) {
            let said = vec![(&code.after, client)];
            let lacks = Identity { at: Vec::new(), id: None, said }.lacks(wish);
            if lacks.iter().all(|lack| *lack == Lack::Callback) {
                found.push((file, client.address.clone()));
            }
        }
    }
    found
}
