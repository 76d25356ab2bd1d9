//! Each form of the report is read by somebody else's reader of that form, agrees with the others, and stays whole whatever
//! a configuration or a provider puts into it.

use std::collections::BTreeSet;

use crate::html;
use crate::support::pool::Pool;
use crate::support::transport::StandIn;
use pomlint::config::{Config, Literals, NoFiles, RawFile, Request, Span};
use pomlint::engine::Judged;
use pomlint::evidence::{
    self, Answer, Exchange, ExchangeId, Failure, Flag, GatherOptions, Missing, Outcome, Step, World,
};
use pomlint::evidence::{gather, plan};
use pomlint::report::{
    Applied, Baseline, FORMATS, Options, Report, Undecided, Verbosity, View, format, scrubber, show_json,
};
use pomlint::rules::{Edit, Finding, Ignored, Severity, Verdict, find};
use pomlint::secret::Secret;
use pulldown_cmark::{Event, Tag};
use serde_json::Value;
use serde_sarif::sarif::Sarif;

/// What breaks out of forms that are carelessly written.
const HOSTILE: &str = "]]><script>alert(1)</script>&amp;%0A%3A\r\n::error::injected\n##[error]injected ##vso[task.complete]x\u{0}\u{1b}[31m\u{202e}\u{fffe}\
    @octocat #1 ![i](https://evil.example/i.png) [l](javascript:x) https://evil.example www.evil.example \
    ``` `code <b>` `open *a* _b_ | ~~c~~ $d$ :tada: {0} \"'\n```\n/close\n<!--";

pub(crate) fn configuration(name: &str, text: &str) -> Config {
    let file = RawFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    Request::of_config(file, &NoFiles).load().configs.remove(0)
}

