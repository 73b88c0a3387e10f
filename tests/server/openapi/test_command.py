"""The document that is committed for whoever makes a client of it is the one that is served."""

import pytest

from server.openapi.command import main, text
from stack.steps import ROOT

COMMITTED = ROOT / "clients" / "openapi.json"
RENEW = "type: ./reelwire openapi > clients/openapi.json && (cd web_client && npm run make-api)"


def test_the_committed_document_is_this_one() -> None:
    assert COMMITTED.read_text() == text(), RENEW


def test_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out == text()
    assert main(["--other"]) == 2
    assert "Usage" in capsys.readouterr().err
