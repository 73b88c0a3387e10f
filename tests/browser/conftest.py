"""What a browser test may use: the running system, the browser, and people with phones."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from soak.system import running
from tests.browser.chromium import chromium
from tests.browser.person import SOON, Person
from tests.clips import unique

FOLDER = Path(__file__).parent
PHONE = ViewportSize(width=390, height=844)
DESKTOP = ViewportSize(width=1440, height=900)

TEST_SECONDS = 600
"""A browser and an encoder share this machine: each step has a limit of its own, the whole test a wide one."""

expect.set_options(timeout=SOON)

NewPerson = Callable[..., Awaitable[Person]]
NewClip = Callable[..., Awaitable[Path]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == FOLDER:
            item.add_marker(pytest.mark.timeout(TEST_SECONDS))


@pytest.fixture(scope="session")
async def reelwire_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of the whole system, started for these tests; REELWIRE_TEST_URL names one that runs already."""
    if given := os.environ.get("REELWIRE_TEST_URL"):
        yield given
        return
    async with running(tmp_path_factory.mktemp("system")) as system:
        yield system.url


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as found:
        yield found


@asynccontextmanager
async def people(browser: Browser, url: str) -> AsyncIterator[NewPerson]:
    """Makes people, each with a browser profile of their own; afterwards nothing may stand in their consoles.

    `expected` are pieces of messages that belong to what a test does, such as cutting the network.
    """
    made: list[Person] = []

    async def make(name: str = "ann", *, desktop: bool = False, scheme: str = "dark", expected: tuple[str, ...] = ()) -> Person:
        context = await browser.new_context(
            base_url=url,
            viewport=DESKTOP if desktop else PHONE,
            device_scale_factor=1 if desktop else 2,
            is_mobile=not desktop,
            has_touch=not desktop,
            color_scheme="light" if scheme == "light" else "dark",
        )
        made.append(await Person.at(context, name, expected))
        return made[-1]

    yield make
    for one in made:
        await one.context.close()
    complaints = [f"{one.username}: {line}" for one in made for line in one.complaints]
    assert not complaints, "\n".join(complaints)


@pytest.fixture
async def person(browser: Browser, reelwire_url: str) -> AsyncIterator[NewPerson]:
    async with people(browser, reelwire_url) as make:
        yield make


def renderer(folder: Path) -> NewClip:
    """Renders a vertical clip with sound into the folder, in bytes that nobody has posted, and gives its file."""

    async def render(seconds: float = 3, width: int = 180, height: int = 320, rate: int = 30, name: str = "clip.mp4") -> Path:
        file = folder / name
        file.write_bytes(await asyncio.to_thread(unique, seconds, width, height, rate=rate))
        return file

    return render


@pytest.fixture
async def new_clip(tmp_path: Path) -> NewClip:
    return renderer(tmp_path)
