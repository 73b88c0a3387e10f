"""Heavy work goes on in a process of its own, and ends with whoever wanted it."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from recommend import process
from recommend.process import BadInputError, BrokeOffError, run, run_beside
from tests.recommend.errands import Errand, Found
from tests.waiting import until

ERRANDS = "tests.recommend.errands"


def test_it_is_limited_polite_and_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELWIRE_SECRET_KEYS", "secret")
    monkeypatch.setattr(process, "NICE", 5)
    done = run(f"{ERRANDS}:look", Errand("there"), 2)
    found = msgspec.json.decode(done.answer, type=Found)
    assert (found.word, found.threads, found.secret) == ("there", ["1", "2"], None)
    assert found.nice >= 5
    assert done.cost.cpu_seconds > 0
    assert done.cost.peak_mib > 5


@pytest.mark.parametrize(
    ("what", "kind", "why"),
    [
        ("refuse", BadInputError, "^word:7: is bad$"),
        ("eat", BrokeOffError, "failed with status 1: out of memory"),
        ("fall", BrokeOffError, "(?s)failed with status 1: Traceback.*ValueError: word$"),
        ("die", BrokeOffError, "was ended by SIGKILL$"),
    ],
)
def test_what_goes_wrong_is_told(what: str, kind: type[Exception], why: str) -> None:
    with pytest.raises(kind, match=why):
        run(f"{ERRANDS}:{what}", Errand("word"), 1)


def test_its_time_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "SECONDS", 0.01)
    with pytest.raises(BrokeOffError, match="SIGKILL"):
        run(f"{ERRANDS}:rest", Errand(str(tmp_path / "number")), 1)


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    number = tmp_path / "number"
    script = f"from recommend.process import run; from {ERRANDS} import Errand; run('{ERRANDS}:rest', Errand('{number}'), 1)"
    parent = subprocess.Popen([sys.executable, "-c", script])
    try:
        asyncio.run(until(lambda: number.exists() and number.read_text()))
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    asyncio.run(until(lambda: not _runs(int(number.read_text()))))


async def test_beside_a_loop_it_is_the_same(tmp_path: Path) -> None:
    done = await run_beside(tmp_path, f"{ERRANDS}:look", Errand("there"), 2)
    assert msgspec.json.decode(done.answer, type=Found).word == "there"
    assert done.cost.peak_mib > 5
    with pytest.raises(BadInputError, match=r"^word:7: is bad$"):
        await run_beside(tmp_path, f"{ERRANDS}:refuse", Errand("word"), 1)
    with pytest.raises(BrokeOffError, match=r"was ended by SIGKILL$"):
        await run_beside(tmp_path, f"{ERRANDS}:die", Errand("word"), 1)


async def test_beside_a_loop_it_ends_when_its_time_is_over_or_nobody_wants_it_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = tmp_path / "number"
    running = asyncio.create_task(run_beside(tmp_path, f"{ERRANDS}:rest", Errand(str(number)), 1))
    await until(lambda: number.exists() and number.read_text())
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not _runs(int(number.read_text()))
    monkeypatch.setattr(process, "SECONDS", 0.01)
    with pytest.raises(BrokeOffError, match="SIGKILL"):
        await run_beside(tmp_path, f"{ERRANDS}:rest", Errand(str(number)), 1)


def _runs(number: int) -> bool:
    """A process whose parent is gone may be a zombie until somebody waits for it."""
    status = Path(f"/proc/{number}/status")
    return status.exists() and "State:\tZ" not in status.read_text()
