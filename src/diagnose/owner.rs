//! Who wrote a line, by its form: Pomerium or another program.

use super::form::Form;
use super::line::Line;

/// A line without the marks that a list, a quotation, a page of code or a mail puts before it.
pub(super) fn unmarked(line: &str) -> &str {
    let mut rest = line.trim_start();
    loop {
        let number = rest.trim_start_matches(|char: char| char.is_ascii_digit());
        let of_a_listing = Some(number.trim_start_matches([' ', '\t', ':', '|'])).filter(|rest| rest.starts_with('{'));
        let of_a_list = number.strip_prefix(". ").or(of_a_listing).filter(|_| number.len() < rest.len());
        let marks = ["- ", "* ", "> ", ">", "`", "**", "• "];
        let Some(next) = of_a_list.or_else(|| marks.iter().find_map(|mark| rest.strip_prefix(mark))) else {
            return rest;
        };
        rest = next.trim_start();
    }
}

/// Whether a line is one of a log, whosever: it begins with a time or as JSON, has a level, or is an access.
pub(super) fn is_log(line: &str) -> bool {
    let start = forwarded(line.trim_start());
    let is_json = start.starts_with('{') && {
        let start = start.to_ascii_lowercase();
        RECORDS.iter().any(|name| start.contains(name))
    };
    let begins_with_time = {
        let head: Vec<char> = start.trim_start_matches(['[', '"', '(']).chars().take(10).collect();
        let digits = head.iter().filter(|char| char.is_ascii_digit()).count();
        // `I1129 02:1` and `20261129T0` begin one; `29T02:11:0` and `77aa-4d21-` are what a window left of a longer line.
        let is_of_a_time = |(at, char): (usize, &char)| match char {
            'T' => at == 8,
            'A'..='Z' => at == 0,
            char => char.is_ascii_digit() || "-/:., ".contains(*char),
        };
        digits >= 6 && head.iter().any(|char| "-/:".contains(*char)) && head.iter().enumerate().all(is_of_a_time)
    };
    let is_access = line.contains(" HTTP/") && line.contains("\" ");
    is_json || begins_with_time || is_access || is_pomeriums_log(line)
}

/// What a record of a log has, and of those who forward one.
const RECORDS: [&str; 5] = ["\"level\"", "\"time\"", "timestamp\"", "\"_raw\"", "\"log\":\""];

/// A line without what kubectl, compose, journald and syslog put before it.
fn forwarded(line: &str) -> &str {
    /// Longer names have no pod and no container.
    const LONGEST: usize = 120;
    let front = line.char_indices().nth(LONGEST).map_or(line, |(end, _)| line.get(..end).unwrap_or(line));
    let is_name =
        |word: &str| !word.is_empty() && !word.contains(|char: char| char.is_whitespace() || "{\"=".contains(char));
    let of_kubectl = || front.strip_prefix("[pod/")?.split_once("] ").map(|(name, _)| name.len() + "[pod/] ".len());
    let of_compose = || {
        front.split_once(" | ").filter(|(name, _)| is_name(name.trim_end())).map(|(name, _)| name.len() + " | ".len())
    };
    let of_journald = || {
        let (before, _) = front.split_once("]: ")?;
        let (_, process) = before.rsplit_once('[')?;
        process.bytes().all(|byte| byte.is_ascii_digit()).then_some(before.len() + "]: ".len())
    };
    let of_syslog = || front.strip_prefix('<')?.split_once(" - - ").map(|(head, _)| head.len() + "< - - ".len());
    let end = of_kubectl().or_else(of_compose).or_else(of_journald).or_else(of_syslog).unwrap_or_default();
    line.get(end..).unwrap_or(line)
}

/// Whether a line is of a component of Kubernetes: `E1130 02:14:09.118 1 authentication.go:73] …`. They check tokens by the library that
/// Pomerium checks them by.
pub(super) fn is_klog(line: &str) -> bool {
    let mut words = unmarked(line).split_whitespace();
    let is_level = words.next().and_then(|word| word.strip_prefix(['I', 'W', 'E', 'F']));
    let is_date = is_level.is_some_and(|date| date.len() == 4 && date.bytes().all(|byte| byte.is_ascii_digit()));
    is_date && words.any(|word| word.ends_with(']') && word.to_ascii_lowercase().contains(".go:"))
}

/// Whether a line is one of Pomerium's log, in JSON or as for a console.
pub(super) fn is_pomeriums_log(line: &str) -> bool {
    Form::of(line).is_some()
}

