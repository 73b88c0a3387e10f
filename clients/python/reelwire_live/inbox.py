"""What has happened and was not taken yet, in order; whoever puts waits while it is full."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Inbox(Generic[Item]):
    """Between the connection, which puts, and one reader, who takes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._items: deque[Item] = deque()
        self._room, self._news = asyncio.Event(), asyncio.Event()
        self._ended = False

    async def put(self, item: Item) -> None:
        """Add one more, once there is room."""
        while len(self._items) >= self._most and not self._ended:
            self._room.clear()
            await self._room.wait()
        self._items.append(item)
        self._news.set()

    def end(self) -> None:
        """Nothing more will come; what is there can still be taken."""
        self._ended = True
        self._room.set()
        self._news.set()

    async def take(self) -> Item | None:
        """The oldest, once there is one; None at the end."""
        while not self._items:
            if self._ended:
                return None
            self._news.clear()
            await self._news.wait()
        self._room.set()
        return self._items.popleft()
