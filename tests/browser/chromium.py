"""The browser on this machine: where it is, how it is started."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chromium-headless-shell")
MISSING = "no Chromium found; type: apt-get install chromium (or set CHROMIUM_BIN to one)"
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
)
"""No calls home."""
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
"""A camera that draws a turning pie, a microphone that beeps, and nobody is asked whether they may be used."""


def executable() -> str:
    """The path of the browser, from CHROMIUM_BIN or PATH.

    Raises:
        LookupError: there is none; the message says what to type.
    """
    named = os.environ.get("CHROMIUM_BIN")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    if not found or not os.access(found, os.X_OK):
        raise LookupError(MISSING)
    return found


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A running headless browser. As root it needs to give up its sandbox."""
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=[*QUIET, *CAMERA, *root])
        try:
            yield browser
        finally:
            await browser.close()
