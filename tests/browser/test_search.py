"""Finding people and hashtags as one types, and the ways that words lead."""

from playwright.async_api import expect

from tests.browser.conftest import NewClip, NewPerson
from tests.browser.screen import playing


async def test_people_and_hashtags_are_found_as_one_types_and_words_lead_to_them(person: NewPerson, new_clip: NewClip) -> None:
    ann, ben = await person("ann"), await person("ben")
    tag = f"Dawn_{ann.username}"
    await ann.sign_up()
    await ben.sign_up()
    await ann.posted(await new_clip(), f"Over the hills #{tag} @{ben.username}")

    page = ben.page
    await page.get_by_role("link", name="Search").first.click()
    field = page.get_by_role("searchbox", name="People and hashtags")
    await field.fill(f"{ann.username[:-1].upper()}")
    await expect(page.get_by_role("list", name="People").get_by_role("link")).to_contain_text(f"@{ann.username}")
    await field.fill("#nobody_says_this")
    await expect(page.get_by_text("No matches")).to_be_visible()
    await field.fill(f"#{tag[:-1]}")
    await page.get_by_role("list", name="Hashtags").get_by_role("link", name=f"#{tag.lower()}").click()
    await expect(page.get_by_role("heading", name=f"#{tag.lower()}")).to_be_visible()
    await page.get_by_role("list", name="Videos").get_by_role("link").click()
    await playing(page, "Over the hills")

    await page.get_by_role("button", name="0 comments").click()
    await page.get_by_label("Add a comment").fill(f"@{ann.username}, where is #{tag}?")
    await page.keyboard.press("Enter")
    said = page.get_by_role("listitem").filter(has_text="where is")
    await expect(said.get_by_role("link", name=f"#{tag}")).to_have_attribute("href", f"/hashtags/{tag.lower()}")
    await said.get_by_role("link", name=f"@{ann.username}", exact=True).click()
    await expect(page.get_by_role("heading", name=f"@{ann.username}")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.go_back()
    await page.get_by_role("link", name=f"@{ben.username}").click()
    await expect(page.get_by_role("heading", name=f"@{ben.username}")).to_be_visible()
