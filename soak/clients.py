"""Clients that stay connected as docs/live.md asks of good ones, whatever happens to their network."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import websockets

from server.kit.tasks import running
from soak.history import History, hint_of
from soak.link import Link
from soak.people import Person
from soak.phone import OPEN_SECONDS, Phone

FIRST_DELAY, LAST_DELAY = 0.2, 3.0
"""Shorter than apps should have, so that more happens in a run."""


class Client(Phone):
    """A follower and its phone: `run` keeps it connected, `link` is its network."""

    def __init__(self, person: Person, link: Link, history: History, chance: random.Random) -> None:
        super().__init__(person.id, history, self._logged_in)
        self._chance = chance
        self.person = person
        self.link = link

    async def run(self) -> None:
        """Connect, listen, and again; it ends only by being cancelled."""
        delay = FIRST_DELAY
        while True:
            hint = None
            try:
                async with self.connected(self.link.url, self.person.token) as socket:
                    await self.listen(socket)
                    delay = FIRST_DELAY
                    if (socket.close_code or 0) in (4001, 4002):
                        await self.person.log_in()
                    hint = hint_of(socket.close_reason or "")
            except websockets.InvalidStatus as refusal:
                if refusal.response.status_code == 401:
                    await self.person.log_in()
            except (OSError, TimeoutError, websockets.WebSocketException):
                pass
            await asyncio.sleep(hint / 1000 if hint is not None else self._chance.uniform(0, delay))
            delay = min(delay * 2, LAST_DELAY)

    async def _logged_in(self) -> str:
        await self.person.log_in()
        return self.person.token


@asynccontextmanager
async def online(client: Client) -> AsyncIterator[Client]:
    """The client runs for as long as the block lasts."""
    async with client.link.serving(), running(f"client {client.person.name}", client.run()):
        with suppress(TimeoutError):
            async with asyncio.timeout(OPEN_SECONDS):
                await client.caught_up.wait()
        yield client
