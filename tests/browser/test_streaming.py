"""HLS as the upgrade of the first MP4, and how it follows the network."""

from tests.browser.conftest import NewClip, NewPerson
from tests.browser.network import network
from tests.browser.person import PLAYS
from tests.browser.screen import CURRENT, playing

SWITCH_MS = 60_000
ENCODED_MS = 180_000


async def test_hls_takes_over_and_changes_its_level_with_the_network(person: NewPerson, new_clip: NewClip) -> None:
    ann, ben = await person("ann"), await person("ben")
    await ben.sign_up()
    await ben.posted(await new_clip(seconds=20, width=720, height=1280), "A long one", finished=True, limit=ENCODED_MS)
    await ann.sign_up()
    await ann.follow(ben)
    await ann.go_home()

    first = await playing(ann.page, "A long one")
    await ann.page.wait_for_function(f"() => {CURRENT}.dataset.source === 'hls'", timeout=PLAYS)
    await ann.page.wait_for_function(f"() => {CURRENT}.videoHeight === 1280", timeout=SWITCH_MS)
    finest = await playing(ann.page)
    assert finest["height"] > first["height"] or first["source"] == "hls"
    assert finest["colours"] > 10

    line = await network(ann)
    await line.slow(down=500_000, latency_ms=40)
    await ann.page.wait_for_function(f"() => {CURRENT}.videoHeight < 1280", timeout=SWITCH_MS)
    coarser = await playing(ann.page)
    assert coarser["height"] < finest["height"]
