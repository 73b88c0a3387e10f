"""The live session over breaks of the network."""

from playwright.async_api import expect

from tests.browser.conftest import NewClip, NewPerson
from tests.browser.person import PLAYS
from tests.browser.screen import playing

CUT = ("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED")


async def test_what_was_posted_while_offline_arrives_on_coming_back(person: NewPerson, new_clip: NewClip) -> None:
    ann, ben = await person("ann", expected=CUT), await person("ben")
    await ben.sign_up()
    await ben.posted(await new_clip(name="one.mp4"), "Before")
    await ann.sign_up()
    await ann.follow(ben)
    await ann.go_home()
    await playing(ann.page, "Before")

    await ann.offline(True)
    await expect(ann.page.get_by_text("You are offline")).to_be_visible()
    await ben.posted(await new_clip(name="two.mp4"), "Meanwhile")
    await expect(ann.page.get_by_role("button", name="1 new")).to_be_hidden()
    await ann.offline(False)

    await ann.page.get_by_role("button", name="1 new").click(timeout=PLAYS)
    await playing(ann.page, "Meanwhile")
    await expect(ann.page.get_by_text("You are offline")).to_be_hidden()
    await expect(ann.page.get_by_role("article")).to_have_count(2)
