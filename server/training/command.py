"""`reelwire suggest`: a training by hand, and how good suggestions are, measured on what happened after they were learned."""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from errno import EISDIR
from pathlib import Path

import msgspec
from aiohttp import web

from recommend import process, report
from recommend.engines import ENGINES, LOCAL, MEMORY_BYTES
from recommend.figures import Cost, Evaluation, Judged
from recommend.job import Job
from recommend.process import BadInputError, BrokeOffError
from server.kit import terminal
from server.kit.cores import cores
from server.kit.terminal import REFUSED, UNREACHABLE, say, say_json
from server.settings import Settings
from server.training import jobs
from server.training.export import export
from server.training.jobs import Busy, Figures, Outcome
from storage.postgres import AWAY, close_pool, open_pool

BROKE_OFF = 3
WORSE = 4
"""Nothing was published: the model is worse than popularity."""
EVALUATE = "recommend.evaluation:evaluate"
MOST_DAYS = 60

Once = Callable[[Settings, Callable[[web.Application], Awaitable[None]]], Awaitable[None]]
"""Does something with all that a scheduler has."""


class Told(Figures, frozen=True, kw_only=True):
    """What is kept of a training, and whether its lists are served."""

    published: bool


def main(argv: Sequence[str], once: Once, find_stack: Callable[[], None]) -> int:
    """Do what the words say; the exit status. `find_stack` is called where the words are about the running system."""
    parser = _parser()
    given = parser.parse_args(argv)
    if given.word == "evaluate" and (given.interactions is None) != (given.test is None):
        parser.error("--interactions and --test belong together; without them the running system is judged by its own log")
    if given.word == "train" or given.interactions is None:
        find_stack()
    try:
        if given.word == "train":
            return _say_outcome(_train(once, given.engine), as_json=given.json)
        _say_evaluation(_evaluate(given), as_json=given.json)
    except (BadInputError, OSError) as error:
        away = isinstance(error, AWAY)
        terminal.complain("suggest", f"a store does not answer: {terminal.line(error)}" if away else terminal.line(error))
        return UNREACHABLE if away else REFUSED
    except AWAY as error:
        terminal.complain("suggest", f"a store does not answer: {terminal.line(error)}")
        return UNREACHABLE
    except (BrokeOffError, Busy) as error:
        terminal.complain("suggest", str(error) or "somebody else is training")
        return BROKE_OFF
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reelwire suggest",
        description="Learn what to suggest, and judge it.",
        epilog="Exit status: 0 when it is done, 1 when a file cannot be used or written, 2 when it is called wrongly, "
        "3 when the process that learns broke off, somebody else is training, or a store does not answer, "
        "4 when what was learned is worse than popularity, so that it was not published.",
    )
    words = parser.add_subparsers(required=True, metavar="train|evaluate", dest="word")
    training = words.add_parser(
        "train",
        help="learn from everything up to now, and publish everybody's list",
        description="The nightly training, now. It is not published where it foretells the last day worse than popularity does; "
        "where too few accounts could be judged for that, it is.",
    )
    training.add_argument("--json", action="store_true", help="as JSON")
    _add_engine(training)
    judging = words.add_parser(
        "evaluate",
        help="learn from what happened, and foretell what happened after it",
        description="Learn from what happened, and foretell what happened after it: the model beside popularity, "
        "recent popularity, item-kNN and plain factors. Without files it is about the running system, whose last days are "
        "foretold. Files are CSV with a header, compressed where their names end on .gz.",
    )
    columns = "user,item,timestamp,weight (seconds since 1970; weight 0: shown and not liked; 1 where it is missing)"
    judging.add_argument("--interactions", type=Path, metavar="FILE", help=f"what to learn from: {columns}")
    judging.add_argument("--test", type=Path, metavar="FILE", help="what came after, in the same columns")
    about = "what is known of the items: item and any of author,music,tags,duration_ms,upload_day"
    judging.add_argument("--items", type=Path, metavar="FILE", help=about)
    judging.add_argument("--days", type=_days, default=1, metavar="N", help="without files: the last N days are foretold (1)")
    lists = "write the lists of all users of the test there, as user,item,rank"
    judging.add_argument("--dump", type=Path, metavar="FILE", help=lists)
    judging.add_argument("--json", action="store_true", help="as JSON")
    _add_engine(judging)
    return parser


