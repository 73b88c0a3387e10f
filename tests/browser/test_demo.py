"""What a newcomer does first: fill the system, open the page, watch. With PICTURES=docs/images it makes the README's pictures."""

import asyncio
import os
import sys
from pathlib import Path

from playwright.async_api import Page, expect

from server.demo.cast import CLIPS, MEMBERS, PASSWORD, VIEWER
from tests.browser.conftest import NewPerson
from tests.browser.screen import playing
from tests.browser.system import ROOT

CLIPS_HERE = 2
DEMO_SECONDS = 200.0


async def test_a_newcomer_fills_the_system_and_watches(person: NewPerson, reelwire_url: str, tmp_path: Path) -> None:
    said = await _demo(reelwire_url)
    assert f"log in as  {VIEWER.username}  with the password  {PASSWORD}" in said
    newest = CLIPS[CLIPS_HERE - 1]
    author = next(member for member in MEMBERS if member.username == newest.author)
    folder = Path(os.environ.get("PICTURES") or tmp_path)
    for name, desktop in {"phone": False, "desktop": True}.items():
        page = (await person(name, desktop=desktop)).page
        await _log_in(page)
        sample = await playing(page)
        assert sample["colours"] > 50
        await page.screenshot(path=folder / f"{name}.jpg", type="jpeg", quality=82, scale="css")
        await page.goto(f"/@{author.username}")
        await expect(page.get_by_text(author.bio)).to_be_visible()


async def _demo(url: str) -> str:
    """`reelwire demo` on the running system; what it said."""
    environment = {**os.environ, "REELWIRE_PUBLIC_URL": url, "REELWIRE_ENVIRONMENT": "development"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "demo", f"--clips={CLIPS_HERE}", cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(DEMO_SECONDS):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def _log_in(page: Page) -> None:
    await page.goto("/log-in")
    await page.get_by_label("Username or e-mail").fill(VIEWER.username)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
