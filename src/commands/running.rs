//! Running Pomeriums on the command line: which arguments are their URLs, and which configuration each is compared with.

use std::path::PathBuf;

use url::Url;

use super::StartError;
use crate::config::Config;

/// The URLs among the arguments and those of `--deployed`, in that order, each once. They are taken out of the arguments.
///
/// # Errors
/// If one cannot be asked: with what to type instead.
pub(super) fn urls(configs: &mut Vec<PathBuf>, deployed: &[String]) -> Result<Vec<Url>, StartError> {
    let (named, files): (Vec<PathBuf>, Vec<PathBuf>) = configs.drain(..).partition(|path| {
        let text = path.to_string_lossy();
        ["https://", "http://"]
            .iter()
            .any(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
    });
    *configs = files;
    if let Some(host) = configs.iter().find(|path| is_host(path)) {
        let host = host.display();
        let why = "a running Pomerium is named by its address";
        return Err(StartError::Option(format!(
            "there is no file {host}; {why}\n  try   pomlint check https://{host}"
        )));
    }
    let mut urls: Vec<Url> = Vec::new();
    for text in named.iter().map(|path| path.to_string_lossy().into_owned()).chain(deployed.iter().cloned()) {
        let url = parse(&text)?;
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    Ok(urls)
}

/// A host name that is no file: the address of a Pomerium was meant.
fn is_host(path: &std::path::Path) -> bool {
    let Some(text) = path.to_str().filter(|_| !path.exists()) else { return false };
    let labels: Vec<&str> = text.split('.').collect();
    let is_label =
        |label: &&str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let files =
        ["yaml", "yml", "json", "toml", "env", "dotenv", "tmpl", "tf", "txt", "lock", "conf", "cfg", "ini", "log"];
    labels.len() >= 3
        && labels.iter().all(is_label)
        && labels
            .last()
            .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_alphabetic()) && !files.contains(last))
}

fn parse(text: &str) -> Result<Url, StartError> {
    let refuse = |why: &str| Err(StartError::Option(format!("`{text}` cannot be asked: {why}")));
    if text.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
        return refuse("an address has no spaces or control characters");
    }
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(_) if !text.contains("://") => {
            return refuse(&format!("an address begins with https://\n  try   pomlint check https://{text}"));
        }
        Err(error) => return refuse(&error.to_string()),
    };
    let mut secure = url.clone();
    match url.scheme() {
        "https" => {}
        "http" if secure.set_scheme("https").is_ok() => {
            return refuse(&format!("only https is asked\n  try   pomlint check {secure}"));
        }
        _ => return refuse("an address begins with https://"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("it holds a user name or a password");
    }
    secure.set_fragment(None);
    Ok(secure)
}

/// The configuration of which a route or the authenticate service is at this host.
pub(super) fn beside(configs: &[Config], url: &Url) -> Option<usize> {
    configs.iter().position(|config| {
        let Some(settings) = &config.settings else { return false };
        let froms = settings.routes.iter().filter_map(|route| route.from.as_ref());
        let mut urls = froms.chain(settings.authenticate_service_url.as_ref());
        urls.any(|own| is_at(&own.value, url))
    })
}

/// Whether a URL of a configuration leads there; a star stands for one name or more.
fn is_at(own: &str, url: &Url) -> bool {
    let Ok(own) = Url::parse(own) else { return false };
    let (Some(own), Some(host)) = (own.host_str(), url.host_str()) else { return false };
    let is_below =
        |pattern: &str| host.strip_suffix(pattern).is_some_and(|label| label.ends_with('.') && label.len() > 1);
    own == host || own.strip_prefix("*.").is_some_and(is_below)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(arguments: &[&str], deployed: &[&str]) -> Result<(Vec<String>, usize), String> {
        let mut configs = arguments.iter().map(PathBuf::from).collect();
        let deployed: Vec<String> = deployed.iter().map(|text| (*text).to_owned()).collect();
        let urls = urls(&mut configs, &deployed).map_err(|error| error.to_string())?;
        Ok((urls.into_iter().map(String::from).collect(), configs.len()))
    }

    #[test]
    fn an_address_is_told_from_a_file() {
        let app = "https://app.corp.example.com/";
        assert_eq!(read(&["https://app.corp.example.com", "x.yaml"], &[app]).unwrap(), (vec![app.to_owned()], 1));
        assert_eq!(read(&["pomerium.prod.yaml", "a.b"], &[]).unwrap(), (Vec::new(), 2));
        for (text, tried) in [
            ("http://app.corp.example.com/x", "pomlint check https://app.corp.example.com/x"),
            ("app.corp.example.com", "pomlint check https://app.corp.example.com"),
            ("https://me:pw@app.corp.example.com", "a user name or a password"),
            ("https://app.corp.example.com/\u{1b}", "no spaces or control characters"),
            ("https://", "cannot be asked"),
        ] {
            let why = read(&[text], &[]).unwrap_err();
            assert!(why.contains(tried), "{text}: {why}");
        }
        assert!(read(&[], &["app.corp.example.com"]).unwrap_err().contains("https://app.corp.example.com"));
    }

    #[test]
    fn a_route_may_stand_for_many_hosts() {
        let url = Url::parse("https://app.corp.example.com/x").unwrap();
        assert!(is_at("https://app.corp.example.com", &url) && is_at("https://*.corp.example.com", &url));
        assert!(!is_at("https://corp.example.com", &url) && !is_at("https://*.example.net", &url));
    }
}