def _add_engine(words: argparse.ArgumentParser) -> None:
    what = "what finds the factors of the model, instead of what REELWIRE_SUGGEST_ENGINE says"
    words.add_argument("--engine", choices=tuple(ENGINES), help=what)


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_DAYS):
        raise argparse.ArgumentTypeError(f"from 1 to {MOST_DAYS}, not {text!r}")
    return int(text)


def _train(once: Once, engine: str | None) -> Outcome:
    settings = Settings.from_environment()
    settings = replace(settings, suggest_engine=engine or settings.suggest_engine)
    found: list[Outcome] = []

    async def run(app: web.Application) -> None:
        found.append(await jobs.train(app))

    async def all_of_it() -> None:
        await once(settings, run)

    asyncio.run(all_of_it())
    return found[0]


def _say_outcome(outcome: Outcome, *, as_json: bool) -> int:
    trained, cost = outcome.trained, outcome.cost
    if as_json:
        say_json(Told(trained, cost, trained.gate.enough, published=outcome.published))
    else:
        videos = f"{trained.eligible:,} of {trained.items:,} videos may be suggested"
        say(f"{trained.rows:,} rows of {trained.users:,} accounts; {videos}")
        say(jobs.said(trained.gate))
        served = f"published: {trained.lists:,} lists are served"
        done = served if outcome.published else "not published: the lists of before are served"
        say(f"{done}; it took {cost.cpu_seconds:.1f} s of processor time and {cost.peak_mib:,} MiB")
    return 0 if outcome.published else WORSE


def _say_evaluation(found: Evaluation, *, as_json: bool) -> None:
    if as_json:
        say_json(found)
        return
    for line in report.lines(found):
        say(line)


def _evaluate(given: argparse.Namespace) -> Evaluation:
    """One process for the model, and then one for all others, so that its cost is its own.

    Raises:
        BadInputError: a file cannot be used.
        BrokeOffError: a process did not finish.
        OSError: the lists cannot be written.
    """
    threads = cores()
    engine = given.engine or Settings.from_environment(check=False).suggest_engine
    memory = MEMORY_BYTES.get(engine, MEMORY_BYTES[LOCAL])
    judged: list[Judged] = []
    cost: dict[str, Cost] = {}
    with _unfinished(given.dump) as dump, _material(given) as job:
        for name in ("model", "baselines"):
            told = str(dump) if dump and name == "model" else None
            asked = msgspec.structs.replace(job, dump=told, baselines=name == "baselines", threads=threads, engine=engine)
            done = process.run(EVALUATE, asked, threads, memory)
            judged.append(msgspec.json.decode(done.answer, type=Judged))
            cost[name] = done.cost
        if dump:
            dump.replace(given.dump)
    first, others = judged
    return Evaluation(first.rows, first.test_rows, first.users, first.items, first.judged, first.models + others.models, cost)


@contextmanager
def _unfinished(dump: Path | None) -> Iterator[Path | None]:
    """Where the lists lie until they are whole; what cannot be written is told before anything is learned."""
    if dump is None:
        yield None
        return
    unfinished = dump.absolute().with_name(f".{os.getpid()}.{dump.name}")
    try:
        if dump.is_dir():
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(dump))
        unfinished.touch()
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _material(given: argparse.Namespace) -> Iterator[Job]:
    """The files that were named, or those that are made of the system's own log."""
    if given.interactions is not None:
        about = str(given.items.absolute()) if given.items else None
        yield Job(str(given.interactions.absolute()), str(given.test.absolute()), about, None, baselines=False, threads=1)
        return
    settings = Settings.from_environment()
    with tempfile.TemporaryDirectory(prefix="reelwire-", dir=settings.work_dir or None) as folder:
        asyncio.run(_export(settings, Path(folder)))
        yield Job(None, None, None, None, baselines=False, threads=1, log=folder, days=given.days)


async def _export(settings: Settings, folder: Path) -> None:
    pool = await open_pool(settings.database_url, 1, "reelwire suggest")
    try:
        await export(pool, folder)
    finally:
        await close_pool(pool)
