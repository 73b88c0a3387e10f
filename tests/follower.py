"""A follower as a good app is one: stays connected, resumes with its position, reloads when it is told to, drops repeats."""

import asyncio
import random
from contextlib import suppress

import aiohttp
import websockets

from tests.sockets import Frame, listening

PAUSE_SECONDS = (0.2, 2.0)


class Follower:
    """Runs beside a test as a task; `seen` holds the ids of what it was told, in order, each once."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token
        self._position: str | None = None
        self.seen: list[str] = []
        self.connected = asyncio.Event()

    async def run(self) -> None:
        pause = PAUSE_SECONDS[0]
        while True:
            with suppress(OSError, TimeoutError, websockets.WebSocketException, aiohttp.ClientError):
                await self._session()
                pause = PAUSE_SECONDS[0]
            self.connected.clear()
            await asyncio.sleep(random.uniform(0, pause))
            pause = min(pause * 2, PAUSE_SECONDS[1])

    async def _session(self) -> None:
        async with listening(self._url, self._token, resume=self._position, open_timeout=10) as ear:
            read, resuming = 0, self._position is not None
            while True:
                while read < len(ear.frames):
                    resuming = await self._hear(ear.frames[read], resuming=resuming)
                    read += 1
                if ear.task.done():
                    return
                await asyncio.wait([ear.task], timeout=0.02)

    async def _hear(self, frame: Frame, *, resuming: bool) -> bool:
        """Take a frame; whether what was missed is still to come."""
        if frame["type"] == "welcome":
            self._position = self._position or frame["position"]
            self.connected.set()
        elif frame["type"] == "caught_up":
            if not frame["recovered"]:
                await self._reload()
            self._position = frame["position"]
            return False
        elif frame.get("event") == "video.published":
            self._note(frame["data"]["id"])
            if not resuming:
                self._position = frame["position"]
        return resuming

    async def _reload(self) -> None:
        """What the socket could not replay the feed has."""
        headers = {"Authorization": f"Bearer {self._token}"}
        async with (
            aiohttp.ClientSession(self._url, headers=headers) as http,
            http.get("/api/v1/feed/following?limit=50") as answer,
        ):
            for item in reversed((await answer.json())["items"]):
                self._note(item["id"])

    def _note(self, video_id: str) -> None:
        if video_id not in self.seen:
            self.seen.append(video_id)
