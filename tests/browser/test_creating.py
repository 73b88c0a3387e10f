"""A video from the camera to the feed: recorded, cut, dressed, named."""

import json
import re

from playwright.async_api import Page, Response, Route, expect

from tests.browser.conftest import NewPerson
from tests.browser.person import PLAYS

FORBIDDEN = ("Permissions policy violation", "ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS")
"""Chromium also holds what a test answers in the server's place for a page from far away, whose socket may not come here."""
RECORDED = re.compile(r"0:(0[3-9]|[1-5]\d) of")
"""Three seconds or more: of a second that lasts one nobody may look."""
STEP_MS, LEAP_MS = 100, 1000
"""How far the keys move a handle."""


async def test_a_video_is_recorded_cut_and_given_a_cover(person: NewPerson) -> None:
    ann = await person("ann")
    await ann.sign_up()
    page = ann.page
    await record(page)
    await expect(page.get_by_role("form", name="Your video")).to_be_focused()
    whole, cut = await leap_back(page)
    assert cut == whole - LEAP_MS

    await page.get_by_label("Cover", exact=True).check()
    frame = page.get_by_role("slider", name="Cover, time in the video")
    await frame.press("Home")
    await frame.press("ArrowRight")
    await complete(page, "Made by ", f"@{ann.username}")
    async with page.expect_response(dressed, timeout=PLAYS) as dressing:
        await page.get_by_role("button", name="Post", exact=True).click()

    await expect(ann.card("Made by")).to_contain_text("It plays", timeout=PLAYS)
    answer = await dressing.value
    assert answer.ok
    assert json.loads(answer.request.post_data or "") == {"at_ms": STEP_MS}
    video = await (await page.request.get(answer.url.removesuffix("/poster"))).json()
    assert video["title"] == f"Made by @{ann.username}"
    assert abs(video["duration_ms"] - cut) < LEAP_MS / 2, "the part, and not the whole recording"


async def test_where_the_camera_is_forbidden_it_says_how_to_allow_it(person: NewPerson) -> None:
    ann = await person("ann", expected=FORBIDDEN)
    await ann.sign_up()
    page = ann.page
    await ann.without_worker()
    await page.route("**/post", forbidden)
    await page.goto("/post")
    await page.get_by_role("button", name="Record a video").click()
    await expect(page.get_by_role("heading", name="No camera")).to_be_visible()
    await expect(page.get_by_text("This page isn’t allowed to use the camera.")).to_be_visible()
    await expect(page.get_by_role("button", name="Try again")).to_be_enabled()
    await page.get_by_role("button", name="Close").click()
    await expect(page.get_by_role("button", name="Record a video")).to_be_focused()


async def forbidden(route: Route) -> None:
    """The page as it is, which may use no camera: nobody can be asked whether it may."""
    answer = await route.fetch()
    await route.fulfill(response=answer, headers=answer.headers | {"permissions-policy": "camera=(), microphone=()"})


async def record(page: Page) -> None:
    await page.goto("/post")
    await page.get_by_role("button", name="Record a video").click()
    await page.get_by_role("button", name="Record", exact=True).click()
    await expect(page.get_by_text(RECORDED)).to_be_visible()
    await page.get_by_role("button", name="Pause").click()
    await page.get_by_role("button", name="Done").click()


async def leap_back(page: Page) -> tuple[int, int]:
    """Where the end of the part was, and where it is a second earlier."""
    end = page.get_by_role("slider", name="End")
    before = int(await end.get_attribute("aria-valuenow") or 0)
    await end.press("PageDown")
    return before, int(await end.get_attribute("aria-valuenow") or 0)


async def complete(page: Page, words: str, wanted: str) -> None:
    """Type a title whose last word is chosen from what is offered."""
    title = page.get_by_role("combobox", name="Title")
    await title.fill(words + wanted[:-1])
    await expect(page.get_by_role("option")).to_contain_text(wanted)
    await title.press("ArrowDown")
    await title.press("Enter")
    await expect(title).to_have_value(f"{words}{wanted} ")


def dressed(answer: Response) -> bool:
    return answer.request.method == "PUT" and answer.url.endswith("/poster")
