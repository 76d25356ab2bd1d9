//! The language server, driven over its pipes as an editor drives it.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::support::healthy;
use crate::support::pool::{AppClient, Pool};
use crate::support::server::Server;

/// A client of the server.
struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    sent: i64,
    /// What came unasked, in its order.
    told: Vec<Value>,
}

impl Client {
    fn start(capabilities: &Value, arguments: &[String]) -> (Self, Value) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pomlint"));
        command.arg("lsp").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut client = Self { child, input, output, sent: 0, told: Vec::new() };
        let answer =
            client.ask("initialize", &json!({"processId": null, "rootUri": null, "capabilities": capabilities}));
        client.tell("initialized", &json!({}));
        (client, answer["result"].clone())
    }

    fn write(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input.as_mut().unwrap(), "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.write(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request and waits for its answer; what else comes is kept.
    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.sent += 1;
        let id = self.sent;
        self.write(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.read().expect("an answer");
            if message["id"] == id && message["method"].is_null() {
                return message;
            }
            self.told.push(message);
        }
    }

    fn read(&mut self) -> Option<Value> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some((_, number)) => length = number.parse().unwrap(),
                None => break,
            }
        }
        let mut text = vec![0; length];
        self.output.read_exact(&mut text).unwrap();
        Some(serde_json::from_slice(&text).unwrap())
    }

    fn open(&mut self, uri: &str, text: &str) {
        let document = json!({"uri": uri, "languageId": "yaml", "version": 1, "text": text});
        self.tell("textDocument/didOpen", &json!({"textDocument": document}));
    }

    fn change(&mut self, uri: &str, version: i64, text: &str) {
        let params = json!({"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]});
        self.tell("textDocument/didChange", &params);
    }

    /// The diagnostics that are shown once everything said so far was heard.
    fn shown(&mut self, uri: &str) -> Vec<Value> {
        let answer = self.ask("textDocument/diagnostic", &json!({"textDocument": {"uri": uri}}));
        answer["result"]["items"].as_array().unwrap().clone()
    }

    /// The first diagnostics that came unasked.
    fn pushed(&mut self) -> Value {
        loop {
            if let Some(told) = self.told.iter().find(|told| told["method"] == "textDocument/publishDiagnostics") {
                return told.clone();
            }
            let message = self.read().expect("diagnostics");
            self.told.push(message);
        }
    }

    fn actions(&mut self, uri: &str, range: &Value) -> Vec<Value> {
        let params = json!({"textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": []}});
        self.ask("textDocument/codeAction", &params)["result"].as_array().unwrap().clone()
    }

    fn hover(&mut self, uri: &str, line: usize, character: usize) -> String {
        let position = json!({"line": line, "character": character});
        let answer = self.ask("textDocument/hover", &json!({"textDocument": {"uri": uri}, "position": position}));
        answer["result"]["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    /// Leaves as an editor does, and says how it ended.
    fn leave(mut self) -> i32 {
        assert_eq!(self.ask("shutdown", &Value::Null)["result"], Value::Null);
        self.tell("exit", &Value::Null);
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.input.take();
        let _ = self.child.wait();
    }
}

const URI: &str = "file:///c%3A/Users/Ann%20Lee/pomerium.yaml";

/// With a slash behind the issuer, and a key that is gone.
fn broken() -> String {
    let text = healthy();
    let issuer = text.lines().find(|line| line.starts_with("idp_provider_url:")).unwrap().to_owned();
    text.replace(&issuer, &format!("{}/", issuer.trim_end_matches(['"', '\''])))
}

/// The bytes of a range that is counted in these units.
fn bytes(text: &str, range: &Value, encoding: &str) -> std::ops::Range<usize> {
    let place = |at: &Value| {
        let line = text.split('\n').nth(usize::try_from(at["line"].as_u64().unwrap()).unwrap()).unwrap();
        let start = line.as_ptr() as usize - text.as_ptr() as usize;
        let units = usize::try_from(at["character"].as_u64().unwrap()).unwrap();
        let mut left = units;
        let width = |c: char| if encoding == "utf-8" { c.len_utf8() } else { c.len_utf16() };
        let index = line.char_indices().find(|(_, c)| {
            let is_there = left == 0;
            left = left.saturating_sub(width(*c));
            is_there
        });
        start + index.map_or(line.len(), |(index, _)| index)
    };
    place(&range["start"])..place(&range["end"])
}

#[test]
fn a_finding_is_shown_explained_and_cured() {
    let (mut client, can) = Client::start(&json!({}), &[]);
    assert_eq!(can["capabilities"]["positionEncoding"], "utf-16");
    let text = broken();
    client.open(URI, &text);
    let shown = client.shown(URI);
    let slash = shown.iter().find(|one| one["code"] == "issuer-has-trailing-slash").unwrap();
    assert_eq!((&slash["severity"], &slash["source"]), (&json!(1), &json!("pomlint")));
    // It was pushed as well: this client does not say that it pulls.
    let pushed = client.pushed();
    assert_eq!((&pushed["params"]["uri"], &pushed["params"]["version"]), (&json!(URI), &json!(1)));
    assert_eq!(pushed["params"]["diagnostics"], json!(shown));
    let start = &slash["range"]["start"];
    let (line, character) = (start["line"].as_u64().unwrap(), start["character"].as_u64().unwrap());
    let hover = client.hover(URI, usize::try_from(line).unwrap(), usize::try_from(character).unwrap());
    assert!(hover.contains("User pool `eu-west-1_9xK2mPq7R` in eu-west-1") && hover.contains("## Fix"), "{hover}");
    assert!(!hover.contains("```screen"), "{hover}");
    let actions = client.actions(URI, &slash["range"]);
    let titles: Vec<&str> = actions.iter().map(|action| action["title"].as_str().unwrap()).collect();
    // Wherever the cursor stands on the line: there, some editors ask for no more than its place.
    for character in [0, 18, 60] {
        let cursor = json!({"line": slash["range"]["start"]["line"], "character": character});
        assert_eq!(client.actions(URI, &json!({"start": cursor, "end": cursor})), actions, "{character}");
    }
    assert!(titles.iter().any(|title| title.starts_with("Ignore issuer-has-trailing-slash here")), "{titles:?}");
    let cure = actions.iter().find(|action| action["isPreferred"] == true).unwrap();
    let edit = &cure["edit"]["changes"][URI][0];
    let mut cured = text.clone();
    cured.replace_range(bytes(&text, &edit["range"], "utf-16"), edit["newText"].as_str().unwrap());
    client.change(URI, 2, &cured);
    assert!(client.shown(URI).iter().all(|one| one["code"] != "issuer-has-trailing-slash"));
    assert_eq!(client.leave(), 0);
}

#[test]
fn the_names_of_rules_are_completed_where_one_is_ignored_and_nowhere_else() {
    let (mut client, _) = Client::start(&json!({}), &[]);
    let text =
        "# é pomlint: ignore[no\n# pomlint: ignore[clock-skew, iss\n# pomlint: ignore[x] reason: \nidp_provider: \n";
    client.open(URI, text);
    let mut complete = |line: u64, character: u64| -> Vec<Value> {
        let at = json!({"textDocument": {"uri": URI}, "position": {"line": line, "character": character}});
        client.ask("textDocument/completion", &at)["result"].as_array().unwrap().clone()
    };
    assert_eq!(complete(0, 22).len(), 0, "that is another comment");
    let items = complete(1, 33);
    let issuer = items.iter().find(|item| item["label"] == "issuer-missing").unwrap();
    let range = json!({"start": {"line": 1, "character": 30}, "end": {"line": 1, "character": 33}});
    assert_eq!(issuer["textEdit"], json!({"range": range, "newText": "issuer-missing"}));
    assert!(issuer["detail"].as_str().unwrap().len() > 5);
    assert_eq!((complete(2, 29).len(), complete(3, 14).len()), (0, 0));
    assert_eq!(client.leave(), 0);
}

#[test]
fn ignoring_asks_for_a_reason_and_then_silences() {
    let client = json!({"textDocument": {"diagnostic": {}}, "window": {"showDocument": {"support": true}},
        "workspace": {"workspaceEdit": {"documentChanges": true}}});
    let (mut client, told) = Client::start(&client, &[]);
    assert_eq!(told["capabilities"]["executeCommandProvider"]["commands"][1], "pomlint.writeReason");
    let text = broken().replace('\n', "\r\n");
    client.open(URI, &text);
    let slash = client.shown(URI).into_iter().find(|one| one["code"] == "issuer-has-trailing-slash").unwrap();
    let actions = client.actions(URI, &slash["range"]);
    let ignore = actions.iter().find(|action| action["title"].as_str().unwrap().starts_with("Ignore ")).unwrap();
    let change = &ignore["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"], json!({"uri": URI, "version": 1}));
    let comment = change["edits"][0]["newText"].as_str().unwrap();
    assert_eq!(comment, "# pomlint: ignore[issuer-has-trailing-slash] reason: \r\n");
    let line = usize::try_from(change["edits"][0]["range"]["start"]["line"].as_u64().unwrap()).unwrap();
    // Whoever takes the action is led to where the reason is to be written.
    let command = &ignore["command"];
    client.ask("workspace/executeCommand", command);
    let shown = client.told.iter().rfind(|told| told["method"] == "window/showDocument").unwrap();
    let behind = json!({"line": line, "character": comment.trim_end_matches("\r\n").len()});
    let expected = json!({"uri": URI, "takeFocus": true, "selection": {"start": behind, "end": behind}});
    assert_eq!(shown["params"], expected);
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (without, with) = (comment.to_owned(), comment.replace("\r\n", "we know\r\n"));
    lines.insert(line, &without);
    client.change(URI, 2, &lines.concat());
    let codes = |client: &mut Client| {
        client.shown(URI).iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let shown = codes(&mut client);
    assert!(shown.contains("ignore-without-reason") && shown.contains("issuer-has-trailing-slash"), "{shown:?}");
    lines[line] = &with;
    client.change(URI, 3, &lines.concat());
    let shown = codes(&mut client);
    assert!(!shown.contains("issuer-has-trailing-slash") && !shown.contains("ignore-without-reason"), "{shown:?}");
    // A client that pulls is told nothing twice.
    assert!(client.told.iter().all(|told| told["method"] != "textDocument/publishDiagnostics"), "{:?}", client.told);
    // JSON has no comments: there is nothing to offer.
    let json = "{\"idp_provider\": \"Cognito\", \"authenticate_service_url\": \"https://a.example.com\"}";
    let uri = "file:///x/pomerium.json";
    client.open(uri, json);
    let range = client.shown(uri).iter().find(|one| one["code"] == "provider-unknown").unwrap()["range"].clone();
    let titles: Vec<String> = client.actions(uri, &range).iter().map(|one| one["title"].to_string()).collect();
    assert!(!titles.is_empty() && titles.iter().all(|title| !title.contains("Ignore")), "{titles:?}");
}

#[test]
fn places_are_counted_as_was_agreed() {
    let both = json!({"general": {"positionEncodings": ["utf-16", "utf-8"]}});
    for (capabilities, encoding) in [(json!({}), "utf-16"), (both, "utf-8")] {
        let (mut client, can) = Client::start(&capabilities, &[]);
        assert_eq!(can["capabilities"]["positionEncoding"], encoding);
        for (name, text) in [
            ("emoji", "{ \"😀😀 naïve e\u{301}\": 1, idp_provider: Cognito, routes: [] }"),
            ("crlf", "# 😀\r\nroutes: []\r\nidp_provider: Cognito\r\n"),
            ("bom", "\u{feff}idp_provider: Cognito\nroutes: []"),
            ("tab", "routes:\t[]\nidp_provider:\tCognito"),
        ] {
            let uri = format!("file:///tmp/{name}/pomerium.yaml");
            client.open(&uri, text);
            let shown = client.shown(&uri);
            let provider = shown.iter().find(|one| one["code"] == "provider-unknown");
            let provider = provider.unwrap_or_else(|| panic!("{name}: {shown:?}"));
            assert_eq!(&text[bytes(text, &provider["range"], encoding)], "Cognito", "{name} {encoding}");
            let start = &provider["range"]["start"];
            let place = |name: &str| usize::try_from(start[name].as_u64().unwrap()).unwrap();
            let hover = client.hover(&uri, place("line"), place("character"));
            assert!(hover.contains("**idp_provider**") && hover.contains("`cognito`"), "{name}: {hover}");
        }
    }
}

#[test]
fn a_key_is_explained_with_what_pomerium_makes_of_it() {
    let (mut client, _) = Client::start(&json!({}), &[]);
    let text = healthy();
    client.open("untitled:Untitled-1", &text);
    let mut at = |key: &str| {
        let line = text.lines().position(|line| line.trim_start_matches([' ', '-']).starts_with(key)).unwrap();
        let character = text.lines().nth(line).unwrap().find(key).unwrap();
        client.hover("untitled:Untitled-1", line, character + 1)
    };
    let url = at("authenticate_service_url");
    assert!(
        url.contains("Callback to register in Cognito, byte for byte: `https://") && url.contains("/oauth2/callback`"),
        "{url}"
    );
    assert!(
        url.contains("Sign-out URL to register") && url.contains("environment `AUTHENTICATE_SERVICE_URL`"),
        "{url}"
    );
    let from = at("from:");
    assert!(from.contains("**routes.from**") && from.contains("since v0.1.0"), "{from}");
    let secret = at("idp_client_secret");
    let value = text.lines().find(|line| line.starts_with("idp_client_secret")).unwrap().split(' ').nth(1).unwrap();
    assert!(secret.contains("a secret") && !secret.contains(value), "{secret}");
}

#[test]
fn an_edit_older_than_the_last_is_dropped() {
    let (mut client, _) = Client::start(&json!({}), &[]);
    client.open(URI, "routes: []\nidp_provider: cognito\n");
    client.change(URI, 5, "routes: []\nidp_provider: Cognito\n");
    client.change(URI, 3, "routes: []\nidp_provider: google\n");
    client.change(URI, 5, "routes: []\nidp_provider: google\n");
    assert!(client.shown(URI).iter().any(|one| one["code"] == "provider-unknown"));
    // Of a document that was closed, nothing is shown.
    client.tell("textDocument/didClose", &json!({"textDocument": {"uri": URI}}));
    client.change(URI, 6, "idp_provider: x\n");
    assert_eq!(client.shown(URI), Vec::<Value>::new());
    let last = client.told.iter().rfind(|told| told["method"] == "textDocument/publishDiagnostics").unwrap();
    assert_eq!(last["params"]["diagnostics"], json!([]));
}

#[test]
fn a_document_is_judged_at_every_stage_of_being_typed() {
    let (mut client, _) = Client::start(&json!({"textDocument": {"diagnostic": {}}}), &[]);
    let text = broken();
    client.open(URI, "");
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(7).chain([text.len()]).collect();
    for (version, end) in ends.iter().enumerate() {
        client.change(URI, 2 + i64::try_from(version).unwrap(), &text[..*end]);
        let shown = client.shown(URI);
        assert!(shown.iter().all(|one| one["range"]["end"]["line"].is_u64()), "{shown:?}");
        client.hover(URI, version % 20, 3);
    }
    // What is no Pomerium's says nothing at all.
    for other in ["kind: Pod\napiVersion: v1\n", "name: ci\non: push\njobs: {}\n", "just words", "\u{0}"] {
        client.open("file:///x/other.yaml", other);
        assert_eq!(client.shown("file:///x/other.yaml"), Vec::<Value>::new(), "{other:?}");
    }
    assert_eq!(client.leave(), 0);
}

#[test]
fn what_makes_no_sense_is_refused_and_a_client_that_dies_ends_it() {
    let (mut client, _) = Client::start(&json!({}), &[]);
    for (method, params, code) in [
        ("textDocument/rename", json!({}), -32601),
        ("textDocument/hover", json!({"nonsense": 1}), -32602),
        ("workspace/executeCommand", json!({"command": "rm", "arguments": []}), -32602),
        (
            "workspace/executeCommand",
            json!({"command": "pomlint.checkLive", "arguments": ["file:///never/opened"]}),
            -32602,
        ),
    ] {
        assert_eq!(client.ask(method, &params)["error"]["code"], code, "{method}");
    }
    client.input.take();
    assert_eq!(client.child.wait().unwrap().code(), Some(0));
    let mut child = Command::new(env!("CARGO_BIN_EXE_pomlint"))
        .arg("lsp")
        .arg("--stdio")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(said.contains("no message of the protocol") && !said.contains("GET"), "{said}");
}

#[test]
fn no_file_is_read_that_a_document_names_and_a_workspace_switches_nothing_on() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "AKIA-not-for-anybody").unwrap();
    let uri = format!("file://{}", folder.path().join("pomerium.yaml").display());
    let text =
        healthy().replace("idp_client_secret:", "#") + &format!("\nidp_client_secret_file: {}\n", secret.display());
    let (mut client, _) = Client::start(&json!({}), &[]);
    client.open(&uri, &text);
    let before: Vec<Value> = client.shown(&uri);
    std::fs::write(&secret, " spaces around \n").unwrap();
    client.change(&uri, 2, &(text.clone() + "\n"));
    assert_eq!(client.shown(&uri), before, "what the file holds makes no difference");
    let slash = broken();
    client.change(&uri, 3, &slash);
    assert!(client.shown(&uri).iter().any(|one| one["code"] == "issuer-has-trailing-slash"));
    let settings = "[rules]\nissuer-has-trailing-slash = \"off\"\n[check]\noffline = false\npedantic = true\n";
    std::fs::write(folder.path().join("pomlint.toml"), settings).unwrap();
    client.change(&uri, 4, &(slash.clone() + "\n"));
    let shown = client.shown(&uri);
    assert!(shown.iter().all(|one| one["code"] != "issuer-has-trailing-slash"), "{shown:?}");
    assert!(shown.iter().all(|one| one["severity"] != 3), "notes were not switched on: {shown:?}");
    // One that cannot be read is told once, and what it would say is unknown.
    std::fs::write(folder.path().join("pomlint.toml"), "[rules]\nnonsense = 1\n").unwrap();
    client.change(&uri, 5, &slash);
    client.shown(&uri);
    client.change(&uri, 6, &(slash + "\n"));
    client.shown(&uri);
    let told: Vec<&Value> = client.told.iter().filter(|told| told["method"] == "window/showMessage").collect();
    assert!(told.len() == 1 && told[0]["params"]["message"].as_str().unwrap().contains("pomlint.toml:2:"), "{told:?}");
}

