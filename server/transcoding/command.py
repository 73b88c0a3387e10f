"""`reelwire jobs`: what an operator sees of media jobs, and the operator's hand on them."""

import argparse
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from pubsub.broker import BrokerUnavailable
from server.kit import terminal
from server.kit.terminal import LISTED, line, say, say_json
from server.kit.work import work
from server.settings import Settings
from server.transcoding import actions
from server.transcoding.actions import NotPossible
from server.videos.actions import JOB
from storage import job_trace
from storage.job_trace import EventRow, JobRow, StepRow
from storage.postgres import Pool, connection

STATES = ("queued", "leased", "done", "failed", "cancelled")
COLUMNS = "{:36}  {:9}  {:9}  {:5}  {:>6}  {:36}  {:36}  {:>6}  {}"
Send = Callable[[str, Sequence[msgspec.Struct]], Awaitable[None]]
"""Announces committed work on the broker at a URL; raises BrokerUnavailable."""


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

    async def settled(self, events: Sequence[msgspec.Struct]) -> None:
        """Nobody is waited for: it is announced when the command ends."""


def main(argv: Sequence[str], send: Send) -> int:
    """Do what the words say, and send what is to be announced; the exit status."""
    given = _parser().parse_args(argv)
    settings = Settings.from_environment()
    given.send, given.url_seconds = partial(send, settings.valkey_url), settings.media_url_seconds
    return terminal.run("jobs", settings.database_url, given, NotPossible)


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
    listing.add_argument("--about", type=terminal.id_word, metavar="ID", help="only those of this video or account")
    most = f"at most so many (default: {LISTED})"
    listing.add_argument("--limit", type=terminal.count_word, default=LISTED, metavar="N", help=most)
    showing = words.add_parser("show", help="a job with its steps and what happened to it")
    retrying = words.add_parser("retry", help="queue a job again that failed or was cancelled")
    cancelling = words.add_parser("cancel", help="end a job that waits or runs")
    for one in (listing, showing):
        one.add_argument("--json", action="store_true", help="as JSON")
    for one, do in ((listing, _list), (showing, _show), (retrying, _retry), (cancelling, _cancel)):
        one.set_defaults(do=do)
        if one is not listing:
            one.add_argument("id", type=terminal.id_word, metavar="ID", help="of a job, or of its video")
    return parser


async def _list(pool: Pool, given: argparse.Namespace) -> None:
    async with connection(pool) as conn:
        rows = await job_trace.listed(conn, given.state, given.about, given.limit)
    if given.json:
        say_json(rows)
        return
    say(COLUMNS.format("job", "kind", "state", "phase", "age", "video", "account", "faults", "last error"))
    for row in rows:
        about = (str(row.subject_id), str(row.account_id), row.faults, line(row.last_error or ""))
        say(COLUMNS.format(str(row.id), row.kind, row.state, row.phase, terminal.age(row.created_at), *about).rstrip())


async def _show(pool: Pool, given: argparse.Namespace) -> None:
    async with connection(pool) as conn:
        job = await job_trace.find(conn, given.id, JOB)
        if job is None:
            raise _unknown(given.id)
        shown = Shown(job, await job_trace.steps(conn, job.id), await job_trace.events(conn, job.id))
    if given.json:
        say_json(shown)
        return
    for name, value in msgspec.structs.asdict(job).items():
        say(f"{name:12}{line('-' if value is None else value)}")
    say(f"\n{'step':12}{'start':>6}{'CPU':>10}{'peak':>10}  done")
    for step in shown.steps:
        say(f"{step.name:12}{step.lease:6}{step.cpu_seconds:8.1f} s{step.peak_bytes >> 20:6} MiB  {terminal.time(step.done_at)}")
    say(f"\n{'at':22}{'start':>6}  event")
    for event in shown.events:
        say(f"{terminal.time(event.at):22}{event.lease:6}  {line(event.event + (f': {event.detail}' if event.detail else ''))}")


async def _retry(pool: Pool, given: argparse.Namespace) -> None:
    job = await _change(pool, given, actions.retry)
    say(f"job {job.id} of video {job.subject_id} is queued")


async def _cancel(pool: Pool, given: argparse.Namespace) -> None:
    job = await _change(pool, given, partial(actions.cancel, url_seconds=given.url_seconds))
    say(f"job {job.id} of video {job.subject_id} is cancelled")


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
        terminal.complain("jobs", f"it is done, and could not be announced: {line(error)}")
    return job


def _unknown(of: UUID) -> NotPossible:
    return NotPossible(f"there is no job {of}, nor one for a video of this id")
