"""The pool: real children, killed in every way they can end."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from media.errors import Internal, TimedOut, Unreadable, Unsupported
from media.launcher import Ended
from media.limits import MEBIBYTE, STILL, Limits
from media.pool import Pool
from media.task import Task
from tests.media import children
from tests.waiting import until

ROOT = Path(__file__).parents[2]
PLENTY = Limits(wall_seconds=30, cpu_seconds=20, memory_bytes=900 * MEBIBYTE)


def limits(**changes: float | str) -> Limits:
    return Limits(**{"wall_seconds": 30, "cpu_seconds": 20, "memory_bytes": 900 * MEBIBYTE, **changes})  # type: ignore[arg-type]


def held(task: Task) -> list[int]:
    """The numbers of the children that hold."""
    return [int(name) for name in os.listdir(task.folder) if name.isdigit()]


def release(task: Task) -> None:
    Path(task.folder, "go").touch()


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def descendants(pid: int, words: str) -> Iterator[int]:
    """Processes whose parent is `pid` and whose command line has these words."""
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid and words.encode() in (entry / "cmdline").read_bytes():
                yield int(entry.name)


async def test_two_tasks_run_in_two_processes_and_a_third_waits(pool: Pool, task: Task) -> None:
    runs = [asyncio.create_task(pool.run(children.hold, task, limits=PLENTY)) for _ in range(3)]
    await until(lambda: len(held(task)) == 2, "two children")
    assert pool.running == 2
    release(task)
    answers = await asyncio.gather(*runs)
    assert len({answer.pid for answer in answers} | {os.getpid()}) == 4
    assert pool.running == 0


async def test_a_probe_does_not_wait_for_encoders(pool: Pool, task: Task) -> None:
    runs = [asyncio.create_task(pool.run(children.hold, task, limits=PLENTY)) for _ in range(2)]
    await until(lambda: len(held(task)) == 2, "two children")
    await pool.run(children.count, task, limits=limits(lane="probe"))
    assert pool.running == 2
    release(task)
    await asyncio.gather(*runs)


async def test_neither_a_probe_nor_an_encoder_waits_for_stills_which_come_one_by_one(pool: Pool, task: Task) -> None:
    stills = [asyncio.create_task(pool.run(children.hold, task, limits=STILL)) for _ in range(3)]
    await until(lambda: held(task), "a child")
    await pool.run(children.count, task, limits=limits(lane="probe"))
    await pool.run(children.count, task, limits=PLENTY)
    assert pool.running == len(held(task)) == 1
    release(task)
    await asyncio.gather(*stills)


async def test_progress_arrives_in_order(pool: Pool, task: Task) -> None:
    told: list[tuple[str, float]] = []
    used: list[Ended] = []
    await pool.run(
        children.count,
        task,
        limits=PLENTY,
        on_progress=lambda stage, fraction: told.append((stage, fraction)),
        on_end=used.append,
    )
    assert told == [("stage 0", 0.0), ("stage 1", 0.25), ("stage 2", 0.5), ("stage 3", 0.75)]
    assert used[0].status == 0
    assert used[0].peak_bytes > MEBIBYTE


async def test_a_refusal_keeps_its_code(pool: Pool, task: Task) -> None:
    with pytest.raises(Unsupported, match="not like this") as refused:
        await pool.run(children.refuse, task, limits=PLENTY)
    assert not refused.value.retry


async def test_a_bug_is_internal_and_its_trace_is_logged(pool: Pool, task: Task, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Internal, match="a bug of ours") as failed:
        await pool.run(children.stumble, task, limits=PLENTY)
    assert failed.value.retry
    assert failed.value.mark.startswith("tests.media.children:stumble: KeyError at tests.media.children:")
    assert "in stumble" in caplog.text


@pytest.mark.parametrize(
    ("function", "given", "detail", "retry"),
    [
        (children.burn, {"cpu_seconds": 1, "wall_seconds": 120}, "1 s of processor time", False),
        (children.burn, {"wall_seconds": 0.5}, "took too long", True),
        (children.stall, {"stall_seconds": 0.3}, "no progress", True),
    ],
)
async def test_a_child_that_does_not_end_is_ended(
    pool: Pool, task: Task, function: object, given: dict[str, float], detail: str, retry: bool
) -> None:
    with pytest.raises(TimedOut, match=detail) as ended:
        await pool.run(function, task, limits=limits(**given))  # type: ignore[arg-type]
    assert ended.value.retry is retry


@pytest.mark.parametrize(
    ("function", "detail", "mark"),
    [
        (children.swell, "out of memory", ""),
        (children.crash, "SIGSEGV", "tests.media.children:crash: SIGSEGV"),
        (children.perish, "SIGKILL", ""),
        (children.vanish, "status 0 and without a result", ""),
        (children.babble, "a message of", "tests.media.children:babble: a message too long"),
        (children.gossip, "without end", ""),
        (children.lie, "makes no sense", "tests.media.children:lie: a result without sense"),
    ],
)
async def test_a_child_that_breaks_is_an_internal_error(pool: Pool, task: Task, function: object, detail: str, mark: str) -> None:
    with pytest.raises(Internal, match=detail) as broken:
        await pool.run(function, task, limits=PLENTY)  # type: ignore[arg-type]
    assert broken.value.retry
    assert broken.value.mark == mark


async def test_a_file_that_crashes_the_probe_is_unreadable(pool: Pool, task: Task) -> None:
    with pytest.raises(Unreadable, match="SIGSEGV") as refused:
        await pool.run(children.crash, task, limits=limits(lane="probe"))
    assert not refused.value.retry


async def test_what_a_child_leaves_behind_goes_with_it(pool: Pool, task: Task) -> None:
    await pool.run(children.multiply, task, limits=PLENTY)
    left = held(task)
    assert len(left) == 2
    await until(lambda: not any(map(alive, left)), "the end of both")


async def test_a_cancelled_task_ends_its_child_and_frees_its_place(pool: Pool, task: Task) -> None:
    run = asyncio.create_task(pool.run(children.hold, task, limits=PLENTY))
    await until(lambda: held(task), "a child")
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert pool.running == 0
    assert not alive(held(task)[0])


async def test_closing_the_pool_kills_what_runs(task: Task) -> None:
    async with Pool(processes=1) as pool:
        run = asyncio.create_task(pool.run(children.hold, task, limits=PLENTY))
        await until(lambda: held(task), "a child")
    with pytest.raises(Internal, match="closed"):
        await run
    assert not alive(held(task)[0])


async def test_a_pool_whose_zygote_was_killed_goes_on(task: Task) -> None:
    before = set(descendants(os.getpid(), "media.zygote"))
    async with Pool(processes=1) as pool:
        run = asyncio.create_task(pool.run(children.hold, task, limits=PLENTY))
        await until(lambda: held(task), "a child")
        [zygote] = set(descendants(os.getpid(), "media.zygote")) - before
        os.kill(zygote, signal.SIGKILL)
        with pytest.raises(Internal, match="zygote is gone") as lost:
            await run
        assert lost.value.retry
        await until(lambda: not alive(held(task)[0]), "the child's end")
        assert (await pool.run(children.count, task, limits=PLENTY)).pid


WORKER = """
import asyncio
from media.pool import Pool
from media.limits import Limits
from media.task import Task
from tests.media import children
async def main():
    async with Pool(processes=1) as pool:
        await pool.run(children.hold, Task(input={input!r}, folder={folder!r}),
                       limits=Limits(wall_seconds=60, cpu_seconds=20, memory_bytes=1 << 30))
asyncio.run(main())
"""


async def test_children_die_with_a_killed_worker(task: Task) -> None:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER.format(input=task.input, folder=task.folder), env={"PYTHONPATH": str(ROOT)}
    )
    await until(lambda: held(task), "a child")
    [zygote] = descendants(worker.pid, "media.zygote")
    worker.kill()
    await worker.wait()
    await until(lambda: not alive(held(task)[0]) and not alive(zygote), "the end of child and zygote")
