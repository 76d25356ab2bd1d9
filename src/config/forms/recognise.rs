//! What a text is, told by its shape. Names mislead: a `pomerium/config.yaml` may belong to another program.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::config::releases::options::{OPTIONS, RETIRED};
use crate::config::text::{Node, Place, SourceId, Sources, Value, json, script, toml, yaml};

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum Shape {
    /// A configuration file of Pomerium.
    Config,
    /// Variables for Pomerium's container.
    Environment,
    /// A compose file, whoever's services it runs.
    Compose,
    /// At least one manifest of Kubernetes.
    Kubernetes,
    /// Values of a chart that installs Pomerium.
    Helm,
    /// A list of routes.
    Policy,
    /// Something else, in words that follow "this is not a Pomerium configuration: ".
    Other(&'static str),
    /// Nothing that could be told, in words that follow the same.
    Unknown(&'static str),
    /// A text that only a key opens, in words that follow the same.
    Encrypted(&'static str),
}

/// Who takes a file for a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenBy {
    /// The command that starts Pomerium (`pomerium -config`): it is one, whatever it looks like.
    Command,
    /// The user: it is one unless it is plainly something else.
    User,
    /// Nobody; it was found in a folder: it is nothing unless it is plainly something.
    Folder,
}

/// Says what a source is.
pub(in crate::config) fn recognise(sources: &Sources, source: SourceId, by: GivenBy) -> Shape {
    let Some(found) = sources.get(source) else { return Shape::Unknown(UNKNOWN) };
    let (name, text) = (found.name.as_str(), &*found.text);
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let ending = if crate::config::text::is_stream(name) {
        "yaml"
    } else {
        file.rsplit_once('.').map_or("", |(_, ending)| ending)
    };
    if by == GivenBy::Command {
        return Shape::Config;
    }
    if let Some(what) = encrypted(text) {
        return Shape::Encrypted(what);
    }
    match (by, ending) {
        (GivenBy::User, "toml" | "env" | "dotenv") if says_nothing(text) => Shape::Unknown(EMPTY),
        (_, "toml") => of_toml(source, file, text, by),
        (GivenBy::User, "env" | "dotenv") if script::is_script(text) => Shape::Environment,
        // Whoever reads it stops there: the loader says where.
        (_, "env" | "dotenv") if has_broken_variable(text) => Shape::Config,
        (GivenBy::User, "env" | "dotenv") => only_if(has_own_variable(text), Shape::Config, text),
        (GivenBy::Folder, "env" | "dotenv") => only_if(has_telling_variable(file, text), Shape::Environment, text),
        (_, "json") => match json::read_value(text, &Place::Verbatim(source, 0)) {
            Ok(root) => of_root(&root, by),
            Err(_) => broken(file, text, by),
        },
        _ => of_yaml(source, file, text, by, ["yaml", "yml"].contains(&ending)),
    }
}

const UNKNOWN: &str = "none of its keys is an option of Pomerium";
const COMMON: &str = "other programs have the same options, and none of its keys is Pomerium's alone";
const EMPTY: &str = "it holds no settings, only comments or nothing";
const NESTED: &str = "its options stand below another key, where Pomerium does not look for them";

/// Whether a text is empty but for comments.
pub(in crate::config) fn says_nothing(text: &str) -> bool {
    text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
}

/// The keys of a TOML file tell, as those of a YAML file do.
fn of_toml(source: SourceId, file: &str, text: &str, by: GivenBy) -> Shape {
    let parsed = toml::read(text, &Place::Verbatim(source, 0));
    let Some(root) = parsed.root.filter(|_| !parsed.is_syntax) else { return broken(file, text, by) };
    match by {
        GivenBy::User if root.entries().iter().any(|entry| is_ours(&entry.key.to_lowercase())) || has_routes(&root) => {
            Shape::Config
        }
        GivenBy::Folder if has_telling_line(text, "=") => Shape::Config,
        _ if root.entries().iter().any(|entry| is_option_below(&entry.value)) => Shape::Unknown(NESTED),
        _ => Shape::Unknown(no_option(root.entries().iter().map(|entry| entry.key.as_str()))),
    }
}

/// Why the keys of a file do not make it one of ours.
fn no_option<'k>(mut keys: impl Iterator<Item = &'k str>) -> &'static str {
    if keys.any(|key| is_option(&key.to_lowercase())) { COMMON } else { UNKNOWN }
}

