"""Who is logged in, over reloads and in several tabs."""

from playwright.async_api import Page, expect

from tests.browser.conftest import NewPerson
from tests.browser.person import PASSWORD, Person


async def test_a_log_in_survives_a_reload_and_is_kept_out_of_reach_of_scripts(person: NewPerson) -> None:
    ann = await person("ann")
    await ann.sign_up()
    await ann.page.reload()
    await ann.at_home()
    cookies = {cookie["name"]: cookie for cookie in await ann.context.cookies(ann.page.url + "api/v1/sessions")}
    assert cookies["reelwire_refresh"]["httpOnly"]
    kept: str = await ann.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage}) + document.cookie")
    assert "eyJ" not in kept, "no token is kept where a script could read it"


async def test_two_tabs_that_load_at_once_both_stay_logged_in(person: NewPerson) -> None:
    ann = await person("ann")
    await ann.sign_up()
    tabs = [Person(ann.context, await ann.context.new_page(), "tab", ()) for _ in range(3)]
    for tab in tabs:
        # Not awaited to the end one by one: their refreshes meet.
        await tab.page.goto("/", wait_until="commit")
    for tab in tabs:
        await tab.at_home()
        assert not tab.complaints


async def test_logging_out_ends_every_tab(person: NewPerson) -> None:
    ann = await person("ann")
    await ann.sign_up()
    other = await ann.context.new_page()
    await other.goto("/settings")
    await other.get_by_role("button", name="Log out").click()
    await expect(other.get_by_role("link", name="Create an account")).to_be_visible()
    await expect(ann.page.get_by_text("You logged out.")).to_be_visible()


async def test_another_session_is_ended_from_the_settings_and_choices_outlive_a_reload(person: NewPerson) -> None:
    here, there = await person("ann", expected=("403",)), await person("ann", desktop=True, expected=("401",))
    await here.sign_up()
    there.username = here.username
    await there.log_in()
    page = here.page
    await page.goto("/settings")
    await page.get_by_role("link", name="Sessions").click()
    sessions = page.get_by_role("list", name="Sessions").get_by_role("listitem")
    await expect(sessions).to_have_count(2)
    await expect(sessions.filter(has_text="This device")).to_have_count(1)
    await page.get_by_role("button", name="Log out Chrome").click()
    await expect(sessions).to_have_count(1)
    await expect(page.get_by_role("list", name="Sessions")).to_be_focused()
    await expect(there.page.get_by_text("Your session has ended")).to_be_visible()

    await there.log_in()
    await page.get_by_role("button", name="Back").click()
    save = page.get_by_role("button", name="Save")
    await expect(save).to_be_disabled()
    await page.get_by_label("Name", exact=True).fill("Ann")
    await save.click()
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    await expect(save).to_be_disabled()
    await expect(save).to_be_focused()

    await _change_log_in(page, f"new_{here.username}@example.org", "battery staple horse")
    await expect(there.page.get_by_text("Your session has ended")).to_be_visible()
    await there.log_in("battery staple horse")
    await page.get_by_label("Reduced").check()
    await page.get_by_role("switch", name="Save data").check()
    async with page.expect_response("**/me/suggestions"):
        await page.get_by_role("switch", name="Learn from what I watch").uncheck()
    await page.get_by_role("button", name="Reset suggestions").click()
    sheet = page.get_by_role("dialog", name="Reset suggestions?")
    await expect(sheet).to_contain_text("What you’ve seen stays seen")
    await sheet.get_by_role("button", name="Reset suggestions").click()
    await expect(page.get_by_text("Suggestions reset")).to_be_visible()
    await expect(sheet).to_have_count(0)
    await page.get_by_label("Deutsch").check()
    await expect(page.get_by_role("heading", name="Einstellungen")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("Weniger")).to_be_checked()
    await expect(page.get_by_role("switch", name="Daten sparen")).to_be_checked()
    await expect(page.get_by_role("switch", name="Aus meinem Verlauf lernen")).not_to_be_checked()
    assert await page.evaluate("[document.documentElement.lang, document.documentElement.dataset.motion]") == ["de", "reduced"]


async def _change_log_in(page: Page, email: str, password: str) -> None:
    """In the settings, with a slip first."""
    await page.get_by_role("button", name="Password and e-mail").click()
    sheet = page.get_by_role("dialog", name="Password and e-mail")
    save, current = sheet.get_by_role("button", name="Save"), sheet.get_by_label("Current password", exact=True)
    await expect(save).to_be_disabled()
    await sheet.get_by_label("E-mail", exact=True).fill(email)
    await sheet.get_by_label("New password", exact=True).fill(password)
    await current.fill("wrong wrong wrong")
    await save.click()
    await expect(sheet.get_by_text("Wrong password")).to_be_visible()
    await expect(current).to_be_focused()
    await current.fill(PASSWORD)
    await save.click()
    await expect(page.get_by_text("Saved. Other devices were logged out.")).to_be_visible()
    await expect(sheet).to_have_count(0)
    await expect(page.locator("header").get_by_text(email)).to_be_visible()


async def test_a_wrong_password_is_explained_and_nothing_is_lost(person: NewPerson) -> None:
    ann = await person("ann", expected=("401",))
    await ann.page.goto("/log-in")
    await ann.page.get_by_label("Username or e-mail").fill("nobody_at_all")
    await ann.page.get_by_label("Password", exact=True).fill("wrong wrong wrong")
    await ann.page.get_by_role("button", name="Log in").click()
    await expect(ann.page.get_by_role("alert")).to_contain_text("Wrong username or password")
    await expect(ann.page.get_by_role("button", name="Log in")).to_be_focused()
    await expect(ann.page.get_by_label("Username or e-mail")).to_have_value("nobody_at_all")


async def test_a_taken_name_is_told_at_its_field(person: NewPerson) -> None:
    ann, twin = await person("ann"), await person("ann", expected=("409",))
    await ann.sign_up()
    twin.username = ann.username
    await twin.page.goto("/sign-up")
    await twin.page.get_by_label("Username").fill(ann.username.upper())
    await twin.page.get_by_label("E-mail").fill("twin@example.org")
    await twin.page.get_by_label("Password", exact=True).fill("correct horse battery")
    await twin.page.get_by_role("button", name="Create account").click()
    await expect(twin.page.get_by_text("This username is taken")).to_be_visible()
    await expect(twin.page.get_by_label("Username")).to_be_focused()
