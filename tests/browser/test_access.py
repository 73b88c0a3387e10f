"""For everyone: names, contrast, sizes, narrow screens, less motion; axe-core finds nothing. And what no screen leaves behind."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from stack.servers import ROOT
from tests.browser.conftest import NewClip, NewPerson
from tests.browser.person import Person
from tests.browser.screen import playing

AXE = ROOT / "web_client/node_modules/axe-core/axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
TAP = 44
NARROW = {"width": 320, "height": 640}

SMALL = """least => [...document.querySelectorAll('button, a[href], label.button, input')]
  .filter((one) => one.checkVisibility() && !one.closest('[inert], p, small, .wordmark, .only-heard'))
  .filter((one) => !one.matches('.wordmark, [type=radio], [type=range], .caption-more, .word-again, [tabindex="-1"]'))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width < least || box.height < least)
  .map(([one, box]) => `${one.outerHTML.slice(0, 120)} ${box.width}×${box.height}`)"""
OTHER = {"dark": "light", "light": "dark"}
DRESSED = """scheme => document.documentElement.dataset.theme === scheme
  && !document.getAnimations().some((one) => /color|fill|opacity/.test(one.transitionProperty))"""
SIDEWAYS = """() => [document.documentElement, ...document.querySelectorAll('.scroller')]
  .some((one) => one.scrollWidth > one.clientWidth)
  || [...document.querySelectorAll('nav a, header button')]
    .some((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1)"""
HEADINGS = "() => document.querySelectorAll('h1').length"
SAID = """async () => JSON.stringify([
  location.href, document.cookie, Object.entries(localStorage), Object.entries(sessionStorage), history.state,
  performance.getEntriesByType('resource').map((one) => one.name).filter((name) => !name.includes('/media/')),
  await indexedDB.databases(), (await Promise.all((await caches.keys()).map(async (name) =>
    (await (await caches.open(name)).keys()).map((request) => request.url)))).flat(),
])"""
TOKEN = re.compile(r"eyJ[\w-]{8,}\.|access_token|refresh_token")
"""What JWTs begin with, and how they are called."""

Screen = tuple[str, str, Callable[[Person], Awaitable[object]]]


def text(words: str) -> Callable[[Person], Awaitable[object]]:
    async def shown(one: Person) -> None:
        await expect(one.page.get_by_text(words).first).to_be_visible()

    return shown


async def changing_the_log_in(one: Person) -> None:
    await one.page.get_by_role("button", name="Password and e-mail").click()
    sheet = one.page.get_by_role("dialog", name="Password and e-mail")
    await expect(sheet).to_be_visible()
    # Until it has come in whole, its colours are others.
    await sheet.evaluate("sheet => Promise.all(sheet.getAnimations().map((one) => one.finished))")


def screens(author: Person) -> list[Screen]:
    """The address of every screen, the name of its window (WCAG 2.4.2), and what shows that it is there."""
    return [
        # First: it shows nothing that was seen elsewhere, and there may be no other video.
        ("/for-you", "For you", lambda one: playing(one.page)),
        ("/", "Following", lambda one: playing(one.page)),
        ("/latest", "Latest", lambda one: playing(one.page)),
        ("/find", "Search", text("Posted recently")),
        ("/post", "Post a video", text("Up to 500 MB")),
        ("/settings", "Settings", text("Log out")),
        ("/settings", "Settings", changing_the_log_in),
        ("/settings/sessions", "Sessions", text("This device")),
        ("/settings/blocked", "Blocked people", text("You haven’t blocked anyone")),
        ("/creator", "Your stats", text("No stats yet")),
        (f"/@{author.username}", f"@{author.username}", text("1 Follower")),
        (f"/@{author.username}/followers", f"Followers of @{author.username}", text("0 followers")),
        ("/nowhere", "Not found", text("There’s nothing here")),
    ]


async def complaints(page: Page) -> list[str]:
    """What axe-core finds on the page as it is."""
    # Its own world: the page's policy forbids it to be put in as a script, and rightly so.
    await page.evaluate(f"() => {{ {AXE.read_text()}\n; window.axe = axe; }}")
    found: dict[str, Any] = await page.evaluate("rules => axe.run(document, rules)", RULES)
    return [f"{page.url} {one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]


async def faults(page: Page, *, desktop: bool) -> list[str]:
    """What is wrong with the page as it is and in its other colours, which it keeps: the next one is loaded in those.

    On a desktop it is looked at in the other ones alone, which are the same as a phone's.
    """
    found = []
    for turned in (True,) if desktop else (False, True):
        scheme: str = await page.evaluate("document.documentElement.dataset.theme")
        if turned:
            scheme = OTHER[scheme]
            await page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
            await page.wait_for_function(DRESSED, arg=scheme)
        small: list[str] = await page.evaluate(SMALL, TAP)
        found += [f"{scheme}: {fault}" for fault in await complaints(page) + small]
    if (headings := await page.evaluate(HEADINGS)) != 1:
        found.append(f"{page.url} has {headings} headings of the first level")
    if token := TOKEN.search(await page.evaluate(SAID)):
        found.append(f"{page.url} leaves a token where scripts or others read it: {token[0]}")
    return found


@pytest.mark.parametrize("desktop", [False, True], ids=["phone", "desktop"])
async def test_every_screen_is_for_everyone(person: NewPerson, new_clip: NewClip, desktop: bool) -> None:
    ann, ben = await person("ann", desktop=desktop), await person("ben")
    await ben.sign_up()
    await ben.posted(await new_clip(), "A picture for everyone #access")
    found = []
    for path, words in (("/welcome", "Just look around"), ("/sign-up", "Create an account"), ("/log-in", "New here?")):
        await ann.page.goto(path)
        await text(words)(ann)
        found += await faults(ann.page, desktop=desktop)
    await ann.sign_up()
    await ann.follow(ben)
    for path, title, is_there in screens(ben):
        await ann.page.goto(path)
        await is_there(ann)
        await expect(ann.page).to_have_title(f"{title} · reelwire")
        found += await faults(ann.page, desktop=desktop)
    assert not found, "\n".join(found)


async def test_nothing_runs_over_the_edge_of_a_narrow_screen(person: NewPerson, new_clip: NewClip) -> None:
    ann, ben = await person("ann"), await person("ben")
    await ben.sign_up()
    await ben.posted(await new_clip(), "A title that is much too long for such a narrow screen #narrow #narrower")
    await ann.sign_up()
    await ann.follow(ben)
    await ann.page.set_viewport_size({"width": 320, "height": 640})
    for path, _, is_there in screens(ben):
        await ann.page.goto(path)
        await is_there(ann)
        assert not await ann.page.evaluate(SIDEWAYS), path


async def test_the_whole_way_with_keys_alone(person: NewPerson, new_clip: NewClip) -> None:
    ann, ben = await person("ann"), await person("ben")
    await ben.sign_up()
    await ben.posted(await new_clip(), "Look, no mouse")
    await ann.sign_up()
    await ann.page.goto(f"/@{ben.username}")
    await expect(ann.page.get_by_role("button", name=f"Follow {ben.username}")).to_be_visible()
    await expect(ann.page.get_by_role("list", name="Videos").get_by_role("link")).to_be_visible()
    await press(ann.page, "Tab", until=f"Follow {ben.username}")
    await ann.page.keyboard.press("Enter")
    await press(ann.page, "Tab", until="Look, no mouse")
    await ann.page.keyboard.press("Enter")
    await playing(ann.page, "Look, no mouse")
    await expect(ann.page).to_have_title("Look, no mouse · reelwire")
    await ann.page.keyboard.press("c")
    await expect(ann.page.get_by_role("dialog")).to_be_visible()
    await press(ann.page, "Tab", until="comment-text")
    await ann.page.keyboard.type("Said without a mouse")
    await ann.page.keyboard.press("Enter")
    await expect(ann.page.get_by_role("dialog").get_by_role("listitem")).to_contain_text("Said without a mouse")


async def press(page: Page, key: str, until: str, most: int = 40) -> None:
    """Press a key until what has the focus is called so."""
    for _ in range(most):
        await page.keyboard.press(key)
        name: str = await page.evaluate("(document.activeElement?.ariaLabel ?? '') + ' ' + (document.activeElement?.id ?? '')")
        if until in name:
            return
    raise AssertionError(f"{until} was not reached by {key}")


def test_axe_is_installed() -> None:
    assert Path(AXE).exists(), "type: (cd web_client && npm ci)"
