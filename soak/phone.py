"""A phone: keeps its position over its connections, asks for what it missed, and writes down everything that it hears."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from soak.history import CaughtUp, Ended, Heard, History, Opened, Slept

OPEN_SECONDS = 10.0
GOODBYE_SECONDS = 2.0


class Phone:
    """Behaves as docs/live.md asks of good clients. When it connects is up to others.

    Attributes:
        account: whose it is.
        position: the last one that it was told, from which it resumes.
        caught_up: set while it is connected and has what it missed.
        pongs: how many of its pings were answered.
    """

    def __init__(self, account: str, history: History, new_token: Callable[[], Awaitable[str]]) -> None:
        self._history = history
        self._new_token = new_token
        self._session = ""
        self._reading = asyncio.Event()
        self._reading.set()
        self.account = account
        self.position: str | None = None
        self.caught_up = asyncio.Event()
        self.pongs = 0

    @asynccontextmanager
    async def connected(self, url: str, token: str, *, open_seconds: float = OPEN_SECONDS) -> AsyncIterator[ClientConnection]:
        """A socket at this origin, to `listen` to.

        Raises:
            OSError, TimeoutError, websockets.WebSocketException: it was not opened.
        """
        async with connect(
            url.replace("http", "ws", 1) + "/api/v1/live",
            additional_headers={"Authorization": f"Bearer {token}"},
            compression=None, ping_interval=None, proxy=None, open_timeout=open_seconds, close_timeout=GOODBYE_SECONDS,
            max_queue=4,
        ) as socket:  # fmt: skip
            yield socket

    async def listen(self, socket: ClientConnection) -> None:
        """Take everything that comes until the connection is over.

        Raises:
            websockets.ConnectionClosed: nobody said goodbye.
        """
        self._session = ""
        resuming = self.position is not None
        came = 0
        try:
            if resuming:
                await socket.send(json.dumps({"type": "resume", "position": self.position}))
            async for text in socket:
                await self._reading.wait()
                frame = json.loads(text)
                came += frame.get("event") == "video.published"
                resuming = self._hear(frame, came, resuming=resuming)
                if frame["type"] == "reauthenticate":
                    await socket.send(json.dumps({"type": "auth", "token": await self._new_token()}))
        finally:
            self.caught_up.clear()
            if self._session:
                ended = Ended(self.account, self._session, self._history.now, socket.close_code, socket.close_reason or "")
                self._history.note(ended)

    async def sleep(self, seconds: float) -> None:
        """Read nothing for so long, as a phone in a pocket: the connection stays."""
        async with self.asleep():
            await asyncio.sleep(seconds)

    @asynccontextmanager
    async def asleep(self) -> AsyncIterator[None]:
        """Read nothing for as long as the block lasts."""
        began = self._history.now
        self._reading.clear()
        try:
            yield
        finally:
            self._reading.set()
            self._history.note(Slept(self.account, began, self._history.now))

    def _hear(self, frame: dict[str, Any], came: int, *, resuming: bool) -> bool:
        """Take a frame; whether what was missed is still to come."""
        me, now = self.account, self._history.now
        if frame["type"] == "welcome":
            self._session = frame["session"]
            self._history.note(Opened(me, self._session, now, resuming))
            if not resuming:
                self.position = frame["position"]
                self.caught_up.set()
        elif frame["type"] == "caught_up":
            self._history.note(CaughtUp(me, self._session, now, frame["recovered"], frame["missed"], came))
            self.position = frame["position"]
            self.caught_up.set()
            return False
        elif frame["type"] == "pong":
            self.pongs += 1
        elif frame.get("event") == "video.published":
            video = frame["data"]
            self._history.note(Heard(me, self._session, now, video["id"], video["author"]["id"]))
            if not resuming:
                self.position = frame["position"]
        return resuming
