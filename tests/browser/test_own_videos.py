"""What authors do with what they have posted."""

from playwright.async_api import Route, expect

from tests.browser.audience import audience
from tests.browser.conftest import NewClip, NewPerson


async def test_authors_change_and_delete_their_videos(person: NewPerson, new_clip: NewClip) -> None:
    ann, ben = await audience(person, new_clip, "Wrong title", expected=("418",))
    await ben.card("Wrong title").get_by_role("link", name="Watch").click()
    more = ben.page.get_by_role("button", name="More about this video")
    await more.click()
    await expect(ben.page.get_by_role("button", name="Save")).to_be_disabled()
    await ben.page.get_by_role("combobox", name="Title").fill("Right title")
    # Screen readers announce what comes into a status that was there before.
    await ben.page.evaluate("document.querySelector('.shell > .toasts').dataset.before = ''")
    await ben.page.get_by_role("button", name="Save").click()
    await expect(ben.page.locator(".toasts[data-before]")).to_have_text("Saved")
    await expect(ben.page.locator(".caption")).to_contain_text("Right title")
    await more.click()
    delete = ben.page.get_by_role("button", name="Delete video")
    await delete.hover()  # once the sheet stands still
    place = await delete.bounding_box()
    assert place is not None
    await delete.click()
    await expect(ben.page.get_by_role("dialog", name="Delete this video?")).to_be_visible()
    await expect(ben.page.get_by_text("Its likes and comments go with it.")).to_be_focused()
    # Where the first button was there is the one that cancels.
    await ben.page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    await expect(ben.page.get_by_role("dialog", name="Your video")).to_be_visible()
    await expect(delete).to_be_focused()

    # From its numbers, which its own page led to: that is gone as well.
    await ben.page.get_by_role("dialog").get_by_role("link", name="See stats").click()
    await ben.page.get_by_role("button", name="Edit or delete this video").click()
    await delete.click()
    for_good = ben.page.get_by_role("button", name="Delete for good")
    await ben.page.route("**/api/v1/videos/*", refused)
    await for_good.click()
    await expect(ben.page.get_by_text("Not today")).to_be_visible()
    await expect(for_good).to_be_focused()
    await ben.page.unroute("**/api/v1/videos/*")
    await for_good.press("Enter")  # the toast is above it
    await expect(ben.page.get_by_text("No stats yet")).to_be_visible()
    await ben.page.get_by_role("button", name="Back").click()
    await expect(ben.page.get_by_role("heading", name="Your first video")).to_be_visible()
    await ann.page.reload()
    await expect(ann.page.get_by_role("heading", name="Your feed is quiet")).to_be_visible()


async def refused(route: Route) -> None:
    await route.fulfill(status=418, json={"title": "Not today", "code": "not_today"})