/// A pool whose client knows another callback than Pomerium's.
fn of_another_callback() -> Server {
    let callback_urls = vec!["https://other.example.com/oauth2/callback".to_owned()];
    Server::of(Pool { client: AppClient { callback_urls, ..AppClient::default() }, ..Pool::default() })
}

/// Asks the provider about the document.
fn live() -> Value {
    json!({"command": "pomlint.checkLive", "arguments": [URI]})
}

#[test]
fn the_provider_is_asked_by_command_only() {
    let server = of_another_callback();
    let arguments = server.args();
    let (mut client, _) = Client::start(&json!({}), &arguments);
    client.open(URI, &healthy());
    assert!(client.shown(URI).iter().all(|one| one["code"] != "callback-not-registered"));
    client.hover(URI, 1, 1);
    assert_eq!(server.requests().len(), 0, "nobody is asked unasked");
    let answer = client.ask("workspace/executeCommand", &live());
    assert!(answer["result"].as_str().unwrap().starts_with("A login will fail at: callback."), "{answer}");
    assert!(!server.requests().is_empty());
    let last = client.told.iter().rfind(|told| told["method"] == "textDocument/publishDiagnostics").unwrap();
    let codes: Vec<&Value> = last["params"]["diagnostics"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
    assert!(codes.contains(&&json!("callback-not-registered")), "{codes:?}");
    // The next edit makes it a question again.
    client.change(URI, 2, &(healthy() + "\n"));
    assert!(client.shown(URI).iter().all(|one| one["code"] != "callback-not-registered"));
    assert_eq!(client.leave(), 0);
}

#[test]
fn what_the_provider_answers_stays_until_the_next_edit() {
    let server = of_another_callback();
    let pulls = json!({"textDocument": {"diagnostic": {}}});
    let (mut client, _) = Client::start(&pulls, &server.args());
    client.open(URI, &healthy());
    client.ask("workspace/executeCommand", &live());
    let codes =
        |client: &mut Client| -> Vec<Value> { client.shown(URI).iter().map(|one| one["code"].clone()).collect() };
    assert!(codes(&mut client).contains(&json!("callback-not-registered")), "before the first pull, too");
    // What was asked of a text that is gone is told of that text, and shown at none.
    client.sent += 1;
    let id = client.sent;
    client.write(&json!({"jsonrpc": "2.0", "id": id, "method": "workspace/executeCommand", "params": live()}));
    client.tell("textDocument/didClose", &json!({"textDocument": {"uri": URI}}));
    client.open(URI, &format!("# again\n{}", healthy()));
    let told = loop {
        let message = client.read().unwrap();
        if message["id"] == id && message["method"].is_null() {
            break message;
        }
    };
    assert!(told["result"].as_str().unwrap().starts_with("The document has changed meanwhile"), "{told}");
    assert!(!codes(&mut client).contains(&json!("callback-not-registered")));
    assert_eq!(client.leave(), 0);
}

#[test]
fn a_question_that_is_taken_back_is_not_answered() {
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let arguments = ["--connect-to".to_owned(), format!("::127.0.0.1:{}", silent.local_addr().unwrap().port())];
    let (mut client, _) = Client::start(&json!({}), &arguments);
    client.open(URI, &healthy());
    client.write(&json!({"jsonrpc": "2.0", "id": 900, "method": "workspace/executeCommand", "params": live()}));
    let second = client.ask("workspace/executeCommand", &live());
    assert!(second["error"]["message"].as_str().unwrap().contains("already"), "{second}");
    client.tell("$/cancelRequest", &json!({"id": 900}));
    let cancelled = loop {
        let message = client.read().unwrap();
        if message["id"] == 900 {
            break message;
        }
    };
    assert_eq!(cancelled["error"]["code"], -32800);
    assert_eq!(client.leave(), 0);
}

#[test]
fn a_check_that_reached_nobody_says_so() {
    let closed = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let (mut client, _) = Client::start(&json!({}), &["--connect-to".to_owned(), format!("::127.0.0.1:{closed}")]);
    client.open(URI, &healthy());
    let answer = client.ask("workspace/executeCommand", &live());
    let said = answer["result"].as_str().unwrap();
    assert!(said.starts_with("Whether a login works is not known.") && said.contains("Not judged: "), "{said}");
    assert_eq!(client.leave(), 0);
}

#[test]
fn what_is_no_message_is_answered_and_ends_nothing() {
    let (mut client, _) = Client::start(&json!({}), &[]);
    for odd in [r#"{"jsonrpc":"2.0","method":"textDocument/didOpen","params":"\ud800"}"#, "[]", "{"] {
        write!(client.input.as_mut().unwrap(), "Content-Length: {}\r\n\r\n{odd}", odd.len()).unwrap();
    }
    client.open(URI, &broken());
    let shown = client.shown(URI);
    assert!(shown.iter().any(|one| one["code"] == "issuer-has-trailing-slash"), "{shown:?}");
    let answered = client.told.iter().filter(|told| told["error"]["code"] == -32700 && told["id"].is_null()).count();
    assert_eq!(answered, 3);
    // Without `shutdown`, it is no good end.
    client.tell("exit", &Value::Null);
    assert_eq!(client.child.wait().unwrap().code(), Some(1));
}

#[test]
fn a_document_whose_settings_cannot_be_read_does_not_look_clean() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("pomlint.toml");
    std::fs::write(&settings, "[rules").unwrap();
    let (mut client, _) = Client::start(&json!({}), &[]);
    let uris = ["a.yaml", "b.yaml"].map(|name| format!("file://{}", folder.path().join(name).display()));
    for uri in &uris {
        client.open(uri, &broken());
        let shown = client.shown(uri);
        assert!(shown.len() == 1 && shown[0]["message"].as_str().unwrap().starts_with("not judged: "), "{shown:?}");
    }
    std::fs::write(&settings, "").unwrap();
    client.tell("textDocument/didSave", &json!({"textDocument": {"uri": uris[0]}}));
    // What is pushed comes when everything said was heard; then it is there.
    let shows = |told: &Value| told["params"]["diagnostics"].to_string().contains("issuer-has-trailing-slash");
    while !shows(&client.read().expect("diagnostics")) {}
    assert_eq!(client.leave(), 0);
}

