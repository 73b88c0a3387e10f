"""Clients that behave as docs/live.md asks of good ones, and write down everything that they hear."""

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection, connect

from server.kit.tasks import running
from soak.history import CaughtUp, Ended, Heard, History, Opened, Slept
from soak.link import Link
from soak.people import Person

OPEN_SECONDS = 10.0
FIRST_DELAY, LAST_DELAY = 0.2, 3.0
"""Shorter than apps should have, so that more happens in a run."""
RETRY = re.compile(r"retry_after_ms=(\d+)")
GOODBYE_SECONDS = 2.0


class Client:
    """A follower and its phone: `run` keeps it connected, `link` is its network."""

    def __init__(self, person: Person, link: Link, history: History, chance: random.Random) -> None:
        self._history = history
        self._chance = chance
        self._position: str | None = None
        self._session = ""
        self._reading = asyncio.Event()
        self._reading.set()
        self.person = person
        self.link = link
        self.caught_up = asyncio.Event()

    async def run(self) -> None:
        """Connect, listen, and again; it ends only by being cancelled."""
        delay = FIRST_DELAY
        while True:
            hint = None
            try:
                async with self._socket() as socket:
                    await self._listen(socket)
                    delay = FIRST_DELAY
                    if (socket.close_code or 0) in (4001, 4002):
                        await self.person.log_in()
                    hint = RETRY.search(socket.close_reason or "")
            except websockets.InvalidStatus as refusal:
                if refusal.response.status_code == 401:
                    await self.person.log_in()
            except (OSError, TimeoutError, websockets.WebSocketException):
                pass
            finally:
                self.caught_up.clear()
            await asyncio.sleep(int(hint[1]) / 1000 if hint else self._chance.uniform(0, delay))
            delay = min(delay * 2, LAST_DELAY)

    async def sleep(self, seconds: float) -> None:
        """Read nothing for so long, as a phone in a pocket: the connection stays."""
        began = self._history.now
        self._reading.clear()
        try:
            await asyncio.sleep(seconds)
        finally:
            self._reading.set()
            self._history.note(Slept(self.person.id, began, self._history.now))

    @asynccontextmanager
    async def _socket(self) -> AsyncIterator[ClientConnection]:
        async with connect(
            self.link.url.replace("http", "ws") + "/api/v1/live",
            additional_headers={"Authorization": f"Bearer {self.person.token}"},
            compression=None, ping_interval=None, proxy=None, open_timeout=OPEN_SECONDS, close_timeout=GOODBYE_SECONDS,
            max_queue=4,
        ) as socket:  # fmt: skip
            yield socket

    async def _listen(self, socket: ClientConnection) -> None:
        resuming = self._position is not None
        came = 0
        if resuming:
            await socket.send(json.dumps({"type": "resume", "position": self._position}))
        try:
            async for text in socket:
                await self._reading.wait()
                frame = json.loads(text)
                came += frame.get("event") == "video.published"
                resuming = self._hear(frame, came, resuming=resuming)
                if frame["type"] == "reauthenticate":
                    await self._reauthenticate(socket)
        finally:
            self._history.note(Ended(self.person.id, self._session, self._history.now, socket.close_code))

    def _hear(self, frame: dict[str, Any], came: int, *, resuming: bool) -> bool:
        """Take a frame; whether what was missed is still to come."""
        me, now = self.person.id, self._history.now
        if frame["type"] == "welcome":
            self._session = frame["session"]
            self._history.note(Opened(me, self._session, now, resuming))
            if not resuming:
                self._position = frame["position"]
                self.caught_up.set()
        elif frame["type"] == "caught_up":
            self._history.note(CaughtUp(me, self._session, now, frame["recovered"], frame["missed"], came))
            self._position = frame["position"]
            self.caught_up.set()
            return False
        elif frame.get("event") == "video.published":
            video = frame["data"]
            self._history.note(Heard(me, self._session, now, video["id"], video["author"]["id"]))
            if not resuming:
                self._position = frame["position"]
        return resuming

    async def _reauthenticate(self, socket: ClientConnection) -> None:
        await self.person.log_in()
        await socket.send(json.dumps({"type": "auth", "token": self.person.token}))


@asynccontextmanager
async def online(client: Client) -> AsyncIterator[Client]:
    """The client runs for as long as the block lasts."""
    async with client.link.serving(), running(f"client {client.person.name}", client.run()):
        with suppress(TimeoutError):
            async with asyncio.timeout(OPEN_SECONDS):
                await client.caught_up.wait()
        yield client
