"""Keys: one effect for each, whatever comes at once, breaks off, or comes again later."""

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from server.comments.saying import SAYING, wished
from server.kit import idempotency, kept
from server.kit.errors import Refusal
from server.kit.idempotency import HEADER, InProgress, KeyReused, hold
from server.kit.ids import new_id
from server.kit.kept import Answer, Place
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import Work, work
from server.videos import among
from storage.postgres import Pool, connection
from tests.people import BASE, PASSWORD, Client, Person, new_name
from tests.server.kit.keys import KEY, TEXT, age, app, rows, say, texts
from tests.videos import published, uploaded


@pytest.fixture
def pool(client: Client) -> Pool:
    return app(client)[POOL]


def turn(person: Person) -> Any:
    """A transaction in this test's own hands."""
    found = app(person.client)
    return work(found[POOL], found[ANNOUNCER], person.id)


async def say_in(w: Work, person: Person, video_id: UUID) -> Answer:
    """Comment in this transaction.

    Raises:
        Refusal
    """
    assert person.id is not None
    (said,) = await app(person.client)[SAYING]._say_all(w, [wished(person.id, video_id, TEXT, KEY)])
    if isinstance(said, Refusal):
        raise said
    assert isinstance(said, Answer)
    return said


async def comment(person: Person, video_id: UUID) -> Answer:
    """As a session's command does it, which has no request."""
    async with turn(person) as w:
        return await say_in(w, person, video_id)


async def test_a_repeat_is_given_the_first_answer_and_does_nothing(client: Client, ann: Person, ben: Person) -> None:
    video_id = await published(client, ann)
    first = await say(ben, video_id)
    again = await say(ben, video_id)
    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert again.headers["Content-Type"] == first.headers["Content-Type"] == "application/json"
    assert await texts(ann, video_id) == ["hello"]


async def test_without_a_key_nothing_is_kept(client: Client, ann: Person, pool: Pool) -> None:
    video_id = await published(client, ann)
    for _ in range(2):
        assert (await ann.post(f"/videos/{video_id}/comments", json=TEXT)).status == 201
    assert await texts(ann, video_id) == ["hello", "hello"]
    assert await rows(pool, ann) == 0


async def test_it_is_the_parsed_fields_that_count_and_not_their_bytes(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    first = await say(ann, video_id, "é")
    headers = {HEADER: KEY, "Content-Type": "application/json"}
    for spelled in (b'{ "text" : "\\u00e9" }', '{"text":"x","text":"é"}'.encode()):
        assert (await ann.post(f"/videos/{video_id}/comments", data=spelled, headers=headers)).body == first.body


async def test_other_content_is_refused_and_the_first_answer_stays(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    first = await say(ann, video_id)
    refused = await say(ann, video_id, "other")
    assert (refused.status, refused.code) == (422, "key_reused")
    assert (await say(ann, video_id)).body == first.body
    assert await texts(ann, video_id) == ["hello"]


async def test_a_key_belongs_to_the_account_and_the_path(client: Client, ann: Person, ben: Person) -> None:
    one, other = await published(client, ann), await published(client, ann)
    answers = [await say(ann, one), await say(ben, one), await say(ann, other), await say(ann, one, key=KEY.upper())]
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["id"] for answer in answers}) == 4


