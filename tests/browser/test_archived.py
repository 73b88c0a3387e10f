"""A video that nobody watches any more: it plays still, its author is told where it is, and has it back."""

import asyncio
import os
import sys
from pathlib import Path

from playwright.async_api import Browser, expect

from soak.system import running
from stack.servers import ROOT
from tests.browser.conftest import NewClip, people
from tests.browser.person import PLAYS
from tests.browser.screen import playing

SMALLEST = 234
"""Pixels across, of the file that stays."""


async def sweep(folder: Path) -> None:
    """What `schedule` does at night, by hand."""
    env = os.environ | {"REELWIRE_DATA_DIR": str(folder), "REELWIRE_ARCHIVE_AGE_DAYS": "0"}
    sweeping = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "archive", "sweep", cwd=ROOT, env=env, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await sweeping.communicate()
    assert said.startswith(b"1 videos"), said


async def test_an_archived_video_plays_at_once_and_its_author_has_it_back(
    browser: Browser, new_clip: NewClip, tmp_path: Path
) -> None:
    async with running(tmp_path / "system") as system, people(browser, system.url) as person:
        ann, ben = await person("ann"), await person("ben")
        await ann.sign_up()
        await ann.posted(await new_clip(width=540, height=960), "long ago", finished=True)
        page = ann.page
        await page.get_by_role("link", name="Stats").click()
        await page.get_by_role("list", name="All videos").get_by_role("link").click()
        await expect(page.get_by_text("Ready to play")).to_be_visible()
        await sweep(system.folder)
        await page.reload()
        await expect(page.get_by_text("In the archive")).to_be_visible()

        await ben.page.goto("/latest")
        shown = await playing(ben.page, "long ago")
        assert (shown["source"], shown["height"]) == ("mp4", SMALLEST * 16 // 9)

        await page.get_by_role("button", name="Restore").click()
        await expect(page.get_by_text("Ready to play")).to_be_visible(timeout=PLAYS)
        await expect(page.get_by_role("region", name="Storage")).to_be_focused()
        await page.get_by_role("link", name="Watch").click()
        assert (await playing(page))["height"] > SMALLEST * 16 // 9
