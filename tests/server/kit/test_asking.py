"""Asking for a password."""

import argparse
import io

import pytest

from server.kit.asking import ask_password


def test_a_script_gives_it_as_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("secret words\nmore"))
    assert ask_password(argparse.ArgumentParser(), "ann") == "secret words"


def test_where_nobody_can_be_asked_it_says_what_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(SystemExit):
        ask_password(argparse.ArgumentParser(), "ann")
    assert "REELWIRE_TOKEN" in capsys.readouterr().err
