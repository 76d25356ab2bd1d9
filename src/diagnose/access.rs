//! Lines of access logs, in the forms of Pomerium, Envoy, nginx, Apache, load balancers and browsers: what was asked, and the status.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::decision;
use super::line::Line;
use super::pattern::Piece;
use super::status::three_digits;
use super::texts::Texts;

/// So many equal redirects in a row are a loop: browsers give up after twenty, which may go to two addresses in turn.
const LEAST: u64 = 8;
/// So many are one where a login goes through: a loop of three addresses of Pomerium, or of five with those of Cognito, has each of
/// them no more than four to seven times among twenty (`internal/authenticateflow`), and nobody passes there so often in seconds.
const LEAST_OF_LOGIN: u64 = 4;
/// So many may be the beginning of one, or a login in several tabs: nobody can tell.
const FEWEST_OF_LOGIN: u64 = 3;
/// Redirects that are so many seconds apart are no loop but a program that asks now and then.
const APART: u32 = 5;
/// So many addresses are watched.
const MOST_WATCHED: usize = 1024;

/// The names that logs have for the path, and the methods before one.
const BEFORE_PATH: [&str; 22] = [
    "path",
    "uri",
    "url",
    "request",
    "request_uri",
    "requestpath",
    "request_path",
    "target",
    "get",
    "post",
    "head",
    "put",
    "options",
    "cs-uri-stem",
    "cs_uri_stem",
    "requesturl",
    "requesturi",
    "request_url",
    "http_path",
    "uri_path",
    "clientrequesturi",
    "clientrequestpath",
];

/// A door of Pomerium's authenticate service through which each login goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// Cognito sends the browser here.
    Callback,
    /// The other services send the browser here.
    SignIn,
}

impl Door {
    /// Its path.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Callback => "/oauth2/callback",
            Self::SignIn => "/.pomerium/sign_in",
        }
    }
}

static DOORS: Texts = Texts::new(&["/oauth2/callback", "/.pomerium/sign_in"]);

/// The door that was asked for, and the status of the answer.
pub(super) fn door(line: &Line) -> Option<(Door, u16)> {
    if !DOORS.any_in(&line.lower) {
        return None;
    }
    let door = [Door::Callback, Door::SignIn].into_iter().find(|door| is_asked(&line.lower, door.path()))?;
    Some((door, line.status()?))
}

/// Whether a status in a line that is not Pomerium's is more likely that of a proxy in front of it: those which a proxy gives for
/// want of an answer, or before it asks for one.
pub(super) fn is_of_a_proxy(line: &Line, status: u16) -> bool {
    // 500 is Pomerium's own: its page for what goes wrong at the callback (`internal/httputil/errors.go`).
    (status > 500 || matches!(status, 429 | 499)) && !line.lower.contains("http-request") && !is_of_a_browser(line)
}

/// Whether a line tells what a browser or curl got: the status before or behind the request, and no log around them.
pub(super) fn is_of_a_browser(line: &Line) -> bool {
    let first = line.lower.split_whitespace().next().unwrap_or_default();
    let is_console = ["get http", "post http"].iter().any(|asked| line.lower.trim_start().starts_with(asked))
        && !line.lower.contains(" http/");
    three_digits(first).is_some() && first.len() == 3 || line.lower.contains("< http/") || is_console
}

/// Who answered at the callback, by the page that was copied along with its address.
pub(super) enum Served {
    /// Pomerium, with an error.
    Failed,
    /// Another program, which has no such page.
    Not,
}

/// What a page tells that somebody copied along with the address of the callback.
pub(super) fn page_of_a_callback(line: &Line) -> Option<Served> {
    // `ui/src/components/ErrorPage.tsx`
    const POMERIUMS: [&str; 2] = ["contact your administrator with your request id", "your request id"];
    const NONE: [&str; 4] =
        ["default backend - 404", "404 not found", "404 page not found", "cannot get /oauth2/callback"];
    // Those who have pages of their own for a status.
    const OTHERS: [&str; 7] = ["nginx", "openresty", "cloudflare", "awselb", "cloudfront", "apache", "haproxy"];
    let has = |words: &[&str]| words.iter().any(|words| line.lower.contains(words));
    match line.status() {
        _ if has(&POMERIUMS) => Some(Served::Failed),
        _ if has(&NONE) => Some(Served::Not),
        _ if has(&OTHERS) => None,
        Some(404 | 405) => Some(Served::Not),
        Some(400..=428 | 431..=498 | 500) => Some(Served::Failed),
        _ => None,
    }
}

/// Whether a line of an access log, Pomerium's or another's, has a status that is no success.
pub(super) fn is_refused(line: &Line) -> bool {
    let is_access =
        line.lower.contains("http-request") || line.lower.contains("response-code") || is_quoted_request(&line.lower);
    is_access && (line.status().is_some_and(|status| status >= 400) || UNANSWERED.any_in(&line.lower))
}

