//! Where AWS's tools look for settings: the environment, and two files of profiles.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::disk::{self, Unread};

/// Longer files are none of AWS's, in bytes.
pub(super) const LONGEST: usize = 1 << 20;

/// Names with values, of which some are secrets. A name below another one has a dot between: `cognito_identity_provider.endpoint_url`.
pub(super) type Section = BTreeMap<String, Zeroizing<String>>;

/// The time by the local clock, in seconds since 1970.
pub(in crate::evidence) fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Looks a variable up.
type Variables = Box<dyn Fn(&str) -> Option<String>>;

/// What a process is given.
pub(super) struct Environment {
    pub(super) variable: Variables,
    /// How long an answer is waited for.
    pub(super) patience: Duration,
}

impl Environment {
    /// That of this process.
    pub(super) fn of_process(patience: Duration) -> Self {
        Self { variable: Box::new(|name| std::env::var(name).ok()), patience }
    }

    /// A variable that is set, and not to nothing.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// A file below the user's folder of AWS.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        let home = self.get("HOME").or_else(|| self.get("USERPROFILE"))?;
        Some(Path::new(&home).join(".aws"))
    }

    fn file(&self, variable: &str, name: &str) -> Option<PathBuf> {
        let named = self.get(variable).map(|path| self.at_home(&path));
        named.or_else(|| Some(self.folder()?.join(name)))
    }

    /// A path as a shell would take it.
    pub(super) fn at_home(&self, path: &str) -> PathBuf {
        let rest = path.strip_prefix("~/").zip(self.get("HOME"));
        rest.map_or_else(|| PathBuf::from(path), |(rest, home)| Path::new(&home).join(rest))
    }
}

/// The profiles, the SSO sessions and the services of both files.
#[derive(Default)]
pub(super) struct Profiles {
    sections: BTreeMap<String, Section>,
}

impl Profiles {
    /// Reads both files, as far as they are there. What the credentials file says of a profile outweighs the other.
    ///
    /// # Errors
    /// If one of them is there and cannot be read.
    pub(super) fn read(environment: &Environment) -> Result<Self, String> {
        let mut profiles = Self::default();
        let config = environment.file("AWS_CONFIG_FILE", "config");
        let credentials = environment.file("AWS_SHARED_CREDENTIALS_FILE", "credentials");
        for (path, is_config) in [(config, true), (credentials, false)] {
            let Some(path) = path else { continue };
            match disk::read_named(&path, LONGEST) {
                Ok(bytes) => profiles.add(&Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()), is_config),
                Err(Unread::NotFound) => {}
                Err(why) => return Err(format!("{}: {why}", path.display())),
            }
        }
        Ok(profiles)
    }

    fn add(&mut self, text: &str, is_config: bool) {
        let mut section: Option<String> = None;
        let mut parent = String::new();
        for line in text.trim_start_matches('\u{feff}').lines() {
            let written = line.trim();
            if written.is_empty() || written.starts_with(['#', ';']) {
                continue;
            }
            if let Some(name) = written.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                section = named(name.0.trim(), is_config);
                parent.clear();
                continue;
            }
            let (Some(section), Some((name, value))) = (&section, written.split_once('=')) else { continue };
            let (name, value) = (name.trim().to_ascii_lowercase(), without_comment(value));
            let is_nested = line.starts_with([' ', '\t']) && !parent.is_empty();
            let full = if is_nested { format!("{parent}.{name}") } else { name.clone() };
            if !is_nested {
                parent = if value.is_empty() { name } else { String::new() };
            }
            self.sections.entry(section.clone()).or_default().insert(full, Zeroizing::new(value.to_owned()));
        }
    }

    /// A profile.
    pub(super) fn profile(&self, name: &str) -> Option<&Section> {
        self.sections.get(&format!("profile {name}"))
    }

    /// A section `[sso-session NAME]`.
    pub(super) fn session(&self, name: &str) -> Option<&Section> {
        self.sections.get(&format!("sso-session {name}"))
    }

    /// A section `[services NAME]`.
    pub(super) fn services(&self, name: &str) -> Option<&Section> {
        self.sections.get(&format!("services {name}"))
    }

    /// The names of the profiles.
    pub(super) fn names(&self) -> Vec<&str> {
        self.sections.keys().filter_map(|name| name.strip_prefix("profile ")).collect()
    }
}

