//! The command line: what can be typed, and nothing else.

#![allow(clippy::doc_markdown, reason = "these are the words of --help")]

mod choices;

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use choices::RuleName;
pub use choices::{Colour, Document, FailOn, Format, PageFormat, SetupFormat, Shard, Undecided};

use crate::config::cognito::region_of_pool;
use crate::config::{GivenValue, PomeriumVersion};
use crate::report::{self, FORMATS};

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

/// Which configurations, if they are many.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Fleet")]
pub struct Fleet {
    /// Read the names of configurations from this file, one a line, as if they were typed; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub files_from: Option<PathBuf>,

    /// Judge only the deployments whose name falls to this part of the work, K of N machines (1/4 … 4/4); the others are counted
    #[arg(long, value_name = "K/N")]
    pub shard: Option<Shard>,
}

/// What runs in a cluster.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Reading a cluster")]
pub struct Cluster {
    /// Judge what runs in this namespace: kubectl reads it, Secrets too, which stay in memory. As `kubectl pomlint check`, without CONFIG,
    /// the namespace of the current context
    #[arg(short, long, value_name = "NAMESPACE", conflicts_with = "configs")]
    pub namespace: Option<String>,

    /// The context of kubectl that is meant; without it, the current one
    #[arg(long, value_name = "CONTEXT", conflicts_with = "configs")]
    pub context: Option<String>,
}

/// Infrastructure code: what is, and what will be.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Infrastructure code")]
pub struct Infra {
    /// Hear what this says of the pool and its clients, now and after the apply: a plan or state (`terraform show -json`, terraform.tfstate), a template of CloudFormation, SAM or `cdk synth`; `-` reads standard input. May be repeated
    #[arg(long, value_name = "PATH")]
    pub infra: Vec<PathBuf>,

    /// Which app client there is Pomerium's: a Terraform address or a logical id; CLIENT is a route's `from`, without it the global client is meant
    #[arg(long, value_name = "[CLIENT=]ADDRESS", requires = "infra")]
    pub infra_client: Vec<String>,

    /// The value of a template's parameter: K=V, or @FILE with ParameterKey and ParameterValue or a JSON object. May be repeated
    #[arg(long, value_name = "K=V", requires = "infra")]
    pub infra_parameter: Vec<String>,
}

/// Which settings file is heeded.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub struct SettingsFile {
    /// Take what the flags leave open from this file; without it, from the nearest `pomlint.toml` in this folder or, within a repository, one above
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,

    /// Heed no settings file
    #[arg(long, conflicts_with = "settings")]
    pub no_settings: bool,
}

/// Where settings come from besides the file.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Reading the configuration")]
pub struct Reading {
    /// Read Pomerium's variables from this process's environment too: they beat the file, as in Pomerium
    #[arg(long)]
    pub env: bool,

    /// Read Pomerium's environment from a file of NAME=value lines
    #[arg(long, value_name = "FILE")]
    pub env_file: Vec<PathBuf>,

    /// Replace $VAR and ${VAR} by this process's environment, as `envsubst` does before the file is deployed; the values of the
    /// variables NAME may be sent to the provider, all others only if --pool says which one it is
    #[arg(
        long,
        value_name = "NAME,…",
        num_args = 0..=1,
        require_equals = true,
        value_delimiter = ',',
        default_missing_value = ""
    )]
    pub expand_env: Option<Vec<String>>,

    /// Open files below this folder too, although a configuration outside of it names them
    #[arg(long, value_name = "DIR")]
    pub read_outside: Vec<PathBuf>,

    /// The settings file that names the environment files, if a pull request can bring it.
    #[arg(skip)]
    pub env_file_of: Option<PathBuf>,

    /// What a cluster holds.
    #[arg(skip)]
    pub objects: Option<Objects>,

    /// Give what is not secret and stands elsewhere: an option of Pomerium, or CLIENT:NAME, CLIENT a route's `from` or a
    /// Secret's namespace/name; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    pub given: Vec<GivenValue>,

    /// The Pomerium release to judge for; without it, that of the image, or else the newest
    #[arg(long, value_name = "VERSION")]
    pub pomerium_version: Option<PomeriumVersion>,
}

/// The objects of a cluster, as one text; it may hold secrets, and is never shown.
#[derive(Clone)]
pub struct Objects(pub Vec<u8>);

impl std::fmt::Debug for Objects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the objects of a cluster")
    }
}

/// Which rules are judged, and what counts.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Rules")]
pub struct Selection {
    /// Judge these rules only
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = RuleName, hide_possible_values = true)]
    pub only: Vec<String>,

    /// Leave these rules out
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = RuleName, hide_possible_values = true)]
    pub skip: Vec<String>,

    /// The least bad finding that makes exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    pub fail_on: FailOn,

    /// What undecided rules mean for the exit code: `allow` never gives 3, `strict` counts declined evidence too
    #[arg(long, value_name = "HOW")]
    pub undecided: Option<Undecided>,

    /// Show notes too
    #[arg(long)]
    pub pedantic: bool,

    /// Heed no ignores, neither those in comments nor those of the settings file
    #[arg(long)]
    pub no_ignores: bool,
}

