"""Blocking, as both sides see it, and the way back."""

from playwright.async_api import expect

from tests.browser.conftest import NewClip, NewPerson
from tests.browser.person import Person
from tests.browser.screen import playing

SEEN_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"
"""What a browser does when its page comes back into view. A headless one always shows it."""


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
    undo = ann.page.get_by_role("button", name="Undo")
    await undo.hover()  # it does not go away under a mouse
    await expect(ann.page.get_by_role("button", name=f"Unblock {ben.username}")).to_be_visible()
    await expect(ann.page.get_by_text("0 Followers")).to_be_visible()
    await expect(videos).to_have_count(0)
    numbers = ann.page.locator(".profile-numbers")
    await expect(numbers).not_to_contain_text("Video")
    await undo.click()
    await expect(ann.page.get_by_role("button", name=f"Follow {ben.username}")).to_be_visible()
    await expect(videos).to_have_count(1)
    await expect(numbers).to_contain_text("1 Video")

    await ann.page.get_by_role("button", name=f"More about {ben.username}").click()
    await ann.page.get_by_role("button", name="Block", exact=True).click()
    await expect(undo).to_be_visible()
    await ben.page.goto(f"/@{ann.username}")
    await expect(ben.page.get_by_text("Account not found")).to_be_visible()
    await ann.go_home()
    await expect(ann.page.get_by_role("heading", name="Your feed is quiet")).to_be_visible()

    await ann.page.goto("/settings")
    await ann.page.get_by_role("link", name="Blocked people").click()
    await ann.page.get_by_role("button", name=f"Unblock {ben.username}").click()
    await expect(ann.page.get_by_role("button", name=f"Follow {ben.username}")).to_be_focused()
    await ben.page.goto(f"/@{ann.username}")
    await expect(ben.page.get_by_role("button", name=f"Follow {ann.username}")).to_be_visible()


async def test_comments_of_whom_a_block_hides_leave_open_screens(person: NewPerson, new_clip: NewClip) -> None:
    ann, ben, cyd = await person("ann", desktop=True), await person("ben", desktop=True), await person("cyd")
    await cyd.sign_up()
    await cyd.posted(await new_clip(), "Said below")
    await ann.sign_up()
    await ben.sign_up()
    for one in (ann, ben):
        await one.follow(cyd)
        await one.go_home()
        await playing(one.page, "Said below")
        await one.page.get_by_label("Add a comment").fill(f"By {one.username}")
        await one.page.get_by_role("button", name="Send").click()
    for one in (ann, ben):
        await expect(one.page.locator(".word-said")).to_have_count(2)
        await shows(one, 2)

    tab = await ann.context.new_page()
    await tab.goto(f"/@{ben.username}")
    await tab.get_by_role("button", name=f"More about {ben.username}").click()
    await tab.get_by_role("button", name="Block", exact=True).click()
    undo = tab.get_by_role("button", name="Undo")
    await undo.hover()  # it does not go away under a mouse
    await expect(ann.page.get_by_text(f"By {ben.username}")).to_be_hidden()
    await shows(ann, 1)

    await ben.page.evaluate(SEEN_AGAIN)
    await expect(ben.page.get_by_text(f"By {ann.username}")).to_be_hidden()
    await shows(ben, 1)

    await undo.click()
    await expect(ann.page.get_by_text(f"By {ben.username}")).to_be_visible()
    await shows(ann, 2)


async def shows(one: Person, comments: int) -> None:
    """The number above the list and the one beside the video."""
    words = f"{comments} comment" if comments == 1 else f"{comments} comments"
    await expect(one.page.get_by_role("heading", name=words, exact=True)).to_be_visible()
    await expect(one.page.locator(f".reel-item:not([inert]) .rail-act[aria-label='{words}']")).to_be_visible()
