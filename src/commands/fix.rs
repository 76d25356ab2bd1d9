//! `pomlint fix`: what can be corrected safely, as a difference or written into the files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::input::{self, ChangeableFiles, Read};
use super::judging::gather_nothing;
use super::repeated::repeated;
use super::{CANNOT_START, StartError, defaults, selection, write};
use crate::cli::{Fix, Reading, SettingsFile};
use crate::config::{CandidateTexts, Config, LONGEST_TEXT, Login};
use crate::disk;
use crate::engine::{Decisions, Judged, decide, judge};
use crate::evidence::World;
use crate::fix::{Change, Patch, Refusal, Refused, SAFE, Shown, Tally, Wanted, changes, unified, verdict};
use crate::report::{self, Concealer, Stream, escape};
use crate::rules::{RULES, Rule};
use crate::secret::Scrubber;

/// After a change, another may be possible at the same place.
const MOST_ROUNDS: usize = 3;

/// The exit code where something was found.
const FOUND: u8 = 1;

/// Why nothing of a file is corrected.
const NOT_READ: &str = "no settings of Pomerium could be read from it";

pub(super) fn run(mut command: Fix) -> Result<u8, StartError> {
    if command.configs.is_empty() && command.reading.env && command.reading.env_file.is_empty() {
        return Err(StartError::Option(
            "fix changes files, and none is named\n  try   pomlint fix config.yaml".to_owned(),
        ));
    }
    if command.configs.is_empty() && command.reading.env_file.is_empty() {
        command.configs.push(PathBuf::from("."));
    }
    input::stdin_once(command.configs.iter().chain(&command.reading.env_file).map(PathBuf::as_path))?;
    if command.configs.iter().any(|path| path.as_os_str() == "-") {
        let why = "standard input is no file that could be corrected; name the file".to_owned();
        return Err(StartError::Option(why));
    }
    for name in &command.only {
        selection::find(name)?;
        if !SAFE.contains(&name.as_str()) {
            let says = format!("{name}: no program corrects it; `pomlint explain {name}` shows the cure\n");
            write(Stream::Progress, &says)?;
        }
    }
    Desk::of(command)?.work()
}

/// What `pomlint fix` would correct in these files.
pub(super) fn corrected(
    configs: Vec<PathBuf>,
    (reading, settings): (&Reading, &SettingsFile),
) -> Result<Vec<Change>, StartError> {
    let (reading, settings) = (reading.clone(), settings.clone());
    let desk = Desk::of(Fix { configs, reading, write: false, only: Vec::new(), settings })?;
    let (work, _) = desk.find(&desk.judge(&CandidateTexts::default())?)?;
    Ok(work.made)
}

/// What is read and judged over and over.
struct Desk {
    command: Fix,
    /// What was typed of how it is read; the rest is the settings file's.
    typed: Reading,
    rules: Vec<&'static Rule>,
    decisions: Decisions,
}

/// What was read, as it is judged.
struct Judgement {
    cases: Vec<(Config, World, Vec<Judged>)>,
    files: ChangeableFiles,
    unreadable: Vec<StartError>,
}

impl Judgement {
    fn views(&self) -> impl Iterator<Item = (&Config, &[Judged])> {
        self.cases.iter().map(|(config, _, judged)| (config, judged.as_slice()))
    }

    fn configs(&self) -> impl Iterator<Item = &Config> {
        self.cases.iter().map(|(config, ..)| config)
    }

    fn tally(&self) -> Tally {
        Tally::of(self.views())
    }

    /// The text of a file, as it was read.
    fn text(&self, file: &str) -> Option<&str> {
        let mut sources = self.configs().flat_map(|config| config.sources.iter());
        sources.find(|(_, source)| self.files.is_of(&source.name, file)).map(|(_, source)| &*source.text)
    }
}

/// What is to be done.
#[derive(Default)]
struct Work {
    patches: BTreeMap<String, Patch>,
    made: Vec<Change>,
    refused: Vec<Refused>,
}

