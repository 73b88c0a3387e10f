"""One's own videos: how they move in a grid, and their numbers, whatever they are called."""

import asyncio

from playwright.async_api import Page, expect

from tests.browser.conftest import NewClip, NewPerson
from tests.browser.person import Person
from tests.browser.screen import CURRENT, playing

HOSTILE = "\u202e<img src=x onerror=alert(1)> " + "\U0001f600" * 60
SIDEWAYS = """[document.documentElement, ...document.querySelectorAll('.scroller')]
  .some((one) => one.scrollWidth > one.clientWidth)"""
VIEWED = f"() => {CURRENT}?.currentTime > 2.2"
TOLD_SECONDS = 60.0


async def test_an_author_sees_how_a_video_is_watched(person: NewPerson, new_clip: NewClip) -> None:
    ann, ben = await person("ann"), await person("ben", desktop=True)
    await ann.sign_up()
    await ben.sign_up()
    await ann.posted(await new_clip(), HOSTILE, finished=True)
    await it_moves_while_pointed_at(ben, ann)
    page = ann.page
    await page.set_viewport_size({"width": 320, "height": 568})
    await page.get_by_role("link", name="Stats").click()
    await page.get_by_role("list", name="All videos").get_by_role("link").click()
    await expect(page.get_by_text("No watch times yet")).to_be_visible()
    await expect(page.get_by_text("Ready to play")).to_be_visible()
    assert not await page.evaluate(SIDEWAYS)

    await ben.page.get_by_role("list", name="Videos").get_by_role("link").click()
    await playing(ben.page)
    await ben.page.wait_for_function(VIEWED)
    async with ben.page.expect_response("**/shares"):
        await ben.page.get_by_role("button", name="Share").click()
    await ben.page.get_by_role("button", name="Back").click()  # then it is told how it was watched

    await shown_after_reloads(page, "Based on 1 viewer")
    shares = page.get_by_role("term").filter(has_text="Shares").locator("xpath=following-sibling::dd")
    await expect(shares).to_have_text("1")
    stay = page.get_by_role("figure").filter(has_text="How long people watch")
    await stay.get_by_text("View as table").click()
    await expect(stay.get_by_role("row")).to_have_count(22)
    await expect(stay.get_by_role("row").nth(1)).to_contain_text("100%")
    assert not await page.evaluate(SIDEWAYS)


async def it_moves_while_pointed_at(one: Person, author: Person) -> None:
    """On somebody's profile; and stops at once where less motion is asked for."""
    await one.page.goto(f"/@{author.username}")
    tile, moving = one.page.get_by_role("list", name="Videos").get_by_role("link"), one.page.locator(".tile-preview-there")
    await tile.hover()
    await expect(moving).to_have_count(1)
    await one.page.get_by_role("heading", name=author.username, exact=True).hover()
    await expect(moving).to_have_count(0)
    await tile.focus()
    await expect(moving).to_have_count(1)
    await one.page.emulate_media(reduced_motion="reduce")
    await expect(moving).to_have_count(0)


async def shown_after_reloads(page: Page, words: str) -> None:
    """The numbers are of the moment when the page was loaded."""
    async with asyncio.timeout(TOLD_SECONDS):
        while True:
            await page.reload()
            await expect(page.get_by_text("Storage", exact=True)).to_be_visible()
            if await page.get_by_text(words).count():
                return
