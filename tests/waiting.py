"""Waiting in tests: for a condition and with a limit, never for a time."""

import asyncio
from collections.abc import Callable

LIMIT_SECONDS = 60.0


async def until(reached: Callable[[], object], what: str = "the condition", limit: float = LIMIT_SECONDS) -> None:
    """Wait until `reached()` is true; the test fails when it is not in time."""
    try:
        async with asyncio.timeout(limit):
            while not reached():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"{what} was not reached in {limit:.0f} s") from None
