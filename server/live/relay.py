"""The relay: the one among all processes that numbers publications and sends them to the broker, in order."""

import asyncio
import logging
import os
import random
import secrets
import socket
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from uuid import UUID

from pubsub import channels
from pubsub.broker import Broker
from server.kit.tasks import running
from server.live import envelopes, metrics, queries
from server.live.hub import Hub
from server.live.limits import (
    BACKLOG,
    LEASE_SECONDS,
    OUTBOX_POLL_SECONDS,
    PAGE,
    PULSE_SECONDS,
    RENEW_SECONDS,
    RETRY_FIRST_SECONDS,
    RETRY_LAST_SECONDS,
)
from server.live.log import Entry, Position
from server.live.queries import Numbered
from storage.postgres import AWAY, Pool, connection

log = logging.getLogger(__name__)

NOTHING = UUID(int=0)
RELEASE_SECONDS = 1.0


class Relay:
    """Every serve process has one; the lease decides which of them leads. `run` is a task of the process.

    Numbering and sending are two tasks, so that a dead broker does not keep publications from being numbered: the hubs
    read them from PostgreSQL then. How far the broker has come is written down when the lease is renewed: a successor may send
    what went out since then again, and the hubs drop it.
    """

    def __init__(self, pool: Pool, broker: Broker, hub: Hub) -> None:
        self._pool = pool
        self._broker = broker
        self._hub = hub
        self._name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._epoch = ""
        self._last = self._relayed = 0
        self._leads_until = self._renew_at = self._pulse_at = float("-inf")
        self._numbered = asyncio.Event()
        self._fresh: deque[tuple[Entry, float]] = deque(maxlen=PAGE)  # numbered by us, and when each was published

    @property
    def leads(self) -> bool:
        """Whether we believe to hold the lease; only PostgreSQL knows, and asks when it matters."""
        return asyncio.get_running_loop().time() < self._leads_until

    async def run(self) -> None:
        """Work until cancelled, then let somebody else lead at once."""
        try:
            async with running("relay sender", self._persistently(self._send)):
                await self._persistently(self._number)
        finally:
            await self._release()

    async def _persistently(self, step: Callable[[], Awaitable[None]]) -> None:
        """Repeat a step for ever; while a dependency is away, with growing pauses."""
        delay = RETRY_FIRST_SECONDS
        while True:
            try:
                await step()
                delay = RETRY_FIRST_SECONDS
            except AWAY as error:
                if delay == RETRY_FIRST_SECONDS:
                    log.warning("the relay waits: %r", error)
                await asyncio.sleep(random.uniform(delay / 2, delay))  # noqa: S311 - jitter
                delay = min(delay * 2, RETRY_LAST_SECONDS)
            except Exception:
                log.exception("the relay stumbled")
                await asyncio.sleep(RETRY_LAST_SECONDS)

    # Numbering

    async def _number(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._renew_at:
            await self._renew(now)
        if self.leads:
            await self._number_all()
        await self._broker.wait_for_poke(channels.OUTBOX, OUTBOX_POLL_SECONDS)

    async def _renew(self, now: float) -> None:
        async with connection(self._pool) as conn:
            state = await queries.lease(conn, self._name)
            for known in (Position(self._epoch, self._last), Position(self._hub.epoch, self._hub.applied)):
                if state is not None and not state.has(known):
                    log.warning("the log has lost %s and went back to %d: it begins anew", known, state.last_seq)
                    state = await queries.begin_anew(conn, state.epoch)
            if state is not None and self.leads and state.epoch == self._epoch and state.relayed_seq < self._relayed:
                await queries.relayed(conn, self._name, Position(self._epoch, self._relayed))
        self._renew_at = now + random.uniform(0.7, 1) * RENEW_SECONDS  # noqa: S311 - jitter
        if state is None:
            self._leads_until = float("-inf")
            return
        if not self.leads or state.epoch != self._epoch:
            log.info("leading the log %s from %d", state.epoch, state.last_seq)
            self._epoch, self._last, self._relayed = state.epoch, state.last_seq, state.relayed_seq
            self._fresh.clear()
            self._numbered.set()
        elif state.last_seq > self._last:  # an answer of PostgreSQL's was lost
            self._last = state.last_seq
            self._numbered.set()
        self._leads_until = now + LEASE_SECONDS

    async def _number_all(self) -> None:
        more = True
        async with connection(self._pool) as conn:
            while more:
                numbered = await queries.number(conn, self._name, Position(self._epoch, self._last))
                if numbered is None:
                    self._leads_until = float("-inf")
                    return
                self._remember(numbered)
                more = len(numbered) == PAGE

    def _remember(self, numbered: Sequence[Numbered]) -> None:
        now = asyncio.get_running_loop().time()
        for entry, age in numbered:
            if self._fresh and entry.seq != self._fresh[-1][0].seq + 1:
                self._fresh.clear()  # an answer of PostgreSQL's was lost
            self._fresh.append((entry, now - age))
            self._last = entry.seq
            self._numbered.set()

    async def _release(self) -> None:
        if self.leads:
            with suppress(*AWAY):
                async with asyncio.timeout(RELEASE_SECONDS), connection(self._pool) as conn:
                    await queries.relayed(conn, self._name, Position(self._epoch, self._relayed))
                    await queries.release(conn, self._name)
                await self._broker.publish([(channels.OUTBOX, b"")])

    # Sending

    async def _send(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PULSE_SECONDS / 4):
                await self._numbered.wait()
        self._numbered.clear()
        if not self.leads:
            return
        metrics.RELAY_BACKLOG.set(self._last - self._relayed)
        if self._last - self._relayed > BACKLOG:
            await self._skip()
        while self.leads and self._relayed < self._last:
            await self._send_page()
        now = asyncio.get_running_loop().time()
        if now - self._pulse_at >= PULSE_SECONDS:
            await self._broker.publish([envelopes.pulse(self._epoch, self._relayed)])
            self._pulse_at = now

    async def _send_page(self) -> None:
        epoch, after, up_to = self._epoch, self._relayed, min(self._last, self._relayed + PAGE)
        entries, ages = self._fresh_page(after, up_to) or await self._read_page(after, up_to)
        bodies = await self._hub.bodies.of([entry.video_id for entry in entries])
        by_seq = {entry.seq: entry for entry in entries}
        # One for each number, also for those whose rows are gone.
        found = (by_seq.get(seq, Entry(seq, NOTHING, NOTHING)) for seq in range(after + 1, up_to + 1))
        await self._broker.publish([envelopes.published(epoch, *entry, bodies.get(entry.video_id)) for entry in found])
        for age in ages:
            metrics.RELAY_SECONDS.observe(age)
        self._taken(Position(epoch, up_to))

    def _fresh_page(self, after: int, up_to: int) -> tuple[Sequence[Entry], Sequence[float]] | None:
        """The entries after one number, up to and with another, and their ages, if we have just numbered all of them."""
        if not self._fresh or self._fresh[0][0].seq > after + 1 or self._fresh[-1][0].seq < up_to:
            return None
        now = asyncio.get_running_loop().time()
        while self._fresh and self._fresh[0][0].seq <= after:
            self._fresh.popleft()
        page = [(entry, now - published_at) for entry, published_at in self._fresh if entry.seq <= up_to]
        return [entry for entry, _ in page], [age for _, age in page]

    async def _read_page(self, after: int, up_to: int) -> tuple[Sequence[Entry], Sequence[float]]:
        async with connection(self._pool) as conn:
            return await queries.entries(conn, after, up_to, PAGE), await queries.ages(conn, after, up_to)

    async def _skip(self) -> None:
        """So much has waited that every hub has read it from PostgreSQL, or will at this pulse."""
        up_to = Position(self._epoch, self._last)
        await self._broker.publish([envelopes.pulse(*up_to)])
        self._taken(up_to)

    def _taken(self, up_to: Position) -> None:
        """By the broker."""
        if up_to.epoch == self._epoch:  # else the log has begun anew meanwhile
            self._relayed = max(self._relayed, up_to.seq)