fn only_if(is: bool, shape: Shape, text: &str) -> Shape {
    if is { shape } else { Shape::Unknown(no_option(variable_names(text))) }
}

/// Armour and documents that only a key opens.
fn encrypted(text: &str) -> Option<&'static str> {
    let text = text.trim_start_matches(['\u{feff}', '\n', '\r', ' ']);
    if text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----") {
        return Some("it is encrypted with age; decrypt it first: age --decrypt FILE | pomlint check -");
    }
    if text.starts_with("-----BEGIN PGP MESSAGE-----") {
        return Some("it is encrypted with PGP; decrypt it first: gpg --decrypt FILE | pomlint check -");
    }
    if text.starts_with("$ANSIBLE_VAULT;") {
        return Some("it is encrypted with Ansible Vault; decrypt it first: ansible-vault view FILE | pomlint check -");
    }
    // Of a manifest, SOPS leaves all but the values readable.
    let is_sops = text.lines().any(|line| line == "sops:") && text.contains("ENC[AES256_GCM,") && !is_manifest(text);
    is_sops.then_some("it is encrypted with SOPS; decrypt it first: sops decrypt FILE | pomlint check -")
}

fn of_yaml(source: SourceId, file: &str, text: &str, by: GivenBy, is_yaml: bool) -> Shape {
    // The top-level keys tell a configuration without reading it twice, even if it does not parse.
    let ambiguous = top_level_keys(text).any(|key| ["apiVersion", "kind", "services"].contains(&key))
        || super::helm::may_be_values(text);
    if !ambiguous && is_yaml && has_telling_line(text, ":") {
        return Shape::Config;
    }
    let parsed = yaml::read(text, &Place::Verbatim(source, 0), yaml::Wanted::Anything);
    if parsed.is_syntax {
        return if is_yaml { broken(file, text, by) } else { unknown(by) };
    }
    let first = parsed.root.filter(|root| root.value != Value::Null);
    match (first, parsed.later_document) {
        (Some(root), _) => match of_root(&root, by) {
            // Helm comments out a whole document; the manifest may be the second one.
            Shape::Other(_) | Shape::Unknown(_) | Shape::Config
                if parsed.later_document.is_some() && is_manifest(text) =>
            {
                Shape::Kubernetes
            }
            Shape::Other(_) | Shape::Unknown(_) if !is_yaml => unknown(by),
            shape => shape,
        },
        (None, Some(_)) if is_manifest(text) => Shape::Kubernetes,
        (None, _) => Shape::Unknown(EMPTY),
    }
}

/// What Pomerium itself would make of a file whose ending it does not know is for the loader to say.
fn unknown(by: GivenBy) -> Shape {
    match by {
        GivenBy::Command | GivenBy::User => Shape::Config,
        GivenBy::Folder => Shape::Unknown(UNKNOWN),
    }
}

fn is_manifest(text: &str) -> bool {
    let has = |key: &str| top_level_keys(text).any(|found| found == key);
    has("apiVersion") && has("kind")
}

/// A text that does not parse: a configuration with a mistake if its name or anything in it says so.
fn broken(file: &str, text: &str, by: GivenBy) -> Shape {
    // What Helm, Jinja or `envsubst` still fill in is not broken: it is not yet what anybody reads.
    let is_template = text.contains("{{") || text.contains("{%");
    match by {
        GivenBy::User if is_manifest(text) => Shape::Kubernetes,
        GivenBy::Command | GivenBy::User => Shape::Config,
        GivenBy::Folder if has_telling_line(text, ":") || has_telling_line(text, "=") => Shape::Config,
        GivenBy::Folder if !is_template && looks_like_ours(file, text) => Shape::Config,
        GivenBy::Folder => Shape::Other("it could not be read"),
    }
}

/// So many keys of a broken file are looked at.
const MOST_KEYS: usize = 100_000;

