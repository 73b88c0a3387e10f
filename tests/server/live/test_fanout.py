"""Rounds: whatever happens in their midst, nobody misses, repeats or overtakes anything, and nothing forbidden is written."""

import asyncio
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.kit.ids import new_id
from server.kit.tasks import running
from server.live import hub
from server.live.fanout import rest
from server.live.limits import REST_BELOW, REST_FROM_SECONDS, REST_SECONDS
from server.live.presence import Audience
from tests.server.live.crowd import Client, Crowd, seq_of
from tests.waiting import LIMIT_SECONDS


@asynccontextmanager
async def crowded() -> AsyncIterator[Crowd]:
    """Fails with whatever the hub's loop logs and survives, and with whatever was written that is not allowed."""
    crowd = Crowd()
    with pytest.MonkeyPatch.context() as product:
        product.setattr(hub.logger, "exception", lambda _: crowd.wrong.append(traceback.format_exc()))
        async with running("hub", crowd.hub.run()):
            yield crowd
    assert not crowd.wrong


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds that last several turns with a few sessions, and hold a few events."""
    monkeypatch.setattr("server.live.fanout.SLICE", 1)
    monkeypatch.setattr("server.live.fanout.WRITE_BYTES", 1_000)
    monkeypatch.setattr("server.live.session.WRITE_BYTES", 500)
    monkeypatch.setattr("server.live.session.UNSENT_BYTES", 700)
    monkeypatch.setattr("server.live.bodies.FRESH_SECONDS", float("inf"))


CLIENTS, LISTENERS = 4, 6
STEPS = st.one_of(
    st.tuples(st.just("publish"), st.lists(st.integers(0, 2), min_size=1, max_size=6), st.integers(0, 200)),
    st.tuples(st.just("turn"), st.integers(1, 4), st.none()),
    st.tuples(st.sampled_from(["cut", "enter", "resume", "go on"]), st.integers(0, CLIENTS - 1), st.none()),
    st.tuples(st.sampled_from(["slow", "quick", "take"]), st.integers(0, CLIENTS - 1), st.integers(1, 3_000)),
    st.tuples(st.sampled_from(["doubt", "unfollow", "settle", "tell"]), st.integers(0, CLIENTS - 1), st.none()),
    st.tuples(st.just("hide"), st.integers(0, 5), st.none()),
)


@given(st.lists(STEPS, min_size=40, max_size=150))
@settings(deadline=None, max_examples=150, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nobody_misses_repeats_or_overtakes_anything(steps: list[tuple[str, Any, Any]]) -> None:
    asyncio.run(History().run(steps))


class History:
    """Clients who all follow the first author, and the second one until they unfollow him; the third is a stranger to all."""

    async def run(self, steps: list[tuple[str, Any, Any]]) -> None:
        async with crowded() as self.crowd:
            self.authors = [new_id() for _ in range(3)]
            self.clients = [Client(self.crowd, set(self.authors[:2])) for _ in range(CLIENTS)]
            for client in [*self.clients, *(Client(self.crowd, set(self.authors)) for _ in range(LISTENERS))]:
                client.enter()
                client.resume()
            for kind, number, detail in steps:
                await self.step(kind, number, detail)
            await self.end()

    async def step(self, kind: str, number: Any, detail: Any) -> None:
        crowd = self.crowd
        if kind == "publish":
            for author in number:
                crowd.publish(self.authors[author], detail)
        elif kind == "turn":
            for _ in range(number):
                await asyncio.sleep(0)
            crowd.hub.presence.drain()
        elif kind == "hide":
            if number < crowd.hub.applied:
                crowd.hide(crowd.log[crowd.hub.applied - 1 - number][1])
        else:
            await self.of_client(kind, self.clients[number], detail)

    async def of_client(self, kind: str, client: Client, detail: int) -> None:
        session = client.session
        if session is None:
            if kind == "enter":
                client.enter()
            return
        if kind == "cut" or not session.open:
            await client.cut()
        elif kind == "tell":
            self.crowd.tell(client.id)
        elif kind == "resume":
            client.resume()
        elif kind == "go on":
            client.go_on()
        elif kind in ("slow", "quick"):
            client.peer.quick = kind == "quick"
        elif kind == "take":
            client.peer.take(detail)
        else:
            self.about_follows(kind, client.audience)

    def about_follows(self, kind: str, audience: Audience) -> None:
        presence, author_id = self.crowd.hub.presence, self.authors[1]
        if kind == "doubt":
            presence.doubt(audience.id, author_id)
        elif kind == "unfollow":
            presence.doubt(audience.id, author_id)
            presence.unfollow(audience, author_id)
            presence.settled(audience, author_id)
        elif author_id in audience.doubts:
            presence.settled(audience, author_id)

    async def end(self) -> None:
        """Everybody comes back once more, and is complete."""
        await self.crowd.applied()
        for client in self.clients:
            await client.cut()
            client.enter()
            client.resume()
            assert client.replay is not None
            async with asyncio.timeout(LIMIT_SECONDS):
                await client.replay
            await client.cut()
            self.complete(client)

    def complete(self, client: Client) -> None:
        wanted = {seq for seq, (author_id, _) in enumerate(self.crowd.log, 1) if author_id == self.authors[0]}
        hidden = {seq for seq, (_, video_id) in enumerate(self.crowd.log, 1) if video_id in self.crowd.hidden}
        assert wanted - hidden <= set(client.heard)
        assert client.told == sorted(set(client.told))


async def test_what_comes_together_is_one_write_and_a_slow_peer_gets_the_rest_in_order() -> None:
    async with crowded() as crowd:
        author_id = new_id()
        quick, slow = Client(crowd, {author_id}), Client(crowd, {author_id})
        for client in (quick, slow):
            client.enter()
            client.go_on()
        slow.peer.quick = False
        for _ in range(5):
            crowd.publish(author_id, 20)
        await crowd.applied()
        assert quick.peer.writes == slow.peer.writes == 1
        for _ in range(5):
            crowd.publish(author_id, 20)
            await crowd.applied()
        assert quick.peer.writes == 6
        assert slow.peer.writes < 6
        slow.peer.take(1_000)  # there is room again, but older ones wait
        crowd.publish(author_id, 20)
        await crowd.applied()
        slow.peer.quick = True
        slow.peer.take(10_000)
        crowd.hub.presence.drain()
        for client in (quick, slow):
            assert [seq_of(frame) for frame in client.peer.frames] == list(range(1, 12))


async def test_late_publications_go_before_later_ones_that_wait() -> None:
    async with crowded() as crowd:
        author_id = new_id()
        client = Client(crowd, {author_id})
        client.enter()
        session = client.session
        assert session is not None
        crowd.publish(author_id)
        await crowd.applied()
        crowd.publish(author_id)
        await crowd.applied()
        (entry, _) = crowd.hub.ring.after(0, 2)
        assert session._held
        session._held.pop(0)
        session.push_late(crowd.hub.published(entry, b'{"id": "%s"}' % str(entry.video_id).encode()), entry)
        client.go_on()
        assert [seq_of(frame) for frame in client.peer.frames] == [1, 2]


async def test_a_change_is_looked_for_only_where_something_waits() -> None:
    async with crowded() as crowd:
        author_id = new_id()
        quick, slow, held = (Client(crowd, {author_id}) for _ in range(3))
        for client in (quick, slow, held):
            client.enter()
        for client in (quick, slow):
            client.go_on()
        slow.peer.quick = False
        for _ in range(2):
            crowd.publish(author_id, 800)
            await crowd.applied()
        waiting = crowd.hub.presence.waiting
        assert waiting == {slow.session, held.session}
        crowd.hide(crowd.log[1][1])  # they come back and get what they waited for, as it is then
        assert not waiting
        assert [client.session.open for client in (quick, slow, held) if client.session] == [True, False, False]


async def test_whoever_waits_for_a_changed_video_that_nobody_can_read_is_sent_to_resume(monkeypatch: pytest.MonkeyPatch) -> None:
    async with crowded() as crowd:
        author_id = new_id()
        clients = [Client(crowd, {author_id}) for _ in range(4)]
        for client in clients:
            client.enter()
            client.go_on()
        crowd.publish(author_id)
        while not any(client.peer.writes for client in clients):
            await asyncio.sleep(0)

        async def away(_: object) -> dict[UUID, bytes]:
            raise ConnectionError

        monkeypatch.setattr(crowd.hub.bodies, "of", away)
        crowd.hub._change(crowd.log[0][1])
        async with asyncio.timeout(LIMIT_SECONDS):
            while not crowd.wrong:
                await asyncio.sleep(0)
        assert "ConnectionError" in crowd.wrong.pop()
        sessions = [client.session for client in clients if client.session]
        assert [session.open for session in sessions] == [bool(client.peer.frames) for client in clients]
        assert sum(session.open for session in sessions) < len(sessions)


def test_what_comes_one_by_one_finds_no_rest() -> None:
    assert rest(1, 10.0, 0) == 0


def test_a_large_round_of_several_rests_as_long_as_it_took() -> None:
    assert rest(2, REST_FROM_SECONDS, 0) == REST_FROM_SECONDS
    assert rest(2, 10.0, REST_BELOW - 1) == REST_SECONDS
    assert rest(2, REST_FROM_SECONDS / 2, 0) == 0


def test_nothing_rests_while_a_round_could_be_full() -> None:
    assert rest(500, 10.0, REST_BELOW) == 0
