//! A line for each deployment as it is judged, and the summary last: a report that nobody has to hold as a whole.

use super::repeats::Told;
use super::summary::Counts;
use super::{Elsewhere, Report, View, json};

/// What was told so far.
#[derive(Default)]
pub struct Streamed {
    counts: Counts,
    told: Told,
    /// Whether some part ended with this exit code.
    ended_with: [bool; 4],
}

/// All of it at once.
pub(super) fn render(report: &Report, _: &View) -> String {
    let mut streamed = Streamed::default();
    let lines = streamed.lines(report);
    lines + &streamed.end(report.elsewhere.as_ref(), report.incomplete).0
}

impl Streamed {
    /// The lines of further deployments, of which no other report knows.
    pub fn add(&mut self, part: &mut Report) -> String {
        for report in &mut part.reports {
            self.told.mark(report, |_, _, _| {});
        }
        self.lines(part)
    }

    fn lines(&mut self, part: &Report) -> String {
        part.reports.iter().for_each(|report| self.counts.add(report));
        if let Some(ended) = self.ended_with.get_mut(usize::from(part.summary.exit)) {
            *ended = true;
        }
        json::lines(part)
    }

    /// The last line, and the exit code of all of them: in the order in which a [`Report`] decides.
    pub fn end(self, elsewhere: Option<&Elsewhere>, is_incomplete: bool) -> (String, u8) {
        let [_, found, incomplete, wanted] = self.ended_with;
        let exit = match (incomplete || is_incomplete, found, wanted) {
            (true, ..) => 2,
            (_, true, _) => 1,
            (.., true) => 3,
            _ => 0,
        };
        (json::last_line(self.counts.summary(exit), elsewhere), exit)
    }
}
