"""Somebody with a browser, who does through the screen what people do."""

import secrets
from pathlib import Path

from playwright.async_api import BrowserContext, ConsoleMessage, Locator, Page, expect

PASSWORD = "correct horse battery"
SOON = 60_000
"""Milliseconds until something that needs no encoder is on the screen."""
NO_WORKER = """async () => {
  for (const found of await navigator.serviceWorker.getRegistrations()) await found.unregister();
}"""
PLAYS = 90_000
"""Milliseconds until an uploaded clip can be played, encoders of other tests at work beside it."""
BUSY, MOST_BUSY = "status of 503", 3
"""What the console says where all cores were busy for a moment, and how often at the most: the broker was not asked for long. The
client asks again."""


class Person:
    """One browser profile with one page.

    Attributes:
        complaints: errors and policy violations in the console, and uncaught ones.
    """

    def __init__(self, context: BrowserContext, page: Page, name: str, expected: tuple[str, ...]) -> None:
        self.context, self.page = context, page
        self.username = f"{name}_{secrets.token_hex(4)}"
        self.complaints: list[str] = []
        self._expected, self._busy = expected, 0
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))

    @classmethod
    async def at(cls, context: BrowserContext, name: str, expected: tuple[str, ...]) -> "Person":
        context.set_default_timeout(SOON)
        return cls(context, await context.new_page(), name, expected)

    async def sign_up(self) -> None:
        await self.page.goto("/sign-up")
        await self.page.get_by_label("Username").fill(self.username)
        await self.page.get_by_label("E-mail").fill(f"{self.username}@example.org")
        await self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        await self.page.get_by_role("button", name="Create account").click()
        await self.at_home()

    async def log_in(self, password: str = PASSWORD) -> None:
        await self.page.goto("/log-in")
        await self.page.get_by_label("Username or e-mail").fill(self.username)
        await self.page.get_by_label("Password", exact=True).fill(password)
        await self.page.get_by_role("button", name="Log in").click()
        await self.at_home()

    async def at_home(self) -> None:
        await expect(self.page.get_by_role("link", name="Following").first).to_have_attribute("aria-current", "page")

    async def go_home(self) -> None:
        await self.page.get_by_role("navigation", name="Main").get_by_role("link", name="Following").click()
        await self.at_home()

    async def follow(self, other: "Person") -> None:
        """Finds them by name, as one does."""
        await self.page.get_by_role("link", name="Search").first.click()
        await self.page.get_by_role("searchbox", name="People and hashtags").fill(other.username)
        # The screen says so at once, and the feed of another page only after the answer.
        async with self.page.expect_response("**/me/following/*"):
            await self.page.get_by_role("button", name=f"Follow {other.username}").click()
        await expect(self.page.get_by_role("button", name=f"Following {other.username}")).to_be_visible()

    async def pick(self, clip: Path, title: str, visibility: str = "Everyone") -> None:
        """Up to the button that posts."""
        await self.page.get_by_role("link", name="Post a video").first.click()
        await self.page.locator("input[type=file]:enabled").set_input_files(clip)
        await self.page.get_by_label("Title").fill(title)
        await self.page.get_by_label(visibility, exact=True).check()

    async def post(self, clip: Path, title: str, visibility: str = "Everyone") -> None:
        """Posts, and is then on one's own profile with the card of the upload."""
        await self.pick(clip, title, visibility)
        await self.page.get_by_role("button", name="Post", exact=True).click()
        await expect(self.card(title)).to_be_visible()

    def card(self, title: str) -> Locator:
        """The card of an upload."""
        return self.page.get_by_role("list", name="Being posted").get_by_role("listitem").filter(has_text=title)

    async def posted(self, clip: Path, title: str, *, finished: bool = False, limit: float = PLAYS) -> None:
        """Posts, and waits until it plays (`finished`: in every resolution)."""
        await self.post(clip, title)
        words = "Done. Your video is live." if finished else "It plays"
        await expect(self.card(title)).to_contain_text(words, timeout=limit)

    async def without_worker(self) -> None:
        """What is loaded from now on comes over the network, where a test can hold it."""
        await self.page.evaluate(NO_WORKER)

    async def offline(self, off: bool) -> None:
        await self.context.set_offline(off)

    def _console(self, message: ConsoleMessage) -> None:
        text = f"{message.text} ({message.location.get('url', '')})"
        if BUSY in text:
            self._busy += 1
        if BUSY in text and self._busy <= MOST_BUSY:
            return
        if message.type == "error" and not any(piece in text for piece in self._expected):
            self.complaints.append(text)
