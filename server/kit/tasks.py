"""Tasks with a name and an owner that ends them."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from storage.postgres import AWAY

log = logging.getLogger(__name__)


@asynccontextmanager
async def running(name: str, work: Coroutine[Any, Any, None]) -> AsyncIterator["asyncio.Task[None]"]:
    """Run `work` beside the block and cancel it at the block's end. A task that ends by an error says so at once."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_complain)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def keep_doing(work: Callable[[], Awaitable[None]], seconds: float, failed: str) -> None:
    """Do it for ever, whatever fails: that is logged once until it is over.

    Args:
        work: one round, after which nothing is lost that fails in its midst.
        seconds: the longest pause between two rounds; each is a half of it at least.
        failed: the words of the log.
    """
    failing = False
    while True:
        await asyncio.sleep(seconds * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
        try:
            await work()
            failing = False
        except Exception as error:
            if not failing:
                log.warning("%s: %r", failed, error, exc_info=not isinstance(error, AWAY))
            failing = True


def _complain(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("the task %s ended", task.get_name(), exc_info=error)
