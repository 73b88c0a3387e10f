"""What is missing, damaged, or named by nothing is found, at hand and in the archive; nothing else is."""

from uuid import UUID

import pytest

from server.accounts.wire import AVATAR_EDGES
from server.archive import clearing, verify
from server.archive.verify import Finding, Verified, Wrong
from server.kit.ids import new_id
from server.kit.request import COLD, POOL, SETTINGS, STORE
from server.transcoding import strays
from storage.cold import cold_key
from storage.postgres import connection
from tests.archived import archive, old, urls_end
from tests.people import Client, Person


async def _found(client: Client, *videos: UUID, read: bool = True) -> set[Finding]:
    """Of these videos alone: other tests have made many."""
    found = [await verify.verify(client.app, read=read, about=video_id) for video_id in videos]
    return {one for of_video in found for one in of_video.findings if not one.key.startswith("uploads/")}  # nobody sent any


async def test_what_is_wrong_is_found(client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strays, "OLD_SECONDS", -60.0)
    monkeypatch.setattr(verify, "MOST_FINDINGS", 1_000_000)  # other tests leave much
    store, bucket, cold = client.app[STORE], client.app[SETTINGS].s3_bucket, client.app[COLD]
    warm, copied, archived = [await old(client, ann) for _ in range(3)]
    await archive(client, copied)
    await archive(client, archived)
    await urls_end(client, archived)
    await clearing.clear_due(client.app)
    stray, wanted = new_id(), set[Finding]()
    assert await _found(client, warm, copied, archived) == wanted

    async def breaks(wrong: Wrong, tier: str, key: str) -> None:
        place = (store, bucket) if tier == "warm" else (cold.store, cold.bucket)
        if wrong == "missing":
            await place[0].delete(place[1], [key])
        else:
            await place[0].put(place[1], key, b"x" * 2000, content_type="video/mp4")
        wanted.add(Finding(wrong, tier, key))

    await breaks("missing", "warm", f"videos/{warm}/1/poster.jpg")
    await breaks("damaged", "warm", f"videos/{warm}/1/720.mp4")
    await breaks("missing", "warm", f"videos/{copied}/1/540.mp4")
    await breaks("missing", "archive", cold_key("media", f"videos/{archived}/1/540.mp4"))
    await breaks("damaged", "archive", cold_key("media", f"videos/{archived}/1/720.mp4"))
    assert await _found(client, warm, copied, archived) == wanted
    wanted.clear()
    await breaks("orphan", "warm", f"videos/{stray}/1/720.mp4")
    await breaks("orphan", "archive", cold_key("media", f"videos/{stray}/1/720.mp4"))
    found = Verified(findings=[])
    await verify.look_for_orphans(client.app, found)
    assert {one for one in found.findings if str(stray) in one.key} == wanted
    quick = await _found(client, warm, read=False)
    assert {one.wrong for one in quick} == {"missing"}
    async with connection(client.app[POOL]) as conn:
        await conn.execute("UPDATE account SET avatar = 'lost-1' WHERE id = $1", ann.id)
    edges = {Finding("missing", "warm", f"avatars/{ann.id}/lost-1-{edge}.jpg") for edge in AVATAR_EDGES}
    await verify.look_at_avatars(client.app, found, read=False)
    assert {one for one in found.findings if str(ann.id) in one.key} == edges
    async with connection(client.app[POOL]) as conn:
        await conn.execute("DELETE FROM video WHERE id = ANY($1)", [warm, copied, archived])
