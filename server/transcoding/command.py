"""`reelwire jobs`: what an operator sees of media jobs, and the operator's hand on them."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from pubsub.broker import BrokerUnavailable
from server.kit.ids import parse_id
from server.kit.work import work
from server.settings import Settings
from server.transcoding import actions
from server.transcoding.actions import NotPossible
from server.videos.actions import JOB
from storage import job_trace
from storage.job_trace import EventRow, JobRow, StepRow
from storage.postgres import AWAY, Pool, close_pool, connection, open_pool

REFUSED, UNREACHABLE = 1, 3
"""Exit statuses: there is no such job, or that cannot be done with it; PostgreSQL does not answer."""
STATES = ("queued", "leased", "done", "failed", "cancelled")
LISTED = 50
MOST_LISTED = 10_000
CONNECTIONS = 1
COLUMNS = "{:36}  {:9}  {:5}  {:>6}  {:36}  {:36}  {:>6}  {}"
Send = Callable[[str, Sequence[msgspec.Struct]], Awaitable[None]]
"""Announces committed work on the broker at a URL; raises BrokerUnavailable."""
UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


class Shown(msgspec.Struct, frozen=True):
    """All that is known of one job."""

    job: JobRow
    steps: list[StepRow]
    events: list[EventRow]


class Heard:
    """Keeps what a transaction announces until it is committed."""

    def __init__(self) -> None:
        self.events: list[msgspec.Struct] = []

    def announce(self, event: msgspec.Struct) -> None:
        """Take the event."""
        self.events.append(event)


def main(argv: Sequence[str], send: Send) -> int:
    """Do what the words say, and send what is to be announced; the exit status."""
    given = _parser().parse_args(argv)
    settings = Settings.from_environment()
    try:
        asyncio.run(_run(settings, given, send))
    except NotPossible as error:
        sys.stderr.write(f"reelwire jobs: {error}\n")
        return REFUSED
    except AWAY as error:
        sys.stderr.write(f"reelwire jobs: PostgreSQL does not answer: {_line(error)}\n")
        return UNREACHABLE
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reelwire jobs",
        description="List media jobs, show one, try it again, or cancel it.",
        epilog="Exit status: 0 when it is done, 1 when there is no such job or it cannot be done, 2 when it is called wrongly, "
        "3 when PostgreSQL does not answer.",
    )
    words = parser.add_subparsers(required=True, metavar="list|show|retry|cancel")
    listing = words.add_parser("list", help="the newest jobs, a line each")
    listing.add_argument("--state", choices=STATES, help="only those in this state")
    listing.add_argument("--about", type=_id, metavar="ID", help="only those of this video or account")
    listing.add_argument("--limit", type=_count, default=LISTED, metavar="N", help=f"at most so many (default: {LISTED})")
    showing = words.add_parser("show", help="a job with its steps and what happened to it")
    retrying = words.add_parser("retry", help="queue a job again that failed or was cancelled")
    cancelling = words.add_parser("cancel", help="end a job that waits or runs")
    for one in (listing, showing):
        one.add_argument("--json", action="store_true", help="as JSON")
    for one, do in ((listing, _list), (showing, _show), (retrying, _retry), (cancelling, _cancel)):
        one.set_defaults(do=do)
        if one is not listing:
            one.add_argument("id", type=_id, metavar="ID", help="of a job, or of its video")
    return parser


def _id(text: str) -> UUID:
    found = parse_id(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no id")
    return found


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_LISTED):
        raise argparse.ArgumentTypeError(f"from 1 to {MOST_LISTED}, not {text!r}")
    return int(text)


async def _run(settings: Settings, given: argparse.Namespace, send: Send) -> None:
    pool = await open_pool(settings.database_url, CONNECTIONS, "reelwire jobs")
    given.send, given.url_seconds = partial(send, settings.valkey_url), settings.media_url_seconds
    try:
        await given.do(pool, given)
    finally:
        await close_pool(pool)


async def _list(pool: Pool, given: argparse.Namespace) -> None:
    async with connection(pool) as conn:
        rows = await job_trace.listed(conn, given.state, given.about, given.limit)
    if given.json:
        _say_json(rows)
        return
    _say(COLUMNS.format("job", "state", "phase", "age", "video", "account", "faults", "last error"))
    for row in rows:
        about = (str(row.subject_id), str(row.account_id), row.faults, _line(row.last_error or ""))
        _say(COLUMNS.format(str(row.id), row.state, row.phase, _age(row.created_at), *about).rstrip())


async def _show(pool: Pool, given: argparse.Namespace) -> None:
    async with connection(pool) as conn:
        job = await job_trace.find(conn, given.id, JOB)
        if job is None:
            raise _unknown(given.id)
        shown = Shown(job, await job_trace.steps(conn, job.id), await job_trace.events(conn, job.id))
    if given.json:
        _say_json(shown)
        return
    for name, value in msgspec.structs.asdict(job).items():
        _say(f"{name:12}{_line('-' if value is None else value)}")
    _say(f"\n{'step':12}{'start':>6}{'CPU':>10}{'peak':>10}  done")
    for step in shown.steps:
        _say(f"{step.name:12}{step.lease:6}{step.cpu_seconds:8.1f} s{step.peak_bytes >> 20:6} MiB  {_time(step.done_at)}")
    _say(f"\n{'at':22}{'start':>6}  event")
    for event in shown.events:
        _say(f"{_time(event.at):22}{event.lease:6}  {_line(event.event + (f': {event.detail}' if event.detail else ''))}")


async def _retry(pool: Pool, given: argparse.Namespace) -> None:
    job = await _change(pool, given, actions.retry)
    _say(f"job {job.id} of video {job.subject_id} is queued")


async def _cancel(pool: Pool, given: argparse.Namespace) -> None:
    job = await _change(pool, given, partial(actions.cancel, url_seconds=given.url_seconds))
    _say(f"job {job.id} of video {job.subject_id} is cancelled")


async def _change(pool: Pool, given: argparse.Namespace, action: Callable[[Any, JobRow], Awaitable[None]]) -> JobRow:
    heard = Heard()
    async with work(pool, heard, None) as w:
        job = await job_trace.find(w.conn, given.id, JOB)
        if job is None:
            raise _unknown(given.id)
        await action(w, job)
    try:
        await given.send(heard.events)
    except BrokerUnavailable as error:  # workers look by themselves, and clients read it when they come back
        sys.stderr.write(f"reelwire jobs: it is done, and could not be announced: {_line(error)}\n")
    return job


def _unknown(of: UUID) -> NotPossible:
    return NotPossible(f"there is no job {of}, nor one for a video of this id")


def _age(at: datetime) -> str:
    seconds = max(0, round((datetime.now(UTC) - at).total_seconds()))
    size, unit = next(((size, unit) for size, unit in UNITS if seconds >= size), UNITS[-1])
    return f"{seconds // size} {unit}"


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _line(text: object) -> str:
    # What a file or a library says is others' text: no control character of theirs reaches the terminal.
    return "".join(character if character.isprintable() else "�" for character in str(text))


def _say_json(found: object) -> None:
    _say(msgspec.json.format(msgspec.json.encode(found)).decode())


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
