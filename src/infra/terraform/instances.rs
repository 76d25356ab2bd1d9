//! The resources of a plan, to be found by what a reference says of them: modules and resources have thousands of instances.

use std::collections::HashMap;

use super::address::{Address, Step};
use super::configuration::By;

/// A resource, as its address is written and as it is read.
type Known<'c> = (&'c str, &'c Address);

/// All resources of a plan.
#[derive(Default)]
pub(super) struct Instances<'c> {
    named: HashMap<&'c str, Vec<Known<'c>>>,
    in_module: HashMap<(&'c [Step], &'c str), Vec<Known<'c>>>,
    at_address: HashMap<&'c Address, Vec<Known<'c>>>,
}

impl<'c> Instances<'c> {
    pub(super) fn add(&mut self, written: &'c str, address: &'c Address) {
        let known = (written, address);
        self.named.entry(&address.local).or_default().push(known);
        self.in_module.entry((&address.modules, &address.local)).or_default().push(known);
        self.at_address.entry(address).or_default().push(known);
    }

    /// The only one that is meant.
    pub(super) fn only(&self, wanted: &Address, by: &By) -> Option<&'c str> {
        // A module without an index is each of its instances.
        let is_one_module = wanted.modules.iter().all(|step| step.index.is_some());
        let alike = if is_one_module && wanted.index.is_some() {
            self.at_address.get(wanted)
        } else if is_one_module {
            self.in_module.get(&(wanted.modules.as_slice(), wanted.local.as_str()))
        } else {
            self.named.get(wanted.local.as_str())
        };
        let of_wanted = |known: &&Known<'c>| known.1.is_of(wanted);
        let mut meant = alike.into_iter().flatten().filter(of_wanted);
        let first = meant.next()?;
        if meant.next().is_none() {
            return Some(first.0);
        }
        // `p[each.key]` is written where both have the same keys.
        let By::Index(index) = by else { return None };
        let with_index = Address { index: Some(index.clone()), ..wanted.clone() };
        let exact = if is_one_module { self.at_address.get(&with_index) } else { alike };
        let is_it = |known: &&Known<'c>| known.1.index.as_ref() == Some(index) && of_wanted(known);
        let mut exact = exact.into_iter().flatten().filter(is_it);
        let only = exact.next()?;
        exact.next().is_none().then_some(only.0)
    }
}
