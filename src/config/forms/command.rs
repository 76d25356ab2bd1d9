//! The words that start a container with a Pomerium in it: which configuration file they name, and whether Pomerium's own program is
//! all that they start.

/// Where the image's own command lets Pomerium look (`Dockerfile`).
pub(in crate::config) const USUAL: &str = "/pomerium/config.yaml";

/// What the words of a command come to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::config) struct Start {
    /// The configuration file that they name.
    pub(in crate::config) config: Option<String>,
    /// What starts Pomerium, in words fit for a report, if that may set variables and write files of which nobody here knows.
    pub(in crate::config) by: Option<String>,
    /// There are none: what the image brings along starts.
    pub(in crate::config) is_of_image: bool,
}

/// What starts another program and gives it what it was given itself.
const PLAIN: [&str; 7] = ["catatonit", "dumb-init", "env", "gosu", "su-exec", "tini", "tini-static"];

/// Of these, what takes the name of a user first.
const AS_USER: [&str; 2] = ["gosu", "su-exec"];

/// What reads the program that it runs from an argument.
const SHELLS: [&str; 6] = ["ash", "bash", "dash", "ksh", "sh", "zsh"];

impl Start {
    /// The configuration file that Pomerium reads: the one that is named, or that of the image's own command, as which a script mostly
    /// ends; none if Pomerium's program is started without one.
    pub(in crate::config) fn path(&self) -> Option<&str> {
        let is_usual = self.is_of_image || self.by.is_some();
        self.config.as_deref().or_else(|| is_usual.then_some(USUAL))
    }

    /// Reads the words in their order: those of the entry point, and behind them their arguments.
    pub(in crate::config) fn of(words: &[String]) -> Self {
        let Some(first) = words.first() else { return Self { is_of_image: true, ..Self::default() } };
        if let Some(script) = script(words) {
            // What acts on a shell, besides the words that it takes as they are.
            let does_more = script.contains(['$', '`', ';', '&', '|', '<', '>', '\n']);
            let is_between = |sign: char| sign.is_whitespace() || "\"';&|()".contains(sign);
            let words: Vec<&str> = script.split(is_between).filter(|word| !word.is_empty()).collect();
            let is_pomerium = words.iter().find(|word| **word != "exec").is_some_and(|word| is_pomerium(word));
            return Self {
                // What the shell puts in is not known.
                config: flag(&words, "config").filter(|path| !path.contains(['$', '`'])).map(str::to_owned),
                by: (does_more || !is_pomerium).then(|| "the shell command that starts Pomerium".to_owned()),
                is_of_image: false,
            };
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let is_user = |at: usize| at.checked_sub(1).is_some_and(|before| AS_USER.contains(&program(words[before])));
        let runs_pomerium = || words.iter().enumerate().any(|(at, word)| is_pomerium(word) && !is_user(at));
        let is_own = first.starts_with('-') || is_pomerium(first) || PLAIN.contains(&program(first)) && runs_pomerium();
        Self {
            config: flag(&words, "config").map(str::to_owned),
            by: (!is_own).then(|| format!("`{first}`, which starts Pomerium")),
            is_of_image: false,
        }
    }
}

/// What stands behind a flag: `--config PATH`, `-config=PATH`.
pub(in crate::config) fn flag<'w>(words: &[&'w str], name: &str) -> Option<&'w str> {
    words.iter().enumerate().find_map(|(index, word)| {
        let option = word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?;
        match option.split_once('=') {
            Some((option, value)) => Some(value).filter(|_| option == name),
            None => words.get(index + 1).copied().filter(|_| option == name),
        }
    })
}

/// What a shell among the words is given to run: all that stands behind its `-c`, as compose's words are divided by every blank.
fn script(words: &[String]) -> Option<String> {
    let is_command = |word: &String| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
    let shell = words.iter().position(|word| SHELLS.contains(&program(word)))?;
    let flag = words.iter().skip(shell).position(is_command)?;
    Some(words.get(shell + flag + 1..)?.join(" "))
}

/// The name of a program, without the folder that it lies in.
fn program(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

fn is_pomerium(word: &str) -> bool {
    program(word) == "pomerium"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_starts_pomerium_and_with_which_file() {
        const SHELL: Option<&str> = Some("the shell command that starts Pomerium");
        for (words, config, by) in [
            (&["-config", "/a.yaml"][..], Some("/a.yaml"), None),
            (&["/bin/pomerium", "--config=/a.yaml"], Some("/a.yaml"), None),
            (&["/bin/pomerium"], None, None),
            (&["/usr/bin/dumb-init", "--", "pomerium", "-config", "/a.yaml"], Some("/a.yaml"), None),
            (&["env", "X=1", "pomerium", "-config", "/a.yaml"], Some("/a.yaml"), None),
            (&["gosu", "pomerium", "/bin/pomerium", "-config", "/a.yaml"], Some("/a.yaml"), None),
            (&["tini", "gosu", "pomerium", "/entry.sh"], None, Some("`tini`, which starts Pomerium")),
            (&["/entry.sh"], None, Some("`/entry.sh`, which starts Pomerium")),
            (
                &["/entry.sh", "pomerium", "-config", "/a.yaml"],
                Some("/a.yaml"),
                Some("`/entry.sh`, which starts Pomerium"),
            ),
            (&["sh", "-c", "exec /bin/pomerium -config /a.yaml"], Some("/a.yaml"), None),
            (&["sh", "-c", "exec", "pomerium", "--config=/a.yaml"], Some("/a.yaml"), None),
            (&["bash", "-ec", ". /vault/env && pomerium -config '/a.yaml'"], Some("/a.yaml"), SHELL),
            (&["/bin/sh", "-c", "export A=$(cat /b); pomerium --config /a.yaml"], Some("/a.yaml"), SHELL),
            (&["/bin/sh", "-c", "pomerium -config $CONFIG"], None, SHELL),
            (&["/bin/sh", "-c", "/entry.sh"], None, SHELL),
            (&["sh", "/entry.sh"], None, Some("`sh`, which starts Pomerium")),
        ] {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            let start = Start::of(&words);
            assert_eq!((start.config.as_deref(), start.by.as_deref()), (config, by), "{words:?}");
            assert!(!start.is_of_image);
        }
        assert_eq!(Start::of(&[]), Start { is_of_image: true, ..Start::default() });
    }
}
