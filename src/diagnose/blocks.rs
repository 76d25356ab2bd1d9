//! A long text in blocks of whole lines, which several threads look at side by side.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Looked at together, in bytes; also the longest line that is kept whole before it is shortened.
pub(super) const BLOCK: usize = 256 * 1024;

/// More threads than these find no work: unpacking and joining are done by one.
const MOST_THREADS: usize = 16;

/// So many blocks a thread has: one to look at, and one that waits.
const AHEAD: usize = 2;

/// The blocks of a text that is being read.
pub(super) struct Blocks<'a> {
    input: &'a mut dyn Read,
    /// The beginning of a line whose end is not read.
    rest: Vec<u8>,
    /// What comes is the rest of a line whose beginning was looked at already.
    is_skipping: bool,
    is_done: bool,
    bytes: u64,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(input: &'a mut dyn Read) -> Self {
        Self { input, rest: Vec::new(), is_skipping: false, is_done: false, bytes: 0 }
    }

    /// So many bytes were read.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next lines; none at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        while !self.is_done {
            let mut block = std::mem::take(&mut self.rest);
            block.reserve(BLOCK - block.len());
            let free = (BLOCK - block.len()) as u64;
            let read = self.input.take(free).read_to_end(&mut block)? as u64;
            self.bytes += read;
            self.is_done = read < free;
            if self.is_skipping {
                let end = memchr::memchr(b'\n', &block).map_or(block.len(), |end| end + 1);
                self.is_skipping = !block.get(..end).is_some_and(|skipped| skipped.ends_with(b"\n"));
                block.drain(..end);
            }
            let whole = match memchr::memrchr(b'\n', &block) {
                _ if self.is_done => block.len(),
                Some(end) => end + 1,
                None if block.len() == BLOCK => {
                    self.is_skipping = true;
                    block.len()
                }
                None => 0,
            };
            self.rest = block.get(whole..).unwrap_or_default().to_vec();
            block.truncate(whole);
            if !block.is_empty() {
                return Ok(Some(block));
            }
        }
        Ok(None)
    }
}

/// Has each block looked at by a thread, and takes what came of it in the order of the blocks.
///
/// Blocks go to the threads in turn, and no thread has more than [`AHEAD`]: memory does not grow with the text.
pub(super) fn in_order<T: Send>(
    mut next: impl FnMut() -> io::Result<Option<Vec<u8>>>,
    look: impl Fn(&[u8]) -> T + Sync,
    mut take: impl FnMut(T),
) -> io::Result<()> {
    let Some(first) = next()? else { return Ok(()) };
    let cores = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    thread::scope(|scope| {
        let look = &look;
        let start = |_| {
            let (give, blocks) = sync_channel::<Vec<u8>>(AHEAD);
            let (results, taken) = sync_channel::<T>(AHEAD);
            let work = move || blocks.iter().map(|block| look(&block)).try_for_each(|result| results.send(result));
            // Where no thread is to be had, fewer do the work.
            thread::Builder::new().spawn_scoped(scope, work).ok().map(|_| (give, taken))
        };
        let threads: Vec<(SyncSender<Vec<u8>>, Receiver<T>)> = (0..cores).filter_map(start).collect();
        let thread = |number: usize| threads.get(number % threads.len().max(1));
        let (mut given, mut taken) = (0, 0);
        let mut block = Some(first);
        while block.is_some() || taken < given {
            let is_room = threads.is_empty() || given - taken < threads.len() * AHEAD;
            let Some(text) = block.take_if(|_| is_room) else {
                // A thread that is gone has panicked, and the scope says so.
                thread(taken).and_then(|(_, results)| results.recv().ok()).into_iter().for_each(&mut take);
                taken += 1;
                continue;
            };
            match thread(given) {
                Some((give, _)) => given += usize::from(give.send(text).is_ok()),
                None => take(look(&text)),
            }
            block = next()?;
        }
        Ok(())
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The lines of a text, as they come out of its blocks.
    fn lines(text: &[u8]) -> Vec<Vec<u8>> {
        let mut input = text;
        let mut blocks = Blocks::new(&mut input);
        let mut lines = Vec::new();
        while let Some(block) = blocks.next().unwrap() {
            assert!(block.len() <= BLOCK);
            lines.extend(block.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec));
        }
        assert_eq!(blocks.bytes(), text.len() as u64);
        lines
    }

    #[test]
    fn blocks_end_where_lines_do() {
        let text: Vec<u8> = (0..40_000).flat_map(|number| format!("line {number}\n").into_bytes()).collect();
        assert!(text.len() > BLOCK);
        for text in [&text[..], &text[..text.len() - 1], b"", b"\n", b"a", b"\n\n"] {
            let expected: Vec<Vec<u8>> = text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
            assert_eq!(lines(text), expected);
        }
    }

    #[test]
    fn of_a_line_without_end_the_beginning_is_kept() {
        for length in [BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 1] {
            let text = ["a".repeat(length).as_str(), "b", "c"].join("\n");
            let found = lines(text.as_bytes());
            assert_eq!(found.len(), 3, "{length}");
            assert!(found[0].iter().all(|byte| *byte == b'a' || *byte == b'\n') && found[0].len() > BLOCK - 1);
            assert_eq!((&found[1][..], &found[2][..]), (&b"b\n"[..], &b"c"[..]), "{length}");
        }
    }

    #[test]
    fn what_is_looked_at_side_by_side_is_taken_in_order() {
        for count in [0, 1, 2, 5, 100] {
            let mut blocks = (0..count).map(|number| vec![number]);
            let mut taken = Vec::new();
            in_order(|| Ok(blocks.next()), |block| block[0], |number| taken.push(number)).unwrap();
            assert_eq!(taken, (0..count).collect::<Vec<u8>>());
        }
    }

    #[test]
    fn an_input_that_breaks_off_is_an_error() {
        let mut left = 3;
        let next = || {
            left -= 1;
            if left > 0 { Ok(Some(vec![left])) } else { Err(io::Error::other("gone")) }
        };
        assert!(in_order(next, |block| block[0], |_| {}).is_err());
    }
}
