"""The first moments, when parts of the application are still on their way."""

import asyncio
import re

from playwright.async_api import Page, Request, Route, expect

from tests.browser.conftest import NewClip, NewPerson
from tests.browser.person import SOON
from tests.browser.screen import playing

OTHER_PAGES = "**/assets/pages-*.js"
OF_PAGES = re.compile(r"/assets/pages-.*\.js$")
THEIR_LOOK = "**/assets/pages-*.css"
APPLICATION = "**/assets/index-*.js"
FEED = "/feed/following"
LOOKS = """() => [...document.styleSheets].some((sheet) => {
  try { return sheet.href.includes('/assets/pages-') && sheet.cssRules.length > 0; } catch { return false; }
})"""
"""The rules of a stylesheet that did not come cannot be read."""
WITHOUT_WORKERS = "delete Navigator.prototype.serviceWorker"
NO_STORAGE = """Object.defineProperty(window, 'localStorage', {
  get() { throw new DOMException('Access is denied for this document.', 'SecurityError'); },
});"""
CUT_OFF = "ERR_FAILED"


class Held:
    """Answers of the edge that come late."""

    def __init__(self) -> None:
        self.wanted, self.free = asyncio.Event(), asyncio.Event()

    @classmethod
    async def on(cls, page: Page, address: str) -> "Held":
        held = cls()
        await page.route(address, held._answer)
        return held

    async def _answer(self, route: Route) -> None:
        self.wanted.set()
        await self.free.wait()
        await route.continue_()


async def cut_off(route: Route) -> None:
    await route.abort()


async def waited(event: asyncio.Event) -> None:
    async with asyncio.timeout(SOON / 1000):
        await event.wait()


async def test_a_menu_that_is_still_coming_opens_when_it_is_here_unless_one_has_gone_on(
    person: NewPerson, new_clip: NewClip
) -> None:
    ann = await person("ann")
    await ann.sign_up()
    await ann.posted(await new_clip(), "first")
    for goes_on in (True, False):
        page = (await person("guest")).page  # whose browser has kept nothing yet
        more, dialog = page.get_by_role("button", name="More").first, page.get_by_role("dialog")
        coming = page.get_by_role("progressbar", name="Starting")
        pages = await Held.on(page, OTHER_PAGES)
        await page.goto("/for-you")
        await page.get_by_role("link", name="Latest").first.click()
        await more.click()
        await waited(pages.wanted)
        await expect(coming).to_be_visible()
        if goes_on:
            await page.go_back()
            await expect(coming).to_be_hidden()
        async with page.expect_event("requestfinished", lambda request: bool(OF_PAGES.search(request.url))):
            pages.free.set()
        await expect(dialog).to_be_visible(visible=not goes_on)


async def test_a_member_is_asked_for_the_feed_before_the_application_is_here_and_once(
    person: NewPerson, new_clip: NewClip
) -> None:
    ann, ben = await person("ann"), await person("ben")
    await ann.sign_up()
    await ann.posted(await new_clip(), "first")
    await ben.sign_up()
    await ben.follow(ann)
    page = ben.page
    asked: list[Request] = []
    first = asyncio.Event()

    def seen(request: Request) -> None:
        if FEED in request.url:
            asked.append(request)
            first.set()

    page.on("request", seen)
    application = await Held.on(page, APPLICATION)
    await ben.without_worker()
    await page.goto("/", wait_until="commit")
    await waited(application.wanted)
    await waited(first)
    application.free.set()
    await playing(page, "first")
    assert len(asked) == 1


async def test_pages_whose_look_did_not_come_are_tried_again_with_it(person: NewPerson) -> None:
    page = (await person("guest", expected=(CUT_OFF,))).page
    await page.add_init_script(WITHOUT_WORKERS)
    await page.route(THEIR_LOOK, cut_off, times=1)
    await page.goto("/find")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("searchbox")).to_be_visible()
    assert await page.evaluate(LOOKS)


async def test_pages_that_fail_again_come_with_a_fresh_page(person: NewPerson) -> None:
    page = (await person("guest", expected=(CUT_OFF,))).page
    await page.add_init_script(WITHOUT_WORKERS)
    await page.route(OTHER_PAGES, cut_off)
    await page.goto("/find")
    again = page.get_by_role("button", name="Try again")
    async with page.expect_navigation():
        await again.click()
    await expect(again).to_be_visible()
    await page.unroute(OTHER_PAGES)
    await again.click()
    await expect(page.get_by_role("searchbox")).to_be_visible()


async def test_it_starts_where_the_browser_keeps_nothing(person: NewPerson) -> None:
    page = (await person("guest")).page
    await page.add_init_script(NO_STORAGE)
    await page.goto("/latest")
    await expect(page.get_by_role("link", name="Latest").first).to_have_attribute("aria-current", "page")
