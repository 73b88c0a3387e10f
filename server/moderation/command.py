"""`reelwire reports`: what an operator sees of reports, and how they are closed."""

import argparse
from collections.abc import Sequence

import msgspec

from server.kit import terminal
from server.kit.terminal import LISTED, line, say, say_json
from server.kit.work import work
from server.moderation import actions, queries
from server.moderation.actions import NothingOpenError
from server.settings import Settings
from storage.postgres import Pool, connection

COLUMNS = "{:36}  {:36}  {:10}  {:6}  {:6}  {}"


class Unheard:
    """Closing reports announces nothing: whoever made them is not told."""

    def announce(self, event: msgspec.Struct) -> None:
        """Drop the event."""

    async def settled(self, events: Sequence[msgspec.Struct]) -> None:
        """Nobody is waited for."""


def main(argv: Sequence[str]) -> int:
    """Do what the words say; the exit status."""
    given = _parser().parse_args(argv)
    return terminal.run("reports", Settings.from_environment().database_url, given, NothingOpenError)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reelwire reports",
        description="List what accounts have reported, and close it.",
        epilog="Exit status: 0 when it is done, 1 when no report of the video is open, 2 when it is called wrongly, "
        "3 when PostgreSQL does not answer.",
    )
    words = parser.add_subparsers(required=True, metavar="list|close")
    listing = words.add_parser("list", help="the newest open reports, a line each")
    listing.add_argument("--all", action="store_true", help="also those that are closed")
    listing.add_argument("--about", type=terminal.id_word, metavar="ID", help="only those of this video, or by this account")
    most = f"at most so many (default: {LISTED})"
    listing.add_argument("--limit", type=terminal.count_word, default=LISTED, metavar="N", help=most)
    listing.add_argument("--json", action="store_true", help="as JSON")
    closing = words.add_parser("close", help="close all open reports of a video")
    closing.add_argument("id", type=terminal.id_word, metavar="ID", help="of the video")
    for one, do in ((listing, _list), (closing, _close)):
        one.set_defaults(do=do)
    return parser


async def _list(pool: Pool, given: argparse.Namespace) -> None:
    async with connection(pool) as conn:
        reports = await queries.listed(conn, given.about, given.limit, closed=given.all)
    if given.json:
        say_json(reports)
        return
    say(COLUMNS.format("video", "account", "reason", "age", "state", "detail"))
    for one in reports:
        state = "closed" if one.closed_at else "open"
        by = (str(one.video_id), str(one.account_id), one.reason, terminal.age(one.created_at))
        say(COLUMNS.format(*by, state, line(one.detail or "")).rstrip())


async def _close(pool: Pool, given: argparse.Namespace) -> None:
    async with work(pool, Unheard(), None) as w:
        closed = await actions.close(w, given.id)
    say(f"{closed} {'report' if closed == 1 else 'reports'} of video {given.id} closed")
