"""The command `reelwire demo`: reads its words, fills the system, and says how to look at it."""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import aiohttp

from server.demo.api import CALL_SECONDS, Api, Refused
from server.demo.cast import CLIPS, MEMBERS, PASSWORD, VIEWER, Clip
from server.demo.filling import Added, Filling
from server.settings import Settings

FAILED, USAGE = 1, 2
CONNECTIONS: Final = 8


def main(argv: Sequence[str]) -> int:
    """Fill the system that the settings name; the exit status."""
    options = argparse.ArgumentParser(
        prog="reelwire demo", description="Fill a running system with accounts that follow one another, and with clips."
    )
    options.add_argument("--clips", type=int, default=len(CLIPS), help=f"how many, at most {len(CLIPS)}")
    options.add_argument("--url", help="origin of the system; without it, the one that runs here")
    chosen = options.parse_args(argv)
    settings = Settings.from_environment(check=False)
    if settings.environment == "production":
        _say(
            "The demo makes accounts whose password everybody knows, and refuses to do so in production.\n"
            "If that system is for trying out, type: REELWIRE_ENVIRONMENT=development reelwire demo …"
        )
        return USAGE
    origin = (chosen.url or settings.public_url).rstrip("/")
    try:
        with tempfile.TemporaryDirectory(prefix="reelwire-demo-") as folder:
            added = asyncio.run(fill(origin, CLIPS[: chosen.clips], Path(folder)))
    except Refused as error:
        _say(f"reelwire demo: {error}")
        return FAILED
    _farewell(origin, added)
    return 0


async def fill(origin: str, clips: Sequence[Clip], folder: Path) -> Added:
    """Fill the system at this origin, with progress on standard output.

    Raises:
        Refused: the system refuses, or a clip does not come to play.
    """
    began = time.monotonic()

    def say(line: str) -> None:
        _say(f"{time.monotonic() - began:6.1f} s  {line}")

    http = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS), timeout=aiohttp.ClientTimeout(total=CALL_SECONDS)
    )
    async with http:
        return await Filling(Api(http, origin), say, folder, clips).run()


def _farewell(origin: str, added: Added) -> None:
    if added == Added():
        _say("Everything is there already; nothing was added.")
    names = ", ".join(member.username for member in MEMBERS)
    _say(
        f"\nOpen {origin} and log in as  {VIEWER.username}  with the password  {PASSWORD}\n"
        f"The others have the same one: {names}.\n"
        "Everybody may know it: these accounts are for trying out, not for a system that others can reach."
    )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
