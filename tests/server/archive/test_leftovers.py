"""What the archive has of videos that are gone is removed; what something names stays."""

import pytest

from server.archive import leftovers
from server.kit.ids import new_id
from server.kit.request import COLD, POOL
from storage import walks
from storage.cold import cold_key
from storage.postgres import connection
from tests.archived import COLD_FILES, archive, in_archive, old
from tests.people import Client, Person
from tests.sharers import remove


async def test_what_nothing_names_is_removed(client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    cold, gone = client.app[COLD], new_id()
    archived = await old(client, ann)
    await archive(client, archived)
    await cold.store.put(cold.bucket, cold_key("media", f"videos/{gone}/1/540.mp4"), b"left", content_type="video/mp4")
    await leftovers.look(client.app)
    await remove(client)
    assert await in_archive(client, gone) == {"540.mp4"}  # it is young
    async with connection(client.app[POOL]) as conn:
        await walks.move(conn, "archive of media", "")
    await leftovers.look(client.app, -60.0)
    await remove(client)
    assert await in_archive(client, gone) == set()
    assert await in_archive(client, archived) == COLD_FILES


async def test_parts_that_nobody_completes_are_aborted(client: Client) -> None:
    cold, key = client.app[COLD], cold_key("media", f"videos/{new_id()}/1/540.mp4")
    upload = await cold.store.create_multipart(cold.bucket, key, content_type="video/mp4")
    for seconds, there in ((86_400.0, True), (-60.0, False)):  # first it is young
        async with connection(client.app[POOL]) as conn:
            await walks.move(conn, "parts in the archive", "")
        await leftovers.look(client.app, abandoned_seconds=seconds)
        page = await cold.store.unfinished(cold.bucket, key)
        assert (upload in [one.upload for one in page.uploads]) is there
