//! One client's session: what it says, and what it is answered.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::{Arc, mpsc};
use std::thread;

use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::document::Document;
use super::params::{At, Cancelled, Changed, Client, Execute, Named, Opened, Within};
use super::parent::Parent;
use super::position::Lines;
use super::{Asked, CHECK_LIVE, Desk, Event, WRITE_REASON, findings, framing, hover, uri};
use crate::report::{ConfigReport, Report, count, escape};

/// What a client is answered, or why not.
type Answer = Result<Value, (ErrorCode, String)>;

pub(super) struct Session<'o> {
    output: &'o mut dyn Write,
    desk: Arc<dyn Desk>,
    events: mpsc::Sender<Event>,
    client: Client,
    documents: BTreeMap<String, Document>,
    /// Those to be judged.
    waiting: BTreeSet<String>,
    is_ready: bool,
    is_over: bool,
    /// The complaint about a settings file that was shown last.
    complaint: String,
    /// How many requests were sent.
    sent: i32,
    /// How many texts were ever open.
    editions: u64,
    /// The process that started this one, if it was seen alive.
    parent: Option<Parent>,
    /// The questions to a provider that are not answered yet, each with its document.
    asking: BTreeMap<RequestId, String>,
}

impl<'o> Session<'o> {
    pub(super) fn new(output: &'o mut dyn Write, desk: Arc<dyn Desk>, events: mpsc::Sender<Event>) -> Self {
        Self {
            output,
            desk,
            events,
            client: Client::default(),
            documents: BTreeMap::new(),
            waiting: BTreeSet::new(),
            is_ready: false,
            is_over: false,
            complaint: String::new(),
            sent: 0,
            editions: 0,
            parent: None,
            asking: BTreeMap::new(),
        }
    }

    /// Heeds a message.
    pub(super) fn hear(&mut self, message: Message) -> io::Result<()> {
        match message {
            // Before the first request and behind the last one, nothing is said that counts.
            Message::Notification(said) if self.is_ready && !self.is_over => self.note(said),
            Message::Request(request) => self.answer(request),
            // Nothing that was asked of the client needs an answer.
            Message::Notification(_) | Message::Response(_) => Ok(()),
        }
    }

    /// Whether the client has asked for the end.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Whether the client's process has ended without a word.
    pub(super) fn is_left(&self) -> bool {
        self.parent.as_ref().is_some_and(|parent| !parent.is_alive())
    }

    /// Answers what is no message: whose request it was, if it was one, nobody can say.
    pub(super) fn drop_garbled(&mut self) -> io::Result<()> {
        let words = "what the editor said is no message of the protocol, and was dropped: a document may have to be opened again";
        let answer =
            json!({"jsonrpc": "2.0", "id": null, "error": {"code": ErrorCode::ParseError as i32, "message": words}});
        framing::write(self.output, &answer)?;
        if self.is_ready { self.show(2, words) } else { Ok(()) }
    }

    fn edition(&mut self) -> u64 {
        self.editions += 1;
        self.editions
    }

    fn send(&mut self, message: impl Into<Message>) -> io::Result<()> {
        message.into().write(&mut self.output)
    }

    fn tell(&mut self, method: &str, params: Value) -> io::Result<()> {
        self.send(Notification { method: method.to_owned(), params })
    }

    /// Shows a sentence: 2 is a warning, 3 is for information.
    fn show(&mut self, kind: u8, words: &str) -> io::Result<()> {
        self.tell("window/showMessage", json!({"type": kind, "message": words}))
    }

