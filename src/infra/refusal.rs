//! Why a file is no infrastructure code that is read here, and what to run instead.

use crate::disk::Unread;

/// What makes a plan that is read.
const PLAN: &str =
    "run `terraform plan -out=tfplan && terraform show -json tfplan > plan.json` and give plan.json (`tofu` likewise)";

/// Why a file was not read. The name of the file is for whoever shows it.
#[derive(Debug, thiserror::Error)]
pub enum NotCode {
    /// The operating system's reason, or ours.
    #[error("{0}")]
    Unread(#[from] Unread),
    /// The plan as Terraform stores it.
    #[error(
        "it is a plan in Terraform's own binary form; run `terraform show -json FILE > plan.json` and give plan.json (`tofu` likewise)"
    )]
    BinaryPlan,
    /// What `terraform plan` prints.
    #[error("it is what `terraform plan` prints for people; {PLAN}")]
    PlanForPeople,
    /// What `terraform plan -json` prints.
    #[error("it is the log of `terraform plan -json`, which has no values; {PLAN}")]
    PlanLog,
    /// Terraform's sources.
    #[error("it is Terraform's source, in which the values are not computed yet; {PLAN}")]
    TerraformSource,
    /// The configuration, without a plan.
    #[error("it is Terraform's configuration alone, in which the values are not computed yet; {PLAN}")]
    Configuration,
    /// What another command of Terraform prints.
    #[error("it is what `terraform {0}` prints, and says nothing of a client; {PLAN}")]
    OtherOutput(&'static str),
    /// A file of the Serverless framework that names others.
    #[error(
        "it is a file of the Serverless framework whose resources stand in other files; run `serverless package` and give .serverless/cloudformation-template-update-stack.json"
    )]
    ServerlessFiles,
    /// Values of variables.
    #[error("it holds values of Terraform's variables and no resources; {PLAN}")]
    TerraformVariables,
    /// Terragrunt's.
    #[error(
        "it is a file of Terragrunt; run `terragrunt plan -out=tfplan && terragrunt show -json tfplan > plan.json`"
    )]
    Terragrunt,
    /// The CDK's sources.
    #[error("it belongs to the source of a CDK app; run `cdk synth` and give cdk.out/STACK.template.json")]
    CdkSource,
    /// The source of a program.
    #[error(
        "it is the source of a program, which is not run here; of a CDK app, run `cdk synth` and give cdk.out/STACK.template.json"
    )]
    Program,
    /// What `cdk synth` writes beside its templates.
    #[error("it describes what `cdk synth` wrote; give the template itself, cdk.out/STACK.template.json")]
    CdkManifest,
    /// Pulumi's.
    #[error(
        "it is Pulumi's; it is not read, `pulumi stack export` neither: a check without --offline, or with --aws, sees the client as it is"
    )]
    Pulumi,
    /// `OpenTofu` has encrypted it.
    #[error("it is encrypted by OpenTofu; run `tofu show -json > state.json` where the key is, and give state.json")]
    Encrypted,
    /// A version of the form that is newer, or older, than all that are known.
    #[error("it has the form {form} {version}, and only {known} is read; {instead}")]
    Version {
        /// `format_version` or `version`.
        form: &'static str,
        /// As written, if that is a version.
        version: String,
        /// What is known.
        known: &'static str,
        /// What to do.
        instead: &'static str,
    },
    /// A file of somebody else.
    #[error(
        "it is {0}, and no plan, state or template; name the output of `terraform show -json` or a template of CloudFormation"
    )]
    SomethingElse(&'static str),
    /// A folder with something that could be meant.
    #[error("it is a folder; {0}")]
    Folder(String),
    /// It stops being JSON or YAML.
    #[error("it cannot be read as {language}: {words}{place}")]
    Broken {
        /// JSON or YAML.
        language: &'static str,
        /// The reader's words.
        words: String,
        /// ` (line 3, column 7)`, or nothing.
        place: String,
    },
    /// It is no text.
    #[error("it is no text in UTF-8 or UTF-16")]
    NoText,
    /// Nothing that is known.
    #[error(
        "it is no plan, state or template; name the output of `terraform show -json` or a template of CloudFormation"
    )]
    Unknown,
}

impl NotCode {
    /// Another version of a form. What is no version may be anything, and is not repeated.
    pub(super) fn version(form: &'static str, written: &str, known: &'static str, instead: &'static str) -> Self {
        let bare = written.trim_matches('"');
        let is_version = bare.len() <= 16 && bare.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let version = if is_version { bare } else { "that is no number" }.to_owned();
        Self::Version { form, version, known, instead }
    }
}
