"""A live session in tests: a real WebSocket client that remembers every frame."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import websockets
from websockets.asyncio.client import ClientConnection, connect

from tests.waiting import until

Frame = dict[str, Any]
LIMITS = {"open_timeout": 60, "close_timeout": 2}


class Ear:
    """One connection; `frames` holds what came, in order."""

    def __init__(self, wire: ClientConnection) -> None:
        self.wire = wire
        self.frames: list[Frame] = []
        self._commands = 0
        self.task = asyncio.create_task(self._read(), name="ear")

    async def _read(self) -> None:
        with suppress(websockets.ConnectionClosed):
            async for text in self.wire:
                self.frames.append(json.loads(text))

    async def say(self, **message: Any) -> None:
        await self.wire.send(json.dumps(message))

    async def frame(self, wanted: Callable[[Frame], object]) -> Frame:
        """The first frame that is wanted, once it has come."""
        await until(lambda: any(wanted(frame) for frame in self.frames) or self.task.done(), "the frame")
        found = [frame for frame in self.frames if wanted(frame)]
        assert found, f"closed with {self.wire.close_code}; came: {self.frames[-5:]}"
        return found[0]

    async def of_type(self, kind: str) -> Frame:
        return await self.frame(lambda frame: frame["type"] == kind)

    async def heard(self, *video_ids: UUID) -> list[Frame]:
        """The publications, once all of these have come."""
        await until(lambda: set(map(str, video_ids)) <= set(self.videos), "publications")
        return [frame for frame in self.frames if frame.get("event") == "video.published"]

    def events(self, name: str) -> list[Any]:
        """The data of these events, in the order in which they came."""
        return [frame["data"] for frame in self.frames if frame.get("event") == name]

    async def told(self, name: str, times: int = 1) -> Any:
        """The data of such an event, once so many have come."""
        await until(lambda: len(self.events(name)) >= times or self.task.done(), f"{times} {name}")
        assert len(self.events(name)) >= times, f"closed with {self.wire.close_code}; came: {self.frames[-5:]}"
        return self.events(name)[times - 1]

    async def command(self, **message: Any) -> Frame:
        """Say it, and what it is answered with."""
        self._commands += 1
        number = 1000 + self._commands
        await self.say(**message, id=number)
        return await self.frame(lambda frame: frame.get("id") == number and frame["type"] in ("ack", "error", "pong"))

    async def watch(self, video_id: UUID) -> Any:
        """Watch a video; the counts that come first."""
        before = len(self.events("counts"))
        answer = await self.command(type="watch", video_id=str(video_id))
        assert answer["type"] == "ack", answer
        return await self.told("counts", before + 1)

    @property
    def videos(self) -> list[str]:
        """The ids of the publications that came, repeats included."""
        return [frame["data"]["id"] for frame in self.frames if frame.get("event") == "video.published"]

    @property
    def position(self) -> str:
        """The last one told."""
        found: str = next(frame["position"] for frame in reversed(self.frames) if frame.get("position"))
        return found

    async def answered(self) -> None:
        """Everything that was on its way when this was called has come: a ping is answered in order."""
        number = sum(frame["type"] == "pong" for frame in self.frames) + 1
        await self.say(type="ping", id=number)
        await until(lambda: sum(frame["type"] == "pong" for frame in self.frames) >= number, "the pong")

    async def closed(self) -> tuple[int | None, str]:
        """Code and reason, once the server has closed."""
        await until(self.task.done, "the close")
        return self.wire.close_code, self.wire.close_reason or ""

    def cut(self) -> None:
        """As when a phone loses its network: no closing handshake."""
        self.wire.transport.abort()


@asynccontextmanager
async def listening(
    url: str, token: str | None = None, query: str = "", resume: str | None = None, **options: Any
) -> AsyncIterator[Ear]:
    """A session at this origin; `resume` is sent as its first message."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    address = url.replace("http", "ws", 1) + "/api/v1/live" + query
    options = {"subprotocols": ["reelwire.v1"], "compression": None, "ping_interval": None, **LIMITS} | options
    async with connect(address, additional_headers=headers, proxy=None, **options) as wire:
        ear = Ear(wire)
        if resume is not None:
            await ear.say(type="resume", position=resume)
        try:
            yield ear
        finally:
            await wire.close()
            await ear.task
