"""Pokes: channels of which only the fact that something came matters."""

import asyncio
from contextlib import suppress

from pubsub.broker import Listener


class Deaf:
    """The listener of a process that only sends, or that only waits for pokes."""

    def received(self, channel: str, payload: bytes) -> None:
        """Nobody is interested."""

    def interrupted(self) -> None:
        """Nobody is interested."""

    def restored(self) -> None:
        """Nobody is interested."""


class Pokes:
    """A listener with one flag per channel, raised by messages and lowered by whoever waited for it; the rest it passes on."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._flags: dict[str, asyncio.Event] = {}

    def __contains__(self, channel: str) -> bool:
        return channel in self._flags

    def add(self, channel: str) -> None:
        self._flags[channel] = asyncio.Event()

    def received(self, channel: str, payload: bytes) -> None:
        """See `Listener`."""
        flag = self._flags.get(channel)
        if flag is None:
            self._listener.received(channel, payload)
        else:
            flag.set()

    def interrupted(self) -> None:
        """See `Listener`."""
        self._listener.interrupted()

    def restored(self) -> None:
        """See `Listener`; something may have been missed."""
        for flag in self._flags.values():
            flag.set()
        self._listener.restored()

    async def wait(self, channel: str, seconds: float) -> bool:
        """Whether the flag was or came up in time; it is down afterwards."""
        flag = self._flags[channel]
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await flag.wait()
        raised = flag.is_set()
        flag.clear()
        return raised
