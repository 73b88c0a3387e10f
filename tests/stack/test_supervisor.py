"""A part that dies or hangs is started again; one that never starts is given up; stopping takes everything along."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import process
from stack.process import PartError, descendants, parents
from stack.supervisor import Keeper, Limits, start_all, stop_all
from tests.stack.parts import WAIT, marking, part
from tests.waiting import until

QUICK = Limits(probe_every_seconds=0.02, hung_seconds=0.1, backoff_seconds=0.01)
WITH_CHILD = f"import os\nif os.fork() == 0: os.setsid()\n{WAIT}"


@pytest.fixture(autouse=True)
def spared() -> Iterator[None]:
    """What other tests have running below this process, such as a browser, is not what a dead part has left behind."""
    theirs = {pid for pid, parent in parents(zombies=True).items() if parent == os.getpid()} - process._ours
    process._ours.update(theirs)
    yield
    process._ours.difference_update(theirs)


async def test_a_part_that_is_killed_runs_again(tmp_path: Path) -> None:
    keeper = Keeper(part(tmp_path, marking()), QUICK)
    await keeper.start()
    assert keeper.process is not None
    first = keeper.process.pid
    os.kill(first, signal.SIGKILL)
    await until(lambda: keeper.process and keeper.process.pid != first and (tmp_path / "ready").exists(), "another process")
    await keeper.stop()
    assert keeper.process.pid not in parents()


async def test_a_part_that_answers_nothing_is_killed_with_its_children_and_runs_again(tmp_path: Path) -> None:
    keeper = Keeper(part(tmp_path, marking(WITH_CHILD)), QUICK)
    await keeper.start()
    assert keeper.process is not None
    old = keeper.process.pid
    await until(lambda: descendants(old), "its child")
    family = {old, *descendants(old)}
    (tmp_path / "ready").unlink()
    await until(lambda: keeper.process and keeper.process.pid != old, "another process")
    assert not family & parents().keys()
    await keeper.stop()


async def test_a_part_that_never_gets_ready_is_given_up_with_the_end_of_its_log(tmp_path: Path) -> None:
    keeper = Keeper(part(tmp_path, "print('no such port'); raise SystemExit(7)", name="doomed"), QUICK)
    with pytest.raises(PartError, match=r"doomed does not start: ended with status 7\n(.*\n)*no such port"):
        await keeper.start()
    assert (tmp_path / "doomed.log").read_text().count("no such port") == QUICK.first_tries
    await keeper.stop()


async def test_what_does_not_want_to_stop_is_killed(tmp_path: Path) -> None:
    deaf = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{marking(WITH_CHILD)}"
    keeper = Keeper(part(tmp_path, deaf, stop_seconds=0.1), QUICK)
    await keeper.start()
    assert keeper.process is not None
    await until(lambda: descendants(keeper.process.pid) if keeper.process else None, "its child")
    family = {keeper.process.pid, *descendants(keeper.process.pid)}
    await keeper.stop()
    assert not family & parents().keys()


async def test_one_that_fails_tells_of_itself_and_the_others_can_be_stopped(tmp_path: Path) -> None:
    keepers = [
        Keeper(part(tmp_path, marking(ready="a"), ready="a", name="good"), QUICK),
        Keeper(part(tmp_path, "raise SystemExit(1)", ready="b", name="bad"), QUICK),
    ]
    with pytest.raises(PartError, match=r"^bad does not start"):
        await start_all(keepers)
    await stop_all(keepers)
    assert all(keeper.process is None or keeper.process.pid not in parents() for keeper in keepers)