/// The program of these that a line of a log names as its writer: in front, as `dex-1 |`, `nginx[31]:` or `[pod/dex-0/dex]`, or
/// in a field.
pub(super) fn program<'a>(line: &Line, mut programs: impl Iterator<Item = &'a str>) -> Option<usize> {
    /// What stands in front of a message is not longer.
    const FRONT: usize = 120;
    const FIELDS: [&str; 8] =
        ["service", "app", "container", "container_name", "logger", "program", "source", "app.kubernetes.io/name"];
    if is_pomeriums_record(line) {
        return None;
    }
    let lower = unmarked(&line.lower);
    let end = lower.find('{').unwrap_or(lower.len()).min(FRONT);
    let front = lower.get(..lower.char_indices().map(|(at, _)| at).take_while(|at| *at <= end).last().unwrap_or(0));
    let front = front.unwrap_or_default();
    let fields: Vec<&str> = FIELDS.iter().filter_map(|name| field(lower, name)).collect();
    let pairs = ["app=", "logger=", "service=", "container=", "program="].iter().filter_map(|name| {
        let (_, rest) = lower.split_once(&format!(" {name}"))?;
        // Whatever marks stand behind it on a page.
        let is_of_a_name = |char: char| char.is_alphanumeric() || "-_./:".contains(char);
        rest.trim_start_matches('"').split(|char: char| !is_of_a_name(char)).next()
    });
    // What a pod lacks is named after the program it is for.
    let objects = ["secret \"", "configmap \""].iter().filter_map(|name| {
        let (_, rest) = lower.split_once(&format!(" {name}"))?;
        rest.split('"').next()
    });
    let fields: Vec<&str> = fields.into_iter().chain(pairs).chain(objects).collect();
    programs.position(|name| {
        let marks = |before: &str, rest: &str| {
            // `server: nginx` is the header of an answer that passed through it.
            let is_header = ["server: ", "via: ", "powered-by: "].iter().any(|header| before.ends_with(header));
            let begins = !is_header && (before.is_empty() || before.ends_with([' ', '/', '[', '"']));
            let number = rest.trim_start_matches(|char: char| char.is_ascii_digit() || "-_".contains(char));
            let ends = number.trim_start().starts_with(['|', '[', ':', '/', ']', '\\'])
                || rest.starts_with('-') && before.is_empty()
                || before.is_empty() && begins_record(rest);
            begins && ends && !number.starts_with("://") && !before.ends_with("://")
        };
        let in_front = front.match_indices(name).any(|(at, _)| {
            marks(front.get(..at).unwrap_or_default(), lower.get(at + name.len()..).unwrap_or_default())
        });
        in_front
            || fields.iter().any(|field| field.split(['-', '/', ':', '.']).any(|part| part == name) || *field == name)
    })
}

/// Whether a line is a record of a log in Pomerium's words: these are its own, whoever else is on the page, unless the record names
/// another writer.
fn is_pomeriums_record(line: &Line) -> bool {
    let is_record = || ["\"level\":", "\"error\":"].iter().any(|field| line.lower.contains(field));
    line.is_pomeriums()
        && (is_record() || is_pomeriums_log(&line.plain))
        && field(&line.lower, "logger").is_none_or(is_pomeriums_name)
}

/// What a record in JSON names as its writer.
fn field<'l>(lower: &'l str, name: &str) -> Option<&'l str> {
    let (_, rest) = lower.split_once(&format!("\"{name}\":"))?;
    rest.trim_start().strip_prefix('"')?.split('"').next()
}

/// Whether Pomerium, a service of it, its ingress controller or a part of these may be called so.
fn is_pomeriums_name(name: &str) -> bool {
    const PARTS: [&str; 18] = [
        "pomerium",
        "authenticate",
        "authorize",
        "databroker",
        "proxy",
        "envoy",
        "controlplane",
        "ingress",
        "gateway",
        "controller",
        "reconcil",
        "setup",
        "settings",
        "leader",
        "autocert",
        "certmagic",
        "maintenance",
        "iap",
    ];
    PARTS.iter().any(|part| name.contains(part))
}

