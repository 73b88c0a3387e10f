"""What is stored, by tier, kind and account; what nothing names; what it costs."""

import pytest

from server.archive import clearing
from server.archive import report as reporting
from server.archive.report import Sum, report
from server.kit.ids import new_id
from server.kit.request import SETTINGS, STORE
from server.transcoding import strays
from tests.archived import archive, old, urls_end
from tests.people import Client, Person


async def test_objects_are_summed_up_where_they_are(client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strays, "OLD_SECONDS", -60.0)
    monkeypatch.setattr(reporting, "MOST_ORPHANS", 1_000_000)  # other tests leave much
    await clearing.clear_due(client.app)  # what other tests have left
    before = await report(client.app)
    await old(client, ann)
    video_id = await old(client, ann)
    await archive(client, video_id)
    await urls_end(client, video_id)
    await clearing.clear_due(client.app)
    stray = f"videos/{new_id()}/1/540.mp4"
    await client.app[STORE].put(client.app[SETTINGS].s3_bucket, stray, b"x" * 77, content_type="video/mp4")
    after = await report(client.app)
    assert ann.id is not None
    mine = after.accounts[ann.id]
    assert (mine.objects, mine.bytes) == (2 * 6, 2 * (5 * 2000 + 6))
    assert {name: of.bytes for name, of in mine.tiers.items()} == {"warm": mine.bytes - 4000, "archive": 4000}
    assert {name: of.objects for name, of in mine.kinds.items()} == {"video": 6, "picture": 6}
    assert after.tiers["archive"].bytes - before.tiers["archive"].bytes == 4000
    assert after.tiers["warm"].bytes - before.tiers["warm"].bytes == mine.bytes - 4000 + 77
    assert after.kinds["video"].objects - before.kinds.get("video", Sum()).objects == 7
    assert stray in after.orphan_keys
    assert after.orphans.bytes - before.orphans.bytes == 77
    assert after.tiers["archive"].cost == pytest.approx(after.tiers["archive"].bytes / 1e9 * 0.004)
