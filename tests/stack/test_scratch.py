"""Files of tests lie in memory where there is room, are gone afterwards, and so is what a killed run left."""

import os
from pathlib import Path

import pytest

from stack import scratch
from stack.scratch import PREFIX

GONE = f"{PREFIX}{2**22 + 1}"
"""Of a process that no Linux can have (PID_MAX_LIMIT)."""


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(scratch, "MEMORY", tmp_path)
    monkeypatch.setattr(scratch, "ROOM_BYTES", 1)
    return tmp_path


def test_a_folder_is_there_for_everybody_to_pass_and_gone_afterwards(memory: Path) -> None:
    with scratch.scratch() as folder:
        assert folder is not None
        assert folder == memory / f"{PREFIX}{os.getpid()}"
        assert folder.stat().st_mode & 0o777 == 0o711
        (folder / "file").touch()
    assert list(memory.iterdir()) == []


def test_what_a_killed_run_left_goes_and_what_another_has_stays(memory: Path) -> None:
    others = memory / f"{PREFIX}{os.getppid()}"
    for left in (memory / GONE, others):
        (left / "below").mkdir(parents=True)
    with scratch.scratch():
        assert not (memory / GONE).exists()
        assert (others / "below").exists()


def test_in_the_place_of_something_else_it_is_none(memory: Path) -> None:
    (memory / f"{PREFIX}{os.getpid()}").touch()
    with scratch.scratch() as folder:
        assert folder is None
    assert (memory / f"{PREFIX}{os.getpid()}").exists()


@pytest.mark.parametrize("told", ["MemAvailable:       1000 kB\n", "", None])
def test_without_room_it_is_none(memory: Path, tmp_path: Path, told: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = tmp_path / "meminfo"
    if told is not None:
        machine.write_text(told)
    monkeypatch.setattr(scratch, "MACHINE", machine)
    monkeypatch.setattr(scratch, "ROOM_BYTES", 1 << 20)
    with scratch.scratch() as folder:
        assert folder is None
