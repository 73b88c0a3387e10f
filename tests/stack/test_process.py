"""Children cannot outlive their parent, get out of sight, or stay behind."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stack import servers
from stack.process import kill_all, parents, start
from tests.stack.parts import WAIT, marking, part
from tests.waiting import until

PARENT = """
import asyncio, json, os, sys
from pathlib import Path
from stack import process
from tests.stack.parts import WAIT, marking, part

async def main():
    process.adopt()
    child = process.start(part(Path({folder!r}), marking({program!r})))
    while not (Path({folder!r}) / "ready").exists():
        await asyncio.sleep(0.01)
    {then}

asyncio.run(main())
"""


def parent(folder: Path, then: str, program: str = WAIT) -> "subprocess.Popen[str]":
    """A Python process that starts a part and then goes on."""
    text = PARENT.format(folder=str(folder), then=then, program=program)
    return subprocess.Popen([sys.executable, "-c", text], cwd=servers.ROOT, stdout=subprocess.PIPE, text=True)


def said(process: "subprocess.Popen[str]") -> object:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


async def test_a_child_dies_with_its_parent_however_that_dies(tmp_path: Path) -> None:
    process = parent(tmp_path, "print(child.pid, flush=True); await asyncio.Event().wait()")
    child = said(process)
    process.kill()
    process.wait()
    process.communicate()
    await until(lambda: child not in parents(), "the child's end")


def test_what_a_dead_part_left_behind_is_killed(tmp_path: Path) -> None:
    fork = f"import os, signal\nif os.fork(): os.kill(os.getpid(), signal.SIGKILL)\nos.setsid()\n{WAIT}"
    then = """
    await child.ended.wait()
    left = process.descendants(os.getpid())
    await process.kill_orphans()
    print(json.dumps([len(left), len(process.descendants(os.getpid()))]), flush=True)"""
    out, _ = parent(tmp_path, then, fork).communicate(timeout=60)
    assert json.loads(out) == [1, 0]


async def test_an_environment_is_given_whole(tmp_path: Path) -> None:
    os.environ["REELWIRE_TEST_MARK"] = "1"
    program = "import os; open('seen', 'w').write('REELWIRE_TEST_MARK' in os.environ and 'leaked' or 'clean')"
    process = start(part(tmp_path, program))
    await process.ended.wait()
    del os.environ["REELWIRE_TEST_MARK"]
    assert (tmp_path / "seen").read_text() == "clean"


async def test_a_child_has_a_session_of_its_own_and_its_status_is_told(tmp_path: Path) -> None:
    process = start(part(tmp_path, marking()))
    await until((tmp_path / "ready").exists, "its start")
    assert os.getsid(process.pid) == process.pid
    process.send(signal.SIGINT)
    await process.ended.wait()
    assert process.status != 0
    await process.kill()


@pytest.mark.parametrize("pids", [set(), {2**22 + 1}])
async def test_killing_nobody_is_no_error(pids: set[int]) -> None:
    await kill_all(pids)
