//! What a user may have seen, as cards: grouped by where it was seen, each with the rules that explain it, the surest first.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use pomlint::diagnose::{causes, read_text};
use pomlint::page::Strength;
use pomlint::rules::{RULES, Stage};

/// Where things are seen, in the order in which they are looked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Address,
    Browser,
    Cognito,
    Pomerium,
    Provider,
    Kubernetes,
    Terminal,
    Log,
    /// In whatever log or answer; about this stage of the login.
    Elsewhere(Stage),
    /// In whatever log or answer; about what no rule judges.
    Unjudged,
}

impl Place {
    fn heading(self) -> String {
        let heading = match self {
            Self::Elsewhere(stage) => return format!("In a log or an answer, about: {}", stage.name()),
            Self::Unjudged => "In a log or an answer, about what no rule judges",
            Self::Address => "In the address bar",
            Self::Browser => "On a page of the browser itself",
            Self::Cognito => "On a page of Cognito",
            Self::Pomerium => "On a page of Pomerium, or of a proxy",
            Self::Provider => "On a page of Entra, Google, Okta or another identity provider",
            Self::Kubernetes => "In an event of Kubernetes",
            Self::Terminal => "On a terminal: Terraform, the AWS CLI, curl",
            Self::Log => "In Pomerium's log",
        };
        heading.to_owned()
    }

    /// Where a text is seen, by whose it is; else by what it is about.
    fn of(symptom: &str, stage: Option<Stage>) -> Self {
        let is_address = symptom.starts_with("http") || (symptom.starts_with(['/', '?']) && symptom.contains('?'));
        if is_address {
            return Self::Address;
        }
        let seen = read_text(symptom, 0);
        let by =
            seen.iter().flat_map(|seen| &seen.sightings).find_map(|sighting| sighting.place).map(|place| &place.by);
        match by.map(String::as_str) {
            Some("the browser" | "a redirect loop") => Self::Browser,
            Some("Cognito's error page" | "Cognito's login page" | "Cognito's sign-out" | "CloudFront") => {
                Self::Cognito
            }
            Some("Pomerium's error page" | "Envoy, the proxy in Pomerium" | "a proxy in front of Pomerium") => {
                Self::Pomerium
            }
            Some(
                "Microsoft Entra" | "Google" | "Okta" | "Auth0" | "Keycloak" | "GitHub" | "another identity provider",
            ) => Self::Provider,
            Some("Kubernetes") => Self::Kubernetes,
            Some("curl" | "Terraform" | "CloudFormation" | "the AWS CLI" | "the Cognito API") => Self::Terminal,
            Some(by) if by.starts_with("Pomerium") => Self::Log,
            _ => stage.map_or(Self::Unjudged, Self::Elsewhere),
        }
    }
}

/// What explains a text: how surely, at which stage, and the line of the card.
type Explained = Vec<(Strength, Option<Stage>, String)>;

/// The cards, folded by where the texts were seen.
///
/// # Errors
/// If a rule page is malformed.
pub(crate) fn cards() -> io::Result<String> {
    let mut places: BTreeMap<Place, Vec<(String, Explained)>> = BTreeMap::new();
    for (symptom, mut causes) in explained()? {
        causes.sort_by_key(|(strength, ..)| Reverse(*strength));
        let stage = causes.first().and_then(|(_, stage, _)| *stage);
        places.entry(Place::of(&symptom, stage)).or_default().push((symptom, causes));
    }
    let mut text = String::new();
    for (place, mut symptoms) in places {
        symptoms.sort_by_key(|(symptom, _)| letters(symptom));
        let _ =
            write!(text, "<details class=\"symptoms\"><summary>{} ({})</summary>\n\n", place.heading(), symptoms.len());
        for (symptom, causes) in symptoms {
            let causes: Vec<String> = causes.into_iter().map(|(.., cause)| cause).collect();
            let _ = writeln!(text, "- {}\\\n  {}", code(&symptom), causes.join("\\\n  "));
        }
        text += "\n</details>\n\n";
    }
    Ok(text)
}

fn explained() -> io::Result<BTreeMap<String, Explained>> {
    let mut explained: BTreeMap<String, Explained> = BTreeMap::new();
    for rule in RULES.iter() {
        for symptom in super::page(rule)?.front.symptoms.into_iter().filter(|symptom| !symptom.is_said) {
            let cause = format!("[{name}](rules/{name}.md), {}", symptom.strength.name(), name = rule.name);
            explained.entry(symptom.text).or_default().push((symptom.strength, Some(rule.stage), cause));
        }
    }
    for cause in causes() {
        for symptom in cause.symptoms.iter().filter(|symptom| !symptom.is_said) {
            let named = format!("[{name}](causes/{name}.md), {}", symptom.strength.name(), name = cause.name);
            explained.entry(symptom.text.clone()).or_default().push((symptom.strength, None, named));
        }
    }
    Ok(explained)
}

/// What a text is sorted by: nobody looks for the quotes around it.
fn letters(symptom: &str) -> String {
    symptom.to_lowercase().chars().filter(|character| character.is_alphanumeric() || *character == ' ').collect()
}

/// A text as code.
pub(crate) fn code(text: &str) -> String {
    let fence = if text.contains('`') { "``" } else { "`" };
    format!("{fence}{text}{fence}")
}
