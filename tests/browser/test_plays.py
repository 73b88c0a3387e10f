"""What was watched is told when it was left, and the others see how often that was."""

import asyncio
import json
from typing import Any

from playwright.async_api import Page, WebSocket

from tests.browser.conftest import NewClip, NewPerson
from tests.browser.screen import CURRENT, playing

WATCHED = f"() => {CURRENT}?.currentTime > 3"
"""The client counts from when it hears that pictures move, which may be later."""
COUNTED_SECONDS = 60.0


def told(page: Page) -> list[dict[str, Any]]:
    """The views that this page tells by its socket, as they come."""
    found: list[dict[str, Any]] = []

    def said(text: str | bytes) -> None:
        message = json.loads(text)
        found.extend(message["views"] if message["type"] == "view" else [])

    def opened(socket: WebSocket) -> None:
        socket.on("framesent", said)

    page.on("websocket", opened)
    return found


async def views(page: Page, video_id: str, number: int) -> None:
    """Wait until so many are counted."""
    async with asyncio.timeout(COUNTED_SECONDS):
        while (await (await page.request.get(f"/api/v1/videos/{video_id}")).json())["counts"]["views"] != number:
            await asyncio.sleep(0.2)


async def test_what_was_watched_counts_once_it_was_left(person: NewPerson, new_clip: NewClip) -> None:
    ann, ben = await person("ann"), await person("ben")
    by_socket = told(ann.page)
    await ben.sign_up()
    await ben.posted(await new_clip(seconds=5), "Watched")
    await ann.sign_up()
    await ann.follow(ben)

    await ann.go_home()
    await playing(ann.page, "Watched")
    video_id = await ann.page.locator(".reel-item").first.get_attribute("data-video")
    assert video_id
    await ann.page.wait_for_function(WATCHED)
    await ann.page.get_by_role("link", name="Search").first.click()
    await views(ann.page, video_id, 1)
    assert [(view["video_id"], view["source"]) for view in by_socket] == [(video_id, "following")]
    assert by_socket[0]["watched_ms"] > 2000

    # A page that goes away cannot wait for a socket.
    cat = await person("cat")
    await cat.sign_up()
    await cat.page.goto(f"/videos/{video_id}")
    await playing(cat.page, "Watched")
    await cat.page.wait_for_function(WATCHED)
    await cat.page.goto("about:blank")
    await views(ann.page, video_id, 2)
