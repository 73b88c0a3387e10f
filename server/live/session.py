"""One live session: what it may be sent, what waits for it, and how it ends."""

from collections import deque
from collections.abc import Collection, Sequence
from operator import attrgetter
from time import monotonic
from uuid import UUID

from server.kit.ids import new_id
from server.live.batch import Batch, Event
from server.live.limits import ERRORS_PER_MINUTE, UNSENT_BYTES, WRITE_BYTES
from server.live.log import Entry
from server.sockets import codes, frames
from server.sockets.codes import Close
from server.sockets.limits import CLOSE_SECONDS, HEARTBEAT_SECONDS, SILENT_HEARTBEATS
from server.sockets.wires import Direct, Transport

_SEQ = attrgetter("seq")


class Session:
    """Writes to a transport, which is all that it knows of the connection. It begins with holding events back.

    Events wait here while it holds them back, and while its peer is slow. They are the same objects for every session, so
    that a thousand slow ones need no thousand copies. A process has many thousands, mostly silent ones: what most of them
    don't need they don't have.

    Attributes:
        id: told to the client, for support.
        account_id: whose it is.
        login_id: the log-in that its token came from.
        expires_at: of its token, unix seconds.
        floor: publications up to here were delivered, or came before the session.
        pushed: how many publications were delivered.
        ending: why we closed it.
        heard_at: when the peer gave its last sign of life, on the clock of the loop.
        phase: which of the rounds of `Clocks` pings it.
        watching: the videos that it watches; `Watchers` has the rest.
    """

    __slots__ = (
        "_asked",
        "_budget",
        "_closed_at",
        "_direct",
        "_errors",
        "_held",
        "_held_bytes",
        "_holds",
        "_line",
        "_most_unsent",
        "_transport",
        "_waiting",
        "account_id",
        "ending",
        "expires_at",
        "floor",
        "heard_at",
        "id",
        "login_id",
        "phase",
        "pushed",
        "watching",
    )

    def __init__(self, account_id: UUID, login_id: UUID, expires_at: int, budget: int) -> None:
        self._transport: Transport | None = None
        self._line: Direct | None = None
        self._direct: Direct | None = None  # the line, while a round need look at nothing else
        self._budget = budget
        self._holds = 1  # for its first message, or until `Clocks` ends it
        self._held: list[Event] | None = None
        self._held_bytes = 0
        self._most_unsent = min(UNSENT_BYTES, budget)
        self._waiting: set[Session] | None = None
        self.ending: Close | None = None
        self._closed_at = 0.0
        self._errors: deque[float] | None = None
        self._asked = False
        self.id = new_id()
        self.account_id = account_id
        self.login_id = login_id
        self.expires_at = expires_at
        self.floor = 0
        self.pushed = 0
        self.phase = 0
        self.watching: tuple[UUID, ...] = ()
        self.heard_at = monotonic()

    # The connection

    def attach(self, transport: Transport) -> None:
        """The upgrade is done: what was decided before is carried out now."""
        self._transport = transport
        self._line = transport if isinstance(transport, Direct) else None
        self.heard_at = monotonic()
        if self.ending is not None:
            why, self.ending = self.ending, None
            self.close(why)
        self._settle()

    def enlist(self, waiting: "set[Session] | None") -> None:
        """While events wait in it, the session is in this set, whose owner calls `drain` from time to time."""
        if self._waiting is not None:
            self._waiting.discard(self)
        self._waiting = waiting

    @property
    def attached(self) -> bool:
        """Whether there ever was a connection."""
        return self._transport is not None

    @property
    def open(self) -> bool:
        """Whether it can be written to, now or once it is attached."""
        return self.ending is None and (self._transport is None or not self._transport.is_closing())

    @property
    def unsent(self) -> int:
        """Bytes that the kernel has not taken."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def close(self, why: Close) -> None:
        """Say goodbye once; nothing is sent afterwards, and the peer has CLOSE_SECONDS to answer."""
        if self.ending is not None:
            return
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(frames.close(why))
        self.ending = why
        self._closed_at = monotonic()
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
        # Thousands pay for each word here; nearly all of them need no more.
        direct = self._direct
        if direct is not None and batch.whole_after > self.floor and direct.offer(batch.joined):
            self.pushed += batch.publications
        else:
            self._take(batch)

    def _take(self, batch: Batch) -> None:
        transport = self._transport
        if self._holds or self._held or batch.whole_after <= self.floor or transport is None:
            self._wait(batch.events, batch.size)
        elif self.ending is None and not transport.is_closing():
            if transport.get_write_buffer_size() > self._most_unsent:
                self._wait(batch.events, batch.size)
            else:
                transport.write(batch.joined)
                self.pushed += batch.publications

    def deliver(self, frame: bytes, about: Collection[UUID] = ()) -> None:
        """Send an event without a position, behind whatever waits; `about` which videos and accounts it is."""
        self._wait([Event(frame, about=about)], len(frame))

    def push_late(self, frame: bytes, entry: Entry) -> None:
        """Send a publication that no replay can have had, though it may have come before the session."""
        self._wait([Event(frame, entry, late=True)], len(frame))

    def drain(self) -> None:
        """Send what waits and is not held back, as far as the peer takes it."""
        if self._holds or self._transport is None:
            return
        while self._held and self.open and self._transport.get_write_buffer_size() <= self._most_unsent:
            self._transport.write(self._piece(self._held))
        self._hold_on_to(self._held)

    def _wait(self, events: Sequence[Event], size: int) -> None:
        if not self.open:
            return
        held = self._held or []
        held += events
        self._hold_on_to(held)
        self._held_bytes += size
        if self.unsent + self._held_bytes > self._budget:
            self.close(codes.TOO_SLOW)
        else:
            self.drain()

    def _settle(self) -> None:
        """Nothing is held back, and we have not said goodbye: a round may go straight to the line, if that is one."""
        self._direct = None if self._holds or self._held or self.ending is not None else self._line

    def _piece(self, held: list[Event]) -> bytes:
        """Take the next events that fit into one write."""
        frames: list[bytes] = []
        size = taken = 0
        for frame, entry, late, _ in held:
            if size and size + len(frame) > WRITE_BYTES:
                break
            size += len(frame)
            taken += 1
            if entry is None or late or entry.seq > self.floor:
                self.pushed += entry is not None
                frames.append(frame)
        del held[:taken]
        self._held_bytes -= size
        return b"".join(frames)

    # Holding back

    def hold(self) -> None:
        """Keep events back until as many `release`s."""
        self._holds += 1
        self._direct = None

    def release(self) -> None:
        """End one hold; the last one lets everything go, publications in order."""
        self._holds -= 1
        if not self._holds and self._held:
            self._held.sort(key=_SEQ)
            self.drain()
        else:
            self._settle()

    def forget_held(self, author_id: UUID) -> None:
        """This author is followed no longer."""
        if self._held:
            self._keep([event for event in self._held if event.entry is None or event.entry.author_id != author_id])

    def forget_replayed(self, seqs: Collection[int]) -> None:
        """A replay has sent these."""
        if self._held and seqs:
            self._keep([event for event in self._held if event.entry is None or event.entry.seq not in seqs])

    def forget_about(self, subject_id: UUID) -> None:
        """What waits without a position and speaks of this video or account must not go out any more."""
        if self._held:
            self._keep([event for event in self._held if subject_id not in event.about])

    def _keep(self, events: list[Event]) -> None:
        self._hold_on_to(events)
        self._held_bytes = sum(len(event.frame) for event in events)

    @property
    def crowded(self) -> bool:
        """Whether so much is held back that what happens at a video must not come on top and make it too slow."""
        return self._holds > 0 and self._held_bytes * 2 > self._budget

    def holds(self, video_id: UUID) -> bool:
        """Whether a publication of this video waits."""
        return any(event.entry is not None and event.entry.video_id == video_id for event in self._held or ())

    def begin(self, seq: int) -> None:
        """Everything after `seq` is this session's to hear."""
        self.floor = seq
        self._drop_held()

    def _drop_held(self) -> None:
        self._hold_on_to(None)
        self._held_bytes = 0

    def _hold_on_to(self, events: list[Event] | None) -> None:
        self._held = events or None
        self._settle()
        if self._waiting is not None:
            (self._waiting.add if self._held else self._waiting.discard)(self)

    # What the clocks ask

    def heard(self) -> None:
        """The peer lives."""
        self.heard_at = monotonic()

    @property
    def silent(self) -> bool:
        return monotonic() - self.heard_at > SILENT_HEARTBEATS * HEARTBEAT_SECONDS

    @property
    def overdue(self) -> bool:
        """Whether the peer has not answered our close frame in time."""
        return self.ending is not None and monotonic() - self._closed_at > CLOSE_SECONDS

    def ask_for_token(self) -> bool:
        """Whether nobody asked for a new token yet, and there is a connection to ask over."""
        if self._asked or self._transport is None:
            return False
        self._asked = True
        return True

    def renew(self, login_id: UUID, expires_at: int) -> None:
        """A new token came."""
        self.login_id, self.expires_at, self._asked = login_id, expires_at, False

    def erred(self) -> bool:
        """Count an error of the client; whether it was one too many."""
        now = monotonic()
        if self._errors is None:
            self._errors = deque(maxlen=ERRORS_PER_MINUTE)
        self._errors.append(now)
        return len(self._errors) == ERRORS_PER_MINUTE and now - self._errors[0] < 60