/// Whether the name of a file or any line of it speaks of Pomerium: its name, an option of its own at any depth, a route, or the
/// keys that its chart has (`charts/pomerium/values.yaml` of pomerium/pomerium-helm).
pub(in crate::config) fn looks_like_ours(file: &str, text: &str) -> bool {
    // A key may stand anywhere on a line of JSON, and before quotes of any kind.
    let keys = text.lines().flat_map(|line| line.split([':', '='])).filter_map(|before| {
        let before = before.trim_end().trim_end_matches(['"', '\'']);
        before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().filter(|key| key.len() > 2)
    });
    let mut keys = keys.take(MOST_KEYS);
    let is_named = |text: &str| text.to_ascii_lowercase().contains("pomerium");
    let is_field = |line: &str, key: &str, value: &str| {
        let field = line.trim_start().trim_start_matches("- ").strip_prefix(key);
        field.is_some_and(|written| written.trim_start_matches([' ', '"', '\'']).starts_with(value))
    };
    let has_field = |key: &str, value: &str| text.lines().any(|line| is_field(line, key, value));
    is_named(file)
        || has_field("from:", "http") && has_field("to:", "")
        || text.lines().any(is_named)
        || keys.any(|key| is_telling(&super::helm::snake(key)) || ["rootDomain", "idp"].contains(&key))
}

fn of_root(root: &Node, by: GivenBy) -> Shape {
    if let Value::List(elements) = &root.value {
        let is_route = |node: &&Node| node.get("from").is_some();
        return match elements.iter().find(is_route) {
            Some(_) => Shape::Policy,
            None => Shape::Unknown("it is a list, and not one of routes"),
        };
    }
    let is_text = |key: &str| root.get(key).is_some_and(|node| matches!(node.value, Value::Text(_)));
    if is_text("apiVersion") && is_text("kind") {
        return Shape::Kubernetes;
    }
    if is_compose(root) {
        return Shape::Compose;
    }
    if super::helm::is_values(root) {
        return Shape::Helm;
    }
    if root.get("slug").is_some() && root.get("arch").is_some() {
        return Shape::Other("it is the manifest of a Home Assistant add-on");
    }
    if is_text("apiVersion") && is_text("name") && is_text("version") {
        return Shape::Other("it describes a Helm chart, whose values stand in files of their own");
    }
    if is_kustomization(root) {
        return Shape::Kubernetes;
    }
    let keys = || root.entries().iter().map(|entry| entry.key.to_lowercase());
    let is_config = match by {
        GivenBy::Command | GivenBy::User => keys().any(|key| is_option(&key)),
        GivenBy::Folder => keys().any(|key| is_telling(&key)) || has_routes(root),
    };
    match (&root.value, root.entries()) {
        (Value::Map(_) | Value::Null, []) => Shape::Unknown(EMPTY),
        // Pomerium has words for a file that is nothing but one value.
        (_, []) if by == GivenBy::User => Shape::Config,
        _ if is_config => Shape::Config,
        (_, entries) if entries.iter().any(|entry| is_option_below(&entry.value)) => Shape::Unknown(NESTED),
        _ => Shape::Unknown(UNKNOWN),
    }
}

fn is_option_below(node: &Node) -> bool {
    node.entries().iter().any(|entry| is_telling(&entry.key.to_lowercase()))
}

/// Services that have an image, are built, or add to those of another file; or files that may hold such.
fn is_compose(root: &Node) -> bool {
    const TELLING: [&str; 7] = ["image", "build", "environment", "env_file", "extends", "container_name", "volumes"];
    let is_file = |node: &Node| match &node.value {
        Value::Text(text) => [".yaml", ".yml"].iter().any(|end| text.ends_with(end)),
        _ => node.get("path").is_some(),
    };
    let Some(services) = root.get("services") else {
        return root.get("include").is_some_and(|include| include.elements().iter().any(is_file));
    };
    services.entries().iter().any(|service| TELLING.iter().any(|key| service.value.get(key).is_some()))
}

fn has_routes(root: &Node) -> bool {
    ["routes", "policy"]
        .iter()
        .filter_map(|key| root.get(key))
        .any(|routes| routes.elements().iter().any(|route| route.get("from").is_some() && route.get("to").is_some()))
}

/// Keys in lower case that Pomerium knows or knew.
static KEYS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let options = OPTIONS.fields.iter().map(|field| field.name);
    options.chain(RETIRED.iter().map(|retired| retired.path)).chain(["pomerium_zero_token"]).collect()
});

