//! Flags that several commands have, in the groups in which `--help` shows them.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::choices::{FailOn, RuleName, Shard, Undecided};
use super::values::{Output, baseline, output, patience, pool, seconds};
use crate::config::{GivenValue, PomeriumVersion, RawFile};
use crate::report;

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

/// Which deployment is meant, where there are several.
#[derive(Debug, Default, Args)]
pub struct Which {
    /// The deployment, by the name that check shows, where the files hold several; without it, the first
    #[arg(long, value_name = "NAME")]
    pub deployment: Option<String>,
}

/// What a cluster shows of a namespace; it may hold secrets, and is never shown as it is.
#[derive(Clone)]
pub struct Objects {
    /// Each object as a file, `secrets/pomerium.yaml`.
    pub files: Vec<RawFile>,
    /// The kinds that it does not show.
    pub denied: Vec<&'static str>,
}

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

    /// Also ask the API of AWS, with your credentials, for the exact settings of the pool and its clients: at most nine calls for each client,
    /// which only read
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