#[test]
fn another_pool_than_was_named_is_found_as_one_types() {
    let (mut client, _) = Client::start(&json!({}), &["--pool".to_owned(), "eu-west-1_Other1234".to_owned()]);
    client.open(URI, &healthy());
    assert!(client.shown(URI).iter().any(|one| one["code"] == "pool-not-expected"));
    assert_eq!(client.leave(), 0);
}

/// What is left of the healthy configuration without these options.
fn without(options: &[&str]) -> String {
    let is_one = |line: &&str| options.iter().any(|option| line.starts_with(&format!("{option}:")));
    healthy().lines().filter(|line| !is_one(line)).map(|line| format!("{line}\n")).collect()
}

/// The healthy settings as variables, each with quotes of this kind.
fn variables(quote: &str) -> String {
    let plain = healthy();
    let options = plain.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()));
    let pairs = options.filter_map(|line| line.split_once(": ")).filter(|(name, _)| *name != "idp_scopes");
    pairs.map(|(name, value)| format!("{}={quote}{value}{quote}\n", name.to_uppercase())).collect()
}

#[test]
fn what_may_stand_in_another_text_is_not_missing_from_this_one() {
    let (mut client, _) = Client::start(&json!({}), &[]);
    let text = without(&["authenticate_service_url", "shared_secret", "cookie_secret", "idp_client_secret"]);
    client.open("file:///x/config.yaml", &text);
    let shown = client.shown("file:///x/config.yaml");
    assert!(shown.is_empty(), "{shown:?}");
    let line = text.lines().position(|line| line.starts_with("idp_provider:")).unwrap();
    let hover = client.hover("file:///x/config.yaml", line, 2);
    assert!(hover.contains("**idp_provider**") && !hover.contains("hosted service"), "{hover}");
    // What is there is judged as ever.
    client.change("file:///x/config.yaml", 2, &text.replace("idp_provider: cognito", "idp_provider: Cognito"));
    assert!(client.shown("file:///x/config.yaml").iter().any(|one| one["code"] == "provider-unknown"));
    let secrets: String =
        variables("").lines().filter(|line| line.contains("_SECRET=")).map(|line| format!("{line}\n")).collect();
    client.open("file:///x/secrets.env", &secrets);
    let shown = client.shown("file:///x/secrets.env");
    assert!(shown.is_empty(), "{shown:?}");
    assert_eq!(client.leave(), 0);
}

