"""Processor time of processes, exact to the scheduler's switch: it is sound where the clock on the wall is not."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Spent:
    """Seconds of processor time, set when the block ends."""

    seconds: float = 0.0


def of_process(pid: int) -> float:
    """Processor seconds of a process' threads so far; those of threads that ended are not counted."""
    # https://docs.kernel.org/scheduler/sched-stats.html: the first number is time spent on the cpu, in nanoseconds.
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


@contextmanager
def spent_by(pid: int) -> Iterator[Spent]:
    """What another process spends during the block."""
    spent, before = Spent(), of_process(pid)
    yield spent
    spent.seconds = of_process(pid) - before


@contextmanager
def spent_here() -> Iterator[Spent]:
    """What this process spends during the block."""
    spent, before = Spent(), time.process_time()
    yield spent
    spent.seconds = time.process_time() - before
