//! Running Pomeriums on the command line: which arguments are their URLs, and which configuration each is compared with.

use std::collections::BTreeSet;
use std::path::PathBuf;

use url::Url;

use super::{StartError, write};
use crate::config::{CALLBACK_PATH, Config, GivenValue, Origin, Setting, is_of_host};
use crate::evidence::{World, redact};
use crate::report::{Stream, escape};

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

/// Wherever it is said that nobody is to be asked, and wherever the address stands.
///
/// # Errors
/// If there is one that could only be asked.
pub(super) fn may_be_asked(urls: &[Url], is_offline: bool) -> Result<(), StartError> {
    let Some(url) = urls.first().filter(|_| is_offline) else { return Ok(()) };
    let why = format!("with --offline nobody is asked, and what runs at {url} can only be asked");
    Err(StartError::Option(why))
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
    let refuse = |why: &str| Err(StartError::Option(format!("`{}` cannot be asked: {why}", redact(text))));
    if text.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
        return refuse("an address has no spaces or control characters");
    }
    let mut url = match Url::parse(text) {
        Ok(url) => url,
        Err(_) if !text.contains("://") => {
            return refuse(&format!("an address begins with https://\n  try   pomlint check https://{}", redact(text)));
        }
        Err(error) => return refuse(&error.to_string()),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("it holds a user name or a password");
    }
    if url.scheme() == "https" {
        return Ok(without_secrets(url));
    }
    if url.scheme() == "http" && url.set_scheme("https").is_ok() {
        return refuse(&format!("only https is asked\n  try   pomlint check {}", without_secrets(url)));
    }
    refuse("an address begins with https://")
}

/// The address without what a login leaves in it: it may be pasted from the middle of one, and nobody is to end that, to see it, or to
/// keep it. Pomerium's own pages tell nothing of a route, and neither a query nor what stands behind a `;` decides which route it is.
fn without_secrets(mut url: Url) -> Url {
    url.set_fragment(None);
    url.set_query(None);
    let path = url.path().trim_end_matches('/');
    let is_pomeriums = path == "/.pomerium" || path.starts_with("/.pomerium/") || path == CALLBACK_PATH;
    let lower = url.path().to_ascii_lowercase();
    let parameters = [";", "%3b"].iter().filter_map(|mark| lower.find(mark)).min();
    let kept = match parameters {
        _ if is_pomeriums => "/",
        Some(at) => url.path().get(..at).unwrap_or("/"),
        None => return url,
    };
    let kept = kept.to_owned();
    url.set_path(&kept);
    url
}

/// The deployments of which a route or the authenticate service is at this host, each by the first of its services; where one names the
/// host itself, a star of another does not stand for it.
pub(super) fn beside(configs: &[Config], url: &Url) -> Vec<usize> {
    let of = |is_at: &dyn Fn(&Url) -> bool| {
        let mut found: Vec<usize> = Vec::new();
        for (index, config) in configs.iter().enumerate().filter(|(_, config)| leads(config, is_at)) {
            let is_of = |known: &&Config| config.peers.iter().any(|peer| peer.path == known.path);
            if !found.iter().filter_map(|known| configs.get(*known)).any(|known| is_of(&known)) {
                found.push(index);
            }
        }
        found
    };
    let named = of(&|own| own.host_str() == url.host_str());
    if named.is_empty() { of(&|own| is_of_host(own, url)) } else { named }
}

/// Says which URLs no configuration is compared with, where any was read.
pub(super) fn say_alone(urls: &[Url], configs: &[Config], is_read: bool) -> Result<(), StartError> {
    for url in urls.iter().filter(|url| is_read && beside(configs, url).is_empty()) {
        write(Stream::Progress, &format!("no configuration here has the host of {url}: it is judged by itself\n"))?;
    }
    Ok(())
}

/// What is given and is not what runs, where no configuration has it: a literal that differs is not to be passed over.
///
/// # Errors
/// If there is any: with what runs.
pub(super) fn contradicted(given: &[GivenValue], running: &[(Config, World)]) -> Result<(), StartError> {
    for (config, _) in running.iter().filter(|(_, world)| world.beside.is_none()) {
        let Some(settings) = &config.settings else { continue };
        for own in given.iter().filter(|own| own.client.is_none()) {
            let differs = |shown: &Setting<String>| shown.origin == Origin::Running && shown.value != own.value;
            let words = |text: &str| -> BTreeSet<String> {
                text.split([',', ' ']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
            };
            let scopes =
                || settings.idp_scopes.iter().flat_map(|scopes| &scopes.value).map(|scope| scope.value.clone());
            let shown = match own.option.as_str() {
                "idp_client_id" => settings.idp_client_id.as_ref().filter(|id| differs(id)).map(|id| id.value.clone()),
                "idp_provider_url" => {
                    settings.idp_provider_url.as_ref().filter(|url| differs(url)).map(|url| url.value.clone())
                }
                // Of what runs, the callback shows it: without a slash at the end, and with the host as it is written.
                "authenticate_service_url" => {
                    let is_same = |url: &&Setting<String>| Url::parse(&url.value).ok() == Url::parse(&own.value).ok();
                    let running = settings.authenticate_service_url.as_ref().filter(|url| differs(url));
                    running.filter(|url| !is_same(url)).map(|url| url.value.clone())
                }
                "idp_scopes" if settings.idp_scopes.is_some() => {
                    (words(&own.value) != scopes().collect()).then(|| scopes().collect::<Vec<_>>().join(" "))
                }
                _ => None,
            };
            if let Some(shown) = shown {
                let (url, shown) = (escape(&config.path), escape(&redact(&shown)));
                let why = format!("--given {own}: what runs at {url} sends {shown}; leave it out, or ask another one");
                return Err(StartError::Option(why));
            }
        }
    }
    Ok(())
}

/// Whether an address of a configuration leads there.
fn leads(config: &Config, is_at: &dyn Fn(&Url) -> bool) -> bool {
    let Some(settings) = &config.settings else { return false };
    let froms = settings.routes.iter().filter_map(|route| route.from.as_ref());
    let mut urls = froms.chain(settings.authenticate_service_url.as_ref());
    urls.any(|own| Url::parse(&own.value).is_ok_and(|own| is_at(&own)))
}

/// A URL that is compared with a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Compared<'a> {
    /// The URL.
    pub(super) url: &'a Url,
    /// The number of the deployment, if there is one.
    pub(super) beside: Option<usize>,
    /// Others have this host, too.
    pub(super) is_one_of_several: bool,
}

