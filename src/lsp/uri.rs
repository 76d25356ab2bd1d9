//! What a document is called.

use percent_encoding::percent_decode_str;

/// The endings that tell a format, and what editors call the language.
const FORMATS: [(&str, &str); 5] =
    [("yaml", "yaml"), ("yml", "yaml"), ("json", "json"), ("toml", "toml"), ("env", "dotenv")];

/// The name of a document: the path of a file, on Windows without the slash before the drive; of one that was never saved, what the
/// editor calls it. If no ending tells its format, the language does.
pub(super) fn name(uri: &str, language: &str) -> String {
    let path = uri.strip_prefix("file://").map(|rest| rest.find('/').map_or(rest, |slash| &rest[slash..]));
    let path = path.unwrap_or_else(|| uri.split_once(':').map_or(uri, |(_, rest)| rest));
    let path = percent_decode_str(path).decode_utf8_lossy();
    let bytes = path.as_bytes();
    let has_drive = bytes.first() == Some(&b'/') && bytes.get(2) == Some(&b':');
    let path = if has_drive { &path[1..] } else { &path };
    let ending = path.rsplit(['/', '\\']).next().and_then(|file| file.rsplit_once('.')).map(|(_, ending)| ending);
    if ending.is_some_and(|ending| FORMATS.iter().any(|(known, _)| *known == ending)) {
        return path.to_owned();
    }
    let known = FORMATS.iter().find(|(_, known)| *known == language || language == "helm" && *known == "yaml");
    known.map_or_else(|| path.to_owned(), |(ending, _)| format!("{path}.{ending}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_called_what_its_owner_calls_it() {
        for (uri, language, expected) in [
            ("file:///home/a%20b/pomerium.yaml", "yaml", "/home/a b/pomerium.yaml"),
            ("file:///c%3A/Users/x/pomerium.yaml", "yaml", "c:/Users/x/pomerium.yaml"),
            ("file:///C:/Users/x/conf", "toml", "C:/Users/x/conf.toml"),
            ("file://server/share/x.yml", "yaml", "/share/x.yml"),
            ("untitled:Untitled-1", "yaml", "Untitled-1.yaml"),
            ("untitled:Untitled-1", "plaintext", "Untitled-1"),
            ("file:///x/values.yaml", "helm", "/x/values.yaml"),
            ("nonsense", "json", "nonsense.json"),
            ("file:///%ff/x.json", "json", "/\u{fffd}/x.json"),
        ] {
            assert_eq!(name(uri, language), expected, "{uri}");
        }
    }
}