    fn answer(&mut self, Request { id, method, params }: Request) -> io::Result<()> {
        if method == "workspace/executeCommand" && self.is_ready && !self.is_over {
            return self.execute(id, params);
        }
        let answer = match method.as_str() {
            _ if self.is_over => Err((ErrorCode::InvalidRequest, "the session is over".to_owned())),
            "initialize" if self.is_ready => {
                Err((ErrorCode::InvalidRequest, "the session has begun: initialize is sent once".to_owned()))
            }
            "initialize" => Ok(self.initialize(&params)),
            _ if !self.is_ready => Err((ErrorCode::ServerNotInitialized, "initialize comes first".to_owned())),
            "shutdown" => {
                self.is_over = true;
                Ok(Value::Null)
            }
            "textDocument/hover" => read(params).map(|at| self.hover(&at)),
            "textDocument/codeAction" => read(params).map(|within| self.actions(&within)),
            "textDocument/completion" => read(params).map(|at| self.completions(&at)),
            "textDocument/diagnostic" => read(params).map(|named| self.diagnostic(&named)),
            other => Err((ErrorCode::MethodNotFound, format!("{other} is not known here"))),
        };
        self.respond(id, answer)
    }

    fn respond(&mut self, id: RequestId, answer: Answer) -> io::Result<()> {
        self.send(match answer {
            Ok(value) => Response::new_ok(id, value),
            Err((code, words)) => Response::new_err(id, code as i32, words),
        })
    }

    fn initialize(&mut self, params: &Value) -> Value {
        self.client = Client::of(params);
        self.parent = params["processId"].as_i64().and_then(Parent::of);
        self.is_ready = true;
        json!({
            "serverInfo": {"name": "pomlint", "version": env!("CARGO_PKG_VERSION")},
            "capabilities": {
                "positionEncoding": self.client.encoding.name(),
                "textDocumentSync": {"openClose": true, "change": 1, "save": true},
                "hoverProvider": true,
                "codeActionProvider": {"codeActionKinds": ["quickfix"]},
                "diagnosticProvider": {
                    "identifier": "pomlint", "interFileDependencies": false, "workspaceDiagnostics": false,
                },
                "completionProvider": {"triggerCharacters": ["[", ","]},
                "executeCommandProvider": {"commands": [CHECK_LIVE, WRITE_REASON]},
            },
        })
    }

