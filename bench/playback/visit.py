"""One visit: a phone's worth of Chromium on a shaped line, its swipes, and an account of every byte of video that came."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, CDPSession, Page, StorageState, ViewportSize

from bench.playback.people import Viewer

BITS_A_SECOND: Final = 5_000_000
LATENCY_MS: Final = 40
PHONE: Final = ViewportSize(width=390, height=844)
PLAYS_MS: Final = 30_000
FLICK_SHARE, FLICK_SECONDS, FLICK_STEPS = 0.55, 0.12, 8
"""Of the screen's height, in how long, in how many moves."""
MEDIA: Final = "/media/"
STREAMED: Final = (".mp4", ".m3u8", ".m4s")
SEEN: Final = "() => window.playbackSeen"
MOVED: Final = "(count) => (window.playbackSeen?.videos.filter((one) => one.moved !== null).length ?? 0) >= count"
SWIPED: Final = "(count) => window.playbackSeen.videos.length >= count"


@dataclass(frozen=True, slots=True)
class Video:
    """What a page saw of one video; milliseconds since its navigation. `moved` is None where it was left before that.

    Attributes:
        stalled: milliseconds that its pictures stood still.
        watched: those between the first frame and its being left, without `stalled`.
        share: of the video that was shown.
    """

    id: str
    since: float
    moved: float | None
    stalled: float
    watched: float
    share: float


@dataclass(slots=True)
class Bytes:
    """Bytes of each video as they came: (milliseconds since the epoch, how many)."""

    of: dict[str, list[tuple[float, int]]] = field(default_factory=dict)
    scripts: int = 0

    @property
    def total(self) -> int:
        return sum(count for pieces in self.of.values() for _, count in pieces)


@asynccontextmanager
async def visitor(browser: Browser, url: str, state: StorageState | None = None) -> AsyncIterator[BrowserContext]:
    """A browser profile of its own, with nothing in its cache; `state` are the cookies of who has logged in."""
    context = await browser.new_context(
        base_url=url, viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True, storage_state=state
    )
    await context.add_init_script(files("bench.playback").joinpath("watching.js").read_text())
    try:
        yield context
    finally:
        await context.close()


async def logged_in(browser: Browser, url: str, viewer: Viewer) -> StorageState:
    """What a browser keeps of a log-in."""
    async with visitor(browser, url) as context:
        page = await context.new_page()
        await page.goto("/log-in")
        await page.get_by_label("Username or e-mail").fill(viewer.username)
        await page.get_by_label("Password", exact=True).fill(viewer.password)
        await page.get_by_role("button", name="Log in").click()
        await page.locator(".reel-item").first.wait_for(timeout=PLAYS_MS)
        return await context.storage_state()


class Visit:
    """A page on a shaped line. Chromium itself shapes it, behind its cache: bytes of a second, and a delay before each answer."""

    def __init__(self, page: Page, line: CDPSession) -> None:
        self.page, self._line, self.bytes = page, line, Bytes()
        self._urls: dict[str, str] = {}
        line.on("Network.requestWillBeSent", self._sent)
        line.on("Network.dataReceived", self._came)

    @classmethod
    async def begin(cls, context: BrowserContext) -> "Visit":
        page = await context.new_page()
        line = await context.new_cdp_session(page)
        await line.send("Network.enable")
        rate = BITS_A_SECOND / 8
        shape = {"offline": False, "latency": LATENCY_MS, "downloadThroughput": rate, "uploadThroughput": rate}
        await line.send("Network.emulateNetworkConditions", shape)
        return cls(page, line)

    async def first(self, path: str) -> float:
        """Milliseconds from the navigation until pictures move."""
        await self.page.goto(path, wait_until="commit")
        await self.page.wait_for_function(MOVED, arg=1, timeout=PLAYS_MS, polling=20)
        seen = await self.page.evaluate(SEEN)
        return float(seen["first"])

    async def swipe(self, number: int) -> None:
        """A finger's flick to the next video, which is the `number`th."""
        x, y = PHONE["width"] / 2, PHONE["height"] * 0.7
        await self._touch("touchStart", x, y)
        for step in range(1, FLICK_STEPS + 1):
            await asyncio.sleep(FLICK_SECONDS / FLICK_STEPS)
            await self._touch("touchMove", x, y - PHONE["height"] * FLICK_SHARE * step / FLICK_STEPS)
        await self._touch("touchEnd")
        await self.page.wait_for_function(SWIPED, arg=number, timeout=PLAYS_MS, polling=50)

    async def _touch(self, kind: str, *place: float) -> None:
        points = [{"x": place[0], "y": place[1]}] if place else []
        await self._line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    async def watch(self, seconds: Sequence[float]) -> None:
        """Look at each for so long, and go on to the next."""
        for number, one in enumerate(seconds, 1):
            await asyncio.sleep(one)
            if number < len(seconds):
                await self.swipe(number + 1)

    async def seen(self) -> list[Video]:
        """What the page saw so far, up to now."""
        now, found = await self.page.evaluate("() => [performance.now(), window.playbackSeen.videos]")
        return [_video(one, now) for one in found]

    async def began(self) -> float:
        """When the page's clock began, in milliseconds since the epoch."""
        return float(await self.page.evaluate("performance.timeOrigin"))

    def _sent(self, event: Any) -> None:
        self._urls[event["requestId"]] = event["request"]["url"]
        self._offset = event["wallTime"] * 1000 - event["timestamp"] * 1000

    def _came(self, event: Any) -> None:
        url, count = self._urls.get(event["requestId"], ""), event["encodedDataLength"]
        path = url.partition("?")[0]
        if MEDIA in path and path.endswith(STREAMED):
            video_id = path.partition(MEDIA)[2].partition("/")[0]
            self.bytes.of.setdefault(video_id, []).append((event["timestamp"] * 1000 + self._offset, count))
        elif path.endswith(".js"):
            self.bytes.scripts += count


def _video(told: dict[str, Any], now: float) -> Video:
    left = told["left"] or now
    stalled = sum((end or left) - begin for begin, end in told["stalls"])
    watched = left - told["moved"] - stalled if told["moved"] is not None else 0.0
    share = min(1.0, told["reached"] / told["duration"]) if told["duration"] else 0.0
    return Video(told["id"], told["since"], told["moved"], stalled, watched, share)