/// How the provider is asked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Asking the provider")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Asking {
    /// Ask nobody: judge what the configuration alone can tell
    #[arg(long, conflicts_with_all = ["replay", "record", "deployed"])]
    pub offline: bool,

    /// Also ask a running Pomerium, by the https address of a route of it, what it sends: at most five requests; judged for itself, and
    /// compared with the configuration that has this host. May be repeated
    #[arg(long, value_name = "URL")]
    pub deployed: Vec<String>,

    /// Ask nobody unless this is the user pool, such as eu-west-1_9xK2mPq7R; another one is an error. May be repeated
    #[arg(long, value_name = "ID", value_parser = pool)]
    pub pool: Vec<String>,

    /// Also ask the API of AWS, with your credentials, for the exact settings of the pool and its clients: at most nine calls that read
    #[arg(long, conflicts_with = "offline")]
    pub aws: bool,

    /// Also ask whether the client secret is right: sends it, over TLS, to the pool's own login domain
    #[arg(long)]
    pub probe_secret: bool,

    /// Also ask whether the sign-out URL is registered
    #[arg(long)]
    pub probe_sign_out: bool,

    /// Keep what the provider answered, redacted, in this folder
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,

    /// Judge a recording instead of asking
    #[arg(long, value_name = "DIR", conflicts_with = "record")]
    pub replay: Option<PathBuf>,

    /// How a host is reached.
    #[command(flatten)]
    pub reach: Reach,

    /// Let the secret probe send the secret to this host (a custom login domain)
    #[arg(long, value_name = "HOST")]
    pub secret_to: Vec<String>,

    /// Ask up to SECONDS long again whether what Cognito refuses is known by now: a change takes a minute or two to be everywhere
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = patience)]
    pub wait: Duration,

    /// Seconds to wait for each answer
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub timeout: Duration,
}

/// How a host is reached, whoever asks.
#[derive(Clone, Debug, Default, Args)]
pub struct Reach {
    /// Trust the certificates in this PEM file too
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,

    /// Connect to ADDR:PORT instead of HOST:PORT, as curl does; an empty HOST or PORT matches any
    #[arg(long, value_name = "HOST:PORT:ADDR:PORT")]
    pub connect_to: Vec<String>,

    /// Ask this host although it is not one of Cognito's
    #[arg(long, value_name = "HOST")]
    pub allow_host: Vec<String>,
}

/// How the report looks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Report")]
pub struct Showing {
    /// The form of the report
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: report::Format,

    /// How much is shown.
    #[command(flatten)]
    pub amount: Amount,
}

/// How much is shown.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Report")]
pub struct Amount {
    /// Findings only; nothing if all is well
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Every exchange, and every rule with its verdict
    #[arg(short, long)]
    pub verbose: bool,
}

/// Where else the report goes, and which findings were there before.
#[derive(Debug, Args)]
#[command(next_help_heading = "Report")]
pub struct Filing {
    /// Write the report to a file too, in any form; may be repeated
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output)]
    pub output: Vec<Output>,

    /// Accept the findings in this file: they are listed and counted, and do not make exit code 1
    #[arg(long, value_name = "FILE", conflicts_with = "write_baseline")]
    pub baseline: Option<PathBuf>,

    /// Accept today's findings: write them to this file, for --baseline
    #[arg(long, value_name = "FILE", value_parser = baseline)]
    pub write_baseline: Option<PathBuf>,
}

/// A file that takes the report.
#[derive(Clone, Debug)]
pub struct Output {
    /// The form of the report.
    pub format: report::Format,
    /// The file.
    pub file: PathBuf,
}

/// `pomlint show`
#[derive(Debug, Args)]
pub struct Show {
    /// The Pomerium configuration, or the address of a running Pomerium, which is asked; without it, the environment alone
    #[arg(value_name = "CONFIG|URL")]
    pub config: Option<PathBuf>,

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
    /// The Pomerium configuration; without it, the environment alone
    #[arg(value_name = "CONFIG")]
    pub config: Option<PathBuf>,

    /// Where settings come from besides the file.
    #[command(flatten)]
    pub reading: Reading,

    /// The form of the answer
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: SetupFormat,
}

/// `pomlint fix`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing to correct, or with --write all was corrected and judged again · 1 a difference was \
                  printed; with --write, something was put back or refused · 2 cannot start.\n\
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
    #[arg(value_name = "CONFIG")]
    pub config: PathBuf,

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
                  Secrets, codes, states and tokens in what you paste are never shown again."
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

/// `FORMAT=FILE`.
fn output(text: &str) -> Result<Output, String> {
    let (name, file) = text
        .split_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or("write FORMAT=FILE, such as sarif=pomlint.sarif")?;
    if file == "-" {
        return Err(format!("standard output is for --format {name}"));
    }
    let format = report::format(name).copied().ok_or_else(|| {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        format!("there is no format `{name}`; there are {}", names.join(", "))
    })?;
    Ok(Output { format, file: PathBuf::from(file) })
}

/// A file that a baseline is written to.
fn baseline(text: &str) -> Result<PathBuf, String> {
    if text == "-" {
        return Err("standard output is for the report; name a file".to_owned());
    }
    Ok(PathBuf::from(text))
}

/// At most ten minutes.
fn patience(text: &str) -> Result<Duration, String> {
    whole_seconds(text, 0..=600)
}

/// A code is good for five minutes.
fn waiting(text: &str) -> Result<Duration, String> {
    whole_seconds(text, 1..=300)
}

fn whole_seconds(text: &str, range: RangeInclusive<u64>) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| range.contains(seconds)).map(Duration::from_secs);
    seconds.ok_or_else(|| format!("give the seconds as a whole number from {} to {}", range.start(), range.end()))
}

/// The ID of a user pool.
pub(crate) fn pool(text: &str) -> Result<String, String> {
    match region_of_pool(text) {
        Some(_) => Ok(text.to_owned()),
        None => {
            Err("the ID of a user pool is a region, an underscore and letters, such as eu-west-1_9xK2mPq7R".to_owned())
        }
    }
}

/// At least a tenth of a second and at most ten minutes: anything else is a slip of the finger.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.1..=600.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err("give the seconds as a number from 0.1 to 600".to_owned()),
    }
}
