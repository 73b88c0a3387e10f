"""What is no page of the client looks like it: the browsable API, and a phone on its side."""

from playwright.async_api import Page, ViewportSize, expect

from tests.browser.conftest import NewClip, NewPerson
from tests.browser.screen import playing

LIGHT, DARK = "rgb(246, 247, 249)", "rgb(11, 12, 16)"
BEHIND_VIDEOS = "rgb(5, 6, 9)"
NARROW = 64
ON_ITS_SIDE = ViewportSize(width=844, height=390)


async def test_the_documentation_wears_the_colours_and_type_of_the_client(person: NewPerson) -> None:
    for scheme, colour in (("light", LIGHT), ("dark", DARK)):
        page = (await person("ann", scheme=scheme)).page
        await page.goto("/docs")
        assert await style(page, "body", "backgroundColor") == colour
        assert "Inter" in await style(page, "summary", "fontFamily")
        assert await page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px \"Inter Variable\"'))")
        link = await style(page, "a", "color")
        await page.goto("/")
        await page.evaluate("document.body.append(Object.assign(document.createElement('b'), {id: 'probe'}))")
        await page.evaluate("document.getElementById('probe').style.color = 'var(--accent)'")
        assert await style(page, "#probe", "color") == link


async def test_a_phone_on_its_side_has_a_narrow_dark_column_beside_the_video(person: NewPerson, new_clip: NewClip) -> None:
    ann = await person("ann", scheme="light")
    await ann.sign_up()
    await ann.posted(await new_clip(), "On its side")
    await ann.page.goto("/latest")
    await playing(ann.page, "On its side")
    await ann.page.set_viewport_size(ON_ITS_SIDE)
    bar = ann.page.get_by_role("navigation", name="Main")
    await expect(bar).to_have_css("background-color", BEHIND_VIDEOS)
    column = await bar.bounding_box()
    clip = await ann.page.locator(".reel-item:not([inert]) .clip").bounding_box()
    assert column is not None
    assert clip is not None
    assert column["width"] <= NARROW
    assert column["height"] == clip["height"] == ON_ITS_SIDE["height"]
    assert clip["x"] == column["width"]
    await bar.get_by_role("link", name="Profile").click()
    await expect(bar).to_have_css("background-color", LIGHT)


async def style(page: Page, selector: str, name: str) -> str:
    """How the browser computes a property of the first such element."""
    value: str = await page.locator(selector).first.evaluate("(element, name) => getComputedStyle(element)[name]", name)
    return value