/// What is known about a provider that nobody asked.
pub(crate) fn nothing_known(config: &Config) -> World {
    let clients = config.clients();
    let literals = Literals::of(config, &clients);
    let options = GatherOptions { offline: true, ..GatherOptions::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(gather(config, &clients, &literals, &plan([]), &options, &StandIn::new(Pool::default())))
}

fn judged(rule: &str, verdict: Verdict) -> Judged {
    Judged::new(find(rule).expect(rule), None, verdict, Vec::new())
}

/// The place of a text.
fn at(config: &Config, text: &str) -> Span {
    let (source, found) = config.sources.iter().next().unwrap();
    let start = found.text.find(text).expect(text);
    Span { source, start, end: start + text.len() }
}

fn unreachable() -> Verdict {
    Verdict::Undecided(vec![Missing::Unreachable {
        url: "https://a.example/x".to_owned(),
        step: Step::Timeout,
        cause: "10 s were not enough".to_owned(),
    }])
}

/// A report with these verdicts about the healthy configuration.
pub(crate) fn report(verdicts: impl Fn(&Config) -> Vec<Judged>, options: Options) -> Report {
    let config = configuration("deploy/pomerium.yaml", &crate::support::healthy());
    let world = nothing_known(&config);
    let verdicts = verdicts(&config);
    Report::new([(config, world, verdicts)], &options)
}

pub(crate) fn render(report: &Report, name: &str) -> String {
    (format(name).expect(name).render)(report, &View::default())
}

pub(crate) fn json(report: &Report, name: &str) -> Value {
    serde_json::from_str(&render(report, name)).unwrap()
}

fn sarif(report: &Report) -> Sarif {
    serde_json::from_str(&render(report, "sarif")).unwrap()
}

/// The published JSON Schema of SARIF 2.1.0, from the sources of the crate that reads it here.
fn sarif_schema() -> Value {
    let cargo = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO"));
        let ran = command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    };
    // What other platforms need was not downloaded.
    let version = cargo(&["--version", "--verbose"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let metadata = cargo(&["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let mut packages = metadata["packages"].as_array().unwrap().iter();
    let reader = packages.find(|package| package["name"] == "serde-sarif").unwrap();
    let manifest = std::path::Path::new(reader["manifest_path"].as_str().unwrap());
    serde_json::from_slice(&std::fs::read(manifest.with_file_name("src").join("schema.json")).unwrap()).unwrap()
}

fn junit(report: &Report) -> junit_parser::TestSuites {
    junit_parser::from_reader(render(report, "junit").as_bytes()).unwrap()
}

/// A workflow command, read as the runner does, and strictly.
struct Command {
    name: String,
    properties: Vec<(String, String)>,
    message: String,
}

/// The commands, and the other lines.
fn github(report: &Report) -> (Vec<Command>, Vec<String>) {
    let text = render(report, "github");
    let (commands, other): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.trim_start().starts_with("::"));
    (commands.into_iter().map(command).collect(), other.into_iter().map(str::to_owned).collect())
}

fn command(line: &str) -> Command {
    let (head, message) = line.strip_prefix("::").unwrap().split_once("::").expect("an end of the properties");
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let property = |pair: &str| {
        let (name, value) = pair.split_once('=').expect("name=value");
        assert!(!value.contains(':'), "{line}");
        (name.to_owned(), unescape(value))
    };
    Command {
        name: name.to_owned(),
        properties: properties.split(',').filter(|pair| !pair.is_empty()).map(property).collect(),
        message: unescape(message),
    }
}

/// Every `%` begins one of the five escapes.
fn unescape(text: &str) -> String {
    let mut parts = text.split('%');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at_checked(2).unwrap_or_else(|| panic!("a bare % in {text}"));
        plain.push(match code {
            "25" => '%',
            "0A" => '\n',
            "0D" => '\r',
            "3A" => ':',
            "2C" => ',',
            _ => panic!("%{code} is no escape, in {text}"),
        });
        plain.push_str(rest);
    }
    plain
}

/// One finding of each severity, rules undecided for each reason, and the rest.
pub(crate) fn mixed(config: &Config) -> Vec<Judged> {
    let finding = |text: &str| Finding::at(at(config, text), "is wrong").fix("correct it:").fix("a: b");
    let mut waits = judged("client-not-usable", Verdict::Undecided(Vec::new()));
    waits.follows = Some("provider-missing");
    vec![
        judged("unknown-key", Verdict::Fail(vec![finding("routes").severity(Severity::Warning)])),
        judged("provider-missing", Verdict::Fail(vec![finding("idp_provider: cognito"), finding("cognito\n")])),
        judged("authenticate-url-uppercase", Verdict::Fail(vec![finding("https").severity(Severity::Note)])),
        judged("issuer-missing", Verdict::Pass),
        judged("issuer-mismatch", unreachable()),
        waits,
        judged("client-secret-rejected", Verdict::Undecided(vec![Missing::Declined { flag: "--probe-secret" }])),
        judged("services-disagree", Verdict::NotApplicable("only one service was given")),
    ]
}

fn without_findings(config: &Config) -> Vec<Judged> {
    mixed(config).into_iter().filter(|judged| !matches!(judged.verdict, Verdict::Fail(_))).collect()
}

#[test]
fn all_forms_agree_on_the_counts_and_on_the_exit_code() {
    type Verdicts = fn(&Config) -> Vec<Judged>;
    let cases: [(Verdicts, Severity, Undecided, u8); 7] = [
        (mixed, Severity::Error, Undecided::Default, 1),
        (mixed, Severity::Warning, Undecided::Allow, 1),
        (without_findings, Severity::Error, Undecided::Default, 3),
        (without_findings, Severity::Error, Undecided::Strict, 3),
        (without_findings, Severity::Error, Undecided::Allow, 0),
        (|config| mixed(config).drain(..1).collect(), Severity::Error, Undecided::Strict, 0),
        (|config| mixed(config).drain(..1).collect(), Severity::Warning, Undecided::Default, 1),
    ];
    for (number, (verdicts, fail_on, undecided, exit)) in cases.into_iter().enumerate() {
        let report = report(verdicts, Options { fail_on, undecided, pedantic: true, named: false });
        let summary = report.summary;
        assert_eq!(summary.exit, exit, "case {number}");

        let own = &json(&report, "json")["summary"];
        for (name, count) in
            [("errors", summary.errors), ("warnings", summary.warnings), ("undecided", summary.undecided)]
        {
            assert_eq!(own[name], count, "case {number}: {name}");
        }
        assert_eq!(own["exit"], exit);

        let run = sarif(&report).runs.remove(0);
        let results = run.results.unwrap();
        let level = |name: &str| {
            results.iter().filter(|result| result.level.as_ref().is_some_and(|level| level.to_string() == name)).count()
        };
        assert_eq!(
            (level("error"), level("warning"), level("note")),
            (summary.errors, summary.warnings, summary.notes)
        );
        let invocation = run.invocations.unwrap().remove(0);
        assert_eq!(invocation.exit_code, Some(i64::from(exit)), "case {number}");
        assert_eq!(invocation.execution_successful, summary.undecided == 0, "case {number}");
        assert_eq!(invocation.tool_execution_notifications.unwrap().len(), summary.undecided, "case {number}");

        let suites = junit(&report);
        let cases = &suites.suites[0].cases;
        let count = |is: fn(&junit_parser::TestStatus) -> bool| {
            u64::try_from(cases.iter().filter(|case| is(&case.status)).count()).unwrap()
        };
        let counted = (
            u64::try_from(cases.len()).unwrap(),
            count(junit_parser::TestStatus::is_failure),
            count(junit_parser::TestStatus::is_error),
            count(junit_parser::TestStatus::is_skipped),
        );
        assert_eq!(counted, (suites.tests, suites.failures, suites.errors, suites.skipped), "case {number}");
        let colour = if suites.failures > 0 {
            1
        } else if suites.errors > 0 {
            3
        } else {
            0
        };
        assert_eq!(colour, exit, "case {number}: JUnit is red exactly if the exit code is not 0");

        let (commands, other) = github(&report);
        let named = |name: &str| commands.iter().filter(|command| command.name == name).count();
        assert_eq!(named("error"), summary.errors);
        let open = named("warning") - summary.warnings;
        assert!((open > 0) == (summary.undecided > 0) && open <= summary.undecided, "a row for each cause: {open}");
        assert_eq!(other.len(), 1, "{other:?}");

        let gitlab = json(&report, "gitlab");
        let severity = |name: &str| gitlab.as_array().unwrap().iter().filter(|entry| entry["severity"] == name).count();
        assert_eq!(
            (severity("critical"), severity("major"), severity("minor")),
            (summary.errors, summary.warnings, open)
        );

        let rdjson = json(&report, "rdjson");
        let diagnostics = rdjson["diagnostics"].as_array().unwrap();
        let severity = |name: &str| diagnostics.iter().filter(|entry| entry["severity"] == name).count();
        assert_eq!((severity("ERROR"), severity("WARNING")), (summary.errors, summary.warnings));
        let is_open =
            |entry: &&Value| entry["message"].as_str().is_some_and(|says| says.contains(" could not be judged: "));
        assert_eq!(diagnostics.iter().filter(is_open).count(), open, "a remark for each cause");

        let concise = render(&report, "concise");
        let lines = |mark: &str| concise.lines().filter(|line| line.contains(mark)).count();
        assert_eq!((lines(": error["), lines(": warning[")), (summary.errors, summary.warnings));
        assert_eq!(lines(": undecided["), open, "the same causes");

        let markdown = render(&report, "markdown");
        assert_eq!(markdown.matches("#### ❌ error").count(), summary.errors);
        assert_eq!(markdown.contains("#### ❔ undecided"), summary.undecided > 0);

        let page = render(&report, "html");
        for (name, count) in own.as_object().unwrap() {
            assert_eq!(html::counted(&page, name), count.as_u64().unwrap(), "case {number}: {name}");
        }
        let articles = [("error", summary.errors), ("warning", summary.warnings), ("note", summary.notes)];
        for (severity, count) in articles {
            assert_eq!(page.matches(&format!("<article class=\"{severity}\"")).count(), count, "case {number}");
        }
    }
}

#[test]
fn sarif_says_where_why_and_how_to_cure_it() {
    let text = render(&report(mixed, Options::default()), "sarif");
    let log: Value = serde_json::from_str(&text).unwrap();
    let run = sarif(&report(mixed, Options::default())).runs.remove(0);
    assert_eq!(run.column_kind, Some("unicodeCodePoints".into()));
    let rules = run.tool.driver.rules.unwrap();
    assert_eq!(rules.len(), pomlint::rules::RULES.len());
    let mut ids = BTreeSet::new();
    for rule in &rules {
        assert!(ids.insert(rule.id.clone()), "{} stands twice", rule.id);
        assert_eq!(rule.help_uri, pomlint::page::address(&rule.id), "once the guide is published, and not before");
        let help = rule.help.as_ref().unwrap();
        assert!(
            help.text.contains("How we know") && help.markdown.as_ref().unwrap().contains("\n## Fix"),
            "{}",
            rule.id
        );
        assert!(!help.text.contains('\u{1b}'), "{}", rule.id);
    }
    let results = run.results.unwrap();
    for result in &results {
        let index = usize::try_from(result.rule_index.unwrap()).unwrap();
        assert_eq!(Some(&rules[index].id), result.rule_id.as_ref());
    }
    let place = &log["runs"][0]["results"][1]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"], serde_json::json!({"uri": "deploy/pomerium.yaml", "uriBaseId": "%SRCROOT%"}));
    assert_eq!(place["region"], serde_json::json!({"startLine": 4, "startColumn": 1, "endLine": 4, "endColumn": 22}));
    let message = &log["runs"][0]["results"][1]["message"];
    assert!(message["text"].as_str().unwrap().ends_with("is wrong\nFix: correct it:\n  a: b"), "{message}");
    assert!(
        message["markdown"].as_str().unwrap().ends_with("**Fix**: correct it:\n\n```text\na: b\n```\n"),
        "{message}"
    );
    let notification = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(notification["associatedRule"]["id"], "issuer-mismatch");
    assert!(notification["message"]["text"].as_str().unwrap().contains("10 s were not enough"), "{notification}");
}

#[test]
fn sarif_keeps_to_its_published_schema() {
    let mut schema = sarif_schema();
    // One pattern has a bracket too many to be a regular expression everywhere; we name no language.
    for with_language in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][with_language]["properties"]["language"];
        assert!(language.as_object_mut().unwrap().remove("pattern").is_some());
    }
    assert!(schema["title"].as_str().unwrap().contains("SARIF"), "{}", schema["title"]);
    let validator = jsonschema::validator_for(&schema).unwrap();
    for report in [report(mixed, Options::default()), report(without_findings, Options::default()), hostile()] {
        let log = json(&report, "sarif");
        let wrong: Vec<String> =
            validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
    let mut broken = json(&report(mixed, Options::default()), "sarif");
    broken["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(!validator.is_valid(&broken), "the schema checks nothing");
}

/// What a program may change stands in both forms for programs, and is the same.
#[test]
fn an_edit_is_one_replacement_in_the_users_file() {
    let edited = |config: &Config| {
        let edit = Edit { at: at(config, "cognito\n"), text: "oidc".to_owned() };
        let finding = Finding::at(edit.at, "is wrong").fix("correct it:").fix("a: b").edit(Some(edit));
        vec![judged("provider-missing", Verdict::Fail(vec![finding, Finding::at(at(config, "https"), "is wrong")]))]
    };
    let report = report(edited, Options::default());
    let fixes: Vec<_> = sarif(&report).runs.remove(0).results.unwrap().into_iter().map(|result| result.fixes).collect();
    assert_eq!(fixes.iter().flatten().flatten().count(), 1);
    let fix = serde_json::to_value(&fixes[0].as_ref().unwrap()[0]).unwrap();
    let change = &fix["artifactChanges"][0];
    assert_eq!(fix["description"]["text"], "correct it:\na: b");
    assert_eq!(change["artifactLocation"]["uri"], "deploy/pomerium.yaml");
    let region = serde_json::json!({"startLine": 4, "startColumn": 15, "endLine": 5, "endColumn": 1});
    assert_eq!(
        change["replacements"],
        serde_json::json!([{"deletedRegion": region, "insertedContent": {"text": "oidc"}}])
    );
    let findings = &json(&report, "json")["reports"][0]["verdicts"][0]["findings"];
    let edit = serde_json::json!({"file": "deploy/pomerium.yaml", "start": {"line": 4, "column": 15}, "end": {"line": 5, "column": 1}, "text": "oidc"});
    assert_eq!(findings[0]["fix"]["edit"], edit);
    assert_eq!(findings[1]["fix"], Value::Null);
}

/// A report in which everything that comes from outside is hostile.
pub(crate) fn hostile() -> Report {
    let config = configuration("de%,:<ploy>]]>/&\"@octocat`#1.yaml", &crate::support::healthy());
    let mut world = nothing_known(&config);
    let id = ExchangeId("authorize".to_owned());
    world.exchanges.push(Exchange {
        id: id.clone(),
        request: evidence::Request {
            method: "POST".to_owned(),
            url: format!("https://a.example/x?{HOSTILE}"),
            form: vec![("a".to_owned(), HOSTILE.to_owned())],
        },
        outcome: Outcome::Answer(Answer {
            status: 400,
            headers: vec![("location".to_owned(), HOSTILE.to_owned())],
            body: serde_json::json!({"error": HOSTILE}).to_string(),
            truncated: false,
            ..Answer::default()
        }),
        at: 1_790_000_000,
        ms: 41,
        attempts: 1,
    });
    let finding = Finding::at(at(&config, "cognito"), HOSTILE)
        .title(HOSTILE)
        .also(at(&config, "routes"), HOSTILE)
        .near(("sent", HOSTILE), ("registered", "plain"))
        .fix(HOSTILE)
        .fix(HOSTILE);
    let mut failed = judged("callback-not-registered", Verdict::Fail(vec![finding]));
    failed.client = Some(HOSTILE.to_owned());
    failed.witnesses = vec![id];
    let reason =
        Missing::Unreachable { url: format!("https://{HOSTILE}/"), step: Step::Connect, cause: HOSTILE.to_owned() };
    let verdicts = vec![failed, judged("issuer-mismatch", Verdict::Undecided(vec![reason]))];
    Report::new([(config, world, verdicts)], &Options::default())
}

#[test]
fn nothing_from_outside_acts_in_any_form() {
    let report = hostile();
    for format in FORMATS {
        let text = (format.render)(&report, &View::default());
        assert!(text.contains("evil.example") || text.contains("evil&#46;example"), "{} lost the text", format.name);
        let acting: Vec<char> = text
            .chars()
            .filter(|character| (character.is_control() && *character != '\n') || matches!(character, '\u{202e}'))
            .collect();
        assert!(acting.is_empty(), "{}: {acting:?}", format.name);
        let commands = text.lines().filter(|line| line.trim_start().starts_with("::")).count();
        assert_eq!(commands, if format.name == "github" { 2 } else { 0 }, "{}: {text}", format.name);
        assert!(!text.contains("##[") && !text.contains("##vso["), "{}: {text}", format.name);
        // In JSON, a line is never the text alone.
        if !["json", "jsonl", "sarif", "gitlab", "rdjson"].contains(&format.name) {
            assert!(!text.lines().any(|line| line.trim_start().starts_with("/close")), "{}: {text}", format.name);
        }
    }
}

#[test]
fn hostile_text_stays_text_for_its_reader() {
    let report = hostile();
    let suites = junit(&report);
    let case = &suites.suites[0].cases[0];
    assert!(case.status.failure_as_ref().message.starts_with("]]><script>alert(1)</script>&amp;%0A"), "{case:?}");
    assert_eq!(suites.suites[0].name, "de%,:<ploy>]]>/&\"@octocat`#1.yaml");
    assert_eq!(suites.tests, 2);

    let (commands, other) = github(&report);
    assert!(commands[0].message.starts_with("]]><script>alert(1)</script>&amp;%0A%3A\\r\\n::error::injected"));
    let names: Vec<&str> = commands[0].properties.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["file", "line", "endLine", "col", "endColumn", "title"]);
    assert_eq!(commands[0].properties[0].1, "de%,:<ploy>]]>/&\"@octocat`#1.yaml");
    assert!(other.iter().all(|line| line.starts_with("pomlint: ")), "{other:?}");

    let run = sarif(&report).runs.remove(0);
    let result = &run.results.unwrap()[0];
    let message = result.message.text.as_ref().unwrap();
    assert!(message.contains("<script>") && !message.contains("]("), "{message}");
    let uri = result.locations.as_ref().unwrap()[0].physical_location.as_ref().unwrap();
    let uri = uri.artifact_location.as_ref().unwrap().uri.as_ref().unwrap();
    assert_eq!(uri, "de%25%2C%3A%3Cploy%3E%5D%5D%3E/%26%22%40octocat%60%231.yaml");
    assert_eq!(result.web_request.as_ref().unwrap().method.as_deref(), Some("POST"));
    assert_eq!(result.web_response.as_ref().unwrap().status_code, Some(400));
    inert_markdown(result.message.markdown.as_ref().unwrap());
}

#[test]
fn hostile_text_neither_links_nor_mentions_in_markdown() {
    inert_markdown(&render(&hostile(), "markdown"));
}

/// A Markdown reader finds no link, picture or element but ours, and what is read after it finds no mention.
fn inert_markdown(markdown: &str) {
    let mut code = false;
    for event in pulldown_cmark::Parser::new_ext(markdown, pulldown_cmark::Options::all()) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                let ours = ["<code>", "</code>", "<details><summary>Evidence</summary>", "</details>"];
                assert!(ours.contains(&html.trim()), "{html} in {markdown}");
                code = html.trim() == "<code>" || (code && html.trim() != "</code>");
            }
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::Strikethrough | Tag::Emphasis | Tag::Table(_))
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_) => panic!("{event:?} in {markdown}"),
            Event::Start(Tag::CodeBlock(_)) => code = true,
            Event::End(pulldown_cmark::TagEnd::CodeBlock) => code = false,
            Event::Text(text) if !code => {
                let mentions = ["@o", "#1"].iter().any(|mention| text.contains(mention));
                assert!(!mentions, "{text} in {markdown}");
            }
            _ => {}
        }
    }
    // GitHub makes links of bare addresses; the reader above does not.
    let mut fenced = false;
    for line in markdown.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        assert!(fenced || (!line.contains("://") && !line.contains("www.")), "{line}");
    }
    assert!(!fenced, "a block is not closed: {markdown}");
}

