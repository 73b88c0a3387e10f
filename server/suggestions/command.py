"""`reelwire suggest`: how good the suggestions are, measured on what happened after they were learned."""

import argparse
import os
from collections.abc import Sequence
from errno import EISDIR
from pathlib import Path

import msgspec

from recommend import process, report
from recommend.figures import Cost, Evaluation, Judged
from recommend.job import Job
from recommend.process import BadInputError, BrokeOffError
from server.kit import terminal
from server.kit.cores import cores
from server.kit.terminal import REFUSED, say, say_json

BROKE_OFF = 3
EVALUATE = "recommend.evaluation:evaluate"


def main(argv: Sequence[str]) -> int:
    """Do what the words say; the exit status."""
    given = _parser().parse_args(argv)
    try:
        found = _evaluate(given)
    except (BadInputError, OSError) as error:
        terminal.complain("suggest", terminal.line(error))
        return REFUSED
    except BrokeOffError as error:
        terminal.complain("suggest", str(error))
        return BROKE_OFF
    if given.json:
        say_json(found)
    else:
        for line in report.lines(found):
            say(line)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reelwire suggest",
        description="Judge the suggestions.",
        epilog="Exit status: 0 when it is done, 1 when a file cannot be used or written, 2 when it is called wrongly, "
        "3 when the process that learns broke off.",
    )
    words = parser.add_subparsers(required=True, metavar="evaluate")
    judging = words.add_parser(
        "evaluate",
        help="learn from one file of interactions, and foretell another",
        description="Learn from what happened, and foretell what happened after it: the model beside popularity, "
        "recent popularity, item-kNN and plain factors. Files are CSV with a header, compressed where their names end on .gz.",
    )
    columns = "user,item,timestamp,weight (seconds since 1970; weight 0: shown and not liked; 1 where it is missing)"
    judging.add_argument("--interactions", type=Path, required=True, metavar="FILE", help=f"what to learn from: {columns}")
    judging.add_argument("--test", type=Path, required=True, metavar="FILE", help="what came after, in the same columns")
    about = "what is known of the items: item and any of author,music,tags,duration_ms,upload_day"
    judging.add_argument("--items", type=Path, metavar="FILE", help=about)
    lists = "write the lists of all users of the test there, as user,item,rank"
    judging.add_argument("--dump", type=Path, metavar="FILE", help=lists)
    judging.add_argument("--json", action="store_true", help="as JSON")
    return parser


def _evaluate(given: argparse.Namespace) -> Evaluation:
    """One process for the model, and then one for all others, so that its cost is its own.

    Raises:
        BadInputError: a file cannot be used.
        BrokeOffError: a process did not finish.
        OSError: the lists cannot be written.
    """
    threads = cores()
    files = str(given.interactions.absolute()), str(given.test.absolute()), str(given.items.absolute()) if given.items else None
    unfinished = given.dump and given.dump.absolute().with_name(f".{os.getpid()}.{given.dump.name}")
    judged: list[Judged] = []
    cost: dict[str, Cost] = {}
    try:
        if unfinished:
            if given.dump.is_dir():
                raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(given.dump))
            unfinished.touch()  # what cannot be written is told before anything is learned
        for name in ("model", "baselines"):
            dump = str(unfinished) if unfinished and name == "model" else None
            done = process.run(EVALUATE, Job(*files, dump, name == "baselines", threads), threads)
            judged.append(msgspec.json.decode(done.answer, type=Judged))
            cost[name] = done.cost
        if unfinished:
            unfinished.replace(given.dump)
    finally:
        if unfinished:
            unfinished.unlink(missing_ok=True)
    first, others = judged
    return Evaluation(first.rows, first.test_rows, first.users, first.items, first.judged, first.models + others.models, cost)
