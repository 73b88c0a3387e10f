"""The network between a browser and reelwire, made worse."""

from playwright.async_api import CDPSession, Page

from tests.browser.person import Person

UNLIMITED = -1.0


class Network:
    """The line of one page, by Chromium's own emulation."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session

    @classmethod
    async def of(cls, page: Page) -> "Network":
        session = await page.context.new_cdp_session(page)
        await session.send("Network.enable")
        return cls(session)

    async def slow(self, down: float = UNLIMITED, up: float = UNLIMITED, latency_ms: float = 0) -> None:
        """Limit it to so many bits a second."""
        rates = {"downloadThroughput": _bytes(down), "uploadThroughput": _bytes(up)}
        await self._session.send("Network.emulateNetworkConditions", {"offline": False, "latency": latency_ms, **rates})

    async def cut(self) -> None:
        """No network at all, and the browser says so."""
        await self._session.send(
            "Network.emulateNetworkConditions",
            {"offline": True, "latency": 0, "downloadThroughput": UNLIMITED, "uploadThroughput": UNLIMITED},
        )

    async def free(self) -> None:
        await self.slow()


def _bytes(bits: float) -> float:
    return bits / 8 if bits > 0 else UNLIMITED


async def network(person: Person) -> Network:
    return await Network.of(person.page)
