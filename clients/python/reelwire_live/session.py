"""One connection's side of commands: numbers them, and hands each answer to whoever waits for it."""

import asyncio
import itertools
import json
from collections.abc import Coroutine
from typing import Any

from websockets.exceptions import ConnectionClosed

from reelwire_live.errors import CommandError, DisconnectedError, MessageTooLargeError
from reelwire_live.line import Frame, Line

MAX_MESSAGE_BYTES = 4096
"""Until the server has said how much it takes."""
MOST_ASKED = 64
"""Commands that wait for an answer at once; more wait for their turn."""


class Session:
    """From the upgrade to the end of the connection.

    Attributes:
        max_message_bytes: of a message of ours.
        failure: what made us give up, where we did.
    """

    def __init__(self, line: Line) -> None:
        self.max_message_bytes = MAX_MESSAGE_BYTES
        self.failure: Exception | None = None
        self._line = line
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._turns = asyncio.Semaphore(MOST_ASKED)
        self._tasks: set[asyncio.Task[None]] = set()
        self._over = False

    async def ask(self, kind: str, **fields: Any) -> Any:
        """Send a command; the `data` of its answer. How long that may take is the caller's to say.

        Raises:
            CommandError: it was refused.
            DisconnectedError: the connection broke before the answer.
            MessageTooLargeError: it was not sent.
        """
        number = next(self._numbers)
        text = json.dumps({"type": kind, "id": number, **fields}, ensure_ascii=False, separators=(",", ":"))
        if len(text.encode()) > self.max_message_bytes:
            raise MessageTooLargeError(f"{kind} has more than {self.max_message_bytes} bytes")
        async with self._turns:
            if self._over:
                raise DisconnectedError("the connection is closed")
            waiting = self._asked[number] = asyncio.get_running_loop().create_future()
            try:
                await self._line.send(text)
                return await waiting
            except ConnectionClosed:
                raise DisconnectedError("the connection broke") from None
            finally:
                del self._asked[number]
                waiting.cancel()

    def answer(self, frame: Frame) -> bool:
        """Take an `ack`, a `pong` or an `error`; false when nobody waits for it."""
        number = frame.get("id")
        waiting = self._asked.get(number) if isinstance(number, int) else None
        if waiting is None or waiting.done():
            return False
        if frame["type"] == "error":
            waiting.set_exception(CommandError(str(frame.get("code")), str(frame.get("detail"))))
        else:
            waiting.set_result(frame.get("data"))
        return True

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run this for as long as the connection lasts."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def give_up(self, why: Exception) -> None:
        """End the connection for a reason that another one would not mend."""
        self.failure = why
        self._line.transport.abort()

    async def end(self) -> None:
        """The connection is over: nothing will be answered any more."""
        self._over = True
        for waiting in self._asked.values():
            if not waiting.done():
                waiting.set_exception(DisconnectedError("the connection broke"))
        if self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)
