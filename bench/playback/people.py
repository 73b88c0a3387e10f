"""Who watches and what: a member who follows an author of twelve clips that are as hard to encode as a phone's."""

import asyncio
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp

from bench.takes import LIMITS, Take, film
from media.pool import Pool

CLIPS: Final = 12
SECONDS: Final = 9.0
WIDTH, HEIGHT = 720, 1280
PASSWORD: Final = "correct horse battery"
READY_SECONDS: Final = 1500.0
LOOK_SECONDS: Final = 1.0
BASE: Final = "/api/v1"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A member whose following feed has the clips."""

    username: str
    password: str


async def viewer_of_clips(url: str, folder: Path) -> Viewer:
    """Signs both up, posts the clips, and waits until each is there in every rendition."""
    async with aiohttp.ClientSession(url, cookie_jar=aiohttp.DummyCookieJar(), raise_for_status=True) as http:
        author, viewer = [await _sign_up(http, name) for name in ("author", "viewer")]
        await _call(http, "PUT", f"/me/following/{author['account']['id']}", viewer)
        await _post(http, author, folder)
        return Viewer(viewer["account"]["username"], PASSWORD)


async def _sign_up(http: aiohttp.ClientSession, name: str) -> Any:
    username = f"{name}_{secrets.token_hex(4)}"
    body = {"username": username, "email": f"{username}@example.org", "password": PASSWORD}
    async with http.post(f"{BASE}/accounts", json=body) as response:
        return await response.json()


async def _call(http: aiohttp.ClientSession, method: str, path: str, who: Any, **options: Any) -> Any:
    headers = {"Authorization": f"Bearer {who['access_token']}"}
    async with http.request(method, f"{BASE}{path}", headers=headers, **options) as response:
        return await response.json() if response.status != 204 else None


async def _post(http: aiohttp.ClientSession, author: Any, folder: Path) -> None:
    async with Pool() as pool, asyncio.TaskGroup() as group:
        posts = [group.create_task(_post_one(http, author, pool, folder, seed), name=f"clip {seed}") for seed in range(CLIPS)]
    waiting = {post.result() for post in posts}
    async with asyncio.timeout(READY_SECONDS):
        while waiting:
            await asyncio.sleep(LOOK_SECONDS)
            for video_id in list(waiting):
                video = await _call(http, "GET", f"/videos/{video_id}", author)
                if video["status"] == "failed":
                    raise RuntimeError(f"a clip failed: {video['error']}")
                if video["status"] == "ready":
                    waiting.discard(video_id)


async def _post_one(http: aiohttp.ClientSession, author: Any, pool: Pool, folder: Path, seed: int) -> str:
    own = folder / f"clip-{seed}"
    own.mkdir(parents=True)
    take = Take(
        input="/dev/null", folder=str(own), seed=seed, width=WIDTH, height=HEIGHT, seconds=SECONDS, codec="libx264",
        options={"preset": "veryfast", "crf": "21"},
    )  # fmt: skip
    filmed = await pool.run(film, take, limits=LIMITS)
    form = aiohttp.FormData()
    form.add_field("title", f"Clip {seed} #bench")
    form.add_field("file", await asyncio.to_thread(Path(filmed.path).read_bytes), content_type="video/mp4", filename="clip.mp4")
    answer = await _call(http, "POST", "/videos", author, data=form)
    return str(answer["video"]["id"])
