"""The hub of one process: takes the log in order, by the broker or else from PostgreSQL, and hands it to the sessions here."""

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from server.kit.invalidation import Heard, Invalidated, Invalidations
from server.live import envelopes, log, metrics, queries
from server.live.bodies import Bodies
from server.live.envelopes import Envelope, OneTooMany, Published, Pulse, ToAccount
from server.live.fanout import Round, rest
from server.live.limits import CATCH_UP_SECONDS, INBOX_LENGTH, LOOK_SECONDS, PAGE, POLL_SECONDS, PULSELESS_SECONDS, RING_LENGTH
from server.live.log import Entry, Position
from server.live.presence import Presence
from server.live.ring import Ring
from server.live.session import Session
from server.live.watchers import Watchers
from server.live.wire import RawPublishedEvent
from server.sockets import codes, frames
from storage.postgres import AWAY, Pool, connection

logger = logging.getLogger(__name__)

CHANGED_REMEMBERED = 10_000
SILENT_SECONDS = 5.0
"""After so long without a pulse and without a look into PostgreSQL, publications may have passed unheard."""

E = TypeVar("E", bound=Envelope)


class Hub:
    """What this process has applied of the log, and everybody who hears it; `run` is a task of the process.

    One consumer takes messages in their order, so that sessions get publications in the order of their numbers: all that has
    come goes into a round, and what comes while it runs into the next.

    Attributes:
        epoch: of the log.
        applied: everything up to here was handed to whoever was here.
        loaded: set once the state of the log is known.
        on_advanced: is told the author of each entry that is applied.
        on_adopted: is told when another log is followed, of which something may have passed unheard.
    """

    def __init__(self, pool: Pool, bodies: Bodies, invalidations: Invalidations) -> None:
        self._pool = pool
        self._invalidations = invalidations
        self._inbox: deque[Envelope] = deque()
        self._news = asyncio.Event()
        self._behind = True
        self._failing = False
        self._pulse_at = self._read_at = self._read_again_at = float("-inf")
        self._reads = 0
        self._changed: OrderedDict[UUID, None] = OrderedDict()
        self._takers: dict[type, Callable[[Any], None]] = {}
        self._restorers: list[Callable[[], None]] = []
        self._read: set[UUID] = set()
        self.bodies = bodies
        self.presence = Presence()
        self.watchers = Watchers()
        self._round = Round(self.presence, self._as_it_is_now)
        self.ring = Ring()
        self.epoch = ""
        self.applied = 0
        self.loaded = asyncio.Event()
        self.on_advanced: Callable[[UUID], None] | None = None
        self.on_adopted: Callable[[], None] | None = None

    @property
    def position(self) -> str:
        """Up to where everything was handed out."""
        return str(Position(self.epoch, self.applied))

    def heard_up_to(self) -> str | None:
        """The position, unless the log was not heard of for some time."""
        heard_at = max(self._pulse_at, self._read_at)
        silent = asyncio.get_running_loop().time() - heard_at
        return self.position if self.loaded.is_set() and silent < SILENT_SECONDS else None

    def published(self, entry: Entry, body: bytes) -> bytes:
        """The frame of a publication."""
        position = str(Position(self.epoch, entry.seq))
        return frames.text(msgspec.json.encode(RawPublishedEvent("video.published", position, msgspec.Raw(body))))

    def hand(self, kind: type[E], taker: Callable[[E], None]) -> None:
        """Have messages of this kind taken by somebody else, at once. They have no place in the order of the log."""
        self._takers[kind] = taker

    def on_restored(self, restorer: Callable[[], None]) -> None:
        """Have this called whenever messages may have been missed, and none are missed any more."""
        self._restorers.append(restorer)

    # From the broker's link

    def received(self, channel: str, payload: bytes) -> None:  # noqa: ARG002 - the payload says all
        """See `Listener`."""
        envelope = envelopes.read(payload)
        if isinstance(envelope, Invalidated):
            self._invalidations.received(envelope)
        elif isinstance(envelope, Heard):
            self._invalidations.echoes.heard(envelope.event_id, envelope.listener_id)
        elif (taker := self._takers.get(type(envelope))) is not None:
            taker(envelope)
        elif envelope is not None and len(self._inbox) < INBOX_LENGTH:
            # What does not fit is a gap like any other, once the next publication or pulse comes.
            self._inbox.append(envelope)
            self._news.set()

    def interrupted(self) -> None:
        """See `Listener`; without a pulse we read PostgreSQL."""
        self._pulse_at = float("-inf")
        self._look()

    def restored(self) -> None:
        """See `Listener`."""
        self._look()
        for restorer in self._restorers:
            restorer()

    # From the invalidations, by whatever way they came

    def hear(self, event: Invalidated) -> None:
        """Stop what must not go out any more; follows are the matter of `Doubts`."""
        if event.kind == "video":
            self._change(event.subject_id)
        elif event.kind == "session":
            self._end_sessions(event)

    def _change(self, video_id: UUID) -> None:
        self.bodies.drop(video_id)
        self._read.discard(video_id)
        self._round.change(video_id)
        self._changed[video_id] = None
        if len(self._changed) > CHANGED_REMEMBERED:
            self._changed.popitem(last=False)
        for session in list(self.presence.waiting):
            session.forget_about(video_id)
            if session.holds(video_id):
                session.close(codes.retry_soon())  # it comes back and gets what it held, as it is then

    def _end_sessions(self, event: Invalidated) -> None:
        audience = self.presence.audience(event.account_id)
        sessions: Iterable[Session] = audience.sessions if audience else ()
        if event.account_id == event.subject_id:  # heard so late that nothing tells whose it was
            sessions = self.presence
        for session in sessions:
            if session.login_id == event.subject_id:
                session.close(codes.SESSION_ENDED)

    # The consumer

    async def run(self) -> None:
        """Take what comes, and look into PostgreSQL where the broker is silent; it ends only by being cancelled."""
        while True:
            try:
                await self._turn()
            except Exception:
                logger.exception("the hub stumbled")
                self._read_again_at = asyncio.get_running_loop().time() + POLL_SECONDS
                self._behind = True
            await self._wait()

    async def _turn(self) -> None:
        now = asyncio.get_running_loop().time()
        pulseless = now - self._pulse_at > PULSELESS_SECONDS
        if self._behind or now - self._read_at >= (POLL_SECONDS if pulseless else LOOK_SECONDS):
            await self._catch_up()
        loop = asyncio.get_running_loop()
        while self._inbox:
            complete = self._gather()
            events, began = self._round.events, loop.time()
            await self._fan_out()
            if not complete:
                await self._catch_up()
            elif seconds := rest(events, loop.time() - began, len(self._inbox)):
                await asyncio.sleep(seconds)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._news.wait()
        except TimeoutError:
            pass
        self._news.clear()

    def _gather(self) -> bool:
        """Put what has come into the round; False when PostgreSQL has to be read before the rest."""
        while self._inbox and not self._round.full:
            if not self._take(self._inbox.popleft()):
                return False
        return True

    def _take(self, envelope: Envelope) -> bool:
        """Whether nothing is missing before this one, nor of it."""
        match envelope:
            case ToAccount(account_id, message):
                self._tell(account_id, message)
            case OneTooMany(account_id, session_id):
                self.presence.end(account_id, session_id)
            case Published(epoch) | Pulse(epoch) if epoch != self.epoch:
                pass  # of a log that we do not follow; without pulses of ours we look into PostgreSQL
            case Pulse(_, seq):
                self._pulse_at = asyncio.get_running_loop().time()
                return seq <= self.applied
            case Published(_, seq) if seq == self.applied + 1:
                return self._apply_next(envelope)
            case Published(_, seq):
                return seq <= self.applied
        return True

    def _tell(self, account_id: UUID, message: bytes) -> None:
        audience = self.presence.audience(account_id)
        if audience is not None:
            metrics.TO_ACCOUNT.inc()
            self._round.add(("account", account_id), audience.sessions, frames.text(message))

    def _apply_next(self, event: Published) -> bool:
        entry = Entry(event.seq, event.author_id, event.video_id)
        if not event.shown or not self.presence.followers(event.author_id):
            self._advance(entry)
        elif event.video is None or event.video_id in self._changed:
            return False  # too large for the broker, or no longer true: read it like one that was missed
        else:
            self.bodies.put(event.video_id, event.video)
            self._apply(entry, event.video)
        return True

    # From PostgreSQL

    def _look(self) -> None:
        self._behind = True
        self._news.set()

    async def catch_up(self, seq: int) -> None:
        """Wait until everything up to `seq` is applied, or until it is known that the log does not go so far.

        Raises:
            TimeoutError: PostgreSQL did not tell in CATCH_UP_SECONDS.
        """
        reads = self._reads + 2  # the one that is under way may have begun too early
        async with asyncio.timeout(CATCH_UP_SECONDS):
            while self.applied < seq and self._reads < reads:
                self._look()
                await asyncio.sleep(0.01)

    async def _catch_up(self) -> None:
        """Read what is missing, once for all sessions. While PostgreSQL is away we stay behind, and try again."""
        now = asyncio.get_running_loop().time()
        if now < self._read_again_at:
            self._behind = True
            return
        self._behind = False  # before it is read: what is said of gaps meanwhile is to be looked at again
        try:
            while await self._read_page():
                pass
        except AWAY as error:
            self._read_again_at = now + POLL_SECONDS
            if not self._failing:
                logger.warning("the log cannot be read: %r", error)
            self._behind = self._failing = True
        else:
            self._failing = False
            self._read_at = now
            self._reads += 1

    async def _read_page(self) -> bool:
        """Apply a page of entries; whether there may be more."""
        async with connection(self._pool) as conn:
            state = await log.state(conn)
            if not state.has(Position(self.epoch, self.applied)):
                state = await queries.begin_anew(conn, state.epoch)
            if state.epoch != self.epoch:
                self._adopt(state, await queries.newest(conn, state.last_seq, RING_LENGTH))
                return False
            if state.last_seq == self.applied:
                return False
            entries = await queries.entries(conn, self.applied, state.last_seq, PAGE)
        metrics.CATCH_UPS.inc()
        await self._apply_all(entries)
        if len(entries) == PAGE:
            return True
        self.applied = state.last_seq  # the newest numbers may have lost their rows
        return False

    def _adopt(self, state: log.State, newest: Sequence[Entry]) -> None:
        """Begin with the log as it is. Whoever followed another one has to begin anew as well."""
        logger.info("following the log %s from %d", state.epoch, state.last_seq)
        self.epoch, self.applied = state.epoch, state.last_seq
        if self.on_adopted is not None:
            self.on_adopted()
        self.ring = Ring(state.forgotten_seq, newest)
        for session in self.presence:
            session.close(codes.retry_soon())
        self.loaded.set()

    async def _apply_all(self, entries: Sequence[Entry]) -> None:
        self._read = {entry.video_id for entry in entries if self.presence.followers(entry.author_id)}
        bodies = await self.bodies.of(self._read)
        for entry in entries:
            while entry.video_id not in self._read and self.presence.followers(entry.author_id):
                # Somebody who cares has come since, or it has changed.
                await self._fan_out()
                self._read.add(entry.video_id)
                bodies.pop(entry.video_id, None)
                bodies |= await self.bodies.of([entry.video_id])
            metrics.CAUGHT_UP.inc()
            if (body := bodies.get(entry.video_id)) is None:
                self._advance(entry)
            else:
                self._apply(entry, body)
            if self._round.full:
                await self._fan_out()
        await self._fan_out()

    # To the sessions

    def _advance(self, entry: Entry) -> None:
        self.ring.append(entry)
        self.applied = entry.seq
        if self.on_advanced is not None:
            self.on_advanced(entry.author_id)

    def _apply(self, entry: Entry, body: bytes) -> None:
        # First the number, then the round: who begins or resumes in its midst counts from here, and is not in the round.
        self._advance(entry)
        metrics.PUBLISHED.inc()
        sessions = self.presence.hearing(entry.author_id)
        self._round.add(("author", entry.author_id), sessions, self.published(entry, body), entry)

    async def _fan_out(self) -> None:
        """Run the round; nothing else is written meanwhile that could overtake it."""
        try:
            await self._round.run()
        finally:
            self._round = Round(self.presence, self._as_it_is_now)
            self.presence.drain()

    async def _as_it_is_now(self, entry: Entry) -> bytes | None:
        body = (await self.bodies.of([entry.video_id])).get(entry.video_id)
        return None if body is None else self.published(entry, body)
