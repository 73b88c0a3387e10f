"""What is fetched and when, how many players there are, and that the server is told how it went."""

import asyncio
import re
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Page, Request, Route

from tests.browser.conftest import NewClip, NewPerson
from tests.browser.person import PASSWORD, PLAYS
from tests.browser.screen import CURRENT, playing
from tests.people import new_name

CLIPS = 4
BASE = "/api/v1"
PLAY = ("playable", "ready")
TOLD_SECONDS = 60.0
OF_VIDEO = re.compile(r"/media/([0-9a-f-]{36})/.*\.(?:mp4|m3u8)")
NEXT_IS_PAINTED = """() => [...document.querySelectorAll('.reel-item[inert] video')].some((video) => video.readyState >= 2)"""
PLAYERS = "document.querySelectorAll('video').length"
SAVING = "localStorage.setItem('reelwire.data-saver', 'on')"
LOOPED = f"() => {{ const video = {CURRENT}; return video.played.length > 0 && video.played.end(0) > video.duration - 0.3; }}"


async def clips(url: str, files: list[Path], *statuses: str) -> list[str]:
    """An author's clips, by the API; their ids, the newest first, once all play, or are as far as that."""
    async with aiohttp.ClientSession(url, raise_for_status=True) as http:
        name = new_name("ben")
        body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
        async with http.post(f"{BASE}/accounts", json=body) as answer:
            signed_in = await answer.json()
        headers = {"Authorization": f"Bearer {signed_in['access_token']}"}
        for file in files:
            form = aiohttp.FormData()
            form.add_field("file", await asyncio.to_thread(file.read_bytes), content_type="video/mp4", filename="clip.mp4")
            async with http.post(f"{BASE}/videos", data=form, headers=headers):
                pass
        async with asyncio.timeout(PLAYS / 1000):
            while True:
                async with http.get(f"{BASE}/users/{name}/videos") as answer:
                    found = (await answer.json())["items"]
                if len(found) == len(files) and all(video["status"] in (statuses or PLAY) for video in found):
                    return [video["id"] for video in found]
                await asyncio.sleep(0.2)


async def sums(url: str) -> dict[str, float]:
    """What clients have told, over all labels."""
    found: dict[str, float] = {}
    async with aiohttp.ClientSession(url) as http, http.get("/metrics") as answer:
        for line in (await answer.text()).splitlines():
            name, _, value = line.rpartition(" ")
            if name.startswith("reelwire_qoe_"):
                plain = name.partition("{")[0]
                found[plain] = found.get(plain, 0.0) + float(value)
    return found


def asked(page: Page) -> list[Request]:
    """The requests for videos that this page makes, as they come."""
    found: list[Request] = []
    page.on("request", lambda request: found.append(request) if OF_VIDEO.search(request.url) else None)
    return found


def videos(requests: list[Request]) -> set[str]:
    return {match[1] for request in requests if (match := OF_VIDEO.search(request.url))}


async def test_the_next_is_fetched_ahead_but_not_by_who_saves_data_and_the_server_is_told(
    person: NewPerson, new_clip: NewClip, reelwire_url: str, tmp_path: Path
) -> None:
    ids = await clips(reelwire_url, [await new_clip(name=f"{number}.mp4") for number in range(CLIPS)])
    before = await sums(reelwire_url)

    guest: Any = (await person("guest")).page
    requests = asked(guest)
    await guest.goto(f"/videos/{ids[0]}")
    assert (await playing(guest))["source"] == "mp4"
    assert OF_VIDEO.search(requests[0].url)
    assert requests[0].url.endswith(".mp4")
    await guest.wait_for_function(NEXT_IS_PAINTED)
    assert videos(requests) == set(ids[:2])
    for following in ids[1:]:
        await guest.keyboard.press("ArrowDown")
        await guest.locator(f".reel-item:not([inert])[data-video='{following}']").wait_for()
        await playing(guest)
        assert await guest.evaluate(PLAYERS) <= 3
    assert videos(requests) == set(ids)
    await guest.goto("about:blank")

    saver: Any = (await person("saver")).page
    await saver.add_init_script(SAVING)
    few = asked(saver)
    await saver.goto(f"/videos/{ids[0]}")
    await playing(saver)
    await saver.wait_for_function(LOOPED)
    assert videos(few) == {ids[0]}
    assert all(request.url.endswith(".mp4") for request in few)

    async with asyncio.timeout(TOLD_SECONDS):
        while (after := await sums(reelwire_url)).get("reelwire_qoe_plays_total", 0) < before.get(
            "reelwire_qoe_plays_total", 0
        ) + CLIPS:
            await asyncio.sleep(0.1)
    for name in ("startup_seconds_count", "first_picture_seconds_count", "watched_seconds_total", "preloaded_bytes_total"):
        assert after[f"reelwire_qoe_{name}"] > before.get(f"reelwire_qoe_{name}", 0), name


async def test_the_server_is_asked_for_the_first_video_before_the_application_is_here(
    person: NewPerson, new_clip: NewClip, reelwire_url: str
) -> None:
    # Of one that is not ready the application asks again, after some seconds.
    (shown,) = await clips(reelwire_url, [await new_clip()], "ready")
    held, release = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        held.set()
        await release.wait()
        await route.continue_()

    guest = (await person("guest")).page
    await guest.route("**/assets/index-*.js", hold)
    asked_for: list[str] = []

    def note(request: Request) -> None:
        asked_for.append(request.url)

    guest.on("request", note)
    async with guest.expect_response(lambda answer: answer.url.endswith(f"{BASE}/videos/{shown}")):
        await guest.goto(f"/videos/{shown}", wait_until="commit")
    await held.wait()
    release.set()
    await playing(guest)
    assert sum(url.endswith(f"{BASE}/videos/{shown}") for url in asked_for) == 1
