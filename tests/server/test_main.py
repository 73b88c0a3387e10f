"""The reelwire command: what it lists, what it calls, and its exit statuses."""

import os
from importlib import import_module
from pathlib import Path

import pytest

from server.__main__ import COMMANDS, main
from server.settings import Settings


@pytest.fixture(autouse=True)
def no_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of ours in the environment but a data folder on which nothing runs."""
    for name in [name for name in os.environ if name.startswith("REELWIRE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("REELWIRE_DATA_DIR", str(tmp_path))


@pytest.mark.parametrize("words", [[], ["help"], ["--help"], ["-h"]])
def test_help_lists_every_command(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    assert listed == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_where_the_table_says(name: str) -> None:
    module, _, function = COMMANDS[name].target.partition(":")
    assert callable(getattr(import_module(module), function))


@pytest.mark.parametrize("name", ["serve", "worker", "migrate"])
def test_processes_explain_themselves_and_take_no_words(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: reelwire {name}")
    assert main([name, "--fast"]) == (3 if COMMANDS[name].needs else 2)


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"]])
def test_schedule_names_its_periodic_jobs(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schedule", *words]) == 0
    assert "reconcile, plays" in capsys.readouterr().out


def test_a_word_that_is_no_command_is_a_mistake_of_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sing"]) == 2
    assert "no command 'sing'" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["migrate", "watch", "upload", "demo", "jobs"])
def test_without_a_running_stack_commands_say_so_and_exit_3(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name]) == 3
    said = capsys.readouterr()
    assert (said.out, "type: ./reelwire up" in said.err) == ("", True)


def test_a_setting_that_cannot_be_used_is_one_line_and_exit_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REELWIRE_SECRET_KEYS", "x" * 32)
    monkeypatch.setenv("REELWIRE_UPLOAD_SECONDS", "soon")
    assert main(["serve"]) == 2
    assert capsys.readouterr().err == "reelwire: REELWIRE_UPLOAD_SECONDS must be a whole number, 0 or more, not 'soon'\n"


def test_config_lists_settings_and_hides_secrets(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("REELWIRE_VALKEY_URL", "redis://:hunter2@127.0.0.1/0")
    assert main(["config"]) == 0
    said = capsys.readouterr().out
    assert all(f"REELWIRE_{name.upper()}=" in said for name in Settings.__slots__)
    assert ("hunter2" in said, "REELWIRE_VALKEY_URL=***" in said) == (False, True)