#[test]
fn what_quotes_mean_in_an_environment_file_is_not_known() {
    let (mut client, _) = Client::start(&json!({}), &[]);
    for quote in ["\"", "'", ""] {
        let uri = format!("file:///x/{}.env", quote.len());
        client.open(&uri, &variables(quote));
        let shown = client.shown(&uri);
        assert!(shown.is_empty(), "{quote}: {shown:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pomerium.env"), variables("\"")).unwrap();
    let ran = crate::support::Pomlint::new(["check", "--offline", folder.path().to_str().unwrap()]).run();
    assert!(ran.code == 3 && ran.stdout.contains("is in quotes, which"), "{}{}", ran.stdout, ran.stderr);
    // Nor what blanks and comments mean, and whoever takes `export` takes the name behind it.
    let adorned: String =
        variables("").lines().map(|line| format!("export {} # ours\n", line.replacen('=', "= ", 1))).collect();
    client.open("file:///x/adorned.env", &adorned);
    let shown = client.shown("file:///x/adorned.env");
    assert!(shown.is_empty(), "{shown:?}");
    std::fs::write(folder.path().join("pomerium.env"), &adorned).unwrap();
    let commented = crate::support::Pomlint::new(["check", "--offline", folder.path().to_str().unwrap()]).run();
    assert!(commented.code == 3 && commented.stdout.contains("has a comment behind it, which"), "{}", commented.stdout);
    let plain = healthy();
    let secrets = plain.lines().filter(|line| line.contains("_secret:")).filter_map(|line| line.split_once(": "));
    for (name, value) in secrets {
        assert!(!ran.stdout.contains(value) && !commented.stdout.contains(value), "{name}: {}", commented.stdout);
    }
    assert_eq!(client.leave(), 0);
}

