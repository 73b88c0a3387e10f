"""Tasks with a name and an owner that ends them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

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


def _complain(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("the task %s ended", task.get_name(), exc_info=error)
