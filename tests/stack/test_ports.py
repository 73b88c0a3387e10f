"""Ports are free, low enough for SeaweedFS' second ones, and the same after a restart."""

import json
import socket
import subprocess
import sys
from pathlib import Path

from stack import ports
from stack.steps import ROOT

OTHER = "import sys, pathlib; from stack import ports; print(ports.remembered(pathlib.Path(sys.argv[1]), ['a'])['a'])"


def test_ports_are_free_low_and_different() -> None:
    found = ports.choose(["a", "b", "c"])
    assert len(set(found.values())) == 3
    assert all(ports.LOWEST <= port <= ports.HIGHEST and ports.is_free(port) for port in found.values())


def test_what_was_chosen_and_is_not_used_yet_is_not_chosen_again() -> None:
    found = [port for _ in range(100) for port in ports.choose(["a"]).values()]
    assert len(set(found)) == len(found)


def test_what_one_process_has_chosen_no_other_chooses(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    first = ports.remembered(file, ["a"])
    other = another(file)
    assert other != first["a"]
    assert ports.is_free(first["a"])
    assert another(file) == other  # it has ended, and with it its claim


def another(file: Path) -> int:
    """What another process has remembered there."""
    asked = [sys.executable, "-c", OTHER, str(file)]
    return int(subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, timeout=30).stdout)


def test_a_restart_finds_the_same_ports_except_those_that_are_taken_now(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    first = ports.remembered(file, ["a", "b"])
    assert ports.remembered(file, ["a", "b"]) == first
    with socket.socket() as other:
        other.bind(("127.0.0.1", first["a"]))
        other.listen()
        second = ports.remembered(file, ["a", "b"])
    assert (second["a"] != first["a"], second["b"]) == (True, first["b"])
    assert json.loads(file.read_text()) == second


def test_a_port_whose_second_one_is_taken_is_not_used(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    first = ports.remembered(file, ["a"])
    with socket.socket() as other:
        other.bind(("127.0.0.1", first["a"] + ports.GRPC))
        other.listen()
        assert ports.remembered(file, ["a"]) != first


def test_a_file_that_cannot_be_read_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    file.write_text("{")
    assert ports.remembered(file, ["a"]).keys() == {"a"}
