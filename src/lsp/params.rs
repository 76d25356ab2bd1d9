//! What a client says, as far as it is heeded.

use lsp_server::RequestId;
use serde::Deserialize;
use serde_json::Value;

use super::position::{Encoding, Position, Range};

#[derive(Deserialize)]
pub(super) struct Opened {
    #[serde(rename = "textDocument")]
    pub(super) document: Item,
}

#[derive(Deserialize)]
pub(super) struct Item {
    pub(super) uri: String,
    #[serde(rename = "languageId", default)]
    pub(super) language: String,
    #[serde(default)]
    pub(super) version: i64,
    pub(super) text: String,
}

#[derive(Deserialize)]
pub(super) struct Changed {
    #[serde(rename = "textDocument")]
    pub(super) document: Versioned,
    #[serde(rename = "contentChanges")]
    pub(super) changes: Vec<Change>,
}

#[derive(Deserialize)]
pub(super) struct Versioned {
    pub(super) uri: String,
    pub(super) version: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct Change {
    /// A part, which this server asks nobody to send.
    pub(super) range: Option<Value>,
    pub(super) text: String,
}

#[derive(Deserialize)]
pub(super) struct Named {
    #[serde(rename = "textDocument")]
    pub(super) document: Identifier,
}

#[derive(Deserialize)]
pub(super) struct Identifier {
    pub(super) uri: String,
}

#[derive(Deserialize)]
pub(super) struct Cancelled {
    pub(super) id: RequestId,
}

#[derive(Deserialize)]
pub(super) struct At {
    #[serde(rename = "textDocument")]
    pub(super) document: Identifier,
    pub(super) position: Position,
}

#[derive(Deserialize)]
pub(super) struct Within {
    #[serde(rename = "textDocument")]
    pub(super) document: Identifier,
    pub(super) range: Range,
}

#[derive(Deserialize)]
pub(super) struct Execute {
    pub(super) command: String,
    #[serde(default)]
    pub(super) arguments: Vec<Value>,
}

/// What a client can do.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a capability of its own in the protocol")]
pub(super) struct Client {
    pub(super) encoding: Encoding,
    /// It asks for diagnostics: none are sent unasked, as it would show both.
    pub(super) pulls: bool,
    /// It asks again if told to.
    pub(super) refreshes: bool,
    /// It takes an edit for a version of a document.
    pub(super) versions_edits: bool,
    /// It goes where it is told to in a document.
    pub(super) shows_documents: bool,
}

impl Client {
    /// From the parameters of `initialize`.
    pub(super) fn of(params: &Value) -> Self {
        let can = |path: &str| params["capabilities"].pointer(path);
        let encodings = can("/general/positionEncodings").and_then(Value::as_array);
        let is_utf8 = encodings.is_some_and(|known| known.iter().any(|name| name == Encoding::Utf8.name()));
        let is_on = |path: &str| can(path) == Some(&Value::Bool(true));
        Self {
            encoding: if is_utf8 { Encoding::Utf8 } else { Encoding::Utf16 },
            pulls: can("/textDocument/diagnostic").is_some_and(Value::is_object),
            refreshes: is_on("/workspace/diagnostics/refreshSupport"),
            versions_edits: is_on("/workspace/workspaceEdit/documentChanges"),
            shows_documents: is_on("/window/showDocument/support"),
        }
    }
}
