//! How a report is shown.

/// What is shown, and to whom. Only the formats for people heed it.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// How much is shown.
    pub verbosity: Verbosity,
    /// Columns of the terminal.
    pub width: usize,
    /// Use colour. Whoever sets this has asked `NO_COLOR`, `FORCE_COLOR`, `CLICOLOR_FORCE` and the terminal.
    pub colour: bool,
    /// Make places in files links (OSC 8). Whoever sets this has asked the terminal.
    pub links: bool,
    /// GitHub's step summary is written in the same run: it holds what there are no annotations for.
    pub step_summary: bool,
}

impl Default for View {
    fn default() -> Self {
        Self { verbosity: Verbosity::Normal, width: 80, colour: false, links: false, step_summary: false }
    }
}

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbosity {
    /// Findings only; nothing if all is well.
    Quiet,
    /// Findings, what could not be judged, and the answer.
    Normal,
    /// Every exchange and every rule, too.
    Verbose,
}
