"""A whole running system whose parts are killed, and people who go on nevertheless."""

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.people import PASSWORD, new_name

CHUNK = 20_000
STEP_SECONDS = 90.0
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = TUS | {"Content-Type": "application/offset+octet-stream"}


@dataclass
class Someone:
    """An account that calls the API as a patient app does: after any failure it asks again."""

    http: aiohttp.ClientSession
    id: str
    token: str

    @classmethod
    async def signed_up(cls, http: aiohttp.ClientSession, name: str) -> "Someone":
        someone = cls(http, "", "")
        async with asyncio.timeout(STEP_SECONDS):
            while True:
                new = new_name(name)  # another one each time: after a broken connection the last one may be taken
                body = {"username": new, "email": f"{new}@example.org", "password": PASSWORD}
                status, _, answer = await someone.call("POST", "/api/v1/accounts", json=body)
                if status == 201:
                    return cls(http, answer["account"]["id"], answer["access_token"])
                assert status == 503, (status, answer)
                await asyncio.sleep(0.1)

    async def call(self, method: str, path: str, **options: Any) -> tuple[int, Any, Any]:
        """Status, headers and JSON; a broken connection counts as 503."""
        known = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers = known | options.pop("headers", {})
        try:
            async with self.http.request(method, path, headers=headers, **options) as answer:
                body = await answer.json(content_type=None) if answer.content_type == "application/json" else None
                return answer.status, answer.headers, body
        except (aiohttp.ClientError, TimeoutError):
            return 503, {}, None

    async def until(self, wanted: int, method: str, path: str, **options: Any) -> tuple[Any, Any]:
        async with asyncio.timeout(STEP_SECONDS):
            while True:
                status, headers, body = await self.call(method, path, **options)
                if status == wanted:
                    return headers, body
                assert status in (409, 503), (status, body)
                await asyncio.sleep(0.1)

    async def upload(self, data: bytes, at_half: "asyncio.Event") -> str:
        """By tus in pieces; after each failure the offset is asked for. Gives the video's id."""
        made, _ = await self.until(201, "POST", "/api/v1/uploads", headers=TUS | {"Upload-Length": str(len(data))})
        path, offset = made["Location"], 0
        async with asyncio.timeout(STEP_SECONDS):
            while True:
                piece, headers = data[offset : offset + CHUNK], BYTES | {"Upload-Offset": str(offset)}
                status, answered, _ = await self.call("PATCH", path, data=piece, headers=headers)
                if status != 204:
                    assert status in (409, 503), status
                    answered, _ = await self.until(200, "HEAD", path, headers=TUS)
                offset = int(answered["Upload-Offset"])
                if offset >= len(data) // 2:
                    at_half.set()
                if "Video-Id" in answered:
                    return str(answered["Video-Id"])

    async def ready(self, video_id: str) -> None:
        """Wait until the video is ready; it never may have failed."""
        async with asyncio.timeout(STEP_SECONDS):
            while True:
                _, video = await self.until(200, "GET", f"/api/v1/videos/{video_id}")
                assert video["status"] != "failed", video["error"]
                if video["status"] == "ready":
                    return
                await asyncio.sleep(0.1)