impl Desk {
    /// As the settings file says what the command line leaves open. Nobody is asked, so that it may give an address as well.
    fn of(mut command: Fix) -> Result<Self, StartError> {
        let typed = command.reading.clone();
        let found = defaults::find(&command.settings)?;
        found.iter().try_for_each(|found| found.complete(&mut command.reading, true))?;
        let off = found.as_ref().map(|found| found.off(&command.only)).unwrap_or_default();
        let rules = RULES.iter().filter(|rule| !off.contains(&rule.name)).collect();
        let decisions = defaults::decisions(found.as_ref(), false);
        Ok(Self { command, typed, rules, decisions })
    }

    fn work(&self) -> Result<u8, StartError> {
        let before = self.judge(&CandidateTexts::default())?;
        let (mut work, after) = self.find(&before)?;
        let scrubber = report::scrubber(before.configs().chain(after.iter().flat_map(Judgement::configs)));
        let is_done = !work.made.is_empty();
        if let Some(after) = &after {
            let said: BTreeSet<String> = moved_callbacks(before.configs(), after.configs()).collect();
            for says in said {
                write(Stream::Progress, &scrubber.scrub(&says))?;
            }
        }
        if self.command.write {
            self.write(&before, &mut work)?;
            let made: Vec<String> = work
                .made
                .iter()
                .map(|change| format!("corrected {}: {}\n", escape(&change.place), change.rule))
                .collect();
            write(Stream::Report, &scrubber.scrub(&made.concat()))?;
        } else if let Some(after) = &after {
            show(&work, &before, after, &scrubber)?;
        }
        for Refused { rule, place, why } in &work.refused {
            let line = format!("left alone {}: {rule}: {}\n", escape(place), escape(&why.to_string()));
            write(Stream::Progress, &scrubber.scrub(&line))?;
        }
        for error in &before.unreadable {
            write(Stream::Progress, &format!("pomlint: {error}\n"))?;
        }
        let unjudged: Vec<&Config> = before.configs().filter(|config| config.settings.is_none()).collect();
        for config in &unjudged {
            let own = [Path::new(&config.path)];
            let all: Vec<&Path> = self.command.configs.iter().map(PathBuf::as_path).collect();
            // A deployment that is called otherwise is one of those in what was named.
            let named = if before.files.named(&config.path).is_some() { &own[..] } else { &all };
            let command = repeated("check", named, None, (&self.typed, &self.command.settings));
            let hint = command.map_or_else(String::new, |command| format!("  try   {command}\n"));
            write(Stream::Progress, &format!("left alone {}: {NOT_READ}\n{hint}", escape(&config.path)))?;
        }
        Ok(match self.command.write {
            _ if !before.unreadable.is_empty() => CANNOT_START,
            // As for `check`, that is a finding.
            _ if !unjudged.is_empty() => FOUND,
            true => u8::from(!work.refused.is_empty()),
            false => u8::from(is_done),
        })
    }

    fn judge(&self, instead: &CandidateTexts) -> Result<Judgement, StartError> {
        let Read { configs, unreadable, files, .. } =
            input::read_over(&self.command.configs, &self.command.reading, instead)?;
        if configs.is_empty() {
            return Err(unreadable.into_iter().next().unwrap_or(StartError::NoConfig));
        }
        let worlds = gather_nothing(&configs, &self.rules, &[]);
        let cases = configs.into_iter().zip(worlds).map(|(config, world)| {
            let judged = judge(&config, &world, &self.rules);
            (config, world, judged)
        });
        let mut cases: Vec<_> = cases.collect();
        decide(&mut cases, &self.decisions);
        Ok(Judgement { cases, files, unreadable })
    }

