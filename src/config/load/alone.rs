//! Which files need no other: a thousand of them can be read one after another.

use super::samples::may_be_left_out;
use crate::config::forms::recognise::{GivenBy, Shape, recognise};
use crate::config::text::{RawFile, SourceKind, Sources, add};

/// Whether a file is a deployment of its own, or none, whatever else is named: it need not be read together with others.
pub fn stands_alone(file: &RawFile, by: GivenBy) -> bool {
    let mut sources = Sources::default();
    let source = add(&mut sources, file, SourceKind::File);
    match recognise(&sources, source, by) {
        _ if may_be_left_out(&file.name, by) => false,
        // Names in one are looked up in others, and variables may be given with a file that lies beside them.
        Shape::Environment | Shape::Compose | Shape::Kubernetes | Shape::Helm => false,
        Shape::Config | Shape::Policy | Shape::Other(_) | Shape::Unknown(_) | Shape::Encrypted(_) => {
            !sources.get(source).is_some_and(|source| names_a_part(&source.text))
        }
    }
}

/// Whether a text may say which part of Pomerium is run (`services`): the parts of one deployment are each other's peers.
pub fn names_a_part(text: &str) -> bool {
    const KEY: &str = "services";
    // A letter may be written by its number, or a name in two lines.
    if ["\\u", "\\U", "\\x", "\\\n", "\\\r"].iter().any(|escape| text.contains(escape)) {
        return true;
    }
    let of_a_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b's', b'S', bytes).any(|at| {
        let end = at + KEY.len();
        let is_key = bytes.get(at..end).is_some_and(|word| word.eq_ignore_ascii_case(KEY.as_bytes()))
            && !bytes.get(..at).and_then(<[u8]>::last).is_some_and(of_a_word);
        let behind = text
            .get(end..)
            .filter(|_| is_key)
            .map(|behind| behind.trim_start_matches(['"', '\'', ' ', '\t', '\r', '\n']));
        let Some(value) = behind.and_then(|behind| behind.strip_prefix([':', '='])) else { return false };
        // Which is what it does without.
        let value = value.trim_start_matches(['"', '\'', ' ', '\t']).strip_prefix("all");
        value.is_none_or(|rest| rest.bytes().next().is_some_and(|byte| of_a_word(&byte) || byte == b','))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_names_itself() {
        for text in [
            "services: proxy",
            "a: b\nServices: authenticate\n",
            "SERVICES=authorize",
            "{\"services\": \"databroker\"}",
            "services = \"proxy\"",
            "{services: proxy}",
            "? services\n: proxy",
            "services: ${PART}",
            "services: all,proxy",
            "services: alle",
            "\"\\u0073ervices\": proxy",
            "'services'\n: proxy",
        ] {
            assert!(names_a_part(text), "{text}");
        }
        for text in [
            "services: all",
            "services: \"all\"\nroutes: []",
            "SERVICES=all\nIDP_PROVIDER=cognito",
            "{\"services\": \"all\"}",
            "from: https://services.corp.example.com",
            "my-services: proxy",
            "# all of the services, and more",
        ] {
            assert!(!names_a_part(text), "{text}");
        }
    }

    #[test]
    fn what_names_others_does_not_stand_alone() {
        let stands = |name: &str, text: &str| {
            stands_alone(&RawFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() }, GivenBy::Folder)
        };
        assert!(stands("a.yaml", "idp_provider: cognito\n") && stands("a.json", "{}") && stands("a.toml", "[x"));
        assert!(!stands("a.yaml", "apiVersion: v1\nkind: Secret\n"));
        assert!(!stands("compose.yaml", "services: {pomerium: {image: pomerium/pomerium}}"));
        assert!(!stands("a.yaml", "idp_provider: cognito\nservices: proxy\n"));
    }
}
