//! The command line: what can be typed, and nothing else.

#![allow(clippy::doc_markdown, reason = "these are the words of --help")]

mod choices;
mod groups;
mod values;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use choices::RuleName;
pub use choices::{Colour, Document, FailOn, Format, PageFormat, SetupFormat, Shard, Undecided};
pub use groups::{
    Amount, Asking, Cluster, Filing, Fleet, Infra, Objects, Reach, Reading, Selection, SettingsFile, Showing, Which,
};
pub use values::Output;
use values::waiting;
pub(crate) use values::{pool, seconds};

use crate::config::PomeriumVersion;

/// Will a login through this Pomerium and this Amazon Cognito user pool work? If not, which setting breaks it?
#[derive(Debug, Parser)]
#[command(
    name = "pomlint",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 nothing at or above --fail-on · 1 a finding · 2 cannot start, or a file cannot be read or \
                  written · 3 undecided: evidence is missing.\n\
                  Try `pomlint demo` first."
)]
pub struct Cli {
    /// Use colour as the environment and the terminal say (auto), always, or never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    pub color: Colour,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge configurations, asking the live user pool
    Check(Box<Check>),
    /// Show what Pomerium will make of a configuration, without asking anyone
    Show(Show),
    /// Say what Amazon Cognito must be told for a configuration, for people and for Terraform, CloudFormation and the AWS CLI
    Setup(Setup),
    /// Correct in a configuration what can be corrected safely: print the difference, or write it
    Fix(Box<Fix>),
    /// Say what an error page, an address, a log, a HAR file or a token means, and which rule it names
    Diagnose(Box<Diagnose>),
    /// Sign in once, really, in a terminal: when all else is green and a login still fails
    Login(Box<Login>),
    /// Explain a rule: what happens, why, and how to cure it
    Explain(Explain),
    /// List every rule by the stages of a login, and the causes that only diagnose names
    Rules(Rules),
    /// Judge a built-in configuration against a built-in recording, to see what a finding looks like
    Demo(Demo),
    /// Serve an editor: findings while you write, what a key means, and cures (language server protocol, on standard input and output)
    Lsp(Lsp),
    /// Print what makes a shell complete the arguments
    Completions(Completions),
    /// Print a manual page
    Man(Man),
    /// Print the JSON Schema of what this program writes, or of Pomerium's configuration
    Schema(Schema),
}

/// `pomlint check`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 all that was asked for was judged, nothing at or above --fail-on · 1 a finding at or above \
                  --fail-on; a Pomerium file that does not parse is one · 2 cannot start, or a file could not be read or \
                  written; what can be judged is judged, and what can be written is written · 3 undecided: evidence was \
                  wanted and could not be had."
)]
pub struct Check {
    /// Pomerium configurations: files, compose files, manifests, Helm values, folders of them; `-` reads standard input; and
    /// addresses of running Pomeriums, as with --deployed. Without any (and without --env) this folder
    #[arg(value_name = "CONFIG|URL")]
    pub configs: Vec<PathBuf>,

    /// Which configurations, if they are many.
    #[command(flatten)]
    pub fleet: Fleet,

    /// Which cluster is read.
    #[command(flatten)]
    pub cluster: Cluster,

    /// Where settings come from besides the file.
    #[command(flatten)]
    pub reading: Reading,

    /// Which rules are judged.
    #[command(flatten)]
    pub selection: Selection,

    /// How the provider is asked.
    #[command(flatten)]
    pub asking: Asking,

    /// What infrastructure code is heard.
    #[command(flatten)]
    pub infra: Infra,

    /// How the report looks.
    #[command(flatten)]
    pub showing: Showing,

    /// Where else it goes, and what was there before.
    #[command(flatten)]
    pub filing: Filing,

    /// Which settings file is heeded.
    #[command(flatten)]
    pub settings: SettingsFile,
}

/// `pomlint show`
#[derive(Debug, Args)]
pub struct Show {
    /// The Pomerium configuration, or the address of a running Pomerium, which is asked; without it, the environment alone
    #[arg(value_name = "CONFIG|URL")]
    pub configs: Vec<PathBuf>,

    /// The address of a running Pomerium, as for `check`
    #[arg(long, value_name = "URL")]
    pub deployed: Option<String>,

    /// Which of them.
    #[command(flatten)]
    pub which: Which,

    /// Where settings come from besides the file.
    #[command(flatten)]
    pub reading: Reading,

    /// The form of the answer
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,

    /// How a host is reached.
    #[command(flatten, next_help_heading = "If a running Pomerium is asked")]
    pub reach: Reach,
}

/// `pomlint setup`
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 printed · 2 no configuration, or it does not tell the callback.")]
pub struct Setup {
    /// The Pomerium configuration: files, or folders of them, as for check; without any, the environment alone
    #[arg(value_name = "CONFIG")]
    pub configs: Vec<PathBuf>,

    /// Which of them.
    #[command(flatten)]
    pub which: Which,

    /// Where settings come from besides the file.
    #[command(flatten)]
    pub reading: Reading,

    /// The form of the answer
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: SetupFormat,

    /// Which settings file is heeded.
    #[command(flatten)]
    pub settings: SettingsFile,
}

/// `pomlint fix`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing to correct, or with --write all was corrected and judged again · 1 a difference was \
                  printed, or a file holds no settings that could be read; with --write, something was put back or refused · \
                  2 cannot start.\n\
                  Nobody is asked, no secret is shown, and only the files that are named are changed."
)]
pub struct Fix {
    /// Pomerium configurations: files, or folders of them; without any, this folder
    #[arg(value_name = "CONFIG")]
    pub configs: Vec<PathBuf>,