/// Whether a line names its writer, and that is nobody of Pomerium: before the `|` of compose, as the container of a pod, or as the
/// logger of a record. Pomerium writes nothing but records.
pub(super) fn is_of_another(line: &Line) -> bool {
    if field(&line.lower, "logger").is_some_and(|name| !is_pomeriums_name(name)) {
        return true;
    }
    let plain = unmarked(&line.plain);
    let of_compose = || {
        let (name, rest) = plain.split_once(" | ")?;
        let is_of_a_name = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || "-_.".contains(char);
        let name = name.trim_end();
        (name.starts_with(|char: char| char.is_ascii_lowercase()) && name.chars().all(is_of_a_name))
            .then_some((name, rest))
    };
    let of_a_pod = || plain.strip_prefix("[pod/")?.split_once("] ");
    let Some((name, message)) = of_compose().or_else(of_a_pod) else { return false };
    let is_pomeriums = line.is_pomeriums() || message.contains("\"message\"") || !message.starts_with('{');
    let is_own = is_pomeriums_name(&name.to_lowercase()) || is_pomeriums_record(line);
    !(is_own || is_pomeriums && is_pomeriums_log(message))
}

/// Whether what stands behind a name is a level or a pair, as in a record of a log: ` level=error`, ` FATAL: `.
fn begins_record(rest: &str) -> bool {
    const LEVELS: [&str; 9] = ["err!", "fatal", "panic", "critical", "error", "warning", "warn", "info", "debug"];
    let word = rest.strip_prefix(' ').and_then(|rest| rest.split_whitespace().next()).unwrap_or_default();
    word.contains('=') || LEVELS.contains(&word.trim_end_matches(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writer_of_a_line_is_heeded() {
        let programs = ["dex", "nginx", "oauth2-proxy"];
        let writer =
            |text: &str| program(&Line::of(text), programs.into_iter()).and_then(|at| programs.get(at).copied());
        assert_eq!(writer("dex-1  | level=error msg=\"invalid_client\""), Some("dex"));
        assert_eq!(writer("[pod/nginx-7d9c-x/nginx] redirect_mismatch"), Some("nginx"));
        assert_eq!(writer("Nov 29 02:11:09 host nginx[31]: x"), Some("nginx"));
        assert_eq!(writer("oauth2-proxy: invalid_client"), Some("oauth2-proxy"));
        assert_eq!(writer("dex level=error msg=\"invalid_client\""), Some("dex"));
        assert_eq!(writer("nginx FATAL: x"), Some("nginx"));
        assert_eq!(writer("nginx fails: x"), None);
        assert_eq!(writer("dex-1 | invalid CSRF token"), Some("dex"));
        assert_eq!(writer("MountVolume.SetUp failed for volume \"config\" : secret \"dex\" not found"), Some("dex"));
        assert_eq!(writer(r#"{"app":"dex","msg":"invalid_client"}"#), Some("dex"));
        assert_eq!(writer("behind nginx we see redirect_mismatch"), None);
        assert_eq!(writer("nginx-1 | {\"error\":\"identity/oidc: token exchange failed\"}"), None);
        assert_eq!(writer(r#"{"level":"error","logger":"dex.auth","error":"invalid CSRF token"}"#), Some("dex"));
        assert_eq!(writer("https://dex/x"), None);
        assert_eq!(writer("< HTTP/2 400\n< server: nginx/1.25.3"), None);
    }
    #[test]
    fn whoever_names_itself_and_is_not_pomerium_is_another() {
        let is = |text: &str| is_of_another(&Line::of(text));
        for text in [
            "airflow-webserver-1  | oidc: issuer did not match the issuer returned by provider",
            "superset-1  | ERROR token exchange failed: oauth2: \"invalid_client\"",
            "[pod/coder-0/coder] oauth2: \"invalid_client\"",
            r#"{"level":"error","logger":"superset.auth","msg":"failed","error":"invalid CSRF token"}"#,
            r#"app-1  | {"level":"error","msg":"token","error":"invalid_grant"}"#,
        ] {
            assert!(is(text), "{text}");
        }
        for text in [
            "pomerium-1  | oauth2: \"invalid_client\"",
            r#"app-1  | {"level":"error","error":"oauth2: \"invalid_client\"","message":"x"}"#,
            "app-1  | 3:04AM ERR http-request error=\"oauth2: invalid_client\"",
            "[pod/pomerium-authenticate-7d/pomerium] oauth2: \"invalid_client\"",
            r#"{"level":"error","logger":"pomerium-ingress","msg":"failed"}"#,
            "Error | Login pages unavailable",
            "oauth2: \"invalid_client\"",
        ] {
            assert!(!is(text), "{text}");
        }
    }
}
