//! Clients that nobody tells the id of.

use super::{Identity, Lack, Wish};
use crate::infra::code::{Code, Form};

/// The clients of which no file tells the id, in the files that do not know this one, and that can have it.
pub(super) fn nameless(codes: &[Code], wish: &Wish<'_>, known: &[(usize, String)]) -> Vec<(usize, String)> {
    let has_it = |file: usize| known.iter().any(|(own, _)| *own == file);
    let mut found: Vec<(usize, String)> = Vec::new();
    // Templates alone say nothing of ids.
    let templates = codes.iter().enumerate().filter(|(_, code)| code.form == Form::Template);
    for (file, code) in templates.filter(|(file, _)| !has_it(*file)) {
        for client in &code.after.clients {
            let said = vec![(&code.after, client)];
            let lacks = Identity { at: Vec::new(), id: None, said }.lacks(wish);
            if lacks.iter().all(|lack| *lack == Lack::Callback) {
                found.push((file, client.address.clone()));
            }
        }
    }
    found
}
