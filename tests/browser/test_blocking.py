"""Blocking, as both sides see it, and the way back."""

from playwright.async_api import expect

from tests.browser.conftest import NewClip, NewPerson
from tests.browser.screen import playing


async def test_whoever_is_blocked_is_gone_from_every_screen_until_it_is_undone(person: NewPerson, new_clip: NewClip) -> None:
    ann, ben = await person("ann"), await person("ben", expected=("404",))
    await ben.sign_up()
    await ben.posted(await new_clip(), "Seen no more")
    await ann.sign_up()
    await ann.follow(ben)
    await ann.go_home()
    await playing(ann.page, "Seen no more")

    await ann.page.goto(f"/@{ben.username}")
    videos = ann.page.get_by_role("list", name="Videos").get_by_role("link")
    await expect(videos).to_have_count(1)
    await ann.page.get_by_role("button", name=f"More about {ben.username}").click()
    await ann.page.get_by_role("button", name="Block", exact=True).click()
    await expect(ann.page.get_by_role("button", name=f"Unblock {ben.username}")).to_be_visible()
    await expect(ann.page.get_by_text("0 Followers")).to_be_visible()
    await expect(videos).to_have_count(0)
    undo = ann.page.get_by_role("button", name="Undo")
    await undo.click()
    await expect(ann.page.get_by_role("button", name=f"Follow {ben.username}")).to_be_visible()
    await expect(videos).to_have_count(1)

    await ann.page.get_by_role("button", name=f"More about {ben.username}").click()
    await ann.page.get_by_role("button", name="Block", exact=True).click()
    await expect(undo).to_be_visible()
    await ben.page.goto(f"/@{ann.username}")
    await expect(ben.page.get_by_text("There is nobody here")).to_be_visible()
    await ann.go_home()
    await expect(ann.page.get_by_role("heading", name="Your feed is quiet")).to_be_visible()

    await ann.page.goto("/settings")
    await ann.page.get_by_role("link", name="Blocked people").click()
    await ann.page.get_by_role("button", name=f"Unblock {ben.username}").click()
    await expect(ann.page.get_by_role("button", name=f"Follow {ben.username}")).to_be_visible()
    await ben.page.goto(f"/@{ann.username}")
    await expect(ben.page.get_by_role("button", name=f"Follow {ann.username}")).to_be_visible()
