"""One live session: what it may be sent, what waits for it, and how it ends."""

import asyncio
from collections import deque
from typing import NamedTuple
from uuid import UUID

from server.kit.ids import new_id
from server.live import codes, frames
from server.live.codes import Close
from server.live.limits import CLOSE_SECONDS, ERRORS_PER_MINUTE, HEARTBEAT_SECONDS, MOST_HELD, SILENT_HEARTBEATS
from server.live.log import Entry


class Held(NamedTuple):
    """A frame that waits; of a publication with its entry in the log. `late`: no replay can have had it."""

    frame: bytes
    entry: Entry | None = None
    late: bool = False

    @property
    def seq(self) -> int:
        """Its place in the order; what has none goes first."""
        return self.entry.seq if self.entry else 0


class Session:
    """Writes to a transport, which is all that it knows of the connection. It begins with holding events back.

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
        "_holds",
        "_loop",
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
        self._held: list[Held] = []
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
        self.heard_at = self._loop.time()
        if self._ending is not None:
            why, self._ending = self._ending, None
            self.close(why)

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
        self._held.clear()

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
        if self._transport.get_write_buffer_size() + len(frame) > self._budget:
            self.close(codes.TOO_SLOW)
        else:
            self._transport.write(frame)

    def deliver(self, frame: bytes) -> None:
        """Send an event without a position, behind whatever is held."""
        if self._holds:
            self._wait(Held(frame))
        else:
            self.send(frame)

    def push(self, frame: bytes, entry: Entry, *, late: bool = False) -> None:
        """Send a publication, unless it was part of a replay, or came before the session and is not `late`."""
        if self._holds:
            self._wait(Held(frame, entry, late))
        elif late or entry.seq > self.floor:
            self.pushed += 1
            self.send(frame)

    # Holding back

    def hold(self) -> None:
        """Keep events back until as many `release`s."""
        self._holds += 1

    def release(self) -> None:
        """End one hold; the last one lets everything go, publications in order."""
        self._holds -= 1
        if self._holds:
            return
        held, self._held = self._held, []
        held.sort(key=lambda waiting: waiting.seq)
        for waiting in held:
            if waiting.entry is None:
                self.send(waiting.frame)
            else:
                self.push(waiting.frame, waiting.entry, late=waiting.late)

    @property
    def holding(self) -> bool:
        return self._holds > 0

    def forget_held(self, author_id: UUID) -> None:
        """This author is followed no longer."""
        self._held = [waiting for waiting in self._held if waiting.entry is None or waiting.entry.author_id != author_id]

    def holds(self, video_id: UUID) -> bool:
        """Whether a publication of this video waits."""
        return any(waiting.entry is not None and waiting.entry.video_id == video_id for waiting in self._held)

    def begin(self, seq: int) -> None:
        """Everything after `seq` is this session's to hear."""
        self.floor = seq
        self._held.clear()

    def _wait(self, waiting: Held) -> None:
        if not self.open:
            return
        if len(self._held) >= MOST_HELD:
            self.close(codes.TOO_SLOW)
        else:
            self._held.append(waiting)

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
