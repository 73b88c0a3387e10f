"""Every part is killed while somebody uploads and somebody waits for it: the upload goes on, and the video arrives, once."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from server.kit.tasks import running
from tests.browser.system import running as whole_system
from tests.clips import unique
from tests.follower import Follower
from tests.people import PASSWORD, new_name
from tests.waiting import until

CHUNK = 20_000
STEP_SECONDS = 90.0
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = TUS | {"Content-Type": "application/offset+octet-stream"}
PROGRAMS = {"postgres": "postgres", "valkey": "valkey-server", "s3": "weed", "nginx": "nginx"}


@dataclass
class System:
    """The running system: where it is, and its parts as processes."""

    url: str
    supervisor: int

    def pids(self, part: str) -> list[int]:
        """The processes of a part: direct children of the supervisor, or below its wrapper."""
        return [pid for pid in _tree(self.supervisor) if _is(part, _argv(pid)) and not _is(part, _argv(_parent(pid)))]


def _argv(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    return []


def _parent(pid: int) -> int:
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def _tree(root: int) -> Iterator[int]:
    parents = {int(p.name): _parent(int(p.name)) for p in Path("/proc").glob("[0-9]*")}
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    yield from sorted(found - {root})


def _is(part: str, argv: list[str]) -> bool:
    if part in PROGRAMS:
        return bool(argv) and Path(argv[0].split(" ")[0].rstrip(":")).name == PROGRAMS[part]
    return argv[-2:-1] == [part] and "server" in argv


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    folder = tmp_path_factory.mktemp("survival")
    async with whole_system(folder) as url:
        yield System(url, int((folder / "lock").read_text()))


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


@pytest.mark.timeout(600)
@pytest.mark.parametrize("moment", ["upload", "transcode"])
@pytest.mark.parametrize("part", ["worker", "serve", "valkey", "postgres", "nginx", "s3"])
async def test_a_part_that_is_killed_costs_nobody_anything(system: System, part: str, moment: str) -> None:
    timeout = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(system.url, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as http:
        author, fan = await Someone.signed_up(http, "author"), await Someone.signed_up(http, "fan")
        await fan.until(204, "PUT", f"/api/v1/me/following/{author.id}")
        follower, at_half = Follower(system.url, fan.token), asyncio.Event()
        async with running("follower", follower.run()):
            await follower.connected.wait()
            uploading = asyncio.create_task(author.upload(unique(), at_half), name="upload")
            await (at_half.wait() if moment == "upload" else asyncio.wait([uploading]))
            killed = system.pids(part)
            assert killed
            for pid in killed:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            video_id = await uploading
            await _ready(author, video_id)
            await until(lambda: video_id in follower.seen, "the publication", STEP_SECONDS)
        assert follower.seen == [video_id]
        _, listed = await author.until(200, "GET", f"/api/v1/users/{author.id}/videos")
        assert [video["id"] for video in listed["items"]] == [video_id]
        await fan.until(200, "GET", "/readyz")


async def _ready(author: Someone, video_id: str) -> None:
    async with asyncio.timeout(STEP_SECONDS):
        while True:
            _, video = await author.until(200, "GET", f"/api/v1/videos/{video_id}")
            assert video["status"] != "failed", video["error"]
            if video["status"] == "ready":
                return
            await asyncio.sleep(0.1)
