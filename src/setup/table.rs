//! As a table for people, in the words of the console.

use super::{BRANDING, NO_DOMAIN, Property, Registration, SECRET_STAYS};
use crate::report::escape;

/// What is to be told, for people.
pub fn table(registration: &Registration) -> String {
    let mut lines = registration.heading();
    for (index, client) in registration.clients.iter().enumerate() {
        let pool = registration.pool.as_ref().map_or("the pool that the issuer will name", |pool| &pool.id);
        lines.extend([String::new(), client.whose()]);
        let mut rows = vec![("UserPoolId", pool.to_owned())];
        for (name, value) in registration.properties(index) {
            match value {
                Property::Text(text) => rows.push((name, text.into_owned())),
                Property::Number(number) => rows.push((name, number.to_string())),
                Property::Unit(member, unit) => rows.push((name, format!("{member}: {unit}"))),
                Property::On => rows.push((name, "yes".to_owned())),
                Property::List(members) => {
                    let names = std::iter::once(name).chain(std::iter::repeat(""));
                    rows.extend(names.zip(members.into_iter().map(str::to_owned)));
                }
            }
        }
        let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        lines.extend(rows.iter().map(|(name, value)| format!("  {name:<width$}  {value}")));
        if client.id.is_some() {
            lines.push(format!("  {SECRET_STAYS}"));
        }
        lines.push(format!("  {}", registration.comes_back(client)));
    }
    lines.extend([String::new(), NO_DOMAIN.to_owned(), BRANDING.to_owned()]);
    lines.iter().map(|line| escape(line) + "\n").collect()
}
