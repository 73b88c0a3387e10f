"""What is in the archive goes where it was at hand: not before URLs have ended, and not what the archive has lost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from server.archive import clearing
from server.kit.request import COLD, SETTINGS
from storage.cold import cold_key
from tests.archived import COLD_FILES, archive, bring_back, in_archive, old, tier_of, urls_end
from tests.people import Client, Person
from tests.sharers import FILES, plays, remove, stored


async def test_files_go_after_the_life_of_a_url_and_what_is_shown_stays(client: Client, ann: Person, ben: Person) -> None:
    video_id = await old(client, ann)
    before = (await ben.get(f"/videos/{video_id}")).body
    await archive(client, video_id)
    row = await tier_of(client, video_id)
    assert row is not None
    assert row.clear_at is not None
    assert row.clear_at - datetime.now(UTC) > timedelta(seconds=client.app[SETTINGS].media_url_seconds)
    await clearing.clear_due(client.app)
    await plays(before, ben)
    await urls_end(client, video_id)
    await clearing.clear_due(client.app)
    assert {path.partition("/")[2] for path in await stored(client, video_id)} == set(FILES) - COLD_FILES
    await plays((await ben.get(f"/videos/{video_id}")).body, ben)
    assert await in_archive(client, video_id) == COLD_FILES
    row = await tier_of(client, video_id)
    assert row is not None
    assert row.cleared


async def test_what_the_archive_has_lost_stays_at_hand_and_comes_back(
    client: Client, ann: Person, ben: Person, tmp_path: Path
) -> None:
    video_id = await old(client, ann)
    await archive(client, video_id)
    cold = client.app[COLD]
    await cold.store.delete(cold.bucket, [cold_key("media", f"videos/{video_id}/1/720.mp4")])
    await urls_end(client, video_id)
    await clearing.clear_due(client.app)
    assert {path.partition("/")[2] for path in await stored(client, video_id)} == set(FILES)
    await bring_back(client, video_id, tmp_path)
    video = (await ben.get(f"/videos/{video_id}")).body
    assert video["archived"] is False
    await plays(video, ben)


async def test_nothing_of_a_deleted_video_stays_in_the_archive(client: Client, ann: Person) -> None:
    video_id = await old(client, ann)
    await archive(client, video_id)
    await urls_end(client, video_id)
    await clearing.clear_due(client.app)
    assert (await ann.delete(f"/videos/{video_id}")).status == 204
    await remove(client)
    assert await in_archive(client, video_id) == set()
    assert await stored(client, video_id) == set()
    assert await tier_of(client, video_id) is None
