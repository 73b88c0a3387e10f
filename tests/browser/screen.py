"""What is on the screen: the video that plays, whether its picture moves, what it is made of."""

from typing import TypedDict

from playwright.async_api import Page

CURRENT = "document.querySelector('.reel-item:not([inert]) video')"
PLAYING_MS = 30_000

MOVES = f"""async () => {{
  const video = {CURRENT};
  if (!video || video.paused || video.currentTime < 0.4) return false;
  const frame = () => new Promise((seen) => video.requestVideoFrameCallback((_, facts) => seen(facts.mediaTime)));
  return (await frame()) !== (await frame());
}}"""

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
    await page.wait_for_function(MOVES, timeout=timeout)
    sample: Sample = await page.evaluate(SAMPLE)
    return sample


async def players(page: Page) -> int:
    """How many video elements hold a source."""
    count: int = await page.evaluate("document.querySelectorAll('video[src]').length")
    return count