#[test]
fn a_markdown_comment_fits_whatever_is_found() {
    let many = |config: &Config| {
        let finding = || Finding::at(at(config, "routes"), "x".repeat(500)).fix("y".repeat(500));
        vec![judged("unknown-key", Verdict::Fail((0..500).map(|_| finding()).collect()))]
    };
    let text = render(&report(many, Options { pedantic: true, ..Options::default() }), "markdown");
    assert!(text.len() < 65_536, "{} bytes", text.len());
    assert!(text.trim_end().ends_with("did not fit here: run `pomlint check` to read all."), "{}", &text[60_000..]);
}

#[test]
fn a_markdown_comment_loses_no_error_for_lack_of_room() {
    let many = |config: &Config| {
        let finding = |severity| Finding::at(at(config, "routes"), "x".repeat(500)).severity(severity);
        vec![
            judged("unknown-key", Verdict::Fail((0..400).map(|_| finding(Severity::Warning)).collect())),
            judged("issuer-mismatch", unreachable()),
            judged("provider-missing", Verdict::Fail(vec![finding(Severity::Error)])),
        ]
    };
    let text = render(&report(many, Options::default()), "markdown");
    let places =
        ["A login will fail at", "#### ❌ error", "#### ❔ undecided", "#### ⚠️ warning"].map(|mark| text.find(mark));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
    assert!(text.len() < 65_536 && text.contains(" did not fit here"), "{} bytes", text.len());
}