/// What Envoy writes for the status of a request that got no answer.
static UNANSWERED: Texts =
    Texts::new(&["response-code\":0,", "response-code\":0.0,", "response-code\": 0,", "response-code=0 "]);

/// `"GET / HTTP/1.1" 200`: nginx, Apache, Envoy.
fn is_quoted_request(lower: &str) -> bool {
    lower
        .split_once(" http/")
        .is_some_and(|(_, rest)| rest.trim_start_matches(|char: char| "0123456789.".contains(char)).starts_with("\" "))
}

/// Whether the path is the one that was asked for, or one below it if it ends with a slash: not a referrer, and not a parameter of
/// another address.
pub(super) fn is_asked(lower: &str, path: &str) -> bool {
    lower.match_indices(path).any(|(at, _)| {
        let ends = lower.get(at + path.len()..).and_then(|rest| rest.chars().next());
        let before = lower.get(..at).unwrap_or_default();
        let start = before.rfind(|char: char| char.is_whitespace() || "\"'=".contains(char)).map_or(0, |at| at + 1);
        let (before, host) = before.split_at(start);
        let is_of_curl = host.starts_with("http") && before.contains("curl ");
        let name = before.trim_end_matches(|char: char| char.is_whitespace() || "\"'=:".contains(char));
        let name = name.rsplit(|char: char| !char.is_ascii_alphanumeric() && !"_-".contains(char)).next();
        (host.is_empty() || host.starts_with("http") && !host.contains('?'))
            && (path.ends_with('/')
                || ends.is_none_or(|char| !char.is_ascii_alphanumeric() && char != '_' && char != '/'))
            && (is_of_curl || name.is_some_and(|name| BEFORE_PATH.contains(&name)))
    })
}

/// Redirects that were seen, so that those which never end are noticed.
#[derive(Default)]
pub(super) struct Loops {
    seen: HashMap<String, Round>,
}

/// An answer that sends a browser elsewhere.
pub(super) struct Redirect {
    /// The line.
    pub(super) line: u64,
    /// The status, what was asked, and who asked.
    key: String,
    second: Option<u32>,
    is_decision: bool,
}

impl Redirect {
    /// The redirect that a line tells.
    pub(super) fn of(line: &Line, number: u64) -> Option<Self> {
        let status = || line.status().filter(|status| matches!(status, 301 | 302 | 303 | 307 | 308));
        let status = status();
        let who = match status {
            Some(status) => status.to_string(),
            None => decision::sent_to_log_in(line)?,
        };
        let key = format!("{who} {}", request(&line.lower)?);
        Some(Self { line: number, key, second: second(&line.lower), is_decision: status.is_none() })
    }
}

/// How often an address was redirected.
pub(super) struct Round {
    /// The first line.
    pub(super) first: u64,
    /// How often, without a pause.
    pub(super) count: u64,
    /// So often that it is a loop.
    pub(super) is_loop: bool,
    /// By decisions alone: a page that asks again and again once its session is over has as many, and no redirect is followed.
    pub(super) is_of_decisions: bool,
    second: Option<u32>,
}

impl Loops {
    /// Takes a redirect, whose line is counted from so many before; the round it is part of, if that may be a loop by now.
    pub(super) fn pass(&mut self, redirect: Redirect, before: u64) -> Option<&Round> {
        let Redirect { line, key, second, is_decision } = redirect;
        let number = before + line;
        let is_of_login = !is_decision && ["/.pomerium/", "/oauth2/callback"].iter().any(|path| key.contains(path));
        let (fewest, least) = if is_of_login { (FEWEST_OF_LOGIN, LEAST_OF_LOGIN) } else { (LEAST, LEAST) };
        if self.seen.len() >= MOST_WATCHED && !self.seen.contains_key(&key) {
            self.seen.clear();
        }
        let begun = || Round { first: number, count: 0, is_loop: false, is_of_decisions: is_decision, second };
        let round = self.seen.entry(key).or_insert_with(begun);
        let is_apart = round.second.zip(second).is_some_and(|(before, now)| now.abs_diff(before) > APART);
        if is_apart {
            *round = begun();
        }
        round.count += 1;
        round.second = second;
        round.is_loop = !is_decision && round.count >= least;
        (round.count >= fewest).then_some(&*round)
    }
}

/// A field by its names in JSON and in pairs.
pub(super) type Field = LazyLock<[Piece; 2]>;

/// What Pomerium's log calls what was asked for and who asked.
pub(super) static PATH: Field = LazyLock::new(|| field("path"));
pub(super) static AUTHORITY: Field = LazyLock::new(|| field("authority"));
pub(super) static HOST: Field = LazyLock::new(|| field("host"));
static FORWARDED: Field = LazyLock::new(|| field("forwarded-for"));

fn field(name: &str) -> [Piece; 2] {
    [Piece::new(&format!("\"{name}\":")), Piece::new(&format!(" {name}="))]
}

