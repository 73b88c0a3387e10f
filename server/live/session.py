"""One live session: what it may be sent, what waits for it, and how it ends."""

import asyncio
from collections import deque
from collections.abc import Sequence
from operator import attrgetter
from uuid import UUID

from server.kit.ids import new_id
from server.live import codes, frames
from server.live.batch import Batch, Event
from server.live.codes import Close
from server.live.limits import (
    CLOSE_SECONDS,
    ERRORS_PER_MINUTE,
    HEARTBEAT_SECONDS,
    SILENT_HEARTBEATS,
    UNSENT_BYTES,
    WRITE_BYTES,
)
from server.live.log import Entry

_SEQ = attrgetter("seq")


class Session:
    """Writes to a transport, which is all that it knows of the connection. It begins with holding events back.

    Events wait here while it holds them back, and while its peer is slow. They are the same objects for every session, so
    that a thousand slow ones need no thousand copies.

    Attributes:
        id: told to the client, for support.
        account_id: whose it is.
        login_id: the log-in that its token came from.
        expires_at: of its token, unix seconds.
        floor: publications up to here were delivered, or came before the session.
        pushed: how many publications were delivered.
    """

    __slots__ = (
        "_asked",
        "_budget",
        "_closed_at",
        "_ending",
        "_errors",
        "_held",
        "_held_bytes",
        "_holds",
        "_loop",
        "_most_unsent",
        "_slow",
        "_transport",
        "account_id",
        "expires_at",
        "floor",
        "heard_at",
        "id",
        "login_id",
        "pushed",
    )

    def __init__(self, account_id: UUID, login_id: UUID, expires_at: int, budget: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._budget = budget
        self._holds = 1  # for its first message, or for HOLD_SECONDS
        self._held: list[Event] = []
        self._held_bytes = 0
        self._most_unsent = min(UNSENT_BYTES, budget)
        self._slow: set[Session] | None = None
        self._ending: Close | None = None
        self._closed_at = 0.0
        self._errors: deque[float] = deque(maxlen=ERRORS_PER_MINUTE)
        self._asked = False
        self.id = new_id()
        self.account_id = account_id
        self.login_id = login_id
        self.expires_at = expires_at
        self.floor = 0
        self.pushed = 0
        self.heard_at = self._loop.time()

    # The connection

    def attach(self, transport: asyncio.Transport) -> None:
        """The upgrade is done: what was decided before is carried out now."""
        self._transport = transport
        transport.set_write_buffer_limits(self._most_unsent)  # its protocol hears when there is room again
        self.heard_at = self._loop.time()
        if self._ending is not None:
            why, self._ending = self._ending, None
            self.close(why)

    def enlist(self, slow: "set[Session] | None") -> None:
        """While events wait for its peer, the session is in this set, whose owner calls `drain` from time to time."""
        if self._slow is not None:
            self._slow.discard(self)
        self._slow = slow

    @property
    def open(self) -> bool:
        """Whether it can be written to, now or once it is attached."""
        return self._ending is None and (self._transport is None or not self._transport.is_closing())

    @property
    def ending(self) -> Close | None:
        """Why we closed it."""
        return self._ending

    @property
    def unsent(self) -> int:
        """Bytes that the kernel has not taken."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def close(self, why: Close) -> None:
        """Say goodbye once; nothing is sent afterwards, and the peer has CLOSE_SECONDS to answer."""
        if self._ending is not None:
            return
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(frames.close(why))
        self._ending = why
        self._closed_at = self._loop.time()
        self._drop_held()

    def hang_up(self, why: Close) -> None:
        """Say goodbye where nobody will read the answer: the peer sees the end of the stream as well, and ends it too."""
        self.close(why)
        if self._transport is not None and not self._transport.is_closing() and self._transport.can_write_eof():
            self._transport.write_eof()

    def abort(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()

    # What is sent

    def send(self, frame: bytes) -> None:
        """Send a frame that belongs to the conversation: it waits for nothing."""
        if not self.open or self._transport is None:
            return
        if self._transport.get_write_buffer_size() + self._held_bytes + len(frame) > self._budget:
            self.close(codes.TOO_SLOW)
        else:
            self._transport.write(frame)

    def take(self, batch: Batch) -> None:
        """Send a round's events in one write; what was part of a replay, or came before the session, is left out."""
        transport = self._transport
        if self._holds or self._held or batch.first <= self.floor or batch.joined is None or transport is None:
            self._wait(batch.events, batch.size)
        elif self._ending is None and not transport.is_closing():
            if transport.get_write_buffer_size() > self._most_unsent:
                self._wait(batch.events, batch.size)
            else:
                transport.write(batch.joined)
                self.pushed += batch.publications

    def deliver(self, frame: bytes) -> None:
        """Send an event without a position, behind whatever waits."""
        self._wait([Event(frame)], len(frame))

    def push_late(self, frame: bytes, entry: Entry) -> None:
        """Send a publication that no replay can have had, though it may have come before the session."""
        self._wait([Event(frame, entry, late=True)], len(frame))

    def drain(self) -> None:
        """Send what waits, as far as the peer takes it; a slow session gives up its place in the set when nothing is left."""
        if self._holds or self._transport is None:
            return
        while self._held and self.open and self._transport.get_write_buffer_size() <= self._most_unsent:
            self._transport.write(self._piece())
        if self._slow is not None:
            (self._slow.add if self._held else self._slow.discard)(self)

    def _wait(self, events: Sequence[Event], size: int) -> None:
        if not self.open:
            return
        self._held += events
        self._held_bytes += size
        if self.unsent + self._held_bytes > self._budget:
            self.close(codes.TOO_SLOW)
        else:
            self.drain()

    def _piece(self) -> bytes:
        """Take the next events that fit into one write."""
        frames: list[bytes] = []
        size = taken = 0
        for frame, entry, late in self._held:
            if size and size + len(frame) > WRITE_BYTES:
                break
            size += len(frame)
            taken += 1
            if entry is None or late or entry.seq > self.floor:
                self.pushed += entry is not None
                frames.append(frame)
        del self._held[:taken]
        self._held_bytes -= size
        return b"".join(frames)

    # Holding back

    def hold(self) -> None:
        """Keep events back until as many `release`s."""
        self._holds += 1

    def release(self) -> None:
        """End one hold; the last one lets everything go, publications in order."""
        self._holds -= 1
        if not self._holds:
            self._held.sort(key=_SEQ)
            self.drain()

    def forget_held(self, author_id: UUID) -> None:
        """This author is followed no longer."""
        self._held = [event for event in self._held if event.entry is None or event.entry.author_id != author_id]
        self._held_bytes = sum(len(event.frame) for event in self._held)

    def holds(self, video_id: UUID) -> bool:
        """Whether a publication of this video waits."""
        return bool(self._held) and any(event.entry is not None and event.entry.video_id == video_id for event in self._held)

    def begin(self, seq: int) -> None:
        """Everything after `seq` is this session's to hear."""
        self.floor = seq
        self._drop_held()

    def _drop_held(self) -> None:
        self._held.clear()
        self._held_bytes = 0
        if self._slow is not None:
            self._slow.discard(self)

    # What the clocks ask

    def heard(self) -> None:
        """The peer lives."""
        self.heard_at = self._loop.time()

    @property
    def silent(self) -> bool:
        return self._loop.time() - self.heard_at > SILENT_HEARTBEATS * HEARTBEAT_SECONDS

    @property
    def overdue(self) -> bool:
        """Whether the peer has not answered our close frame in time."""
        return self._ending is not None and self._loop.time() - self._closed_at > CLOSE_SECONDS

    def ask_for_token(self) -> bool:
        """Whether nobody asked for a new token yet."""
        asked, self._asked = self._asked, True
        return not asked

    def renew(self, login_id: UUID, expires_at: int) -> None:
        """A new token came."""
        self.login_id, self.expires_at, self._asked = login_id, expires_at, False

    def erred(self) -> bool:
        """Count an error of the client; whether it was one too many."""
        now = self._loop.time()
        self._errors.append(now)
        return len(self._errors) == ERRORS_PER_MINUTE and now - self._errors[0] < 60