/// The names of all members, wherever they stand.
fn members(value: &Value, path: &str, all: &mut BTreeSet<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| members(value, &format!("{path}/*"), all)),
        Value::Object(fields) => {
            for (name, value) in fields {
                all.insert(format!("{path}/{name}"));
                members(value, &format!("{path}/{name}"), all);
            }
        }
        _ => {}
    }
}

/// What a form is made of, as its reader sees it: none of this may change with what is said.
fn skeleton(report: &Report) -> Vec<String> {
    let mut all = Vec::new();
    for name in ["json", "sarif", "gitlab", "rdjson"] {
        let mut names = BTreeSet::new();
        members(&json(report, name), name, &mut names);
        all.extend(names);
    }
    let own = json(report, "json");
    all.push(own["schema"].to_string());
    for verdict in own["reports"][0]["verdicts"].as_array().unwrap() {
        all.push(format!("{} {} {} {}", verdict["rule"], verdict["stage"], verdict["severity"], verdict["verdict"]));
    }
    let log = sarif(report);
    all.push(format!("{:?} {:?}", log.schema, log.version));
    for result in log.runs[0].results.as_ref().unwrap() {
        all.push(format!("{:?} {:?}", result.rule_id, result.level));
    }
    for entry in json(report, "gitlab").as_array().unwrap() {
        all.push(format!("{} {} {}", entry["check_name"], entry["severity"], entry["location"]));
    }
    for case in &junit(report).suites[0].cases {
        let kind = [case.status.is_failure(), case.status.is_error(), case.status.is_skipped()];
        all.push(format!("{} {:?} {:?} {kind:?}", case.original_name, case.classname, case.file));
    }
    let (commands, _) = github(report);
    for command in commands {
        let names: Vec<&str> = command.properties.iter().map(|(name, _)| name.as_str()).collect();
        let place: Vec<&str> = command.properties.iter().take(2).map(|(_, value)| value.as_str()).collect();
        all.push(format!("{} {names:?} {place:?}", command.name));
    }
    for line in render(report, "concise").lines() {
        all.push(line.split(' ').take(2).collect::<Vec<_>>().join(" "));
    }
    let markdown = render(report, "markdown");
    all.extend(pulldown_cmark::Parser::new(&markdown).filter_map(|event| match event {
        Event::Start(tag @ (Tag::Heading { .. } | Tag::CodeBlock(_))) => Some(format!("{tag:?}")),
        Event::Html(html) | Event::InlineHtml(html) => Some(html.into_string()),
        _ => None,
    }));
    all.extend(html::elements(&render(report, "html")));
    all
}

