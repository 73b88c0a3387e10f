"""Phones in the hands of a test: they connect, lose their network and come back when they are told to."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import websockets
from websockets.asyncio.client import ClientConnection

from soak.history import Heard, History, of
from soak.phone import Phone
from tests.server.live.stage import Somebody, Stage
from tests.waiting import LIMIT_SECONDS, until

OPEN_SECONDS = 60.0
"""A machine that stalls is no server that is away."""


class Handset:
    """Somebody's phone, which does nothing by itself.

    Attributes:
        refusal: the status by which its last upgrade was refused.
        closed: code and reason by which its last connection ended.
    """

    def __init__(self, stage: Stage, who: Somebody, history: History) -> None:
        self._stage = stage
        self._history = history
        self._task: asyncio.Task[None] | None = None
        self._socket: ClientConnection | None = None
        self.who = who
        self.token = who.token
        self.phone = Phone(str(who.id), history, self._new_token)
        self.refusal: int | None = None
        self.closed: tuple[int | None, str] | None = None

    @property
    def connected(self) -> bool:
        return self._task is not None and not self._task.done()

    @property
    def heard(self) -> list[str]:
        """The publications that came, in this order, over all sessions."""
        return [one.video for one in of(self._history.records, Heard) if one.client == self.phone.account]

    async def connect(self, url: str) -> bool:
        """Connect, and resume if it ever was connected; whether it has what it missed, else the connection is over already."""
        assert not self.connected
        self.refusal = self.closed = None
        self._task = asyncio.create_task(self._session(url), name="handset")
        await until(lambda: self.phone.caught_up.is_set() or not self.connected, "the end of a resume")
        return self.connected

    async def reach(self, *urls: str) -> None:
        """Connect to one of these origins until it has what it missed, as a patient app does."""
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                for url in itertools.cycle(urls):
                    if await self.connect(url):
                        return
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"never caught up; last: {self.refusal} {self.closed}") from None

    async def cut(self) -> None:
        """Its network is gone: no closing handshake."""
        if self.connected and self._socket is not None:
            self._socket.transport.abort()
        await self.over()

    async def over(self) -> None:
        """Wait until the connection has ended."""
        await until(lambda: not self.connected, "the end of a connection")

    async def answered(self) -> None:
        """Everything that was on its way when this was called has come, or the connection has ended."""
        wanted = self.phone.pongs + 1
        if self.connected and self._socket is not None:
            try:
                await self._socket.send(json.dumps({"type": "ping", "id": wanted}))
            except websockets.ConnectionClosed:
                return
            await until(lambda: self.phone.pongs >= wanted or not self.connected, "the pong")

    async def _session(self, url: str) -> None:
        try:
            async with self.phone.connected(url, self.token, open_seconds=OPEN_SECONDS) as socket:
                self._socket = socket
                try:
                    await self.phone.listen(socket)
                finally:
                    self.closed = socket.close_code, socket.close_reason or ""
        except websockets.InvalidStatus as refused:
            self.refusal = refused.response.status_code
        except (OSError, TimeoutError, websockets.WebSocketException):
            pass  # the network

    async def _new_token(self) -> str:
        return self._stage.token(self.who.id, self.who.login_id)

    async def renew(self) -> None:
        """Get a new token."""
        self.token = await self._new_token()


@asynccontextmanager
async def in_hand(*handsets: Handset) -> AsyncIterator[None]:
    """None of them is connected after the block."""
    try:
        yield
    finally:
        for handset in handsets:
            await handset.cut()
