"""Two people look at the same video: what one says, likes, changes and deletes the other sees without a reload."""

from playwright.async_api import Page, expect

from tests.browser.conftest import NewClip, NewPerson
from tests.browser.person import Person
from tests.browser.screen import playing

CUT = ("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED")


async def video_of(page: Page) -> str:
    """The id of the current video."""
    video_id = await page.locator(".reel-item:not([inert])").get_attribute("data-video")
    assert video_id
    return video_id


async def say(person: Person, text: str) -> None:
    """With the sheet of comments open."""
    await person.page.get_by_label("Add a comment").fill(text)
    await person.page.get_by_role("button", name="Send").click()
    await expect(person.page.get_by_role("listitem").filter(has_text=text)).not_to_contain_text("sending")


async def test_what_one_does_the_other_sees(person: NewPerson, new_clip: NewClip) -> None:
    ann, ben = await person("ann", desktop=True, expected=CUT), await person("ben")
    await ben.sign_up()
    await ben.posted(await new_clip(), "First title")
    await ann.sign_up()
    await ann.follow(ben)
    await ann.go_home()
    await playing(ann.page, "First title")
    await ben.page.goto(f"/videos/{await video_of(ann.page)}")
    await playing(ben.page, "First title")
    await expect(ann.page.get_by_text("2 watching now")).to_be_visible()
    panel = ann.page.locator(".comments-panel")

    await ben.page.get_by_role("button", name="0 comments").click()
    await say(ben, "Hello!")
    await expect(panel.get_by_text("Hello!")).to_be_visible()
    await expect(panel.get_by_role("heading", name="1 comment")).to_be_visible()
    await expect(ann.page.get_by_role("button", name="1 comment")).to_be_visible()

    await ann.page.get_by_role("button", name="Like, 0 likes").click()
    await expect(ben.page.locator(".rail-act[aria-label='Like, 1 like']")).to_have_count(1)

    await ben.page.get_by_role("button", name="Delete this comment").click()
    await expect(panel.get_by_text("Hello!")).to_be_hidden()
    await expect(panel.get_by_role("heading", name="0 comments")).to_be_visible()
    await expect(ann.page.get_by_text("watching now")).to_be_visible()

    # What was said during a break is there after it.
    await ann.offline(True)
    await expect(ann.page.get_by_text("You are offline")).to_be_visible()
    await expect(ann.page.get_by_text("watching now")).to_be_hidden()
    await say(ben, "Meanwhile")
    await ann.offline(False)
    await expect(panel.get_by_text("Meanwhile")).to_be_visible()

    await ben.page.keyboard.press("Escape")
    await ben.page.get_by_role("button", name="More about this video").click()
    await ben.page.get_by_role("combobox", name="Title").fill("Second title")
    await ben.page.get_by_role("button", name="Save").click()
    await expect(ann.page.locator(".caption")).to_contain_text("Second title")

    linked = await ann.context.new_page()
    await linked.goto(f"/videos/{await video_of(ann.page)}")
    await playing(linked, "Second title")
    await ben.page.get_by_role("button", name="More about this video").click()
    await ben.page.get_by_role("button", name="Delete video").click()
    await ben.page.get_by_role("button", name="Delete for good").click()
    await expect(ann.page.get_by_text("Your feed is quiet")).to_be_visible()
    await expect(linked.get_by_text("This video is gone")).to_be_visible()
