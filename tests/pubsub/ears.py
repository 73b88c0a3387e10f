"""A listener of a test's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pubsub.broker import Broker
from pubsub.opening import open_broker
from tests.waiting import until


class Ear:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.interruptions = 0
        self.restorations = 0

    @property
    def whole(self) -> bool:
        """Whether nothing is missing now, as far as it was told."""
        return self.restorations == self.interruptions + 1

    def received(self, channel: str, payload: bytes) -> None:
        self.heard.append((channel, payload))

    def interrupted(self) -> None:
        self.interruptions += 1

    def restored(self) -> None:
        self.restorations += 1


@asynccontextmanager
async def listening(url: str, *joined: str) -> AsyncIterator[tuple[Broker, Ear]]:
    ear = Ear()
    async with open_broker(url, ear) as broker:
        await until(lambda: ear.restorations, "the link")
        await broker.join(joined)
        yield broker, ear