    /// Every change that makes things better, tried one over the other, and what is judged with all of them.
    fn find(&self, before: &Judgement) -> Result<(Work, Option<Judgement>), StartError> {
        let mut work = Work::default();
        let mut now: Option<Judgement> = None;
        for _ in 0..MOST_ROUNDS {
            let current = now.as_ref().unwrap_or(before);
            let scrubber = report::scrubber(current.configs());
            let wanted =
                Wanted { only: &self.command.only, named: &|text| before.files.named(text), scrubber: &scrubber };
            let (mut found, refused) = changes(current.views(), &wanted);
            work.refused.retain(|known| matches!(known.why, Refusal::Stays | Refusal::Brings(_) | Refusal::Unread));
            let is_of = |known: &Refused, change: &Change| (known.rule, &known.place) == (change.rule, &change.place);
            found.retain(|change| !work.refused.iter().any(|known| is_of(known, change)));
            work.refused.extend(refused);
            let left = self.round(before, &mut work, &mut now, &found)?;
            if left.is_empty() {
                return Ok((work, now));
            }
            // What came too late for this round is told, unless the next one makes it.
            let late =
                |change: &Change| Refused { rule: change.rule, place: change.place.clone(), why: Refusal::Overlaps };
            work.refused.extend(left.iter().map(late));
        }
        Ok((work, now))
    }

    /// Makes what can be made together, or, if that does harm, each that does none. Says what stood in the way of another.
    fn round(
        &self,
        original: &Judgement,
        work: &mut Work,
        now: &mut Option<Judgement>,
        found: &[Change],
    ) -> Result<Vec<Change>, StartError> {
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let tally = now.as_ref().unwrap_or(original).tally();
        let (patches, taken, left) = laid(original, &work.patches, found);
        let judged = self.judge(&changed(original, &patches))?;
        if verdict(&tally, &judged.tally(), &taken).is_ok() {
            (work.patches, *now) = (patches, Some(judged));
            work.made.extend(taken);
            return Ok(left);
        }
        let mut good: Vec<Change> = Vec::new();
        for change in taken {
            let together: Vec<Change> = good.iter().chain([&change]).cloned().collect();
            let (patches, ..) = laid(original, &work.patches, &together);
            let judged = self.judge(&changed(original, &patches))?;
            match verdict(&tally, &judged.tally(), &together) {
                Ok(()) => good.push(change),
                Err(why) => work.refused.push(Refused { rule: change.rule, place: change.place, why }),
            }
        }
        if !good.is_empty() {
            let (patches, ..) = laid(original, &work.patches, &good);
            *now = Some(self.judge(&changed(original, &patches))?);
            work.patches = patches;
            work.made.extend(good);
        }
        Ok(left)
    }

    /// Writes what is to be written, reads it again, and puts it back if it is not what was judged.
    fn write(&self, before: &Judgement, work: &mut Work) -> Result<(), StartError> {
        let mut written: Vec<(&String, &str, String)> = Vec::new();
        for (file, patch) in &work.patches {
            let Some(text) = before.text(file) else { continue };
            let new = patch.apply(text);
            match replace(file, text, &new) {
                Ok(()) => written.push((file, text, new)),
                Err(why) => give_up(&mut work.made, &mut work.refused, file, &why),
            }
        }
        if written.is_empty() {
            return Ok(());
        }
        let judged = self.judge(&CandidateTexts::default());
        let why = match &judged {
            Ok(judged) => verdict(&before.tally(), &judged.tally(), &work.made).err(),
            Err(_) => Some(Refusal::Unread),
        };
        if let Some(why) = why {
            for (file, old, new) in &written {
                if let Err(error) = replace(file, new, old) {
                    let says = format!("pomlint: {} could not be put back: {error}\n", escape(file));
                    write(Stream::Progress, &says)?;
                }
                give_up(&mut work.made, &mut work.refused, file, &why);
            }
        }
        Ok(())
    }
}

/// A file with this text gets another one.
fn replace(file: &str, old: &str, new: &str) -> Result<(), Refusal> {
    let path = Path::new(file);
    let unwritable = |why: String| Refusal::Unwritable(why);
    let now = disk::read(path, LONGEST_TEXT).map_err(|why| unwritable(why.to_string()))?;
    if now != old.as_bytes() {
        return Err(Refusal::Changed);
    }
    disk::change(path, new.as_bytes()).map_err(|error| unwritable(disk::why(error)))
}

/// What was to be made in a file is not.
fn give_up(made: &mut Vec<Change>, refused: &mut Vec<Refused>, file: &str, why: &Refusal) {
    let (gone, kept) = std::mem::take(made).into_iter().partition(|change: &Change| change.file == file);
    *made = kept;
    refused.extend(gone.into_iter().map(|change| Refused { rule: change.rule, place: change.place, why: why.clone() }));
}