/// The value of a field.
pub(super) fn value<'a>(field: &Field, lower: &'a str) -> Option<&'a str> {
    let [of_json, of_pairs] = &**field;
    let field = || of_json.after(lower)?.trim_start().strip_prefix('"')?.split('"').next();
    let pair = || {
        let rest = of_pairs.after(lower)?.trim_start_matches('"');
        rest.split(|char: char| char.is_whitespace() || char == '"').next()
    };
    field().or_else(pair)
}

/// Who asked for what, without the query, which may change from round to round.
fn request(lower: &str) -> Option<String> {
    let without_query = |address: &str| address.split('?').next().unwrap_or_default().to_owned();
    if let Some(path) = value(&PATH, lower) {
        let host = value(&AUTHORITY, lower).or_else(|| value(&HOST, lower)).unwrap_or_default();
        return Some(format!("{host}{} {}", without_query(path), value(&FORWARDED, lower).unwrap_or_default()));
    }
    let mut words = lower.split(|char: char| char.is_whitespace() || char == '"').filter(|word| !word.is_empty());
    let first = words.clone().next().filter(|word| word.contains('.') || word.contains(':')).unwrap_or_default();
    words.find(|word| ["get", "post", "head"].contains(word))?;
    Some(format!("{} {first}", without_query(words.next()?)))
}

/// The second of the day of a line: its first `hh:mm:ss`.
fn second(lower: &str) -> Option<u32> {
    let number = |at: usize| lower.get(at..at + 2)?.parse::<u32>().ok();
    lower.match_indices(':').find_map(|(at, _)| {
        let start = at.checked_sub(2)?;
        let is_time = lower.get(at + 3..=at + 3)? == ":";
        Some((number(start)? * 60 + number(at + 1)?) * 60 + number(at + 4)?).filter(|_| is_time)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_read_in_every_form() {
        let forms = [
            r#"{"level":"info","method":"GET","authority":"a.example","path":"/oauth2/callback?code=1","response-code":404,"message":"http-request"}"#,
            r#"{"path": "/oauth2/callback", "query": "code=1", "response-code": 404}"#,
            r#"10.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET /oauth2/callback?code=1 HTTP/1.1" 404 153 "-" "curl""#,
            r#"[2026-11-29T02:11:09.118Z] "GET /oauth2/callback?code=1 HTTP/2" 404 NR route_not_found 0 0 0 - "-""#,
            r#"https 2026-02-11T09:15:42Z app/alb/50dc 198.51.100.23:53412 10.0.0.1:80 0.001 0.002 0.000 404 404 1184 312 "GET https://a.example:443/oauth2/callback?code=1 HTTP/2.0""#,
            r#"Nov 29 02:11:09 lb haproxy[61]: 10.0.0.9:53412 [29/Nov] in~ back/s1 0/0/1/2/3 404 1234 - - ---- 1/1/0/0/0 0/0 "GET /oauth2/callback?code=1 HTTP/1.1""#,
            r#"{"request":{"method":"GET","uri":"/oauth2/callback?code=1"},"status":404}"#,
            "level=info method=GET path=/oauth2/callback status=404",
            "GET https://a.example/oauth2/callback?code=1 404 (Not Found)",
            "404 GET https://a.example/oauth2/callback?code=1",
            "$ curl -sS https://a.example/oauth2/callback -w \"%{http_code}\\n\" 404",
            r#"{"path":"/oauth2/callback","response-code":404.0,"message":"http-request"}"#,
        ];
        for form in forms {
            assert_eq!(door(&Line::of(form)), Some((Door::Callback, 404)), "{form}");
        }
        for other in [
            r#"10.0.0.1 - - [x] "GET /favicon.ico HTTP/1.1" 404 153 "https://a.example/oauth2/callback?code=1" "curl""#,
            r#"{"path":"/favicon.ico","referer":"https://a.example/oauth2/callback?code=1","response-code":404}"#,
            r#""GET /oauth2/authorize?redirect_uri=https://a.example/oauth2/callback HTTP/1.1" 404"#,
            "https://a.example/oauth2/callback?code=1",
            r#"{"path":"/oauth2/callback","response-code":404.02,"message":"http-request"}"#,
        ] {
            assert_eq!(door(&Line::of(other)), None, "{other}");
        }
    }

    #[test]
    fn a_loop_is_told_from_one_who_asks_now_and_then() {
        let redirect = |second: u64| {
            let line = Line::of(&format!(
                r#"{{"authority":"a.example","path":"/x?state={second}","response-code":302,"time":"2026-01-01T00:{:02}:{:02}Z"}}"#,
                second / 60 % 60,
                second % 60
            ));
            Redirect::of(&line, second).unwrap()
        };
        let mut loops = Loops::default();
        assert!((0..7).all(|second| loops.pass(redirect(second), 0).is_none()));
        assert_eq!(loops.pass(redirect(7), 10).map(|round| (round.first, round.count)), Some((0, 8)));
        let mut loops = Loops::default();
        assert!((0..50).all(|number| loops.pass(redirect(number * 10), 0).is_none()));
    }
}
