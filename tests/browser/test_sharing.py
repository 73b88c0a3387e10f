"""Passing a video on: the server is told, once for each time."""

from playwright.async_api import expect

from tests.browser.conftest import NewClip, NewPerson
from tests.browser.screen import playing


async def test_a_link_that_was_copied_is_told(person: NewPerson, new_clip: NewClip) -> None:
    ann, ben = await person("ann", desktop=True), await person("ben")
    await ben.sign_up()
    await ben.posted(await new_clip(), "Passed on")
    await ann.sign_up()
    await ann.follow(ben)
    await ann.go_home()
    await playing(ann.page, "Passed on")
    async with ann.page.expect_response("**/shares") as told:
        await ann.page.get_by_role("button", name="Share").first.click()
        await expect(ann.page.get_by_text("link")).to_be_visible()
    assert (await (await told.value).request.all_headers())["idempotency-key"]
    assert (await told.value).status == 202
