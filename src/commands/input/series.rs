//! Deployments of which none needs another: each is read when its turn comes, so that a thousand take no more memory than one.

use std::path::PathBuf;
use std::vec;

use super::{ChangeableFiles, Environment, Found, Named, nothing_found};
use crate::cli::Reading;
use crate::commands::StartError;
use crate::config::{Config, names_a_part};

/// What the named paths come to, one after another.
pub(in crate::commands) struct Series<'a> {
    paths: &'a [PathBuf],
    reading: &'a Reading,
    environment: Environment,
    named: vec::IntoIter<Named>,
    /// They come last.
    not_opened: vec::IntoIter<Config>,
    /// So many deployments were read.
    count: usize,
    passed_over: usize,
    unreadable: Vec<StartError>,
}

/// A deployment, and the file it was read from.
pub(in crate::commands) struct Next {
    pub(in crate::commands) config: Config,
    pub(in crate::commands) file: ChangeableFiles,
}

/// What there is to say when all were read.
pub(in crate::commands) struct Rest {
    /// So many deployments were read.
    pub(in crate::commands) count: usize,
    /// Files of folders that are not Pomerium's.
    pub(in crate::commands) passed_over: usize,
    /// What could not be read.
    pub(in crate::commands) unreadable: Vec<StartError>,
}

impl<'a> Series<'a> {
    /// Looks at every file, and keeps none of them. `None` if some may have to be read together.
    ///
    /// # Errors
    /// If an environment file cannot be read.
    pub(in crate::commands) fn of(paths: &'a [PathBuf], reading: &'a Reading) -> Result<Option<Self>, StartError> {
        let outside = super::outside(reading)?;
        let environment = Environment::read(reading, &outside)?;
        // An ignore in a text that all deployments share is told of once.
        if environment.any(reading, |text| names_a_part(text) || text.contains("pomlint:")) {
            return Ok(None);
        }
        let mut found = Found { by_name: true, ..Found::default() };
        for path in paths {
            if found.is_joined {
                break;
            }
            found.add(path, &outside);
        }
        let Found { named, unreadable, not_opened, is_joined, .. } = found;
        let (named, not_opened) = (named.into_iter(), not_opened.into_iter());
        let series = Self { paths, reading, environment, named, not_opened, count: 0, passed_over: 0, unreadable };
        Ok((!is_joined).then_some(series))
    }

    /// What there is to say when all were read.
    pub(in crate::commands) fn rest(self) -> Rest {
        let Self { count, passed_over, mut unreadable, .. } = self;
        if count == 0 && unreadable.is_empty() {
            unreadable.push(nothing_found(self.paths, passed_over));
        }
        Rest { count, passed_over, unreadable }
    }
}

impl Iterator for Series<'_> {
    type Item = Next;

    fn next(&mut self) -> Option<Next> {
        for mut named in self.named.by_ref() {
            if let Err(why) = named.reread() {
                self.unreadable.push(why);
                continue;
            }
            let file = ChangeableFiles::of([&named.file]);
            let loaded = self.environment.load(vec![named], self.reading);
            self.passed_over += loaded.passed_over;
            // What stands alone is one deployment, or none.
            if let Some(config) = loaded.configs.into_iter().next() {
                self.count += 1;
                return Some(Next { config, file });
            }
        }
        let mut config = self.not_opened.next()?;
        if self.count == 0 {
            // Where nothing else is, it is the configuration that was meant; and so are those behind it.
            let others = self.not_opened.as_mut_slice().iter_mut();
            for config in [&mut config].into_iter().chain(others) {
                config.reading.not_opened.iter_mut().for_each(|why| why.found = false);
            }
        }
        self.count += 1;
        Some(Next { config, file: ChangeableFiles::default() })
    }
}