#[test]
fn a_secret_that_is_a_word_of_a_form_breaks_no_form() {
    let with = |secrets: &[&str]| {
        let mut config = configuration("deploy/pomerium.yaml", &crate::support::healthy());
        let place = at(&config, "idp_client_secret");
        config.secrets.extend(secrets.iter().map(|secret| (Secret::new(*secret), place)));
        let world = nothing_known(&config);
        let verdicts = mixed(&config);
        Report::new([(config, world, verdicts)], &Options { pedantic: true, ..Options::default() })
    };
    let plain = with(&[]);
    let expected = skeleton(&plain);
    // Every word of every form, and what stands between them.
    let mut words: BTreeSet<String> =
        ["2.1.0", "pomlint/report/v1", "::error ", "::error", "\": \"", "\": [", "\",\n", "\"error\"", "</testcase>"]
            .into_iter()
            .chain([
                "/>\n",
                "=\"",
                "name=",
                "<?xml",
                "line=",
                ",line=4",
                "::warning file=",
                "#### ",
                "<code>",
                "```text",
                "```\n",
                "error[",
            ])
            .chain([": error[provider-missing]", "deploy", "pomerium.yaml", "\\n", "&quot;", "&#58;", "%0A", "%3A"])
            .map(str::to_owned)
            .collect();
    for format in FORMATS.iter().filter(|format| format.name != "sarif") {
        let text = render(&plain, format.name);
        words.extend(text.split(|c: char| !c.is_ascii_alphanumeric() && !"_-$".contains(c)).map(str::to_owned));
    }
    let mut names = BTreeSet::new();
    members(&json(&plain, "sarif"), "", &mut names);
    words.extend(names.iter().filter_map(|path| path.rsplit('/').next()).map(str::to_owned));
    words.extend(["error", "warning", "unicodeCodePoints", "%SRCROOT%", "HTTPS"].map(str::to_owned));
    words.retain(|word| word.chars().count() >= 4);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert!(words.len() > 200, "{words:?}");
    let schema: Value = serde_json::from_str(pomlint::report::SCHEMA).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    // All of them at once, and those that were seen to break something alone.
    for secrets in
        [&words[..], &["::error"], &["2.1.0"], &["level"], &["testcase"], &["name="], &["\"error\""], &["critical"]]
    {
        let report = with(secrets);
        assert_eq!(skeleton(&report), expected, "{secrets:?}");
        assert!(schema.is_valid(&json(&report, "json")), "{secrets:?}");
    }
}

