//! Lines of the user's files that are shown whole, without the secrets in them.

use std::cmp::Reverse;

use super::lines::masks as masks_of_line;
use super::secrets::Masks;
use super::text;
use crate::config::{Config, Source, SourceId};
use crate::secret::Scrubber;

/// Knows where secrets stand in a file, and what they look like elsewhere.
pub struct Concealer<'a> {
    masks: Vec<(SourceId, &'a Source, Masks)>,
    scrubber: &'a Scrubber,
}

impl<'a> Concealer<'a> {
    /// For a file that these configurations were read from, by the names of its texts; the scrubber knows the secrets of all.
    pub fn new(
        is_it: impl Fn(&str) -> bool,
        configs: impl IntoIterator<Item = &'a Config>,
        scrubber: &'a Scrubber,
    ) -> Self {
        let masks = configs.into_iter().flat_map(|config| {
            let texts: Vec<_> = config.sources.iter().filter(|(_, source)| is_it(&source.name)).collect();
            texts.into_iter().map(|(id, source)| (id, source, Masks::of(config)))
        });
        Self { masks: masks.collect(), scrubber }
    }

    /// A line that begins at a byte of the file, without its secrets, and without what would act on a terminal.
    pub fn line(&self, start: usize, line: &str) -> String {
        if self.masks.is_empty() {
            return plain(&self.scrubber.scrub(line));
        }
        let masks = self
            .masks
            .iter()
            .flat_map(|(id, source, masks)| masks_of_line(masks, self.scrubber, (*id, source), start, line));
        let mut masks: Vec<_> = masks.collect();
        masks.sort_by_key(|(from, to, _)| (*from, Reverse(*to)));
        let mut shown = String::with_capacity(line.len());
        let mut done = start;
        for (from, to, label) in masks {
            if from >= done {
                shown += &plain(line.get(done - start..from - start).unwrap_or_default());
                shown += &label;
            }
            done = to.max(done);
        }
        shown + &plain(line.get(done - start..).unwrap_or_default())
    }
}

/// A part of a line without what would act on a terminal. Tabs stay, as they indent, and so does the mark at the beginning of a file:
/// neither acts.
pub fn plain(part: &str) -> String {
    let (mark, part) = part.strip_prefix(MARK).map_or(("", part), |rest| (MARK, rest));
    mark.to_owned() + &part.split('\t').map(text::escape).collect::<Vec<_>>().join("\t")
}

const MARK: &str = "\u{feff}";
