"""A client in tests: the one that is published, with all that it has told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from reelwire_live import Happening, LiveClient, TokenSource, VideoPublished
from server.kit.tasks import running
from tests.waiting import until

Kind = TypeVar("Kind")


class Hearing:
    """A client whose events are read as they come; `told` has them in order."""

    def __init__(self, client: LiveClient) -> None:
        self.client = client
        self.told: list[Happening] = []
        self.failure: Exception | None = None
        self.over = asyncio.Event()

    async def read(self) -> None:
        try:
            async for happening in self.client.events():
                self.told.append(happening)
        except Exception as error:
            self.failure = error
        self.over.set()

    def all(self, kind: type[Kind]) -> list[Kind]:
        return [happening for happening in self.told if isinstance(happening, kind)]

    async def first(self, kind: type[Kind], wanted: Callable[[Kind], object] = lambda _: True) -> Kind:
        """The first of a kind that is wanted, once it has come."""
        await until(lambda: any(map(wanted, self.all(kind))) or self.over.is_set(), kind.__name__)
        found = [happening for happening in self.all(kind) if wanted(happening)]
        assert found, (self.failure, self.told[-5:])
        return found[0]

    async def several(self, kind: type[Kind], number: int) -> list[Kind]:
        """All of a kind, once there are so many."""
        await until(lambda: len(self.all(kind)) >= number or self.over.is_set(), f"{number} × {kind.__name__}")
        found = self.all(kind)
        assert len(found) >= number, (self.failure, self.told[-5:])
        return found

    @property
    def videos(self) -> list[str]:
        """The ids of the publications, repeats included."""
        return [event.data["id"] for event in self.all(VideoPublished)]


@asynccontextmanager
async def hearing(url: str, token: TokenSource | str, **options: Any) -> AsyncIterator[Hearing]:
    """A client at this origin, that reads until the block ends."""
    async with LiveClient(url, token, proxy=None, **options) as client:
        found = Hearing(client)
        async with running("reader", found.read()):
            yield found
