"""Clients on transports in memory, on a real hub: what each is sent, and what it may be owed."""

import asyncio
import json
from collections.abc import Collection, Iterator
from typing import Any, cast
from uuid import UUID

from server.cards.actions import Cards
from server.kit.ids import new_id
from server.kit.invalidation import Invalidations
from server.live import envelopes
from server.live.bodies import Bodies
from server.live.doubts import Doubts
from server.live.hub import Hub
from server.live.log import Position
from server.live.resume import Resumes
from server.live.session import Session
from storage.postgres import Pool
from tests.waiting import LIMIT_SECONDS

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


class DirectPeer(Peer):
    """The other end of a lean session."""

    def offer(self, data: bytes) -> bool:
        """See `Direct`."""
        if self.unsent or self.closed:
            return False
        self.write(data)
        return True


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
        self.crowd.entered += 1
        carried = (Peer, DirectPeer)[self.crowd.entered % 2]
        self.peer, self.fresh, self.late = carried(self.crowd, self.id), True, False
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


class Resuming(Resumes):
    """What a process knows of follows is what there is."""

    async def _followed(self, account_id: UUID, author_ids: Collection[UUID]) -> Collection[UUID]:
        await asyncio.sleep(0)
        audience = self._hub.presence.audience(account_id)
        return (audience.follows or set()) & set(author_ids) if audience else set()


class Crowd:
    """A hub without stores, everybody who listens to it, and what may be said to whom."""

    def __init__(self) -> None:
        self.hub = Hub(NOBODY, Bodies(NOBODY, cast(Cards, None)), Invalidations(NOBODY, 900))
        self.hub.epoch, self.hub._behind = EPOCH, False
        self.hub._read_at = self.hub._pulse_at = float("inf")
        self.resumes = Resuming(NOBODY, self.hub, Doubts(NOBODY, self.hub))
        self.log: list[tuple[UUID, UUID]] = []
        self.hidden: set[UUID] = set()
        self.told = self.entered = 0
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
        async with asyncio.timeout(LIMIT_SECONDS):
            while self.hub._inbox or self.hub._round._groups:
                await asyncio.sleep(0)
