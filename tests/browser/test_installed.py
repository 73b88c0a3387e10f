"""The application without a network, when there is a new version of it, and when its worker is taken away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import NewPerson
from tests.browser.person import SOON

KEPT = """async () => {
  const names = (await caches.keys()).filter((name) => name.startsWith('reelwire-'));
  const kept = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)));
  return [names, kept.flat()];
}"""
CONTROLLED = "() => navigator.serviceWorker.controller?.state === 'activated'"
ASK = "navigator.serviceWorker.ready.then((found) => { void found.update(); })"
GONE = "async () => !(await navigator.serviceWorker.getRegistration()) && (await caches.keys()).length === 0"
NEVER_KEPT = ("/api/", "/media/", "/sw.js")
OF_A_BUILD = ("/sw.js", "/", "/index.html")


async def kept(page: Page) -> tuple[list[str], list[str]]:
    """Which versions the browser has, and the paths of their files."""
    versions, urls = await page.evaluate(KEPT)
    return versions, [urlsplit(url).path for url in urls]


class Edge:
    """The edge of a system, that can be of another build, or have no worker any more."""

    def __init__(self, behind: str, http: ClientSession) -> None:
        self.newer = self.without_worker = False
        self._behind, self._http = behind, http

    async def answer(self, request: web.Request) -> web.Response:
        """What the system answers; of the other build with a page that runs another script."""
        if self.without_worker and request.path == "/sw.js":
            raise web.HTTPNotFound
        headers = {"Accept": request.headers.get("Accept", "*/*")}
        async with self._http.get(self._behind + request.path_qs, headers=headers) as found:
            body = await found.read()
            if self.newer and request.path in OF_A_BUILD:
                body = body.replace(b'BUILD="', b'BUILD="newer-').replace(b"/assets/index-", b"/assets/./index-")
            kinds = {"Content-Type": found.headers["Content-Type"], "Cache-Control": found.headers.get("Cache-Control", "")}
            return web.Response(status=found.status, body=body, headers=kinds)


@asynccontextmanager
async def retouched(behind: str) -> AsyncIterator[tuple[Edge, str]]:
    """Such an edge, and its address."""
    async with ClientSession() as http:
        edge, app = Edge(behind, http), web.Application()
        app.router.add_get("/{path:.*}", edge.answer)
        async with TestServer(app) as server:
            yield edge, str(server.make_url("/latest"))


async def test_it_starts_without_a_network_and_keeps_nothing_of_anybodys(person: NewPerson) -> None:
    ann = await person("ann", expected=("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED"))
    page = ann.page
    await ann.sign_up()
    await page.wait_for_function(CONTROLLED)
    versions, paths = await kept(page)
    assert len(versions) == 1
    assert "/index.html" in paths
    assert not [path for path in paths if path.startswith(NEVER_KEPT)]
    await ann.offline(True)
    await page.reload()
    await expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    await ann.offline(False)
    await ann.at_home()


async def test_a_new_version_is_offered_and_the_one_before_stays_beside_it(browser: Browser, reelwire_url: str) -> None:
    async with retouched(reelwire_url) as (edge, url), await browser.new_context() as context:
        # Where the network is busy, and the page, the worker comes after twenty seconds.
        context.set_default_timeout(SOON)
        page = await context.new_page()
        await page.goto(url)
        await page.wait_for_function(CONTROLLED)
        edge.newer = True
        await page.evaluate(ASK)
        offer = page.get_by_role("status").filter(has_text="A new version is available.")
        async with page.expect_navigation():
            await offer.get_by_role("button", name="Reload").click()
        await page.wait_for_function(CONTROLLED)
        versions, _ = await kept(page)
        assert [version.startswith("reelwire-newer-") for version in versions] == [False, True]
        edge.without_worker = True
        await page.reload()
        await page.wait_for_function(GONE)