#[test]
fn an_edit_puts_no_quotes_into_quotes() {
    let (mut client, _) = Client::start(&json!({}), &[]);
    let number = "12345678901234567890123456";
    let chart = |id: &str| {
        format!(
            "authenticate:\n  idp:\n    provider: cognito\n    clientID: {id}\n    url: https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R\nconfig:\n  rootDomain: corp.example.com\n"
        )
    };
    let config = format!("idp_provider: cognito\nidp_client_id: {number}\n");
    let map =
        |file: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: p}}\ndata:\n  config.yaml: {file}\n");
    let block: String = config.lines().map(|line| format!("\n    {line}")).collect();
    for (name, text, cured) in [
        ("values.yaml", chart(number), Some(format!("clientID: '\"{number}\"'\n"))),
        ("values.yaml", chart(&format!("\"{number}\"")), Some(format!("clientID: '\"{number}\"'\n"))),
        ("values.yaml", chart(&format!("'{number}'")), Some(format!("clientID: '\"{number}\"'\n"))),
        ("values.yaml", chart("\"1e5\""), Some("clientID: '\"1e5\"'\n".to_owned())),
        ("map.yaml", map(&format!("|{block}")), Some(format!("idp_client_id: \"{number}\"\n"))),
        ("map.yaml", map(&format!("{config:?}")), None),
    ] {
        let uri = format!("file:///x/{}/{name}", text.len());
        client.open(&uri, &text);
        let shown = client.shown(&uri);
        let found = shown.iter().find(|one| one["code"] == "client-id-read-as-number");
        let found = found.unwrap_or_else(|| panic!("{text}: {shown:?}"));
        let actions = client.actions(&uri, &found["range"]);
        let edit = actions.iter().find_map(|action| {
            let is_it = action["diagnostics"][0]["code"] == "client-id-read-as-number"
                && !action["title"].as_str()?.starts_with("Ignore");
            is_it.then(|| action["edit"]["changes"][&uri][0].clone())
        });
        let after = edit.map(|edit| {
            let mut after = text.clone();
            after.replace_range(bytes(&text, &edit["range"], "utf-16"), edit["newText"].as_str().unwrap());
            client.change(&uri, 2, &after);
            assert!(
                client
                    .shown(&uri)
                    .iter()
                    .all(|one| one["code"] != "client-id-read-as-number" && one["code"] != "config-syntax-error"),
                "{after}"
            );
            after
        });
        assert_eq!(after.is_some(), cured.is_some(), "{text}");
        assert!(cured.is_none_or(|cured| after.unwrap().contains(&cured)), "{text}");
    }
    assert_eq!(client.leave(), 0);
}

