"""Being told what others did: a number while one is elsewhere, a list, and nothing new once it was seen."""

from playwright.async_api import expect

from tests.browser.conftest import NewPerson


async def test_a_new_follower_is_counted_at_once_listed_and_then_read(person: NewPerson) -> None:
    ann, ben = await person("ann"), await person("ben", desktop=True)
    await ann.sign_up()
    await ben.sign_up()
    await ben.follow(ann)
    around = ann.page.get_by_role("navigation", name="Main")
    await around.get_by_role("link", name="Notifications, 1 new").click()
    row = ann.page.get_by_role("list", name="Notifications").get_by_role("listitem")
    await expect(row).to_contain_text(f"{ben.username} started following you")
    await expect(around.get_by_role("link", name="Notifications", exact=True)).to_be_visible()
    await row.get_by_role("link").click()
    await expect(ann.page.get_by_role("heading", name=ben.username, exact=True)).to_be_visible()
