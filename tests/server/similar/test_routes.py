"""Looking for copies over HTTP: who may, what is found, and what is never told."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest

from bench.duplicates import TREATMENTS, treated
from media import clips, fingerprint
from media.fingerprint import THRESHOLD, Fingerprint, Moment
from media.task import Task
from server.kit.request import POOL
from server.videos import fingerprints
from server.videos.wire import Visibility
from storage.postgres import connection
from tests.media.films import quiet
from tests.people import Client, Person
from tests.videos import Told, published, uploaded


@dataclass(frozen=True)
class Looks:
    """What clips look like: one, a smaller copy of it, one that was cropped, the mirrored one, and another clip."""

    original: Fingerprint
    smaller: Fingerprint
    cropped: Fingerprint
    mirrored: Fingerprint
    other: Fingerprint


def _seen(path: Path) -> Fingerprint:
    return fingerprint.fingerprint(Task(input=str(path)), quiet)


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> Looks:
    folder = tmp_path_factory.mktemp("similar")
    clips.render(original := folder / "original.mp4", 2, 3.0, 90, 160, 12, sound=False)
    clips.render(other := folder / "other.mp4", 5, 3.0, 90, 160, 12, sound=False)

    def copied(treatment: str) -> Fingerprint:
        return _seen(treated(original, folder / "copy.mp4", TREATMENTS[treatment]))

    return Looks(_seen(original), copied("resize to a half"), copied("crop 10 %"), copied("mirror"), _seen(other))


async def _video(client: Client, author: Person, looks: Fingerprint, told: Told | None = None) -> UUID:
    """A video that plays and looks so."""
    video_id = await published(client, author, told)
    async with connection(client.app[POOL]) as conn:
        assert await fingerprints.keep(conn, video_id, looks)
    return video_id


async def _similar(person: Person, video_id: UUID, query: str = "") -> list[dict[str, object]]:
    """What is found for this person."""
    answer = await person.get(f"/videos/{video_id}/similar{query}")
    assert answer.status == 200, answer.body
    assert answer.body["next_cursor"] is None
    items: list[dict[str, object]] = answer.body["items"]
    return items


def _ids(items: list[dict[str, object]]) -> list[UUID]:
    return [UUID(item["video"]["id"]) for item in items]  # type: ignore[index]


@pytest.fixture(autouse=True)
async def alone(client: Client) -> None:
    """Videos of other tests look the same."""
    async with connection(client.app[POOL]) as conn:
        await conn.execute("DELETE FROM fingerprint")


async def test_copies_are_found_the_nearest_first_and_other_clips_are_not(client: Client, ann: Person, looks: Looks) -> None:
    mine = await _video(client, ann, looks.original)
    copies = {await _video(client, ann, one) for one in (looks.smaller, looks.cropped, looks.mirrored)}
    same, other = await _video(client, ann, looks.original), await _video(client, ann, looks.other)
    found = await _similar(ann, mine)
    assert set(_ids(found)) == copies | {same}
    distances = [item["distance"] for item in found]
    assert distances == sorted(distances)  # type: ignore[type-var]
    # A smaller copy may look so much the same that nothing tells it from the clip itself.
    assert dict(zip(_ids(found), distances, strict=True))[same] == 0
    assert all(0 <= distance < THRESHOLD for distance in distances)  # type: ignore[operator]
    [shown] = (item["video"] for item in found if item["video"]["id"] == str(same))  # type: ignore[index]
    assert shown == (await ann.get(f"/videos/{same}")).body
    assert await _similar(ann, other) == []


async def test_a_page_holds_the_nearest(client: Client, ann: Person, looks: Looks) -> None:
    mine, cropped = await _video(client, ann, looks.original), await _video(client, ann, looks.cropped)
    same = await _video(client, ann, looks.original)
    assert _ids(await _similar(ann, mine, "?limit=1")) == [same]
    assert _ids(await _similar(ann, mine, "?limit=50")) == [same, cropped]


async def test_the_same_file_is_told(client: Client, ann: Person, ben: Person, looks: Looks) -> None:
    told = Told()
    mine, theirs = await _video(client, ann, looks.original, told), await _video(client, ben, looks.original, told)
    copy = await _video(client, ben, looks.original)
    assert {UUID(i["video"]["id"]): i["exact"] for i in await _similar(ann, mine)} == {theirs: True, copy: False}  # type: ignore[index]


async def test_others_videos_are_found_only_where_they_are_public_and_play(
    client: Client, ann: Person, ben: Person, looks: Looks
) -> None:
    mine, own = await _video(client, ann, looks.original), await _video(client, ann, looks.smaller, Told(visibility="private"))
    theirs: dict[Visibility, UUID] = {}
    for visibility in ("public", "followers", "private"):
        theirs[visibility] = await _video(client, ben, looks.smaller, Told(visibility=visibility))
    not_yet = await uploaded(client, ben)
    async with connection(client.app[POOL]) as conn:
        await fingerprints.keep(conn, not_yet, looks.smaller)
    await ann.follow(ben)
    assert set(_ids(await _similar(ann, mine))) == {own, theirs["public"]}
    assert (await ben.patch(f"/videos/{theirs['public']}", json={"visibility": "private"})).status == 200
    assert _ids(await _similar(ann, mine)) == [own]
    assert (await ann.delete(f"/videos/{own}")).status == 204
    assert await _similar(ann, mine) == []


async def test_what_a_block_hides_is_not_found(client: Client, ann: Person, ben: Person, looks: Looks) -> None:
    mine, theirs = await _video(client, ann, looks.original), await _video(client, ben, looks.smaller)
    for who, whom in ((ann, ben), (ben, ann)):
        assert _ids(await _similar(ann, mine)) == [theirs]
        assert (await who.put(f"/me/blocks/{whom.id}")).status == 204
        assert await _similar(ann, mine) == []
        assert await _similar(ben, theirs) == []
        assert (await who.delete(f"/me/blocks/{whom.id}")).status == 204


async def test_only_its_author_may_ask(client: Client, ann: Person, ben: Person, nobody: Person, looks: Looks) -> None:
    mine = await _video(client, ann, looks.original)
    hidden = await _video(client, ann, looks.original, Told(visibility="private"))
    assert (await nobody.get(f"/videos/{mine}/similar")).code == "not_authenticated"
    refused = await ben.get(f"/videos/{mine}/similar?limit=0")
    assert (refused.status, refused.code) == (403, "not_yours")
    absent = (await ben.get(f"/videos/{uuid4()}/similar")).body
    answer = await ben.get(f"/videos/{hidden}/similar")
    assert (answer.status, answer.body) == (404, absent)


async def test_what_was_not_looked_at_yet_is_like_nothing(client: Client, ann: Person, looks: Looks) -> None:
    await _video(client, ann, looks.original)
    assert await _similar(ann, await published(client, ann)) == []
    assert await _similar(ann, await uploaded(client, ann)) == []


@pytest.mark.parametrize(("query", "field"), [("limit=0", "limit"), ("limit=51", "limit"), ("cursor=x", "cursor")])
async def test_there_are_so_many_and_one_page(client: Client, ann: Person, looks: Looks, query: str, field: str) -> None:
    mine = await _video(client, ann, looks.original)
    assert (await ann.get(f"/videos/{mine}/similar?{query}")).fields == {field}


async def test_three_minutes_are_looked_for_too(client: Client, ann: Person) -> None:
    """By more keys than go into one statement, and by some of its moments: also where a copy begins between two that are kept."""
    random = np.random.default_rng(1)
    seen = random.integers(-(1 << 62), 1 << 62, (8 * 180, 2)).tolist()
    moments = [Moment(step, *both) for step, both in enumerate(seen)]
    mine = await _video(client, ann, Fingerprint(moments))
    copies = {
        await _video(client, ann, Fingerprint([Moment(m.step - cut, m.bits, m.mirrored) for m in moments[cut:]]))
        for cut in (1, 102)
    }
    found = await _similar(ann, mine)
    assert set(_ids(found)) == copies
    assert {item["distance"] for item in found} == {0}
