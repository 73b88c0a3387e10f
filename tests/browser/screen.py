"""What is on the screen: the video that plays, whether its picture moves, what it is made of."""

import asyncio
from typing import TypedDict

from playwright.async_api import Page
from playwright.async_api import TimeoutError as NeverShown

CURRENT = "document.querySelector('.reel-item:not([inert]) video')"
PLAYING_MS = 90_000
FRAMES_SECONDS = 60.0

STARTED = f"() => {{ const video = {CURRENT}; return Boolean(video && !video.paused && video.currentTime > 0.2); }}"

FACTS = f"""() => {{
  const video = {CURRENT};
  const {{ src, paused, muted, currentTime, readyState, networkState, error, dataset }} = video ?? {{ dataset: {{}} }};
  const seen = {{ src, source: dataset.source, paused, muted, currentTime, readyState, networkState, error: error?.message }};
  const text = document.body.innerText.slice(0, 400);
  return JSON.stringify({{ at: location.pathname, visible: document.visibilityState, video: video && seen, text }});
}}"""

NEXT_FRAMES = f"""async () => {{
  const frame = () => new Promise((seen) => {{
    {CURRENT}?.requestVideoFrameCallback((_, facts) => seen(facts.mediaTime));
    setTimeout(seen, 5000, null);
  }});
  return [await frame(), await frame()];
}}"""
"""Null where none came; another element may have taken over."""

SAMPLE = f"""() => {{
  const video = {CURRENT};
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [32, 32];
  const paint = canvas.getContext('2d');
  paint.drawImage(video, 0, 0, 32, 32);
  const points = paint.getImageData(0, 0, 32, 32).data;
  const colours = new Set();
  for (let i = 0; i < points.length; i += 4) colours.add(points[i] << 16 | points[i + 1] << 8 | points[i + 2]);
  const quality = video.getVideoPlaybackQuality();
  return {{
    colours: colours.size, frames: quality.totalVideoFrames, height: video.videoHeight,
    source: video.dataset.source, muted: video.muted, at: video.currentTime,
  }};
}}"""


class Sample(TypedDict):
    """What the current video shows."""

    colours: int
    frames: int
    height: int
    source: str
    muted: bool
    at: float


async def playing(page: Page, title: str = "", timeout: float = PLAYING_MS) -> Sample:
    """Wait until the current video (with this title) is on the screen and its pictures move; what it shows."""
    if title:
        await page.locator(".reel-item:not([inert]) .caption", has_text=title).wait_for(timeout=timeout)
    try:
        await page.wait_for_function(STARTED, timeout=timeout)
    except NeverShown as error:
        raise AssertionError(f"no video has started: {await page.evaluate(FACTS)}") from error
    async with asyncio.timeout(FRAMES_SECONDS):
        while None in (frames := await page.evaluate(NEXT_FRAMES)):
            pass
    one, other = frames
    assert one != other, "its pictures do not move"
    sample: Sample = await page.evaluate(SAMPLE)
    return sample


async def players(page: Page) -> int:
    """How many video elements hold a source."""
    count: int = await page.evaluate("document.querySelectorAll('video[src]').length")
    return count