fn is_option(key: &str) -> bool {
    KEYS.contains(key)
}

/// A kustomization needs neither `kind` nor `apiVersion`.
pub(in crate::config) fn is_kustomization(node: &Node) -> bool {
    let has = |key: &str| !node.list(key).is_empty();
    match node.text_at(&["kind"]) {
        Some("Kustomization" | "Component") => {
            node.text_at(&["apiVersion"]).is_none_or(|version| version.starts_with("kustomize.config.k8s.io/"))
        }
        Some(kind) => kind.is_empty(),
        None => {
            let keys = [
                "configMapGenerator",
                "secretGenerator",
                "resources",
                "bases",
                "patches",
                "replacements",
                "helmCharts",
            ];
            keys.iter().any(|key| has(key))
        }
    }
}

/// An option, or one that is gone, that other programs do not have under the same name.
fn is_ours(key: &str) -> bool {
    is_likely(key) || super::telling::is_telling_option(key) || is_option(key) && OPTIONS.field(key).is_none()
}

/// An option whose name no other program would use; half the web has a `COOKIE_SECRET`.
fn is_telling(key: &str) -> bool {
    is_likely(key) && !key.starts_with("cookie_") && key != SHARED
}

const SHARED: &str = "shared_secret";

/// An option whose name few other programs use.
fn is_likely(key: &str) -> bool {
    const OURS: [&str; 10] = [
        "idp_",
        "authenticate_",
        "authorize_",
        "databroker_",
        "cookie_",
        "shared_secret",
        "pomerium_",
        "jwt_claims_headers",
        "signout_redirect_url",
        "downstream_mtls",
    ];
    is_option(key) && OURS.iter().any(|ours| key.starts_with(ours))
}

/// The words at the beginning of lines that are not indented, before the colon.
fn top_level_keys(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic())).filter_map(|line| {
        let (key, after) = line.split_once(':')?;
        (after.is_empty() || after.starts_with([' ', '\t', '\r'])).then(|| key.trim_end())
    })
}

fn has_telling_line(text: &str, separator: &str) -> bool {
    text.lines().any(|line| {
        line.starts_with(|c: char| c.is_ascii_alphabetic())
            && line.split_once(separator).is_some_and(|(key, _)| is_telling(&key.trim_end().to_lowercase()))
    })
}

/// A variable of Pomerium's, in any letter case as viper reads it, or one that is meant for it.
fn has_own_variable(text: &str) -> bool {
    variable_names(text).any(is_own_variable)
}

/// A line that begins with a variable of Pomerium's and sets nothing. A container engine, compose and viper refuse it.
fn has_broken_variable(text: &str) -> bool {
    let is_ours = |name: &str| name == name.to_uppercase() && is_telling(&name.to_lowercase());
    !script::is_script(text)
        && text.lines().any(|line| {
            let mut words = line.split_whitespace();
            words.next().is_some_and(is_ours) && words.next().is_some() && !line.contains(['=', ':'])
        })
}

/// The same for one name.
pub(in crate::config) fn is_own_variable(name: &str) -> bool {
    let name = name.strip_prefix("export ").unwrap_or(name).trim().to_lowercase();
    is_ours(&name) || ["pomerium_", "idp_"].iter().any(|start| name.starts_with(start))
}

fn variable_names(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(str::trim_start).filter(|line| !line.starts_with('#'));
    let names = lines.filter_map(|line| line.split_once(['=', ':'])).map(|(name, _)| name.trim_end());
    names.map(|name| name.strip_prefix("export ").unwrap_or(name).trim_start())
}

/// A variable of Pomerium's, as its container gets it; or the two secrets that its services share, which are others' names by
/// themselves.
fn has_telling_variable(file: &str, text: &str) -> bool {
    let is_named = |wanted: &str| variable_names(text).any(|name| name == wanted);
    let is_telling =
        |name: &str| name == "POMERIUM_ZERO_TOKEN" || name == name.to_uppercase() && is_telling(&name.to_lowercase());
    variable_names(text).any(is_telling)
        || is_named("SHARED_SECRET") && is_named("COOKIE_SECRET")
        || file.to_ascii_lowercase().contains("pomerium") && variable_names(text).any(is_own_variable)
}
