"""Every part is killed while somebody uploads and somebody waits for it: the upload goes on, and the video arrives, once."""

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
                strike(pid, signal.SIGKILL)
            video_id = await uploading
            await author.ready(video_id)
            await until(lambda: video_id in follower.seen, "the publication", STEP_SECONDS)
        assert follower.seen == [video_id]
        _, listed = await author.until(200, "GET", f"/api/v1/users/{author.id}/videos")
        assert [video["id"] for video in listed["items"]] == [video_id]
        await fan.until(200, "GET", "/readyz")