#[test]
fn no_form_tells_a_secret_wherever_a_rule_or_a_provider_says_it() {
    const CANARY: &str = "1hqcanary7s6d5f4g3h2j1k0l9m8n7b6v5c4";
    let mut config = configuration("pomerium.yaml", &crate::support::healthy());
    config.secrets.push((Secret::new(CANARY), at(&config, "idp_client_secret")));
    let mut world = nothing_known(&config);
    let said = format!("it is {CANARY}.");
    let hidden = CANARY.replace('c', "\\u0063");
    let answered = |id: &str, outcome| Exchange {
        id: ExchangeId(format!("{id}-{CANARY}")),
        request: evidence::Request {
            method: "POST".to_owned(),
            url: format!("https://a.example/x?a={CANARY}"),
            form: vec![(said.clone(), said.clone())],
        },
        outcome,
        at: 1_790_000_000,
        ms: 41,
        attempts: 1,
    };
    let answer = |body: String, headers: Vec<(String, String)>| {
        Outcome::Answer(Answer { status: 400, headers, body, truncated: false, ..Answer::default() })
    };
    let failure = Failure::new(Step::Tls, said.clone());
    world.exchanges = vec![
        answered("json", answer(format!("{{\"error\": \"{hidden}\", \"message\": \"{CANARY}\"}}"), Vec::new())),
        answered(
            "page",
            answer(format!("<title>{CANARY}</title>{CANARY}"), vec![("location".to_owned(), said.clone())]),
        ),
        answered("failed", Outcome::Failure(failure)),
    ];
    world.proxies.insert(format!("{CANARY}.example"), format!("http://{CANARY}:3128"));
    let mut verdicts = Vec::new();
    for (index, exchange) in world.exchanges.iter().enumerate() {
        let place = at(&config, "idp_client_secret");
        let edit = Edit { at: place, text: said.clone() };
        let mut finding =
            Finding::at(place, &said).title(&said).also(place, &said).near(("sent", &said), ("got", CANARY));
        finding = finding.fix(&said).fix(&said).edit(Some(edit));
        if index == 1 {
            let (reason, place) = (said.clone(), "pomerium.yaml:1".to_owned());
            finding.ignored = Some(Ignored { reason, until: None, place });
        }
        let mut failed = judged("callback-not-registered", Verdict::Fail(vec![finding]));
        failed.client = Some(said.clone());
        failed.witnesses = vec![exchange.id.clone()];
        verdicts.push(failed);
    }
    let url = || format!("https://{CANARY}.example/");
    verdicts.push(judged(
        "issuer-mismatch",
        Verdict::Undecided(vec![
            Missing::Unreachable { url: url(), step: Step::Tls, cause: said.clone() },
            Missing::Inconclusive { url: url(), status: 403, why: said.clone() },
            Missing::Forbidden { url: url(), why: said.clone(), flag: Some(Flag::AllowHost) },
            Missing::Unconfigured(said.clone()),
            Missing::NotRecorded { url: url() },
        ]),
    ));
    let mut report = Report::new([(config, world, verdicts)], &Options::default());
    let entry = format!(
        "{{\"fingerprint\": \"{CANARY}\", \"rule\": \"{CANARY}\", \"config\": \"pomerium.yaml\", \"title\": \"{CANARY}\"}}"
    );
    report.accept(
        &Baseline::parse(&format!("{{\"schema\": \"pomlint/baseline/v1\", \"accepted\": [{entry}]}}")).unwrap(),
    );
    for format in FORMATS {
        for verbosity in [Verbosity::Quiet, Verbosity::Normal, Verbosity::Verbose] {
            let text = (format.render)(&report, &View { verbosity, ..View::default() });
            assert!(text.contains("‹secret, 36 chars›"), "{}: {text}", format.name);
            assert!(!text.contains("canary"), "{}: {text}", format.name);
        }
    }
    assert!(!Baseline::of(&report).text().contains("canary"));
}

/// A pull request can change the settings: a green run says what they excuse.
#[test]
fn what_the_settings_excuse_is_told_in_every_form() {
    let build = |off: bool| {
        let config = configuration("deploy/pomerium.yaml", &crate::support::healthy());
        let world = nothing_known(&config);
        let rule = find("callback-not-registered").unwrap();
        let mut verdicts = vec![judged("issuer-missing", Verdict::Pass)];
        let mut applied = Applied { file: "ci/pomlint.toml".to_owned(), ..Applied::default() };
        if off {
            applied.off = vec![rule.name];
        } else {
            let finding = Finding::at(at(&config, "https"), "is wrong").severity(Severity::Note);
            verdicts.push(judged(rule.name, Verdict::Fail(vec![finding])));
            verdicts[1].set_to = Some(Severity::Note);
            applied.severities = vec![(rule, Severity::Note)];
        }
        let mut report = Report::new([(config, world, verdicts)], &Options::default());
        report.apply(applied);
        report
    };
    for (off, words) in [
        (true, "switches off callback-not-registered"),
        (false, "makes callback-not-registered a note (instead of error)"),
    ] {
        let report = build(off);
        assert_eq!(report.summary.exit, 0);
        for name in ["human", "concise", "github", "gitlab", "sarif", "markdown"] {
            let text = render(&report, name).replace('\n', " ");
            let text = if name == "markdown" { text.replace('\\', "").replace("&#46;", ".") } else { text };
            assert!(text.contains("settings: ci/pomlint.toml ") && text.contains(words), "{name}: {text}");
        }
        let human = render(&report, "human");
        assert!(human.contains("callback ~") && !human.contains("should work"), "{human}");
        assert!(render(&report, "markdown").contains("callback ~"));
        assert_eq!(github(&report).0[0].name, "notice");
        let suites = junit(&report);
        let case = suites.suites[0].cases.iter().find(|case| case.original_name == "callback-not-registered").unwrap();
        assert!(case.status.is_skipped() && render(&report, "junit").contains("in ci/pomlint.toml"), "{case:?}");
        let run = sarif(&report).runs.remove(0).invocations.unwrap().remove(0);
        assert_eq!(run.tool_configuration_notifications.unwrap().len(), 1);
        assert_eq!(run.tool_execution_notifications.unwrap().len(), 0);
    }
}

#[test]
fn github_gets_ten_annotations_at_most_and_the_worst_first() {
    let many = |config: &Config| {
        let finding = |severity| Finding::at(at(config, "routes"), "x").severity(severity);
        let warnings = (0..9).map(|_| finding(Severity::Warning)).collect();
        let errors = (0..4).map(|_| finding(Severity::Error)).collect();
        vec![
            judged("unknown-key", Verdict::Fail(warnings)),
            judged("provider-missing", Verdict::Fail(errors)),
            judged("issuer-mismatch", unreachable()),
        ]
    };
    let report = report(many, Options::default());
    let (commands, other) = github(&report);
    let names: Vec<&str> = commands.iter().map(|command| command.name.as_str()).collect();
    assert_eq!(names, [vec!["error"; 4], vec!["warning"; 6]].concat());
    assert!(
        commands[4]
            .properties
            .iter()
            .any(|(_, value)| value == "undecided%3A issuer-mismatch" || value == "undecided: issuer-mismatch")
    );
    assert!(other[0].ends_with("; 4 more have no annotation, of which GitHub shows 10"), "{other:?}");
    // Only a run that writes a step summary says so.
    let view = View { step_summary: true, ..View::default() };
    let text = (format("github").unwrap().render)(&report, &view);
    assert!(text.contains("; 4 more are in the step summary"), "{text}");
}

