"""Pokes: channels of which only the fact that something came matters."""

import asyncio
from contextlib import suppress


class Pokes:
    """One flag per channel, raised by messages and lowered by whoever waited for it."""

    def __init__(self) -> None:
        self._flags: dict[str, asyncio.Event] = {}

    def __contains__(self, channel: str) -> bool:
        return channel in self._flags

    def add(self, channel: str) -> None:
        self._flags[channel] = asyncio.Event()

    def raise_one(self, channel: str) -> bool:
        """Whether the channel is one of ours."""
        flag = self._flags.get(channel)
        if flag is not None:
            flag.set()
        return flag is not None

    def raise_all(self) -> None:
        """Something may have been missed."""
        for flag in self._flags.values():
            flag.set()

    async def wait(self, channel: str, seconds: float) -> bool:
        """Whether the flag was or came up in time; it is down afterwards."""
        flag = self._flags[channel]
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await flag.wait()
        raised = flag.is_set()
        flag.clear()
        return raised