    fn note(&mut self, Notification { method, params }: Notification) -> io::Result<()> {
        match method.as_str() {
            "textDocument/didOpen" => {
                if let Ok(Opened { document }) = read(params) {
                    let (name, edition) = (uri::name(&document.uri, &document.language), self.edition());
                    self.waiting.insert(document.uri.clone());
                    self.documents.insert(document.uri, Document::new(name, edition, document.version, document.text));
                }
            }
            "textDocument/didChange" => {
                let edition = self.edition();
                if let Ok(Changed { document: named, changes }) = read(params)
                    && let Some(change) = changes.into_iter().rfind(|change| change.range.is_none())
                    && let Some(document) = self.documents.get_mut(&named.uri)
                    && document.change(edition, named.version, change.text)
                {
                    self.waiting.insert(named.uri);
                }
            }
            // What could not be judged for its settings file may be judged now.
            "textDocument/didSave" => {
                let unjudged = self.documents.iter().filter(|(_, document)| document.report.is_none());
                self.waiting.extend(unjudged.map(|(uri, _)| uri.clone()));
            }
            "$/cancelRequest" => {
                if let Ok(Cancelled { id }) = read(params)
                    && self.asking.remove(&id).is_some()
                {
                    let words = "nothing of the answers is shown".to_owned();
                    self.respond(id, Err((ErrorCode::RequestCanceled, words)))?;
                }
            }
            "textDocument/didClose" => {
                if let Ok(Named { document }) = read(params) {
                    self.waiting.remove(&document.uri);
                    if self.documents.remove(&document.uri).is_some() && !self.client.pulls {
                        self.tell("textDocument/publishDiagnostics", json!({"uri": document.uri, "diagnostics": []}))?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Judges what waits to be judged, now that the client has nothing more to say.
    pub(super) fn settle(&mut self) -> io::Result<()> {
        for uri in std::mem::take(&mut self.waiting) {
            if !self.client.pulls {
                self.judge(&uri)?;
                self.publish(&uri)?;
            }
        }
        Ok(())
    }

    /// Judges a document; a settings file that cannot be read is told once.
    fn judge(&mut self, uri: &str) -> io::Result<()> {
        let Some(document) = self.documents.get_mut(uri) else { return Ok(()) };
        match document.judge(uri, &*self.desk, self.client) {
            Ok(()) => self.complaint.clear(),
            Err(why) if why != self.complaint => {
                self.show(2, &why)?;
                self.complaint = why;
            }
            Err(_) => {}
        }
        Ok(())
    }

    fn publish(&mut self, uri: &str) -> io::Result<()> {
        let Some(document) = self.documents.get(uri) else { return Ok(()) };
        let told = json!({"uri": uri, "version": document.version, "diagnostics": document.diagnostics()});
        self.tell("textDocument/publishDiagnostics", told)
    }

    /// The document of that URI, judged.
    fn judged(&mut self, uri: &str) -> Option<&Document> {
        // That somebody could not be told shows when the answer is sent.
        let _ = self.judge(uri);
        self.documents.get(uri)
    }

    fn hover(&mut self, At { document, position }: &At) -> Value {
        let encoding = self.client.encoding;
        let said = self.judged(&document.uri).and_then(|document| {
            let offset = document.lines.offset(&document.text, *position, encoding);
            hover::at(document, offset)
        });
        said.map_or(Value::Null, |said| json!({"contents": {"kind": "markdown", "value": said}}))
    }

    fn actions(&mut self, Within { document: named, range }: &Within) -> Value {
        let (client, desk) = (self.client, Arc::clone(&self.desk));
        let Some(document) = self.judged(&named.uri) else { return json!([]) };
        let offset = |position| document.lines.offset(&document.text, position, client.encoding);
        let within = offset(range.start)..offset(range.end);
        document.actions(&named.uri, &within, &*desk, client).into()
    }

    fn completions(&self, At { document, position }: &At) -> Value {
        let Some(document) = self.documents.get(&document.uri) else { return json!([]) };
        let offset = document.lines.offset(&document.text, *position, self.client.encoding);
        document.completions(offset, self.client).into()
    }

    fn diagnostic(&mut self, Named { document }: &Named) -> Value {
        let items = self.judged(&document.uri).map(Document::diagnostics).unwrap_or_default();
        json!({"kind": "full", "items": items})
    }

    /// Leads to the place behind `reason:` in a comment that the client has just written.
    fn write_reason(&mut self, id: RequestId, arguments: &[Value]) -> io::Result<()> {
        let [uri, behind] = arguments else {
            let words = format!("{WRITE_REASON} takes the URI of a document and a position in it");
            return self.respond(id, Err((ErrorCode::InvalidParams, words)));
        };
        let selection = json!({"start": behind, "end": behind});
        let params = json!({"uri": uri, "takeFocus": true, "selection": selection});
        self.request("window/showDocument", params)?;
        self.respond(id, Ok(Value::Null))
    }

    /// Asks the client for something.
    fn request(&mut self, method: &str, params: Value) -> io::Result<()> {
        self.sent += 1;
        let id = RequestId::from(self.sent);
        self.send(Request { id, method: method.to_owned(), params })
    }

    /// Asks the provider about a document, in a thread of its own: it may take seconds.
    fn execute(&mut self, id: RequestId, params: Value) -> io::Result<()> {
        let uri = match read(params) {
            Err(wrong) => return self.respond(id, Err(wrong)),
            Ok(Execute { command, arguments }) if command == CHECK_LIVE => {
                arguments.first().and_then(Value::as_str).map(str::to_owned)
            }
            Ok(Execute { command, arguments }) if command == WRITE_REASON => return self.write_reason(id, &arguments),
            Ok(Execute { command, .. }) => {
                let words = format!("there is no command {command} here");
                return self.respond(id, Err((ErrorCode::InvalidParams, words)));
            }
        };
        let Some((uri, document)) = uri.and_then(|uri| self.documents.get_key_value(&uri)) else {
            let words = format!("{CHECK_LIVE} takes the URI of an open document");
            return self.respond(id, Err((ErrorCode::InvalidParams, words)));
        };
        if self.asking.values().any(|asking| asking == uri) {
            let words = "the provider is being asked about this document already".to_owned();
            return self.respond(id, Err((ErrorCode::RequestFailed, words)));
        }
        let (uri, name, text, edition) = (uri.clone(), document.name.clone(), document.text.clone(), document.edition);
        self.asking.insert(id.clone(), uri.clone());
        let (desk, events, client) = (Arc::clone(&self.desk), self.events.clone(), self.client);
        thread::spawn(move || {
            let outcome = desk
                .live(&name, &text)
                .map(|report| (findings::of(&report, &uri, &name, &text, &Lines::of(&text), client), told(&report)));
            // If the session has ended, nobody wants to know.
            let _ = events.send(Event::Asked(Box::new(Asked { request: id, uri, edition, outcome })));
        });
        Ok(())
    }

    /// Shows what the provider's answers tell, unless the document has changed meanwhile.
    pub(super) fn asked(&mut self, Asked { request, uri, edition, outcome }: Asked) -> io::Result<()> {
        if self.asking.remove(&request).is_none() {
            return Ok(());
        }
        let (found, mut told) = match outcome {
            Ok(known) => known,
            Err(why) => {
                self.show(2, &why)?;
                return self.respond(request, Err((ErrorCode::RequestFailed, why)));
            }
        };
        // Or the first pull would judge it by its text alone, and show that.
        self.judge(&uri)?;
        if let Some(document) = self.documents.get_mut(&uri).filter(|document| document.edition == edition) {
            document.found = found;
            if !self.client.pulls {
                self.publish(&uri)?;
            } else if self.client.refreshes {
                self.request("workspace/diagnostic/refresh", Value::Null)?;
            }
        } else {
            told = format!("The document has changed meanwhile; of the text before: {told}");
        }
        self.show(3, &told)?;
        self.respond(request, Ok(told.into()))
    }
}

/// What a client said, if that can be understood.
fn read<T: DeserializeOwned>(params: Value) -> Result<T, (ErrorCode, String)> {
    serde_json::from_value(params)
        .map_err(|_| (ErrorCode::InvalidParams, "these parameters are not understood".to_owned()))
}

/// What came of asking, in a sentence; and if something stayed open, the first reason.
fn told(report: &Report) -> String {
    let summary = &report.summary;
    let counts = format!(
        "{}, {}, {} undecided",
        count(summary.errors, "error"),
        count(summary.warnings, "warning"),
        summary.undecided
    );
    let open = report.reports.iter().flat_map(ConfigReport::open).map(|(_, why)| escape(&why)).next();
    let open = open.map(|why| format!(". Not judged: {why}")).unwrap_or_default();
    let said = match report.reports.iter().find_map(ConfigReport::fails_at) {
        Some(stage) => format!("A login will fail at: {}. {counts}{open}", stage.name()),
        None if report.reports.is_empty() => "This is no Pomerium configuration: nobody was asked.".to_owned(),
        None if summary.undecided > 0 => format!("Whether a login works is not known. {counts}{open}"),
        None => format!("No stage of a login is known to fail. {counts}"),
    };
    said + &ignored(report)
}

/// What is ignored, and where that is written: so many are named.
fn ignored(report: &Report) -> String {
    const MOST_NAMED: usize = 5;
    let ignored = report.reports.iter().flat_map(ConfigReport::ignored);
    let mut named: Vec<String> = Vec::new();
    let mut count = 0;
    for (judged, _, why) in ignored {
        count += 1;
        let one = format!("{} ({})", judged.rule.name, escape(&why.place));
        if named.len() < MOST_NAMED && !named.contains(&one) {
            named.push(one);
        }
    }
    if count == 0 { String::new() } else { format!(". Ignored: {count}, of {}", named.join(", ")) }
}
