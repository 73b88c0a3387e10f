"""Taking one's data along, and leaving for good."""

import json
from pathlib import Path

from playwright.async_api import expect

from tests.browser.conftest import NewPerson
from tests.browser.person import PASSWORD


async def test_one_downloads_ones_data_and_deletes_the_account(person: NewPerson, tmp_path: Path) -> None:
    ann = await person("ann", expected=("403", "401"))
    await ann.sign_up()
    await ann.page.goto("/settings")
    async with ann.page.expect_download() as downloading:
        await ann.page.get_by_role("button", name="Download my data").click()
    await (await downloading.value).save_as(tmp_path / "data.json")
    assert json.loads((tmp_path / "data.json").read_text())["account"]["username"] == ann.username

    await ann.page.get_by_role("button", name="Delete account").click()
    await expect(ann.page.get_by_role("dialog")).to_contain_text(ann.username)
    await ann.page.get_by_role("button", name="Cancel").click()
    await expect(ann.page.get_by_role("dialog")).to_have_count(0)
    await ann.page.get_by_role("button", name="Delete account").click()
    await ann.page.get_by_label("Password", exact=True).fill("not my password")
    await ann.page.get_by_role("button", name="Delete for good").click()
    await expect(ann.page.get_by_text("Wrong password")).to_be_visible()
    await ann.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await ann.page.get_by_role("button", name="Delete for good").click()
    await expect(ann.page.get_by_role("link", name="Create an account")).to_be_visible()

    await ann.page.goto("/log-in")
    await ann.page.get_by_label("Username or e-mail").fill(ann.username)
    await ann.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await ann.page.get_by_role("button", name="Log in").click()
    await expect(ann.page.get_by_role("alert")).to_contain_text("Wrong username or password")