async def test_a_path_is_the_same_however_its_id_is_written(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    first = await say(ann, video_id)
    upper = await ann.post(f"/videos/{str(video_id).upper()}/comments", json=TEXT, headers={HEADER: KEY})
    assert upper.body == first.body


async def test_of_many_at_once_one_comments(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    answers = await asyncio.gather(*(say(ann, video_id) for _ in range(12)))
    done = [answer for answer in answers if answer.status == 201]
    assert done
    assert len({answer.body["id"] for answer in done}) == 1
    for answer in answers:
        if answer.status != 201:
            assert (answer.status, answer.code, answer.headers["Retry-After"]) == (409, "in_progress", "1")
    assert await texts(ann, video_id) == ["hello"]
    assert (await say(ann, video_id)).body == done[0].body


async def test_while_the_first_one_runs_repeats_are_told_so(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    async with turn(ann) as first:
        answer = await say_in(first, ann, video_id)
        for text in ("hello", "other"):
            refused = await say(ann, video_id, text)
            assert (refused.status, refused.code, refused.headers["Retry-After"]) == (409, "in_progress", "1")
        # What is wrong with it, whoever is first, is told first.
        assert (await say(ann, video_id, "")).code == "invalid"
    assert (await say(ann, video_id)).body == json.loads(answer.body)
    assert await texts(ann, video_id) == ["hello"]


async def test_what_breaks_off_before_it_is_committed_never_was(client: Client, ann: Person, pool: Pool) -> None:
    video_id = await published(client, ann)

    async def breaks_off() -> None:
        async with turn(ann) as first:
            await say_in(first, ann, video_id)
            raise ConnectionError("PostgreSQL is gone")

    with pytest.raises(ConnectionError):
        await breaks_off()
    assert await texts(ann, video_id) == []
    assert await rows(pool, ann) == 0
    assert (await say(ann, video_id)).status == 201
    assert await texts(ann, video_id) == ["hello"]


async def test_the_primary_key_holds_where_the_lock_does_not(
    client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = "pg_try_advisory_xact_lock(hashtextextended(concat_ws(' ', account_id, path, key), 0))"
    assert lock in kept.LOOK_ALL
    monkeypatch.setattr(kept, "LOOK_ALL", kept.LOOK_ALL.replace(lock, "true"))
    video_id = await published(client, ann)
    look = among.seen

    async def looks(*asked: Any, wait: bool, keeps: bool) -> Any:
        monkeypatch.setattr(among, "seen", look)
        await comment(ann, video_id)
        return await look(*asked, wait=wait, keeps=keeps)

    async def comes_late() -> None:
        async with turn(ann) as late:
            monkeypatch.setattr(among, "seen", looks)
            await say_in(late, ann, video_id)

    with pytest.raises(InProgress):
        await comes_late()
    assert await texts(ann, video_id) == ["hello"]
    assert (await say(ann, video_id)).body["text"] == "hello"


async def test_a_comment_by_the_socket_and_one_by_http_share_their_keys(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    sent = await comment(ann, video_id)
    assert (sent.status, (await say(ann, video_id)).body) == (201, json.loads(sent.body))
    assert await comment(ann, video_id) == sent
    assert await texts(ann, video_id) == ["hello"]


async def test_a_refusal_is_an_answer_too(client: Client, ann: Person) -> None:
    video_id = await uploaded(client, ann)
    first = await say(ann, video_id)
    assert (first.status, first.code) == (409, "not_playable")
    async with connection(app(client)[POOL]) as conn:
        await conn.execute("UPDATE video SET status = 'playable' WHERE id = $1", video_id)
    again = await say(ann, video_id)
    assert (again.status, again.body) == (409, first.body)
    assert again.headers["Content-Type"] == "application/problem+json"
    assert (await say(ann, video_id, key="another")).status == 201


async def test_a_refusal_names_its_fields_each_time(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    first, again = await say(ann, video_id, ""), await say(ann, video_id, "")
    assert (first.fields, again.body) == ({"text"}, first.body)
    assert (await say(ann, video_id)).code == "key_reused"


async def test_an_outage_is_not_kept(client: Client, ann: Person, pool: Pool) -> None:
    video_id = await published(client, ann)
    async with connection(pool) as conn, conn.transaction():
        # Comments need this row to stay, and wait for no lock longer than PostgreSQL is told.
        await conn.execute("SELECT true FROM video WHERE id = $1 FOR UPDATE", video_id)
        refused = await say(ann, video_id)
    assert (refused.status, refused.code) == (503, "unavailable")
    assert (await say(ann, video_id)).status == 201
    assert await texts(ann, video_id) == ["hello"]


async def test_what_needs_credentials_is_refused_before_keys_are_looked_at(
    client: Client, ann: Person, nobody: Person, pool: Pool
) -> None:
    video_id = await published(client, ann)
    assert (await say(nobody, video_id, key="no key")).code == "not_authenticated"
    assert (await ann.post(f"/videos/{video_id}/comments", data=b"{", headers={HEADER: "no key"})).status == 415
    broken = {HEADER: KEY, "Content-Type": "application/json"}
    assert (await ann.post(f"/videos/{video_id}/comments", data=b"{", headers=broken)).code == "malformed"
    assert await rows(pool, ann) == 0


@pytest.mark.parametrize("key", ["", "k" * 256, "two words", "clé", "tab\tbed"])
async def test_what_can_be_no_key_is_named(client: Client, ann: Person, ben: Person, key: str) -> None:
    video_id, hidden = await published(client, ann), await uploaded(client, ann)
    refused = await say(ben, video_id, key=key)
    assert (refused.status, refused.code, refused.fields) == (422, "invalid", {HEADER})
    assert (await say(ben, hidden, key=key)).code == "not_found"
    assert await texts(ann, video_id) == []


async def test_two_keys_are_none(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    twice = CIMultiDict([(HEADER, "a"), (HEADER, "b"), ("Authorization", f"Bearer {ann.access}")])
    async with client.post(f"{BASE}/videos/{video_id}/comments", json=TEXT, headers=twice) as refused:
        assert [error["field"] for error in (await refused.json())["errors"]] == [HEADER]


@pytest.mark.parametrize("key", ["k", "k" * 255, '"8e03978e"', "~!,;=/"])
async def test_what_can_be_a_key(client: Client, ann: Person, key: str) -> None:
    video_id = await published(client, ann)
    first = await say(ann, video_id, key=key)
    assert (first.status, (await say(ann, video_id, key=key)).body) == (201, first.body)


async def test_what_became_invisible_keeps_its_answer_but_for_other_content_it_is_absent(
    client: Client, ann: Person, ben: Person
) -> None:
    video_id = await published(client, ann)
    first = await say(ben, video_id)
    await ann.patch(f"/videos/{video_id}", json={"visibility": "private"})
    assert (await say(ben, video_id)).body == first.body
    assert (await say(ben, video_id, "other")).code == "not_found"


async def test_keys_are_ignored_where_tokens_and_tickets_are_made(client: Client, ann: Person, nobody: Person) -> None:
    headers, name = {HEADER: KEY}, new_name("eve")
    new = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    assert (await nobody.post("/accounts", json=new, headers=headers)).status == 201
    assert (await nobody.post("/accounts", json=new, headers=headers)).code == "username_taken"
    login = {"login": name, "password": PASSWORD}
    logged_in = [(await nobody.post("/sessions", json=login, headers=headers)).body["refresh_token"] for _ in range(2)]
    assert len(set(logged_in)) == 2
    tickets = [(await ann.post("/live/tickets", headers={HEADER: "no key"})).body["ticket"] for _ in range(2)]
    assert len(set(tickets)) == 2


def asked(key: str | None = KEY) -> web.Request:
    return make_mocked_request("POST", "/api/v1/anything", headers={} if key is None else {HEADER: key})


class Left(Exception):
    """Ends a block that holds a key."""


async def leave(person: Person, key: str | None) -> None:
    assert person.id is not None
    async with hold(app(person.client)[POOL], person.id, asked(key)) as held:
        assert not held.answered
        raise Left


async def free(person: Person, key: str | None = KEY) -> bool:
    """Whether this key is nobody's; whoever tries it gives it back."""
    with pytest.raises((Left, InProgress)) as ended:
        await leave(person, key)
    return ended.type is Left


async def test_a_key_is_held_while_a_block_runs_and_free_when_it_fails(ann: Person, pool: Pool) -> None:
    assert ann.id is not None
    async with hold(pool, ann.id, asked()):
        assert not await free(ann)
        assert await free(ann, "another")
        assert await free(ann, None)
    await age(pool, ann)
    assert await free(ann)
    assert await rows(pool, ann) == 0


async def test_a_held_key_has_its_answer_when_the_work_commits(client: Client, ann: Person, pool: Pool) -> None:
    assert ann.id is not None
    answer = Answer(201, b"{}", {"Location": "/there"})
    async with hold(pool, ann.id, asked()) as held, work(pool, app(client)[ANNOUNCER], ann.id) as w:
        await held.keep(w, b"content", answer)
    async with hold(pool, ann.id, asked()) as again:
        assert again.answered
        assert again.repeat(b"content") == answer
        with pytest.raises(KeyReused):
            again.repeat(b"other content")


async def test_a_commit_that_fails_keeps_nothing(client: Client, ann: Person, pool: Pool) -> None:
    async def breaks_off(account_id: UUID) -> None:
        async with hold(pool, account_id, asked()) as held, work(pool, app(client)[ANNOUNCER], account_id) as w:
            await held.keep(w, b"content", Answer(201))
            raise ConnectionError("PostgreSQL is gone")

    assert ann.id is not None
    with pytest.raises(ConnectionError):
        await breaks_off(ann.id)
    assert await rows(pool, ann) == 0


async def test_who_was_killed_holds_a_key_for_its_lease_alone(ann: Person, pool: Pool) -> None:
    assert ann.id is not None
    async with connection(pool) as conn:
        await kept.hold(conn, Place(ann.id, "/api/v1/anything", KEY), new_id())
    assert not await free(ann)
    await age(pool, ann)
    assert await free(ann)


async def test_who_was_given_up_for_dead_and_lives_keeps_nothing(client: Client, ann: Person, pool: Pool) -> None:
    async def wakes_up(account_id: UUID) -> None:
        async with hold(pool, account_id, asked()) as dead:
            await age(pool, ann)
            async with hold(pool, account_id, asked()), work(pool, app(client)[ANNOUNCER], account_id) as w:
                await dead.keep(w, b"content", Answer(201))

    assert ann.id is not None
    with pytest.raises(InProgress):
        await wakes_up(ann.id)
    assert await free(ann)


async def test_who_lives_goes_on_holding_its_key(ann: Person, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "RENEW_SECONDS", 0.01)
    assert ann.id is not None
    async with hold(pool, ann.id, asked()):
        await age(pool, ann)
        async with asyncio.timeout(60), connection(pool) as conn:
            while not await conn.fetchval("SELECT until > now() FROM kept_answer WHERE account_id = $1", ann.id):
                await asyncio.sleep(0.01)
        assert not await free(ann)
