"""`./reelwire bench playback`: real Chromium on the whole system, on a line of 5 Mbit/s and 40 ms."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import aiohttp
from playwright.async_api import Browser, StorageState

from bench.playback.found import Found
from bench.playback.people import BASE, CLIPS, Viewer, viewer_of_clips
from bench.playback.visit import Visit, logged_in, visitor
from soak.system import running
from tests.browser.chromium import chromium

ROUNDS: Final = 6
SHORTEST, LONGEST, MEAN = 0.4, 8.0, 2.0
"""Seconds that somebody looks at a clip: most swipe on soon, some stay."""


def run(folder: Path, rounds: int | None = None) -> Found:
    """The benchmark; of each round a cold start, a warm one, a guest's, and a swipe through all clips."""
    return asyncio.run(_run(folder, rounds or ROUNDS))


async def _run(folder: Path, rounds: int) -> Found:
    async with running(folder / "system") as system:
        viewer = await viewer_of_clips(system.url, folder)
        return await measured(system.url, viewer, rounds)


async def measured(url: str, viewer: Viewer, rounds: int, looks: Sequence[float] | None = None) -> Found:
    """All rounds against a system that runs; `looks` are the seconds for each clip, else they are drawn."""
    found, dice = Found(), random.Random(8)
    async with chromium() as browser:
        state, sizes = await logged_in(browser, url, viewer), await _sizes(url)
        for _ in range(rounds):
            await _round(browser, url, state, found, sizes, looks or [_look(dice) for _ in range(CLIPS)])
    return found


async def _round(
    browser: Browser, url: str, state: StorageState, found: Found, sizes: dict[str, int], looks: Sequence[float]
) -> None:
    async with visitor(browser, url, state) as context:
        visit = await Visit.begin(context)
        found.cold.append(await visit.first("/"))
        found.scripts.append(visit.bytes.scripts)
        await visit.watch(looks)
        found.add(await visit.seen(), visit.bytes, await visit.began(), sizes)
        await visit.page.close()
        again = await Visit.begin(context)
        found.warm.append(await again.first("/"))
        # The refresh token was used up: the next profile goes on with its successor.
        state["cookies"] = (await context.storage_state())["cookies"]
    async with visitor(browser, url) as context:
        found.guest.append(await (await Visit.begin(context)).first("/latest"))


def _look(dice: random.Random) -> float:
    return min(LONGEST, SHORTEST + dice.expovariate(1 / (MEAN - SHORTEST)))


async def _sizes(url: str) -> dict[str, int]:
    """Bytes of the MP4 that each clip of the feed begins with."""
    async with aiohttp.ClientSession(url) as http, http.get(f"{BASE}/feed/latest?limit=50") as response:
        page: Any = await response.json()
    return {item["id"]: next(one["bytes"] for one in item["sources"] if one["type"] == "video/mp4") for item in page["items"]}
