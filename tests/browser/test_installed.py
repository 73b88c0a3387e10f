"""The application without a network, and when there is a new version of it; what it keeps in the browser."""

import re
from urllib.parse import urlsplit

from playwright.async_api import Page, Route, expect

from tests.browser.conftest import NewPerson

KEPT = """async () => {
  const names = (await caches.keys()).filter((name) => name.startsWith('reelwire-'));
  const kept = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)));
  return [names.length, kept.flat()];
}"""
CONTROLLED = "() => navigator.serviceWorker.controller?.state === 'activated'"
NEVER_KEPT = ("/api/", "/media/", "/sw.js")


async def kept(page: Page) -> tuple[int, list[str]]:
    """How many versions the browser has, and the paths of their files."""
    versions, urls = await page.evaluate(KEPT)
    return versions, [urlsplit(url).path for url in urls]


async def test_it_starts_without_a_network_and_offers_what_is_new(person: NewPerson) -> None:
    ann = await person("ann", expected=("ERR_INTERNET_DISCONNECTED", "Failed to load resource", "WebSocket connection"))
    page = ann.page
    await ann.sign_up()
    await page.wait_for_function(CONTROLLED)
    versions, paths = await kept(page)
    assert versions == 1
    assert "/index.html" in paths
    assert not [path for path in paths if path.startswith(NEVER_KEPT)]

    await ann.offline(True)
    await page.reload()
    await expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    await ann.offline(False)
    await ann.at_home()

    script = next(path for path in paths if path.startswith("/assets/index-") and path.endswith(".js"))

    async def newer(route: Route) -> None:
        """As if it were of another build, whose page runs another script."""
        answer = await route.fetch()
        text = (await answer.text()).replace(script, f"{script}?newer").replace('BUILD="', 'BUILD="newer-')
        await route.fulfill(response=answer, body=text)

    await page.context.route(re.compile(r"/(sw\.js|index\.html)$"), newer)
    await page.evaluate("navigator.serviceWorker.ready.then((found) => { void found.update(); })")
    offer = page.get_by_role("status").filter(has_text="There is a new version.")
    await expect(offer).to_be_visible()
    async with page.expect_navigation():
        await offer.get_by_role("button", name="Reload").click()
    await ann.at_home()
    await page.wait_for_function(CONTROLLED)
    assert (await kept(page))[0] == 1, "the old version is gone"
