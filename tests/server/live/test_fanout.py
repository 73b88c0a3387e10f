"""Rounds: whatever happens in their midst, nobody misses, repeats or overtakes anything, and nothing forbidden is written."""

import asyncio
import json
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.cards.actions import Cards
from server.kit.ids import new_id
from server.kit.invalidation import Invalidations
from server.kit.tasks import running
from server.live import envelopes, hub
from server.live.bodies import Bodies
from server.live.hub import Hub
from server.live.log import Position
from server.live.presence import Audience
from server.live.resume import Resumes
from server.live.session import Session
from storage.postgres import Pool

EPOCH = "abc"
NOBODY = cast(Pool, None)
"""No database: whatever would ask it fails."""
BUDGET = 8_000


class Peer(asyncio.Transport):
    """The other end of a session: reads at once, or what and when the test says."""

    def __init__(self, crowd: "Crowd", account_id: UUID) -> None:
        super().__init__()
        self._crowd = crowd
        self._account_id = account_id
        self._read = bytearray()
        self.quick = True
        self.closed = False
        self.unsent = bytearray()
        self.frames: list[dict[str, Any]] = []
        self.writes = 0

    def write(self, data: "bytes | bytearray | memoryview") -> None:
        """What is written now must be allowed now."""
        assert not self.closed
        for frame in _messages(bytearray(data)):
            if not self._crowd.allows(self._account_id, frame):
                self._crowd.wrong.append(frame)
        self.writes += 1
        self.unsent += data
        if self.quick:
            self.take(len(self.unsent))

    def take(self, size: int) -> None:
        """Read so many bytes; half a frame waits for its rest."""
        self._read += self.unsent[:size]
        del self.unsent[:size]
        self.frames += _messages(self._read)

    def get_write_buffer_size(self) -> int:
        return len(self.unsent)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """It tells nobody: the clocks let sessions drain."""

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


def _messages(data: bytearray) -> Iterator[dict[str, Any]]:
    """Take whole frames off the data (RFC 6455, 5.2, unmasked); closes are no messages."""
    while len(data) >= 2:
        head, size = (4, int.from_bytes(data[2:4])) if data[1] == 126 else (2, data[1])
        if len(data) < head + size:
            return
        kind, payload = data[0] & 0x0F, bytes(data[head : head + size])
        del data[: head + size]
        if kind == 1:
            yield json.loads(payload)


class Client:
    """One account's client over many sessions. It remembers the last position that it saw, as a good client does."""

    def __init__(self, crowd: "Crowd", follows: set[UUID]) -> None:
        self.crowd = crowd
        self.id = new_id()
        self.follows = follows
        self.position = crowd.hub.position
        self.since = crowd.hub.applied
        self.heard: list[int] = []
        self.told: list[int] = []
        self.session: Session | None = None

    def enter(self) -> None:
        """Open a session, up to its welcome."""
        hub = self.crowd.hub
        self.peer, self.fresh, self.late = Peer(self.crowd, self.id), True, False
        self.session = Session(self.id, new_id(), 1 << 40, BUDGET)
        self.audience = hub.presence.enter(self.session)
        if self.audience.follows is None:
            hub.presence.loaded(self.audience, self.follows)
        self.session.attach(self.peer)
        self.session.begin(hub.applied)
        self.replay: asyncio.Task[None] | None = None

    def go_on(self) -> None:
        """The time for a first message is over."""
        if self.fresh:
            assert self.session is not None
            self.fresh = False
            self.session.release()

    def resume(self) -> None:
        """The first message, as `Conversation` takes it."""
        assert self.session is not None
        if self.replay is None:
            self.session.hold()
            resuming = self.crowd.resumes.resume(self.session, self.audience, self.position)
            self.replay = asyncio.create_task(resuming, name="replay")
            self.late = not self.fresh
            self.go_on()

    async def cut(self) -> None:
        """The connection is lost, and with it what the peer has not read."""
        if self.session is None:
            return
        if self.replay is not None:
            self.replay.cancel()
            await asyncio.wait([self.replay])
            assert self.replay.cancelled() or self.replay.exception() is None
        self.peer.close()
        self.crowd.hub.presence.leave(self.session)
        self.session = None
        self.tell_of(self.peer.frames)

    def tell_of(self, frames: list[dict[str, Any]]) -> None:
        """What came in a session. Until its replay is over, a client that resumes keeps its position."""
        numbers: list[int] = []
        caught_up = False
        for frame in frames:
            if frame["type"] == "caught_up":
                assert frame["recovered"]
                assert frame["missed"] == len(numbers), "the count of what was missed"
                assert self.late or not numbers or numbers[-1] <= seq_of(frame)
                caught_up = True
            if frame.get("event") == "video.published":
                numbers.append(seq_of(frame))
            elif "nth" in frame:
                self.told.append(frame["nth"])
            if caught_up and frame.get("position"):
                self.position = frame["position"]
        assert len(numbers) == len(set(numbers)), "a repeat"
        assert self.late or numbers == sorted(numbers), "out of order"
        self.heard += numbers


def seq_of(frame: dict[str, Any]) -> int:
    position = Position.read(frame["position"])
    assert position is not None
    return position.seq


class Crowd:
    """A hub without stores, everybody who listens to it, and what may be said to whom."""

    def __init__(self) -> None:
        invalidations = Invalidations(NOBODY, 900)
        invalidations._read_at = float("inf")  # fresh for ever
        self.hub = Hub(NOBODY, Bodies(NOBODY, cast(Cards, None)), invalidations)
        self.hub.epoch, self.hub._behind = EPOCH, False
        self.hub._read_at = self.hub._pulse_at = float("inf")
        self.resumes = Resumes(NOBODY, self.hub, invalidations)
        self.log: list[tuple[UUID, UUID]] = []
        self.hidden: set[UUID] = set()
        self.told = 0
        self.wrong: list[Any] = []

    def allows(self, account_id: UUID, frame: dict[str, Any]) -> bool:
        """Whether it is of an author who is followed, and not hidden."""
        if frame.get("event") != "video.published":
            return True
        author_id, video_id = self.log[seq_of(frame) - 1]
        audience = self.hub.presence.audience(account_id)
        return audience is not None and audience.hears(author_id) and video_id not in self.hidden

    def publish(self, author_id: UUID, size: int = 0) -> None:
        """By way of the broker."""
        video_id = new_id()
        self.log.append((author_id, video_id))
        body = json.dumps({"id": str(video_id), "text": "x" * size}).encode()
        self.hub.bodies.put(video_id, body)
        self.hub.received(*envelopes.published(EPOCH, len(self.log), author_id, video_id, body))

    def tell(self, account_id: UUID) -> None:
        """An event without a position, to one account."""
        self.told += 1
        self.hub.received(*envelopes.to_account(account_id, json.dumps({"type": "event", "nth": self.told}).encode()))

    def hide(self, video_id: UUID) -> None:
        """As the invalidation of a video that is gone."""
        self.hidden.add(video_id)
        self.hub._change(video_id)
        self.hub.bodies._keep(video_id, None)

    async def applied(self) -> None:
        """Everything that was published is handed out."""
        async with asyncio.timeout(10):
            while self.hub._inbox or self.hub._round._groups:
                await asyncio.sleep(0)


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
            async with asyncio.timeout(10):
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
        async with asyncio.timeout(10):
            while not crowd.wrong:
                await asyncio.sleep(0)
        assert "ConnectionError" in crowd.wrong.pop()
        sessions = [client.session for client in clients if client.session]
        assert [session.open for session in sessions] == [bool(client.peer.frames) for client in clients]
        assert sum(session.open for session in sessions) < len(sessions)