/// Each URL with each deployment that has its host.
pub(super) fn compared<'a>(configs: &[Config], urls: &'a [Url]) -> Vec<Compared<'a>> {
    let each = |url: &'a Url| {
        let found = beside(configs, url);
        let is_one_of_several = found.len() > 1;
        let alone = found.is_empty().then_some(None);
        let all = found.into_iter().map(Some).chain(alone);
        all.map(move |beside| Compared { url, beside, is_one_of_several })
    };
    urls.iter().flat_map(each).collect()
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
            ("https://me:hunter2@app.corp.example.com", "a user name or a password"),
            ("http://app.corp.example.com/x?code=hunter2", "pomlint check https://app.corp.example.com/x"),
            ("http://me:hunter2@app.corp.example.com/x", "a user name or a password"),
            ("https://me:hunter2@app.corp.example.com/\u{7}", "no spaces or control characters"),
            ("https://app.corp.example.com/\u{1b}", "no spaces or control characters"),
            ("https://", "cannot be asked"),
        ] {
            let why = read(&[text], &[]).unwrap_err();
            assert!(why.contains(tried) && !why.contains("hunter2"), "{text}: {why}");
        }
        assert!(read(&[], &["app.corp.example.com"]).unwrap_err().contains("https://app.corp.example.com"));
    }

    #[test]
    fn what_a_login_leaves_in_an_address_is_not_asked_for() {
        for (given, asked) in [
            ("/.pomerium/callback/?pomerium_session_encrypted=x&pomerium_signature=x", "/"),
            ("/.pomerium/sign_in?pomerium_redirect_uri=x", "/"),
            ("/oauth2/callback?code=x&state=x", "/"),
            ("/x?access_token=x&q=1", "/x"),
            ("/x?api_key=x", "/x"),
            ("/x?pomerium_session=x", "/x"),
            ("/x?q=1&page=2#top", "/x"),
            ("/x?signature=x", "/x"),
            ("/x?c%6fde=x", "/x"),
            ("/x;jsessionid=x/y", "/x"),
            ("/x%3Bjsessionid=x", "/x"),
            ("/oauth2/callback/?y=x", "/"),
            ("/.pomerium/?x", "/"),
            ("/.pomeriums", "/.pomeriums"),
        ] {
            let host = "https://app.corp.example.com";
            assert_eq!(read(&[&format!("{host}{given}")], &[]).unwrap().0, [format!("{host}{asked}")], "{given}");
        }
    }

    #[test]
    fn a_route_may_stand_for_many_hosts() {
        let url = Url::parse("https://app.corp.example.com/x").unwrap();
        let config = |text: &str| {
            let file = crate::config::RawFile { name: "pomerium.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
            crate::config::Request::of_config(file, &crate::config::NoFiles).load().configs.remove(0)
        };
        let of = |froms: &[&str]| {
            let configs = froms.iter().map(|from| {
                config(&format!(
                    "routes: [{{ from: '{from}', to: 'http://a' }}]\nauthenticate_service_url: https://sso.example"
                ))
            });
            beside(&configs.collect::<Vec<_>>(), &url)
        };
        let (own, star, other) =
            ("https://app.corp.example.com", "https://*.corp.example.com", "https://*.example.net");
        assert_eq!(of(&[other, star, "https://corp.example.com"]), [1]);
        // Whoever names the host itself is meant, and all who do.
        assert_eq!(of(&[star, own, other, own]), [1, 3]);
        assert_eq!(of(&[other]), [0; 0]);
        let configs =
            [config(&format!("authenticate_service_url: {own}")), config(&format!("authenticate_service_url: {own}"))];
        let urls = [url, Url::parse("https://nobody.example/").unwrap()];
        let pairs: Vec<_> = compared(&configs, &urls)
            .into_iter()
            .map(|one| (one.url.path(), one.beside, one.is_one_of_several))
            .collect();
        assert_eq!(pairs, [("/x", Some(0), true), ("/x", Some(1), true), ("/", None, false)]);
    }
}