#[test]
fn a_comment_that_takes_a_setting_with_it_is_not_offered() {
    let (mut client, _) = Client::start(&json!({}), &[]);
    for (mark, is_offered) in [("|", true), (">", false)] {
        let lines: String = healthy()
            .replace("idp_provider: cognito", "idp_provider: Cognito")
            .lines()
            .filter(|line| !line.is_empty())
            .map(|line| format!("    {line}\n\n"))
            .collect();
        let text =
            format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: p}}\ndata:\n  config.yaml: {mark}\n{lines}");
        let uri = format!("file:///x/{is_offered}.yaml");
        client.open(&uri, &text);
        let shown = client.shown(&uri);
        let found =
            shown.iter().find(|one| one["code"] == "provider-unknown").unwrap_or_else(|| panic!("{mark}: {shown:?}"));
        let actions = client.actions(&uri, &found["range"]);
        let ignore =
            actions.iter().find(|action| action["title"].as_str().unwrap().starts_with("Ignore provider-unknown"));
        assert_eq!(ignore.is_some(), is_offered, "{mark}: {actions:?}");
    }
    assert_eq!(client.leave(), 0);
}

#[test]
fn hover_tells_what_is_sent_whoever_sets_it() {
    let (mut client, _) = Client::start(&json!({}), &[]);
    let text = healthy() + "idp_request_params: {scope: openid x, redirect_uri: 'https://b.example.com/cb'}\n";
    client.open(URI, &text);
    let mut at = |key: &str| client.hover(URI, text.lines().position(|line| line.starts_with(key)).unwrap(), 1);
    let (scope, url) = (at("idp_provider:"), at("authenticate_service_url"));
    assert!(scope.contains("`scope=openid x`"), "{scope}");
    assert!(url.contains("`https://b.example.com/cb`"), "{url}");
    assert_eq!(client.leave(), 0);
}

