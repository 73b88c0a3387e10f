"""`reelwire soak`: a long run under faults on a system of its own; ends with 1 where a promise was not kept."""

import argparse
import asyncio
import random
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from soak.checker import Verdict, hints_of
from soak.history import CaughtUp, Heard, History, Numbered, Opened, Record, Struck, of
from soak.run import Plan, run


async def _ended_by_sigterm(plan: Plan, folder: Path, log: Path) -> tuple[Verdict, History]:
    """The run; ended early, it leaves nothing running."""
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    return await run(plan, folder, log)


def _told(verdict: Verdict, records: list[Record]) -> Iterator[str]:
    """What happened, and what was proven, in lines."""
    faults = Counter(record.fault for record in of(records, Struck))
    reloads = sum(not ending.recovered for ending in of(records, CaughtUp))
    yield f"faults: {', '.join(f'{name} {times}' for name, times in sorted(faults.items()))}"
    yield f"{_count(records, Numbered)} publications, {_count(records, Heard)} deliveries, {_count(records, Opened)} sessions"
    yield f"{_count(records, CaughtUp)} resumes, {reloads} of them told to reload"
    if hints := hints_of(records):
        spread = f"{hints[0]} to {hints[-1]} ms, half of them after {median(hints):.0f}"
        yield f"{len(hints)} sessions were asked to come back after {spread}"
    yield f"{verdict.owed} deliveries were owed, {verdict.told} of them told instead; {verdict.repeats} repeats over sessions"


def _count(records: list[Record], kind: type[Record]) -> int:
    return sum(isinstance(record, kind) for record in records)


STOPPED = 143
"""As shells count it: 128 + SIGTERM."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run, tell, and keep the history where something was wrong; the exit status."""
    options = argparse.ArgumentParser(
        prog="reelwire soak", description="Strike a running system at random and prove that nothing was lost."
    )
    options.add_argument("--minutes", type=float, default=10.0, help="for how long things happen (10)")
    options.add_argument("--seed", type=int, default=None, help="decides what happens; told at the start")
    options.add_argument("--restarts", type=int, default=0, help="instead of faults: restart serve processes, so many one by one")
    options.add_argument("--authors", type=int, default=6)
    options.add_argument("--followers", type=int, default=10)
    options.add_argument("--history", type=Path, help="where everything is written down (a temporary file)")
    given = options.parse_args(argv)
    seed = given.seed if given.seed is not None else random.randrange(2**32)
    length = f"{given.restarts} restarts" if given.restarts else f"{given.minutes:g} minutes"
    print(f"seed {seed}, {length}", flush=True)
    with tempfile.TemporaryDirectory(prefix="reelwire-soak-") as folder:
        log = given.history or Path(tempfile.gettempdir()) / f"reelwire-soak-{seed}.jsonl"
        plan = Plan(given.minutes * 60, seed, given.authors, given.followers, given.restarts)
        try:
            verdict, history = asyncio.run(_ended_by_sigterm(plan, Path(folder), log))
        except asyncio.CancelledError:
            print("ended before its time: nothing is proven", file=sys.stderr)
            return STOPPED
    print("\n".join(_told(verdict, history.records)))
    for sentence in verdict.broken:
        print(sentence)
    if verdict.broken:
        print(f"{len(verdict.broken)} promises were broken; the history: {log}")
        return 1
    print("every promise was kept")
    if given.history is None:
        log.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
