//! What a rule has to say.

use std::fmt;

use crate::config::{Date, Span};
use crate::evidence::Missing;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Hygiene; shown with `--pedantic`.
    Note,
    /// It works by luck, for some users, until a restart, or on some versions only; or the behaviour is inferred.
    Warning,
    /// Pomerium will not start, or a login will fail.
    Error,
}

impl Severity {
    /// The name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing that is wrong, with the place in the configuration that meets it.
///
/// If the cause is on the provider's side, the place is the setting that runs into it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The place in the configuration.
    pub at: Span,
    /// What is wrong there: the text beside the caret.
    pub says: String,
    /// The first line, if the title of the rule's page does not fit this case.
    pub title: Option<String>,
    /// Other places that matter, and why.
    pub also: Vec<(Span, String)>,
    /// The near miss.
    pub near: Option<NearMiss>,
    /// The change that cures it, line by line; the first line is the sentence.
    pub fix: Vec<String>,
    /// The same change for a program, where replacing one text of the configuration is all there is to it.
    pub edit: Option<Edit>,
    /// How bad it is, if that differs from the rule.
    pub severity: Option<Severity>,
    /// If it is an error: with it a login fails, which is not so of every error. That anybody can forge a session, say, stops nobody.
    pub stops_login: bool,
    /// It takes an option for unset: where one may be set that is not here, nothing is found.
    pub is_of_unset: bool,
    /// Why it does not count. A rule knows nothing of this: it is the engine that fills it in.
    pub ignored: Option<Ignored>,
}

/// A change of the configuration that a program could make: a text takes the place of what stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub at: Span,
    /// What replaces it.
    pub text: String,
}

/// Why a finding does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// The reason that the user gives.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// Where it is written: `config.yaml:7`.
    pub place: String,
}

/// Two texts that should be equal, byte by byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// What the first text is: `sent`, `configured`.
    pub left_label: &'static str,
    /// The first text.
    pub left: String,
    /// What the second text is: `registered`, `issuer`.
    pub right_label: &'static str,
    /// The second text.
    pub right: String,
}

impl Finding {
    /// A finding at a place.
    pub fn at(at: Span, says: impl Into<String>) -> Self {
        Self {
            at,
            says: says.into(),
            title: None,
            also: Vec::new(),
            near: None,
            fix: Vec::new(),
            edit: None,
            severity: None,
            stops_login: true,
            is_of_unset: false,
            ignored: None,
        }
    }

    /// Replaces the first line.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Says that it is none where the option is set after all, in a part that is not here.
    #[must_use]
    pub fn unless_set_elsewhere(mut self) -> Self {
        self.is_of_unset = true;
        self
    }

    /// Points at another place.
    #[must_use]
    pub fn also(mut self, at: Span, says: impl Into<String>) -> Self {
        self.also.push((at, says.into()));
        self
    }

    /// Shows a near miss.
    #[must_use]
    pub fn near(mut self, left: (&'static str, &str), right: (&'static str, &str)) -> Self {
        self.near = Some(NearMiss {
            left_label: left.0,
            left: left.1.to_owned(),
            right_label: right.0,
            right: right.1.to_owned(),
        });
        self
    }

    /// Adds lines to the cure.
    #[must_use]
    pub fn fix_lines(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.fix.extend(lines);
        self
    }

    /// Adds a line to the cure.
    #[must_use]
    pub fn fix(mut self, line: impl Into<String>) -> Self {
        self.fix.push(line.into());
        self
    }

    /// Says how a program could make the change, if it can.
    #[must_use]
    pub fn edit(mut self, edit: Option<Edit>) -> Self {
        self.edit = edit;
        self
    }

    /// However bad it is, a login works all the same.
    #[must_use]
    pub fn stops_no_login(mut self) -> Self {
        self.stops_login = false;
        self
    }

    /// It was found, and does not count.
    pub fn is_ignored(&self) -> bool {
        self.ignored.is_some()
    }

    /// Makes it better or worse than the rule usually is.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }
}

/// What a rule returns: what it found, or why it does not concern this configuration.
pub enum Judgement {
    /// Findings; none is a pass.
    Findings(Vec<Finding>),
    /// The question makes no sense for this configuration.
    NotApplicable(&'static str),
    /// It cannot be decided, for want of these.
    Undecided(Vec<Missing>),
}

impl Judgement {
    /// Nothing wrong.
    pub fn pass() -> Self {
        Self::Findings(Vec::new())
    }
}

impl From<Finding> for Judgement {
    fn from(finding: Finding) -> Self {
        Self::Findings(vec![finding])
    }
}

impl From<Option<Finding>> for Judgement {
    fn from(finding: Option<Finding>) -> Self {
        Self::Findings(finding.into_iter().collect())
    }
}

impl From<Vec<Finding>> for Judgement {
    fn from(findings: Vec<Finding>) -> Self {
        Self::Findings(findings)
    }
}

/// What became of a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Nothing wrong.
    Pass,
    /// At least one finding.
    Fail(Vec<Finding>),
    /// Not judged, for these reasons.
    Undecided(Vec<Missing>),
    /// The question makes no sense for this configuration.
    NotApplicable(&'static str),
}
