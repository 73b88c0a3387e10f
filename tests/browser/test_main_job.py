"""The main job, as two people see it."""

from playwright.async_api import expect

from tests.browser.conftest import NewClip, NewPerson
from tests.browser.person import PLAYS
from tests.browser.screen import playing


async def test_a_new_video_appears_on_a_followers_screen_by_itself_and_plays(person: NewPerson, new_clip: NewClip) -> None:
    ann, ben = await person("ann"), await person("ben")
    await ben.sign_up()
    await ann.sign_up()
    await ann.follow(ben)
    await ann.go_home()
    await expect(ann.page.get_by_role("heading", name="Your feed is quiet")).to_be_visible()

    await ben.post(await new_clip(), "First light #harbour")

    shown = await playing(ann.page, "First light", timeout=PLAYS)
    assert shown["colours"] > 10, "the picture is not black"
    assert shown["frames"] > 1
    assert shown["muted"], "nothing makes a noise unasked"
    await expect(ann.page.locator(".caption-words a")).to_have_text("#harbour")
    await expect(ann.page.locator(".caption")).to_contain_text("Just in")


async def test_the_next_ones_wait_behind_the_pill(person: NewPerson, new_clip: NewClip) -> None:
    ann, ben = await person("ann"), await person("ben")
    await ben.sign_up()
    await ben.posted(await new_clip(name="one.mp4"), "The first")
    await ann.sign_up()
    await ann.follow(ben)
    await ann.go_home()
    await playing(ann.page, "The first")

    await ben.post(await new_clip(name="two.mp4"), "The second")

    pill = ann.page.get_by_role("button", name="1 new")
    await expect(pill).to_be_visible(timeout=PLAYS)
    await expect(ann.page.locator(".reel-item:not([inert])")).to_contain_text("The first")
    await pill.press("Enter")
    await playing(ann.page, "The second")
    await expect(pill).to_be_hidden()
    await expect(ann.page.locator(".reel")).to_be_focused()
    await expect(ann.page.get_by_role("article")).to_have_count(2)


async def test_the_authors_card_tells_how_far_it_is_until_it_plays(person: NewPerson, new_clip: NewClip) -> None:
    ben = await person("ben")
    await ben.sign_up()
    await ben.posted(await new_clip(), "Night market", finished=True)
    await ben.card("Night market").get_by_role("link", name="Watch").click()
    await playing(ben.page, "Night market")
    await ben.page.get_by_role("button", name="Back").click()
    await expect(ben.page.get_by_role("list", name="Videos").get_by_role("link")).to_have_count(1)
