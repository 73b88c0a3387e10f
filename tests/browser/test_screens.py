"""The demo on every screen. REELWIRE_SCREENSHOTS=on puts the pictures of docs/web_client.md into docs/images."""

import asyncio
import os
import re
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from PIL import Image
from playwright.async_api import Page, expect

from media import clips
from server.demo.api import Api
from server.demo.cast import CLIPS, HEIGHT, PASSWORD, VIEWER, WIDTH
from server.demo.filling import Filling
from stack.servers import ROOT
from tests.browser.conftest import NewClip, NewPerson
from tests.browser.files import filled
from tests.browser.network import network
from tests.browser.person import PLAYS, Person
from tests.browser.screen import playing

KEEP = os.environ.get("REELWIRE_SCREENSHOTS") == "on"
"""Then the demo is rendered whole and large, which takes minutes."""
SHOWN = CLIPS if KEEP else tuple(clip._replace(seconds=2.0) for clip in CLIPS[8:12])
SIZE = (WIDTH, HEIGHT) if KEEP else (180, 320)
NEW_SEED = 40
LEAST_COLOURS = 200
SETTLED = """() => Promise.all([
  ...[...document.images].filter((one) => one.checkVisibility()).map((one) => one.decode()),
  ...document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().iterations < 9)
    .map((one) => (one.finish(), one.finished.catch(() => null))),
])"""
"""Pictures are painted and motions are at their end, those apart that never end."""
WORDS = "The city, before it sleeps #night"


@dataclass(frozen=True)
class Album:
    """Where the pictures go."""

    folder: Path

    async def take(self, page: Page, name: str) -> None:
        """A picture of the screen as it is, which must show something."""
        await page.evaluate(SETTLED)
        file = self.folder / f"{name}.jpg"
        await page.screenshot(path=file, type="jpeg", quality=84)
        with Image.open(file) as picture:
            colours = picture.convert("RGB").resize((64, 64)).getcolors(64 * 64) or ()
        assert len(colours) > LEAST_COLOURS, f"{name} shows nothing"


async def test_the_demo_on_every_screen(person: NewPerson, new_clip: NewClip, reelwire_url: str, tmp_path: Path) -> None:
    album = Album(ROOT / "docs/images" if KEEP else tmp_path)
    async with aiohttp.ClientSession() as http:
        await Filling(Api(http, reelwire_url), print, tmp_path, SHOWN, *SIZE).run()
    viewer, maya = await person("viewer"), await person("maya")
    await enter(viewer, VIEWER.username)
    await enter(maya, "maya")

    clip = await new_clip()
    if KEEP:
        await asyncio.to_thread(clips.render, clip, NEW_SEED, 6.0, WIDTH, HEIGHT)
    await swipe_to(viewer.page, "A galaxy takes its turn")
    await post(maya, filled(clip, 8), album)
    await expect(viewer.page.get_by_role("button", name="1 new")).to_be_visible(timeout=PLAYS)
    await playing(viewer.page)
    await album.take(viewer.page, "phone-feed")
    await viewer.page.locator(".reel-item:not([inert]) .rail-act[aria-label$=comments]").click()
    await expect(viewer.page.get_by_role("dialog").get_by_role("listitem").first).to_be_visible()
    await album.take(viewer.page, "phone-comments")
    await viewer.page.goto("/@maya")
    await pictures_are_there(viewer.page)
    await album.take(viewer.page, "phone-profile")
    await search(viewer.page, "a")
    await album.take(viewer.page, "phone-search")
    await maya.page.goto("/notifications")
    await expect(maya.page.get_by_role("list", name="Notifications").get_by_role("listitem").first).to_be_visible()
    await album.take(maya.page, "phone-notifications")


async def test_the_desktop_in_dark_and_light(person: NewPerson, reelwire_url: str, tmp_path: Path) -> None:
    album = Album(ROOT / "docs/images" if KEEP else tmp_path)
    async with aiohttp.ClientSession() as http:
        await Filling(Api(http, reelwire_url), print, tmp_path, SHOWN, *SIZE).run()
    for scheme, words in (("dark", "Noon in the dunes"), ("light", "Drawing with ribbons")):
        viewer = await person("viewer", desktop=True, scheme=scheme)
        await enter(viewer, VIEWER.username)
        await swipe_to(viewer.page, words)
        await expect(viewer.page.get_by_role("complementary").get_by_role("listitem").first).to_be_visible()
        await album.take(viewer.page, f"desktop-{scheme}")


async def enter(one: Person, username: str) -> None:
    """Log in as somebody of the demo's cast."""
    one.username = username
    await one.log_in(PASSWORD)


async def swipe_to(page: Page, title: str) -> None:
    """Down the feed until this video plays."""
    for _ in SHOWN:
        await playing(page)
        current = page.locator(".reel-item:not([inert])")
        if title in await current.inner_text():
            return
        place = int(await current.get_attribute("aria-posinset") or 0)
        await page.keyboard.press("ArrowDown")
        await expect(current).to_have_attribute("aria-posinset", str(place + 1))
    raise AssertionError(f"{title} is not in the feed")


async def search(page: Page, beginning: str) -> None:
    """Type, until people are found."""
    await page.goto("/find")
    await page.get_by_role("searchbox", name="People and hashtags").fill(beginning)
    await expect(page.get_by_role("list", name="People").get_by_role("listitem").first).to_be_visible()


async def post(author: Person, clip: Path, album: Album) -> None:
    """Post a clip, with a picture of the form and one of the card on its way."""
    await author.pick(clip, WORDS)
    await author.page.get_by_role("heading").first.click()  # the field gives up the focus
    await album.take(author.page, "phone-post")
    line = await network(author)
    await line.slow(up=3_000_000)
    await author.page.get_by_role("button", name="Post", exact=True).click()
    await expect(author.card(WORDS)).to_contain_text(re.compile(r"[3-6]\.?\d* of \d"), timeout=PLAYS)
    await pictures_are_there(author.page)
    await album.take(author.page, "phone-upload")
    await line.free()


async def pictures_are_there(page: Page) -> None:
    await page.wait_for_function(
        "() => { const all = [...document.querySelectorAll('.tile img')];"
        " return all.length > 1 && all.every((one) => one.complete && one.naturalWidth > 0); }"
    )