    /// Where settings come from besides the file.
    #[command(flatten)]
    pub reading: Reading,

    /// Correct what these rules find only
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = RuleName, hide_possible_values = true)]
    pub only: Vec<String>,

    /// Change the files: written beside and renamed, judged again, and put back if a finding stays or another one comes
    #[arg(long)]
    pub write: bool,

    /// Which settings file is heeded.
    #[command(flatten)]
    pub settings: SettingsFile,
}

/// `pomlint login`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 a login would be let in · 1 a step failed, or each route denies; it is named · 2 not a terminal, CI is \
                  set, no client secret or issuer at hand, or it may not be sent there · 3 given up or timed out, or whether \
                  anybody is let in cannot be known from here.\n\
                  It makes a real session and a real event at the pool. No token is shown or kept; no password is typed in here."
)]
pub struct Login {
    /// The Pomerium configuration
    #[arg(value_name = "CONFIG", required = true)]
    pub configs: Vec<PathBuf>,

    /// Which of them.
    #[command(flatten)]
    pub which: Which,

    /// Where settings come from besides the file.
    #[command(flatten)]
    pub reading: Reading,

    /// Sign in with the app client of the route with this `from`, and judge this route alone
    #[arg(long, value_name = "FROM", help_heading = "The sign-in")]
    pub route: Option<String>,

    /// A callback on this machine that is registered at the app client, such as http://localhost:8000/callback; without it, you
    /// paste the address at which the browser ends
    #[arg(long, value_name = "URL", help_heading = "The sign-in")]
    pub loopback: Option<String>,

    /// Sign in without a client secret: the app client has none
    #[arg(long, help_heading = "The sign-in")]
    pub no_secret: bool,

    /// Give up after so many seconds of waiting for you
    #[arg(long, value_name = "SECONDS", default_value = "180", value_parser = waiting, help_heading = "The sign-in")]
    pub within: Duration,

    /// Ask nobody unless this is the user pool, such as eu-west-1_9xK2mPq7R. May be repeated
    #[arg(long, value_name = "ID", value_parser = pool, help_heading = "Asking the provider")]
    pub pool: Vec<String>,

    /// How a host is reached.
    #[command(flatten, next_help_heading = "Asking the provider")]
    pub reach: Reach,

    /// Let the client secret, the code and the tokens go to this host (a custom login domain)
    #[arg(long, value_name = "HOST", help_heading = "Asking the provider")]
    pub secret_to: Vec<String>,

    /// Seconds to wait for each answer
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds, help_heading = "Asking the provider")]
    pub timeout: Duration,
}

/// `pomlint diagnose`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing is wrong, or no longer · 1 something is named that no answer rules out · 2 cannot \
                  start · 3 nothing is known about it, or all that it may mean is ruled out.\n\
                  Secrets, codes, states and tokens in what you paste are never shown again.",
    // It keeps none, and says so.
    mut_arg("record", |record| record.hide(true))
)]
pub struct Diagnose {
    /// What you see: the address in the address bar, a line of a log or page, a token; a file of logs (gzip too) or a HAR file;
    /// without it, or as `-`, standard input
    #[arg(value_name = "URL|LINE|-|FILE")]
    pub input: Option<String>,

    /// The Pomerium configuration: the rules that are named are judged by it, live
    #[arg(value_name = "CONFIG")]
    pub config: Option<PathBuf>,

    /// Where settings come from besides the file.
    #[command(flatten)]
    pub reading: Reading,

    /// How the provider is asked.
    #[command(flatten)]
    pub asking: Asking,

    /// The form of the answer
    #[arg(long, value_name = "FORMAT", default_value = "human", help_heading = "Report")]
    pub format: Format,

    /// How much is shown.
    #[command(flatten)]
    pub amount: Amount,
}

/// `pomlint explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// The rule, or a cause that diagnose names; without it, all are listed
    #[arg(value_name = "RULE", value_parser = RuleName, hide_possible_values = true)]
    pub rule: Option<String>,

    /// The form of the page
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: PageFormat,
}

/// `pomlint rules`
#[derive(Debug, Args)]
pub struct Rules {
    /// The form of the list
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
}

/// `pomlint demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// How the report looks.
    #[command(flatten)]
    pub showing: Showing,
}

/// `pomlint lsp`
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Nobody is asked while you write, and no file is read that a document names. The command `pomlint.checkLive` of the \
                  protocol asks the provider, as `pomlint check` does."
)]
pub struct Lsp {
    /// The Pomerium release to judge for; without it, that of the settings file or of an image, or else the newest
    #[arg(long, value_name = "VERSION")]
    pub pomerium_version: Option<PomeriumVersion>,

    /// Ask nobody unless this is the user pool; may be repeated
    #[arg(long, value_name = "ID", value_parser = pool)]
    pub pool: Vec<String>,

    /// How a host is reached.
    #[command(flatten)]
    pub reach: Reach,

    /// What editors add: there is no other way.
    #[arg(long, hide = true)]
    pub stdio: bool,
}

/// `pomlint completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// `pomlint man`
#[derive(Debug, Args)]
pub struct Man {
    /// The command; without it, the page of the program itself
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

/// `pomlint schema`
#[derive(Debug, Args)]
pub struct Schema {
    /// What it describes
    #[arg(value_name = "NAME", default_value = "report")]
    pub name: Document,

    /// The Pomerium release whose configuration `pomerium` describes; without it, the newest
    #[arg(long, value_name = "VERSION")]
    pub pomerium_version: Option<PomeriumVersion>,
}
