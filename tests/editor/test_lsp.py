"""pytest-lsp as a client of `pomlint lsp`, with the capabilities that editors have announced."""

import os
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

POMLINT = os.environ["POMLINT"]
TEXT = Path(os.environ["CONFIG"]).read_text()
URI = "file:///c%3A/Users/Ann%20Lee/pomerium.yaml"
COMMAND = [POMLINT, "lsp"]


@pytest_lsp.fixture(
    params=["visual-studio-code", "neovim", "emacs"],
    config=ClientServerConfig(server_command=COMMAND),
)
async def client(request, lsp_client: LanguageClient):
    capabilities = client_capabilities(request.param)
    await lsp_client.initialize_session(types.InitializeParams(capabilities=capabilities))
    lsp_client.pulls = capabilities.text_document.diagnostic is not None
    yield
    await lsp_client.shutdown_session()


async def shown(client):
    """What the editor shows, however it comes by it."""
    if client.pulls:
        document = types.TextDocumentIdentifier(URI)
        report = await client.text_document_diagnostic_async(types.DocumentDiagnosticParams(document))
        return report.items
    await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    return client.diagnostics[URI]


@pytest.mark.asyncio
async def test_a_finding_is_shown_explained_and_cured(client):
    item = types.TextDocumentItem(uri=URI, language_id="yaml", version=1, text=TEXT)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    found = [one for one in await shown(client) if one.code == "issuer-has-trailing-slash"]
    assert len(found) == 1 and found[0].severity == types.DiagnosticSeverity.Error
    document = types.TextDocumentIdentifier(URI)
    start = found[0].range.start
    hover = await client.text_document_hover_async(types.HoverParams(document, start))
    assert "User pool" in hover.contents.value
    actions = await client.text_document_code_action_async(
        types.CodeActionParams(document, found[0].range, types.CodeActionContext([]))
    )
    assert any(action.is_preferred and action.edit for action in actions)
    assert any("Ignore" in action.title for action in actions)
    cured = TEXT.splitlines()
    line = cured[start.line].rstrip("/")
    cured[start.line] = line
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(version=2, uri=URI),
            [types.TextDocumentContentChangeWholeDocument("\n".join(cured))],
        )
    )
    assert all(one.code != "issuer-has-trailing-slash" for one in await shown(client))