/// A section under one name, however it is written: in the config file profiles say that they are some, in the other they do not.
fn named(written: &str, is_config: bool) -> Option<String> {
    if !is_config {
        return Some(format!("profile {written}"));
    }
    match words(written)?.as_slice() {
        [only] if only == "default" => Some("profile default".to_owned()),
        [kind, name] if ["profile", "sso-session", "services"].contains(&kind.as_str()) => {
            Some(format!("{kind} {name}"))
        }
        _ => None,
    }
}

/// The words of a command or of the head of a section, as AWS's tools take them apart: by spaces, outside of double or single
/// quotes.
pub(super) fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let (mut word, mut quote): (Option<String>, Option<char>) = (None, None);
    for letter in text.chars() {
        match quote {
            Some(open) if letter == open => quote = None,
            None if matches!(letter, '"' | '\'') => {
                word.get_or_insert_default();
                quote = Some(letter);
            }
            None if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// A value without the comment behind it, which white space sets apart.
fn without_comment(value: &str) -> &str {
    let value = value.trim();
    let comment = [" #", " ;", "\t#", "\t;"].iter().filter_map(|mark| value.find(mark)).min();
    value.get(..comment.unwrap_or(value.len())).unwrap_or(value).trim_end()
}

/// What the user has set for a section, if it is not nothing.
pub(super) fn text<'s>(section: &'s Section, name: &str) -> Option<&'s str> {
    section.get(name).map(|value| value.as_str()).filter(|value| !value.is_empty())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_written_in_two_ways_and_the_credentials_file_wins() {
        let mut profiles = Profiles::default();
        profiles.add(
            "[default]\nregion = eu-west-1 # here\n[profile a]\naws_access_key_id=one\nservices = s\n\n[services s]\n\
             cognito_identity_provider =\n  endpoint_url = http://localhost:1\n[b]\nx = 1\n[profile \"my own\"]\nx = 1\n[profile no one]\nx = 1\n[sso-session my]\nsso_region = us-east-1\n",
            true,
        );
        profiles.add("; old\n[a]\naws_access_key_id = two\n[c]\nAWS_Secret_Access_Key=x#y\n", false);
        assert_eq!(profiles.names(), ["a", "c", "default", "my own"]);
        let a = profiles.profile("a").unwrap();
        assert_eq!((text(a, "aws_access_key_id"), text(a, "services")), (Some("two"), Some("s")));
        assert_eq!(text(profiles.profile("default").unwrap(), "region"), Some("eu-west-1"));
        assert_eq!(text(profiles.profile("c").unwrap(), "aws_secret_access_key"), Some("x#y"));
        assert_eq!(
            text(profiles.services("s").unwrap(), "cognito_identity_provider.endpoint_url"),
            Some("http://localhost:1")
        );
        assert_eq!(text(profiles.session("my").unwrap(), "sso_region"), Some("us-east-1"));
    }

    #[test]
    fn a_command_is_taken_apart_as_the_aws_cli_does() {
        let apart = |command: &str| words(command).map(|words| words.join("|"));
        assert_eq!(apart(r#"/opt/a b "c d" 'e "f"' """#).as_deref(), Some(r#"/opt/a|b|c d|e "f"|"#));
        assert_eq!(apart(r#"C:\x\y.exe -z"#).as_deref(), Some(r"C:\x\y.exe|-z"));
        assert_eq!(apart("a \"b"), None);
    }
}
