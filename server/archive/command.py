"""`reelwire archive`: a sweep by hand, or what one would do."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from server.archive import sweep
from server.archive.apart import NothingGoes
from server.archive.prices import Prices, size_of
from server.archive.wire import Swept
from server.kit import terminal
from server.kit.terminal import say, say_json
from server.settings import Settings
from storage.objects import ObjectMissing, StoreFull, StoreUnavailable
from storage.postgres import AWAY

UNANSWERED: tuple[type[BaseException], ...] = (StoreUnavailable, ObjectMissing, *AWAY)

Once = Callable[[Settings, Callable[[web.Application], Awaitable[None]]], Awaitable[None]]
"""Does something with all that a scheduler has."""


def main(argv: Sequence[str], once: Once) -> int:
    """Do what the words say; the exit status."""
    given = _parser().parse_args(argv)
    settings = Settings.from_environment()
    found: list[Swept] = []

    async def run(app: web.Application) -> None:
        found.append(await sweep.sweep(app, dry_run=given.dry_run))

    if not done("archive", once(settings, run)):
        return terminal.UNREACHABLE
    if given.json:
        say_json(found[0])
    else:
        _say(found[0], Prices.of(settings), dry_run=given.dry_run)
    return 0


def done(command: str, work: Awaitable[Any]) -> bool:
    """Do it; False, and a line that says why, where a store does not answer or takes nothing."""

    async def run() -> None:
        await work

    try:
        asyncio.run(run())
    except UNANSWERED as error:
        terminal.complain(command, f"a store does not answer: {terminal.line(error)}")
        return False
    except (StoreFull, NothingGoes) as error:
        terminal.complain(command, f"the archive takes nothing: {terminal.line(error)}")
        return False
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reelwire archive",
        description="Move what hardly anybody watches to the archive, by the settings REELWIRE_ARCHIVE_…, which may be set for "
        "one sweep: REELWIRE_ARCHIVE_AGE_DAYS=0 reelwire archive sweep --dry-run.",
        epilog="Exit status: 0 when it is done, 2 when it is called wrongly, 3 when a store does not answer or takes nothing.",
    )
    words = parser.add_subparsers(required=True, metavar="sweep")
    sweeping = words.add_parser("sweep", help="one sweep over all videos, now")
    sweeping.add_argument("--dry-run", action="store_true", help="only say what would go")
    sweeping.add_argument("--json", action="store_true", help='as JSON: {"videos", "bytes", "ids"}')
    return parser


def _say(swept: Swept, prices: Prices, *, dry_run: bool) -> None:
    before, after = prices.warm(swept.bytes), prices.archive(swept.bytes)
    say(f"{swept.videos} videos, {size_of(swept.bytes)} {'would go' if dry_run else 'went'} to the archive")
    say(f"a month of that costs {before:.2f} at hand, {after:.2f} in the archive: {before - after:.2f} are saved")
    for video_id in swept.ids:
        say(str(video_id))
