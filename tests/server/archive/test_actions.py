"""Who asks for what is in the archive has it brought back."""

from server.archive import clearing
from tests.archived import archive, old, tier_of, urls_end
from tests.people import Client, Person


async def test_asking_for_what_is_away_brings_it_back_and_nothing_else_does(client: Client, ann: Person, ben: Person) -> None:
    for wanted in ("720.mp4", "master.m3u8"):
        video_id = await old(client, ann)
        before = {
            source["url"].rpartition("/")[2]: source["url"] for source in (await ben.get(f"/videos/{video_id}")).body["sources"]
        }
        url = before.get(wanted) or before["540.mp4"].replace("540.mp4", wanted)
        await archive(client, video_id)
        assert (await ben.get(before["540.mp4"])).status == 200  # it is there yet
        await urls_end(client, video_id)
        await clearing.clear_due(client.app)
        assert (await ben.get(before["540.mp4"].replace("540", "1"))).status == 404
        row = await tier_of(client, video_id)
        assert row is not None
        assert row.tier == "archived"
        assert (await ben.get(url)).status == 404
        row = await tier_of(client, video_id)
        assert row is not None
        assert row.tier == "restoring"
