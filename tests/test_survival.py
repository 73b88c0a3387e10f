"""Every part is killed while somebody uploads and somebody waits for it: the upload goes on, and the videos arrive, each once."""

import asyncio
import signal
from collections.abc import AsyncIterator

import aiohttp
import pytest

from server.kit.tasks import running
from soak.system import System, strike
from soak.system import running as whole_system
from tests.clips import unique
from tests.follower import Follower
from tests.killing import STEP_SECONDS, Someone
from tests.waiting import until


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    async with whole_system(tmp_path_factory.mktemp("survival")) as found:
        yield found


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", ["worker", "serve", "valkey", "postgres", "nginx", "s3"])
async def test_a_part_that_is_killed_costs_nobody_anything(system: System, part: str) -> None:
    """At that moment one clip is being made, and half of another one has come."""
    timeout = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(system.url, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as http:
        author, fan = await Someone.signed_up(http, "author"), await Someone.signed_up(http, "fan")
        await fan.until(204, "PUT", f"/api/v1/me/following/{author.id}")
        follower, at_half = Follower(system.url, fan.token), asyncio.Event()
        async with running("follower", follower.run()):
            await follower.connected.wait()
            first = await author.upload(unique(), asyncio.Event())
            uploading = asyncio.create_task(author.upload(unique(), at_half), name="upload")
            await at_half.wait()
            killed = system.pids(part)
            assert killed
            for pid in killed:
                strike(pid, signal.SIGKILL)
            videos = {first, await uploading}
            for video_id in videos:
                await author.ready(video_id)
            await until(lambda: videos <= set(follower.seen), "the publications", STEP_SECONDS)
        assert sorted(follower.seen) == sorted(videos)
        _, listed = await author.until(200, "GET", f"/api/v1/users/{author.id}/videos")
        assert sorted(video["id"] for video in listed["items"]) == sorted(videos)
        await fan.until(200, "GET", "/readyz")
