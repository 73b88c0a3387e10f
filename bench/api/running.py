"""Runs the cases one after the other on the same stores."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from bench.api import comments, counts, feed, logins, profiles, views
from bench.figures import Result, table
from bench.population.town import LARGE, Size
from bench.system import real_stores

CASES = (feed.measured, profiles.measured, logins.measured, views.measured, comments.measured, counts.measured)


def run(folder: Path, size: Size = LARGE) -> Iterator[Result | str]:
    """The benchmark, case by case."""
    return iter(asyncio.run(_all(folder, size)))


async def _all(folder: Path, size: Size) -> list[Result | str]:
    return [found async for found in _found(folder, size)]


async def printed(folder: Path, size: Size) -> None:
    """The same, told as it is found."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async for found in _found(folder, size):
        print(found if isinstance(found, str) else table(found), flush=True)


async def _found(folder: Path, size: Size) -> AsyncIterator[Result | str]:
    async with real_stores(folder, size) as given:
        for case in CASES:
            async for found in case(folder, given):
                yield found
