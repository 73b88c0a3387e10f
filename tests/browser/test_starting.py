"""The first moments, when parts of the application are still on their way."""

import asyncio

from playwright.async_api import Page, Request, Route, expect

from tests.browser.conftest import NewClip, NewPerson
from tests.browser.person import SOON
from tests.browser.screen import playing

OTHER_PAGES = "**/assets/pages-*.js"
APPLICATION = "**/assets/index-*.js"
FEED = "/feed/following"


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


async def waited(event: asyncio.Event) -> None:
    async with asyncio.timeout(SOON / 1000):
        await event.wait()


async def test_a_menu_that_is_still_coming_opens_when_it_is_here_unless_one_has_gone_on(
    person: NewPerson, new_clip: NewClip
) -> None:
    ann, ben = await person("ann"), await person("ben")
    await ann.sign_up()
    await ann.posted(await new_clip(), "first")
    await ben.sign_up()
    page = ben.page
    pages = await Held.on(page, OTHER_PAGES)
    await ben.without_worker()
    await page.goto("/latest")
    more = page.get_by_role("button", name="More").first
    await more.click()
    await waited(pages.wanted)
    await expect(page.get_by_role("progressbar", name="Starting")).to_be_visible()
    pages.free.set()
    await expect(page.get_by_role("dialog")).to_be_visible()


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
