"""HLS as the upgrade of the first MP4, and how it follows the network."""

from tests.browser.conftest import NewClip, NewPerson
from tests.browser.network import network
from tests.browser.person import PLAYS
from tests.browser.screen import CURRENT, playing

FINEST = 1280
SWITCH_MS = 90_000
ENCODED_MS = 300_000
SKIP = f"""() => {{
  const video = {CURRENT};
  video.currentTime = video.buffered.end(video.buffered.length - 1) - 1;
}}"""
"""Almost to the end of what is loaded, which nobody needs to see; what follows, or the clip's beginning, is loaded anew."""


async def test_hls_takes_over_and_changes_its_level_with_the_network(person: NewPerson, new_clip: NewClip) -> None:
    ann, ben = await person("ann"), await person("ben")
    await ben.sign_up()
    await ben.posted(await new_clip(seconds=24, width=720, height=FINEST, rate=12), "A long one", finished=True, limit=ENCODED_MS)
    await ann.sign_up()
    await ann.follow(ben)
    await ann.go_home()

    line = await network(ann)
    first = await playing(ann.page, "A long one")
    await ann.page.wait_for_function(f"() => {CURRENT}.dataset.source === 'hls'", timeout=PLAYS)
    await ann.page.wait_for_function(f"() => {CURRENT}.videoHeight === {FINEST}", timeout=SWITCH_MS)
    await line.slow(down=500_000, latency_ms=40)
    await ann.page.evaluate(SKIP)
    assert first["height"] < FINEST or first["source"] == "hls"

    await ann.page.wait_for_function(f"() => {CURRENT}.videoHeight < {FINEST}", timeout=SWITCH_MS)
    coarser = await playing(ann.page)
    assert coarser["height"] < FINEST
    assert coarser["colours"] > 10
