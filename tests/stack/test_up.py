"""`reelwire up` as a user meets it: two real copies, what they answer, what is killed in them, how they end.

The tests use the same two copies in the order they stand here: the last two end them.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stack import ports, servers
from tests.stack.copies import PARTS, Copy, listening, words
from tests.waiting import until

LOOPBACK = "0100007F"

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
async def copies(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Copy]]:
    folder = tmp_path_factory.mktemp("up")
    chosen = ports.choose(["a", "b"])
    found = [Copy.start(folder / name, port) for name, port in chosen.items()]
    try:
        for copy in found:
            await copy.ready()
        yield found
    finally:
        for copy in found:
            if copy.process.poll() is None:
                await copy.end(signal.SIGKILL, 30)


@pytest.fixture
def copy(copies: list[Copy]) -> Copy:
    return copies[0]


def run(*command: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """A command of ours in an environment of only these settings."""
    given = {"PATH": os.defpath} | {f"REELWIRE_{name}": value for name, value in settings.items()}
    argv = [sys.executable, "-m", "server", *command]
    return subprocess.run(argv, cwd=servers.ROOT, env=given, capture_output=True, text=True, timeout=120, check=False)


async def test_two_copies_run_side_by_side_and_say_one_line_each(copies: list[Copy]) -> None:
    for copy in copies:
        assert copy.said == f"reelwire is ready at {copy.url}\n"
        await copy.answering()
    assert {part: len(pids) for part, pids in copies[0].parts().items()} == {part: 1 + (part == "serve") for part in PARTS}
    assert not copies[0].family() & copies[1].family()


def test_everything_but_the_edge_is_on_loopback_below_32768_or_on_sockets(copy: Copy) -> None:
    found = listening(copy.family())
    assert {host for host, _ in found} == {LOOPBACK}
    assert all(port < 32768 for _, port in found)
    assert copy.port in {port for _, port in found}


def test_no_secret_is_on_a_command_line(copy: Copy) -> None:
    secrets = set(json.loads((copy.data / "credentials.json").read_text()).values())
    lines = " ".join(word for pid in copy.family() for word in words(pid))
    assert not [secret for secret in secrets if secret in lines]


def test_commands_find_it_through_its_data_folder(copy: Copy, tmp_path: Path) -> None:
    done = run("migrate", DATA_DIR=str(copy.data))
    assert (done.returncode, done.stdout) == (0, "the schema is up to date\n")
    assert f"REELWIRE_PUBLIC_URL={copy.url}" in run("config", DATA_DIR=str(copy.data)).stdout
    lost = run("migrate", DATA_DIR=str(tmp_path))
    assert (lost.returncode, lost.stdout) == (3, "")
    assert "./reelwire up" in lost.stderr


def test_a_second_copy_on_its_folder_or_port_is_refused_with_what_to_do(copy: Copy, tmp_path: Path) -> None:
    same = run("up", DATA_DIR=str(copy.data), PORT="1")
    assert (same.returncode, same.stdout) == (1, "")
    assert f"process {copy.process.pid}" in same.stderr
    port = run("up", DATA_DIR=str(tmp_path / "data"), PORT=str(copy.port))
    assert (port.returncode, port.stdout) == (1, "")
    assert "set REELWIRE_PORT" in port.stderr


async def test_every_part_that_is_killed_is_back_and_has_lost_nothing(copy: Copy) -> None:
    await copy.rows("CREATE TABLE kept (number int)", "INSERT INTO kept VALUES (1)")
    before = copy.parts()
    for pid in set().union(*before.values()):
        os.kill(pid, signal.SIGKILL)

    def back() -> bool:
        now = copy.parts()
        return all(len(now[part]) == len(before[part]) and not now[part] & before[part] for part in PARTS)

    await until(back, "every part", 90)
    await copy.answering()
    assert [row["number"] for row in await copy.rows("SELECT number FROM kept")] == [1]


async def test_sigterm_stops_everything_in_order(copy: Copy) -> None:
    assert await copy.end(signal.SIGTERM, 30) == set()
    assert copy.process.returncode == 0
    log = (copy.data / "log" / "up.log").read_text()
    order = [line.split()[3] for line in log.splitlines() if " stopped after " in line]
    assert set(order[:4]) == {"serve-1", "serve-2", "worker", "schedule"}
    assert order[4] == "nginx"
    assert order[-1] == "postgres"
    assert not (copy.data / "run" / "environment.json").exists()
    assert run("migrate", DATA_DIR=str(copy.data)).returncode == 3


async def test_after_kill_9_of_the_supervisor_nothing_is_left_and_the_next_start_has_everything(copies: list[Copy]) -> None:
    copy = copies[1]
    await copy.rows("CREATE TABLE kept (number int)", "INSERT INTO kept VALUES (1)")
    assert await copy.end(signal.SIGKILL, 30) == set()
    copies[1] = again = Copy.start(copy.folder, copy.port)
    await again.ready()
    assert [row["number"] for row in await again.rows("SELECT number FROM kept")] == [1]
    assert await again.end(signal.SIGTERM, 30) == set()
