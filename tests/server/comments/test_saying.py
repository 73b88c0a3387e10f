"""Comments that come together: each is answered, refused or made to wait by itself."""

import asyncio
import json
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.comments.saying import SAYING, Saying, wished
from server.kit.errors import InvalidToken, NotFound, Refusal
from server.kit.kept import Answer
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from tests.people import Client, Person, sign_up
from tests.videos import Told, failed, published


async def said(
    saying: Saying, account_id: UUID | None, video_id: UUID | None, text: object = "hi", key: str | None = None
) -> str:
    """What came of it, in a word."""
    assert account_id is not None
    try:
        answer = await saying.say(account_id, video_id, json.dumps({"text": text}).encode(), key)
    except Refusal as refusal:
        return refusal.code
    return str(json.loads(answer.body)["text"])


async def test_a_bad_one_among_many_refuses_itself_only(client: Client, ann: Person, ben: Person) -> None:
    cat = await sign_up(client, "cat")
    public, private = await published(client, ann), await published(client, ann, Told(visibility="private"))
    narrow, broken = await published(client, ann, Told(visibility="followers")), await failed(client, ann)
    await cat.follow(ann)
    assert (await ann.put(f"/me/blocks/{ben.id}")).status == 204
    saying = client.app[SAYING]
    asked = {
        (ann.id, public, "a"): "a",
        (ben.id, public, "b"): "not_found",
        (cat.id, public, "c"): "c",
        (ann.id, private, "d"): "d",
        (cat.id, private, "e"): "not_found",
        (cat.id, narrow, "f"): "f",
        (ann.id, narrow, "g"): "g",
        (ann.id, broken, "h"): "not_playable",
        (ann.id, broken, ""): "invalid",
        (cat.id, broken, "i"): "not_found",
        (cat.id, uuid4(), "j"): "not_found",
        (cat.id, None, "k"): "not_found",
        (cat.id, public, "x" * 161): "invalid",
    }
    found = await asyncio.gather(*(said(saying, *one) for one in asked))
    assert found == list(asked.values())
    counts = [(await ann.get(f"/videos/{video_id}")).body["counts"]["comments"] for video_id in (public, private, narrow)]
    assert counts == [2, 1, 2]


async def test_of_two_with_the_same_key_in_one_transaction_one_comments(client: Client, ann: Person) -> None:
    video_id, saying = await published(client, ann), client.app[SAYING]
    found = await asyncio.gather(
        said(saying, ann.id, video_id, "first"), *(said(saying, ann.id, video_id, "x", "k") for _ in range(3))
    )
    assert sorted(found) == ["first", "in_progress", "in_progress", "x"]
    assert await said(saying, ann.id, video_id, "x", "k") == "x"
    assert await said(saying, ann.id, video_id, "y", "k") == "key_reused"
    # What was refused is refused again.
    for _ in range(2):
        assert await said(saying, ann.id, video_id, "", "bad") == "invalid"
    assert await said(saying, ann.id, video_id, "good", "bad") == "key_reused"
    assert (await ann.get(f"/videos/{video_id}")).body["counts"]["comments"] == 2


async def test_a_video_that_is_being_changed_holds_up_its_own_comments_only(client: Client, ann: Person) -> None:
    busy, free, saying = await published(client, ann), await published(client, ann), client.app[SAYING]
    async with client.app[POOL].acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM video WHERE id = $1 FOR UPDATE", busy)
        waiting = asyncio.create_task(said(saying, ann.id, busy, "late"))
        assert await asyncio.gather(*(said(saying, ann.id, free, str(n)) for n in range(3))) == ["0", "1", "2"]
        assert not waiting.done()
    assert await waiting == "late"


async def test_a_video_that_is_deleted_meanwhile_is_gone(client: Client, ann: Person) -> None:
    video_id, saying = await published(client, ann), client.app[SAYING]
    async with client.app[POOL].acquire() as conn, conn.transaction():
        await conn.execute("DELETE FROM video WHERE id = $1", video_id)
        waiting = asyncio.create_task(said(saying, ann.id, video_id))
        async with asyncio.timeout(20):
            while not saying._patient:
                await asyncio.sleep(0.01)
    assert await waiting == "not_found"


class Deaf(Saying):
    """Says nothing, and shows what would be said."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def put(self, wish: object) -> "asyncio.Future[Answer]":  # type: ignore[override]
        self.heard.append(wish)
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        future.set_result(Answer(201))
        return future


TEXTS = st.one_of(st.text(max_size=5), st.sampled_from(["\x00", "\ud800", " a ", "x" * 161]), st.integers(), st.none())
BODIES = st.one_of(
    st.fixed_dictionaries({"text": TEXTS}).map(lambda d: json.dumps(d).encode()),
    st.dictionaries(st.sampled_from(["text", "more"]), TEXTS, max_size=2).map(lambda d: json.dumps(d).encode()),
    st.binary(max_size=12).map(lambda raw: b'{"text":"' + raw + b'"}'),
    st.sampled_from([b"", b"[]", b'{"text":"a","text":"b"}', b'\xef\xbb\xbf{"text":"a"}', b'{"text":NaN}', b'{"text":"a"} x']),
)


@given(BODIES)
def test_the_short_way_to_a_text_comes_to_the_same_as_the_long_one(body: bytes) -> None:
    async def read(*, short: bool) -> object:
        deaf = Deaf()
        with pytest.MonkeyPatch.context() as patched:
            if not short:
                patched.setattr("server.comments.saying._read", _never)
            try:
                await deaf.say(ONE, ONE, body, None)
            except Refusal as refusal:
                return refusal.code, refusal.detail
        (wish,) = deaf.heard
        text = wish.text  # type: ignore[attr-defined]
        return text if isinstance(text, str) else (text.code, text.errors)

    assert asyncio.run(read(short=True)) == asyncio.run(read(short=False))


ONE = UUID(int=1)


def _never(_: bytes) -> None:
    raise msgspec.DecodeError("the long way")


@pytest.mark.parametrize(("key", "waits"), [(None, "off"), ("k", "on")])
async def test_a_refusal_that_is_kept_for_repeats_waits_for_the_disk(
    client: Client, ann: Person, ben: Person, key: str | None, waits: str
) -> None:
    hidden = await published(client, ann, Told(visibility="private"))
    assert ben.id is not None
    async with work(client.app[POOL], client.app[ANNOUNCER], ben.id) as w:
        await w.conn.execute("SET LOCAL synchronous_commit TO on")  # the tests' PostgreSQL never waits
        (told,) = await client.app[SAYING]._say_all(w, [wished(ben.id, hidden, {"text": "hi"}, key)])
        assert isinstance(told, NotFound)
        assert await w.conn.fetchval("SHOW synchronous_commit") == waits


async def test_accounts_that_are_gone_are_told_so_each_by_itself(client: Client, ann: Person) -> None:
    """What a limit says of one of them is written into its refusal."""
    video_id = await published(client, ann)
    async with work(client.app[POOL], client.app[ANNOUNCER], None) as w:
        one, other = await client.app[SAYING]._say_all(w, [wished(uuid4(), video_id, {"text": "hi"}, None) for _ in range(2)])
    assert isinstance(one, InvalidToken)
    assert isinstance(other, InvalidToken)
    assert one is not other
