"""Runs the cases one after the other on the same stores."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from pathlib import Path

from bench.api import comments, counts, feed, logins, profiles, suggested, views
from bench.figures import Result, table
from bench.population.town import LARGE, Size
from bench.system import real_stores

CASES = {
    "feed": feed.measured,
    "profiles": profiles.measured,
    "suggested": suggested.measured,
    "logins": logins.measured,
    "views": views.measured,
    "comments": comments.measured,
    "counts": counts.measured,
}


def run(folder: Path, size: Size = LARGE) -> Iterator[Result | str]:
    """The benchmark, case by case."""
    return iter(asyncio.run(_all(folder, size)))


async def _all(folder: Path, size: Size) -> list[Result | str]:
    return [found async for found in _found(folder, size)]


async def printed(folder: Path, size: Size, names: Collection[str] = ()) -> None:
    """The same, told as it is found; only the cases with these names, if there are any."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async for found in _found(folder, size, names):
        print(found if isinstance(found, str) else table(found), flush=True)


async def _found(folder: Path, size: Size, names: Collection[str] = ()) -> AsyncIterator[Result | str]:
    async with real_stores(folder, size) as given:
        for case in [CASES[name] for name in names or CASES]:
            async for found in case(folder, given):
                yield found