/// The patches with these changes too; the changes that are in them, and those that another one stands in the way of.
fn laid(
    original: &Judgement,
    patches: &BTreeMap<String, Patch>,
    changes: &[Change],
) -> (BTreeMap<String, Patch>, Vec<Change>, Vec<Change>) {
    let mut patches = patches.clone();
    let (mut taken, mut left) = (Vec::new(), Vec::new());
    let mut files: Vec<&str> = changes.iter().map(|change| change.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    for file in files {
        let own: Vec<&Change> = changes.iter().filter(|change| change.file == file).collect();
        let text = original.text(file).unwrap_or_default();
        let patch = patches.entry(file.to_owned()).or_default();
        let (new, is_taken) = patch.with(text, own.iter().map(|change| (&change.at, change.text.as_str())));
        *patch = new;
        for (change, is_taken) in own.into_iter().zip(is_taken) {
            if is_taken { taken.push(change.clone()) } else { left.push(change.clone()) }
        }
    }
    (patches, taken, left)
}

/// What the files would hold.
fn changed(original: &Judgement, patches: &BTreeMap<String, Patch>) -> CandidateTexts {
    let patches = patches.iter().filter(|(_, patch)| !patch.is_empty());
    let text =
        |(file, patch): (&String, &Patch)| Some((std::fs::canonicalize(file).ok()?, patch.apply(original.text(file)?)));
    CandidateTexts::new(patches.filter_map(text).collect())
}

/// What Cognito must know before Pomerium starts with the changes: a callback that is not the one of before.
fn moved_callbacks<'c>(
    before: impl Iterator<Item = &'c Config>,
    after: impl Iterator<Item = &'c Config>,
) -> impl Iterator<Item = String> {
    let callback = |config: &Config| {
        let uri = config.settings.as_ref().map(|settings| Login::of(settings, config.version).redirect_uri);
        (config.path.clone(), uri.unwrap_or_default())
    };
    let old: BTreeMap<String, String> = before.map(callback).collect();
    after.map(callback).filter_map(move |(path, new)| {
        let old = old.get(&path).filter(|old| **old != new && !old.is_empty() && !new.is_empty())?;
        let (path, old, new) = (escape(&path), escape(old), escape(&new));
        Some(format!(
            "{path}: with this, Pomerium sends the callback {new} instead of {old}: if Cognito knows only the old one, register the \
             new one first, and the sign-out URL likewise (pomlint setup says both)\n"
        ))
    })
}

/// Prints the difference of each file.
fn show(work: &Work, before: &Judgement, after: &Judgement, scrubber: &Scrubber) -> Result<(), StartError> {
    // Of what is nearly one secret, each text has its own.
    let newest = report::scrubber(after.configs().chain(before.configs()));
    for (file, patch) in work.patches.iter().filter(|(_, patch)| !patch.is_empty()) {
        let Some(text) = before.text(file) else { continue };
        let is_it = |text: &str| before.files.is_of(text, file);
        let old = Concealer::new(is_it, before.configs(), scrubber);
        let new = Concealer::new(is_it, after.configs(), &newest);
        let shown = Shown { old: &|start, line| old.line(start, line), new: &|start, line| new.line(start, line) };
        let (difference, why_not) = unified(file, text, patch, &shown);
        write(Stream::Report, &difference)?;
        if let Some(why) = why_not {
            let says =
                format!("{}: {why}, so that `patch` cannot apply this; `pomlint fix --write` can\n", escape(file));
            write(Stream::Progress, &says)?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_has_changed_since_it_was_read_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.yaml");
        std::fs::write(&path, "a: 2\n").unwrap();
        let name = path.to_str().unwrap();
        assert_eq!(replace(name, "a: 1\n", "a: 3\n"), Err(Refusal::Changed));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a: 2\n");
        assert_eq!(replace(name, "a: 2\n", "a: 3\n"), Ok(()));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a: 3\n");
    }
}