#[test]
fn hover_knows_a_setting_in_each_form_by_its_key_and_by_its_value() {
    let (mut client, _) = Client::start(&json!({}), &[]);
    let issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
    let service = "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n    environment:\n";
    let more = |before: &str, between: &str| format!("{before}IDP_PROVIDER{between}cognito\n");
    for (name, text, key) in [
        (
            "compose.yaml",
            format!("{service}      IDP_PROVIDER_URL: {issuer}\n{}", more("      ", ": ")),
            "IDP_PROVIDER_URL",
        ),
        (
            "docker-compose.yaml",
            format!("{service}      - IDP_PROVIDER_URL={issuer}\n{}", more("      - ", "=")),
            "IDP_PROVIDER_URL",
        ),
        ("config.toml", format!("idp_provider = \"cognito\"\nidp_provider_url = \"{issuer}\"\n"), "idp_provider_url"),
        (
            "config.json",
            format!("{{\"idp_provider\": \"cognito\", \"idp_provider_url\": \"{issuer}\"}}"),
            "idp_provider_url",
        ),
        (
            "map.yaml",
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: p}}\ndata:\n  config.yaml: |\n    idp_provider: cognito\n    idp_provider_url: {issuer}\n"
            ),
            "idp_provider_url",
        ),
        (
            "secret.yaml",
            format!(
                "apiVersion: v1\nkind: Secret\nmetadata: {{name: p}}\nstringData:\n  config.yaml: |\n    idp_provider: cognito\n    idp_provider_url: {issuer}\n"
            ),
            "idp_provider_url",
        ),
        (
            "values.yaml",
            format!(
                "authenticate:\n  idp:\n    provider: cognito\n    url: \"{issuer}\"\n    clientID: 4qk2v9s7m1n3b5c8d0f6g7h2u1\nconfig:\n  rootDomain: corp.example.com\n"
            ),
            "url",
        ),
        (
            "crd.yaml",
            format!(
                "apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata: {{name: global}}\nspec:\n  secrets: pomerium/b\n  identityProvider:\n    provider: cognito\n    secret: pomerium/idp\n    url: {issuer}\n"
            ),
            "url",
        ),
    ] {
        let uri = format!("file:///x/{name}");
        client.open(&uri, &text);
        let at = text.find(issuer).unwrap();
        let key = text[..at].rfind(key).unwrap();
        for place in [key + 1, at + 3] {
            let line = text[..place].matches('\n').count();
            let character = place - text[..place].rfind('\n').map_or(0, |end| end + 1);
            let hover = client.hover(&uri, line, character);
            assert!(hover.contains("**idp_provider_url**"), "{name} {place}: {hover}");
        }
    }
    assert_eq!(client.leave(), 0);
}
