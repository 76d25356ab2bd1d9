//! Samples beside what is deployed: whoever takes one fills it in, and until then it configures nothing.

use crate::config::forms::recognise::{GivenBy, Shape};
use crate::config::text::{ValueKind, classify, is_sample};

/// Folders of what is shown, and not deployed.
const SHOWN: [&str; 8] = ["example", "examples", "sample", "samples", "doc", "docs", "fixtures", "testdata"];

/// A file, as far as it tells whether it is a sample.
pub(super) struct Candidate<'a> {
    pub(super) name: &'a str,
    pub(super) shape: Shape,
    pub(super) text: &'a str,
    /// Nobody named it.
    pub(super) found: bool,
}

/// Which of these are samples that nobody named and that still wait for values. Where nothing else is Pomerium's, they are what was meant.
pub(super) fn waiting(files: &[Candidate<'_>]) -> Vec<bool> {
    let is_other = files.iter().any(|file| is_ours(file) && !is_shown(file.name));
    files.iter().map(|file| is_other && file.found && is_ours(file) && waits(file.name, file.text)).collect()
}

/// Whether what a file is depends on others: it is left out where there is something else.
pub(super) fn may_be_left_out(name: &str, by: GivenBy) -> bool {
    by == GivenBy::Folder && is_shown(name)
}

fn is_ours(file: &Candidate<'_>) -> bool {
    match file.shape {
        Shape::Config | Shape::Environment | Shape::Helm => true,
        Shape::Compose | Shape::Kubernetes | Shape::Policy => file.text.contains("omerium"),
        Shape::Other(_) | Shape::Unknown(_) | Shape::Encrypted(_) => false,
    }
}

/// A sample by its own name, or by that of a folder.
fn is_shown(name: &str) -> bool {
    is_sample(name) || is_in_folder(name)
}

fn is_in_folder(name: &str) -> bool {
    let folders = name.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').any(|folder| SHOWN.contains(&folder))
}

/// Whether a sample has values that somebody is to fill in. What lies in a folder of examples may be deployed from there, with
/// references that are filled in on the way.
fn waits(name: &str, text: &str) -> bool {
    let is_open = |value: &str| match classify(value) {
        ValueKind::Literal => value.contains("{{"),
        ValueKind::Unfilled => true,
        ValueKind::Reference => is_sample(name) || value.contains("{{"),
    };
    is_shown(name) && text.lines().any(|line| is_open(value_of(line)))
}

/// What a line gives to a name, without a comment.
fn value_of(line: &str) -> &str {
    let line = line.trim().trim_start_matches("- ");
    let line = if line.starts_with('#') { "" } else { line.split(" #").next().unwrap_or(line) };
    let divider = line.find(": ").map(|at| at + 1).or_else(|| line.find('='));
    divider.map_or(line, |at| line[at + 1..].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_waits_for_values_where_its_name_says_so() {
        for (name, text, expected) in [
            ("config.template.yaml", "idp_provider_url: {{ issuer }}\n", true),
            ("config.tpl.yaml", "idp_provider_url: ${ISSUER}\n", true),
            ("config.dist.yaml", "idp_client_id: REPLACE_ME # yours\n", true),
            ("config.example.yaml", "idp_client_id: YOUR_CLIENT_ID\n", true),
            ("a/examples/config.yaml", "- IDP_CLIENT_ID=REPLACE_ME\n", true),
            (
                "docs/pomerium.yaml",
                "idp_provider_url: https://cognito-idp.us-east-1.amazonaws.com/us-east-1_EXAMPLE\n",
                true,
            ),
            ("tests/fixtures/config.yaml", "idp_provider_url: https://x/us-east-1_xxxxxxxxx\n", true),
            ("config.example.yaml", "idp_provider: cognito\n# idp_client_id: REPLACE_ME\n", false),
            ("examples/compose.yaml", "- IDP_CLIENT_SECRET=${SECRET}\n", false),
            ("config.yaml", "idp_client_id: REPLACE_ME\n", false),
            ("district/config.yaml", "idp_client_id: REPLACE_ME\n", false),
        ] {
            assert_eq!(waits(name, text), expected, "{name}: {text}");
        }
    }
}
