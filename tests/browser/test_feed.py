"""The feed under fingers and keys."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.browser.audience import audience, looking
from tests.browser.conftest import NewClip, NewPerson, people, renderer
from tests.browser.person import Person
from tests.browser.screen import CURRENT, players, playing

TITLES = ("one", "two", "three", "four", "five")
SNAPPED = "() => { const reel = document.querySelector('.reel'); return reel.scrollTop === 2 * reel.clientHeight; }"
DOUBLE_TAPS, LIKED_MS = 10, 2000
NO_CONTENT, IM_A_TEAPOT = 204, 418
LONGEST_TITLE = 150
MORE_OR_ALL = """() => document.querySelector('.reel-end')
  || document.querySelector('.reel-item:not([inert])')?.nextElementSibling"""
"""Below the current video there is another one, or the end."""
HOSTILE = '<img src=x onerror="alert(1)"> \u202egnp.exe 😀#tag '


@pytest.fixture(scope="module")
async def ben(browser: Browser, reelwire_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Person]:
    """The author of these videos, the last one newest. Each is liked or spoken of by one test at the most."""
    new_clip = renderer(tmp_path_factory.mktemp("clips"))
    async with people(browser, reelwire_url) as person:
        found = await person("ben")
        await found.sign_up()
        for number, title in enumerate(TITLES):
            await found.posted(await new_clip(name=f"{number}.mp4"), title)
        yield found


async def test_keys_go_from_video_to_video_and_three_players_are_enough(person: NewPerson, ben: Person) -> None:
    ann = await looking(person, ben, TITLES[-1])
    for title in ("four", "three", "two"):
        await ann.page.keyboard.press("ArrowDown")
        await playing(ann.page, title)
        assert await players(ann.page) <= 3
    await ann.page.keyboard.press("ArrowUp")
    await playing(ann.page, "three")
    await ann.page.keyboard.press("Home")
    await playing(ann.page, "five")
    await ann.page.keyboard.press("End")
    await expect(ann.page.get_by_role("heading", name="You’re all caught up")).to_be_visible()
    await ann.page.wait_for_function("() => !document.querySelector('video[src]')")
    await ann.page.keyboard.press("c")
    await expect(ann.page.get_by_role("dialog")).to_have_count(0)
    await ann.page.keyboard.press("PageUp")
    await playing(ann.page, "one")


async def test_swipes_and_the_wheel_snap_to_the_next_video(person: NewPerson, ben: Person) -> None:
    ann = await looking(person, ben, TITLES[-1])
    await swipe_up(ann.page)
    await playing(ann.page, "four")
    await ann.page.mouse.move(195, 400)
    await ann.page.mouse.wheel(0, 600)
    await playing(ann.page, "three")
    await ann.page.wait_for_function(SNAPPED)


async def test_the_focus_goes_on_with_the_feed(person: NewPerson, ben: Person) -> None:
    ann = await looking(person, ben, TITLES[-1])
    await current(ann.page).get_by_role("button", name="Like, ").focus()
    await ann.page.keyboard.press("ArrowDown")
    await playing(ann.page, "four")
    await ann.page.wait_for_function("() => document.activeElement?.matches('.reel')")
    await ann.page.keyboard.press("Tab")
    assert await ann.page.evaluate("document.activeElement.closest('.reel-item:not([inert])') !== null")


async def test_a_page_that_fails_is_asked_for_again_below_the_last_video(person: NewPerson, ben: Person) -> None:
    ann = await person("ann", expected=("418",))
    await ann.sign_up()
    await ann.follow(ben)
    away = True

    async def two(route: Route) -> None:
        """Pages of two, and none below the first one while the server is away."""
        if away and "cursor=" in route.request.url:
            await route.fulfill(status=418, json={"title": "No page today", "code": "no_page_today"})
        else:
            await route.continue_(url=route.request.url.replace("limit=10", "limit=2"))

    await ann.page.route("**/api/v1/feed/following?*", two)
    await ann.page.goto("/")
    await playing(ann.page, "five")
    await expect(ann.page.locator(".reel-end")).to_be_attached()
    await ann.page.keyboard.press("End")
    await expect(ann.page.locator(".reel-end:not([inert])")).to_be_visible()
    again = ann.page.get_by_role("region", name="That didn’t work").get_by_role("button", name="Try again")
    await expect(again).to_be_visible()
    away = False
    await again.click()
    await playing(ann.page, "three")


async def test_a_feed_goes_on_below_though_it_could_not_begin_anew(person: NewPerson, ben: Person) -> None:
    ann = await person("ann", expected=("418",))
    await ann.sign_up()
    await ann.follow(ben)
    away, below = False, asyncio.Event()

    async def two(route: Route) -> None:
        """Pages of two; the one below is on its way until it is let go."""
        if "cursor=" in route.request.url:
            await below.wait()
        elif away:
            await route.fulfill(status=418, json={"title": "No page today", "code": "no_page_today"})
            return
        await route.continue_(url=route.request.url.replace("limit=10", "limit=2"))

    await ann.page.route("**/api/v1/feed/following?*", two)
    await ann.page.goto("/")
    await playing(ann.page, "five")
    away = True
    async with ann.page.expect_response(lambda answer: answer.status == IM_A_TEAPOT):
        await ann.go_home()
    below.set()
    await expect(ann.page.locator(".reel-item[data-video]").nth(2)).to_be_attached()


async def test_a_video_that_nobody_can_see_is_gone_and_not_asked_for_again(person: NewPerson) -> None:
    guest = await person("guest", expected=("404",))
    await guest.page.goto(f"/videos/{UUID(int=0)}")
    await expect(guest.page.get_by_role("heading", name="This video is gone")).to_be_visible()
    await expect(guest.page.get_by_role("button", name="Try again")).to_have_count(0)


async def test_space_stops_and_m_turns_the_sound_on(person: NewPerson, ben: Person) -> None:
    ann = await looking(person, ben, TITLES[-1])
    await ann.page.keyboard.press(" ")
    await ann.page.wait_for_function(f"() => {CURRENT}.paused")
    at = await ann.page.evaluate(f"{CURRENT}.currentTime")
    line = current(ann.page).get_by_role("slider", name="Position in the video")
    await line.press("ArrowRight")
    await ann.page.wait_for_function(f"at => Math.abs({CURRENT}.currentTime - (at + 5) % {CURRENT}.duration) < 0.1", arg=at)
    await line.press("Home")
    await ann.page.wait_for_function(f"() => {CURRENT}.currentTime === 0")
    await line.blur()
    await ann.page.keyboard.press(" ")
    await playing(ann.page)
    await current(ann.page).get_by_role("button", name="Turn sound on").click()
    assert not (await playing(ann.page))["muted"]
    await ann.page.keyboard.press("m")
    assert (await playing(ann.page))["muted"]
    await ann.page.goto("/settings")
    await ann.page.get_by_role("switch", name="Single-letter shortcuts").uncheck()
    await ann.go_home()
    await playing(ann.page)
    await ann.page.keyboard.press("m")
    await ann.page.keyboard.press("ArrowDown")
    assert (await playing(ann.page, "four"))["muted"]


async def test_a_double_tap_likes_and_does_not_stop(person: NewPerson, ben: Person) -> None:
    ann = await looking(person, ben, TITLES[-1])
    await double_tap(ann.page)
    await expect(ann.page.get_by_role("button", name="Like, 1 like")).to_have_attribute("aria-pressed", "true")
    await playing(ann.page)
    await ann.page.reload()
    await expect(ann.page.get_by_role("button", name="Like, 1 like")).to_have_attribute("aria-pressed", "true")
    await ben.card(TITLES[-1]).get_by_role("link", name="Watch").click()
    await expect(ben.page.get_by_role("button", name="Like, 1 like")).to_have_attribute("aria-pressed", "false")
    await ben.page.get_by_role("button", name="Back").click()  # else it would play beside all the other tests


async def test_comments_are_there_at_once_and_can_be_taken_back(person: NewPerson, ben: Person) -> None:
    ann = await looking(person, ben, TITLES[-1])
    await current(ann.page).get_by_role("button", name="0 comments").click()
    sheet = ann.page.get_by_role("dialog", name="0 comments")
    await expect(sheet.get_by_text("No comments yet")).to_be_visible()
    await sheet.get_by_label("Add a comment").fill("x" * 161)
    await expect(sheet.get_by_role("button", name="Send")).to_be_disabled()
    await sheet.get_by_label("Add a comment").fill("That colour!")
    await ann.page.keyboard.press("Enter")
    sheet = ann.page.get_by_role("dialog", name="1 comment")
    await expect(sheet.get_by_role("listitem")).to_contain_text("That colour!")
    await sheet.get_by_role("button", name="Delete this comment").click()
    sheet = ann.page.get_by_role("dialog", name="0 comments")
    await expect(sheet.get_by_role("listitem")).to_have_count(0)
    await expect(sheet.locator(".talk")).to_be_focused()
    await sheet.get_by_role("button", name="Undo").click()
    sheet = ann.page.get_by_role("dialog", name="1 comment")
    await expect(sheet.get_by_role("listitem")).to_contain_text("That colour!")
    async with ann.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        await sheet.get_by_role("button", name="Delete this comment").click()
    await ann.page.keyboard.press("Escape")
    await expect(ann.page.get_by_role("dialog")).to_be_hidden()


async def test_a_hidden_page_does_not_play(person: NewPerson, ben: Person) -> None:
    ann = await looking(person, ben, TITLES[-1])
    await show(ann.page, "hidden")
    await ann.page.wait_for_function(f"() => {CURRENT}.paused")
    await show(ann.page, "visible")
    await playing(ann.page)


async def test_hostile_words_stay_words(person: NewPerson, new_clip: NewClip) -> None:
    ann, _ = await audience(person, new_clip, HOSTILE + "😀" * (LONGEST_TITLE - len(HOSTILE)))
    await ann.page.set_viewport_size({"width": 320, "height": 568})
    words = ann.page.locator(".caption-words")
    await expect(words).to_contain_text('<img src=x onerror="alert(1)">')
    await expect(words.locator("a")).to_have_text("#tag")
    assert await ann.page.locator(".caption img").count() == 0
    folded = await words.bounding_box()
    await ann.page.get_by_role("button", name="More", exact=True).click()
    await expect(ann.page.get_by_role("button", name="Less")).to_be_visible()
    opened, rail = await words.bounding_box(), await current(ann.page).locator(".rail").bounding_box()
    assert folded is not None
    assert opened is not None
    assert rail is not None
    assert opened["height"] > folded["height"]
    assert opened["x"] + opened["width"] <= rail["x"]


async def test_guests_land_where_everybody_is_and_are_asked_to_join(person: NewPerson, ben: Person) -> None:
    guest = await person("guest")
    await guest.page.goto("/")
    await expect(guest.page.get_by_role("link", name="For you", exact=True).last).to_have_attribute("aria-current", "page")
    await playing(guest.page)
    await expect(current(guest.page).locator(".caption-note")).not_to_be_empty()
    await guest.page.get_by_role("link", name="Latest", exact=True).last.click()
    await playing(guest.page)
    await guest.page.keyboard.press("l")
    await expect(guest.page.get_by_role("dialog", name="Join reelwire")).to_be_visible()
    await guest.page.keyboard.press("Escape")
    await expect(guest.page.get_by_role("dialog")).to_be_hidden()
    await guest.page.keyboard.press("c")
    comment = guest.page.get_by_role("dialog").get_by_role("button", name="Log in to comment")
    await comment.focus()
    await expect(comment).to_be_focused()  # where the focus goes alone, nothing opens
    await comment.press("Enter")
    await expect(guest.page.get_by_role("dialog", name="Join reelwire")).to_be_visible()
    await guest.page.keyboard.press("Escape")
    await guest.page.get_by_role("link", name="Following").last.click()
    await guest.page.get_by_role("link", name="Just look around").click()
    await playing(guest.page)


async def test_what_is_for_you_can_be_declined_reported_and_seen_to_its_end(person: NewPerson, ben: Person) -> None:
    ann = await person("ann")
    await ann.sign_up()
    await ann.page.get_by_role("link", name="For you", exact=True).last.click()
    await playing(ann.page)
    declined = await video_of(ann.page)
    await choose(ann.page, "Not interested")
    await expect(current(ann.page)).not_to_have_attribute("data-video", declined)
    await ann.page.get_by_role("button", name="Undo").click()
    await expect(current(ann.page)).to_have_attribute("data-video", declined)
    await choose(ann.page, "Not interested")
    async with ann.page.expect_response(f"**/videos/{declined}/not-interested") as told:
        await show(ann.page, "hidden")
    assert (await told.value).status == NO_CONTENT
    await show(ann.page, "visible")

    await playing(ann.page)
    reported = await video_of(ann.page)
    await long_press(ann.page)
    await ann.page.get_by_role("button", name="Report").click()
    sheet = ann.page.get_by_role("dialog", name="Report this video")
    await sheet.get_by_role("button", name="Send report").click()
    await expect(sheet.get_by_role("alert")).to_be_visible()
    await sheet.get_by_label("Hate").check()
    await sheet.get_by_label("In your own words").fill("It is \u202e rude 😀")
    await sheet.get_by_role("button", name="Send report").click()
    await ann.page.get_by_role("dialog", name="Thank you").get_by_role("button", name="Done").click()
    await expect(ann.page.locator(f'[data-video="{reported}"]')).to_have_count(0)

    end = ann.page.get_by_role("region", name="You’re all caught up")
    while not await end.count():
        await ann.page.keyboard.press("End")
        await ann.page.wait_for_function(MORE_OR_ALL)
    await ann.page.keyboard.press("End")
    await end.get_by_role("button", name="Start over").click()
    await playing(ann.page)
    assert not await ann.page.locator(f'[data-video="{declined}"]').count()


def current(page: Page) -> Locator:
    return page.locator(".reel-item:not([inert])")


async def video_of(page: Page) -> str:
    """The id of the current video."""
    video_id = await current(page).get_attribute("data-video")
    assert video_id
    return video_id


async def choose(page: Page, name: str) -> None:
    """From the menu of the current video."""
    await current(page).get_by_role("button", name="More about this video").click()
    await page.get_by_role("dialog").get_by_role("button", name=name).click()


async def long_press(page: Page) -> None:
    """A finger that rests on the video, until its menu is there."""
    session = await page.context.new_cdp_session(page)
    await session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": 150, "y": 350}]})
    await expect(page.get_by_role("dialog", name="This video")).to_be_visible()
    await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await session.detach()


async def double_tap(page: Page) -> None:
    """Until it counts: on a busy machine two taps may be too far apart, and two such start what they stopped."""
    for _ in range(DOUBLE_TAPS):
        await page.locator(".reel-item:not([inert]) .clip-tap").dblclick(position={"x": 150, "y": 350})
        with suppress(AssertionError):
            await expect(page.get_by_role("button", name="Like, 1 like")).to_be_visible(timeout=LIKED_MS)
            return


async def show(page: Page, state: str) -> None:
    """What the browser tells a page that is put behind another one; headless it never does."""
    await page.evaluate(
        "state => { Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => state});"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        state,
    )


async def swipe_up(page: Page) -> None:
    """A finger that throws the feed upwards."""
    session = await page.context.new_cdp_session(page)
    points = range(650, 150, -50)
    await session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": 190, "y": 650}]})
    for y in points:
        await session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": 190, "y": y}]})
    await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await session.detach()