#[test]
fn gitlab_entries_have_the_documented_fields() {
    let entries = json(&report(mixed, Options { pedantic: true, ..Options::default() }), "gitlab");
    let mut fingerprints = BTreeSet::new();
    for entry in entries.as_array().unwrap() {
        for name in ["description", "check_name", "fingerprint", "severity"] {
            assert!(entry[name].as_str().is_some_and(|text| !text.is_empty()), "{name}: {entry}");
        }
        let severity = entry["severity"].as_str().unwrap();
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity), "{entry}");
        assert_eq!(entry["location"]["path"], "deploy/pomerium.yaml");
        assert!(entry["location"]["lines"]["begin"].as_u64().unwrap() >= 1, "{entry}");
        assert!(fingerprints.insert(entry["fingerprint"].as_str().unwrap().to_owned()), "{entry} stands twice");
    }
    assert_eq!(fingerprints.len(), 5);
}

#[test]
fn rdjson_counts_bytes_and_suggests_what_cures() {
    let text = "\u{feff}{ naïve😀: 1, idp_provider: Cognito, routes: [] }\n";
    for (name, text, column) in [("a.yaml", text, 35), ("b.yaml", &format!("# x\n{}", &text[3..]), 32)] {
        let config = configuration(name, text);
        let (source, _) = config.sources.iter().next().unwrap();
        let start = text.find("Cognito").unwrap();
        let at = Span { source, start, end: start + "Cognito".len() };
        let edit = pomlint::rules::Edit { at, text: "cognito".to_owned() };
        let finding = Finding::at(at, "x").fix("write it so").edit(Some(edit));
        let verdict = judged("provider-unknown", Verdict::Fail(vec![finding]));
        let world = nothing_known(&config);
        let report = Report::new([(config, world, vec![verdict])], &Options::default());
        let line = if name == "a.yaml" { 1 } else { 2 };
        let range = serde_json::json!({
            "start": {"line": line, "column": column}, "end": {"line": line, "column": column + 7},
        });
        let rdjson = json(&report, "rdjson");
        assert_eq!(rdjson["source"]["name"], "pomlint");
        let diagnostic = &rdjson["diagnostics"][0];
        assert_eq!(diagnostic["location"], serde_json::json!({"path": name, "range": range}));
        assert_eq!(diagnostic["suggestions"], serde_json::json!([{"range": range, "text": "cognito"}]));
        assert_eq!(
            (&diagnostic["severity"], &diagnostic["code"]["value"]),
            (&"ERROR".into(), &"provider-unknown".into())
        );
        assert!(diagnostic["message"].as_str().unwrap().ends_with("x\nfix: write it so"), "{diagnostic}");
    }
}

/// The fingerprints of findings on each line that holds a text.
fn fingerprints(name: &str, text: &str, rule: &str, client: Option<&str>, marked: &str) -> Vec<String> {
    let config = configuration(name, text);
    let (source, found) = config.sources.iter().next().unwrap();
    let places = found.text.match_indices(marked).map(|(start, _)| Span { source, start, end: start + marked.len() });
    let findings: Vec<Finding> = places.map(|place| Finding::at(place, "x")).collect();
    let mut verdict = judged(rule, Verdict::Fail(findings));
    verdict.client = client.map(str::to_owned);
    let world = nothing_known(&config);
    let report = Report::new([(config, world, vec![verdict])], &Options::default());
    report.reports[0].listed().iter().map(|listed| listed.fingerprint.to_owned()).collect()
}

#[test]
fn fingerprints_outlive_moves_and_tell_findings_apart() {
    let text = crate::support::healthy();
    let base = |text: &str, marked: &str| fingerprints("a.yaml", text, "unknown-key", None, marked);
    let original = base(&text, "idp_provider: cognito");
    assert_eq!(original.len(), 1);
    // Lines come and go, the line is indented otherwise, the path is written otherwise.
    let moved = format!("# one\n\n# two\n{}", text.replace("routes:", "# three\nroutes:"));
    assert_eq!(base(&moved, "idp_provider: cognito"), original);
    assert_eq!(base(&text.replace("idp_provider: cognito", "idp_provider:   cognito  "), "idp_provider:"), original);
    assert_eq!(fingerprints("./a.yaml", &text, "unknown-key", None, "idp_provider: cognito"), original);
    // The secret of the line plays no part in it.
    let secret = base(&text, "idp_client_secret");
    let key = "1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u";
    assert!(text.contains(key));
    assert_eq!(base(&text.replace(key, &key.to_uppercase()), "idp_client_secret"), secret);
    // Another rule, client, file or line is another finding; equal lines are counted.
    let mut all: BTreeSet<String> = [original, secret].concat().into_iter().collect();
    all.extend(fingerprints("a.yaml", &text, "provider-missing", None, "idp_provider: cognito"));
    all.extend(fingerprints("a.yaml", &text, "unknown-key", Some("one"), "idp_provider: cognito"));
    all.extend(fingerprints("b.yaml", &text, "unknown-key", None, "idp_provider: cognito"));
    all.extend(base(&text.replace("idp_provider: cognito", "idp_provider: google"), "idp_provider:"));
    all.extend(base(&format!("{text}x: same\ny:\n  x: same\n"), "x: same"));
    assert_eq!(all.len(), 8, "{all:?}");
}

#[test]
fn the_show_object_keeps_its_schema() {
    let schema: Value = serde_json::from_str(pomlint::report::SHOW_SCHEMA).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let shown = |text: &str| -> Value {
        let config = configuration("pomerium.yaml", text);
        serde_json::from_str(&show_json(&config, &scrubber([&config]))).unwrap()
    };
    let healthy = shown(&crate::support::healthy());
    for (text, own) in [
        ("a: [", &shown("a: [")),
        ("unknown: 1", &shown("unknown: 1")),
        ("routes: [{}]", &shown("routes: [{}]")),
        ("healthy", &healthy),
    ] {
        assert!(schema.is_valid(own), "{text}: {own}");
    }
    for (member, wrong) in
        [("load", Value::Null), ("hosted", "yes".into()), ("routes", Value::Null), ("sign_out", 1.into())]
    {
        let mut broken = healthy.clone();
        broken[member] = wrong;
        assert!(!schema.is_valid(&broken), "{member} is not checked");
    }
}

#[test]
fn a_baseline_accepts_what_it_knows_and_reports_what_is_gone() {
    let options = Options { undecided: Undecided::Allow, ..Options::default() };
    let before = report(mixed, options);
    let baseline = Baseline::parse(&Baseline::of(&before).text()).unwrap();
    assert_eq!(baseline.accepted.len(), 3);
    let schema: Value = serde_json::from_str(pomlint::report::BASELINE_SCHEMA).unwrap();
    let written: Value = serde_json::from_str(&Baseline::of(&before).text()).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&written), "{written}");

    let mut same = report(mixed, options);
    same.accept(&baseline);
    let summary = same.summary;
    assert_eq!(
        (summary.exit, summary.errors, summary.accepted),
        (0, 2, 3),
        "accepted findings are counted, and do not fail"
    );
    let schema: Value = serde_json::from_str(pomlint::report::SCHEMA).unwrap();
    let own = json(&same, "json");
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&own), "{own}");
    assert_eq!(own["baseline"], serde_json::json!({"accepted": 3, "stale": []}));
    assert_eq!(junit(&same).failures, 0);
    assert!(github(&same).0.iter().all(|command| command.name != "error"));
    let results = sarif(&same).runs.remove(0).results.unwrap();
    assert!(results.iter().all(|result| result.suppressions.as_ref().is_some_and(|list| list.len() == 1)));
    assert!(results.iter().all(|result| result.baseline_state == Some("unchanged".into())));
    for name in ["human", "concise", "markdown"] {
        assert_eq!(render(&same, name).matches("accepted by the").count(), 3, "{}", render(&same, name));
        assert!(render(&same, name).contains("3 of them accepted"), "{}", render(&same, name));
    }
    assert_eq!(own["summary"]["accepted"], 3);

    // A new finding counts; one that is cured is stale; one whose rule was not judged is not.
    let changed = |config: &Config| {
        let mut verdicts = mixed(config);
        verdicts[0].verdict = Verdict::Pass;
        verdicts[1].verdict = unreachable();
        verdicts[3].verdict = Verdict::Fail(vec![Finding::at(at(config, "routes"), "new").severity(Severity::Error)]);
        verdicts
    };
    let mut after = report(changed, options);
    after.accept(&baseline);
    assert_eq!(after.summary.exit, 1);
    let applied = after.baseline.as_ref().unwrap();
    let stale: Vec<&str> = applied.stale.iter().map(|entry| entry.rule.as_str()).collect();
    assert_eq!((applied.accepted, stale), (0, vec!["unknown-key"]));
    for name in ["human", "concise", "markdown", "github"] {
        assert!(render(&after, name).contains("stale: unknown-key in deploy/pomerium.yaml"), "{name}");
    }
    assert_eq!(json(&after, "json")["baseline"]["stale"][0]["rule"], "unknown-key");
    let invocation = sarif(&after).runs.remove(0).invocations.unwrap().remove(0);
    let notes = serde_json::to_string(&invocation.tool_configuration_notifications).unwrap();
    assert!(notes.contains("stale: unknown-key in deploy/pomerium.yaml is cured"), "{notes}");

    let gone = baseline.text().replace("unknown-key", "no-such-rule");
    let mut after = report(mixed, options);
    after.accept(&Baseline::parse(&gone.replacen("\"fingerprint\": \"", "\"fingerprint\": \"0", 1)).unwrap());
    assert!(
        render(&after, "human").contains("stale: no-such-rule in deploy/pomerium.yaml was found by a rule that is no")
    );
}

#[test]
fn what_is_ignored_is_listed_and_does_not_count() {
    let ignored = |config: &Config| {
        let finding = |place: &str| {
            let mut finding = Finding::at(at(config, "routes"), "is wrong");
            let (reason, place) = (HOSTILE.to_owned(), place.to_owned());
            finding.ignored = Some(Ignored { reason, until: None, place });
            finding
        };
        vec![judged(
            "provider-missing",
            Verdict::Fail(vec![finding("deploy/pomerium.yaml:9"), finding("pomlint.toml:3")]),
        )]
    };
    let report = report(ignored, Options::default());
    assert_eq!((report.summary.exit, report.summary.errors, report.summary.ignored), (0, 0, 2));
    let results = sarif(&report).runs.remove(0).results.unwrap();
    let suppressions: Vec<Value> =
        results.iter().map(|result| serde_json::to_value(&result.suppressions.as_ref().unwrap()[0]).unwrap()).collect();
    let kinds: Vec<&str> = suppressions.iter().map(|suppression| suppression["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["inSource", "external"]);
    assert!(suppressions[1]["justification"].as_str().unwrap().starts_with("ignored at pomlint.toml:3: ]]>"));
    assert_eq!((junit(&report).failures, junit(&report).tests), (0, 1));
    let (commands, other) = github(&report);
    assert!(commands.is_empty() && other == ["pomlint: 0 passed, 2 ignored"], "{other:?}");
    assert!(json(&report, "gitlab").as_array().unwrap().iter().all(|entry| entry["severity"] == "info"));
    assert_eq!(render(&report, "concise").matches(": ignored[provider-missing]").count(), 2);
    inert_markdown(&render(&report, "markdown"));
    assert_eq!(render(&report, "markdown").matches("ignored at").count(), 2);
    assert!(Baseline::of(&report).accepted.is_empty(), "what is ignored needs no baseline");
}

#[test]
fn a_text_that_is_no_baseline_is_refused_with_the_place() {
    for (text, place, words) in [
        ("", "1:1: ", "this is no baseline: EOF"),
        ("{\n  \"schema\": 3}", "2:13: ", "invalid type: integer"),
        ("{\n  \"schema\": \"pomlint/baseline/v2\"}", "2:13: ", "the file is `pomlint/baseline/v2`"),
        ("{\"schema\": \"pomlint/baseline/v1\",\n \"accepted\": [{}]}", "2:16: ", "missing field `fingerprint`"),
        ("{\"schema\": \"pomlint/baseline/v1\"}", "1:33: ", "missing field `accepted`"),
    ] {
        let error = Baseline::parse(text).unwrap_err().to_string();
        assert!(error.starts_with(place) && error.contains(words), "{text}: {error}");
    }
}
